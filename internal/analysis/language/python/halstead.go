package python

import (
	"bytes"
	"math"
	"math/big"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// halstead counts operators and operands as radon's HalsteadVisitor does:
// arithmetic, bitwise, boolean, comparison and unary operators and augmented
// assignments, with what they stand between. Names, attributes and constants
// are the same operand when they read the same inside functions of the same
// name; every other operand is one of its own. Strings are compared as they
// are written, escapes and all.
type halstead struct {
	operators, operands int
	seen                [kindEnd]bool // operators
	unary               [kindEnd]bool
	distinct            map[operand]struct{}
	others              int // operands that are the same as no other
	texts               map[string]int32
}

type operand struct {
	context, text int32
}

func newHalstead() halstead {
	// Context 0 is the top level.
	return halstead{distinct: map[operand]struct{}{}, texts: map[string]int32{"": 0}}
}

// intern gives a text its number.
func (h *halstead) intern(text string) int32 {
	if id, ok := h.texts[text]; ok {
		return id
	}
	id := int32(len(h.texts)) //nolint:gosec // fewer than the bytes of the file
	h.texts[text] = id
	return id
}

// volume is N log₂ η: Halstead 1977, as radon computes it.
func (h *halstead) volume() float64 {
	vocabulary := len(h.distinct) + h.others
	for kind := range h.seen {
		if h.seen[kind] {
			vocabulary++
		}
		if h.unary[kind] {
			vocabulary++
		}
	}
	if vocabulary == 0 {
		return 0
	}
	return float64(h.operators+h.operands) * math.Log2(float64(vocabulary))
}

// count adds node i, whose operands belong to context.
func (h *halstead) count(tree *treesitter.Tree, i int, kind treesitter.Kind, context int32) {
	switch kind {
	case kindBinary, kindAugmented, kindComparison, kindUnion:
		for child := range tree.Children(i) {
			if operator := canonical(tree.Nodes[child].Kind); operator >= kindAnd {
				h.operators++
				h.seen[operator] = true
				continue
			}
			h.operand(tree, child, context)
		}
	case kindUnary, kindNot:
		operator := kindNotOperator
		if at := tree.Child(i, fieldOperator); at >= 0 {
			operator = tree.Nodes[at].Kind
		}
		h.operators++
		h.unary[canonical(operator)] = true
		if argument := tree.Child(i, fieldArgument); argument >= 0 {
			h.operand(tree, argument, context)
		}
	case kindBoolean:
		h.boolean(tree, i, context)
	default:
	}
}

// boolean counts a run of the same operator as one with many operands, which
// is how Python's own syntax tree has it.
func (h *halstead) boolean(tree *treesitter.Tree, i int, context int32) {
	operator := tree.Child(i, fieldOperator)
	if operator < 0 {
		return
	}
	kind := tree.Nodes[operator].Kind
	if left := tree.Child(i, fieldLeft); left >= 0 && !isBoolean(tree, left, kind) {
		h.operand(tree, left, context)
	}
	if right := tree.Child(i, fieldRight); right >= 0 {
		h.operand(tree, right, context)
	}
	if !isBoolean(tree, int(tree.Nodes[i].Parent), kind) {
		h.operators++
		h.seen[kind] = true
	}
}

func isBoolean(tree *treesitter.Tree, i int, operator treesitter.Kind) bool {
	if tree.Nodes[i].Kind != kindBoolean {
		return false
	}
	at := tree.Child(i, fieldOperator)
	return at >= 0 && tree.Nodes[at].Kind == operator
}

// canonical maps what Python's syntax tree calls by one name to one kind.
func canonical(kind treesitter.Kind) treesitter.Kind {
	switch {
	case kind >= kindEnd:
		return kindOther
	case kind >= kindAddTo && kind <= kindRightTo:
		return kind - kindAddTo + kindAdd
	case kind == kindOldNotEqual:
		return kindNotEqual
	default:
		return kind
	}
}

func (h *halstead) operand(tree *treesitter.Tree, i int, context int32) {
	for (tree.Nodes[i].Kind == kindParenthesized || tree.Nodes[i].Kind == kindType) && i+1 < int(tree.Nodes[i].Next) {
		i++ // Python's own tree has neither
	}
	if kind := tree.Nodes[i].Kind; kind == kindComment || kind == kindContinuation {
		return
	}
	h.operands++
	text, ok := operandText(tree, i)
	if !ok {
		h.others++
		return
	}
	id, ok := h.texts[string(text)]
	if !ok {
		id = h.intern(string(text))
	}
	h.distinct[operand{context, id}] = struct{}{}
}

// operandText returns what makes two operands the same: a name, an attribute
// and a string with the same text are, and so are numbers of the same value.
// Numbers and other constants get a prefix that no name or short string has.
func operandText(tree *treesitter.Tree, i int) ([]byte, bool) {
	text := tree.Text(i)
	switch tree.Nodes[i].Kind {
	case kindIdentifier:
		return text, true
	case kindAttribute:
		if name := tree.Child(i, fieldAttribute); name >= 0 {
			return tree.Text(name), true
		}
		return nil, false
	case kindString:
		return stringText(text)
	case kindInteger, kindFloat:
		return numberText(text), true
	case kindTrue:
		return []byte("\x001"), true
	case kindFalse:
		return []byte("\x000"), true
	case kindNone, kindEllipsis:
		return append([]byte{0}, text...), true
	default:
		return nil, false
	}
}

func stringText(text []byte) ([]byte, bool) {
	quote := bytes.IndexAny(text, `'"`)
	if quote < 0 || bytes.ContainsAny(text[:quote], "fFtT") {
		return nil, false
	}
	isBytes := bytes.ContainsAny(text[:quote], "bB")
	mark := text[quote : quote+1]
	if triple := bytes.Repeat(mark, 3); len(text) >= quote+6 && bytes.HasPrefix(text[quote:], triple) {
		mark = triple
	}
	content := bytes.TrimSuffix(text[quote+len(mark):], mark)
	if isBytes {
		return append([]byte("\x00b"), content...), true
	}
	return content, true
}

func numberText(text []byte) []byte {
	if len(text) > 100 { // converting is quadratic
		return append([]byte{0}, text...)
	}
	if whole, ok := new(big.Int).SetString(string(text), 0); ok {
		return append([]byte{0}, whole.String()...)
	}
	if value, err := strconv.ParseFloat(string(text), 64); err == nil {
		return strconv.AppendFloat([]byte{0}, value, 'f', -1, 64)
	}
	return append([]byte{0}, text...)
}
