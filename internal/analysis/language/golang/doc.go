package golang

import (
	"go/ast"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// packageDoc returns the first paragraph of the package's comment, or else of
// the first exported type's, on one line.
func packageDoc(tree *ast.File) string {
	if text := firstParagraph(tree.Doc); text != "" {
		return text
	}
	for _, decl := range tree.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range d.Specs {
			s, ok := spec.(*ast.TypeSpec)
			if !ok || !s.Name.IsExported() {
				continue
			}
			if text := firstParagraph(s.Doc); text != "" {
				return text
			}
			if text := firstParagraph(d.Doc); text != "" {
				return text
			}
		}
	}
	return ""
}

// firstParagraph leaves out the licence header that some files glue to their
// package clause, which says nothing about the code.
func firstParagraph(group *ast.CommentGroup) string {
	if group == nil {
		return ""
	}
	for paragraph := range strings.SplitSeq(group.Text(), "\n\n") {
		text := language.FirstParagraph([]byte(paragraph))
		if text != "" && !isHeader(text) {
			return strings.Map(printable, text)
		}
	}
	return ""
}

// printable takes control characters out of what a hostile file says.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

func isHeader(text string) bool {
	for _, prefix := range []string{"Copyright", "(c) Copyright", "SPDX-", "Licensed under", "Use of this source code", "Code generated", "+build"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// isText reports whether s can be shown and stored as it is.
func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
