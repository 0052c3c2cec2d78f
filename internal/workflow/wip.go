package workflow

// WorkInProgress is how many items are begun and not finished.
type WorkInProgress struct {
	Basis
	Unit    string         `json:"unit"`
	Now     *int           `json:"now"` // at as_of
	ByState []StateCount   `json:"by_state"`
	Mean    *float64       `json:"mean"` // over the window, each moment as much as another
	Series  []ProgressStep `json:"series"`
}

// StateCount is how many items are in a state.
type StateCount struct {
	State string `json:"state"`
	Count int    `json:"count"`
}

// ProgressStep is one step of a series: the items in progress when it ended.
type ProgressStep struct {
	Step
	Items int `json:"items"`
}

func workInProgress(c *calc) WorkInProgress {
	m := WorkInProgress{
		Basis: basisOf("WIP(t) = items with started ≤ t < finished or withdrawn; of a step, those begun before its end and not left before it; n is those at as_of",
			len(c.flows), 1, c.config.missing(true, true), "No work item is known."),
		Unit: unitItems, ByState: []StateCount{}, Series: []ProgressStep{},
	}
	if m.State != OK {
		return m
	}
	steps := c.series.steps
	change := make([]int, len(steps)+1)
	byState := make([]int, len(c.config.States))
	now := []*flow{}
	level := 0
	for i := range c.flows {
		f := &c.flows[i]
		if f.started == 0 {
			continue
		}
		if f.inProgress(c.asOf) {
			now = append(now, f)
			byState[f.now]++
		}
		change[c.series.of(f.started)]++
		if f.left != 0 {
			change[c.series.of(f.left)]--
		}
	}
	for i := range steps {
		level += change[i]
		m.Series = append(m.Series, ProgressStep{steps[i], level})
	}
	for s, n := range byState {
		if n > 0 || c.config.doing(s) {
			m.ByState = append(m.ByState, StateCount{c.config.States[s].Name, n})
		}
	}
	n := len(now)
	m.N, m.Now = n, &n
	if c.to > c.from {
		m.Mean = number(c.meanProgress())
	}
	m.Explain = c.q.explained("work_in_progress", n, func(i int) ExplainedRow {
		f := now[i]
		return ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.started), Value: number(1), Detail: c.config.States[f.now].Name}
	})
	return m
}
