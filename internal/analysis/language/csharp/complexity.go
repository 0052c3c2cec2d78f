package csharp

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
	case kindSwitch, kindSwitchExpression:
		c.Cognitive += 1 + r.scope.nesting
	case kindSwitchSection:
		if r.tree.ChildOfKind(i, kindDefault) < 0 {
			c.Cyclomatic++
		}
	case kindSwitchArm:
		if int(r.tree.Nodes[i].Next) > i+1 && r.tree.Kind(i+1) != kindDiscard {
			c.Cyclomatic++
		}
	case kindGoto:
		c.Cognitive++
	case kindBinary, kindAndPattern, kindOrPattern:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAnd, kindOr, kindAndWord, kindOrWord:
		r.operator(i, kind)
	default:
	}
}

// operator counts a logical operator: in cognitive complexity only the first of
// a run of like ones.
func (r *reader) operator(i int, kind treesitter.Kind) {
	if !r.isLogical(r.tree.Parent(i)) {
		return
	}
	c := r.complexity()
	c.Cyclomatic++
	if last := &r.runs[len(r.runs)-1]; *last != kind {
		c.Cognitive++
		*last = kind
	}
}

// isLogical reports whether node i is an && or ||, or a pattern with and or or.
func (r *reader) isLogical(i int) bool {
	switch r.tree.Kind(i) {
	case kindAndPattern, kindOrPattern:
		return true
	case kindBinary:
		operator := r.tree.Child(i, fieldOperator)
		return operator >= 0 && (r.tree.Kind(operator) == kindAnd || r.tree.Kind(operator) == kindOr)
	default:
		return false
	}
}

// startsRun reports whether node i is the topmost of a chain of logical
// operators, with or without parentheses between them.
func (r *reader) startsRun(i int) bool {
	if !r.isLogical(i) {
		return false
	}
	up := r.tree.Parent(i)
	for up > 0 && (r.tree.Kind(up) == kindParenthesized || r.tree.Kind(up) == kindParenthesizedPattern) {
		up = r.tree.Parent(up)
	}
	return !r.isLogical(up)
}

// recursion counts a call of the method itself, once a method.
func (r *reader) recursion(i int) {
	if r.scope.function == noFunction || r.recursive[r.scope.function] {
		return
	}
	called, list := r.tree.Child(i, fieldFunction), r.tree.Child(i, fieldArguments)
	if called < 0 || list < 0 {
		return
	}
	if r.tree.Kind(called) == kindMemberAccess {
		if object := r.tree.Child(called, fieldExpression); object < 0 || r.tree.Kind(object) != kindThis {
			return
		}
		called = r.tree.Child(called, fieldName)
	}
	if called >= 0 && bytes.Equal(r.plainName(called), []byte(r.scope.plain)) && len(r.arguments(list)) == r.scope.parameters {
		r.recursive[r.scope.function] = true
		r.complexity().Cognitive++
	}
}
