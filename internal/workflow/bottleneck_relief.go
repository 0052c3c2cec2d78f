package workflow

import (
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Relief is what the cycle times would have been if items had waited in the
// state with the largest share as long as they do elsewhere.
type Relief struct {
	Basis

	Unit      string   `json:"unit"`
	Of        *string  `json:"of"`         // the state that is relieved
	MeanWait  *float64 `json:"mean_wait"`  // held in it, each visit that ended in the window
	OtherWait *float64 `json:"other_wait"` // the median of that of the other queues
	Scale     *float64 `json:"scale"`      // OtherWait / MeanWait
	Before    *float64 `json:"p85_before"` // of the cycle time of items finished in the window
	After     *float64 `json:"p85_after"`  // the same with every wait in the state scaled
}

const reliefConvention = "85th percentile of the cycle time of the items finished in the window, and the same if each item's wait in the state were scaled so that its mean fell to the median of the means of the other queues " +
	"(wait states; where there are none, states in progress) with ten visits or more. It is arithmetic of the past: what is relieved may wait elsewhere then."

// relief computes the effect for a state; -1 is none.
func relief(c *calc, l *loads, s int) Relief {
	m := Relief{Unit: unitHours}
	started := make([]*flow, 0, len(c.done))
	for _, f := range c.done {
		if f.started != 0 {
			started = append(started, f)
		}
	}
	m.Basis = basisOf(reliefConvention, len(started), MinSample, c.config.missing(true, true), nothingFinished)
	if m.State != OK {
		return m
	}
	if s < 0 {
		m.State, m.Reason = NoData, "There is no state to relieve."
		return m
	}
	m.Of = &c.config.States[s].Name
	own, ok := l.meanWait(s)
	other, found := l.otherWait(c, s)
	switch {
	case !ok:
		m.State, m.Reason = InsufficientData, fmt.Sprintf("Fewer than %d visits to %q ended in the window.", MinSample, *m.Of)
		return m
	case !found:
		m.State, m.Reason = InsufficientData, fmt.Sprintf("No other queue than %q had %d visits that ended in the window.", *m.Of, MinSample)
		return m
	}
	m.MeanWait, m.OtherWait = number(own), number(other)
	if own <= other {
		m.State, m.Reason = NoData, fmt.Sprintf("Items wait no longer in %q than in the other queues; it is that many come that makes its share.", *m.Of)
		return m
	}
	scale := other / own
	m.Scale = number(scale)
	before, after := make([]float64, len(started)), make([]float64, len(started))
	for i, f := range started {
		before[i] = hours(f.finished - f.started)
		after[i] = before[i] - (1-scale)*hours(l.heldIn(c, f, s))
	}
	m.Before, m.After = number(stat.PercentileOf(before, 0.85)), number(stat.PercentileOf(after, 0.85))
	m.Explain = c.q.explained("bottleneck_relief", len(started), func(i int) ExplainedRow {
		f := started[i]
		long, held := hours(f.finished-f.started), hours(l.heldIn(c, f, s))
		return ExplainedRow{
			ID: f.item.ID, Key: f.item.Key, From: instant(f.started), To: instant(f.finished), Value: number(long - (1-scale)*held),
			Parts: map[string]float64{"cycle_hours": *number(long), "held_hours": *number(held)},
		}
	})
	return m
}

// meanWait returns how long a visit to a state was held, in hours.
func (l *loads) meanWait(s int) (mean float64, ok bool) {
	o := &l.of[s]
	if len(o.visits) < MinSample {
		return 0, false
	}
	return o.heldLong.hours() / float64(len(o.visits)), true
}

// otherWait returns the median of the mean waits of the queues besides a state.
func (l *loads) otherWait(c *calc, s int) (middle float64, ok bool) {
	var waits []float64
	for other := range l.of {
		if other == s || !c.config.doing(other) || !l.of[other].all {
			continue
		}
		if wait, ok := l.meanWait(other); ok {
			waits = append(waits, wait)
		}
	}
	slices.Sort(waits)
	return stat.Median(waits), len(waits) > 0
}

// heldIn returns how long a finished item was held in a state in progress. All of
// it is of its cycle time.
func (l *loads) heldIn(c *calc, f *flow, s int) facts.Time {
	sum := facts.Time(0)
	for i := range f.stays {
		if f.stays[i].state != s {
			continue
		}
		l.holds(c, f, &f.stays[i], func(from, to facts.Time) { sum += to - from })
	}
	return sum
}
