package csharp

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var (
	summary   = regexp.MustCompile(`(?s)<summary>(.*?)(?:</summary>|$)`)
	reference = regexp.MustCompile(`<(?:see|seealso|paramref|typeparamref)\s+(?:cref|name|langword|href)="(?:[A-Z]:)?([^"]*)"\s*/>`)
	paragraph = regexp.MustCompile(`</?para>|<br\s*/?>`)
	tag       = regexp.MustCompile(`</?[a-zA-Z][^<>]{0,200}>`)
)

// doc returns the first paragraph of the documentation comment above node i.
func (r *reader) doc(i int) string {
	return language.Clip([]byte(r.longDoc(i)), language.MaxDeclarationDoc)
}

// longDoc is doc without its bound. Of XML documentation it is the summary.
func (r *reader) longDoc(i int) string {
	text := r.comments.Before(int(r.tree.Nodes[i].Start))
	if !bytes.HasPrefix(text, []byte("///")) && !bytes.HasPrefix(text, []byte("/**")) {
		return ""
	}
	var plain []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(line), []byte("*/")))
		plain = append(append(plain, bytes.TrimLeft(line, "/* \t")...), '\n')
		if len(plain) > 4000 { // more than enough for a thousand bytes of prose
			break
		}
	}
	if found := summary.FindSubmatch(plain); found != nil {
		plain = found[1]
	} else if bytes.HasPrefix(bytes.TrimSpace(plain), []byte("<")) {
		return "" // parameters, or inherited
	}
	plain = reference.ReplaceAll(plain, []byte("$1"))
	plain = paragraph.ReplaceAll(plain, []byte("\n\n"))
	plain = tag.ReplaceAll(plain, nil)
	return language.FirstParagraph(plain)
}
