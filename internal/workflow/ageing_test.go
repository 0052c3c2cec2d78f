package workflow

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge"
)

// Ten items leave Doing at the age of 1 … 10 days and Review, and are done, half
// a day later. The 85th percentile of the ages at which they left Doing is 8.65
// days = 207.6 hours; of Review 9.15 days = 219.6.
func TestAgeing(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for i := 1; i <= 10; i++ {
		h.item(fmt.Sprintf("A-%02d", i), "2026-03-02 00:00 Doing", fmt.Sprintf("2026-03-%02d 00:00 Review", 2+i), fmt.Sprintf("2026-03-%02d 12:00 Done", 2+i))
	}
	h.item("B-1", "2026-03-11 06:00 Doing")                            // 210 hours: over
	h.item("B-2", "2026-03-11 00:00 Doing", "2026-03-12 00:00 Review") // 216 hours: more than in Doing, but in Review
	h.item("B-3", "2026-03-15 12:00 Doing")                            // 108 hours: four of ten left no older
	h.item("B-4", "2026-03-18 00:00 Doing", "2026-03-19 00:00 To Do")  // back, and still in progress
	h.item("B-5", "2026-03-01 00:00 To Do")                            // not begun
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-20 00:00")
	m := ageing(c)
	if m.State != OK || m.N != 4 || *m.Over != 1 || m.Age.P50 != nil {
		t.Fatalf("ageing is %+v", m)
	}
	got := ""
	for _, i := range m.Items {
		over := "-"
		if i.Over != nil {
			over = fmt.Sprint(*i.Over)
		}
		got += fmt.Sprintf("%s %s %s %s %s; ", i.Key, i.State, told(i.Age), told(i.Percentile), over)
	}
	if want := "B-2 Review 216 0.8 false; B-1 Doing 210 0.8 true; B-3 Doing 108 0.4 false; B-4 To Do 48 null -; "; got != want {
		t.Errorf("items are %s\nwant %s", got, want)
	}
	if s := m.States[1]; s.State != "Doing" || s.N != 10 || s.Items != 2 || *s.P50 != 132 || *s.P85 != 207.6 {
		t.Errorf("Doing is %+v", s)
	}
	if s := m.States[2]; s.State != "Review" || s.N != 10 || *s.P85 != 219.6 || s.Items != 1 {
		t.Errorf("Review is %+v", s)
	}
	// Four in progress, and ten leavings of two states.
	if m.Explain.Total != 24 || m.Explain.Rows[4].Detail != "left Doing" || *m.Explain.Rows[4].Value != 24 {
		t.Errorf("it is explained by %d rows: %+v", m.Explain.Total, m.Explain.Rows)
	}
}

// An item that comes back to a state counts once, at the age at which it left it
// at last: after 4 days, and not after 1.
func TestAgeingCountsTheLastLeaving(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for i := range 10 {
		h.item(fmt.Sprintf("A-%d", i), "2026-03-02 00:00 Doing", "2026-03-03 00:00 Review", "2026-03-04 00:00 Doing", "2026-03-06 00:00 Done")
	}
	h.item("B-1", "2026-03-07 00:00 Doing")
	m := ageing(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00"))
	if s := m.States[0]; s.N != 10 || *s.P50 != 96 {
		t.Errorf("Doing is %+v", s)
	}
	if s := m.States[1]; s.N != 10 || *s.P50 != 48 {
		t.Errorf("Review is %+v", s)
	}
}

// Two stays in a state that end at one moment, as clocks that run backwards
// give, are one leaving.
func TestAgeingCountsALeavingOnce(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for i := range 10 {
		h.item(fmt.Sprintf("A-%d", i), "2026-03-02 00:00 Doing", "2026-03-03 00:00 Review", "2026-03-03 00:00 Doing", "2026-03-03 00:00 Done")
	}
	m := ageing(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-10 00:00"))
	if s := m.States[0]; s.State != "Doing" || s.N != 10 {
		t.Errorf("Doing is %+v", s)
	}
}

// Items finished in the 90 days before 31 March took 1 … 10 days: 85 % were
// finished in 207.6 hours. In the window, from 8 March on, five of them were
// finished, after 6 … 10 days; of those three took no longer.
func TestExpectation(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	tenItems(h)
	h.item("B-1", "2025-10-01 00:00 Doing", "2025-12-20 00:00 Done") // too long ago
	m := expectation(h.calc(rampforge.WorkflowSettings{}, "2026-03-08 00:00", "2026-03-31 00:00"))
	if m.State != OK || m.N != 10 || *m.Value != 207.6 || m.Finished != 5 || *m.Met != 3 || *m.Share != 0.6 {
		t.Errorf("the expectation is %+v", m)
	}
	if m = expectation(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-08 00:00")); m.State != InsufficientData || m.Value != nil || m.Met != nil {
		t.Errorf("of %d items the expectation is %+v", m.N, m)
	}
}
