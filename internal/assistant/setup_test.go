package assistant_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/assistant/local"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// harbour is a repository of a few files and a few reasons.
const harbour = `
-- go.mod --
module example.com/harbour

go 1.24
-- Makefile --
test:
	go test ./...

build:
	go build -o harbour ./cmd/harbour
-- README.md --
# Harbour

Harbour assigns berths to ships that arrive.

## Pilots

Every ship longer than 90 metres takes a pilot on board. The pilot is called by radio two hours before arrival.
-- berth/berth.go --
// Package berth assigns berths.
package berth

import "errors"

// maxQueue is how many ships wait before the harbour turns others away.
const maxQueue = 12

// ErrFull says that no ship can be taken any more.
var ErrFull = errors.New("the harbour is full")

// Assign finds the smallest free berth that a ship of a length fits into.
func Assign(length int, free []int) (int, error) {
	best := -1
	for i, berth := range free {
		if berth >= length && (best < 0 || berth < free[best]) {
			best = i
		}
	}
	if best < 0 {
		return 0, ErrFull
	}
	return best, nil
}
-- berth/berth_test.go --
package berth

import "testing"

func TestAssign(t *testing.T) {
	if at, err := Assign(80, []int{200, 90, 60}); err != nil || at != 1 {
		t.Fatal(at, err)
	}
}
-- cmd/harbour/main.go --
package main

import (
	"fmt"

	"example.com/harbour/berth"
)

func main() {
	fmt.Println(Arrive(80))
}

// Arrive takes a ship in.
func Arrive(length int) string {
	at, err := berth.Assign(length, []int{100, 200})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint("berth ", at)
}
-- commit: Assign berths --
author: Ada Stone <ada@example.com>
date: 2025-01-10T09:00:00Z
-- berth/berth.go --
// Package berth assigns berths.
package berth

import "errors"

// maxQueue is how many ships wait before the harbour turns others away.
const maxQueue = 12

// ErrFull says that no ship can be taken any more.
var ErrFull = errors.New("the harbour is full")

// Assign finds the smallest free berth that a ship of a length fits into.
func Assign(length int, free []int) (int, error) {
	best := -1
	for i, berth := range free {
		if berth >= length && (best < 0 || berth < free[best]) {
			best = i
		}
	}
	if best < 0 {
		return 0, ErrFull
	}
	return best, nil
}

// Tide is how much deeper the water is at high tide, in centimetres.
func Tide(hour int) int {
	if hour%12 < 6 {
		return 140
	}
	return 0
}
-- commit: Look at the tide before a ship is moored --
author: Ben Wood <ben@example.com>
date: 2025-06-01T09:00:00Z

Two ferries touched ground at low water in May, so that the depth must be
known before a berth is given. The figures are those of the harbour office.
`

// asked is a project over a repository, and who asks.
type asked struct {
	*local.Loaded

	t         testing.TB
	inspector *inspect.Inspector
	request   inspect.Request
}

// ask answers a question.
func (a *asked) ask(question string) rampforge.Answer {
	a.t.Helper()
	return a.askOf(assistant.Question{Text: question})
}

func (a *asked) askOf(q assistant.Question) rampforge.Answer {
	a.t.Helper()
	q.Project, q.Viewer = a.Project, a.Viewer
	answer, err := a.Assistant.Ask(a.t.Context(), q, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return answer
}

// over analyses and indexes a repository in a database, by the product's own code.
func over(t testing.TB, s *store.Store, repo *gittest.Repo) *asked {
	t.Helper()
	inspector := inspect.New(inspect.Options{Parsers: builtin.Parsers(), Workers: 1})
	request := inspect.Request{Source: repo.Dir, Name: "harbour", AllowLocal: true, Type: rampforge.AnalysisFull, IncludeDependencies: true}
	versions, err := inspector.Versions(t.Context(), request, "")
	if err != nil {
		t.Fatal(err)
	}
	l := &local.Loader{Store: s, Inspector: inspector, Now: func() time.Time { return time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC) }}
	loaded, err := l.Load(t.Context(), request, versions[0])
	if err != nil {
		t.Fatal(err)
	}
	loaded.Assistant.Logger = slog.New(slog.DiscardHandler)
	return &asked{Loaded: loaded, t: t, inspector: inspector, request: request}
}

// overHarbour is over the harbour, in SQLite.
func overHarbour(t testing.TB) *asked {
	t.Helper()
	return over(t, store.New(storetest.SQLite(t)), gittest.Build(t, harbour))
}

// eachHarbour runs test over the harbour on each database.
func eachHarbour(t *testing.T, test func(t *testing.T, a *asked)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) { test(t, over(t, s, gittest.Build(t, harbour))) })
}

// says fails the test unless the answer has all of some texts, and all that it
// cites by number is there.
func says(t testing.TB, a rampforge.Answer, want ...string) {
	t.Helper()
	for _, text := range want {
		if !strings.Contains(a.Text, text) {
			t.Errorf("%q: the answer does not say %q:\n%s", a.Question, text, a.Text)
		}
	}
	for i, c := range a.Citations {
		if c.N != i+1 || !strings.Contains(a.Text, "["+string(rune('0'+c.N))+"]") || c.Excerpt == "" || c.Title == "" {
			t.Errorf("%q: the citation %d is %+v", a.Question, i, c)
		}
	}
}

// cites fails the test unless one of the citations is of some lines of a file,
// or a commit of a title.
func cites(t testing.TB, a rampforge.Answer, place string, line int) {
	t.Helper()
	for _, c := range a.Citations {
		if c.Title == place || c.Path == place && c.StartLine != nil && *c.StartLine <= line && line <= *c.EndLine {
			return
		}
	}
	t.Errorf("%q cites nothing of %s, line %d: %+v\n%s", a.Question, place, line, a.Citations, a.Text)
}

// hiding is code of which somebody does not want to be named.
func hiding(code func(context.Context, store.Viewer, string) (*assistant.Code, error), name string) func(context.Context, store.Viewer, string) (*assistant.Code, error) {
	return func(ctx context.Context, v store.Viewer, id string) (*assistant.Code, error) {
		c, err := code(ctx, v, id)
		if err != nil {
			return nil, err
		}
		with := *c
		with.Unnamed = func(n string) bool { return n == name }
		return &with, nil
	}
}
