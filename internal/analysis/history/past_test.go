package history

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestOrphans looks at who is left of a file's authors.
func TestOrphans(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A gone.go", "A shared.go", "A taken.go")
	r.commit("Ben Reed", "M shared.go")
	for range 12 {
		r.commit("Ben Reed", "M taken.go")
	}
	r.at = start.AddDate(2, 0, 0)
	r.commit("Ben Reed", "A new.go")
	tree := r.tree(t, "gone.go", "shared.go", "taken.go", "new.go")
	here := tree.h.active()
	for _, tt := range []struct {
		files []string
		want  *int
	}{
		{[]string{"gone.go"}, new(1)},
		// One change of another's file is 3.293 + 0.164: 0.75 of the 4.39 - 0.22 of whoever added it.
		{[]string{"shared.go"}, new(0)},
		{[]string{"taken.go"}, new(0)},
		{[]string{"new.go"}, new(0)},
		{[]string{"gone.go", "new.go", "nowhere.go"}, new(1)},
		{[]string{"nowhere.go"}, nil},
	} {
		equal(t, strings.Join(tt.files, " "), tt.want, tree.orphans(tt.files, here))
	}
	r.partial = true
	equal(t, "of a partial history", (*int)(nil), r.tree(t, "gone.go").orphans([]string{"gone.go"}, here))
}

func TestCodeAge(t *testing.T) {
	t.Parallel()
	r := newRepo() // 1 March 2025
	r.commit("Ada Stone", "A old.go", "A middle.go", "A young.go", "A doc.md")
	r.at = time.Date(2027, 6, 30, 23, 0, 0, 0, time.UTC)
	r.commit("acme-bot", "M middle.go")
	r.at = time.Date(2027, 7, 1, 1, 0, 0, 0, time.UTC)
	r.commit("Ada Stone", "M young.go")
	files := sources("old.go", "middle.go", "young.go", "unseen.go")
	files[0].Code = 200
	tree := r.read(t).Tree(append(files, File{Path: "doc.md"}))
	got := tree.CodeAge()
	equal(t, "Months", report.Distribution{N: 3, Mean: new(29.0 / 3), P50: new(1.0), P90: new(22.6), P99: new(27.46), Max: new(28.0)}, got.Months)
	equal(t, "Bands", []report.AgeBand{
		{From: 0, To: new(3), Files: 2, Share: 0.5}, {From: 3, To: new(12)}, {From: 12, To: new(24)}, {From: 24, To: new(48), Files: 1, Share: 0.5}, {From: 48},
	}, got.Bands)
	if got.Unknown != 1 {
		t.Errorf("%d files of unknown age, want 1", got.Unknown)
	}
	equal(t, "medianAge", new(14.5), tree.medianAge([]string{"old.go", "middle.go", "unseen.go"}))
	equal(t, "of nothing", report.CodeAge{Bands: []report.AgeBand{}}, newRepo().read(t).Tree(nil).CodeAge())
}

func TestHotspotWindows(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.commit("Ada Stone", "A old.go", "A now.go", "A old_test.go")
	for range 5 {
		r.commit("Ada Stone", "M old.go", "M old_test.go")
	}
	r.at = start.AddDate(2, 0, 0)
	r.commit("Ada Stone", "M now.go")
	got := r.tree(t, "old.go", "now.go", "old_test.go").HotspotWindows(func(p string) string { return "of " + p })
	var view []string
	for _, w := range got {
		line := w.Name + w.From.Format(" 2006-01-02")
		for _, f := range w.Files {
			line += " " + f.Path
			if f.Component != "of "+f.Path || f.Revisions > w.Commits {
				t.Errorf("%s: %+v", w.Name, f)
			}
		}
		view = append(view, line)
	}
	equal(t, "windows", []string{"quarter 2026-12-01 now.go", "year 2026-03-01 now.go", "all 2025-03-01 old.go now.go"}, view)
	equal(t, "of nothing", []report.HotspotWindow{}, newRepo().read(t).Tree(nil).HotspotWindows(nil))
}

// TestPeoplePeriods tells regular contributors from those of a day.
func TestPeoplePeriods(t *testing.T) {
	t.Parallel()
	r := newRepo()
	monthly := func(who string, from time.Time, months int) {
		for i := range months {
			r.at = from.AddDate(0, i, 0)
			r.commit(who, "M a.go")
		}
	}
	at := func(year, month int) time.Time { return time.Date(year, time.Month(month), 10, 0, 0, 0, 0, time.UTC) }
	monthly("Zoe Vale", at(2021, 1), 3) // longer ago than is told
	monthly("Ada Stone", at(2024, 2), 4)
	monthly("Ben Reed", at(2024, 3), 3)
	r.with("Co-authored-by: Cleo Marsh <cleo@example.org>") // one month only
	monthly("Dee Fox", at(2024, 3), 2)
	monthly("acme-bot", at(2024, 3), 9)
	monthly("Ben Reed", at(2026, 1), 1)
	monthly("Eve Oak", at(2026, 1), 3)
	want := []report.PeoplePeriod{
		{Period: "2026-Q1", Joined: []string{"Eve Oak"}, Left: []string{}},
		{Period: "2024-Q2", Joined: []string{}, Left: []string{"Ada Stone"}},
		{Period: "2024-Q1", Joined: []string{"Ada Stone", "Ben Reed"}, Left: []string{}},
	}
	equal(t, "periods", want, r.read(t).peoplePeriods())
	r.partial = true
	equal(t, "of a partial history", []report.PeoplePeriod{}, r.read(t).peoplePeriods())
}

func TestPeriodsOfAThrong(t *testing.T) {
	t.Parallel()
	r := newRepo()
	for i := range 40 {
		for month := range 3 + i%2 {
			r.at = start.AddDate(0, month, 0)
			r.commit("Person "+string(rune('A'+i%26))+string(rune('a'+i/26))+"x", "M a.go")
		}
	}
	joined := r.read(t).peoplePeriods()[0].Joined
	if len(joined) != maxNewcomers || !slices.IsSortedFunc(joined, compareNames) || !slices.Contains(joined, "Person Bax") {
		t.Errorf("%d names: %v", len(joined), joined)
	}
}

func TestReviews(t *testing.T) {
	t.Parallel()
	r := newRepo()
	root := r.commit("Ada Stone", "A a.go")
	r.with("Signed-off-by: Ada Stone <ada.stone@example.org>")
	r.commit("Ada Stone", "M a.go")
	r.with("Reviewed-by: Ben Reed <ben@example.org>\nReviewed-by: Cleo Marsh <cleo@example.org>\nAcked-by: Ben Reed <ben@example.org>")
	last := r.commit("Ada Stone", "M b.go")
	r.with("Tested-by: Dee Fox <dee@example.org>")
	r.on([]string{last, root}, "Ada Stone")
	r.with("Reviewed-by: Dee Fox <dee@example.org>")
	r.commit("Ada Stone", "M x/c.go", "M x/d.go", "M y/e.go")
	r.mailmap = "Benjamin Reed <ben@example.org>"
	h := r.read(t)
	a := h.Activity(func(string) Kind { return KindCode })
	equal(t, "Trailers", []report.TrailerUse{{Name: "Acked-by", Share: 0.25}, {Name: "Reviewed-by", Share: 0.25}, {Name: "Signed-off-by", Share: 0.25}, {Name: "Tested-by", Share: 0.25}}, a.Trailers)
	equal(t, "ReviewedCommits", new(0.25), a.ReviewedCommits)
	equal(t, "CommitFolders", new(2.0), a.CommitFolders.Max)
	tree := h.Tree(sources("a.go", "b.go"))
	equal(t, "reviewers", []string{"Benjamin Reed", "Cleo Marsh"}, tree.reviewers([]string{"a.go"}))
	equal(t, "reviewers of what nobody reviewed", []string{}, tree.reviewers([]string{"b.go"}))
	for _, s := range h.Signed() {
		if s.Committed.Name != "Ada Stone" {
			t.Errorf("%v wrote nothing and is told of", s)
		}
	}
	if w := h.Window(); w.Contributors != 1 {
		t.Errorf("%d contributors, want 1", w.Contributors)
	}
	empty := newRepo().read(t).Activity(nil)
	if empty.ReviewedCommits != nil || empty.Trailers == nil {
		t.Errorf("of nothing: %+v", empty)
	}
}
