package language

import (
	"bytes"
	"regexp"
	"strings"
)

// A mark of what is owed stands at the beginning of a comment or of one of its
// lines, in capitals, as editors and linters look for it.
var owed = regexp.MustCompile(`(?m)^[\s/#*;!<>-]*(TODO|FIXME|XXX|HACK|BUG)\b`)

// marks are the words of owed; a comment without them need not be searched.
var marks = [][]byte{[]byte("TODO"), []byte("FIXME"), []byte("XXX"), []byte("HACK"), []byte("BUG")}

// A reason is a word that joins a deed to its cause. Plain "since" and "as"
// mean time or likeness as often, and are left out. They are listed by their
// first letter, in small letters.
var reasons = map[byte][]string{
	'b': {"because"},
	'd': {"deliberately"},
	'i': {"intentionally", "instead of", "in order to"},
	'm': {"must not"},
	'o': {"otherwise", "on purpose"},
	's': {"so that"},
	't': {"to avoid", "to prevent", "tradeoff", "trade-off", "the reason"},
	'w': {"workaround", "work around"},
}

// givesReason looks for a reason. Comments are a fifth of a source: an
// expression would take longer over them than a parser over the rest.
func givesReason(text []byte) bool {
	inWord := false
	for i, c := range text {
		if inWord {
			inWord = isWord(c)
			continue
		}
		if inWord = isWord(c); !inWord {
			continue
		}
		for _, reason := range reasonsBy[c] {
			if startsWord(text[i:], reason) {
				return true
			}
		}
	}
	return false
}

// reasonsBy are the reasons by their first letter in either case.
var reasonsBy = func() (by [256][]string) {
	for c, list := range reasons {
		by[c], by[c-'a'+'A'] = list, list
	}
	return by
}()

// startsWord reports whether text begins with the words, whatever their case,
// and ends a word there.
func startsWord(text []byte, words string) bool {
	n := len(words)
	if len(text) < n || len(text) > n && isWord(text[n]) {
		return false
	}
	for i := range n {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != words[i] {
			return false
		}
	}
	return true
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// minReason is the number of words from which on a comment can be a reason: less
// does not say of what.
const minReason = 6

// RemarkOf reads a comment, with or without its signs, that begins at a line.
// ok is false when it neither owes something nor gives a reason.
func RemarkOf(comment []byte, line int) (r Remark, ok bool) {
	if at := findOwed(comment); at != nil {
		text := comment[at[2]:]
		return Remark{Kind: RemarkTodo, Line: line + bytes.Count(comment[:at[2]], []byte("\n")), Text: plainComment(text)}, true
	}
	if !givesReason(comment) {
		return Remark{}, false
	}
	text := plainComment(comment)
	if strings.Count(text, " ")+1 < minReason {
		return Remark{}, false
	}
	return Remark{Kind: RemarkWhy, Line: line, Text: text}, true
}

// findOwed returns the match of owed and of the mark in it, nil for none.
func findOwed(comment []byte) []int {
	for _, mark := range marks {
		if bytes.Contains(comment, mark) {
			return owed.FindSubmatchIndex(comment)
		}
	}
	return nil
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
