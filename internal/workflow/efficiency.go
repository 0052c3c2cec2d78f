package workflow

import (
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Efficiency is the part of their time in progress in which items were worked
// on and did not wait.
type Efficiency struct {
	Basis
	Unit    string            `json:"unit"`
	Value   *float64          `json:"value"`
	Active  *float64          `json:"active_hours"`
	Wait    *float64          `json:"wait_hours"`
	Flagged *float64          `json:"flagged_hours"` // of the wait, in states that are no wait states
	States  []StateEfficiency `json:"states"`
	Context string            `json:"context"`
}

// StateEfficiency is the time in one state in progress.
type StateEfficiency struct {
	State  string   `json:"state"`
	Wait   bool     `json:"wait"`
	Active *float64 `json:"active_hours"`
	Waited *float64 `json:"wait_hours"`
}

const efficiencyContext = "About 15 % is usual where nobody has looked yet, and 40 % is very good (Nave). It shows how much of the time goes to waiting, and is no target."

// flowEfficiency is active/(active+wait) over the states in which items are
// worked on. A wait state outside of them changes nothing, and time in which an
// item is flagged in one that is no wait state is wait.
func flowEfficiency(c *calc) Efficiency {
	m := Efficiency{
		Basis: basisOf("active ÷ (active + wait) over the states from the commitment state to done, of items finished in the window; time in which an item is flagged is wait",
			len(c.done), 1, c.config.missingWait(), nothingFinished),
		Unit: "share", States: []StateEfficiency{}, Context: efficiencyContext,
	}
	if m.State == NotConfigured {
		return m
	}
	active, wait := make([]amount, len(c.config.States)), make([]amount, len(c.config.States))
	for _, f := range c.done {
		c.split(f, func(state int, worked, waited facts.Time) {
			active[state].add(worked)
			wait[state].add(waited)
		})
	}
	var sum, sumWait, flagged amount
	for s := range c.config.States {
		if !c.config.doing(s) {
			continue
		}
		waits := c.config.waits(s)
		m.States = append(m.States, StateEfficiency{c.config.States[s].Name, waits, number(active[s].hours()), number(wait[s].hours())})
		sum.join(active[s])
		sumWait.join(wait[s])
		if !waits {
			flagged.join(wait[s])
		}
	}
	m.Explain = c.explainEfficiency()
	if total := sum.hours() + sumWait.hours(); total > 0 {
		m.Value = number(sum.hours() / total)
		m.Active, m.Wait, m.Flagged = number(sum.hours()), number(sumWait.hours()), number(flagged.hours())
	} else if m.State == OK {
		m.State, m.Reason = NoData, "No item that was finished in the window has been in one of "+strings.Join(c.config.doingNames(), ", ")+"."
	}
	return m
}

func (c *Config) waits(state int) bool { return c.States[state].Wait != nil && *c.States[state].Wait }

// missingWait says what flow efficiency lacks. Without a wait state it would be
// 100 %, which is never true.
func (c *Config) missingWait() string {
	if missing := c.missing(true, true); missing != "" {
		return missing
	}
	names := []string{}
	for i := range c.States {
		if c.doing(i) && c.waits(i) {
			return ""
		}
		if c.doing(i) {
			names = append(names, strconv.Quote(c.States[i].Name))
		}
	}
	return "It is not known in which states items wait: say wait for at least one of " + strings.Join(names, ", ") + " in the project's workflow settings."
}

// split calls visit with each stay of an item in a state in which it is worked
// on: how long of it was work, and how long wait.
func (c *calc) split(f *flow, visit func(state int, worked, waited facts.Time)) {
	for i := range f.stays {
		s := &f.stays[i]
		if !c.config.doing(s.state) {
			continue
		}
		long := s.to - s.from
		waited := long
		if !c.config.waits(s.state) {
			waited = flaggedIn(f.item.Flags, s.from, s.to)
		}
		visit(s.state, long-waited, waited)
	}
}

// flaggedIn returns how long an item was flagged between two moments. Flags are
// in the order in which they were set; the time of two at once counts once.
func flaggedIn(flags []facts.Span, from, to facts.Time) facts.Time {
	sum := facts.Time(0)
	for _, flag := range flags {
		end := to
		if flag.To != 0 {
			end = min(to, flag.To)
		}
		if begin := max(from, flag.From); begin < end {
			sum += end - begin
			from = end
		}
	}
	return sum
}

func (c *calc) explainEfficiency() *Explain {
	return c.q.explained("flow_efficiency", len(c.done), func(i int) ExplainedRow {
		f := c.done[i]
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(f.started), To: instant(f.finished)}
		var active, wait amount
		row.Parts = map[string]float64{}
		c.split(f, func(state int, worked, waited facts.Time) {
			active.add(worked)
			wait.add(waited)
			if worked > 0 {
				row.Parts["active_hours in "+c.config.States[state].Name] += hours(worked)
			}
			if waited > 0 {
				row.Parts["wait_hours in "+c.config.States[state].Name] += hours(waited)
			}
		})
		row.Parts["active_hours"], row.Parts["wait_hours"] = *number(active.hours()), *number(wait.hours())
		if total := active.hours() + wait.hours(); total > 0 {
			row.Value = number(active.hours() / total)
		}
		return row
	})
}

// amount is a sum of durations, in whole hours and what is left of them: a
// hundred thousand items of three years are more microseconds than an int64
// holds, and a float64 would add up differently in another order.
type amount struct{ whole, rest facts.Time }

func (a *amount) add(d facts.Time) {
	a.whole += d / hour
	a.rest += d % hour
}

func (a *amount) join(b amount) {
	a.whole += b.whole
	a.rest += b.rest
}

func (a *amount) hours() float64 { return float64(a.whole) + hours(a.rest) }
