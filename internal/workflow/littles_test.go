package workflow

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge"
)

func conditionsOf(m LittlesLaw) string {
	held := ""
	for _, c := range m.Conditions {
		if c.Holds {
			held += c.Name + " "
		}
	}
	return held
}

// Each day from 1 to 20 March one item is begun at midnight and finished 48
// hours later. From the 5th to the 15th (240 hours) there are always two in
// progress: L = 2, throughput is 10 in 240 hours, so the agile form says
// 2 ÷ (10/240) = 48 hours, as it is. Eleven items are in progress within the
// window, nine of them for 48 hours and two for 24: 480 hours ÷ 11. Just before
// each end there are two, of 24 and 48 hours.
func TestLittlesLawSteady(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for d := 1; d <= 20; d++ {
		h.item(fmt.Sprintf("A-%02d", d), fmt.Sprintf("2026-03-%02d 00:00 Doing", d), fmt.Sprintf("2026-03-%02d 00:00 Done", d+2))
	}
	m := littlesLaw(h.calc(rampforge.WorkflowSettings{}, "2026-03-05 00:00", "2026-03-15 00:00"))
	wantNumbers(t, "the identity", []*float64{m.Identity.L, m.Identity.Lambda, m.Identity.W, m.Identity.Difference}, 2, 1.1, 43.636364, 0)
	if *m.Approx != 48 || *m.Measured != 48 || *m.Gap != 0 || m.Insight != "" {
		t.Errorf("approximately %v, measured %v: %q", *m.Approx, *m.Measured, m.Insight)
	}
	if got, want := conditionsOf(m), "arrivals_equal_departures all_started_work_finishes equal_work_in_progress stable_age consistent_units "; got != want {
		t.Errorf("%sholds, want %s", got, want)
	}
}

// The same with one more item begun each day that is never finished: work in
// progress grows, and the agile form overestimates by far.
func TestLittlesLawAgeing(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for d := 1; d <= 20; d++ {
		h.item(fmt.Sprintf("A-%02d", d), fmt.Sprintf("2026-03-%02d 00:00 Doing", d), fmt.Sprintf("2026-03-%02d 00:00 Done", d+2))
		h.item(fmt.Sprintf("B-%02d", d), fmt.Sprintf("2026-03-%02d 00:00 Doing", d))
	}
	withdrawn := h.item("C-1", "2026-03-05 00:00 Doing", "2026-03-06 00:00 Done")
	withdrawn.Resolution = h.symbol("Won't Do")
	m := littlesLaw(h.calc(rampforge.WorkflowSettings{}, "2026-03-05 00:00", "2026-03-15 00:00"))
	if m.Gap == nil || *m.Gap < 0.2 || m.Insight == "" || *m.Measured != 48 {
		t.Errorf("the gap is %s: %q", told(m.Gap), m.Insight)
	}
	if got, want := conditionsOf(m), "consistent_units "; got != want {
		t.Errorf("%sholds, want %s", got, want)
	}
}

// Ten items of January are finished one a day from 2 to 11 March, and nothing is
// taken up: they took 60 to 69 days, and work in progress was five on average of
// ten days in which one a day was finished, so 5 days are expected.
func TestLittlesLawOfOldWork(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for d := 1; d <= 10; d++ {
		h.item(fmt.Sprintf("A-%02d", d), "2026-01-01 00:00 Doing", fmt.Sprintf("2026-03-%02d 00:00 Done", 1+d))
	}
	m := littlesLaw(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 12:00", "2026-03-11 12:00"))
	wantNumbers(t, "Little's law", []*float64{m.Identity.L, m.Approx, m.Measured}, 5, 120, 1548)
	if m.Gap == nil || *m.Gap > -0.9 || m.Insight == "" {
		t.Errorf("the gap is %s: %q", told(m.Gap), m.Insight)
	}
}
