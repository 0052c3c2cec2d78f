package kotlin

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// modifiers are those of a declaration that the facts depend on.
type modifiers struct {
	hidden   bool // private or internal
	constant bool
	test     bool // an annotation makes it a test
}

// testAnnotations mark tests in JUnit 4 and 5, TestNG and kotlin.test.
var testAnnotations = set(`Test ParameterizedTest RepeatedTest TestFactory TestTemplate Theory`)

// testSpecs are the classes of Kotest whose subclasses hold tests as lambdas.
var testSpecs = set(`FunSpec StringSpec BehaviorSpec DescribeSpec ShouldSpec FreeSpec WordSpec FeatureSpec ExpectSpec AnnotationSpec`)

func (r *reader) modifiers(i int) modifiers {
	var m modifiers
	list := r.tree.ChildOfKind(i, kindModifiers)
	if list < 0 {
		return m
	}
	for child := range r.tree.Children(list) {
		switch r.tree.Kind(child) {
		case kindVisibility:
			text := string(r.tree.Text(child))
			m.hidden = m.hidden || text == "private" || text == "internal"
		case kindPropertyModifier:
			m.constant = true
		case kindAnnotation:
			for at := range r.tree.Children(child) {
				if t := r.typeOf(at); t >= 0 {
					m.test = m.test || testAnnotations[string(r.plainName(t))]
				}
			}
		default:
		}
	}
	return m
}

func (r *reader) exports(m modifiers) bool { return r.scope.exported && !r.scope.local && !m.hidden }

// declare adds a declaration that annotations and a comment above can belong to.
func (r *reader) declare(i int, kind language.Kind, at int, exported bool, signature string) *language.Declaration {
	name := r.nameText(at)
	if r.scope.local || len(name) == 0 {
		if len(name) > 0 {
			r.names.Bind(name)
		}
		return &language.Declaration{}
	}
	node := &r.tree.Nodes[i]
	r.facts.Declares = append(r.facts.Declares, language.Declaration{
		Name: string(name), Kind: kind, Line: int(node.Line), EndLine: int(node.EndLine), Exported: exported,
		Owner: r.scope.owner, Doc: r.doc(i), Signature: signature,
	})
	r.names.Declare(name)
	r.declared = marked{i, len(r.facts.Declares) - 1}
	return &r.facts.Declares[len(r.facts.Declares)-1]
}

// nameText returns an identifier without backticks, nil for none.
func (r *reader) nameText(at int) []byte {
	if at < 0 {
		return nil
	}
	return bytes.Trim(r.tree.Text(at), "`")
}

func isType(kind treesitter.Kind) bool {
	return kind == kindUserType || kind == kindNullableType || kind == kindFunctionType || kind == kindParenthesizedType
}

// typeAfter returns the first type below node i that stands after another node of
// it, or -1.
func (r *reader) typeAfter(i, after int) int {
	for child := range r.tree.Children(i) {
		if child > after && isType(r.tree.Kind(child)) {
			return child
		}
	}
	return -1
}

// openType declares a class, interface, object or companion.
func (r *reader) openType(i int, kind treesitter.Kind) {
	name := r.tree.Child(i, fieldName)
	m := r.modifiers(i)
	exported := r.exports(m)
	declared := language.KindType
	if kind == kindClass && r.tree.ChildOfKind(i, kindInterface) >= 0 {
		declared = language.KindInterface
	}
	plain := "Companion"
	if name >= 0 {
		plain = string(r.nameText(name))
		d := r.declare(i, declared, name, exported, "")
		d.Bases = r.bases(i)
		r.facts.Test = r.facts.Test || isSpec(d.Bases)
		if r.facts.Doc == "" {
			r.facts.Doc = r.longDoc(i)
		}
	} else if kind != kindCompanion {
		return
	}
	r.pushType(i, plain, exported)
	if parameters := r.classParameters(i); parameters >= 0 {
		r.declareParameters(parameters)
	}
}

func isSpec(bases []string) bool {
	for _, b := range bases {
		if testSpecs[b[strings.LastIndexByte(b, '.')+1:]] {
			return true
		}
	}
	return false
}

// pushType makes a type the scope below node i.
func (r *reader) pushType(i int, plain string, exported bool) {
	outer := r.scope
	s := r.push(i)
	s.plain = plain
	if outer.local {
		s.nesting++
		s.name = language.Qualify(outer.name, plain)
	} else {
		s.nesting = 0
		s.function = noFunction
		s.name = language.Qualify(outer.owner, plain)
	}
	s.owner, s.exported, s.inType = s.name, exported, true
}

func (r *reader) classParameters(class int) int {
	at := r.tree.ChildOfKind(class, kindPrimaryConstructor)
	if at < 0 {
		return -1
	}
	return r.tree.ChildOfKind(at, kindClassParameters)
}

// declareParameters declares the parameters of a class that are properties, and
// binds the others.
func (r *reader) declareParameters(list int) {
	of := r.declared
	for child := range r.tree.Children(list) {
		name := r.tree.ChildOfKind(child, kindIdentifier)
		if r.tree.Kind(child) != kindClassParameter || name < 0 {
			continue
		}
		if r.tree.ChildOfKind(child, kindVal) < 0 && r.tree.ChildOfKind(child, kindVar) < 0 {
			r.names.Bind(r.nameText(name))
			continue
		}
		before := len(r.facts.Declares)
		r.declare(child, language.KindField, name, r.exports(r.modifiers(child)), r.typeText(child, name))
		if len(r.facts.Declares) > before {
			r.fields[child] = before
		}
	}
	r.declared = of
}

// typeText is the type of a field or parameter, on one line.
func (r *reader) typeText(i, name int) string {
	if t := r.typeAfter(i, name); t >= 0 {
		return language.Flat(r.tree.Text(t), language.MaxSignature)
	}
	return ""
}

// bases are the types behind the colon, without type arguments.
func (r *reader) bases(i int) []string {
	list := r.tree.ChildOfKind(i, kindDelegations)
	if list < 0 {
		return nil
	}
	var out []string
	for child := range r.tree.Children(list) {
		for at := range r.tree.Children(child) {
			if t := r.typeOf(at); t >= 0 {
				if name := r.dotted(t); name != nil {
					out = append(out, string(name))
				}
			}
		}
	}
	return out
}

// typeOf returns the type that node i is, calls the constructor of, or hands on
// to another object; -1 when it is something else.
func (r *reader) typeOf(i int) int {
	switch r.tree.Kind(i) {
	case kindUserType:
		return i
	case kindConstructorInvocation, kindExplicitDelegation:
		return r.tree.ChildOfKind(i, kindUserType)
	default:
		return -1
	}
}

func (r *reader) declareAlias(i int) {
	if name := r.tree.Child(i, fieldType); name >= 0 {
		r.declare(i, language.KindType, name, r.exports(r.modifiers(i)), r.typeText(i, name))
	}
}

// openEntry declares an entry of an enum and names its body.
func (r *reader) openEntry(i int) {
	name := r.tree.ChildOfKind(i, kindIdentifier)
	if name < 0 {
		return
	}
	r.declare(i, language.KindField, name, r.scope.exported && !r.scope.local, "")
	if r.tree.ChildOfKind(i, kindClassBody) >= 0 {
		r.pushType(i, string(r.nameText(name)), false)
	}
}

// openLiteral gives a name to an object expression. Its members stand alone.
func (r *reader) openLiteral(i int) {
	outer := r.scope
	r.anonymous[outer.name]++
	s := r.push(i)
	s.plain = "$" + strconv.Itoa(r.anonymous[outer.name])
	s.name = language.Qualify(outer.name, s.plain)
	s.owner, s.exported, s.local, s.inType = s.name, false, true, true
	s.nesting++
}

// openProperty declares a property and names its accessors.
func (r *reader) openProperty(i int) {
	m := r.modifiers(i)
	kind := language.KindVariable
	switch {
	case m.constant:
		kind = language.KindConstant
	case r.scope.owner != "":
		kind = language.KindField
	}
	variable := r.tree.ChildOfKind(i, kindVariable)
	if variable < 0 {
		return // val (a, b) = …
	}
	name := r.tree.ChildOfKind(variable, kindIdentifier)
	if name < 0 {
		return
	}
	exported := r.exports(m)
	r.declare(i, kind, name, exported, r.withValue(i, m, r.typeText(variable, name)))
	if r.tree.ChildOfKind(i, kindGetter) < 0 && r.tree.ChildOfKind(i, kindSetter) < 0 {
		return
	}
	outer := r.scope
	s := r.push(i)
	s.plain = string(r.nameText(name))
	s.name = language.Qualify(outer.name, s.plain)
	s.exported = exported
}

// withValue puts the text that a constant holds behind its type.
func (r *reader) withValue(i int, m modifiers, signature string) string {
	for child := range r.tree.Children(i) {
		if m.constant && (r.tree.Kind(child) == kindString || r.tree.Kind(child) == kindBinary) {
			return language.Flat(append([]byte(signature+" = "), r.tree.Text(child)...), language.MaxSignature)
		}
	}
	return signature
}

func (r *reader) openAccessor(i int, kind treesitter.Kind) {
	if r.tree.ChildOfKind(i, kindFunctionBody) < 0 {
		return
	}
	plain, parameters := "get", 0
	if kind == kindSetter {
		plain, parameters = "set", 1
	}
	r.addFunction(i, plain, parameters, r.scope.exported && !r.modifiers(i).hidden)
}

// receiver is the type that an extension stands on, -1 for none.
func (r *reader) receiver(i, name int) int {
	for child := range r.tree.Children(i) {
		if child >= name {
			break
		}
		if isType(r.tree.Kind(child)) {
			return child
		}
	}
	return -1
}

// signature is what a function takes and gives: "(id: Int): User", with the type
// before it that it extends.
func (r *reader) signature(i, name int) string {
	var text []byte
	if name >= 0 {
		if t := r.receiver(i, name); t >= 0 {
			text = append(append(text, r.tree.Text(t)...), '.')
		}
	}
	list := r.tree.ChildOfKind(i, kindParameters)
	if list < 0 {
		return ""
	}
	text = append(text, r.tree.Text(list)...)
	if t := r.typeAfter(i, list); t >= 0 {
		text = append(append(text, ": "...), r.tree.Text(t)...)
	}
	return language.Flat(text, language.MaxSignature)
}

// openFunction declares a function, and adds it when it has a body.
func (r *reader) openFunction(i int, kind treesitter.Kind) {
	m := r.modifiers(i)
	exported := r.exports(m)
	plain, written := "<init>", "<init>"
	body := r.tree.ChildOfKind(i, kindBlock)
	switch kind {
	case kindSecondaryConstructor:
		plain = r.scope.plain
		written = plain
	case kindFunction:
		name := r.tree.Child(i, fieldName)
		if name < 0 {
			return
		}
		written = string(r.nameText(name))
		plain = written
		if t := r.receiver(i, name); t >= 0 && r.scope.owner == "" {
			plain = string(r.plainName(t)) + "." + written
		}
		declared := language.KindMethod
		if r.scope.owner == "" {
			declared = language.KindFunction
		}
		r.declare(i, declared, name, exported, r.signature(i, name))
		body = r.tree.ChildOfKind(i, kindFunctionBody)
		r.facts.Main = r.facts.Main || written == "main" && !m.hidden && !r.scope.local && r.takesArguments(i)
	default:
		exported = false
	}
	if body < 0 || plain == "" {
		return
	}
	isLocal := r.scope.local && !r.scope.inType
	r.addFunction(i, plain, r.countParameters(i), exported)
	f := &r.facts.Functions[r.scope.function]
	f.Test = kind == kindFunction && m.test
	r.scope.plain = written
	if isLocal {
		r.scope.nesting++
	}
}

// takesArguments reports whether a function takes what main can: nothing, or an
// array of strings.
func (r *reader) takesArguments(i int) bool {
	list := r.tree.ChildOfKind(i, kindParameters)
	if list < 0 {
		return false
	}
	text := strings.Join(strings.Fields(string(r.tree.Text(list))), "")
	return text == "()" || strings.HasSuffix(text, ":Array<String>)") || strings.HasPrefix(text, "(vararg") && strings.HasSuffix(text, ":String)")
}

func (r *reader) countParameters(i int) int {
	list := r.tree.ChildOfKind(i, kindParameters)
	if list < 0 {
		return 0
	}
	n := 0
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindParameter {
			n++
		}
	}
	return n
}

// addFunction adds a function and makes it the scope below node i.
func (r *reader) addFunction(i int, plain string, parameters int, exported bool) {
	node := &r.tree.Nodes[i]
	f := language.Function{
		Name: language.Qualify(r.scope.name, plain), Line: int(node.Line), EndLine: int(node.EndLine),
		Exported: exported, Parameters: parameters, Complexity: language.Complexity{Cyclomatic: 1},
	}
	r.facts.Functions = append(r.facts.Functions, f)
	r.takes = append(r.takes, i)
	r.method = marked{i, len(r.facts.Functions) - 1}

	s := r.push(i)
	s.function, s.name, s.plain, s.parameters = r.method.index, f.Name, plain, parameters
	s.exported, s.local, s.inType = false, true, false
}
