package workflow

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge"
)

// 2026-03-02 is a Monday. A-1 is finished on Tuesday; A-2 on Tuesday, but is
// reopened and finished again on Thursday; A-3 is finished on Wednesday and
// reopened; A-4 is withdrawn on Wednesday; A-5 is finished the week after.
func aWeek(h *history) {
	h.t.Helper()
	h.item("A-1", "2026-03-02 08:00 To Do", "2026-03-02 09:00 Doing", "2026-03-03 09:00 Done")
	h.item("A-2", "2026-03-02 08:00 To Do", "2026-03-02 09:00 Doing", "2026-03-03 10:00 Done", "2026-03-04 10:00 Doing", "2026-03-05 10:00 Done")
	h.item("A-3", "2026-02-27 08:00 To Do", "2026-03-02 09:00 Doing", "2026-03-04 10:00 Done", "2026-03-06 10:00 Doing")
	a4 := h.item("A-4", "2026-03-03 08:00 To Do", "2026-03-03 09:00 Review", "2026-03-04 10:00 Done")
	a4.Resolution = h.symbol("not_planned")
	h.item("A-5", "2026-02-27 08:00 Doing", "2026-03-09 09:00 Done")
}

func TestThroughput(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	aWeek(h)
	m := throughput(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-10 00:00"))
	if m.State != OK || *m.Total != 3 || *m.PerWeek != 2.625 { // 3 in 8 days
		t.Errorf("throughput is %+v", m)
	}
	got := ""
	for _, s := range m.Series {
		got += fmt.Sprintf("%s %d", s.Date[8:], s.Finished)
		if s.Restated {
			got += " restated"
		}
		got += "; "
	}
	if want := "02 0; 03 1 restated; 04 0 restated; 05 1; 06 0; 07 0; 08 0; 09 1; "; got != want {
		t.Errorf("the series is %s\nwant %s", got, want)
	}
	if len(m.Explain.Rows) != 3 || m.Explain.Rows[1].Key != "A-2" {
		t.Errorf("it is explained by %+v", m.Explain.Rows)
	}
}

// As it was known on Thursday morning, A-2 was not finished again yet.
func TestThroughputAsOf(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	aWeek(h)
	m := throughput(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-05 08:00"))
	if *m.Total != 2 || m.Series[1].Finished != 1 || m.Series[2].Finished != 1 || !m.Series[1].Restated || m.Series[2].Restated {
		t.Errorf("throughput is %+v", m)
	}
}

func TestBalance(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	aWeek(h)
	m := balance(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-06 00:00"))
	got := ""
	for _, s := range m.Series {
		got += fmt.Sprintf("%d %d %d %d; ", s.Created, *s.Started, *s.Finished, *s.Withdrawn)
	}
	// Monday: created, A-1 to A-3 started. Tuesday: A-4 created and
	// started, A-1 finished. Wednesday: A-3 finished and A-4 withdrawn. Thursday:
	// A-2 finished at last.
	if want := "2 3 0 0; 1 1 1 0; 0 0 1 1; 0 0 1 0; "; got != want {
		t.Errorf("the series is %s, want %s", got, want)
	}
	if total := *m.Total; total.Created != 3 || *total.Started != 4 || *total.Finished != 3 || *total.Withdrawn != 1 || m.N != 11 || m.Explain.Total != 11 {
		t.Errorf("the total is %+v of %d", total, m.N)
	}
}

// In progress: from Monday 9:00, A-4 from Tuesday 9:00, A-5 from the
// week before. A-1 leaves on Tuesday, A-3 and A-4 on Wednesday, A-2 on Thursday.
func TestWorkInProgress(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	aWeek(h)
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-06 00:00")
	m := workInProgress(c)
	got := ""
	for _, s := range m.Series {
		got += fmt.Sprint(s.Items, " ")
	}
	if want := "4 4 2 1 "; got != want {
		t.Errorf("at the ends of the days there are %s, want %s", got, want)
	}
	// A-1 24 hours, A-2 73, A-3 49, A-4 25, A-5 96: 267 item-hours in 96 hours.
	if *m.Now != 1 || m.N != 1 || *m.Mean != 2.78125 || m.Explain.Rows[0].Key != "A-5" {
		t.Errorf("work in progress is %+v", m)
	}
	if s := m.ByState; len(s) != 2 || s[0] != (StateCount{"Doing", 1}) || s[1] != (StateCount{"Review", 0}) {
		t.Errorf("by state it is %+v", s)
	}
	l := littlesLaw(c)
	if *l.Identity.L != 2.78125 || *l.Identity.Lambda != 1.25 || *l.Identity.W != 53.4 || *l.Identity.Difference != 0 {
		t.Errorf("Little's law is %v, %v, %v, %v", *l.Identity.L, *l.Identity.Lambda, *l.Identity.W, *l.Identity.Difference)
	}
	if l.State != InsufficientData || l.Approx != nil || len(l.Conditions) != 5 {
		t.Errorf("of three items finished it is %+v", l)
	}
}

// A reopened item is in progress again, and was so all the time: as it is known
// on 10 March, A-3 has not been finished on the 4th.
func TestWorkInProgressRestated(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	aWeek(h)
	m := workInProgress(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-10 00:00"))
	got := ""
	for _, s := range m.Series {
		got += fmt.Sprint(s.Items, " ")
	}
	if want := "4 4 3 2 2 2 2 1 "; got != want || *m.Now != 1 {
		t.Errorf("at the ends of the days there are %s and %d now, want %s", got, *m.Now, want)
	}
}
