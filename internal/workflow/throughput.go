package workflow

// Throughput is how many items were finished.
type Throughput struct {
	Basis
	Unit        string           `json:"unit"`
	Granularity Granularity      `json:"granularity"`
	Total       *int             `json:"total"`
	PerWeek     *float64         `json:"per_week"` // of seven times 24 hours
	Series      []ThroughputStep `json:"series"`
}

// ThroughputStep is one step of the series. A step without a finish is a sample
// as well.
type ThroughputStep struct {
	Step
	Finished int `json:"finished"`
	// Restated says that an item had been finished in this step and was reopened
	// since: it was counted here once, and is no longer.
	Restated bool `json:"restated"`
}

func throughput(c *calc) Throughput {
	m := Throughput{
		Basis: basisOf("items whose last entry into done is in the step, and that are done since; withdrawn ones are not counted",
			len(c.done), 1, c.config.missing(false, true), nothingFinished),
		Unit: unitItems, Granularity: c.q.Granularity, Series: []ThroughputStep{},
	}
	if m.State == NotConfigured {
		return m
	}
	m.Series = make([]ThroughputStep, len(c.series.steps))
	for i := range m.Series {
		m.Series[i].Step = c.series.steps[i]
	}
	for _, f := range c.done {
		m.Series[c.series.of(f.finished)].Finished++
	}
	c.undone(func(f finish) {
		if f.at >= c.from && f.at < c.to {
			m.Series[c.series.of(f.at)].Restated = true
		}
	})
	m.Explain = c.q.explained("throughput", len(c.done), func(i int) ExplainedRow {
		f := c.done[i]
		return ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.finished), To: instant(f.finished), Value: number(1)}
	})
	if m.State == OK {
		total := len(c.done)
		m.Total, m.PerWeek = &total, number(float64(total)*float64(7*day)/float64(c.to-c.from))
	}
	return m
}
