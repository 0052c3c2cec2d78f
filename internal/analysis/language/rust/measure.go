package rust

import (
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

// branch raises the level for the branches of an if. The if of an else if
// stays at the level of the first.
func (r *reader) branch(i int) {
	if i == 0 {
		return
	}
	switch r.tree.ParentKind(i) {
	case kindIf:
		if r.tree.Nodes[i].Field == fieldConsequence {
			r.push(i).nesting++
		}
	case kindElse:
		if r.tree.Kind(i) == kindBlock {
			r.push(i).nesting++
		}
	case kindLet:
		if r.tree.Nodes[i].Field == fieldAlternative {
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
		if r.tree.ParentKind(i) != kindElse { // counted with the else
			c.Cognitive += 1 + r.scope.nesting
		}
	case kindElse:
		c.Cognitive++
	case kindFor, kindWhile, kindLoop:
		c.Cyclomatic++
		c.Cognitive += 1 + r.scope.nesting
	case kindMatch:
		c.Cognitive += 1 + r.scope.nesting
	case kindArm:
		if r.tree.Parent(i)+1 != i && !r.isFirstArm(i) {
			c.Cyclomatic++
		}
	case kindMatchPattern:
		if r.tree.Child(i, fieldCondition) >= 0 {
			c.Cyclomatic++
		}
	case kindLet:
		if r.tree.Child(i, fieldAlternative) >= 0 {
			c.Cyclomatic++
			c.Cognitive += 1 + r.scope.nesting
		}
	case kindBreak, kindContinue:
		if r.tree.ChildOfKind(i, kindLabel) >= 0 {
			c.Cognitive++
		}
	case kindBinary, kindLetChain:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAnd, kindOr:
		r.operator(i, kind)
	default:
	}
}

// isFirstArm reports whether nothing but comments stands before an arm.
func (r *reader) isFirstArm(i int) bool {
	for child := range r.tree.Children(r.tree.Parent(i)) {
		if r.tree.Kind(child) == kindArm {
			return child == i
		}
	}
	return false
}

// operator counts an && or ||. The bars of a closure without parameters and a
// reference to a reference are none.
func (r *reader) operator(i int, kind treesitter.Kind) {
	if parent := r.tree.ParentKind(i); parent != kindBinary && parent != kindLetChain || len(r.runs) == 0 {
		return
	}
	c := r.complexity()
	c.Cyclomatic++
	if r.runs[len(r.runs)-1] != kind {
		c.Cognitive++
		r.runs[len(r.runs)-1] = kind
	}
}

// isLogical reports whether node i is an && or ||.
func (r *reader) isLogical(i int) bool {
	switch r.tree.Kind(i) { //nolint:exhaustive // the kinds of a grammar are many
	case kindLetChain:
		return true
	case kindBinary:
		operator := r.tree.Child(i, fieldOperator)
		return operator >= 0 && (r.tree.Kind(operator) == kindAnd || r.tree.Kind(operator) == kindOr)
	}
	return false
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
func (r *reader) recursion(name string) {
	f := r.scope.function
	if f == noFunction || r.recursive[f] || name != r.scope.plain {
		return
	}
	r.recursive[f] = true
	r.complexity().Cognitive++
}
