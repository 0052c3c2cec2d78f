package c

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declarator is what a declaration says of one name.
type declarator struct {
	name       int // node of the name, -1 for none
	parameters int // node of the parameter list when the name is a function's, -1
	end        int // offset after the parameters with what belongs to them
}

// maxDeclarator bounds how deep declarators are followed.
const maxDeclarator = 64

// declaratorOf follows the declarator at a node down to its name. What is called
// through a pointer, int (*f)(int), is no function, but a function that returns
// such a pointer is one.
func (r *reader) declaratorOf(i int) declarator {
	d := declarator{name: -1, parameters: -1}
	for range maxDeclarator {
		if i < 0 {
			return d
		}
		switch r.tree.Kind(i) {
		case kindIdentifier, kindFieldIdentifier, kindTypeIdentifier, kindQualified, kindDestructor, kindOperatorName, kindTemplateFunction, kindTemplateMethod, kindPrimitive:
			d.name = i
			return d
		case kindOperatorCast:
			d.name = i
			if inner := r.tree.Child(i, fieldDeclarator); inner >= 0 {
				d.parameters, d.end = r.tree.Child(inner, fieldParameters), int(r.tree.Nodes[i].End)
			}
			return d
		case kindFunctionDeclarator:
			d.parameters, d.end = r.tree.Child(i, fieldParameters), int(r.tree.Nodes[i].End)
			i = r.tree.Child(i, fieldDeclarator)
		case kindPointerDeclarator, kindArrayDeclarator:
			d.parameters = -1
			i = r.tree.Child(i, fieldDeclarator)
		case kindInitDeclarator:
			i = r.tree.Child(i, fieldDeclarator)
		case kindReferenceDeclarator, kindParenthesizedDeclarator, kindAttributedDeclarator:
			i = r.innerDeclarator(i)
		default:
			return d
		}
	}
	return d
}

var declaratorKinds = table(kindIdentifier, kindFieldIdentifier, kindTypeIdentifier, kindQualified, kindDestructor, kindOperatorName, kindTemplateFunction,
	kindFunctionDeclarator, kindPointerDeclarator, kindArrayDeclarator, kindReferenceDeclarator, kindParenthesizedDeclarator, kindAttributedDeclarator)

// innerDeclarator returns the declarator in one that has no field for it.
func (r *reader) innerDeclarator(i int) int {
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); kind < kindEnd && declaratorKinds[kind] {
			return child
		}
	}
	return -1
}

// qualifiedName returns the name of a declarator in parts: the scope that is
// written before it, with dots, and the name itself.
func (r *reader) qualifiedName(i int) (scope, name string) {
	for range maxDeclarator {
		if r.tree.Kind(i) != kindQualified {
			break
		}
		if s := r.tree.Child(i, fieldScope); s >= 0 {
			scope = language.Qualify(scope, r.plainName(s))
		}
		next := r.tree.Child(i, fieldName)
		if next < 0 {
			return scope, ""
		}
		i = next
	}
	return scope, r.plainName(i)
}

// plainName returns a name without template arguments and blanks.
func (r *reader) plainName(i int) string {
	switch r.tree.Kind(i) {
	case kindTemplateFunction, kindTemplateMethod, kindTemplateType:
		if name := r.tree.Child(i, fieldName); name >= 0 {
			return r.plainName(name)
		}
	case kindOperatorCast:
		if typ := r.tree.Child(i, fieldType); typ >= 0 {
			return "operator " + language.Flat(r.tree.Text(typ), maxName)
		}
	case kindOperatorName:
		text := language.Flat(r.tree.Text(i), maxName)
		sign := strings.TrimSpace(strings.TrimPrefix(text, "operator"))
		if sign != "" && isNameStart(sign[0]) {
			return "operator " + sign
		}
		return "operator" + strings.ReplaceAll(sign, " ", "")
	case kindDestructor:
		return strings.ReplaceAll(language.Flat(r.tree.Text(i), maxName), " ", "")
	default:
	}
	return language.Flat(r.tree.Text(i), maxName)
}

// maxName bounds one part of a name, in bytes.
const maxName = 200

// signature returns parameters and result of a function: (int a) const char *.
func (r *reader) signature(declaration int, d declarator) string {
	start := int(r.tree.Nodes[d.parameters].Start)
	if d.end < start || d.end-start > 4*language.MaxSignature {
		d.end = int(r.tree.Nodes[d.parameters].End)
	}
	text := r.tree.Source[start:d.end]
	if result := r.typeText(declaration, d.name); len(result) > 0 && string(result) != "auto" && !bytes.Contains(result, []byte("(")) {
		text = append(append(bytes.Clone(clip(text)), ' '), clip(result)...)
	}
	return language.Flat(text, language.MaxSignature)
}

// clip cuts a text to more than a signature can hold.
func clip(text []byte) []byte { return text[:min(len(text), 8*language.MaxSignature)] }

// typeText returns the source from the type of a declaration, with its const,
// up to the name.
func (r *reader) typeText(declaration, name int) []byte {
	typ := r.tree.Child(declaration, fieldType)
	if typ < 0 || name < 0 {
		return nil
	}
	start, end := r.tree.Nodes[typ].Start, r.tree.Nodes[name].Start
	before := clip(r.tree.Source[r.tree.Nodes[declaration].Start:start])
	if at := bytes.LastIndex(before, []byte("const")); at >= 0 && len(bytes.TrimSpace(before[at+len("const"):])) == 0 {
		start = r.tree.Nodes[declaration].Start + uint32(at) //nolint:gosec // inside the source
	}
	if body := r.tree.Child(typ, fieldBody); body >= 0 { // struct a { … } name
		end = r.tree.Nodes[body].Start
	}
	if start >= end {
		return nil
	}
	return bytes.TrimSpace(r.tree.Source[start:end])
}

// variableType returns the type of a field or variable: int *[4].
func (r *reader) variableType(declaration, whole int, d declarator) string {
	text := bytes.Clone(clip(r.typeText(declaration, d.name)))
	first := r.tree.Nodes[whole].Start
	if others := r.tree.Child(declaration, fieldDeclarator); others >= 0 && others != whole { // int a, *b
		text = bytes.Clone(clip(r.typeText(declaration, others)))
		text = append(append(text, ' '), clip(r.tree.Source[first:r.tree.Nodes[d.name].Start])...)
	}
	end := r.tree.Nodes[whole].End
	if value := r.tree.Child(whole, fieldValue); value >= 0 {
		end = r.tree.Nodes[value].Start
	}
	rest := bytes.TrimRight(r.tree.Source[r.tree.Nodes[d.name].End:max(end, r.tree.Nodes[d.name].End)], "= \t\n")
	return language.Flat(append(append(text, ' '), clip(rest)...), language.MaxSignature)
}

// hasWord reports whether a child of that kind is the word.
func (r *reader) hasWord(i int, kind treesitter.Kind, word string) bool {
	for child := range r.tree.Children(i) {
		if r.tree.Nodes[child].Field == fieldDeclarator || r.tree.Nodes[child].Field == fieldBody {
			return false
		}
		if r.tree.Kind(child) == kind && string(r.tree.Text(child)) == word {
			return true
		}
	}
	return false
}
