package stat

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Gini returns how unequally a sum is spread over all values, zeros included: 0
// is evenly, and (n−1)/n is all on one. It is Σ(2i−n−1)x(i) / (nΣx) over the
// values in order (Dixon and others, Bootstrapping the Gini coefficient of
// inequality, 1987). It is undefined for fewer than two values, a negative one,
// or a sum of 0.
func Gini(values []float64) (gini float64, ok bool) {
	total, ok := spread(values)
	if !ok {
		return 0, false
	}
	n, weighted := float64(len(values)), 0.0
	for i, x := range slices.Sorted(slices.Values(values)) {
		weighted += (2*float64(i+1) - n - 1) * x
	}
	return max(weighted/(n*total), 0), true
}

// GiniUnbiased returns Gini × n/(n−1), which is 1 when all is on one, however
// few they are. It is undefined where Gini is.
func GiniUnbiased(values []float64) (gini float64, ok bool) {
	gini, ok = Gini(values)
	if !ok {
		return 0, false
	}
	n := float64(len(values))
	return min(gini*n/(n-1), 1), true
}

// Entropy returns Shannon's entropy of the shares as a share of what it would
// be were they even, ln n (Pielou's evenness): 1 is evenly, 0 is all on one. n
// counts the zeros. It is undefined where Gini is.
func Entropy(values []float64) (evenness float64, ok bool) {
	total, ok := spread(values)
	if !ok {
		return 0, false
	}
	shares := make([]float64, len(values))
	for i, x := range values {
		shares[i] = x / total
	}
	return min(max(stat.Entropy(shares)/math.Log(float64(len(values))), 0), 1), true
}

// HHI returns the index of Herfindahl and Hirschman, the sum of the squares of
// the shares: 1/n is evenly, 1 is all on one. It is undefined for no values, a
// negative one, or a sum of 0.
func HHI(values []float64) (index float64, ok bool) {
	total, ok := spread(values)
	if !ok && (len(values) != 1 || total <= 0) {
		return 0, false
	}
	for _, x := range values {
		index += x / total * (x / total)
	}
	return min(index, 1), true
}

// spread returns the sum of values, and whether it can be unequally spread.
func spread(values []float64) (total float64, ok bool) {
	for _, x := range values {
		if x < 0 {
			return 0, false
		}
		total += x
	}
	return total, len(values) > 1 && total > 0
}
