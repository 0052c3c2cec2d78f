package mining

import (
	"math"
	"math/bits"
	"slices"

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
	mean, median, p85 := meanOf(took)/microsecondsPerHour, percentile(took, 0.5)/microsecondsPerHour, percentile(took, 0.85)/microsecondsPerHour
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

// percentile returns a percentile by linear interpolation between the closest
// ranks (type 7 of Hyndman and Fan, 1996). It does not sort: it only brings the
// two values to their places.
func percentile(values []int64, p float64) float64 {
	place := p * float64(len(values)-1)
	k := int(place)
	choose(values, k)
	low := float64(values[k])
	if k+1 == len(values) {
		return low
	}
	return low + (place-float64(k))*(float64(slices.Min(values[k+1:]))-low)
}

// choose orders values so far that the k-th is in its place, none before it is
// greater and none after it is less (Hoare's selection). Where the pivots are
// unlucky it sorts, so nobody's data makes it slow.
func choose(values []int64, k int) {
	const few = 24
	for rounds := 2 * bits.Len(uint(len(values))); len(values) > few && rounds > 0; rounds-- {
		below, above := partition(values)
		switch {
		case k <= below:
			values = values[:below+1]
		case k >= above:
			values, k = values[above:], k-above
		default:
			return
		}
	}
	slices.Sort(values)
}

// partition orders values around one of them: values[:below+1] are not greater,
// values[above:] are not less, and what is between is equal to it.
func partition(values []int64) (below, above int) {
	pivot := medianOfThree(values[0], values[len(values)/2], values[len(values)-1])
	i, j := 0, len(values)-1
	for i <= j {
		for values[i] < pivot {
			i++
		}
		for values[j] > pivot {
			j--
		}
		if i <= j {
			values[i], values[j] = values[j], values[i]
			i++
			j--
		}
	}
	return j, i
}

func medianOfThree(a, b, c int64) int64 { return max(min(a, b), min(max(a, b), c)) }

// span is how long a case took from its first event to its last, in
// microseconds.
func (t *Trace) span() int64 {
	if len(t.Times) == 0 {
		return 0
	}
	return between(t.Times[0], t.Times[len(t.Times)-1])
}

func between(from, to facts.Time) int64 { return int64(to - from) }
