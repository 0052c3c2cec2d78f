package csharp

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// modifiers are those of a declaration that the facts depend on.
type modifiers struct {
	public, private, static, constant bool
	test                              bool // an attribute makes it a test
}

// testAttributes mark test methods in xUnit, NUnit and MSTest.
var testAttributes = set(`Fact Theory SkippableFact SkippableTheory Test TestCase TestCaseSource TestMethod DataTestMethod`)

func (r *reader) modifiers(i int) modifiers {
	var m modifiers
	for child := range r.tree.Children(i) {
		switch r.tree.Kind(child) {
		case kindModifier:
			switch string(r.tree.Text(child)) {
			case "public", "protected":
				m.public = true
			case "private":
				m.private = true
			case "static":
				m.static = true
			case "const":
				m.constant = true
			}
		case kindAttributeList:
			m.test = m.test || r.marksTest(child)
		default:
		}
	}
	return m
}

func (r *reader) marksTest(list int) bool {
	for child := range r.tree.Children(list) {
		if name := r.tree.Child(child, fieldName); r.tree.Kind(child) == kindAttribute && name >= 0 {
			plain := bytes.TrimSuffix(r.plainName(name), []byte("Attribute"))
			if testAttributes[string(plain)] {
				return true
			}
		}
	}
	return false
}

// exports reports whether a member with these modifiers can be reached from
// other assemblies. Private protected is not.
func (r *reader) exports(m modifiers, isType bool) bool {
	if r.scope.local || !r.scope.exported || m.private {
		return false
	}
	return m.public || r.scope.open && !isType
}

// declare adds a declaration that attributes and a comment above can belong to.
func (r *reader) declare(i int, kind language.Kind, name []byte, exported bool, signature string) *language.Declaration {
	name = bytes.TrimPrefix(name, []byte("@"))
	if len(name) == 0 {
		return &language.Declaration{}
	}
	node := &r.tree.Nodes[i]
	r.facts.Declares = append(r.facts.Declares, language.Declaration{
		Name: string(name), Kind: kind, Line: int(node.Line), EndLine: int(node.EndLine), Exported: exported,
		Owner: r.scope.owner, Doc: r.doc(i), Signature: signature,
	})
	r.names.Declare(name)
	return &r.facts.Declares[len(r.facts.Declares)-1]
}

// mark remembers that the last declaration was made of node i.
func (r *reader) mark(i int) { r.declared = marked{i, len(r.facts.Declares) - 1} }

// declareNamed declares what has a name field.
func (r *reader) declareNamed(i int, kind language.Kind, exported bool) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) {
		return
	}
	r.declare(i, kind, r.tree.Text(name), exported, r.signature(i))
	r.mark(i)
}

// isMissing reports whether the parser made up an identifier.
func (r *reader) isMissing(i int) bool { return r.tree.Nodes[i].Start == r.tree.Nodes[i].End }

// signature is what a member takes and gives: "(int id): Task<User>", or the type
// of a field.
func (r *reader) signature(i int) string {
	result := r.tree.Child(i, fieldReturns)
	if result < 0 {
		result = r.tree.Child(i, fieldType)
	}
	var text []byte
	if list := r.tree.Child(i, fieldParameters); list >= 0 {
		text = append(text, r.tree.Text(list)...)
	}
	if result >= 0 {
		if len(text) > 0 {
			text = append(text, ": "...)
		}
		text = append(text, r.tree.Text(result)...)
	}
	return language.Flat(text, language.MaxSignature)
}

// declareFields declares the variables of a field or of an event without
// accessors.
func (r *reader) declareFields(i int) {
	m := r.modifiers(i)
	kind := language.KindField
	if m.constant {
		kind = language.KindConstant
	}
	list := r.tree.ChildOfKind(i, kindVariables)
	if list < 0 {
		return
	}
	first, signature := len(r.facts.Declares), r.signature(list)
	for child := range r.tree.Children(list) {
		if name := r.tree.Child(child, fieldName); r.tree.Kind(child) == kindVariable && name >= 0 && !r.isMissing(name) {
			doc := r.doc(i)
			r.declare(child, kind, r.tree.Text(name), r.exports(m, false), r.withValue(child, kind, signature)).Doc = doc
		}
	}
	if len(r.facts.Declares) > first {
		r.declared = marked{i, first}
	}
}

// withValue puts the text that a constant holds behind its type.
func (r *reader) withValue(variable int, kind language.Kind, signature string) string {
	last := -1
	for child := range r.tree.Children(variable) {
		last = child
	}
	if kind != language.KindConstant || last < 0 || r.tree.Kind(last) != kindString && r.tree.Kind(last) != kindBinary {
		return signature
	}
	return language.Flat(append([]byte(signature+" = "), r.tree.Text(last)...), language.MaxSignature)
}

// openNamespace declares every namespace after the first.
func (r *reader) openNamespace(i int, kind treesitter.Kind) {
	at := r.tree.Child(i, fieldName)
	if at < 0 {
		return
	}
	name := language.Qualify(r.scope.namespace, string(r.dotted(at)))
	if name == "" {
		return
	}
	switch r.facts.Package {
	case "":
		r.facts.Package = name
	case name:
	default:
		r.declare(i, language.KindModule, []byte(name), true, "")
	}
	if kind == kindNamespace {
		r.push(i).namespace = name
	}
}

func (r *reader) openType(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || r.isMissing(name) {
		return
	}
	m := r.modifiers(i)
	exported := r.exports(m, true)
	declared := language.KindType
	if kind == kindInterface {
		declared = language.KindInterface
	}
	d := r.declare(i, declared, r.tree.Text(name), exported, "")
	d.Bases = r.bases(i)
	if r.facts.Doc == "" {
		r.facts.Doc = r.longDoc(i)
	}
	r.mark(i)

	outer := r.scope
	s := r.push(i)
	s.function, s.nesting, s.local = noFunction, 0, false
	s.plain = string(r.tree.Text(name))
	s.name = language.Qualify(outer.owner, s.plain)
	s.owner = s.name
	s.exported, s.open = exported, declared == language.KindInterface
	if kind == kindRecord {
		r.declareComponents(i, exported)
	}
}

// declareComponents declares the parameters of a record, each of which is a
// public property.
func (r *reader) declareComponents(record int, exported bool) {
	list := r.tree.ChildOfKind(record, kindParameters)
	if list < 0 {
		return
	}
	for child := range r.tree.Children(list) {
		if name := r.tree.Child(child, fieldName); r.tree.Kind(child) == kindParameter && name >= 0 && !r.isMissing(name) {
			r.declare(child, language.KindField, r.tree.Text(name), exported, r.signature(child))
		}
	}
}

// bases are the types behind the colon, without type arguments.
func (r *reader) bases(i int) []string {
	list := r.tree.ChildOfKind(i, kindBaseList)
	if list < 0 {
		return nil
	}
	var out []string
	for child := range r.tree.Children(list) {
		at := child
		if r.tree.Kind(child) == kindPrimaryBase {
			at = r.tree.Child(child, fieldType)
		}
		if at < 0 || r.tree.Kind(at) == kindArguments {
			continue
		}
		if name := r.dotted(at); len(name) > 0 {
			out = append(out, string(name))
		}
	}
	return out
}

// openProperty declares a property, indexer or event with accessors.
func (r *reader) openProperty(i int, kind treesitter.Kind) {
	m := r.modifiers(i)
	exported := r.exports(m, false)
	name := []byte("this")
	if kind != kindIndexer {
		at := r.tree.Child(i, fieldName)
		if at < 0 || r.isMissing(at) {
			return
		}
		name = r.tree.Text(at)
		r.declare(i, language.KindField, name, exported, r.signature(i))
		r.mark(i)
	}
	outer := r.scope
	s := r.push(i)
	s.plain = string(name)
	s.name = language.Qualify(outer.name, string(r.explicit(i))+s.plain)
	s.exported, s.open = exported, exported
}

// explicit is the interface that a member implements by its name, with a dot.
func (r *reader) explicit(i int) []byte {
	at := r.tree.ChildOfKind(i, kindExplicitInterface)
	if at < 0 || int(r.tree.Nodes[at].Next) <= at+1 {
		return nil
	}
	return append(bytes.Clone(r.dotted(at+1)), '.')
}

// accessorName is the word of an accessor behind its attributes and modifiers.
func (r *reader) accessorName(i int) string {
	start := r.tree.Nodes[i].Start
	for child := range r.tree.Children(i) {
		if kind := r.tree.Kind(child); kind == kindAttributeList || kind == kindModifier {
			start = r.tree.Nodes[child].End
		}
	}
	text := bytes.TrimSpace(r.tree.Source[start:r.tree.Nodes[i].End])
	for _, name := range []string{"get", "set", "init", "add", "remove"} {
		if bytes.HasPrefix(text, []byte(name)) {
			return name
		}
	}
	return ""
}

func (r *reader) openAccessor(i int) {
	name := r.accessorName(i)
	if name == "" || r.tree.Child(i, fieldBody) < 0 {
		return
	}
	r.addFunction(i, i, name, 0)
	if r.modifiers(i).private {
		r.facts.Functions[r.scope.function].Exported = false
	}
}

// functionName returns the plain name of a function.
func (r *reader) functionName(i int, kind treesitter.Kind) string {
	at := r.tree.Child(i, fieldName)
	switch {
	case kind == kindOperator || kind == kindConversion:
		return r.operatorName(i, kind)
	case at < 0 || r.isMissing(at):
		return ""
	case kind == kindDestructor:
		return "~" + string(r.tree.Text(at))
	default:
		return string(bytes.TrimPrefix(r.tree.Text(at), []byte("@")))
	}
}

// operatorName is "operator +" or "implicit operator int": the text from there to
// the parameters.
func (r *reader) operatorName(i int, kind treesitter.Kind) string {
	list := r.tree.Child(i, fieldParameters)
	if list < 0 {
		return ""
	}
	start := r.tree.Nodes[i].Start
	for child := range r.tree.Children(i) {
		isResult := kind == kindOperator && r.tree.Nodes[child].Field == fieldType
		if kind := r.tree.Kind(child); isResult || kind == kindAttributeList || kind == kindModifier || kind == kindExplicitInterface {
			start = r.tree.Nodes[child].End
		}
	}
	return language.Flat(r.tree.Source[start:max(start, r.tree.Nodes[list].Start)], 80)
}

// openFunction adds a function that has a body and makes it the scope.
func (r *reader) openFunction(i int, kind treesitter.Kind) {
	plain := r.functionName(i, kind)
	if plain == "" {
		return
	}
	m := r.modifiers(i)
	exported := r.exports(m, false) && kind != kindDestructor
	if kind == kindLocalFunction {
		r.names.Bind([]byte(plain))
	} else {
		at := language.KindMethod
		r.declare(i, at, []byte(plain), exported, r.signature(i))
		r.mark(i)
	}
	if r.tree.Child(i, fieldBody) < 0 {
		return
	}
	r.facts.Main = r.facts.Main || kind == kindMethod && plain == "Main" && m.static && r.returnsFromMain(i)
	parameters := 0
	if list := r.tree.Child(i, fieldParameters); list >= 0 {
		parameters = r.countParameters(list)
	}
	isLocal := r.scope.local
	r.addFunction(i, i, string(r.explicit(i))+plain, parameters)
	f := &r.facts.Functions[r.scope.function]
	f.Exported, f.Test = exported, kind == kindMethod && m.test
	r.scope.plain = plain
	if kind == kindLocalFunction && isLocal {
		r.scope.nesting++
	}
}

// addFunction adds a function and makes it the scope below node i; it spans the
// lines of another node.
func (r *reader) addFunction(i, span int, plain string, parameters int) {
	node := &r.tree.Nodes[span]
	f := language.Function{
		Name: language.Qualify(r.scope.name, plain), Line: int(node.Line), EndLine: int(node.EndLine),
		Exported: r.scope.exported, Parameters: parameters, Complexity: language.Complexity{Cyclomatic: 1},
	}
	r.facts.Functions = append(r.facts.Functions, f)
	r.takes = append(r.takes, r.tree.Child(i, fieldParameters))
	r.method = marked{i, len(r.facts.Functions) - 1}

	s := r.push(i)
	s.function, s.name, s.plain, s.parameters = r.method.index, f.Name, plain, parameters
	s.exported, s.open, s.local = false, false, true
}

// countParameters counts those of a list, one with params among them.
func (r *reader) countParameters(list int) int {
	n := 0
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindParameter || r.tree.Nodes[child].Field == fieldName {
			n++
		}
	}
	return n
}

// returnsFromMain reports whether a method gives what Main can: nothing, a
// number, or a task of either.
func (r *reader) returnsFromMain(i int) bool {
	result := r.tree.Child(i, fieldReturns)
	if result < 0 {
		return false
	}
	switch string(r.plainName(result)) {
	case "void", "int", "Task":
		return true
	}
	return false
}
