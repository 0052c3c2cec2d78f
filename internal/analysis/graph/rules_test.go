package graph

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestMatchPattern(t *testing.T) {
	t.Parallel()
	patterns := map[string]string{"@ui/*": "", "@ui/icons/*": "", "exact": "", "exact*": "", "*.js": "", "a*z": "", "a*yz": ""}
	for spec, want := range map[string][2]string{
		"@ui/panel":     {"@ui/*", "panel"},
		"@ui/icons/add": {"@ui/icons/*", "add"},
		"exact":         {"exact", ""},
		"exactly":       {"exact*", "ly"},
		"lib/x.js":      {"*.js", "lib/x"},
		"axyz":          {"a*yz", "x"},
		"az":            {"a*z", ""},
		"a":             {"", ""},
		"other":         {"", ""},
	} {
		pattern, star := matchPattern(patterns, spec)
		if pattern != want[0] || star != want[1] {
			t.Errorf("%s matches %q with %q, want %v", spec, pattern, star, want)
		}
	}
}

func TestNpmName(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"react": "react", "react/jsx-runtime": "react", "@scope/kit": "@scope/kit", "@scope/kit/a/b": "@scope/kit", "@scope": "",
		"node:fs": "", "fs": "", "fs/promises": "", "bun:test": "", "virtual:routes": "", "https://example.org/x.js": "", "$app/stores": "", "\x00helper": "",
	} {
		if got := npmName(spec); got != want {
			t.Errorf("npmName(%q) = %q, want %q", spec, got, want)
		}
	}
	for spec, want := range map[string]string{"./a?raw": "./a", "raw-loader!./b.txt": "./b.txt", "x!y!./c?d": "./c", "": "", "?": ""} {
		if got := cleanSpecifier(spec); got != want {
			t.Errorf("cleanSpecifier(%q) = %q, want %q", spec, got, want)
		}
	}
}

func TestJavaPlatform(t *testing.T) {
	t.Parallel()
	for pkg, want := range map[string]bool{
		"java.util": true, "javax.sql": true, "javax.inject": false, "javax.servlet.http": false, "jakarta.inject": false, "com.sun.net": true,
		"com.acme": false, "org.w3c.dom": true, "org.xml.sax.helpers": true, "org.junit": false, "jdk.jfr": true, "": false,
	} {
		if got := isJavaPlatform(pkg); got != want {
			t.Errorf("isJavaPlatform(%q) = %v", pkg, got)
		}
	}
	for in, want := range map[string]string{"a.b.Outer.Inner": "a.b", "a.b": "a.b", "Outer": "Outer", "": ""} {
		if got := lowerPackage(in); got != want {
			t.Errorf("lowerPackage(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestRoles says what folders are by their names, contents and places.
func TestRoles(t *testing.T) {
	t.Parallel()
	code := size{product: 100, files: 4, programs: 4}
	tests := []struct {
		path  string
		size  size
		share float64
		where surroundings
		want  string
	}{
		{"docs", code, 0.1, outermost, typeDocs},
		{"docs", code, 0.5, outermost, ""}, // most of the code: the product is about documents
		{"app/docs", code, 0.1, inside, ""},
		{"packages/docs", code, 0.1, workspace, typeDocs},
		{"docs", size{files: 3, prose: 3}, 0, inside, typeDocs},
		{"notes", size{files: 3, prose: 2}, 0, outermost, typeDocs},
		{"deploy", size{files: 3}, 0, outermost, typeConfiguration},
		{".github", size{files: 3}, 0, outermost, typeTooling},
		{"tools", code, 0.1, outermost, typeTooling},
		{"agent/tools", code, 0.1, inside, ""},
		{"agent/scripts", code, 0.01, inside, typeTooling},
		{"agent/scripts", code, 0.3, inside, ""},
		{"config", code, 0.1, outermost, ""}, // all of it is code
		{"config", size{product: 10, files: 9, programs: 1}, 0.1, outermost, typeConfiguration},
		{"test", code, 0.1, outermost, typeTests},
		{"api/spec", code, 0.1, inside, ""},
		{"api/spec", size{product: 10, tests: 90, files: 5, testFiles: 4, programs: 5}, 0.1, inside, typeTests},
		{"anything", size{tests: 9, files: 2, testFiles: 2, programs: 2}, 0, inside, typeTests},
		{"core", code, 0.3, outermost, ""},
		{"my-docs", code, 0.1, outermost, typeDocs},
		{"test-kit", code, 0.1, outermost, typeTests},
		{"fuzz", code, 0.01, outermost, typeTests},
		{"vm/fuzz", code, 0.01, inside, ""},
		{"pkg/brew", size{product: 20, files: 1, programs: 1}, 0.001, workspace, typeConfiguration},
		{"pkg/rpm", code, 0.01, workspace, ""}, // a library that reads such packages
	}
	for _, test := range tests {
		if got := roleOf(&folder{path: test.path, size: test.size}, test.share, test.where); got != test.want {
			t.Errorf("%s with %+v, share %.2f, place %d: %q, want %q", test.path, test.size, test.share, test.where, got, test.want)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]bool{
		"vite.config.ts": true, "a/b/.eslintrc.js": true, "setup.py": true, "conftest.py": true, "webpack.prod.js": true, "vitest.setup.ts": true,
		"config.ts": false, "src/setup.ts": false, "app.py": false, "a.config/b.ts": false,
	} {
		if got := isSettings(p); got != want {
			t.Errorf("isSettings(%q) = %v", p, got)
		}
	}
}

// mapOf makes a map of JavaScript files; an entry "a/x" of uses is imported.
func mapOf(uses map[string][]string, edit func(f *File), programs ...report.EntryPoint) *Map {
	var tree Tree
	for name, used := range uses {
		f := File{Path: name + ".js", Language: "JavaScript", Kind: "programming", Code: 100, Facts: &language.Facts{
			Functions: []language.Function{{Name: "f", Line: 1, EndLine: 9}},
		}}
		for _, u := range used {
			f.Facts.Imports = append(f.Facts.Imports, language.Import{Path: "/" + u})
		}
		if edit != nil {
			edit(&f)
		}
		tree.Files = append(tree.Files, f)
	}
	return Resolve(tree).Map(Hints{Name: "product", EntryPoints: programs})
}

// TestLayers draws circles together and puts what rests on nothing at the
// bottom.
func TestLayers(t *testing.T) {
	t.Parallel()
	m := mapOf(map[string][]string{
		"ui/a": {"logic/a", "base/a"}, "logic/a": {"rules/a"}, "rules/a": {"logic/b", "base/a"}, "logic/b": {"store/a"},
		"store/a": {"base/a"}, "base/a": nil, "alone/a": nil, "more/a": {"base/a"},
	}, nil)
	a := m.Architecture()
	if diff := cmp.Diff([][]string{{"logic", "rules"}}, a.Cycles); diff != "" {
		t.Errorf("cycles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"ui"}, {"logic", "rules"}, {"more", "store"}, {"base"}}, a.Layers); diff != "" {
		t.Errorf("layers (-want +got):\n%s", diff)
	}
	for _, c := range a.Components {
		if c.Name == "base" {
			if diff := cmp.Diff([]string{"more", "rules", "store", "ui"}, c.Dependents); diff != "" {
				t.Errorf("dependents of base (-want +got):\n%s", diff)
			}
		}
	}
}

// TestTestsMakeNoDependency keeps what tests import out of the map.
func TestTestsMakeNoDependency(t *testing.T) {
	t.Parallel()
	m := mapOf(map[string][]string{"a/x": nil, "a/x.test": {"b/x", "a/x"}, "b/x": nil, "test/all": {"a/x"}}, func(f *File) {
		f.Test = f.Path == "a/x.test.js" || f.Path == "test/all.js"
	})
	want := []report.Dependency{{From: "test", To: "a", Type: "import", Weight: 1}}
	if diff := cmp.Diff(want, m.Architecture().Dependencies); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	if !m.g.Imports("a/x.test.js", "b/x.js") || m.g.Imports("b/x.js", "a/x.test.js") {
		t.Error("the file graph has the test's import, in its direction")
	}
	if got := m.g.Importers("a/x.js"); got != 2 {
		t.Errorf("%d files import a/x.js", got)
	}
}

func TestComponentOf(t *testing.T) {
	t.Parallel()
	m := mapOf(map[string][]string{"a/x": {"b/y"}, "b/y": nil, "c/deep/z": nil}, nil)
	for file, want := range map[string]string{
		"a/x.js": "a", "a/gone.js": "a", "a/sub/gone.js": "a", "c/deep/more/gone.js": "c/deep", "unknown/x.js": "", "": "",
	} {
		if got := m.ComponentOf(file); got != want {
			t.Errorf("ComponentOf(%q) = %q, want %q", file, got, want)
		}
	}
}

// TestReadingOrder reads what a file uses before it, and no trivial files.
func TestReadingOrder(t *testing.T) {
	t.Parallel()
	m := mapOf(map[string][]string{
		"api/a": {"logic/a", "base/a"}, "logic/a": {"store/a", "base/a"}, "store/a": {"base/a"}, "base/a": {"base/tiny"}, "base/tiny": nil,
		"api/b": {"api/a", "logic/a"}, "vite.config": {"api/a"}, "logic/a.test": {"logic/a"},
	}, func(f *File) {
		if f.Path == "base/tiny.js" {
			f.Code = 3
		}
		f.Test = f.Path == "logic/a.test.js"
	})
	var got []string
	for _, s := range m.ReadingOrder(nil) {
		got = append(got, s.Path)
	}
	if len(got) != 5 || slices.Contains(got, "base/tiny.js") || slices.Contains(got, "vite.config.js") {
		t.Fatalf("steps %v", got)
	}
	// The first is where to begin with a library; the rest builds up.
	rest := got[1:]
	for i, file := range rest {
		for _, later := range rest[i+1:] {
			if m.g.Imports(file, later) {
				t.Errorf("%s comes before %s, which it uses: %v", file, later, got)
			}
		}
	}
}

// TestReadingDoesNotStartAtAids begins neither with what fills a database or makes
// a release, wherever else a program starts or none does, nor with a second script
// that only hands over.
func TestReadingDoesNotStartAtAids(t *testing.T) {
	t.Parallel()
	uses := map[string][]string{
		"app/run": {"app/b"}, "app/other": nil, "app/b": {"base/a"}, "base/a": nil, "base/b": {"base/a", "app/b"}, "seed/fill": {"app/b", "base/a", "base/b"}, "support/release": {"base/a"},
	}
	first := func(programs ...string) string {
		var entries []report.EntryPoint
		for _, p := range programs {
			entries = append(entries, report.EntryPoint{Path: p + ".js", Kind: entryProgram, Name: p})
		}
		m := mapOf(uses, func(f *File) {
			if f.Path == "app/other.js" || f.Path == "app/run.js" {
				f.Facts.Functions = nil
			}
		}, entries...)
		var starts []string
		for _, s := range m.ReadingOrder(nil) {
			if strings.HasPrefix(s.Reason, "where ") {
				starts = append(starts, s.Path)
			}
		}
		return strings.Join(starts, " ")
	}
	if got := first("app/run", "app/other", "seed/fill", "support/release"); got != "app/run.js" {
		t.Errorf("starts at %q", got)
	}
	if got := first("seed/fill", "support/release"); got != "" {
		t.Errorf("starts at %q", got)
	}
	for p, want := range map[string]bool{
		"src/main/java/org/example/tools/Shop.java": false, "tools/src/main/java/org/shop/Shop.java": true, "packages/prisma/seed/large.ts": true, "cmd/seed.go": false, "src/release.c": false, "internal/tags/table/main.go": true, "internal/run.py": false, "CMake/probe.c": true, "src/cmake/run.c": false,
	} {
		if isAid(p) != want {
			t.Errorf("%s serves the work on the software: %v", p, !want)
		}
	}
}

// TestCoupling joins by common changes where imports say nothing.
func TestCoupling(t *testing.T) {
	t.Parallel()
	var tree Tree
	for _, dir := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		for _, name := range []string{"x", "y"} {
			f := File{Path: "pkg/" + dir + "/" + name + ".rb", Language: "Ruby", Kind: "programming", Code: 300}
			if dir == "c" || dir == "d" {
				f.Code = 5
			}
			tree.Files = append(tree.Files, f)
		}
	}
	pairs := func(yield func(Pair) bool) {
		_ = yield(Pair{A: "pkg/c/x.rb", B: "pkg/f/x.rb", Shared: 9}) && yield(Pair{A: "pkg/gone.rb", B: "pkg/f/x.rb", Shared: 9})
	}
	with, without := Resolve(tree).Map(Hints{Coupling: pairs}), Resolve(tree).Map(Hints{})
	if got := with.ComponentOf("pkg/c/x.rb"); got != with.ComponentOf("pkg/f/x.rb") {
		t.Errorf("c changes with f and is in %s", got)
	}
	if got := without.ComponentOf("pkg/c/x.rb"); got == without.ComponentOf("pkg/f/x.rb") {
		t.Errorf("c has nothing to do with f and is in %s", got)
	}
}
