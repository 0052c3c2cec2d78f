package treesitter

import (
	"iter"
	"sync"
)

// Kind is what a node is: one of the constants that the caller gave to
// NewGrammar, Other or Error.
type Kind uint16

const (
	// Other is a named node that the caller did not list.
	Other Kind = 0
	// Error holds text that fits no rule of the grammar.
	Error Kind = 0xFFFF

	dropped Kind = 0xFFFE
)

// Field is the part that a node plays in its parent: one of the caller's
// constants, or 0 for none that the caller listed.
type Field uint8

// Node is one node of a syntax tree. reader.h declares the same layout.
type Node struct {
	Kind    Kind
	Field   Field
	Missing bool   // the parser put it in to go on; it has no text
	Start   uint32 // offset of its first byte in Source
	End     uint32 // offset after its last byte
	Line    uint32 // of its first byte, from 1
	EndLine uint32 // of its last byte
	Next    uint32 // index of the first node after it that is not below it
	Parent  uint32 // index of the node around it; 0 for the root and its children
}

// Tree is the syntax tree of one file.
type Tree struct {
	// Source is what the offsets point into: the file without a byte order
	// mark, every line end a line feed, every invalid byte U+FFFD.
	Source []byte
	Nodes  []Node // never empty; the root is Nodes[0]
	Broken bool   // there are syntax errors
}

// nodePool keeps the lists of nodes, by far the largest thing that a file needs.
var nodePool sync.Pool

// maxPooled keeps the list of one huge file from staying in memory: 512 Ki
// nodes are 16 MiB.
const maxPooled = 512 << 10

func takeNodes(n int) []Node {
	n = max(n, 1)
	if kept, ok := nodePool.Get().(*[]Node); ok && cap(*kept) >= n {
		return *kept
	}
	return make([]Node, 0, n+n/4)
}

// Close gives the tree's memory back. The tree is not to be used after it.
func (t *Tree) Close() {
	if cap(t.Nodes) <= maxPooled {
		nodes := t.Nodes[:0]
		nodePool.Put(&nodes)
	}
	t.Nodes, t.Source = nil, nil
}

// Text returns the source of node i as a part of Source: copy it (string(…))
// to keep it.
func (t *Tree) Text(i int) []byte {
	n := &t.Nodes[i]
	return t.Source[n.Start:n.End]
}

// Children yields the nodes directly below node i, in order.
func (t *Tree) Children(i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		end := int(t.Nodes[i].Next)
		for child := i + 1; child < end; child = int(t.Nodes[child].Next) {
			if !yield(child) {
				return
			}
		}
	}
}

// Kind returns the kind of node i.
func (t *Tree) Kind(i int) Kind { return t.Nodes[i].Kind }

// Parent returns the node that holds node i; the root holds itself.
func (t *Tree) Parent(i int) int { return int(t.Nodes[i].Parent) }

// ParentKind returns the kind of the node that holds node i.
func (t *Tree) ParentKind(i int) Kind { return t.Kind(t.Parent(i)) }

// Child returns the first child of node i with that field, or -1.
func (t *Tree) Child(i int, field Field) int {
	for child := range t.Children(i) {
		if t.Nodes[child].Field == field {
			return child
		}
	}
	return -1
}

// ChildOfKind returns the first child of node i with that kind, or -1.
func (t *Tree) ChildOfKind(i int, kind Kind) int {
	for child := range t.Children(i) {
		if t.Nodes[child].Kind == kind {
			return child
		}
	}
	return -1
}

// Walk calls enter for every node from node i on down in source order, and
// leave after the last node below it. When enter returns false, the nodes
// below are skipped and leave is still called. Neither may be nil.
func (t *Tree) Walk(i int, enter func(int) bool, leave func(int)) {
	var open []int
	end := int(t.Nodes[i].Next)
	for i < end {
		for len(open) > 0 && int(t.Nodes[open[len(open)-1]].Next) <= i {
			leave(open[len(open)-1])
			open = open[:len(open)-1]
		}
		if enter(i) {
			open = append(open, i)
			i++
			continue
		}
		leave(i)
		i = int(t.Nodes[i].Next)
	}
	for len(open) > 0 {
		leave(open[len(open)-1])
		open = open[:len(open)-1]
	}
}
