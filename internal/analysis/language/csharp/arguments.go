package csharp

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// argument describes an argument of a call or an attribute, or an element of a
// list.
func (r *reader) argument(i, depth int) language.Argument {
	name, value := r.named(i)
	if value < 0 {
		return language.Argument{Kind: language.ArgOther, Call: -1}
	}
	a := r.value(value, depth)
	if name >= 0 {
		a.Name = language.Clip(r.dotted(name), language.MaxText)
	}
	return a
}

// named splits name: value, Name = value and {Name = value}; name is -1 without.
func (r *reader) named(i int) (name, value int) {
	n := &r.tree.Nodes[i]
	name, value = -1, i
	switch r.tree.Kind(i) {
	case kindArgument:
		name = r.tree.Child(i, fieldName)
		value = -1
		for child := range r.tree.Children(i) {
			if child != name && r.tree.Kind(child) != kindComment {
				value = child
			}
		}
	case kindAttributeArgument:
		value = i + 1
		if value >= int(n.Next) {
			return -1, -1
		}
		if r.isNameOfArgument(value) {
			name, value = value, int(r.tree.Nodes[value].Next)
		} else if r.tree.Kind(value) == kindAssignment {
			return r.named(value)
		}
	case kindAssignment:
		if left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight); left >= 0 && right >= 0 {
			name, value = left, right
		}
	default:
	}
	return name, value
}

// value describes an expression.
func (r *reader) value(i, depth int) language.Argument {
	a := language.Argument{Kind: language.ArgOther, Call: -1}
	i = r.unwrap(i)
	switch r.tree.Kind(i) {
	case kindString, kindVerbatim, kindRawString, kindInterpolated, kindBinary:
		if text, ok := r.text(i, depth); ok {
			a.Kind, a.Text = language.ArgString, string(text)
		}
	case kindIdentifier, kindMemberAccess, kindQualified, kindGeneric, kindThis, kindBase, kindAliasQualified, kindConditionalAccess:
		if text := r.dotted(i); text != nil {
			a.Kind, a.Text = language.ArgName, string(text)
		}
	case kindTypeof:
		if text := r.dotted(r.tree.Child(i, fieldType)); text != nil {
			a.Kind, a.Text = language.ArgName, string(text)
		}
	case kindInteger, kindReal, kindBoolean, kindNull, kindCharacter, kindPrefix:
		a.Kind, a.Text = language.ArgLiteral, string(r.tree.Text(i))
	case kindLambda, kindAnonymousMethod:
		a.Kind, a.Text = language.ArgFunction, r.parameterNames(r.tree.Child(i, fieldParameters))
	case kindInvocation, kindCreation, kindImplicitCreation:
		a = r.callValue(i)
	case kindElementBinding, kindInitializer, kindTuple, kindArrayCreation, kindImplicitArray:
		a.Kind = language.ArgList
		a.List = r.elements(i, depth)
	case kindAnonymousCreation:
		a.Kind = language.ArgMap
		a.List = r.members(i, depth)
	default:
	}
	if len(a.Text) > language.MaxText {
		return language.Argument{Kind: language.ArgOther, Call: -1}
	}
	return a
}

// callValue describes a call as a value. nameof(X.Y) is the text Y.
func (r *reader) callValue(i int) language.Argument {
	if function := r.tree.Child(i, fieldFunction); function >= 0 && string(r.plainName(function)) == "nameof" {
		if list := r.tree.Child(i, fieldArguments); list >= 0 {
			if all := r.arguments(list); len(all) == 1 {
				_, value := r.named(all[0])
				if name := r.plainName(value); name != nil {
					return language.Argument{Kind: language.ArgString, Text: string(name), Call: -1}
				}
			}
		}
		return language.Argument{Kind: language.ArgOther, Call: -1}
	}
	return language.Argument{Kind: language.ArgCall, Call: int32(i)} //nolint:gosec // nodes of one file
}

// elements describes the elements of a list, array or tuple.
func (r *reader) elements(i, depth int) []language.Argument {
	if depth >= language.MaxArgumentDepth {
		return nil
	}
	if kind := r.tree.Kind(i); kind == kindArrayCreation || kind == kindImplicitArray {
		if i = r.tree.ChildOfKind(i, kindInitializer); i < 0 {
			return nil
		}
	}
	var out []language.Argument
	for _, at := range r.arguments(i) {
		if len(out) == language.MaxArguments {
			break
		}
		out = append(out, r.argument(at, depth+1))
	}
	return out
}

// members describes the members of an anonymous object.
func (r *reader) members(i, depth int) []language.Argument {
	if depth >= language.MaxArgumentDepth {
		return nil
	}
	var out []language.Argument
	all := r.arguments(i)
	for k := 0; k < len(all) && len(out) < language.MaxArguments; k++ {
		at := all[k]
		if k+1 < len(all) && r.tree.Kind(at) == kindIdentifier && r.isAssigned(at, all[k+1]) {
			a := r.value(all[k+1], depth+1)
			a.Name = string(r.dotted(at))
			out = append(out, a)
			k++
			continue
		}
		a := r.value(at, depth+1)
		a.Name = string(r.plainName(at))
		out = append(out, a)
	}
	return out
}

// isAssigned reports whether there is an = between two nodes.
func (r *reader) isAssigned(a, b int) bool {
	between := r.tree.Source[r.tree.Nodes[a].End:r.tree.Nodes[b].Start]
	return bytes.HasPrefix(bytes.TrimSpace(between), []byte("="))
}

// text returns a literal's text without quotes; what is computed in a template,
// or joined to a text by +, stands as {}.
func (r *reader) text(i, depth int) ([]byte, bool) {
	all := r.tree.Text(i)
	switch r.tree.Kind(i) {
	case kindString:
		return between(all, "\"", "\""), true
	case kindVerbatim:
		return between(all, "@\"", "\""), true
	case kindRawString:
		return bytes.TrimSpace(bytes.Trim(bytes.TrimSuffix(all, []byte("u8")), "\"")), true
	case kindInterpolated:
		return r.template(i), true
	case kindBinary:
		return r.joined(i, depth)
	default:
		return nil, false
	}
}

// between cuts the signs around a literal; the last can be missing in a file that
// ends there.
func between(text []byte, before, after string) []byte {
	text = bytes.TrimSuffix(text, []byte("u8"))
	text = bytes.TrimPrefix(text, []byte(before))
	return bytes.TrimSuffix(text, []byte(after))
}

// template returns an interpolated text.
func (r *reader) template(i int) []byte {
	var out []byte
	n := &r.tree.Nodes[i]
	at := n.Start
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != kindInterpolation || len(out) > language.MaxText {
			continue
		}
		out = append(append(out, r.tree.Source[at:r.tree.Nodes[child].Start]...), "{}"...)
		at = r.tree.Nodes[child].End
	}
	out = append(out, r.tree.Source[at:n.End]...)
	return bytes.Trim(bytes.TrimLeft(out, "$@"), "\"")
}

// joined returns a text that is put together by +.
func (r *reader) joined(i, depth int) ([]byte, bool) {
	operator := r.tree.Child(i, fieldOperator)
	if operator < 0 || r.tree.Kind(operator) != kindPlus || depth > maxDotted {
		return nil, false
	}
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if left < 0 || right < 0 {
		return nil, false
	}
	a, isText := r.text(r.unwrap(left), depth+1)
	b, isText2 := r.text(r.unwrap(right), depth+1)
	if !isText && !isText2 {
		return nil, false
	}
	if !isText {
		a = []byte("{}")
	}
	if !isText2 {
		b = []byte("{}")
	}
	return append(bytes.Clone(a), b...), true
}

// parameterNames lists parameters as Argument.Text says.
func (r *reader) parameterNames(list int) string {
	if list < 0 {
		return ""
	}
	if r.tree.Kind(list) == kindImplicitParameter || r.tree.Kind(list) == kindIdentifier {
		return string(r.tree.Text(list))
	}
	var out []byte
	for child := range r.tree.Children(list) {
		name := r.tree.Child(child, fieldName)
		if r.tree.Kind(child) != kindParameter || name < 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ',')
		}
		out = append(out, r.tree.Text(name)...)
		if t := r.tree.Child(child, fieldType); t >= 0 {
			out = append(append(out, ": "...), r.tree.Text(t)...)
		}
	}
	return language.Flat(out, language.MaxText)
}

// annotation notes an attribute.
func (r *reader) annotation(i int) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.facts.Annotations) >= language.MaxAnnotations {
		return
	}
	a := language.Annotation{Name: string(r.dotted(name)), Line: int32(r.tree.Nodes[i].Line), Declaration: -1, Function: -1} //nolint:gosec // of one file
	if a.Name == "" {
		return
	}
	on := r.tree.Parent(r.tree.Parent(i))
	if r.tree.Kind(on) == kindParameter {
		if at := r.tree.Child(on, fieldName); at >= 0 {
			a.Parameter = string(r.tree.Text(at))
		}
		on = r.tree.Parent(r.tree.Parent(on))
	}
	if on > 0 && on == r.declared.node {
		a.Declaration = int32(r.declared.index) //nolint:gosec // of one file
	}
	if on > 0 && on == r.method.node {
		a.Function = int32(r.method.index) //nolint:gosec // of one file
	}
	if list := r.tree.ChildOfKind(i, kindAttributeArguments); list >= 0 {
		for _, at := range r.arguments(list) {
			if len(a.Args) < language.MaxArguments {
				a.Args = append(a.Args, r.argument(at, 0))
			}
		}
	}
	r.facts.Annotations = append(r.facts.Annotations, a)
}
