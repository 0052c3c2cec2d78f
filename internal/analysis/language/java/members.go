package java

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// docOf is the first paragraph of the documentation comment right before node
// i.
func (r *reader) docOf(i int) string {
	if r.doc < 0 || int(r.tree.Nodes[r.doc].Next) != i || !bytes.HasPrefix(r.tree.Text(r.doc), []byte("/**")) {
		return ""
	}
	return language.Clip([]byte(r.javadoc(r.doc)), language.MaxDeclarationDoc)
}

// owner is the type whose member stands in the scope, "" at the top level.
func (r *reader) owner() string {
	if r.scope.kind == scopeType {
		return r.scope.name
	}
	return ""
}

// signature is "(Type name, Type name) Result".
func (r *reader) signature(i int) string {
	list := r.tree.Child(i, fieldParameters)
	if list < 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte('(')
	for child := range r.tree.Children(list) {
		name, typ := r.parameter(child)
		if name == "" || b.Len() > language.MaxSignature {
			continue
		}
		if b.Len() > 1 {
			b.WriteString(", ")
		}
		b.WriteString(typ + " " + name)
	}
	b.WriteByte(')')
	if result := r.typeText(r.tree.Child(i, fieldType)); result != "" {
		b.WriteString(" " + result)
	}
	return language.Clip([]byte(b.String()), language.MaxSignature)
}

// parameter returns the name and type of a parameter, "" for a receiver.
func (r *reader) parameter(i int) (name, typ string) {
	switch r.tree.Kind(i) {
	case kindFormalParameter:
		at := r.tree.Child(i, fieldName)
		if at < 0 {
			return "", ""
		}
		return string(r.tree.Text(at)), r.typeText(r.tree.Child(i, fieldType))
	case kindSpreadParameter:
		for child := range r.tree.Children(i) {
			switch r.tree.Kind(child) {
			case kindModifiers, kindLineComment, kindBlockComment:
			case kindDeclarator:
				if at := r.tree.Child(child, fieldName); at >= 0 {
					return string(r.tree.Text(at)), typ + "..."
				}
			default:
				typ = r.typeText(child)
			}
		}
	default:
	}
	return "", ""
}

func (r *reader) typeText(i int) string {
	if i < 0 {
		return ""
	}
	return language.Flat(r.tree.Text(i), language.MaxSignature)
}

// plainType is the node of a type's name without type arguments, -1 for none.
func (r *reader) plainType(i int) int {
	if i >= 0 && r.tree.Kind(i) == kindGenericType {
		i = r.first(i)
	}
	if i < 0 {
		return -1
	}
	switch r.tree.Kind(i) {
	case kindTypeIdentifier, kindScopedType, kindIdentifier, kindScopedIdentifier:
		return i
	default:
		return -1
	}
}

// bases lists what a type extends and implements.
func (r *reader) bases(i int) []string {
	var out []string
	add := func(node int) {
		if at := r.plainType(node); at >= 0 {
			if name := compact(r.tree.Text(at)); name != "" && len(name) <= language.MaxText {
				out = append(out, name)
			}
		}
	}
	for child := range r.tree.Children(i) {
		switch r.tree.Kind(child) {
		case kindSuperclass:
			add(r.first(child))
		case kindInterfaces, kindExtends:
			if list := r.tree.ChildOfKind(child, kindTypeList); list >= 0 {
				for name := range r.tree.Children(list) {
					add(name)
				}
			}
		default:
		}
	}
	return out
}

// constant is the type of a constant with its value, when that is a text:
// String = "/api".
func (r *reader) constant(declarator int, typ string) string {
	value := r.tree.Child(declarator, fieldValue)
	if value < 0 || r.argument(value, language.MaxArgumentDepth).Kind != language.ArgString {
		return typ
	}
	return language.Clip([]byte(typ+" = "+language.Flat(r.tree.Text(value), language.MaxSignature)), language.MaxSignature)
}
