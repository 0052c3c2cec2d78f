package stat_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/stat"
)

// TestAgainstSciPy compares with what bench/stat.sh asked numpy and scipy.
func TestAgainstSciPy(t *testing.T) {
	t.Parallel()
	file := os.Getenv("RAMPFORGE_SCIPY")
	if file == "" {
		t.Skip("bench/stat.sh runs this test")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var samples []struct {
		Values, Shares, Percentiles                 []float64
		Mean, Deviation, Slope, Intercept, S, P, CV float64
		Spread                                      bool
		Gini, Entropy, HHI                          float64
	}
	if err := json.Unmarshal(data, &samples); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i, c := range samples {
		same := func(what string, got, want float64) {
			off := math.Abs(got-want) / max(1, math.Abs(want))
			worst = max(worst, off)
			if off > near || math.IsNaN(off) {
				t.Errorf("sample %d: %s is %v, theirs %v", i, what, got, want)
			}
		}
		sorted := slices.Sorted(slices.Values(c.Values))
		for j, p := range c.Shares {
			same("a percentile", stat.Percentile(sorted, p), c.Percentiles[j])
			same("a percentile of unsorted values", stat.PercentileOf(slices.Clone(c.Values), p), c.Percentiles[j])
		}
		places := make([]float64, len(c.Values))
		for j := range places {
			places[j] = float64(j)
		}
		deviation, _ := stat.StdDev(c.Values)
		line, _ := stat.TheilSen(places, c.Values)
		trend, _ := stat.MannKendall(c.Values)
		same("the mean", stat.Mean(c.Values), c.Mean)
		same("the deviation", deviation, c.Deviation)
		same("the slope", line.Slope, c.Slope)
		same("the intercept", line.Intercept, c.Intercept)
		same("S", float64(trend.S), c.S)
		same("P", trend.P, c.P)
		if c.Spread {
			cv, _ := stat.CV(c.Values)
			gini, _ := stat.Gini(c.Values)
			entropy, _ := stat.Entropy(c.Values)
			hhi, _ := stat.HHI(c.Values)
			same("the variation", cv, c.CV)
			same("the Gini coefficient", gini, c.Gini)
			same("the entropy", entropy, c.Entropy)
			same("the HHI", hhi, c.HHI)
		}
	}
	t.Logf("%d samples, at most %.1e apart", len(samples), worst)
}
