package javascript

import (
	"bytes"
	"math"

	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// halstead counts operators and operands. Operators are those of binary, unary
// and update expressions and of assignments that compute; operands are what
// they stand between. Names, members, numbers and strings are the same operand
// when they read the same in one function; every other operand is its own.
type halstead struct {
	total     int // operators and operands
	operators map[string]struct{}
	operands  map[operand]struct{}
	others    int // operands that are the same as no other
}

type operand struct {
	unit int
	text string
}

func newHalstead() halstead {
	return halstead{operators: map[string]struct{}{}, operands: map[operand]struct{}{}}
}

func (h *halstead) count(tree *treesitter.Tree, i int, kind treesitter.Kind, unit int) {
	operator := operatorText(tree, i)
	if len(operator) == 0 {
		return
	}
	if kind == kindUnary || kind == kindUpdate {
		h.operator("unary", operator)
		h.operand(tree, tree.Child(i, fieldArgument), unit)
		return
	}
	h.operator("", operator)
	h.operand(tree, tree.Child(i, fieldLeft), unit)
	h.operand(tree, tree.Child(i, fieldRight), unit)
}

func (h *halstead) operator(class string, text []byte) {
	h.total++
	h.operators[class+string(text)] = struct{}{}
}

func (h *halstead) operand(tree *treesitter.Tree, i, unit int) {
	if i < 0 {
		return
	}
	for tree.Nodes[i].Kind == kindParenthesized && i+1 < int(tree.Nodes[i].Next) {
		i++
	}
	h.total++
	switch tree.Nodes[i].Kind {
	case kindIdentifier, kindNumber, kindString, kindThis:
	case kindMember:
		if i = tree.Child(i, fieldProperty); i < 0 {
			h.others++
			return
		}
	default:
		h.others++
		return
	}
	h.operands[operand{unit, string(tree.Text(i))}] = struct{}{}
}

// volume is Halstead's N·log2(n), in bits.
func (h *halstead) volume() float64 {
	distinct := len(h.operators) + len(h.operands) + h.others
	if distinct == 0 {
		return 0
	}
	return float64(h.total) * math.Log2(float64(distinct))
}

// operatorText returns the operator of an expression. Only logical operators
// are nodes of the tree; of others the text between the operands is enough.
func operatorText(tree *treesitter.Tree, i int) []byte {
	n := &tree.Nodes[i]
	left, right := tree.Child(i, fieldLeft), tree.Child(i, fieldRight)
	if left >= 0 && right >= 0 {
		return firstWord(tree.Source[tree.Nodes[left].End:tree.Nodes[right].Start])
	}
	argument := tree.Child(i, fieldArgument)
	switch {
	case argument < 0:
		return nil
	case tree.Nodes[argument].Start > n.Start:
		return firstWord(tree.Source[n.Start:tree.Nodes[argument].Start])
	default:
		return firstWord(tree.Source[tree.Nodes[argument].End:n.End])
	}
}

// firstWord leaves out blanks and a comment after the operator.
func firstWord(text []byte) []byte {
	text = bytes.TrimLeft(text, " \t\n")
	if end := bytes.IndexAny(text, " \t\n"); end >= 0 {
		text = text[:end]
	}
	for _, comment := range []string{"/*", "//"} {
		if at := bytes.Index(text, []byte(comment)); at > 0 {
			text = text[:at]
		}
	}
	return text
}
