package graph

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// link is one end of an edge.
type link struct {
	file   int32
	refs   int32   // uses of names, at least 1
	sure   uint8   // percent
	weight float32 // for PageRank: see weigh
}

// adjacency holds the links of every file in one list, so that a million edges
// cost no more than their bytes.
type adjacency struct {
	start []int32 // by file; the last entry is the end
	links []link  // by file, then by the other end
}

func (a *adjacency) of(i int32) []link { return a.links[a.start[i]:a.start[i+1]] }

// builder collects the edges of one file at a time. The families come one after
// the other and a file belongs to one, so files come in no order.
type builder struct {
	t        *tree
	from     int32
	current  map[int32]link       // edges of the file at hand
	refs     []language.Reference // names that the file at hand uses
	uses     map[string]int       // the same by name
	rows     [][]link             // by file
	internal int
	outside  int
	missing  int
	external map[Use][]int32
}

func newBuilder(t *tree) *builder {
	return &builder{
		t: t, current: map[int32]link{}, uses: map[string]int{},
		rows: make([][]link, len(t.files)), external: map[Use][]int32{},
	}
}

// file resolves one file: what resolve says is about it.
func (b *builder) file(i int32, resolve func(f *language.Facts)) {
	facts := b.t.files[i].Facts
	b.from = i
	clear(b.current)
	clear(b.uses)
	b.refs = facts.References
	for _, r := range facts.References {
		b.uses[r.Name] = r.Count
	}
	resolve(facts)
	row := make([]link, 0, len(b.current))
	for _, l := range b.current {
		row = append(row, l)
	}
	slices.SortFunc(row, func(x, y link) int { return int(x.file) - int(y.file) })
	b.rows[i] = row
}

// add adds uses of a name of another file, "" for the file as a whole.
// declared is how many files declare the name.
func (b *builder) add(to int32, name string, refs, declared int) {
	b.perhaps(to, name, refs, declared, certain)
}

// certain is how sure an edge is that the rules of a language tell, in percent.
const certain = 100

// perhaps is add for what is only so sure, in percent. Of an edge the surest word
// counts.
func (b *builder) perhaps(to int32, name string, refs, declared int, sure uint8) {
	if to < 0 || to == b.from {
		return
	}
	refs = max(refs, 1)
	l := b.current[to]
	l.file, l.sure = to, max(l.sure, sure)
	l.refs += int32(min(refs, math.MaxInt16))
	l.weight += weigh(name, refs, declared)
	b.current[to] = l
}

// weigh is the weight of an edge as in aider's repository map: the root of the
// number of references, more for long telling names, less for private names
// and for those that many files declare. An import without a name weighs 1.
func weigh(name string, refs, declared int) float32 {
	w := math.Sqrt(float64(refs))
	if isTelling(name) {
		w *= 10
	}
	if strings.HasPrefix(name, "_") {
		w *= 0.1
	}
	if declared > 5 {
		w *= 0.1
	}
	return float32(w)
}

// isTelling reports whether a name is long and made of several words.
func isTelling(name string) bool {
	if len(name) < 8 {
		return false
	}
	upper, lower := false, false
	for _, r := range name {
		upper = upper || unicode.IsUpper(r)
		lower = lower || unicode.IsLower(r)
	}
	return upper && lower || lower && strings.ContainsAny(name, "_-")
}

// use notes that the file at hand uses something outside the tree. A name is ""
// for what comes with the language.
func (b *builder) use(ecosystem, name string) {
	b.outside++
	b.note(ecosystem, name)
}

// note is use for what is used without an import of its own.
func (b *builder) note(ecosystem, name string) {
	if name == "" {
		return
	}
	u := Use{Ecosystem: ecosystem, Name: name}
	files := b.external[u]
	if len(files) == 0 || files[len(files)-1] != b.from {
		b.external[u] = append(files, b.from)
	}
}

// graph puts the rows together.
func (b *builder) graph() *Graph {
	g := &Graph{files: b.t.files, index: b.t.index, external: b.external, layout: b.t.layout}
	for i, row := range b.rows {
		g.totals.Edges += len(row)
		if b.t.files[i].Facts != nil {
			g.totals.Nodes++
		}
	}
	g.totals.Internal, g.totals.External, g.totals.Unresolved = b.internal, b.outside, b.missing
	g.out = adjacency{start: make([]int32, len(b.rows)+1), links: make([]link, 0, g.totals.Edges)}
	for i, row := range b.rows {
		g.out.links = append(g.out.links, row...)
		g.out.start[i+1] = int32(min(len(g.out.links), math.MaxInt32))
	}
	g.in = g.out.reversed()
	return g
}

// reversed returns the same edges by their targets.
func (a *adjacency) reversed() adjacency {
	n := len(a.start) - 1
	r := adjacency{start: make([]int32, n+1), links: make([]link, len(a.links))}
	for _, l := range a.links {
		r.start[l.file+1]++
	}
	for i := range n {
		r.start[i+1] += r.start[i]
	}
	next := slices.Clone(r.start)
	for from := range n {
		for _, l := range a.of(int32(from)) {
			to := l.file
			l.file = int32(from)
			r.links[next[to]] = l
			next[to]++
		}
	}
	return r
}
