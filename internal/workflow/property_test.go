package workflow

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// forSeeds runs a property for several logs that are drawn, each in a window of
// half of its time.
func forSeeds(t *testing.T, property func(t *testing.T, log *facts.Log, q Query)) {
	t.Helper()
	for seed := range uint64(6) {
		log := manyItems(300, seed+10)
		q := manyQuery()
		q.From = q.From.Add(time.Duration(seed) * 1000 * time.Hour)
		q.To = q.To.Add(-time.Duration(seed) * 777 * time.Hour)
		q.AsOf = q.To.Add(time.Duration(seed%3) * 500 * time.Hour)
		property(t, log, q)
	}
}

// L = λ·W in every window, whatever is in it.
func TestLittlesIdentityHolds(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		for range 5 {
			c := newCalc(log, Configure(waiting(), log), &q)
			m := littlesLaw(c)
			if m.Identity.Difference == nil || *m.Identity.Difference != 0 || *m.Identity.L == 0 {
				t.Errorf("from %v to %v: L %s, λ %s, W %s", q.From, q.To, told(m.Identity.L), told(m.Identity.Lambda), told(m.Identity.W))
			}
			if mean := workInProgress(c).Mean; *mean != *m.Identity.L {
				t.Errorf("mean work in progress is %v and L %v", *mean, *m.Identity.L)
			}
			q.From = q.From.Add(q.To.Sub(q.From) / 3)
		}
	})
}

// No line of the cumulative flow diagram falls or crosses the one above, and
// the line of the commitment state less that of done is work in progress.
func TestCumulativeFlowIsMonotoneAndOrdered(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		config := Configure(waiting(), log)
		c := newCalc(log, config, &q)
		flow := cumulativeFlow(c)
		lines := flow.States
		for s := range lines {
			for d := range lines[s].Counts {
				if d > 0 && lines[s].Counts[d] < lines[s].Counts[d-1] {
					t.Fatalf("%s falls on %s", lines[s].State, flow.Days[d])
				}
				if s > 0 && lines[s].Counts[d] > lines[s-1].Counts[d] {
					t.Fatalf("%s crosses %s on %s", lines[s].State, lines[s-1].State, flow.Days[d])
				}
			}
		}
		for d, step := range workInProgress(c).Series {
			if between := lines[config.Commitment].Counts[d] - lines[config.Done].Counts[d]; between != step.Items {
				t.Fatalf("on %s %d items are between the lines and %d in progress", step.Date, between, step.Items)
			}
		}
	})
}

// What is in progress at the end of a step is what was at the end of the one
// before, and what was started, less what left.
func TestStepsAddUp(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		for _, q.Granularity = range []Granularity{ByDay, ByWeek, ByMonth} {
			c := newCalc(log, Configure(waiting(), log), &q)
			done, wip := throughput(c), workInProgress(c)
			finished := 0
			for i, s := range balance(c).Series {
				if *s.Finished != done.Series[i].Finished {
					t.Fatalf("%s: %d left finished, and throughput is %d", s.Date, *s.Finished, done.Series[i].Finished)
				}
				finished += *s.Finished
				if i == 0 {
					continue
				}
				before, now := wip.Series[i-1].Items, wip.Series[i].Items
				if before+*s.Started-*s.Finished-*s.Withdrawn != now {
					t.Fatalf("%s: %d in progress, %+v, then %d", s.Date, before, s.Moves, now)
				}
			}
			if n := cycleTime(c).N; finished != *done.Total || finished != n {
				t.Fatalf("%d in steps, %d in all, %d with a cycle time", finished, *done.Total, n)
			}
		}
	})
}

func bytesOf(t *testing.T, r *Report) []byte {
	t.Helper()
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The same facts give the same bytes, in whatever order the items are.
func TestOrderOfItemsChangesNothing(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		want := bytesOf(t, Compute(log, Configure(waiting(), log), q))
		if again := bytesOf(t, Compute(log, Configure(waiting(), log), q)); !slices.Equal(want, again) {
			t.Fatal("the same facts gave other bytes")
		}
		r := rand.New(rand.NewPCG(7, 7))
		r.Shuffle(len(log.Items), func(i, j int) { log.Items[i], log.Items[j] = log.Items[j], log.Items[i] })
		if shuffled := bytesOf(t, Compute(log, Configure(waiting(), log), q)); !slices.Equal(want, shuffled) {
			t.Fatal("another order of the items gave other bytes")
		}
	})
}

// Weeks later everything is as it was, but for the dates.
func TestWholeWeeksLater(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		settings := waiting()
		settings.Zone = "" // the clocks of UTC never change
		q.Granularity = ByWeek
		want := undated(t, bytesOf(t, Compute(log, Configure(settings, log), q)))
		const weeks = 31 * 7 * 24 * time.Hour
		shift(log, weeks)
		q.From, q.To, q.AsOf = q.From.Add(weeks), q.To.Add(weeks), q.AsOf.Add(weeks)
		if got := undated(t, bytesOf(t, Compute(log, Configure(settings, log), q))); !reflect.DeepEqual(got, want) {
			t.Error("31 weeks later the numbers are others")
		}
	})
}

func shift(log *facts.Log, by time.Duration) {
	d := facts.Time(by.Microseconds())
	for i := range log.Items {
		item := &log.Items[i]
		item.Created += d
		for j := range item.Visits {
			item.Visits[j].At += d
		}
		for j := range item.Flags {
			item.Flags[j].From += d
			item.Flags[j].To += d
		}
	}
}

// undated returns a report without its dates.
func undated(t *testing.T, report []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(report, &v); err != nil {
		t.Fatal(err)
	}
	return withoutDates(v)
}

func withoutDates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = withoutDates(value)
		}
	case []any:
		for i := range v {
			v[i] = withoutDates(v[i])
		}
	case string:
		for _, layout := range []string{time.RFC3339, time.DateOnly} {
			if _, err := time.Parse(layout, v); err == nil {
				return "a date"
			}
		}
	}
	return v
}

// What happens after as_of does not exist: a log that ends there gives the same
// bytes.
func TestNothingAfterAsOf(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		config := Configure(waiting(), log)
		want := bytesOf(t, Compute(log, config, q))
		asOf := facts.At(q.AsOf)
		log.Items = slices.DeleteFunc(log.Items, func(i facts.Item) bool { return i.Created > asOf })
		for i := range log.Items {
			item := &log.Items[i]
			item.Visits = slices.DeleteFunc(item.Visits, func(v facts.Visit) bool { return v.At > asOf })
		}
		if got := bytesOf(t, Compute(log, config, q)); !slices.Equal(got, want) {
			t.Error("what happened later changed the report")
		}
	})
}

// Lists are empty and never null, also of a project without anything.
func TestNoNullLists(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	for _, log := range []*facts.Log{h.log, kanban(t).log} {
		q := manyQuery()
		r := Compute(log, Configure(waiting(), log), q)
		noNilSlices(t, "report", reflect.ValueOf(*r))
	}
}

func noNilSlices(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			t.Errorf("%s is null", path)
		}
		for i := range v.Len() {
			noNilSlices(t, path, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" && !strings.Contains(f.Tag.Get("json"), "omitempty") {
				noNilSlices(t, path+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			noNilSlices(t, path, v.Elem())
		}
	default:
	}
}
