package workflow

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func TestFlowEfficiency(t *testing.T) {
	t.Parallel()
	wait, work := true, false
	review := []rampforge.StateSettings{{Name: "Review", Wait: &wait}}
	tests := []struct {
		name   string
		states []rampforge.StateSettings
		build  func(*history)
		state  State
		want   float64
		parts  [3]float64 // active, wait, and of it flagged
	}{
		{
			// 5 hours in Doing and 3 in Review: 5/8.
			name: "62.5 %", states: review, state: OK, want: 0.625, parts: [3]float64{5, 3, 0},
			build: func(h *history) {
				h.item("A-1", "2026-03-02 00:00 To Do", "2026-03-02 08:00 Doing", "2026-03-02 13:00 Review", "2026-03-02 16:00 Done")
			},
		},
		{
			// 4 + 5 hours in Doing, and 6 + 5 in Review: 9/20.
			name: "45 % of two items", states: review, state: OK, want: 0.45, parts: [3]float64{9, 11, 0},
			build: func(h *history) {
				h.item("A-1", "2026-03-02 08:00 Doing", "2026-03-02 12:00 Review", "2026-03-02 18:00 Done")
				h.item("A-2", "2026-03-02 08:00 Doing", "2026-03-02 13:00 Review", "2026-03-02 18:00 Done")
			},
		},
		{
			// 31 hours in Doing and 60 in Review: 31/91.
			name: "34.07 %", states: review, state: OK, want: 0.340659, parts: [3]float64{31, 60, 0},
			build: func(h *history) {
				h.item("A-1", "2026-03-02 00:00 Doing", "2026-03-03 07:00 Review", "2026-03-05 19:00 Done")
			},
		},
		{
			name: "a wait state outside of the doing ones changes nothing", state: OK, want: 0.625, parts: [3]float64{5, 3, 0},
			states: append([]rampforge.StateSettings{{Name: "To Do", Wait: &wait}, {Name: "Done", Wait: &wait}}, review...),
			build: func(h *history) {
				h.item("A-1", "2026-03-02 00:00 To Do", "2026-03-02 08:00 Doing", "2026-03-02 13:00 Review", "2026-03-02 16:00 Done")
			},
		},
		{
			// 10 hours in Doing, of which 2 + 3 are flagged, one of them twice, and an
			// hour of the flag is in Review, which waits anyway: 5/(10+10).
			name: "flagged time in a state of work is wait", states: review, state: OK, want: 0.25, parts: [3]float64{5, 15, 5},
			build: func(h *history) {
				i := h.item("A-1", "2026-03-02 08:00 Doing", "2026-03-02 18:00 Review", "2026-03-03 04:00 Done")
				i.Flags = []facts.Span{
					{From: h.at("2026-03-02 07:00"), To: h.at("2026-03-02 10:00")},
					{From: h.at("2026-03-02 09:00"), To: h.at("2026-03-02 10:00")},
					{From: h.at("2026-03-02 15:00"), To: h.at("2026-03-02 19:00")},
				}
			},
		},
		{
			name: "a flag that was never taken off", states: review, state: OK, want: 0.5, parts: [3]float64{1, 1, 1},
			build: func(h *history) {
				h.item("A-1", "2026-03-02 08:00 Doing", "2026-03-02 10:00 Done").Flags = []facts.Span{{From: h.at("2026-03-02 09:00")}}
			},
		},
		{name: "no wait state: never 100 %", state: NotConfigured, build: tenItems},
		{
			name: "no wait state among the doing ones", state: NotConfigured, build: tenItems,
			states: []rampforge.StateSettings{{Name: "To Do", Wait: &wait}, {Name: "Doing", Wait: &work}},
		},
		{name: "nothing finished", states: review, state: NoData, build: func(h *history) { h.item("A-1", "2026-03-02 08:00 Doing") }},
		{
			name: "nothing was in a state of work", states: review, state: NoData,
			build: func(h *history) { h.item("A-1", "2026-03-02 08:00 To Do", "2026-03-02 09:00 Done") },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := kanban(t)
			test.build(h)
			m := flowEfficiency(h.calc(rampforge.WorkflowSettings{States: test.states}, "2026-03-01 00:00", "2026-03-31 00:00"))
			if m.State != test.state {
				t.Fatalf("it is %+v", m)
			}
			if m.State != OK {
				if m.Value != nil || m.Active != nil || m.Reason == "" {
					t.Errorf("it is %+v", m)
				}
				return
			}
			wantNumbers(t, "efficiency", []*float64{m.Value, m.Active, m.Wait, m.Flagged}, test.want, test.parts[0], test.parts[1], test.parts[2])
		})
	}
}

func TestFlowEfficiencySaysWhatToSet(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	tenItems(h)
	m := flowEfficiency(h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-31 00:00"))
	if !strings.Contains(m.Reason, `"Doing", "Review"`) {
		t.Errorf("the reason is %q", m.Reason)
	}
}
