package golang

import (
	"go/ast"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// remarks reads the comments of the file but for what stands above its package
// clause: licences give reasons too.
func (f *file) remarks() {
	var text []byte
	for _, group := range f.tree.Comments {
		if group.End() < f.tree.Package && group != f.tree.Doc {
			continue
		}
		text = text[:0]
		for _, c := range group.List {
			text = append(append(text, c.Text...), '\n')
		}
		remark, ok := language.RemarkOf(text, f.line(group.Pos()))
		if !ok || len(f.facts.Remarks) >= language.MaxRemarks {
			continue
		}
		// Comments on one line are no lines of their own.
		remark.Line = min(remark.Line, f.line(group.End()))
		f.facts.Remarks = append(f.facts.Remarks, remark)
	}
}

// docOf returns the first paragraph of the first of the comments that says
// something, at most MaxDeclarationDoc bytes.
func docOf(groups ...*ast.CommentGroup) string {
	for _, group := range groups {
		if group == nil {
			continue
		}
		if text := paragraphOf(group); text != "" {
			return language.Clip([]byte(strings.Map(printable, text)), language.MaxDeclarationDoc)
		}
	}
	return ""
}

// paragraphOf reads the comment only as far as it is kept: go/ast's own text of
// a comment is made of all of it.
func paragraphOf(group *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range group.List {
		line, ok := strings.CutPrefix(c.Text, "//")
		if !ok { // between /* and */
			return firstParagraph(group)
		}
		if isDirective(line) {
			continue
		}
		line = strings.TrimSpace(line)
		if line == "" && b.Len() > 0 || b.Len() > language.MaxDeclarationDoc {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return b.String()
}

// isDirective reports whether a comment is for tools, as //go:embed and
// //nolint are.
func isDirective(line string) bool {
	if line == "" || line[0] < 'a' || line[0] > 'z' {
		return false
	}
	word, _, _ := strings.Cut(line, " ")
	return strings.Contains(word, ":") || word == "nolint" || word == "export" || word == "line"
}
