package workflow

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// tenItems are finished after 1 to 10 days, each begun at noon of 2 March.
func tenItems(h *history) {
	h.t.Helper()
	for i := 1; i <= 10; i++ {
		h.item(fmt.Sprintf("A-%02d", i), "2026-03-02 00:00 To Do", "2026-03-02 12:00 Doing", fmt.Sprintf("2026-03-%02d 12:00 Done", 2+i))
	}
}

func wantNumbers(t *testing.T, what string, got []*float64, want ...float64) {
	t.Helper()
	for i := range want {
		if got[i] == nil || *got[i] != want[i] {
			t.Errorf("%s: number %d is %s, want %v", what, i, told(got[i]), want[i])
		}
	}
}

func told(v *float64) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprint(*v)
}

func all(d Distribution) []*float64 {
	return []*float64{d.P50, d.P70, d.P85, d.P95, d.Mean, d.Min, d.Max}
}

// Cycle times are 1, 2, … 10 days. k = 9p: p50 is at 4.5 = 5.5 days, p70 at 6.3
// = 7.3 days, p85 at 7.65 = 8.65 days, p95 at 8.55 = 9.55 days; the mean is 5.5
// days. Items were created half a day earlier. A date of the end is as many
// days after that of the beginning as the cycle time has, and one is added.
func TestCycleAndLeadTime(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	tenItems(h)
	h.item("A-11", "2026-03-02 00:00 To Do", "2026-03-02 12:00 Doing")             // not done
	h.item("A-12", "2026-03-02 00:00 To Do", "2026-03-14 00:00 Done")              // at the window's end: not in it
	h.item("A-13", "2026-02-02 00:00 To Do", "2026-03-01 23:59 Done")              // before it
	withdrawn := h.item("A-14", "2026-03-02 00:00 Doing", "2026-03-04 00:00 Done") // not finished
	withdrawn.Resolution = h.symbol("duplicate")
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-14 00:00")

	m := cycleTime(c)
	if m.State != OK || m.N != 10 || m.Unit != "hours" {
		t.Fatalf("cycle time is %+v", m)
	}
	wantNumbers(t, "cycle time", all(m.Distribution), 132, 175.2, 207.6, 229.2, 132, 24, 240)
	wantNumbers(t, "days inclusive", all(m.DaysInclusive.Distribution), 6.5, 8.3, 9.65, 10.55, 6.5, 2, 11)
	wantNumbers(t, "lead time", all(leadTime(c).Distribution), 144, 187.2, 219.6, 241.2, 144, 36, 252)

	// p95 is 229.2 hours: bars of 12 hours are 240 together, and the last item, of
	// 240, is beyond.
	if n := len(m.Histogram); n != 21 || m.Histogram[2].Count != 1 || m.Histogram[3].Count != 0 || m.Histogram[20].To != nil || m.Histogram[20].Count != 1 {
		t.Errorf("the histogram is %+v", m.Histogram)
	}
}

// A distribution is told from ten values on; what was counted is told before.
func TestTooFewToTell(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for i := range 9 {
		h.item(fmt.Sprintf("A-%d", i), "2026-03-02 00:00 Doing", "2026-03-03 00:00 Done")
	}
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-14 00:00")
	m := cycleTime(c)
	if m.State != InsufficientData || m.N != 9 || m.P50 != nil || m.Mean != nil || m.DaysInclusive.P50 != nil || m.Reason == "" {
		t.Errorf("of nine items cycle time is %+v", m)
	}
	if len(m.Explain.Rows) != 9 {
		t.Errorf("%d rows explain nine items", len(m.Explain.Rows))
	}
	c = h.calc(rampforge.WorkflowSettings{}, "2026-03-10 00:00", "2026-03-14 00:00")
	if m := leadTime(c); m.State != NoData || m.N != 0 || m.Reason == "" {
		t.Errorf("of none lead time is %+v", m)
	}
}

// GitHub alone: an issue is open or closed, and nobody says when work began.
func TestWithoutCommitment(t *testing.T) {
	t.Parallel()
	h := newHistory(t).status("open", rampforge.StatusToDo).status("closed", rampforge.StatusDone)
	for i := range 10 {
		h.item(fmt.Sprintf("#%d", i), "2026-03-02 00:00 open", "2026-03-03 00:00 closed")
	}
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-14 00:00")
	if m := cycleTime(c); m.State != NotConfigured || m.N != 0 || m.P50 != nil || !strings.Contains(m.Reason, "commitment_state") {
		t.Errorf("cycle time is %+v", m)
	}
	if m := leadTime(c); m.State != OK || *m.P50 != 24 {
		t.Errorf("lead time is %+v", m)
	}
	if m := workInProgress(c); m.State != NotConfigured || m.Now != nil || len(m.Series) != 0 {
		t.Errorf("work in progress is %+v", m)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.item("A-1", "2026-03-02 00:00 auf", "2026-03-03 00:00 zu")
	for _, test := range []struct {
		settings rampforge.WorkflowSettings
		want     []string
	}{
		{rampforge.WorkflowSettings{}, []string{"ends", `"auf", "zu"`, "done_state"}},
		{rampforge.WorkflowSettings{DoneState: "dicht"}, []string{`"dicht"`, "no state has that name", `"auf", "zu"`}},
		{rampforge.WorkflowSettings{DoneState: "zu"}, []string{"begins", "commitment_state"}},
		{rampforge.WorkflowSettings{DoneState: "auf", CommitmentState: "zu"}, []string{"does not come after"}},
		{rampforge.WorkflowSettings{DoneState: "zu", CommitmentState: "auf"}, nil},
	} {
		got := Configure(test.settings, h.log).missing(true, true)
		for _, part := range test.want {
			if !strings.Contains(got, part) {
				t.Errorf("%+v: %q does not say %s", test.settings, got, part)
			}
		}
		if test.want == nil && got != "" {
			t.Errorf("nothing is missing, and it says %q", got)
		}
	}
}

// A foreign-language workflow whose clocks change: from Saturday noon to Sunday
// noon are 23 hours on 29 March 2026 in Berlin, and 25 on 25 October.
func TestCycleTimeOverClockChange(t *testing.T) {
	t.Parallel()
	h := newHistory(t).in("Europe/Berlin").
		status("Offen", rampforge.StatusToDo).status("In Arbeit", rampforge.StatusInProgress).status("Erledigt", rampforge.StatusDone)
	for i := range 10 {
		h.item(fmt.Sprintf("A-%d", i), "2026-03-28 12:00 In Arbeit", "2026-03-29 12:00 Erledigt")
		h.item(fmt.Sprintf("B-%d", i), "2026-10-24 12:00 In Arbeit", "2026-10-25 12:00 Erledigt")
	}
	settings := rampforge.WorkflowSettings{Zone: "Europe/Berlin"}
	for _, test := range []struct {
		from, to string
		want     float64
	}{{"2026-03-01 00:00", "2026-04-01 00:00", 23}, {"2026-10-01 00:00", "2026-11-01 00:00", 25}} {
		m := cycleTime(h.calc(settings, test.from, test.to))
		if m.P50 == nil || *m.P50 != test.want || *m.DaysInclusive.P50 != 2 {
			t.Errorf("from %s cycle time is %+v", test.from, m)
		}
	}
}

// In Doing for 24 hours, back in To Do for 24, in Doing for 12 and in Review for
// 12, and in Done for 6 before it is reopened for 6 in Doing: 24+12+12+6 = 54
// hours are active of a cycle of 84.
func TestActiveCycleTime(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	for i := range 10 {
		h.item(fmt.Sprintf("A-%d", i), "2026-03-02 00:00 To Do", "2026-03-02 12:00 Doing", "2026-03-03 12:00 To Do", "2026-03-04 12:00 Doing",
			"2026-03-05 00:00 Review", "2026-03-05 12:00 Done", "2026-03-05 18:00 Doing", "2026-03-06 00:00 Done")
	}
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-14 00:00")
	m := activeCycleTime(c)
	wantNumbers(t, "active cycle time", all(m.Distribution), 54, 54, 54, 54, 54, 54, 54)
	if got := *cycleTime(c).P50; got != 84 {
		t.Errorf("cycle time is %v", got)
	}
	if parts := m.Explain.Rows[0].Parts; parts["Doing"] != 42 || parts["Review"] != 12 || len(parts) != 2 {
		t.Errorf("54 hours are %v", parts)
	}
	if names := strings.Join(m.States, ", "); names != "Doing, Review" {
		t.Errorf("states that count are %s", names)
	}
	// Two moves back of each: to To Do, and out of Done.
	r := reworkCount(c)
	if *r.Moves != 20 || *r.Items != 10 || *r.Share != 1 || *r.Mean != 2 {
		t.Errorf("rework is %+v", r)
	}
	// Each was finished twice, and one of both did not last.
	o := reopenedCount(c)
	if o.N != 20 || *o.Count != 10 || *o.Items != 10 || *o.Share != 0.5 || *o.Explain.Rows[0].Value != 6 {
		t.Errorf("reopened is %+v", o)
	}
}

func TestSortDurations(t *testing.T) {
	t.Parallel()
	log := manyItems(3000, 1)
	durations := []facts.Time{0, 0, 1}
	for i := range log.Items {
		visits := log.Items[i].Visits
		durations = append(durations, visits[len(visits)-1].At-visits[0].At)
	}
	sorted := sortedHours(durations)
	for i := 1; i < len(sorted); i++ {
		if durations[i] < durations[i-1] || sorted[i] < sorted[i-1] {
			t.Fatalf("value %d is %v after %v", i, sorted[i], sorted[i-1])
		}
	}
	if sorted[0] != 0 || sorted[2] != hours(1) {
		t.Errorf("the smallest are %v", sorted[:3])
	}
}

// The example of docs/workflow.md: 2 March 2026 is a Monday.
func TestExampleOfTheDocuments(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A-1", "2026-03-02 08:00 To Do", "2026-03-03 08:00 Doing", "2026-03-04 08:00 Done", "2026-03-05 08:00 Doing", "2026-03-06 08:00 Done")
	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-02 00:00", "2026-03-09 00:00")
	cycle := cycleTime(c).Explain.Rows[0]
	wantNumbers(t, "times", []*float64{leadTime(c).Explain.Rows[0].Value, cycle.Value, activeCycleTime(c).Explain.Rows[0].Value}, 96, 72, 48)
	if cycle.Parts["days_inclusive"] != 4 {
		t.Errorf("it took %v days", cycle.Parts)
	}
	if *reworkCount(c).Moves != 1 || *reopenedCount(c).Count != 1 {
		t.Error("it moved back once, and was reopened once")
	}
	for _, s := range throughput(c).Series {
		if (s.Finished == 1) != (s.Date == "2026-03-06") || s.Restated != (s.Date == "2026-03-04") {
			t.Errorf("the step is %+v", s)
		}
	}
}
