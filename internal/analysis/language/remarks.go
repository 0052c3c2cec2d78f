package language

import (
	"bytes"
	"regexp"
	"strings"
)

// A mark of what is owed stands at the beginning of a comment or of one of its
// lines, in capitals, as editors and linters look for it.
var owed = regexp.MustCompile(`(?m)^[\s/#*;!<>-]*(TODO|FIXME|XXX|HACK|BUG)\b`)

// A reason is a word that joins a deed to its cause. Plain "since" and "as"
// mean time or likeness as often, and are left out.
var reason = regexp.MustCompile(`(?i)\b(because|so that|otherwise|on purpose|deliberately|intentionally|workaround|work around|instead of|in order to|to avoid|to prevent|must not|trade-?off|the reason)\b`)

// minReason is the number of words from which on a comment can be a reason: less
// does not say of what.
const minReason = 6

// RemarkOf reads a comment, with or without its signs, that begins at a line.
// ok is false when it neither owes something nor gives a reason.
func RemarkOf(comment []byte, line int) (r Remark, ok bool) {
	if at := owed.FindSubmatchIndex(comment); at != nil {
		text := comment[at[2]:]
		return Remark{Kind: RemarkTodo, Line: line + bytes.Count(comment[:at[2]], []byte("\n")), Text: plainComment(text)}, true
	}
	if !reason.Match(comment) {
		return Remark{}, false
	}
	text := plainComment(comment)
	if strings.Count(text, " ")+1 < minReason {
		return Remark{}, false
	}
	return Remark{Kind: RemarkWhy, Line: line, Text: text}, true
}

// plainComment is a comment on one line, without the signs at the beginning and
// end of its lines, at most MaxRemark bytes.
func plainComment(comment []byte) string {
	var words [][]byte
	for l := range bytes.Lines(comment) {
		l = bytes.TrimLeft(bytes.TrimSpace(l), "/#*;!<- \t")
		l = bytes.TrimRight(l, "*/-> \t\r\n")
		words = append(words, bytes.Fields(l)...)
		if len(words) > MaxRemark { // a word takes a byte and a space
			break
		}
	}
	return Clip(bytes.Join(words, []byte(" ")), MaxRemark)
}

// Flat returns source text on one line, every run of white space one space, at
// most n bytes: a signature, the type of a field.
func Flat(text []byte, n int) string {
	// A text is cut long before its end is looked at: what is longer than this
	// cannot fit, however much of it is white space that folds.
	if len(text) > 8*n {
		text = text[:8*n]
	}
	return Clip(bytes.Join(bytes.Fields(text), []byte(" ")), n)
}

// Clip returns text as clean UTF-8, cut between two characters, with an
// ellipsis, when it is longer than n bytes.
func Clip(text []byte, n int) string {
	s := strings.ToValidUTF8(string(text), "\uFFFD")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}
