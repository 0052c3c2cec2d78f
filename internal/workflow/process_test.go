package workflow

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/forecast"
)

// Two cases are over in the window: A-1 straight, A-2 without Review. A-3 is
// open, and its last event is in the window. A-4 was over before it, and A-5 had
// its last event before it.
func someCases(h *history) {
	h.t.Helper()
	h.item("A-1", "2026-03-02 00:00 To Do", "2026-03-03 00:00 Doing", "2026-03-04 00:00 Review", "2026-03-05 00:00 Done")
	h.item("A-2", "2026-03-02 00:00 Doing", "2026-03-04 00:00 Done")
	h.item("A-3", "2026-03-02 00:00 To Do", "2026-03-06 00:00 Doing")
	h.item("A-4", "2026-02-02 00:00 To Do", "2026-02-03 00:00 Done")
	h.item("A-5", "2026-02-02 00:00 To Do", "2026-02-03 00:00 Doing")
}

func transitionsOf(m ProcessMining) string {
	got := ""
	for _, e := range m.Transitions {
		got += fmt.Sprintf("%s→%s %d; ", e.From, e.To, e.Count)
	}
	return got
}

func TestProcessOfAWindow(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	someCases(h)
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00")
	m := processMining(c)
	if m.State != OK || m.N != 3 || m.OpenCases != 1 || m.Events != 8 || m.Whole || m.Variants.Total != 3 {
		t.Errorf("the process is of %d cases, %d open, %d events, %d variants", m.N, m.OpenCases, m.Events, m.Variants.Total)
	}
	if got, want := transitionsOf(m), "To Do→Doing 2; Doing→Done 1; Doing→Review 1; Review→Done 1; "; got != want {
		t.Errorf("transitions are %s, want %s", got, want)
	}
	// A-1 conforms: To Do may be left out, and it was not. A-2 skipped Review.
	d := m.Conformance
	if d.State != OK || d.N != 2 || d.Conforming != 1 || len(d.Deviations) != 1 || d.Deviations[0].State != "Review" {
		t.Errorf("conformance is %+v", d)
	}

	c.to = h.at("2026-03-06 00:00") // A-3 goes on when the window is over
	if m = processMining(c); m.N != 2 || m.OpenCases != 0 {
		t.Errorf("until the 6th there are %d cases, %d open", m.N, m.OpenCases)
	}
	c.q.Whole = true
	if m = processMining(c); m.N != 5 || m.OpenCases != 2 || !m.Whole || len(m.CommonWorkflows) != 4 {
		t.Errorf("of the whole history there are %d cases, %d open", m.N, m.OpenCases)
	}
}

// Of several states of done a case has to be in one only.
func TestConformanceWithTwoStatesOfDone(t *testing.T) {
	t.Parallel()
	h := kanban(t).status("Closed", rampforge.StatusDone)
	h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-03 00:00 Review", "2026-03-04 00:00 Closed")
	h.item("A-2", "2026-03-02 00:00 Doing", "2026-03-03 00:00 Review", "2026-03-04 00:00 Done")
	if d := processMining(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00")).Conformance; d.Conforming != 2 {
		t.Errorf("conformance is %+v", d)
	}
}

// A tracker lists a state that nothing was ever in: it is not asked for, until
// the project says that it is one of its workflow.
func TestConformanceWithAnUnusedState(t *testing.T) {
	t.Parallel()
	h := kanban(t).status("Design", rampforge.StatusInProgress)
	h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-03 00:00 Review", "2026-03-04 00:00 Done")
	if d := processMining(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00")).Conformance; d.Conforming != 1 {
		t.Errorf("conformance is %+v", d)
	}
	settings := rampforge.WorkflowSettings{States: []rampforge.StateSettings{{Name: "design"}}}
	d := processMining(h.calc(settings, "2026-03-01 00:00", "2026-03-10 00:00")).Conformance
	if d.Conforming != 0 || len(d.Deviations) != 1 || d.Deviations[0].State != "Design" {
		t.Errorf("conformance is %+v", d)
	}
}

// An imported log has activities and no workflow: all is told but conformance. A
// case of it is over with its last event, and what it repeats is rework.
func TestProcessOfAnImportedLog(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	for i := range 10 {
		h.item(fmt.Sprint("case ", i), "2026-03-02 00:00 register", "2026-03-02 06:00 check", "2026-03-02 07:00 check", "2026-03-02 12:00 decide").Imported = true
	}
	m := processMining(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00"))
	if got, want := transitionsOf(m), "check→check 10; check→decide 10; register→check 10; "; got != want {
		t.Errorf("transitions are %s, want %s", got, want)
	}
	if m.OpenCases != 0 || m.Rework.Cases != 10 || *m.CaseDuration.Median != 12 || m.Variants.Total != 1 {
		t.Errorf("it is %+v", m)
	}
	if d := m.Conformance; d.State != NotConfigured || d.Share != nil || !strings.Contains(d.Reason, `"check", "decide", "register"`) && !strings.Contains(d.Reason, `"register", "check", "decide"`) {
		t.Errorf("conformance is %+v", d)
	}
}

func TestProcessOfNothing(t *testing.T) {
	t.Parallel()
	m := processMining(kanban(t).calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00"))
	if m.State != NoData || m.Conformance.State != NoData || m.N != 0 || m.Rework.Share != nil {
		t.Errorf("it is %+v", m)
	}
}

// From 1 March to 9 April one item is finished each day. Six are open, and one
// more was withdrawn: as every day is the same, the forecast is certain: they
// will be finished on the sixth day, and 30 in 30 days.
func TestForecastOfSteadyWork(t *testing.T) {
	t.Parallel()
	h := kanban(t).in("Europe/Berlin")
	day := func(d int) string {
		month, date := 3, d
		if d > 31 {
			month, date = 4, d-31
		}
		return fmt.Sprintf("2026-%02d-%02d", month, date)
	}
	for d := 1; d <= 40; d++ {
		h.item(fmt.Sprintf("A-%02d", d), "2026-02-28 12:00 To Do", day(d)+" 12:00 Done")
	}
	for i := range 6 {
		h.item(fmt.Sprint("B-", i), "2026-02-28 12:00 To Do")
	}
	h.item("C-1", "2026-02-28 12:00 To Do", "2026-03-05 12:00 Done").Resolution = h.symbol("not_planned")

	c := h.calc(rampforge.WorkflowSettings{Zone: "Europe/Berlin"}, "2026-03-01 00:00", "2026-04-10 00:00")
	p := predict(c)
	if p.State != OK || *p.Remaining != 6 || p.Sample.Finished != 40 || p.Sample.Added != 0 {
		t.Fatalf("the forecast is %+v", p)
	}
	for _, at := range p.When.Dates {
		if at.Date == nil || at.Date.String() != "2026-04-15" {
			t.Errorf("with a confidence of %v it is %v", at.Confidence, at.Date)
		}
	}
	for _, at := range p.HowMany.Items {
		if at.Items == nil || *at.Items != 30 {
			t.Errorf("with a confidence of %v there are %v", at.Confidence, at.Items)
		}
	}
}

// One item is finished each day but on the second and third of April, and six
// remain on the tenth: with a holiday of two days in between, of each zone's own,
// they are finished on the 17th. The days without work are no samples.
func TestForecastOfBlackoutDays(t *testing.T) {
	t.Parallel()
	h := kanban(t).in("Pacific/Auckland")
	for d := range 40 {
		day := time.Date(2026, 3, 1+d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if day != "2026-04-02" && day != "2026-04-03" {
			h.item(fmt.Sprintf("A-%02d", d), "2026-02-28 12:00 To Do", day+" 00:30 Done")
		}
	}
	for i := range 6 {
		h.item(fmt.Sprint("B-", i), "2026-02-28 12:00 To Do")
	}
	settings := rampforge.WorkflowSettings{Zone: "Pacific/Auckland", BlackoutDays: []string{"2026-04-02/2026-04-03", "2026-04-12", "2026-04-13", "no day"}}
	p := predict(h.calc(settings, "2026-03-01 00:00", "2026-04-10 00:00"))
	if p.State != OK || p.Sample.Days != 38 || p.Sample.Finished != 38 {
		t.Fatalf("the forecast is %+v", p)
	}
	for _, at := range p.When.Dates {
		if at.Date == nil || at.Date.String() != "2026-04-17" {
			t.Errorf("with a confidence of %v it is %v", at.Confidence, at.Date)
		}
	}
	for _, at := range p.HowMany.Items {
		if at.Items == nil || *at.Items != 28 {
			t.Errorf("with a confidence of %v there are %v", at.Confidence, at.Items)
		}
	}
}

// What was withdrawn before as_of is no work that was added; what is withdrawn
// later was work then.
func TestForecastOfWithdrawnItems(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A", "2026-02-01 12:00 To Do")
	h.item("B", "2026-03-05 12:00 To Do", "2026-03-07 12:00 Done").Resolution = h.symbol("duplicate")
	h.item("C", "2026-03-05 12:00 To Do", "2026-04-20 12:00 Done").Resolution = h.symbol("duplicate")
	h.item("D", "2026-03-06 12:00 To Do")
	if p := predict(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-04-10 00:00")); p.Sample.Added != 2 || *p.Remaining != 3 {
		t.Errorf("%d were added and %d remain", p.Sample.Added, *p.Remaining)
	}
}

func TestForecastNeedsDone(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.item("A-1", "2026-03-02 00:00 auf", "2026-03-03 00:00 zu")
	p := predict(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-04-10 00:00"))
	for _, b := range []Basis{p.Basis, p.When.Basis, p.HowMany.Basis, p.WhenGrowing.Basis, p.Backtest.Basis} {
		if b.State != NotConfigured || !strings.Contains(b.Reason, "done_state") {
			t.Errorf("it is %+v", b)
		}
	}
	if p.When.Dates[0].Date != (*forecast.Date)(nil) {
		t.Error("a date is told")
	}
}
