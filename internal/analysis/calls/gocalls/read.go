package gocalls

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// fileReader reads what the functions of checked files do.
type fileReader struct {
	external *external
	u        *unit
	fset     *token.FileSet
	info     *types.Info
	pkg      *types.Package

	node    *body
	results []*types.Tuple // of the functions around, the innermost last
	called  map[ast.Expr]bool
	closure map[types.Object]bool // variables that hold one function literal for good
}

func (r *fileReader) file(tree *ast.File) {
	r.called, r.closure = map[ast.Expr]bool{}, map[types.Object]bool{}
	name := r.fset.PositionFor(tree.Package, false).Filename
	r.closures(tree)
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			r.function(d, name)
		case *ast.GenDecl:
			r.general(d, name)
		}
	}
}

// general reads a declaration of constants, types or variables. What the value of
// a variable does, and what function literals in it do, the variable does; what
// has no name belongs to the file as it is loaded.
func (r *fileReader) general(d *ast.GenDecl, file string) {
	for _, spec := range d.Specs {
		s, ok := spec.(*ast.ValueSpec)
		if !ok || d.Tok != token.VAR || len(s.Values) == 0 {
			r.node = r.loading(file)
			ast.Walk(r, spec)
			continue
		}
		start := spec.Pos()
		if !d.Lparen.IsValid() {
			start = d.Pos()
		}
		line := r.fset.PositionFor(start, false).Line
		r.node = r.variable(s.Names[0], s.Values[0], file, line)
		r.conversions(s)
		if s.Type != nil {
			ast.Walk(r, s.Type)
		}
		for i, value := range s.Values {
			if i > 0 {
				r.node = r.variable(s.Names[min(i, len(s.Names)-1)], value, file, line)
			}
			ast.Walk(r, value)
		}
	}
}

// loading is what runs when a file is loaded.
func (r *fileReader) loading(file string) *body {
	n := r.u.body(r.u.text(r.pkg.Path() + ".init#" + file))
	n.path, n.name, n.root = r.u.plain(file), r.u.plain(""), true
	return n
}

// variable is a variable of the package as something that calls. It runs when the
// package is loaded; a literal in it may run at any time.
func (r *fileReader) variable(name *ast.Ident, value ast.Expr, file string, line int) *body {
	if name.Name == "_" {
		return r.loading(file)
	}
	n := r.u.body(r.u.text(variableName(r.pkg, name.Name, isLiteral(value))))
	if n.line == 0 {
		n.path, n.line, n.name = r.u.plain(file), int32(line), r.u.plain(name.Name) //nolint:gosec // a line of a file in memory
		n.root, n.variable = true, true
	}
	return n
}

func isLiteral(x ast.Expr) bool {
	_, ok := ast.Unparen(x).(*ast.FuncLit)
	return ok
}

// variableName is the full name of a variable that calls; one that is a function
// literal can be called itself.
func variableName(k *types.Package, name string, literal bool) string {
	if literal {
		return k.Path() + "." + name + "#func"
	}
	return k.Path() + "." + name + "#var"
}

// function reads a declared function.
func (r *fileReader) function(d *ast.FuncDecl, file string) {
	obj, _ := r.info.Defs[d.Name].(*types.Func)
	if obj == nil || d.Body == nil {
		return
	}
	line := r.fset.PositionFor(d.Pos(), false).Line
	id := r.u.function(obj)
	if d.Name.Name == "init" && d.Recv == nil || d.Name.Name == "_" {
		id = r.u.text(obj.FullName() + "#" + file + "#" + r.fset.PositionFor(d.Pos(), false).String())
	}
	n := r.u.body(id)
	if n.line != 0 {
		return // of another build: the first counts
	}
	n.path, n.line, n.name = r.u.plain(file), int32(line), r.u.plain(functionName(obj)) //nolint:gosec // a line of a file in memory
	n.root = d.Recv == nil && (d.Name.Name == "init" || d.Name.Name == "main" && r.pkg.Name() == "main" || isTest(file, d.Name.Name))
	r.node = n
	signature, _ := obj.Type().(*types.Signature)
	r.results = []*types.Tuple{signature.Results()}
	ast.Walk(r, d.Body)
	r.results = nil
}

func isTest(file, name string) bool {
	if !strings.HasSuffix(file, "_test.go") {
		return false
	}
	for _, prefix := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func functionName(f *types.Func) string {
	signature, ok := f.Type().(*types.Signature)
	if !ok || signature.Recv() == nil {
		return f.Name()
	}
	if named := namedOf(signature.Recv().Type()); named != nil {
		return named.Obj().Name() + "." + f.Name()
	}
	return f.Name()
}

func namedOf(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// closures finds the variables of functions that are set once, to a function
// literal: a call of one is a call of the literal and of nothing else.
func (r *fileReader) closures(tree *ast.File) {
	set := map[types.Object]int{}
	literal := map[types.Object]bool{}
	note := func(left, right ast.Expr) {
		obj := r.local(left)
		if obj == nil {
			return
		}
		set[obj]++
		if _, ok := ast.Unparen(right).(*ast.FuncLit); ok {
			literal[obj] = true
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				note(left, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		case *ast.ValueSpec:
			for i, left := range n.Names {
				if i < len(n.Values) {
					note(left, n.Values[i])
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X, n.X)
			}
		default:
		}
		return true
	})
	for obj, n := range set {
		r.closure[obj] = n == 1 && literal[obj]
	}
}

// local returns the variable of a function that an expression is; nil for
// anything else.
func (r *fileReader) local(e ast.Expr) types.Object {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	obj := r.info.Defs[id]
	if obj == nil {
		obj = r.info.Uses[id]
	}
	if obj == nil || obj.Parent() == nil || obj.Parent() == r.pkg.Scope() {
		return nil
	}
	return obj
}

// Visit reads one node of the syntax.
func (r *fileReader) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.FuncLit:
		signature, _ := r.typeOf(n).(*types.Signature)
		if signature == nil {
			return r
		}
		r.results = append(r.results, signature.Results())
		ast.Walk(r, n.Body)
		r.results = r.results[:len(r.results)-1]
		return nil
	case *ast.CallExpr:
		r.call(n)
	case *ast.Ident:
		r.instance(n)
		if !r.called[n] {
			r.value(n, r.info.Uses[n], nil)
		}
	case *ast.SelectorExpr:
		r.instance(n.Sel)
		if !r.called[n] {
			r.value(n, r.info.Uses[n.Sel], r.info.Selections[n])
		}
		ast.Walk(r, n.X)
		return nil
	case *ast.AssignStmt, *ast.ValueSpec, *ast.ReturnStmt, *ast.CompositeLit, *ast.SendStmt, *ast.BinaryExpr, *ast.IndexExpr:
		r.conversions(n)
	default:
	}
	return r
}

func (r *fileReader) typeOf(x ast.Expr) types.Type {
	if t := r.info.TypeOf(x); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// instance notes the types that stand for type parameters.
func (r *fileReader) instance(id *ast.Ident) {
	in, ok := r.info.Instances[id]
	if !ok {
		return
	}
	for t := range in.TypeArgs.Types() {
		if !types.IsInterface(t) && !isTypeParam(t) {
			if id := r.u.typ(t, 0); id != nothing {
				r.node.made[id] = true
			}
		}
	}
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}

// value notes a function that is used without being called.
func (r *fileReader) value(x ast.Expr, obj types.Object, selection *types.Selection) {
	f, ok := obj.(*types.Func)
	if !ok {
		return
	}
	signature, ok := r.typeOf(x).Underlying().(*types.Signature)
	if !ok {
		return
	}
	if selection != nil {
		if iface := interfaceOf(selection); iface != nil {
			r.bind(iface, f, signature)
			return
		}
	}
	r.node.taken[taken{r.u.function(f), r.u.signature(signature)}] = true
}

// bind notes a method of an interface that is used as a value: whoever calls one of
// its signature may call it of any type.
func (r *fileReader) bind(iface *types.Interface, f *types.Func, signature *types.Signature) {
	call := invocation{r.u.iface(iface), r.u.text(f.Id())}
	id := r.u.text("bound#" + typeKey(iface, r.fset) + "." + f.Id())
	b := r.u.body(id)
	b.bound, b.invoke[call] = true, 1
	r.node.taken[taken{id, r.u.signature(signature)}] = true
}

// interfaceOf returns the interface that a method is selected from, nil when it
// is one of a type.
func interfaceOf(selection *types.Selection) *types.Interface {
	if iface, ok := selection.Recv().Underlying().(*types.Interface); ok {
		return iface
	}
	signature, ok := selection.Obj().Type().(*types.Signature)
	if !ok || signature.Recv() == nil {
		return nil
	}
	iface, _ := signature.Recv().Type().Underlying().(*types.Interface) // embedded in a struct
	return iface
}

// call reads a call: what it calls, and what its arguments are made.
func (r *fileReader) call(c *ast.CallExpr) {
	fun := ast.Unparen(c.Fun)
	if t, ok := r.info.Types[fun]; ok && t.IsType() {
		for _, arg := range c.Args {
			r.convert(arg, t.Type)
		}
		return
	}
	r.callee(c, fun)
	r.arguments(c, fun)
}

func (r *fileReader) callee(c *ast.CallExpr, fun ast.Expr) {
	target := fun
	switch x := fun.(type) { // f[int](…)
	case *ast.IndexExpr:
		if t, ok := r.info.Types[x.Index]; ok && t.IsType() {
			target = x.X
		}
	case *ast.IndexListExpr:
		target = x.X
	}
	var obj types.Object
	var selection *types.Selection
	switch x := target.(type) {
	case *ast.Ident:
		obj = r.info.Uses[x]
	case *ast.SelectorExpr:
		obj, selection = r.info.Uses[x.Sel], r.info.Selections[x]
		if obj == nil {
			r.unknown(c, x)
			return
		}
	case *ast.FuncLit:
		return
	}
	switch obj := obj.(type) {
	case *types.Func:
		r.called[target] = true
		if id, ok := target.(*ast.Ident); ok {
			r.called[id] = true
		}
		if selection != nil {
			if iface := interfaceOf(selection); iface != nil {
				r.node.invoke[invocation{r.u.iface(iface), r.u.text(obj.Id())}]++
				return
			}
		}
		r.node.static[r.u.function(obj)]++
		return
	case *types.Builtin, *types.Nil, *types.TypeName:
		return
	case *types.Var:
		if r.closure[obj] {
			return
		}
		if k := obj.Pkg(); k != nil && obj.Parent() == k.Scope() && (k == r.pkg || r.u.own(k)) {
			r.node.static[r.u.text(variableName(k, obj.Name(), true))]++ // if that is what the variable is
		}
	}
	if signature, ok := r.typeOf(fun).Underlying().(*types.Signature); ok {
		r.node.dynamic[r.u.signature(signature)]++
	}
}

var errorType, _ = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// unknown takes x.Error() for that of an error where x comes from a package
// that is not known.
func (r *fileReader) unknown(c *ast.CallExpr, x *ast.SelectorExpr) {
	if x.Sel.Name == "Error" && len(c.Args) == 0 && r.typeOf(x.X) == types.Typ[types.Invalid] {
		r.node.invoke[invocation{r.u.iface(errorType), r.u.text("Error")}]++
	}
}

// arguments notes what the parameters of a call make of its arguments. Of a
// function that is not known they may make anything.
func (r *fileReader) arguments(c *ast.CallExpr, fun ast.Expr) {
	anything := types.Universe.Lookup("any").Type()
	if id, ok := fun.(*ast.Ident); ok {
		if _, ok := r.info.Uses[id].(*types.Builtin); ok {
			r.builtin(id.Name, c, anything)
			return
		}
	}
	signature, ok := r.typeOf(fun).Underlying().(*types.Signature)
	if !ok {
		for _, arg := range c.Args {
			r.convert(arg, anything)
		}
		return
	}
	params := signature.Params()
	if len(c.Args) == 1 && params.Len() > 1 { // f(g())
		if tuple, ok := r.typeOf(c.Args[0]).(*types.Tuple); ok {
			for i := range min(tuple.Len(), params.Len()) {
				r.convertType(tuple.At(i).Type(), params.At(i).Type())
			}
			return
		}
	}
	for i, arg := range c.Args {
		switch {
		case signature.Variadic() && i >= params.Len()-1:
			to := params.At(params.Len() - 1).Type()
			if slice, ok := to.Underlying().(*types.Slice); ok && !c.Ellipsis.IsValid() {
				to = slice.Elem()
			}
			r.convert(arg, to)
		case i < params.Len():
			r.convert(arg, params.At(i).Type())
		}
	}
}

func (r *fileReader) builtin(name string, c *ast.CallExpr, anything types.Type) {
	switch name {
	case "panic", "print", "println":
		for _, arg := range c.Args {
			r.convert(arg, anything)
		}
	case "append":
		if slice, ok := r.typeOf(c).Underlying().(*types.Slice); ok && !c.Ellipsis.IsValid() {
			for _, arg := range c.Args[1:] {
				r.convert(arg, slice.Elem())
			}
		}
	}
}
