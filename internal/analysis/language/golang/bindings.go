package golang

import (
	"go/ast"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// bind remembers the name for the result of a call, or for a literal, until it
// is walked.
func (c *calls) bind(value ast.Expr, b binding) {
	if b.name == "" || b.name == "_" {
		return
	}
	switch value := made(value).(type) {
	case *ast.CallExpr, *ast.CompositeLit:
		b.value = value
		c.bound = append(c.bound, b)
	}
}

// take returns what value is bound to.
func (c *calls) take(value ast.Expr) binding {
	for i, v := range slices.Backward(c.bound) {
		if b := v; b.value == value {
			c.bound = append(c.bound[:i], c.bound[i+1:]...)
			return b
		}
	}
	return binding{}
}

func (c *calls) assign(n *ast.AssignStmt) {
	for i, value := range n.Rhs {
		if name, ok := dotted(n.Lhs[min(i, len(n.Lhs)-1)]); ok {
			c.bind(value, binding{name: name})
			c.closure(name, value)
		}
	}
	c.set(n)
}

// variables binds the values of a var declaration. At the top level others of
// the program can use them.
func (c *calls) variables(s *ast.ValueSpec, top bool) {
	for i, value := range s.Values {
		if i < len(s.Names) {
			c.bind(value, binding{name: s.Names[i].Name, exported: top && s.Names[i].IsExported()})
			c.closure(s.Names[i].Name, value)
		}
	}
}

// enter begins a function with that index, -1 outside any.
func (c *calls) enter(index int, t *ast.FuncType) {
	c.function, c.handed, c.inside = index, nil, ""
	if index < 0 {
		return
	}
	c.takes = append(c.takes, t)
	c.parameters(t)
}

// parameters notes those that are of types of packages with frameworks.
func (c *calls) parameters(t *ast.FuncType) {
	if t == nil || t.Params == nil || c.f.test {
		return
	}
	for _, field := range t.Params.List {
		if name, ok := c.packageOf(made(field.Type)); !ok || !c.packages[name] {
			continue
		}
		for _, id := range field.Names {
			if c.handed == nil {
				c.handed = map[string]bool{}
			}
			c.handed[id.Name] = true
		}
	}
}

// finish gives the file its calls and invocations, and the functions that
// invocations stand in their parameters.
func (c *calls) finish() {
	c.f.facts.Calls = c.list.List()
	c.f.facts.Invocations = c.sites.Finish(nil) // tags name no calls
	for _, v := range c.f.facts.Invocations {
		if fn := v.Function; fn >= 0 && c.f.facts.Functions[fn].Takes == "" {
			c.f.facts.Functions[fn].Takes = c.f.takes(c.takes[fn])
		}
	}
}

// takes lists parameters as the text of an ArgFunction does.
func (f *file) takes(t *ast.FuncType) string {
	if t == nil || t.Params == nil {
		return ""
	}
	var text []byte
	for _, field := range t.Params.List {
		kind := f.text(field.Type)
		for i := range max(1, len(field.Names)) {
			if len(text) > 0 {
				text = append(text, ',')
			}
			if i < len(field.Names) {
				text = append(text, field.Names[i].Name...)
			}
			text = append(append(text, ": "...), kind...)
		}
		if len(text) > language.MaxText {
			break
		}
	}
	return language.Clip(text, language.MaxText)
}
