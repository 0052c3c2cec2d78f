package c

import "strings"

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
var testHeaders = []string{"unity.h", "cmocka.h", "check.h", "kunit/test.h", "greatest.h", "munit.h", "minunit.h", "CUnit/", "gtest/", "catch2/", "tap.h", "glib.h", "QtTest", "testhelp.h"}

// noteTesting remembers that a test framework is included.
func (r *reader) noteTesting(path string) {
	for _, header := range testHeaders {
		if strings.Contains(path, header) && r.testing == "" {
			r.testing = header
		}
	}
}

// isTestFunction reports whether a plain function is a test by its name, in a
// file that includes a framework.
func (r *reader) isTestFunction(name string) bool {
	return r.testing != "" && r.scope.kind != scopeType && (strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test"))
}
