package kotlin

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
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

// call notes a call. f(x) { } are two nodes and one call.
func (r *reader) call(i int) {
	if r.merged[i] || i+1 >= int(r.tree.Nodes[i].Next) {
		return
	}
	function := i + 1
	arguments := r.arguments(i)
	if r.tree.Kind(function) == kindCall && r.tree.ChildOfKind(i, kindArguments) < 0 && r.tree.ChildOfKind(function, kindArguments) >= 0 {
		r.merged[function] = true
		arguments = append(r.arguments(function), arguments...)
		function++
	}
	name, object := function, -1
	if r.tree.Kind(function) == kindNavigation {
		name, object = r.member(function), function+1
	}
	var text []byte
	if name >= 0 && r.tree.Kind(name) == kindIdentifier {
		text = r.nameText(name)
	}
	v := language.Invocation{Name: string(text), On: -1, New: isCapital(text)}
	if object >= 0 {
		v.Receiver = r.receiverText(object)
		if at := r.unwrap(object); r.tree.Kind(at) == kindCall {
			v.On = int32(at) //nolint:gosec // nodes of one file
		}
	}
	r.calls.Add([]byte(v.Receiver), text, r.scope.function, int(r.tree.Nodes[i].Line), v.New)
	r.recursion(text, object, len(arguments))
	if v.On >= 0 {
		v.Receiver = ""
	}
	r.add(i, v, arguments)
}

// receiverText is what a call stands on, "?" when it is computed.
func (r *reader) receiverText(object int) string {
	text := r.dotted(object)
	if text == nil || len(text) > language.MaxSignature {
		return "?"
	}
	return string(text)
}

func isCapital(name []byte) bool {
	first, _ := utf8.DecodeRune(name)
	return unicode.IsUpper(first)
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
	for k, at := range arguments {
		if k == language.MaxArguments-1 && len(arguments) > language.MaxArguments {
			at = arguments[len(arguments)-1] // a block at the end counts for more than what is before it
		}
		if k < language.MaxArguments {
			v.Args = append(v.Args, r.argument(at, 0))
		}
	}
	if len(v.Args) == 1 && v.Args[0].Kind == language.ArgFunction && v.Args[0].Name == "" {
		v.Args[0].Name = r.typeArgument(i)
	}
	r.invoked.Add(i, n.Start, n.End, v, r.registers(i, v.Args))
}

// typeArgument is the only type argument of a call, "<Articles.Id>" of
// get<Articles.Id> { }, as the name of its block; "" for none.
func (r *reader) typeArgument(call int) string {
	list := r.tree.ChildOfKind(call, kindTypeArguments)
	if list < 0 && call+1 < int(r.tree.Nodes[call].Next) && r.tree.Kind(call+1) == kindCall {
		list = r.tree.ChildOfKind(call+1, kindTypeArguments)
	}
	if list < 0 {
		return ""
	}
	text := strings.Join(strings.Fields(string(r.tree.Text(list))), "")
	if len(text) < 3 || len(text) > language.MaxText || strings.ContainsAny(text[1:len(text)-1], "<>,*?()") {
		return ""
	}
	return text
}

// registers reports whether a call does nothing with its result and hands a name
// to something, or stands by itself in a lambda, which may be what it is called on.
func (r *reader) registers(i int, args []language.Argument) bool {
	up := r.tree.ParentKind(i)
	if up == kindLambda && r.tree.Kind(i+1) == kindIdentifier {
		return true
	}
	return (up == kindBlock || up == kindLambda || up == kindFile) && slices.ContainsFunc(args, func(a language.Argument) bool { return a.Kind == language.ArgName })
}

// operators are functions between two values that say nothing.
var operators = set(`to until downTo step and or xor shl shr ushr`)

// infix notes the call of a function that stands between two values.
func (r *reader) infix(i int) {
	last := -1
	for child := range r.tree.Children(i) {
		if child > i+1 && r.tree.Kind(child) == kindIdentifier && last < 0 {
			last = child
		}
	}
	if last < 0 || operators[string(r.nameText(last))] {
		return
	}
	r.calls.Add([]byte(r.receiverText(i+1)), r.nameText(last), r.scope.function, int(r.tree.Nodes[last].Line), false)
}

// arguments returns the nodes of the arguments of a call, a block at its end
// among them.
func (r *reader) arguments(call int) []int {
	var out []int
	for child := range r.tree.Children(call) {
		switch r.tree.Kind(child) {
		case kindArguments:
			for at := range r.tree.Children(child) {
				if r.tree.Kind(at) == kindArgument {
					out = append(out, at)
				}
			}
		case kindAnnotatedLambda:
			out = append(out, child)
		default:
		}
	}
	return out
}

// unwrap goes down to the expression in parentheses, a cast or x!!.
func (r *reader) unwrap(i int) int {
	for int(r.tree.Nodes[i].Next) > i+1 {
		kind := r.tree.Kind(i)
		if kind != kindParenthesized && kind != kindAs && (kind != kindUnary || r.tree.Source[r.tree.Nodes[i].End-1] != '!') {
			return i
		}
		i++
	}
	return i
}

// result is the name that is bound to the value of node i, and whether other
// files can use it.
func (r *reader) result(i int) (name string, exported bool) {
	up := r.tree.Parent(i)
	for up > 0 && (r.tree.Kind(up) == kindParenthesized || r.tree.Kind(up) == kindUnary || r.tree.Kind(up) == kindAs) {
		up = r.tree.Parent(up)
	}
	at := -1
	switch r.tree.Kind(up) {
	case kindProperty:
		if v := r.tree.ChildOfKind(up, kindVariable); v >= 0 {
			at = r.tree.ChildOfKind(v, kindIdentifier)
			exported = !r.scope.local && r.declared.node == up && r.facts.Declares[r.declared.index].Exported
		}
	case kindAssignment:
		if right := r.tree.Child(up, fieldRight); right >= 0 && right <= i {
			at = r.tree.Child(up, fieldLeft)
		}
	default:
	}
	if at < 0 {
		return "", false
	}
	return string(r.dotted(at)), exported
}
