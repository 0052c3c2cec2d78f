package documents

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// undefined are the words that the code uses most and that nothing defines, with
// where they are used.
func (g *glossary) undefined() *part {
	p := g.section("undefined", "Terms that nothing defines")
	list := g.undefinedModels(p)
	said := 0
	for _, w := range g.dominant() {
		if said == maxUndefined {
			break
		}
		if g.known[w.word] {
			continue
		}
		said++
		g.known[w.word] = true
		var places []string
		for _, s := range w.symbols {
			f := g.index.Files[g.index.Symbols[s].File].Path
			if mark := p.lines(f, int(g.index.Symbols[s].Line), int(g.index.Symbols[s].Line)); mark != "" && len(places) < 3 {
				places = append(places, span(g.index.Symbols[s].Name)+mark)
			}
		}
		if len(places) > 0 {
			list = append(list, fmt.Sprintf("**%s**: in %s, such as %s", plain(w.word), plural(w.files, "file"), and(places)))
		}
	}
	if len(list) > 0 {
		p.sayf("What the software keeps, and words that names in the code are made of. What they mean is not written down; ask, and write it into the documents:")
		p.list(list)
	}
	return p
}

// undefinedModels are what the software keeps and nothing says what it is.
func (g *glossary) undefinedModels(p *part) []string {
	var out []string
	models := modelsOf(g.report)
	for i := range models {
		m := &models[i]
		key := keyOf(m.Name)
		if g.known[key] || g.isAside(m.Location.Path) || len(out) == maxModels {
			continue
		}
		mark := p.symbol(m.Location)
		if mark == "" {
			continue
		}
		g.known[key] = true
		fields := ""
		if m.Fields != nil {
			fields = " with " + plural(*m.Fields, "field")
		}
		out = append(out, fmt.Sprintf("**%s** (%s): kept in the database%s%s", plain(words(m.Name)), span(m.Name), fields, mark))
	}
	return out
}

// dominantWord is a word that many names are made of.
type dominantWord struct {
	word    string
	files   int
	symbols []int // of the most central files first, one of each
}

// dominant are the words of names in three files or more that are none of
// programs in general, those in the most files first.
func (g *glossary) dominant() []dominantWord {
	weights := g.index.Weights()
	files := map[string]map[int32]int{} // by word: a symbol by file
	for i := range g.index.Symbols {
		s := &g.index.Symbols[i]
		f := &g.index.Files[s.File]
		if s.Test || f.Test || f.Kind != "programming" || g.isAside(f.Path) || s.Kind == "variable" || migration.MatchString(f.Path) {
			continue
		}
		for _, w := range parts(s.Name[strings.LastIndexByte(s.Name, '.')+1:]) {
			w = singular(strings.ToLower(w))
			if len(w) < 4 || genericWords[w] || isDigits(w) || plainWords[w] || strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "ed") || !g.nouns()[w] {
				continue
			}
			if files[w] == nil {
				files[w] = map[int32]int{}
			}
			best, known := files[w][s.File]
			if !known || rank(s.Kind) < rank(g.index.Symbols[best].Kind) {
				files[w][s.File] = i
			}
		}
	}
	var out []dominantWord
	for w, in := range files {
		if len(in) < 3 {
			continue
		}
		v := dominantWord{word: w, files: len(in), symbols: slices.Collect(maps.Values(in))}
		slices.SortFunc(v.symbols, func(a, b int) int {
			x, y := &g.index.Symbols[a], &g.index.Symbols[b]
			return cmp.Or(cmp.Compare(rank(x.Kind), rank(y.Kind)), cmp.Compare(weights[y.File], weights[x.File]), cmp.Compare(a, b))
		})
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b dominantWord) int {
		return cmp.Or(cmp.Compare(b.files, a.files), cmp.Compare(a.word, b.word))
	})
	return out
}

var migration = lazyregexp.New(`(?i)(^|/)\w*migrat(e|ions?)(/|$)`)

// nouns are the words of types, of what is kept, of folders and of paths that are
// answered: a word of functions alone is mostly a verb.
func (g *glossary) nouns() map[string]bool {
	if g.noun != nil {
		return g.noun
	}
	g.noun = map[string]bool{}
	add := func(name string) {
		for _, w := range parts(name) {
			g.noun[singular(strings.ToLower(w))] = true
		}
	}
	for i := range g.index.Symbols {
		s := &g.index.Symbols[i]
		if f := &g.index.Files[s.File]; (s.Kind == "type" || s.Kind == "interface" || s.Kind == "module") && !f.Test && !migration.MatchString(f.Path) {
			add(s.Name)
		}
	}
	for i := range g.index.Files {
		if f := &g.index.Files[i]; !f.Test && f.Kind == "programming" && !g.isAside(f.Path) {
			add(path.Base(path.Dir(f.Path)))
		}
	}
	for i := range g.report.Models {
		add(g.report.Models[i].Name)
	}
	for i := range g.report.Endpoints {
		add(pathParameter.ReplaceAllString(g.report.Endpoints[i].Path, ""))
	}
	return g.noun
}

// rank puts types before functions.
func rank(kind string) int {
	switch kind {
	case "type", "interface":
		return 0
	case "module":
		return 1
	}
	return 2
}
