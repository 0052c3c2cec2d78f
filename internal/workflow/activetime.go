package workflow

import (
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// ActiveCycleTime is how much of their cycle time items really were in a state
// in progress: what they were done, or waited to be taken up again, is left out.
type ActiveCycleTime struct {
	Basis
	Unit   string   `json:"unit"`
	States []string `json:"states"` // whose time counts
	Distribution
}

func activeCycleTime(c *calc) ActiveCycleTime {
	m := ActiveCycleTime{
		Basis: basisOf(fmt.Sprintf("Σ time in %s, of items finished in the window, elapsed hours; percentiles of type 7", strings.Join(c.config.doingNames(), ", ")),
			len(c.done), MinSample, c.config.missing(true, true), nothingFinished),
		Unit:   unitHours,
		States: c.config.doingNames(),
	}
	if m.State == NotConfigured {
		return m
	}
	long := make([]facts.Time, len(c.done))
	for i, f := range c.done {
		long[i] = c.inDoing(f)
	}
	m.Explain = c.q.explained("active_cycle_time", len(c.done), func(i int) ExplainedRow {
		f := c.done[i]
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.started), To: instant(f.finished), Value: number(hours(c.inDoing(f))), Parts: map[string]float64{}}
		for _, s := range f.stays {
			if c.config.doing(s.state) {
				row.Parts[c.config.States[s.state].Name] += hours(s.to - s.from)
			}
		}
		return row
	})
	m.Distribution = distributionOf(sortedHours(long))
	return m
}

// inDoing returns how long an item was in states in which it is worked on.
func (c *calc) inDoing(f *flow) facts.Time {
	sum := facts.Time(0)
	for i := range f.stays {
		if s := &f.stays[i]; c.config.doing(s.state) {
			sum += s.to - s.from
		}
	}
	return sum
}
