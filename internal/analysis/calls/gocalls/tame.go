package gocalls

import (
	"go/ast"
	"go/token"
	"slices"
)

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
