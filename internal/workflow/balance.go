package workflow

import "github.com/rampforgeai/rampforge/internal/workflow/facts"

// Balance is what came into the work and what left it. Where more is started
// than leaves, work in progress grows.
type Balance struct {
	Basis
	Unit        string        `json:"unit"`
	Granularity Granularity   `json:"granularity"`
	Total       *Moves        `json:"total"`
	Series      []BalanceStep `json:"series"`
}

// Moves are how many items were created, started, finished and withdrawn. What
// needs a state that the workflow does not have is null.
type Moves struct {
	Created   int  `json:"created"`
	Started   *int `json:"started"`
	Finished  *int `json:"finished"`
	Withdrawn *int `json:"withdrawn"`
}

// BalanceStep is one step of the series.
type BalanceStep struct {
	Step
	Moves
}

// moved is one thing that happened to an item.
type moved struct {
	flow *flow
	what int // an index of movedWhat
	at   facts.Time
}

var movedWhat = [...]string{"created", "started", "finished", "withdrawn"}

func balance(c *calc) Balance {
	steps := c.series.steps
	counts := make([][len(movedWhat)]int, len(steps))
	var total [len(movedWhat)]int
	c.moves(func(m moved) {
		counts[c.series.of(m.at)][m.what]++
		total[m.what]++
	})
	n := 0
	for _, k := range total {
		n += k
	}
	b := Balance{
		Basis: basisOf("items by when they were created, first entered the commitment state or a later one, last entered done, or were closed with a resolution that means withdrawn; n is all of these events",
			n, 1, "", "No work item was created, started or finished in the window."),
		Unit: unitItems, Granularity: c.q.Granularity, Series: make([]BalanceStep, len(steps)),
	}
	for i := range steps {
		b.Series[i] = BalanceStep{steps[i], c.movesOf(counts[i])}
	}
	if b.State == OK {
		t := c.movesOf(total)
		b.Total = &t
	}
	b.Explain = c.explainMoves(n)
	return b
}

func (c *calc) movesOf(counts [len(movedWhat)]int) Moves {
	m := Moves{Created: counts[0]}
	if c.config.missing(true, false) == "" {
		m.Started = &counts[1]
	}
	if c.config.missing(false, true) == "" {
		m.Finished, m.Withdrawn = &counts[2], &counts[3]
	}
	return m
}

// moves calls visit with everything that happened in the window.
func (c *calc) moves(visit func(moved)) {
	for i := range c.flows {
		f := &c.flows[i]
		left := 2
		if f.withdrawn {
			left = 3
		}
		for _, m := range [...]moved{{f, 0, f.created}, {f, 1, f.started}, {f, left, f.left}} {
			if m.at != 0 && m.at >= c.from && m.at < c.to {
				visit(m)
			}
		}
	}
}

func (c *calc) explainMoves(n int) *Explain {
	const metric = "arrivals_and_departures"
	if !c.q.Explain.Wants(metric) {
		return nil
	}
	all := make([]moved, 0, n)
	c.moves(func(m moved) { all = append(all, m) })
	return c.q.explained(metric, n, func(i int) ExplainedRow {
		m := all[i]
		return ExplainedRow{ID: m.flow.item.ID, Key: m.flow.item.Key, From: instant(m.at), To: instant(m.at), Value: number(1), Detail: movedWhat[m.what]}
	})
}
