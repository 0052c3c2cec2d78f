package cli_test

import (
	"fmt"
	"math"
	"time"
)

const forecastPath = "workflow_analysis.forecast"

var confidences = []float64{0.5, 0.7, 0.85, 0.95}

// forecast checks what was drawn against the exact distribution: the sample
// convolved with itself.
func (r *recount) forecast() {
	r.t.Helper()
	const path = forecastPath
	r.is(path+".seed", r.seed())
	r.constants()
	if r.without(path) {
		r.is(path+".remaining", missing)
		return
	}
	rows := r.rows("forecast", path)
	finished, added := parts(rows, "finished"), parts(rows, "added")
	days := float64(len(rows))
	r.is(path+".n", days)
	r.is(path+".sample.days", days)
	r.is(path+".sample.finished", sum(finished))
	r.is(path+".sample.added", sum(added))
	r.is(path+".sample.finished_per_day", over(sum(finished), days))
	r.is(path+".sample.added_per_day", over(sum(added), days))
	r.history(rows)
	remaining := 0.0
	for _, one := range r.lives() {
		if _, left := one.reached[r.text("done_state")]; !left {
			remaining++
		}
	}
	r.is(path+".remaining", remaining)
	drawn := r.text(path+".state") == "ok"
	if enough := len(rows) >= 30 && sum(finished) >= 10; drawn != enough {
		r.t.Errorf("a forecast of %d days with %v finished items is %s", len(rows), sum(finished), r.text(path+".state"))
	}
	first := r.day(r.asOf)
	if first.Before(r.asOf) {
		first = first.AddDate(0, 0, 1)
	}
	r.when(path+".when", first, finished, nil, int(remaining), drawn)
	r.when(path+".when_growing", first, finished, added, int(remaining), drawn)
	r.howMany(first, finished, drawn)
	r.backtest()
}

// constants are what docs/workflow.md states.
func (r *recount) constants() {
	r.t.Helper()
	const path = forecastPath
	for name, v := range map[string]float64{
		".trials": 10_000, ".backtest.trials": 2_000, ".backtest.horizon_days": 30, ".how_many.days": 30,
	} {
		r.is(path+name, v)
	}
	for i, q := range confidences {
		for _, name := range []string{".when.dates", ".when_growing.dates", ".how_many.items", ".backtest.coverage"} {
			if len(r.list(path+name)) > i {
				r.is(fmt.Sprintf("%s%s[%d].confidence", path, name, i), q)
			}
		}
	}
}

// history sees to it that the days of the sample are those on which items were
// finished and created.
func (r *recount) history(rows []row) {
	r.t.Helper()
	finished, added, _ := r.byDay()
	for i, v := range rows {
		if v.Parts["finished"] != finished[v.ID] || v.Parts["added"] != added[v.ID] {
			r.t.Errorf("on %s %v were finished and %v added; told are %v", v.ID, finished[v.ID], added[v.ID], v.Parts)
		}
		if day, err := time.ParseInLocation(time.DateOnly, v.ID, r.zone); err != nil || i > 0 && day.AddDate(0, 0, -1).Format(time.DateOnly) != rows[i-1].ID {
			r.t.Errorf("%s is not the day after %v, %v", v.ID, rows[max(0, i-1)].ID, err)
		}
	}
	if n := len(rows); n > 0 {
		if rows[n-1].ID != r.day(r.asOf).AddDate(0, 0, -1).Format(time.DateOnly) {
			r.t.Errorf("the sample ends with %s, and as_of is %v", rows[n-1].ID, r.asOf)
		}
		r.isWord(forecastPath+".sample.from", rows[0].ID)
		r.isWord(forecastPath+".sample.to", rows[n-1].ID)
	}
}

// byDay counts what was finished and added on each day of the whole history, and
// returns the day of the first creation. What was withdrawn is no work that was
// added.
func (r *recount) byDay() (finished, added map[string]float64, since string) {
	r.t.Helper()
	finished, added = map[string]float64{}, map[string]float64{}
	begin := r.asOf
	for _, one := range r.lives() {
		if one.created.Before(begin) {
			begin = one.created.Add(-time.Hour)
		}
	}
	whole := &recount{t: r.t, s: r.s, project: r.project, page: mostRows, kept: map[string][]row{}, query: map[string][]string{"as_of": {r.text("as_of")}, "from": {begin.UTC().Format(time.RFC3339)}}}
	if types := r.query["type"]; len(types) > 0 {
		whole.query["type"] = types
	}
	whole.report = whole.ask(nil)
	whole.asOf = r.asOf
	withdrawn := map[string]bool{}
	for _, v := range whole.moves() {
		withdrawn[v.ID] = withdrawn[v.ID] || v.Detail == "withdrawn"
	}
	for _, v := range whole.moves() {
		switch day := v.From.In(r.zone).Format(time.DateOnly); v.Detail {
		case "finished":
			finished[day]++
		case "created":
			if since == "" || day < since {
				since = day
			}
			if !withdrawn[v.ID] {
				added[day]++
			}
		}
	}
	return finished, added, since
}

// pmf is how likely each number is, from least on.
func pmf(values []float64) map[int]float64 {
	shares := map[int]float64{}
	for _, v := range values {
		shares[int(v)] += 1 / float64(len(values))
	}
	return shares
}

// when walks what remains through the days, exactly, and compares the shares of
// walks that have arrived.
func (r *recount) when(path string, first time.Time, finished, added []float64, remaining int, drawn bool) {
	r.t.Helper()
	r.is(path+".n", float64(len(finished)))
	if !drawn || remaining == 0 {
		for i := range confidences {
			r.is(fmt.Sprintf("%s.dates[%d].days", path, i), missing)
		}
		r.is(path+".beyond_two_years", missing)
		return
	}
	net := pmf(finished)
	if added != nil {
		net = map[int]float64{}
		for f, p := range pmf(finished) {
			for a, q := range pmf(added) {
				net[f-a] += p * q
			}
		}
	}
	arrived := arrivals(net, remaining)
	for i, q := range confidences {
		at := fmt.Sprintf("%s.dates[%d]", path, i)
		r.seen[at+".days"] = true
		days, ok := r.at(at + ".days").(float64)
		if !ok {
			if arrived[730] > q+0.02 {
				r.t.Errorf("%s is null, and %v have arrived in two years", at, arrived[730])
			}
			continue
		}
		// The share of 10,000 trials is true to 0.02.
		if d := int(days); d < 1 || d > 730 || arrived[d] < q-0.02 || arrived[d-1] > q+0.02 {
			r.t.Errorf("%s is %v days; exactly, %v have arrived by then and %v the day before", at, days, arrived[int(days)], arrived[max(0, int(days)-1)])
		}
		r.isWord(at+".date", first.AddDate(0, 0, int(days)-1).Format(time.DateOnly))
	}
	r.near(path+".beyond_two_years", 1-arrived[730], 0.02)
}

// arrivals returns the share of walks that have come from remaining to 0 or below
// by each of the days of two years.
func arrivals(net map[int]float64, remaining int) []float64 {
	const most = 800 // walks that are farther away do not come back
	type jump struct {
		by    int
		share float64
	}
	jumps := []jump{}
	for by, share := range net {
		jumps = append(jumps, jump{by, share})
	}
	at, arrived := make([]float64, most+1), make([]float64, 731)
	at[remaining] = 1
	for day := 1; day <= 730; day++ {
		next, done := make([]float64, most+1), arrived[day-1]
		for left, p := range at {
			if p < 1e-15 {
				continue
			}
			for _, j := range jumps {
				if to := left - j.by; to <= 0 {
					done += p * j.share
				} else {
					next[min(to, most)] += p * j.share
				}
			}
		}
		at, arrived[day] = next, done
	}
	return arrived
}

// sums returns the share of sums of so many days that are at least k, by k.
func sums(shares map[int]float64, days int) []float64 {
	total := []float64{1}
	for range days {
		next := make([]float64, len(total)+50)
		for k, p := range total {
			for n, q := range shares {
				if p > 0 {
					next[k+n] += p * q
				}
			}
		}
		total = next
	}
	tail := make([]float64, len(total)+1)
	for k := len(total) - 1; k >= 0; k-- {
		tail[k] = tail[k+1] + total[k]
	}
	return tail
}

func (r *recount) howMany(first time.Time, finished []float64, drawn bool) {
	r.t.Helper()
	const path = forecastPath + ".how_many"
	r.is(path+".n", float64(len(finished)))
	r.isWord(path+".until", first.AddDate(0, 0, 29).Format(time.DateOnly))
	for i, q := range confidences {
		at := fmt.Sprintf("%s.items[%d].items", path, i)
		if !drawn {
			r.is(at, missing)
			continue
		}
		r.atLeast(at, sums(pmf(finished), 30), q, 0.02)
	}
}

// atLeast checks the largest number that a share reaches.
func (r *recount) atLeast(at string, tail []float64, q, tolerance float64) {
	r.t.Helper()
	r.seen[at] = true
	told, ok := r.at(at).(float64)
	if k := int(told); !ok || tail[k] < q-tolerance || tail[k+1] > q+tolerance {
		r.t.Errorf("%s is %v; exactly %v reach it, and %v one more, at %v", at, r.at(at), tail[k], tail[k+1], q)
	}
}

func (r *recount) sameWord(told, counted string) {
	r.t.Helper()
	if told != counted {
		r.t.Errorf("told is %q, counted %q", told, counted)
	}
}

// backtest forecasts the past from the days before it.
func (r *recount) backtest() {
	r.t.Helper()
	const path = forecastPath + ".backtest"
	rows := r.rows("forecast_backtest", path)
	n := float64(len(rows))
	r.is(path+".n", n)
	finished, _, since := r.byDay()
	sampleOf := func(begin time.Time) (sample []float64) {
		for d := 1; d <= 90; d++ {
			// The day of the first creation is not whole.
			if day := begin.AddDate(0, 0, -d).Format(time.DateOnly); since != "" && day > since {
				sample = append(sample, finished[day])
			}
		}
		return sample
	}
	var made []time.Time
	for begin := r.day(r.asOf).AddDate(0, 0, -30); len(made) < 104 && len(sampleOf(begin)) >= 30; begin = begin.AddDate(0, 0, -7) {
		if sum(sampleOf(begin)) >= 10 {
			made = append(made, begin)
		}
	}
	if len(made) != len(rows) {
		r.t.Fatalf("%d forecasts of the past were made, want %d", len(rows), len(made))
	}
	for i, v := range rows {
		begin := made[i]
		r.sameWord(v.ID, begin.Format(time.DateOnly))
		actual := 0.0
		for d := range 30 {
			actual += finished[begin.AddDate(0, 0, d).Format(time.DateOnly)]
		}
		if *v.Value != actual {
			r.t.Errorf("from %s on %v were finished, told are %v", v.ID, actual, *v.Value)
		}
		tail := sums(pmf(sampleOf(begin)), 30)
		for _, q := range confidences {
			// 2,000 trials are true to four standard deviations of 0.011.
			if k := int(v.Parts[fmt.Sprintf("p%d", int(math.Round(100*q)))]); tail[k] < q-0.045 || tail[k+1] > q+0.045 {
				r.t.Errorf("%s: %d at %v; exactly %v reach it, and %v one more", v.ID, k, q, tail[k], tail[k+1])
			}
		}
	}
	for i, q := range confidences {
		at, inside := fmt.Sprintf("%s.coverage[%d]", path, i), 0.0
		for _, v := range rows {
			if *v.Value >= v.Parts[fmt.Sprintf("p%d", int(math.Round(100*q)))] {
				inside++
			}
		}
		r.is(at+".inside", inside)
		r.is(at+".share", enough(len(rows), inside/n))
		if n > 0 {
			last := fmt.Sprintf("%s.last.forecast[%d]", path, i)
			r.is(last+".confidence", q)
			r.is(last+".items", rows[0].Parts[fmt.Sprintf("p%d", int(math.Round(100*q)))])
		}
	}
	if n > 0 {
		r.is(path+".last.actual", *rows[0].Value)
	}
}
