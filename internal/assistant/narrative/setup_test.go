package narrative_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// harbour is a repository of a few packages that say what they are.
const harbour = `
-- go.mod --
module example.com/harbour

go 1.24
-- Makefile --
test:
	go test ./...
-- README.md --
# Harbour

Harbour assigns [berths](https://example.com/berths) to ships that arrive. Small boats
are waved through.

## More

See the docs.
-- berth/berth.go --
// Package berth assigns berths to ships by their length.
package berth

import "example.com/harbour/pilot"

// Assign finds the smallest free berth that a ship of a length fits into.
func Assign(length int, free []int) int {
	pilot.Call(length)
	best := -1
	for i, berth := range free {
		if berth >= length && (best < 0 || berth < free[best]) {
			best = i
		}
	}
	return best
}
-- berth/berth_test.go --
package berth

import "testing"

func TestAssign(t *testing.T) {
	if Assign(80, []int{200, 90, 60}) != 1 {
		t.Fatal("no berth")
	}
}
-- pilot/pilot.go --
// Package pilot calls pilots by radio.
package pilot

// Call calls a pilot for every ship that is longer than 90 metres.
func Call(length int) bool {
	return length > 90
}
-- silent/silent.go --
package silent

func Twice(n int) int {
	if n > 0 {
		return 2 * n
	}
	return 0
}
-- cmd/harbour/main.go --
package main

import (
	"net/http"

	"example.com/harbour/berth"
	"example.com/harbour/silent"
)

func main() {
	http.HandleFunc("GET /berths/{length}", arrive)
	_ = http.ListenAndServe(":8000", nil)
}

// arrive takes a ship in.
func arrive(w http.ResponseWriter, r *http.Request) {
	if berth.Assign(silent.Twice(80), []int{100, 200}) < 0 {
		http.Error(w, "full", http.StatusConflict)
	}
}
-- commit: Assign berths --
`

// told is a repository with what describes it.
type told struct {
	t         testing.TB
	store     *store.Store
	repo      *gittest.Repo
	id        string
	user      string
	inspector *inspect.Inspector
	describer *narrative.Describer
	now       time.Time
	job       int64
}

func newTold(t testing.TB, s *store.Store, script string) *told {
	t.Helper()
	b := &told{
		t: t, store: s, repo: gittest.Build(t, script), now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		inspector: inspect.New(inspect.Options{Parsers: builtin.Parsers(), Workers: 1}),
	}
	u, err := s.CreateUser(t.Context(), store.Registration{Email: "lead@example.com", Name: "Lead", PasswordHash: "-", Role: rampforge.RoleAdmin, At: b.now})
	b.must(err)
	b.user = u.ID
	r := rampforge.Repository{ID: store.NewID("repo"), Name: "harbour", URL: b.repo.Dir, Type: rampforge.RepositoryLocal, CreatedBy: u.ID, CreatedAt: b.now}
	b.must(s.CreateRepository(t.Context(), r))
	b.id = r.ID
	b.describer = &narrative.Describer{
		Store: s, Reader: b.inspector, Requests: 20, Tokens: 100_000, Now: func() time.Time { return b.now }, Logger: slog.New(slog.DiscardHandler),
		Request: func(context.Context, rampforge.Repository) (inspect.Request, error) { return b.request(), nil },
	}
	return b
}

func (b *told) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *told) request() inspect.Request {
	return inspect.Request{Source: b.repo.Dir, Name: "harbour", AllowLocal: true, Type: rampforge.AnalysisFull, IncludeDependencies: true}
}

// project puts a project over the repository.
func (b *told) project(aiCode bool) rampforge.Project {
	b.t.Helper()
	p := rampforge.Project{ID: store.NewID("prj"), Name: "Harbour", Status: rampforge.ProjectActive, RepositoryID: &b.id, AICode: aiCode, CreatedBy: b.user, CreatedAt: b.now, UpdatedAt: b.now}
	b.must(b.store.InTx(b.t.Context(), func(tx *sql.Tx) error { return b.store.CreateProjectTx(b.t.Context(), tx, p, nil) }))
	return p
}

// analyse makes a report of what is in the repository now, and returns its commit.
func (b *told) analyse() string {
	b.t.Helper()
	result, err := b.inspector.Inspect(b.t.Context(), b.request())
	b.must(err)
	finished, err := result.Finish()
	b.must(err)
	b.job++
	b.now = b.now.Add(time.Hour)
	a := rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: b.id, Status: rampforge.AnalysisQueued, RequestedBy: b.user, CreatedAt: b.now}
	b.must(b.store.InTx(b.t.Context(), func(tx *sql.Tx) error {
		_, _, err := b.store.StartRunTx(b.t.Context(), tx, a, func(context.Context, *sql.Tx, string) (int64, error) { return b.job, nil })
		return err
	}))
	claim := store.Claim{AnalysisID: a.ID, JobID: b.job, Owner: "test"}
	_, _, claimed, err := b.store.ClaimRun(b.t.Context(), claim, b.now, b.now)
	b.must(err)
	if !claimed {
		b.t.Fatal("the analysis cannot be claimed")
	}
	_, err = b.store.FinishRun(b.t.Context(), claim, store.Outcome{Status: rampforge.AnalysisCompleted, Commit: &finished.Commit, Report: finished.Report, Index: finished.Index, Message: "Done."}, b.now)
	b.must(err)
	return finished.Commit
}

// claim makes the test the worker of what is due.
func (b *told) claim() (store.NarrativeClaim, store.NarrativeState) {
	b.t.Helper()
	b.job++
	c := store.NarrativeClaim{RepositoryID: b.id, JobID: b.job, Owner: "test"}
	b.must(b.store.QueueNarratives(b.t.Context(), func(context.Context, *sql.Tx, string) (int64, error) { return b.job, nil }, 10, b.now))
	was, claimed, err := b.store.ClaimNarratives(b.t.Context(), c, b.now, b.now)
	if b.must(err); !claimed {
		b.t.Fatal("nothing is due")
	}
	return c, was
}

// describe brings the descriptions up to date.
func (b *told) describe() {
	b.t.Helper()
	c, was := b.claim()
	b.must(b.describer.Refresh(b.t.Context(), c, was))
}

// rows are the descriptions by subject.
func (b *told) rows() map[string]store.Narrative {
	b.t.Helper()
	list, err := b.store.Narratives(b.t.Context(), b.id)
	b.must(err)
	out := map[string]store.Narrative{}
	for _, n := range list {
		out[n.Subject] = n
		b.cited(&n)
	}
	return out
}

// cited holds the citations of a description against the repository.
func (b *told) cited(n *store.Narrative) {
	b.t.Helper()
	for i, c := range n.Citations {
		content := b.repo.Git("show", c.Commit+":"+c.Path)
		lines := strings.Split(content, "\n")
		if c.N != i+1 || c.Commit != n.Commit || *c.EndLine > len(lines) || strings.Join(lines[*c.StartLine-1:*c.EndLine], "\n") != c.Excerpt {
			b.t.Errorf("%s cites %+v, lines %d-%d", n.Subject, c, *c.StartLine, *c.EndLine)
		}
		if !strings.Contains(n.Text, "["+string(rune('0'+c.N))+"]") {
			b.t.Errorf("%s does not name its citation %d: %s", n.Subject, c.N, n.Text)
		}
	}
	if len(n.Citations) == 0 || n.Text == "" {
		b.t.Errorf("%s rests on nothing: %+v", n.Subject, n)
	}
}

// shown is what a reader of the newest report sees of a subject.
func (b *told) shown(subject string) rampforge.Narrative {
	b.t.Helper()
	newest, err := b.store.NewestIndexed(b.t.Context(), store.Viewer{Admin: true}, b.id)
	b.must(err)
	content, err := b.store.CodeIndex(b.t.Context(), newest.Analysis.ID)
	b.must(err)
	ix, err := codeindex.Decode(content)
	b.must(err)
	list, err := b.store.Narratives(b.t.Context(), b.id)
	b.must(err)
	all := narrative.Shown(b.t.Context(), list, *newest.Analysis.Commit, ix, func(ctx context.Context, paths []string) (map[string][]byte, error) {
		return b.inspector.Texts(ctx, b.request(), *newest.Analysis.Commit, paths)
	})
	n, there := all[subject]
	if !there {
		b.t.Fatalf("%s is not described", subject)
	}
	return n
}

// each runs a test over the harbour on each database.
func each(t *testing.T, test func(t *testing.T, b *told)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) { test(t, newTold(t, s, harbour)) })
}

// has fails the test unless a text has some others.
func has(t testing.TB, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is missing in: %s", w, text)
		}
	}
}

// described is the answer of a model: by the words that a subject is asked with.
func described(r *llm.Request, texts map[string]string) string {
	type item struct {
		Subject string `json:"subject"`
		Text    string `json:"text"`
	}
	var out struct {
		Descriptions []item `json:"descriptions"`
	}
	out.Descriptions = []item{}
	for line := range strings.SplitSeq(r.Messages[0].Text, "\n") {
		rest, ok := strings.CutPrefix(line, "Subject ")
		if !ok {
			continue
		}
		label, name, _ := strings.Cut(rest, ": the ")
		if text, told := texts[name]; told {
			out.Descriptions = append(out.Descriptions, item{label, text})
		}
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// source is the number of the first source of a request that holds a text.
func source(t testing.TB, r *llm.Request, text string) string {
	t.Helper()
	for _, block := range strings.Split(r.Messages[0].Text, " BEGIN [")[1:] {
		if number, rest, _ := strings.Cut(block, "]"); strings.Contains(rest, text) {
			return "[" + number + "]"
		}
	}
	t.Fatalf("no source has %q in %s", text, r.Messages[0].Text)
	return ""
}

var errKilled = errors.New("killed")
