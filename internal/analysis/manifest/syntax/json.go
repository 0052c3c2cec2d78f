package syntax

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tidwall/jsonc"
)

// JSON reads JSON with comments and trailing commas, as tsconfig.json and
// devcontainer.json have them.
func JSON(content []byte) (*Node, error) {
	content, err := clean(content)
	if err != nil {
		return nil, err
	}
	// Comments become spaces, so that offsets stay true.
	content = jsonc.ToJSON(content)
	r := jsonReader{dec: json.NewDecoder(bytes.NewReader(content)), content: content, lines: NewLines(content)}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return n, nil
}

type jsonReader struct {
	dec     *json.Decoder
	content []byte
	lines   Lines
	budget  budget
}

// line is the line of the next token: past space and punctuation.
func (r *jsonReader) line() int {
	at := int(r.dec.InputOffset())
	for at < len(r.content) && strings.IndexByte(" \t\r\n,:", r.content[at]) >= 0 {
		at++
	}
	return r.lines.At(at)
}

func (r *jsonReader) value(depth int) (*Node, error) {
	if err := r.budget.take(depth); err != nil {
		return nil, err
	}
	n := &Node{Line: r.line()}
	token, err := r.dec.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return n, r.fields(n, depth)
		}
		return n, r.items(n, depth)
	case string:
		n.Kind, n.Text, n.Quoted = Scalar, t, true
	case nil:
	default:
		n.Kind, n.Text = Scalar, fmt.Sprint(t)
	}
	return n, nil
}

func (r *jsonReader) fields(n *Node, depth int) error {
	n.Kind = Map
	for r.dec.More() {
		f := Field{Line: r.line()}
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		f.Key, _ = token.(string) // the decoder allows nothing else there
		if f.Value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.Fields = append(n.Fields, f)
	}
	_, err := r.dec.Token()
	return err
}

func (r *jsonReader) items(n *Node, depth int) error {
	n.Kind = List
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
	}
	_, err := r.dec.Token()
	return err
}
