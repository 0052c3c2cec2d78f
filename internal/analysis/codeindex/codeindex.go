// Package codeindex holds what questions about the code are answered from once
// an analysis is over: files, symbols, who uses whom, what changed together,
// who wrote what. An analysis makes an [Index]; [Index.Encode] and [Decode] keep
// it; its methods answer.
//
//   - [Index.Impact]: what depends on a file or symbol, the tests to run, the
//     people to ask, what changed with it before;
//   - [Index.Graph]: a part of the graph that can be read;
//   - [Index.Browse]: all that is known of one file, or what a folder holds;
//   - [Index.Simulate]: what nobody knows any more when some people leave;
//   - [Compare]: what changed between two analyses.
//
// Answers are bounded, in a stable order, and name people alphabetically and
// without numbers. The package is pure; it may import the root package, the
// shape of the report and zstd.
package codeindex

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Index is everything that is kept of one analysis beside its report. Make one
// with [New] or [Decode]; after that it does not change, and it is safe for
// concurrent use.
type Index struct {
	Contents

	users, used       adjacency          // import edges by target and by source
	callers, callees  adjacency          // call edges by target and by source
	loaders           adjacency          // the same of what runs when files are loaded, by target
	declaredBy        map[int32][]int32  // by file: symbols that it declares and another defines, by line
	symbolsOf         []int32            // by file: its first symbol; one more at the end
	membersOf         [][]int32          // by component: its files, with those of the components inside it
	partsOf           []int32            // by component: how many are right inside it
	topOf             []int32            // by component: that of the first level that it is in
	askers            adjacency          // requests by target
	testsByName       map[string][]int32 // test files by their bare name
	testNames         []string           // those names, sorted
	couplesOf         [][]int32          // by file: places in Couples
	componentsByName  map[string]int32
	symbolsByLastName map[string][]int32
	shared            map[int32]bool // symbols whose name another in their file has
}

// Contents is what an index is made of. Numbers that name other things are
// places in the lists here; -1 is none.
type Contents struct {
	Commit   string
	Complete bool // the history reaches its roots
	// People are those of the history, by name. Two people may share a name.
	People     []Person
	Files      []File   // analysed, by path
	Symbols    []Symbol // by file, then line
	Imports    []Edge   // from file to file
	Requests   []Edge   // from test to the file that answers a route which it asks for
	Calls      []Edge   // from symbol to symbol
	Loads      []Edge   // from file to symbol: what code calls that runs when the file is loaded
	Components []Component
	Uses       []Edge // from component to component, of any levels, neither inside the other
	Couples    []Couple
	Commits    []Commit  // that Files name, newest first
	Skipped    []Skipped // files of the tree that were not analysed, by path; not all of them where there are very many
}

// Person is somebody of the history.
type Person struct {
	Name string // to be shown
	Here bool   // made a commit in the year that ends with the analysed one
	// Quarter counts the quarters of years since the year 0 up to that of the
	// newest commit; 0 is not known.
	Quarter int32
}

// File is an analysed file.
type File struct {
	Path       string
	Language   string
	Kind       string // programming, markup, data, prose
	Blob       uint64 // the first eight bytes of the object's id: equal for equal content
	Component  int32  // the smallest that it is in
	Code       int64  // lines
	Lines      int64  // all
	Functions  int32
	Cyclomatic int32 // of all its code
	Cognitive  int32
	Test       bool
	Helper     bool // of tests: it holds none itself
	Source     bool // the people who leave are held against it
	Doc        string
	Entry      string // of an entry point: its kind, else ""

	Revisions int32 // commits that changed it
	Changed   int64 // seconds since 1970 of the newest of them, 0 when not known
	Ownership uint8 // see the constants
	Owners    []int32
	Authors   []int32 // by their degree of authorship
	Recent    []int32 // commits, newest first
}

// The bands of ownership, as numbers.
const (
	OwnershipUnknown uint8 = iota
	OwnershipSole
	OwnershipMajor
	OwnershipSpread
)

var bands = []string{"", "sole", "major", "spread"}

// Band returns the number of a band's name.
func Band(name *string) uint8 {
	if name == nil {
		return OwnershipUnknown
	}
	return uint8(max(slices.Index(bands, *name), 0)) //nolint:gosec // four names
}

// Skipped is a file that was not analysed.
type Skipped struct {
	Path   string
	Reason string // see report.SkipReason
}

// Symbol is a name that a file declares.
type Symbol struct {
	File      int32
	Name      string // qualified in its file: "Type.Method"
	Kind      string // function, method, type, interface, variable, constant, module, macro
	Line      int32
	EndLine   int32
	Exported  bool
	Test      bool
	Cognitive int32
	Doc       string
	Signature string
	// DeclaredIn and DeclaredLine are the file and line of a declaration that stands
	// for it elsewhere, such as a prototype in a header. The line is 0 for none.
	DeclaredIn   int32
	DeclaredLine int32
}

// Edge says that one thing uses another.
type Edge struct {
	From, To   int32
	Weight     int32 // references or calls, at least 1; pairs of files between components
	Confidence uint8 // percent, 1–100
}

// Component is a part of the code.
type Component struct {
	Name   string // unique
	Type   string
	Path   string
	Parent int32 // the component that it is inside of, which comes before it
}

// Couple is two files that change in the same commits.
type Couple struct {
	A, B   int32
	Shared int32
	Degree int32 // percent
}

// Commit is a commit as a reader wants to see it.
type Commit struct {
	Hash    string
	When    int64 // seconds since 1970
	Subject string
}

// New makes an index. It puts the lists in order where the order carries no
// meaning, and drops edges to nowhere.
func New(c Contents) *Index {
	ix := &Index{Contents: c}
	ix.sort()
	ix.link()
	return ix
}

func (ix *Index) sort() {
	sane := func(edges []Edge, n int) []Edge {
		edges = slices.DeleteFunc(edges, func(e Edge) bool {
			return e.From < 0 || e.To < 0 || int(e.From) >= n || int(e.To) >= n || e.From == e.To
		})
		slices.SortFunc(edges, compareEdges)
		return slices.CompactFunc(edges, func(a, b Edge) bool { return a.From == b.From && a.To == b.To })
	}
	ix.Imports = sane(ix.Imports, len(ix.Files))
	ix.Requests = sane(ix.Requests, len(ix.Files))
	ix.Calls = sane(ix.Calls, len(ix.Symbols))
	ix.Loads = slices.DeleteFunc(ix.Loads, func(e Edge) bool {
		return e.From < 0 || e.To < 0 || int(e.From) >= len(ix.Files) || int(e.To) >= len(ix.Symbols)
	})
	slices.SortFunc(ix.Loads, compareEdges)
	ix.Loads = slices.CompactFunc(ix.Loads, func(a, b Edge) bool { return a.From == b.From && a.To == b.To })
	ix.Uses = sane(ix.Uses, len(ix.Components))
	for i := range ix.Components {
		if c := &ix.Components[i]; int(c.Parent) >= i {
			c.Parent = -1
		}
	}
	slices.SortFunc(ix.Couples, func(a, b Couple) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
}

// compareEdges puts the surest and heaviest of equal edges first.
func compareEdges(a, b Edge) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.Weight, a.Weight))
}

// link builds what look-ups need.
func (ix *Index) link() {
	ix.used, ix.users = newAdjacency(ix.Imports, len(ix.Files))
	_, ix.askers = newAdjacency(ix.Requests, len(ix.Files))
	ix.callees, ix.callers = newAdjacency(ix.Calls, len(ix.Symbols))
	_, ix.loaders = newAdjacency(ix.Loads, max(len(ix.Files), len(ix.Symbols)))
	ix.symbolsOf = make([]int32, len(ix.Files)+1)
	ix.symbolsByLastName = make(map[string][]int32, len(ix.Symbols))
	for i := range ix.Symbols {
		s := &ix.Symbols[i]
		ix.symbolsOf[s.File+1]++
		last := lastName(s.Name)
		ix.symbolsByLastName[last] = append(ix.symbolsByLastName[last], number(i))
	}
	ix.declaredBy = map[int32][]int32{}
	for i := range ix.Symbols {
		if s := &ix.Symbols[i]; s.DeclaredLine > 0 && s.DeclaredIn != s.File {
			ix.declaredBy[s.DeclaredIn] = append(ix.declaredBy[s.DeclaredIn], number(i))
		}
	}
	for _, list := range ix.declaredBy {
		slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(ix.Symbols[a].DeclaredLine, ix.Symbols[b].DeclaredLine) })
	}
	for i := range ix.Files {
		ix.symbolsOf[i+1] += ix.symbolsOf[i]
	}
	ix.linkTwins()
	ix.componentsByName = make(map[string]int32, len(ix.Components))
	for i := range ix.Components {
		ix.componentsByName[ix.Components[i].Name] = number(i)
	}
	ix.topOf, ix.partsOf = make([]int32, len(ix.Components)), make([]int32, len(ix.Components))
	for i := range ix.Components {
		ix.topOf[i] = number(i)
		if parent := ix.Components[i].Parent; parent >= 0 {
			ix.topOf[i] = ix.topOf[parent]
			ix.partsOf[parent]++
		}
	}
	ix.membersOf = make([][]int32, len(ix.Components))
	for i := range ix.Files {
		for c := ix.Files[i].Component; c >= 0; c = ix.Components[c].Parent {
			ix.membersOf[c] = append(ix.membersOf[c], number(i))
		}
	}
	ix.testsByName = map[string][]int32{}
	for i := range ix.Files {
		if ix.Files[i].Test {
			name := bareName(ix.Files[i].Path)
			ix.testsByName[name] = append(ix.testsByName[name], number(i))
		}
	}
	ix.testNames = slices.Sorted(maps.Keys(ix.testsByName))
	ix.couplesOf = make([][]int32, len(ix.Files))
	for i, c := range ix.Couples {
		ix.couplesOf[c.A] = append(ix.couplesOf[c.A], number(i))
		ix.couplesOf[c.B] = append(ix.couplesOf[c.B], number(i))
	}
}

// linkTwins finds the symbols that share their name with others of their file.
func (ix *Index) linkTwins() {
	ix.shared = map[int32]bool{}
	first := map[string]int32{}
	for file := range ix.Files {
		clear(first)
		for i, upTo := ix.symbols(number(file)); i < upTo; i++ {
			if other, known := first[ix.Symbols[i].Name]; known {
				ix.shared[other], ix.shared[i] = true, true
			} else {
				first[ix.Symbols[i].Name] = i
			}
		}
	}
}

// number makes a place in a list that is held in memory a number of four bytes.
func number(i int) int32 {
	return int32(i) //nolint:gosec // the lists have fewer entries
}

func lastName(qualified string) string {
	return qualified[strings.LastIndexByte(qualified, '.')+1:]
}

// file returns the place of the file at a path.
func (ix *Index) file(path string) (int32, bool) {
	i, ok := slices.BinarySearchFunc(ix.Files, path, func(f File, p string) int { return strings.Compare(f.Path, p) })
	return number(i), ok
}

// symbols returns the places of a file's symbols: the first, and the one after
// the last.
func (ix *Index) symbols(file int32) (from, upTo int32) {
	return ix.symbolsOf[file], ix.symbolsOf[file+1]
}

// componentName is the name of the component of the first level that one is in.
func (ix *Index) componentName(i int32) string {
	if i < 0 {
		return ""
	}
	return ix.Components[ix.topOf[i]].Name
}

// place returns the names of the components that one is in, the outermost
// first, and its own.
func (ix *Index) place(i int32) []string {
	names := []string{}
	for ; i >= 0; i = ix.Components[i].Parent {
		names = append(names, ix.Components[i].Name)
	}
	slices.Reverse(names)
	return names
}

// parted divides people into those who are still here and the others, each in
// their order.
func (ix *Index) parted(people []int32) (here, left []int32) {
	for _, p := range people {
		if ix.People[p].Here {
			here = append(here, p)
		} else {
			left = append(left, p)
		}
	}
	return here, left
}

// former names those who are not here any more, alphabetical. Of two with one
// name the later one counts.
func (ix *Index) former(people []int32) []report.Former {
	out := make([]report.Former, 0, len(people))
	for _, p := range slices.Sorted(slices.Values(people)) {
		f := report.Former{Name: ix.People[p].Name, LastSeen: quarter(ix.People[p].Quarter)}
		if n := len(out); n == 0 || out[n-1].Name != f.Name {
			out = append(out, f)
		} else {
			out[n-1].LastSeen = max(out[n-1].LastSeen, f.LastSeen)
		}
	}
	return out
}

func quarter(q int32) string {
	if q <= 0 {
		return ""
	}
	return fmt.Sprintf("%04d-Q%d", q/4, q%4+1)
}

// names returns the names of people, alphabetical, each once.
func (ix *Index) names(people []int32) []string {
	sorted := slices.Clone(people)
	slices.Sort(sorted) // People is alphabetical
	out := make([]string, 0, len(people))
	for _, p := range sorted {
		if name := ix.People[p].Name; len(out) == 0 || out[len(out)-1] != name {
			out = append(out, name)
		}
	}
	return out
}

// moment makes a time of stored seconds, nil for 0.
func moment(seconds int64) *time.Time {
	if seconds == 0 {
		return nil
	}
	return new(time.Unix(seconds, 0).UTC())
}

func bandName(band uint8) *string {
	if band == OwnershipUnknown || int(band) >= len(bands) {
		return nil
	}
	return new(bands[band])
}

// adjacency lists edges by one of their ends in two arrays.
type adjacency struct {
	start []int32
	edges []int32 // places in the list of edges
}

func newAdjacency(edges []Edge, n int) (forward, backward adjacency) {
	forward, backward = adjacency{start: make([]int32, n+1), edges: make([]int32, len(edges))}, adjacency{start: make([]int32, n+1), edges: make([]int32, len(edges))}
	for _, e := range edges {
		forward.start[e.From+1]++
		backward.start[e.To+1]++
	}
	for i := range n {
		forward.start[i+1] += forward.start[i]
		backward.start[i+1] += backward.start[i]
	}
	f, b := slices.Clone(forward.start), slices.Clone(backward.start)
	for i, e := range edges {
		forward.edges[f[e.From]], backward.edges[b[e.To]] = number(i), number(i)
		f[e.From]++
		b[e.To]++
	}
	return forward, backward
}

func (a *adjacency) of(i int32) []int32 { return a.edges[a.start[i]:a.start[i+1]] }
