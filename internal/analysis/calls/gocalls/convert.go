package gocalls

import (
	"go/ast"
	"go/token"
	"go/types"
)

// conversions notes what a statement or an expression makes an interface
// without a word.
func (r *fileReader) conversions(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			r.assign(n.Lhs, n.Rhs)
		}
	case *ast.ValueSpec:
		if n.Type != nil {
			for i, value := range n.Values {
				if n.Names[min(i, len(n.Names)-1)].Name != "_" { // else it only asserts that the type fits
					r.convert(value, r.typeOf(n.Type))
				}
			}
		}
	case *ast.ReturnStmt:
		r.returned(n)
	case *ast.CompositeLit:
		r.composite(n)
	case *ast.SendStmt:
		if c, ok := r.typeOf(n.Chan).Underlying().(*types.Chan); ok {
			r.convert(n.Value, c.Elem())
		}
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			r.convert(n.X, r.typeOf(n.Y))
			r.convert(n.Y, r.typeOf(n.X))
		}
	case *ast.IndexExpr:
		if m, ok := r.typeOf(n.X).Underlying().(*types.Map); ok {
			r.convert(n.Index, m.Key())
		}
	}
}

func (r *fileReader) assign(left, right []ast.Expr) {
	if len(left) == len(right) {
		for i := range left {
			r.convert(right[i], r.typeOf(left[i]))
		}
		return
	}
	if tuple, ok := r.typeOf(right[0]).(*types.Tuple); ok {
		for i := range min(tuple.Len(), len(left)) {
			r.convertType(tuple.At(i).Type(), r.typeOf(left[i]))
		}
	}
}

func (r *fileReader) returned(n *ast.ReturnStmt) {
	if len(r.results) == 0 {
		return
	}
	results := r.results[len(r.results)-1]
	if len(n.Results) == 1 && results.Len() > 1 {
		if tuple, ok := r.typeOf(n.Results[0]).(*types.Tuple); ok {
			for i := range min(tuple.Len(), results.Len()) {
				r.convertType(tuple.At(i).Type(), results.At(i).Type())
			}
		}
		return
	}
	for i := range min(len(n.Results), results.Len()) {
		r.convert(n.Results[i], results.At(i).Type())
	}
}

func (r *fileReader) composite(n *ast.CompositeLit) {
	t := r.typeOf(n)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i, e := range n.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok {
					if field := r.info.Uses[key]; field != nil {
						r.convert(pair.Value, field.Type())
					} else {
						r.convert(pair.Value, types.Universe.Lookup("any").Type())
					}
				}
			} else if i < u.NumFields() {
				r.convert(e, u.Field(i).Type())
			}
		}
	case *types.Slice:
		r.elements(n, nil, u.Elem())
	case *types.Array:
		r.elements(n, nil, u.Elem())
	case *types.Map:
		r.elements(n, u.Key(), u.Elem())
	}
}

func (r *fileReader) elements(n *ast.CompositeLit, key, elem types.Type) {
	for _, e := range n.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key != nil {
				r.convert(pair.Key, key)
			}
			e = pair.Value
		}
		r.convert(e, elem)
	}
}

func (r *fileReader) convert(x ast.Expr, to types.Type) {
	if t, ok := r.info.Types[x]; ok && t.IsValue() && !t.IsNil() {
		r.convertType(t.Type, to)
	}
}

// convertType notes that a value of one type is made one of another. A type that
// is not known may be an interface.
func (r *fileReader) convertType(from, to types.Type) {
	if from == nil || to == nil || types.IsInterface(from) || isTypeParam(to) || !types.IsInterface(to) && !r.external.isOpaque(to) {
		return
	}
	if basic, ok := from.(*types.Basic); ok && basic.Kind() == types.Invalid {
		return
	}
	if isTypeParam(from) {
		return // its arguments are noted where they are given
	}
	if id := r.u.typ(types.Default(from), 0); id != nothing {
		r.node.made[id] = true
	}
}
