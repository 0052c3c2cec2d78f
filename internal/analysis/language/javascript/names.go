package javascript

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declare reads what node i declares in the scope around it.
func (r *reader) declare(i int, kind treesitter.Kind) {
	switch kind {
	case kindDeclarator:
		r.declareVariable(i)
	case kindFunction, kindGenerator, kindFunctionSignature:
		r.declareNamed(i, language.KindFunction)
	case kindClass, kindAbstractClass, kindTypeAlias, kindEnum, kindNamespace:
		r.declareNamed(i, language.KindType)
	case kindInterface:
		r.declareNamed(i, language.KindInterface)
	case kindMethod, kindMethodSignature, kindAbstractMethod:
		r.declareMember(i, true)
	case kindField, kindTypeField:
		value := r.part(i, fieldValue)
		r.declareMember(i, value >= 0 && isFunction(r.tree.Kind(value)))
	case kindPropertySignature:
		r.declareMember(i, false)
	default:
	}
}

func (r *reader) addDeclaration(i int, name string, kind language.Kind, l link) {
	if name == "" { // in a broken file
		return
	}
	r.names.Declare([]byte(name))
	owner := ""
	if kind == language.KindMethod || kind == language.KindField {
		owner = r.scope.name
		r.fields[language.Qualify(owner, name)] = true
	}
	if n := len(r.declared); n > 0 && r.declared[n-1].Name == name && r.declared[n-1].Kind == kind && r.declared[n-1].Owner == owner {
		r.overloads[i] = n - 1
		return // overloads, a getter and its setter
	}
	d := declared{link: l, node: i, Declaration: language.Declaration{
		Name: name, Kind: kind, Line: int(r.node(i).Line), EndLine: int(r.node(i).EndLine), Owner: owner, Doc: r.docOf(i),
	}}
	if kind == language.KindType || kind == language.KindInterface {
		d.Bases = r.bases(i)
	} else {
		d.Signature = r.signatureOf(i)
	}
	r.declared = append(r.declared, d)
}

// declareNamed reads a declaration that has its name as a field.
func (r *reader) declareNamed(i int, kind language.Kind) {
	name := r.part(i, fieldName)
	if name < 0 || r.tree.Kind(name) != kindIdentifier && r.tree.Kind(name) != kindTypeIdentifier {
		return
	}
	if r.scope.local {
		r.names.Bind(r.tree.Text(name))
		return
	}
	l := r.label(r.text(name))
	r.addDeclaration(i, r.text(name), kind, l.link)
	if r.tree.Kind(i) == kindEnum {
		r.declareEnumMembers(i, l)
	}
}

// declareMember reads a member of a type: a method, or else a field.
func (r *reader) declareMember(i int, method bool) {
	if !r.scope.class {
		return
	}
	name := r.part(i, fieldName)
	if name < 0 {
		name = r.part(i, fieldProperty)
	}
	if name < 0 || r.tree.Kind(name) != kindProperty {
		return
	}
	if method {
		r.addDeclaration(i, r.text(name), language.KindMethod, r.memberLabel(i).link)
		return
	}
	r.declareField(i, name)
}

// declareVariable reads one variable of a declaration, or those of a pattern.
// A name for what is imported is no declaration.
func (r *reader) declareVariable(i int) {
	name, value := r.part(i, fieldName), r.part(i, fieldValue)
	if name < 0 {
		return
	}
	if value >= 0 && r.importsValue(value) {
		r.imported = int(r.node(name).Next)
		return
	}
	if r.scope.local || i > 0 && r.tree.ParentKind(i) == kindForIn {
		return // bound where the name stands
	}
	if r.tree.Kind(name) == kindIdentifier {
		r.addDeclaration(i, r.text(name), r.variableKind(i, value), r.label(r.text(name)).link)
		return
	}
	for n := name; n < int(r.node(name).Next); n++ {
		switch r.tree.Kind(n) {
		case kindIdentifier, kindShorthandPattern:
			if r.binds(n, r.tree.Kind(n)) {
				r.addDeclaration(n, r.text(n), r.variableKind(i, none), r.label(r.text(n)).link)
			}
		default:
		}
	}
}

func (r *reader) variableKind(i, value int) language.Kind {
	for range 4 { // wrappers inside wrappers
		if value < 0 {
			break
		}
		value = r.unwrapped(value)
		switch kind := r.tree.Kind(value); {
		case isFunction(kind):
			return language.KindFunction
		case kind == kindClassExpression:
			return language.KindType
		case kind == kindCall && r.isWrapperCall(value):
			value = r.firstArgument(value)
		default:
			value = none
		}
	}
	if bytes.HasPrefix(r.tree.Text(r.tree.Parent(i)), []byte("const")) {
		return language.KindConstant
	}
	return language.KindVariable
}

// Names that the language and its module systems give.
const (
	nameRequire   = "require"
	nameModule    = "module"
	nameExports   = "exports"
	nameThis      = "this"
	nameArguments = "arguments"
	nameDefault   = "default"
)

// notReferences are names that no file declares.
var notReferences = map[string]bool{
	nameRequire: true, nameModule: true, nameExports: true, nameArguments: true, nameDefault: true,
}

// identifier counts a use of a name, unless it stands where it is bound.
func (r *reader) identifier(i int, kind treesitter.Kind) {
	if i == 0 || i < r.imported {
		return
	}
	name := r.tree.Text(i)
	if r.binds(i, kind) {
		r.names.Bind(name)
		return
	}
	switch r.tree.ParentKind(i) {
	case kindImportClause, kindImportSpecifier, kindNamespaceImport, kindImportRequire, kindNamespaceExport, kindJSXClosing:
		return
	case kindExportSpecifier:
		if r.node(i).Field == fieldAlias {
			return
		}
	case kindJSXOpening, kindJSXSelfClosing:
		if c, _ := utf8.DecodeRune(name); unicode.IsLower(c) { // an element of HTML
			return
		}
	default:
	}
	if notReferences[string(name)] {
		return
	}
	if original, ok := r.aliases[string(name)]; ok {
		name = []byte(original)
	}
	r.names.Use(name)
}

// property counts a use of a member.
func (r *reader) property(i int) {
	if i > 0 && r.tree.ParentKind(i) == kindMember && r.node(i).Field == fieldProperty {
		if name := r.tree.Text(i); !notReferences[string(name)] {
			r.names.UseMember(name)
		}
	}
}

// binds reports whether an identifier stands where its name is given to a
// variable, a parameter, a function or a type.
func (r *reader) binds(i int, kind treesitter.Kind) bool {
	if kind == kindShorthandPattern {
		return true
	}
	field := r.node(i).Field
	switch r.tree.ParentKind(i) {
	case kindParameters, kindRestPattern, kindArrayPattern:
		return true
	case kindDeclarator, kindFunction, kindGenerator, kindFunctionExpression, kindGeneratorExpression, kindClass,
		kindClassExpression, kindAbstractClass, kindInterface, kindTypeAlias, kindEnum, kindNamespace,
		kindFunctionSignature, kindTypeParameter:
		return field == fieldName
	case kindRequiredParameter, kindOptionalParameter:
		return field == fieldPattern || field == fieldName
	case kindArrow, kindCatch:
		return field == fieldParameter
	case kindPairPattern:
		return field == fieldValue
	case kindAssignmentPattern, kindObjectAssignmentPattern, kindForIn:
		return field == fieldLeft
	default:
		return false
	}
}
