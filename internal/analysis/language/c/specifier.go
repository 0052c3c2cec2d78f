package c

import (
	"bytes"
	"slices"
	"strings"
)

// Macros stand among the specifiers of a declaration (FOO_API int f(void)),
// between class and its name, or on a line of their own without a semicolon.
// The grammar takes them for types and loses the declaration around them. They
// are told by counting: a function has one type and one name, and what is too
// much and looks like a macro is one.
//
// statement is what the declaration at hand has had so far.
type statement struct {
	words      []word
	tag        bool // class, struct, union or enum, and nothing but names since
	tagged     bool // the same at any time before
	scope      bool // what it declares holds declarations: a type, a namespace, a linkage
	enum       bool
	extern     bool
	typed      bool // it has a type that is no plain name
	assigned   bool
	based      bool // a colon was there
	parameters bool // a ( was there
	closed     int  // offset after the last )
	suffix     bool // const, noexcept and the like came last, after parameters
	operator   bool
	qualified  bool // :: came last
	star       bool
	argued     bool // a word came last whose parentheses are its own: __attribute__
	label      bool // an access specifier has just ended
}

// word is a plain name in a declaration.
type word struct {
	start, end int
	tag        bool // it follows class, struct, union or enum
}

func (st *statement) reset() { *st = statement{words: st.words[:0]} }

// specifier notes a word of a declaration.
func (l *lexer) specifier(start, end int) {
	st := &l.state.statement
	text := l.src[start:end]
	st.label = false
	if st.parameters && l.isMacroBeforeName(start, end) {
		l.dropMacroCall()
	}
	if st.parameters {
		if !l.isMacroCall() {
			if !l.annotation(start, end) {
				st.suffix = suffixes[string(text)]
			}
			return
		}
		l.blank(st.words[0].start, st.closed)
		st.reset()
	}
	switch keywords[string(text)] {
	case wordTag:
		l.blankMacros()
		st.tag, st.tagged, st.scope, st.typed = true, true, true, true
		st.enum = st.enum || string(text) == "enum"
	case wordNamespace:
		l.blankMacros()
		st.scope = true
	case wordStorage:
		l.blankMacros()
		st.extern = string(text) == "extern"
	case wordAccess:
		l.blankMacros()
		st.words = st.words[:0]
	case wordType:
		st.typed = true
	case wordOperator:
		st.operator = true
	case wordOther:
	case wordArgued:
		st.argued = true
	default:
		l.name(start, end)
	}
}

func (l *lexer) name(start, end int) {
	st := &l.state.statement
	if n := len(st.words); st.qualified && n > 0 {
		st.words[n-1].end = end
		st.qualified = false
		return
	}
	if bytes.HasSuffix(l.src[start:end], []byte("_t")) && !st.typed && len(st.words) == 0 {
		st.typed = true
		return
	}
	if len(st.words) < maxWords {
		st.words = append(st.words, word{start, end, st.tag && !st.star})
	}
}

// maxWords is more than any declaration has before its parameters.
const maxWords = 32

// isMacroCall reports whether the statement so far is a call of what looks like
// a macro, as stands on a line of its own without a semicolon.
func (l *lexer) isMacroCall() bool {
	st := &l.state.statement
	return st.closed > 0 && len(st.words) == 1 && !st.typed && !st.assigned && !st.based && !st.star &&
		isMacro(l.src[st.words[0].start:st.words[0].end]) && !bytes.HasSuffix(l.src[:st.words[0].end], []byte("_OF"))
}

// isMacroBeforeName reports whether the parentheses that have just ended are those
// of a macro between the type of a function and its name, which is at hand:
// API CODE DEPRECATED(7.1, "use g") f(int a).
func (l *lexer) isMacroBeforeName(start, end int) bool {
	st, n := &l.state.statement, len(l.state.statement.words)
	if st.closed == 0 || n == 0 || n == 1 && !st.typed || st.assigned || st.based || st.operator || st.tag {
		return false
	}
	last, text := st.words[n-1], l.src[start:end]
	if !isMacro(l.src[last.start:last.end]) || isMacro(text) || keywords[string(text)] != wordName || suffixes[string(text)] {
		return false
	}
	after := bytes.TrimLeft(l.src[end:], " \t\r\n")
	return len(after) > 0 && after[0] == '('
}

// dropMacroCall takes out the macro that was taken for the name of a function,
// and forgets what was taken out for its sake.
func (l *lexer) dropMacroCall() {
	st := &l.state.statement
	last := len(st.words) - 1
	l.blank(st.words[last].start, st.closed)
	st.words = slices.DeleteFunc(st.words[:last], func(w word) bool { return len(bytes.TrimSpace(l.out[w.start:w.end])) == 0 })
	st.parameters, st.suffix, st.closed = false, false, 0
}

// maxAnnotation is how far the end of an annotation is looked for, in bytes.
const maxAnnotation = 1000

// annotation takes out a macro between the parameters of a function and its body,
// with its arguments: void f(void) __acquires(lock) {. What follows a list of names
// in the older form of C is a type, and no call.
func (l *lexer) annotation(start, end int) bool {
	st, text := &l.state.statement, l.src[start:end]
	if st.closed == 0 || st.based || st.assigned || keywords[string(text)] != wordName || suffixes[string(text)] || !isMacro(text) {
		return false
	}
	space := func(at int) int {
		for at < len(l.src) && strings.IndexByte(" \t\r\n", l.src[at]) >= 0 {
			at++
		}
		return at
	}
	after := space(end)
	if after < len(l.src) && l.src[after] == '(' {
		depth := 0
		for at := after; at < min(len(l.src), after+maxAnnotation); at++ {
			switch l.src[at] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					l.blank(start, at+1)
					l.pos = at + 1
					return true
				}
			case ';', '{', '}', '#', '"', '\'':
				return false
			}
		}
		return false
	}
	if after < len(l.src) && l.src[after] == '{' {
		l.blank(start, end)
		return true
	}
	return false
}

// blankMacros takes out what stands before a word with which a declaration
// begins: a macro on a line of its own.
func (l *lexer) blankMacros() {
	st := &l.state.statement
	for _, w := range st.words {
		if !isMacro(l.src[w.start:w.end]) {
			return
		}
	}
	for _, w := range st.words {
		l.blank(w.start, w.end)
	}
	st.words = st.words[:0]
}

// parameters is called at the first ( of a declaration: all of its specifiers
// are known.
func (l *lexer) parameters() {
	st := &l.state.statement
	if st.parameters || st.assigned || st.operator || st.based {
		st.parameters = true
		return
	}
	st.parameters = true
	names := st.words
	if len(names) > 0 && names[0].tag {
		names = names[1:]
	}
	excess := len(names) - 1
	if !st.typed {
		excess--
	}
	if excess <= 0 {
		return
	}
	for _, isExcess := range []func([]byte) bool{isAttribute, isMacro} {
		for _, w := range names[:len(names)-1] {
			if text := l.out[w.start:w.end]; excess > 0 && isExcess(text) {
				l.blank(w.start, w.end)
				excess--
			}
		}
	}
}

// typeName is called before the body or the bases of a type.
func (l *lexer) typeName() {
	st := &l.state.statement
	if !st.tagged || st.parameters || st.assigned || st.based {
		return
	}
	var names []word
	for _, w := range st.words {
		if w.tag && string(l.src[w.start:w.end]) != "final" {
			names = append(names, w)
		}
	}
	for i, w := range names {
		if i < len(names)-1 && isMacro(l.src[w.start:w.end]) {
			l.blank(w.start, w.end)
		}
	}
}

// colon passes over a colon in a declaration: ::, the bases of a type, an
// access specifier or a width.
func (l *lexer) colon() {
	st := &l.state.statement
	if l.pos < len(l.src) && l.src[l.pos] == ':' {
		l.pos++
		st.qualified = true
		return
	}
	switch {
	case st.tagged:
		l.typeName()
		st.based = true
	case len(st.words) == 0 && !st.typed && !st.parameters:
		st.reset()
		st.label = true
	default:
		st.based = true
	}
}

// maxAngles is how far the end of template arguments is looked for, in bytes.
const maxAngles = 2000

// angles passes over template arguments or parameters.
func (l *lexer) angles() {
	depth := 1
	for i := l.pos; i < min(len(l.src), l.pos+maxAngles); i++ {
		switch l.src[i] {
		case '<':
			depth++
		case '>':
			if depth--; depth == 0 {
				l.pos = i + 1
				return
			}
		case ';', '{', '#', '"':
			return
		}
	}
}

// isMacro reports whether a name looks like that of a macro.
func isMacro(name []byte) bool {
	if isAttribute(name) {
		return true
	}
	letters := 0
	for _, c := range name {
		if c >= 'a' && c <= 'z' || c >= 0x80 {
			return false
		}
		if c >= 'A' && c <= 'Z' {
			letters++
		}
	}
	return letters > 1
}

// attributeParts are words in the names of macros that hold attributes.
var attributeParts = [][]byte{
	[]byte("API"), []byte("EXPORT"), []byte("IMPORT"), []byte("INLINE"), []byte("EXTERN"), []byte("STATIC"), []byte("CALL"), []byte("DECL"),
	[]byte("UNUSED"), []byte("ATTR"), []byte("NORETURN"), []byte("PUBLIC"), []byte("PRIVATE"), []byte("LOCAL"), []byte("HIDDEN"), []byte("DEPRECATED"),
	[]byte("NODISCARD"), []byte("CONSTEXPR"), []byte("NOEXCEPT"), []byte("BEGIN_"), []byte("END_"), []byte("NAMESPACE"),
}

// isAttribute reports whether a name is that of a macro which holds attributes:
// one of Linux, one with two underscores in front, or one that says so.
func isAttribute(name []byte) bool {
	if bytes.HasPrefix(name, []byte("__")) || attributes[string(name)] {
		return true
	}
	for _, c := range name {
		if c >= 'a' && c <= 'z' {
			return false
		}
	}
	for _, part := range attributeParts {
		if bytes.Contains(name, part) {
			return true
		}
	}
	return false
}

var attributes = set(`asmlinkage noinline notrace noinline_for_stack fastcall cdecl noreturn nokprobe_inline cpu_init randomized_struct_fields_start`)

// suffixes are the words that can stand between parameters and a body.
var suffixes = set(`const volatile noexcept override final try mutable requires throw constexpr __attribute__ asm __asm__`)

type wordKind uint8

const (
	wordName wordKind = iota
	wordTag
	wordNamespace
	wordStorage // begins a declaration
	wordAccess
	wordType
	wordOperator
	wordArgued // has arguments in parentheses
	wordOther
)

var keywords = func() map[string]wordKind {
	all := map[string]wordKind{}
	for kind, list := range map[wordKind]string{
		wordTag:       `class struct union enum`,
		wordNamespace: `namespace`,
		wordStorage:   `static extern typedef template using friend virtual`,
		wordAccess:    `public private protected`,
		wordType: `void char short int long float double signed unsigned bool _Bool auto wchar_t char8_t char16_t char32_t
			__int8 __int16 __int32 __int64 __int128 __signed__ _Complex`,
		wordOperator: `operator`,
		wordOther: `const volatile inline register constexpr consteval constinit thread_local mutable restrict explicit typename
			__inline __inline__ __restrict __restrict__ __const __volatile__ __extension__ __forceinline __thread _Noreturn _Thread_local
			__cdecl __stdcall __fastcall __thiscall __vectorcall
			concept new delete return default`,
		wordArgued: `decltype typeof __typeof__ _Alignas alignas __attribute__ __attribute __declspec _Static_assert static_assert _Atomic requires asm __asm__ __asm`,
	} {
		for name := range set(list) {
			all[name] = kind
		}
	}
	return all
}()
