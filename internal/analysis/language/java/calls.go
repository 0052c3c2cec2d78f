package java

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// Bounds of the way up from a call to the call that it is an argument of, and
// of the place among its arguments.
const (
	maxUp    = 200
	maxPlace = 255 // what the language allows
)

// logs are the methods of loggers and of the console: every one of them has a
// literal text, and none is a route or command.
var logs = set(`debug info warn error fatal fine finer finest severe warning print println printf log requireNonNull getLogger`)

// call notes a method that is called or an object that is made.
func (r *reader) call(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if kind == kindCreation {
		name = r.plainType(r.tree.Child(i, fieldType))
	}
	if name < 0 || r.isMissing(name) {
		return
	}
	text := r.tree.Text(name)
	if kind == kindCreation {
		text = []byte(lastName(text))
	}
	line := int(r.tree.Nodes[name].Line)
	object := r.tree.Child(i, fieldObject)
	receiver := r.receiver(object)
	r.calls.Add([]byte(receiver), text, r.scope.function, line, kind == kindCreation)
	if r.quiet || kind == kindInvocation && logs[string(text)] {
		return
	}
	v := language.Invocation{
		Name: string(text), Receiver: receiver, New: kind == kindCreation, On: -1, Within: -1, Argument: -1,
		Function: int32(r.scope.function), Line: int32(line), EndLine: int32(max(line, int(r.tree.Nodes[i].EndLine))), //nolint:gosec // of one file
	}
	if on := r.inside(object); on >= 0 && (r.tree.Kind(on) == kindInvocation || r.tree.Kind(on) == kindCreation) {
		v.On, v.Receiver = int32(on), "" //nolint:gosec // nodes of one file
	}
	v.Within, v.Argument = r.within(i)
	v.Result, v.Exported = r.result(i)
	if list := r.tree.Child(i, fieldArguments); list >= 0 {
		v.Args = r.list(list, 0)
	}
	node := &r.tree.Nodes[i]
	r.invocations.Add(i, node.Start, node.End, v, r.handsOver(i, v.Args) || r.answers(i, v.Args))
}

// handsOver reports whether a call does nothing with its result and passes a
// name on.
func (r *reader) handsOver(i int, args []language.Argument) bool {
	if r.tree.ParentKind(i) != kindExpressionStatement {
		return false
	}
	for _, a := range args {
		if a.Kind == language.ArgName {
			return true
		}
	}
	return false
}

// answers reports whether a call is all that a method without parameters returns,
// and is made of one constant or new object: return Version.parse(VERSION).
func (r *reader) answers(i int, args []language.Argument) bool {
	if r.tree.ParentKind(i) != kindReturn || r.scope.parameters > 0 || r.scope.function == noFunction || len(args) != 1 {
		return false
	}
	body := r.tree.Parent(r.tree.Parent(i))
	if r.tree.ParentKind(body) != kindMethod {
		return false
	}
	a := args[0]
	return a.Kind == language.ArgName && a.Text == strings.ToUpper(a.Text) || a.Kind == language.ArgCall && r.tree.Kind(int(a.Call)) == kindCreation
}

// inside goes through parentheses and casts.
func (r *reader) inside(i int) int {
	for i >= 0 {
		switch r.tree.Kind(i) {
		case kindParenthesized:
			i = r.first(i)
		case kindCast:
			i = r.tree.Child(i, fieldValue)
		default:
			return i
		}
	}
	return i
}

// first returns the first node below node i that is no comment, -1 for none.
func (r *reader) first(i int) int {
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); kind != kindLineComment && kind != kindBlockComment {
			return child
		}
	}
	return -1
}

// receiver is what a method is called on: names with dots, "?" when it is
// computed, "" for nothing.
func (r *reader) receiver(object int) string {
	if object < 0 {
		return ""
	}
	if name, ok := r.nameOf(object); ok {
		return name
	}
	return "?"
}

// nameOf returns names joined by dots.
func (r *reader) nameOf(i int) (string, bool) {
	for at := i; ; {
		switch r.tree.Kind(at) {
		case kindIdentifier, kindThis, kindSuper, kindScopedIdentifier, kindTypeIdentifier, kindScopedType:
			name := compact(r.tree.Text(i))
			return name, name != "" && len(name) <= language.MaxText
		case kindFieldAccess:
			if at = r.tree.Child(at, fieldObject); at < 0 {
				return "", false
			}
		default:
			return "", false
		}
	}
}

// within finds the call in whose arguments a node stands, and at which place.
func (r *reader) within(i int) (call, argument int32) {
	for range maxUp {
		up := r.tree.Parent(i)
		switch r.tree.Kind(up) { //nolint:exhaustive // the kinds of a grammar are many
		case kindProgram, kindMethod, kindConstructor, kindCompactConstructor, kindField, kindStaticInitializer, kindClassBody:
			return -1, -1
		case kindArguments:
			of := r.tree.Parent(up)
			if kind := r.tree.Kind(of); kind == kindInvocation || kind == kindCreation {
				return int32(of), r.place(up, i) //nolint:gosec // nodes of one file
			}
		}
		if up == 0 {
			break
		}
		i = up
	}
	return -1, -1
}

// place is that of an argument in its list.
func (r *reader) place(list, argument int) int32 {
	n := int32(0)
	for child := range r.tree.Children(list) {
		if child == argument || n >= maxPlace {
			break
		}
		if kind := r.tree.Kind(child); kind != kindLineComment && kind != kindBlockComment {
			n++
		}
	}
	return n
}

// result is the name that a value is bound to.
func (r *reader) result(i int) (name string, exported bool) {
	up := r.tree.Parent(i)
	for up > 0 && (r.tree.Kind(up) == kindParenthesized || r.tree.Kind(up) == kindCast) {
		i, up = up, r.tree.Parent(up)
	}
	field := r.tree.Nodes[i].Field
	switch r.tree.Kind(up) {
	case kindDeclarator:
		if at := r.tree.Child(up, fieldName); at >= 0 && field == fieldValue {
			name = string(r.tree.Text(at))
			exported = r.tree.ParentKind(up) == kindField && r.scope.function == noFunction && r.exports(r.modifiers(r.tree.Parent(up)))
		}
	case kindAssignment:
		if left := r.tree.Child(up, fieldLeft); left >= 0 && field == fieldRight {
			name, _ = r.nameOf(left)
		}
	default:
	}
	return name, exported
}

// isQuiet reports whether a file is a test by its path: what is called there is
// no part of what the software does.
func isQuiet(path string) bool {
	stem := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".java")
	return strings.Contains("/"+path, "/src/test/") || strings.HasSuffix(stem, "Test") || strings.HasSuffix(stem, "Tests") || strings.HasSuffix(stem, "IT")
}
