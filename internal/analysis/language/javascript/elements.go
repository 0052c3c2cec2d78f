package javascript

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// jsxReceiver is the receiver of an invocation that is an element of JSX:
// <Route path="/x" element={<Page />} /> is a call of Route whose arguments are
// the attributes.
const jsxReceiver = "<>"

// element notes an element that is named as a route is: routers of user
// interfaces are written so. An element in another is within it.
func (r *reader) element(i int) {
	name := r.elementName(i)
	if !strings.HasSuffix(name, "Route") {
		return
	}
	node := r.node(i)
	call := language.Invocation{
		Name: name, Receiver: jsxReceiver, On: -1, Within: int32(r.elementAround(i)), Argument: 0, Function: int32(r.scope.unit), //nolint:gosec // of one file
		Line: int32(node.Line), EndLine: int32(node.EndLine), //nolint:gosec // of one file
	}
	for child := range r.tree.Children(i) {
		if a, ok := r.attribute(child); ok && len(call.Args) < language.MaxArguments {
			call.Args = append(call.Args, a)
		}
	}
	r.invocations.Add(i, node.Start, node.End, call, true)
}

// elementName is the name of an element, "" for one of HTML.
func (r *reader) elementName(i int) string {
	if first := i + 1; first < int(r.node(i).Next) {
		if text := r.tree.Text(first); len(text) <= maxReceiver && len(text) > 0 && text[0] >= 'A' && text[0] <= 'Z' {
			return string(text)
		}
	}
	return ""
}

// maxElements is how many elements around one are looked at.
const maxElements = 64

// elementAround is the opening of the nearest element around one that is a
// route, -1 for none.
func (r *reader) elementAround(i int) int {
	up := i
	if r.tree.Kind(i) == kindJSXOpening { // its own element begins with it
		up = r.tree.Parent(i)
	}
	for range maxElements {
		if up <= 0 {
			break
		}
		up = r.tree.Parent(up)
		if opening := up + 1; opening < i && r.tree.Kind(opening) == kindJSXOpening && strings.HasSuffix(r.elementName(opening), "Route") {
			return opening
		}
	}
	return -1
}

// attribute reads one attribute of an element. An element as a value is the name
// of that; an attribute alone is true.
func (r *reader) attribute(i int) (language.Argument, bool) {
	name := i + 1
	if name >= int(r.node(i).Next) || r.tree.Kind(name) != kindProperty {
		return language.Argument{}, false
	}
	a := language.Argument{Kind: language.ArgLiteral, Text: "true", Call: -1}
	if value := int(r.node(name).Next); value < int(r.node(i).Next) {
		a = language.Argument{Call: -1}
		if r.tree.Kind(value) == kindJSXExpression {
			value++
		}
		if value < int(r.node(i).Next) {
			a = r.argument(value, 0)
			if element := r.valueElement(value); element != "" {
				a.Kind, a.Text = language.ArgName, element
			}
		}
	}
	a.Name = string(r.tree.Text(name))
	return a, len(a.Name) <= maxReceiver
}

// valueElement is the name of the element that a value is, "" for another value.
func (r *reader) valueElement(i int) string {
	switch {
	case r.tree.Kind(i) == kindJSXSelfClosing:
		return r.elementName(i)
	case i+1 < int(r.node(i).Next) && r.tree.Kind(i+1) == kindJSXOpening:
		return r.elementName(i + 1)
	}
	return ""
}
