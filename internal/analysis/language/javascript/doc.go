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
	comment := none // the last one, while nothing stands after it
	top := true     // no statement yet
	for i := range r.tree.Children(0) {
		kind := r.tree.Kind(i)
		if kind == kindHashBang {
			continue
		}
		if comment >= 0 {
			if text := r.docAbove(i, comment, top); text != "" {
				return text
			}
		}
		if comment = none; kind == kindComment {
			comment = i
			continue
		}
		top = false
	}
	if top && comment >= 0 {
		return r.commentText(comment)
	}
	return ""
}

// docAbove returns the text of the comment before node i, when it is about the
// file, or about an export at node i. Only a comment at the top of the file is
// about the file, and then an empty line parts it from what follows, or it says
// so by a tag.
func (r *reader) docAbove(i, comment int, top bool) string {
	adjacent := r.node(comment).EndLine+1 >= r.node(i).Line
	if top && (!adjacent || hasFileTag(r.tree.Text(comment))) {
		return r.commentText(comment)
	}
	if adjacent && r.isExported(i) {
		return r.commentText(comment)
	}
	return ""
}

// isExported reports whether node i is an exported declaration that can stand
// for the file.
func (r *reader) isExported(i int) bool {
	switch r.tree.Kind(i) {
	case kindExport:
		return r.source(i) == "" && r.tree.ChildOfKind(i, kindExportClause) < 0
	case kindClass, kindFunction, kindAbstractClass, kindInterface:
		return r.exports[string(r.child(i, fieldName))]
	default:
		return false
	}
}

func hasFileTag(comment []byte) bool {
	text := string(comment[:min(len(comment), maxDocComment)])
	for tag := range fileTags {
		if strings.Contains(text, tag) {
			return true
		}
	}
	return false
}

// fileTags say that a comment is about the file. What follows on the line is
// its description, but for tagModule, whose is a name.
var fileTags = map[string]bool{
	"@file": true, "@fileoverview": true, "@fileOverview": true, "@overview": true, "@packageDocumentation": true,
	tagModule: true,
}

const (
	tagModule      = "@module"
	tagDescription = "@description"
)

// commentText returns the first paragraph of a doc comment that says something
// to people: not a licence, not an instruction to a tool, not code.
func (r *reader) commentText(comment int) string {
	raw := r.tree.Text(comment)
	text, ok := strings.CutPrefix(string(raw[:min(len(raw), maxDocComment)]), "/**")
	if !ok {
		return ""
	}
	var lines []string
	skipping := false // the text of a tag for something else
	for line := range strings.Lines(strings.TrimSuffix(text, "*/")) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "*"))
		switch tag, rest, _ := strings.Cut(line, " "); {
		case tag == tagModule:
			line, skipping = "", false
		case fileTags[tag] || tag == tagDescription:
			line, skipping = strings.TrimSpace(rest), false
		case strings.HasPrefix(tag, "@"):
			skipping = true
		}
		if skipping {
			line = "" // the paragraph ends
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
