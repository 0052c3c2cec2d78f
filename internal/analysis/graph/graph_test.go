package graph

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

var update = flag.Bool("update", false, "write the expected results")

// wantName is the file of an archive that holds what is expected of it.
const wantName = "want"

// reader reads trees with the parsers of the product.
type reader struct{ parsers map[string]language.Parser }

func newReader() *reader {
	r := &reader{parsers: map[string]language.Parser{}}
	for _, p := range builtin.Parsers() {
		for _, name := range p.Languages() {
			r.parsers[name] = p
		}
	}
	return r
}

var languages = map[string]string{
	".go": "Go", ".py": "Python", ".pyi": "Python", ".js": "JavaScript", ".mjs": "JavaScript", ".cjs": "JavaScript", ".jsx": "JavaScript",
	".ts": "TypeScript", ".mts": "TypeScript", ".tsx": "TSX", ".java": "Java", ".kt": "Kotlin", ".cs": "C#", ".vue": "Vue", ".rb": "Ruby", ".jbuilder": "Ruby", ".erb": "HTML+ERB", ".haml": "Haml", ".slim": "Slim", ".rs": "Rust", ".c": "C", ".h": "C", ".cc": "C++", ".cpp": "C++", ".hpp": "C++", ".php": "PHP", ".md": "Markdown", ".yml": "YAML", ".json": "JSON",
}

var kinds = map[string]string{"HTML+ERB": "markup", "Haml": "markup", "Slim": "markup", "Markdown": "prose", "YAML": "data", "JSON": "data"}

// tree reads the files of a tree, and its manifests.
func (r *reader) tree(t testing.TB, files []txtar.File) (Tree, *manifest.Result) {
	t.Helper()
	var tree Tree
	var manifests []manifest.File
	for _, f := range files {
		tree.Paths = append(tree.Paths, f.Name)
	}
	wanted := manifest.Select(tree.Paths)
	for _, f := range files {
		if slices.Contains(wanted, f.Name) {
			manifests = append(manifests, manifest.File{Path: f.Name, Content: f.Data})
		}
		name := languages[path.Ext(f.Name)]
		if name == "" || strings.Contains(f.Name, "generated") {
			continue
		}
		file := File{Path: f.Name, Language: name, Kind: kinds[name], Test: source.IsTest(f.Name)}
		if file.Kind == "" {
			file.Kind = "programming"
		}
		for line := range strings.Lines(string(f.Data)) {
			if strings.TrimSpace(line) != "" {
				file.Code++
			}
		}
		if p := r.parsers[name]; p != nil {
			facts, err := p.Parse(t.Context(), f.Name, f.Data)
			if err != nil {
				t.Fatal(err)
			}
			file.Facts = facts
		}
		tree.Files = append(tree.Files, file)
	}
	result := manifest.Read(tree.Paths, manifests)
	tree.Layout = result.Layout
	return tree, result
}

// describeGraph writes a graph for people, one thing a line.
func describeGraph(g *Graph) string {
	var b strings.Builder
	for e := range g.Edges() {
		fmt.Fprintf(&b, "%s -> %s %d", e.From, e.To, e.Refs)
		if e.Confidence < certain {
			fmt.Fprintf(&b, " (%d %%)", e.Confidence)
		}
		b.WriteByte('\n')
	}
	var uses []string
	for u, files := range g.external {
		uses = append(uses, fmt.Sprintf("uses %s %s %d\n", u.Ecosystem, u.Name, len(files)))
	}
	slices.Sort(uses)
	b.WriteString(strings.Join(uses, ""))
	t := g.totals
	fmt.Fprintf(&b, "imports: %d internal, %d external, %d unresolved\n", t.Internal, t.External, t.Unresolved)
	return b.String()
}

// describeMap writes a map and its reading order for people.
func describeMap(m *Map, steps []report.ReadingStep) string {
	var b strings.Builder
	a := m.Architecture()
	for _, c := range a.Components {
		fmt.Fprintf(&b, "component %s: %s at %s, %d files, %d tests, %d lines %v\n", c.Name, c.Type, c.Path, c.Files, c.TestFiles, c.Lines, c.Languages)
		fmt.Fprintf(&b, "  folders %v\n", c.Paths)
		if c.Description != nil {
			fmt.Fprintf(&b, "  says %s\n", *c.Description)
		}
		if len(c.EntryPoints) > 0 {
			fmt.Fprintf(&b, "  starts %v\n", c.EntryPoints)
		}
		fmt.Fprintf(&b, "  key %v\n", c.KeyFiles)
	}
	for _, d := range a.Dependencies {
		fmt.Fprintf(&b, "%s %s -> %s %d\n", d.Type, d.From, d.To, d.Weight)
	}
	for _, c := range a.Cycles {
		fmt.Fprintf(&b, "cycle %v\n", c)
	}
	for _, l := range a.Layers {
		fmt.Fprintf(&b, "layer %v\n", l)
	}
	if a.Modularity != nil {
		fmt.Fprintf(&b, "modularity %.3f\n", *a.Modularity)
	}
	if a.FolderAgreement != nil {
		fmt.Fprintf(&b, "agreement with the folders %.3f\n", *a.FolderAgreement)
	}
	describeInside(&b, a.Components)
	for _, s := range steps {
		fmt.Fprintf(&b, "read %s (%s, %d): %s\n", s.Path, s.Component, s.Lines, s.Reason)
	}
	return b.String()
}

func describeInside(b *strings.Builder, components []report.Component) {
	for _, outer := range components {
		if outer.Inside == nil {
			continue
		}
		for _, c := range outer.Inside.Components {
			fmt.Fprintf(b, "inside %s: %s, %s, %d files, %d lines, uses %v\n", outer.Name, c.Name, c.Type, c.Files, c.Lines, c.Dependencies)
		}
		fmt.Fprintf(b, "  cycles %v layers %v\n", outer.Inside.Cycles, outer.Inside.Layers)
		describeInside(b, outer.Inside.Components)
	}
}

// archives runs a test on every archive of a folder: got is compared with the
// file want of the archive.
func archives(t *testing.T, dir string, describe func(t *testing.T, files []txtar.File) string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives in %s: %v", dir, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			files := slices.DeleteFunc(slices.Clone(archive.Files), func(f txtar.File) bool {
				if f.Name == wantName {
					want = string(f.Data)
				}
				return f.Name == wantName
			})
			got := describe(t, files)
			if *update {
				archive.Files = slices.Concat(files, []txtar.File{{Name: wantName, Data: []byte(got)}})
				if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("go test -update writes what is expected (-want +got):\n%s", diff)
			}
		})
	}
}

// TestResolve resolves the imports of small trees, one for each family of
// languages and question.
func TestResolve(t *testing.T) {
	t.Parallel()
	r := newReader()
	archives(t, "resolve", func(t *testing.T, files []txtar.File) string {
		tree, _ := r.tree(t, files)
		return describeGraph(Resolve(tree))
	})
}

// TestMap draws the maps of small trees and the ways through them.
func TestMap(t *testing.T) {
	t.Parallel()
	r := newReader()
	archives(t, "map", func(t *testing.T, files []txtar.File) string {
		tree, result := r.tree(t, files)
		m := Resolve(tree).Map(Hints{Name: "product", EntryPoints: result.EntryPoints, Readmes: map[string]string{"packages/ui": "Buttons and more."}})
		return describeMap(m, m.ReadingOrder([]report.Document{{Path: "README.md", Title: "Product"}}))
	})
}

// TestFromNothing gives the empty and the odd tree.
func TestFromNothing(t *testing.T) {
	t.Parallel()
	for name, tree := range map[string]Tree{
		"nothing":          {},
		"paths only":       {Paths: []string{"a.go", "b/c.bin"}},
		"no facts":         {Files: []File{{Path: "a.txt", Language: "Text", Kind: "prose"}}},
		"a file twice":     {Files: []File{{Path: "a/b.go", Language: "Go"}, {Path: "a/b.go", Language: "Go"}}},
		"an absolute path": {Files: []File{{Path: "/etc/x.py", Language: "Python", Facts: &language.Facts{Imports: []language.Import{{Path: "....up"}, {Path: ""}, {Path: "."}}}}}},
		"a hostile path":   {Files: []File{{Path: "../../x.js", Language: "JavaScript", Facts: &language.Facts{Imports: []language.Import{{Path: "../../../../y"}, {Path: "#"}, {Path: "@"}, {Path: "@/"}, {Path: "!"}}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := Resolve(tree).Map(Hints{})
			a := m.Architecture()
			if a.Components == nil && len(tree.Files) > 0 {
				t.Error("files without a component")
			}
			if a.Dependencies == nil || a.Cycles == nil || a.Layers == nil || m.ReadingOrder(nil) == nil {
				t.Errorf("a list is nil: %+v", a)
			}
		})
	}
}
