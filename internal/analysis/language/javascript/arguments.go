package javascript

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// arguments reads the elements of a list of arguments, an array or an object.
func (r *reader) arguments(list, depth int) []language.Argument {
	var args []language.Argument
	if kind := r.tree.Kind(list); kind != kindArguments && kind != kindArray && kind != kindObject { // a tagged template
		return nil
	}
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
	i = r.awaited(i)
	a := language.Argument{Call: -1}
	switch kind := r.tree.Kind(i); kind {
	case kindPair, kindMethod:
		return r.namedArgument(i, depth)
	case kindShorthand:
		a.Kind, a.Name = language.ArgName, r.text(i)
		a.Text = a.Name
	case kindString, kindTemplate:
		if text, ok := r.template(i); ok {
			a.Kind, a.Text = language.ArgString, text
		}
	case kindIdentifier, kindMember, kindThis:
		if text := r.dotted(i); text != nil && len(text) <= language.MaxText {
			a.Kind, a.Text = language.ArgName, string(text)
		}
	case kindNumber, kindTrue, kindFalse, kindNull, kindUndefined, kindRegex:
		if text := r.tree.Text(i); len(text) <= maxReceiver && !bytes.ContainsFunc(text, isControl) {
			a.Kind, a.Text = language.ArgLiteral, string(text)
		}
	case kindFunctionExpression, kindGeneratorExpression, kindArrow:
		a.Kind, a.Text = language.ArgFunction, r.takes(r.parametersOf(i))
	case kindCall, kindNew:
		a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // of one file
	case kindArray:
		a.Kind = language.ArgList
	case kindObject:
		a.Kind = language.ArgMap
	default:
	}
	if element := r.valueElement(i); element != "" { // element: <Page />
		a.Kind, a.Text = language.ArgName, element
	}
	if (a.Kind == language.ArgList || a.Kind == language.ArgMap) && depth < language.MaxArgumentDepth {
		a.List = r.arguments(i, depth+1)
	}
	return a
}

// awaited returns the expression in await, parentheses and assertions.
func (r *reader) awaited(i int) int {
	i = r.unwrapped(i)
	for r.tree.Kind(i) == kindAwait && i+1 < int(r.node(i).Next) {
		i = r.unwrapped(i + 1)
	}
	return i
}

// namedArgument reads a pair or a method of an object.
func (r *reader) namedArgument(i, depth int) language.Argument {
	a := language.Argument{Call: -1}
	key := r.part(i, fieldKey)
	if r.tree.Kind(i) == kindMethod {
		key = r.part(i, fieldName)
		a.Kind, a.Text = language.ArgFunction, r.takes(r.part(i, fieldParameters))
	} else if value := r.part(i, fieldValue); value >= 0 && r.tree.Kind(value) != kindPair {
		a = r.argument(value, depth)
	}
	a.Name = ""
	if key >= 0 {
		if a.Name = r.keyName(key); len(a.Name) > maxReceiver {
			a.Name = ""
		}
	}
	return a
}

// template returns the text of a string or template; what is computed stands as
// {}.
func (r *reader) template(i int) (string, bool) {
	text := r.tree.Text(i)
	if len(text) < 2 || len(text) > 2*language.MaxText || text[0] != text[len(text)-1] {
		return "", false
	}
	start, end := r.node(i).Start+1, r.node(i).End-1
	var plain []byte
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != kindSubstitution {
			continue
		}
		if n := r.node(child); n.Start >= start && n.End <= end {
			plain = append(append(plain, r.tree.Source[start:n.Start]...), "{}"...)
			start = n.End
		}
	}
	plain = append(plain, r.tree.Source[start:end]...)
	if len(plain) > language.MaxText || bytes.ContainsFunc(plain, func(c rune) bool { return isControl(c) && c != '\n' && c != '\t' }) {
		return "", false
	}
	return string(plain), true
}

// parametersOf returns the node of a function's parameters, or none.
func (r *reader) parametersOf(function int) int {
	if parameters := r.part(function, fieldParameters); parameters >= 0 {
		return parameters
	}
	return r.part(function, fieldParameter)
}

// takes returns the names of parameters joined by commas, each with its type. A
// pattern is {} or [].
func (r *reader) takes(list int) string {
	if list < 0 {
		return ""
	}
	if r.tree.Kind(list) == kindIdentifier { // x => x
		return language.Flat(r.tree.Text(list), language.MaxText)
	}
	var b strings.Builder
	for child := range r.tree.Children(list) {
		name := r.parameterText(child)
		if name == "" || b.Len()+len(name)+1 > language.MaxText {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name)
	}
	return b.String()
}

func (r *reader) parameterText(i int) string {
	switch r.tree.Kind(i) {
	case kindIdentifier:
		return language.Flat(r.tree.Text(i), maxReceiver)
	case kindObjectPattern:
		return "{}"
	case kindArrayPattern:
		return "[]"
	case kindAssignmentPattern:
		if left := r.part(i, fieldLeft); left >= 0 && r.tree.Kind(left) != kindAssignmentPattern {
			return r.parameterText(left)
		}
	case kindRequiredParameter, kindOptionalParameter:
		return r.typedParameter(i)
	default:
	}
	return ""
}

func (r *reader) typedParameter(i int) string {
	name := ""
	if pattern := r.part(i, fieldPattern); pattern >= 0 && r.tree.Kind(pattern) != kindRequiredParameter {
		name = r.parameterText(pattern)
	}
	if kind := r.annotationOf(i); kind != "" && name != "" {
		name += ": " + kind
	}
	return name
}

// boundList notes a literal array of objects or arrays, or an object that says
// method and path, that is bound to a name, as a call of "=": routes of some
// frameworks stand there.
func (r *reader) boundList(i int, kind treesitter.Kind) {
	name, exported := r.result(i)
	if name == "" || strings.HasSuffix(name, "[]") || !r.holdsRoutes(i, kind) {
		return
	}
	node := r.node(i)
	call := language.Invocation{
		Name: "=", On: -1, Within: -1, Argument: -1, Function: int32(r.scope.unit), Line: int32(node.Line), EndLine: int32(node.EndLine), //nolint:gosec // of one file
		Result: name, Exported: exported, Args: []language.Argument{r.argument(i, 0)},
	}
	r.invocations.Add(i, node.Start, node.End, call, false)
}

func (r *reader) holdsRoutes(i int, kind treesitter.Kind) bool {
	method, path := false, false
	for child := range r.tree.Children(i) {
		if kind == kindArray {
			if k := r.tree.Kind(child); k != kindComment {
				return k == kindObject || k == kindArray
			}
			continue
		}
		if r.tree.Kind(child) != kindPair {
			continue
		}
		switch string(r.child(child, fieldKey)) {
		case "method":
			method = true
		case "path", "url":
			path = true
		}
	}
	return method && path
}
