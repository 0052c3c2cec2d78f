package rust

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// comment reads a comment: as a remark, and as documentation of the next item.
func (r *reader) comment(i int) {
	text := r.tree.Text(i)
	if isDoc(text) {
		if n := len(r.doc); n > 0 && r.leads(r.doc[n-1], i) {
			r.doc = append(r.doc, i)
		} else {
			r.doc = append(r.doc[:0], i)
		}
		return
	}
	if remark, ok := language.RemarkOf(text, int(r.tree.Nodes[i].Line)); ok && len(r.facts.Remarks) < language.MaxRemarks {
		r.facts.Remarks = append(r.facts.Remarks, remark)
	}
}

// isDoc reports whether a comment documents what follows: /// or /**, but no
// line of signs.
func isDoc(text []byte) bool {
	return bytes.HasPrefix(text, []byte("///")) && !bytes.HasPrefix(text, []byte("////")) ||
		bytes.HasPrefix(text, []byte("/**")) && !bytes.HasPrefix(text, []byte("/***")) && len(text) > 4
}

// leads reports whether node to is the next sibling of node from, with at most
// comments and attributes between.
func (r *reader) leads(from, to int) bool {
	if r.tree.Parent(from) != r.tree.Parent(to) {
		return false
	}
	for at := int(r.tree.Nodes[from].Next); at <= to; at = int(r.tree.Nodes[at].Next) {
		if at == to {
			return true
		}
		if kind := r.tree.Kind(at); kind != kindAttribute && kind != kindLineComment && kind != kindBlockComment {
			return false
		}
	}
	return false
}

// docOf returns the first paragraph of the documentation of an item.
func (r *reader) docOf(i int) string {
	n := len(r.doc)
	if n == 0 || !r.leads(r.doc[n-1], i) {
		return ""
	}
	return language.Clip([]byte(r.paragraph(r.doc)), language.MaxDeclarationDoc)
}

// paragraph returns the first paragraph of comments without their signs.
func (r *reader) paragraph(comments []int) string {
	var plain []byte
	for _, at := range comments {
		text := bytes.TrimSuffix(bytes.TrimSpace(r.tree.Text(at)), []byte("*/"))
		for line := range bytes.Lines(text) {
			line = bytes.TrimSpace(line)
			plain = append(append(plain, bytes.TrimSpace(bytes.TrimLeft(line, "/*!"))...), '\n')
		}
		if len(plain) > 4000 { // more than enough for a paragraph
			break
		}
	}
	return language.FirstParagraph(bytes.TrimLeft(plain, "# \n"))
}

// fileDoc returns the first paragraph of the comments //! at the beginning.
func (r *reader) fileDoc() string {
	var inner []int
	for child := range r.tree.Children(0) {
		switch kind := r.tree.Kind(child); {
		case kind == kindInnerAttribute:
		case kind != kindLineComment && kind != kindBlockComment:
			return r.paragraph(inner)
		case bytes.HasPrefix(r.tree.Text(child), []byte("//!")) || bytes.HasPrefix(r.tree.Text(child), []byte("/*!")):
			inner = append(inner, child)
		}
	}
	return r.paragraph(inner)
}
