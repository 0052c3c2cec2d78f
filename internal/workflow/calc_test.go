package workflow

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func TestFlows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		visits []string
		change func(*history, *facts.Item)
		want   string
	}{
		{
			name:   "straight through",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Review", "2026-03-05 09:00 Done"},
			want:   "started 03-03 09:00 finished 03-05 09:00 left 03-05 09:00 now Done reopened 0 rework 0",
		},
		{
			name:   "only a wish",
			visits: []string{"2026-03-02 09:00 To Do"},
			want:   "started - finished - left - now To Do reopened 0 rework 0",
		},
		{
			name:   "skips the commitment state: started when it got to the next one",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-04 09:00 Review", "2026-03-05 09:00 Done"},
			want:   "started 03-04 09:00 finished 03-05 09:00 left 03-05 09:00 now Done reopened 0 rework 0",
		},
		{
			name:   "jumps to done: started when it got there",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-05 09:00 Done"},
			want:   "started 03-05 09:00 finished 03-05 09:00 left 03-05 09:00 now Done reopened 0 rework 0",
		},
		{
			name:   "reopened and done again: first start, last done",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Done", "2026-03-05 09:00 Doing", "2026-03-06 09:00 Done"},
			want:   "started 03-03 09:00 finished 03-06 09:00 left 03-06 09:00 now Done reopened 1 rework 1",
		},
		{
			name:   "reopened and not done since",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Done", "2026-03-05 09:00 To Do"},
			want:   "started 03-03 09:00 finished - left - now To Do reopened 1 rework 1",
		},
		{
			name:   "what happens after as_of does not exist",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-31 00:01 Done"},
			want:   "started 03-03 09:00 finished - left - now Doing reopened 0 rework 0",
		},
		{
			name:   "back from review is rework, back from the wish list is none",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Review", "2026-03-05 09:00 Doing"},
			want:   "started 03-03 09:00 finished - left - now Doing reopened 0 rework 1",
		},
		{
			name:   "withdrawn leaves without being finished",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Done"},
			change: func(h *history, i *facts.Item) { i.Resolution = h.symbol("WON'T DO") },
			want:   "started 03-03 09:00 finished - left 03-04 09:00 now Done reopened 0 rework 0",
		},
		{
			name:   "a resolution says nothing of an item at work",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing"},
			change: func(h *history, i *facts.Item) { i.Resolution = h.symbol("Duplicate") },
			want:   "started 03-03 09:00 finished - left - now Doing reopened 0 rework 0",
		},
		{
			name:   "an event from before the creation is one at the creation",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-03 09:00 Doing", "2026-03-04 09:00 Done"},
			change: func(h *history, i *facts.Item) { i.Created = h.at("2026-03-03 12:00") },
			want:   "started 03-03 12:00 finished 03-04 09:00 left 03-04 09:00 now Done reopened 0 rework 0",
		},
		{
			name:   "clocks that run backwards",
			visits: []string{"2026-03-02 09:00 To Do", "2026-03-05 09:00 Doing", "2026-03-04 09:00 Done"},
			want:   "started 03-05 09:00 finished 03-05 09:00 left 03-05 09:00 now Done reopened 0 rework 0",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := kanban(t)
			item := h.item("A-1", test.visits...)
			if test.change != nil {
				test.change(h, item)
			}
			c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-31 00:00")
			if got := describe(c, &c.flows[0]); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			for i, s := range c.flows[0].stays {
				if s.to < s.from || i > 0 && s.from != c.flows[0].stays[i-1].to {
					t.Errorf("stay %d is %+v after %+v", i, s, c.flows[0].stays[max(0, i-1)])
				}
			}
		})
	}
}

// Statuses of one state are one stay, and a case of an imported log ends with
// its last event.
func TestStays(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	twin := h.symbol(facts.StatusKey("svc_2", "7", ""))
	h.log.Statuses = append(h.log.Statuses, facts.Status{Status: twin, Name: "Doing", Category: h.symbol("in_progress")})
	item := h.item("A-1", "2026-03-02 09:00 Doing", "2026-03-03 09:00 Review")
	item.Visits = append(item.Visits[:1], facts.Visit{Status: twin, At: h.at("2026-03-02 12:00")}, item.Visits[1])
	imported := h.item("case", "2026-03-02 09:00 Doing", "2026-03-03 09:00 Review", "2026-03-03 10:00 Review")
	imported.Imported = true

	c := h.calc(rampforge.WorkflowSettings{}, "2026-03-01 00:00", "2026-03-31 00:00")
	if n := len(c.config.States); n != 4 {
		t.Fatalf("%d states: two statuses of one name are one state", n)
	}
	if stays := c.flows[0].stays; len(stays) != 2 || stays[0].to != h.at("2026-03-03 09:00") || !stays[1].open || stays[1].to != c.asOf {
		t.Errorf("stays are %+v", stays)
	}
	stays := c.flows[1].stays
	if len(stays) != 3 || stays[2].open || stays[2].to != stays[2].from {
		t.Errorf("the case's stays are %+v", stays)
	}
}

func TestTypesThatCount(t *testing.T) {
	t.Parallel()
	h := kanban(t)
	h.item("A-1", "2026-03-02 09:00 Doing")
	h.item("A-2", "2026-03-02 09:00 Doing").Type = h.symbol("Epic")
	h.item("A-3", "2026-03-02 09:00 Doing").Type = h.symbol("Bug")
	h.item("A-4", "2026-04-02 09:00 Doing") // not there yet

	c := h.calc(rampforge.WorkflowSettings{ExcludedTypes: []string{"Epic"}}, "2026-03-01 00:00", "2026-03-31 00:00")
	if len(c.flows) != 2 || c.flows[0].item.Key != "A-1" || c.flows[1].item.Key != "A-3" {
		t.Errorf("%d items count", len(c.flows))
	}
	c.q.Types = []string{"Bug", "Epic"}
	if c = newCalc(h.log, c.config, c.q); len(c.flows) != 1 || c.flows[0].item.Key != "A-3" {
		t.Errorf("%d items are bugs that count", len(c.flows))
	}
}
