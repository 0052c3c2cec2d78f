package stat

import (
	"math"
	"slices"
)

// Line is a straight line.
type Line struct{ Slope, Intercept float64 }

// TheilSen returns the line through y over x whose slope is the median of the
// slopes between all pairs of points (Theil 1950; Sen 1968 leaves out pairs with
// the same x), and whose intercept is median(y) − slope·median(x), as
// scipy.stats.theilslopes has it. One outlier does not turn it. It is undefined
// when no two points differ in x. x and y are of one length, n; it takes n²/2
// values of memory.
func TheilSen(x, y []float64) (line Line, ok bool) {
	slopes := make([]float64, 0, len(x)*(len(x)-1)/2)
	for i := range x {
		for j := range i {
			if run := x[i] - x[j]; run != 0 {
				slopes = append(slopes, (y[i]-y[j])/run)
			}
		}
	}
	if len(slopes) == 0 {
		return Line{}, false
	}
	slices.Sort(slopes)
	slope := Median(slopes)
	return Line{Slope: slope, Intercept: Median(slices.Sorted(slices.Values(y))) - slope*Median(slices.Sorted(slices.Values(x)))}, true
}

// KendallTrend is what the test of Mann and Kendall finds.
type KendallTrend struct {
	S     int     // pairs that rise minus pairs that fall
	P     float64 // two-sided: how likely an |S| as large is when there is no trend
	Exact bool    // P is of the exact distribution of S, not of the normal one near it
}

// maxExact is up to how many values the exact distribution is used, as
// scipy.stats.kendalltau does.
const maxExact = 33

// MannKendall tests whether values that follow each other rise or fall (Mann
// 1945, Kendall 1975). Without ties and up to 33 values P is exact, as
// scipy.stats.kendalltau gives it against 1…n; else it is of the normal
// distribution, with the variance corrected for ties and S for continuity
// (Gilbert, Statistical Methods for Environmental Pollution Monitoring, 1987,
// 16.4.2; R's Kendall::MannKendall). It is undefined for fewer than two values;
// of values that are all the same P is 1.
func MannKendall(values []float64) (trend KendallTrend, ok bool) {
	n := len(values)
	if n < 2 {
		return KendallTrend{}, false
	}
	for i := range values {
		for j := range i {
			switch {
			case values[i] > values[j]:
				trend.S++
			case values[i] < values[j]:
				trend.S--
			}
		}
	}
	variance, tied := kendallVariance(values)
	switch {
	case !tied && n <= maxExact:
		trend.P, trend.Exact = kendallExact(n, abs(trend.S)), true
	case variance == 0 || trend.S == 0:
		trend.P = 1
	default:
		z := float64(abs(trend.S)-1) / math.Sqrt(variance)
		trend.P = math.Erfc(z / math.Sqrt2)
	}
	return trend, true
}

// kendallVariance returns the variance of S when there is no trend:
// (n(n−1)(2n+5) − Σ t(t−1)(2t+5)) / 18 over the groups of t equal values.
func kendallVariance(values []float64) (variance float64, tied bool) {
	term := func(t int) float64 { return float64(t) * float64(t-1) * float64(2*t+5) }
	sorted := slices.Sorted(slices.Values(values))
	variance = term(len(sorted))
	for i := 0; i < len(sorted); {
		group := i
		for i < len(sorted) && sorted[i] == sorted[group] {
			i++
		}
		tied = tied || i-group > 1
		variance -= term(i - group)
	}
	return variance / 18, tied
}

// kendallExact returns the probability of an |S| of s or more among all orders
// of n different values. S is n(n−1)/2 less twice the order's inversions, and the
// k-th value adds from 0 to k−1 of those, each as likely.
func kendallExact(n, s int) float64 {
	chance := []float64{1} // by inversions
	for k := 2; k <= n; k++ {
		next := make([]float64, len(chance)+k-1)
		for inversions, p := range chance {
			for more := range k {
				next[inversions+more] += p / float64(k)
			}
		}
		chance = next
	}
	pairs, sum := n*(n-1)/2, 0.0
	for inversions, p := range chance {
		if abs(pairs-2*inversions) >= s {
			sum += p
		}
	}
	return min(sum, 1)
}

func abs(v int) int { return max(v, -v) }
