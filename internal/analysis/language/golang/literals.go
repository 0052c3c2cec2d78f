package golang

import (
	"go/ast"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// composite walks a composite literal and notes one of another package's type.
// element is its type where it leaves that out.
func (m *meter) composite(n *ast.CompositeLit, element ast.Expr) {
	c := m.calls
	if n.Type != nil {
		m.walk(n.Type)
		element = n.Type
	}
	within, argument := c.within, c.argument
	key := c.noteLiteral(n, element)
	if key >= 0 {
		c.within = key
	}
	owner := ownType(element)
	for i, elt := range n.Elts {
		if key >= 0 {
			c.argument = i
		}
		m.element(elt, element, owner)
	}
	c.within, c.argument, c.last = within, argument, key
}

func (m *meter) element(e, literal ast.Expr, owner string) {
	keys, values := elements(literal)
	c := m.calls
	within, argument := c.within, c.argument
	if kv, ok := e.(*ast.KeyValueExpr); ok {
		m.value(kv.Key, keys)
		if keys != nil {
			if key := c.keyed(kv, values); key >= 0 {
				c.within, c.argument = key, 1
			}
		}
		e = kv.Value
		if name, ok := kv.Key.(*ast.Ident); ok && owner != "" {
			m.calls.bind(e, binding{name: owner + "." + name.Name, field: true})
		}
	}
	m.value(e, values)
	c.within, c.argument = within, argument
}

func (m *meter) value(e, element ast.Expr) {
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		m.composite(lit, element)
		return
	}
	m.walk(e)
}

// elements returns the types of a literal's keys and values, nil where it has
// none of its own.
func elements(t ast.Expr) (keys, values ast.Expr) {
	if t == nil {
		return nil, nil
	}
	switch t := made(t).(type) {
	case *ast.ArrayType:
		return nil, t.Elt
	case *ast.MapType:
		return t.Key, t.Value
	default:
		return nil, nil
	}
}

// ownType is the name of a type of the file's own package.
func ownType(t ast.Expr) string {
	if t == nil {
		return ""
	}
	if id, ok := bare(made(t)).(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// noteLiteral keeps a literal of a type of another package and returns its key,
// -1 for others. Where commands are types of one's own, those of the package's
// own types are kept too.
func (c *calls) noteLiteral(n *ast.CompositeLit, t ast.Expr) int {
	b := c.take(n)
	if t == nil || c.f.test {
		return -1
	}
	t = bare(made(t))
	pkg, ok := c.packageOf(t)
	name := ""
	switch {
	case ok && c.packages[pkg]:
		name = t.(*ast.SelectorExpr).Sel.Name //nolint:errcheck // packageOf says what it is
	case c.commanders:
		name = ownType(t)
	}
	if name == "" {
		return -1
	}
	v := c.invocation(name, c.f.line(n.Pos()), c.f.line(n.End()), b)
	v.Receiver, v.New = pkg, true
	for i := 0; i < len(n.Elts) && i < language.MaxArguments; i++ {
		v.Args = append(v.Args, c.field(n.Elts[i], nil, nil, 0))
	}
	key := c.f.lines.Offset(n.Lbrace)
	c.add(key, n, v, c.commands && (pkg == "" || c.libraries[pkg]))
	return key
}

// field renders an element of a literal with its name or key.
func (c *calls) field(e, keys, values ast.Expr, depth int) language.Argument {
	kv, ok := e.(*ast.KeyValueExpr)
	if !ok {
		return c.render(e, values, depth)
	}
	a := c.render(kv.Value, values, depth)
	switch k := c.render(kv.Key, keys, depth); k.Kind {
	case language.ArgString, language.ArgName, language.ArgLiteral:
		if isText(k.Text) {
			a.Name = k.Text
		}
	default:
	}
	return a
}

// literal is a composite literal as an argument: of another package's type it
// is an invocation. Text is the type's name of one of the file's own.
func (c *calls) literal(n *ast.CompositeLit, element ast.Expr, depth int) language.Argument {
	if n.Type != nil {
		element = n.Type
	}
	if element == nil {
		return nothing
	}
	t := bare(made(element))
	if pkg, ok := c.packageOf(t); ok {
		if !c.packages[pkg] {
			return nothing
		}
		return language.Argument{Kind: language.ArgCall, Call: int32(c.f.lines.Offset(n.Lbrace))} //nolint:gosec // files are far smaller
	}
	a := language.Argument{Kind: language.ArgList, Text: ownType(t), Call: -1}
	if c.commanders && a.Text != "" {
		return language.Argument{Kind: language.ArgCall, Call: int32(c.f.lines.Offset(n.Lbrace))} //nolint:gosec // files are far smaller
	}
	if len(n.Elts) > 0 {
		if _, keyed := n.Elts[0].(*ast.KeyValueExpr); keyed || a.Text != "" {
			a.Kind = language.ArgMap
		}
	}
	if depth >= language.MaxArgumentDepth {
		return a
	}
	keys, values := elements(element)
	for i := 0; i < len(n.Elts) && i < language.MaxArguments; i++ {
		a.List = append(a.List, c.field(n.Elts[i], keys, values, depth+1))
	}
	return a
}
