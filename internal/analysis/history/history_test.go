package history

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var start = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// repo makes up a history. Each commit follows the last one by a day unless
// told otherwise.
type repo struct {
	commits []rampforge.Commit
	at      time.Time
	last    string
	mailmap string
	partial bool
}

func newRepo() *repo { return &repo{at: start} }

// person makes an address of a name; "Name <address>" has its own.
func persona(who string) rampforge.Signature {
	if name, email, _, ok := cutPerson(who); ok {
		return rampforge.Signature{Name: name, Email: email}
	}
	return rampforge.Signature{Name: who, Email: strings.ToLower(strings.ReplaceAll(who, " ", ".")) + "@example.org"}
}

// commit adds a commit on the last one. A change is "A path", "M path",
// "D path", "T path" or "R old new".
func (r *repo) commit(who string, changes ...string) string {
	var parents []string
	if r.last != "" {
		parents = []string{r.last}
	}
	return r.on(parents, who, changes...)
}

func (r *repo) on(parents []string, who string, changes ...string) string {
	r.last = fmt.Sprintf("%040x", len(r.commits)+1)
	r.commits = append(r.commits, rampforge.Commit{
		Hash: r.last, Parents: parents, Author: persona(who), AuthoredAt: r.at, Committer: persona(who), CommittedAt: r.at, Changes: parseChanges(changes),
	})
	r.at = r.at.AddDate(0, 0, 1)
	return r.last
}

func (r *repo) with(body string) { r.commits[len(r.commits)-1].Body = body }

func parseChanges(changes []string) []rampforge.Change {
	var all []rampforge.Change
	for _, c := range changes {
		words := strings.Fields(c)
		k := rampforge.Change{Status: rampforge.ChangeStatus(words[0][0]), Path: words[len(words)-1]}
		if len(words) == 3 {
			k.OldPath = words[1]
		}
		all = append(all, k)
	}
	return all
}

func (r *repo) options() ReadOptions {
	o := ReadOptions{Mailmap: []byte(r.mailmap), Complete: !r.partial, Head: r.last}
	if n := len(r.commits); n > 0 {
		o.HeadTime = r.commits[n-1].CommittedAt
	}
	return o
}

func sequence(commits []rampforge.Commit) iter.Seq2[rampforge.Commit, error] {
	return func(yield func(rampforge.Commit, error) bool) {
		for _, c := range commits {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (r *repo) read(tb testing.TB) *History {
	tb.Helper()
	h, err := Read(tb.Context(), sequence(r.commits), r.options())
	if err != nil {
		tb.Fatalf("Read: %v", err)
	}
	return h
}

func (r *repo) tree(tb testing.TB, paths ...string) *Tree {
	tb.Helper()
	return r.read(tb).Tree(sources(paths...))
}

// sources are parsed source files with 10 points of complexity and 100 lines.
func sources(paths ...string) []File {
	files := make([]File, 0, len(paths))
	for _, p := range paths {
		files = append(files, File{Path: p, Source: true, Parsed: true, Code: 100, Complexity: 10, Test: strings.Contains(p, "_test")})
	}
	return files
}

func equal(tb testing.TB, what string, want, got any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	r := newRepo()
	root := r.commit("Ada Stone", "A a.go")
	side := r.on([]string{root}, "Ben Reed", "M a.go")
	r.with("More.\n\nCo-authored-by: Cleo Marsh <cleo@example.org>\n")
	other := r.on([]string{root}, "dependabot[bot]", "M go.mod")
	r.on([]string{other, side}, "Ada Stone")
	equal(t, "Window", report.HistoryWindow{
		From: new(start), To: new(start.AddDate(0, 0, 3)), HotspotFrom: new(start), Commits: 4, Merges: 1, Contributors: 3, Complete: true,
	}, r.read(t).Window())
}

func TestWindowOfNothing(t *testing.T) {
	t.Parallel()
	h := newRepo().read(t)
	equal(t, "Window", report.HistoryWindow{Complete: true}, h.Window())
	equal(t, "Activity", report.Activity{Months: []report.Month{}, Trailers: []report.TrailerUse{}, People: []report.PeoplePeriod{}}, h.Activity(func(string) Kind { return KindCode }))
	tree := h.Tree(sources("a.go"))
	code, tests := tree.Hotspots(10, func(string) string { return "" })
	equal(t, "hotspots", [][]report.Hotspot{{}, {}}, [][]report.Hotspot{code, tests})
	equal(t, "Coupling", []report.ChangeCoupling{}, tree.Coupling(10))
	equal(t, "Knowledge", report.Knowledge{Areas: []report.KnowledgeArea{}}, tree.Knowledge([]Area{{Name: "all", Path: ".", Files: []string{"a.go"}}}))
	equal(t, "Ownership", Ownership{People: []string{}, Left: []string{}}, tree.Ownership([]string{"a.go"}))
	if notes := h.Notes(); len(notes) != 1 || notes[0].Code != "no_history" {
		t.Errorf("Notes() = %v, want no_history", notes)
	}
}

func TestHotspotWindow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		recent int // commits in the last year, after one three years before
		want   func(head time.Time) time.Time
	}{
		{"a busy year is the window", 40, func(head time.Time) time.Time { return head.AddDate(-1, 0, 0) }},
		{"a quiet year widens it to everything", 10, func(time.Time) time.Time { return start }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo()
			r.commit("Ada Stone", "A a.go")
			r.at = start.AddDate(3, 0, 0)
			for range tt.recent {
				r.commit("Ada Stone", "M a.go")
			}
			w := r.read(t).Window()
			equal(t, "HotspotFrom", tt.want(*w.To), *w.HotspotFrom)
		})
	}
}

func TestReadFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the log ended early")
	_, err := Read(t.Context(), func(yield func(rampforge.Commit, error) bool) {
		_ = yield(rampforge.Commit{Hash: "1"}, nil) && yield(rampforge.Commit{}, broken)
	}, ReadOptions{Complete: true})
	if !errors.Is(err, broken) {
		t.Errorf("Read = %v, want %v", err, broken)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := newRepo()
	r.commit("Ada Stone", "A a.go")
	if _, err := Read(ctx, sequence(r.commits), r.options()); !errors.Is(err, context.Canceled) {
		t.Errorf("Read of a cancelled context = %v", err)
	}
}

// TestPartialHistory is a shallow clone: its oldest commit seems to add every
// file.
func TestPartialHistory(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.partial = true
	r.commit("Ada Stone", "A a.go", "A b.go")
	r.commit("Ben Reed", "M a.go")
	h := r.read(t)
	tree := h.Tree(sources("a.go", "b.go"))
	if got := tree.TruckFactor(nil); got != nil {
		t.Errorf("TruckFactor = %d, want nil", *got)
	}
	equal(t, "Ownership of a.go", Ownership{Band: new("sole"), People: []string{"Ben Reed"}, Left: []string{}}, tree.Ownership([]string{"a.go"}))
	equal(t, "Ownership of b.go", Ownership{People: []string{}, Left: []string{}}, tree.Ownership([]string{"b.go"}))
	equal(t, "Knowledge", report.Knowledge{Areas: []report.KnowledgeArea{
		{Name: "a", Path: "a", Files: 1, Ownership: "sole", People: []string{"Ben Reed"}, Left: []string{}, Reviewers: []string{}, AgeMonths: new(0.0)},
	}}, tree.Knowledge([]Area{{"a", "a", []string{"a.go"}}, {"b", "b", []string{"b.go"}}}))
	if notes := h.Notes(); len(notes) != 1 || notes[0].Code != "partial_history" {
		t.Errorf("Notes() = %v, want partial_history", notes)
	}
}

func TestTooManyChanges(t *testing.T) {
	t.Parallel()
	r := newRepo()
	for range 5 {
		r.commit("Ada Stone", "A a.go", "A b.go")
	}
	o := r.options()
	o.MaxChanges = 4
	h, err := Read(t.Context(), sequence(r.commits), o)
	if err != nil {
		t.Fatal(err)
	}
	w := h.Window()
	if w.Complete || w.Reason == "" || w.Commits != 5 || len(h.changes) != 4 {
		t.Errorf("window %+v with %d changes, want 5 commits, 4 changes and a reason", w, len(h.changes))
	}
}

// TestOrder puts parents first whatever the clocks say, and survives parents
// that are missing, commits that come twice, and a cycle.
func TestOrder(t *testing.T) {
	t.Parallel()
	at := func(days int) time.Time { return start.AddDate(0, 0, days) }
	commit := func(hash string, days int, parents ...string) rampforge.Commit {
		return rampforge.Commit{Hash: hash, Parents: parents, CommittedAt: at(days), Author: persona(hash), Changes: parseChanges([]string{"M " + hash})}
	}
	tests := []struct {
		name    string
		commits []rampforge.Commit
		want    string
	}{
		{"newest first", []rampforge.Commit{commit("c", 2, "b"), commit("b", 1, "a"), commit("a", 0)}, "abc"},
		{"a child with an older clock", []rampforge.Commit{commit("b", 0, "a"), commit("a", 9)}, "ab"},
		{"branches by time", []rampforge.Commit{commit("a", 0), commit("c", 1, "a"), commit("b", 2, "a")}, "acb"},
		{"branches of one moment by hash", []rampforge.Commit{commit("a", 0), commit("c", 1, "a"), commit("b", 1, "a")}, "abc"},
		{"a missing parent", []rampforge.Commit{commit("b", 1, "x"), commit("a", 0, "y")}, "ab"},
		{"a commit twice", []rampforge.Commit{commit("a", 0), commit("a", 0), commit("b", 1, "a")}, "ab"},
		{"a parent twice", []rampforge.Commit{commit("b", 1, "a", "a"), commit("a", 0)}, "a"},
		{"a cycle goes last", []rampforge.Commit{commit("a", 5), commit("c", 2, "b"), commit("b", 1, "c")}, "abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, err := Read(t.Context(), sequence(tt.commits), ReadOptions{Complete: true, HeadTime: at(9)})
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for i := range h.commits {
				for _, c := range h.changesOf(&h.commits[i]) {
					got.WriteString(h.paths[c.path])
				}
			}
			equal(t, "order", tt.want, got.String())
		})
	}
}

// TestTimesOutOfRange: git takes any number for a time, JSON does not.
func TestTimesOutOfRange(t *testing.T) {
	t.Parallel()
	r := newRepo()
	r.at = time.Unix(1<<60, 0)
	r.commit("Ada Stone", "A a.go")
	r.at = time.Unix(-1<<60, 0)
	r.commit("Ada Stone", "M a.go")
	o := r.options()
	o.HeadTime = time.Time{}
	o.Head = r.commits[0].Hash
	h, err := Read(t.Context(), sequence(r.commits), o)
	if err != nil {
		t.Fatal(err)
	}
	w := h.Window()
	for _, at := range []*time.Time{w.From, w.To, w.HotspotFrom} {
		if _, err := at.MarshalJSON(); err != nil {
			t.Errorf("%v: %v", at, err)
		}
	}
	if n := len(h.Activity(func(string) Kind { return KindCode }).Months); n != maxMonths {
		t.Errorf("%d months, want %d", n, maxMonths)
	}
}

// TestLineage shows which commits belong to the file at a path.
func TestLineage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		build func(r *repo)
		want  map[string]string // path → who changed it, in order
	}{
		{"a rename keeps the history", func(r *repo) {
			r.commit("A", "A old")
			r.commit("B", "R old new")
			r.commit("C", "M new")
		}, map[string]string{"new": "ABC"}},
		{"renamed twice and back", func(r *repo) {
			r.commit("A", "A a")
			r.commit("B", "R a b")
			r.commit("C", "R b c")
			r.commit("D", "R c a")
		}, map[string]string{"a": "ABCD"}},
		{"a new file under the old name", func(r *repo) {
			r.commit("A", "A a")
			r.commit("B", "R a b")
			r.commit("C", "A a")
			r.commit("D", "M a", "M b")
		}, map[string]string{"a": "CD", "b": "ABD"}},
		{"renamed and replaced in one commit", func(r *repo) {
			r.commit("A", "A a")
			r.commit("B", "A a", "R a b")
		}, map[string]string{"a": "B", "b": "AB"}},
		{"deleted and added again is the same file", func(r *repo) {
			r.commit("A", "A a")
			r.commit("B", "D a")
			r.commit("C", "A a")
		}, map[string]string{"a": "ABC"}},
		{"swapped names", func(r *repo) {
			r.commit("A", "A a")
			r.commit("B", "A b")
			r.commit("C", "R a b", "R b a")
			r.commit("D", "M a")
		}, map[string]string{"a": "BCD", "b": "AC"}},
		{"names handed on in a ring", func(r *repo) {
			r.commit("A", "A a")
			r.commit("B", "A b")
			r.commit("C", "A c")
			r.commit("D", "R a b", "R b c", "R c a")
		}, map[string]string{"a": "CD", "b": "AD", "c": "BD"}},
		{"another branch still uses the old name", func(r *repo) {
			root := r.commit("A", "A a")
			left := r.on([]string{root}, "B", "R a b")
			right := r.on([]string{root}, "C", "M a")
			r.on([]string{left, right}, "M")
			r.commit("D", "M b")
		}, map[string]string{"b": "ABCD"}},
		{"both branches rename alike", func(r *repo) {
			root := r.commit("A", "A a")
			left := r.on([]string{root}, "B", "R a b")
			right := r.on([]string{root}, "C", "R a b")
			r.on([]string{left, right}, "M")
		}, map[string]string{"b": "ABC"}},
		{"both branches add it", func(r *repo) {
			root := r.commit("A", "A x")
			left := r.on([]string{root}, "B", "A a")
			right := r.on([]string{root}, "C", "A a")
			r.on([]string{left, right}, "M")
		}, map[string]string{"a": "BC"}},
		{"a file without a beginning", func(r *repo) {
			r.commit("A", "M a")
			r.commit("B", "R gone b")
		}, map[string]string{"a": "A", "b": "B", "nowhere": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo()
			tt.build(r)
			h := r.read(t)
			for path, want := range tt.want {
				got := ""
				if l := h.lineageAt(path); l >= 0 {
					for _, c := range h.touched.of(l) {
						got += h.people[h.commits[c].author].name
					}
				}
				equal(t, path, want, got)
			}
		})
	}
}

func names(h *History) []string {
	var all []string
	for _, p := range h.people {
		if !p.apart {
			all = append(all, p.name)
		}
	}
	slices.Sort(all)
	return all
}
