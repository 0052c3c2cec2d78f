package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/orisano/gosax"
)

// maxDepth bounds how deep elements may lie in each other, and maxAttributes
// how many attributes one may have: XES needs a few of both.
const (
	maxDepth      = 256
	maxAttributes = 64
)

// tokens is XML without what makes it dangerous. gosax finds where a tag
// begins and ends, ten times as fast as encoding/xml; that names, attributes
// and nesting are as XML has them is looked at here. There is no DTD and so no
// entity but the five that XML has by itself.
type tokens struct {
	in    *gosax.Reader
	meter *meter
	line  int // where the token begins
	lines int // before it
	seen  bool
	open  []byte // the names of the open elements, one after the other
	marks []int  // where each begins
	attrs []attribute
	text  []byte // of values that had to be rewritten
}

type attribute struct{ name, value []byte }

// element is a tag. It is valid until the next one is read.
type element struct {
	name  []byte // without a namespace's prefix
	end   bool
	empty bool // it has no end of its own
}

func newTokens(m *meter, in io.Reader) *tokens {
	return &tokens{in: gosax.NewReaderSize(in, 256<<10), meter: m, line: 1, lines: 1}
}

// malformed is a fault after which nothing can be read.
func (t *tokens) malformed(format string, args ...any) error {
	return &Fault{Line: t.line, Issue: "is no well-formed XML: " + fmt.Sprintf(format, args...)}
}

// next returns the next tag, and io.EOF after the end of the root.
func (t *tokens) next() (element, error) {
	for {
		t.meter.next()
		e, err := t.in.Event()
		t.line = t.lines
		if err != nil {
			return element{}, t.ended(err)
		}
		if len(e.Bytes) > maxToken {
			return element{}, t.ended(errLongToken)
		}
		t.lines += bytes.Count(e.Bytes, []byte{'\n'})
		if !utf8.Valid(e.Bytes) {
			return element{}, t.malformed("it holds what is no UTF-8, and its declaration names no other encoding")
		}
		switch e.Type() {
		case gosax.EventStart:
			return t.start(e.Bytes)
		case gosax.EventEnd:
			return t.end(e.Bytes)
		case gosax.EventEOF:
			return element{}, t.eof()
		case gosax.EventDocType:
			return element{}, &Fault{Line: t.line, Issue: "has a DOCTYPE, which is not taken, as it can define entities and name other files: remove it"}
		case gosax.EventText, gosax.EventCData:
			if err := t.between(e.Bytes); err != nil {
				return element{}, err
			}
		case gosax.EventComment, gosax.EventProcessingInstruction: // say nothing to us
		default:
			return element{}, t.malformed("a tag is unreadable")
		}
	}
}

// ended says why the file could not be read on.
func (t *tokens) ended(err error) error {
	switch {
	case errors.Is(err, errLongToken):
		return t.malformed("%s", longToken(maxToken))
	case errors.Is(err, io.EOF):
		return t.malformed("the file ends in the middle of a tag")
	case isGosax(err):
		return t.malformed("a tag is unreadable")
	}
	return err
}

// isGosax tells what gosax itself found; it has no type for it.
func isGosax(err error) bool {
	return strings.HasPrefix(err.Error(), "unknown bang type")
}

func (t *tokens) eof() error {
	switch {
	case len(t.marks) > 0:
		return t.malformed("the file ends before </%s>", t.open[t.marks[len(t.marks)-1]:])
	case !t.seen:
		return &Fault{Line: t.line, Issue: "holds no XML element: expected <log>"}
	}
	return io.EOF
}

// between looks at what stands between tags: outside of the root, nothing may.
func (t *tokens) between(text []byte) error {
	if len(t.marks) == 0 && len(bytes.TrimSpace(text)) > 0 {
		return t.malformed("text stands outside of the first element")
	}
	return nil
}

func (t *tokens) start(tag []byte) (element, error) {
	var e element
	body := tag[1 : len(tag)-1]
	if n := len(body); n > 0 && body[n-1] == '/' {
		body, e.empty = body[:n-1], true
	}
	name, rest := cutName(body)
	if len(name) == 0 {
		return e, t.malformed("a tag has no name")
	}
	if len(t.marks) == 0 && t.seen {
		return e, t.malformed("a second element <%s> follows the first", name)
	}
	t.seen = true
	if err := t.readAttributes(rest); err != nil {
		return e, err
	}
	if !e.empty {
		if len(t.marks) >= maxDepth {
			return e, t.malformed("its elements lie more than %d deep in each other", maxDepth)
		}
		t.marks = append(t.marks, len(t.open))
		t.open = append(t.open, name...)
	}
	e.name = local(name)
	return e, nil
}

func (t *tokens) end(tag []byte) (element, error) {
	name := bytes.TrimRight(tag[2:len(tag)-1], " \t\r\n")
	if len(t.marks) == 0 {
		return element{}, t.malformed("</%s> ends nothing", name)
	}
	mark := t.marks[len(t.marks)-1]
	if !bytes.Equal(t.open[mark:], name) {
		return element{}, t.malformed("expected </%s>, found </%.100s>", t.open[mark:], name)
	}
	t.marks, t.open = t.marks[:len(t.marks)-1], t.open[:mark]
	return element{name: local(name), end: true}, nil
}

func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// cutName takes a name off the beginning.
func cutName(b []byte) (name, rest []byte) {
	i := 0
	for i < len(b) && isNameByte(b[i]) {
		i++
	}
	if i > 0 && (b[0] == '-' || b[0] == '.' || b[0] >= '0' && b[0] <= '9') {
		return nil, b
	}
	return b[:i], b[i:]
}

// isNameByte is generous with what is no ASCII: no name of XES has it.
func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == ':' || c == '_' || c == '-' || c == '.' || c >= utf8.RuneSelf
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func skipBlanks(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	return b
}

// readAttributes reads those of a tag into attrs.
func (t *tokens) readAttributes(b []byte) error {
	t.attrs, t.text = t.attrs[:0], t.text[:0]
	for {
		after := skipBlanks(b)
		if len(after) == 0 {
			return nil
		}
		if len(after) == len(b) {
			return t.malformed("a blank is missing before an attribute")
		}
		name, rest := cutName(after)
		rest = skipBlanks(rest)
		if len(name) == 0 || len(rest) == 0 || rest[0] != '=' {
			return t.malformed(`an attribute is not written as name="value"`)
		}
		rest = skipBlanks(rest[1:])
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return t.malformed("the attribute %.100s has no quotes around its value", name)
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return t.malformed("the value of the attribute %.100s does not end", name)
		}
		if err := t.addAttribute(name, rest[1:1+end]); err != nil {
			return err
		}
		b = rest[end+2:]
	}
}

func (t *tokens) addAttribute(name, raw []byte) error {
	if len(t.attrs) >= maxAttributes {
		return t.malformed("a tag has more than %d attributes", maxAttributes)
	}
	for _, other := range t.attrs {
		if bytes.Equal(other.name, name) {
			return t.malformed("a tag has the attribute %.100s twice", name)
		}
	}
	value, err := t.value(raw)
	t.attrs = append(t.attrs, attribute{name, value})
	return err
}

// value returns what an attribute's value stands for. Most are as they stand.
func (t *tokens) value(raw []byte) ([]byte, error) {
	plain := true
	for _, c := range raw {
		if c == '<' {
			return nil, t.malformed("a value holds <, which has to be written as &lt;")
		}
		if c == '&' || c < ' ' {
			plain = false
		}
	}
	if plain {
		return raw, nil
	}
	from := len(t.text)
	for len(raw) > 0 {
		switch c := raw[0]; {
		case c == '&':
			r, n := reference(raw)
			if n == 0 {
				return nil, t.malformed("a value holds %s, which is none of the five entities of XML and no character", quoted(string(raw[:min(len(raw), 20)])))
			}
			t.text, raw = utf8.AppendRune(t.text, r), raw[n:]
			continue
		case isBlank(c):
			t.text = append(t.text, ' ')
		case c < ' ':
			return nil, t.malformed("a value holds the control character %#02x", c)
		default:
			t.text = append(t.text, c)
		}
		raw = raw[1:]
	}
	return t.text[from:len(t.text):len(t.text)], nil
}

// reference reads &amp; or &#65; or &#x41; and returns how long it is; 0 is
// none that XML knows.
func reference(b []byte) (rune, int) {
	const longest = 12
	end := bytes.IndexByte(b[:min(len(b), longest)], ';')
	if end < 2 {
		return 0, 0
	}
	name := string(b[1:end])
	switch name {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "apos":
		return '\'', end + 1
	case "quot":
		return '"', end + 1
	}
	if name[0] != '#' || len(name) < 2 {
		return 0, 0
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isXMLChar(rune(n)) { //nolint:gosec // of 32 bits; what is too large is no character
		return 0, 0
	}
	return rune(n), end + 1 //nolint:gosec // see above
}

// isXMLChar reports whether XML 1.0 allows a character (section 2.2).
func isXMLChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= 0x10ffff
}
