package source

import "bytes"

// maxLost bounds the here-documents of one file whose end is searched for in
// vain: each costs a walk to the end of the file.
const maxLost = 8

// terminator returns the word that ends the here-document which rest begins,
// after the mark for it. It is nil when this is no here-document, as in a
// shift, or none of the lines that follow ends it.
func (c *counter) terminator(rest []byte) []byte {
	if c.lost >= maxLost {
		return nil
	}
	rest = bytes.TrimLeft(rest, "-~")
	var quoted byte
	if len(rest) > 0 && (rest[0] == '\'' || rest[0] == '"') {
		quoted, rest = rest[0], rest[1:]
	}
	n := 0
	for n < len(rest) && isWord(rest[n]) {
		n++
	}
	if n == 0 || rest[0] >= '0' && rest[0] <= '9' || quoted != 0 && (n == len(rest) || rest[n] != quoted) {
		return nil
	}
	word := rest[:n]
	at := bytes.IndexByte(rest, '\n')
	for at >= 0 && at+1 < len(rest) {
		rest = rest[at+1:]
		if at = bytes.IndexByte(rest, '\n'); endsHere(rest, at, word) {
			return word
		}
	}
	c.lost++
	return nil
}

func isWord(b byte) bool {
	return b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// endsHere reports whether the line before the break at at, -1 for the last
// line, is the end of a here-document. PHP lets code follow.
func endsHere(rest []byte, at int, word []byte) bool {
	if at < 0 {
		at = len(rest)
	}
	line := bytes.TrimLeft(rest[:at], " \t")
	return bytes.HasPrefix(line, word) && (len(line) == len(word) || !isWord(line[len(word)]))
}

// hereDocument reads the lines up to the end of a here-document: all are code.
func (c *counter) hereDocument() {
	word := c.here
	c.here = nil
	for c.at < len(c.text) {
		rest := c.text[c.at:]
		at := bytes.IndexByte(rest, '\n')
		if endsHere(rest, at, word) {
			return // the rest of this line is read as usual
		}
		c.code = true
		if at < 0 {
			c.at = len(c.text)
			return
		}
		c.at += at + 1
		c.finishLine()
	}
}
