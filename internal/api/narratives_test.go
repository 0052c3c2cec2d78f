package api_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
)

// berths is a repository that says of its parts what they are.
const berths = `
-- go.mod --
module example.com/harbour

go 1.24
-- README.md --
# Harbour

Harbour assigns berths to ships that arrive.
-- berth/berth.go --
// Package berth assigns berths to ships by their length.
package berth

import "example.com/harbour/pilot"

// Assign finds the smallest free berth that a ship of a length fits into.
func Assign(length int, free []int) int {
	pilot.Call(length)
	for i, berth := range free {
		if berth >= length {
			return i
		}
	}
	return -1
}
-- pilot/pilot.go --
// Package pilot calls pilots by radio.
package pilot

// Call calls a pilot for every ship that is longer than 90 metres.
func Call(length int) bool { return length > 90 }
-- cmd/harbour/main.go --
package main

import (
	"net/http"

	"example.com/harbour/berth"
)

func main() {
	http.HandleFunc("GET /berths", list)
	http.HandleFunc("GET /berths/{length}", arrive)
	_ = http.ListenAndServe(":8000", nil)
}

// list names the free berths.
func list(http.ResponseWriter, *http.Request) {}

// arrive takes a ship in.
func arrive(w http.ResponseWriter, _ *http.Request) {
	if berth.Assign(80, []int{100, 200}) < 0 {
		http.Error(w, "full", http.StatusConflict)
	}
}
-- commit: Assign berths --
`

// moorings is a commit after which package berth is about something else; what
// is said of package pilot stands on the line of its import, among others.
const moorings = `
-- berth/berth.go --
// Package berth hands out moorings, the widest first.
package berth

import "example.com/harbour/pilot"

// Assign hands out the widest mooring.
func Assign(length int, free []int) int {
	pilot.Call(length)
	return len(free) - 1
}
-- commit: Hand out moorings --
`

// checkouts reads repositories that are folders of this machine.
type checkouts struct{ *inspect.Inspector }

func newCheckouts() checkouts {
	return checkouts{inspect.New(inspect.Options{Parsers: builtin.Parsers(), Workers: 1})}
}

func checkout(r rampforge.Repository) inspect.Request {
	return inspect.Request{Source: r.URL, Name: r.Name, AllowLocal: true, Type: rampforge.AnalysisFull, IncludeDependencies: true}
}

func (c checkouts) File(ctx context.Context, r rampforge.Repository, commit, path string) ([]byte, error) {
	return c.Inspector.File(ctx, checkout(r), commit, path)
}

func (c checkouts) Blame(ctx context.Context, r rampforge.Repository, commit, path string, first, last int) ([]string, error) {
	return c.Inspector.Blame(ctx, checkout(r), commit, path, first, last)
}

func (c checkouts) Texts(ctx context.Context, r rampforge.Repository, commit string, paths []string) (map[string][]byte, error) {
	return c.Inspector.Texts(ctx, checkout(r), commit, paths)
}

func (c checkouts) Tags(ctx context.Context, r rampforge.Repository) ([]git.Tag, error) {
	return c.Inspector.Tags(ctx, checkout(r))
}

func (c checkouts) Resolve(ctx context.Context, r rampforge.Repository, name string) (git.Resolved, error) {
	return c.Inspector.Resolve(ctx, checkout(r), name)
}

func (c checkouts) Span(ctx context.Context, r rampforge.Repository, from, to string, most int) (git.Span, error) {
	return c.Inspector.Span(ctx, checkout(r), from, to, most)
}

func (c checkouts) Commits(ctx context.Context, r rampforge.Repository, commit string, each func(*rampforge.Commit) (bool, error)) error {
	return c.Inspector.Commits(ctx, checkout(r), commit, each)
}

// harbour is a repository that is analysed and described as workers do it.
type harbour struct {
	*world

	repo *gittest.Repo
	kept rampforge.Repository
	job  int64
}

func (w *world) harbour() *harbour {
	w.t.Helper()
	h := &harbour{world: w, repo: gittest.Build(w.t, berths), job: 1000}
	h.kept = rampforge.Repository{ID: store.NewID("repo"), Name: "harbour", URL: h.repo.Dir, Type: rampforge.RepositoryLocal, CreatedBy: w.people[rampforge.RoleTeamLead].user.ID, CreatedAt: time.Now()}
	h.must(w.store.CreateRepository(w.t.Context(), h.kept))
	return h
}

func (h *harbour) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// analyse makes a report of the newest commit, and returns its run.
func (h *harbour) analyse() string {
	h.t.Helper()
	ctx := h.t.Context()
	h.job++
	a := rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: h.kept.ID, RequestedBy: h.kept.CreatedBy, CreatedAt: time.Now()}
	h.must(h.store.InTx(ctx, func(tx *sql.Tx) error {
		_, _, err := h.store.StartRunTx(ctx, tx, a, func(context.Context, *sql.Tx, string) (int64, error) { return h.job, nil })
		return err
	}))
	result, err := newCheckouts().Inspect(ctx, checkout(h.kept))
	h.must(err)
	done, err := result.Finish()
	h.must(err)
	won, err := h.store.FinishRun(ctx, h.claim(a.ID), store.Outcome{Status: rampforge.AnalysisCompleted, Commit: &done.Commit, Report: done.Report, Index: done.Index, Message: "Done."}, time.Now())
	if err != nil || !won {
		h.t.Fatalf("finishing the run: %v, %v", won, err)
	}
	return a.ID
}

// describe does what the job of the descriptions does.
func (h *harbour) describe() {
	h.t.Helper()
	ctx := h.t.Context()
	h.job++
	h.must(h.store.QueueNarratives(ctx, func(context.Context, *sql.Tx, string) (int64, error) { return h.job, nil }, 10, time.Now()))
	c := store.NarrativeClaim{RepositoryID: h.kept.ID, JobID: h.job, Owner: "test"}
	was, claimed, err := h.store.ClaimNarratives(ctx, c, time.Now(), time.Now())
	if err != nil || !claimed {
		h.t.Fatalf("nothing is to be described: %v, %v", claimed, err)
	}
	d := &narrative.Describer{
		Store: h.store, Reader: newCheckouts().Inspector, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Request: func(_ context.Context, r rampforge.Repository) (inspect.Request, error) { return checkout(r), nil },
	}
	h.must(d.Refresh(ctx, c, was))
}

// report asks for the newest report; the tag is one that is known, "" for none.
func (h *harbour) report(tag string) (*report.CodeReport, answer) {
	h.t.Helper()
	got := h.asLead("GET", "/api/v1/repositories/"+h.kept.ID+"/analysis", "", "If-None-Match", tag)
	var r report.CodeReport
	if got.status == http.StatusOK {
		h.must(json.Unmarshal([]byte(got.body), &r))
	}
	return &r, got
}

// parts are the descriptions of components and features, by name.
func parts(r *report.CodeReport) (components, features map[string]*rampforge.Narrative) {
	components, features = map[string]*rampforge.Narrative{}, map[string]*rampforge.Narrative{}
	for i := range r.Architecture.Components {
		components[r.Architecture.Components[i].Name] = r.Architecture.Components[i].Narrative
	}
	for i := range r.Features {
		features[r.Features[i].Name] = r.Features[i].Narrative
	}
	return components, features
}

// TestNarratives: a report tells what the repository and its parts are, says so
// when that is of an older commit, and of which lines, until it was looked at.
func TestNarratives(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		h := w.harbour()
		first := h.analyse()
		bare, before := h.report("")
		if before.status != http.StatusOK || bare.Narrative != nil {
			t.Fatalf("before the job: %d %+v", before.status, bare.Narrative)
		}
		h.describe()
		r, told := h.report(before.header.Get("ETag"))
		if told.status != http.StatusOK || told.header.Get("ETag") == before.header.Get("ETag") {
			t.Fatalf("%d: the tag is still %q", told.status, told.header.Get("ETag"))
		}
		h.fresh(r, h.repo.Hash("main"))
		if _, same := h.report(told.header.Get("ETag")); same.status != http.StatusNotModified {
			t.Errorf("nothing changed, and the answer is %d", same.status)
		}
		was, features := parts(r)
		for name, says := range map[string]string{"berth": "ships by their length", "pilot": "by radio"} {
			if n := was[name]; n == nil || !strings.Contains(n.Text, says) || n.Citations[0].Path != name+"/"+name+".go" {
				t.Errorf("of %s it says %+v", name, n)
			}
		}
		if len(features) == 0 {
			t.Fatal("there is no feature: the test proves nothing of them")
		}
		for name, n := range features {
			if n == nil || n.Text == "" || len(n.Citations) == 0 {
				t.Errorf("of the feature %q it says %+v", name, n)
			}
		}

		h.repo.Add(moorings)
		h.analyse()
		h.stale(was)
		h.older(first, h.repo.Hash("main~1"))

		_, still := h.report("")
		h.describe()
		r, now := h.report(still.header.Get("ETag"))
		if now.status != http.StatusOK {
			t.Fatalf("after the job the answer is %d", now.status)
		}
		h.fresh(r, h.repo.Hash("main"))
		after, _ := parts(r)
		if n := after["berth"]; n == nil || !strings.Contains(n.Text, "moorings") || strings.Contains(n.Text, "length") {
			t.Errorf("of what changed it says %+v", n)
		}
		if n := after["pilot"]; n == nil || n.Text != was["pilot"].Text {
			t.Errorf("of what did not change it says %+v", n)
		}
	}, func(s *setting) { s.api.Files = newCheckouts() })
}

// fresh wants every description of a report to be of its commit.
func (h *harbour) fresh(r *report.CodeReport, commit string) {
	h.t.Helper()
	if r.Commit != commit {
		h.t.Fatalf("the report is of %s, want %s", r.Commit, commit)
	}
	components, features := parts(r)
	all := map[string]*rampforge.Narrative{"the repository": r.Narrative}
	for name, n := range components {
		all["the component "+name] = n
	}
	for name, n := range features {
		all["the feature "+name] = n
	}
	if n := r.Narrative; n == nil || !strings.Contains(n.Text, "Harbour assigns berths to ships that arrive") || !strings.Contains(n.Text, "[1]") || n.Citations[0].Path != "README.md" || n.Model != rampforge.Extractive || n.CreatedAt == nil {
		h.t.Errorf("of the repository it says %+v", n)
	}
	for what, n := range all {
		if n == nil {
			continue // nothing says anything of it
		}
		if n.Stale || len(n.Changed) > 0 || n.Commit != commit {
			h.t.Errorf("%s: stale %t, changed %v, of %s", what, n.Stale, n.Changed, n.Commit)
		}
		for _, c := range n.Citations {
			if c.Commit != commit || c.StartLine == nil || c.Excerpt == "" {
				h.t.Errorf("%s cites %+v", what, c)
			}
		}
	}
}

// stale wants the newest report to say that its descriptions are of before, and
// which of their lines changed.
func (h *harbour) stale(was map[string]*rampforge.Narrative) {
	h.t.Helper()
	r, _ := h.report("")
	old := h.repo.Hash("main~1")
	components, _ := parts(r)
	if n := r.Narrative; n == nil || !n.Stale || n.Commit != old || r.Commit != h.repo.Hash("main") {
		h.t.Errorf("at %s the repository's is %+v", r.Commit, n)
	}
	if n := components["pilot"]; n == nil || !n.Stale || n.Commit != old || len(n.Changed) != 0 {
		h.t.Errorf("of what did not change it says %+v", n)
	}
	if n := components["berth"]; n == nil || !n.Stale || n.Text != was["berth"].Text || len(n.Changed) == 0 {
		h.t.Errorf("of what changed it says %+v", n)
	}
}

// older wants a report that is not the newest to have the descriptions of its own
// commit.
func (h *harbour) older(run, commit string) {
	h.t.Helper()
	got, err := h.lead().Analysis(h.t.Context(), run)
	h.must(err)
	var r report.CodeReport
	h.must(json.Unmarshal(got.Report, &r))
	h.fresh(&r, commit)
}
