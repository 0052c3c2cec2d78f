package java

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// list renders the arguments or elements below node i.
func (r *reader) list(i, depth int) []language.Argument {
	var out []language.Argument
	for child := range r.tree.Children(i) {
		kind := r.tree.Kind(child)
		if kind == kindLineComment || kind == kindBlockComment {
			continue
		}
		if len(out) == language.MaxArguments {
			break
		}
		out = append(out, r.argument(child, depth))
	}
	return out
}

func (r *reader) argument(i, depth int) language.Argument {
	a := language.Argument{Call: -1}
	i = r.inside(i)
	if i < 0 {
		return a
	}
	switch kind := r.tree.Kind(i); kind {
	case kindString:
		if text, ok := r.literal(i); ok {
			a.Kind, a.Text = language.ArgString, text
		}
	case kindCharacter, kindInteger, kindHex, kindFloat, kindTrue, kindFalse, kindNull:
		if text := string(r.tree.Text(i)); len(text) <= language.MaxText {
			a.Kind, a.Text = language.ArgLiteral, text
		}
	case kindIdentifier, kindFieldAccess, kindThis, kindScopedIdentifier:
		if text, ok := r.nameOf(i); ok {
			a.Kind, a.Text = language.ArgName, text
		}
	case kindClassLiteral:
		if at := r.plainType(r.first(i)); at >= 0 && len(r.tree.Text(at)) < language.MaxText-10 {
			a.Kind, a.Text = language.ArgName, compact(r.tree.Text(at))+".class"
		}
	case kindReference:
		return r.reference(i)
	case kindLambda:
		a.Kind, a.Text = language.ArgFunction, r.lambda(i)
	case kindInvocation, kindCreation:
		a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // nodes of one file
	case kindBinary:
		return r.joined(i)
	case kindAnnotation, kindMarker:
		a.Kind = language.ArgMap
		if name := r.tree.Child(i, fieldName); name >= 0 {
			a.Text = language.Clip([]byte(compact(r.tree.Text(name))), language.MaxText)
		}
		if depth < language.MaxArgumentDepth {
			a.List = r.annotationArguments(i, depth+1)
		}
	case kindValueArray, kindArrayInitializer:
		a.Kind = language.ArgList
		if depth < language.MaxArgumentDepth {
			a.List = r.list(i, depth+1)
		}
	case kindArrayCreation:
		if at := r.tree.Child(i, fieldValue); at >= 0 {
			return r.argument(at, depth)
		}
	default:
	}
	return a
}

// literal is the text of a string or text block without its quotes.
func (r *reader) literal(i int) (string, bool) {
	text := r.tree.Text(i)
	quotes := 1
	if len(text) >= 6 && string(text[:3]) == `"""` {
		quotes = 3
	}
	if len(text) < 2*quotes || len(text) > language.MaxText {
		return "", false
	}
	return string(text[quotes : len(text)-quotes]), true
}

// reference is a method as a value: this::list, UserController::list.
func (r *reader) reference(i int) language.Argument {
	text := compact(r.tree.Text(i))
	left, right, ok := strings.Cut(text, "::")
	if !ok || strings.ContainsAny(text, "()<>[]\"") || len(text) > language.MaxText {
		return language.Argument{Call: -1}
	}
	return language.Argument{Kind: language.ArgName, Text: left + "." + right, Call: -1}
}

// lambda lists the parameters of a lambda.
func (r *reader) lambda(i int) string {
	list := r.tree.Child(i, fieldParameters)
	if list < 0 {
		return ""
	}
	if r.tree.Kind(list) == kindIdentifier {
		return language.Clip(r.tree.Text(list), language.MaxText)
	}
	if r.tree.Kind(list) == kindFormalParameters {
		return r.takes(list)
	}
	var names []string
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindIdentifier {
			names = append(names, string(r.tree.Text(child)))
		}
	}
	return language.Clip([]byte(strings.Join(names, ",")), language.MaxText)
}

// takes lists parameters as the text of an ArgFunction does.
func (r *reader) takes(list int) string {
	if list < 0 {
		return ""
	}
	var b strings.Builder
	for child := range r.tree.Children(list) {
		name, typ := r.parameter(child)
		if name == "" || b.Len() > language.MaxText {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name + ": " + typ)
	}
	return language.Clip([]byte(b.String()), language.MaxText)
}

// joined is a text put together with plus signs, with {} for each part that is
// no literal.
func (r *reader) joined(i int) language.Argument {
	parts, ok := r.parts(i, nil)
	a := language.Argument{Kind: language.ArgString, Call: -1}
	literal := false
	for _, part := range parts {
		if part.Kind == language.ArgString {
			literal = true
			a.Text += part.Text
			a.List = append(a.List, part.List...)
			continue
		}
		a.Text += "{}"
		a.List = append(a.List, part)
	}
	if !ok || !literal || len(a.Text) > language.MaxText || strings.Count(a.Text, "{}") != len(a.List) || len(a.List) > language.MaxArguments {
		return language.Argument{Call: -1}
	}
	return a
}

// parts are those of a sum, from left to right.
func (r *reader) parts(i int, out []language.Argument) ([]language.Argument, bool) {
	var right []int
	for r.tree.Kind(i) == kindBinary {
		operator, left, r2 := r.tree.Child(i, fieldOperator), r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
		if operator < 0 || left < 0 || r2 < 0 || r.tree.Kind(operator) != kindPlus || len(right) > language.MaxArguments {
			return nil, false
		}
		right, i = append(right, r2), r.inside(left)
		if i < 0 {
			return nil, false
		}
	}
	out = append(out, r.argument(i, language.MaxArgumentDepth))
	for _, r0 := range slices.Backward(right) {
		out = append(out, r.argument(r0, language.MaxArgumentDepth))
	}
	for k := range out {
		if out[k].Kind != language.ArgString && out[k].Kind != language.ArgName {
			out[k] = language.Argument{Call: -1}
		}
	}
	return out, true
}
