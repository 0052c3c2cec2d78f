package workflow

import (
	"math"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// LittlesLaw checks the report by Little's law, in its exact form, and says by
// the agile form of it whether the work is steady.
type LittlesLaw struct {
	Basis
	Unit     string   `json:"unit"`
	Identity Identity `json:"identity"`
	// Approx is mean work in progress ÷ throughput, and Measured the mean cycle
	// time of what was finished. They agree when the conditions hold.
	Approx     *float64    `json:"approx_cycle_time"`
	Measured   *float64    `json:"measured_cycle_time"`
	Gap        *float64    `json:"gap"` // of Approx from Measured, as a share of it
	Conditions []Condition `json:"conditions"`
	Insight    string      `json:"insight"` // "" when the gap is 20 % or less
}

// Identity is L = λ·W over the window, which holds without any condition
// (Little and Graves 2008): when it does not, the report is wrong.
type Identity struct {
	L          *float64 `json:"mean_items"`     // in progress, over the time of the window
	Lambda     *float64 `json:"items_per_day"`  // that were there or arrived
	W          *float64 `json:"hours_per_item"` // in progress within the window
	Difference *float64 `json:"difference"`     // L − λ·W: 0
}

// Condition is one of the five that the agile form takes (Vacanti 2015).
type Condition struct {
	Name  string `json:"name"`
	Holds bool   `json:"holds"`
	// First and Second are what is compared: they may differ by a tenth.
	First  *float64 `json:"first"`
	Second *float64 `json:"second"`
	Detail string   `json:"detail"`
}

const (
	tolerance = 0.1 // of what the conditions compare
	gapToTell = 0.2
)

func littlesLaw(c *calc) LittlesLaw {
	missing := c.config.missing(true, true)
	m := LittlesLaw{
		Basis: basisOf("L = λ·W exactly: L is work in progress over the time of the window, λ the items that were in progress in it or began in it, those that took no time too, W their time in progress within it; approx_cycle_time = L ÷ throughput",
			len(c.done), MinSample, missing, nothingFinished),
		Unit: unitHours, Conditions: []Condition{},
	}
	if missing == "" && c.to <= c.from {
		m.State, m.Reason = NoData, emptyWindow
		missing = emptyWindow
	}
	if missing != "" {
		return m
	}
	t := c.tally()
	long := hours(c.to - c.from)
	l := c.meanProgress()
	m.Identity.L = number(l)
	m.Identity.Lambda = number(float64(t.present) / long * 24)
	if t.present > 0 {
		w := t.area.hours() / float64(t.present)
		m.Identity.W = number(w)
		m.Identity.Difference = number(l - float64(t.present)/long*w)
	}
	m.Conditions = t.conditions()
	m.Explain = c.explainLittle()
	if m.State != OK {
		return m
	}
	var cycle amount
	for _, f := range c.done {
		cycle.add(f.finished - f.started)
	}
	approx, measured := l/(float64(len(c.done))/long), cycle.hours()/float64(len(c.done))
	m.Approx, m.Measured = number(approx), number(measured)
	if measured > 0 {
		gap := (approx - measured) / measured
		m.Gap = number(gap)
		m.Insight = insightOf(gap)
	}
	return m
}

func insightOf(gap float64) string {
	switch {
	case gap > gapToTell:
		return "Work in progress is ageing: items are taken up faster than they are finished, or some lie about, so that what is in progress is older than what gets finished."
	case gap < -gapToTell:
		return "Old work was cleared up: what was finished had been in progress for longer than what is in progress now."
	}
	return ""
}

// tally is what happened to work in progress in the window.
type tally struct {
	area            amount // item-hours in progress within the window
	present         int    // items that were in progress in it
	started, left   int
	withdrawn       int
	first, last     int // in progress just before each of its ends
	ageFirst, ageTo amount
}

func (c *calc) tally() tally {
	var t tally
	for i := range c.flows {
		f := &c.flows[i]
		if from, to, present := c.progress(f); present {
			t.present++
			t.area.add(to - from)
		}
		if f.started == 0 || f.started >= c.to || f.left != 0 && f.left < c.from {
			continue
		}
		if f.started < c.from {
			t.first++
			t.ageFirst.add(c.from - f.started)
		} else {
			t.started++
		}
		if f.left == 0 || f.left >= c.to {
			t.last++
			t.ageTo.add(c.to - f.started)
			continue
		}
		t.left++
		if f.withdrawn {
			t.withdrawn++
		}
	}
	return t
}

// progress returns when an item was in progress within the window, and whether
// it was there or arrived: one that began in the window and left at once was in
// progress for no time, and is an arrival as any other.
func (c *calc) progress(f *flow) (from, to facts.Time, present bool) {
	if f.started == 0 || f.started >= c.to {
		return 0, 0, false
	}
	from, to = max(f.started, c.from), c.to
	if f.left != 0 {
		to = min(to, f.left)
	}
	return from, to, from < to || f.started >= c.from
}

// meanProgress returns work in progress over the time of the window, from the
// count of it at each moment. The tally adds up the same item by item: that
// both agree is the test.
func (c *calc) meanProgress() float64 {
	var rising, falling amount
	level := 0
	for i := range c.flows {
		f := &c.flows[i]
		if f.started == 0 || f.started >= c.to {
			continue
		}
		if f.started < c.from {
			level++
		} else {
			rising.add(c.to - f.started)
		}
		switch {
		case f.left == 0 || f.left >= c.to:
		case f.left < c.from:
			level--
		default:
			falling.add(c.to - f.left)
		}
	}
	long := hours(c.to - c.from)
	return float64(level) + (rising.hours()-falling.hours())/long
}

// conditions compares what has to be the same for the agile form.
func (t tally) conditions() []Condition {
	mean := func(a amount, n int) float64 {
		if n == 0 {
			return 0
		}
		return a.hours() / float64(n)
	}
	near := func(name, detail string, first, second float64) Condition {
		holds := math.Abs(first-second) <= tolerance*max(first, second)
		return Condition{Name: name, Holds: holds, First: number(first), Second: number(second), Detail: detail}
	}
	return []Condition{
		near("arrivals_equal_departures", "items started, and items that left", float64(t.started), float64(t.left)),
		{
			Name: "all_started_work_finishes", Holds: t.withdrawn == 0, First: number(float64(t.left)), Second: number(float64(t.left - t.withdrawn)),
			Detail: "items that left, and those of them that were finished; none may be withdrawn",
		},
		near("equal_work_in_progress", "items in progress at the window's beginning, and at its end", float64(t.first), float64(t.last)),
		near("stable_age", "mean age in hours of the items in progress at the window's beginning, and at its end", mean(t.ageFirst, t.first), mean(t.ageTo, t.last)),
		{Name: "consistent_units", Holds: true, Detail: "all is in items and hours"},
	}
}

func (c *calc) explainLittle() *Explain {
	const metric = "littles_law"
	if !c.q.Explain.Wants(metric) {
		return nil
	}
	present := []*flow{}
	for i := range c.flows {
		if _, _, is := c.progress(&c.flows[i]); is {
			present = append(present, &c.flows[i])
		}
	}
	return c.q.explained(metric, len(present), func(i int) ExplainedRow {
		f := present[i]
		from, to, _ := c.progress(f)
		return ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: new(from.Moment()), To: new(to.Moment()), Value: number(hours(to - from))}
	})
}
