package syntax

import (
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// TOML reads a TOML document. It uses the parser behind go-toml, which gives
// positions where the decoders of the ecosystem give values only. A document
// that breaks off gives what stands before the fault, with the error.
func TOML(content []byte) (*Node, error) {
	content, err := clean(content)
	if err != nil {
		return nil, err
	}
	if err := checkFlowDepth(content); err != nil {
		return nil, err
	}
	r := tomlReader{lines: NewLines(content), root: &Node{Kind: Map, Line: 1}, places: map[tomlKey]int{}}
	r.table = r.root
	r.parser.Reset(content)
	for r.parser.NextExpression() {
		if err := r.expression(r.parser.Expression()); err != nil {
			return nil, err
		}
	}
	if err := r.parser.Error(); err != nil {
		return r.root, fmt.Errorf("read TOML: %w", err)
	}
	return r.root, nil
}

type tomlReader struct {
	parser unstable.Parser
	lines  Lines
	budget budget
	root   *Node
	table  *Node // that key-value lines go to
	// places finds a field of a table: a search from the front would make a
	// large table cost its square.
	places map[tomlKey]int
}

type tomlKey struct {
	table *Node
	key   string
}

func (r *tomlReader) expression(e *unstable.Node) error {
	switch e.Kind {
	case unstable.Table, unstable.ArrayTable:
		keys := e.Key()
		table, err := r.enter(r.root, &keys, e.Kind == unstable.ArrayTable)
		if err != nil {
			return err
		}
		r.table = table
	case unstable.KeyValue:
		return r.keyValue(r.table, e, 1)
	default: // a comment
	}
	return nil
}

// enter goes down a dotted key, making maps where there are none. With last
// set, the last key names a list of maps that gains one.
func (r *tomlReader) enter(from *Node, keys *unstable.Iterator, last bool) (*Node, error) {
	for depth := 0; keys.Next(); depth++ {
		if err := r.budget.take(depth); err != nil {
			return nil, err
		}
		key, line := string(keys.Node().Data), r.line(keys.Node(), 1)
		next := r.get(from, key)
		switch {
		case keys.IsLast() && last:
			if !next.Is(List) {
				next = r.put(from, key, line, &Node{Kind: List, Line: line})
			}
			next.Items = append(next.Items, &Node{Kind: Map, Line: line})
			next = next.Items[len(next.Items)-1]
		case next.Is(List) && len(next.Items) > 0 && next.Items[len(next.Items)-1].Is(Map):
			next = next.Items[len(next.Items)-1]
		case !next.Is(Map):
			next = r.put(from, key, line, &Node{Kind: Map, Line: line})
		}
		from = next
	}
	return from, nil
}

// put adds or replaces a field.
func (r *tomlReader) put(table *Node, key string, line int, value *Node) *Node {
	at, ok := r.places[tomlKey{table, key}]
	if !ok {
		at = len(table.Fields)
		r.places[tomlKey{table, key}] = at
		table.Fields = append(table.Fields, Field{})
	}
	table.Fields[at] = Field{Key: key, Line: line, Value: value}
	return value
}

// get returns the value of a field, or nil.
func (r *tomlReader) get(table *Node, key string) *Node {
	at, ok := r.places[tomlKey{table, key}]
	if !ok {
		return nil
	}
	return table.Fields[at].Value
}

func (r *tomlReader) keyValue(table *Node, e *unstable.Node, depth int) error {
	var path []*unstable.Node
	for keys := e.Key(); keys.Next(); {
		path = append(path, keys.Node())
	}
	if len(path) == 0 {
		return nil
	}
	for _, key := range path[:len(path)-1] {
		if err := r.budget.take(depth); err != nil {
			return err
		}
		next := r.get(table, string(key.Data))
		if !next.Is(Map) {
			line := r.line(key, 1)
			next = r.put(table, string(key.Data), line, &Node{Kind: Map, Line: line})
		}
		table = next
	}
	last := path[len(path)-1]
	line := r.line(last, 1)
	value, err := r.value(e.Value(), line, depth+1)
	if err != nil {
		return err
	}
	r.put(table, string(last.Data), line, value)
	return nil
}

func (r *tomlReader) value(e *unstable.Node, line, depth int) (*Node, error) {
	if err := r.budget.take(depth); err != nil {
		return nil, err
	}
	n := &Node{Line: r.line(e, line)}
	switch e.Kind {
	case unstable.Array:
		n.Kind = List
		for items := e.Children(); items.Next(); {
			item, err := r.value(items.Node(), n.Line, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, item)
		}
	case unstable.InlineTable:
		n.Kind = Map
		for pairs := e.Children(); pairs.Next(); {
			if err := r.keyValue(n, pairs.Node(), depth+1); err != nil {
				return nil, err
			}
		}
		if len(n.Fields) > 0 {
			n.Line = n.Fields[0].Line
		}
	default:
		n.Kind, n.Text, n.Quoted = Scalar, string(e.Data), e.Kind == unstable.String
	}
	return n, nil
}

// line is the line of a node, or the one around it where the parser gives
// none.
func (r *tomlReader) line(e *unstable.Node, around int) int {
	if e.Raw.Length == 0 {
		return around
	}
	return r.lines.At(int(e.Raw.Offset))
}
