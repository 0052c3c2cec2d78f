package java

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// identifier says what an identifier is by where it stands.
func (r *reader) identifier(i int) {
	if r.isMissing(i) {
		return
	}
	text := r.tree.Text(i)
	field := r.tree.Nodes[i].Field
	switch r.tree.ParentKind(i) {
	case kindClass, kindInterface, kindEnum, kindRecord, kindAnnotationType, kindMethod, kindConstructor,
		kindCompactConstructor, kindAnnotationElement, kindEnumConstant, kindModule:
		if field == fieldName {
			return // declared when the declaration was entered
		}
	case kindDeclarator, kindFormalParameter, kindCatchParameter, kindForEach, kindResource, kindInstanceof:
		if field == fieldName {
			r.names.Bind(text)
			return
		}
	case kindInferredParameters, kindTypePattern, kindRecordComponent:
		r.names.Bind(text)
		return
	case kindLambda:
		if field == fieldParameters {
			r.names.Bind(text)
			return
		}
	case kindLabeled:
		if i == r.tree.Parent(i)+1 {
			return
		}
	case kindBreak, kindContinue:
		return
	case kindElementPair:
		if field == fieldKey {
			return
		}
	case kindInvocation:
		if field == fieldName && r.tree.Child(r.tree.Parent(i), fieldObject) >= 0 {
			r.names.UseMember(text)
			return
		}
	case kindFieldAccess:
		if field == fieldField {
			r.names.UseMember(text)
			return
		}
	case kindReference:
		if i != r.tree.Parent(i)+1 {
			r.names.UseMember(text)
			return
		}
	case kindScopedIdentifier:
		r.part(i, text)
		return
	default:
	}
	r.use(text)
}

// part counts a part of a dotted name. By convention packages are in lower
// case: they are named by the imports, and a part that is one is no reference.
func (r *reader) part(i int, text []byte) {
	parent := r.tree.Parent(i)
	last := r.tree.Nodes[i].Next == r.tree.Nodes[parent].Next
	whole := r.tree.ParentKind(parent) != r.tree.Kind(parent)
	first, _ := utf8.DecodeRune(text)
	if unicode.IsUpper(first) || last && whole && r.tree.ParentKind(parent) != kindModule {
		r.use(text)
	}
}

// typeName counts the name of a type, or binds a type parameter.
func (r *reader) typeName(i int) {
	text := r.tree.Text(i)
	if r.tree.ParentKind(i) == kindTypeParameter {
		r.names.Bind(text)
		return
	}
	if r.tree.ParentKind(i) == kindScopedType {
		r.part(i, text)
		return
	}
	r.use(text)
}

func (r *reader) use(text []byte) {
	if !builtins[string(text)] {
		r.names.Use(text)
	}
}

// builtins are the types of java.lang that nearly every file has without an
// import, and words that come as names in broken source. A use of one says
// nothing about another file.
var builtins = set(`
	Object String StringBuilder StringBuffer CharSequence Character Boolean Byte Short Integer Long Float Double Void
	Number Math System Thread Runnable Class Enum Record Iterable Comparable Cloneable AutoCloseable Process Runtime
	Throwable Exception RuntimeException Error AssertionError IllegalArgumentException IllegalStateException
	NullPointerException IndexOutOfBoundsException ArrayIndexOutOfBoundsException UnsupportedOperationException
	ClassCastException ClassNotFoundException CloneNotSupportedException InterruptedException ArithmeticException
	NumberFormatException OutOfMemoryError StackOverflowError SecurityException ReflectiveOperationException
	Override Deprecated SuppressWarnings FunctionalInterface SafeVarargs var
	abstract assert boolean break byte case catch char class const continue default do double else enum extends final
	finally float for goto if implements import instanceof int interface long native new package private protected
	public return short static strictfp super switch synchronized this throw throws transient try void volatile while
	true false null`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// dotted returns the name below node i without blanks and comments.
func (r *reader) dotted(i int) string {
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); kind == kindIdentifier || kind == kindScopedIdentifier {
			return compact(r.tree.Text(child))
		}
	}
	return ""
}

// compact takes the blanks out of a dotted name. A comment inside one, which
// is allowed and unheard of, ends it.
func compact(name []byte) string {
	if i := bytes.IndexByte(name, '/'); i >= 0 {
		name = name[:i]
	}
	return strings.Join(strings.Fields(string(name)), "")
}

// imports reads an import and counts what it names as used.
func (r *reader) imports(i int) {
	imp := language.Import{Path: r.dotted(i), Line: int(r.tree.Nodes[i].Line)}
	if imp.Path == "" {
		return
	}
	all := r.tree.ChildOfKind(i, kindAsterisk) >= 0
	static := r.tree.ChildOfKind(i, kindStatic) >= 0
	switch {
	case static && all:
		imp.Names = []string{"*"}
	case all:
		imp.Path += ".*"
	case static:
		if dot := strings.LastIndexByte(imp.Path, '.'); dot >= 0 {
			imp.Path, imp.Names = imp.Path[:dot], []string{imp.Path[dot+1:]}
			r.names.UseMember([]byte(imp.Names[0]))
		}
	default:
	}
	if !all || static {
		r.use([]byte(lastName([]byte(imp.Path))))
	}
	r.facts.Imports = append(r.facts.Imports, imp)
}

// requires reads a directive of a module; requires transitive passes the
// module on to those who require this one.
func (r *reader) requires(i int) {
	module := r.tree.Child(i, fieldModule)
	if module < 0 || r.isMissing(module) {
		return
	}
	imp := language.Import{Path: compact(r.tree.Text(module)), Line: int(r.tree.Nodes[i].Line)}
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) == kindRequiresModifier && string(r.tree.Text(child)) == "transitive" {
			imp.Reexport = true
		}
	}
	r.facts.Imports = append(r.facts.Imports, imp)
}
