package python

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// openCall is a call around the node at hand.
type openCall struct {
	node, arguments int
	argument        int // place of the argument that next is, or is in
	next            int // node of that argument
	end             int // after the last argument
}

// resultName stands for the name of what is called when that is the result of
// another call: cache_page(60)(view).
const resultName = "()"

// maxReceiver bounds what is read as a name with dots, in bytes.
const maxReceiver = 200

// call notes a call among the calls and, unless it is a decorator, the
// invocations.
func (r *reader) call(i int) {
	r.dynamicImport(i)
	function, list := r.tree.Child(i, fieldFunction), r.tree.Child(i, fieldArguments)
	if function < 0 {
		return
	}
	r.countRecursion(function)
	receiver, name := r.callee(function)
	node := &r.tree.Nodes[i]
	r.calls.Add([]byte(receiver), []byte(name), r.scope.function, int(node.Line), false)
	if i > 0 && r.tree.ParentKind(i) == kindDecorator {
		return
	}
	if name == "" && r.tree.Kind(r.unwrapped(function)) == kindCall {
		name = resultName
	}
	if name != "" && list >= 0 && !isNoise(receiver, name) {
		r.invocation(i, function, list, receiver, name)
	}
	if list >= 0 {
		r.openCalls = append(r.openCalls, openCall{node: i, arguments: list, next: list + 1, end: int(r.tree.Nodes[list].Next)})
	}
}

// callee returns what stands before the name that is called, "?" when that is
// computed, and the name, "" when that is.
func (r *reader) callee(function int) (receiver, name string) {
	switch r.tree.Kind(function) {
	case kindIdentifier:
		return "", string(r.tree.Text(function))
	case kindAttribute:
		object, attribute := r.tree.Child(function, fieldObject), r.tree.Child(function, fieldAttribute)
		if attribute < 0 {
			return "", ""
		}
		receiver = r.dotted(object)
		if receiver == "" {
			receiver = "?"
		}
		return receiver, string(r.tree.Text(attribute))
	default:
		return "", ""
	}
}

// dotted returns names joined by dots, "" for anything else.
func (r *reader) dotted(i int) string {
	if i < 0 || r.tree.Nodes[i].End-r.tree.Nodes[i].Start > maxReceiver {
		return ""
	}
	for at := i; at >= 0; at = r.tree.Child(at, fieldObject) {
		switch r.tree.Kind(at) {
		case kindIdentifier:
			return compact(r.tree.Text(i))
		case kindAttribute:
		default:
			return ""
		}
	}
	return ""
}

// noise are calls that hand over texts in every file and that no framework
// reads: they would fill the list.
var noise = map[string]bool{
	"print": true, "isinstance": true, "issubclass": true, "getattr": true, "hasattr": true, "setattr": true, "format": true,
	"join": true, "startswith": true, "endswith": true, "strip": true, "rstrip": true, "lstrip": true, "split": true, "replace": true,
	"encode": true, "decode": true, "TypeVar": true, "gettext": true, "gettext_lazy": true, "_": true, "ngettext": true, "cast": true,
	"open": true, "getenv": true, "ValueError": true, "TypeError": true, "KeyError": true, "RuntimeError": true, "Exception": true,
	"AttributeError": true, "NotImplementedError": true, "fail": true, "warn": true,
}

// adders put a value into a container: no name that they are given is mounted.
var adders = map[string]bool{
	"append": true, "extend": true, "add": true, "update": true, "insert": true, "remove": true, "discard": true, "pop": true,
	"write": true, "put": true, "send": true, "close": true, "set": true,
}

func isNoise(receiver, name string) bool {
	last := receiver[strings.LastIndexByte(receiver, '.')+1:]
	switch last {
	case "logger", "logging", "log", "LOG", "LOGGER", "_logger", "warnings":
		return true
	}
	return noise[name] && receiver != "cli" && receiver != "app"
}

func (r *reader) invocation(i, function, list int, receiver, name string) {
	node := &r.tree.Nodes[i]
	args := []language.Argument{{Call: -1}} // a generator stands without brackets of its own
	if r.tree.Kind(list) == kindArguments {
		args = r.arguments(list, 0)
	}
	call := language.Invocation{
		Name: name, Receiver: receiver, On: -1, Within: -1, Argument: -1, Function: int32(r.scope.function), //nolint:gosec // of one file
		Line: int32(node.Line), EndLine: int32(node.EndLine), Args: args, //nolint:gosec // of one file
	}
	on := r.unwrapped(function)
	if name != resultName {
		on = r.unwrapped(r.tree.Child(function, fieldObject))
	}
	if on >= 0 && r.tree.Kind(on) == kindCall {
		call.On, call.Receiver = int32(on), "" //nolint:gosec // of one file
	}
	call.Within, call.Argument = r.within(i)
	call.Result = r.result(i)
	call.Exported = call.Result != "" && r.scope.kind == scopeModule
	r.invocations.Add(i, node.Start, node.End, call, r.mounts(i, &call))
}

// boundList notes a literal list or dict of lists or dicts that is bound to a name,
// as a call of "=": routes of some frameworks and schedules stand there.
func (r *reader) boundList(i int) {
	if i == 0 || r.tree.ParentKind(i) != kindAssignment || r.tree.Nodes[i].Field != fieldRight {
		return
	}
	name := r.dotted(r.tree.Child(r.tree.Parent(i), fieldLeft))
	first := i + 1
	for first < int(r.tree.Nodes[i].Next) && r.tree.Kind(first) == kindComment {
		first++
	}
	if name == "" || first >= int(r.tree.Nodes[i].Next) {
		return
	}
	if r.tree.Kind(first) == kindPair {
		first = r.tree.Child(first, fieldValue)
	}
	if first < 0 || !isCollection(r.tree.Kind(first)) {
		return
	}
	node := &r.tree.Nodes[i]
	call := language.Invocation{
		Name: "=", On: -1, Within: -1, Argument: -1, Function: int32(r.scope.function), Line: int32(node.Line), EndLine: int32(node.EndLine), //nolint:gosec // of one file
		Result: name, Exported: r.scope.kind == scopeModule, Args: []language.Argument{r.argument(i, 0)},
	}
	r.invocations.Add(i, node.Start, node.End, call, false)
}

func isCollection(kind treesitter.Kind) bool {
	return kind == kindList || kind == kindTuple || kind == kindDictionary
}

// within returns the call in whose arguments node i stands, and which argument
// that is.
func (r *reader) within(i int) (call, argument int32) {
	for n := len(r.openCalls) - 1; n >= 0; n-- {
		open := &r.openCalls[n]
		if i <= open.arguments || i >= open.end {
			continue
		}
		for next := int(r.tree.Nodes[open.next].Next); next <= i && next < open.end; next = int(r.tree.Nodes[open.next].Next) {
			if k := r.tree.Kind(open.next); k != kindComment && k < kindEnd {
				open.argument++
			}
			open.next = next
		}
		return int32(open.node), int32(open.argument) //nolint:gosec // of one file
	}
	return -1, -1
}

// mounts reports whether a call stands as a statement and hands a name to
// something that is called by a name: app.include_router(users.router).
func (r *reader) mounts(i int, call *language.Invocation) bool {
	if r.registers(call) {
		return true
	}
	if call.Receiver == "" && call.On < 0 || adders[call.Name] || i == 0 || r.tree.ParentKind(i) != kindExpressionStatement {
		return false
	}
	for _, a := range call.Args {
		if a.Kind == language.ArgName || a.Kind == language.ArgCall && joiners[call.Name] {
			return true
		}
	}
	return false
}

// registers reports whether a call is an element of a list of the module and is
// handed names: urlpatterns = [path(ORDERS, views.orders)].
func (r *reader) registers(call *language.Invocation) bool {
	if !call.Exported || !strings.HasSuffix(call.Result, "[]") || len(call.Args) < 2 {
		return false
	}
	return call.Args[0].Kind == language.ArgName && (call.Args[1].Kind == language.ArgName || call.Args[1].Kind == language.ArgCall)
}

// joiners are what frameworks call it to put one part on another.
var joiners = map[string]bool{
	"use": true, "register": true, "route": true, "mount": true, "plugin": true, "include_router": true, "register_blueprint": true,
	"blueprint": true, "add_routes": true, "add_typer": true, "add_command": true, "addCommand": true, "configure": true,
}

// maxClimb bounds walks up the tree, which would be quadratic for input that
// nests without bound.
const maxClimb = 8

// result returns the name that a call's value is bound to; of an element of a
// list that is bound to a name, that name with brackets.
func (r *reader) result(i int) string {
	element := ""
	for range maxClimb {
		if i == 0 {
			return ""
		}
		at := i
		switch i = r.tree.Parent(i); r.tree.Kind(i) {
		case kindAssignment, kindAugmented:
			if name := r.dotted(r.tree.Child(i, fieldLeft)); name != "" && r.tree.Nodes[at].Field == fieldRight {
				return name + element
			}
			return ""
		case kindNamed:
			if name := r.dotted(r.tree.Child(i, fieldName)); name != "" && r.tree.Nodes[at].Field == fieldValue {
				return name
			}
			return ""
		case kindAwait, kindParenthesized:
		case kindList, kindTuple, kindBinary:
			element = "[]"
		default:
			return ""
		}
	}
	return ""
}

// unwrapped returns the expression in parentheses around it.
func (r *reader) unwrapped(i int) int {
	for i >= 0 && (r.tree.Kind(i) == kindParenthesized || r.tree.Kind(i) == kindAwait) && i+1 < int(r.tree.Nodes[i].Next) {
		i++
	}
	return i
}

// arguments reads the elements of a list of arguments, list, tuple or dict.
func (r *reader) arguments(list, depth int) []language.Argument {
	var args []language.Argument
	for child := range r.tree.Children(list) {
		if len(args) == language.MaxArguments {
			break
		}
		if kind := r.tree.Kind(child); kind == kindComment || kind >= kindEnd {
			continue
		}
		args = append(args, r.argument(child, depth))
	}
	return args
}

// argument reads one argument. Its call is a key of language.Invocations.
func (r *reader) argument(i, depth int) language.Argument {
	i = r.unwrapped(i)
	a := language.Argument{Call: -1}
	switch kind := r.tree.Kind(i); kind {
	case kindKeywordArgument, kindPair:
		return r.namedArgument(i, kind, depth)
	case kindString, kindConcatenated:
		if text, parts, ok := r.template(i); ok {
			a.Kind, a.Text, a.List = language.ArgString, text, parts
		}
	case kindBinary:
		if text, parts, ok := r.sum(i, maxSum); ok {
			a.Kind, a.Text, a.List = language.ArgString, text, parts
		}
	case kindIdentifier, kindAttribute:
		if a.Text = r.dotted(i); a.Text != "" {
			a.Kind = language.ArgName
		}
	case kindInteger, kindFloat, kindTrue, kindFalse, kindNone, kindUnary:
		if text := r.tree.Text(i); len(text) <= maxReceiver && (kind != kindUnary || isNumber(text)) {
			a.Kind, a.Text = language.ArgLiteral, compact(text)
		}
	case kindLambda:
		a.Kind, a.Text = language.ArgFunction, r.takes(r.tree.Child(i, fieldParameters))
	case kindCall:
		a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // of one file
	case kindList, kindTuple, kindSet:
		a.Kind = language.ArgList
	case kindDictionary:
		a.Kind = language.ArgMap
	default:
	}
	if (a.Kind == language.ArgList || a.Kind == language.ArgMap) && depth < language.MaxArgumentDepth {
		a.List = r.arguments(i, depth+1)
	}
	return a
}

func isNumber(text []byte) bool {
	return len(text) > 1 && (text[0] == '-' || text[0] == '+') && text[1] >= '0' && text[1] <= '9'
}

func (r *reader) namedArgument(i int, kind treesitter.Kind, depth int) language.Argument {
	value := r.tree.Child(i, fieldValue)
	if value < 0 || value == i {
		return language.Argument{Call: -1}
	}
	name := ""
	if kind == kindKeywordArgument {
		if at := r.tree.Child(i, fieldName); at >= 0 {
			name = string(r.tree.Text(at))
		}
	} else if at := r.tree.Child(i, fieldKey); at >= 0 {
		if key := r.argument(at, language.MaxArgumentDepth); key.Kind != language.ArgFunction {
			name = key.Text
		}
	}
	a := language.Argument{Call: -1}
	if k := r.tree.Kind(value); k != kindKeywordArgument && k != kindPair { // of broken source
		a = r.argument(value, depth)
	}
	a.Name = name
	return a
}

// template returns the text of a string or of strings that stand side by side;
// what is computed stands as {}.
func (r *reader) template(i int) (string, []language.Argument, bool) {
	node := &r.tree.Nodes[i]
	if node.End-node.Start > 2*language.MaxText {
		return "", nil, false
	}
	var text []byte
	var parts []language.Argument
	named := false
	for n := i; n < int(node.Next); n++ {
		switch r.tree.Kind(n) {
		case kindStringStart:
			if bytes.ContainsAny(r.tree.Text(n), "bB") {
				return "", nil, false
			}
		case kindStringContent:
			text = r.stringContent(text, n)
		case kindInterpolation:
			text = append(text, "{}"...)
			part := r.interpolated(n)
			parts, named = append(parts, part), named || part.Kind == language.ArgName
			n = int(r.tree.Nodes[n].Next) - 1
		case kindString, kindConcatenated:
		default:
			if n == i {
				return "", nil, false
			}
		}
	}
	if len(text) > language.MaxText || !r.isClosed(i) || bytes.ContainsFunc(text, isControl) {
		return "", nil, false
	}
	if !named {
		parts = nil
	}
	return string(text), parts, true
}

// stringContent appends the text of one stretch of a string: escapes as they are
// written, but the lines of a text that goes on are joined.
func (r *reader) stringContent(text []byte, i int) []byte {
	return append(text, bytes.ReplaceAll(r.tree.Text(i), []byte("\\\n"), nil)...)
}

// isClosed reports whether a string ends with a quote: one that the file ends in
// is no literal.
func (r *reader) isClosed(i int) bool {
	text := r.tree.Text(i)
	return len(text) > 1 && (text[len(text)-1] == '"' || text[len(text)-1] == '\'')
}

func isControl(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7F }

// takes returns the names of parameters joined by commas, each with its type.
func (r *reader) takes(list int) string {
	if list < 0 {
		return ""
	}
	var b strings.Builder
	for child := range r.tree.Children(list) {
		name, kind := r.parameterName(child)
		if name == "" {
			continue
		}
		if kind != "" {
			name += ": " + kind
		}
		if b.Len()+len(name)+1 > language.MaxText {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name)
	}
	return b.String()
}

// parameterName returns the name of a parameter and its type as it is written.
func (r *reader) parameterName(i int) (name, kind string) {
	switch r.tree.Kind(i) {
	case kindIdentifier:
		return string(r.tree.Text(i)), ""
	case kindDefaultParameter, kindTypedDefault, kindTypedParameter:
	default:
		return "", ""
	}
	at := r.tree.Child(i, fieldName)
	if at < 0 {
		at = r.tree.ChildOfKind(i, kindIdentifier)
	}
	if at < 0 {
		return "", ""
	}
	if annotation := r.tree.Child(i, fieldType); annotation >= 0 {
		kind = language.Flat(r.tree.Text(annotation), language.MaxSignature)
	}
	return string(r.tree.Text(at)), kind
}
