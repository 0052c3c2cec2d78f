package java

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

// branch raises the level for the branches of an if before they are measured:
// a branch can be a statement without braces. The if of an else if stays at
// the level of the first.
func (r *reader) branch(i int) {
	if i == 0 || r.tree.ParentKind(i) != kindIf {
		return
	}
	switch r.tree.Nodes[i].Field {
	case fieldConsequence:
		r.push(i).nesting++
	case fieldAlternative:
		r.complexity().Cognitive++
		if r.tree.Kind(i) != kindIf {
			r.push(i).nesting++
		}
	default:
	}
}

// measure counts node i into both complexities.
func (r *reader) measure(i int, kind treesitter.Kind) {
	c := r.complexity()
	switch kind {
	case kindIf:
		c.Cyclomatic++
		if r.tree.Nodes[i].Field != fieldAlternative || r.tree.ParentKind(i) != kindIf {
			c.Cognitive += 1 + r.scope.nesting
		}
	case kindFor, kindForEach, kindWhile, kindDo, kindCatch, kindTernary:
		c.Cyclomatic++
		c.Cognitive += 1 + r.scope.nesting
	case kindSwitch:
		c.Cognitive += 1 + r.scope.nesting
	case kindSwitchLabel:
		if r.tree.ChildOfKind(i, kindCase) >= 0 {
			c.Cyclomatic++
		}
	case kindBreak, kindContinue:
		if r.tree.ChildOfKind(i, kindIdentifier) >= 0 {
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

// recursion counts a call of the method itself, once a method.
func (r *reader) recursion(i int) {
	if r.scope.function == noFunction || r.recursive[r.scope.function] {
		return
	}
	name, list := r.tree.Child(i, fieldName), r.tree.Child(i, fieldArguments)
	if name < 0 || list < 0 || !bytes.Equal(r.tree.Text(name), []byte(r.scope.plain)) {
		return
	}
	if object := r.tree.Child(i, fieldObject); object >= 0 && r.tree.Kind(object) != kindThis {
		return
	}
	if r.count(list) == r.scope.parameters {
		r.recursive[r.scope.function] = true
		r.complexity().Cognitive++
	}
}

// count returns how many nodes but comments are directly below node i.
func (r *reader) count(i int) int {
	n := 0
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); kind != kindLineComment && kind != kindBlockComment {
			n++
		}
	}
	return n
}
