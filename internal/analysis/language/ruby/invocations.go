package ruby

import (
	"bytes"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// invocation notes a call that a framework might read.
func (r *reader) invocation(i int, name, receiver string, receiverNode int) {
	if !r.isCandidate(i) {
		return
	}
	node := &r.tree.Nodes[i]
	v := language.Invocation{
		Name: name, Receiver: receiver, On: -1, Within: int32(r.scope.within), Argument: int32(r.scope.argument), Function: int32(r.scope.function), //nolint:gosec // of one file
		Line: int32(node.Line), EndLine: int32(node.EndLine), Result: r.results[i], //nolint:gosec // of one file
	}
	if receiver == computed && r.tree.Kind(receiverNode) == kindCall && r.isCandidate(receiverNode) {
		v.Receiver, v.On = "", int32(receiverNode) //nolint:gosec // of one file
	}
	v.New = name == "new" && receiver != "" && receiver != computed && isUpper(receiver)
	if v.New {
		v.Name, v.Receiver = receiver, ""
		if dot := strings.LastIndexByte(receiver, '.'); dot >= 0 {
			v.Receiver, v.Name = receiver[:dot], receiver[dot+1:]
		}
	}
	v.Exported = v.Result != "" && isUpper(v.Result)
	var symbol bool
	v.Args, symbol = r.args(i)
	r.invocations.Add(i, node.Start, node.End, v, symbol || r.isDirective(v))
}

// isCandidate reports whether a call can be an invocation: in a method it hands
// something over besides a block.
func (r *reader) isCandidate(call int) bool {
	return r.scope.function == noFunction || r.tree.Child(call, fieldArguments) >= 0
}

// isDirective reports whether a call outside any method hands over a constant,
// such as mount Users::API or use Rack::Session.
func (r *reader) isDirective(v language.Invocation) bool {
	if v.Function >= 0 || v.Receiver != "" {
		return false
	}
	for _, a := range v.Args {
		if a.Kind == language.ArgName && a.Text[0] >= 'A' && a.Text[0] <= 'Z' {
			return true
		}
	}
	return false
}

// args reads the arguments of a call, its block last, and whether there is a
// symbol among them.
func (r *reader) args(call int) (args []language.Argument, symbol bool) {
	if list := r.tree.Child(call, fieldArguments); list >= 0 {
		for child := range r.tree.Children(list) {
			if r.tree.Kind(child) == kindComment {
				continue
			}
			if len(args) >= language.MaxArguments-1 { // the last is the block's
				break
			}
			args = append(args, r.argument(child, 0))
		}
	}
	telling := false
	for _, a := range args {
		symbol = symbol || holdsSymbol(a)
		telling = telling || symbol || a.Kind == language.ArgString
	}
	if block := r.tree.Child(call, fieldBlock); block >= 0 && (telling || r.scope.function == noFunction) {
		args = append(args, language.Argument{Kind: language.ArgFunction, Text: r.parameterNames(r.tree.Child(block, fieldParameters)), Call: -1})
	}
	return args, symbol
}

func holdsSymbol(a language.Argument) bool {
	if a.Kind == language.ArgName && strings.HasPrefix(a.Text, ":") {
		return true
	}
	return slices.ContainsFunc(a.List, holdsSymbol)
}

// parameterNames joins the parameters of a list.
func (r *reader) parameterNames(list int) string {
	if list < 0 {
		return ""
	}
	var names []string
	for child := range r.tree.Children(list) {
		text := strings.TrimLeft(string(r.short(child)), "*&")
		if end := strings.IndexAny(text, " =:,("); end >= 0 {
			text = text[:end]
		}
		if text != "" && len(names) < language.MaxArguments {
			names = append(names, text)
		}
	}
	return text(strings.Join(names, ","))
}

// text is what fits into an argument, "" for what does not.
func text(s string) string {
	if len(s) > language.MaxText {
		return ""
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// argument reads one argument, or an element of a list.
func (r *reader) argument(i, depth int) language.Argument {
	a := language.Argument{Call: -1}
	switch r.tree.Kind(i) {
	case kindString, kindBareString:
		a.Kind, a.Text = language.ArgString, r.stringText(i)
	case kindSimpleSymbol:
		a.Kind, a.Text = language.ArgName, string(r.short(i))
	case kindDelimitedSymbol, kindBareSymbol:
		a.Kind, a.Text = language.ArgName, ":"+r.stringText(i)
	case kindIdentifier, kindSelf, kindInstanceVariable, kindConstant, kindGlobalVariable, kindClassVariable:
		a.Kind, a.Text = language.ArgName, string(r.short(i))
	case kindScopeResolution:
		if path := r.short(i); isConstantPath(path) {
			a.Kind, a.Text = language.ArgName, string(bytes.Join(bytes.Fields(path), nil))
		}
	case kindInteger, kindFloat, kindTrue, kindFalse, kindNil:
		a.Kind, a.Text = language.ArgLiteral, string(r.short(i))
	case kindLambda:
		a.Kind, a.Text = language.ArgFunction, r.parameterNames(r.tree.Child(i, fieldParameters))
	case kindCall:
		r.callArgument(&a, i)
	case kindArray, kindSymbolArray, kindStringArray:
		a.Kind, a.List = language.ArgList, r.elements(i, depth)
	case kindHash:
		a.Kind, a.List = language.ArgMap, r.elements(i, depth)
	case kindPair:
		return r.pair(i, depth)
	case kindBlockArgument:
		if i+1 < int(r.tree.Nodes[i].Next) && depth < language.MaxArgumentDepth {
			return r.argument(i+1, depth+1)
		}
	default:
	}
	return bounded(a)
}

// bounded makes an argument whose text is too long one that says nothing.
func bounded(a language.Argument) language.Argument {
	if len(a.Text) > language.MaxText || a.Kind == language.ArgName && a.Text == "" {
		return language.Argument{Call: -1}
	}
	a.Text = strings.ToValidUTF8(a.Text, "\uFFFD")
	return a
}

func (r *reader) callArgument(a *language.Argument, i int) {
	if name := r.dotted(i, maxChain); name != computed {
		a.Kind, a.Text = language.ArgName, name
		return
	}
	a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // of one file
}

func (r *reader) elements(i, depth int) []language.Argument {
	if depth >= language.MaxArgumentDepth {
		return nil
	}
	var list []language.Argument
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) == kindComment {
			continue
		}
		if len(list) >= language.MaxArguments {
			break
		}
		list = append(list, r.argument(child, depth+1))
	}
	return list
}

// pair reads key: value and "key" => value.
func (r *reader) pair(i, depth int) language.Argument {
	key, value := r.tree.Child(i, fieldKey), r.tree.Child(i, fieldValue)
	if key < 0 {
		return language.Argument{Call: -1}
	}
	var name string
	if r.tree.Kind(key) == kindString {
		name = r.stringText(key)
	} else {
		name = strings.TrimPrefix(string(r.short(key)), ":")
	}
	a := language.Argument{Call: -1}
	if value >= 0 && r.tree.Kind(value) != kindPair {
		a = r.argument(value, depth)
	}
	if name = strings.Trim(name, `"'`); len(name) <= language.MaxText {
		a.Name = strings.ToValidUTF8(name, "\uFFFD")
	}
	return a
}

// stringText returns a literal's text with {} for what is computed; it is cut
// where it is longer than an argument may be.
func (r *reader) stringText(i int) string {
	var b strings.Builder
	for child := range r.tree.Children(i) {
		if b.Len() > language.MaxText {
			break
		}
		if r.tree.Kind(child) == kindInterpolation {
			b.WriteString("{}")
			continue
		}
		part := r.tree.Text(child)
		b.Write(part[:min(len(part), language.MaxText+1)])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
