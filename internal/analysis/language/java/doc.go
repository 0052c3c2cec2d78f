package java

import (
	"bytes"
	"regexp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// fileDoc returns the first paragraph of the documentation comment of the
// first type in the file, or in package-info.java of the package, or in
// module-info.java of the module. A comment above the package or the imports of
// another file is a licence.
func (r *reader) fileDoc(name string) string {
	comment := -1
	for child := range r.tree.Children(0) {
		switch r.tree.Kind(child) {
		case kindBlockComment:
			if bytes.HasPrefix(r.tree.Text(child), []byte("/**")) {
				comment = child
			}
		case kindLineComment:
		case kindClass, kindInterface, kindEnum, kindRecord, kindAnnotationType, kindModule:
			return r.javadoc(comment)
		case kindPackage:
			if name == "package-info.java" {
				return r.javadoc(comment)
			}
			comment = -1
		default:
			comment = -1
		}
	}
	return ""
}

var (
	inlineTag = regexp.MustCompile(`\{@\w+\s+([^{}]*)\}`)
	htmlTag   = regexp.MustCompile(`</?[a-zA-Z][^<>]{0,200}>`)
	paragraph = regexp.MustCompile(`(?i)<p\s*/?>`)
)

// javadoc returns the first paragraph of a documentation comment without its
// signs and tags.
func (r *reader) javadoc(comment int) string {
	if comment < 0 {
		return ""
	}
	text := bytes.TrimSuffix(bytes.TrimPrefix(r.tree.Text(comment), []byte("/**")), []byte("*/"))
	var plain []byte
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		line = bytes.TrimSpace(bytes.TrimLeft(line, "*"))
		if bytes.HasPrefix(line, []byte("@")) {
			break
		}
		plain = append(append(plain, line...), '\n')
		if len(plain) > 4000 { // more than enough for a thousand bytes of prose
			break
		}
	}
	plain = paragraph.ReplaceAll(plain, []byte("\n\n"))
	plain = inlineTag.ReplaceAll(plain, []byte("$1"))
	plain = htmlTag.ReplaceAll(plain, nil)
	return language.FirstParagraph(plain)
}
