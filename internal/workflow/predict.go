package workflow

import (
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/forecast"
)

// predict forecasts from what was finished and created until as_of, whatever
// the window is, when all items that are open will be finished, and how many
// will be in a month. An item that was withdrawn is no work that was added:
// nobody has to finish it.
func predict(c *calc) forecast.Forecast {
	finished, added := make([]facts.Time, 0, len(c.flows)), make([]facts.Time, 0, len(c.flows))
	remaining, since, asOf := 0, c.asOf, facts.Bound(c.q.AsOf).Moment()
	for i := range c.flows {
		f := &c.flows[i]
		if f.created != 0 {
			since = min(since, f.created)
		}
		if f.created != 0 && !f.withdrawn {
			added = append(added, f.created)
		}
		if f.finished != 0 {
			finished = append(finished, f.finished)
		}
		if f.left == 0 {
			remaining++
		}
	}
	p := forecast.Compute(forecast.Input{
		History: forecast.Tally(finished, added, since, asOf, c.config.Zone),
		AsOf:    asOf, Zone: c.config.Zone, Remaining: remaining, Seed: c.q.Seed, Explain: c.q.Explain,
		Blackout: forecast.Days(c.config.Settings.BlackoutDays),
	})
	if missing := c.config.missing(false, true); missing != "" {
		for _, b := range []*Basis{&p.Basis, &p.When.Basis, &p.WhenGrowing.Basis, &p.HowMany.Basis, &p.Backtest.Basis} {
			b.State, b.Reason, b.N, b.Explain = NotConfigured, missing, 0, nil
		}
		p.Remaining, p.Sample = nil, forecast.Sample{}
	}
	return p
}
