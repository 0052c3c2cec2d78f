package stat

import "math/rand/v2"

// NewRand returns a source of the numbers that PCG-DXSM (O'Neill 2014) draws
// from a seed. The same seed and stream give the same numbers on every machine.
// Each metric has a stream of its own, so that what one draws does not move
// another. It is not safe for concurrent use.
func NewRand(seed, stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // G404: a sample that can be drawn again, no secret
}

// Bootstrap draws trials samples of n out of n with replacement (Efron 1979),
// and calls statistic with the indexes that were drawn. The slice is used
// again: statistic must not keep it.
func Bootstrap(r *rand.Rand, n, trials int, statistic func(drawn []int)) {
	if n <= 0 {
		return
	}
	drawn := make([]int, n)
	for range trials {
		for i := range drawn {
			drawn[i] = r.IntN(n)
		}
		statistic(drawn)
	}
}
