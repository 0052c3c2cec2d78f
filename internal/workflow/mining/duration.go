package mining

import (
	"math"
	"math/bits"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Durations is how long something took, in hours of elapsed time, nights and
// weekends included. The values are null where nothing was measured.
type Durations struct {
	Mean   *float64 `json:"mean_hours"`
	Median *float64 `json:"median_hours"`
	P85    *float64 `json:"p85_hours"`
}

const microsecondsPerHour = 3600 * 1e6

// durations summarises what took the given numbers of microseconds, none below
// zero. It changes the order of took.
func durations(took []int64) Durations {
	if len(took) == 0 {
		return Durations{}
	}
	mean, median, p85 := meanOf(took)/microsecondsPerHour, stat.PercentileOf(took, 0.5)/microsecondsPerHour, stat.PercentileOf(took, 0.85)/microsecondsPerHour
	return Durations{Mean: &mean, Median: &median, P85: &p85}
}

// meanOf adds in 128 bits: a million durations of years do not fit 64, and
// floating point would make the sum depend on the order.
func meanOf(took []int64) float64 {
	var high, low uint64
	for _, t := range took {
		var carry uint64
		low, carry = bits.Add64(low, uint64(t), 0) //nolint:gosec // none is below zero
		high += carry
	}
	return (float64(high)*math.Exp2(64) + float64(low)) / float64(len(took))
}

// span is how long a case took from its first event to its last, in
// microseconds.
func (t *Trace) span() int64 {
	if len(t.Times) == 0 {
		return 0
	}
	return between(t.Times[0], t.Times[len(t.Times)-1])
}

func between(from, to facts.Time) int64 { return int64(to - from) }
