package ruby

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// declare notes a name that the node declares and returns its index in
// facts.Declares, -1 when it is local to a method or a suite of tests.
func (r *reader) declare(i int, kind language.Kind, owner, name string, exported bool) int {
	if r.scope.function != noFunction || r.scope.suite {
		r.names.Bind([]byte(name))
		return -1
	}
	if name == "" {
		return -1
	}
	node := &r.tree.Nodes[i]
	r.facts.Declares = append(r.facts.Declares, language.Declaration{
		Name: name, Kind: kind, Line: int(node.Line), EndLine: int(node.EndLine), Exported: exported, Owner: owner, Doc: r.docAbove(int(node.Line)),
	})
	r.names.Declare([]byte(name))
	return len(r.facts.Declares) - 1
}

// dots returns a constant's path with dots, without a leading one.
func dots(path []byte) string {
	text := strings.Join(strings.Fields(string(path)), "")
	return strings.ReplaceAll(strings.TrimPrefix(text, "::"), "::", ".")
}

func (r *reader) openType(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.short(name)) == 0 {
		return
	}
	declared := language.KindType
	if kind == kindModule {
		declared = language.KindModule
	}
	at := r.addType(i, declared, dots(r.tree.Text(name)))
	super := r.tree.Child(i, fieldSuperclass)
	if base := r.baseName(super + 1); super >= 0 && base != "" {
		r.addBase(at, base)
		r.scope.testCase = r.isTestCase(base)
		r.facts.Test = r.facts.Test || r.scope.testCase
	}
}

// addType declares a class or module by its path and makes it the scope of
// what is below node i.
func (r *reader) addType(i int, kind language.Kind, dotted string) int {
	outer := r.scope
	owner, plain := outer.name, dotted
	if dot := strings.LastIndexByte(dotted, '.'); dot >= 0 {
		owner, plain = language.Qualify(outer.name, dotted[:dot]), dotted[dot+1:]
	}
	at := r.declare(i, kind, owner, plain, outer.exported)
	if at >= 0 {
		r.members[language.Qualify(owner, plain)] = member{declaration: at, function: -1}
		if doc := r.facts.Declares[at].Doc; r.facts.Doc == "" {
			r.facts.Doc = doc
		}
	}
	s := r.push(i)
	s.kind, s.function, s.owner = scopeType, noFunction, at
	s.name, s.plain = language.Qualify(outer.name, dotted), plain
	s.hidden, s.own, s.testCase, s.nesting, s.within = false, false, false, 0, -1
	s.variables, s.safe = map[string]bool{}, map[string]bool{}
	return at
}

// baseName returns what a class extends: a constant, that of Base[7.0], or what
// Struct.new is called on.
func (r *reader) baseName(i int) string {
	if i <= 0 || i >= len(r.tree.Nodes) {
		return ""
	}
	switch r.tree.Kind(i) {
	case kindConstant, kindScopeResolution:
	case kindElementReference:
		return r.baseName(i + 1)
	case kindCall:
		return r.baseName(r.tree.Child(i, fieldReceiver))
	default:
		return ""
	}
	return strings.Join(strings.Fields(string(r.short(i))), "")
}

// maxBases bounds what one type extends and includes.
const maxBases = 50

func (r *reader) addBase(declaration int, base string) {
	if declaration < 0 || base == "" {
		return
	}
	if d := &r.facts.Declares[declaration]; len(d.Bases) < maxBases {
		d.Bases = append(d.Bases, base)
	}
}

// isTestCase follows Minitest, test-unit and Rails.
func (r *reader) isTestCase(base string) bool {
	switch base {
	case "Minitest::Test", "MiniTest::Test", "Minitest::Spec", "ActionDispatch::IntegrationTest":
		return true
	}
	return strings.HasSuffix(base, "TestCase") || r.likely && strings.HasSuffix(base, "Test")
}

// member is where the facts of a name in a type are.
type member struct{ declaration, function int }

func (r *reader) openMethod(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.short(name)) == 0 {
		return
	}
	plain := string(r.tree.Text(name))
	exported := r.scope.exported && !r.scope.suite && r.scope.function == noFunction && !r.isHidden(i, kind)
	declared := language.KindFunction
	if r.scope.kind == scopeType {
		declared = language.KindMethod
	}
	parameters := r.tree.Child(i, fieldParameters)
	at := r.declare(i, declared, r.scope.name, plain, exported)
	if at >= 0 && parameters >= 0 {
		r.facts.Declares[at].Signature = language.Flat(r.tree.Text(parameters), language.MaxSignature)
	}
	test := r.scope.testCase && strings.HasPrefix(plain, "test_")
	r.members[language.Qualify(r.scope.name, plain)] = member{declaration: at, function: len(r.facts.Functions)}
	r.openFunction(i, i, language.Qualify(r.scope.name, plain), plain, parameters, exported, test)
}

// openFunction adds the function that a whole node declares and makes it the
// scope of what is below a node. Parameters is the node of their list, -1.
func (r *reader) openFunction(whole, below int, name, plain string, parameters int, exported, test bool) {
	r.takes = append(r.takes, parameters)
	node := &r.tree.Nodes[whole]
	nesting := 0
	if r.scope.function != noFunction {
		nesting = r.scope.nesting + 1
	}
	r.facts.Functions = append(r.facts.Functions, language.Function{
		Name: name, Line: int(node.Line), EndLine: int(node.EndLine), Exported: exported, Test: test, Parameters: r.count(parameters),
		Complexity: language.Complexity{Cyclomatic: 1},
	})
	s := r.push(below)
	s.kind, s.function = scopeFunction, len(r.facts.Functions)-1
	s.name, s.plain, s.nesting, s.within, s.counted = name, plain, nesting, -1, true
	s.variables, s.safe = map[string]bool{}, map[string]bool{}
}

// isHidden reports whether a method is private or protected where it stands.
func (r *reader) isHidden(i int, kind treesitter.Kind) bool {
	if i > 0 && r.tree.ParentKind(i) == kindArgumentList {
		if call := r.tree.Parent(r.tree.Parent(i)); r.tree.Kind(call) == kindCall {
			switch r.methodName(call) {
			case wordPrivate, wordProtected, wordPrivateMethod:
				return true
			case wordPublic:
				return false
			}
		}
	}
	return kind == kindMethod && r.scope.hidden
}

// count returns how many named nodes but comments are directly below node i.
func (r *reader) count(i int) int {
	n := 0
	if i < 0 {
		return 0
	}
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != kindComment {
			n++
		}
	}
	return n
}

// The words that set who may call what.
const (
	wordPrivate       = "private"
	wordProtected     = "protected"
	wordPublic        = "public"
	wordPrivateMethod = "private_class_method"
)

// visibility reads private and its like without arguments.
func (r *reader) visibility(word string) {
	if r.scope.function != noFunction {
		return
	}
	switch word {
	case wordPrivate, wordProtected:
		r.scope.hidden = true
	case wordPublic, "module_function":
		r.scope.hidden = false
	}
}

// setExported reads private :a, :b and its like: the names have been declared.
func (r *reader) setExported(list int, exported bool) {
	for name := range r.literals(list) {
		m, ok := r.members[language.Qualify(r.scope.name, name)]
		if !ok {
			continue
		}
		if m.declaration >= 0 {
			r.facts.Declares[m.declaration].Exported = exported
		}
		if m.function >= 0 && m.function < len(r.facts.Functions) {
			r.facts.Functions[m.function].Exported = exported
		}
	}
}

// declareFields declares the attributes that the literals of a list name.
func (r *reader) declareFields(list int, exported bool) {
	for name, node := range r.literals(list) {
		owner := r.scope.name
		if at := r.declare(node, language.KindField, owner, name, exported && r.scope.exported); at >= 0 {
			r.members[language.Qualify(owner, name)] = member{declaration: at, function: -1}
		}
	}
}

// assign reads an assignment: a variable, a constant, or a class that Struct,
// Class, Module or Data make.
func (r *reader) assign(i int) {
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if left < 0 || right < 0 {
		return
	}
	if r.tree.Kind(right) == kindCall && r.tree.Kind(left) != kindCall {
		r.results[right] = string(r.short(left))
	}
	if r.tree.Kind(left) != kindConstant || r.scope.function != noFunction {
		r.assigned(left)
		return
	}
	plain := string(r.short(left))
	if kind := r.madeType(right); kind != 0 {
		at := r.addType(i, kind, plain)
		r.describeMade(right, at)
		return
	}
	qualified := language.Qualify(r.scope.name, plain)
	if r.constants[qualified] {
		return
	}
	r.constants[qualified] = true
	if at := r.declare(i, language.KindConstant, r.scope.name, plain, r.scope.exported); at >= 0 {
		r.members[qualified] = member{declaration: at, function: -1}
	}
}

// madeType tells whether a call makes a class or module, 0 for neither.
func (r *reader) madeType(call int) language.Kind {
	if r.tree.Kind(call) != kindCall {
		return 0
	}
	receiver := r.tree.Child(call, fieldReceiver)
	if receiver < 0 || r.tree.Kind(receiver) != kindConstant {
		return 0
	}
	switch string(r.short(receiver)) + "." + r.methodName(call) {
	case "Struct.new", "Class.new", "Data.define":
		return language.KindType
	case "Module.new":
		return language.KindModule
	}
	return 0
}

// describeMade adds what a call that makes a type hands over: fields, a base.
func (r *reader) describeMade(call, declaration int) {
	list := r.tree.Child(call, fieldArguments)
	if list < 0 {
		return
	}
	if string(r.short(r.tree.Child(call, fieldReceiver))) == "Class" {
		r.addBase(declaration, r.baseName(list+1))
		return
	}
	r.declareFields(list, true)
}

// assigned binds the variables on the left of an assignment.
func (r *reader) assigned(left int) {
	if left < 0 || r.tree.Kind(left) != kindIdentifier {
		return // those of a list are bound one by one
	}
	r.bind(left)
}

func (r *reader) bind(i int) {
	text := r.tree.Text(i)
	if len(text) == 0 {
		return
	}
	if len(text) <= maxName {
		r.scope.variables[string(text)] = true
		delete(r.scope.safe, string(text))
	}
	r.names.Bind(text)
}

// maxName bounds names that are remembered, in bytes.
const maxName = 200

// alias declares the new name of a method.
func (r *reader) alias(i int) {
	name := -1
	for child := range r.tree.Children(i) {
		name = child
		break
	}
	if name < 0 || r.scope.kind != scopeType || r.tree.Kind(name) == kindGlobalVariable {
		return
	}
	plain := string(bytes.TrimPrefix(r.short(name), []byte(":")))
	r.declare(i, language.KindMethod, r.scope.name, plain, r.scope.exported && !r.scope.hidden)
}

// packageName returns the modules around everything that the file declares.
func (r *reader) packageName() string {
	byOwner := map[string][]int{}
	for i := range r.facts.Declares {
		d := &r.facts.Declares[i]
		byOwner[d.Owner] = append(byOwner[d.Owner], i)
	}
	path, owner := []string{}, ""
	for len(path) < 30 {
		only := ""
		for _, i := range byOwner[owner] {
			d := &r.facts.Declares[i]
			if d.Kind != language.KindModule || only != "" && only != d.Name {
				return r.joined(path)
			}
			only = d.Name
		}
		next := language.Qualify(owner, only)
		if only == "" || !r.holdsTypes(byOwner[next]) {
			return r.joined(path)
		}
		path, owner = append(path, only), next
	}
	return r.joined(path)
}

func (r *reader) joined(path []string) string {
	return strings.ToValidUTF8(strings.Join(path, "::"), "")
}

// holdsTypes reports whether a module is there for the types in it.
func (r *reader) holdsTypes(members []int) bool {
	types := 0
	for _, i := range members {
		switch r.facts.Declares[i].Kind {
		case language.KindType, language.KindModule:
			types++
		case language.KindConstant:
		default:
			return false
		}
	}
	return types > 0
}
