package workflow

import (
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Bottleneck is where work waits longest and keeps piling up, with what speaks
// for it.
type Bottleneck struct {
	Basis

	Unit string `json:"unit"`
	// Measure is what is compared: the time that items waited, or, where no state
	// is said to be waiting, all of the time that they were in a state.
	Measure    string      `json:"measure"`
	WaitStates WaitStates  `json:"wait_states"`
	Weeks      int         `json:"weeks"`  // of the window, those at its ends as far as they are in it
	States     []StateLoad `json:"states"` // all, in the workflow's order
	// Constraint is the state with the largest share of the measure, if in at
	// least half of the weeks more arrived in it than left; else it is null.
	Constraint  *Suspect `json:"constraint"`
	LargestWait *Suspect `json:"largest_wait"` // the state with the largest share
	RunnerUp    *Suspect `json:"runner_up"`    // the one with the next
	Draws       int      `json:"draws"`        // samples of weeks that the confidences are shares of
	Seed        uint64   `json:"seed"`         // of the draws
	Relief      Relief   `json:"relief"`
	Waiting     Waiting  `json:"waiting"`
}

// The measures of a bottleneck.
const (
	MeasureWaiting = "waiting"
	MeasureTime    = "time_in_state"
)

// WaitStates says whether states tell waiting from work.
type WaitStates struct {
	State  State    `json:"state"` // ok or not_configured
	Reason string   `json:"reason"`
	Names  []string `json:"names"`
}

// StateLoad is what a state takes in, holds and lets go, in the window.
type StateLoad struct {
	State      string `json:"state"`
	InProgress bool   `json:"in_progress"` // it may be the constraint
	Wait       *bool  `json:"wait"`
	Arrivals   int    `json:"arrivals"`   // visits that began
	Departures int    `json:"departures"` // visits that ended
	// ArrivalRate and DepartureRate are λ and μ, a day; Growth is λ − μ.
	ArrivalRate   *float64    `json:"arrival_rate"`
	DepartureRate *float64    `json:"departure_rate"`
	Growth        *float64    `json:"growth"`
	MeanItems     *float64    `json:"mean_items"` // L: items in it, on average over the window
	MeanVisit     *float64    `json:"mean_visit"` // W: of the visits that ended, in hours; null of fewer than MinSample
	P85Visit      *float64    `json:"p85_visit"`  // likewise
	Hours         float64     `json:"hours"`      // that items were in it, in the window
	Held          *float64    `json:"held_hours"` // of these, what the measure counts; null of a state that is not in progress
	Share         *float64    `json:"share"`      // of all held hours
	GrowingWeeks  int         `json:"growing_weeks"`
	GrowingShare  *float64    `json:"growing_share"` // of the weeks
	Now           int         `json:"now"`           // items in it at as_of
	Ageing        *int        `json:"ageing"`        // of these, those that are in it for longer than P85Visit
	Queue         *QueueTrend `json:"queue"`         // null of fewer than four weeks
}

// QueueTrend is where the number of items in a state at the ends of weeks goes.
type QueueTrend struct {
	Weeks     int      `json:"weeks"` // the last ones, 26 at most
	Slope     *float64 `json:"slope"` // items each week, of Theil and Sen
	P         *float64 `json:"p"`     // of the test of Mann and Kendall, two-sided
	Direction string   `json:"direction"`
}

// Suspect is a state that may be the constraint, with the evidence.
type Suspect struct {
	State        string   `json:"state"`
	InFrontOf    *string  `json:"in_front_of"` // the state that works off this queue; null of one that is no queue
	Share        *float64 `json:"share"`
	GrowingWeeks int      `json:"growing_weeks"`
	GrowingShare *float64 `json:"growing_share"`
	Growth       *float64 `json:"growth"`
	MeanVisit    *float64 `json:"mean_visit"`
	P85Visit     *float64 `json:"p85_visit"`
	Ageing       *int     `json:"ageing"`
	// Leads is the share of the draws in which it has the largest share, and
	// Confidence of those in which it is the constraint.
	Leads      *float64 `json:"leads"`
	Confidence *float64 `json:"confidence"`
	Evidence   string   `json:"evidence"` // in a sentence
}

const bottleneckConvention = "Of each state in progress: the share of the time that items waited in it in the window, over all states in progress " +
	"(where no state is a wait state: of the time that they were in it). The constraint is the state with the largest share, if in at least half of the weeks more items arrived in it than left; " +
	"a queue stands in front of what holds it up. Arrivals and departures are visits that began and ended in the window, those of items that were withdrawn too; a flag in a state that is no wait state is waiting. " +
	"Confidence: of 500 samples of weeks, drawn with replacement, the share in which the state is the constraint again."

// bottleneck looks for the constraint (Goldratt's theory of constraints: the
// largest growing queue stands in front of it) among the states in progress.
func bottleneck(c *calc) Bottleneck {
	l := c.loads()
	m := Bottleneck{
		Unit: unitHours, Measure: MeasureTime, WaitStates: c.waitStates(), Weeks: len(l.weeks), States: l.states(c), Seed: c.q.Seed,
	}
	if m.WaitStates.State == OK {
		m.Measure = MeasureWaiting
	}
	m.Basis = basisOf(bottleneckConvention, l.seen, MinSample, c.config.missing(true, true), "No work item was in progress in the window.")
	order := suspects(m.States)
	switch {
	case m.State == OK && len(l.weeks) < minTrend:
		m.State, m.Reason = InsufficientData, "The window has fewer than four weeks, and whether a queue grows is told by the week."
	case m.State == OK && len(order) == 0:
		m.State, m.Reason = NoData, "No item waited in the window."
	}
	m.Explain = l.explain(c)
	relieved := -1
	if m.State == OK {
		m.Draws = bottleneckDraws
		m.accuse(c, l, order)
		relieved = order[0]
	}
	m.Relief = relief(c, l, relieved)
	m.Waiting = splitWaiting(c, l)
	return m
}

// waitStates says which of the states in progress are wait states.
func (c *calc) waitStates() WaitStates {
	w := WaitStates{State: OK, Names: []string{}}
	for s := range c.config.States {
		if c.config.doing(s) && c.config.waits(s) {
			w.Names = append(w.Names, c.config.States[s].Name)
		}
	}
	if w.Reason = c.config.missingWait(); w.Reason != "" {
		w.State = NotConfigured
	}
	return w
}

// states tells the loads.
func (l *loads) states(c *calc) []StateLoad {
	states := make([]StateLoad, len(l.of))
	total := l.held(c)
	for s := range l.of {
		states[s] = l.state(c, s, total)
	}
	return states
}

func (l *loads) state(c *calc, s int, total float64) StateLoad {
	o := &l.of[s]
	m := StateLoad{
		State: c.config.States[s].Name, InProgress: c.config.doing(s), Wait: c.config.States[s].Wait,
		Arrivals: o.arrivals, Departures: len(o.visits), Hours: *number(o.spent.hours()), Now: len(o.open),
	}
	if long := hours(c.to - c.from); long > 0 {
		days := long / 24
		m.ArrivalRate, m.DepartureRate = number(float64(m.Arrivals)/days), number(float64(m.Departures)/days)
		m.Growth, m.MeanItems = number(float64(m.Arrivals-m.Departures)/days), number(o.spent.hours()/long)
	}
	if len(o.visits) >= MinSample {
		p85 := stat.PercentileOf(o.visits, 0.85)
		m.MeanVisit, m.P85Visit = number(o.long.hours()/float64(len(o.visits))), number(p85/float64(hour))
		ageing := 0
		for _, age := range o.open {
			if float64(age) > p85 {
				ageing++
			}
		}
		m.Ageing = &ageing
	}
	if m.InProgress {
		m.Held = number(o.held().hours())
		if total > 0 {
			m.Share = number(o.held().hours() / total)
		}
	}
	for w := range l.weeks {
		if o.in[w] > o.out[w] {
			m.GrowingWeeks++
		}
	}
	m.GrowingShare, m.Queue = share(m.GrowingWeeks, len(l.weeks)), o.trend()
	return m
}

// queueWeeks is how many weeks a queue's trend is of at most: it is where the
// queue goes now.
const queueWeeks = 26

// trend returns where a state's queue goes.
func (o *load) trend() *QueueTrend {
	if len(o.in) < minTrend {
		return nil
	}
	queue, weeks := make([]float64, len(o.in)), make([]float64, len(o.in))
	n := o.before
	for w := range o.in {
		n += o.in[w] - o.out[w]
		queue[w], weeks[w] = float64(n), float64(w)
	}
	queue, weeks = queue[max(0, len(queue)-queueWeeks):], weeks[max(0, len(weeks)-queueWeeks):]
	line, _ := stat.TheilSen(weeks, queue)
	test, _ := stat.MannKendall(queue)
	middle := stat.PercentileOf(queue, 0.5)
	return &QueueTrend{Weeks: len(weeks), Slope: number(line.Slope), P: number(test.P), Direction: direction(line.Slope, test.P, middle)}
}

// explain lists the visits that the window touches, and those that are open at
// as_of: every number of a state is of them.
func (l *loads) explain(c *calc) *Explain {
	const metric = "bottlenecks"
	if !c.q.Explain.Wants(metric) {
		return nil
	}
	type visit struct{ flow, stay int }
	visits := []visit{}
	for i := range c.flows {
		for j := range c.flows[i].stays {
			if s := &c.flows[i].stays[j]; s.open || s.from < c.to && s.to >= c.from {
				visits = append(visits, visit{i, j})
			}
		}
	}
	return c.q.explained(metric, len(visits), func(i int) ExplainedRow {
		f := &c.flows[visits[i].flow]
		s := &f.stays[visits[i].stay]
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, Group: c.config.States[s.state].Name, From: instant(s.from), Value: number(hours(s.to - s.from))}
		if !s.open {
			row.To = instant(s.to)
		}
		row.Parts = l.parts(c, f, s)
		return row
	})
}

// parts are the hours of a visit: those in the window, those that were held, in
// it and at all, and those in which nobody had the item. What was held of a
// visit that was not held as a whole is told by the week, too.
func (l *loads) parts(c *calc, f *flow, s *stay) map[string]float64 {
	var whole, held, unassigned facts.Time
	weeks := map[string]facts.Time{}
	l.holds(c, f, s, func(from, to facts.Time) {
		whole += to - from
		if from, to = max(from, c.from), min(to, c.to); from >= to {
			return
		}
		held += to - from
		unassigned += unassignedIn(f.item.Assignees, from, to)
		for w := l.week(from); w <= l.week(to); w++ {
			weeks["held_hours of "+l.weeks[w].Date] += max(0, min(to, l.weeks[w].to)-max(from, l.weeks[w].from))
		}
	})
	parts := map[string]float64{
		"hours_in_window": *number(hours(max(0, min(s.to, c.to)-max(s.from, c.from)))),
		"held_hours":      *number(hours(held)), "unassigned_hours": *number(hours(unassigned)), "held_hours_of_visit": *number(hours(whole)),
	}
	if whole < s.to-s.from {
		for week, held := range weeks {
			parts[week] = *number(hours(held))
		}
	}
	return parts
}

// evidence puts a suspect's numbers into a sentence.
func (s *Suspect) evidence(weeks int, measure string) string {
	what := "of the time that items waited"
	if measure == MeasureTime {
		what = "of the time that items were in progress"
	}
	parts := []string{fmt.Sprintf("%.0f %% %s was in %q", *s.Share*100, what, s.State)}
	parts = append(parts, fmt.Sprintf("in %d of %d weeks more items arrived there than left", s.GrowingWeeks, weeks))
	if s.Ageing != nil && *s.Ageing > 0 {
		parts = append(parts, fmt.Sprintf("%d of the items there are there for longer than 85 %% of the visits took", *s.Ageing))
	}
	return strings.Join(parts, "; ") + "."
}
