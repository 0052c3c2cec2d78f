package csharp

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// maxDotted bounds the parts of a dotted name that is read as one.
const maxDotted = 24

// dotted returns a name with dots and without type arguments, or nil when node
// i is more than names. A part of an alias such as global:: is left out.
func (r *reader) dotted(i int) []byte { return r.dottedPart(i, maxDotted) }

func (r *reader) dottedPart(i, depth int) []byte {
	if i < 0 || depth == 0 {
		return nil
	}
	join := func(left, right int) []byte {
		a, b := r.dottedPart(left, depth-1), r.dottedPart(right, depth-1)
		if len(a) == 0 || len(b) == 0 {
			return nil
		}
		return append(append(bytes.Clone(a), '.'), b...)
	}
	switch r.tree.Kind(i) {
	case kindIdentifier, kindPredefined, kindThis, kindBase:
		return bytes.TrimPrefix(r.tree.Text(i), []byte("@"))
	case kindGeneric:
		return r.dottedPart(r.tree.ChildOfKind(i, kindIdentifier), depth-1)
	case kindQualified:
		return join(i+1, r.tree.Child(i, fieldName))
	case kindMemberAccess:
		return join(r.tree.Child(i, fieldExpression), r.tree.Child(i, fieldName))
	case kindAliasQualified:
		return r.dottedPart(r.tree.Child(i, fieldName), depth-1)
	case kindConditionalAccess:
		return join(r.tree.Child(i, fieldCondition), r.tree.ChildOfKind(i, kindMemberBinding))
	case kindMemberBinding:
		return r.dottedPart(r.tree.Child(i, fieldName), depth-1)
	case kindParenthesized, kindPostfix:
		if int(r.tree.Nodes[i].Next) > i+1 {
			return r.dottedPart(i+1, depth-1)
		}
	default:
	}
	return nil
}

// plainName returns the last part of a name, without type arguments.
func (r *reader) plainName(i int) []byte {
	for i >= 0 {
		switch r.tree.Kind(i) {
		case kindGeneric:
			i = r.tree.ChildOfKind(i, kindIdentifier)
		case kindQualified, kindMemberAccess, kindAliasQualified, kindMemberBinding:
			i = r.tree.Child(i, fieldName)
		case kindConditionalAccess:
			i = r.tree.ChildOfKind(i, kindMemberBinding)
		case kindIdentifier, kindPredefined:
			return bytes.TrimPrefix(r.tree.Text(i), []byte("@"))
		default:
			return nil
		}
	}
	return nil
}

// identifier says what an identifier is by where it stands.
func (r *reader) identifier(i int) { //nolint:gocognit // a table: a case for each place of the grammar
	if r.isMissing(i) {
		return
	}
	text, at := bytes.TrimPrefix(r.tree.Text(i), []byte("@")), i
	if r.tree.ParentKind(i) == kindGeneric {
		at = r.tree.Parent(i)
	}
	field := r.tree.Nodes[at].Field
	switch r.tree.ParentKind(at) {
	case kindClass, kindStruct, kindEnum, kindInterface, kindRecord, kindDelegate, kindEnumMember, kindMethod, kindConstructor, kindDestructor,
		kindProperty, kindEvent, kindLocalFunction:
		if field == fieldName {
			return // declared when the declaration was entered
		}
	case kindVariable, kindParameter, kindCatchDeclaration, kindDeclarationExpression, kindDeclarationPattern, kindRecursivePattern, kindVarPattern,
		kindTypeParameter, kindTuplePattern, kindFrom, kindTupleElement, kindParameters, kindDesignation:
		if field == fieldName {
			r.bind(at, text)
			return
		}
	case kindForEach:
		if field == fieldLeft {
			r.names.Bind(text)
			return
		}
	case kindLambda:
		if field == fieldParameters {
			r.names.Bind(text)
			return
		}
	case kindLet, kindJoin, kindJoinInto:
		if at == r.tree.Parent(at)+1 {
			r.names.Bind(text)
			return
		}
	case kindLabeled:
		if at == r.tree.Parent(at)+1 {
			return
		}
	case kindGoto:
		if text := r.tree.Text(r.tree.Parent(at)); !bytes.Contains(text, []byte("case")) {
			return
		}
	case kindAttributeArgument:
		if r.isNameOfArgument(at) {
			return
		}
	case kindAssignment:
		if up := r.tree.ParentKind(r.tree.Parent(at)); field == fieldLeft && (up == kindInitializer || up == kindAttributeArgument) {
			r.names.UseMember(text)
			return
		}
	case kindArgument, kindAliasQualified:
		if field == fieldName && r.tree.ParentKind(at) == kindArgument || field == fieldAlias {
			return
		}
	case kindAttribute:
		r.useAttribute(text)
		return
	case kindMemberAccess, kindMemberBinding:
		if field == fieldName {
			r.names.UseMember(text)
			return
		}
	case kindSubpattern, kindWithInitializer, kindAnonymousCreation:
		if at == r.tree.Parent(at)+1 && r.tree.ParentKind(at) != kindAnonymousCreation {
			r.names.UseMember(text)
			return
		}
	default:
	}
	r.use(text)
}

// bind notes a name of a variable, unless it is that of a field or of a record's
// property, which are declared.
func (r *reader) bind(at int, text []byte) {
	outer := r.tree.Parent(r.tree.Parent(at))
	if kind := r.tree.Kind(outer); r.tree.ParentKind(at) == kindVariable && r.tree.Kind(r.tree.Parent(outer)) != kindLocalDeclaration &&
		(r.tree.ParentKind(outer) == kindField || r.tree.ParentKind(outer) == kindEventField) || kind == kindParameters && r.tree.ParentKind(outer) == kindRecord {
		return
	}
	r.names.Bind(text)
}

// isNameOfArgument reports whether node i is the name in [A(Name = "x")].
func (r *reader) isNameOfArgument(i int) bool {
	parent := r.tree.Parent(i)
	return r.tree.Kind(parent) == kindAttributeArgument && i == parent+1 && r.tree.Nodes[i].Next < r.tree.Nodes[parent].Next
}

func (r *reader) use(text []byte) {
	if !builtins[string(text)] {
		r.names.Use(text)
	}
}

// useAttribute counts an attribute, whose type is mostly named with a suffix
// that is left out where it stands.
func (r *reader) useAttribute(text []byte) {
	if builtins[string(text)] {
		return
	}
	r.names.Use(text)
	if !bytes.HasSuffix(text, []byte("Attribute")) {
		r.names.Use(append(bytes.Clone(text), "Attribute"...))
	}
}

// builtins are the types of System that nearly every file has without a using
// directive, and words that come as names in broken source. A use of one says
// nothing about another file.
var builtins = set(`
	Object String Boolean Byte SByte Char Decimal Double Single Int16 Int32 Int64 UInt16 UInt32 UInt64 IntPtr UIntPtr
	Exception ArgumentException ArgumentNullException ArgumentOutOfRangeException InvalidOperationException NotImplementedException
	NotSupportedException NullReferenceException IndexOutOfRangeException FormatException OverflowException TimeoutException
	Action Func Predicate Task ValueTask CancellationToken List Dictionary HashSet IEnumerable ICollection IList IDictionary
	IReadOnlyList IReadOnlyCollection IReadOnlyDictionary KeyValuePair Guid DateTime DateTimeOffset TimeSpan Uri Math Console Convert
	StringBuilder StringComparison Array Enum Tuple Nullable Type Attribute EventArgs EventHandler IDisposable IAsyncDisposable
	Span ReadOnlySpan Memory ReadOnlyMemory Environment Obsolete Flags nameof var dynamic
	abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum event
	explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long namespace new null
	object operator out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static
	string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while async await
	get set init value when where yield from select group into orderby join let on equals by ascending descending add remove global
	partial record required file scoped notnull unmanaged nint nuint and or not with`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// imports reads a using directive and counts the type that it names as used.
func (r *reader) imports(i int) {
	alias, last := r.tree.Child(i, fieldName), -1
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); child != alias && (kind == kindIdentifier || kind == kindQualified || kind == kindGeneric || kind == kindAliasQualified) {
			last = child
		}
	}
	if alias >= 0 {
		r.names.Bind(r.tree.Text(alias))
	}
	if last < 0 || r.isMissing(last) {
		return // an alias of a tuple, an array or a type of the language
	}
	imp := language.Import{Path: string(r.dotted(last)), Line: int(r.tree.Nodes[i].Line), Reexport: r.tree.ChildOfKind(i, kindGlobal) >= 0}
	if imp.Path == "" {
		return
	}
	if r.tree.ChildOfKind(i, kindStatic) >= 0 {
		imp.Names = []string{"*"}
	}
	if alias >= 0 {
		imp.Locals = []string{string(r.tree.Text(alias))}
	}
	if imp.Names != nil || alias >= 0 {
		r.use([]byte(imp.Path[strings.LastIndexByte(imp.Path, '.')+1:]))
	}
	r.facts.Imports = append(r.facts.Imports, imp)
}
