package javascript

import (
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// maxDocComment bounds what is read of a comment, in bytes: a paragraph of it
// is kept.
const maxDocComment = 8 << 10

// doc returns the first paragraph of the file's own comment, or else of the
// comment of the first type or function that the file exports.
func (r *reader) doc() string {
	previous := none // the comment just above, on its own lines
	first := true
	for i := range r.tree.Children(0) {
		switch r.kind(i) {
		case kindHashBang:
			continue
		case kindComment:
			if first && previous >= 0 {
				if text := r.fileComment(previous, int(r.node(i).Line)); text != "" {
					return text
				}
			}
			previous = i
			continue
		case kindExport, kindClass, kindFunction, kindAbstractClass, kindInterface:
			if first && previous >= 0 && hasFileTag(r.tree.Text(previous)) {
				return r.commentText(previous)
			}
			if previous >= 0 && r.isExported(i) && int(r.node(previous).EndLine)+1 >= int(r.node(i).Line) {
				if text := r.commentText(previous); text != "" {
					return text
				}
			}
		default:
		}
		if first && previous >= 0 {
			if text := r.fileComment(previous, int(r.node(i).Line)); text != "" {
				return text
			}
		}
		first, previous = false, none
	}
	if first && previous >= 0 {
		return r.commentText(previous)
	}
	return ""
}

// isExported reports whether the declaration at node i is exported and worth
// describing the file by.
func (r *reader) isExported(i int) bool {
	if r.kind(i) == kindExport {
		return r.source(i) == "" && r.tree.ChildOfKind(i, kindExportClause) < 0
	}
	return r.exports[string(r.child(i, fieldName))]
}

// fileComment returns the text of a comment at the top of the file, when it is
// about the file and not about what follows at line next.
func (r *reader) fileComment(comment, next int) string {
	text := r.tree.Text(comment)
	if hasFileTag(text) || int(r.node(comment).EndLine)+1 < next {
		return r.commentText(comment)
	}
	return ""
}

func hasFileTag(comment []byte) bool {
	text := string(comment[:min(len(comment), maxDocComment)])
	for _, tag := range []string{"@file", "@module", "@packageDocumentation", "@overview"} {
		if strings.Contains(text, tag) {
			return true
		}
	}
	return false
}

// commentText returns the first paragraph of a doc comment that says something
// to people: not a licence, not an instruction to a tool, not code.
func (r *reader) commentText(comment int) string {
	raw := r.tree.Text(comment)
	text, ok := strings.CutPrefix(string(raw[:min(len(raw), maxDocComment)]), "/**")
	if !ok {
		return ""
	}
	text = strings.TrimSuffix(text, "*/")
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "*"))
		tag, rest, _ := strings.Cut(line, " ")
		switch tag {
		case "@file", "@fileoverview", "@fileOverview", "@overview", "@module", "@description", "@packageDocumentation":
			line = strings.TrimSpace(rest)
			if tag == "@module" {
				line = ""
			}
		default:
			if strings.HasPrefix(tag, "@") {
				if len(lines) > 0 && strings.TrimSpace(strings.Join(lines, "")) != "" {
					return paragraph(lines)
				}
				continue
			}
		}
		lines = append(lines, line)
	}
	return paragraph(lines)
}

func paragraph(lines []string) string {
	for text := range strings.SplitSeq(strings.Join(lines, "\n"), "\n\n") {
		text := language.FirstParagraph([]byte(text))
		if text != "" && !isHeader(text) {
			return strings.Map(printable, text)
		}
	}
	return ""
}

func printable(c rune) rune {
	if unicode.IsControl(c) {
		return -1
	}
	return c
}

func isHeader(text string) bool {
	lower := strings.ToLower(text)
	for _, mark := range []string{
		"copyright", "(c) ", "©", "licensed under", "licence", "license", "spdx-", "this source code is licensed", "mit ",
		"eslint", "istanbul", "jshint", "prettier", "global ",
	} {
		if strings.HasPrefix(lower, mark) {
			return true
		}
	}
	return false
}
