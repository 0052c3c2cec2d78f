package history

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// randomRepo makes up a history with branches, merges, renames, deletions, bots
// and co-authors. Paths at its end are returned with it.
func randomRepo(random *rand.Rand, commits int) (*repo, []string) {
	r := newRepo()
	people := []string{"Ada Stone", "Ben Reed", "Cleo Marsh", "Dora Vale", "Evan Hill", "acme-bot", "Fay Lund"}
	present := map[string]bool{}
	path := func() string { return fmt.Sprintf("d%d/f%d.go", random.IntN(3), random.IntN(8)) }
	heads := []string{}
	for range commits {
		var changes []string
		used := map[string]bool{}
		for range 1 + random.IntN(4) {
			p := path()
			if used[p] {
				continue
			}
			used[p] = true
			switch to := path(); {
			case !present[p]:
				changes, present[p] = append(changes, "A "+p), true
			case random.IntN(8) == 0:
				changes, present[p] = append(changes, "D "+p), false
			case random.IntN(4) == 0 && !present[to] && !used[to]:
				changes = append(changes, "R "+p+" "+to)
				used[to], present[p], present[to] = true, false, true
			default:
				changes = append(changes, "M "+p)
			}
		}
		var parents []string
		if len(heads) > 0 {
			parents = append(parents, heads[random.IntN(len(heads))])
		}
		if len(heads) > 1 && random.IntN(6) == 0 {
			parents, changes = heads[:2], nil
		}
		who := people[min(random.IntN(len(people)), random.IntN(len(people)))]
		heads = append(heads, r.on(slices.Clone(parents), who, changes...))
		if random.IntN(10) == 0 {
			r.with("Co-authored-by: Gus Ober <gus.ober@example.org>")
		}
		heads = heads[max(0, len(heads)-3):]
		r.at = r.at.AddDate(0, 0, random.IntN(20))
	}
	for p, is := range present {
		if !is {
			delete(present, p)
		}
	}
	return r, slices.Sorted(maps.Keys(present))
}

// TestTruckFactorByDefinition computes the measure a second time from the
// commits, in the words of its authors and without any of the structures used
// here.
func TestTruckFactorByDefinition(t *testing.T) {
	t.Parallel()
	factors := map[int]int{}
	for seed := range uint64(120) {
		r, paths := randomRepo(rand.New(rand.NewPCG(seed, 7)), 10+2*int(seed))
		want := slowTruckFactor(r.commits, paths)
		got := 0
		if n := r.tree(t, paths...).TruckFactor(nil); n != nil {
			got = *n
		}
		if got != want {
			t.Fatalf("seed %d: TruckFactor = %d, want %d", seed, got, want)
		}
		factors[got]++
	}
	if len(factors) < 3 {
		t.Errorf("the histories are too much alike to test anything: %v", factors)
	}
}

type record struct {
	who  string
	what rampforge.ChangeStatus
	old  string
}

func slowTruckFactor(commits []rampforge.Commit, paths []string) int {
	records := map[string][]record{}
	for _, c := range commits {
		if len(c.Parents) > 1 || c.Author.Name == "acme-bot" {
			if c.Author.Name == "acme-bot" { // its renames are followed, nothing else
				for _, k := range c.Changes {
					records[k.Path] = append(records[k.Path], record{"", 'x', k.OldPath})
				}
			}
			continue
		}
		for _, k := range c.Changes {
			records[k.Path] = append(records[k.Path], record{c.Author.Name, k.Status, k.OldPath})
		}
	}
	authored := map[string]map[string]bool{} // person → files
	changes := map[string]int{}
	known := 0
	for _, p := range paths {
		fa, dl := map[string]bool{}, map[string]int{}
		seen := map[string]bool{}
		total := 0
		var walk func(p string)
		walk = func(p string) {
			if seen[p] {
				return
			}
			seen[p] = true
			for _, r := range records[p] {
				switch r.what {
				case rampforge.ChangeAdded:
					fa[r.who] = true
				case rampforge.ChangeModified, rampforge.ChangeRenamed:
					dl[r.who]++
					total++
				}
				if r.old != "" {
					walk(r.old)
				}
			}
		}
		walk(p)
		doa := map[string]float64{}
		best := 0.0
		for who := range union(fa, dl) {
			d := 3.293 + 0.164*float64(dl[who]) - 0.321*math.Log(1+float64(total-dl[who]))
			changes[who] += dl[who]
			if fa[who] {
				d += 1.098
				changes[who]++
			}
			doa[who], best = d, max(best, d)
		}
		if len(doa) > 0 {
			known++
		}
		for who, d := range doa {
			if d/best > 0.75 && (d >= 3.293 || fa[who]) {
				if authored[who] == nil {
					authored[who] = map[string]bool{}
				}
				authored[who][p] = true
			}
		}
	}
	return slowGreedy(authored, changes, known)
}

func slowGreedy(authored map[string]map[string]bool, changes map[string]int, known int) int {
	var gone []int
	for len(authored) > 0 {
		covered := map[string]bool{}
		for _, files := range authored {
			maps.Copy(covered, files)
		}
		if float64(len(covered))/float64(known) < 0.5 {
			break
		}
		top, size := "", 0
		for _, who := range slices.Sorted(maps.Keys(authored)) {
			if n := len(authored[who]); n > size || (n == size && changes[who] > changes[top]) {
				top, size = who, n
			}
		}
		delete(authored, top)
		gone = append(gone, size)
	}
	n := 0
	for _, size := range gone {
		if float64(size) >= 0.1*float64(gone[0]) {
			n++
		}
	}
	return n
}

func union(a map[string]bool, b map[string]int) map[string]bool {
	all := maps.Clone(a)
	for k := range b {
		all[k] = true
	}
	return all
}

// TestCouplingByDefinition counts pairs in maps, one commit after the other.
func TestCouplingByDefinition(t *testing.T) {
	t.Parallel()
	pairs := 0
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 8))
		r := newRepo()
		revs, shared := map[string]int{}, map[[2]string]int{}
		files := make([]string, 40)
		for i := range files {
			files[i] = fmt.Sprintf("f%02d", i)
		}
		for range 80 {
			n := 1 + random.IntN(5)
			if random.IntN(4) == 0 {
				n = 28 + random.IntN(6) // around the limit
			}
			chosen := random.Perm(len(files))[:n]
			if n < 10 { // near ones, so that there is something to find
				for i := range chosen {
					chosen[i] = (chosen[0] + i) % len(files)
				}
			}
			var changes []string
			for _, i := range chosen {
				changes = append(changes, "M "+files[i])
			}
			r.commit("Ada Stone", changes...)
			if n > 30 {
				continue
			}
			for _, i := range chosen {
				revs[files[i]]++
				for _, j := range chosen {
					if i < j {
						shared[[2]string{files[i], files[j]}]++
					}
				}
			}
		}
		want := map[[2]string]report.ChangeCoupling{}
		for p, n := range shared {
			average := float64(revs[p[0]]+revs[p[1]]) / 2
			degree := int(math.Floor(100*float64(n)/average + 1e-9))
			if n >= 5 && average >= 5 && degree >= 30 {
				want[p] = report.ChangeCoupling{A: p[0], B: p[1], Degree: degree, Shared: n}
			}
		}
		got := map[[2]string]report.ChangeCoupling{}
		for _, c := range r.tree(t, files...).Coupling(10_000) {
			got[[2]string{c.A, c.B}] = c
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: Coupling (-want +got):\n%s", seed, diff)
		}
		pairs += len(got)
	}
	if pairs < 100 {
		t.Errorf("%d pairs in all histories: too few to test anything", pairs)
	}
}

// everything is all answers for one history.
type everything struct {
	Window    report.HistoryWindow
	Activity  report.Activity
	Code      []report.Hotspot
	Coupling  []report.ChangeCoupling
	Pairs     []Pair
	Knowledge report.Knowledge
	Ownership Ownership
	People    []string
}

func answers(tb testing.TB, r *repo, commits []rampforge.Commit, paths []string) everything {
	tb.Helper()
	h, err := Read(tb.Context(), sequence(commits), r.options())
	if err != nil {
		tb.Fatal(err)
	}
	tree := h.Tree(sources(paths...))
	e := everything{Window: h.Window(), Activity: h.Activity(func(string) Kind { return KindCode }), Coupling: tree.Coupling(100), People: names(h)}
	e.Code, _ = tree.Hotspots(50, func(p string) string { return p[:2] })
	e.Pairs = slices.Collect(tree.CouplingWeights(2))
	e.Ownership = tree.Ownership(paths)
	var areas []Area
	for _, d := range []string{"d0", "d1", "d2"} {
		a := Area{Name: d, Path: d}
		for _, p := range paths {
			if p[:2] == d {
				a.Files = append(a.Files, p)
			}
		}
		areas = append(areas, a)
	}
	e.Knowledge = tree.Knowledge(areas)
	return e
}

// TestOrderOfCommitsDoesNotMatter feeds the same history shuffled.
func TestOrderOfCommitsDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 9))
		r, paths := randomRepo(random, 200)
		want := answers(t, r, r.commits, paths)
		for range 3 {
			shuffled := slices.Clone(r.commits)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			shuffledPaths := slices.Clone(paths)
			if diff := cmp.Diff(want, answers(t, r, shuffled, shuffledPaths)); diff != "" {
				t.Fatalf("seed %d (-in order +shuffled):\n%s", seed, diff)
			}
		}
	}
}

// BenchmarkRead reads a made-up history of 200,000 commits and 1.2 million
// changes and asks everything that a report asks.
func BenchmarkRead(b *testing.B) {
	const commits, files, people = 200_000, 30_000, 2_000
	path := func(i int) string { return fmt.Sprintf("src/component%02d/package%03d/file%05d.go", i%40, i%700, i) }
	stream := func(yield func(rampforge.Commit, error) bool) {
		random := rand.New(rand.NewPCG(1, 1))
		for i := commits - 1; i >= 0; i-- { // newest first, as git log gives them
			c := rampforge.Commit{Hash: fmt.Sprintf("%040x", i), CommittedAt: start.AddDate(0, 0, i/100)}
			c.Author = persona(fmt.Sprintf("Given%d Family", random.IntN(1+random.IntN(people))))
			if i > 0 {
				c.Parents = []string{fmt.Sprintf("%040x", i-1)}
			}
			at := random.IntN(files)
			for range 1 + random.IntN(11) {
				c.Changes = append(c.Changes, rampforge.Change{Status: rampforge.ChangeModified, Path: path((at + random.IntN(20)) % files)})
			}
			if !yield(c, nil) {
				return
			}
		}
	}
	tree := make([]File, files)
	var areas []Area
	for i := range tree {
		tree[i] = File{Path: path(i), Source: true, Parsed: true, Code: 100, Complexity: i % 50}
	}
	for i := range 40 {
		a := Area{Name: fmt.Sprint(i), Path: fmt.Sprint(i)}
		for k := i; k < files; k += 40 {
			a.Files = append(a.Files, path(k))
		}
		areas = append(areas, a)
	}
	b.ReportAllocs()
	for b.Loop() {
		h, err := Read(b.Context(), stream, ReadOptions{Complete: true})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(h.changes)), "changes")
		t := h.Tree(tree)
		t.Hotspots(MaxHotspots, func(string) string { return "" })
		t.Coupling(MaxCouplings)
		t.Knowledge(areas)
		h.Activity(func(string) Kind { return KindCode })
	}
}
