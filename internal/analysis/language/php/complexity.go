package php

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

// branch raises the level for the bodies of statements before they are
// measured: a body can be a statement without braces. The if of an else if stays
// at the level of the first.
func (r *reader) branch(i int, kind treesitter.Kind) {
	if i == 0 {
		return
	}
	field := r.tree.Nodes[i].Field
	deeper := false
	switch r.tree.ParentKind(i) {
	case kindIfStatement, kindElseIfClause, kindForStatement, kindForeachStatement, kindWhileStatement, kindDoStatement,
		kindSwitchStatement, kindMatchExpression, kindCatchClause:
		deeper = field == fieldBody
	case kindElseClause:
		deeper = field == fieldBody && kind != kindIfStatement
	case kindConditionalExpression:
		deeper = field == fieldBody || field == fieldAlternative
	default:
	}
	if deeper {
		r.push(i).nesting++
	}
}

// measure counts node i into both complexities.
func (r *reader) measure(i int, kind treesitter.Kind) {
	c := r.complexity()
	switch kind {
	case kindIfStatement:
		c.Cyclomatic++
		if r.tree.ParentKind(i) == kindElseClause {
			c.Cognitive++
		} else {
			c.Cognitive += 1 + r.scope.nesting
		}
	case kindElseIfClause:
		c.Cyclomatic++
		c.Cognitive++
	case kindElseClause:
		if body := r.tree.Child(i, fieldBody); body < 0 || r.tree.Kind(body) != kindIfStatement {
			c.Cognitive++
		}
	case kindForStatement, kindForeachStatement, kindWhileStatement, kindDoStatement, kindCatchClause, kindConditionalExpression:
		c.Cyclomatic++
		c.Cognitive += 1 + r.scope.nesting
	case kindSwitchStatement, kindMatchExpression:
		c.Cognitive += 1 + r.scope.nesting
	case kindCaseStatement, kindMatchConditionalExpression:
		c.Cyclomatic++
	case kindGotoStatement:
		c.Cognitive++
	case kindBreakStatement, kindContinueStatement:
		if r.tree.ChildOfKind(i, kindInteger) >= 0 {
			c.Cognitive++
		}
	case kindBinaryExpression:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAndAnd, kindOrOr, kindAndWord, kindOrWord:
		r.operator(i, plainOperator(kind), c)
	default:
	}
}

func (r *reader) operator(i int, kind treesitter.Kind, c *language.Complexity) {
	if r.tree.ParentKind(i) != kindBinaryExpression || len(r.runs) == 0 {
		return
	}
	c.Cyclomatic++
	if last := &r.runs[len(r.runs)-1]; *last != kind {
		c.Cognitive++
		*last = kind
	}
}

// plainOperator makes one kind of the two spellings of an operator.
func plainOperator(kind treesitter.Kind) treesitter.Kind {
	switch kind {
	case kindAndWord:
		return kindAndAnd
	case kindOrWord:
		return kindOrOr
	default:
		return kind
	}
}

// isLogical reports whether node i is an && or ||, in either spelling.
func (r *reader) isLogical(i int) bool {
	if r.tree.Kind(i) != kindBinaryExpression {
		return false
	}
	operator := r.tree.Child(i, fieldOperator)
	if operator < 0 {
		return false
	}
	kind := plainOperator(r.tree.Kind(operator))
	return kind == kindAndAnd || kind == kindOrOr
}

// startsRun reports whether node i is the topmost of a chain of boolean
// operators, with or without parentheses between them.
func (r *reader) startsRun(i int) bool {
	if !r.isLogical(i) {
		return false
	}
	up := r.tree.Parent(i)
	for up > 0 && r.tree.Kind(up) == kindParenthesizedExpression {
		up = r.tree.Parent(up)
	}
	return !r.isLogical(up)
}

// recursion counts a call of the function itself, once a function.
func (r *reader) recursion(name []byte) {
	if r.scope.function == noFunction || r.recursive[r.scope.function] || string(name) != r.scope.plain {
		return
	}
	r.recursive[r.scope.function] = true
	r.complexity().Cognitive++
}
