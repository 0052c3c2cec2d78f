package workflow

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Ageing says which items in progress are older than items used to be when they
// left the same state: those are the ones to talk about today.
type Ageing struct {
	Basis
	Unit   string       `json:"unit"`
	Age    Distribution `json:"age"`
	Over   *int         `json:"over"`   // items older than the 85th percentile of their state
	States []StateAges  `json:"states"` // in the workflow's order
	Items  []AgeingItem `json:"items"`  // the oldest first, at most 100
}

// StateAges is how old items were when they left a state: those that were
// finished in the window, each once, when it last left it.
type StateAges struct {
	State string   `json:"state"`
	N     int      `json:"n"` // that left it; percentiles take MinSample
	P50   *float64 `json:"p50"`
	P70   *float64 `json:"p70"`
	P85   *float64 `json:"p85"`
	P95   *float64 `json:"p95"`
	Items int      `json:"items"` // in it at as_of

	left []float64
}

// AgeingItem is one item in progress.
type AgeingItem struct {
	ID    string   `json:"id"`
	Key   string   `json:"key"`
	State string   `json:"state"`
	Age   *float64 `json:"age"`
	// Percentile is the share of the items that left the state no older than this
	// one is; null is that too few did.
	Percentile *float64 `json:"percentile"`
	Over       *bool    `json:"over"` // the 85th percentile
}

// maxAgeing is how many ageing items a report lists; explain pages all.
const maxAgeing = 100

func ageing(c *calc) Ageing {
	m := Ageing{Unit: unitHours, States: []StateAges{}, Items: []AgeingItem{}}
	now := []*flow{}
	missing := c.config.missing(true, true)
	if missing == "" {
		now = c.oldest()
	}
	m.Basis = basisOf("age = as_of − started of each item in progress, against the ages at which the items that were finished in the window last left the same state; percentiles of type 7",
		len(now), 1, missing, "No work item is in progress.")
	if missing != "" {
		return m
	}
	states := c.leavingAges(now)
	for s := range states {
		if !c.config.ended[s] && (states[s].N > 0 || states[s].Items > 0 || c.config.doing(s)) {
			m.States = append(m.States, states[s])
		}
	}
	if m.State == OK {
		over := 0
		ages := make([]facts.Time, len(now))
		for i, f := range now {
			ages[i] = c.asOf - f.started
			if p85 := states[f.now].P85; p85 != nil && hours(ages[i]) > *p85 {
				over++
			}
			if i < maxAgeing {
				m.Items = append(m.Items, ageingItem(c, f, states))
			}
		}
		m.Over, m.Age = &over, distributionOf(sortedHours(ages))
	}
	m.Explain = c.explainAgeing(now, states)
	return m
}

// oldest returns the items in progress, the oldest first.
func (c *calc) oldest() []*flow {
	now := []*flow{}
	for i := range c.flows {
		if f := &c.flows[i]; f.inProgress(c.asOf) {
			now = append(now, f)
		}
	}
	slices.SortFunc(now, func(a, b *flow) int {
		if a.started != b.started {
			return cmp.Compare(a.started, b.started)
		}
		return strings.Compare(a.item.ID, b.item.ID)
	})
	return now
}

func ageingItem(c *calc, f *flow, states []StateAges) AgeingItem {
	s := &states[f.now]
	age := hours(c.asOf - f.started)
	item := AgeingItem{ID: f.item.ID, Key: f.item.Key, State: s.State, Age: number(age)}
	if s.P85 != nil {
		over := age > *s.P85
		item.Percentile = share(sort.Search(len(s.left), func(i int) bool { return s.left[i] > age }), len(s.left))
		item.Over = &over
	}
	return item
}

// leavingAges returns of each state at which age items left it.
func (c *calc) leavingAges(now []*flow) []StateAges {
	states := make([]StateAges, len(c.config.States))
	left := make([][]facts.Time, len(states))
	c.leavings(func(_ *flow, s *stay, age facts.Time) { left[s.state] = append(left[s.state], age) })
	for i := range states {
		s := &states[i]
		s.State, s.left, s.N = c.config.States[i].Name, sortedHours(left[i]), len(left[i])
		d := distributionOf(s.left)
		s.P50, s.P70, s.P85, s.P95 = d.P50, d.P70, d.P85, d.P95
	}
	for _, f := range now {
		states[f.now].Items++
	}
	return states
}

// leavings calls visit with the last stay in each state before done of each
// item that was finished in the window, and the age at which it ended.
func (c *calc) leavings(visit func(f *flow, s *stay, age facts.Time)) {
	last := make([]facts.Time, len(c.config.States))
	for _, f := range c.done {
		for i := range f.stays {
			last[f.stays[i].state] = f.stays[i].to
		}
		for i := range f.stays {
			s := &f.stays[i]
			if s.to != last[s.state] || c.config.ended[s.state] || s.to < f.started || s.to == f.started && !c.config.doing(s.state) {
				continue
			}
			last[s.state] = 0 // so that two stays that end at once count once
			visit(f, s, s.to-f.started)
		}
	}
}

// explainAgeing explains the items in progress, and after them the leavings that
// they are compared with.
func (c *calc) explainAgeing(now []*flow, states []StateAges) *Explain {
	const metric = "ageing"
	if !c.q.Explain.Wants(metric) {
		return nil
	}
	rows := []ExplainedRow{}
	for _, f := range now {
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.started), Value: number(hours(c.asOf - f.started)), Detail: "in " + states[f.now].State}
		if item := ageingItem(c, f, states); item.Percentile != nil {
			row.Parts = map[string]float64{"percentile": *item.Percentile}
		}
		rows = append(rows, row)
	}
	c.leavings(func(f *flow, s *stay, age facts.Time) {
		rows = append(rows, ExplainedRow{
			ID: f.item.ID, Key: f.item.Key, From: instant(f.started), To: instant(s.to), Value: number(hours(age)),
			Detail: "left " + states[s.state].State,
		})
	})
	return c.q.explained(metric, len(rows), func(i int) ExplainedRow { return rows[i] })
}
