package javascript

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// madeCall is a call whose function is known at the end of the file.
type madeCall struct {
	receiver, name []byte // of the source
	unit, line     int
	isNew          bool
}

// openCall is a call around the node at hand.
type openCall struct {
	node, arguments int
	argument        int // place of the argument that next is, or is in
	next            int // node of that argument
	end             int // after the last argument
}

// maxReceiver bounds what is read as a name with dots, in bytes.
const maxReceiver = 200

// resultName stands for the name of what is called when that is the result of
// another call: require("./routes")(app).
const resultName = "()"

var computedReceiver = []byte("?")

// call notes a call among the calls and the invocations.
func (r *reader) call(i int, kind treesitter.Kind) {
	field := fieldFunction
	if kind == kindNew {
		field = fieldConstructor
	}
	function, list := r.part(i, field), r.part(i, fieldArguments)
	if function < 0 {
		return
	}
	receiver, name := r.callee(r.unwrapped(function))
	imports := ""
	if kind == kindCall {
		imports, _ = r.importedPath(i)
	}
	if imports == "" && len(name) > 0 && len(r.made) < 2*language.MaxCalls {
		r.made = append(r.made, madeCall{receiver, name, r.scope.unit, int(r.node(i).Line), kind == kindNew})
	}
	decorates := r.tree.ParentKind(i) == kindDecorator && i > 0
	if !decorates && (imports == "" || !r.isBoundImport(i)) && !isNoise(receiver, name) {
		r.invocation(i, function, list, receiver, name, kind == kindNew)
	}
	if list >= 0 && !decorates {
		r.openCalls = append(r.openCalls, openCall{node: i, arguments: list, next: list + 1, end: int(r.node(list).Next)})
	}
}

// isBoundImport reports whether what a call imports is bound to a name, which
// the import tells.
func (r *reader) isBoundImport(i int) bool {
	for range maxPath {
		if i = r.outermost(i); i == 0 {
			return false
		}
		switch r.tree.ParentKind(i) {
		case kindMember, kindAwait:
			i = r.tree.Parent(i)
		case kindDeclarator:
			return true
		default:
			return false
		}
	}
	return false
}

// callee returns what stands before the name that is called, "?" when that is
// computed, and the name, nil when that is.
func (r *reader) callee(function int) (receiver, name []byte) {
	switch r.tree.Kind(function) {
	case kindIdentifier:
		return nil, r.tree.Text(function)
	case kindMember:
		object, name := r.part(function, fieldObject), r.child(function, fieldProperty)
		if name == nil || object < 0 {
			return nil, nil
		}
		if receiver = r.dotted(object); receiver == nil {
			receiver = computedReceiver
		}
		return receiver, name
	default:
		return nil, nil
	}
}

// dotted returns the text of node i when it is names joined by dots, nil for
// anything else.
func (r *reader) dotted(i int) []byte {
	switch r.tree.Kind(i) {
	case kindIdentifier, kindThis, kindTypeIdentifier:
		return r.tree.Text(i)
	case kindMember, kindNestedIdentifier, kindNestedType:
	default:
		return nil
	}
	text := r.tree.Text(i)
	if len(text) > maxReceiver {
		return nil
	}
	plain := true
	for _, c := range text {
		switch {
		case c == '_' || c == '$' || c == '.' || c == '#' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80:
		case c == '?' || c == '!' || c == ' ' || c == '\n' || c == '\t':
			plain = false
		default:
			return nil
		}
	}
	if text[0] >= '0' && text[0] <= '9' {
		return nil
	}
	if !plain {
		return bytes.Join(bytes.FieldsFunc(text, func(c rune) bool { return c == '?' || c == '!' || c == ' ' || c == '\n' || c == '\t' }), nil)
	}
	return text
}

// noise are calls that hand over texts in every file and that no framework
// reads: they would fill the list.
var noise = map[string]bool{
	"Error": true, "TypeError": true, "RangeError": true, "expect": true, "join": true, "split": true, "replace": true, "replaceAll": true,
	"includes": true, "startsWith": true, "endsWith": true, "indexOf": true, "map": true, "filter": true, "forEach": true, "reduce": true,
	"some": true, "every": true, "find": true, "findIndex": true, "sort": true, "flatMap": true, "then": true, "catch": true, "finally": true,
	"getElementById": true, "querySelector": true, "querySelectorAll": true, "createElement": true, "addEventListener": true,
	"setTimeout": true, "setInterval": true, "useEffect": true, "useCallback": true, "useMemo": true, "useState": true, "RegExp": true,
	"Promise": true, "t": true, "assert": true, "invariant": true, "toBe": true, "toEqual": true, "hasOwnProperty": true, "push": true,
	"describe": true, "it": true, "test": true, "beforeEach": true, "afterEach": true, "beforeAll": true, "afterAll": true,
	"getAttribute": true, "setAttribute": true, "removeEventListener": true, "classNames": true, "cn": true, "clsx": true,
}

func isNoise(receiver, name []byte) bool {
	last := receiver[bytes.LastIndexByte(receiver, '.')+1:]
	switch string(last) {
	case "console", "logger", "log", "Math", "JSON", "Object", "assert", "t", "classList", "document":
		return true
	}
	return noise[string(name)]
}

func (r *reader) invocation(i, function, list int, receiver, name []byte, isNew bool) {
	node := r.node(i)
	call := language.Invocation{
		Name: string(name), Receiver: string(receiver), New: isNew, On: -1, Within: -1, Argument: -1, Function: int32(r.scope.unit), //nolint:gosec // of one file
		Line: int32(node.Line), EndLine: int32(node.EndLine), //nolint:gosec // of one file
	}
	if list >= 0 {
		call.Args = r.arguments(list, 0)
	}
	on := r.unwrapped(function)
	switch {
	case call.Name == "":
		call.Name = resultName
	case call.Receiver == "?":
		on = r.unwrapped(r.part(on, fieldObject))
	default:
		on = none
	}
	if on >= 0 && r.isCall(on) {
		call.On = int32(on)
		if call.Receiver == "?" {
			call.Receiver = ""
		}
	} else if call.Name == resultName {
		return
	}
	call.Within, call.Argument = r.within(i)
	call.Result, call.Exported = r.result(i)
	r.invocations.Add(i, node.Start, node.End, call, r.mounts(i, &call))
}

func (r *reader) isCall(i int) bool {
	i = r.awaited(i)
	return r.tree.Kind(i) == kindCall || r.tree.Kind(i) == kindNew
}

// within returns the call in whose arguments node i stands, and which argument
// that is.
func (r *reader) within(i int) (call, argument int32) {
	for n := len(r.openCalls) - 1; n >= 0; n-- {
		open := &r.openCalls[n]
		if i >= open.end {
			r.openCalls = r.openCalls[:n]
			continue
		}
		if i <= open.arguments {
			continue
		}
		for next := int(r.node(open.next).Next); next <= i && next < open.end; next = int(r.node(open.next).Next) {
			if k := r.tree.Kind(open.next); k != kindComment && k < kindEnd {
				open.argument++
			}
			open.next = next
		}
		return int32(open.node), int32(open.argument) //nolint:gosec // of one file
	}
	return -1, -1
}

// adders put a value into a container: no name that they are given is mounted.
var adders = map[string]bool{
	"push": true, "unshift": true, "add": true, "set": true, "delete": true, "resolve": true, "reject": true, "write": true, "send": true,
	"json": true, "end": true, "next": true, "append": true, "concat": true, "appendChild": true, "assign": true, "dispatch": true, "status": true,
}

// mounts reports whether a call stands as a statement and hands a name to
// something that is called by a name: app.use(router).
func (r *reader) mounts(i int, call *language.Invocation) bool {
	if call.Receiver == "" && call.On < 0 || adders[call.Name] || i == 0 {
		return false
	}
	up := r.outermost(i)
	if up > 0 && r.tree.ParentKind(up) == kindAwait {
		up = r.tree.Parent(up)
	}
	if up == 0 || r.tree.ParentKind(up) != kindExpressionStatement {
		return false
	}
	for _, a := range call.Args {
		if a.Kind == language.ArgName || a.Kind == language.ArgCall && joiners[call.Name] {
			return true
		}
	}
	return false
}

// joiners are what frameworks call it to put one part on another.
var joiners = map[string]bool{
	"use": true, "register": true, "route": true, "mount": true, "plugin": true, "include_router": true, "register_blueprint": true,
	"blueprint": true, "add_routes": true, "add_typer": true, "add_command": true, "addCommand": true, "configure": true,
}

// result returns the name that a call's value is bound to, and whether others
// can import it, as far as the place alone tells.
func (r *reader) result(i int) (name string, exported bool) {
	element := ""
	for range maxClimb {
		i = r.outermost(i)
		if i == 0 {
			return "", false
		}
		parent, field := r.tree.Parent(i), r.node(i).Field
		switch r.tree.Kind(parent) {
		case kindAwait:
		case kindArray:
			element = "[]"
		case kindDeclarator, kindField, kindTypeField:
			return r.boundName(parent, field, element)
		case kindAssignment:
			if field != fieldRight {
				return "", false
			}
			return r.assignedName(parent, element)
		case kindExport:
			if field == fieldValue && element == "" {
				return nameDefault, true
			}
			return "", false
		default:
			return "", false
		}
		i = parent
	}
	return "", false
}

// boundName is the name of a variable, or of a field as this.name.
func (r *reader) boundName(parent int, field treesitter.Field, element string) (name string, exported bool) {
	if field != fieldValue {
		return "", false
	}
	at := r.part(parent, fieldName)
	if at < 0 {
		at = r.part(parent, fieldProperty)
	}
	if at < 0 {
		return "", false
	}
	switch r.tree.Kind(at) {
	case kindIdentifier:
		return r.text(at) + element, !r.scope.local && r.scope.direct
	case kindProperty, kindPrivateProperty:
		return nameThis + "." + r.text(at) + element, false
	default:
		return "", false
	}
}

// assignedName is the name that is assigned to: exports.router is router.
func (r *reader) assignedName(assignment int, element string) (name string, exported bool) {
	left := r.part(assignment, fieldLeft)
	parts := r.path(left)
	if len(parts) == 0 {
		return "", false
	}
	if exports := exportsParts(parts); exports == len(parts) {
		return nameExported + element, true
	} else if exports > 0 && len(parts) == exports+1 {
		return parts[exports] + element, true
	}
	return string(r.dotted(left)) + element, false
}

// nameExported is what module.exports is called.
const nameExported = "module.exports"
