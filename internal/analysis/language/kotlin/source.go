package kotlin

import (
	"bytes"
	"regexp"
)

// typedBlock is a call with type arguments and nothing but a lambda, such as
// get<Articles> { }. Functions begin with a small letter, unlike the types that
// stand before the body of a function.
var typedBlock = regexp.MustCompile(`(\b[a-z]\w*<[A-Z][\w.]*(?:<[\w., ?]*>)?>)[ \t]*\{`)

// functional is the beginning of an interface with one function, which the
// grammar takes for a function in most places.
var functional = regexp.MustCompile(`\bfun[ \t]+interface\b`)

// delegation is a type that hands on to an object, in front of the body of a
// class or in a property with a type, which property tells.
var (
	delegation = regexp.MustCompile(`([:,][ \t]*[A-Z][\w.]*(?:<[\w.<>?*, ]*>)?)[ \t]+by[ \t]+[\w.]+(?:\([^(){}\n]*\))?[ \t]*\{`)
	property   = regexp.MustCompile(`\b(?:val|var)[ \t]+[\w.<>?]+[ \t]*$`)
)

// oneLine is the body of a type that ends on the line where it begins.
var oneLine = regexp.MustCompile(`\b(?:class|interface|object)\b[^{}\n"]*\{[^\n]*\}`)

// separated puts a semicolon before each } of such a body, as the grammar finds no
// end of a member there.
func separated(line []byte) []byte {
	if bytes.Contains(line, []byte("${")) || bytes.Contains(line, []byte("//")) {
		return line
	}
	out := make([]byte, 0, len(line)+8)
	last := byte('{')
	for _, c := range line {
		if c == '}' && last != '{' && last != ';' && last != '>' {
			out = append(out, ';')
		}
		if c != ' ' && c != '\t' {
			last = c
		}
		out = append(out, c)
	}
	return out
}

// readable returns source in a form that the grammar knows, line by line the
// same. It ends in a line end: behind an annotation the grammar's scanner looks for
// white space past the end of the file, for ever. It takes the < of get<Articles> { } for a comparison: () are put in. And it
// takes the body of class A : B by c { } for a block that is handed to c: the
// object is taken out.
func readable(src []byte) []byte {
	if bytes.IndexByte(src, '\r') >= 0 {
		src = bytes.ReplaceAll(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	if n := len(src); n > 0 && src[n-1] != '\n' {
		src = append(src[:n:n], '\n')
	}
	if bytes.Contains(src, []byte(">")) {
		src = typedBlock.ReplaceAll(src, []byte("$1() {"))
	}
	src = functional.ReplaceAll(src, []byte("interface"))
	src = oneLine.ReplaceAllFunc(src, separated)
	if !bytes.Contains(src, []byte(" by ")) {
		return src
	}
	var out []byte
	at := 0
	for _, m := range delegation.FindAllSubmatchIndex(src, -1) {
		line := src[bytes.LastIndexByte(src[:m[0]], '\n')+1 : m[0]]
		if src[m[0]] == ':' && property.Match(line) {
			continue
		}
		out = append(append(out, src[at:m[3]]...), " {"...)
		at = m[1]
	}
	return append(out, src[at:]...)
}
