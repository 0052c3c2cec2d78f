// Package gocalls says which Go function calls which, by the types of the
// language: calls of functions and methods, of methods of interfaces by the
// types that are made one, and of function values by their signature, among
// those that are used as values (rapid type analysis, Bacon and Sweeney, OOPSLA
// 1996, as golang.org/x/tools/go/callgraph/rta has it).
//
// Only the source of the tree's own modules is there. Of the standard library
// the package knows the parts that call back or hand values through (folder
// std), of everything else the names: an expression of which the type is not
// known loses its calls and nothing more.
//
// It is pure and may import go/types and what belongs to it, and txtar.
package gocalls

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// Module is a Go module of the tree.
type Module struct {
	Path, Dir string
	Replace   map[string]string // import path → folder of the tree
}

// File is a Go file of the tree.
type File struct {
	Path    string
	Content []byte
}

// Function names a function with a body by its place.
type Function struct {
	Path string
	Line int    // of the word func
	Name string // "F" or "T.M"
}

// Edge says that one function calls another.
type Edge struct {
	From, To   Function
	Count      int32
	Confidence uint8 // percent
}

// MaxBytes bounds the source that is read: its types take about twenty times
// the memory of one package at a time, and three times that of all of it.
const MaxBytes = 40 << 20

// Resolve returns the calls between the functions of the modules, sorted, and
// the files whose functions it knows. A package that cannot be checked loses its
// calls. Without a module, or with more than MaxBytes, it returns nothing.
func Resolve(ctx context.Context, modules []Module, files []File) (edges []Edge, known map[string]bool, err error) {
	size := 0
	for _, f := range files {
		size += len(f.Content)
	}
	if len(modules) == 0 || size > MaxBytes {
		return nil, nil, ctx.Err()
	}
	p := newProgram(modules, files)
	for _, pkg := range p.order() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		p.check(pkg)
	}
	for _, pkg := range p.sorted() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		p.checkTests(pkg)
	}
	return p.summary.solve(), p.known, nil
}

// program is the packages of all modules.
type program struct {
	modules  []Module
	packages map[string]*pkg // by import path
	std      *external
	summary  *summary
	known    map[string]bool
}

// pkg is a folder of Go files.
type pkg struct {
	path     string
	files    []File // of the package
	tests    []File // in the package
	outside  []File // tests in the package with _test
	imports  []string
	checked  *types.Package
	variant  *types.Package // with its tests
	visiting bool
}

func newProgram(modules []Module, files []File) *program {
	modules = slices.Clone(modules)
	slices.SortFunc(modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	p := &program{modules: modules, packages: map[string]*pkg{}, std: newExternal(), summary: newSummary(), known: map[string]bool{}}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range files {
		importPath, ok := p.importPath(path.Dir(f.Path))
		if !ok || !built(f.Path, f.Content) {
			continue
		}
		p.add(importPath, f)
	}
	return p
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

func (p *program) add(importPath string, f File) {
	tree, _ := parser.ParseFile(token.NewFileSet(), "", f.Content, parser.ImportsOnly)
	if tree == nil {
		return
	}
	k := p.packages[importPath]
	if k == nil {
		k = &pkg{path: importPath}
		p.packages[importPath] = k
	}
	switch {
	case !strings.HasSuffix(f.Path, "_test.go"):
		k.files = append(k.files, f)
		for _, spec := range tree.Imports {
			k.imports = append(k.imports, strings.Trim(spec.Path.Value, "`\""))
		}
	case strings.HasSuffix(tree.Name.Name, "_test"):
		k.outside = append(k.outside, f)
	default:
		k.tests = append(k.tests, f)
	}
}

func (p *program) sorted() []*pkg {
	out := make([]*pkg, 0, len(p.packages))
	for _, k := range p.packages {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b *pkg) int { return strings.Compare(a.path, b.path) })
	return out
}

// order sorts the packages so that what is imported comes first. An import that
// closes a circle is none.
func (p *program) order() []*pkg {
	var out []*pkg
	done := map[*pkg]bool{}
	var visit func(k *pkg)
	visit = func(k *pkg) {
		if k == nil || done[k] || k.visiting {
			return
		}
		k.visiting = true
		slices.Sort(k.imports)
		for _, imp := range k.imports {
			visit(p.packages[imp])
		}
		k.visiting, done[k] = false, true
		out = append(out, k)
	}
	for _, k := range p.sorted() {
		visit(k)
	}
	return out
}

// check checks a package without its tests.
func (p *program) check(k *pkg) {
	if len(k.files) == 0 {
		return
	}
	fset := token.NewFileSet()
	trees := parse(fset, k.files)
	k.checked = p.run(k.path, fset, trees, trees, nil)
}

// checkTests checks the tests of a package: those inside together with the
// package, whose bodies are left out, and those outside.
func (p *program) checkTests(k *pkg) {
	if len(k.tests) > 0 {
		fset := token.NewFileSet()
		own, tests := parse(fset, k.files), parse(fset, k.tests)
		for _, tree := range own {
			for _, d := range tree.Decls {
				if f, ok := d.(*ast.FuncDecl); ok {
					f.Body = nil
				}
			}
		}
		k.variant = p.run(k.path, fset, slices.Concat(own, tests), tests, nil)
	}
	if len(k.outside) > 0 {
		fset := token.NewFileSet()
		trees := parse(fset, k.outside)
		p.run(k.path+"_test", fset, trees, trees, k)
	}
	k.variant = nil
}

func parse(fset *token.FileSet, files []File) []*ast.File {
	var out []*ast.File
	for _, f := range files {
		tree, _ := parser.ParseFile(fset, f.Path, f.Content, parser.SkipObjectResolution)
		if tree != nil && tame(tree) {
			out = append(out, tree)
		}
	}
	return out
}

// maxNesting bounds how deep expressions and statements nest: the checker calls
// itself for each level.
const maxNesting = 10_000

// tame empties the texts of a file, of which types need none, and makes no sum of
// constants that are not written out: 60 that double each other would fill the
// memory. It reports whether the file can be checked.
func tame(tree *ast.File) bool {
	depth, deepest, endless := 0, 0, false
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			depth--
			return true
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				n.Value = "``"
			}
		case *ast.TypeSpec:
			endless = endless || n.TypeParams != nil && mayGrow(n.Type)
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				ast.Inspect(n, unsum)
			}
		default:
		}
		depth++
		deepest = max(deepest, depth)
		return true
	})
	return deepest <= maxNesting && !endless
}

// mayGrow reports whether a generic type embeds another with more than names for
// its parameters. Such a type may embed one that embeds a larger one and so on,
// and the checker looks for methods without an end.
func mayGrow(t ast.Expr) bool {
	grows := false
	embeds := func(fields *ast.FieldList) {
		for _, field := range fields.List {
			grows = grows || len(field.Names) == 0 && !namesOnly(field.Type)
		}
	}
	ast.Inspect(t, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			embeds(n.Fields)
		case *ast.InterfaceType:
			embeds(n.Methods)
		default:
		}
		return true
	})
	return grows
}

// namesOnly reports whether a type has names only for its parameters.
func namesOnly(t ast.Expr) bool {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		return isName(x.Index)
	case *ast.IndexListExpr:
		return !slices.ContainsFunc(x.Indices, func(arg ast.Expr) bool { return !isName(arg) })
	}
	return true
}

func isName(x ast.Expr) bool {
	switch x.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return true
	}
	return false
}

// unsum makes a sum a difference: the same for numbers, and nothing for texts.
func unsum(n ast.Node) bool {
	if sum, ok := n.(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		_, left := sum.X.(*ast.BasicLit)
		_, right := sum.Y.(*ast.BasicLit)
		if !left && !right {
			sum.Op = token.SUB
		}
	}
	return true
}

// run checks files as one package and reads what some of them say. A panic of
// the checker, on a program that is none, costs the package.
func (p *program) run(importPath string, fset *token.FileSet, trees, read []*ast.File, of *pkg) (checked *types.Package) {
	defer func() {
		if recover() != nil {
			checked = nil
		}
	}()
	for _, tree := range trees {
		p.std.scan(tree, func(imp string) bool { return p.packages[imp] != nil })
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	endless := false
	config := types.Config{
		Importer: importer{p, of}, FakeImportC: true, DisableUnusedImportCheck: true,
		// Most faults are of what is not known. A type without an end has no methods
		// that could be listed.
		Error: func(err error) { endless = endless || strings.Contains(err.Error(), "instantiation cycle") },
	}
	checked, _ = config.Check(importPath, fset, trees, info)
	if checked == nil || endless {
		return nil
	}
	r := &fileReader{p: p, s: p.summary, fset: fset, info: info, pkg: checked}
	for _, tree := range read {
		p.known[fset.PositionFor(tree.Package, false).Filename] = true
		r.file(tree)
	}
	return checked
}

// importer gives packages to the checker.
type importer struct {
	p  *program
	of *pkg // whose tests are checked, nil for none
}

// Import returns a package of the modules, or what is known of another.
func (i importer) Import(importPath string) (*types.Package, error) {
	k := i.p.packages[importPath]
	switch {
	case k == nil:
		return i.p.std.pkg(importPath), nil
	case k == i.of && k.variant != nil:
		return k.variant, nil
	case k.checked != nil:
		return k.checked, nil
	}
	return i.p.std.pkg(importPath), nil // of a circle, or without files that are built here
}
