package java

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// modifiers are those of a declaration that the facts depend on.
type modifiers struct {
	public, private, static, final bool
	test                           bool // an annotation makes it a test
}

// testAnnotations mark test methods in JUnit 4 and 5 and TestNG.
var testAnnotations = map[string]bool{
	"Test": true, "ParameterizedTest": true, "RepeatedTest": true, "TestFactory": true, "TestTemplate": true, "Theory": true,
}

func (r *reader) modifiers(i int) modifiers {
	var m modifiers
	list := r.tree.ChildOfKind(i, kindModifiers)
	if list < 0 {
		return m
	}
	for child := range r.tree.Children(list) {
		switch r.tree.Kind(child) {
		case kindPublic:
			m.public = true
		case kindPrivate:
			m.private = true
		case kindStatic:
			m.static = true
		case kindFinal:
			m.final = true
		case kindMarker, kindAnnotation:
			if name := r.tree.Child(child, fieldName); name >= 0 {
				m.test = m.test || testAnnotations[lastName(r.tree.Text(name))]
			}
		default:
		}
	}
	return m
}

// lastName returns what follows the last dot.
func lastName(dotted []byte) string {
	return strings.TrimSpace(string(dotted[bytes.LastIndexByte(dotted, '.')+1:]))
}

// exports reports whether a member with these modifiers can be reached from
// outside the package.
func (r *reader) exports(m modifiers) bool {
	return r.scope.exported && (m.public || r.scope.open && !m.private)
}

// declare lists a declaration. In a function it is a local one.
func (r *reader) declare(i int, name []byte, d language.Declaration) bool {
	if r.scope.local {
		r.names.Bind(name)
		return false
	}
	node := &r.tree.Nodes[i]
	d.Name, d.Line, d.EndLine, d.Owner = string(name), int(node.Line), int(node.EndLine), r.owner()
	r.facts.Declares = append(r.facts.Declares, d)
	r.names.Declare(name)
	return true
}

// lastDeclared is the index of the declaration listed last, -1 for one that is
// local or has no name.
func (r *reader) lastDeclared() int {
	if r.scope.local {
		return -1
	}
	return len(r.facts.Declares) - 1
}

// declareMember declares a member by its name field.
func (r *reader) declareMember(i int, d language.Declaration) bool {
	name := r.tree.Child(i, fieldName)
	return name >= 0 && !r.isMissing(name) && r.declare(i, r.tree.Text(name), d)
}

// isMissing reports whether the parser made up an identifier.
func (r *reader) isMissing(i int) bool { return r.tree.Nodes[i].Start == r.tree.Nodes[i].End }

func (r *reader) declareFields(i int, kind treesitter.Kind) {
	m := r.modifiers(i)
	d := language.Declaration{Kind: language.KindField, Exported: r.exports(m), Doc: r.docOf(i)}
	typ := r.typeText(r.tree.Child(i, fieldType))
	if kind == kindConstantDeclaration || m.static && m.final {
		d.Kind = language.KindConstant
	}
	first := true
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != kindDeclarator {
			continue
		}
		d.Signature = typ
		if d.Kind == language.KindConstant {
			d.Signature = r.constant(child, typ)
		}
		if r.declareMember(child, d) && first {
			r.annotate(i, len(r.facts.Declares)-1, noFunction, "")
			first = false
		}
	}
}

func (r *reader) openType(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) {
		return
	}
	m := r.modifiers(i)
	exported := r.exports(m)
	declared := language.KindType
	if kind == kindInterface || kind == kindAnnotationType {
		declared = language.KindInterface
	}
	d := language.Declaration{Kind: declared, Exported: exported, Doc: r.docOf(i), Bases: r.bases(i)}
	if r.declare(i, r.tree.Text(name), d) {
		r.annotate(i, len(r.facts.Declares)-1, noFunction, "")
	}

	testCase := kind == kindClass && r.extendsTestCase(i)
	r.facts.Test = r.facts.Test || testCase
	outer := r.scope
	s := r.push(i)
	s.kind, s.function = scopeType, noFunction
	s.plain = string(r.tree.Text(name))
	s.name = language.Qualify(outer.name, s.plain)
	s.exported = exported
	s.open = declared == language.KindInterface
	s.testCase, s.testAll = testCase, m.test
	if outer.local {
		s.nesting++
	} else {
		s.nesting = 0
	}
	if kind == kindRecord {
		r.declareComponents(i, exported)
	}
}

// declareComponents declares the components of a record, each of which is a
// public accessor.
func (r *reader) declareComponents(record int, exported bool) {
	list := r.tree.Child(record, fieldParameters)
	if list < 0 {
		return
	}
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindFormalParameter {
			_, typ := r.parameter(child)
			if r.declareMember(child, language.Declaration{Kind: language.KindField, Exported: exported, Signature: typ}) {
				r.annotate(child, len(r.facts.Declares)-1, noFunction, "")
			}
		}
	}
}

// extendsTestCase finds JUnit 3, by the name of the class that is extended.
func (r *reader) extendsTestCase(class int) bool {
	super := r.tree.ChildOfKind(class, kindSuperclass)
	if super < 0 {
		return false
	}
	last := lastName(bytes.TrimSpace(bytes.TrimPrefix(r.tree.Text(super), []byte("extends"))))
	return last == "TestCase"
}

// openAnonymous gives a name to the body of an anonymous class and of an enum
// constant; the body of a class with a name has its scope already.
func (r *reader) openAnonymous(body int) {
	outer, owner := r.scope, r.tree.Parent(body)
	var name string
	switch r.tree.Kind(owner) {
	case kindCreation:
		r.anonymous[outer.name]++
		name = "$" + strconv.Itoa(r.anonymous[outer.name])
	case kindEnumConstant:
		if at := r.tree.Child(owner, fieldName); at >= 0 {
			name = string(r.tree.Text(at))
		}
	default:
		return
	}
	s := r.push(body)
	s.kind, s.function, s.plain = scopeType, noFunction, name
	s.name = language.Qualify(outer.name, name)
	s.exported, s.open, s.local = false, false, true
	s.testCase, s.testAll = false, false
	if outer.local {
		s.nesting++
	}
}

// functionName returns the plain name of a method, constructor or initialiser.
func (r *reader) functionName(i int, kind treesitter.Kind) string {
	switch kind {
	case kindStaticInitializer:
		return "<clinit>"
	case kindBlock:
		return "<init>"
	default:
		if name := r.tree.Child(i, fieldName); name >= 0 {
			return string(r.tree.Text(name))
		}
		return ""
	}
}

// openFunction adds a function that has a body and makes it the scope.
func (r *reader) openFunction(i int, kind treesitter.Kind) {
	plain := r.functionName(i, kind)
	if plain == "" {
		return
	}
	m := r.modifiers(i)
	exported := r.exports(m)
	parameters := 0
	list := r.tree.Child(i, fieldParameters)
	if list >= 0 {
		parameters = r.countParameters(list)
	}
	declared := -1
	if kind == kindMethod {
		declared = r.declareMethod(i, exported)
		r.facts.Main = r.facts.Main || r.isMain(i, plain, m)
	}
	function := len(r.facts.Functions)
	if kind == kindMethod && r.tree.Child(i, fieldBody) < 0 {
		function = noFunction
	}
	r.annotate(i, declared, function, "")
	r.annotateParameters(list, declared, function)
	if function == noFunction {
		return
	}
	node := &r.tree.Nodes[i]
	f := language.Function{
		Name: language.Qualify(r.scope.name, plain), Line: int(node.Line), EndLine: int(node.EndLine),
		Exported: exported && kind != kindBlock && kind != kindStaticInitializer,
		Test:     kind == kindMethod && r.isTest(plain, m), Parameters: parameters,
		Complexity: language.Complexity{Cyclomatic: 1},
	}
	r.facts.Functions = append(r.facts.Functions, f)
	r.lists = append(r.lists, list)

	s := r.push(i)
	s.kind, s.function = scopeFunction, len(r.facts.Functions)-1
	s.name, s.plain, s.parameters = f.Name, plain, parameters
	s.exported, s.open, s.local = false, false, true
}

// declareMethod declares a method and returns the index, -1 for a local one.
func (r *reader) declareMethod(i int, exported bool) int {
	name := r.tree.Text(r.tree.Child(i, fieldName))
	if r.declare(i, name, language.Declaration{Kind: language.KindMethod, Exported: exported, Doc: r.docOf(i), Signature: r.signature(i)}) {
		return len(r.facts.Declares) - 1
	}
	return -1
}

// countParameters leaves out a receiver: Outer.Inner this.
func (r *reader) countParameters(list int) int {
	n := 0
	for child := range r.tree.Children(list) {
		if kind := r.tree.Kind(child); kind == kindFormalParameter || kind == kindSpreadParameter {
			n++
		}
	}
	return n
}

func (r *reader) isTest(name string, m modifiers) bool {
	switch {
	case m.test:
		return true
	case r.scope.testCase:
		return strings.HasPrefix(name, "test") && m.public
	default:
		return r.scope.testAll && m.public && !m.static
	}
}

// isMain reports whether a method can start a program: void main, not private,
// with an array of strings or, since Java 25, nothing. The launcher asks for
// public static before that; a void main without them is hardly anything else.
func (r *reader) isMain(i int, name string, m modifiers) bool {
	if name != "main" || m.private || r.scope.local || r.tree.Child(i, fieldBody) < 0 {
		return false
	}
	result, list := r.tree.Child(i, fieldType), r.tree.Child(i, fieldParameters)
	if result < 0 || list < 0 || r.tree.Kind(result) != kindVoid {
		return false
	}
	switch r.count(list) {
	case 0:
		return true
	case 1:
		text := strings.Join(strings.Fields(string(r.tree.Text(list))), "")
		return strings.Contains(text, "String[]") || strings.Contains(text, "String...") || strings.HasSuffix(text, "[])")
	default:
		return false
	}
}
