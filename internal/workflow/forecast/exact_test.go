package forecast

import "math"

// exactPassages returns the chance that what remains is finished by the end of
// each day, by following the chance of every number that may remain.
func exactPassages(nets []int32, remaining, days int) []float64 {
	const highest = 4_000 // what is beyond it is never finished; tests stay far below
	chance := make([]float64, highest+1)
	chance[remaining] = 1
	by, done := make([]float64, days), 0.0
	for day := range by {
		next := make([]float64, highest+1)
		for left, p := range chance {
			if p < 1e-15 {
				continue
			}
			for _, net := range nets {
				switch after := left - int(net); {
				case after <= 0:
					done += p / float64(len(nets))
				case after <= highest:
					next[after] += p / float64(len(nets))
				}
			}
		}
		chance, by[day] = next, done
	}
	return by
}

// exactSums returns the chance of each sum of the given number of days: the
// sample convolved with itself.
func exactSums(nets []int32, days int) []float64 {
	chance := []float64{1}
	for range days {
		next := make([]float64, len(chance)+1)
		for sum, p := range chance {
			for _, net := range nets {
				for sum+int(net) >= len(next) {
					next = append(next, 0)
				}
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
