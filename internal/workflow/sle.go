package workflow

import "github.com/rampforgeai/rampforge/internal/workflow/facts"

// Expectation is the service level expectation: in which time an item is
// finished with a probability of 85 %, by what was finished lately.
type Expectation struct {
	Basis
	Unit        string   `json:"unit"`
	Probability float64  `json:"probability"`
	Value       *float64 `json:"value"`
	Met         *int     `json:"met"`      // items finished in the window within it
	Finished    int      `json:"finished"` // in the window
	Share       *float64 `json:"share"`
}

// expected is the time whose cycle times make the expectation.
const expected = 90 * day

func expectation(c *calc) Expectation {
	m := Expectation{Unit: unitHours, Probability: 0.85}
	missing := c.config.missing(true, true)
	lately := []*flow{}
	if missing == "" {
		for i := range c.flows {
			if f := &c.flows[i]; f.finished != 0 && f.finished >= c.asOf-expected {
				lately = append(lately, f)
			}
		}
	}
	m.Basis = basisOf("85th percentile (type 7) of the cycle times of the items that were finished in the 90 days (of 24 hours) before as_of; met by the items finished in the window in that time or less",
		len(lately), MinSample, missing, "No work item was finished in the 90 days before as_of.")
	if missing != "" {
		return m
	}
	m.Finished = len(c.done)
	m.Explain = c.q.explained("service_level_expectation", len(lately), func(i int) ExplainedRow {
		f := lately[i]
		return ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.started), To: instant(f.finished), Value: number(hours(f.finished - f.started))}
	})
	long := make([]facts.Time, len(lately))
	for i, f := range lately {
		long[i] = f.finished - f.started
	}
	if m.Value = distributionOf(sortedHours(long)).P85; m.Value == nil {
		return m
	}
	met := 0
	for _, f := range c.done {
		if *number(hours(f.finished - f.started)) <= *m.Value {
			met++
		}
	}
	m.Met, m.Share = &met, share(met, len(c.done))
	return m
}
