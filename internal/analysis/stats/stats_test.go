package stats_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

var approx = cmpopts.EquateApprox(0, 1e-12)

func TestDistribution(t *testing.T) {
	t.Parallel()
	summary := func(n int, mean, p50, p90, p99, highest float64) report.Distribution {
		return report.Distribution{N: n, Mean: &mean, P50: &p50, P90: &p90, P99: &p99, Max: &highest}
	}
	tests := []struct {
		name   string
		values []float64
		want   report.Distribution
	}{
		{"nothing is not zero", nil, report.Distribution{}},
		{"one value is every percentile", []float64{7}, summary(1, 7, 7, 7, 7, 7)},
		{"between two values", []float64{20, 10}, summary(2, 15, 15, 19, 19.9, 20)},
		{"type 7 of 1…5", []float64{5, 3, 1, 4, 2}, summary(5, 3, 3, 4.6, 4.96, 5)},
		{"what is no number is left out", []float64{math.NaN(), 4}, summary(1, 4, 4, 4, 4, 4)},
		{"only what is no number", []float64{math.NaN()}, report.Distribution{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, stats.Distribution(tt.values), approx); diff != "" {
				t.Errorf("Distribution(%v) (-want +got):\n%s", tt.values, diff)
			}
		})
	}
}

func TestDistributionLeavesItsInput(t *testing.T) {
	t.Parallel()
	values := []int{3, 1, 2}
	stats.Distribution(values)
	if diff := cmp.Diff([]int{3, 1, 2}, values); diff != "" {
		t.Errorf("the values changed (-want +got):\n%s", diff)
	}
}

func TestPercentileRanks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		values []int
		want   []float64
	}{
		{"nothing", nil, []float64{}},
		{"one is in the middle", []int{9}, []float64{0.5}},
		{"in order of the input", []int{30, 10, 20, 40}, []float64{0.625, 0.125, 0.375, 0.875}},
		{"ties share the mean", []int{5, 1, 5, 9}, []float64{0.5, 0.125, 0.5, 0.875}},
		{"all alike", []int{2, 2, 2}, []float64{0.5, 0.5, 0.5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, stats.PercentileRanks(tt.values), approx); diff != "" {
				t.Errorf("PercentileRanks(%v) (-want +got):\n%s", tt.values, diff)
			}
		})
	}
}

// TestPercentileRanksByCounting compares with the definition, value by value.
func TestPercentileRanksByCounting(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		values := make([]int64, 1+random.IntN(40))
		for i := range values {
			values[i] = random.Int64N(12)
		}
		want := make([]float64, len(values))
		for i, v := range values {
			var below, same float64
			for _, o := range values {
				if o < v {
					below++
				} else if o == v {
					same++
				}
			}
			want[i] = (below + same/2) / float64(len(values))
		}
		if diff := cmp.Diff(want, stats.PercentileRanks(values), approx); diff != "" {
			t.Fatalf("PercentileRanks(%v) (-want +got):\n%s", values, diff)
		}
	}
}

// TestPercentileIsMonotone holds for every set of values: a higher share never
// gives a lower value, and the ends are the extremes.
func TestPercentileIsMonotone(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		values := make([]float64, 1+random.IntN(30))
		for i := range values {
			values[i] = random.NormFloat64()
		}
		slices.Sort(values)
		last := stats.Percentile(values, 0)
		if last != values[0] || stats.Percentile(values, 1) != values[len(values)-1] {
			t.Fatalf("the ends of %v are %v and %v", values, last, stats.Percentile(values, 1))
		}
		for p := 0.01; p < 1; p += 0.01 {
			now := stats.Percentile(values, p)
			if now < last {
				t.Fatalf("Percentile(%v, %v) = %v after %v", values, p, now, last)
			}
			last = now
		}
	}
}
