package javascript

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// measure counts node i into both complexities and the volume.
func (r *reader) measure(i int, kind treesitter.Kind) {
	u := &r.units[r.scope.unit]
	if kind == kindTernary || kind == kindBinary || kind == kindUnary || kind == kindUpdate || kind == kindAugmented {
		r.halstead.count(r.tree, i, kind, r.scope.unit)
	}
	switch kind {
	case kindIf:
		u.Cyclomatic++
		if i > 0 && r.tree.ParentKind(i) == kindElse {
			u.Cognitive++
		} else {
			u.Cognitive += 1 + r.scope.nesting
		}
	case kindElse:
		if r.tree.ChildOfKind(i, kindIf) < 0 {
			u.Cognitive++
		}
	case kindTernary, kindFor, kindForIn, kindWhile, kindDo, kindCatch:
		u.Cyclomatic++
		u.Cognitive += 1 + r.scope.nesting
	case kindSwitch:
		u.Cognitive += 1 + r.scope.nesting
	case kindCase, kindAssignmentPattern, kindObjectAssignmentPattern, kindOptionalChain:
		u.Cyclomatic++
	case kindOptionalCall:
		if r.tree.ParentKind(i) == kindCall {
			u.Cyclomatic++
		}
	case kindRequiredParameter, kindOptionalParameter:
		if r.part(i, fieldValue) >= 0 {
			u.Cyclomatic++
		}
	case kindAugmented:
		if isLogical(operatorText(r.tree, i)) {
			u.Cyclomatic++
		}
	case kindBreak, kindContinue:
		if r.tree.ChildOfKind(i, kindStatementIdentifier) >= 0 {
			u.Cognitive++
		}
	case kindAnd, kindOr, kindCoalesce:
		r.logicalOperator(i, kind)
	default:
	}
}

func isLogical(operator []byte) bool {
	return bytes.HasPrefix(operator, []byte("&&")) || bytes.HasPrefix(operator, []byte("||")) || bytes.HasPrefix(operator, []byte("??"))
}

// logicalOperator counts an operator of a chain. The operators of a chain come
// by in the order of the source: what is inside an operand has been left.
func (r *reader) logicalOperator(i int, kind treesitter.Kind) {
	if r.tree.Parent(i) != r.scope.logical {
		return // a broken tree
	}
	u := &r.units[r.scope.unit]
	u.Cyclomatic++
	last := &r.chains[r.scope.chain]
	if *last == rendering {
		return
	}
	if kind == kindAnd && *last != kindAnd {
		u.Cognitive++
	}
	*last = kind
}

// rendering in place of the last operator marks a chain that does not cost.
const rendering = kindJSXExpression

// logical begins a chain of logical operators at node i, or goes on with the
// one around it. Parentheses do not end a chain.
func (r *reader) logical(i int) {
	if r.logicalKind(i) == kindOther {
		return
	}
	chain, goesOn := r.scope.chain, r.scope.logical != none && r.logicalParent(i) == r.scope.logical
	s := r.push(i)
	s.logical = i
	if goesOn {
		s.chain = chain
		return
	}
	s.chain = len(r.chains)
	r.chains = append(r.chains, kindOther)
	if r.renders(i) {
		r.chains[s.chain] = rendering
	}
}

// logicalKind returns the operator of node i when it is && || or ??.
func (r *reader) logicalKind(i int) treesitter.Kind {
	if r.tree.Kind(i) == kindBinary {
		if operator := r.part(i, fieldOperator); operator >= 0 {
			return r.tree.Kind(operator)
		}
	}
	return kindOther
}

// logicalParent returns the node around node i and its parentheses.
func (r *reader) logicalParent(i int) int {
	for i > 0 {
		i = r.tree.Parent(i)
		if r.tree.Kind(i) != kindParenthesized {
			return i
		}
	}
	return none
}

// renders reports whether a chain stands alone in a JSX expression, all of one
// operator and without a conditional expression: {ready && <List/>}.
func (r *reader) renders(i int) bool {
	parent := r.logicalParent(i)
	if parent == none || r.tree.Kind(parent) != kindJSXExpression {
		return false
	}
	operator := r.logicalKind(i)
	for open := []int{i}; len(open) > 0; {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		for child := range r.tree.Children(n) {
			switch r.tree.Kind(child) {
			case kindTernary:
				return false
			case kindParenthesized:
				open = append(open, child)
			case kindBinary:
				if k := r.logicalKind(child); k == operator {
					open = append(open, child)
				} else if k != kindOther {
					return false
				}
			default:
			}
		}
	}
	return true
}

// raises reports whether node i is a part whose inside is nested deeper.
func (r *reader) raises(i int, kind treesitter.Kind) bool {
	if i == 0 || kind == kindComment {
		return false
	}
	field := r.node(i).Field
	switch r.tree.ParentKind(i) {
	case kindIf:
		return field == fieldConsequence
	case kindElse:
		return kind != kindIf
	case kindFor, kindForIn, kindWhile, kindDo, kindCatch:
		return field == fieldBody
	case kindTernary:
		return field == fieldConsequence || field == fieldAlternative
	default:
		return kind == kindCase || kind == kindDefault
	}
}
