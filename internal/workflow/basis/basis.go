// Package basis holds what every metric of a workflow report says of itself:
// whether it has a value, of how many it is, by which convention, and on
// demand what it counted. The metrics themselves are in workflow and in the
// packages beside this one, which are strangers to each other. It is pure.
package basis

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

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
	ID  string `json:"id"`  // the vendor's, of the item, pull request, deployment or sprint; a day or a state where those were counted
	Key string `json:"key"` // as people write it
	// Group is what it was counted in, where a metric counts several: the sprint,
	// the state.
	Group  string     `json:"group,omitempty"`
	From   *time.Time `json:"from"` // the events between which it was counted
	To     *time.Time `json:"to"`
	Value  *float64   `json:"value"` // in the metric's unit
	Detail string     `json:"detail,omitempty"`
	// Parts are the numbers that Value is made of, each by its name.
	Parts map[string]float64 `json:"parts,omitempty"`
}

// ExplainQuery asks for what the metrics counted, a page of each.
type ExplainQuery struct {
	Metric string // only this one; "" is every one
	Offset int
	Limit  int
}

// Wants reports whether the rows of a metric were asked for; of a nil query
// none are.
func (q *ExplainQuery) Wants(metric string) bool {
	return q != nil && (q.Metric == "" || q.Metric == metric)
}

// Page returns the page that was asked for of a metric's total rows, and nil
// when none was; row makes the i-th.
func (q *ExplainQuery) Page(asOf time.Time, metric string, total int, row func(i int) ExplainedRow) *Explain {
	if !q.Wants(metric) {
		return nil
	}
	out := &Explain{AsOf: asOf, Rows: []ExplainedRow{}, Total: total, Limit: q.Limit, Offset: q.Offset, HasMore: q.Offset+q.Limit < total}
	for i := q.Offset; i < min(total, q.Offset+q.Limit); i++ {
		out.Rows = append(out.Rows, row(i))
	}
	return out
}

// Instant returns a fact's time for an explained row; none is nil.
func Instant(t facts.Time) *time.Time {
	if t == 0 {
		return nil
	}
	at := t.UTC()
	return &at
}
