package workflow

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge"
)

func linesOf(m CumulativeFlow) string {
	got := ""
	for _, l := range m.States {
		got += fmt.Sprint(l.State, " ", l.Counts, "; ")
	}
	return got
}

// Monday 2 March to Sunday 8 March, of aWeek. A-3 is created before; it is not
// done as of Sunday, since it was reopened: it has not arrived at Done, but in
// Review together with its first arrival at Done. A-4 skips Doing. A-5 comes
// from the week before and is not yet done.
func TestCumulativeFlow(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	aWeek(h)
	m := cumulativeFlow(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-09 00:00"))
	want := "To Do [4 5 5 5 5 5 5]; Doing [4 5 5 5 5 5 5]; Review [0 3 4 4 4 4 4]; Done [0 1 2 3 3 3 3]; "
	if got := linesOf(m); got != want {
		t.Errorf("the lines are %s\nwant %s", got, want)
	}
	if m.Days[0] != "2026-03-02" || len(m.Days) != 7 {
		t.Errorf("the days are %v", m.Days)
	}
	// created 8:00 on Monday, begun an hour later, in Review with the first
	// arrival at Done on Tuesday at 10:00, and done on Thursday at 10:00.
	if parts := m.Explain.Rows[1].Parts; fmt.Sprint(parts) != "map[Doing:1 Done:74 Review:26 To Do:0]" {
		t.Errorf("A-2 is explained by %v", parts)
	}
}

func TestCumulativeFlowNeedsDone(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.item("A-1", "2026-03-02 00:00 auf", "2026-03-03 00:00 zu")
	if m := cumulativeFlow(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-09 00:00")); m.State != NotConfigured || m.States == nil || m.Days == nil {
		t.Errorf("it is %+v", m)
	}
	h = kanban(t)
	if m := cumulativeFlow(h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-09 00:00")); m.State != NoData {
		t.Errorf("of no items it is %+v", m)
	}
}
