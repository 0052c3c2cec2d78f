package stat_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/stat"
)

const near = 1e-9

func isNear(a, b float64) bool { return math.Abs(a-b) <= near*max(1, math.Abs(a), math.Abs(b)) }

func TestPercentile(t *testing.T) {
	t.Parallel()
	six := []float64{4, 5, 5, 5, 5, 5} // k = 5p: p10 is halfway from 4 to 5
	for _, c := range []struct {
		sorted  []float64
		p, want float64
	}{
		{six, 0.1, 4.5},
		{six, 0.5, 5},
		{six, 0.9, 5},
		{[]float64{1, 2, 3, 4, 5}, 0.7, 3.8}, // k = 2.8, not the nearest lower rank, 3
		{[]float64{1, 2, 3, 4}, 0.5, 2.5},
		{[]float64{10, 20}, 0, 10},
		{[]float64{10, 20}, 1, 20},
		{[]float64{10, 20}, -3, 10},
		{[]float64{10, 20}, 7, 20},
		{[]float64{7}, 0.85, 7},
		{nil, 0.85, 0},
	} {
		if got := stat.Percentile(c.sorted, c.p); !isNear(got, c.want) {
			t.Errorf("Percentile(%v, %v) = %v, want %v", c.sorted, c.p, got, c.want)
		}
	}
	if got := stat.Median([]float64{1, 3, 100}); got != 3 {
		t.Errorf("Median = %v, want 3", got)
	}
}

// A percentile lies between the least and the greatest value, never falls as p
// rises, and is moved and stretched with the values.
func TestPercentileProperties(t *testing.T) {
	t.Parallel()
	r := stat.NewRand(1, 1)
	for range 200 {
		values := sample(r, 1+r.IntN(40))
		slices.Sort(values)
		last := math.Inf(-1)
		for p := 0.0; p <= 1; p += 0.05 {
			got := stat.Percentile(values, p)
			if got < last-near || got < values[0]-near || got > values[len(values)-1]+near {
				t.Fatalf("p%v of %v is %v after %v", p, values, got, last)
			}
			last = got
			moved := make([]float64, len(values))
			for i, v := range values {
				moved[i] = 3*v + 7
			}
			if again := stat.Percentile(moved, p); !isNear(again, 3*got+7) {
				t.Fatalf("p%v of 3x+7 is %v, want %v", p, again, 3*got+7)
			}
		}
	}
}

func TestMeanAndDeviation(t *testing.T) {
	t.Parallel()
	sprints := []float64{37, 47, 50, 57}
	if got := stat.Mean(sprints); got != 47.75 {
		t.Errorf("Mean = %v, want 47.75", got)
	}
	// Differences −10.75, −0.75, 2.25, 9.25: squares 115.5625, 0.5625, 5.0625,
	// 85.5625 sum to 206.75; a third of that is 68.91667.
	if got, ok := stat.StdDev(sprints); !ok || !isNear(got, math.Sqrt(206.75/3)) {
		t.Errorf("StdDev = %v, %v", got, ok)
	}
	if got, ok := stat.CV(sprints); !ok || !isNear(got, math.Sqrt(206.75/3)/47.75) {
		t.Errorf("CV = %v, %v", got, ok)
	}
	if got := stat.Mean(nil); got != 0 {
		t.Errorf("Mean of nothing = %v, want 0", got)
	}
	if got, ok := stat.StdDev([]float64{1}); ok || got != 0 {
		t.Errorf("StdDev of one value = %v, %v; it is undefined", got, ok)
	}
	for _, values := range [][]float64{nil, {5}, {0, 0}, {-1, 1}, {-3, -4}} {
		if got, ok := stat.CV(values); ok || got != 0 {
			t.Errorf("CV(%v) = %v, %v; it is undefined", values, got, ok)
		}
	}
}

func TestTheilSen(t *testing.T) {
	t.Parallel()
	// Slopes 1, 1, 1 between the first three; 97/1, 98/2, 99/3 to the outlier:
	// sorted 1, 1, 1, 33, 49, 97, the median is 17.
	line, ok := stat.TheilSen([]float64{1, 2, 3, 4}, []float64{1, 2, 3, 100})
	if !ok || !isNear(line.Slope, 17) || !isNear(line.Intercept, 2.5-17*2.5) {
		t.Errorf("TheilSen = %+v, %v; want slope 17 and intercept −40", line, ok)
	}
	// Pairs with the same x are left out: 2/1, 4/1 and none between them.
	line, ok = stat.TheilSen([]float64{0, 1, 1}, []float64{0, 2, 4})
	if !ok || !isNear(line.Slope, 3) {
		t.Errorf("TheilSen with equal x = %+v, %v; want slope 3", line, ok)
	}
	for _, x := range [][]float64{nil, {1}, {2, 2, 2}} {
		if line, ok := stat.TheilSen(x, x); ok || line != (stat.Line{}) {
			t.Errorf("TheilSen(%v) = %+v, %v; it is undefined", x, line, ok)
		}
	}
}

func TestMannKendall(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   stat.KendallTrend
	}{
		// Two of the 4! orders have |S| = 6.
		{[]float64{1, 2, 3, 4}, stat.KendallTrend{S: 6, P: 2.0 / 24, Exact: true}},
		{[]float64{4, 3, 2, 1}, stat.KendallTrend{S: -6, P: 2.0 / 24, Exact: true}},
		// One inversion: S = 4, and 2·(1+3) orders have at most one or all but one.
		{[]float64{1, 3, 2, 4}, stat.KendallTrend{S: 4, P: 8.0 / 24, Exact: true}},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8}, stat.KendallTrend{S: 28, P: 2.0 / 40320, Exact: true}},
		// Σ over pairs is 0: each order has an |S| as large.
		{[]float64{2, 4, 1, 3}, stat.KendallTrend{S: 0, P: 1, Exact: true}},
		{[]float64{5, 5, 5, 5}, stat.KendallTrend{S: 0, P: 1}},
		// One pair of equals: (4·3·13 − 2·1·9)/18 = 7.6667, z = 4/2.76887 = 1.44463.
		{[]float64{1, 2, 2, 3}, stat.KendallTrend{S: 5, P: math.Erfc(4 / math.Sqrt(138.0/18) / math.Sqrt2)}},
	} {
		got, ok := stat.MannKendall(c.values)
		if !ok || got.S != c.want.S || got.Exact != c.want.Exact || !isNear(got.P, c.want.P) {
			t.Errorf("MannKendall(%v) = %+v, %v; want %+v", c.values, got, ok, c.want)
		}
	}
	for _, values := range [][]float64{nil, {3}} {
		if got, ok := stat.MannKendall(values); ok || got != (stat.KendallTrend{}) {
			t.Errorf("MannKendall(%v) = %+v, %v; it is undefined", values, got, ok)
		}
	}
}

// The exact distribution is that of all orders counted one by one, and near the
// normal one where the two meet.
func TestMannKendallExact(t *testing.T) {
	t.Parallel()
	for n := 2; n <= 7; n++ {
		counts, orders := map[int]int{}, 0
		permute(n, func(order []float64) {
			got, _ := stat.MannKendall(order)
			counts[max(got.S, -got.S)]++
			orders++
		})
		permute(n, func(order []float64) {
			got, _ := stat.MannKendall(order)
			as := 0
			for s, count := range counts {
				if s >= max(got.S, -got.S) {
					as += count
				}
			}
			if want := float64(as) / float64(orders); !isNear(got.P, want) {
				t.Fatalf("MannKendall(%v).P = %v, want %d of %d orders", order, got.P, as, orders)
			}
		})
	}
	r := stat.NewRand(2, 1)
	for range 50 {
		values := sample(r, 33)
		exact, _ := stat.MannKendall(values)
		variance := 33.0 * 32 * 71 / 18
		normal := math.Erfc((math.Abs(float64(exact.S)) - 1) / math.Sqrt(variance) / math.Sqrt2)
		if exact.S != 0 && math.Abs(exact.P-normal) > 0.005 {
			t.Errorf("of 33 values with S %d the exact P is %v and the normal one %v", exact.S, exact.P, normal)
		}
	}
}

func TestConcentration(t *testing.T) {
	t.Parallel()
	half := (0.5*math.Log(2) + 2*0.25*math.Log(4)) / math.Log(3)
	for _, c := range []struct {
		values                       []float64
		gini, unbiased, entropy, hhi float64
	}{
		{[]float64{1, 1, 1, 1}, 0, 0, 1, 0.25},
		{[]float64{0, 0, 0, 1}, 0.75, 1, 0, 1},
		// (−3·1 −1·2 +1·3 +3·4) / (4·10) = 10/40; shares 0.1 to 0.4.
		{[]float64{1, 2, 3, 4}, 0.25, 1.0 / 3, -(0.1*math.Log(0.1) + 0.2*math.Log(0.2) + 0.3*math.Log(0.3) + 0.4*math.Log(0.4)) / math.Log(4), 0.3},
		{[]float64{2, 1, 1}, 1.0 / 6, 0.25, half, 0.375}, // (−2·1 + 0 + 2·2) / (3·4)
	} {
		for name, got := range map[string]func([]float64) (float64, bool){"Gini": stat.Gini, "GiniUnbiased": stat.GiniUnbiased, "Entropy": stat.Entropy, "HHI": stat.HHI} {
			want := map[string]float64{"Gini": c.gini, "GiniUnbiased": c.unbiased, "Entropy": c.entropy, "HHI": c.hhi}[name]
			if value, ok := got(c.values); !ok || !isNear(value, want) {
				t.Errorf("%s(%v) = %v, %v; want %v", name, c.values, value, ok, want)
			}
		}
	}
	for _, values := range [][]float64{nil, {0}, {0, 0, 0}, {1, -1}, {-1, 5}} {
		for name, got := range map[string]func([]float64) (float64, bool){"Gini": stat.Gini, "GiniUnbiased": stat.GiniUnbiased, "Entropy": stat.Entropy, "HHI": stat.HHI} {
			if value, ok := got(values); ok || value != 0 {
				t.Errorf("%s(%v) = %v, %v; it is undefined", name, values, value, ok)
			}
		}
	}
	if _, ok := stat.Gini([]float64{3}); ok {
		t.Error("Gini of one value is defined")
	}
	if value, ok := stat.HHI([]float64{3}); !ok || value != 1 {
		t.Errorf("HHI of one value = %v, %v; want 1", value, ok)
	}
}

// Concentration knows neither order nor unit, and stays within its bounds.
func TestConcentrationProperties(t *testing.T) {
	t.Parallel()
	r := stat.NewRand(3, 1)
	for range 300 {
		values := make([]float64, 2+r.IntN(20))
		for i := range values {
			values[i] = float64(r.IntN(6))
		}
		values[0]++
		mixed := slices.Clone(values)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for i := range mixed {
			mixed[i] *= 8
		}
		n := float64(len(values))
		for name, f := range map[string]func([]float64) (float64, bool){"Gini": stat.Gini, "GiniUnbiased": stat.GiniUnbiased, "Entropy": stat.Entropy, "HHI": stat.HHI} {
			a, ok := f(values)
			b, _ := f(mixed)
			low, high := 0.0, 1.0
			if name == "Gini" {
				high = (n - 1) / n
			}
			if name == "HHI" {
				low = 1 / n
			}
			if !ok || !isNear(a, b) || a < low-near || a > high+near {
				t.Fatalf("%s(%v) = %v, %v; mixed and times eight %v", name, values, a, ok, b)
			}
		}
	}
}

func TestKaplanMeier(t *testing.T) {
	t.Parallel()
	// Six at risk, one ends at 3; one is censored at 4; of the four at 5 two end
	// and one is censored; the last ends at 8.
	lifetimes := []stat.Lifetime{{Duration: 5}, {Duration: 3}, {Duration: 4, Censored: true}, {Duration: 5, Censored: true}, {Duration: 8}, {Duration: 5}}
	want := []stat.SurvivalStep{
		{Duration: 3, AtRisk: 6, Ended: 1, Survival: 5.0 / 6},
		{Duration: 5, AtRisk: 4, Ended: 2, Survival: 5.0 / 12},
		{Duration: 8, AtRisk: 1, Ended: 1, Survival: 0},
	}
	got := stat.KaplanMeier(lifetimes)
	if !slices.EqualFunc(got, want, func(a, b stat.SurvivalStep) bool {
		return a.Duration == b.Duration && a.AtRisk == b.AtRisk && a.Ended == b.Ended && isNear(a.Survival, b.Survival)
	}) {
		t.Errorf("KaplanMeier = %+v, want %+v", got, want)
	}
	if lifetimes[0].Duration != 5 {
		t.Error("KaplanMeier sorted what it was given")
	}
	if median, ok := stat.SurvivalQuantile(got, 0.5); !ok || median != 5 {
		t.Errorf("median survival = %v, %v; want 5", median, ok)
	}
	if steps := stat.KaplanMeier(nil); steps == nil || len(steps) != 0 {
		t.Errorf("KaplanMeier of nothing = %#v, want an empty list", steps)
	}
	most := stat.KaplanMeier([]stat.Lifetime{{Duration: 1}, {Duration: 2, Censored: true}, {Duration: 2, Censored: true}})
	if median, ok := stat.SurvivalQuantile(most, 0.5); ok || median != 0 {
		t.Errorf("median of what mostly lasts = %v, %v; it is undefined", median, ok)
	}
}

// Without censoring the curve is the share that lasted longer.
func TestKaplanMeierUncensored(t *testing.T) {
	t.Parallel()
	r := stat.NewRand(4, 1)
	for range 100 {
		lifetimes := make([]stat.Lifetime, 1+r.IntN(30))
		for i := range lifetimes {
			lifetimes[i].Duration = float64(r.IntN(10))
		}
		for _, step := range stat.KaplanMeier(lifetimes) {
			longer := 0
			for _, l := range lifetimes {
				if l.Duration > step.Duration {
					longer++
				}
			}
			if want := float64(longer) / float64(len(lifetimes)); !isNear(step.Survival, want) {
				t.Fatalf("survival at %v is %v, want %v", step.Duration, step.Survival, want)
			}
		}
	}
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	values := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10} // mean 5.5, variance of the population 8.25
	draw := func(seed uint64) []float64 {
		means := []float64{}
		stat.Bootstrap(stat.NewRand(seed, 7), len(values), 4000, func(drawn []int) {
			sum := 0.0
			for _, i := range drawn {
				sum += values[i]
			}
			means = append(means, sum/float64(len(drawn)))
		})
		return means
	}
	means := draw(42)
	if !slices.Equal(means, draw(42)) {
		t.Error("the same seed drew other samples")
	}
	if slices.Equal(means, draw(43)) {
		t.Error("another seed drew the same samples")
	}
	// The mean of ten draws has a deviation of √(8.25/10) = 0.908.
	if got := stat.Mean(means); math.Abs(got-5.5) > 0.06 {
		t.Errorf("the mean of 4000 means is %v, want 5.5", got)
	}
	if got, _ := stat.StdDev(means); math.Abs(got-math.Sqrt(0.825)) > 0.05 {
		t.Errorf("their deviation is %v, want 0.908", got)
	}
	stat.Bootstrap(stat.NewRand(1, 1), 0, 10, func([]int) { t.Error("a sample of nothing was drawn") })
	if a, b := stat.NewRand(1, 1).Uint64(), stat.NewRand(1, 2).Uint64(); a == b {
		t.Error("two streams of a seed are one")
	}
}

// sample returns n different values.
func sample(r *rand.Rand, n int) []float64 {
	values := make([]float64, n)
	for i, place := range r.Perm(n) {
		values[i] = float64(place)*1.5 + r.Float64()
	}
	return values
}

// permute calls visit with all orders of 1…n.
func permute(n int, visit func([]float64)) {
	order := make([]float64, n)
	for i := range order {
		order[i] = float64(i + 1)
	}
	var swap func(k int)
	swap = func(k int) {
		if k == n {
			visit(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			swap(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	swap(0)
}

// Without sorting it is the same value, and no value is lost.
func TestPercentileOf(t *testing.T) {
	t.Parallel()
	r := stat.NewRand(5, 1)
	for range 500 {
		values := make([]int64, 1+r.IntN(400))
		sorted := make([]float64, len(values))
		for i := range values {
			values[i] = int64(r.IntN(1 + r.IntN(50))) // with many ties, and with few
			sorted[i] = float64(values[i])
		}
		slices.Sort(sorted)
		for _, p := range []float64{0, 0.3, 0.5, 0.85, 1, 2} {
			if got, want := stat.PercentileOf(values, p), stat.Percentile(sorted, p); !isNear(got, want) {
				t.Fatalf("PercentileOf(%v, %v) = %v, want %v", values, p, got, want)
			}
		}
		slices.Sort(values)
		for i := range values {
			if float64(values[i]) != sorted[i] {
				t.Fatalf("the values are now %v, and were %v", values, sorted)
			}
		}
	}
	// jira-agile-metrics' published example: {5,5,5,5,5,4} has p10 4.5, p50 5, p90 5.
	for p, want := range map[float64]float64{0.1: 4.5, 0.5: 5, 0.9: 5} {
		if got := stat.PercentileOf([]int64{5, 5, 5, 5, 5, 4}, p); got != want {
			t.Errorf("p%v is %v, want %v", 100*p, got, want)
		}
	}
	if got := stat.PercentileOf([]float64{}, 0.5); got != 0 {
		t.Errorf("PercentileOf nothing = %v, want 0", got)
	}
}
