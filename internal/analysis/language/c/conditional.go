package c

import (
	"bytes"
	"slices"
)

// How conditional compilation is read. A file is read as one text, but
// #if … #else … #endif holds several. Directives are blanked, and so are the
// branches that would not fit together:
//
//   - #if 0, and in C what is for C++ alone (and the other way round), is left
//     out, as pmccabe leaves out #if 0
//   - inside a function, and wherever a branch holds half a declaration, the
//     first of the others stays, as pmccabe has it
//   - between declarations every branch stays: each may hold functions
//
// conditional is an #if that is open.
type conditional struct {
	before  state   // at the #if
	after   state   // after the branch that stays
	free    bool    // between declarations: every branch may stay
	taken   bool    // a branch has stayed
	keeping bool    // the branch at hand stays
	ended   bool    // the first branch that stays has ended
	start   int     // of the branch at hand
	drops   int     // length of dropped when the branch began
	testing testing // which branches are for tests
}

// maxConditionals bounds how deep conditionals are followed; deeper ones stay
// as they are but for their directives.
const maxConditionals = 200

// directive passes over a line that begins with #. Conditionals are followed;
// #include and #define stay where a declaration can stand; all else goes.
func (l *lexer) directive() {
	start := l.pos
	end := l.directiveEnd(start)
	name, rest := directiveName(l.src[start:end])
	l.pos = end
	switch string(name) {
	case "if", "ifdef", "ifndef":
		l.blank(start, end)
		l.openConditional(l.excluded(string(name), rest), testingOf(string(name), rest))
	case "else", "elif", "elifdef", "elifndef":
		l.blank(start, end)
		l.nextBranch(start, string(name) == "elif" && isZero(rest), testingOf(string(name), rest))
	case "endif":
		l.blank(start, end)
		l.closeConditional(start)
	case "include", "include_next", "import":
		l.includeLine(start, string(name))
	case "define":
		if !l.atBoundary() || l.state.parens > 0 {
			l.blank(start, end)
		} else {
			l.defineLine(start, end)
		}
	default:
		l.blank(start, end)
	}
}

// defineLine leaves of a #define its name and parameters, and a sign that there
// is a body: the grammar ends the body at a comment, and reads the rest of it as
// code.
func (l *lexer) defineLine(start, end int) {
	at := start + bytes.Index(l.src[start:end], []byte("define")) + len("define")
	for at < end && (l.src[at] == ' ' || l.src[at] == '\t') {
		at++
	}
	for at < end && isName(l.src[at]) {
		at++
	}
	if at < end && l.src[at] == '(' {
		if closing := bytes.IndexByte(l.src[at:end], ')'); closing >= 0 {
			at += closing + 1
		}
	}
	body := bytes.TrimLeft(l.src[at:end], " \t\\\n")
	l.blank(at, end)
	if len(body) > 0 && !bytes.HasPrefix(body, []byte("/*")) && !bytes.HasPrefix(body, []byte("//")) && l.src[at] != '\n' {
		copy(l.out[at+1:min(end, at+2)], "1")
	}
}

// includeLine writes every form of an include as the one that the grammar
// knows. A path that is computed stays.
func (l *lexer) includeLine(start int, name string) {
	if name == "include" {
		return
	}
	at := start + bytes.Index(l.src[start:], []byte(name))
	l.blank(at, at+len(name))
	copy(l.out[at:], "include"[:min(len("include"), len(name))])
	if len(name) < len("include") { // #import of Objective-C and of Microsoft
		l.blank(start, lineEnd(l.src, start))
	}
}

// directiveEnd returns the offset after a directive, whose comments may go on
// over line ends.
func (l *lexer) directiveEnd(at int) int {
	for at < len(l.src) {
		switch l.src[at] {
		case '\n':
			return at
		case '\\':
			at++
		case '/':
			if end := commentEnd(l.src, at); end >= 0 {
				at = end
				continue
			}
		case '"', '\'':
			at = max(quoteEnd(l.src, at), at+1)
			continue
		}
		at++
	}
	return len(l.src)
}

// directiveName parts a directive into its name and what follows.
func directiveName(line []byte) (name, rest []byte) {
	line = bytes.TrimLeft(line[1:], " \t")
	n := 0
	for n < len(line) && isName(line[n]) {
		n++
	}
	return line[:n], bytes.TrimSpace(line[n:])
}

func isZero(condition []byte) bool {
	if at := bytes.IndexByte(condition, '/'); at >= 0 {
		condition = bytes.TrimSpace(condition[:at])
	}
	return string(condition) == "0" || string(condition) == "(0)" || string(condition) == "false"
}

// excluded reports whether the first branch is for nobody, or for the other
// language.
func (l *lexer) excluded(name string, condition []byte) bool {
	other := bytes.HasPrefix(condition, []byte("__cplusplus"))
	switch name {
	case "ifdef":
		return other && !l.cpp
	case "ifndef":
		return other && l.cpp
	}
	flat := bytes.ReplaceAll(condition, []byte(" "), nil)
	defined := bytes.HasPrefix(flat, []byte("defined(__cplusplus)")) || bytes.HasPrefix(flat, []byte("defined__cplusplus"))
	negated := bytes.HasPrefix(flat, []byte("!defined(__cplusplus)"))
	if bytes.Contains(flat, []byte("||")) {
		defined, negated = false, false
	}
	return isZero(condition) || defined && !l.cpp || negated && l.cpp
}

func (l *lexer) openConditional(excluded bool, tests testing) {
	if len(l.conds) >= maxConditionals {
		l.conds = append(l.conds, conditional{keeping: true, taken: true, free: true, start: -1})
		return
	}
	l.conds = append(l.conds, conditional{
		before: l.state.clone(), free: l.state.code == 0 && l.state.parens == 0 && l.atBoundary(),
		keeping: !excluded, taken: !excluded, start: l.pos, drops: len(l.dropped), testing: tests,
	})
	if excluded {
		l.skipBranch()
	}
}

// clone copies a state, as its braces are changed in place.
func (s *state) clone() state {
	c := *s
	c.braces = slices.Clone(s.braces)
	c.statement.words = slices.Clone(s.statement.words)
	return c
}

// nextBranch ends a branch at an offset and begins the next.
func (l *lexer) nextBranch(at int, excluded bool, tests testing) {
	if len(l.conds) == 0 {
		return
	}
	c := &l.conds[len(l.conds)-1]
	if c.start < 0 {
		return
	}
	l.endBranch(c, at)
	c.start, c.drops = l.pos, len(l.dropped)
	c.testing = c.testing.next(tests)
	c.keeping = !excluded && (!c.taken || c.free)
	if c.keeping && !c.taken {
		l.state = c.before.clone()
	}
	if !c.keeping {
		l.skipBranch()
	}
	c.taken = c.taken || c.keeping
}

// endBranch decides on the branch that ends at an offset. The first one that
// stays sets the state for what follows; a later one has to be whole.
func (l *lexer) endBranch(c *conditional, at int) {
	switch {
	case !c.keeping:
		l.blank(c.start, at)
		if c.taken && c.before.code > 0 && len(l.dropped) < maxDropped {
			l.dropped = append(l.dropped, span{c.start, at})
		}
	case !c.ended:
		c.after, c.ended = l.state.clone(), true
		c.free = c.free && l.isWhole(c)
	case !l.isWhole(c):
		l.dropped = l.dropped[:c.drops]
		l.blank(c.start, at)
		l.state = c.after.clone()
	}
	if c.keeping && (c.testing == testingOnly || c.testing == testingShow) {
		l.noteTests(testSpan{span{c.start, at}, c.testing == testingShow})
	}
}

// isWhole reports whether the state is as it was before the branch.
func (l *lexer) isWhole(c *conditional) bool {
	s, b := &l.state, &c.before
	return s.code == b.code && s.parens == b.parens && len(s.braces) == len(b.braces) && l.atBoundary()
}

func (l *lexer) closeConditional(at int) {
	n := len(l.conds)
	if n == 0 {
		return
	}
	if c := &l.conds[n-1]; c.start >= 0 {
		l.endBranch(c, at)
	}
	l.conds = l.conds[:n-1]
}

// maxDropped bounds the branches that are remembered.
const maxDropped = 20_000

// skipBranch goes on to the directive that ends the branch at hand. Only
// directives, comments and literals are looked at on the way.
func (l *lexer) skipBranch() {
	depth := 0
	line := true
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		switch {
		case c == '\n':
			line = true
		case c == '#' && line:
			end := l.directiveEnd(l.pos)
			name, _ := directiveName(l.src[l.pos:end])
			switch string(name) {
			case "if", "ifdef", "ifndef":
				depth++
			case "endif", "else", "elif", "elifdef", "elifndef":
				if depth == 0 {
					return
				}
				if string(name) == "endif" {
					depth--
				}
			}
			l.pos = end
			continue
		case c == '/' && l.comment():
			continue
		case c == '"':
			l.pos = max(quoteEnd(l.src, l.pos), l.pos+1)
			line = false
			continue
		case c != ' ' && c != '\t':
			line = false
		}
		l.pos++
	}
}
