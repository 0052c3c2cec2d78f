package rust

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// identifier says what a name is by where it stands.
func (r *reader) identifier(i int, kind treesitter.Kind) {
	if r.isMissing(i) {
		return
	}
	text := r.tree.Text(i)
	field, parent := r.tree.Nodes[i].Field, r.tree.ParentKind(i)
	switch {
	case kind == kindShorthandField:
		r.names.Bind(text)
	case kind == kindFieldIdentifier:
		if parent != kindField {
			r.names.UseMember(text)
		}
	case parent >= kindEnd:
		r.names.Use(text)
	case field == fieldName && declaring[parent]:
	case parent == kindLabel || parent == kindLifetime:
	case parent == kindTypeParameter && field == fieldName, parent == kindConstParameter && field == fieldName:
		r.names.Bind(text)
	case r.isPattern(field, parent) && !startsUpper(text):
		r.names.Bind(text)
	case parent == kindTokens:
		r.tokenCall(i, text)
	case field == fieldName && (parent == kindScoped || parent == kindScopedType):
		if !builtins[string(text)] {
			r.names.UseMember(text)
		}
	case !builtins[string(text)]:
		r.names.Use(text)
	}
}

var (
	// declaring are the kinds whose name was declared when they were entered.
	declaring = table(kindFunction, kindSignature, kindStruct, kindUnion, kindEnum, kindVariant, kindTrait, kindTypeAlias,
		kindAssociatedType, kindConst, kindStatic, kindModule, kindField)
	patterns = table(kindTuplePattern, kindRefPattern, kindReferencePattern, kindMutPattern, kindSlicePattern, kindOrPattern,
		kindCapturedPattern, kindMatchPattern, kindClosureParameters)
)

// isPattern reports whether a name binds: in patterns names in lower case do.
func (r *reader) isPattern(field treesitter.Field, parent treesitter.Kind) bool {
	switch {
	case field == fieldPattern:
		return true
	case parent == kindTupleStructPattern:
		return field != fieldType
	case parent == kindMatchPattern:
		return field != fieldCondition
	}
	return patterns[parent]
}

func startsUpper(name []byte) bool {
	first, _ := utf8.DecodeRune(name)
	return unicode.IsUpper(first)
}

// builtins come with the language and its prelude. A use of one says nothing
// about another file.
var builtins = func() map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(`
		Option Some None Result Ok Err Box Vec String str Self Copy Clone Send Sync Sized Drop Fn FnMut FnOnce Iterator IntoIterator
		Default Debug Display PartialEq Eq PartialOrd Ord Hash From Into AsRef AsMut TryFrom TryInto ToString ToOwned Extend
		std core alloc self super crate println eprintln print eprint format vec panic assert assert_eq assert_ne debug_assert
		todo unimplemented unreachable write writeln matches derive cfg test allow
		u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char`) {
		all[name] = true
	}
	return all
}()

// tokenCall reads a name in the arguments of a macro, which are no more than
// tokens to the grammar: one before a parenthesis is called.
func (r *reader) tokenCall(i int, text []byte) {
	if builtins[string(text)] {
		return
	}
	r.names.UseMember(text)
	next := int(r.tree.Nodes[i].Next)
	if next >= len(r.tree.Nodes) || r.tree.Kind(next) != kindTokens || r.tree.Parent(next) != r.tree.Parent(i) || r.tree.Nodes[next].Start != r.tree.Nodes[i].End {
		return
	}
	start := int(r.tree.Nodes[i].Start)
	if r.tree.Source[r.tree.Nodes[next].Start] != '(' || start > 2 && r.tree.Source[start-1] == '.' {
		return
	}
	r.calls.Add(nil, text, r.scope.function, int(r.tree.Nodes[i].Line), false)
}
