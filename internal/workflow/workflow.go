// Package workflow computes how work moves through a team: from the facts of
// its records, a project's settings and a moment it makes a report, each metric
// in a file of its own. The same facts, settings and query give the same bytes.
//
// It is pure: no clock, no database, no network, and no random source whose
// seed is not an argument and told. It may import the root package, stat, and
// the packages below it: facts, what is stored; basis, what a metric says of
// itself; parallel, which runs what may run at once; mining, the process that
// the histories show; forecast; and delivery, pull requests and deployments.
//
// docs/workflow.md defines every number.
package workflow

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
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

// MaxSteps is how many steps a series should have at most: ten years of days.
const MaxSteps = 3700

// Steps is about how many steps the series of a window have.
func (g Granularity) Steps(from, to time.Time) int {
	days := int((to.Unix() - from.Unix()) / (24 * 60 * 60))
	switch g {
	case ByWeek:
		return days/7 + 1
	case ByMonth:
		return days/30 + 1
	case ByDay:
	}
	return days + 1
}

// Finest returns the finest granularity whose series of a window have no more
// than MaxSteps; months when there is none.
func Finest(from, to time.Time) Granularity {
	for _, g := range [...]Granularity{ByDay, ByWeek} {
		if g.Steps(from, to) <= MaxSteps {
			return g
		}
	}
	return ByMonth
}

type (
	// State is whether a metric has a value; with the others here it is shared
	// with the packages below.
	State = basis.State
	// Basis is what every metric says of itself.
	Basis = basis.Basis
	// Explain is what a metric counted.
	Explain = basis.Explain
	// ExplainedRow is one thing that it counted.
	ExplainedRow = basis.ExplainedRow
	// ExplainQuery asks for what metrics counted.
	ExplainQuery = basis.ExplainQuery
)

// The states of a metric.
const (
	OK                = basis.OK
	NotConfigured     = basis.NotConfigured
	NoData            = basis.NoData
	InsufficientData  = basis.InsufficientData
	SuppressedPrivacy = basis.SuppressedPrivacy
)

// MinSample is how many values a distribution must have to be told.
const MinSample = basis.MinSample

// explained returns the page that was asked for of a metric's total rows, and
// nil when none was; row makes the i-th.
func (q *Query) explained(metric string, total int, row func(i int) ExplainedRow) *Explain {
	return q.Explain.Page(q.AsOf, metric, total, row)
}

// instant returns a fact's time for an explained row; none is nil.
func instant(t facts.Time) *time.Time { return basis.Instant(t) }
