package source

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Count counts the lines of code, comment and blank of a text in the given
// language, by scc's conventions: a line with any code is code; a blank line
// inside a block comment is comment, inside a string or here-document it is
// code; a string that is a statement by itself, as Python's docstrings are, is
// comment. In a language whose syntax is not known every line that is not blank
// is code. The last line counts with or without its line break; CR, LF and
// CRLF end lines.
//
// Nothing but comments, strings and the regular expressions of JavaScript is
// read. Elsewhere one that holds a quotation mark can hide a comment up to the
// end of its line.
func Count(name string, content []byte) report.Lines {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	c := counter{syntax: syntaxes[name], text: content}
	if c.syntax == nil {
		c.syntax = &syntax{}
	}
	c.run()
	return c.lines
}

// counter walks a text once. What a line is shows at its end.
type counter struct {
	*syntax

	text  []byte
	at    int
	lines report.Lines

	code, comment bool // seen in this line
	last          byte // the last byte of code, 0 for none
	nested        int  // templates in templates
	here          []byte
	lost          int // here-documents whose end was not found
}

func (c *counter) run() {
	for c.at < len(c.text) {
		switch b := c.text[c.at]; {
		case b == '\n' || b == '\r':
			c.endLine()
		case b == ' ' || b == '\t' || b == '\f' || b == '\v':
			c.at++
		case c.starts[b]:
			c.token()
		default:
			c.one()
		}
	}
	if n := len(c.text); n > 0 && c.text[n-1] != '\n' && c.text[n-1] != '\r' {
		c.finishLine()
	}
}

// one takes a byte for code.
func (c *counter) one() {
	c.code, c.last = true, c.text[c.at]
	c.at++
}

// endLine steps over a line break and counts the line, and the here-document
// that begins after it.
func (c *counter) endLine() {
	if c.text[c.at] == '\r' && c.at+1 < len(c.text) && c.text[c.at+1] == '\n' {
		c.at++
	}
	c.at++
	c.finishLine()
	if c.here != nil {
		c.hereDocument()
	}
}

func (c *counter) finishLine() {
	c.lines.Total++
	switch {
	case c.code:
		c.lines.Code++
	case c.comment:
		c.lines.Comment++
	default:
		c.lines.Blank++
	}
	c.code, c.comment = false, false
}

// token reads a comment or a string that begins here, or takes one byte for
// code.
func (c *counter) token() {
	rest := c.text[c.at:]
	for _, b := range c.blocks {
		if bytes.HasPrefix(rest, []byte(b.open)) && (!b.lineStart || c.lineStart()) {
			c.block(b)
			return
		}
	}
	for _, start := range c.line {
		if bytes.HasPrefix(rest, []byte(start)) && (!c.hashAlone || c.at == 0 || isSpace(c.text[c.at-1])) {
			c.restOfLine()
			return
		}
	}
	for _, q := range c.quotes {
		if bytes.HasPrefix(rest, []byte(q.open)) {
			c.quote(q)
			return
		}
	}
	if c.regexp && rest[0] == '/' && c.valueBegins() {
		if n := expressionLength(rest); n > 0 {
			c.code, c.last = true, '/'
			c.at += n
			return
		}
	}
	if c.heredoc != "" && bytes.HasPrefix(rest, []byte(c.heredoc)) {
		c.here = c.terminator(rest[len(c.heredoc):])
	}
	c.one()
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func (c *counter) lineStart() bool {
	return c.at == 0 || c.text[c.at-1] == '\n' || c.text[c.at-1] == '\r'
}

func (c *counter) restOfLine() {
	c.comment = true
	if end := bytes.IndexAny(c.text[c.at:], "\r\n"); end >= 0 {
		c.at += end
	} else {
		c.at = len(c.text)
	}
}

// block reads to the end of a block comment, which may be the end of the text.
func (c *counter) block(b block) {
	c.at += len(b.open)
	c.comment = true
	for depth := 1; c.at < len(c.text); {
		rest := c.text[c.at:]
		switch {
		case rest[0] == '\n' || rest[0] == '\r':
			c.endLine()
			c.comment = true // the next line begins inside
			if c.at >= len(c.text) {
				c.comment = false // there is no next line
			}
		case bytes.HasPrefix(rest, []byte(b.close)):
			c.at += len(b.close)
			if depth--; depth == 0 {
				return
			}
		case b.nested && bytes.HasPrefix(rest, []byte(b.open)):
			c.at += len(b.open)
			depth++
		default:
			c.at++
		}
	}
}

// quote reads to the end of a string. One that may not span lines ends with
// its line: a stray quotation mark must not swallow the rest of the file.
func (c *counter) quote(q quote) {
	doc := q.doc && !c.code && !continues(c.last)
	c.mark(doc)
	c.at += len(q.open)
	c.last = '"'
	for c.at < len(c.text) {
		rest := c.text[c.at:]
		switch {
		case rest[0] == '\n' || rest[0] == '\r':
			if !q.multi {
				return
			}
			c.endLine()
			if c.at < len(c.text) {
				c.mark(doc)
			}
		case q.escape != 0 && rest[0] == q.escape && len(rest) > 1 && rest[1] != '\n' && rest[1] != '\r':
			c.at += 2
		case q.doubled && bytes.HasPrefix(rest[1:], []byte(q.close)) && bytes.HasPrefix(rest, []byte(q.close)):
			c.at += 2 * len(q.close)
		case bytes.HasPrefix(rest, []byte(q.close)):
			c.at += len(q.close)
			return
		case q.code && rest[0] == '$' && len(rest) > 1 && rest[1] == '{' && c.nested < deepest:
			c.at += 2
			c.inserted()
		default:
			c.at++
		}
	}
}

// deepest is how many templates in templates are followed; what is deeper is
// text of the last.
const deepest = 32

// inserted reads the code in a template up to its closing brace.
func (c *counter) inserted() {
	c.nested++
	c.last = '{'
	for open := 1; open > 0 && c.at < len(c.text); {
		switch b := c.text[c.at]; {
		case b == '\n' || b == '\r':
			c.endLine()
		case b == ' ' || b == '\t' || b == '\f' || b == '\v':
			c.at++
		case b == '{':
			open++
			c.one()
		case b == '}':
			open--
			c.one()
		case c.starts[b]:
			c.token()
		default:
			c.one()
		}
	}
	c.nested--
}

// valueBegins reports whether a slash here begins a regular expression, and does
// not divide: what stands before it is an operator or a word that wants a value.
func (c *counter) valueBegins() bool {
	before := bytes.TrimRight(c.text[max(0, c.at-64):c.at], " \t\r\n")
	if bytes.HasSuffix(before, []byte("=>")) {
		return true
	}
	for _, word := range [...]string{"return", "case", "typeof", "await", "yield"} {
		if bytes.HasSuffix(before, []byte(word)) {
			return true
		}
	}
	return c.last == 0 || strings.IndexByte("(,=:[!&|?;+-*%~^{", c.last) >= 0
}

// longestExpression is how many bytes are looked through for the end of a
// regular expression.
const longestExpression = 1024

// expressionLength returns the bytes of a regular expression up to its closing
// slash, 0 when its line has none.
func expressionLength(text []byte) int {
	class := false
	for i := 1; i < min(len(text), longestExpression); i++ {
		switch b := text[i]; {
		case b == '\n' || b == '\r':
			return 0
		case b == '\\' && i+1 < len(text) && text[i+1] >= ' ':
			i++
		case b == '[':
			class = true
		case b == ']':
			class = false
		case b == '/' && !class:
			return i + 1
		}
	}
	return 0
}

// continues reports whether a statement that comes to a line's end after b goes
// on in the next line.
func continues(b byte) bool {
	switch b {
	case '(', '[', '{', ',', '=', '+', '%', '\\', '|':
		return true
	}
	return false
}

func (c *counter) mark(comment bool) {
	if comment {
		c.comment = true
	} else {
		c.code = true
	}
}
