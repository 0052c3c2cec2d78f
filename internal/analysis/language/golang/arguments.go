package golang

import (
	"go/ast"
	"go/token"
	"strings"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var nothing = language.Argument{Call: -1}

// render tells what an argument is. element is the type of a literal that
// leaves its own out, as those in a slice may.
func (c *calls) render(e, element ast.Expr, depth int) language.Argument {
	switch t := e.(type) {
	case *ast.ParenExpr:
		return c.render(t.X, element, depth)
	case *ast.BasicLit:
		return basic(t)
	case *ast.Ident, *ast.SelectorExpr, *ast.StarExpr, *ast.IndexExpr, *ast.IndexListExpr:
		return named(e)
	case *ast.UnaryExpr:
		if t.Op == token.AND {
			return c.render(t.X, element, depth)
		}
	case *ast.BinaryExpr:
		if t.Op == token.ADD {
			return joined(t)
		}
	case *ast.FuncLit:
		return language.Argument{Kind: language.ArgFunction, Text: c.f.takes(t.Type), Call: -1}
	case *ast.CallExpr:
		return c.result(t, depth)
	case *ast.CompositeLit:
		return c.literal(t, element, depth)
	}
	return nothing
}

func basic(t *ast.BasicLit) language.Argument {
	if t.Kind != token.STRING {
		return language.Argument{Kind: language.ArgLiteral, Text: t.Value, Call: -1}
	}
	if text, ok := unquoted(t); ok {
		return language.Argument{Kind: language.ArgString, Text: text, Call: -1}
	}
	return nothing
}

// unquoted is the text of a string between its quotes, as it is written.
func unquoted(t *ast.BasicLit) (string, bool) {
	if len(t.Value) < 2 || len(t.Value) > language.MaxText+2 || !utf8.ValidString(t.Value) {
		return "", false
	}
	return t.Value[1 : len(t.Value)-1], true
}

func named(e ast.Expr) language.Argument {
	name, ok := dotted(e)
	switch {
	case !ok:
		return nothing
	case name == "true" || name == "false" || name == "nil":
		return language.Argument{Kind: language.ArgLiteral, Text: name, Call: -1}
	}
	return language.Argument{Kind: language.ArgName, Text: name, Call: -1}
}

// joined is a text put together with plus signs. A sum without any text in it
// says nothing.
func joined(e *ast.BinaryExpr) language.Argument {
	var parts []ast.Expr
	var open ast.Expr = e
	for {
		b, ok := open.(*ast.BinaryExpr)
		if !ok || b.Op != token.ADD || len(parts) > language.MaxArguments {
			break
		}
		parts, open = append(parts, b.Y), b.X
	}
	a := language.Argument{Kind: language.ArgString, Call: -1}
	literal := false
	for i := len(parts); i >= 0; i-- {
		part := open
		if i < len(parts) {
			part = parts[i]
		}
		if lit, ok := part.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			own, ok := unquoted(lit)
			if !ok {
				return nothing
			}
			literal = true
			a.Text += own
			continue
		}
		a.Text += "{}"
		a.List = append(a.List, name(part))
	}
	if !literal || len(a.Text) > language.MaxText || len(a.List) > language.MaxArguments {
		return nothing
	}
	if strings.Count(a.Text, "{}") != len(a.List) { // braces of the text's own
		a.List = nil
	}
	return a
}

// name is an argument that is a name, or nothing.
func name(e ast.Expr) language.Argument {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return named(e)
	default:
		return nothing
	}
}

// result is the value of a call. A conversion is what it converts.
func (c *calls) result(t *ast.CallExpr, depth int) language.Argument {
	switch fun := bare(t.Fun).(type) {
	case *ast.Ident:
		if !isBuiltin(fun) && (fun.Obj == nil || fun.Obj.Kind != ast.Typ) || fun.Name != "string" && isBuiltin(fun) {
			break
		}
		if len(t.Args) == 1 {
			return c.render(t.Args[0], nil, depth)
		}
		return nothing
	case *ast.SelectorExpr:
		if id, ok := fun.X.(*ast.Ident); ok && id.Name == "fmt" && fun.Sel.Name == "Sprintf" {
			return formatted(t.Args)
		}
	default:
		return nothing
	}
	return language.Argument{Kind: language.ArgCall, Call: int32(c.f.lines.Offset(t.Lparen))} //nolint:gosec // files are far smaller
}

// formatted is the text that Sprintf makes, with {} for each verb.
func formatted(args []ast.Expr) language.Argument {
	if len(args) == 0 {
		return nothing
	}
	lit, ok := args[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return nothing
	}
	format, ok := unquoted(lit)
	if !ok {
		return nothing
	}
	var text strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			text.WriteByte(format[i])
			continue
		}
		for i++; i < len(format) && strings.IndexByte("+-# 0123456789.[]*", format[i]) >= 0; i++ {
		}
		if i < len(format) && format[i] == '%' {
			text.WriteByte('%')
		} else {
			text.WriteString("{}")
		}
	}
	if text.Len() > language.MaxText || !utf8.ValidString(text.String()) {
		return nothing
	}
	return language.Argument{Kind: language.ArgString, Text: text.String(), Call: -1}
}
