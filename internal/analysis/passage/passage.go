// Package passage parts files into the passages that search finds and answers
// quote: code by its symbols, documents by their headings, never by a number of
// bytes. It is pure; it may import the code index.
//
// Every line of a file that says something is in one passage, or in none beyond
// a bound; the first line of a file is in the file's own too. Lines are counted
// from 1, and both ends of a range belong to it.
package passage

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// Kind is what a passage is of.
type Kind string

// The kinds.
const (
	Code     Kind = "code"     // a symbol, or code between symbols
	File     Kind = "file"     // the head of a file with the outline of what it declares
	Document Kind = "document" // a section of a document
)

// The bounds of one file. What is beyond them is in no passage.
const (
	maxPassages = 2000
	maxText     = 64 << 10 // bytes of one passage; the rest of a longer one is left out
)

const (
	// longLines is from where on code is parted further: a screen or two are read
	// at once.
	longLines = 120
	// nestedLines is up to where a symbol with others inside stays one passage.
	nestedLines = 30
	// outlined is how many symbols the outline of a file names.
	outlined = 60
)

// Passage is a part of a file.
type Passage struct {
	Kind       Kind
	Symbol     string // qualified in its file; "" for none
	Title      string // as a reader knows it: the symbol with its parameters, the headings that lead to a section, a path
	Start, End int    // lines
	Names      string // what it declares, whose words weigh more than those of the text
	Text       string // valid UTF-8
}

// OfCode parts a file of code by the symbols that an analysis found in it, which
// are in the order of their lines.
func OfCode(file string, content []byte, symbols []codeindex.Symbol) []Passage {
	c := cutter{file: file, lines: splitLines(content)}
	c.owner = make([]int32, len(c.lines))
	for i := range c.owner {
		c.owner[i] = -1
	}
	for i := range symbols {
		c.claim(symbols, i)
	}
	head, start := c.head(symbols)
	out := []Passage{head}
	for start < len(c.lines) {
		end := start + 1
		for end < len(c.lines) && c.owner[end] == c.owner[start] {
			end++
		}
		out = c.add(out, symbols, start, end)
		start = end
	}
	return out
}

// cutter parts the lines of one file. Its lines are counted from 0.
type cutter struct {
	file  string
	lines []string
	owner []int32 // by line: the symbol whose passage it is in, -1 for none
}

func splitLines(content []byte) []string {
	content = bytes.TrimSuffix(content, []byte("\n"))
	text := strings.ToValidUTF8(string(content), "\ufffd")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}

// claim gives the lines of a symbol to it. Those of a large one that holds
// others stay with those, which come after it.
func (c *cutter) claim(symbols []codeindex.Symbol, i int) {
	s := &symbols[i]
	start, end := int(s.Line)-1, int(s.EndLine)
	if start < 0 || end > len(c.lines) || end <= start {
		return
	}
	if outer := c.owner[start]; outer >= 0 {
		o := &symbols[outer]
		if o.EndLine-o.Line < nestedLines || end-start < 3 || o.Kind == "function" || o.Kind == "method" {
			return // it is read with what it stands in
		}
	}
	for start > 0 && c.owner[start-1] == c.owner[start] && isRemark(c.lines[start-1]) {
		start--
	}
	for line := start; line < end; line++ {
		c.owner[line] = int32(i) //nolint:gosec // a file has fewer symbols
	}
}

// isRemark reports whether a line above a declaration belongs to it: a comment,
// an annotation, an attribute.
func isRemark(line string) bool {
	line = strings.TrimSpace(line)
	for _, prefix := range []string{"//", "#", "*", "/*", "--", "@", "[", "\"\"\""} {
		if strings.HasPrefix(line, prefix) {
			return true
		}
	}
	return false
}

// head is the passage of the file itself: the lines before its first symbol, and
// what it declares. It also returns how many lines those are.
func (c *cutter) head(symbols []codeindex.Symbol) (Passage, int) {
	end := 0
	for end < len(c.lines) && c.owner[end] < 0 && end < longLines {
		end++
	}
	if len(symbols) == 0 { // it is parted like any other code, and the first part stands for it
		end = c.part(0, end)
	}
	var names strings.Builder
	names.WriteString(c.file)
	for i := range symbols[:min(len(symbols), outlined)] {
		names.WriteString("\n" + symbols[i].Name)
	}
	return Passage{Kind: File, Title: c.file, Start: 1, End: max(end, 1), Names: names.String(), Text: c.text(0, max(end, 1))}, end
}

// add adds the passages of a run of lines of one owner.
func (c *cutter) add(out []Passage, symbols []codeindex.Symbol, start, end int) []Passage {
	for start < end && strings.TrimSpace(c.lines[start]) == "" {
		start++
	}
	for end > start && strings.TrimSpace(c.lines[end-1]) == "" {
		end--
	}
	owner := c.owner[min(start, len(c.owner)-1)]
	if start >= end || owner < 0 && !c.says(start, end) {
		return out
	}
	for start < end && len(out) < maxPassages {
		stop := c.part(start, end)
		p := Passage{Kind: Code, Title: c.file, Start: start + 1, End: stop, Text: c.text(start, stop), Names: path.Base(c.file)}
		if owner >= 0 {
			s := &symbols[owner]
			p.Symbol, p.Title, p.Names = s.Name, title(s), s.Name+" "+s.Signature
		}
		out = append(out, p)
		start = stop
	}
	return out
}

// says reports whether a line of a run says more than the brackets around it.
func (c *cutter) says(start, end int) bool {
	for _, line := range c.lines[start:end] {
		if len(strings.Trim(line, " \t{}()[];,")) > 3 {
			return true
		}
	}
	return false
}

// part returns where the first part of a run of lines ends: all of it when it is
// not long, else after the empty line, or before the line, that stands the
// least deep in the second half of a long part.
func (c *cutter) part(start, end int) int {
	if end-start <= longLines {
		return end
	}
	best, depth := start+longLines, 1<<30
	for line := start + longLines; line > start+longLines/2; line-- {
		text := c.lines[line]
		trimmed := strings.TrimLeft(text, " \t")
		if trimmed == "" || strings.ContainsRune("})]", rune(trimmed[0])) {
			continue
		}
		d := 2 * (len(text) - len(trimmed))
		if strings.TrimSpace(c.lines[line-1]) != "" {
			d++ // an empty line above parts better
		}
		if d < depth {
			best, depth = line, d
		}
	}
	return best
}

func (c *cutter) text(start, end int) string { return clip(strings.Join(c.lines[start:end], "\n")) }

func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	text = text[:maxText]
	for !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]) {
		text = text[:len(text)-1]
	}
	return text
}

// title names a symbol as a reader knows it: "method Cart.Total() int".
func title(s *codeindex.Symbol) string {
	signature := strings.Join(strings.Fields(s.Signature), " ")
	if strings.HasPrefix(signature, "(") {
		return s.Kind + " " + s.Name + signature
	}
	return s.Kind + " " + s.Name
}
