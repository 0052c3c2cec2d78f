package narrative

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// described is the description that a manifest gives of its package.
var described = lazyregexp.New(`^\s*"?description"?\s*[:=]\s*(?:"([^"]+)"|'([^']+)')`)

const examples = 3 // of a list that one sentence names

// starts says where programs begin.
func (c *composer) starts(entries []report.EntryPoint) []sentence {
	var out []sentence
	for _, e := range entries {
		if e.Kind != "program" || e.Line == 0 || len(out) == 2 || strings.HasPrefix(e.Path, ".") || path.Base(e.Path) == "Procfile" {
			continue
		}
		if at, there := c.known[e.Path]; !there || c.ix.Files[at].Kind != "programming" || c.ix.Files[at].Test {
			continue
		}
		if at := c.place(e.Path, e.Line, ""); at != nil {
			out = append(out, sentence{text: "The program " + codeSpan(e.Name) + " starts in " + codeSpan(e.Path), cites: at, says: true})
		}
	}
	if len(out) == 2 { // one sentence is enough for several
		out[0].text += " " + cited + ", and " + codeSpan(c.entryName(entries, out[1].cites[0])) + " in " + codeSpan(out[1].cites[0].Path)
		out[0].cites = append(out[0].cites, out[1].cites...)
		out = out[:1]
	}
	return out
}

func (c *composer) entryName(entries []report.EntryPoint, at Lines) string {
	for _, e := range entries {
		if e.Path == at.Path && e.Line == at.First {
			return e.Name
		}
	}
	return at.Path
}

// listed makes a sentence of examples, each with its lines: "It answers A [1] and
// B [2]". nil without any.
func listed(begin string, names []string, places []Lines) *sentence {
	if len(names) == 0 {
		return nil
	}
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = codeSpan(n) + " " + cited
	}
	text := strings.TrimSuffix(begin+" "+enumerate(parts), " "+cited)
	return &sentence{text: text, cites: places, says: true}
}

// answers says what is answered: requests, pages, procedures.
func (c *composer) answers(endpoints []report.Endpoint, pages []report.Page, rpcs []report.RPC) *sentence {
	var names []string
	var places []Lines
	add := func(name string, l report.Location) {
		if len(names) == examples || slices.Contains(names, name) {
			return
		}
		if at := c.place(l.Path, l.Line, ""); at != nil {
			names, places = append(names, name), append(places, at...)
		}
	}
	for _, e := range spread(endpoints) {
		add(method(e.Method)+e.Path, e.Location)
	}
	all, begin := len(endpoints), "It answers HTTP requests for "
	if len(names) == 0 {
		for _, p := range rpcs {
			add(strings.TrimPrefix(p.Service+"."+p.Method, "."), p.Location)
		}
		begin, all = "It answers calls of ", len(rpcs)
	}
	if len(names) == 0 {
		for _, p := range pages {
			add(p.Path, p.Location)
		}
		begin, all = "It shows pages at ", len(pages)
	}
	if all > len(names) {
		begin = strings.TrimSuffix(begin, " ") + ", among others,"
		begin = strings.NewReplacer("requests for, among others,", "requests, among them", "calls of, among others,", "calls, among them", "pages at, among others,", "pages, among them").Replace(begin)
	}
	return listed(strings.TrimSuffix(begin, " "), names, places)
}

// method is that of a request as it is written, with a space; "" for any.
func method(m string) string {
	if m == "" || m == "ANY" {
		return ""
	}
	return m + " "
}

// spread takes endpoints of different first segments before others of the same,
// so that examples show more.
func spread(all []report.Endpoint) []report.Endpoint {
	seen := map[string]bool{}
	var first, rest []report.Endpoint
	for _, e := range all {
		head := strings.Join(strings.SplitN(strings.Trim(e.Path, "/"), "/", 3)[:min(2, 1+strings.Count(strings.Trim(e.Path, "/"), "/"))], "/")
		if e.Path == "/" || seen[head] || strings.HasPrefix(head, "{") {
			rest = append(rest, e)
			continue
		}
		seen[head] = true
		first = append(first, e)
	}
	return append(first, rest...)
}

// offers says which commands a user can give.
func (c *composer) offers(commands []report.CLICommand) *sentence {
	var names []string
	var places []Lines
	for _, cmd := range commands {
		if len(names) == examples {
			break
		}
		if at := c.place(cmd.Location.Path, cmd.Location.Line, ""); at != nil && !slices.Contains(names, cmd.Name) {
			names, places = append(names, cmd.Name), append(places, at...)
		}
	}
	begin := "It has the commands"
	switch {
	case len(commands) > len(names):
		begin = "Among its commands are"
		if len(names) == 1 {
			begin = "Among its commands is"
		}
	case len(names) == 1:
		begin = "It has the command"
	}
	return listed(begin, names, places)
}

// answersOf says what requests are answered by routes that a component registers.
func (c *composer) answersOf(of *report.Component) *sentence {
	in := c.inside[of.Name]
	var endpoints []report.Endpoint
	for _, e := range c.r.Endpoints {
		if at, there := c.known[e.Location.Path]; there && in[at] {
			endpoints = append(endpoints, e)
		}
	}
	return c.answers(endpoints, nil, nil)
}

// symbolDocs are the doc comments of what is used most of a component.
func (c *composer) symbolDocs(of *report.Component) []sentence {
	var list []int32
	for _, i := range c.members[of.Name] {
		if f := &c.ix.Files[i]; f.Test || !f.Source || ofThePast.MatchString(f.Path) {
			continue
		}
		for at, end := c.symbolsOf(i); at < end; at++ {
			if s := &c.ix.Symbols[at]; s.Exported && !s.Test && s.Doc != "" && (s.Kind != "constant" && s.Kind != "variable" || c.ix.Files[i].Language == "Go") {
				list = append(list, at)
			}
		}
	}
	central := func(at int32) float64 {
		s := &c.ix.Symbols[at]
		score := float64(c.users[at]) + c.weights[s.File]
		if s.Kind == "type" || s.Kind == "interface" {
			score += 2 * c.weights[s.File]
		}
		return score
	}
	slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(central(b), central(a)) })
	var out []sentence
	docs := map[string]bool{}
	for _, at := range list[:min(len(list), 20)] {
		if doc := c.ix.Symbols[at].Doc; docs[doc] || len(out) == 4 {
			continue // the same words of a wrapper
		} else if s := c.symbolDoc(at, len(of.Paths) > 1 || c.folders(of) > 1); s != nil {
			docs[doc] = true
			out = append(out, *s)
		}
	}
	return out
}

// ofThePast are files that say how something came to be, not what it is.
var ofThePast = lazyregexp.New(`(^|/)(migrations?|migrate)/`)

// folders is how many folders of code a component has.
func (c *composer) folders(of *report.Component) int {
	seen := map[string]bool{}
	for _, i := range c.members[of.Name] {
		if f := &c.ix.Files[i]; f.Source && !f.Test {
			seen[path.Dir(f.Path)] = true
		}
	}
	return len(seen)
}

// documentedAs is how a comment is quoted that does not name what it is of.
const documentedAs = " is documented as "

// together makes one sentence of two that quote comments.
func together(list []sentence) []sentence {
	var out []sentence
	for i := 0; i < len(list); i++ {
		s := list[i]
		if i+1 < len(list) && strings.Contains(s.text, documentedAs) && strings.Contains(list[i+1].text, documentedAs) {
			s.text += " " + cited + ", and " + strings.Replace(strings.ToLower(list[i+1].text[:1])+list[i+1].text[1:], documentedAs, " as ", 1)
			s.cites = append(slices.Clone(s.cites), list[i+1].cites...)
			i++
		}
		out = append(out, s)
	}
	return out
}

// symbolsOf is where the symbols of a file begin in the index, and where they end.
func (c *composer) symbolsOf(i int32) (from, end int32) {
	at, _ := slices.BinarySearchFunc(c.ix.Symbols, i, func(s codeindex.Symbol, i int32) int { return cmp.Compare(s.File, i) })
	from = int32(at) //nolint:gosec // an index has fewer symbols
	for end = from; int(end) < len(c.ix.Symbols) && c.ix.Symbols[end].File == i; {
		end++
	}
	return from, end
}

// symbolDoc says what a doc comment says of a symbol.
func (c *composer) symbolDoc(at int32, several bool) *sentence {
	s := &c.ix.Symbols[at]
	f := c.file(c.ix.Files[s.File].Path)
	if f == nil {
		return nil
	}
	list := sentences(plain(s.Doc))
	if len(list) == 0 {
		return nil
	}
	first, last, ok := f.find(list[0], int(s.Line))
	if !ok {
		return nil
	}
	name := s.Name[strings.LastIndexAny(s.Name, ".:#")+1:]
	cites := []Lines{{Path: f.path, Symbol: s.Name, First: first, Last: last}}
	begin, rest, _ := strings.Cut(list[0], " ")
	called := s.Name
	if several && c.ix.Files[s.File].Language == "Go" && path.Dir(f.path) != "." {
		called = path.Base(path.Dir(f.path)) + "." + s.Name
	}
	if strings.Trim(begin, "`'\"()") == name && saysOf.MatchString(rest) {
		return &sentence{text: codeSpan(called) + " " + marked(rest), cites: cites, says: true}
	}
	return &sentence{text: "Its " + cmp.Or(s.Kind, "symbol") + " " + codeSpan(called) + documentedAs + speech(list[0]), cites: cites, says: true}
}

// saysOf is what follows the name of a symbol in a comment that is a sentence.
var saysOf = lazyregexp.New(`^(?:(?:also|only|then|always|never|just|lazily|safely) )?(?:[a-z]+s|can|will|must|may|are|was|were|had) `)

// relations says what a component uses and what uses it, each by a line that
// does.
func (c *composer) relations(of *report.Component) *sentence {
	if c.ix == nil {
		return nil
	}
	var names []string
	var places []Lines
	for _, name := range c.heaviest(of.Dependencies, func(name string) [2]string { return [2]string{of.Name, name} }) {
		if at, to := c.imports(c.inside[of.Name], c.inside[name]); at != nil && len(names) < 2 {
			if called := c.calledAs(name, to); !slices.Contains(names, called) {
				names, places = append(names, called), append(places, *at)
			}
		}
	}
	var text string
	if uses := listed("It uses", names, places); uses != nil {
		text = uses.text
	}
	for _, name := range c.heaviest(of.Dependents, func(name string) [2]string { return [2]string{name, of.Name} }) {
		at, _ := c.imports(c.inside[name], c.inside[of.Name])
		if at == nil {
			continue
		}
		user := codeSpan(c.calledAs(name, at.Path))
		if text == "" {
			text = "It is used by " + user
		} else {
			text += " " + cited + ", and " + user + " uses it"
		}
		places = append(places, *at)
		break
	}
	if text == "" {
		return nil
	}
	return &sentence{text: text, cites: places}
}

// heaviest puts the components first that use another, or are used, most; those
// beside the software come last.
func (c *composer) heaviest(names []string, edge func(string) [2]string) []string {
	besides := func(name string) int {
		if files := c.members[name]; len(files) > 0 && c.aside[files[0]] {
			return 1
		}
		return 0
	}
	out := slices.Clone(names)
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(besides(a), besides(b)), cmp.Compare(c.weighing[edge(b)], c.weighing[edge(a)]))
	})
	return out
}

// calledAs is a component as a sentence names it: by the folder of a file of it
// where its name is one for several things.
func (c *composer) calledAs(name, file string) string {
	if strings.ContainsAny(name, "( ") {
		return path.Dir(file)
	}
	return name
}

// imports finds a line of one set of files that imports one of another, the surest
// of them.
func (c *composer) imports(from, to map[int32]bool) (at *Lines, target string) {
	tried := 0
	for _, e := range c.ix.Imports {
		if !from[e.From] || !to[e.To] || from[e.To] || to[e.From] || c.ix.Files[e.From].Test || c.ix.Files[e.To].Test {
			continue
		}
		if tried++; tried > 12 {
			return nil, ""
		}
		f := c.file(c.ix.Files[e.From].Path)
		if f == nil {
			continue
		}
		target = c.ix.Files[e.To].Path
		if line := f.importOf(target); line > 0 {
			return &Lines{Path: f.path, First: line, Last: line}, target
		}
	}
	return nil, ""
}

// importing is a line that names another file or module.
var importing = lazyregexp.New(`\b(import|from|require|require_once|require_relative|include|include_once|use|using|mod|extern|load|export)\b|^\s*(?:[\w.]+\s+)?"[^"]+"\s*$`)

// importOf is the line that imports a file, 0 where none surely does.
func (f *file) importOf(target string) int {
	folder, base := path.Dir(target), strings.TrimSuffix(path.Base(target), path.Ext(target))
	stem := path.Join(folder, base)
	for _, key := range []string{stem, folder, strings.ReplaceAll(stem, "/", "."), strings.ReplaceAll(folder, "/", "."), path.Join(path.Base(folder), base), base, path.Base(folder)} {
		if len(key) < 2 {
			continue
		}
		for i, line := range f.lines {
			if standsIn(line, key) && importing.MatchString(line) { // in this order: few lines have the name, and an expression is slow
				return i + 1
			}
		}
	}
	return 0
}

// standsIn reports whether a name stands in a line, as a whole.
func standsIn(line, name string) bool {
	for from := 0; ; {
		at := strings.Index(line[from:], name)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(name)
		if (start == 0 || !partOfName(line[start-1])) && (end == len(line) || !partOfName(line[end]) && line[end] != '/') {
			return true
		}
		from = end
	}
}

func partOfName(b byte) bool {
	return b == '_' || b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// testOf names a test of a component.
func (c *composer) testOf(of *report.Component) *sentence {
	if of.Type == "tests" || c.ix == nil {
		return nil
	}
	return c.testIn(c.members[of.Name])
}

func (c *composer) testIn(files []int32) *sentence {
	var spare *sentence
	for _, i := range files {
		if f := &c.ix.Files[i]; !f.Test || f.Helper {
			continue
		}
		for next, end := c.symbolsOf(i); next < end; next++ {
			s := &c.ix.Symbols[next]
			if !s.Test {
				continue
			}
			at := c.place(c.ix.Files[i].Path, int(s.Line), s.Name)
			if at == nil {
				break
			}
			out := &sentence{text: "One of its tests is " + codeSpan(s.Name) + " in " + codeSpan(c.ix.Files[i].Path), cites: at}
			if strings.Contains(strings.ToLower(s.Name), "test") {
				return out
			}
			if spare == nil { // such as a benchmark
				spare = out
			}
			break
		}
	}
	return spare
}
