package delivery_test

import (
	"cmp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// start is the Monday on which every test's time begins.
var start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// at is an hour of the tests' time, from 1 on.
func at(hour float64) facts.Time {
	if hour == 0 {
		return 0
	}
	return facts.At(start.Add(time.Duration(hour * float64(time.Hour))))
}

// world is a log that a test writes, and what is asked of it: all that happens
// in the tests' first 100 days, every item done in the status "done".
type world struct {
	*testing.T

	symbols  *facts.Symbols
	log      *facts.Log
	settings rampforge.WorkflowSettings
	bots     map[string]bool
	persons  map[string]int32
	in       delivery.Input
}

const wholeWindow = 100 * 24

func newWorld(t *testing.T) *world {
	symbols := facts.NewSymbols(nil)
	return &world{
		T: t, symbols: symbols, log: &facts.Log{Symbols: symbols}, bots: map[string]bool{}, persons: map[string]int32{},
		in: delivery.Input{From: at(0.001), To: at(wholeWindow), AsOf: at(wholeWindow), Explain: &basis.ExplainQuery{Limit: 1_000_000}},
	}
}

// input puts the log in order, as it is stored.
func (w *world) input() delivery.Input {
	slices.SortFunc(w.log.Commits, func(a, b facts.Commit) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Hash, b.Hash))
	})
	done := w.symbols.Add("done")
	for name := range w.bots {
		w.account(name)
	}
	people := delivery.NewPeople(w.symbols.Len())
	for name, person := range w.persons {
		people.Set(w.account(name), person, false)
	}
	for name := range w.bots {
		people.Set(w.account(name), -1, true)
	}
	in := w.in
	in.Log, in.Settings, in.People = w.log, &w.settings, people
	in.Done = func(status facts.Symbol) bool { return status == done }
	return in
}

func (w *world) report() delivery.Report { return delivery.Compute(w.input()) }

func (w *world) account(name string) facts.Symbol {
	if name == "" {
		return 0
	}
	return w.symbols.Add(facts.AccountKey("svc", name))
}

func (w *world) source(name string) facts.Symbol { return w.symbols.Add(facts.SourceKey("svc", name)) }

// commit adds a commit that was authored and committed at an hour.
func (w *world) commit(hash string, hour float64, parents ...string) {
	w.log.Commits = append(w.log.Commits, facts.Commit{Source: w.source("repo"), Hash: hash, Parents: parents, Authored: at(hour), Committed: at(hour)})
}

// pull adds a pull request that is ready from its opening.
func (w *world) pull(author string, opened, merged float64, change func(*facts.PullRequest)) *facts.PullRequest {
	n := len(w.log.PullRequests) + 1
	state := "open"
	if merged > 0 {
		state = "merged"
	}
	pr := facts.PullRequest{
		Source: w.source("repo"), ID: "pr" + strconv.Itoa(n), Number: n, State: w.symbols.Add(state), Author: w.account(author),
		Created: at(opened), Merged: at(merged), Closed: at(merged), Additions: 1, Deletions: 1, ChangedFiles: 1,
	}
	if change != nil {
		change(&pr)
	}
	w.log.PullRequests = append(w.log.PullRequests, pr)
	return &w.log.PullRequests[n-1]
}

func (w *world) review(who, state string, hour float64) facts.Review {
	return facts.Review{Account: w.account(who), State: w.symbols.Add(state), At: at(hour)}
}

func (w *world) comment(who string, hour float64) facts.Remark {
	return facts.Remark{Account: w.account(who), At: at(hour)}
}

// commits are those of a pull request, authored and committed at hours.
func commits(hours ...float64) (out []facts.PullCommit) {
	for i, hour := range hours {
		out = append(out, facts.PullCommit{Hash: "own" + strconv.Itoa(i) + "-" + strconv.FormatFloat(hour, 'f', -1, 64), Authored: at(hour), Committed: at(hour)})
	}
	return out
}

// deploy adds a deployment to production that was finished at an hour.
func (w *world) deploy(commit string, finished float64, change func(*facts.Deployment)) {
	d := facts.Deployment{
		Source: w.source("repo"), ID: "d" + strconv.Itoa(len(w.log.Deployments)+1), Environment: w.symbols.Add("production"), Commit: commit,
		State: w.symbols.Add("succeeded"), Created: at(finished - 0.1), Finished: at(finished),
	}
	if change != nil {
		change(&d)
	}
	w.log.Deployments = append(w.log.Deployments, d)
}

// incident adds a work item of the type Incident; an end of 0 is not yet.
func (w *world) incident(created, finished float64, change func(*facts.Item)) {
	w.settings.Incidents.Types = []string{"incident"}
	item := facts.Item{
		Source: w.source("tracker"), ID: "i" + strconv.Itoa(len(w.log.Items)+1), Type: w.symbols.Add("Incident"), Created: at(created),
		Visits: []facts.Visit{{Status: w.symbols.Add("open"), At: at(created)}},
	}
	if finished != 0 {
		item.Visits = append(item.Visits, facts.Visit{Status: w.symbols.Add("done"), At: at(finished)})
	}
	if change != nil {
		change(&item)
	}
	w.log.Items = append(w.log.Items, item)
}

// app returns the only application of a report.
func (w *world) app() delivery.Application {
	w.Helper()
	apps := w.report().Dora.Applications
	if len(apps) != 1 {
		w.Fatalf("there are %d applications, want one", len(apps))
	}
	return apps[0]
}

func same(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is null, want %v", what, want)
	} else if diff := *got - want; diff > 1e-9 || diff < -1e-9 {
		t.Errorf("%s is %v, want %v", what, *got, want)
	}
}
