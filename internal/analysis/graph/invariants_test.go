package graph

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// synthetic makes a tree of n Go files in packages of ten that use each other's
// names: about edges of them for each file. Packages of one area mostly use
// their own area.
func synthetic(n, edges int, seed uint64) Tree {
	rnd := rand.New(rand.NewPCG(seed, seed))
	var t Tree
	folder := func(p int) string { return fmt.Sprintf("area%02d/group%d/pkg%d", p%23, p%7, p) }
	for i := range n {
		p := i / 10
		f := File{
			Path: fmt.Sprintf("%s/file%d.go", folder(p), i%10), Language: "Go", Kind: "programming", Code: int64(20 + rnd.IntN(400)),
			Facts: &language.Facts{Package: fmt.Sprintf("pkg%d", p), Main: i%997 == 0},
		}
		if i%8 == 7 {
			f.Path, f.Test = strings.TrimSuffix(f.Path, ".go")+"_test.go", true
		}
		for k := range 4 {
			f.Facts.Declares = append(f.Facts.Declares, language.Declaration{Name: fmt.Sprintf("Name%dOf%d", k, i), Kind: language.KindType, Line: k*10 + 1, EndLine: k*10 + 9, Exported: true})
		}
		for range edges {
			target := rnd.IntN(n)
			if rnd.IntN(4) > 0 { // the same area
				target = min(n-1, (target/230)*230+i%230)
			}
			f.Facts.Imports = append(f.Facts.Imports, language.Import{Path: "example.org/big/" + folder(target/10)})
			f.Facts.References = append(f.Facts.References, language.Reference{Name: fmt.Sprintf("Name%dOf%d", rnd.IntN(4), target), Count: 1 + rnd.IntN(5)})
		}
		t.Files = append(t.Files, f)
	}
	t.Layout.GoModules = []manifest.GoModule{{Path: "example.org/big", Dir: "."}}
	return t
}

// result is all that can be asked of a tree.
func result(t Tree, h Hints) string {
	g := Resolve(t)
	m := g.Map(h)
	return describeGraph(g) + describeMap(m, m.ReadingOrder(nil))
}

// TestShuffled gives the same tree in other orders.
func TestShuffled(t *testing.T) {
	t.Parallel()
	tree := synthetic(1500, 8, 1)
	coupling := func(yield func(Pair) bool) {
		for i := 0; i+30 < len(tree.Files); i += 30 {
			if !yield(Pair{A: tree.Files[i].Path, B: tree.Files[i+30].Path, Shared: 5}) {
				return
			}
		}
	}
	hints := Hints{Name: "big", Coupling: coupling}
	for i := range tree.Files {
		tree.Paths = append(tree.Paths, tree.Files[i].Path)
	}
	other := tree
	other.Files, other.Paths = slices.Clone(tree.Files), slices.Clone(tree.Paths)
	want := result(tree, hints)
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		rnd.Shuffle(len(other.Files), func(i, k int) { other.Files[i], other.Files[k] = other.Files[k], other.Files[i] })
		rnd.Shuffle(len(other.Paths), func(i, k int) { other.Paths[i], other.Paths[k] = other.Paths[k], other.Paths[i] })
		if diff := cmp.Diff(want, result(other, hints)); diff != "" {
			t.Fatalf("another order of the input gives another result:\n%.2000s", diff)
		}
	}
}

// TestInvariants checks what holds for the map of any tree.
func TestInvariants(t *testing.T) {
	t.Parallel()
	names := []string{"src", "lib", "pkg", "internal", "cmd", "test", "tests", "docs", "scripts", "a", "b", "c", "app", "packages", "main", "java", "resources", "config"}
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		var tree Tree
		for range 1 + rnd.IntN(300) {
			parts := []string{}
			for range rnd.IntN(5) {
				parts = append(parts, names[rnd.IntN(len(names))])
			}
			kind := []struct{ language, kind, extension string }{
				{"Go", "programming", ".go"}, {"Python", "programming", ".py"}, {"TypeScript", "programming", ".ts"}, {"Java", "programming", ".java"}, {"YAML", "data", ".yml"}, {"Markdown", "prose", ".md"},
			}[rnd.IntN(6)]
			f := File{
				Path: path.Join(append(parts, fmt.Sprintf("f%d%s", rnd.IntN(60), kind.extension))...), Language: kind.language, Kind: kind.kind,
				Code: int64(rnd.IntN(300)), Test: rnd.IntN(6) == 0,
			}
			if kind.kind == "programming" && rnd.IntN(5) > 0 {
				f.Facts = &language.Facts{Main: rnd.IntN(20) == 0, Declares: []language.Declaration{{Name: "T", Kind: language.KindType, Line: 1, EndLine: 2, Exported: true}}}
				for range rnd.IntN(5) {
					f.Facts.Imports = append(f.Facts.Imports, language.Import{Path: "./" + strings.Repeat("../", rnd.IntN(3)) + names[rnd.IntN(len(names))] + fmt.Sprintf("/f%d", rnd.IntN(60))})
				}
			}
			tree.Files = append(tree.Files, f)
		}
		g := Resolve(tree)
		m := g.Map(Hints{Name: "any"})
		checkMap(t, g, m)
		checkNesting(t, m)
		checkReading(t, m)
	}
}

func checkMap(t *testing.T, g *Graph, m *Map) {
	t.Helper()
	a := m.Architecture()
	seen := map[string]bool{}
	files := 0
	for _, c := range a.Components {
		if c.Name == "" || seen[c.Name] {
			t.Errorf("the name %q is empty or taken", c.Name)
		}
		seen[c.Name] = true
		files += c.Files
		if !slices.Contains([]string{"application", "library", "tests", "docs", "tooling", "configuration"}, c.Type) || len(c.Paths) == 0 || c.Path == "" {
			t.Errorf("component %+v", c)
		}
		if len(c.KeyFiles) > 5 || !slices.IsSorted(c.Dependencies) || slices.Contains(c.Dependencies, c.Name) {
			t.Errorf("component %+v", c)
		}
	}
	if files != len(g.files) {
		t.Errorf("%d files are in components, of %d", files, len(g.files))
	}
	for i := range g.files {
		if !seen[m.ComponentOf(g.files[i].Path)] {
			t.Errorf("%s belongs to %q", g.files[i].Path, m.ComponentOf(g.files[i].Path))
		}
	}
	checkLayers(t, &a)
	if a.Modularity != nil && (*a.Modularity < -1 || *a.Modularity > 1) {
		t.Errorf("modularity %f", *a.Modularity)
	}
}

// checkLayers checks that layers use those after them only, cycles apart.
func checkLayers(t *testing.T, a *report.Architecture) {
	t.Helper()
	layer, circle := map[string]int{}, map[string]int{}
	for i, l := range a.Layers {
		for _, name := range l {
			layer[name] = i
		}
	}
	for i, c := range a.Cycles {
		for _, name := range c {
			circle[name] = i + 1
		}
	}
	for _, d := range a.Dependencies {
		if circle[d.From] != 0 && circle[d.From] == circle[d.To] {
			continue
		}
		if layer[d.From] >= layer[d.To] {
			t.Errorf("%s (layer %d) uses %s (layer %d)", d.From, layer[d.From], d.To, layer[d.To])
		}
	}
}

func checkReading(t *testing.T, m *Map) {
	t.Helper()
	steps := m.ReadingOrder([]report.Document{{Path: "README.md"}})
	seen := map[string]bool{}
	for _, s := range steps {
		if seen[s.Path] || s.Reason == "" {
			t.Errorf("step %+v comes twice or has no reason", s)
		}
		seen[s.Path] = true
		if i, ok := m.g.index[s.Path]; ok && m.g.files[i].Test {
			t.Errorf("%s is a test", s.Path)
		}
	}
	if len(steps) > mostSteps {
		t.Errorf("%d steps", len(steps))
	}
}

// TestLikeGoList compares the packages of this repository with go list: every
// import of a package of the module by a file that is no test must be an edge,
// and no edge may lead where go list knows of no import.
func TestLikeGoList(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	out, err := exec.CommandContext(t.Context(), "go", "list", "-C", root, "-e", "-json=ImportPath,Dir,Imports,GoFiles,CgoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	want := map[string]bool{}
	module := "github.com/rampforgeai/rampforge"
	var files []txtar.File
	add := func(dir, rel string, names ...string) {
		for _, name := range names {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				continue // gone since go list ran
			}
			files = append(files, txtar.File{Name: path.Join(rel, name), Data: content})
		}
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var pkg struct {
			ImportPath, Dir            string
			Imports, GoFiles, CgoFiles []string
		}
		if err := dec.Decode(&pkg); err != nil {
			t.Fatal(err)
		}
		from := relative(pkg.ImportPath, module)
		add(pkg.Dir, from, slices.Concat(pkg.GoFiles, pkg.CgoFiles)...)
		for _, imp := range pkg.Imports {
			if imp == module || strings.HasPrefix(imp, module+"/") {
				want[from+" -> "+relative(imp, module)] = true
			}
		}
	}
	files = append(files, txtar.File{Name: "go.mod", Data: []byte("module " + module + "\n")})
	tree, _ := newReader().tree(t, files)
	got := map[string]bool{}
	for e := range Resolve(tree).Edges() {
		if from, to := path.Dir(e.From), path.Dir(e.To); from != to {
			got[from+" -> "+to] = true
		}
	}
	if len(want) < 50 {
		t.Fatalf("go list gave %d edges", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edges between packages (-go list +graph):\n%s", diff)
	}
}

func relative(importPath, module string) string {
	return path.Clean("./" + strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/"))
}

// TestPageRank compares with values worked out by hand: two files that use a
// third, which uses one of them.
func TestPageRank(t *testing.T) {
	t.Parallel()
	a := adjacency{start: []int32{0, 1, 2, 3}, links: []link{{file: 2, weight: 1}, {file: 2, weight: 1}, {file: 0, weight: 1}}}
	rank := pageRank(&a, nil)
	// b has nothing but the start: 0.05; c = 0.05 + 0.85(a + b); a = 0.05 + 0.85c.
	c := (0.05 + 0.85*0.05 + 0.85*0.05) / (1 - 0.85*0.85)
	want := []float64{0.05 + 0.85*c, 0.05, c}
	for i := range want {
		if math.Abs(rank[i]-want[i]) > 1e-3 {
			t.Errorf("rank of %d is %.4f, want %.4f", i, rank[i], want[i])
		}
	}
}

// TestModularity is the example of two triangles joined by one edge, cut
// between them: Q = 6/7 − 2·(1/2)².
func TestModularity(t *testing.T) {
	t.Parallel()
	var tree Tree
	names := []string{"x/a.js", "x/b.js", "x/c.js", "y/a.js", "y/b.js", "y/c.js"}
	imports := [][]string{{"./b", "./c"}, {"./c"}, {"../y/a"}, {"./b", "./c"}, {"./c"}, nil}
	for i, name := range names {
		f := File{Path: name, Language: "JavaScript", Kind: "programming", Code: 20, Facts: &language.Facts{}}
		for _, p := range imports[i] {
			f.Facts.Imports = append(f.Facts.Imports, language.Import{Path: p})
		}
		tree.Files = append(tree.Files, f)
	}
	q := Resolve(tree).Map(Hints{}).Architecture().Modularity
	if q == nil || math.Abs(*q-(6.0/7-0.5)) > 1e-12 {
		t.Errorf("modularity %v, want %f", q, 6.0/7-0.5)
	}
}

// BenchmarkLarge is the size of the largest repositories: 75,000 files and a
// million imports. It reports the memory that the graph and the map hold beside
// the facts, and at most.
func BenchmarkLarge(b *testing.B) {
	tree := synthetic(75_000, 14, 1)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		g := Resolve(tree)
		m := g.Map(Hints{Name: "big"})
		steps := m.ReadingOrder(nil)
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(g.totals.Edges), "edges")
		b.ReportMetric(float64(len(m.components)), "components")
		b.ReportMetric(float64(len(steps)), "steps")
		b.ReportMetric(float64(after.HeapSys-before.HeapInuse)/1e6, "MB-at-most")
	}
}
