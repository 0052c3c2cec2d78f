package workflow

import (
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// CumulativeFlow is the cumulative flow diagram: of each state, how many items
// have come as far at the end of each day, of a window of more than ten years at
// the end of each week or month. No line ever falls or crosses another.
type CumulativeFlow struct {
	Basis
	Unit   string           `json:"unit"`
	Step   Granularity      `json:"step"` // what each of days is the first day of
	Days   []string         `json:"days"`
	States []CumulativeLine `json:"states"` // in the workflow's order: the top line first
}

// CumulativeLine is the line of one state.
type CumulativeLine struct {
	State  string `json:"state"`
	Counts []int  `json:"counts"` // at the end of each step
}

// cumulativeFlow counts the first arrival at a state or a later one, so that a
// state that is skipped is reached together with the next. At done it counts the
// last arrival, and none of an item that was reopened since: the line of the
// commitment state less the line of done is work in progress.
func cumulativeFlow(c *calc) CumulativeFlow {
	m := CumulativeFlow{
		Basis: basisOf("items that had reached the state or a later one when the day ended: by the first arrival before done, by the last one from done on; a withdrawn item reaches done when it is withdrawn",
			len(c.flows), 1, c.config.missingOrder(), "No work item is known."),
		Unit: unitItems, Step: Finest(c.from.Moment(), c.to.Moment()), Days: []string{}, States: []CumulativeLine{},
	}
	if m.State == OK && c.to <= c.from {
		m.State, m.Reason = NoData, emptyWindow
	}
	if m.State != OK {
		return m
	}
	series := c.days.series(c.from, c.to, m.Step)
	days := len(series.steps)
	for i := range days {
		m.Days = append(m.Days, series.steps[i].Date)
	}
	counts := make([]int, len(c.config.States)*days)
	for i := range c.flows {
		c.arrivals(&c.flows[i], func(state int, at facts.Time) {
			if at < c.to {
				counts[state*days+series.of(at)]++
			}
		})
	}
	for s := range c.config.States {
		line := counts[s*days : (s+1)*days]
		for i := 1; i < len(line); i++ {
			line[i] += line[i-1]
		}
		m.States = append(m.States, CumulativeLine{c.config.States[s].Name, line})
	}
	m.Explain = c.q.explained("cumulative_flow", len(c.flows), func(i int) ExplainedRow {
		f := &c.flows[i]
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.created), Parts: map[string]float64{}}
		c.arrivals(f, func(state int, at facts.Time) {
			row.Parts[c.config.States[state].Name] = *number(hours(at - f.created))
		})
		row.Detail = "hours from the creation to each state"
		return row
	})
	return m
}

// arrivals calls visit with when an item reached each state.
func (c *calc) arrivals(f *flow, visit func(state int, at facts.Time)) {
	reached, done := -1, c.config.Done
	for i := range f.stays {
		for s := &f.stays[i]; reached < min(s.state, done-1); {
			reached++
			visit(reached, s.from)
		}
		if reached >= done-1 {
			break
		}
	}
	if f.left == 0 {
		return
	}
	for reached < done {
		reached++
		visit(reached, f.left)
	}
	for i := range f.stays {
		for s := &f.stays[i]; s.from >= f.left && reached < s.state; {
			reached++
			visit(reached, s.from)
		}
	}
}
