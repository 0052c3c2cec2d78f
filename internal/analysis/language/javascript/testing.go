package javascript

import (
	"strings"
	"unicode/utf8"
)

// tests are functions that declare a test by a title and a function; suites
// declare a group of them.
var (
	tests = map[string]bool{
		"it": true, "test": true, "specify": true, "fit": true, "xit": true, "xtest": true, "ftest": true,
	}
	suites = map[string]bool{
		"describe": true, "context": true, "suite": true, "fdescribe": true, "xdescribe": true, "xcontext": true,
	}
	// testObjects have a test as a member: QUnit.test, t.test.
	testObjects = map[string]bool{"QUnit": true, "Deno": true, "Bun": true, "t": true, "tap": true, "hooks": true}
	// modifiers stand between a test's function and its call.
	modifiers = map[string]bool{
		"only": true, "skip": true, "each": true, "for": true, "concurrent": true, "sequential": true, "serial": true,
		"parallel": true, "failing": true, "fails": true, "fixme": true, "slow": true, "todo": true, "runIf": true,
		"skipIf": true, "shuffle": true,
	}
	frameworks = map[string]bool{
		"vitest": true, "@jest/globals": true, "mocha": true, "ava": true, "tape": true, "tap": true, "node:test": true,
		"bun:test": true, "@playwright/test": true, "@testing-library/react": true, "uvu": true, "qunit": true,
	}
)

// maxTitle bounds the title of a test, in bytes.
const maxTitle = 200

// testLabel returns the label of a function that is given to a test runner, by
// the title before it. Titles of suites stand before it as runners print them.
func (r *reader) testLabel(argument, call int) label {
	title := r.firstArgument(call)
	if title < 0 || title == argument || !isFunction(r.tree.Kind(argument)) {
		return label{}
	}
	if kind := r.tree.Kind(title); kind != kindString && kind != kindTemplate {
		return label{}
	}
	test, ok := r.isTestCall(call)
	if !ok {
		return label{}
	}
	text := r.text(title) // a template's parts that are computed stay as written
	name := clean(text[1:max(1, len(text)-1)])
	if name == "" {
		return label{}
	}
	if r.scope.name != "" {
		name = r.scope.name + " > " + name
	}
	return label{name: cut(name, 2*maxTitle), link: link{root: r.scope.root}, test: test}
}

// isTestCall reports whether a call declares a test or a suite: it(…),
// test.only(…), describe.each(table)(…), test.describe(…).
func (r *reader) isTestCall(call int) (test, ok bool) {
	function := r.part(call, fieldFunction)
	var members []string
	for range maxPath {
		if function < 0 {
			return false, false
		}
		switch r.tree.Kind(function) {
		case kindCall:
			function = r.part(function, fieldFunction)
		case kindMember:
			members = append(members, string(r.child(function, fieldProperty)))
			function = r.part(function, fieldObject)
		case kindIdentifier:
			return testKind(r.text(function), members)
		default:
			return false, false
		}
	}
	return false, false
}

func testKind(root string, members []string) (test, ok bool) {
	test, ok = tests[root], tests[root] || suites[root] || testObjects[root]
	for _, member := range members {
		switch {
		case modifiers[member]:
		case tests[member] && testObjects[root]:
			test = true
		case suites[member]:
			test = false
		default:
			return false, false
		}
	}
	return test, ok && (test || len(members) > 0 || suites[root])
}

// clean puts a text on one line of at most maxTitle bytes.
func clean(text string) string {
	return cut(strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || isControl(c) }), " "), maxTitle)
}

// cut shortens a text between two characters.
func cut(text string, length int) string {
	if len(text) <= length {
		return text
	}
	for !utf8.RuneStart(text[length]) {
		length--
	}
	return text[:length]
}

// hashBang reads the first line of a program.
func (r *reader) hashBang(i int) {
	for word := range strings.FieldsFuncSeq(r.text(i), func(c rune) bool { return c == ' ' || c == '/' || c == '\t' }) {
		switch word {
		case "node", "nodejs", "bun", "deno", "tsx", "ts-node", "zx":
			r.facts.Main = true
		}
	}
}

// mainCheck finds the questions by which a module asks whether it is the
// program.
func (r *reader) mainCheck(i int) {
	if string(r.child(i, fieldProperty)) != "main" {
		return
	}
	switch string(r.child(i, fieldObject)) {
	case "import.meta":
		r.facts.Main = true
	case nameRequire:
		r.facts.Main = r.facts.Main || i > 0 && r.tree.ParentKind(i) == kindBinary
	}
}
