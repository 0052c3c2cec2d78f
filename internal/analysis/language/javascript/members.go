package javascript

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// maxBetween bounds what may stand between a doc comment and what it is about,
// in bytes: decorators.
const maxBetween = 2_000

// docOf returns the first paragraph of the doc comment above node i.
func (r *reader) docOf(i int) string {
	if r.docComment == none {
		return ""
	}
	for range maxClimb {
		switch r.tree.ParentKind(i) {
		case kindExport, kindLexical, kindVariable, kindAmbient:
			if i > 0 {
				i = r.tree.Parent(i)
				continue
			}
		default:
		}
		break
	}
	start, end := r.node(r.docComment).End, r.node(i).Start
	if end < start || end-start > maxBetween {
		return ""
	}
	between := r.tree.Source[start:end]
	if rest := bytes.TrimSpace(between); len(rest) > 0 && rest[0] != '@' || bytes.Count(between[:len(between)-len(bytes.TrimLeft(between, " \t\n"))], []byte("\n")) > 1 {
		return ""
	}
	return language.Clip([]byte(r.commentText(r.docComment)), language.MaxDeclarationDoc)
}

// comment reads a comment for what is owed and why, and remembers one that may
// be about what follows.
func (r *reader) comment(i int) {
	node := r.node(i)
	r.remarks.Comment(r.tree.Source, int(node.Start), int(node.End), int(node.Line), int(node.EndLine))
	if bytes.HasPrefix(r.tree.Text(i), []byte("/**")) {
		r.docComment = i
	}
}

// flat returns source text on one line, without what cannot be shown.
func (r *reader) flat(start, end uint32) string {
	return clipControls(language.Flat(r.tree.Source[start:end], language.MaxSignature))
}

func clipControls(text string) string {
	if !bytes.ContainsFunc([]byte(text), isControl) {
		return text
	}
	return string(bytes.Map(printable, []byte(text)))
}

// typeOf returns the type annotation of node i, without its colon, and = "text"
// when that is its value.
func (r *reader) typeOf(i int) string {
	kind := r.annotationOf(i)
	if value := r.part(i, fieldValue); value >= 0 && len(kind) < maxValue {
		if text, ok := r.literal(value); ok && len(text) <= maxValue {
			return strings.TrimPrefix(kind+" = "+`"`+text+`"`, " ")
		}
	}
	return kind
}

// annotationOf returns the type annotation of node i, without its colon.
func (r *reader) annotationOf(i int) string {
	annotation := r.part(i, fieldType)
	if annotation < 0 || r.tree.Kind(annotation) != kindTypeAnnotation {
		return ""
	}
	return r.flat(min(r.node(annotation).Start+1, r.node(annotation).End), r.node(annotation).End)
}

// maxValue bounds a text that is told with the variable that holds it, in bytes.
const maxValue = 80

// signatureOf returns the parameters and result of a function, or the type of
// anything else. A variable that holds a function has the function's.
func (r *reader) signatureOf(i int) string {
	if value := r.part(i, fieldValue); value >= 0 && isFunction(r.tree.Kind(value)) {
		i = value
	}
	parameters := r.part(i, fieldParameters)
	if parameters < 0 {
		if parameters = r.part(i, fieldParameter); parameters < 0 {
			return r.typeOf(i)
		}
	}
	end := r.node(parameters).End
	if result := r.part(i, fieldReturn); result >= 0 {
		end = max(end, r.node(result).End)
	}
	return r.flat(r.node(parameters).Start, end)
}

// bases returns the names of what a class or interface extends and implements.
func (r *reader) bases(i int) []string {
	var names []string
	for child := range r.tree.Children(i) {
		switch r.tree.Kind(child) {
		case kindHeritage, kindExtendsTypes:
			names = r.baseNames(names, child)
		default:
		}
	}
	return names
}

func (r *reader) baseNames(names []string, clause int) []string {
	for child := range r.tree.Children(clause) {
		switch kind := r.tree.Kind(child); kind {
		case kindExtends, kindImplements:
			for base := range r.tree.Children(child) {
				names = r.addBase(names, base)
			}
		default:
			names = r.addBase(names, child)
		}
	}
	return names
}

// addBase adds the name of one base, without type arguments; a mixin's call has
// no name.
func (r *reader) addBase(names []string, i int) []string {
	if r.tree.Kind(i) == kindGenericType {
		i = r.part(i, fieldName)
	}
	if i < 0 || len(names) >= language.MaxArguments {
		return names
	}
	if name := r.dotted(i); name != nil {
		names = append(names, string(name))
	}
	return names
}

// declareField reads a field of a class or a property of an interface that
// stands directly in it.
func (r *reader) declareField(i, name int) {
	r.names.Declare(r.tree.Text(name))
	if k := r.tree.ParentKind(i); k == kindClassBody || k == kindInterfaceBody || k == kindObjectType && r.isAlias(r.tree.Parent(i)) {
		r.addDeclaration(i, r.text(name), language.KindField, r.memberLabel(i).link)
	}
}

// isAlias reports whether an object type is all that a type alias stands for.
func (r *reader) isAlias(i int) bool { return i > 0 && r.tree.ParentKind(i) == kindTypeAlias }

// declareParameter reads a parameter of a constructor that is a field too.
func (r *reader) declareParameter(i int) {
	list := r.tree.Parent(i)
	method := r.tree.Parent(list)
	name := r.part(i, fieldPattern)
	if r.scope.constructs == nil || r.tree.Kind(list) != kindParameters || r.tree.Kind(method) != kindMethod || name < 0 || r.tree.Kind(name) != kindIdentifier {
		return
	}
	modifier := r.tree.ChildOfKind(i, kindAccessibility)
	if modifier < 0 && r.tree.ChildOfKind(i, kindReadonly) < 0 {
		return
	}
	l := r.scope.constructs.link
	l.open = l.open && (modifier < 0 || string(r.tree.Text(modifier)) == "public")
	r.addMember(i, r.text(name), r.scope.constructs.name, l)
}

// declareThis reads this.name = … in the constructor of a class.
func (r *reader) declareThis(i int) {
	left := r.part(i, fieldLeft)
	if left < 0 || r.tree.Kind(left) != kindMember || r.scope.constructs == nil {
		return
	}
	object, name := r.part(left, fieldObject), r.part(left, fieldProperty)
	if object < 0 || name < 0 || r.tree.Kind(object) != kindThis {
		return
	}
	l := r.scope.constructs.link
	l.open = l.open && r.tree.Kind(name) == kindProperty
	r.addMember(i, r.text(name), r.scope.constructs.name, l)
}

// addMember declares a field once a class.
func (r *reader) addMember(i int, name, owner string, l link) {
	key := language.Qualify(owner, name)
	if r.fields[key] || name == "" {
		return
	}
	r.fields[key] = true
	r.names.Declare([]byte(name))
	r.declared = append(r.declared, declared{link: l, node: i, Declaration: language.Declaration{
		Name: name, Kind: language.KindField, Line: int(r.node(i).Line), EndLine: int(r.node(i).EndLine), Owner: owner, Signature: r.typeOf(i),
	}})
}

// declareEnumMembers reads the members of an enum.
func (r *reader) declareEnumMembers(i int, owner label) {
	body := r.part(i, fieldBody)
	if body < 0 || r.scope.local {
		return
	}
	for child := range r.tree.Children(body) {
		name := child
		if r.tree.Kind(child) == kindEnumAssignment {
			name = r.part(child, fieldName)
		}
		if name >= 0 && r.tree.Kind(name) == kindProperty {
			r.addMember(child, r.text(name), owner.name, owner.link)
		}
	}
}

// deeper settles the facts that are indices of each other. Functions are the
// places of units in the facts, declarations those of r.declared.
func (r *reader) deeper(functions []int32, declarations []int32) {
	f := r.facts
	var calls language.Calls
	for _, c := range r.made {
		calls.Add(c.receiver, c.name, int(functions[c.unit]), c.line, c.isNew)
	}
	f.Calls, f.Remarks = calls.List(), r.remarks.List()
	r.annotate(functions, declarations)
	f.Invocations = r.invocations.Finish(f.Annotations)
	for i := range f.Invocations {
		v := &f.Invocations[i]
		u := &r.units[v.Function]
		v.Function = functions[v.Function]
		v.Exported = v.Exported || v.Function < 0 && r.exports[v.Result]
		if v.Function >= 0 && f.Functions[v.Function].Takes == "" {
			f.Functions[v.Function].Takes = r.takes(u.parameters)
		}
	}
}

// decorator remembers a decorator; what it stands on is looked for at the end.
func (r *reader) decorator(i int) {
	if len(r.decorators) < language.MaxAnnotations {
		r.decorators = append(r.decorators, i)
	}
}

func (r *reader) annotate(functions, declarations []int32) {
	if len(r.decorators) == 0 {
		return
	}
	declared, units := map[int]int32{}, map[int]int32{}
	for at := range r.declared {
		declared[r.declared[at].node] = declarations[at]
	}
	for node, at := range r.overloads {
		declared[node] = declarations[at]
	}
	for at := range r.units {
		units[r.units[at].node] = functions[at]
	}
	units[0] = -1
	for _, i := range r.decorators {
		a, ok := r.annotation(i)
		if !ok {
			continue
		}
		target, parameter := r.decorated(i)
		a.Parameter = parameter
		if at, ok := declared[target]; ok {
			a.Declaration = at
		}
		if at, ok := units[target]; ok {
			a.Function = at
		}
		r.facts.Annotations = append(r.facts.Annotations, a)
	}
}

func (r *reader) annotation(i int) (language.Annotation, bool) {
	a := language.Annotation{Line: int32(r.node(i).Line), Declaration: -1, Function: -1} //nolint:gosec // of one file
	at := none
	for child := range r.tree.Children(i) {
		if k := r.tree.Kind(child); k == kindIdentifier || k == kindMember || k == kindCall {
			at = child
		}
	}
	if at >= 0 && r.tree.Kind(at) == kindCall {
		if list := r.part(at, fieldArguments); list >= 0 {
			a.Args = r.arguments(list, 0)
		}
		at = r.part(at, fieldFunction)
	}
	if at < 0 {
		return a, false
	}
	a.Name = string(r.dotted(at))
	return a, a.Name != ""
}

// decorated returns the node that a decorator stands on, and the name of the
// parameter when it is one of its parameters.
func (r *reader) decorated(i int) (target int, parameter string) {
	parent := r.tree.Parent(i)
	switch r.tree.Kind(parent) {
	case kindClassBody:
		return r.nextSibling(i), ""
	case kindExport:
		return r.part(parent, fieldDeclaration), ""
	case kindRequiredParameter, kindOptionalParameter:
		if pattern := r.part(parent, fieldPattern); pattern >= 0 {
			parameter = language.Flat(r.tree.Text(pattern), maxReceiver)
		}
		return r.tree.Parent(r.tree.Parent(parent)), parameter
	default:
		return parent, ""
	}
}

// nextSibling returns the first node after decorator i that is no decorator.
func (r *reader) nextSibling(i int) int {
	end := int(r.node(r.tree.Parent(i)).Next)
	for i < end && (r.tree.Kind(i) == kindDecorator || r.tree.Kind(i) == kindComment) {
		i = int(r.node(i).Next)
	}
	if i >= end {
		return none
	}
	return i
}

// addExport notes a name that others import under another name.
func (r *reader) addExport(name, local string) {
	if name != "" && local != "" && name != local && len(r.facts.Exports) < language.MaxReferences {
		r.facts.Exports = append(r.facts.Exports, language.Export{Name: name, Local: local})
	}
}

// localOf returns what a value that is exported is called in the file.
func (r *reader) localOf(i int) string {
	switch kind := r.tree.Kind(i); {
	case kind == kindIdentifier:
		return r.text(i)
	case kind == kindMember:
		return string(r.dotted(i))
	case isNamed(kind):
		return string(r.child(i, fieldName))
	default:
		return ""
	}
}

func isNamed(kind treesitter.Kind) bool {
	switch kind {
	case kindFunction, kindGenerator, kindFunctionExpression, kindGeneratorExpression, kindClass, kindClassExpression, kindAbstractClass:
		return true
	default:
		return false
	}
}
