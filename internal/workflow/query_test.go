package workflow

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// anyQuery draws a window and a moment that begin and end at midnights, or a
// little beside them, in any order.
func anyQuery(r *rand.Rand, zone *time.Location) Query {
	at := func(days int) time.Time {
		t := time.Date(2026, 1, 5+r.IntN(days)-days/4, 0, 0, 0, 0, zone)
		switch r.IntN(4) {
		case 0:
			return t.Add(time.Microsecond)
		case 1:
			return t.Add(time.Duration(r.IntN(24)) * time.Hour)
		}
		return t
	}
	q := Query{From: at(120), AsOf: at(90), Granularity: []Granularity{ByDay, ByWeek, ByMonth}[r.IntN(3)], Whole: r.IntN(4) == 0}
	switch q.To = q.AsOf; r.IntN(4) {
	case 0:
		q.To = at(160)
	case 1:
		q.To = q.From
	case 2:
		q.From = q.AsOf
	}
	if r.IntN(2) == 0 {
		q.Explain = &ExplainQuery{Limit: 100}
	}
	return q
}

// anyHistory draws a few items whose events are at midnights, so that they meet
// the ends of windows.
func anyHistory(t *testing.T, r *rand.Rand, zone *time.Location) (*facts.Log, rampforge.WorkflowSettings) {
	t.Helper()
	h := kanban(t)
	if r.IntN(4) == 0 {
		h = newHistory(t)
	}
	for i := range r.IntN(14) {
		item := h.item(string(rune('A' + i)))
		days := r.IntN(60)
		at := func() facts.Time { return facts.At(time.Date(2026, 1, 5+days, 0, 0, 0, 0, zone)) }
		item.Imported, item.Created = r.IntN(5) == 0, at()
		for range r.IntN(6) {
			status := []string{"To Do", "Doing", "Review", "Done", "Elsewhere"}[r.IntN(5)]
			item.Visits = append(item.Visits, facts.Visit{Status: h.symbol(facts.StatusKey("svc_1", "", status)), At: at()})
			days += r.IntN(9)
		}
	}
	settings := rampforge.WorkflowSettings{Zone: zone.String()}
	if r.IntN(3) == 0 {
		settings.DoneState = []string{"Done", "Review", "To Do", "Elsewhere"}[r.IntN(4)]
		settings.CommitmentState = []string{"Doing", "To Do", "Done", ""}[r.IntN(4)]
	}
	return h.log, settings
}

// Whatever is asked for has an answer, also where nothing can be in it.
func TestAnyQuery(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Havana", "Pacific/Apia"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		empty := 0
		for seed := range uint64(300) {
			r := rand.New(rand.NewPCG(seed, 7))
			log, settings := anyHistory(t, r, zone)
			q := anyQuery(r, zone)
			report := Compute(log, Configure(settings, log), q)
			bytesOf(t, report)
			p := &report.Analysis.Performance
			if report.Window.From.Before(report.Window.To) {
				continue
			}
			empty++
			if n := len(p.CumulativeFlow.Days) + len(p.Throughput.Series) + len(p.WorkInProgress.Series); n > 0 || p.CumulativeFlow.State == OK || p.CycleTime.N > 0 {
				t.Errorf("seed %d: an empty window has %d steps, %+v", seed, n, p.CumulativeFlow)
			}
		}
		if empty < 30 {
			t.Errorf("only %d windows are empty", empty)
		}
	}
}
