package documents

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
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
		c.missingf("Definitions in documents: no glossary and no list of terms was found.")
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

// keyOf is a term as it is compared: its words, in the singular.
func keyOf(term string) string {
	words := wordsOf(strings.Join(parts(term), " "))
	for i, w := range words {
		words[i] = singular(w)
	}
	return strings.Join(words, "")
}

func singular(w string) string {
	switch {
	case len(w) < 4 || strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "ies"):
		return strings.TrimSuffix(w, "ies") + "y"
	case strings.HasSuffix(w, "ses") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "ches"):
		return strings.TrimSuffix(w, "es")
	}
	return strings.TrimSuffix(w, "s")
}

// parts are the words of a name in code: PluginConf is plugin and conf.
func parts(name string) []string {
	var out []string
	var word []rune
	runes := []rune(name)
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
		}
		word = nil
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]) && unicode.IsUpper(runes[i-1])):
			flush()
		}
		word = append(word, r)
	}
	flush()
	return out
}

var (
	glossaryHeading = regexp.MustCompile(`(?i)^\W*(glossary|terminology|vocabulary|definitions?|(key |core |main |basic )?concepts?|(key )?terms|nomenclature|ubiquitous language|domain (model|language))\b`)
	glossaryFile    = regexp.MustCompile(`(?i)(glossary|terminology|concepts|vocabulary)`)
	termLine        = regexp.MustCompile(`^(?:\s*[-*+]\s+)?(?:\*\*|__|` + "`" + `)([^*_` + "`" + `]{2,60}?)(?:\*\*|__|` + "`" + `)\s*(?:\(([^)]{1,40})\))?\s*(?::|–|—|-|=)\s+(.{10,})$`)
	termBold        = regexp.MustCompile(`^(?:\s*[-*+]\s+)?\*\*([^*]{2,60}?):\*\*\s+(.{10,})$`)
	tableRow        = regexp.MustCompile(`^\s*\|([^|]+)\|([^|]+)\|`)
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
	for _, file := range append(g.docs(), g.named(regexp.MustCompile(`(?i)^(glossary|terminology|concepts)\.(md|rst|adoc|txt)$`), 4)...) {
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
			text, mark = g.sentenceOf(p, v.name)
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

// words is a name as a person says it: PluginConf is plugin conf.
func words(name string) string {
	out := parts(name[strings.LastIndexByte(name, '.')+1:])
	for i, w := range out {
		if strings.ToUpper(w) != w || len(w) == 1 {
			out[i] = strings.ToLower(w)
		}
	}
	s := strings.Join(out, " ")
	if s == "" {
		return name
	}
	first := []rune(s)
	return strings.ToUpper(string(first[:1])) + string(first[1:])
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

// roleWords end names of what programs are built of, whatever they are about.
var roleWords = wordSet(`controller handler service manager helper util utils factory builder provider config configuration options option opts params param args arg props state context ctx
	error errors err exception request response req res test tests mock stub fixture base abstract impl interface wrapper adapter middleware router route routes server client store repository
	module component view page layout dialog button form input field list item table row column icon menu tab modal panel card hook reducer action actions selector serializer deserializer
	validator parser formatter logger log logging migration schema seed spec suite runner main app application program command cmd cli flags flag version build info data type types kind enum constants
	const value values key keys map set array string number int bool func function callback event listener result results output input reader writer buffer stream loader iterator visitor node
	mixin trait concern decorator filter mapper job worker task queue cache session mailer api http url path file dir folder index db database sql query tx conn connection pool lock mutex`)

// genericWords are no terms by themselves.
var genericWords = func() map[string]bool {
	out := wordSet(`get set new add remove delete update create make find list load save read write open close start stop run init setup handle process parse format render show hide on off is has can should to from with without by for of in at
		and or not all any each first last next prev previous current default custom common shared internal external public private local global static dynamic simple basic
		name id uid uuid title description text label content body header footer time date timestamp created updated deleted at status count total size length width height max min limit offset
		sort string object entity record model self this that it async await sync ok fail success true false nil null none empty
		test spec check assert expect before after each json xml yaml html css js ts md csv toml env log debug print util src lib pkg cmd bin web ui core extra misc
		up down left right top bottom start end begin finish use using used change apply execute call invoke send receive fetch put post patch head copy move merge split join convert transform encode decode
		validate valid invalid verify require required ensure exist exists match compare equal diff hash raw temp tmp old original source target destination input output result attribute attributes property
		method class struct param params parent child children root leaf node level depth element row col cell line char word byte bit
		generate generated build builder calculate compute register unregister enable disable enabled disabled allow deny show display print visit walk scan search index number integer float double bool boolean array slice vector list map dict tuple
		error errors warning info code prefix suffix begin ctx err fn cb args kwargs options config settings setting helper helpers migration migrations render component components`)
	maps.Copy(out, roleWords)
	return out
}()

func wordSet(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[singular(w)] = true
	}
	return out
}

// generic reports whether a name is of programs and not of a domain: all of its
// words are, or the last one is a role and one other at most is none.
func generic(name string) bool {
	list := parts(name[strings.LastIndexByte(name, '.')+1:])
	if len(list) == 0 || len([]rune(name)) < 3 {
		return true
	}
	own := 0
	for _, w := range list {
		if w = singular(strings.ToLower(w)); !genericWords[w] && len(w) > 2 && !isDigits(w) {
			own++
		}
	}
	last := singular(strings.ToLower(list[len(list)-1]))
	return own == 0 || len(list) > 1 && roleWords[last] || len(list) > 4
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// notDefining begin comments that speak of how something came to be, or to whom.
var notDefining = regexp.MustCompile(`(?i)^(modified version|see |https?:|note|deprecated|hack|fixme|xxx|if you|this (file|is (a )?(copy|generated|based))|generated|auto-?generated|based on|adapted|copied|from https?)`)

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

// sentenceOf is the sentence of a document that says what something is: "A hat is
// a …".
func (g *glossary) sentenceOf(p *part, name string) (text, mark string) {
	term := regexp.QuoteMeta(strings.ToLower(words(name)))
	re, err := regexp.Compile(`(?i)(?:^|[.!?:] |^the |^an? )((?:an? |the )?` + term + `s? (?:is|are|means?|refers? to) (?:an? |the |when |where )?[^.!?]{12,300}[.!?])`)
	if err != nil {
		return "", ""
	}
	for _, file := range g.docs()[:min(len(g.docs()), 40)] {
		for _, s := range g.sectionsOf(file) {
			if !strings.Contains(strings.ToLower(s.text), strings.ToLower(words(name))) {
				continue
			}
			for _, v := range s.prose(g.file(file)) {
				if m := re.FindStringSubmatch(v.text); m != nil {
					return m[1], p.lines(file, v.first, v.last)
				}
			}
		}
	}
	return "", ""
}

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

var migration = regexp.MustCompile(`(?i)(^|/)\w*migrat(e|ions?)(/|$)`)

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

// plainWords are of everyday language and of programs; they mean nothing special.
var plainWords = wordSet(`when then else more less many much some such only also just very well good best most over under into onto upon than them they there their these those what which while whose about above again because both down during few further here once other same very
	able back base been being come does done each even give goes have help high keep kind know like line long look made main make mark more move much need once open part play same seem side sign site stay step such sure take tell than that then them they this time turn type upon used very view want well went were what when with work year
	action active add address after amount apply attach available avoid base batch before between bind block bottom break bulk button callback cancel change choose clean clear click clone collect color command compact complete condition connect constant consume contain context control
	count cycle data decide deep deploy detail detect direct directory disable display document down draw drop dump duplicate edit empty enter escape exact exclude expand expect expire export extend extract factor final finally fix flag flush focus follow force forward full
	guard handle hidden hint hook host ignore image import include increment initial inject inline inner insert inspect install instance iterate join label large launch lazy leave link listen live load lock loop lower main manual mark mask match measure medium member memory mode monitor mount
	multi multiple native normal normalize notify observe once only operation order outer override pack pad pair parallel partial pass path pause pick pipe plain platform point poll pop port position possible prepare present primary priority proc profile progress prompt proxy pull push
	quick quote random range rate reach ready real reason recent record recover redirect reduce reference refresh reject relative release reload remain rename repeat replace reply report reset resize resolve resource restore resume retry return reverse revert rotate round rule
	safe sample scale schedule script second section secure select separate sequence serial serialize share short signal single skip sleep slot small snapshot sort special stack stage standard static store strict strip style submit subset sum supported swap switch symbol system tail take target template
	term initialize perform assign constructor support throw timeout timer toggle token tool track trigger trim truncate unique unit unknown unlock until upload upper valid variant verbose version wait warn watch weak weight width window wrap wrapper write yield zero zone`)
