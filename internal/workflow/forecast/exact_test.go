package forecast

import (
	"math"
	"slices"
)

// exactPassages returns the chance that what remains is finished by the end of
// each day, by following the chance of every number that may remain.
func exactPassages(nets []int32, remaining, days int) []float64 {
	const highest = 4_000 // what is beyond it is never finished; tests stay far below
	chance := make([]float64, highest+1)
	chance[remaining] = 1
	by, done, shares := make([]float64, days), 0.0, sharesOf(nets)
	for day := range by {
		next := make([]float64, highest+1)
		for left, p := range chance {
			if p < 1e-15 {
				continue
			}
			for net, share := range shares {
				switch after := left - net; {
				case after <= 0:
					done += p * share
				case after <= highest:
					next[after] += p * share
				}
			}
		}
		chance, by[day] = next, done
	}
	return by
}

// sharesOf returns how often each number is in a list.
func sharesOf(nets []int32) map[int]float64 {
	shares := map[int]float64{}
	for _, net := range nets {
		shares[int(net)] += 1 / float64(len(nets))
	}
	return shares
}

// exactSums returns the chance of each sum of the given number of days: the
// sample convolved with itself.
func exactSums(nets []int32, days int) []float64 {
	chance := []float64{1}
	for range days {
		next := make([]float64, len(chance)+int(slices.Max(nets)))
		for sum, p := range chance {
			for _, net := range nets {
				next[sum+int(net)] += p / float64(len(nets))
			}
		}
		chance = next
	}
	return chance
}

// farthest returns how far two cumulative distributions are apart at most.
func farthest(a, b []float64) float64 {
	far := 0.0
	for i := range a {
		far = max(far, math.Abs(a[i]-b[i]))
	}
	return far
}
