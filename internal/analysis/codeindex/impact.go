package codeindex

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// ImpactQuery asks what a change touches. One of Path and Symbol is set; a path
// is a file's or a folder's, a symbol PATH#NAME, PATH#NAME:LINE where several in a file have the name, or a
// name that only one has.
type ImpactQuery struct {
	Path   string
	Symbol string
	Depth  int // steps; 0 is the default of 5, more than 20 is 20
	Page
}

const (
	defaultDepth = 5
	maxDepth     = 20
	// maxReached bounds one search. A file that more depend on is a matter for
	// all tests and everybody.
	maxReached = 20_000
	maxTests   = 100
	// nameConfidence is how sure it is that a user of a file uses a type or a
	// variable of it, of which the uses are not known one by one.
	nameConfidence = 50
)

// Impact answers what depends on a file, a folder or a symbol.
//
// The dependents of a file are the files that use it by their imports; of a
// folder the files outside of it that use any of its files; of a function the
// functions that call it, and the files that do when they are loaded. The uses of
// a type or a variable are not followed one by one: the files that use its file
// stand for them, at half the confidence. The confidence of a way is the product
// of its edges', and a part of that where it leads through a helper of tests; that
// of a dependent is the best of its shortest ways'.
func (ix *Index) Impact(q ImpactQuery) (*Impact, error) {
	t, err := ix.target(q)
	if err != nil {
		return nil, err
	}
	depth := min(cmp.Or(max(q.Depth, 0), defaultDepth), maxDepth)
	of := kindFile // of a symbol, too: who knows it is known by files
	if t.kind == kindFolder {
		of = kindFolder
	}
	asked := ix.toAsk(t.files, of)
	out := &Impact{
		Commit: ix.Commit, Path: t.path, Kind: t.kind, Files: len(t.files), Place: ix.placeOf(t.files), People: ix.names(asked.here), Left: ix.former(asked.left),
		Moved: ix.coupled(t.files...), Commits: ix.commits(t.files...),
	}
	if len(out.Place) > 0 {
		out.Component = out.Place[0]
	}
	if len(out.People) > 0 {
		out.PeopleOf = &asked.of
	}
	if t.kind != kindFolder {
		out.Ownership = bandName(ix.Files[t.files[0]].Ownership)
	}
	byImport := ix.reach(&ix.users, ix.Imports, t.files, depth, ix.passes)
	var all []Dependent
	if len(t.symbols) > 0 {
		out.Symbol = new(ix.symbolRef(t.symbols[0]))
		out.Symbol.ID = t.id
	}
	switch {
	case len(t.symbols) == 0:
		all, out.Truncated = ix.fileDependents(byImport, 100), byImport.cut
	case slices.ContainsFunc(t.symbols, ix.callable):
		calls := ix.reach(&ix.callers, ix.Calls, t.symbols, depth, whole)
		all, out.Truncated = append(ix.symbolDependents(calls), ix.loadDependents(t.symbols, calls, depth)...), calls.cut
	default:
		all, out.Truncated = ix.fileDependents(byImport, nameConfidence), byImport.cut
	}
	ix.sortDependents(all)
	out.fill(all, q.sane())
	sure := 1.0
	if len(t.symbols) > 0 {
		sure = nameConfidence / 100.0 // who uses the file need not use this part of it
	}
	out.Tests = ix.tests(t, depth, sure)
	out.TestTotal = len(out.Tests)
	out.Tests = out.Tests[:min(len(out.Tests), maxTests)]
	return out, nil
}

// The kinds of what is asked about.
const (
	kindFile   = "file"
	kindFolder = "folder"
	kindSymbol = "symbol"
)

// target is what is asked about.
type target struct {
	kind    string
	path    string
	files   []int32 // at least one
	symbols []int32 // several of one name and file, such as overloads; none of a path
	id      string  // of the symbols
}

func (ix *Index) target(q ImpactQuery) (*target, error) {
	switch {
	case q.Symbol != "":
		symbols, err := ix.findSymbol(q.Symbol)
		if err != nil {
			return nil, err
		}
		t := &target{kind: kindSymbol, path: ix.Files[ix.Symbols[symbols[0]].File].Path, symbols: symbols, id: ix.symbolID(symbols[0])}
		for _, i := range symbols { // of several files where these share a prototype
			t.files = append(t.files, ix.Symbols[i].File)
		}
		t.files = slices.Compact(t.files)
		if len(symbols) > 1 {
			t.id = ix.sharedID(symbols[0])
		}
		return t, nil
	case q.Path != "":
		files, kind, err := ix.findFiles(q.Path)
		if err != nil {
			return nil, err
		}
		t := &target{kind: kind, path: ix.Files[files[0]].Path, files: files}
		if kind == kindFolder {
			t.path = cmp.Or(cleanPath(q.Path), ".")
		}
		return t, nil
	}
	return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "path", Issue: "name a path or a symbol"})
}

// findFiles returns the file at a path, or those below the folder there.
func (ix *Index) findFiles(p string) (files []int32, kind string, err error) {
	clean := cleanPath(p)
	if i, ok := ix.file(clean); ok {
		return []int32{i}, kindFile, nil
	}
	from, upTo := ix.below(clean)
	if from == upTo || outside(clean) {
		return nil, "", ix.noFile(clean)
	}
	for i := from; i < upTo; i++ {
		files = append(files, i)
	}
	return files, kindFolder, nil
}

// placeOf names the components that all of some files are in, the outermost
// first.
func (ix *Index) placeOf(files []int32) []string {
	place := ix.place(ix.Files[files[0]].Component)
	for _, i := range files[1:] {
		if c := ix.Files[i].Component; c != ix.Files[files[0]].Component && c >= 0 {
			other := ix.place(c)
			n := 0
			for n < min(len(place), len(other)) && place[n] == other[n] {
				n++
			}
			place = place[:n]
		}
	}
	return place
}

func (ix *Index) callable(symbol int32) bool {
	kind := ix.Symbols[symbol].Kind
	return kind == "function" || kind == "method" || kind == "macro" || len(ix.callers.of(symbol)) > 0
}

// fill sets what is told of the dependents.
func (i *Impact) fill(all []Dependent, p Page) {
	for _, d := range all {
		if d.Distance == 1 {
			i.Direct++
		} else {
			i.Transitive++
		}
		if at, known := slices.BinarySearch(i.Components, d.Component); !known && d.Component != "" {
			i.Components = slices.Insert(i.Components, at, d.Component)
		}
	}
	if i.Components == nil {
		i.Components = []string{}
	}
	i.Dependents = slices.Clone(paged(all, p))
	if i.Dependents == nil {
		i.Dependents = []Dependent{}
	}
	i.Paging = paging(len(all), p)
}

// helperShare is how much of the confidence passes through a helper of tests: who
// uses it uses one part of it, and it uses much of the code.
const helperShare = 0.3

// passes is how much of the confidence passes through a file.
func (ix *Index) passes(file int32) float64 {
	if ix.Files[file].Helper {
		return helperShare
	}
	return 1
}

func whole(int32) float64 { return 1 }

// reached is what a search found, in the order of distance.
type reached struct {
	nodes []step
	cut   bool
}

// step is one thing that was reached.
type step struct {
	node, via  int32
	distance   int32
	confidence float64 // 0–1
}

// reach walks against the edges: who uses one of start, who uses those, and so
// on. Nothing of start is reached. share is how much of the confidence passes
// through a thing. What may use one of several overloads uses one of them: that
// they are all asked about is as sure as its uses of them together.
func (ix *Index) reach(by *adjacency, edges []Edge, start []int32, depth int, share func(node int32) float64) reached {
	at := make(map[int32]int, len(start))
	level := make([]step, 0, len(start))
	for _, i := range start {
		at[i] = -1
		level = append(level, step{node: i, confidence: 1})
	}
	twins := by == &ix.callers && len(start) > 1 && ix.shared[start[0]]
	var out reached
	for d := 1; d <= depth && len(level) > 0; d++ {
		first := len(out.nodes)
		for _, from := range level {
			for _, e := range by.of(from.node) {
				edge := edges[e]
				next := step{node: edge.From, via: from.node, distance: number(d), confidence: from.confidence * float64(edge.Confidence) / 100 * share(from.node)}
				place, known := at[next.node]
				switch {
				case !known && len(out.nodes) >= maxReached:
					out.cut = true
				case !known:
					at[next.node] = len(out.nodes)
					out.nodes = append(out.nodes, next)
				case twins && d == 1 && place >= first && ix.sharedID(from.node) == ix.sharedID(out.nodes[place].via):
					out.nodes[place].confidence = min(1, out.nodes[place].confidence+next.confidence)
				case place >= first && better(next, out.nodes[place]):
					out.nodes[place] = next
				}
			}
		}
		level = slices.Clone(out.nodes[first:])
	}
	if !out.cut {
		out.cut = slices.ContainsFunc(level, func(s step) bool {
			return slices.ContainsFunc(by.of(s.node), func(e int32) bool { _, known := at[edges[e].From]; return !known })
		})
	}
	return out
}

func better(a, b step) bool {
	return a.confidence > b.confidence || a.confidence == b.confidence && a.via < b.via
}

func (ix *Index) fileDependents(found reached, percent float64) []Dependent {
	out := make([]Dependent, 0, len(found.nodes))
	for _, s := range found.nodes {
		f := &ix.Files[s.node]
		out = append(out, Dependent{
			Path: f.Path, Component: ix.componentName(f.Component), Test: f.Test, Distance: int(s.distance),
			Confidence: rounded(s.confidence * percent / 100), Via: ix.Files[s.via].Path,
		})
	}
	return out
}

func (ix *Index) symbolDependents(found reached) []Dependent {
	out := make([]Dependent, 0, len(found.nodes))
	for _, s := range found.nodes {
		f := &ix.Files[ix.Symbols[s.node].File]
		out = append(out, Dependent{
			Path: f.Path, Symbol: new(ix.symbolRef(s.node)), Component: ix.componentName(f.Component), Test: ix.ofTest(s.node), Distance: int(s.distance),
			Confidence: rounded(s.confidence), Via: ix.symbolID(s.via),
		})
	}
	return out
}

func (ix *Index) sortDependents(list []Dependent) {
	line := func(d *Dependent) int {
		if d.Symbol == nil {
			return 0
		}
		return d.Symbol.Line
	}
	slices.SortStableFunc(list, func(a, b Dependent) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(b.Confidence, a.Confidence), strings.Compare(a.Path, b.Path), cmp.Compare(line(&a), line(&b)))
	})
}
