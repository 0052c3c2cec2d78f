package php

import (
	"bytes"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// value is the expression of an argument.
func (r *reader) value(argument int) int {
	if argument >= len(r.tree.Nodes) || r.tree.Kind(argument) != kindArgument {
		return argument
	}
	value := argument
	for child := range r.tree.Children(argument) {
		if r.tree.Nodes[child].Field != fieldName && r.tree.Kind(child) != kindComment {
			value = child
		}
	}
	return value
}

// arguments reads a list of arguments.
func (r *reader) arguments(list int) []language.Argument {
	var args []language.Argument
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindComment {
			continue
		}
		if len(args) >= language.MaxArguments {
			break
		}
		a := r.expression(r.value(child), 0)
		if name := r.tree.Child(child, fieldName); r.tree.Kind(child) == kindArgument && name >= 0 {
			a.Name = string(r.short(name))
		}
		args = append(args, a)
	}
	return args
}

// expression reads the value of an argument, or of an element of a list.
func (r *reader) expression(i, depth int) language.Argument {
	a := language.Argument{Call: -1}
	if i >= len(r.tree.Nodes) {
		return a
	}
	switch kind := r.tree.Kind(i); kind {
	case kindString, kindEncapsedString:
		a.Kind, a.Text = language.ArgString, r.stringText(i)
	case kindBinaryExpression:
		if text := r.joined(i); text != "" {
			a.Kind, a.Text = language.ArgString, text
		}
	case kindInteger, kindFloat, kindBoolean, kindNull:
		a.Kind, a.Text = language.ArgLiteral, string(r.short(i))
	case kindVariableName, kindMemberAccessExpression, kindNullsafeMemberAccessExpression, kindScopedPropertyAccessExpression, kindName, kindQualifiedName:
		if name := r.dotted(i, maxMembers); name != computed {
			a.Kind, a.Text = language.ArgName, name
		}
	case kindClassConstantAccessExpression:
		a.Kind, a.Text = language.ArgName, r.classConstant(i)
	case kindAnonymousFunction, kindArrowFunction:
		a.Kind, a.Text = language.ArgFunction, r.parameterNames(r.tree.Child(i, fieldParameters))
	case kindArrayCreationExpression:
		a.Kind, a.List = r.elements(i, depth)
	default:
		if isCall(kind) {
			a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // of one file
		}
	}
	if len(a.Text) > language.MaxText || a.Kind == language.ArgName && a.Text == "" {
		return language.Argument{Call: -1}
	}
	return a
}

// classConstant writes Class::NAME, the class in full when it is imported under
// an alias.
func (r *reader) classConstant(i int) string {
	class, constant := -1, -1
	for child := range r.tree.Children(i) {
		if class < 0 {
			class = child
		} else if r.tree.Kind(child) == kindName {
			constant = child
		}
	}
	if class < 0 || constant < 0 {
		return ""
	}
	name := compact(r.short(class))
	if !r.isName([]byte(name)) || strings.HasPrefix(name, "$") {
		return ""
	}
	first, rest, more := strings.Cut(name, `\`)
	if whole := r.aliases[first]; whole != "" && lastName(whole) != first {
		name = whole
		if more {
			name += `\` + rest
		}
	}
	return name + "::" + string(r.short(constant))
}

func (r *reader) elements(i, depth int) (language.ArgumentKind, []language.Argument) {
	kind := language.ArgList
	if depth >= language.MaxArgumentDepth {
		return kind, nil
	}
	var list []language.Argument
	for element := range r.tree.Children(i) {
		if r.tree.Kind(element) != kindArrayElementInitializer {
			continue
		}
		if len(list) >= language.MaxArguments {
			break
		}
		first, second := -1, -1
		for child := range r.tree.Children(element) {
			if r.tree.Kind(child) == kindComment {
				continue
			}
			first, second = second, child
		}
		if second < 0 {
			continue
		}
		a := r.expression(second, depth+1)
		if first >= 0 {
			kind = language.ArgMap
			if key := r.expression(first, language.MaxArgumentDepth); len(key.Text) <= language.MaxText {
				a.Name = key.Text
			}
		}
		list = append(list, a)
	}
	return kind, list
}

// parameterNames joins the parameters of a list, with their types.
func (r *reader) parameterNames(list int) string {
	if list < 0 {
		return ""
	}
	var names []string
	for child := range r.tree.Children(list) {
		name := r.tree.Child(child, fieldName)
		if name < 0 || len(names) >= language.MaxArguments {
			continue
		}
		text := string(bytes.TrimLeft(r.short(name), "$&"))
		if written := r.tree.Child(child, fieldType); written >= 0 {
			text += ": " + compact(r.short(written))
		}
		names = append(names, text)
	}
	joined := strings.Join(names, ",")
	if len(joined) > language.MaxText {
		return ""
	}
	return joined
}

// literal returns the text of a literal, {} for what is computed in it.
func (r *reader) literal(i int) string {
	if i < 0 || i >= len(r.tree.Nodes) {
		return ""
	}
	switch r.tree.Kind(i) {
	case kindString, kindEncapsedString:
		if text := r.stringText(i); len(text) <= language.MaxText {
			return text
		}
	case kindBinaryExpression:
		return r.joined(i)
	default:
	}
	return ""
}

// stringText returns a string's text with {} for what is computed; it is cut
// where it is longer than an argument may be.
func (r *reader) stringText(i int) string {
	var b strings.Builder
	for child := range r.tree.Children(i) {
		if b.Len() > language.MaxText {
			break
		}
		switch r.tree.Kind(child) {
		case kindStringContent, kindEscapeSequence:
			part := r.tree.Text(child)
			b.Write(part[:min(len(part), language.MaxText+1)])
		default:
			b.WriteString("{}")
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// maxJoined is how many parts a text that is put together may have.
const maxJoined = 12

// joined reads literals that are put together by dots, "" when there is none
// among them.
func (r *reader) joined(i int) string {
	var parts []string
	literal := false
	for range maxJoined {
		operator := -1
		if r.tree.Kind(i) == kindBinaryExpression {
			operator = r.tree.Child(i, fieldOperator)
		}
		if operator < 0 || r.tree.Kind(operator) != kindDot {
			break
		}
		left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
		if left < 0 || right < 0 {
			return ""
		}
		text, ok := r.part(right)
		parts, literal, i = append(parts, text), literal || ok, left
	}
	if len(parts) == 0 {
		return ""
	}
	text, ok := r.part(i)
	if !ok && !literal {
		return ""
	}
	var textSb232 strings.Builder
	for _, part := range slices.Backward(parts) {
		textSb232.WriteString(part)
	}
	text += textSb232.String()
	if len(text) > language.MaxText {
		return ""
	}
	return text
}

func (r *reader) part(i int) (string, bool) {
	if kind := r.tree.Kind(i); kind == kindString || kind == kindEncapsedString {
		return r.stringText(i), true
	}
	if r.tree.Kind(i) == kindClassConstantAccessExpression { // Controller::class . ':method'
		if class, ok := strings.CutSuffix(r.classConstant(i), "::class"); ok {
			return class, true
		}
	}
	return "{}", false
}
