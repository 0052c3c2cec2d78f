package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

func folder(path string) string {
	dir, _, _ := strings.Cut(path, "/")
	return dir
}

func TestHotspots(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A d/often.go", "A d/hard.go", "A d/still.go", "A d/x_test.go", "A d/run.sh", "A README.md")
	for range 3 {
		r.commit("Ada Stone", "M d/often.go")
	}
	r.commit("Ben Reed", "R d/hard.go e/hard.go", "M d/x_test.go")
	r.commit("Ben Reed", "M e/hard.go", "M README.md")
	last := r.commits[len(r.commits)-1].CommittedAt
	tree := r.read(t).Tree([]File{
		{Path: "d/often.go", Source: true, Parsed: true, Code: 90, Complexity: 20},
		{Path: "e/hard.go", Source: true, Parsed: true, Code: 900, Complexity: 80},
		{Path: "d/still.go", Source: true, Parsed: true, Code: 20},
		{Path: "d/new.go", Source: true, Parsed: true, Code: 20, Complexity: 200},
		{Path: "d/run.sh", Source: true, Code: 50},
		{Path: "d/x_test.go", Source: true, Parsed: true, Test: true, Code: 10, Complexity: 1},
		{Path: "README.md", Code: 900},
	})
	code, tests := tree.Hotspots(MaxHotspots, folder)
	approx := cmpopts.EquateApprox(0, 1e-9)
	// Revisions of the five code files are 4, 3, 1, 1 and 0; complexity of the
	// four that are parsed 20, 80, 0 and 200.
	want := []report.Hotspot{
		{Path: "e/hard.go", Component: "e", Revisions: 3, Complexity: 80, Measure: "cognitive", Lines: 900, RevisionRank: 0.7, ComplexityRank: 0.625, Score: 0.4375, LastChanged: last},
		{Path: "d/often.go", Component: "d", Revisions: 4, Complexity: 20, Measure: "cognitive", Lines: 90, RevisionRank: 0.9, ComplexityRank: 0.375, Score: 0.3375, LastChanged: last.AddDate(0, 0, -2)},
		{Path: "d/run.sh", Component: "d", Revisions: 1, Complexity: 50, Measure: "lines", Lines: 50, RevisionRank: 0.4, ComplexityRank: 0.5, Score: 0.2, LastChanged: start},
	}
	if diff := cmp.Diff(want, code, approx); diff != "" {
		t.Errorf("code hotspots (-want +got):\n%s", diff)
	}
	want = []report.Hotspot{{
		Path: "d/x_test.go", Component: "d", Revisions: 2, Complexity: 1, Measure: "cognitive", Lines: 10, RevisionRank: 0.5, ComplexityRank: 0.5, Score: 0.25, LastChanged: last.AddDate(0, 0, -1),
	}}
	if diff := cmp.Diff(want, tests, approx); diff != "" {
		t.Errorf("test hotspots (-want +got):\n%s", diff)
	}
	if code, _ := tree.Hotspots(1, folder); len(code) != 1 || code[0].Path != "e/hard.go" {
		t.Errorf("Hotspots(1) = %v", code)
	}
}

func TestHotspotsCountTheWindow(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A old.go", "A new.go")
	for range 20 {
		r.commit("Ada Stone", "M old.go")
	}
	r.at = start.AddDate(2, 0, 0)
	for range hotspotMinCommits {
		r.commit("Ada Stone", "M new.go")
	}
	code, _ := r.tree(t, "old.go", "new.go").Hotspots(10, folder)
	if len(code) != 1 || code[0].Path != "new.go" || code[0].Revisions != hotspotMinCommits {
		t.Errorf("Hotspots = %+v, want new.go with %d revisions", code, hotspotMinCommits)
	}
}

func TestCoupling(t *testing.T) {
	t.Parallel()
	many := make([]string, 31)
	for i := range many {
		many[i] = fmt.Sprintf("M x%d", i)
	}
	times := func(r *repo, n int, changes ...string) {
		for range n {
			r.commit("Ada Stone", changes...)
		}
	}
	tests := []struct {
		name  string
		build func(r *repo)
		want  []report.ChangeCoupling
	}{
		{"always together", func(r *repo) { times(r, 5, "M a", "M b") }, []report.ChangeCoupling{{A: "a", B: "b", Degree: 100, Shared: 5}}},
		{"four times is too few", func(r *repo) { times(r, 4, "M a", "M b") }, nil},
		{"the degree is rounded down", func(r *repo) {
			times(r, 5, "M a", "M b")
			times(r, 5, "M a") // 5 of (10+5)/2
		}, []report.ChangeCoupling{{A: "a", B: "b", Degree: 66, Shared: 5}}},
		{"just enough", func(r *repo) {
			times(r, 6, "M a", "M b")
			times(r, 28, "M a") // 6 of (34+6)/2
		}, []report.ChangeCoupling{{A: "a", B: "b", Degree: 30, Shared: 6}}},
		{"just too little", func(r *repo) {
			times(r, 6, "M a", "M b")
			times(r, 29, "M a") // 6 of (35+6)/2
		}, nil},
		{"thirty-one files say nothing and count nothing", func(r *repo) {
			times(r, 5, "M a", "M b")
			times(r, 20, append([]string{"M a"}, many[:30]...)...)
		}, []report.ChangeCoupling{{A: "a", B: "b", Degree: 100, Shared: 5}}},
		{"thirty files count", func(r *repo) {
			times(r, 5, append([]string{"M a"}, many[:29]...)...)
		}, nil}, // none of the others is left
		{"through a rename", func(r *repo) {
			times(r, 3, "M old", "M b")
			r.commit("Ada Stone", "R old a")
			times(r, 2, "M a", "M b")
		}, []report.ChangeCoupling{{A: "a", B: "b", Degree: 90, Shared: 5}}},
		{"with a file that is gone", func(r *repo) { times(r, 9, "M a", "M gone") }, nil},
		{"order", func(r *repo) {
			times(r, 5, "M c", "M d")
			times(r, 6, "M a", "M b")
			r.commit("Ada Stone", "M d")
		}, []report.ChangeCoupling{{A: "a", B: "b", Degree: 100, Shared: 6}, {A: "c", B: "d", Degree: 90, Shared: 5}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo()
			tt.build(r)
			if diff := cmp.Diff(tt.want, r.tree(t, "a", "b", "c", "d").Coupling(MaxCouplings), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Coupling (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCouplingWeights(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A b", "A a", "A c")
	r.commit("Ada Stone", "M b", "M a")
	tree := r.tree(t, "a", "b", "c")
	equal(t, "pairs shared twice", []Pair{{A: "a", B: "b", Shared: 2, Degree: 100}}, slices.Collect(tree.CouplingWeights(2)))
	for p := range tree.CouplingWeights(1) {
		equal(t, "the first of three", Pair{A: "a", B: "b", Shared: 2, Degree: 100}, p)
		break
	}
}

// TestOnePathBroughtBack: a merge kept both names of one file. A pair of the
// two would be the file with itself.
func TestOnePathBroughtBack(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A a")
	r.commit("Ada Stone", "R a b")
	for range 6 {
		r.commit("Ada Stone", "M b", "M c")
	}
	equal(t, "Coupling", []report.ChangeCoupling{{A: "b", B: "c", Degree: 85, Shared: 6}}, r.tree(t, "a", "b", "c").Coupling(10))
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	commits := func(r *repo, who string, n int) {
		for range n {
			r.commit(who, "M a.go")
		}
	}
	tests := []struct {
		name  string
		build func(r *repo)
		want  Ownership
	}{
		{"nobody", func(r *repo) { r.commit("acme-bot", "A a.go") }, Ownership{People: []string{}, Left: []string{}}},
		{"one", func(r *repo) { commits(r, "Ada Stone", 1) }, Ownership{new("sole"), []string{"Ada Stone"}, []string{}}},
		{"three quarters", func(r *repo) {
			commits(r, "Ada Stone", 3)
			commits(r, "Ben Reed", 1)
		}, Ownership{new("sole"), []string{"Ada Stone", "Ben Reed"}, []string{}}},
		{"below three quarters", func(r *repo) {
			commits(r, "Ben Reed", 5)
			commits(r, "Ada Stone", 2)
		}, Ownership{new("major"), []string{"Ada Stone", "Ben Reed"}, []string{}}},
		{"two fifths", func(r *repo) {
			commits(r, "Ada Stone", 2)
			commits(r, "Ben Reed", 2)
			commits(r, "Cleo Marsh", 1)
		}, Ownership{new("major"), []string{"Ada Stone", "Ben Reed", "Cleo Marsh"}, []string{}}},
		{"below two fifths, the five with most", func(r *repo) {
			for i, who := range []string{"Gus Ober", "Fay Lund", "Evan Hill", "Dora Vale", "Cleo Marsh", "Ben Reed"} {
				commits(r, who, 7-i)
			}
		}, Ownership{new("spread"), []string{"Cleo Marsh", "Dora Vale", "Evan Hill", "Fay Lund", "Gus Ober"}, []string{}}},
		{"a minor contributor is left out", func(r *repo) {
			commits(r, "Ada Stone", 40)
			commits(r, "Ben Reed", 1)
		}, Ownership{new("sole"), []string{"Ada Stone"}, []string{}}},
		{"a bot is left out", func(r *repo) {
			commits(r, "acme-bot", 40)
			commits(r, "Ben Reed", 1)
		}, Ownership{new("sole"), []string{"Ben Reed"}, []string{}}},
		{"written together", func(r *repo) {
			for range 3 {
				r.commit("Ada Stone", "M a.go")
				r.with("Co-authored-by: Ben Reed <ben.reed@example.org>\nCo-authored-by: Ada Stone <ada.stone@example.org>")
			}
		}, Ownership{new("major"), []string{"Ada Stone", "Ben Reed"}, []string{}}},
		{"a commit counts once for two files", func(r *repo) {
			r.commit("Ada Stone", "M a.go", "M b.go")
			commits(r, "Ben Reed", 1)
		}, Ownership{new("major"), []string{"Ada Stone", "Ben Reed"}, []string{}}},
	}
	years := func(r *repo, n int) { r.at = r.at.AddDate(n, 0, 0) }
	tests = append(tests, []struct {
		name  string
		build func(r *repo)
		want  Ownership
	}{
		{"who left does not take the place of who is here", func(r *repo) {
			for i, who := range []string{"Gus Ober", "Fay Lund", "Evan Hill", "Dora Vale", "Cleo Marsh", "Ben Reed"} {
				commits(r, who, 7-i)
			}
			years(r, 2)
			commits(r, "Ada Stone", 3)
		}, Ownership{new("spread"), []string{"Ada Stone"}, []string{"Cleo Marsh", "Dora Vale", "Evan Hill", "Fay Lund", "Gus Ober"}}},
		{"a minor contributor is asked when the others left", func(r *repo) {
			commits(r, "Ada Stone", 40)
			years(r, 2)
			commits(r, "Ben Reed", 1)
		}, Ownership{new("sole"), []string{"Ben Reed"}, []string{"Ada Stone"}}},
		{"a namesake who is here has not left", func(r *repo) {
			commits(r, "gear <>", 2)
			commits(r, "Ben Reed", 1)
			years(r, 2)
			commits(r, "gear <gear@example.org>", 2)
		}, Ownership{new("major"), []string{"gear"}, []string{"Ben Reed"}}},
		{"a merge keeps one here", func(r *repo) {
			commits(r, "Ada Stone", 2)
			years(r, 2)
			r.on([]string{r.commits[0].Hash, r.last}, "Ada Stone")
		}, Ownership{new("sole"), []string{"Ada Stone"}, []string{}}},
	}...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo()
			tt.build(r)
			equal(t, "Ownership", tt.want, r.tree(t, "a.go", "b.go").Ownership([]string{"a.go", "b.go", "a.go", "none.go"}))
		})
	}
}

func TestTruckFactor(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		build func(r *repo)
		paths []string // all when nil
		want  *int
	}{
		{"no history", func(*repo) {}, nil, nil},
		{"one person", func(r *repo) { r.commit("Ada Stone", "A a", "A b") }, nil, new(1)},
		{"bots only", func(r *repo) { r.commit("acme-bot", "A a", "A b") }, nil, nil},
		{"half each: the first leaves half, so both have to go", func(r *repo) {
			r.commit("Ada Stone", "A a")
			r.commit("Ben Reed", "A b")
		}, nil, new(2)},
		{"most of it", func(r *repo) {
			r.commit("Ada Stone", "A a", "A b")
			r.commit("Ben Reed", "A c")
		}, nil, new(1)},
		{"one area", func(r *repo) {
			r.commit("Ada Stone", "A a", "A b")
			r.commit("Ben Reed", "A c")
		}, []string{"a", "c"}, new(2)},
		{"an area without files", func(r *repo) { r.commit("Ada Stone", "A a") }, []string{}, nil},
		{"authors through a rename", func(r *repo) {
			r.commit("Ada Stone", "A old")
			r.commit("acme-bot", "R old a")
		}, nil, new(1)},
		{"enough changes make an author", func(r *repo) {
			r.commit("Ada Stone", "A a", "A b", "A c")
			for range 12 {
				r.commit("Ben Reed", "M a", "M b", "M c")
			}
		}, nil, new(1)}, // Ada has 3.57 of Ben's 5.26: below 0.75
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo()
			tt.build(r)
			equal(t, "TruckFactor", tt.want, r.tree(t, "a", "b", "c").TruckFactor(tt.paths))
		})
	}
}

// TestMinorAuthorsAreDropped: someone with less than a tenth of the first one's
// files is taken away but not counted.
func TestMinorAuthorsAreDropped(t *testing.T) {
	t.Parallel()
	build := func(others, files int) *int {
		r := newRepo()
		var paths []string
		add := func(who string, n int) {
			for range n {
				p := fmt.Sprintf("f%02d", len(paths))
				paths = append(paths, p)
				r.commit(who, "A "+p)
			}
		}
		add("Ada Stone", 20)
		for i := range others {
			add(fmt.Sprintf("Ben%d Reed", i), files)
		}
		return r.tree(t, paths...).TruckFactor(nil)
	}
	// 24, 22 and then 20 of 44 files are left.
	equal(t, "with a tenth each", new(3), build(12, 2))
	// 21 and then 20 of 41 files are left.
	equal(t, "with less", new(1), build(21, 1))
}

func TestHostileRenames(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A f0")
	for i := range 2000 {
		r.commit("Ben Reed", fmt.Sprintf("R f%d f%d", i, i+1))
	}
	tree := r.tree(t, "f2000")
	if n := tree.authors[0][0].changes; len(tree.authors[0]) != 1 || n != maxNames {
		t.Errorf("%d people with %d changes, want one with %d", len(tree.authors[0]), n, maxNames)
	}
}

func TestKnowledge(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A a/1.go", "A a/2.go")
	r.commit("acme-bot", "A a/bot.go")
	r.at = start.AddDate(2, 0, 0)
	r.commit("Ben Reed", "A b/1.go", "R a/1.go b/2.go", "M a/bot.go")
	r.with("Co-authored-by: Cleo Marsh <cleo.marsh@example.org>\nReviewed-by: Eve Oak <eve@example.org>\nAcked-by: acme-bot <acme-bot@example.org>")
	tree := r.tree(t, "a/2.go", "a/bot.go", "b/1.go", "b/2.go")
	got := tree.Knowledge([]Area{
		{"second", "b", []string{"b/2.go", "b/1.go"}}, {"first", "a", []string{"a/2.go", "a/bot.go"}}, {"unknown", "c", []string{"c/1.go"}}, {"empty", "d", nil},
	})
	equal(t, "Knowledge", report.Knowledge{TruckFactor: new(2), Areas: []report.KnowledgeArea{
		{Name: "second", Path: "b", Files: 2, Ownership: "spread", People: []string{"Ben Reed", "Cleo Marsh"}, Left: []string{"Ada Stone"}, TruckFactor: new(2), KnowledgeLoss: new(0.5), OrphanedFiles: new(0), Reviewers: []string{"Eve Oak"}, AgeMonths: new(0.0)},
		{Name: "first", Path: "a", Files: 2, Ownership: "spread", People: []string{"Ben Reed", "Cleo Marsh"}, Left: []string{"Ada Stone"}, TruckFactor: new(2), KnowledgeLoss: new(1.0), OrphanedFiles: new(1), Reviewers: []string{"Eve Oak"}, AgeMonths: new(12.0)},
	}}, got)
}

// TestMeasured are the newest commits that change something, and not too much.
func TestMeasured(t *testing.T) {
	t.Parallel()
	r := newRepo()
	for i := range 150 {
		r.commit("Ada Stone", fmt.Sprintf("A %d.go", i))
	}
	many := make([]string, maxMeasuredFiles+1)
	for i := range many {
		many[i] = fmt.Sprintf("A many/%d.go", i)
	}
	r.commit("Ada Stone", many...)
	r.commit("Ada Stone")
	r.on([]string{r.commits[0].Hash, r.last}, "Ada Stone", "M 1.go")
	got := r.read(t).Measured()
	if len(got) != maxMeasured || got[0] != r.commits[149].Hash || got[maxMeasured-1] != r.commits[50].Hash {
		t.Errorf("%d from %s", len(got), got[0])
	}
	r.partial = true
	if got := r.read(t).Measured(); len(got) != 0 {
		t.Errorf("%d of a partial history", len(got))
	}
	equal(t, "lines", stats.Distribution([]int64{2, 4}), CommitLines([]int64{0, 4, 2, 0}))
}

func TestActivity(t *testing.T) {
	t.Parallel()
	kind := func(path string) Kind {
		switch {
		case strings.HasSuffix(path, "_test.go"):
			return KindTest
		case strings.HasSuffix(path, ".go"):
			return KindCode
		}
		return KindOther
	}
	r := newRepo()
	root := r.commit("Ada Stone", "A a.go")
	r.with("Co-authored-by: Cleo Marsh <cleo@example.org>")
	r.commit("acme-bot", "M go.mod", "M go.sum")
	r.at = time.Date(2025, 5, 31, 23, 59, 59, 0, time.UTC)
	last := r.commit("Ben Reed", "M a.go", "M a_test.go", "A b.go")
	r.at = time.Date(2025, 6, 1, 1, 0, 0, 0, time.FixedZone("east", 2*3600)) // still May in UTC
	r.on([]string{last, root}, "Ada Stone")
	got := r.read(t).Activity(kind)
	equal(t, "Months", []report.Month{{Month: "2025-03", Commits: 2, Contributors: 2}, {Month: "2025-04"}, {Month: "2025-05", Commits: 1, Contributors: 1}}, got.Months)
	equal(t, "CommitSize", report.Distribution{N: 3, Mean: new(2.0), P50: new(2.0), P90: new(2.8), P99: new(2.98), Max: new(3.0)}, got.CommitSize)
	equal(t, "TestsWithCode", new(0.5), got.TestsWithCode)
}

func TestMonthsAreTwentyFour(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A a.go")
	r.at = start.AddDate(10, 0, 0)
	r.commit("Ada Stone", "M a.go")
	months := r.read(t).Activity(func(string) Kind { return KindOther }).Months
	if len(months) != maxMonths || months[0].Month != "2033-04" || months[23].Month != "2035-03" || months[23].Commits != 1 {
		t.Errorf("months = %v", months)
	}
}
