package mining

import (
	"slices"
	"strings"
)

// Tree is a process tree: a block-structured model, which is sound by its shape.
type Tree struct {
	Kind     TreeKind `json:"kind"`
	Name     string   `json:"name,omitempty"` // of an activity
	Children []*Tree  `json:"children,omitempty"`
}

// TreeKind is what a node of a process tree means.
type TreeKind string

// What a node of a process tree means. Of a loop's children the first one
// happens, and each time that one of the others has happened it happens again.
const (
	ActivityNode TreeKind = "activity"
	SilentNode   TreeKind = "silent"   // nothing happens
	SequenceNode TreeKind = "sequence" // one after the other
	ChoiceNode   TreeKind = "choice"   // one of them
	ParallelNode TreeKind = "parallel" // all, in any order and mixed
	LoopNode     TreeKind = "loop"
)

// operators are how the literature writes them.
var operators = map[TreeKind]string{SequenceNode: "->", ChoiceNode: "X", ParallelNode: "+", LoopNode: "*"}

// String writes the tree as the literature does: ->( 'a', X( 'b', tau ) ).
func (t *Tree) String() string {
	var out strings.Builder
	t.write(&out)
	return out.String()
}

func (t *Tree) write(out *strings.Builder) {
	switch t.Kind {
	case SilentNode:
		out.WriteString("tau")
	case ActivityNode:
		out.WriteString("'" + strings.ReplaceAll(t.Name, "'", `\'`) + "'")
	default:
		out.WriteString(operators[t.Kind] + "( ")
		for i, c := range t.Children {
			if i > 0 {
				out.WriteString(", ")
			}
			c.write(out)
		}
		out.WriteString(" )")
	}
}

// node makes a node of children and folds what means the same in less: a
// sequence in a sequence, a choice in a choice, and silence in a sequence.
func node(kind TreeKind, children ...*Tree) *Tree {
	list := make([]*Tree, 0, len(children))
	silent := false
	for _, c := range children {
		switch {
		case c.Kind == kind && kind != LoopNode:
			for _, inner := range c.Children {
				if kind != ChoiceNode || inner.Kind != SilentNode || !silent {
					list = append(list, inner)
				}
				silent = silent || inner.Kind == SilentNode
			}
		case c.Kind != SilentNode || kind == LoopNode || kind == ChoiceNode && !silent:
			silent = silent || c.Kind == SilentNode
			list = append(list, c)
		}
	}
	switch {
	case len(list) == 0:
		return &Tree{Kind: SilentNode}
	case len(list) == 1:
		return list[0]
	}
	if kind == ChoiceNode && silent { // nothing comes first
		slices.SortStableFunc(list, func(a, b *Tree) int { return silence(b) - silence(a) })
	}
	return &Tree{Kind: kind, Children: list}
}

func silence(t *Tree) int {
	if t.Kind == SilentNode {
		return 1
	}
	return 0
}
