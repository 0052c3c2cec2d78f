package feature

import "strings"

// token is a word, a text or a sign of a schema language: proto, GraphQL and
// Prisma are alike enough to be read by one.
type token struct {
	text string
	kind byte // 'w' a word, 's' a text without quotes, 'c' a comment, 'p' a sign
	line int
}

// maxTokens bounds what is read of one schema.
const maxTokens = 400_000

// tokens splits a schema. Comments begin with // or #, or stand between /* and
// */; they are kept, as documentation stands in them.
func tokens(src string) []token {
	t := tokenizer{src: src, line: 1}
	for t.at < len(src) && len(t.out) < maxTokens {
		t.next()
	}
	return t.out
}

type tokenizer struct {
	src  string
	at   int
	line int
	out  []token
}

func (t *tokenizer) next() {
	rest := t.src[t.at:]
	switch c := rest[0]; {
	case c == '\n':
		t.line++
		t.at++
	case c == ' ' || c == '\t' || c == '\r' || c == ',':
		t.at++
	case strings.HasPrefix(rest, "/*"):
		t.until(rest, "*/", 2, 'c')
	case strings.HasPrefix(rest, "//") || c == '#':
		end := strings.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		t.add(strings.TrimSpace(strings.TrimLeft(rest[:end], "/#")), 'c', end)
	case strings.HasPrefix(rest, `"""`):
		t.until(rest, `"""`, 3, 's')
	case c == '"' || c == '\'':
		t.text(rest)
	case identifier(c) || c >= 0x80:
		n := 1
		for n < len(rest) && (identifier(rest[n]) || rest[n] >= 0x80 || rest[n] == '.' || rest[n] == '-') {
			n++
		}
		t.add(rest[:n], 'w', n)
	default:
		t.add(rest[:1], 'p', 1)
	}
}

// add appends a token that takes n bytes.
func (t *tokenizer) add(text string, kind byte, n int) {
	t.out = append(t.out, token{text, kind, t.line})
	t.line += strings.Count(t.src[t.at:t.at+n], "\n")
	t.at += n
}

// until reads up to what closes a text or a comment.
func (t *tokenizer) until(rest, end string, open int, kind byte) {
	n := strings.Index(rest[open:], end)
	if n < 0 {
		t.add(rest[open:], kind, len(rest))
		return
	}
	t.add(strings.TrimSpace(rest[open:open+n]), kind, open+n+len(end))
}

// text reads a text in quotes, which ends with its line at the latest.
func (t *tokenizer) text(rest string) {
	for n := 1; n < len(rest); n++ {
		switch rest[n] {
		case '\\':
			n++
		case rest[0]:
			t.add(rest[1:n], 's', n+1)
			return
		case '\n':
			t.add(rest[1:n], 's', n)
			return
		}
	}
	t.add(rest[1:], 's', len(rest))
}

// schema walks over tokens.
type schema struct {
	list []token
	at   int
	doc  string // the comment or text before the token at hand
	skip byte   // kind of tokens that document what follows
}

func newSchema(src string, doc byte) *schema { return &schema{list: tokens(src), skip: doc} }

// take returns the next token that is not documentation; the zero token at the
// end.
func (s *schema) take() token {
	s.doc = ""
	for s.at < len(s.list) {
		t := s.list[s.at]
		s.at++
		if t.kind == 'c' || t.kind == s.skip {
			if t.kind == s.skip && t.text != "" {
				s.doc = strings.TrimSpace(s.doc + " " + t.text)
			}
			continue
		}
		return t
	}
	return token{}
}

// peek returns the next token without taking it.
func (s *schema) peek() token {
	at, doc := s.at, s.doc
	t := s.take()
	s.at, s.doc = at, doc
	return t
}

func (s *schema) done() bool { return s.at >= len(s.list) }

// block takes what stands between braces, the opening one taken already, and
// returns how many lines of words began in it. Visit is called for each token
// at depth 1.
func (s *schema) block(visit func(token)) {
	depth := 1
	for !s.done() && depth > 0 {
		t := s.take()
		switch {
		case t.kind == 'p' && (t.text == "{" || t.text == "(" || t.text == "["):
			depth++
		case t.kind == 'p' && (t.text == "}" || t.text == ")" || t.text == "]"):
			depth--
		case depth == 1:
			visit(t)
		}
	}
}

// to takes tokens up to a sign; ok says that it was found.
func (s *schema) to(sign string) bool {
	for !s.done() {
		if t := s.take(); t.kind == 'p' && t.text == sign {
			return true
		}
	}
	return false
}

// docPointer is a documentation for the report, nil for none.
func docPointer(text string) *string {
	text, _, _ = strings.Cut(text, "\n\n")
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return nil
	}
	if len(text) > maxDocBytes {
		text = strings.ToValidUTF8(text[:maxDocBytes], "") + "…"
	}
	return &text
}

// maxDocBytes bounds a description.
const maxDocBytes = 300
