package workflow

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Imported cases end with their last event: one that is not done then is as one
// that was withdrawn, for every metric, and none of them is open.
func TestImportedCasesLeave(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A", "2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Done").Imported = true
	h.item("B", "2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-05 09:00 Review").Imported = true
	h.item("C", "2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-05-05 09:00 Review").Imported = true // its last event is to come
	h.item("D", "2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-05 09:00 Review")
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-31 00:00")
	if got, want := describe(c, &c.flows[1]), "started 03-03 09:00 finished - left 03-05 09:00 now Review reopened 0 rework 0"; got != want || !c.flows[1].withdrawn {
		t.Errorf("B: %s, want %s", got, want)
	}
	wip, total := workInProgress(c), balance(c).Total
	if *wip.Now != 2 || *total.Finished != 1 || *total.Withdrawn != 1 {
		t.Errorf("%d in progress, %d finished, %d withdrawn", *wip.Now, *total.Finished, *total.Withdrawn)
	}
	if over, open := ageing(c).N, *predict(c).Remaining; over != 2 || open != 2 {
		t.Errorf("%d are ageing, %d remain", over, open)
	}
	if m := processMining(c); m.OpenCases != 2 || m.N != 4 {
		t.Errorf("%d of %d cases are open", m.OpenCases, m.N)
	}
}

// λ counts what was there and what arrived, also what left at once: of two items
// in ten days, one took five days and one no time.
func TestLittlesLawCountsArrivalsOfNoTime(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A-1", "2026-03-06 00:00 To Do", "2026-03-07 00:00 Doing", "2026-03-12 00:00 Done")
	h.item("A-2", "2026-03-06 00:00 To Do", "2026-03-08 00:00 Done")
	h.item("A-3", "2026-03-01 00:00 To Do", "2026-03-05 00:00 Done") // at the window's beginning
	h.item("A-4", "2026-03-01 00:00 To Do", "2026-03-15 00:00 Done") // at its end, which is no part of it
	m := littlesLaw(h.calc(rampforge.WorkflowSettings{}, "2026-03-05 00:00", "2026-03-15 00:00"))
	wantNumbers(t, "the identity", []*float64{m.Identity.L, m.Identity.Lambda, m.Identity.W, m.Identity.Difference}, 0.5, 0.3, 40, 0)
	rows := ""
	for _, r := range m.Explain.Rows {
		rows += fmt.Sprintf("%s %v ", r.Key, *r.Value)
	}
	if rows != "A-1 120 A-2 0 A-3 0 " {
		t.Errorf("the rows are %s", rows)
	}
	if m := littlesLaw(h.calc(rampforge.WorkflowSettings{}, "2026-03-05 00:00", "2026-03-05 00:00")); m.State != NoData || m.Reason != emptyWindow {
		t.Errorf("of an empty window it is %s: %s", m.State, m.Reason)
	}
}

// What happened at 1970-01-01 and before is counted as anything else, and told.
func TestTimesAtAndBeforeTheEpoch(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A-1", "1969-12-28 00:00 To Do", "1969-12-29 00:00 Doing", "1969-12-30 00:00 Done", "1969-12-31 00:00 Doing", "1970-01-01 00:00 Done")
	h.item("A-2", "1970-01-01 00:00 Doing", "1970-01-02 00:00 Done")
	h.item("A-3", "0044-03-15 00:00 Doing", "1969-12-30 00:00 Done")
	c := h.calc(rampforge.WorkflowSettings{}, "1969-12-29 00:00", "1970-01-03 00:00")
	if m := throughput(c); *m.Total != 3 || len(m.Series) != 5 || !m.Series[1].Restated || m.Series[1].Finished != 1 || m.Series[3].Finished != 1 {
		t.Errorf("throughput is %+v", m)
	}
	if m := reopenedCount(c); *m.Count != 1 || *m.Explain.Rows[0].Value != 24 {
		t.Errorf("reopened is %+v", m)
	}
	if m := workInProgress(c); m.Series[2].Items != 1 || *m.Now != 0 {
		t.Errorf("work in progress is %+v", m.Series)
	}

	epoch := time.Unix(0, 0).UTC()
	for name, q := range map[string]Query{
		"from, when two end": {From: epoch, To: epoch.AddDate(0, 0, 2), AsOf: epoch.AddDate(0, 0, 2)},
		"to, when one ended": {From: epoch.AddDate(0, 0, -2), To: epoch, AsOf: epoch},
	} {
		q.Granularity = ByDay
		r := Compute(h.log, Configure(rampforge.WorkflowSettings{}, h.log), q)
		steps := r.Analysis.Performance.Throughput.Series
		if !r.Window.From.Equal(q.From) || !r.Window.To.Equal(q.To) || !r.AsOf.Equal(q.AsOf) || len(steps) != 2 || !steps[0].From.Equal(q.From) || !steps[1].To.Equal(q.To) {
			t.Errorf("%s is the epoch: %+v as of %v, %+v", name, r.Window, r.AsOf, steps)
		}
		if total := r.Analysis.Performance.Throughput.Total; strings.Contains(name, "two") != (*total == 2) || *total > 2 {
			t.Errorf("%s is the epoch: %d finished", name, *total)
		}
	}
}

// To leave done is a reopening wherever it leads, and to get there is no rework.
func TestReopenedIntoAStateAfterDone(t *testing.T) {
	t.Parallel()
	h := kanban(t).status("Checked", rampforge.StatusInProgress)
	h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-03 00:00 Done", "2026-03-04 00:00 Checked", "2026-03-05 00:00 Done")
	settings := rampforge.WorkflowSettings{States: []rampforge.StateSettings{{Name: "Done", Order: new(1)}, {Name: "Checked", Order: new(2)}, {Name: "Doing", Order: new(0)}}}
	c := h.calc(settings, "2026-03-01 00:00", "2026-03-31 00:00")
	if f := &c.flows[0]; f.reopened != 1 || f.rework != 1 {
		t.Errorf("with %s it is reopened %d times, and moved back %d times", stateNames(c.config), f.reopened, f.rework)
	}
	if m := cumulativeFlow(c); m.State != NotConfigured || !strings.Contains(m.Reason, `"Checked"`) {
		t.Errorf("the cumulative flow is %s: %s, %s", m.State, m.Reason, linesOf(m))
	}
}

// A window of more than ten years has its lines by the week or by the month.
func TestCumulativeFlowOfManyYears(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-03 00:00 Done")
	for from, want := range map[string]Granularity{"2016-03-01 00:00": ByDay, "2000-01-01 00:00": ByWeek, "1900-01-01 00:00": ByMonth} {
		m := cumulativeFlow(h.calc(rampforge.WorkflowSettings{}, from, "2026-03-31 00:00"))
		done := m.States[len(m.States)-1].Counts
		if m.Step != want || len(m.Days) > MaxSteps || len(done) != len(m.Days) || done[len(done)-1] != 1 || done[0] != 0 {
			t.Errorf("from %s there are %d steps of a %s", from, len(m.Days), m.Step)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	from, to := time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) // more than a Duration holds
	if d, w, m := ByDay.Steps(from, to), ByWeek.Steps(from, to), ByMonth.Steps(from, to); d != 3_651_694 || w != d/7+1 || m < 9998*12 {
		t.Errorf("%d days, %d weeks, %d months", d, w, m)
	}
	if g := Finest(from, to); g != ByMonth {
		t.Errorf("the finest is %s", g)
	}
}

// What waited is counted where hours are told.
func TestWaitingCountsWhatWaited(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-31 00:00")
	if m := bottleneck(c).Waiting; m.State != NoData || m.N != 0 || m.Hours != nil {
		t.Errorf("without an item: %+v", m)
	}
	h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-04 00:00 Review", "2026-03-06 00:00 Done")
	c = h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-31 00:00")
	if m := bottleneck(c).Waiting; m.State != OK || m.N != 2 || m.Hours == nil || *m.Hours != 96 {
		t.Errorf("of two visits: %+v", m)
	}
}

// An item whose creation nobody tells does not begin in 1970.
func TestUnknownCreation(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-04 00:00 Done")
	h.item("A-2")
	q := Query{To: h.at("2026-03-31 00:00").UTC(), AsOf: h.at("2026-03-31 00:00").UTC(), Granularity: ByDay}
	c := newCalc(h.log, Configure(rampforge.WorkflowSettings{}, h.log), &q)
	if want := facts.At(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)); c.from != want {
		t.Errorf("the window begins at %v", c.from.Moment())
	}
	if s := predict(c).Sample; s.Days > 30 {
		t.Errorf("the forecast has a history of %d days", s.Days)
	}
}
