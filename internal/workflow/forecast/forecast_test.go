package forecast_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/forecast"
)

// asOf is a Monday at noon: the last whole day is Sunday, 2026-03-01, and the
// forecast begins on Tuesday.
var asOf = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// steady is a history of n days, on each of which as many are finished and added.
func steady(n, finished, added int) forecast.History {
	h := forecast.History{First: forecast.DateOf(asOf, nil) - forecast.Date(n), Days: make([]forecast.Day, n)}
	for i := range h.Days {
		h.Days[i] = forecast.Day{Finished: finished, Added: added}
	}
	return h
}

func dates(w forecast.When) (out []string) {
	for _, at := range w.Dates {
		if at.Date == nil {
			out = append(out, "-")
		} else {
			out = append(out, at.Date.String())
		}
	}
	return out
}

// With two items finished and one added on every day, ten items take five days,
// Tuesday to Saturday (7 March), and ten days when as many as ever are added
// (12 March). In the 30 days from 3 March to 1 April 60 are finished.
func TestSteady(t *testing.T) {
	t.Parallel()
	f := forecast.Compute(forecast.Input{History: steady(200, 2, 1), AsOf: asOf, Remaining: 10, Seed: 7})
	if f.State != basis.OK || f.N != 90 || f.Trials != 10_000 || f.Seed != 7 || *f.Sample.FinishedPerDay != 2 || *f.Sample.AddedPerDay != 1 {
		t.Errorf("got %+v", f)
	}
	if got := f.Sample.From.String() + " " + f.Sample.To.String(); got != "2025-12-02 2026-03-01" {
		t.Errorf("the sample is %s", got)
	}
	for i := range forecast.Confidences() {
		if got := dates(f.When)[i]; got != "2026-03-07" || *f.When.Dates[i].Days != 5 {
			t.Errorf("ten items are finished on %s", got)
		}
		if got := dates(f.WhenGrowing)[i]; got != "2026-03-12" {
			t.Errorf("ten growing items are finished on %s", got)
		}
		if got := *f.HowMany.Items[i].Items; got != 60 || f.HowMany.Until.String() != "2026-04-01" {
			t.Errorf("%d items are finished until %s", got, f.HowMany.Until)
		}
	}
	// The forecasts are made for the days 0–170 of 200 in steps of 7 that have 30
	// days before them: 170, 163, …, 30 are 21, and each is right.
	if b := f.Backtest; b.State != basis.OK || b.N != 21 || *b.Coverage[2].Share != 1 || b.Last.Actual != 60 || b.Last.Last.String() != "2026-03-01" {
		t.Errorf("the backtest is %+v", f.Backtest)
	}
}

// At the first moment of a day, that day is the first of the forecast.
func TestForecastBeginsAtMidnight(t *testing.T) {
	t.Parallel()
	h := steady(200, 2, 1)
	f := forecast.Compute(forecast.Input{History: h, AsOf: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Remaining: 10})
	if got := dates(f.When)[0]; got != "2026-03-06" {
		t.Errorf("ten items are finished on %s", got)
	}
}

// Saturdays and Sundays are without work: ten items at two a day take Tuesday
// to Friday and the next Monday. The empty weekends of the history are no
// samples, so that a day's work stays two.
func TestBlackoutMovesTheCalendarAndNotTheSample(t *testing.T) {
	t.Parallel()
	h, blackout := steady(300, 2, 0), map[forecast.Date]bool{}
	for i := range 1000 {
		date := h.First + forecast.Date(i)
		if day := time.Unix(int64(date)*86_400, 0).UTC().Weekday(); day == time.Saturday || day == time.Sunday {
			blackout[date] = true
			if i < len(h.Days) {
				h.Days[i] = forecast.Day{}
			}
		}
	}
	f := forecast.Compute(forecast.Input{History: h, AsOf: asOf, Remaining: 10, Blackout: blackout, Horizon: 7})
	if f.N != 64 || *f.Sample.FinishedPerDay != 2 { // of 90 days before a Monday, 26 are of a weekend
		t.Errorf("the sample is %+v", f.Sample)
	}
	if got := dates(f.When); got[3] != "2026-03-09" || *f.When.Dates[3].Days != 7 {
		t.Errorf("ten items are finished on %v", got)
	}
	if got := *f.HowMany.Items[0].Items; got != 10 { // five days with work in a week
		t.Errorf("%d items are finished in a week", got)
	}
	if b := f.Backtest; *b.Coverage[3].Share != 1 {
		t.Errorf("the backtest is %+v", b)
	}
}

func TestStates(t *testing.T) {
	t.Parallel()
	rare := steady(120, 0, 0)
	for i := range 9 {
		rare.Days[119-i].Finished = 1
	}
	for _, test := range []struct {
		name      string
		in        forecast.Input
		state     basis.State
		when      basis.State
		backtests basis.State
	}{
		{"no history", forecast.Input{Remaining: 3}, basis.NoData, basis.NoData, basis.NoData},
		{"29 days", forecast.Input{History: steady(29, 5, 0), Remaining: 3}, basis.InsufficientData, basis.InsufficientData, basis.NoData},
		{"all zero", forecast.Input{History: steady(120, 0, 1), Remaining: 3}, basis.InsufficientData, basis.InsufficientData, basis.NoData},
		{"nine finished", forecast.Input{History: rare, Remaining: 3}, basis.InsufficientData, basis.InsufficientData, basis.NoData},
		{"30 days", forecast.Input{History: steady(30, 1, 0), Remaining: 3}, basis.OK, basis.OK, basis.NoData},
		{"a few forecasts of the past", forecast.Input{History: steady(100, 1, 0), Remaining: 3}, basis.OK, basis.OK, basis.InsufficientData},
		{"nothing remains", forecast.Input{History: steady(200, 1, 0)}, basis.OK, basis.NoData, basis.OK},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.in.AsOf = asOf
			f := forecast.Compute(test.in)
			if f.State != test.state || f.When.State != test.when || f.WhenGrowing.State != test.when || f.HowMany.State != test.state || f.Backtest.State != test.backtests {
				t.Errorf("got %s, when %s, how many %s, backtest %s", f.State, f.When.State, f.HowMany.State, f.Backtest.State)
			}
			if (f.State != basis.OK) != (f.Reason != "") || len(f.When.Dates) != 4 || len(f.HowMany.Items) != 4 || len(f.Backtest.Coverage) != 4 {
				t.Errorf("got %+v", f)
			}
			if test.when != basis.OK && slices.ContainsFunc(dates(f.When), func(d string) bool { return d != "-" }) {
				t.Errorf("dates without a forecast: %v", dates(f.When))
			}
		})
	}
}

// One item a day and one added: nothing is ever finished while the scope grows.
// Ten of 1,000 items in 90 days are not finished within two years.
func TestNoDateBeyondTwoYears(t *testing.T) {
	t.Parallel()
	f := forecast.Compute(forecast.Input{History: steady(90, 1, 1), AsOf: asOf, Remaining: 731})
	if got := dates(f.When); got[0] != "-" || *f.When.Beyond != 1 || f.When.State != basis.OK {
		t.Errorf("731 items at one a day: %v, %v beyond", got, *f.When.Beyond)
	}
	f = forecast.Compute(forecast.Input{History: steady(90, 1, 1), AsOf: asOf, Remaining: 730})
	if got := dates(f.When); got[0] != "2028-03-01" || *f.When.Beyond != 0 || *f.WhenGrowing.Beyond != 1 {
		t.Errorf("730 items at one a day: %v", got)
	}
}

// random is a history with empty days, and the same as times in an hour of the
// day that its seed gives.
func random(seed uint64, days int) forecast.History {
	r := rand.New(rand.NewPCG(seed, 9))
	h := steady(days, 0, 0)
	for i := range h.Days {
		if r.IntN(3) > 0 {
			h.Days[i] = forecast.Day{Finished: r.IntN(5), Added: r.IntN(4)}
		}
	}
	return h
}

func TestMoreConfidenceIsLaterAndFewer(t *testing.T) {
	t.Parallel()
	inside, made := 0, 0
	for seed := range uint64(10) {
		f := forecast.Compute(forecast.Input{History: random(seed, 300), AsOf: asOf, Remaining: 40, Seed: seed})
		for i := 1; i < 4; i++ {
			if *f.When.Dates[i].Date < *f.When.Dates[i-1].Date || *f.HowMany.Items[i].Items > *f.HowMany.Items[i-1].Items {
				t.Errorf("seed %d: %v, %+v", seed, dates(f.When), f.HowMany.Items)
			}
		}
		if c := f.Backtest.Coverage; c[0].Inside > c[1].Inside || c[2].Inside > c[3].Inside {
			t.Errorf("seed %d: %+v", seed, c)
		}
		inside, made = inside+f.Backtest.Coverage[2].Inside, made+f.Backtest.N
	}
	// The days are independent here, as the method assumes: 85 % of 350 forecasts,
	// of which about 90 do not overlap, give or take three standard deviations.
	if share := float64(inside) / float64(made); share < 0.73 || share > 0.97 {
		t.Errorf("p85 covers %.2f of the outcomes", share)
	}
}

func encoded(t *testing.T, in forecast.Input) []byte {
	t.Helper()
	out, err := json.Marshal(forecast.Compute(in))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameSeedSameBytes(t *testing.T) {
	t.Parallel()
	in := forecast.Input{History: random(1, 400), AsOf: asOf, Remaining: 40, Seed: 5, Explain: &basis.ExplainQuery{Limit: 1000}}
	first := encoded(t, in)
	if !bytes.Equal(first, encoded(t, in)) {
		t.Error("the same input gives other bytes")
	}
	in.Seed = 6
	if bytes.Equal(first, encoded(t, in)) {
		t.Error("another seed gives the same draws")
	}
}

// What is drawn does not depend on the order of the days of the sample.
func TestOrderOfTheDaysIsNothing(t *testing.T) {
	t.Parallel()
	h := random(4, 90)
	in := forecast.Input{History: h, AsOf: asOf, Remaining: 40, Seed: 5}
	first := encoded(t, in)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(h.Days), func(i, j int) { h.Days[i], h.Days[j] = h.Days[j], h.Days[i] })
	a, b := forecast.Compute(in), forecast.Forecast{}
	if err := json.Unmarshal(first, &b); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(dates(a.When), dates(b.When)) || !slices.Equal(dates(a.WhenGrowing), dates(b.WhenGrowing)) || *a.HowMany.Items[2].Items != *b.HowMany.Items[2].Items {
		t.Errorf("the order of the days changed the forecast: %+v, %+v", a, b)
	}
}

func TestShiftOfTime(t *testing.T) {
	t.Parallel()
	const shift = 77
	in := forecast.Input{History: random(2, 300), AsOf: asOf, Remaining: 40, Seed: 5}
	before := forecast.Compute(in)
	in.History.First += shift
	in.AsOf = in.AsOf.AddDate(0, 0, shift)
	after := forecast.Compute(in)
	for i := range 4 {
		if *after.When.Dates[i].Date-*before.When.Dates[i].Date != shift || *after.HowMany.Items[i].Items != *before.HowMany.Items[i].Items {
			t.Errorf("the forecast moved from %v to %v", dates(before.When), dates(after.When))
		}
	}
	if before.Backtest.N != after.Backtest.N || after.Backtest.Last.First-before.Backtest.Last.First != shift {
		t.Errorf("the backtest moved from %+v to %+v", before.Backtest, after.Backtest)
	}
}

// Everything that is told of the sample and of the backtest follows from what
// explain lists.
func TestExplain(t *testing.T) {
	t.Parallel()
	f := forecast.Compute(forecast.Input{History: random(3, 500), AsOf: asOf, Remaining: 40, Explain: &basis.ExplainQuery{Limit: 1000}})
	finished, added := 0.0, 0.0
	for _, row := range f.Explain.Rows {
		finished += *row.Value
		added += row.Parts["added"]
	}
	if n := float64(f.Explain.Total); n != float64(f.N) || finished/n != *f.Sample.FinishedPerDay || added/n != *f.Sample.AddedPerDay || int(finished) != f.Sample.Finished {
		t.Errorf("the rows tell %v finished and %v added, the sample is %+v", finished, added, f.Sample)
	}
	for i, key := range []string{"p50", "p70", "p85", "p95"} {
		inside := 0
		for _, row := range f.Backtest.Explain.Rows {
			if *row.Value >= row.Parts[key] {
				inside++
			}
		}
		if c := f.Backtest.Coverage[i]; inside != c.Inside || float64(inside)/float64(len(f.Backtest.Explain.Rows)) != *c.Share {
			t.Errorf("the rows tell %d inside, coverage is %+v", inside, c)
		}
	}
}

// The clocks of Berlin went forward on 2026-03-29, a day of 23 hours from 23:00
// to 22:00 UTC. What ended at 22:30 UTC on the 28th is of the 28th, at 23:00 of
// the 29th, and at 22:00 on the 29th of the 30th, which was not over at asOf.
func TestTally(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) facts.Time {
		return facts.At(time.Date(2026, 3, day, hour, minute, 0, 0, time.UTC))
	}
	h := forecast.Tally(
		[]facts.Time{at(29, 22, 0), at(28, 23, 0), at(28, 22, 30), at(20, 1, 0)}, []facts.Time{at(29, 21, 59), at(26, 12, 0)},
		at(26, 12, 0), time.Date(2026, 3, 30, 12, 0, 0, 0, berlin), berlin)
	if got := h.First.String(); got != "2026-03-27" || !slices.Equal(h.Days, []forecast.Day{{}, {Finished: 1}, {Finished: 1, Added: 1}}) {
		t.Errorf("got %+v from %s", h.Days, got)
	}
	if h := forecast.Tally(nil, nil, at(30, 0, 0), time.Date(2026, 3, 30, 12, 0, 0, 0, berlin), berlin); len(h.Days) != 0 {
		t.Errorf("a history of a few hours has days: %+v", h)
	}
	// At the first moment of a day the day before is over, and the forecast begins with that day.
	h = forecast.Tally([]facts.Time{at(28, 0, 0)}, nil, 0, time.Date(2026, 3, 29, 0, 0, 0, 0, berlin), berlin)
	if h.Days[len(h.Days)-1].Finished != 1 {
		t.Errorf("the last day is %+v", h.Days[len(h.Days)-1])
	}
}

// Where the clocks skip midnight the day begins when they skip to: 23:30 is of
// the day before, and half past one of the day itself.
func TestTallyWhereThereIsNoMidnight(t *testing.T) {
	t.Parallel()
	for zone, date := range map[string]string{"America/Santiago": "2023-09-03", "America/Havana": "2023-03-12", "Africa/Cairo": "2026-04-24"} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		at := func(hour, minute int) time.Time {
			d, err := time.Parse(time.DateOnly, date)
			if err != nil {
				t.Fatal(err)
			}
			return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, location)
		}
		before, after := facts.At(at(1, 0).Add(-30*time.Minute)), facts.At(at(1, 30))
		h := forecast.Tally([]facts.Time{before, after, after}, nil, before-72*3600e6, at(36, 0), location)
		for i, d := range h.Days {
			day := (h.First + forecast.Date(i)).String()
			if want := map[bool]int{true: 2}[day == date]; day >= date && d.Finished != want || day < date && i < len(h.Days)-2 && d.Finished != 0 {
				t.Errorf("%s: %d on %s", zone, d.Finished, day)
			}
		}
		if n := len(h.Days); n < 2 || h.Days[n-1].Finished != 2 || h.Days[n-2].Finished != 1 {
			t.Errorf("%s: %+v from %s", zone, h.Days, h.First)
		}
	}
}

// One is finished at the first moment of each day and one at the last, whatever
// the clocks do on it: over 700 days, which begin in winter, and 500, in summer.
func TestTallyOfManyDays(t *testing.T) {
	t.Parallel()
	for _, days := range []int{700, 500} {
		tallyMany(t, days)
	}
}

func tallyMany(t *testing.T, days int) {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 11, 15, 12, 0, 0, 0, berlin)
	var times []facts.Time
	for i := range days {
		begins := time.Date(2026, 11, 14-i, 0, 0, 0, 0, berlin)
		times = append(times, facts.At(begins), facts.At(begins.AddDate(0, 0, 1))-1)
	}
	h := forecast.Tally(times, nil, times[len(times)-2]-1, end, berlin)
	if len(h.Days) != days {
		t.Fatalf("there are %d days", len(h.Days))
	}
	for i, day := range h.Days {
		if day.Finished != 2 {
			t.Errorf("on the %d-th day %d are finished", i, day.Finished)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	var d forecast.Date
	if err := d.UnmarshalText([]byte("2024-02-29")); err != nil || d.String() != "2024-02-29" || d.UnmarshalText([]byte("yesterday")) == nil {
		t.Errorf("got %s, %v", d, err)
	}
}

// BenchmarkCompute is a forecast with a backtest of two years: of a team that
// finishes what remains in some weeks, and of one that never does.
func BenchmarkCompute(b *testing.B) {
	for name, remaining := range map[string]int{"weeks": 60, "never": 1_000_000} {
		b.Run(name, func(b *testing.B) {
			in := forecast.Input{History: random(1, 860), AsOf: asOf, Remaining: remaining}
			for b.Loop() {
				forecast.Compute(in)
			}
		})
	}
}

func BenchmarkTally(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	times := make([]facts.Time, 100_000)
	for i := range times {
		times[i] = facts.At(asOf) - facts.Time(r.Int64N(int64(4*365*24*time.Hour/time.Microsecond)))
	}
	for b.Loop() {
		forecast.Tally(times, times, 0, asOf, time.UTC)
	}
}
