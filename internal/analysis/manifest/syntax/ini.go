package syntax

import (
	"bytes"
	"strings"
)

// INI reads the dialect of Python's configparser, as setup.cfg and tox.ini
// have it: a map of sections, each a map of keys. A value is a list of its
// lines that are not empty, with the text of all of them; comments of whole
// lines are left out.
func INI(content []byte) (*Node, error) {
	content, err := clean(content)
	if err != nil {
		return nil, err
	}
	root := &Node{Kind: Map, Line: 1}
	var section, value *Node
	var b budget
	for i, raw := range bytes.Split(content, []byte{'\n'}) {
		if err := b.take(0); err != nil {
			return nil, err
		}
		line, text := i+1, strings.TrimSpace(string(raw))
		indented := len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t')
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case !indented && text[0] == '[' && strings.HasSuffix(text, "]"):
			section, value = &Node{Kind: Map, Line: line}, nil
			root.Fields = append(root.Fields, Field{Key: text[1 : len(text)-1], Line: line, Value: section})
		case indented && value != nil:
			value.addLine(text, line)
		case section != nil:
			key, rest := text, ""
			if at := strings.IndexAny(text, "=:"); at >= 0 {
				key, rest = strings.TrimSpace(text[:at]), strings.TrimSpace(text[at+1:])
			}
			value = &Node{Kind: List, Line: line}
			section.Fields = append(section.Fields, Field{Key: key, Line: line, Value: value})
			if rest != "" {
				value.addLine(rest, line)
			}
		}
	}
	joinTexts(root)
	return root, nil
}

func (n *Node) addLine(text string, line int) {
	n.Items = append(n.Items, &Node{Kind: Scalar, Text: text, Line: line, Quoted: true})
}

// joinTexts gives every value the text of its lines.
func joinTexts(root *Node) {
	for _, section := range root.Fields {
		for _, f := range section.Value.Fields {
			lines := make([]string, 0, len(f.Value.Items))
			for _, item := range f.Value.Items {
				lines = append(lines, item.Text)
			}
			f.Value.Text = strings.Join(lines, "\n")
		}
	}
}
