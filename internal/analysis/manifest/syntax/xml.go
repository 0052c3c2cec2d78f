package syntax

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// XML reads an XML document: elements become fields of the element around
// them, under their local name, and the root element is the node returned. An
// attribute is a field too, with an @ before its local name; an element with
// attributes keeps its own text.
// Entities that the document defines are not known, so they cannot multiply.
func XML(content []byte) (*Node, error) {
	content, err := clean(content)
	if err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(bytes.NewReader(content))
	// The content is UTF-8 by now, whatever its head says.
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	top := &Node{Kind: Map, Line: 1}
	stack := []*Node{top}
	var texts [maxDepth + 2]strings.Builder
	var b budget
	for {
		line, _ := dec.InputPos()
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read XML: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := b.take(len(stack)); err != nil {
				return nil, err
			}
			n := &Node{Kind: Scalar, Line: line}
			parent := stack[len(stack)-1]
			parent.Kind = Map
			parent.Fields = append(parent.Fields, Field{Key: t.Name.Local, Line: line, Value: n})
			for _, a := range t.Attr {
				if a.Name.Local == "xmlns" || a.Name.Space == "xmlns" {
					continue // names are local here
				}
				if err := b.take(len(stack)); err != nil {
					return nil, err
				}
				n.Fields = append(n.Fields, Field{Key: "@" + a.Name.Local, Line: line, Value: &Node{Kind: Scalar, Line: line, Text: a.Value}})
			}
			stack = append(stack, n)
			texts[len(stack)-1].Reset()
		case xml.CharData:
			texts[len(stack)-1].Write(t)
		case xml.EndElement:
			stack[len(stack)-1].Text = strings.TrimSpace(texts[len(stack)-1].String())
			stack = stack[:len(stack)-1]
		}
	}
	if len(top.Fields) == 0 {
		return nil, fmt.Errorf("read XML: %w", io.ErrUnexpectedEOF)
	}
	return top.Fields[0].Value, nil
}
