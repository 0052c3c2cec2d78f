package evidence

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestJoin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ dir, rel, want string }{
		{".", "a", "a"}, {".", "./a/../b", "b"}, {"a/b", "../c", "a/c"}, {"a", "..", "."}, {"a", "", "a"}, {"a", ".", "a"}, {"a", "./", "a"},
		{"a", "../..", ""}, {".", "..", ""}, {".", "/etc", ""}, {"a", "b\\c", "a/b/c"}, {".", "...", "..."}, {"a", "../../b", ""},
	} {
		if got := Join(tc.dir, tc.rel); got != tc.want {
			t.Errorf("Join(%q, %q) = %q, want %q", tc.dir, tc.rel, got, tc.want)
		}
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	tree := NewTree(
		[]string{"b/c/d.go", "a.go", "b/x.go", "b0/y.go", "b-/z.go"},
		[]File{{Path: "b/c/go.mod", Content: []byte("deep")}, {Path: "go.mod", Content: []byte("top")}, {Path: "go.mod", Content: []byte("twice")}},
	)
	if got := string(tree.Content("go.mod")); got != "top" {
		t.Errorf("go.mod holds %q, want the first of two", got)
	}
	if tree.Content("a.go") != nil || !tree.Has("a.go") || tree.Has("b") || !tree.HasDir("b/c") || !tree.HasDir(".") || tree.HasDir("a.go") {
		t.Error("files and folders are mixed up")
	}
	for _, tc := range []struct {
		name      string
		got, want []string
	}{
		{"kept", tree.Kept(), []string{"go.mod", "b/c/go.mod"}},
		{"named", tree.Named("go.mod", "go.work"), []string{"go.mod", "b/c/go.mod"}},
		{"matching", tree.Matching(func(p string) bool { return p != "go.mod" }), []string{"b/c/go.mod"}},
		{"under a folder", slices.Clone(tree.Under("b")), []string{"b/c/d.go", "b/c/go.mod", "b/x.go"}},
		{"under the root", slices.Clone(tree.Under(".")), []string{"a.go", "b-/z.go", "b/c/d.go", "b/c/go.mod", "b/x.go", "b0/y.go", "go.mod"}},
	} {
		if diff := cmp.Diff(tc.want, tc.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	if got := tree.Under("nowhere"); len(got) != 0 {
		t.Errorf("under no folder: %v", got)
	}
	if got := tree.FirstExisting("no", "b/x.go", "a.go"); got != "b/x.go" {
		t.Errorf("first existing: %q", got)
	}
	if got := tree.FirstExisting("no"); got != "" {
		t.Errorf("nothing exists, but %q", got)
	}
}

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]Place{
		"go.mod": Product, "lib/a/go.mod": Product, "tests/requirements.txt": Tests, "a/__tests__/package.json": Tests, "docs/package.json": Aside,
		"examples/tests/package.json": Aside, "tests/fixtures/package.json": Ignored, "a/node_modules/b/package.json": Ignored, "VENDOR/x/go.mod": Ignored,
		"template-vue/package.json": Ignored, "{{cookiecutter.name}}/setup.py": Ignored, "testdata": Product, ".github/workflows/ci.yml": Aside,
		"regress/Makefile": Tests, "a/regression/package.json": Tests,
	} {
		if got := PlaceOf(file); got != want {
			t.Errorf("PlaceOf(%q) = %v, want %v", file, got, want)
		}
	}
}

func TestScopeIn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		place       Place
		scope, want string
	}{
		{Product, ScopeRuntime, ScopeRuntime}, {Tests, ScopeRuntime, ScopeTest}, {Tests, ScopeDevelopment, ScopeDevelopment},
		{Aside, ScopeRuntime, ScopeDevelopment}, {Aside, ScopeTest, ScopeTest}, {Aside, ScopeIndirect, ScopeIndirect},
	} {
		if got := ScopeIn(tc.place, tc.scope); got != tc.want {
			t.Errorf("%s at %v becomes %s, want %s", tc.scope, tc.place, got, tc.want)
		}
	}
}

// TestAddExternal keeps one dependency of a manifest, in its strongest scope.
func TestAddExternal(t *testing.T) {
	t.Parallel()
	f := NewFindings()
	add := func(name, scope, manifest string, line int) {
		f.AddExternal(report.External{Ecosystem: "npm", Name: name, Scope: scope, Manifest: manifest, Line: line})
	}
	add("a", ScopeDevelopment, "package.json", 1)
	add("a", ScopeRuntime, "package.json", 2)
	add("a", ScopeOptional, "package.json", 3)
	add("a", ScopeRuntime, "web/package.json", 4)
	add("", ScopeRuntime, "package.json", 5)
	add("b", ScopeRuntime, "vendor/package.json", 6)
	add("c", ScopeRuntime, "examples/package.json", 7)
	want := []report.External{
		{Ecosystem: "npm", Name: "a", Scope: ScopeRuntime, Manifest: "package.json", Line: 2},
		{Ecosystem: "npm", Name: "a", Scope: ScopeRuntime, Manifest: "web/package.json", Line: 4},
		{Ecosystem: "npm", Name: "c", Scope: ScopeDevelopment, Manifest: "examples/package.json", Line: 7},
	}
	if diff := cmp.Diff(want, f.External); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAddCommand puts the folder in front, and drops what cannot be shown.
func TestAddCommand(t *testing.T) {
	t.Parallel()
	f := NewFindings()
	for _, c := range []struct{ command, source, dir string }{
		{"make test", "Makefile", ""}, {"make  test", "web/Makefile", ""}, {"make test", "web/Makefile", "."},
		{"make test", "my folder/Makefile", ""}, {"make test", "-rf/Makefile", ""}, {"make test", "$(x)/Makefile", ""},
		{"make ${{ x }}", "Makefile", ""}, {"make test", "testdata/Makefile", ""},
	} {
		f.AddCommand(Command{Purpose: shell.Test, Dir: c.dir, Command: report.Command{Command: c.command, Source: c.source, Line: 1}})
	}
	f.AddCommand(Command{Purpose: shell.Other, Command: report.Command{Command: "make x", Source: "Makefile"}})
	var got []string
	for _, c := range f.Commands {
		got = append(got, c.Command.Command)
	}
	if diff := cmp.Diff([]string{"make test", "cd web && make test", "make test"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestBounds keeps a hostile tree from filling the report.
func TestBounds(t *testing.T) {
	t.Parallel()
	f := NewFindings()
	for i := range 30_000 {
		f.AddExternal(report.External{Ecosystem: "npm", Name: "n", Manifest: string(rune('a'+i%26)) + string(rune(0x4e00+i/26)), Scope: ScopeRuntime})
		f.AddRequirement("go", "1", "go.mod", 1)
		f.AddEntry("a.go", 0, EntryProgram, "a")
		f.AddCommand(Command{Purpose: shell.Test, Command: report.Command{Command: "make test", Source: "Makefile"}})
	}
	if len(f.External) != maxExternal || len(f.Requirements) != maxTools || len(f.EntryPoints) != maxEntries || len(f.Commands) != maxCommands {
		t.Errorf("%d dependencies, %d tools, %d entry points, %d commands", len(f.External), len(f.Requirements), len(f.EntryPoints), len(f.Commands))
	}
	if f.EntryPoints[0].Line != 1 {
		t.Errorf("line %d", f.EntryPoints[0].Line)
	}
}
