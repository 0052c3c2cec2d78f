package kotlin

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// complexity returns the measures that the code of the scope counts into.
func (r *reader) complexity() *language.Complexity {
	if r.scope.function == noFunction {
		return &r.facts.TopLevel
	}
	return &r.facts.Functions[r.scope.function].Complexity
}

// isElse reports whether node i is what stands behind the else of an if.
func (r *reader) isElse(i int) bool {
	parent := r.tree.Parent(i)
	if r.tree.Kind(parent) != kindIf || r.tree.Kind(i) == kindElse {
		return false
	}
	word := r.tree.ChildOfKind(parent, kindElse)
	return word >= 0 && word < i
}

// branch raises the level for the branches of an if before they are measured:
// a branch can be an expression without braces. The if of an else if stays at
// the level of the first.
func (r *reader) branch(i int) {
	if i == 0 || r.tree.ParentKind(i) != kindIf || r.tree.Nodes[i].Field == fieldCondition {
		return
	}
	switch kind := r.tree.Kind(i); {
	case kind == kindElse:
		r.complexity().Cognitive++
	case kind != kindIf || !r.isElse(i):
		r.push(i).nesting++
	}
}

// measure counts node i into both complexities.
func (r *reader) measure(i int, kind treesitter.Kind) {
	c := r.complexity()
	switch kind {
	case kindIf:
		c.Cyclomatic++
		if !r.isElse(i) {
			c.Cognitive += 1 + r.scope.nesting
		}
	case kindFor, kindWhile, kindDo, kindCatch:
		c.Cyclomatic++
		c.Cognitive += 1 + r.scope.nesting
	case kindWhen:
		c.Cognitive += 1 + r.scope.nesting
	case kindWhenEntry:
		if r.tree.ChildOfKind(i, kindElse) < 0 {
			c.Cyclomatic++
		}
	case kindLabel:
		if text := r.tree.Text(i); bytes.Equal(text, []byte("break@")) || bytes.Equal(text, []byte("continue@")) {
			c.Cognitive++
		}
	case kindBinary:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAnd, kindOr:
		if r.tree.ParentKind(i) != kindBinary {
			break
		}
		c.Cyclomatic++
		if last := &r.runs[len(r.runs)-1]; *last != kind {
			c.Cognitive++
			*last = kind
		}
	default:
	}
}

// isLogical reports whether node i is an && or ||.
func (r *reader) isLogical(i int) bool {
	if r.tree.Kind(i) != kindBinary {
		return false
	}
	operator := r.tree.Child(i, fieldOperator)
	return operator >= 0 && (r.tree.Kind(operator) == kindAnd || r.tree.Kind(operator) == kindOr)
}

// startsRun reports whether node i is the topmost of a chain of && and ||,
// with or without parentheses between them.
func (r *reader) startsRun(i int) bool {
	if !r.isLogical(i) {
		return false
	}
	up := r.tree.Parent(i)
	for up > 0 && r.tree.Kind(up) == kindParenthesized {
		up = r.tree.Parent(up)
	}
	return !r.isLogical(up)
}

// recursion counts a call of the function itself, once a function.
func (r *reader) recursion(name []byte, object, arguments int) {
	if r.scope.function == noFunction || r.recursive[r.scope.function] || !bytes.Equal(name, []byte(r.scope.plain)) {
		return
	}
	if object >= 0 && r.tree.Kind(object) != kindThis || arguments != r.scope.parameters {
		return
	}
	r.recursive[r.scope.function] = true
	r.complexity().Cognitive++
}
