package csharp

import (
	"slices"
	"sort"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// site is a call around the node at hand.
type site struct {
	node      int
	arguments []int // nodes, in order
	// The innermost call in whose arguments it stands itself, and the place.
	within, place int32
}

// around returns the innermost call in whose arguments node i stands, and the
// place of the argument; -1 for none.
func (r *reader) around(i int) (call, place int32) {
	if len(r.sites) == 0 {
		return -1, -1
	}
	// What stands in a call but in none of its arguments is what it is called on.
	s := &r.sites[len(r.sites)-1]
	k := sort.SearchInts(s.arguments, i+1) - 1
	if k >= 0 && i < int(r.tree.Nodes[s.arguments[k]].Next) {
		return int32(s.node), int32(k) //nolint:gosec // nodes of one file
	}
	return s.within, s.place
}

// invocation notes a call of a method.
func (r *reader) invocation(i int) {
	function, list := r.tree.Child(i, fieldFunction), r.tree.Child(i, fieldArguments)
	if function < 0 || list < 0 {
		return
	}
	name := r.plainName(function)
	if string(name) == "nameof" {
		name = nil
	}
	object := r.object(function)
	v := language.Invocation{Name: string(name), On: -1}
	if object >= 0 {
		receiver := r.dotted(object)
		if receiver == nil || len(receiver) > language.MaxSignature {
			receiver = []byte("?")
		}
		v.Receiver = string(receiver)
		if at := r.unwrap(object); r.tree.Kind(at) == kindInvocation || r.tree.Kind(at) == kindCreation {
			v.On = int32(at) //nolint:gosec // nodes of one file
		}
	}
	r.calls.Add([]byte(v.Receiver), name, r.scope.function, int(r.tree.Nodes[i].Line), false)
	if v.On >= 0 {
		v.Receiver = ""
	}
	r.add(i, v, r.arguments(list))
}

// object is what a method is called on, -1 for nothing.
func (r *reader) object(function int) int {
	switch r.tree.Kind(function) {
	case kindMemberAccess:
		return r.tree.Child(function, fieldExpression)
	case kindConditionalAccess:
		return r.tree.Child(function, fieldCondition)
	default:
		return -1
	}
}

// creation notes the making of an object. Where the type is left out, it is that
// of the variable.
func (r *reader) creation(i int, kind treesitter.Kind) {
	at := r.tree.Child(i, fieldType)
	if kind == kindImplicitCreation {
		at = r.typeOfTarget(i)
	}
	if at < 0 {
		return
	}
	name := r.plainName(at)
	var receiver []byte
	if k := r.tree.Kind(at); k == kindQualified {
		receiver = r.dotted(at + 1)
	}
	r.calls.Add(receiver, name, r.scope.function, int(r.tree.Nodes[i].Line), true)
	var arguments []int
	for child := range r.tree.Children(i) {
		switch r.tree.Kind(child) {
		case kindArguments:
			arguments = r.arguments(child)
		case kindInitializer:
			arguments = append(arguments, r.arguments(child)...)
		default:
		}
	}
	r.add(i, language.Invocation{Name: string(name), Receiver: string(receiver), New: true, On: -1}, arguments)
}

// typeOfTarget is the type that is written for the variable or property that an
// expression is the value of, or -1.
func (r *reader) typeOfTarget(i int) int {
	switch parent := r.tree.Parent(i); r.tree.Kind(parent) {
	case kindVariable:
		return r.tree.Child(r.tree.Parent(parent), fieldType)
	case kindProperty:
		return r.tree.Child(parent, fieldType)
	default:
		return -1
	}
}

// add notes a call with its arguments, and that they stand below it.
func (r *reader) add(i int, v language.Invocation, arguments []int) {
	n := &r.tree.Nodes[i]
	v.Within, v.Argument = r.around(i)
	r.sites = append(r.sites, site{node: i, arguments: arguments, within: v.Within, place: v.Argument})
	if v.Name == "" {
		return
	}
	v.Function, v.Line, v.EndLine = int32(r.scope.function), int32(n.Line), int32(n.EndLine) //nolint:gosec // of one file
	v.Result, v.Exported = r.result(i)
	for _, at := range arguments[:min(len(arguments), language.MaxArguments)] {
		v.Args = append(v.Args, r.argument(at, 0))
	}
	r.invoked.Add(i, n.Start, n.End, v, r.registers(i, v.Name, v.Args))
}

// registers reports whether a call does nothing with its result and hands a name
// to something, or is called for what it maps: app.MapOrders().
func (r *reader) registers(i int, name string, args []language.Argument) bool {
	return r.tree.ParentKind(i) == kindExpressionStatement &&
		(strings.HasPrefix(name, "Map") || slices.ContainsFunc(args, func(a language.Argument) bool { return a.Kind == language.ArgName }))
}

// arguments returns the nodes of a list of arguments or of the elements in
// braces.
func (r *reader) arguments(list int) []int {
	var out []int
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) != kindComment {
			out = append(out, child)
		}
	}
	return out
}

// unwrap goes down to the expression in parentheses, await, cast or x!.
func (r *reader) unwrap(i int) int {
	for int(r.tree.Nodes[i].Next) > i+1 {
		switch r.tree.Kind(i) {
		case kindParenthesized, kindAwait, kindPostfix:
			i++
		case kindCast:
			at := r.tree.Child(i, fieldValue)
			if at < 0 {
				return i
			}
			i = at
		case kindAs:
			at := r.tree.Child(i, fieldLeft)
			if at < 0 {
				return i
			}
			i = at
		default:
			return i
		}
	}
	return i
}

// result is the name that is bound to the value of node i, and whether other
// files can use it.
func (r *reader) result(i int) (name string, exported bool) {
	up := r.tree.Parent(i)
	for up > 0 && (r.tree.Kind(up) == kindParenthesized || r.tree.Kind(up) == kindAwait || r.tree.Kind(up) == kindPostfix || r.tree.Kind(up) == kindCast || r.tree.Kind(up) == kindAs) {
		up = r.tree.Parent(up)
	}
	at := -1
	switch r.tree.Kind(up) {
	case kindVariable, kindProperty:
		at = r.tree.Child(up, fieldName)
		exported = !r.scope.local && r.scope.exported && r.declared.index >= 0 && r.facts.Declares[r.declared.index].Exported
	case kindAssignment:
		if right := r.tree.Child(up, fieldRight); right >= 0 && right <= i && r.tree.ParentKind(up) != kindInitializer {
			at = r.tree.Child(up, fieldLeft)
		}
	default:
	}
	if at < 0 {
		return "", false
	}
	return string(r.dotted(at)), exported
}
