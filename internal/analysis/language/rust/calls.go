package rust

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// call notes a call, and what it hands over.
func (r *reader) call(i int) {
	callee, list := r.tree.Child(i, fieldFunction), r.tree.Child(i, fieldArguments)
	if callee < 0 || list < 0 {
		return
	}
	receiver, name, object := r.callee(callee)
	if name == "" {
		return
	}
	if receiver == "" && object < 0 || receiver == "self" || receiver == "Self" {
		r.recursion(name)
	}
	line := int(r.tree.Nodes[callee].EndLine)
	if object < 0 {
		line = int(r.tree.Nodes[callee].Line)
	}
	if !builtins[name] || receiver != "" { // Ok(…) and Some(…) call nobody
		called := receiver
		if object >= 0 {
			called = "?"
		}
		r.calls.Add([]byte(called), []byte(name), r.scope.function, line, false)
	}
	v := language.Invocation{Name: name, Receiver: receiver, On: -1, Within: -1, Argument: -1, Function: int32(r.scope.function), Line: int32(line), EndLine: int32(r.tree.Nodes[i].EndLine)} //nolint:gosec // of one file
	if object >= 0 {
		v.On = int32(r.unwrapped(object)) //nolint:gosec // nodes of one file
	}
	v.EndLine = max(v.EndLine, v.Line)
	v.Result = r.result(i)
	v.Within, v.Argument = r.within(i)
	v.Args = r.arguments(list, 0)
	r.invocations.Add(i, r.nameStart(callee), r.tree.Nodes[i].End, v, r.passesOn(i, &v))
}

// passesOn reports whether a call in a closure does nothing with its result and
// hands a name to a function of a module: |cfg| { users::configure(cfg); }.
func (r *reader) passesOn(i int, v *language.Invocation) bool {
	return v.Within >= 0 && v.On < 0 && v.Receiver != "" && len(v.Args) > 0 && v.Args[0].Kind == language.ArgName && r.tree.ParentKind(i) == kindExpressionStatement
}

// nameStart returns the offset by which an invocation has its place: in a chain
// all calls begin at the same byte, and the ends tell them apart.
func (r *reader) nameStart(callee int) uint32 { return r.tree.Nodes[callee].Start }

// callee parts what is called into receiver and name. object is the node of a
// call that it is called on, -1 for none.
func (r *reader) callee(i int) (receiver, name string, object int) {
	switch r.tree.Kind(i) { //nolint:exhaustive // the kinds of a grammar are many
	case kindIdentifier:
		return "", string(r.tree.Text(i)), -1
	case kindGenericFunction:
		if inner := r.tree.Child(i, fieldFunction); inner >= 0 && r.tree.Kind(inner) != kindGenericFunction {
			return r.callee(inner)
		}
	case kindScoped:
		path := dotted(r.tree.Text(i))
		if at := r.tree.Child(i, fieldName); at >= 0 {
			name = string(r.tree.Text(at))
			return strings.TrimSuffix(strings.TrimSuffix(path, name), "."), name, -1
		}
	case kindFieldExpression:
		field, value := r.tree.Child(i, fieldField), r.tree.Child(i, fieldValue)
		if field < 0 || value < 0 {
			return "", "", -1
		}
		name = string(r.tree.Text(field))
		if inner := r.unwrapped(value); r.tree.Kind(inner) == kindCall || r.tree.Kind(inner) == kindMacroCall {
			return "", name, inner
		}
		return r.receiver(value), name, -1
	}
	return "", "", -1
}

// unwrapped takes ?, .await, references and parentheses off an expression.
func (r *reader) unwrapped(i int) int {
	for range maxPath {
		switch r.tree.Kind(i) {
		case kindTry, kindAwait, kindReference, kindParenthesized:
			inner := -1
			for child := range r.tree.Children(i) {
				if kind := r.tree.Kind(child); kind != kindLineComment && kind != kindBlockComment && kind != kindOther || kind == kindOther && inner < 0 {
					inner = child
				}
			}
			if inner < 0 {
				return i
			}
			i = inner
		default:
			return i
		}
	}
	return i
}

// maxReceiver bounds a receiver, in bytes: what is longer is computed.
const maxReceiver = 120

// receiver returns names joined by dots, "?" for all else.
func (r *reader) receiver(i int) string {
	text := r.tree.Text(i)
	if len(text) > maxReceiver {
		return "?"
	}
	flat := strings.ReplaceAll(strings.ReplaceAll(string(text), "::", "."), ".await", "")
	for _, c := range flat {
		if c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c < 0x80 {
			return "?"
		}
	}
	if flat == "" || flat[0] >= '0' && flat[0] <= '9' {
		return "?"
	}
	return flat
}

// result returns the name that a let or an assignment binds to a call.
func (r *reader) result(i int) string {
	up := i
	for range maxPath {
		parent := r.tree.Parent(up)
		if kind := r.tree.Kind(parent); kind != kindTry && kind != kindAwait && kind != kindReference && kind != kindParenthesized {
			break
		}
		up = parent
	}
	parent := r.tree.Parent(up)
	if r.tree.Kind(parent) != kindLet || r.tree.Nodes[up].Field != fieldValue {
		return ""
	}
	pattern := r.tree.Child(parent, fieldPattern)
	if pattern < 0 || r.tree.Kind(pattern) != kindIdentifier {
		return ""
	}
	return string(r.tree.Text(pattern))
}

// maxWithin bounds the search for the call around a call.
const maxWithin = 64

// within finds the call in whose arguments a call stands, and the place there.
func (r *reader) within(i int) (call, argument int32) {
	for range maxWithin {
		parent := r.tree.Parent(i)
		if parent == 0 || r.tree.Kind(parent) == kindFunction {
			return -1, -1
		}
		if r.tree.Kind(parent) == kindArguments {
			place := int32(0)
			for child := range r.tree.Children(parent) {
				if child == i {
					return int32(r.tree.Parent(parent)), place //nolint:gosec // nodes of one file
				}
				if kind := r.tree.Kind(child); kind != kindLineComment && kind != kindBlockComment && kind != kindComma {
					place++
				}
				if place > maxWithin {
					return -1, -1
				}
			}
		}
		i = parent
	}
	return -1, -1
}

// arguments reads the arguments of a call.
func (r *reader) arguments(list, depth int) []language.Argument {
	var all []language.Argument
	for child := range r.tree.Children(list) {
		if kind := r.tree.Kind(child); kind == kindLineComment || kind == kindBlockComment || kind == kindAttribute || kind == kindComma {
			continue
		}
		if len(all) >= language.MaxArguments {
			break
		}
		all = append(all, r.argument(child, depth))
	}
	return all
}

func (r *reader) argument(i, depth int) language.Argument {
	i = r.unwrapped(i)
	a := language.Argument{Call: -1}
	text := r.tree.Text(i)
	switch kind := r.tree.Kind(i); kind { //nolint:exhaustive // the kinds of a grammar are many
	case kindString, kindRawString:
		if len(text) <= language.MaxText {
			a.Kind, a.Text = language.ArgString, literalText(text)
		}
	case kindIdentifier, kindScoped, kindSelf, kindFieldExpression, kindGenericFunction:
		if name := r.receiver(i); name != "?" {
			a.Kind, a.Text = language.ArgName, name
		}
	case kindInteger, kindFloat, kindBoolean, kindChar:
		if len(text) <= language.MaxText {
			a.Kind, a.Text = language.ArgLiteral, string(text)
		}
	case kindClosure:
		a.Kind = language.ArgFunction
		if list := r.tree.Child(i, fieldParameters); list >= 0 {
			a.Text = r.takes(list)
		}
	case kindCall, kindMacroCall:
		a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // nodes of one file
	case kindArray, kindTuple:
		if depth < language.MaxArgumentDepth-1 {
			a.Kind, a.List = language.ArgList, r.arguments(i, depth+1)
		}
	}
	return a
}

// noisy are macros of every program: they say nothing of what it does.
var noisy = map[string]bool{
	"println": true, "eprintln": true, "print": true, "eprint": true, "format": true, "vec": true, "panic": true, "assert": true, "assert_eq": true,
	"assert_ne": true, "debug_assert": true, "debug_assert_eq": true, "todo": true, "unimplemented": true, "unreachable": true, "write": true, "writeln": true,
	"matches": true, "trace": true, "debug": true, "info": true, "warn": true, "error": true, "log": true, "bail": true, "ensure": true, "anyhow": true,
	"format_args": true, "concat": true, "stringify": true, "env": true, "include_str": true, "cfg": true, "dbg": true, "thread_local": true,
	"event": true, "span": true, "instrument": true, "quote": true, "parse_quote": true, "assert_matches": true, "eyre": true,
}

// macroCall notes the use of a macro, name! as an invocation and by its plain
// name as a call.
func (r *reader) macroCall(i int) {
	at := r.tree.Child(i, fieldMacro)
	if at < 0 || r.isMissing(at) {
		return
	}
	path := dotted(r.tree.Text(at))
	receiver, name := "", path
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		receiver, name = path[:dot], path[dot+1:]
	}
	if name == "" || noisy[name] || builtins[name] {
		return
	}
	node := &r.tree.Nodes[i]
	r.calls.Add([]byte(receiver), []byte(name), r.scope.function, int(node.Line), false)
	list := r.tree.ChildOfKind(i, kindTokens)
	if list < 0 {
		return
	}
	v := language.Invocation{Name: name + "!", Receiver: receiver, On: -1, Function: int32(r.scope.function), Line: int32(node.Line), EndLine: int32(node.EndLine)} //nolint:gosec // of one file
	v.Within, v.Argument = r.within(i)
	v.Result, v.Args = r.result(i), r.tokenArguments(list, 0)
	r.invocations.Add(i, node.Start, node.End, v, false)
}
