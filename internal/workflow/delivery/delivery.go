// Package delivery computes how proposed changes come to be deployed: the stages
// of pull requests, how they are reviewed, and DORA's five metrics. It is pure,
// and tells nothing of a person to anybody but that person (SelfReviews).
//
// Sources: DORA's guide of 2026-01-05 (dora.dev) for the five metrics, Four Keys
// for the buckets of the deployment frequency, LinearB and middleware for the
// stages of a pull request. docs/workflow.md has the exact boundaries.
package delivery

import (
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// Input is what a report is made from.
type Input struct {
	Log      *facts.Log
	Settings *rampforge.WorkflowSettings
	// From and To bound the window: what ended at or after From and before To
	// counts. Nothing that happened after AsOf is known.
	From, To, AsOf facts.Time
	Zone           *time.Location // whose days, weeks and months count; nil is UTC
	People         *People        // nil: every account is a person of its own
	// Own says that the report is of one person's own, for that person alone:
	// nothing of it is suppressed.
	Own bool
	// Done says whether a work item in a status is finished. Without it no incident
	// is ever over.
	Done func(status facts.Symbol) bool
	// Equivalent are hashes of commits that make the same change, by git's patch-id,
	// for a commit that is not in the history as it was proposed. Optional: then
	// squashed and rebased changes are found by the pull request's merge commit.
	Equivalent map[string][]string
	Explain    *basis.ExplainQuery
}

// Report is what is known of a project's delivery.
type Report struct {
	PullRequests     PullRequests     `json:"pull_requests"`
	Dora             Dora             `json:"dora"`
	Communication    Communication    `json:"communication_patterns"`
	KnowledgeSharing KnowledgeSharing `json:"knowledge_sharing"`
}

// PullRequests is how pull requests move and are reviewed.
type PullRequests struct {
	Stages        Stages        `json:"stages"`
	ReworkCycles  ReworkCycles  `json:"rework_cycles"`
	Reviews       Reviews       `json:"reviews"`
	Size          Size          `json:"size"`
	FirstResponse FirstResponse `json:"first_response"`
	WithoutReview WithoutReview `json:"merged_without_review"`
	Open          Open          `json:"open"`
	ReviewLoad    ReviewLoad    `json:"review_load"`
}

// calc is what every metric reads. It is not changed once it is made.
type calc struct {
	Input

	words  words
	graphs map[facts.Symbol]*graph // of the sources
	pulls  []pull                  // of people, created until AsOf
	merged []*pull                 // of pulls, those merged in the window
	bots   []*facts.PullRequest    // pull requests of bots that were merged in the window
	apps   []*application

	blamed []blamed // incidents, and what they belong to
}

// Compute makes the report.
func Compute(in Input) Report {
	c := newCalc(in)
	var r Report
	var wait parallel.Group
	wait.Go(func() {
		r.Dora = c.dora()
		r.KnowledgeSharing = c.knowledgeSharing()
	})
	if c.tooFewLeft() {
		r.PullRequests = c.suppressed()
	} else {
		r.PullRequests = PullRequests{
			Stages: c.stages(), ReworkCycles: c.reworkCycles(), Reviews: c.reviews(), Size: c.size(),
			FirstResponse: c.firstResponse(), WithoutReview: c.withoutReview(), Open: c.open(), ReviewLoad: c.reviewLoad(),
		}
	}
	r.Communication = c.communication()
	wait.Wait()
	return r
}

func newCalc(in Input) *calc {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	in.To = min(in.To, in.AsOf)
	in.From = min(in.From, in.To)
	c := &calc{Input: in, words: newWords(in.Log.Symbols), graphs: map[facts.Symbol]*graph{}}
	var wait parallel.Group
	wait.Go(c.readPulls)
	c.readApplications()
	wait.Wait()
	c.land()
	for _, a := range c.apps {
		a.deploy(c)
	}
	c.linkIncidents()
	for i := range c.pulls {
		c.pulls[i].deployed = c.deployed(&c.pulls[i])
	}
	return c
}

// in reports whether something that ended at t counts.
func (c *calc) in(t facts.Time) bool { return t != 0 && t >= c.From && t < c.To }

// known returns t, or none when it is not over at AsOf.
func (c *calc) known(t facts.Time) facts.Time {
	if t > c.AsOf {
		return 0
	}
	return t
}

// page returns the explained rows of a metric.
func (c *calc) page(metric string, total int, row func(i int) basis.ExplainedRow) *basis.Explain {
	return c.Explain.Page(c.AsOf.Moment(), metric, total, row)
}

// words are the symbols of the words that facts use; one that no fact uses is
// absent.
type words struct {
	approved, changesRequested            facts.Symbol
	succeeded, inactive, failed           facts.Symbol
	queued, running, cancelled, dismissed facts.Symbol
}

// absent is the symbol of a word that no fact uses.
const absent = ^facts.Symbol(0)

func newWords(symbols *facts.Symbols) words {
	find := func(word string) facts.Symbol {
		if s, ok := symbols.Find(word); ok {
			return s
		}
		return absent
	}
	return words{
		approved: find("approved"), changesRequested: find("changes_requested"), dismissed: find("dismissed"),
		succeeded: find("succeeded"), inactive: find("inactive"), failed: find("failed"),
		queued: find("queued"), running: find("running"), cancelled: find("cancelled"),
	}
}
