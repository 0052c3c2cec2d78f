package golang

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// commandLibraries are those of whose commands a part is said where calls and
// literals of other packages' types do not tell it: by what a method returns, by
// a field that is set later, by the key of a map. In files that import one, that
// is noted too.
var commandLibraries = []string{"github.com/spf13/cobra", "github.com/urfave/cli", "github.com/peterbourgon/ff"}

// commanderLibraries are those whose commands are types of one's own. In files
// that import one, literals of the package's own types are noted too.
var commanderLibraries = []string{"github.com/bep/simplecobra", "github.com/google/subcommands", "github.com/mitchellh/cli", "github.com/hashicorp/cli"}

func isOneOf(path string, libraries []string) bool {
	for _, library := range libraries {
		if rest, ok := strings.CutPrefix(path, library); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// returned notes what a method gives whose body is nothing but that, as an
// annotation "return": a text, a name, nil. A method may as well do nothing.
func (c *calls) returned(d *ast.FuncDecl) {
	f := c.f
	if !c.commands || d.Recv == nil || len(d.Body.List) > 1 || len(f.facts.Annotations) >= language.MaxAnnotations {
		return
	}
	a := language.Annotation{Name: "return", Line: int32(f.line(d.Pos())), Declaration: int32(len(f.facts.Declares) - 1), Function: int32(len(f.facts.Functions))} //nolint:gosec // of one file
	if len(d.Body.List) == 1 {
		given, ok := d.Body.List[0].(*ast.ReturnStmt)
		if !ok {
			return
		}
		for _, result := range given.Results[:min(len(given.Results), language.MaxArguments)] {
			a.Args = append(a.Args, plain(result))
		}
	}
	f.facts.Annotations = append(f.facts.Annotations, a)
}

// plain is what a text or a name is as an argument, nothing for all else.
func plain(e ast.Expr) language.Argument {
	switch e := e.(type) {
	case *ast.BasicLit:
		return basic(e)
	case *ast.Ident, *ast.SelectorExpr:
		return named(e)
	default:
		return nothing
	}
}

// set notes cmd.Use = "add" as a call of "=" on cmd.
func (c *calls) set(n *ast.AssignStmt) {
	if !c.commands || n.Tok != token.ASSIGN || len(n.Lhs) != len(n.Rhs) {
		return
	}
	for i, left := range n.Lhs {
		field, ok := left.(*ast.SelectorExpr)
		if !ok || !field.Sel.IsExported() {
			continue
		}
		a := c.assigned(n.Rhs[i])
		if a.Kind == language.ArgOther {
			continue
		}
		a.Name = field.Sel.Name
		v := c.invocation("=", c.f.line(n.Pos()), c.f.line(n.End()), binding{})
		v.Receiver, v.Args = string(appendDotted(nil, field.X)), []language.Argument{a}
		c.add(c.f.lines.Offset(field.Sel.Pos()), left, v, true)
	}
}

// assigned is what a field is set to. Of app.Commands = append(app.Commands, x) it
// is what is added.
func (c *calls) assigned(e ast.Expr) language.Argument {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return c.render(e, nil, 0)
	}
	if id, ok := call.Fun.(*ast.Ident); !ok || id.Name != "append" || !isBuiltin(id) {
		return c.render(e, nil, 0)
	}
	a := language.Argument{Kind: language.ArgList, Call: -1}
	for _, added := range call.Args[1:min(len(call.Args), language.MaxArguments)] {
		a.List = append(a.List, c.render(added, nil, 1))
	}
	return a
}

// closure remembers the name of a function literal that a variable is set to.
func (c *calls) closure(name string, value ast.Expr) {
	if literal, ok := value.(*ast.FuncLit); ok && c.commands && name != "" && name != "_" {
		c.closures[literal] = name
	}
}

// gives binds what a function literal in a variable returns to a call of it:
// "newAdd()" of newAdd := func() T { return T{…} }. What stands in a list that is
// returned is kept.
func (c *calls) gives(n *ast.ReturnStmt) {
	if !c.commands || len(n.Results) == 0 {
		return
	}
	if c.inside != "" {
		c.bind(n.Results[0], binding{name: c.inside + "()"})
	}
	list, ok := n.Results[0].(*ast.CompositeLit)
	if !ok {
		return
	}
	if _, ok := list.Type.(*ast.ArrayType); ok {
		for _, e := range list.Elts {
			c.bind(e, binding{name: "return[]", field: true})
		}
	}
}

// keyed notes an element of a map whose values are of another package's type, as
// a literal of that type that is handed the key and the value. It returns its key,
// -1 for none.
func (c *calls) keyed(kv *ast.KeyValueExpr, values ast.Expr) int {
	if !c.commands || values == nil {
		return -1
	}
	pkg, ok := c.packageOf(bare(made(values)))
	if _, literal := made(kv.Value).(*ast.CompositeLit); !ok || literal || !c.libraries[pkg] {
		return -1
	}
	v := c.invocation(bare(made(values)).(*ast.SelectorExpr).Sel.Name, c.f.line(kv.Pos()), c.f.line(kv.End()), binding{}) //nolint:errcheck // packageOf says what it is
	v.Receiver, v.New = pkg, true
	v.Args = []language.Argument{c.render(kv.Key, nil, 0), c.render(kv.Value, nil, 0)}
	key := c.f.lines.Offset(kv.Colon)
	c.add(key, kv, v, true)
	return key
}
