// Package gocalls says which Go function calls which, by the types of the
// language: calls of functions and methods, of methods of interfaces by the
// types that are made one, and of function values by their signature, among
// those that are used as values (rapid type analysis, Bacon and Sweeney, OOPSLA
// 1996, as golang.org/x/tools/go/callgraph/rta has it).
//
// Only the source of the tree's own modules is there. Of the standard library
// the package knows the parts that call back or hand values through (std.txtar),
// of everything else the names: an expression of which the type is not known
// loses its calls and nothing more.
//
// A package is checked alone, and what its functions do is kept under the content
// of its files and what it sees of the packages that it imports. The graph is
// made of what is kept, so that a second analysis checks what changed.
//
// It is pure and may import go/types and what belongs to it, and txtar.
package gocalls

import (
	"context"
	"go/types"
	"path"
	"slices"
	"strings"
)

// Module is a Go module of the tree.
type Module struct {
	Path, Dir string
}

// File is a Go file of the tree.
type File struct {
	Path string
	Size int64 // bytes
	// ID is the same for two files only if their content is. A folder with a file
	// without one is never kept.
	ID      string
	Content []byte // nil for what Tree.Read gives
}

// Tree is what is resolved.
type Tree struct {
	Modules []Module
	Files   []File
	// Read gives the content of files that have none, by their places in Files, in
	// any order; nothing for those that cannot be had. It is nil when all have one.
	Read  func(ctx context.Context, places []int, visit func(place int, content []byte)) error
	Cache Cache // nil for none
}

// Cache keeps what was found of unchanged packages. What it loses or spoils is
// found again.
type Cache interface {
	Get(key string) ([]byte, bool)
	Put(key string, value []byte)
}

// Function names a function with a body, or a variable of a package whose value
// calls something, by its place.
type Function struct {
	Path     string
	Line     int    // of the word func; of a variable where its declaration begins; 0 of the file as it is loaded
	Name     string // "F" or "T.M"; "" of the file
	Variable bool
}

// Edge says that one function calls another, both by their places in
// Calls.Functions.
type Edge struct {
	From, To   int32
	Count      int32
	Confidence uint8 // percent
	Outside    bool  // only what uses the tree as a library can make it
}

// Calls is what was found.
type Calls struct {
	Functions []Function      // sorted by path, line and name
	Edges     []Edge          // sorted, each pair once
	Known     map[string]bool // paths of the files whose functions are known
	Checked   int             // packages and tests of packages that were checked now, and not kept
}

// MaxBytes bounds the source that is read: its types take about twenty times
// the memory of one package at a time, and three times that of all of it.
const MaxBytes = 40 << 20

// Resolve returns the calls between the functions of the modules. A package that
// cannot be checked loses its calls. Without a module, or with more than MaxBytes,
// it returns nothing. It fails when Read does or ctx is done.
func Resolve(ctx context.Context, t Tree) (*Calls, error) {
	size := int64(0)
	for _, f := range t.Files {
		size += max(f.Size, int64(len(f.Content)))
	}
	if len(t.Modules) == 0 || size > MaxBytes {
		return &Calls{Known: map[string]bool{}}, ctx.Err()
	}
	p := newProgram(t)
	if err := p.readHeads(ctx); err != nil {
		return nil, err
	}
	p.order()
	for _, step := range []func(context.Context) error{p.packageUnits, p.testUnits} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return p.link().solve(), nil
}

// program is the packages of all modules.
type program struct {
	tree     Tree
	files    []File // sorted by path, with what was read of their contents
	asked    []bool // whose content was asked for
	places   []int  // in tree.Files
	modules  []Module
	packages map[string]*pkg // by import path
	ordered  []*pkg
	checker  *checker
	checked  int
}

// pkg is a folder of Go files.
type pkg struct {
	path    string
	place   int   // in the order of imports
	files   []int // of the package
	tests   []int // in the package
	outside []int // tests in the package with _test
	imports imports
	dirty   bool // a file of its folder is new

	visiting bool
	checked  *types.Package // nil until it is needed

	unit, inTests, outsideUnit *unit
}

// imports is what the three kinds of files of a folder import, sorted.
type imports struct{ files, tests, outside []string }

func newProgram(t Tree) *program {
	p := &program{tree: t, modules: slices.Clone(t.Modules), packages: map[string]*pkg{}, checker: newChecker()}
	slices.SortFunc(p.modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	p.places = make([]int, len(t.Files))
	for i := range p.places {
		p.places[i] = i
	}
	slices.SortStableFunc(p.places, func(a, b int) int { return strings.Compare(t.Files[a].Path, t.Files[b].Path) })
	p.files, p.asked = make([]File, len(t.Files)), make([]bool, len(t.Files))
	for i, place := range p.places {
		p.files[i] = t.Files[place]
		p.asked[i] = p.files[i].Content != nil
	}
	return p
}

// need reads the content of files, by their places in p.files.
func (p *program) need(ctx context.Context, list []int) error {
	var places []int
	at := map[int]int{}
	for _, i := range list {
		if !p.asked[i] {
			p.asked[i] = true
			places = append(places, p.places[i])
			at[p.places[i]] = i
		}
	}
	if len(places) == 0 || p.tree.Read == nil {
		return ctx.Err()
	}
	return p.tree.Read(ctx, places, func(place int, content []byte) { p.files[at[place]].Content = content })
}

// importPath returns under which path a folder is imported: that of the module
// with the deepest folder above it.
func (p *program) importPath(dir string) (string, bool) {
	best, depth := "", -1
	for _, m := range p.modules {
		rest, ok := below(dir, m.Dir)
		if d := len(m.Dir); ok && d > depth {
			best, depth = path.Join(m.Path, rest), d
		}
	}
	return best, depth >= 0
}

func below(dir, root string) (string, bool) {
	switch {
	case root == "." || root == "":
		if dir == "." {
			return "", true
		}
		return dir, true
	case dir == root:
		return "", true
	case strings.HasPrefix(dir, root+"/"):
		return dir[len(root)+1:], true
	}
	return "", false
}

// order sorts the packages so that what is imported comes first. An import that
// closes a circle is none.
func (p *program) order() {
	done := map[*pkg]bool{}
	var visit func(k *pkg)
	visit = func(k *pkg) {
		if k == nil || done[k] || k.visiting {
			return
		}
		k.visiting = true
		for _, imp := range k.imports.files {
			visit(p.packages[imp])
		}
		k.visiting, done[k] = false, true
		k.place = len(p.ordered)
		p.ordered = append(p.ordered, k)
	}
	names := make([]string, 0, len(p.packages))
	for name := range p.packages {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		visit(p.packages[name])
	}
}
