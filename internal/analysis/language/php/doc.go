package php

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// comments is a block of comments with nothing but white space between them.
type comments struct {
	start, end    uint32 // bytes in the source
	line, endLine int    // lines, 0 for none
}

// addComment remembers a documentation comment, and reads what a block of
// comments owes or gives as a reason once it has ended.
func (r *reader) addComment(i int) {
	node, text := &r.tree.Nodes[i], r.tree.Text(i)
	if bytes.HasPrefix(text, []byte("/**")) {
		r.comment = i
	}
	c := &r.group
	if c.line > 0 && int(node.Line) == c.endLine+1 && bytes.HasPrefix(text, []byte("//")) &&
		len(bytes.TrimSpace(r.tree.Source[c.end:node.Start])) == 0 {
		c.end, c.endLine = node.End, int(node.EndLine)
		return
	}
	r.endComments()
	*c = comments{start: node.Start, end: node.End, line: int(node.Line), endLine: int(node.EndLine)}
}

func (r *reader) endComments() {
	c := r.group
	r.group = comments{}
	if c.line == 0 || len(r.facts.Remarks) >= language.MaxRemarks {
		return
	}
	if remark, ok := language.RemarkOf(r.tree.Source[c.start:c.end], c.line); ok {
		r.facts.Remarks = append(r.facts.Remarks, remark)
	}
}

// docEnds reports whether the last documentation comment ends right above a
// line, or on it.
func (r *reader) docEnds(line int) bool {
	if r.comment < 0 {
		return false
	}
	end := int(r.tree.Nodes[r.comment].EndLine)
	return end == line-1 || end == line
}

var inlineTag = regexp.MustCompile(`\{@\w+\s+([^{}]*)\}`)

// docAbove returns the first paragraph of the documentation comment above a
// line, without its signs and tags.
func (r *reader) docAbove(line int) string {
	if !r.docEnds(line) {
		return ""
	}
	text := bytes.TrimSuffix(bytes.TrimPrefix(r.tree.Text(r.comment), []byte("/**")), []byte("*/"))
	var plain []byte
	for l := range bytes.Lines(text) {
		l = bytes.TrimSpace(bytes.TrimLeft(bytes.TrimSpace(l), "*"))
		if bytes.HasPrefix(l, []byte("@")) {
			break
		}
		plain = append(append(plain, l...), '\n')
		if len(plain) > 4*language.MaxDeclarationDoc {
			break
		}
	}
	plain = inlineTag.ReplaceAll(plain, []byte("$1"))
	return language.Clip([]byte(language.FirstParagraph(plain)), language.MaxDeclarationDoc)
}
