// Package workflow computes how work moves through a team: from the facts of
// its records, a project's settings and a moment it makes a report, each metric
// in a file of its own. The same facts, settings and query give the same bytes.
//
// It is pure: no clock, no database, no network, and no random source whose
// seed is not an argument and told. It may import the root package, stat, and
// the packages below it: facts, what is stored; mining, the process that the
// histories show; forecast; and delivery, pull requests and deployments.
//
// docs/workflow.md defines every number.
package workflow

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Query is what a report is asked for.
type Query struct {
	// From and To bound the window: what ended at or after From and before To
	// counts. The report knows nothing of what happened after AsOf.
	From, To, AsOf time.Time
	Granularity    Granularity // of the series
	Types          []string    // only work items of these types; none is all that the settings count
	// Whole says that nobody asked for a window: what needs many cases, the
	// process that the histories show, is then computed of the whole history.
	Whole   bool
	Seed    uint64 // of what is drawn
	Explain *ExplainQuery
}

// Granularity is how long a step of a series is.
type Granularity string

// The granularities. Weeks begin on Monday (ISO 8601), and all are of the
// project's zone.
const (
	ByDay   Granularity = "day"
	ByWeek  Granularity = "week"
	ByMonth Granularity = "month"
)

// ExplainQuery asks for what the metrics counted, a page of each.
type ExplainQuery struct {
	Metric string // only this one; "" is every one
	Offset int
	Limit  int
}

// State is whether a metric has a value, and why not.
type State string

// The states of a metric. A metric that has no value has null where the value
// would be: never 0, never 100 %.
const (
	OK                State = "ok"
	NotConfigured     State = "not_configured"    // it needs a setting; Reason says which
	NoData            State = "no_data"           // nothing was there to count
	InsufficientData  State = "insufficient_data" // fewer than ten to count, or as Reason says
	SuppressedPrivacy State = "suppressed"        // it would be about too few people
)

// MinSample is how many values a distribution must have to be told.
const MinSample = 10

// Basis is what every metric says of itself.
type Basis struct {
	State      State    `json:"state"`
	N          int      `json:"n"`          // how many were counted
	Convention string   `json:"convention"` // how it was counted, in a sentence
	Reason     string   `json:"reason"`     // why there is no value, and what to do about it; "" when there is one
	Explain    *Explain `json:"explain,omitempty"`
}

// Explain is what a metric counted, so that anybody can count again.
type Explain struct {
	AsOf    time.Time      `json:"as_of"`
	Rows    []ExplainedRow `json:"rows"`
	Total   int            `json:"total"`
	Limit   int            `json:"limit"`
	Offset  int            `json:"offset"`
	HasMore bool           `json:"has_more"`
}

// ExplainedRow is one thing that a metric counted.
type ExplainedRow struct {
	ID     string     `json:"id"`   // the vendor's, of the item, pull request, deployment or sprint; a day or a state where those were counted
	Key    string     `json:"key"`  // as people write it
	From   *time.Time `json:"from"` // the events between which it was counted
	To     *time.Time `json:"to"`
	Value  *float64   `json:"value"` // in the metric's unit
	Detail string     `json:"detail,omitempty"`
	// Parts are the numbers that Value is made of, each by its name.
	Parts map[string]float64 `json:"parts,omitempty"`
}

// explained returns the page that was asked for of a metric's total rows, and
// nil when none was; row makes the i-th.
func (q *Query) explained(metric string, total int, row func(i int) ExplainedRow) *Explain {
	e := q.Explain
	if e == nil || e.Metric != "" && e.Metric != metric {
		return nil
	}
	out := &Explain{AsOf: q.AsOf, Rows: []ExplainedRow{}, Total: total, Limit: e.Limit, Offset: e.Offset, HasMore: e.Offset+e.Limit < total}
	for i := e.Offset; i < min(total, e.Offset+e.Limit); i++ {
		out.Rows = append(out.Rows, row(i))
	}
	return out
}

// instant returns a fact's time for an explained row; none is nil.
func instant(t facts.Time) *time.Time {
	if t == 0 {
		return nil
	}
	at := t.UTC()
	return &at
}
