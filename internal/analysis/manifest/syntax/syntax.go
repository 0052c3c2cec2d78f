// Package syntax reads JSON, YAML, TOML and XML into one kind of tree with
// exact line numbers, so that what reads manifests speaks of keys and lines
// and not of four parsers. It is pure and bounded: a document that is nested
// or spread out beyond measure is refused, and aliases count as often as they stand. It
// imports no other package of the product.
package syntax

import (
	"bytes"
	"errors"
	"sort"
	"strings"
	"unicode/utf8"
)

// The bounds of one document. No manifest that a person wrote comes near.
const (
	maxDepth = 100
	maxNodes = 100_000
	maxBytes = 1 << 20
)

var (
	errTooLarge = errors.New("the document is larger than 1 MiB or has more than 100,000 values")
	errTooDeep  = errors.New("the document is nested more than 100 levels deep")
)

// Kind is the kind of a node.
type Kind uint8

// The kinds of nodes.
const (
	Null   Kind = iota // also: nothing there
	Scalar             // string, number, boolean, date: the text says which
	List
	Map
)

// Node is one value of a document. The nil node is valid and holds nothing, so
// that look-ups chain.
type Node struct {
	Kind   Kind
	Line   int     // where it starts, from 1
	Text   string  // of a scalar; in XML the element's own text without the space around it
	Quoted bool    // a scalar that was written as a string
	Fields []Field // of a map, in source order; in XML the child elements
	Items  []*Node // of a list
}

// Field is one key of a map. XML may hold a key more than once.
type Field struct {
	Key   string
	Line  int // of the key
	Value *Node
}

// Get follows keys from map to map and returns what is there, or nil.
func (n *Node) Get(keys ...string) *Node {
	for _, key := range keys {
		f := n.Field(key)
		if f == nil {
			return nil
		}
		n = f.Value
	}
	return n
}

// Field returns the first field with that key, or nil.
func (n *Node) Field(key string) *Field {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return &n.Fields[i]
		}
	}
	return nil
}

// All returns the values of every field with that key.
func (n *Node) All(key string) []*Node {
	if n == nil {
		return nil
	}
	var out []*Node
	for _, f := range n.Fields {
		if f.Key == key {
			out = append(out, f.Value)
		}
	}
	return out
}

// Each returns the fields of a map, nil for everything else.
func (n *Node) Each() []Field {
	if n == nil {
		return nil
	}
	return n.Fields
}

// List returns the items of a list, nil for everything else.
func (n *Node) List() []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// String returns the text of a scalar, "" for everything else.
func (n *Node) String() string {
	if n == nil {
		return ""
	}
	return n.Text
}

// At returns the line, 0 for nothing.
func (n *Node) At() int {
	if n == nil {
		return 0
	}
	return n.Line
}

// Is reports whether the node is of that kind. Nothing is Null.
func (n *Node) Is(kind Kind) bool {
	if n == nil {
		return kind == Null
	}
	return n.Kind == kind
}

// Scalars returns the scalar itself or the scalars of a list: many formats
// allow one value where they allow several.
func (n *Node) Scalars() []*Node {
	if n.Is(Scalar) {
		return []*Node{n}
	}
	var out []*Node
	for _, item := range n.List() {
		if item.Is(Scalar) {
			out = append(out, item)
		}
	}
	return out
}

// budget counts the nodes of one document.
type budget struct{ nodes int }

// take allows one more node at a depth.
func (b *budget) take(depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	if b.nodes++; b.nodes > maxNodes {
		return errTooLarge
	}
	return nil
}

// Lines finds the line of an offset.
type Lines struct{ starts []int }

// NewLines indexes the lines of a text.
func NewLines(content []byte) Lines {
	starts := make([]int, 1, 1+bytes.Count(content, []byte{'\n'}))
	for i, c := range content {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return Lines{starts: starts}
}

// At returns the line, from 1, that holds the byte at an offset.
func (l Lines) At(offset int) int {
	return sort.SearchInts(l.starts, offset+1)
}

// clean makes content fit for the parsers: without a byte order mark, and
// valid UTF-8 with the same line breaks.
func clean(content []byte) ([]byte, error) {
	if len(content) > maxBytes {
		return nil, errTooLarge
	}
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) {
		content = []byte(strings.ToValidUTF8(string(content), "\ufffd"))
	}
	return content, nil
}
