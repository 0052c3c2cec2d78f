package workflow

import "github.com/rampforgeai/rampforge/internal/workflow/facts"

// Rework is how often items moved back before they were finished.
type Rework struct {
	Basis
	Unit  string   `json:"unit"`
	Moves *int     `json:"moves"` // back, of all items
	Items *int     `json:"items"` // that moved back at least once
	Share *float64 `json:"share"` // of the items that were finished
	Mean  *float64 `json:"mean"`  // moves back per finished item
}

func reworkCount(c *calc) Rework {
	m := Rework{
		Basis: basisOf("moves to an earlier state after work had begun, a reopening included, of items finished in the window",
			len(c.done), 1, c.config.missing(false, true), nothingFinished),
		Unit: "moves",
	}
	if m.State != OK {
		return m
	}
	moves, items := 0, []*flow{}
	for _, f := range c.done {
		if f.rework > 0 {
			moves += f.rework
			items = append(items, f)
		}
	}
	n := len(items)
	m.Moves, m.Items, m.Share, m.Mean = &moves, &n, share(n, m.N), share(moves, m.N)
	m.Explain = c.q.explained("rework_count", n, func(i int) ExplainedRow {
		f := items[i]
		return ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.started), To: instant(f.finished), Value: number(float64(f.rework))}
	})
	return m
}

// Reopened is how often work that was done turned out not to be.
type Reopened struct {
	Basis
	Unit  string   `json:"unit"`
	Count *int     `json:"count"` // finishes that did not last until as_of
	Items *int     `json:"items"` // of which one did not
	Share *float64 `json:"share"` // of all finishes of the window
}

func reopenedCount(c *calc) Reopened {
	undone := []finish{}
	items, last := 0, (*flow)(nil)
	c.undone(func(f finish) {
		if f.at < c.from || f.at >= c.to {
			return
		}
		undone = append(undone, f)
		if f.flow != last {
			items, last = items+1, f.flow
		}
	})
	m := Reopened{
		Basis: basisOf("entries into done in the window that the item left again until as_of; n is all entries into done in the window",
			len(c.done)+len(undone), 1, c.config.missing(false, true), nothingFinished),
		Unit: "finishes",
	}
	if m.State != OK {
		return m
	}
	n := len(undone)
	m.Count, m.Items, m.Share = &n, &items, share(n, m.N)
	m.Explain = c.q.explained("reopened_count", n, func(i int) ExplainedRow {
		f := undone[i]
		return ExplainedRow{ID: f.flow.item.ID, Key: f.flow.item.Key, From: instant(f.at), To: instant(f.until), Value: number(hours(f.until - f.at))}
	})
	return m
}

// finish is an entry into done that did not last.
type finish struct {
	flow      *flow
	at, until facts.Time
}

// undone calls visit with each entry into done that the item left again.
func (c *calc) undone(visit func(finish)) {
	for i := range c.flows {
		f := &c.flows[i]
		if f.reopened == 0 {
			continue
		}
		since, done := facts.Time(0), false
		for _, s := range f.stays {
			switch ended := c.config.ended[s.state]; {
			case ended && !done:
				since, done = s.from, true
			case !ended && done:
				visit(finish{f, since, s.from})
				done = false
			}
		}
	}
}
