package c

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Macros that define tests.
var (
	// suiteMacros take a suite and a name: GoogleTest, Criterion, CppUTest, UnitTest++.
	suiteMacros = set(`TEST TEST_F TEST_P TYPED_TEST TYPED_TEST_P FRIEND_TEST Test ParameterizedTest Theory TEST_GROUP IGNORE_TEST`)
	// testMacros define a test of any framework: besides those above Catch2 and
	// doctest, Boost.Test, Check, Qt and the tests of Linux.
	testMacros = set(`TEST TEST_F TEST_P TYPED_TEST TYPED_TEST_P Test ParameterizedTest Theory IGNORE_TEST
		TEST_CASE SCENARIO TEMPLATE_TEST_CASE TEMPLATE_PRODUCT_TEST_CASE TEMPLATE_LIST_TEST_CASE TEST_CASE_METHOD TEST_CASE_TEMPLATE TEST_CASE_FIXTURE
		CATCH_TEST_CASE CATCH_SCENARIO DOCTEST_TEST_CASE
		BOOST_AUTO_TEST_CASE BOOST_FIXTURE_TEST_CASE BOOST_DATA_TEST_CASE BOOST_AUTO_TEST_CASE_TEMPLATE BOOST_PARAM_TEST_CASE
		START_TEST UTEST UTEST_F ZTEST ZTEST_F KUNIT_TEST TEST_SIGNAL TEST_METHOD`)
)

func (r *reader) isTestMacro(name string) bool { return testMacros[name] }

// testHeaders are headers of frameworks whose tests are plain functions named
// test_….
var testHeaders = []string{"unity.h", "cmocka.h", "check.h", "kunit/test.h", "greatest.h", "munit.h", "minunit.h", "CUnit/", "gtest/", "catch2/", "tap.h", glibHeader, "QtTest", "testhelp.h"}

// glibHeader is of a library that has a test framework and much else.
const glibHeader = "glib.h"

// noteTesting remembers that a test framework is included, unless that is for
// the tests alone that the file holds.
func (r *reader) noteTesting(i int, path string) {
	for _, header := range testHeaders {
		if strings.Contains(path, header) && (r.framework == "" || r.framework == glibHeader) && !r.inTests(i) {
			r.framework = header
		}
	}
}

// isTestFunction reports whether a plain function is a test by its name, in a
// file that includes a framework.
func (r *reader) isTestFunction(name string) bool {
	test := r.framework != "" && r.scope.kind != scopeType && (strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test") && r.framework != glibHeader)
	r.openTests = r.openTests || test && r.framework != glibHeader
	return test
}

// testing says which branches of a conditional are for tests.
type testing uint8

const (
	testingNone testing = iota
	testingOnly         // the branch at hand is for tests alone
	testingElse         // the #else of the branch at hand is
	testingShow         // the branch at hand makes a program of a file, to show or measure what is in it
)

// next is what the next branch is, by its own condition; that of #else is what
// is left of the one before.
func (t testing) next(own testing) testing {
	if t == testingElse && own == testingNone {
		return testingOnly
	}
	return own
}

// testingOf reads a condition: #ifdef UNIT_TEST, #if defined(SHOP_TEST) && DEBUG.
// One of alternatives is not enough.
func testingOf(directive string, condition []byte) testing {
	switch directive {
	case "ifdef", "elifdef":
		return switchOf(firstName(condition))
	case "ifndef", "elifndef":
		if switchOf(firstName(condition)) == testingOnly {
			return testingElse
		}
	case "if", "elif":
		if at := bytes.Index(condition, []byte("/*")); at >= 0 {
			condition = condition[:at]
		}
		condition, _, _ = bytes.Cut(condition, []byte("//"))
		if !bytes.ContainsAny(condition, "|&") && notDefined.Match(condition) {
			return testingOf("ifndef", bytes.TrimSpace(notDefined.FindSubmatch(condition)[1]))
		}
		return testingOfAll(bytes.Split(notDefined.ReplaceAll(condition, nil), []byte("||")))
	}
	return testingNone
}

// testingOfAll is what alternatives say, when they say the same.
func testingOfAll(alternatives [][]byte) testing {
	all := testingNone
	for n, alternative := range alternatives {
		own := testingNone
		for _, name := range conditionName.FindAll(alternative, -1) {
			if kind := switchOf(name); own != testingOnly && kind != testingNone {
				own = kind
			}
		}
		if n > 0 && own != all {
			return testingNone
		}
		all = own
	}
	return all
}

var (
	notDefined    = regexp.MustCompile(`![ \t]*(?:defined)?[ \t]*\(?[ \t]*(\w+)`)
	conditionName = regexp.MustCompile(`[A-Za-z_]\w*`)
)

func firstName(condition []byte) []byte { return conditionName.Find(condition) }

// switchOf says what a macro that is defined makes of a branch, by its words: a
// test, or a program beside the product. HAVE_TEST_H says what a system has, and a
// guard is of a header.
func switchOf(macro []byte) testing {
	words := strings.Split(strings.ToUpper(strings.Trim(string(macro), "_")), "_")
	switch words[0] {
	case "HAVE", "HAS", "NO", "WITHOUT", "DISABLE", "SKIP":
		return testingNone
	}
	switch words[len(words)-1] {
	case "H", "HH", "HPP", "INCLUDED":
		return testingNone
	}
	kind := testingNone
	for _, w := range words {
		switch {
		case testWords[w]:
			return testingOnly
		case showWords[w]:
			kind = testingShow
		}
	}
	return kind
}

var (
	testWords = set(`TEST TESTS TESTING UNITTEST UNITTESTS UNITTESTING SELFTEST SELFTESTS KUNIT`)
	showWords = set(`MAIN STANDALONE DEMO EXAMPLE BENCH BENCHMARK`)
)

// noteTests remembers a branch that is for tests, or that shows something. Those
// inside it come before it.
func (l *lexer) noteTests(s testSpan) {
	for n := len(l.tests); n > 0 && l.tests[n-1].start >= s.start; n-- {
		l.tests = l.tests[:n-1]
	}
	if len(l.tests) < maxDropped {
		l.tests = append(l.tests, s)
	}
}

// testSpan is a branch that is for tests or, show, makes a program to show what
// is in the file.
type testSpan struct {
	span

	show bool
}

// inTests reports whether a node stands in a branch that is for tests.
func (r *reader) inTests(i int) bool {
	s := r.testSpan(i)
	return s != nil && !s.show
}

func (r *reader) testSpan(i int) *testSpan {
	at := int(r.tree.Nodes[i].Start)
	n, _ := slices.BinarySearchFunc(r.tests, at, func(s testSpan, at int) int { return cmp.Compare(s.end, at) })
	if n < len(r.tests) && r.tests[n].start <= at {
		return &r.tests[n]
	}
	return nil
}

// startsProgram reports whether a main is that of a program: one for tests is
// not, nor is one beside functions that other files use which shows them.
func (r *reader) startsProgram(i int) bool {
	s := r.testSpan(i)
	return s == nil || s.show && !slices.ContainsFunc(r.facts.Functions, func(f language.Function) bool { return f.Exported && !f.Test && f.Line < int(r.tree.Nodes[i].Line) })
}

// isTest reports whether the file is a test: its tests have more lines than the
// rest. Where a test stands in the open, and not only in a branch for tests, so do
// the functions that help it: what no other file can use is no rest then, nor are
// the members of types of a source file, which are fixtures, and a main.
func (r *reader) isTest() bool {
	fixtures := r.fixtures()
	tests, rest := 0, 0
	last := 0 // of the functions that were counted: those inside them count with them
	for i := range r.facts.Functions {
		f := &r.facts.Functions[i]
		if f.Line <= last && f.EndLine <= last {
			continue
		}
		last = f.EndLine
		lines := f.EndLine - f.Line + 1
		switch {
		case f.Test:
			tests += lines
		case r.openTests && (!f.Exported || mains[f.Name] || fixtures[ownerOf(f.Name)]):
		default:
			rest += lines
		}
	}
	return tests > rest
}

// fixtures are the types that a source file declares.
func (r *reader) fixtures() map[string]bool {
	if r.header || !r.openTests {
		return nil
	}
	types := map[string]bool{}
	for i := range r.facts.Declares {
		if d := &r.facts.Declares[i]; d.Kind == language.KindType {
			types[d.Name] = true
		}
	}
	return types
}

// ownerOf is the name of the type, or namespace, that a function is in: B of
// A.B.f, "" of f.
func ownerOf(name string) string {
	owner := name[:max(strings.LastIndexByte(name, '.'), 0)]
	return owner[strings.LastIndexByte(owner, '.')+1:]
}
