package javascript

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// open changes the scope for what is in node i, the node included.
func (r *reader) open(i int, kind treesitter.Kind) {
	if r.raises(i, kind) {
		r.push(i).nesting++
	}
	if i > 0 && r.node(i).Field == fieldValue && !isFunction(kind) {
		switch r.tree.ParentKind(i) {
		case kindField, kindTypeField:
			r.openUnit(i, r.memberLabel(r.tree.Parent(i)), none).optional = true
		default:
		}
	}
	switch kind {
	case kindFunction, kindGenerator, kindFunctionExpression, kindGeneratorExpression, kindArrow:
		r.openFunction(i)
	case kindParameters:
		if method := r.tree.Parent(i); r.tree.Kind(method) == kindMethod {
			r.openMethod(i, method)
		}
	case kindStaticBlock:
		r.openUnit(i, r.label("static"), none)
	case kindClass, kindClassExpression, kindAbstractClass, kindInterface, kindTypeAlias:
		r.openType(i)
	case kindObject, kindNamespace, kindModule:
		if l := r.assigned(i); l.name != "" {
			s := r.push(i)
			s.name, s.link = l.name, l.link
		}
	case kindExport:
		if r.scope.root == "" { // not in a namespace, which is exported or not as a whole
			r.push(i).direct = true
		}
	case kindBlock:
		if parent := r.tree.ParentKind(i); parent != kindNamespace && parent != kindModule && parent != kindAmbient {
			r.push(i).local = true
		}
	case kindFor, kindForIn:
		r.push(i).local = true
	case kindBinary:
		r.logical(i)
	default:
	}
}

func isFunction(kind treesitter.Kind) bool {
	switch kind {
	case kindFunction, kindGenerator, kindFunctionExpression, kindGeneratorExpression, kindArrow:
		return true
	default:
		return false
	}
}

// label is what something is called and how it can be reached.
type label struct {
	name string // qualified, "" when it has none
	link
	test bool
}

// label returns the label of a name that stands in the scope.
func (r *reader) label(name string) label {
	if name == "" { // in a broken file
		return label{}
	}
	l := label{name: language.Qualify(r.scope.name, name), link: r.scope.link}
	if l.root == "" {
		l.root, _, _ = strings.Cut(name, ".")
	}
	return l
}

// openUnit begins something with a complexity of its own at node i. Parameters
// is the node of its parameters, or none.
func (r *reader) openUnit(i int, l label, parameters int) *unit {
	first := i
	if r.tree.Kind(i) == kindParameters {
		first = r.tree.Parent(i)
	}
	line := r.node(first).Line
	if i != first {
		line = r.undecorated(first)
	}
	r.units = append(r.units, unit{link: l.link, node: first, parameters: parameters, Function: language.Function{
		Name:       l.name,
		Line:       int(line),
		EndLine:    int(r.node(first).EndLine),
		Test:       l.test,
		Parameters: r.countParameters(parameters),
		Complexity: language.Complexity{Cyclomatic: 1},
	}})
	s := r.push(i)
	if i != first { // to the end of the method
		r.saved[len(r.saved)-1].end = int(r.node(first).Next)
	}
	*s = scope{unit: len(r.units) - 1, name: l.name, link: link{root: l.root}, local: true, logical: none}
	return &r.units[len(r.units)-1]
}

// undecorated returns the line where a method begins after its decorators,
// which only one of the grammars puts inside it.
func (r *reader) undecorated(method int) uint32 {
	decorated := false
	for child := range r.tree.Children(method) {
		switch kind := r.tree.Kind(child); {
		case kind == kindDecorator:
			decorated = true
		case kind != kindComment && decorated:
			return r.node(child).Line
		}
	}
	return r.node(method).Line
}

func (r *reader) openFunction(i int) {
	parameters := r.part(i, fieldParameters)
	if parameters < 0 {
		parameters = r.part(i, fieldParameter)
	}
	l := r.assigned(i)
	if name := r.child(i, fieldName); name != nil && (l.name == "" || r.tree.ParentKind(r.outermost(i)) == kindExport) {
		l = r.label(string(name))
	}
	scopeName := l.name
	if l.name == "" {
		l = r.anonymousLabel(i)
		scopeName = r.scope.name // what is inside is qualified by what has a name
	}
	r.openUnit(i, l, parameters)
	r.scope.name = scopeName
}

// anonymousLabel makes up a name of the line. Functions of one line are
// numbered.
func (r *reader) anonymousLabel(i int) label {
	name := fmt.Sprintf("<anonymous>:%d", r.node(i).Line)
	qualified := language.Qualify(r.scope.name, name)
	r.anonymous[qualified]++
	if n := r.anonymous[qualified]; n > 1 {
		name = fmt.Sprintf("%s#%d", name, n)
	}
	l := r.label(name)
	l.root = r.scope.root
	return l
}

// openMethod begins the function of a method at its parameters: a computed name
// and decorators before them belong to the code around it.
func (r *reader) openMethod(parameters, method int) {
	if r.part(method, fieldBody) < 0 {
		return
	}
	class := &label{name: r.scope.name, link: r.scope.link}
	isMember := r.scope.class
	r.openUnit(parameters, r.memberLabel(method), parameters)
	if isMember && string(r.child(method, fieldName)) == "constructor" {
		r.scope.constructs = class
	}
}

// memberLabel is the label of a member of a class or an object.
func (r *reader) memberLabel(member int) label {
	name := r.part(member, fieldName)
	if name < 0 {
		name = r.part(member, fieldProperty)
	}
	if name < 0 {
		return r.label(computedName)
	}
	l := r.label(r.keyName(name))
	l.open = l.open && !r.isPrivate(member, name)
	return l
}

func (r *reader) isPrivate(member, name int) bool {
	if r.tree.Kind(name) == kindPrivateProperty {
		return true
	}
	modifier := r.tree.ChildOfKind(member, kindAccessibility)
	return modifier >= 0 && string(r.tree.Text(modifier)) != "public"
}

// computedName stands for a name that only running the program tells.
const computedName = "<computed>"

// maxKey is the length of a computed name that is still shown, in bytes.
const maxKey = 60

// keyName returns the name of a member.
func (r *reader) keyName(i int) string {
	if text, ok := r.literal(i); ok {
		return cmp.Or(clean(text), computedName)
	}
	text := r.tree.Text(i)
	if r.tree.Kind(i) == kindComputed && (len(text) > maxKey || bytes.ContainsFunc(text, isControl)) {
		return computedName
	}
	return string(text)
}

// openType begins a class, an interface or a type.
func (r *reader) openType(i int) {
	l := r.assigned(i)
	if name := r.child(i, fieldName); name != nil {
		l = r.label(string(name))
	}
	s := r.push(i)
	s.class = !s.local
	if l.name != "" {
		s.name, s.link = l.name, l.link
	}
}

func (r *reader) countParameters(i int) int {
	switch {
	case i < 0:
		return 0
	case r.tree.Kind(i) != kindParameters: // x => x
		return 1
	}
	n := 0
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) == kindComment || r.tree.Kind(child) >= kindEnd {
			continue
		}
		if string(r.child(child, fieldPattern)) != nameThis { // TypeScript's type of this
			n++
		}
	}
	return n
}

// assigned returns what the function, class or object at node i is called by
// what it is the value of.
func (r *reader) assigned(i int) label {
	if kind := r.tree.Kind(i); kind == kindNamespace || kind == kindModule {
		return r.namespaceLabel(i)
	}
	for range 4 { // wrappers inside wrappers
		i = r.outermost(i)
		if i == 0 {
			break
		}
		parent := r.tree.Parent(i)
		if r.tree.Kind(parent) != kindArguments {
			return r.valueLabel(i, parent)
		}
		call := r.tree.Parent(parent)
		if l := r.testLabel(i, call); l.name != "" {
			return l
		}
		if r.firstArgument(call) != i || !r.isWrapperCall(call) {
			break
		}
		i = call
	}
	return label{}
}

// valueLabel names node i by the node around it.
func (r *reader) valueLabel(i, parent int) label {
	field := r.node(i).Field
	switch r.tree.Kind(parent) {
	case kindDeclarator, kindRequiredParameter, kindOptionalParameter, kindAssignmentPattern, kindObjectAssignmentPattern:
		return r.targetLabel(i, parent, field)
	case kindAssignment:
		if field == fieldRight {
			return r.assignmentLabel(r.part(parent, fieldLeft))
		}
	case kindPair:
		if key := r.part(parent, fieldKey); key >= 0 && field == fieldValue {
			return r.label(r.keyName(key))
		}
	case kindField, kindTypeField:
		if field == fieldValue {
			return r.memberLabel(parent)
		}
	case kindExport:
		if field == fieldValue {
			return r.label(nameDefault)
		}
	default:
	}
	return label{}
}

func (r *reader) namespaceLabel(i int) label {
	name := r.part(i, fieldName)
	if name < 0 || r.tree.Kind(name) == kindString {
		return label{}
	}
	return r.label(r.keyName(name))
}

// targetLabel is for the value of a variable, a parameter or a part of a
// pattern.
func (r *reader) targetLabel(i, parent int, field treesitter.Field) label {
	if field != fieldValue && field != fieldRight {
		return label{}
	}
	for child := range r.tree.Children(parent) {
		if child >= i {
			break
		}
		switch r.tree.Kind(child) {
		case kindIdentifier, kindShorthandPattern:
			return r.label(r.text(child))
		default:
		}
	}
	return label{}
}

// assignmentLabel names what is assigned to a name or a member. An assignment
// to module.exports exports, wherever it stands.
func (r *reader) assignmentLabel(left int) label {
	parts := r.path(left)
	if len(parts) == 0 {
		return label{}
	}
	exports := exportsParts(parts)
	if exports == len(parts) {
		return label{name: "module.exports", link: link{direct: true, open: true}}
	}
	parts = slices.DeleteFunc(parts[exports:], func(part string) bool { return part == "prototype" || part == nameThis })
	if len(parts) == 0 {
		return label{}
	}
	l := r.label(strings.Join(parts, "."))
	if exports > 0 {
		l.direct, l.open = true, true
	}
	return l
}

// maxPath bounds the members of a path: a.b.c has three.
const maxPath = 8

// path returns the parts of a name or of members of members, nil for anything
// else.
func (r *reader) path(i int) []string {
	var parts []string
	for i >= 0 && len(parts) < maxPath {
		switch r.tree.Kind(i) {
		case kindIdentifier, kindThis:
			parts = append(parts, r.text(i))
			slices.Reverse(parts)
			return parts
		case kindMember:
			property := r.part(i, fieldProperty)
			if property < 0 {
				return nil
			}
			parts = append(parts, r.text(property))
			i = r.part(i, fieldObject)
		default:
			return nil
		}
	}
	return nil
}

// wrappers are functions of wide use that return what they are given with
// something around it, so that a variable names what is inside.
var wrappers = map[string]bool{
	"memo": true, "forwardRef": true, "observer": true, "useCallback": true, "debounce": true, "throttle": true,
}

func (r *reader) isWrapperCall(call int) bool {
	path := r.path(r.part(call, fieldFunction))
	return len(path) > 0 && wrappers[path[len(path)-1]]
}

// firstArgument returns the first argument of a call, or none.
func (r *reader) firstArgument(call int) int {
	arguments := r.part(call, fieldArguments)
	if arguments < 0 {
		return none
	}
	for child := range r.tree.Children(arguments) {
		if r.tree.Kind(child) != kindComment {
			return child
		}
	}
	return none
}
