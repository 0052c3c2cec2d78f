package kotlin

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

func other() language.Argument { return language.Argument{Kind: language.ArgOther, Call: -1} }

// argument describes an argument of a call or annotation.
func (r *reader) argument(i, depth int) language.Argument {
	value := i + 1
	switch kind := r.tree.Kind(i); {
	case kind != kindAnnotatedLambda && kind != kindArgument:
		value = i
	case value >= int(r.tree.Nodes[i].Next):
		return other()
	case kind == kindAnnotatedLambda:
		for child := range r.tree.Children(i) {
			if r.tree.Kind(child) == kindLambda {
				value = child
			}
		}
	case r.isNameOfArgument(value):
		a := r.value(int(r.tree.Nodes[value].Next), depth)
		a.Name = language.Clip(r.nameText(value), language.MaxText)
		return a
	}
	return r.value(value, depth)
}

// value describes an expression.
func (r *reader) value(i, depth int) language.Argument {
	a := other()
	i = r.unwrap(i)
	switch r.tree.Kind(i) {
	case kindString, kindMultilineString, kindBinary:
		if text, ok := r.text(i, depth); ok {
			a.Kind, a.Text = language.ArgString, string(text)
		}
	case kindIdentifier, kindNavigation, kindThis, kindCallableReference:
		a = r.name(i)
	case kindNumber, kindFloat, kindCharacter, kindUnary:
		a.Kind, a.Text = language.ArgLiteral, string(r.tree.Text(i))
	case kindLambda, kindAnonymousFunction:
		a.Kind, a.Text = language.ArgFunction, r.parameterNames(i)
	case kindCall:
		if lists[string(r.calledName(i))] {
			a.Kind = language.ArgList
			a.List = r.elements(r.arguments(i), depth)
			break
		}
		a.Kind, a.Call = language.ArgCall, int32(i) //nolint:gosec // nodes of one file
	case kindCollection:
		var all []int
		for child := range r.tree.Children(i) {
			all = append(all, child)
		}
		a.Kind, a.List = language.ArgList, r.elements(all, depth)
	default:
	}
	if len(a.Text) > language.MaxText {
		return other()
	}
	return a
}

// lists are the functions whose result is the list of their arguments.
var lists = set(`arrayOf listOf setOf mutableListOf mutableSetOf`)

func (r *reader) calledName(i int) []byte {
	if r.tree.Kind(i+1) == kindIdentifier && r.tree.ChildOfKind(i, kindArguments) >= 0 {
		return r.nameText(i + 1)
	}
	return nil
}

// name describes a name. The class of X::class and X::class.java is X; true,
// false and null come as names.
func (r *reader) name(i int) language.Argument {
	a := other()
	text := r.dotted(i)
	if r.tree.Kind(i) == kindCallableReference {
		for child := range r.tree.Children(i) {
			if part := r.dotted(child); len(part) > 0 {
				if len(text) > 0 {
					text = append(bytes.Clone(text), '.')
				}
				text = append(text, part...)
			}
		}
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte(".java")), []byte(".class"))
	switch string(text) {
	case "":
	case "true", "false", "null":
		a.Kind, a.Text = language.ArgLiteral, string(text)
	default:
		a.Kind, a.Text = language.ArgName, string(text)
	}
	return a
}

func (r *reader) elements(all []int, depth int) []language.Argument {
	if depth >= language.MaxArgumentDepth {
		return nil
	}
	var out []language.Argument
	for _, at := range all {
		if kind := r.tree.Kind(at); kind == kindLineComment || kind == kindBlockComment {
			continue
		}
		if len(out) < language.MaxArguments {
			out = append(out, r.argument(at, depth+1))
		}
	}
	return out
}

// variable is a variable in a text, which the grammar does not tell from the
// text, or a dollar sign that is none.
var variable = regexp.MustCompile(`\\\$|\$[A-Za-z_]\w*|\$\{'\$'\}`)

// text returns a literal's text without quotes; what is computed in a template,
// or joined to a text by +, stands as {}.
func (r *reader) text(i, depth int) ([]byte, bool) {
	switch r.tree.Kind(i) {
	case kindString, kindMultilineString:
		return r.template(i), true
	case kindBinary:
		return r.joined(i, depth)
	default:
		return nil, false
	}
}

func (r *reader) template(i int) []byte {
	var out []byte
	n := &r.tree.Nodes[i]
	at := n.Start
	plain := func(end uint32) {
		out = append(out, variable.ReplaceAllFunc(r.tree.Source[at:end], func(found []byte) []byte {
			if found[0] == '\\' {
				return found
			}
			return []byte("{}")
		})...)
	}
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != kindInterpolation || len(out) > language.MaxText {
			continue
		}
		plain(r.tree.Nodes[child].Start)
		out = append(out, "{}"...)
		at = r.tree.Nodes[child].End
	}
	plain(n.End)
	return bytes.Trim(out, "\"")
}

// joined returns a text that is put together by +.
func (r *reader) joined(i, depth int) ([]byte, bool) {
	operator := r.tree.Child(i, fieldOperator)
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if operator < 0 || left < 0 || right < 0 || r.tree.Kind(operator) != kindPlus || depth > maxDotted {
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

// parameterNames lists the parameters of a lambda, anonymous function or function
// as Argument.Text says.
func (r *reader) parameterNames(i int) string {
	list := r.tree.ChildOfKind(i, kindLambdaParameters)
	if list < 0 {
		list = r.tree.ChildOfKind(i, kindParameters)
	}
	if list < 0 {
		return ""
	}
	var out []byte
	for child := range r.tree.Children(list) {
		name := r.tree.ChildOfKind(child, kindIdentifier)
		if kind := r.tree.Kind(child); kind != kindParameter && kind != kindVariable || name < 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ',')
		}
		out = append(out, r.nameText(name)...)
		if t := r.typeAfter(child, name); t >= 0 {
			out = append(append(out, ": "...), r.tree.Text(t)...)
		}
	}
	return language.Flat(out, language.MaxText)
}

// taken lists the parameters of a function, and what it extends as this behind
// them: nothing that is handed over stands in its place.
func (r *reader) taken(function int) string {
	out := r.parameterNames(function)
	name := r.tree.Child(function, fieldName)
	if r.tree.Kind(function) != kindFunction || name < 0 {
		return out
	}
	if t := r.receiver(function, name); t >= 0 {
		if out != "" {
			out += ","
		}
		out = language.Flat(append([]byte(out+"this: "), r.tree.Text(t)...), language.MaxText)
	}
	return out
}

// annotation notes the annotations of a node: @A, @field:A("x"), @[A B].
func (r *reader) annotation(i int) {
	on, parameter := r.annotated(i)
	for child := range r.tree.Children(i) {
		t := r.typeOf(child)
		if t < 0 || len(r.facts.Annotations) >= language.MaxAnnotations {
			continue
		}
		a := language.Annotation{Name: string(r.dotted(t)), Line: int32(r.tree.Nodes[i].Line), Declaration: -1, Function: -1, Parameter: parameter} //nolint:gosec // of one file
		if a.Name == "" {
			continue
		}
		if at, ok := r.fields[on]; ok {
			a.Declaration, a.Parameter = int32(at), "" //nolint:gosec // of one file
		} else if on > 0 && r.tree.Kind(on) == kindClassParameter {
			on = r.tree.Parent(r.tree.Parent(r.tree.Parent(on)))
		}
		if on > 0 && on == r.declared.node {
			a.Declaration = int32(r.declared.index) //nolint:gosec // of one file
		}
		if on > 0 && on == r.method.node {
			a.Function = int32(r.method.index) //nolint:gosec // of one file
		}
		a.Args = r.elements(r.arguments(child), -1)
		r.facts.Annotations = append(r.facts.Annotations, a)
	}
}

// annotated returns the node that an annotation stands on, and the name of the
// parameter when it stands on one: then the node is what takes it.
func (r *reader) annotated(i int) (on int, parameter string) {
	list := r.tree.Parent(i)
	on = r.tree.Parent(list)
	switch r.tree.Kind(list) {
	case kindParameterModifiers:
		if next := int(r.tree.Nodes[list].Next); next < int(r.tree.Nodes[on].Next) && r.tree.Kind(next) == kindParameter {
			parameter = string(r.nameText(r.tree.ChildOfKind(next, kindIdentifier)))
		}
		on = r.tree.Parent(on)
	case kindModifiers:
		if r.tree.Kind(on) == kindClassParameter {
			parameter = string(r.nameText(r.tree.ChildOfKind(on, kindIdentifier)))
		}
	default:
		on = -1
	}
	return on, parameter
}
