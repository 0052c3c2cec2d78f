package kotlin

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// maxDotted bounds the parts of a dotted name that is read as one.
const maxDotted = 24

// dotted returns a name with dots and without type arguments, or nil when node
// i is more than names.
func (r *reader) dotted(i int) []byte { return r.dottedPart(i, maxDotted) }

func (r *reader) dottedPart(i, depth int) []byte {
	if i < 0 || depth == 0 {
		return nil
	}
	switch r.tree.Kind(i) {
	case kindIdentifier:
		return r.nameText(i)
	case kindThis:
		return []byte("this")
	case kindSuper:
		return []byte("super")
	case kindUserType, kindQualifiedIdentifier:
		var out []byte
		for child := range r.tree.Children(i) {
			if r.tree.Kind(child) == kindIdentifier {
				if len(out) > 0 {
					out = append(out, '.')
				}
				out = append(out, r.nameText(child)...)
			}
		}
		return out
	case kindNavigation:
		member := r.member(i)
		left := r.dottedPart(i+1, depth-1)
		if member < 0 || len(left) == 0 {
			return nil
		}
		return append(append(bytes.Clone(left), '.'), r.nameText(member)...)
	case kindParenthesized, kindUnary:
		if int(r.tree.Nodes[i].Next) > i+1 && bytes.HasSuffix(r.tree.Text(i), []byte("!!")) || r.tree.Kind(i) == kindParenthesized {
			return r.dottedPart(i+1, depth-1)
		}
	default:
	}
	return nil
}

// member is the name behind the dot, -1 for none.
func (r *reader) member(navigation int) int {
	last := -1
	for child := range r.tree.Children(navigation) {
		if r.tree.Kind(child) == kindIdentifier {
			last = child
		}
	}
	if last == navigation+1 {
		return -1
	}
	return last
}

// plainName returns the last part of the name of a type, without type arguments.
func (r *reader) plainName(i int) []byte {
	var last []byte
	if r.tree.Kind(i) != kindUserType {
		if i = r.tree.ChildOfKind(i, kindUserType); i < 0 {
			return nil
		}
	}
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) == kindIdentifier {
			last = r.nameText(child)
		}
	}
	return last
}

// qualified returns the dotted name below node i.
func (r *reader) qualified(i int) string {
	return string(r.dotted(r.tree.ChildOfKind(i, kindQualifiedIdentifier)))
}

// identifier says what an identifier is by where it stands.
func (r *reader) identifier(i int) { //nolint:gocognit // a table: a case for each place of the grammar
	text := r.nameText(i)
	if len(text) == 0 {
		return
	}
	parent := r.tree.Parent(i)
	field := r.tree.Nodes[i].Field
	switch r.tree.Kind(parent) {
	case kindClass, kindObject, kindCompanion, kindFunction:
		if field == fieldName {
			return // declared when the declaration was entered
		}
	case kindTypeAlias:
		if field == fieldType {
			return
		}
	case kindEnumEntry, kindClassParameter:
		if i == r.tree.ChildOfKind(parent, kindIdentifier) {
			return
		}
	case kindVariable:
		if i == r.tree.ChildOfKind(parent, kindIdentifier) {
			if r.tree.ParentKind(parent) != kindProperty || r.scope.local {
				r.names.Bind(text)
			}
			return
		}
	case kindParameter, kindCatch, kindSetter, kindTypeParameter:
		if i == r.tree.ChildOfKind(parent, kindIdentifier) {
			r.names.Bind(text)
			return
		}
	case kindReturn:
		if field == fieldLabel {
			return
		}
	case kindLabeled:
		if text := r.tree.Text(parent); bytes.HasPrefix(text, []byte("break@")) || bytes.HasPrefix(text, []byte("continue@")) {
			return
		}
	case kindThis, kindSuper:
		return
	case kindArgument:
		if r.isNameOfArgument(i) {
			return
		}
	case kindNavigation:
		if i == r.member(parent) {
			r.names.UseMember(text)
			return
		}
	case kindInfix:
		if i > parent+1 && r.tree.Nodes[i].Next < r.tree.Nodes[parent].Next {
			r.names.UseMember(text)
			return
		}
	default:
	}
	r.use(text)
}

// isNameOfArgument reports whether node i is the name in f(name = value).
func (r *reader) isNameOfArgument(i int) bool {
	parent := r.tree.Parent(i)
	next := int(r.tree.Nodes[i].Next)
	if r.tree.Kind(parent) != kindArgument || i != parent+1 || next >= int(r.tree.Nodes[parent].Next) {
		return false
	}
	between := r.tree.Source[r.tree.Nodes[i].End:r.tree.Nodes[next].Start]
	return bytes.HasPrefix(bytes.TrimSpace(between), []byte("="))
}

func (r *reader) use(text []byte) {
	if !builtins[string(text)] {
		r.names.Use(text)
	}
}

// builtins are the types and functions that every file has without an import, and
// words that come as names. A use of one says nothing about another file.
var builtins = set(`
	Any Unit Nothing Boolean Byte Short Int Long Float Double Char String Array IntArray ByteArray LongArray CharArray Number
	UInt ULong UByte UShort List Set Map Collection Iterable Sequence MutableList MutableSet MutableMap Pair Triple Comparable
	CharSequence StringBuilder Throwable Exception RuntimeException Error IllegalArgumentException IllegalStateException
	NullPointerException UnsupportedOperationException IndexOutOfBoundsException NoSuchElementException Enum Annotation Function
	listOf setOf mapOf mutableListOf mutableSetOf mutableMapOf emptyList emptyMap emptySet arrayOf println print require
	requireNotNull check checkNotNull error lazy run let also apply with repeat TODO to it this super null true false
	as break class continue do else for fun if in interface is object package return throw try typealias typeof val var when
	while by catch constructor delegate dynamic field file finally get import init param property receiver set setparam value
	where abstract actual annotation companion const crossinline data enum expect external final infix inline inner internal
	lateinit noinline open operator out override private protected public reified sealed suspend tailrec vararg
	Deprecated Suppress JvmStatic JvmField JvmOverloads JvmName Throws`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// imports reads an import and counts what it names as used.
func (r *reader) imports(i int) {
	imp := language.Import{Path: r.qualified(i), Line: int(r.tree.Nodes[i].Line)}
	if imp.Path == "" {
		return
	}
	if alias := r.tree.ChildOfKind(i, kindIdentifier); alias >= 0 {
		imp.Locals = []string{string(r.nameText(alias))}
		r.names.Bind(r.nameText(alias))
	}
	if bytes.HasSuffix(bytes.TrimRight(r.tree.Text(i), "; \t"), []byte("*")) {
		imp.Path += ".*"
	} else {
		r.use([]byte(imp.Path[strings.LastIndexByte(imp.Path, '.')+1:]))
	}
	r.facts.Imports = append(r.facts.Imports, imp)
}
