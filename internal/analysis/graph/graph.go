// Package graph turns the imports and names of single files into a map of the
// code: which file uses which, what belongs together, what rests on what, and
// in what order a newcomer reads it.
//
// [Resolve] gives the file graph, [Graph.Map] the components, and
// [Graph.ReadingOrder] the way through them. Resolution follows the rules of
// each language: golang.go, python.go, node.go, java.go, php.go, ruby.go, rust.go, c.go. Languages without a
// parser give nodes without edges.
//
// Everything is a pure function of its input, whatever the input's order. It
// may import analysis/language, analysis/manifest, analysis/report and gonum.
package graph

import (
	"iter"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// File is a file that was analysed.
type File struct {
	Path     string // slash-separated, from the root of the tree
	Language string // Linguist's name
	Kind     string // programming, markup, data, prose
	Code     int64  // lines of code
	Test     bool
	Facts    *language.Facts // nil when no parser read it
}

// Tree is what imports are resolved in.
type Tree struct {
	Files []File   // analysed, each path once
	Paths []string // every file of the tree: what was not analysed can be imported all the same
	// Layout is what the manifests say about packages and their folders.
	Layout manifest.Layout
}

// Edge says that one file uses another.
type Edge struct {
	From, To string
	// Refs is how often From uses names of To, at least 1.
	Refs       int
	Confidence uint8 // percent, 1–100
}

// Graph is the graph of the analysed files. It is safe for concurrent reads.
type Graph struct {
	files   []File // sorted by path
	index   map[string]int32
	out, in adjacency
	// Nodes are the files that a parser read. An import is counted once however
	// many names it takes; imports of style sheets, pictures and the like are not
	// counted at all.
	totals   report.GraphTotals
	external map[Use][]int32 // files, ascending
	layout   manifest.Layout
}

// Imports reports whether a uses b, by an import or by a name of its package.
func (g *Graph) Imports(a, b string) bool {
	from, ok := g.index[a]
	to, ok2 := g.index[b]
	return ok && ok2 && g.linked(from, to)
}

func (g *Graph) linked(from, to int32) bool {
	_, found := slices.BinarySearchFunc(g.out.of(from), to, func(l link, to int32) int { return int(l.file) - int(to) })
	return found
}

// Edges yields every edge, sorted by From, then To.
func (g *Graph) Edges() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for i := range g.files {
			for _, l := range g.out.of(int32(i)) {
				if !yield(Edge{From: g.files[i].Path, To: g.files[l.file].Path, Refs: int(l.refs), Confidence: l.sure}) {
					return
				}
			}
		}
	}
}

// Uses returns the files that a file uses, sorted by path.
func (g *Graph) Uses(path string) []string {
	i, ok := g.index[path]
	if !ok {
		return nil
	}
	links := g.out.of(i)
	out := make([]string, len(links))
	for k, l := range links {
		out[k] = g.files[l.file].Path
	}
	return out
}

// Importers returns how many files use a file.
func (g *Graph) Importers(path string) int {
	i, ok := g.index[path]
	if !ok {
		return 0
	}
	return len(g.in.of(i))
}

// Resolve resolves the imports of every file.
func Resolve(t Tree) *Graph {
	tr := newTree(t)
	b := newBuilder(tr)
	for _, family := range families {
		family(tr, b)
	}
	return b.graph()
}

// families resolve the files of one family of languages each.
var families = []func(*tree, *builder){resolveGo, resolvePython, resolveNode, resolveJava, resolveCSharp, resolvePHP, resolveRuby, resolveRust, resolveC}

// sortedFiles returns the files by path, each path once.
func sortedFiles(files []File) []File {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(files, func(a, b File) bool { return a.Path == b.Path })
}
