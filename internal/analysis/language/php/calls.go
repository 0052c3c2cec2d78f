package php

import (
	"bytes"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// computed stands for a receiver that is no name.
const computed = "?"

// maxMembers is how many members a name may join.
const maxMembers = 8

// dotted returns node i as names joined by dots, computed when it is not.
func (r *reader) dotted(i, left int) string {
	if i < 0 || i >= len(r.tree.Nodes) {
		return computed
	}
	switch r.tree.Kind(i) {
	case kindVariableName:
		if text := bytes.TrimPrefix(r.short(i), []byte("$")); len(text) > 0 {
			return string(text)
		}
	case kindName, kindQualifiedName, kindRelativeName:
		if text := compact(r.short(i)); text != "" && r.isName([]byte(text)) {
			return strings.ReplaceAll(strings.TrimPrefix(text, `\`), `\`, ".")
		}
	case kindRelativeScope:
		return string(r.short(i))
	case kindMemberAccessExpression, kindNullsafeMemberAccessExpression, kindScopedPropertyAccessExpression:
		object, name := r.tree.Child(i, fieldObject), r.tree.Child(i, fieldName)
		if object < 0 {
			object = r.tree.Child(i, fieldScope)
		}
		if left == 0 || object < 0 || name < 0 || r.tree.Kind(name) != kindName && r.tree.Kind(name) != kindVariableName {
			break
		}
		if before := r.dotted(object, left-1); before != computed {
			return before + "." + string(bytes.TrimPrefix(r.short(name), []byte("$")))
		}
	default:
	}
	return computed
}

// callee is what a call calls.
type callee struct {
	name, receiver string
	object         int // node of the receiver, -1
	isNew          bool
}

func (r *reader) callee(i int, kind treesitter.Kind) callee {
	c := callee{object: -1}
	switch kind {
	case kindFunctionCallExpression:
		function := r.tree.Child(i, fieldFunction)
		if function < 0 || r.tree.Kind(function) == kindVariableName {
			return c
		}
		if dotted := r.dotted(function, maxMembers); dotted != computed && r.tree.Kind(function) != kindMemberAccessExpression {
			c.receiver, c.name = cutLast(dotted)
		}
	case kindObjectCreationExpression:
		for child := range r.tree.Children(i) {
			if k := r.tree.Kind(child); k == kindName || k == kindQualifiedName || k == kindRelativeName {
				c.receiver, c.name = cutLast(r.dotted(child, 0))
				c.isNew = true
			}
			break
		}
	default:
		c.object = r.tree.Child(i, fieldObject)
		if c.object < 0 {
			c.object = r.tree.Child(i, fieldScope)
		}
		if name := r.tree.Child(i, fieldName); name >= 0 && r.tree.Kind(name) == kindName {
			c.name, c.receiver = string(r.short(name)), r.dotted(c.object, maxMembers)
		}
	}
	return c
}

func cutLast(dotted string) (before, last string) {
	if dotted == computed {
		return "", ""
	}
	if dot := strings.LastIndexByte(dotted, '.'); dot >= 0 {
		return dotted[:dot], dotted[dot+1:]
	}
	return "", dotted
}

// call reads a call of any form.
func (r *reader) call(i int, kind treesitter.Kind) {
	c := r.callee(i, kind)
	if c.name == "" {
		return
	}
	if !c.isNew && (c.receiver == "" || c.receiver == "this" || c.receiver == "self" || c.receiver == "static") {
		r.recursion([]byte(c.name))
	}
	r.calls.Add([]byte(c.receiver), []byte(c.name), r.scope.function, r.line(i), c.isNew)
	if c.name == "define" && c.receiver == "" && !r.scope.local {
		r.defineConstant(i)
	}
	r.invocation(i, c)
}

// defineConstant reads define('NAME', …).
func (r *reader) defineConstant(i int) {
	if list := r.tree.Child(i, fieldArguments); list >= 0 {
		if name := r.literal(r.value(list + 1)); name != "" && !strings.ContainsAny(name, "{}\\ \n") {
			r.declare(i, language.KindConstant, []byte(name), true)
		}
	}
}

// assign notes the name that the result of a call is bound to.
func (r *reader) assign(i int) {
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if left < 0 || right < 0 || !isCall(r.tree.Kind(right)) {
		return
	}
	if name := r.dotted(left, maxMembers); name != computed {
		r.results[right] = name
	}
}

// invocation notes a call that a framework might read.
func (r *reader) invocation(i int, c callee) {
	node := &r.tree.Nodes[i]
	v := language.Invocation{
		Name: c.name, Receiver: c.receiver, New: c.isNew, On: -1,
		Within: int32(r.scope.within), Argument: int32(r.scope.argument), Function: int32(r.scope.function), //nolint:gosec // of one file
		Line: int32(node.Line), EndLine: int32(node.EndLine), Result: r.results[i], //nolint:gosec // of one file
	}
	if c.receiver == computed {
		if object := r.inner(c.object); isCall(r.tree.Kind(object)) {
			v.Receiver, v.On = "", int32(object) //nolint:gosec // of one file
		}
	}
	if list := r.tree.Child(i, fieldArguments); list >= 0 {
		v.Args = r.arguments(list)
	} else if list := r.tree.ChildOfKind(i, kindArguments); list >= 0 {
		v.Args = r.arguments(list)
	}
	r.invocations.Add(i, node.Start, node.End, v, r.tells(i, v.Args))
}

// tells reports whether a call is worth keeping for a class or an object that it
// hands over: $app->add(Cors::class), $schedule->job(new Backup)->daily().
func (r *reader) tells(i int, args []language.Argument) bool {
	end := i
	for range maxMembers {
		parent := r.tree.Parent(end)
		if kind := r.tree.Kind(parent); kind != kindMemberCallExpression && kind != kindNullsafeMemberCallExpression || r.tree.Child(parent, fieldObject) != end {
			break
		}
		end = parent
	}
	if end == 0 || r.tree.ParentKind(end) != kindExpressionStatement {
		return false
	}
	return handsClass(args) || end != i && slices.ContainsFunc(args, func(a language.Argument) bool {
		return a.Kind == language.ArgCall && r.tree.Kind(int(a.Call)) == kindObjectCreationExpression
	})
}

// handsClass reports whether a class is handed over: $app->add(Cors::class).
func handsClass(args []language.Argument) bool {
	for _, a := range args {
		if a.Kind == language.ArgName && strings.HasSuffix(a.Text, "::class") || handsClass(a.List) {
			return true
		}
	}
	return false
}
