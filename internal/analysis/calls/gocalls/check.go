package gocalls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// checker checks packages one after the other.
type checker struct {
	fset     *token.FileSet
	external *external
	own      map[*types.Package]*unit // packages of the tree
}

func newChecker() *checker {
	return &checker{fset: token.NewFileSet(), external: newExternal(), own: map[*types.Package]*unit{}}
}

func (c *checker) parse(files []File, list []int) []*ast.File {
	var out []*ast.File
	for _, i := range list {
		if files[i].Content == nil {
			continue
		}
		tree, _ := parser.ParseFile(c.fset, files[i].Path, files[i].Content, parser.SkipObjectResolution)
		if tree != nil && tame(tree) {
			out = append(out, tree)
		}
	}
	return out
}

// withoutBodies leaves what others see of files.
func withoutBodies(trees []*ast.File) {
	for _, tree := range trees {
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				f.Body = nil
			}
		}
	}
}

// task is one check.
type task struct {
	path  string
	trees []*ast.File
	read  []*ast.File // whose functions are read; the unit describes the types that these declare
	known func(importPath string) *types.Package
	own   func(importPath string) bool // whether a path is one of the tree
	names map[string]map[string]int    // types of packages that are not known
	views map[string]*types.Package
}

// Import returns a package of the modules, or what is known of another.
func (t *task) Import(e *external, importPath string) *types.Package {
	if k := t.known(importPath); k != nil {
		return k
	}
	if t.views[importPath] == nil {
		t.views[importPath] = e.view(importPath, t.names[importPath])
	}
	return t.views[importPath]
}

type taskImporter struct {
	t *task
	e *external
}

// Import satisfies types.Importer.
func (i taskImporter) Import(importPath string) (*types.Package, error) {
	return i.t.Import(i.e, importPath), nil
}

// check checks a package; endless tells of a type without an end. A panic of the
// checker, on a program that is none, costs the package.
func (c *checker) check(t *task, info *types.Info) (checked *types.Package, endless bool) {
	defer func() {
		if recover() != nil {
			checked = nil
		}
	}()
	t.names, t.views = c.external.scan(t.trees, t.own), map[string]*types.Package{}
	config := types.Config{
		Importer: taskImporter{t, c.external}, FakeImportC: true, DisableUnusedImportCheck: true, IgnoreFuncBodies: info == nil,
		// Most faults are of what is not known. A type without an end has no methods
		// that could be listed.
		Error: func(err error) { endless = endless || strings.Contains(err.Error(), "instantiation cycle") },
	}
	checked, _ = config.Check(t.path, c.fset, t.trees, info)
	return checked, endless
}

// unit checks a package and reads what its functions do.
func (c *checker) unit(t *task, content string) (u *unit, checked *types.Package) {
	u = newUnit(c.fset, func(k *types.Package) bool { _, ok := c.own[k]; return ok })
	defer func() {
		if recover() != nil || checked == nil {
			u = &unit{failed: true, whole: content, exports: content, all: content, uses: u.uses}
			delete(c.own, checked)
			checked = nil
		}
	}()
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	found, endless := c.check(t, info)
	u.uses = t.uses()
	if found == nil || endless {
		return u, nil
	}
	c.own[found] = u
	checked = found
	r := &fileReader{external: c.external, u: u, fset: c.fset, info: info, pkg: checked}
	for _, tree := range t.read {
		u.files = append(u.files, u.plain(c.fset.PositionFor(tree.Package, false).Filename))
		r.file(tree)
	}
	u.declared(checked, c.within(t.read))
	withoutBodies(t.trees)
	c.digest(u, t, checked, content)
	u.finish()
	return u, checked
}

// within reports whether a position lies in one of the files.
func (c *checker) within(trees []*ast.File) func(token.Pos) bool {
	type span struct{ from, to token.Pos }
	var spans []span
	for _, tree := range trees {
		spans = append(spans, span{tree.FileStart, tree.FileEnd})
	}
	return func(at token.Pos) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return s.from <= at && at <= s.to })
	}
}
