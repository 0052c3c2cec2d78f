package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
)

// fixed returns by how much each day of a sample lessens what remains. They are
// in order, so that nothing depends on the order of the days.
func fixed(days []Day) []int32 {
	nets := make([]int32, len(days))
	for i, d := range days {
		nets[i] = int32(min(d.Finished, math.MaxInt32)) //nolint:gosec // G115: bounded
	}
	slices.Sort(nets)
	return nets
}

// growing returns it for each pair of a day on which items are finished and one
// on which they are added: to draw a pair is to draw the two by themselves.
func growing(days []Day) []int32 {
	nets := make([]int32, 0, len(days)*len(days))
	for _, out := range days {
		for _, in := range days {
			nets = append(nets, int32(min(max(out.Finished-in.Added, math.MinInt32), math.MaxInt32)))
		}
	}
	slices.Sort(nets)
	return nets
}

// place takes a place in a list of the given length from 32 random bits. One is
// chosen more often than another by less than one in 2³²/length, which no number
// of trials here can show.
func place(bits uint32, length int) uint64 {
	return uint64(bits) * uint64(length) >> 32 //nolint:gosec // G115: a length is not negative
}

// passages returns in how many trials what remains was finished on each day for
// the first time. Each random number serves two days: this is the loop in which
// a forecast spends its time.
func passages(source *rand.Rand, nets []int32, remaining, days, trials int) []int {
	ended := make([]int, days+1) // an odd number of days has one more, for nothing
	for range trials {
		left := int64(remaining)
		for day := 0; day < days; day += 2 {
			bits := source.Uint64()
			if left -= int64(nets[place(uint32(bits), len(nets))]); left <= 0 { //nolint:gosec // G115: the lower half is meant
				ended[day]++
				break
			}
			if left -= int64(nets[place(uint32(bits>>32), len(nets))]); left <= 0 {
				ended[day+1]++
				break
			}
		}
	}
	return ended[:days]
}

// sums returns how many items each trial finished in the given number of days,
// in rising order.
func sums(source *rand.Rand, nets []int32, days, trials int) []int {
	totals := make([]int, trials)
	for i := range totals {
		for range days {
			totals[i] += int(nets[place(source.Uint32(), len(nets))])
		}
	}
	slices.Sort(totals)
	return totals
}

// atLeast returns the largest number that the share q of the totals, which are
// in rising order, reaches or passes.
func atLeast(totals []int, q float64) int { return totals[len(totals)-share(len(totals), q)] }

// share returns how many of all are at least the share q of them, one or more.
// Shares as 0.85 are no exact numbers of the machine, and 8,500 of 10,000 must
// be enough.
func share(all int, q float64) int { return max(1, int(math.Ceil(q*float64(all)-1e-6))) }
