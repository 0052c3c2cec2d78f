package c

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

// branch raises the level for the branches of an if before they are measured:
// a branch can be a statement without braces. The if of an else if stays at
// the level of the first.
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
		if r.tree.Kind(i) != kindIf && r.tree.Kind(i) != kindComment {
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
		if r.tree.ParentKind(i) == kindElse {
			break // counted with the else
		}
		c.Cognitive += 1 + r.scope.nesting
	case kindElse:
		c.Cognitive++
	case kindFor, kindForRange, kindWhile, kindDo, kindConditional:
		c.Cyclomatic++
		c.Cognitive += 1 + r.scope.nesting
	case kindSwitch, kindCatch:
		c.Cognitive += 1 + r.scope.nesting
	case kindCase:
		if r.tree.Child(i, fieldValue) >= 0 {
			c.Cyclomatic++
		}
	case kindGoto:
		c.Cognitive++
	case kindBinary:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAnd, kindOr, kindAndName, kindOrName:
		r.operator(i, kind)
	default:
	}
}

// operator counts an && or ||. A reference to an rvalue is none.
func (r *reader) operator(i int, kind treesitter.Kind) {
	if r.tree.ParentKind(i) != kindBinary || len(r.runs) == 0 {
		return
	}
	c := r.complexity()
	c.Cyclomatic++
	if kind = plainOperator(kind); r.runs[len(r.runs)-1] != kind {
		c.Cognitive++
		r.runs[len(r.runs)-1] = kind
	}
}

// plainOperator returns the sign of an operator that is written as a word.
func plainOperator(kind treesitter.Kind) treesitter.Kind {
	switch kind { //nolint:exhaustive // the kinds of a grammar are many
	case kindAndName:
		return kindAnd
	case kindOrName:
		return kindOr
	}
	return kind
}

// isLogical reports whether node i is an && or ||.
func (r *reader) isLogical(i int) bool {
	if r.tree.Kind(i) != kindBinary {
		return false
	}
	operator := r.tree.Child(i, fieldOperator)
	if operator < 0 {
		return false
	}
	kind := plainOperator(r.tree.Kind(operator))
	return kind == kindAnd || kind == kindOr
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

// recursion counts a call of the function itself, once a function. Functions
// of C++ that are overloaded differ in their parameters.
func (r *reader) recursion(name string, arguments int) {
	f := r.scope.function
	if f == noFunction || r.recursive[f] || name != r.scope.plain || r.cpp && arguments != r.scope.parameters {
		return
	}
	r.recursive[f] = true
	r.complexity().Cognitive++
}
