package gocalls

import (
	_ "embed"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// std is what of the standard library hands values or calls through: written by
// hand, and complete only as far as that is needed.
//
//go:embed std.txtar
var std []byte

var stdSources = sync.OnceValue(func() map[string][]byte {
	out := map[string][]byte{}
	for _, f := range txtar.Parse(std).Files {
		out[f.Name] = f.Data
	}
	return out
})

// external is the packages that are not in the tree. A type that is not known
// stands for itself: a name without a structure.
type external struct {
	packages map[string]*types.Package
	unknown  map[unknownType]*types.TypeName
	opaque   map[*types.TypeName]bool
}

// unknownType is a type of a package that is not known, with so many parameters.
type unknownType struct {
	path, name string
	parameters int
}

func newExternal() *external {
	return &external{packages: map[string]*types.Package{}, unknown: map[unknownType]*types.TypeName{}, opaque: map[*types.TypeName]bool{}}
}

// pkg returns a package of this path.
func (e *external) pkg(importPath string) *types.Package {
	if importPath == "unsafe" {
		return types.Unsafe
	}
	if k := e.packages[importPath]; k != nil {
		return k
	}
	if source, ok := stdSources()[importPath]; ok {
		fset := token.NewFileSet()
		tree, _ := parser.ParseFile(fset, importPath, source, parser.SkipObjectResolution)
		config := types.Config{Importer: stdImporter{e}, Error: func(error) {}, IgnoreFuncBodies: true}
		if k, _ := config.Check(importPath, fset, []*ast.File{tree}, nil); k != nil {
			e.packages[importPath] = k
			return k
		}
	}
	k := types.NewPackage(importPath, packageName(importPath))
	k.MarkComplete()
	e.packages[importPath] = k
	return k
}

type stdImporter struct{ e *external }

// Import returns a package of the standard library.
func (i stdImporter) Import(importPath string) (*types.Package, error) {
	return i.e.pkg(importPath), nil
}

// packageName guesses the name that a package has: the last part of its path
// without a version, "go-" and ".go".
func packageName(importPath string) string {
	name := path.Base(importPath)
	if isVersion(name) && strings.Contains(importPath, "/") {
		name = path.Base(path.Dir(importPath))
	}
	if before, version, ok := strings.Cut(name, "."); ok && (isVersion(version) || version == "go") {
		name = before // gopkg.in/yaml.v3
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
	return strings.ReplaceAll(name, "-", "")
}

func isVersion(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

// scan finds the types that files take from packages which are not known: by path
// and name, with the number of parameters.
func (e *external) scan(trees []*ast.File, own func(importPath string) bool) map[string]map[string]int {
	s := scanner{e: e, found: map[string]map[string]int{}}
	for _, tree := range trees {
		s.names = map[string]string{}
		for _, spec := range tree.Imports {
			importPath := strings.Trim(spec.Path.Value, "`\"")
			if own(importPath) || importPath == "C" || importPath == "unsafe" {
				continue
			}
			name := e.pkg(importPath).Name()
			if spec.Name != nil {
				name = spec.Name.Name
			}
			s.names[name] = importPath
		}
		if len(s.names) > 0 {
			ast.Inspect(tree, s.visit)
		}
	}
	return s.found
}

// view returns a package with what is known of it and with types of these names.
// Who sees which names does not depend on what others see, and a type is the same
// for all who see it.
func (e *external) view(importPath string, names map[string]int) *types.Package {
	base := e.pkg(importPath)
	if len(names) == 0 || base == types.Unsafe {
		return base
	}
	view := types.NewPackage(importPath, base.Name())
	for _, name := range base.Scope().Names() {
		view.Scope().Insert(base.Scope().Lookup(name))
	}
	for name, parameters := range names {
		view.Scope().Insert(e.unknownType(base, name, parameters))
	}
	view.MarkComplete()
	return view
}

func (e *external) unknownType(k *types.Package, name string, parameters int) *types.TypeName {
	key := unknownType{k.Path(), name, parameters}
	if known := e.unknown[key]; known != nil {
		return known
	}
	obj := types.NewTypeName(token.NoPos, k, name, nil)
	named := types.NewNamed(obj, types.NewStruct(nil, nil), nil)
	if parameters > 0 {
		list := make([]*types.TypeParam, parameters)
		for i := range list {
			list[i] = types.NewTypeParam(types.NewTypeName(token.NoPos, k, "T", nil), types.NewInterfaceType(nil, nil))
		}
		named.SetTypeParams(list)
	}
	e.unknown[key], e.opaque[obj] = obj, true
	return obj
}

// scanner finds where names of other packages stand as types.
type scanner struct {
	e     *external
	names map[string]string // as the file calls it → path
	found map[string]map[string]int
}

func (s *scanner) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Field:
		s.typed(n.Type)
	case *ast.ValueSpec:
		s.typed(n.Type)
	case *ast.TypeSpec:
		s.typed(n.Type)
	case *ast.CompositeLit:
		s.typed(n.Type)
	case *ast.TypeAssertExpr:
		s.typed(n.Type)
	case *ast.CaseClause: // of a type switch, or of values, which are then no types
		for _, x := range n.List {
			if star, ok := x.(*ast.StarExpr); ok {
				s.typed(star)
			}
		}
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "new" || id.Name == "make") && len(n.Args) > 0 {
			s.typed(n.Args[0])
		}
		if paren, ok := n.Fun.(*ast.ParenExpr); ok {
			s.typed(paren.X)
		}
	case *ast.ArrayType:
		s.typed(n.Elt)
	case *ast.MapType:
		s.typed(n.Key)
		s.typed(n.Value)
	case *ast.ChanType:
		s.typed(n.Value)
	default:
	}
	return true
}

// typed adds the names in a type.
func (s *scanner) typed(x ast.Expr) {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		s.add(x, 0)
	case *ast.StarExpr:
		s.typed(x.X)
	case *ast.ParenExpr:
		s.typed(x.X)
	case *ast.Ellipsis:
		s.typed(x.Elt)
	case *ast.IndexExpr:
		s.generic(x.X, 1)
		s.typed(x.Index)
	case *ast.IndexListExpr:
		s.generic(x.X, len(x.Indices))
		for _, arg := range x.Indices {
			s.typed(arg)
		}
	default:
	}
}

func (s *scanner) generic(x ast.Expr, parameters int) {
	if selector, ok := x.(*ast.SelectorExpr); ok {
		s.add(selector, parameters)
	}
}

func (s *scanner) add(x *ast.SelectorExpr, parameters int) {
	id, ok := x.X.(*ast.Ident)
	if !ok || s.names[id.Name] == "" {
		return
	}
	importPath := s.names[id.Name]
	if s.e.pkg(importPath).Scope().Lookup(x.Sel.Name) != nil {
		return
	}
	if s.found[importPath] == nil {
		s.found[importPath] = map[string]int{}
	}
	if _, known := s.found[importPath][x.Sel.Name]; !known {
		s.found[importPath][x.Sel.Name] = parameters
	}
}

// isOpaque reports whether a type is one of which nothing is known.
func (e *external) isOpaque(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && e.opaque[named.Origin().Obj()]
}
