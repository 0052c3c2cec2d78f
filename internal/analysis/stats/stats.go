// Package stats summarises and ranks numbers. It is pure, deterministic and
// imports the shape of the report and the standard library only.
package stats

import (
	"cmp"
	"math"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Number is what can be summarised.
type Number interface {
	~int | ~int32 | ~int64 | ~float64
}

// Distribution summarises values in any order, which it leaves alone. Values
// that are not a number are left out, as nothing can be said of them.
func Distribution[N Number](values []N) report.Distribution {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if f := float64(v); !math.IsNaN(f) {
			sorted = append(sorted, f)
		}
	}
	if len(sorted) == 0 {
		return report.Distribution{}
	}
	slices.Sort(sorted)
	return report.Distribution{
		N:    len(sorted),
		Mean: new(mean(sorted)),
		P50:  new(Percentile(sorted, 0.5)),
		P90:  new(Percentile(sorted, 0.9)),
		P99:  new(Percentile(sorted, 0.99)),
		Max:  new(sorted[len(sorted)-1]),
	}
}

// mean adds from the smallest to the largest, so that the order of the input
// cannot change the last digit.
func mean(sorted []float64) float64 {
	var sum float64
	for _, v := range sorted {
		sum += v
	}
	return sum / float64(len(sorted))
}

// Percentile is the linear interpolation at (n-1)·p of sorted values: type 7 of
// Hyndman and Fan 1996. p is in 0–1 and there must be at least one value.
func Percentile(sorted []float64, p float64) float64 {
	h := float64(len(sorted)-1) * p
	below := int(h)
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (h-float64(below))*(sorted[below+1]-sorted[below])
}

// PercentileRanks gives each value the share of values below it, counting
// half of those that are equal to it and of itself (Roscoe 1975). Ties share
// one rank, the mean of all ranks is 0.5, and each lies between 0 and 1, both
// excluded.
func PercentileRanks[N Number](values []N) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranks := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from + 1
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		rank := float64(from+to) / 2 / float64(len(order))
		for _, i := range order[from:to] {
			ranks[i] = rank
		}
		from = to
	}
	return ranks
}
