package kotlin

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// link is a reference in KDoc: [name], [words][name].
var link = regexp.MustCompile(`\[([^\[\]\n]+)\](?:\[[^\[\]\n]+\])?`)

// doc returns the first paragraph of the documentation comment above node i.
func (r *reader) doc(i int) string {
	return language.Clip([]byte(r.longDoc(i)), language.MaxDeclarationDoc)
}

// longDoc is doc without its bound.
func (r *reader) longDoc(i int) string {
	text := r.comments.Before(int(r.tree.Nodes[i].Start))
	if at := bytes.LastIndex(text, []byte("/**")); at >= 0 && bytes.HasSuffix(text, []byte("*/")) {
		text = bytes.TrimSuffix(text[at+3:], []byte("*/"))
	} else {
		return ""
	}
	var plain []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(bytes.TrimLeft(bytes.TrimSpace(line), "*"))
		if bytes.HasPrefix(line, []byte("@")) {
			break
		}
		plain = append(append(plain, line...), '\n')
		if len(plain) > 4000 { // more than enough for a thousand bytes of prose
			break
		}
	}
	return language.FirstParagraph(link.ReplaceAll(plain, []byte("$1")))
}
