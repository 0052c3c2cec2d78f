// Package calls says which function calls which.
//
// [ByName] resolves the calls that parsers read by their names, through the
// imports, for every language; each edge has a confidence. It is pure and may
// import analysis/language and the standard library only.
package calls

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// File is a file whose calls are resolved.
type File struct {
	Path     string
	Language string // Linguist's name
	Test     bool
	Facts    *language.Facts // nil when no parser read it
	Uses     []int32         // files that it uses, by its imports
}

// Symbol names a declaration: its file, and its place in Facts.Declares, -1 for
// what runs when the file is loaded.
type Symbol struct{ File, Declaration int32 }

// loading is the place of what runs when a file is loaded.
const loading = -1

// Edge says that one function calls another.
type Edge struct {
	From, To   Symbol
	Count      int32 // calls
	Confidence uint8 // percent, 1–100
}

// The confidence of an edge, in percent, by how its target was found. Where
// several things may be meant, it is divided by their number.
const (
	sureSelf     = 100 // a member of the same type, by self or this, or a function that the file alone declares
	surePackage  = 95  // declared in the package or taken by name from an imported file
	sureType     = 90  // a member of a type that is written for the receiver
	sureBase     = 85  // the same, found in a type that it extends
	sureImport   = 75  // declared by an imported file, not named by the import
	guessMember  = 50  // a member of that name in a file that is used
	maxAmbiguous = 4   // of more candidates none is named
)

// maxEdges bounds the edges of one tree.
const maxEdges = 3_000_000

// ByName resolves calls by name. Edges come sorted by From, then To, each pair
// once with the highest confidence that it was found with. Calls outside any
// function come from the variable or constant whose value they stand in, else from
// the file. definitions are those that [Definitions] tells of the same files.
func ByName(files []File, definitions map[Symbol]Symbol) []Edge {
	first := newResolver(files)
	first.definitions = definitions
	byFile := make([][]Edge, len(files))
	var next, edges atomic.Int64
	work := func(r *resolver) {
		// Files are taken in their order, so that those up to the bound are done
		// whichever worker comes to it.
		for edges.Load() <= maxEdges {
			i := int(next.Add(1)) - 1
			if i >= len(files) {
				return
			}
			if files[i].Facts != nil {
				byFile[i] = r.file(int32(i)) //nolint:gosec // files in memory
				edges.Add(int64(len(byFile[i])))
			}
		}
	}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) - 1 {
		workers.Go(func() { work(first.another()) })
	}
	work(first)
	workers.Wait()
	var out []Edge
	for _, list := range byFile {
		if out = append(out, list...); len(out) > maxEdges {
			break
		}
	}
	return out
}

// resolver knows what files declare.
type resolver struct {
	files   []File
	byName  []map[string][]int32  // by file: declarations of a name, members too
	nearby  []map[string][]Symbol // by file: declarations of a name in its package, of its own files too; nil for languages without
	imports []*imports            // by file, made when they are asked for
	owner   [][]int32             // by file: the declaration of each function, -1 for none
	ofType  map[memberKey]found   // what was looked for in types; without a confidence where nothing is
	types   map[typeKey][]Symbol  // the types that were looked for by name

	definitions map[Symbol]Symbol // see Definitions

	remembered int // symbols in types
}

func newResolver(files []File) *resolver {
	r := &resolver{
		files: files, byName: make([]map[string][]int32, len(files)), nearby: make([]map[string][]Symbol, len(files)),
		owner: make([][]int32, len(files)), imports: make([]*imports, len(files)), ofType: map[memberKey]found{}, types: map[typeKey][]Symbol{},
	}
	packages := map[string]map[string][]Symbol{}
	for i := range files {
		f := &files[i]
		if f.Facts == nil {
			continue
		}
		if key := packageOf(f); key != "" {
			if packages[key] == nil {
				packages[key] = map[string][]Symbol{}
			}
			r.nearby[i] = packages[key]
		}
		names := make(map[string][]int32, len(f.Facts.Declares))
		for d := range f.Facts.Declares {
			n, at := f.Facts.Declares[d].Name, int32(d)
			names[n] = append(names[n], at)
			if r.nearby[i] != nil {
				r.nearby[i][n] = append(r.nearby[i][n], Symbol{int32(i), at})
			}
		}
		r.byName[i] = names
		r.owner[i] = owners(f.Facts)
	}
	return r
}

// another is a resolver of the same files for another worker: what they declare is
// shared, what is remembered of searches is not.
func (r *resolver) another() *resolver {
	return &resolver{
		files: r.files, byName: r.byName, nearby: r.nearby, owner: r.owner, definitions: r.definitions,
		imports: make([]*imports, len(r.files)), ofType: map[memberKey]found{}, types: map[typeKey][]Symbol{},
	}
}

// packageOf is what files share that see each other's names without an import.
func packageOf(f *File) string {
	folder := f.Path[:strings.LastIndexByte(f.Path, '/')+1]
	switch f.Language {
	case "Go":
		return "go " + folder + " " + f.Facts.Package
	case "Java", "Kotlin", "C#":
		if f.Facts.Package == "" {
			return f.Language + " " + folder
		}
		return f.Language + " " + f.Facts.Package
	}
	return ""
}

// owners finds the declaration of each function: the one that starts where it
// does under its name, else the innermost function or method around it.
func owners(facts *language.Facts) []int32 {
	out := make([]int32, len(facts.Functions))
	for i := range facts.Functions {
		fn := &facts.Functions[i]
		out[i] = -1
		best := 1 << 30
		for d := range facts.Declares {
			decl := &facts.Declares[d]
			if !callable(decl.Kind) || decl.Line > fn.Line || decl.EndLine < fn.EndLine {
				continue
			}
			size := decl.EndLine - decl.Line
			if decl.Name == last(fn.Name) {
				size-- // of two on the same lines the one of its name
			}
			if size < best {
				best, out[i] = size, int32(d)
			}
		}
	}
	return out
}

func callable(k language.Kind) bool {
	return k == language.KindFunction || k == language.KindMethod || k == language.KindVariable || k == language.KindConstant
}

func last(qualified string) string { return qualified[strings.LastIndexByte(qualified, '.')+1:] }

// found is what a call may mean.
type found struct {
	symbol     Symbol
	confidence int
}

// file resolves the calls of one file.
func (r *resolver) file(i int32) []Edge {
	at := map[[2]Symbol]int{}
	var out []Edge
	for _, c := range r.files[i].Facts.Calls {
		from := r.caller(i, &c)
		targets := r.targets(from, &c)
		if first, more := r.definitions[from]; more {
			from = first
		}
		for _, t := range targets {
			confidence := uint8(max(t.confidence/len(targets), 1)) //nolint:gosec // at most 100
			if t.symbol == from {
				continue
			}
			if place, known := at[[2]Symbol{from, t.symbol}]; known {
				out[place].Count += c.Count
				out[place].Confidence = max(out[place].Confidence, confidence)
				continue
			}
			at[[2]Symbol{from, t.symbol}] = len(out)
			out = append(out, Edge{From: from, To: t.symbol, Count: c.Count, Confidence: confidence})
		}
	}
	slices.SortFunc(out, compare)
	return out
}

// caller is what a call stands in.
func (r *resolver) caller(file int32, c *language.Call) Symbol {
	if c.Function >= 0 && int(c.Function) < len(r.owner[file]) && r.owner[file][c.Function] >= 0 {
		return Symbol{file, r.owner[file][c.Function]}
	}
	best, size := int32(loading), 1<<30
	for n := range r.files[file].Facts.Declares {
		d := &r.files[file].Facts.Declares[n]
		if d.Kind != language.KindVariable && d.Kind != language.KindConstant || d.Owner != "" || d.Line > int(c.Line) || d.EndLine < int(c.Line) {
			continue
		}
		if d.EndLine-d.Line < size {
			best, size = int32(n), d.EndLine-d.Line
		}
	}
	return Symbol{file, best}
}

func compare(a, b Edge) int {
	return cmp.Or(
		cmp.Compare(a.From.File, b.From.File), cmp.Compare(a.From.Declaration, b.From.Declaration),
		cmp.Compare(a.To.File, b.To.File), cmp.Compare(a.To.Declaration, b.To.Declaration),
	)
}

// targets finds what a call may mean, nothing when too many things may.
func (r *resolver) targets(from Symbol, c *language.Call) []found {
	first, rest, deep := strings.Cut(c.Receiver, ".")
	var list []found
	switch {
	case c.Receiver == "":
		list = r.bare(from, c.Name)
	case c.Receiver == "?":
		list = r.members(from.File, c.Name)
	case isSelf(first):
		list = r.bySelf(from, rest, c.Name)
	case !deep:
		list = r.byReceiver(from, first, c.Name)
	default:
		list = r.byPath(from, c)
	}
	list = r.defined(list)
	if len(list) > maxAmbiguous {
		return nil
	}
	return list
}

func isSelf(name string) bool {
	return name == "self" || name == "this" || name == "cls" || name == "Self" || name == "super" || name == "static" || name == "$this" || name == "base" || name == "parent"
}

// declaration returns what a symbol names, nothing for a file.
func (r *resolver) declaration(s Symbol) *language.Declaration {
	if s.Declaration < 0 {
		return &language.Declaration{}
	}
	return &r.files[s.File].Facts.Declares[s.Declaration]
}

// in lists the declarations of a name in a file for which want holds.
func (r *resolver) in(file int32, name string, want func(d *language.Declaration) bool) []Symbol {
	var out []Symbol
	if file < 0 || r.byName[file] == nil {
		return nil
	}
	for _, d := range r.byName[file][name] {
		if want(&r.files[file].Facts.Declares[d]) {
			out = append(out, Symbol{file, d})
		}
	}
	return out
}

func atTop(d *language.Declaration) bool {
	return d.Owner == "" && d.Kind != language.KindMethod && d.Kind != language.KindField
}

func isType(d *language.Declaration) bool {
	return d.Kind == language.KindType || d.Kind == language.KindInterface || d.Kind == language.KindModule
}

func sure(list []Symbol, confidence int) []found {
	out := make([]found, 0, len(list))
	for _, s := range list {
		out = append(out, found{s, confidence})
	}
	return out
}
