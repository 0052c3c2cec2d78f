package java

import (
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// annotate notes the annotations among the modifiers of node i, which stand on
// a declaration and a function, or on a parameter of theirs.
func (r *reader) annotate(i, declaration, function int, parameter string) {
	if r.quiet {
		return
	}
	list := r.tree.ChildOfKind(i, kindModifiers)
	if list < 0 {
		return
	}
	for child := range r.tree.Children(list) {
		kind := r.tree.Kind(child)
		if kind != kindMarker && kind != kindAnnotation {
			continue
		}
		name := r.tree.Child(child, fieldName)
		if name < 0 || r.isMissing(name) || len(r.facts.Annotations) >= language.MaxAnnotations {
			continue
		}
		text := compact(r.tree.Text(name))
		if text == "Override" || text == "SuppressWarnings" || text == "" {
			continue // say nothing about what a thing is for
		}
		r.facts.Annotations = append(r.facts.Annotations, language.Annotation{
			Name: text, Args: r.annotationArguments(child, 0), Line: int32(r.tree.Nodes[child].Line), //nolint:gosec // of one file
			Declaration: int32(declaration), Function: int32(function), Parameter: parameter, //nolint:gosec // of one file
		})
	}
}

func (r *reader) annotationArguments(i, depth int) []language.Argument {
	list := r.tree.Child(i, fieldArguments)
	if list < 0 {
		return nil
	}
	var out []language.Argument
	for child := range r.tree.Children(list) {
		kind := r.tree.Kind(child)
		if kind == kindLineComment || kind == kindBlockComment || len(out) == language.MaxArguments {
			continue
		}
		if kind != kindElementPair {
			out = append(out, r.argument(child, depth))
			continue
		}
		key, value := r.tree.Child(child, fieldKey), r.tree.Child(child, fieldValue)
		if key < 0 || value < 0 {
			continue
		}
		a := r.argument(value, depth)
		a.Name = language.Clip(r.tree.Text(key), language.MaxText)
		out = append(out, a)
	}
	return out
}

// annotateParameters notes the annotations on the parameters of a method.
func (r *reader) annotateParameters(list, declaration, function int) {
	if list < 0 {
		return
	}
	for child := range r.tree.Children(list) {
		if kind := r.tree.Kind(child); kind != kindFormalParameter && kind != kindSpreadParameter {
			continue
		}
		if r.tree.ChildOfKind(child, kindModifiers) >= 0 {
			if name, _ := r.parameter(child); name != "" {
				r.annotate(child, declaration, function, name)
			}
		}
	}
}

// comment keeps what a comment owes or gives reasons for. Comments of one line
// that follow each other are one. What stands above the package is a licence.
func (r *reader) comment(i int, kind treesitter.Kind) {
	node := &r.tree.Nodes[i]
	if kind == kindLineComment && r.comments.next == i && r.comments.line+1 == int(node.Line) {
		r.comments.text = append(append(r.comments.text, '\n'), r.tree.Text(i)...)
		r.comments.line, r.comments.next = int(node.Line), int(node.Next)
		return
	}
	r.flush()
	if kind == kindBlockComment {
		r.doc = i
	}
	if !r.begun {
		return
	}
	r.comments.text = append(r.comments.text[:0], r.tree.Text(i)...)
	r.comments.start, r.comments.line, r.comments.next = int(node.Line), int(node.Line), int(node.Next)
	if kind == kindBlockComment {
		r.comments.next = -1 // nothing joins it
	}
}

// comments are line comments that follow each other.
type comments struct {
	text        []byte
	start, line int
	next        int // the node that would go on, -1 for none
}

func (r *reader) flush() {
	if len(r.comments.text) == 0 {
		return
	}
	if remark, ok := language.RemarkOf(r.comments.text, r.comments.start); ok && len(r.facts.Remarks) < language.MaxRemarks {
		r.facts.Remarks = append(r.facts.Remarks, remark)
	}
	r.comments.text, r.comments.next = r.comments.text[:0], -1
}
