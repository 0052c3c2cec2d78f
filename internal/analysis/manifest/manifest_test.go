package manifest_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// tree reads a fixture as a pipeline would give it: all paths, and the content
// of the files that Select chooses.
func tree(t *testing.T, file string) (paths []string, files []manifest.File) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content := map[string][]byte{}
	for _, f := range archive.Files {
		paths = append(paths, f.Name)
		content[f.Name] = f.Data
	}
	slices.Sort(paths)
	for _, p := range manifest.Select(paths) {
		files = append(files, manifest.File{Path: p, Content: content[p]})
	}
	return paths, files
}

// TestGoldens compares what is read from each fixture with what a person
// checked.
func TestGoldens(t *testing.T) {
	t.Parallel()
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("%d fixtures, error %v", len(fixtures), err)
	}
	for _, fixture := range fixtures {
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			t.Parallel()
			r := manifest.Read(tree(t, fixture))
			checkPresentable(t, r)
			got := describe(r)
			golden := strings.TrimSuffix(fixture, ".txtar") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("run with -update and check the change (-want +got):\n%s", diff)
			}
		})
	}
}

// describe writes a result so that a person can check it line by line.
func describe(r *manifest.Result) string {
	var b bytes.Buffer
	section := func(name string, n int) {
		if n > 0 {
			fmt.Fprintf(&b, "== %s\n", name)
		}
	}
	for _, list := range []struct {
		name     string
		commands []report.Command
	}{{"setup", r.Build.Setup}, {"build", r.Build.Build}, {"run", r.Build.Run}, {"test", r.Build.Test}, {"lint", r.Build.Lint}} {
		section(list.name, len(list.commands))
		for _, c := range list.commands {
			fmt.Fprintf(&b, "%.2f %s  <- %s:%d %s\n", c.Confidence, c.Command, c.Source, c.Line, c.Why)
		}
	}
	section("ci", len(r.Build.CI))
	for _, c := range r.Build.CI {
		fmt.Fprintln(&b, c)
	}
	section("requirements", len(r.Build.Requirements))
	for _, q := range r.Build.Requirements {
		fmt.Fprintf(&b, "%s %q  <- %s:%d\n", q.Tool, q.Version, q.Source, q.Line)
	}
	section("external", len(r.External))
	for _, e := range r.External {
		fmt.Fprintf(&b, "%s %s %q %s %v  <- %s:%d\n", e.Ecosystem, e.Name, e.Version, e.Scope, e.Imports, e.Manifest, e.Line)
	}
	section("entry points", len(r.EntryPoints))
	for _, e := range r.EntryPoints {
		fmt.Fprintf(&b, "%s:%d %s %s\n", e.Path, e.Line, e.Kind, e.Name)
	}
	section("layout", len(r.Layout.GoModules)+len(r.Layout.NodePackages)+len(r.Layout.TSConfigs)+len(r.Layout.PythonProjects))
	for _, m := range r.Layout.GoModules {
		fmt.Fprintf(&b, "go %s in %s, replaced %v\n", m.Path, m.Dir, m.Replace)
	}
	for _, p := range r.Layout.NodePackages {
		fmt.Fprintf(&b, "node %q in %s\n  main %v\n  exports %v\n  imports %v\n  bin %v\n", p.Name, p.Dir, p.Main, p.Exports, p.Imports, p.Bin)
	}
	for _, c := range r.Layout.TSConfigs {
		fmt.Fprintf(&b, "tsconfig in %s, base %q, paths %v\n", c.Dir, c.BaseURL, c.Paths)
	}
	for _, p := range r.Layout.PythonProjects {
		fmt.Fprintf(&b, "python %q in %s, roots %v\n", p.Name, p.Dir, p.Roots)
	}
	return b.String()
}

// TestOrderOfFiles gives the same result whatever order the files come in.
func TestOrderOfFiles(t *testing.T) {
	t.Parallel()
	fixtures, _ := filepath.Glob("testdata/*.txtar")
	for _, fixture := range fixtures {
		paths, files := tree(t, fixture)
		want := manifest.Read(paths, files)
		slices.Reverse(files)
		slices.Reverse(paths)
		if diff := cmp.Diff(want, manifest.Read(paths, files)); diff != "" {
			t.Errorf("%s (-sorted +reversed):\n%s", fixture, diff)
		}
	}
}

func TestEmptyTree(t *testing.T) {
	t.Parallel()
	want := &manifest.Result{
		External: []report.External{}, EntryPoints: []report.EntryPoint{},
		Build: report.Build{
			Setup: []report.Command{}, Build: []report.Command{}, Run: []report.Command{}, Test: []report.Command{}, Lint: []report.Command{},
			CI: []string{}, Requirements: []report.Requirement{},
		},
	}
	if diff := cmp.Diff(want, manifest.Read(nil, nil)); diff != "" {
		t.Errorf("lists must be empty, not nil (-want +got):\n%s", diff)
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	paths := []string{
		"a/b/go.mod", "go.mod", "main.go", "vendor/x/go.mod", "testdata/go.mod", "node_modules/y/package.json", "web/package.json",
		"src/README.md", "README.md", "docs/CONTRIBUTING.md", "Dockerfile.dockerignore", "\xff/go.mod",
	}
	want := []string{"README.md", "go.mod", "docs/CONTRIBUTING.md", "web/package.json", "\xff/go.mod", "a/b/go.mod"}
	if diff := cmp.Diff(want, manifest.Select(paths)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSelectIsBounded keeps a tree of very many manifests from filling memory.
func TestSelectIsBounded(t *testing.T) {
	t.Parallel()
	var paths []string
	for i := range 3_000 {
		paths = append(paths, fmt.Sprintf("d%d/deep/package.json", i), fmt.Sprintf("d%d/pom.xml", i))
	}
	paths = append(paths, "package.json")
	got := manifest.Select(paths)
	if len(got) != 2_000 || got[0] != "package.json" {
		t.Errorf("%d files, first %q: want 1,000 of each kind, the root's first", len(got), got[0])
	}
}
