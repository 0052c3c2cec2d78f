package c

import "bytes"

// lexer passes over source without a grammar and blanks in a copy what the
// grammar would stumble over. See conditional.go for the directives and
// specifier.go for the macros in declarations.
type lexer struct {
	src     []byte
	out     []byte // src with blanks
	cpp     bool
	pos     int
	state   state
	conds   []conditional
	dropped []span     // branches left out whose code another configuration compiles
	tests   []testSpan // apart from each other, in their order
}

type span struct{ start, end int }

// state is where the lexer stands in the structure of the code.
type state struct {
	braces []brace
	code   int // open braces of function bodies and initialisers
	parens int // open ( and [ inside the innermost brace
	last   byte
	// What the statement at hand has had so far, outside of bodies.
	statement statement
}

type brace struct {
	open   bool // of a namespace, a linkage or a type: declarations stand in it
	enum   bool
	parens int // around it
}

// maxBraces bounds what a state remembers. Braces deeper than that are taken
// for a body's.
const maxBraces = 500

func newLexer(src []byte, cpp bool) *lexer {
	return &lexer{src: src, out: bytes.Clone(src), cpp: cpp}
}

// run passes over the whole source.
func (l *lexer) run() {
	line := true // nothing but blanks since the line began
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			line = true
			l.pos++
			continue
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			l.pos++
			continue
		case c == '/' && l.comment():
			continue
		case c == '#' && line:
			l.directive()
			continue
		}
		line = false
		l.token(c)
	}
}

// comment skips a comment if there is one.
func (l *lexer) comment() bool {
	end := commentEnd(l.src, l.pos)
	if end < 0 {
		return false
	}
	l.pos = end
	return true
}

// commentEnd returns the offset after the comment that begins at an offset, -1
// when none does.
func commentEnd(src []byte, at int) int {
	if at+1 >= len(src) {
		return -1
	}
	switch src[at+1] {
	case '*':
		if end := bytes.Index(src[at+2:], []byte("*/")); end >= 0 {
			return at + 2 + end + 2
		}
		return len(src)
	case '/':
		return lineEnd(src, at)
	}
	return -1
}

// lineEnd returns the offset of the end of the logical line: a backslash joins
// the next to it.
func lineEnd(src []byte, at int) int {
	for at < len(src) {
		switch src[at] {
		case '\\':
			at++
		case '\n':
			return at
		}
		at++
	}
	return len(src)
}

// token passes over one token.
func (l *lexer) token(c byte) {
	switch {
	case isNameStart(c):
		l.word()
		return
	case c >= '0' && c <= '9':
		l.number()
	case c == '"' || c == '\'':
		l.pos = quoteEnd(l.src, l.pos)
		if l.state.statement.extern && c == '"' {
			l.state.statement.scope = true
		}
	case c == '(' || c == '[':
		l.openParen(c)
	case c == ')' || c == ']':
		l.closeParen()
	case c == '{':
		l.openBrace()
	case c == '}':
		l.closeBrace()
	default:
		l.punctuation(c)
	}
	l.state.last = c
}

// quoteEnd returns the offset after a literal, or where its line ends.
func quoteEnd(src []byte, at int) int {
	quote := src[at]
	for at++; at < len(src); at++ {
		switch src[at] {
		case '\\':
			at++
		case quote:
			return at + 1
		case '\n':
			return at
		}
	}
	return len(src)
}

// rawEnd returns the offset after R"delimiter(…)delimiter" whose quote is at an
// offset.
func rawEnd(src []byte, at int) int {
	open := bytes.IndexByte(src[at:min(len(src), at+20)], '(')
	if open < 0 {
		return quoteEnd(src, at)
	}
	closing := append(append([]byte(")"), src[at+1:at+open]...), '"')
	if end := bytes.Index(src[at:], closing); end >= 0 {
		return at + end + len(closing)
	}
	return len(src)
}

// number skips a number with what may be in it: 1'000, 0x1.8p-3, 10ull.
func (l *lexer) number() {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		quoted := c == '\'' && l.pos+1 < len(l.src) && isName(l.src[l.pos+1])
		if !isName(c) && c != '.' && !quoted {
			return
		}
		l.pos++
	}
}

// word passes over a name, a keyword or the prefix of a literal.
func (l *lexer) word() {
	start := l.pos
	for l.pos < len(l.src) && isName(l.src[l.pos]) {
		l.pos++
	}
	text := l.src[start:l.pos]
	if l.pos < len(l.src) && len(text) <= 3 && (l.src[l.pos] == '"' || l.src[l.pos] == '\'') {
		if l.src[l.pos] == '"' && text[len(text)-1] == 'R' && l.cpp {
			l.pos = rawEnd(l.src, l.pos)
		} else {
			l.pos = quoteEnd(l.src, l.pos)
		}
		l.state.last = '"'
		return
	}
	// A statement that a macro takes, as in EXPECT_THROW(throw x, T): the grammar
	// loses the rest of the file over it.
	if before := l.state.last; l.cpp && (before == '(' || before == ',') && string(text) == "throw" {
		l.blank(start, l.pos)
		return
	}
	l.state.last = 'a'
	if l.state.code == 0 && l.state.parens == 0 {
		l.specifier(start, l.pos)
	}
}

func (l *lexer) openParen(c byte) {
	l.pos++
	s := &l.state
	if s.code == 0 && s.parens == 0 && c == '(' {
		if !s.statement.argued {
			l.parameters()
		}
		s.statement.argued = false
	}
	s.parens++
}

func (l *lexer) closeParen() {
	l.pos++
	s := &l.state
	s.parens = max(s.parens-1, 0)
	if s.code == 0 && s.parens == 0 && s.statement.parameters {
		s.statement.closed = l.pos
	}
}

func (l *lexer) openBrace() {
	l.pos++
	s := &l.state
	b := brace{parens: s.parens}
	if s.code == 0 && s.parens == 0 {
		l.typeName()
		b.open = l.opensScope()
		b.enum = s.statement.enum
	}
	if !b.open || len(s.braces) >= maxBraces {
		b.open = false
		s.code++
	}
	if len(s.braces) < maxBraces {
		s.braces = append(s.braces, b)
	}
	s.parens = 0
	s.statement.reset()
}

// opensScope reports whether the brace at hand holds declarations: it does not
// when it is the body of a function or an initialiser.
func (l *lexer) opensScope() bool {
	st := &l.state.statement
	if !st.scope || st.assigned {
		return false
	}
	return !st.parameters || l.state.last == 'a' && !st.suffix
}

func (l *lexer) closeBrace() {
	l.pos++
	s := &l.state
	s.statement.reset()
	s.parens = 0
	switch n := len(s.braces); {
	case s.code > 0 && (n == 0 || n == maxBraces && s.braces[n-1].open):
		s.code--
	case n == 0: // one too many
	default:
		b := s.braces[n-1]
		s.braces = s.braces[:n-1]
		if !b.open {
			s.code--
		}
		s.parens = b.parens
	}
}

// punctuation passes over what is no name, number, literal or bracket.
func (l *lexer) punctuation(c byte) {
	l.pos++
	s := &l.state
	if s.code > 0 || s.parens > 0 {
		return
	}
	st := &s.statement
	switch c {
	case ';':
		st.reset()
	case ':':
		l.colon()
	case '<':
		if !st.operator {
			l.angles()
		}
	case '=':
		st.assigned = true
	case '*', '&', '~':
		st.star = true
	}
}

// atBoundary reports whether a declaration or a statement can begin here.
func (l *lexer) atBoundary() bool {
	s := &l.state
	switch s.last {
	case 0, ';', '{', '}':
		return true
	case ':':
		return s.statement.label
	case ',':
		return len(s.braces) > 0 && s.braces[len(s.braces)-1].enum
	}
	return s.last == ')' && s.parens == 0 && s.code == 0 && l.isMacroCall()
}

// blank replaces text by spaces. Line ends stay.
func (l *lexer) blank(start, end int) {
	for i := start; i < end; i++ {
		if c := l.out[i]; c != '\n' {
			l.out[i] = ' '
		}
	}
}

func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

func isName(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }
