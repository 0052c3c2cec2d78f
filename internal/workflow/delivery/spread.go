package delivery

import (
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// hours is the unit of durations.
const hours = "hours"

// Spread is how values are distributed; all are null for fewer than ten.
type Spread struct {
	State basis.State `json:"state"`
	N     int         `json:"n"`
	Mean  *float64    `json:"mean"`
	P50   *float64    `json:"p50"`
	P75   *float64    `json:"p75"`
	P85   *float64    `json:"p85"`
}

// newSpread sorts the values.
func newSpread(values []float64) Spread {
	s := Spread{State: stateOf(len(values)), N: len(values)}
	if s.State == basis.OK {
		slices.Sort(values)
		s.Mean, s.P50 = new(stat.Mean(values)), new(stat.Median(values))
		s.P75, s.P85 = new(stat.Percentile(values, 0.75)), new(stat.Percentile(values, 0.85))
	}
	return s
}

// unknown returns a spread that has no values for another reason than their number.
func unknown(state basis.State) Spread { return Spread{State: state} }

// stateOf returns whether n values are enough to be told.
func stateOf(n int) basis.State {
	switch {
	case n == 0:
		return basis.NoData
	case n < basis.MinSample:
		return basis.InsufficientData
	}
	return basis.OK
}

// counted returns the basis of a metric of n things, which the reason calls by
// a name in the plural.
func counted(n int, things, convention string, explain *basis.Explain) basis.Basis {
	b := basis.Basis{State: stateOf(n), N: n, Convention: convention, Explain: explain}
	switch b.State { //nolint:exhaustive // the others are no states of a number
	case basis.NoData:
		b.Reason = "no " + things + " in the window"
	case basis.InsufficientData:
		b.Reason = "fewer than ten " + things + " in the window"
	}
	return b
}

// ratio returns part of all, and null when all are too few to be told.
func ratio(part, all int) *float64 {
	if all < basis.MinSample {
		return nil
	}
	return new(float64(part) / float64(all))
}

// between returns the hours from one event to another. It is null when one did
// not happen, or when they are the other way round.
func between(from, to facts.Time) *float64 {
	if from == 0 || to == 0 || to < from {
		return nil
	}
	return new(float64(to-from) / 3600e6)
}

// after returns the hours from one moment to a later one.
func after(from, to facts.Time) float64 {
	return float64(to-from) / float64(time.Hour/time.Microsecond)
}
