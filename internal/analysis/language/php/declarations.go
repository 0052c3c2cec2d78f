package php

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declare notes a name and returns its index in facts.Declares, -1 when it is
// local.
func (r *reader) declare(i int, kind language.Kind, name []byte, exported bool) int {
	name = bytes.TrimPrefix(name, []byte("$"))
	if r.scope.local || len(name) == 0 {
		r.names.Bind(name)
		return -1
	}
	node := &r.tree.Nodes[i]
	d := language.Declaration{Name: string(name), Kind: kind, Line: int(node.Line), EndLine: int(node.EndLine), Exported: exported, Doc: r.docAbove(int(node.Line))}
	if r.scope.kind == scopeType {
		d.Owner = r.scope.name
	}
	r.facts.Declares = append(r.facts.Declares, d)
	r.names.Declare(name)
	return len(r.facts.Declares) - 1
}

func (r *reader) openType(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.short(name)) == 0 {
		return
	}
	plain := string(r.tree.Text(name))
	declared := language.KindType
	if kind == kindInterfaceDeclaration {
		declared = language.KindInterface
	}
	at := r.declare(i, declared, r.tree.Text(name), true)
	if at >= 0 && r.facts.Doc == "" {
		r.facts.Doc = r.facts.Declares[at].Doc
	}
	testCase := r.bases(i, at)
	r.annotations(i, at, noFunction, "")
	r.facts.Test = r.facts.Test || testCase
	s := r.push(i)
	s.kind, s.function, s.owner, s.name, s.plain = scopeType, noFunction, at, language.Qualify(s.name, plain), plain
	s.testCase, s.nesting, s.within, s.titles = testCase, 0, -1, ""
}

// maxBases bounds what one type extends, implements and uses.
const maxBases = 50

// bases adds what a type extends and implements; it reports whether that makes
// the type a class of tests.
func (r *reader) bases(i, declaration int) bool {
	testCase := false
	for clause := range r.tree.Children(i) {
		kind := r.tree.Kind(clause)
		if kind != kindBaseClause && kind != kindClassInterfaceClause {
			continue
		}
		for base := range r.tree.Children(clause) {
			name := r.short(base)
			r.addBase(declaration, name)
			testCase = testCase || kind == kindBaseClause && (bytes.HasSuffix(name, []byte("TestCase")) || r.likely && bytes.HasSuffix(name, []byte("Test")))
		}
	}
	return testCase
}

func (r *reader) addBase(declaration int, name []byte) {
	if declaration < 0 || len(name) == 0 {
		return
	}
	if d := &r.facts.Declares[declaration]; len(d.Bases) < maxBases && r.isName(name) {
		d.Bases = append(d.Bases, compact(name))
	}
}

func (r *reader) isName(name []byte) bool {
	return !bytes.ContainsAny(name, "/#*{}();") && len(bytes.TrimSpace(name)) > 0
}

// useTraits adds the traits that a class uses to what it builds on.
func (r *reader) useTraits(i int) {
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); kind == kindName || kind == kindQualifiedName || kind == kindRelativeName {
			r.addBase(r.scope.owner, r.short(child))
		}
	}
}

// openAnonymous gives a name to an anonymous class.
func (r *reader) openAnonymous(i int) {
	r.anonymous[r.scope.name]++
	plain := "$" + strconv.Itoa(r.anonymous[r.scope.name])
	nesting := r.scope.nesting
	if r.scope.function != noFunction {
		nesting++
	}
	testCase := r.bases(i, -1)
	s := r.push(i)
	s.kind, s.function, s.owner, s.name, s.plain = scopeType, noFunction, -1, language.Qualify(s.name, plain), plain
	s.local, s.testCase, s.within, s.nesting = true, testCase, -1, nesting
}

// openFunction adds a function or method and makes it the scope of what is
// below it.
func (r *reader) openFunction(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.short(name)) == 0 {
		return
	}
	plain := string(r.tree.Text(name))
	declared, exported := language.KindFunction, !r.scope.local
	if kind == kindMethodDeclaration {
		declared = language.KindMethod
		exported = exported && r.isPublic(i)
	}
	parameters := r.tree.Child(i, fieldParameters)
	at := r.declare(i, declared, r.tree.Text(name), exported)
	if at >= 0 {
		r.facts.Declares[at].Signature = r.signature(parameters, r.tree.Child(i, fieldReturnType))
	}
	body := r.tree.Child(i, fieldBody)
	function := noFunction
	if body >= 0 {
		function = len(r.facts.Functions)
		r.addFunction(i, language.Qualify(r.scope.name, plain), parameters, exported, kind == kindMethodDeclaration && r.isTest(i, plain))
	}
	r.annotations(i, at, function, "")
	r.parameterAnnotations(parameters, at, function)
	if plain == "__construct" && parameters >= 0 {
		r.declarePromoted(parameters)
	}
	if body < 0 {
		r.push(i).within = -1
		return
	}
	r.openBody(i, function, plain)
}

// addFunction adds the function that a node declares.
func (r *reader) addFunction(i int, name string, parameters int, exported, test bool) {
	node := &r.tree.Nodes[i]
	r.takes = append(r.takes, parameters)
	r.facts.Functions = append(r.facts.Functions, language.Function{
		Name: name, Line: int(node.Line), EndLine: int(node.EndLine), Exported: exported, Test: test, Parameters: r.countParameters(parameters),
		Complexity: language.Complexity{Cyclomatic: 1},
	})
}

// openBody makes a function the scope of what is below node i.
func (r *reader) openBody(i, function int, plain string) {
	outer := r.scope
	s := r.push(i)
	if outer.function != noFunction {
		s.nesting++
	} else if !outer.local {
		s.nesting = 0
	}
	s.kind, s.function, s.name, s.plain = scopeFunction, function, r.facts.Functions[function].Name, plain
	s.local, s.within = true, -1
}

func (r *reader) countParameters(list int) int {
	n := 0
	if list < 0 {
		return 0
	}
	for child := range r.tree.Children(list) {
		switch r.tree.Kind(child) {
		case kindSimpleParameter, kindVariadicParameter, kindPropertyPromotionParameter:
			n++
		default:
		}
	}
	return n
}

func (r *reader) signature(parameters, result int) string {
	if parameters < 0 {
		return ""
	}
	text := bytes.Clone(r.clipped(parameters))
	if result >= 0 {
		text = append(append(text, ": "...), r.clipped(result)...)
	}
	return language.Flat(text, language.MaxSignature)
}

// clipped is the text of a node as far as a signature can hold it.
func (r *reader) clipped(i int) []byte {
	text := r.tree.Text(i)
	return text[:min(len(text), 8*language.MaxSignature)]
}

func (r *reader) isPublic(i int) bool {
	modifier := r.tree.ChildOfKind(i, kindVisibilityModifier)
	return modifier < 0 || bytes.HasPrefix(r.tree.Text(modifier), []byte("public"))
}

// isTest follows PHPUnit: test…, #[Test] and @test in a class of tests.
func (r *reader) isTest(i int, name string) bool {
	if !r.scope.testCase || !r.isPublic(i) {
		return false
	}
	if strings.HasPrefix(name, "test") {
		return true
	}
	if list := r.tree.Child(i, fieldAttributes); list >= 0 {
		for word := range strings.FieldsFuncSeq(string(r.tree.Text(list)), func(c rune) bool { return strings.ContainsRune("#[](), \n\t\\", c) }) {
			if word == "Test" {
				return true
			}
		}
	}
	return r.comment >= 0 && r.docEnds(r.line(i)) && bytes.Contains(r.tree.Text(r.comment), []byte("@test"))
}

// declareFields declares the properties or constants of a declaration.
func (r *reader) declareFields(i int, kind treesitter.Kind) {
	declared, element := language.KindConstant, kindConstElement
	if kind == kindPropertyDeclaration {
		declared, element = language.KindField, kindPropertyElement
	}
	exported, written := r.isPublic(i), r.tree.Child(i, fieldType)
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != element {
			continue
		}
		at := r.declare(child, declared, r.short(child+1), exported)
		if at < 0 {
			continue
		}
		d := &r.facts.Declares[at]
		if d.Doc == "" {
			d.Doc = r.docAbove(r.line(i))
		}
		if written >= 0 {
			d.Signature = language.Flat(r.clipped(written), language.MaxSignature)
		}
		d.Signature = r.withValue(child, d.Signature)
		r.annotations(i, at, noFunction, "")
	}
}

// withValue adds = "text" to a signature when that is the value of a property or
// constant; a long one is cut.
func (r *reader) withValue(element int, signature string) string {
	value := -1
	for child := range r.tree.Children(element) {
		if r.tree.Kind(child) != kindComment {
			value = child
		}
	}
	text := r.literal(value)
	if value >= 0 && (r.tree.Kind(value) == kindString || r.tree.Kind(value) == kindEncapsedString) {
		text = r.stringText(value)
	}
	if text == "" {
		return signature
	}
	text = language.Flat([]byte(text), language.MaxSignature)
	return language.Clip([]byte(strings.TrimLeft(signature+` = "`+text+`"`, " ")), language.MaxSignature)
}

// declarePromoted declares the parameters of a constructor that are properties.
func (r *reader) declarePromoted(parameters int) {
	for i := range r.tree.Children(parameters) {
		name := r.tree.Child(i, fieldName)
		if r.tree.Kind(i) != kindPropertyPromotionParameter || name < 0 {
			continue
		}
		at := r.declare(i, language.KindField, bytes.TrimPrefix(r.short(name), []byte("&")), r.isPublic(i))
		if at < 0 {
			continue
		}
		d := &r.facts.Declares[at]
		d.Doc = "" // what stands above is the constructor's
		if written := r.tree.Child(i, fieldType); written >= 0 {
			d.Signature = language.Flat(r.clipped(written), language.MaxSignature)
		}
	}
}

func (r *reader) declareCase(i int) {
	if name := r.tree.Child(i, fieldName); name >= 0 {
		r.annotations(i, r.declare(i, language.KindField, r.short(name), true), noFunction, "")
	}
}

// openClosure opens a function without a name: its body counts into the
// function around it, but for that of a test.
func (r *reader) openClosure(i int) {
	if r.tree.ParentKind(i) == kindArgument {
		if call := r.tree.Parent(r.tree.Parent(r.tree.Parent(i))); r.tree.Kind(call) == kindFunctionCallExpression && r.openPest(i, call) {
			return
		}
	}
	s := r.push(i)
	s.local = true
	if s.function != noFunction {
		s.nesting++
	}
}

// tests of Pest declare a test by a title and a function, suites a group.
var (
	tests  = map[string]bool{"it": true, "test": true, "arch": true}
	suites = map[string]bool{"describe": true}
)

// maxTitle bounds the title of a test, in bytes.
const maxTitle = 200

// openPest opens the body of a test or of a suite of Pest.
func (r *reader) openPest(closure, call int) bool {
	function := r.tree.Child(call, fieldFunction)
	if function < 0 || r.tree.Kind(function) != kindName || r.scope.function != noFunction || !r.likely {
		return false
	}
	word := r.short(function)
	list := r.tree.Child(call, fieldArguments)
	if !tests[string(word)] && !suites[string(word)] || list < 0 {
		return false
	}
	title := language.Flat([]byte(r.literal(r.value(list+1))), maxTitle)
	if title == "" {
		return false
	}
	if r.scope.titles != "" {
		title = language.Clip([]byte(r.scope.titles+" > "+title), 2*maxTitle)
	}
	if suites[string(word)] {
		s := r.push(closure)
		s.titles, s.local = title, true
		return true
	}
	function = len(r.facts.Functions)
	r.addFunction(call, title, r.tree.Child(closure, fieldParameters), false, true)
	r.openBody(closure, function, "")
	return true
}
