package evidence

import (
	"slices"
	"strings"
)

// Place is the part that a folder plays in a tree, told by the names on the
// way to it.
type Place uint8

// The places. A manifest in Ignored speaks of other projects: fixtures,
// templates, third-party code.
const (
	Product Place = iota
	Tests
	Aside // examples, documentation, benchmarks, tools
	Ignored
)

var placeNames = map[string]Place{
	"node_modules": Ignored, "vendor": Ignored, "third_party": Ignored, "thirdparty": Ignored, "3rdparty": Ignored, "external": Ignored, "testdata": Ignored, "fixtures": Ignored,
	"__fixtures__": Ignored, "fixture": Ignored, "bower_components": Ignored, "site-packages": Ignored, ".venv": Ignored, "venv": Ignored,
	"templates": Ignored, "template": Ignored, "skeleton": Ignored, "archetype-resources": Ignored, ".yarn": Ignored, "__snapshots__": Ignored, "goldens": Ignored, "deps": Ignored, "archetypes": Ignored,

	"test": Tests, "tests": Tests, "__tests__": Tests, "e2e": Tests, "testing": Tests, "spec": Tests, "integration-tests": Tests, "integration_tests": Tests, "it": Tests, "regress": Tests, "regression": Tests, "regression-tests": Tests, "regression_tests": Tests,

	"example": Aside, "examples": Aside, "_examples": Aside, "samples": Aside, "sample": Aside, "demo": Aside, "demos": Aside, "playground": Aside, "playgrounds": Aside,
	"docs": Aside, "doc": Aside, "documentation": Aside, "website": Aside, "site": Aside, "benchmark": Aside, "benchmarks": Aside, "bench": Aside, "tools": Aside,
	"hack": Aside, "contrib": Aside, "tutorial": Aside, "tutorials": Aside, "docs_src": Aside, ".github": Aside, ".devcontainer": Aside, "scripts": Aside, "script": Aside, "ci": Aside, ".ci": Aside, "fuzz": Aside, "fuzzing": Aside,
}

// workNames are of folders that at the root hold what serves the work on the
// software, and are often a part of it deeper in the tree.
var workNames = map[string]bool{"tool": true, "util": true, "utils": true, "dev": true, "build": true, "release": true, "support": true, "cmake": true, "m4": true}

// HelpsProduct reports whether a file lies in a folder at the root whose name is
// that of no part of the product: of another place than Product, or where people
// work on it. Whether a folder that shows something is the product all the same,
// package beside says.
func HelpsProduct(file string) bool {
	top, _, inFolder := strings.Cut(strings.ToLower(file), "/")
	if HelpsInside(file) {
		return true
	}
	return inFolder && (PlaceOf(top+"/") != Product || workNames[top] || strings.HasPrefix(top, ".") || strings.HasSuffix(top, "-tools"))
}

// HelpsInside reports whether a program of Go that starts in a file lies below a
// folder called internal: nobody outside of the module can install it, so that it
// helps with the code around it.
func HelpsInside(file string) bool {
	return strings.HasSuffix(file, ".go") && strings.Contains("/"+file, "/internal/")
}

// PlaceOf returns the place of a file by the folders on the way to it. The
// strongest one wins: what is ignored stays so below a test folder.
func PlaceOf(file string) Place { return placeOf(file, false) }

// PlaceOfOwn is PlaceOf for a file that is known to be the project's own, so that
// names which often mean other people's code say nothing.
func PlaceOfOwn(file string) Place { return placeOf(file, true) }

// othersNames are those of Ignored that are for other people's code.
var othersNames = map[string]bool{"vendor": true, "third_party": true, "thirdparty": true, "3rdparty": true, "external": true, "deps": true}

func placeOf(file string, own bool) Place {
	folders := strings.Split(file, "/")
	place := Product
	for _, name := range folders[:len(folders)-1] {
		name = strings.ToLower(name)
		if own && othersNames[name] {
			continue
		}
		p, ok := placeNames[name]
		if !ok && (strings.HasPrefix(name, "template-") || strings.ContainsAny(name, "{}<>")) {
			p = Ignored
		}
		switch {
		case p == Ignored:
			return Ignored
		case place == Product:
			place = p
		}
	}
	return place
}

// ScopeIn weakens the scope of a dependency by the place of its manifest: what
// an example runs with is a dependency of development to the project.
func ScopeIn(place Place, scope string) string {
	switch {
	case place == Tests && scope != ScopeDevelopment:
		return ScopeTest
	case place == Aside && scope == ScopeRuntime:
		return ScopeDevelopment
	}
	return scope
}

// The scopes of an external dependency, strongest first.
const (
	ScopeRuntime     = "runtime"
	ScopeOptional    = "optional"
	ScopeTest        = "test"
	ScopeDevelopment = "development"
	ScopeIndirect    = "indirect"
)

// ScopeRank orders the scopes, 0 for the strongest.
func ScopeRank(scope string) int {
	return slices.Index([]string{ScopeRuntime, ScopeOptional, ScopeTest, ScopeDevelopment, ScopeIndirect}, scope)
}
