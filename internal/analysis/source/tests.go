package source

import (
	"path"
	"strings"
)

// testFolders are folders whose content tests or exists for tests, whatever
// the language.
var testFolders = map[string]bool{
	"test": true, "tests": true, "__tests__": true, "__mocks__": true, "e2e": true, "androidTest": true, "cypress": true,
	"integration-tests": true, "integration_tests": true, "unittests": true, "unit-tests": true,
	// No folder "regression": as often it holds code that fits curves to data.
	"regress": true, "regression-tests": true, "regression_tests": true,
}

// testDataFolders hold what tests read.
var testDataFolders = map[string]bool{
	"testdata": true, "test-data": true, "test_data": true, "fixtures": true, "__fixtures__": true, "__snapshots__": true,
}

// isTestData reports whether a path is data of tests: it is neither product
// nor test, even where it is written in a programming language.
func isTestData(filePath string) bool {
	if strings.HasSuffix(filePath, ".snap") {
		return true
	}
	for part := range strings.SplitSeq(path.Dir(filePath), "/") {
		if testDataFolders[part] {
			return true
		}
	}
	return false
}

// IsTest reports whether a path is a test's by the conventions of its
// language. Content can tell more; see language.Facts.
func IsTest(filePath string) bool {
	if isTestData(filePath) {
		return true
	}
	dir, name := path.Split(filePath)
	folders := strings.Split(strings.TrimSuffix(dir, "/"), "/")
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	switch ext {
	case ".go":
		return strings.HasSuffix(stem, "_test") || hasTestFolder(folders)
	case ".py", ".pyi":
		return isPythonTest(folders, stem)
	case ".java", ".kt", ".kts", ".scala", ".groovy":
		return isJVMTest(folders, stem)
	case ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte", ".coffee":
		return hasSuffix(stem, ".test", ".spec", ".test-d", ".e2e", ".cy", "_test", "-test", "-spec") || hasTestFolder(folders) || hasSpecFolder(folders)
	case ".rb":
		return hasSuffix(stem, "_spec", "_test") || strings.HasPrefix(stem, "test_") || hasTestFolder(folders) || hasSpecFolder(folders)
	case ".cs", ".vb", ".fs":
		return hasSuffix(stem, "Test", "Tests") || hasTestFolder(folders) || hasTestProject(folders)
	case ".php", ".swift":
		return hasSuffix(stem, "Test", "Tests", "TestCase") || hasTestFolder(folders) || hasSuffix(folders[0], "Tests")
	default:
		return hasSuffix(stem, "_test", "_tests", "_unittest", "_spec") || strings.HasPrefix(stem, "test_") || hasTestFolder(folders)
	}
}

func hasSuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

func hasTestFolder(folders []string) bool {
	for _, part := range folders {
		if testFolders[part] {
			return true
		}
	}
	return false
}

// hasSpecFolder is for the languages whose tests are called specifications.
func hasSpecFolder(folders []string) bool {
	for _, part := range folders {
		if part == "spec" || part == "specs" {
			return true
		}
	}
	return false
}

// hasTestProject reports a .NET project of tests, told by its folder.
func hasTestProject(folders []string) bool {
	for _, part := range folders {
		if hasSuffix(part, ".Tests", ".Test", ".UnitTests", ".IntegrationTests", ".FunctionalTests") {
			return true
		}
	}
	return false
}

// isPythonTest takes a folder "test" for tests near the root only: further
// down it is as often a package that helps others to test, such as django.test.
func isPythonTest(folders []string, stem string) bool {
	if strings.HasPrefix(stem, "test_") || strings.HasSuffix(stem, "_test") || stem == "conftest" || stem == "tests" {
		return true
	}
	for i, part := range folders {
		if testFolders[part] && (part != "test" || i == 0) {
			return true
		}
	}
	return false
}

// isJVMTest goes by the source set, where there is one: a package of the main
// one may well be called test.
func isJVMTest(folders []string, stem string) bool {
	for i, part := range folders {
		if part == "src" && i+1 < len(folders) {
			set := strings.ToLower(folders[i+1])
			if set == "main" {
				return false
			}
			if strings.HasPrefix(set, "test") || strings.HasSuffix(set, "test") || set == "it" {
				return true
			}
		}
		if testFolders[part] {
			return true
		}
	}
	return hasSuffix(stem, "Test", "Tests", "TestCase", "Spec") || strings.HasSuffix(stem, "IT") && len(stem) > 2 && stem[len(stem)-3] >= 'a'
}
