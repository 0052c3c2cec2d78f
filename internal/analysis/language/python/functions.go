package python

import (
	"bytes"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// openFunction adds a function and makes it the scope of what is below it.
func (r *reader) openFunction(i int) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.tree.Text(name)) == 0 {
		return
	}
	node, outer := &r.tree.Nodes[i], r.scope
	plain := string(r.tree.Text(name))
	method := outer.kind == scopeClass
	f := language.Function{
		Name:       language.Qualify(outer.name, plain),
		Line:       int(node.Line),
		EndLine:    int(node.EndLine),
		Exported:   outer.exported && isPublic(plain),
		Test:       r.isTestFunction(plain, outer),
		Parameters: r.parameters(i, method),
		Complexity: language.Complexity{Cyclomatic: 1},
	}
	nesting := 0
	if outer.kind == scopeFunction {
		nesting = outer.nesting
		if !r.onlyWraps(outer.body, i) {
			nesting++
		}
	}
	r.declareFunction(i, name, method)
	r.facts.Functions = append(r.facts.Functions, f)
	r.heads = append(r.heads, r.tree.Child(i, fieldParameters))

	s := r.push(i)
	s.kind, s.function = scopeFunction, len(r.facts.Functions)-1
	s.name, s.plain, s.body = f.Name, plain, r.tree.Child(i, fieldBody)
	s.nesting = nesting
	s.decisions, s.operators = false, false // until the body
	s.exported, s.testClass = false, false
	s.context = r.halstead.intern(plain)
	s.method, s.local = method, true
	s.class, s.classExported = "", false
	if method && !outer.local {
		s.class, s.classExported = outer.name, outer.exported
	}
}

// declareFunction declares a function or method that others can see, and says
// so to its decorators.
func (r *reader) declareFunction(i, name int, method bool) {
	declaration := len(r.facts.Declares)
	switch plain := string(r.tree.Text(name)); {
	case r.scope.local:
		r.names.Bind(r.tree.Text(name))
		declaration = -1
	case method:
		r.declare(language.KindMethod, plain, i)
		r.describe(i, true)
	default:
		r.declare(language.KindFunction, plain, i)
		r.describe(i, true)
	}
	r.decorate(i, declaration, len(r.facts.Functions))
}

// onlyWraps reports whether body holds only the nested function at node i,
// with its decorators, returns of a bare name and a docstring.
func (r *reader) onlyWraps(body, i int) bool {
	if body < 0 {
		return false
	}
	first := true
	for statement := range r.tree.Children(body) {
		switch r.tree.Kind(statement) {
		case kindComment:
			continue
		case kindFunction, kindDecorated:
			if i < statement || i >= int(r.tree.Nodes[statement].Next) {
				return false
			}
		case kindReturn:
			returned := statement + 1
			if int(r.tree.Nodes[statement].Next) != returned+1 || r.tree.Kind(returned) != kindIdentifier {
				return false
			}
		case kindExpressionStatement:
			if _, ok := r.literal(statement + 1); !ok || !first {
				return false
			}
		default:
			return false
		}
		first = false
	}
	return true
}

// parameters counts what a caller can pass: self and cls of a method are not
// among it.
func (r *reader) parameters(i int, method bool) int {
	list := r.tree.Child(i, fieldParameters)
	if list < 0 {
		return 0
	}
	n := 0
	for child := range r.tree.Children(list) {
		switch r.tree.Kind(child) {
		case kindIdentifier:
			if method && n == 0 && isReceiver(r.tree.Text(child)) {
				method = false // the first only
				continue
			}
			n++
		case kindTypedParameter, kindDefaultParameter, kindTypedDefault, kindListSplat, kindDictionarySplat, kindTuplePattern:
			n++
		default: // separators, comments
		}
	}
	return n
}

func (r *reader) openClass(i int) {
	name := r.tree.Child(i, fieldName)
	if name < 0 || len(r.tree.Text(name)) == 0 {
		return
	}
	plain, outer := string(r.tree.Text(name)), r.scope
	declaration := len(r.facts.Declares)
	if !outer.local {
		r.declare(language.KindType, plain, i)
		r.describe(i, false)
	} else {
		r.names.Bind(r.tree.Text(name))
		declaration = -1
	}
	r.decorate(i, declaration, -1)
	testCase := r.isTestCase(i)
	r.facts.Test = r.facts.Test || testCase

	s := r.push(i)
	s.kind, s.function = scopeClass, noFunction
	s.name, s.plain, s.body = language.Qualify(outer.name, plain), plain, r.tree.Child(i, fieldBody)
	s.nesting, s.method = 0, false
	s.decisions = false // until the body
	s.exported = outer.exported && isPublic(plain)
	s.testClass = testCase || r.likelyTest && strings.HasPrefix(plain, "Test")
}

// isTestCase reports whether a class extends a test case of unittest or of a
// framework that builds on it.
func (r *reader) isTestCase(class int) bool {
	list := r.tree.Child(class, fieldSuperclasses)
	if list < 0 {
		return false
	}
	for base := range r.tree.Children(list) {
		if kind := r.tree.Kind(base); kind != kindIdentifier && kind != kindAttribute {
			continue
		}
		if bytes.HasSuffix(r.tree.Text(base), []byte("TestCase")) {
			return true
		}
	}
	return false
}

// isTestFunction follows pytest and unittest: test_… at the top level or in a
// class Test…, and test… in a TestCase. Outside a TestCase the name alone is
// not enough, since programs have functions such as test_connection too: the
// path or an import must speak of tests.
func (r *reader) isTestFunction(name string, outer scope) bool {
	switch outer.kind {
	case scopeClass:
		return outer.testClass && strings.HasPrefix(name, "test")
	case scopeModule:
		return r.likelyTest && strings.HasPrefix(name, "test_")
	default:
		return false
	}
}

func isTestPath(file string) bool {
	folders := strings.Split(strings.ToLower(file), "/")
	name := folders[len(folders)-1]
	return strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py") ||
		slices.ContainsFunc(folders[:len(folders)-1], func(f string) bool { return f == "test" || f == "tests" })
}

// testModules are imported by tests and by hardly anything else.
var testModules = []string{"pytest", "unittest", "nose", "hypothesis", "django.test", "testtools"}

func isTestModule(module string) bool {
	return slices.ContainsFunc(testModules, func(m string) bool {
		return module == m || strings.HasPrefix(module, m+".")
	})
}

// isPublic follows the convention of the underscore. Names such as __init__
// are called from outside by their syntax.
func isPublic(name string) bool {
	return !strings.HasPrefix(name, "_") || strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") && len(name) > 4
}
