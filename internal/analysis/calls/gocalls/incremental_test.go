package gocalls

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// memory is a cache that tells what it was asked.
type memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (m *memory) Get(key string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.kept[key]
	return value, ok
}

func (m *memory) Put(key string, value []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[key] = value
}

// sources is a tree of files, by path.
type sources map[string]string

func (s sources) tree(cache Cache) Tree {
	t := Tree{Modules: []Module{{Path: "m", Dir: "."}}}
	var contents []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		sum := sha256.Sum256([]byte(s[name]))
		t.Files = append(t.Files, File{Path: name, Size: int64(len(s[name])), ID: string(sum[:])})
		contents = append(contents, s[name])
	}
	t.Read = func(_ context.Context, places []int, visit func(int, []byte)) error {
		for _, place := range places {
			visit(place, []byte(contents[place]))
		}
		return nil
	}
	if cache != nil {
		t.Cache = cache
	}
	return t
}

func (s sources) resolve(t *testing.T, cache Cache) *Calls {
	t.Helper()
	calls, err := Resolve(t.Context(), s.tree(cache))
	if err != nil {
		t.Fatal(err)
	}
	return calls
}

// TestEditsGiveWhatANewStartGives edits made-up modules at random, most of which
// are no good programs, and holds each answer against one without a cache.
func TestEditsGiveWhatANewStartGives(t *testing.T) {
	t.Parallel()
	runs, edits := 12, 25
	if testing.Short() {
		runs = 3
	}
	for seed := range runs {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			g := &generator{Rand: rand.New(rand.NewPCG(uint64(seed), 7))}
			tree, cache := g.module(), &memory{kept: map[string][]byte{}}
			kept, edges := 0, 0
			for edit := range edits {
				want := tree.resolve(t, nil)
				got := tree.resolve(t, cache)
				kept, edges = kept+want.Checked-got.Checked, edges+len(want.Edges)
				want.Checked, got.Checked = 0, 0
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("after edit %d, -from scratch +with the cache\n%s", edit, diff)
				}
				g.edit(tree)
			}
			if kept == 0 || edges == 0 {
				t.Errorf("%d units were kept, %d edges found: nothing was tested", kept, edges)
			}
		})
	}
}

// TestDamage spoils what is kept: it is found again.
func TestDamage(t *testing.T) {
	t.Parallel()
	g := &generator{Rand: rand.New(rand.NewPCG(3, 3))}
	tree, cache := g.module(), &memory{kept: map[string][]byte{}}
	want := tree.resolve(t, cache)
	for range 200 {
		spoiled := &memory{kept: maps.Clone(cache.kept)}
		for key, value := range spoiled.kept {
			value = slices.Clone(value)
			spoiled.kept[key] = value[:g.IntN(len(value))]
		}
		got := tree.resolve(t, spoiled)
		got.Checked = want.Checked
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-whole +cut\n%s", diff)
		}
	}
}

// FuzzDecode decodes anything: it must neither fail nor allocate without a bound,
// and what it takes for a unit can be joined to others.
func FuzzDecode(f *testing.F) {
	g := &generator{Rand: rand.New(rand.NewPCG(5, 5))}
	cache := &memory{kept: map[string][]byte{}}
	if _, err := Resolve(f.Context(), g.module().tree(cache)); err != nil {
		f.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(cache.kept)) {
		f.Add(cache.kept[key])
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		decodeHeads(b)
		if u := decodeUnit(b); u != nil {
			p := &program{ordered: []*pkg{{unit: u}}}
			p.link().solve()
		}
	})
}

// TestWhatIsCheckedAgain counts the packages, and the tests of packages, that are
// checked after a change.
func TestWhatIsCheckedAgain(t *testing.T) {
	t.Parallel()
	const module = `
-- base/base.go --
package base
type T struct{ N int }
func (T) Name() string { return "" }
func Free() {}
func hidden() {}
-- base/base_test.go --
package base
import "testing"
func TestHidden(t *testing.T) { hidden() }
-- base/outside_test.go --
package base_test
import ("testing"; "m/base")
func TestFree(t *testing.T) { base.Free() }
-- middle/middle.go --
package middle
import "m/base"
func Get() base.T { base.Free(); return base.T{} }
-- top/top.go --
package top
import "m/middle"
func Top() { _ = middle.Get().Name() }
-- beside/beside.go --
package beside
import "m/quiet"
func Beside() { quiet.Do() }
-- quiet/quiet.go --
package quiet
import "m/base"
func Do() { base.Free() }
`
	for name, c := range map[string]struct {
		file, old, new string
		want           int
	}{
		"nothing":                        {"base/base.go", "", "", 0},
		"a body":                         {"base/base.go", `return ""`, `hidden(); return ""`, 1},
		"a comment":                      {"middle/middle.go", "package middle", "// Package middle is.\npackage middle", 1},
		"a function that tests may see":  {"base/base.go", "func hidden() {}", "func hidden() {}\nfunc more() {}", 2},
		"a function that others may see": {"base/base.go", "func Free() {}", "func Free() {}\nfunc More() {}", 2},
		// base with the tests inside, and the three that call it.
		"the signature of a function": {"base/base.go", "func Free() {}", "func Free() int { return 1 }", 5},
		// base with the tests inside, middle which names T, and top which has one of middle.
		"a method":                       {"base/base.go", "func Free() {}", "func Free() {}\nfunc (T) More() {}", 4},
		"a method of another name":       {"base/base.go", "func (T) Name()", "func (T) Title()", 4},
		"a test inside":                  {"base/base_test.go", "hidden()", "Free()", 1},
		"a test outside":                 {"base/outside_test.go", "base.Free()", "", 1},
		"what a test gives other tests":  {"base/base_test.go", "import", "import", 0},
		"a function of what nobody uses": {"top/top.go", "func Top()", "func Other() {}\nfunc Top()", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, cache := sources{}, &memory{kept: map[string][]byte{}}
			for _, f := range txtar.Parse([]byte(module)).Files {
				tree[f.Name] = string(f.Data)
			}
			if got := tree.resolve(t, cache).Checked; got != 7 {
				t.Fatalf("%d were checked at first, want 7", got)
			}
			tree[c.file] = strings.Replace(tree[c.file], c.old, c.new, 1)
			got, want := tree.resolve(t, cache), tree.resolve(t, nil)
			if got.Checked != c.want {
				t.Errorf("%d were checked again, want %d", got.Checked, c.want)
			}
			want.Checked = got.Checked
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-from scratch +with the cache\n%s", diff)
			}
		})
	}
}

// generator makes modules up.
type generator struct{ *rand.Rand }

func (g *generator) module() sources {
	tree := sources{}
	for i := range 8 {
		for n := range 1 + g.IntN(3) {
			tree[fmt.Sprintf("p%d/f%d.go", i, n)] = g.file(fmt.Sprintf("p%d", i), i)
		}
	}
	tree["main.go"] = "package main\nimport (\"m/p7\"; \"m/p6\")\nfunc main() { p7.F0(nil); p6.F1(nil); var x p7.T0; x.M0(1) }\n"
	return tree
}

// edit changes one thing in a module.
func (g *generator) edit(tree sources) {
	names := slices.Sorted(maps.Keys(tree))
	name := names[g.IntN(len(names))]
	dir, number := path.Dir(name), g.IntN(8)
	switch g.IntN(12) {
	case 0:
		delete(tree, name)
	case 1: // a folder goes
		for _, other := range names {
			if path.Dir(other) == dir && dir != "." {
				delete(tree, other)
			}
		}
	case 2: // or is called otherwise
		to := fmt.Sprintf("p%d", number)
		for _, other := range names {
			if path.Dir(other) == dir && dir != "." {
				tree[to+"/"+path.Base(other)] = tree[other]
				delete(tree, other)
			}
		}
	case 3:
		tree[dir+"/inside_test.go"] = g.file(path.Base(dir), 8)
	case 4:
		tree[dir+"/outside_test.go"] = g.file(path.Base(dir)+"_test", 8)
	case 5: // bytes are lost
		if n := len(tree[name]); n > 2 {
			at := g.IntN(n - 1)
			tree[name] = tree[name][:at] + tree[name][at+1:]
		}
	case 6: // a body alone changes
		tree[name] = strings.Replace(tree[name], "{ ", "{ println(1); ", 1)
	case 7:
		tree[name] += "func (T1) M2(int) {}\n"
	case 8:
		tree[name] = strings.ReplaceAll(tree[name], "comparable", "any")
	default:
		tree[fmt.Sprintf("p%d/f%d.go", number, g.IntN(3))] = g.file(fmt.Sprintf("p%d", number), number)
	}
	if len(tree) < 6 {
		maps.Copy(tree, g.module())
	}
}

// file makes a file up that imports packages below a number, and sometimes one
// above, which may close a circle.
func (g *generator) file(name string, below int) string {
	if g.IntN(15) == 0 {
		below = 8
	}
	used := map[string]bool{}
	ref := func() string {
		if below == 0 || g.IntN(3) == 0 {
			return ""
		}
		k := fmt.Sprintf("p%d", g.IntN(below))
		if strings.TrimSuffix(name, "_test") == k && !strings.HasSuffix(name, "_test") {
			return ""
		}
		used["m/"+k] = true
		return k + "."
	}
	outside := func() string {
		k := []string{"fmt", "net/http", "example.org/else", "sync/atomic"}[g.IntN(4)]
		used[k] = true
		return path.Base(k) + "."
	}
	n := func() string { return fmt.Sprint(g.IntN(3)) }
	var b strings.Builder
	for range 3 + g.IntN(6) {
		switch g.IntN(14) {
		case 0:
			b.WriteString("type T" + n() + " struct{ " + ref() + "T" + n() + "; f func(int) " + ref() + "T" + n() + "; a [C" + n() + "]*" + outside() + "Thing }\n")
		case 1:
			b.WriteString("type I" + n() + " interface{ M" + n() + "(int); " + ref() + "I" + n() + " }\n")
		case 2:
			b.WriteString("func (t *T" + n() + ") M" + n() + "(i int) { " + ref() + "F" + n() + "(t); t.f(i) }\n")
		case 3:
			b.WriteString("func (t T" + n() + ") M" + n() + "(i int) { var x " + ref() + "I" + n() + " = t; x.M" + n() + "(i) }\n")
		case 4:
			b.WriteString("func F" + n() + "(x any) { if y, ok := x.(" + ref() + "I" + n() + "); ok { y.M" + n() + "(1) }; " + ref() + "V" + n() + "(2) }\n")
		case 5:
			b.WriteString("func F" + n() + "(x any) *" + ref() + "T" + n() + " { return " + ref() + "G" + n() + "(&" + ref() + "T" + n() + "{}) }\n")
		case 6:
			b.WriteString("var V" + n() + " = " + ref() + "F" + n() + "\n")
		case 7:
			b.WriteString("var V" + n() + " func(int) = " + ref() + "T" + n() + "{}.M" + n() + "\n")
		case 8:
			b.WriteString("func G" + n() + "[P comparable](p P) P { var i any = p; _ = i; " + ref() + "F" + n() + "(p); return p }\n")
		case 9:
			b.WriteString("type L" + n() + "[P any] struct{ next *L" + n() + "[P]; x P; " + ref() + "T" + n() + " }\nfunc (l *L" + n() + "[P]) M" + n() + "(int) { l.M0(1) }\n")
		case 10:
			b.WriteString("type T" + n() + " = " + ref() + "T" + n() + "\n")
		case 11:
			b.WriteString("const C" + n() + " = " + ref() + "C" + n() + " + " + n() + "\n")
		case 12:
			b.WriteString("func init() { type T struct{ " + ref() + "T" + n() + " }; var x " + ref() + "I" + n() + " = T{}; x.M0(1); _ = " + outside() + "Of(" + ref() + "F" + n() + "); var l " + ref() + "L" + n() + "[int]; l.M1(1) }\n")
		case 13:
			b.WriteString("func Test" + n() + "(t " + outside() + "Thing) { " + ref() + "F" + n() + "(t); t.Error() }\n")
		}
	}
	text := "package " + name + "\n"
	for _, imp := range slices.Sorted(maps.Keys(used)) {
		text += "import \"" + imp + "\"\n"
	}
	return text + b.String()
}
