package narrative

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
)

// Read reads files of the analysed commit. Those that are not there are left out.
type Read func(ctx context.Context, paths []string) (map[string][]byte, error)

// Lines are some lines of a file, from 1, both ends included.
type Lines struct {
	Path        string
	Symbol      string // that they declare or document; "" for none
	First, Last int
}

// cited is where a citation stands in the middle of a sentence.
const cited = "\x00"

// sentence is one of a description, without the full stop and the citations at its
// end.
type sentence struct {
	text  string
	cites []Lines
	// says is that it tells what its subject is or does, which a description needs
	// one of.
	says bool
}

// Draft is what is known of a subject.
type Draft struct {
	Subject Subject
	chosen  []sentence
	spare   []Lines // what else a model may rest on
}

// Says reports whether there is anything to say.
func (d *Draft) Says() bool { return len(d.chosen) > 0 }

func codeSpan(s string) string { return markdown.Span(s) }

// maxPasses bounds how often files are asked for: what is read first names what
// is read next.
const maxPasses = 6

// Sources are the files that drafts rest on.
type Sources struct {
	files map[string]*file // nil where there is none
}

// Compose makes the drafts of a report: of the repository, its components, the
// outer ones first, and its features. ix may be nil, which leaves out what only
// the code index knows.
func Compose(ctx context.Context, r *report.CodeReport, ix *codeindex.Index, read Read) ([]Draft, *Sources, error) {
	c := &composer{r: r, ix: ix, files: map[string]*file{}}
	c.prepare()
	for pass := 0; ; pass++ {
		c.wanted = map[string]bool{}
		drafts := c.drafts()
		if len(c.wanted) == 0 || pass == maxPasses {
			return drafts, &Sources{c.files}, ctx.Err()
		}
		paths := make([]string, 0, len(c.wanted))
		for p := range c.wanted {
			paths = append(paths, p)
			c.files[p] = nil
		}
		slices.Sort(paths)
		contents, err := read(ctx, paths)
		if err != nil {
			return nil, nil, err
		}
		for p, content := range contents {
			c.files[p] = newFile(p, content)
		}
	}
}

type composer struct {
	r      *report.CodeReport
	ix     *codeindex.Index
	files  map[string]*file
	wanted map[string]bool // that are to be read before it is known what they say

	weights  []float64
	known    map[string]int32          // files of the index by path
	members  map[string][]int32        // files of the index by component
	inside   map[string]map[int32]bool // the same as sets
	users    map[int32]int             // by symbol: from how many files it is called
	aside    map[int32]bool            // files of tests, examples and documents
	weighing map[[2]string]int         // how often one component uses another
	entries  map[string][]report.EntryPoint
	features map[string]*routesOf
}

// prepare builds what look-ups need.
func (c *composer) prepare() {
	c.known, c.members, c.users = map[string]int32{}, map[string][]int32{}, map[int32]int{}
	c.inside, c.entries = map[string]map[int32]bool{}, map[string][]report.EntryPoint{}
	for _, e := range c.r.EntryPoints {
		c.entries[e.Path] = append(c.entries[e.Path], e)
	}
	c.sortRoutes()
	c.aside, c.weighing = map[int32]bool{}, map[[2]string]int{}
	if c.ix == nil {
		return
	}
	c.weights = c.ix.Weights()
	for i := range c.ix.Files {
		at := int32(i)
		c.known[c.ix.Files[i].Path] = at
		for in := c.ix.Files[i].Component; in >= 0; in = c.ix.Components[in].Parent {
			name := c.ix.Components[in].Name
			c.members[name] = append(c.members[name], at)
			if c.inside[name] == nil {
				c.inside[name] = map[int32]bool{}
			}
			c.inside[name][at] = true
		}
	}
	c.weigh(c.r.Architecture.Dependencies)
	eachComponent(c.r.Architecture.Components, func(of *report.Component) bool {
		if of.Inside != nil {
			c.weigh(of.Inside.Dependencies)
		}
		for _, i := range c.members[of.Name] {
			c.aside[i] = c.aside[i] || beside(of.Type)
		}
		return true
	})
	callers := map[[2]int32]bool{}
	for _, e := range c.ix.Calls {
		from, to := c.ix.Symbols[e.From].File, c.ix.Symbols[e.To].File
		if from != to && !c.ix.Files[from].Test && !c.aside[from] && !callers[[2]int32{from, e.To}] {
			callers[[2]int32{from, e.To}] = true
			c.users[e.To]++
		}
	}
}

func (c *composer) weigh(list []report.Dependency) {
	for _, d := range list {
		c.weighing[[2]string{d.From, d.To}] += d.Weight
	}
}

// beside reports whether components of a type stand beside the software itself.
func beside(kind string) bool { return kind == "tests" || kind == "docs" }

// file is a file of the repository, nil where there is none or it is not read yet.
func (c *composer) file(p string) *file {
	f, read := c.files[p]
	if !read && p != "" {
		c.wanted[p] = true
	}
	return f
}

func (c *composer) drafts() []Draft {
	out := []Draft{c.repository()}
	n := 0
	eachComponent(c.r.Architecture.Components, func(of *report.Component) bool {
		out = append(out, c.component(of))
		n++
		return n < maxComponents
	})
	for i := range c.r.Features[:min(len(c.r.Features), maxFeatures)] {
		out = append(out, c.feature(&c.r.Features[i]))
	}
	return out
}

// draft chooses the sentences of a description, of those that there are in the
// order in which they matter.
func draft(of Subject, all []sentence) Draft {
	d := Draft{Subject: of}
	said := map[string]bool{}
	tells := false
	for _, s := range all {
		key := strings.Join(wordsOf(s.text), " ")
		if said[key] {
			continue
		}
		said[key] = true
		if len(s.cites) == 1 && slices.Contains(d.spare, s.cites[0]) {
			continue // said already, in other words
		}
		if len(d.chosen) < maxSentences {
			d.chosen = append(d.chosen, s)
			tells = tells || s.says
		}
		d.spare = append(d.spare, s.cites...)
	}
	if !tells {
		return Draft{Subject: of}
	}
	return d
}

// place is a line that says something; nil where it does not.
func (c *composer) place(p string, line int, symbol string) []Lines {
	if f := c.file(p); f == nil || !f.says(line) {
		return nil
	}
	return []Lines{{Path: p, First: line, Last: line, Symbol: symbol}}
}

// quote finds the sentences of a text where they stand, in the first of some files
// that has the first of them.
func (c *composer) quote(text string, most int, files ...string) (said []string, cites []Lines) {
	all := sentences(plain(text))
	for _, p := range files {
		f := c.file(p)
		if f == nil {
			continue
		}
		for _, s := range all[:min(len(all), most)] {
			first, last, ok := f.find(s, 0)
			if !ok {
				break // what follows would hang in the air
			}
			said = append(said, s)
			cites = append(cites, Lines{Path: p, First: first, Last: last})
		}
		if len(said) > 0 {
			return said, cites
		}
	}
	return nil, nil
}

// leads are the first sentences of a description.
func leads(name string, said []string, cites []Lines) []sentence {
	out := make([]sentence, len(said))
	for i, s := range said {
		if i == 0 {
			s = named(name, s)
		}
		out[i] = sentence{text: marked(upper(s)), cites: cites[i : i+1], says: true}
	}
	return out
}

const (
	fromDocs   = 2 // sentences of a document
	fromCode   = 2 // symbols whose doc comment is said
	mostLooked = 40
)

// repository describes the whole.
func (c *composer) repository() Draft {
	d := &c.r.Documentation
	var all []sentence
	var said []string
	var cites []Lines
	if d.Summary != nil && d.Readme != nil {
		said, cites = c.quote(*d.Summary, fromDocs, *d.Readme)
	}
	if len(said) == 0 {
		said, cites = c.declared()
	}
	all = leads(c.r.Name, said, cites)
	all = append(all, c.starts(c.r.EntryPoints)...)
	if s := c.answers(c.r.Endpoints, c.r.Pages, c.r.RPC); s != nil {
		all = append(all, *s)
	}
	if s := c.offers(c.r.Commands); s != nil {
		all = append(all, *s)
	}
	for _, t := range c.r.Build.Test {
		if at := c.place(t.Source, t.Line, ""); at != nil && t.Confidence >= 0.6 {
			all = append(all, sentence{text: "Its tests are run with " + codeSpan(t.Command), cites: at})
			break
		}
	}
	out := draft(Subject{Kind: Repository}, all)
	if d.Readme != nil && out.Says() {
		out.spare = append(out.spare, c.paragraphs(*d.Readme)...)
	}
	return out
}

// manifests say of a package what it is, at the root of a repository.
var manifests = []string{"package.json", "pyproject.toml", "Cargo.toml", "composer.json", "setup.cfg", "setup.py", "pubspec.yaml", "mix.exs"}

// declared is what a manifest says of the package.
func (c *composer) declared() (said []string, cites []Lines) {
	for _, p := range manifests {
		if _, there := c.known[p]; !there && c.ix != nil {
			continue
		}
		f := c.file(p)
		if f == nil {
			continue
		}
		for i, line := range f.lines[:min(len(f.lines), 120)] {
			m := described.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if list := sentences(plain(cmp.Or(m[1], m[2]))); len(list) > 0 {
				return list[:1], []Lines{{Path: p, First: i + 1, Last: i + 1}}
			}
		}
	}
	return nil, nil
}

// paragraphs are the first of a document that say something.
func (c *composer) paragraphs(p string) []Lines {
	f := c.file(p)
	if f == nil {
		return nil
	}
	var out []Lines
	start := 0
	for i := 0; i <= min(len(f.lines), mostLooked*2) && len(out) < 5; i++ {
		if i < len(f.lines) && strings.TrimSpace(f.lines[i]) != "" {
			continue
		}
		if start < i && start < len(f.lines) && len(sentences(plain(strings.Join(f.lines[start:i], " ")))) > 0 {
			out = append(out, Lines{Path: p, First: start + 1, Last: min(i, start+12)})
		}
		start = i + 1
	}
	return out
}

// component describes a component.
func (c *composer) component(of *report.Component) Draft {
	var all []sentence
	docs := c.documentsOf(of)
	if of.Description != nil {
		said, cites := c.quote(*of.Description, fromDocs, docs...)
		all = leads(of.Name, said, cites)
	}
	var entries []report.EntryPoint
	for _, p := range of.EntryPoints {
		entries = append(entries, c.entries[p]...)
	}
	if len(all) == 0 {
		all = c.fileDocs(of)
	}
	symbols := c.symbolDocs(of)
	lead := max(1, fromCode-len(all))
	all = append(all, together(symbols[:min(len(symbols), lead)])...)
	all = append(all, c.starts(entries)...)
	if s := c.answersOf(of); s != nil {
		all = append(all, *s)
	}
	if s := c.relations(of); s != nil {
		all = append(all, *s)
	}
	if s := c.testOf(of); s != nil {
		all = append(all, *s)
	}
	all = append(all, together(symbols[min(len(symbols), lead):])...)
	return draft(ofComponent(of), all)
}

// documentsOf are the files that may speak for a component, likeliest first.
func (c *composer) documentsOf(of *report.Component) []string {
	var out []string
	for _, name := range []string{"README.md", "README.rst", "README.txt", "README", "readme.md", "Readme.md"} {
		p := path.Join(of.Path, name)
		if _, there := c.known[p]; there {
			out = append(out, p)
		}
	}
	for _, i := range c.members[of.Name] {
		if f := &c.ix.Files[i]; f.Doc != "" && !f.Test && path.Dir(f.Path) == path.Clean(of.Path) && len(out) < mostLooked {
			out = append(out, f.Path)
		}
	}
	return append(out, of.KeyFiles...)
}

// fileDocs are what the most central files say of themselves.
func (c *composer) fileDocs(of *report.Component) []sentence {
	var list []int32
	for _, i := range c.members[of.Name] {
		if f := &c.ix.Files[i]; f.Doc != "" && !f.Test && f.Kind == "programming" {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(c.weights[b], c.weights[a]) })
	for _, i := range list[:min(len(list), 5)] {
		f := &c.ix.Files[i]
		said, cites := c.quote(f.Doc, 1, f.Path)
		if len(said) == 0 || c.ofSymbol(i, said[0]) {
			continue
		}
		if len(of.Paths) == 1 && of.Files == 1 || strings.HasPrefix(said[0], "Package ") && path.Dir(f.Path) == path.Clean(of.Path) {
			return leads(of.Name, said, cites)
		}
		return []sentence{{text: codeSpan(f.Path) + " says of itself: " + speech(said[0]), cites: cites, says: true}}
	}
	return nil
}

// ofSymbol reports whether a sentence is that of the doc comment of a symbol, and
// so none of its file.
func (c *composer) ofSymbol(i int32, sentence string) bool {
	for at, end := c.symbolsOf(i); at < end; at++ {
		if list := sentences(plain(c.ix.Symbols[at].Doc)); len(list) > 0 && list[0] == sentence {
			return true
		}
	}
	return false
}

// speech quotes a sentence that is another's.
func speech(s string) string { return "“" + marked(upper(s)) + "”" }
