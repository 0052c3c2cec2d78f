package documents

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// The most terms of each kind.
const (
	maxDocumented = 80
	maxTerms      = 60
	maxUndefined  = 25
	maxModels     = 40
)

// glossary lists the words of the domain: those that documents define, those of
// the code that say what they are, and those that nothing defines.
func (c *composer) glossary() error {
	g := &glossary{composer: c, known: map[string]bool{}}
	documented := g.documented()
	terms := g.terms()
	if !documented.done() {
		c.missingf("Definitions in documents: no glossary, and no sentence that says what a word of the code means, was found.")
	}
	if !terms.done() {
		c.missingf("Terms of the code with a definition: no type and no model says what it is.")
	}
	g.undefined().done()
	return nil
}

type glossary struct {
	*composer

	known map[string]bool // terms that are listed, as keys
	noun  map[string]bool // see nouns
}

var (
	glossaryHeading = lazyregexp.New(`(?i)^\W*(glossary|terminology|vocabulary|definitions?|(key |core |main |basic )?concepts?|(key )?terms|nomenclature|ubiquitous language|domain (model|language))\b`)
	glossaryFile    = lazyregexp.New(`(?i)(glossary|terminology|concepts|vocabulary)`)
	termLine        = lazyregexp.New(`^(?:\s*[-*+]\s+)?(?:\*\*|__|` + "`" + `)([^*_` + "`" + `]{2,60}?)(?:\*\*|__|` + "`" + `)\s*(?:\(([^)]{1,40})\))?\s*(?::|–|—|-|=)\s+(.{10,})$`)
	termBold        = lazyregexp.New(`^(?:\s*[-*+]\s+)?\*\*([^*]{2,60}?):\*\*\s+(.{10,})$`)
	termAsciidoc    = lazyregexp.New(`^([\p{L}][^:|]{1,60})::\s+(.{10,})$`)
	tableRow        = lazyregexp.New(`^\s*\|([^|]+)\|([^|]+)\|`)
)

// entry is a term with what is said of it.
type entry struct {
	term, text  string
	file        string
	first, last int
}

// documented are the terms that glossaries define.
func (g *glossary) documented() *part {
	p := g.section("documented", "Terms that the documents define")
	var list []string
	for _, file := range append(g.docs(), g.named(lazyregexp.New(`(?i)^(glossary|terminology|concepts)\.(md|rst|adoc|txt)$`), 4)...) {
		for _, s := range g.sectionsOf(file) {
			headings := strings.Split(s.title, " › ")
			inside := slices.ContainsFunc(headings, glossaryHeading.MatchString)
			if !inside && !glossaryFile.MatchString(path.Base(file)) {
				continue
			}
			for _, e := range g.entries(&s, glossaryHeading.MatchString(s.last)) {
				if g.known[keyOf(e.term)] || len(list) == maxDocumented {
					continue
				}
				if mark := p.lines(e.file, e.first, e.last); mark != "" {
					g.known[keyOf(e.term)] = true
					list = append(list, fmt.Sprintf("**%s**: %s%s", plain(e.term), quote(e.text, 320), mark))
				}
			}
		}
	}
	for _, e := range g.defined() {
		if g.known[keyOf(e.term)] || len(list) == maxDocumented {
			continue
		}
		if mark := p.lines(e.file, e.first, e.last); mark != "" {
			g.known[keyOf(e.term)] = true
			list = append(list, fmt.Sprintf("**%s**: %s%s", plain(e.term), quote(e.text, 320), mark))
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	p.list(list)
	return p
}

// entries are the terms of one section of a glossary: of its lists and tables, and
// where it has none its heading with its first paragraph.
func (g *glossary) entries(s *docSection, heading bool) []entry {
	lines := g.file(s.file)
	var out []entry
	header := true
	for n := s.start; n <= s.end && n <= len(lines); n++ {
		line := lines[n-1]
		if m := termLine.FindStringSubmatch(line); m != nil {
			out = append(out, entry{unmark(m[1]), unmark(m[3]), s.file, n, n})
		} else if m := termBold.FindStringSubmatch(line); m != nil {
			out = append(out, entry{unmark(m[1]), unmark(m[2]), s.file, n, n})
		} else if term, ok := definedBelow(lines, n, s.end); ok {
			out = append(out, entry{term, unmark(strings.TrimLeft(lines[n], ": ")), s.file, n, n + 1})
		} else if m := termAsciidoc.FindStringSubmatch(line); m != nil {
			out = append(out, entry{unmark(m[1]), unmark(m[2]), s.file, n, n})
		} else if m := tableRow.FindStringSubmatch(line); m != nil {
			if strings.Trim(m[1], " -:") == "" {
				header = false
				continue
			}
			if term, text := unmark(m[1]), unmark(m[2]); !header && len(strings.Fields(text)) > 2 && len(strings.Fields(term)) < 6 {
				out = append(out, entry{term, text, s.file, n, n})
			}
		}
	}
	if len(out) == 0 && !heading && len(strings.Fields(s.last)) < 6 {
		if said := s.prose(lines); len(said) > 0 {
			out = append(out, entry{s.last, said[0].text, s.file, said[0].first, said[0].last})
		}
	}
	return out
}

// candidate is a word of the code that may be a term.
type candidate struct {
	name   string // as the code writes it
	at     report.Location
	doc    string
	weight float64
	model  bool
}

// terms are the types and models of the code that say what they are.
func (g *glossary) terms() *part {
	p := g.section("terms", "Terms of the code")
	var list []string
	for _, v := range g.candidates() {
		key := keyOf(v.name)
		if g.known[key] || len(list) == maxTerms {
			continue
		}
		text, mark := definition(v.name, v.doc), ""
		if text != "" {
			mark = p.docLines(v.at)
		}
		if mark == "" {
			continue
		}
		g.known[key] = true
		kept := ""
		if v.model {
			kept = " It is kept in the database."
		}
		list = append(list, fmt.Sprintf("**%s** (%s): %s%s%s", plain(words(v.name)), span(v.name), quote(text, 280), mark, kept+p.declared(&v)))
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	p.list(list)
	return p
}

// declared cites the model whose keeping is told; "" for what is none.
func (p *part) declared(v *candidate) string {
	if !v.model {
		return ""
	}
	return p.place(v.at)
}

// candidates are models, and types that other code builds on, the most used
// first.
func (g *glossary) candidates() []candidate {
	var out []candidate
	at := map[string]int{}
	weights := g.index.Weights()
	for i := range g.index.Symbols {
		s := &g.index.Symbols[i]
		f := &g.index.Files[s.File]
		if s.Kind != "type" && s.Kind != "interface" || s.Test || f.Test || g.isAside(f.Path) || strings.ContainsRune(s.Name, '.') || generic(s.Name) || f.Kind != "programming" || migration.MatchString(f.Path) {
			continue
		}
		v := candidate{name: s.Name, at: report.Location{Path: f.Path, Line: int(s.Line)}, doc: s.Doc, weight: weights[s.File]}
		if !s.Exported {
			v.weight /= 4
		}
		if j, known := at[keyOf(s.Name)]; known {
			if definition(out[j].name, out[j].doc) == "" && definition(s.Name, s.Doc) != "" {
				out[j] = v
			}
			continue
		}
		at[keyOf(s.Name)] = len(out)
		out = append(out, v)
	}
	models := modelsOf(g.report)
	for i := range models {
		m := &models[i]
		if g.isAside(m.Location.Path) {
			continue
		}
		j, known := at[keyOf(m.Name)]
		if !known {
			j = len(out)
			at[keyOf(m.Name)] = j
			out = append(out, candidate{name: m.Name, at: m.Location})
			if s := g.symbolAt(m.Location.Path, m.Location.Line); s != nil && int(s.Line) == m.Location.Line {
				out[j].doc = s.Doc
			}
		}
		out[j].model, out[j].weight = true, out[j].weight+1
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.name, b.name))
	})
	return out
}

// notDefining begin comments that speak of how something came to be, or to whom.
var notDefining = lazyregexp.New(`(?i)^(modified version|see |https?:|note|deprecated|hack|fixme|xxx|if you|this (file|is (a )?(copy|generated|based))|generated|auto-?generated|based on|adapted|copied|from https?)`)

// definition is a comment that says what its symbol is; "" for one that says no
// more than its name.
func definition(name, doc string) string {
	doc = described(doc)
	if doc == "" || strings.HasPrefix(doc, "@") || strings.HasPrefix(strings.ToLower(doc), "todo") || strings.Contains(strings.ToLower(doc), "copyright") || strings.Contains(doc, "eslint") || strings.HasPrefix(doc, "rubocop") || notDefining.MatchString(doc) {
		return ""
	}
	own := map[string]bool{"model": true, "type": true, "class": true, "struct": true, "interface": true, "the": true, "a": true, "an": true, "is": true, "of": true, "for": true, "object": true, "entity": true, "represents": true}
	for _, w := range parts(name) {
		own[singular(strings.ToLower(w))] = true
	}
	says := 0
	for _, w := range wordsOf(doc) {
		if !own[singular(w)] {
			says++
		}
	}
	if says < 2 {
		return ""
	}
	return doc
}
