package narrative

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// file is a file of the repository, in words that know their lines.
type file struct {
	path  string
	lines []string
	words []word
}

type word struct {
	text string
	line int // from 1
}

// maxFile is how much of a file is read, in bytes.
const maxFile = 1 << 20

func newFile(path string, content []byte) *file {
	content = content[:min(len(content), maxFile)]
	text := strings.TrimSuffix(strings.ReplaceAll(strings.ToValidUTF8(string(content), "\uFFFD"), "\r\n", "\n"), "\n")
	return &file{path: path, lines: strings.Split(text, "\n")}
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func (f *file) index() []word {
	if f.words == nil {
		f.words = []word{}
		for i, line := range f.lines {
			for _, w := range wordsOf(line) {
				f.words = append(f.words, word{w, i + 1})
			}
		}
	}
	return f.words
}

const (
	// maxGap is how many words of a file may stand between two of a sentence: the
	// address of a link, a tag.
	maxGap = 12
	// nearLines is how far from a declaration its own comment is looked for.
	nearLines = 60
)

// find returns the lines on which a sentence stands, near a line where that is not
// 0. Marks between its words do not matter. A sentence that is nowhere is not
// found: it is no sentence of this file.
func (f *file) find(sentence string, near int) (first, last int, ok bool) {
	wanted := wordsOf(sentence)
	if len(wanted) == 0 {
		return 0, 0, false
	}
	all := f.index()
	for _, gap := range []int{0, maxGap} {
		best := len(all) + 1
		for i := range all {
			if all[i].text != wanted[0] || near > 0 && (all[i].line < near-nearLines || all[i].line > near+nearLines) {
				continue
			}
			if end, matched := follow(all, i, wanted, gap); matched && end-i < best {
				first, last, best, ok = all[i].line, all[end].line, end-i, true // the closest together
			}
		}
		if ok {
			break
		}
	}
	return first, last, ok
}

// follow matches words from a place on, with gaps, and returns where the last is.
func follow(all []word, at int, wanted []string, gap int) (end int, ok bool) {
	skipped := 0
	for _, w := range wanted[1:] {
		next := at + 1
		for ; next < len(all) && all[next].text != w; next++ {
			if skipped++; next-at > gap || skipped > 4*gap {
				return 0, false
			}
		}
		if next == len(all) {
			return 0, false
		}
		at = next
	}
	return at, true
}

// text is some lines of a file; "" where it has not so many.
func (f *file) text(first, last int) string {
	if first < 1 || last < first || last > len(f.lines) {
		return ""
	}
	return strings.Join(f.lines[first-1:last], "\n")
}

// says reports whether a line is there and not empty.
func (f *file) says(line int) bool { return strings.TrimSpace(f.text(line, line)) != "" }

// hash is what lines are compared by. Space at their ends does not count.
func hash(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:12])
}

// stillAt finds the lines of a hash, so many of them, nearest to where they were.
func (f *file) stillAt(was string, first, count int) (now int, ok bool) {
	for away := 0; away <= len(f.lines); away++ {
		for _, at := range []int{first - away, first + away} {
			if at >= 1 && at+count-1 <= len(f.lines) && hash(f.text(at, at+count-1)) == was {
				return at, true
			}
		}
	}
	return 0, false
}
