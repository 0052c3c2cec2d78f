// Package stat holds the statistics that the workflow and the team reports
// share: percentiles, trends, concentration, survival, and what is drawn.
//
// It is pure, and no result is NaN or infinite as long as no argument is: what
// is undefined is told by ok = false, or by the value that the comment names.
// Where gonum has exactly the definition it is used; its quantiles are of types
// 1 and 4, not the type 7 that reports tell. bench/stat.sh compares all of it
// with numpy and scipy.
package stat

import (
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Percentile returns the value below which the share p, from 0 to 1, of the
// values lies: linear between the closest ranks k = (n−1)p, type 7 of Hyndman
// and Fan, Sample Quantiles in Statistical Packages (1996), the default of numpy
// and PERCENTILE.INC of spreadsheets. The values are sorted; a p outside of 0 and
// 1 is the nearest of them. It returns 0 of no values.
func Percentile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := min(max(p, 0), 1) * float64(len(sorted)-1)
	low := int(rank)
	if low == len(sorted)-1 {
		return sorted[low]
	}
	return sorted[low] + (rank-float64(low))*(sorted[low+1]-sorted[low])
}

// Median returns the value in the middle of sorted ones, between two the mean
// of both; 0 of no values.
func Median(sorted []float64) float64 { return Percentile(sorted, 0.5) }

// Mean returns the arithmetic mean; 0 of no values.
func Mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return stat.Mean(values, nil)
}

// StdDev returns the standard deviation of the population that the values are a
// sample of: the sum of squares is divided by n−1 (Bessel). It is undefined for
// fewer than two values.
func StdDev(values []float64) (deviation float64, ok bool) {
	if len(values) < 2 {
		return 0, false
	}
	return stat.StdDev(values, nil), true
}

// CV returns the coefficient of variation: StdDev as a share of the mean. It is
// undefined for fewer than two values, and for a mean that is not above 0.
func CV(values []float64) (variation float64, ok bool) {
	deviation, ok := StdDev(values)
	mean := Mean(values)
	if !ok || mean <= 0 || math.IsInf(deviation/mean, 0) {
		return 0, false
	}
	return deviation / mean, true
}

// PercentileOf returns the Percentile of values that are in any order, and
// leaves them in another. It takes time in proportion to their number, where
// sorting a million of them takes ten times as long (Hoare's Find, 1961).
func PercentileOf[T ~int64 | ~float64](values []T, p float64) float64 {
	if len(values) == 0 {
		return 0
	}
	rank := min(max(p, 0), 1) * float64(len(values)-1)
	k := int(rank)
	low := find(values, k)
	if k == len(values)-1 {
		return float64(low)
	}
	return float64(low) + (rank-float64(k))*(float64(slices.Min(values[k+1:]))-float64(low))
}

// find orders values so far that the k-th is in its place, none before it is
// greater and none after it is less. Where the pivots are unlucky it sorts, so
// nobody's data makes it slow.
func find[T ~int64 | ~float64](values []T, k int) T {
	const few = 24
	rest, at := values, k
	for rounds := 2 * bits.Len(uint(len(values))); len(rest) > few && rounds > 0; rounds-- {
		below, above := partition(rest)
		switch {
		case at <= below:
			rest = rest[:below+1]
		case at >= above:
			rest, at = rest[above:], at-above
		default:
			return rest[at]
		}
	}
	slices.Sort(rest)
	return rest[at]
}

// partition orders values around one of them: values[:below+1] are not greater,
// values[above:] are not less, and what is between is equal to it.
func partition[T ~int64 | ~float64](values []T) (below, above int) {
	pivot := median(values[0], values[len(values)/2], values[len(values)-1])
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

func median[T ~int64 | ~float64](a, b, c T) T { return max(min(a, b), min(max(a, b), c)) }
