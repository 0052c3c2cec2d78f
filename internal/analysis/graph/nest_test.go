package graph

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// checkInside checks what holds for the inside of every component: its files and
// lines are those of its parts, names are unique, and layers and dependencies
// are among the parts. It returns the components below.
func checkInside(t *testing.T, m *Map, names map[string]bool, level int) int {
	t.Helper()
	nested := 0
	for k, inner := range m.inner {
		if inner == nil {
			continue
		}
		if level >= mostLevels {
			t.Errorf("%s is divided on level %d", m.components[k].Name, level)
		}
		var files, tests int
		var lines int64
		var members []int32
		for i, c := range inner.components {
			if c.Name == "" || names[c.Name] {
				t.Errorf("the name %q is empty or taken", c.Name)
			}
			names[c.Name] = true
			files, tests, lines = files+c.Files, tests+c.TestFiles, lines+c.Lines
			members = append(members, inner.members[i]...)
		}
		slices.Sort(members)
		outer := m.components[k]
		if files != outer.Files || tests != outer.TestFiles || lines != outer.Lines || !slices.Equal(members, m.members[k]) {
			t.Errorf("%s has %d files, %d of tests, and %d lines; inside are %d, %d and %d", outer.Name, outer.Files, outer.TestFiles, outer.Lines, files, tests, lines)
		}
		if n := len(inner.components); n < 2 || n > tooMany {
			t.Errorf("%s has %d parts", outer.Name, n)
		}
		in := inner.inside()
		known := map[string]bool{}
		for _, c := range in.Components {
			known[c.Name] = true
		}
		for _, d := range in.Dependencies {
			if !known[d.From] || !known[d.To] || d.From == d.To || d.Weight < 1 {
				t.Errorf("inside %s: %+v", outer.Name, d)
			}
		}
		checkLayers(t, &report.Architecture{Dependencies: in.Dependencies, Cycles: in.Cycles, Layers: in.Layers})
		nested += len(inner.components) + checkInside(t, inner, names, level+1)
	}
	return nested
}

// checkNesting checks a map with all that is inside it.
func checkNesting(t *testing.T, m *Map) int {
	t.Helper()
	names := map[string]bool{}
	for _, c := range m.components {
		names[c.Name] = true
	}
	nested := checkInside(t, m, names, 1)
	if nested > mostNested {
		t.Errorf("%d components are inside of others", nested)
	}
	for i := range m.g.files {
		place := m.Place(m.g.files[i].Path)
		if len(place) == 0 || len(place) > mostLevels || place[0] != m.ComponentOf(m.g.files[i].Path) {
			t.Fatalf("%s is in %v", m.g.files[i].Path, place)
		}
	}
	sum := map[[2]string]int{}
	for d := range m.Uses() {
		if !names[d.From] || !names[d.To] || d.Weight < 1 {
			t.Errorf("use %+v", d)
		}
		sum[[2]string{d.From, d.To}] = d.Weight
	}
	for _, d := range m.deps { // those of a level are among them, as they are
		if sum[[2]string{d.From, d.To}] != d.Weight {
			t.Errorf("%+v is %d among the uses of all levels", d, sum[[2]string{d.From, d.To}])
		}
	}
	return nested
}

func TestNestingHolds(t *testing.T) {
	t.Parallel()
	for seed, n := range []int{40, 400, 3000, 12_000} {
		m := Resolve(synthetic(n, 6, uint64(seed))).Map(Hints{Name: "big"})
		nested := checkNesting(t, m)
		if n > 1000 && nested == 0 {
			t.Errorf("%d files in folders of folders are not divided", n)
		}
		if n < 100 && nested > 0 {
			t.Errorf("%d files are divided", n)
		}
	}
}

// TestNestingStays adds one file to each of some trees. All files of packages
// that exist stay in the components that they were in.
func TestNestingStays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		tree := synthetic(4000, 6, seed)
		before := Resolve(tree).Map(Hints{Name: "big"})
		rnd := rand.New(rand.NewPCG(seed, 11))
		near := tree.Files[rnd.IntN(len(tree.Files))]
		more := tree
		more.Files = append(slices.Clone(tree.Files), File{
			Path: near.Path[:len(near.Path)-3] + "_more.go", Language: "Go", Kind: kindProgramming, Code: 30, Facts: &language.Facts{Package: near.Facts.Package},
		})
		after := Resolve(more).Map(Hints{Name: "big"})
		moved := 0
		for _, f := range tree.Files {
			if !slices.Equal(before.Place(f.Path), after.Place(f.Path)) {
				moved++
			}
		}
		if moved*20 > len(tree.Files) {
			t.Errorf("one file more moves %d of %d files", moved, len(tree.Files))
		}
	}
}

// packagesOf makes a folder with one Go package per name, each of some files of
// 100 lines.
func packagesOf(files int, packages ...string) []File {
	var out []File
	for _, p := range packages {
		for i := range files {
			out = append(out, File{Path: fmt.Sprintf("%s/f%d.go", p, i), Language: "Go", Kind: kindProgramming, Code: 100, Facts: &language.Facts{Functions: []language.Function{{Name: "F", Line: 1, EndLine: 90}}}})
		}
	}
	return out
}

// TestNestingOfFolders has a component of four folders of 20 files, one of a
// single folder, and a small one.
func TestNestingOfFolders(t *testing.T) {
	t.Parallel()
	var tree Tree
	tree.Files = slices.Concat(
		packagesOf(20, "shop/order", "shop/price", "shop/stock", "shop"), packagesOf(60, "engine"), packagesOf(4, "web/page", "web/form"),
		[]File{{Path: "shop/README.md", Language: "Markdown", Kind: "prose", Code: 3}},
	)
	// A top that is not cut open by itself: shop has 8,000 of 15,000 lines with
	// the rest, so it is given more beside it.
	tree.Files = append(tree.Files, packagesOf(60, "billing", "mail", "search")...)
	m := Resolve(tree).Map(Hints{Name: "mall"})
	checkNesting(t, m)
	got := map[string][]string{}
	for k, inner := range m.inner {
		if inner != nil {
			for _, c := range inner.components {
				got[m.components[k].Name] = append(got[m.components[k].Name], c.Name)
			}
		}
	}
	if len(got) != 1 || len(got["shop"]) != 4 {
		t.Fatalf("divided: %v, want shop only, by its three folders and its own files", got)
	}
	for _, want := range []string{"shop/order", "shop/price", "shop/stock", "shop (own files)"} {
		if !slices.Contains(got["shop"], want) {
			t.Errorf("inside shop are %v, without %s", got["shop"], want)
		}
	}
	if place := m.Place("shop/order/f3.go"); !slices.Equal(place, []string{"shop", "shop/order"}) {
		t.Errorf("a file is in %v", place)
	}
}

// TestAdjustedMutualInformation compares with values worked out by hand.
func TestAdjustedMutualInformation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		a, b []int32
		want float64 // NaN for none
	}{
		{"the same", []int32{0, 0, 1, 1, 2}, []int32{5, 5, 0, 0, 7}, 1},
		// MI 0, H ln 2 both, E[MI] = 4 cells · 1/6 · ½ ln 2 = ⅓ ln 2: (0 − ⅓)/(1 − ⅓).
		{"crosswise", []int32{0, 0, 1, 1}, []int32{0, 1, 0, 1}, -0.5},
		// MI ln 2, H ln 2 and 1.5 ln 2, E[MI] ⅔ ln 2: (1 − ⅔)/(5/4 − ⅔).
		{"one of two cut again", []int32{0, 0, 1, 1}, []int32{0, 0, 1, 2}, 4.0 / 7},
		{"one part", []int32{0, 0, 0}, []int32{0, 1, 1}, math.NaN()},
		{"single things", []int32{0, 1, 2}, []int32{0, 1, 2}, math.NaN()},
		{"nothing", nil, nil, math.NaN()},
	} {
		got := adjustedMutualInformation(c.a, c.b)
		if math.IsNaN(c.want) != (got == nil) || got != nil && math.Abs(*got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		back := adjustedMutualInformation(c.b, c.a)
		if (got == nil) != (back == nil) || got != nil && math.Abs(*got-*back) > 1e-12 {
			t.Errorf("%s: %v one way, %v the other", c.name, got, back)
		}
	}
}

// TestAgreementByChance deals things at random: the mean is 0.
func TestAgreementByChance(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 1))
	sum := 0.0
	const rounds = 300
	for range rounds {
		a, b := make([]int32, 60), make([]int32, 60)
		for i := range a {
			a[i], b[i] = rnd.Int32N(6), rnd.Int32N(9)
		}
		sum += *adjustedMutualInformation(a, b)
	}
	if mean := sum / rounds; math.Abs(mean) > 0.01 {
		t.Errorf("the mean of agreement by chance is %f", mean)
	}
}

func TestCutFolders(t *testing.T) {
	t.Parallel()
	dirs := []string{"a", "a/x", "a/y/z", "b/x", "b/x/q", "."}
	for depth, want := range map[int][]int32{1: {0, 0, 0, 1, 1, 2}, 2: {0, 1, 2, 3, 3, 4}, 3: {0, 1, 2, 3, 4, 5}} {
		if got, n, deeper := cutFolders(dirs, depth); !slices.Equal(got, want) || n != int(slices.Max(want))+1 || deeper != (depth < 3) {
			t.Errorf("cut at %d: %v, %d folders, deeper %v, want %v", depth, got, n, deeper, want)
		}
	}
}

// flatTree is a folder of C with no folders in it: three circles of files that
// include each other, of which one has a word in common and one two files in each
// name, and a header that everybody includes.
func flatTree(tied bool) Tree {
	var tree Tree
	add := func(name string, code int64, includes ...string) {
		f := &language.Facts{Functions: []language.Function{{Name: "f_" + name, Line: 1, EndLine: 9, Exported: true}}}
		for _, i := range includes {
			f.Imports = append(f.Imports, language.Import{Path: i})
		}
		tree.Paths = append(tree.Paths, "src/"+name)
		tree.Files = append(tree.Files, File{Path: "src/" + name, Language: "C", Kind: kindProgramming, Code: code, Facts: f})
	}
	names := [][]string{
		{"cart", "cart_item", "cart_price", "cart_total", "cart_list", "cart_tax"},
		{"t_hash", "t_set", "t_list", "t_zset", "t_text", "t_map"},
		{"mail", "smtp", "outbox", "letter", "stamp", "post"},
	}
	add("base.h", 100)
	add("base.c", 100, "base.h")
	for _, group := range names {
		for k, name := range group {
			add(name+".h", 20)
			includes := []string{name + ".h", "base.h"}
			if tied {
				includes = append(includes, group[(k+1)%len(group)]+".h", group[(k+2)%len(group)]+".h")
			}
			add(name+".c", int64(400-10*k), includes...)
		}
	}
	slices.SortFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(tree.Paths)
	return tree
}

func TestFlatFolderIsDividedByTheGraph(t *testing.T) {
	t.Parallel()
	m := Resolve(flatTree(true)).Map(Hints{Name: "shop"})
	checkNesting(t, m)
	got := map[string]string{}
	for _, i := range m.inner {
		if i == nil {
			continue
		}
		for k, c := range i.components {
			for _, f := range i.members[k] {
				got[strings.TrimPrefix(m.g.files[f].Path, "src/")] = c.Name
			}
		}
	}
	for file, want := range map[string]string{
		"cart_tax.c": "src (cart)", "cart.h": "src (cart)", "t_map.c": "src (t_*)", "post.h": "src (mail.c, smtp.c and 4 more)", "stamp.c": "src (mail.c, smtp.c and 4 more)",
		"base.h": "src (base)",
	} {
		if got[file] != want {
			t.Errorf("%s is in %q, want %q", file, got[file], want)
		}
	}
	// Files that have nothing to do with each other are one, whatever their number.
	lone := flatTree(false)
	for i := range lone.Files {
		lone.Files[i].Path = strings.ReplaceAll(lone.Files[i].Path, "_", "")
	}
	for i, inner := range Resolve(lone).Map(Hints{Name: "shop"}).inner {
		if inner != nil {
			t.Errorf("component %d is divided into %d", i, len(inner.components))
		}
	}
}

// TestTiesOfAWordAreBounded ties the files of a word, few and many: the ties grow
// with the files, and what they weigh together is what a tie of each to each does.
func TestTiesOfAWordAreBounded(t *testing.T) {
	t.Parallel()
	for members, want := range map[int]int{1: 0, 5: 10, 33: 528, 1000: 32*1000 - 528, 2000: 32*2000 - 528} {
		nodes, list := make([]flatNode, members+2), make([]int, 0, members+2)
		nodes[0].hub, nodes[members+1].hub = true, true
		for k := range nodes {
			list = append(list, k)
		}
		n, sum := 0, 0.0
		tieWord(nodes, list, func(a, b int, weight float64) {
			if nodes[a].hub || nodes[b].hub {
				t.Fatalf("%d and %d are tied", a, b)
			}
			n, sum = n+1, sum+weight
		})
		whole := float64(members*(members-1)) / math.Sqrt(float64(members+2))
		if n != want || math.Abs(sum-whole) > 1e-6*whole {
			t.Errorf("%d files have %d ties of weight %g, want %d of %g", members, n, sum, want, whole)
		}
	}
}

// TestManyFilesOfAWordAreOnePart has three words of a hundred files each.
func TestManyFilesOfAWordAreOnePart(t *testing.T) {
	t.Parallel()
	var tree Tree
	for _, word := range []string{"cart", "mail", "ship"} {
		for k := range 100 {
			p := fmt.Sprintf("src/%s_%03d.py", word, k)
			facts := &language.Facts{Functions: []language.Function{{Name: "f", Line: 1, EndLine: 9, Exported: true}}}
			tree.Paths = append(tree.Paths, p)
			tree.Files = append(tree.Files, File{Path: p, Language: "Python", Kind: kindProgramming, Code: 40, Facts: facts})
		}
	}
	var got []string
	for _, inner := range Resolve(tree).Map(Hints{Name: "shop"}).inner {
		if inner == nil {
			continue
		}
		for k, c := range inner.components {
			got = append(got, fmt.Sprint(c.Name, " ", len(inner.members[k])))
		}
	}
	slices.Sort(got)
	if want := []string{"src (cart) 100", "src (mail) 100", "src (ship) 100"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFamilyInAFlatFolderIsAPart has forty commands, each used by nothing and using
// the core, beside sixty files in two groups that know each other.
func TestFamilyInAFlatFolderIsAPart(t *testing.T) {
	t.Parallel()
	var tree Tree
	add := func(name string, uses ...string) {
		facts := &language.Facts{Functions: []language.Function{{Name: "f", Line: 1, EndLine: 9, Exported: true}}}
		for _, u := range uses {
			facts.Imports = append(facts.Imports, language.Import{Path: "./" + u})
		}
		tree.Paths = append(tree.Paths, "src/"+name+".js")
		tree.Files = append(tree.Files, File{Path: "src/" + name + ".js", Language: "JavaScript", Kind: kindProgramming, Code: 50, Facts: facts})
	}
	letters := func(k int) string { return string(rune('a'+k/26)) + string(rune('a'+k%26)) + "x" }
	for k := range 40 {
		add("cmd-"+letters(k), "red"+letters(k%30), "blue"+letters(k%30))
	}
	for k := range 30 {
		add("red"+letters(k), "red"+letters((k+1)%30), "red"+letters((k+7)%30))
		add("blue"+letters(k), "blue"+letters((k+1)%30), "blue"+letters((k+7)%30))
	}
	slices.SortFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(tree.Paths)
	m := Resolve(tree).Map(Hints{Name: "shop"})
	checkNesting(t, m)
	place := func(name string) string { p := m.Place("src/" + name + ".js"); return p[len(p)-1] }
	for k := range 40 {
		if got := place("cmd-" + letters(k)); got != "src (cmd)" {
			t.Fatalf("cmd-%s is in %q", letters(k), got)
		}
	}
	for k := range 30 {
		if red, blue := place("red"+letters(k)), place("blue"+letters(k)); red == blue || red == "src (cmd)" || blue == "src (cmd)" {
			t.Fatalf("red%s is in %q, blue%[1]s in %q", letters(k), red, blue)
		}
	}
}

// TestTranslationsAreOneComponent has thirty languages of data beside code: more
// of it than of the code, and still one thing.
func TestTranslationsAreOneComponent(t *testing.T) {
	t.Parallel()
	var tree Tree
	tree.Files = packagesOf(12, "app/order", "app/price", "app/stock", "web/page", "web/form")
	for k := range 30 {
		for _, name := range []string{"auth", "cart", "mail", "page"} {
			facts := &language.Facts{Declares: []language.Declaration{{Name: "texts", Kind: language.KindVariable}}}
			tree.Files = append(tree.Files, File{Path: fmt.Sprintf("lang/%c%c/%s.ts", 'a'+k/26, 'a'+k%26, name), Language: "TypeScript", Kind: kindProgramming, Code: 100, Facts: facts})
		}
	}
	slices.SortFunc(tree.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	m := Resolve(tree).Map(Hints{Name: "mall"})
	checkNesting(t, m)
	for _, p := range []string{"lang/aa/auth.ts", "lang/bd/page.ts"} {
		if got := m.Place(p); !slices.Equal(got, []string{"lang"}) {
			t.Errorf("%s is in %q", p, got)
		}
	}
	if app, web := m.ComponentOf("app/order/f1.go"), m.ComponentOf("web/page/f1.go"); app == web || app == "lang" || web == "lang" {
		t.Errorf("the code is in %q and %q", app, web)
	}
}

// TestJoinedFoldersHaveNamesThatPeopleSay looks at the names of folders that were
// joined.
func TestJoinedFoldersHaveNamesThatPeopleSay(t *testing.T) {
	t.Parallel()
	part := func(p string, lines int64) *unit {
		return &unit{folder: &folder{path: p}, group: &folder{path: "pkg"}, size: size{product: lines}, alone: lines}
	}
	for want, parts := range map[string][]*unit{
		"pkg/server":            {part("pkg/server", 90), part("pkg/muxer", 10)},
		"pkg/server and muxer":  {part("pkg/server", 60), part("pkg/muxer", 40)},
		"pkg/server and 3 more": {part("pkg/muxer", 30), part("pkg/server", 40), part("pkg/health", 20), part("pkg/udp", 10)},
	} {
		u := parts[0]
		for _, p := range parts[1:] {
			u.joined = append(u.joined, p)
			u.size.product += p.alone
		}
		d := draft{unit: u, path: u.folder.path}
		for _, p := range parts {
			d.paths = append(d.paths, p.folder.path)
		}
		d.nameJoined()
		if got := d.shortName("shop"); got != want || d.path != "pkg/server" {
			t.Errorf("%q at %s, want %q at pkg/server", got, d.path, want)
		}
		u.rest = true
		d = draft{unit: u, path: "."}
		d.nameJoined()
		if got := d.shortName("shop"); got != strings.TrimPrefix(want, "pkg/") && len(parts) > 2 {
			t.Errorf("at the root %q, want %q", got, strings.TrimPrefix(want, "pkg/"))
		}
	}
}
