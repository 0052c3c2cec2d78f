package python

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// interpolated is what stands in the braces of a template, if that is a name and
// nothing says how to write it.
func (r *reader) interpolated(i int) language.Argument {
	for child := range r.tree.Children(i) {
		if k := r.tree.Kind(child); k != kindIdentifier && k != kindAttribute {
			continue
		}
		if name := r.dotted(child); name != "" && string(bytes.Trim(r.tree.Text(i), "{ }")) == name {
			return language.Argument{Kind: language.ArgName, Text: name, Call: -1}
		}
	}
	return language.Argument{Call: -1}
}

// maxSum is how many texts and names a text may be added up from.
const maxSum = 12

// sum reads texts and names that are added up, {} for each name. It is a text
// when one of the parts is.
func (r *reader) sum(i, depth int) (string, []language.Argument, bool) {
	operator := r.tree.Child(i, fieldOperator)
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if depth == 0 || operator < 0 || left < 0 || right < 0 || string(r.tree.Text(operator)) != "+" {
		return "", nil, false
	}
	text, list := "", []language.Argument(nil)
	literal := false
	for _, side := range []int{r.unwrapped(left), r.unwrapped(right)} {
		switch r.tree.Kind(side) {
		case kindString, kindConcatenated, kindBinary:
			read := r.template
			if r.tree.Kind(side) == kindBinary {
				read = func(i int) (string, []language.Argument, bool) { return r.sum(i, depth-1) }
			}
			part, parts, ok := read(side)
			if !ok {
				return "", nil, false
			}
			for len(parts) < strings.Count(part, "{}") {
				parts = append(parts, language.Argument{Call: -1})
			}
			text, list, literal = text+part, append(list, parts...), true
		case kindIdentifier, kindAttribute:
			name := r.dotted(side)
			if name == "" {
				return "", nil, false
			}
			text, list = text+"{}", append(list, language.Argument{Kind: language.ArgName, Text: name, Call: -1})
		default:
			text, list = text+"{}", append(list, language.Argument{Call: -1})
		}
	}
	if !literal || len(text) > language.MaxText {
		return "", nil, false
	}
	return text, list, true
}
