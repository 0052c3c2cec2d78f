package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/stat"
)

// within is how far 10,000 trials may be from the truth: four standard
// deviations of a share of a half, 4·√(0.25/10000).
const within = 0.02

func randomDays(r *rand.Rand, days, most int) []Day {
	out := make([]Day, days)
	for i := range out {
		if r.IntN(3) > 0 { // a third of the days are empty
			out[i] = Day{Finished: r.IntN(most + 1), Added: r.IntN(most)}
		}
	}
	return out
}

func TestPassagesAreNearTheExactDistribution(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			days := randomDays(r, 30+r.IntN(61), 1+r.IntN(6))
			remaining := 1 + r.IntN(120)
			for name, nets := range map[string][]int32{"fixed": fixed(days), "growing": growing(days)} {
				length := 150 + int(seed%2) // an odd number, too
				exact := exactPassages(nets, remaining, length)
				drawn, total := make([]float64, length), 0
				for day, n := range passages(stat.NewRand(seed, streamWhen), nets, remaining, length, minTrials) {
					total += n
					drawn[day] = float64(total) / minTrials
				}
				if far := farthest(exact, drawn); far > within {
					t.Errorf("%s: %d remain: the trials are %.4f from the exact distribution", name, remaining, far)
				}
			}
		})
	}
}

func TestSumsAreNearTheExactDistribution(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 2))
			nets := fixed(randomDays(r, 30+r.IntN(61), 1+r.IntN(8)))
			length := 1 + r.IntN(60)
			exact := exactSums(nets, length)
			totals := sums(stat.NewRand(seed, streamHowMany), nets, length, minTrials)
			if !slices.IsSorted(totals) {
				t.Fatal("the totals are in no order")
			}
			drawn := make([]float64, len(exact))
			for _, total := range totals {
				drawn[total] += 1.0 / minTrials
			}
			cumulate(exact)
			cumulate(drawn)
			if far := farthest(exact, drawn); far > within {
				t.Errorf("%d days: the trials are %.4f from the exact distribution", length, far)
			}
			// The same draws used again for the backtest.
			some := make([]int, backtestTrials)
			again(some, nets, randoms(seed), min(length, backtestHorizon))
			exact = exactSums(nets, min(length, backtestHorizon))
			cumulate(exact)
			drawn = make([]float64, len(exact))
			for _, total := range some {
				drawn[total] += 1.0 / backtestTrials
			}
			cumulate(drawn)
			if far := farthest(exact, drawn); far > 4*math.Sqrt(0.25/backtestTrials) {
				t.Errorf("the backtest's trials are %.4f from the exact distribution", far)
			}
		})
	}
}

func cumulate(chances []float64) {
	for i := 1; i < len(chances); i++ {
		chances[i] += chances[i-1]
	}
}

// Of the totals 1 to 10, all ten reach 1, nine reach 2, five reach 6 and one
// reaches 10.
func TestAtLeast(t *testing.T) {
	t.Parallel()
	totals := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for q, want := range map[float64]int{1: 1, 0.95: 1, 0.9: 2, 0.85: 2, 0.5: 6, 0.1: 10, 0.01: 10} {
		if got := atLeast(totals, q); got != want {
			t.Errorf("%v of them reach %d, want %d", q, got, want)
		}
	}
	if got := share(100, 0.07); got != 7 { // 0.07·100 is a little more than 7 for the machine
		t.Errorf("7 %% of 100 are %d", got)
	}
}

// With one item a day an odd number is finished on the last of as many days.
func TestPassagesReachTheLastDay(t *testing.T) {
	t.Parallel()
	for _, days := range []int{1, 6, 7} {
		ended := passages(stat.NewRand(1, 1), []int32{1}, days, days, 10)
		if len(ended) != days || ended[days-1] != 10 {
			t.Errorf("%d days: %v", days, ended)
		}
	}
	if ended := passages(stat.NewRand(1, 1), []int32{1}, 8, 7, 10); ended[6] != 0 {
		t.Errorf("eight items are finished in seven days: %v", ended)
	}
}

func TestDaysAreInOrder(t *testing.T) {
	t.Parallel()
	days := []Day{{Finished: 3, Added: 1}, {Finished: 0}, {Finished: 2, Added: 4}}
	if got := fixed(days); !slices.Equal(got, []int32{0, 2, 3}) {
		t.Errorf("got %v", got)
	}
	// 3, 0 and 2, each less 1, 0 and 4.
	if got := growing(days); !slices.Equal(got, []int32{-4, -2, -1, -1, 0, 1, 2, 2, 3}) {
		t.Errorf("got %v", got)
	}
}

func TestEveryPlaceIsDrawnEvenly(t *testing.T) {
	t.Parallel()
	const length, each = 90, 2_000
	source, seen := stat.NewRand(3, 0), make([]int, length)
	for range length * each {
		seen[place(source.Uint32(), length)]++
	}
	for i, n := range seen { // five standard deviations of √2000
		if math.Abs(float64(n-each)) > 5*math.Sqrt(each) {
			t.Errorf("place %d was drawn %d times of %d", i, n, each)
		}
	}
	if place(0, length) != 0 || place(math.MaxUint32, length) != length-1 {
		t.Error("the ends of the list are not drawn")
	}
}
