package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// YAML reads the first document of a YAML stream. An alias is read as what
// its anchor names, and every reading counts against the bounds, so that nested
// or cyclic aliases end there. Merge keys (<<) add the fields that a map does
// not have itself.
func YAML(content []byte) (*Node, error) {
	content, err := clean(content)
	if err != nil {
		return nil, err
	}
	if err := checkFlowDepth(content); err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(content)).Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, fmt.Errorf("read YAML: %w", err)
	}
	r := yamlReader{}
	return r.convert(&doc, 0)
}

// checkFlowDepth refuses what would make the parser recurse for every bracket.
func checkFlowDepth(content []byte) error {
	depth := 0
	for _, c := range content {
		switch c {
		case '[', '{':
			if depth++; depth > 10*maxDepth {
				return errTooDeep
			}
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return nil
}

type yamlReader struct{ budget budget }

func (r *yamlReader) convert(y *yaml.Node, depth int) (*Node, error) {
	if err := r.budget.take(depth); err != nil {
		return nil, err
	}
	n := &Node{Line: y.Line}
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return n, nil
		}
		return r.convert(y.Content[0], depth)
	case yaml.AliasNode:
		return r.convert(y.Alias, depth+1)
	case yaml.ScalarNode:
		if y.Tag != "!!null" {
			n.Kind, n.Text, n.Quoted = Scalar, y.Value, y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
			// The text of a block starts on the line after its mark.
			if y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
				n.Line++
			}
		}
	case yaml.SequenceNode:
		n.Kind = List
		for _, item := range y.Content {
			c, err := r.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, c)
		}
	case yaml.MappingNode:
		return n, r.fields(n, y, depth)
	}
	return n, nil
}

func (r *yamlReader) fields(n *Node, y *yaml.Node, depth int) error {
	n.Kind = Map
	var merged []*Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		value, err := r.convert(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		if key.Value == "<<" && key.Tag == "!!merge" {
			merged = append(merged, value)
			merged = append(merged, value.List()...)
			continue
		}
		n.Fields = append(n.Fields, Field{Key: key.Value, Line: key.Line, Value: value})
	}
	if len(merged) == 0 {
		return nil
	}
	have := map[string]bool{}
	for _, f := range n.Fields {
		have[f.Key] = true
	}
	for _, from := range merged {
		for _, f := range from.Each() {
			if err := r.budget.take(depth); err != nil {
				return err
			}
			if !have[f.Key] {
				have[f.Key] = true
				n.Fields = append(n.Fields, f)
			}
		}
	}
	return nil
}
