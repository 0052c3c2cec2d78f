package workflow

import "github.com/rampforgeai/rampforge/internal/workflow/facts"

// loads is what each state took in, held and let go in the window, by the week.
type loads struct {
	weeks  []Step
	byWeek *series
	of     []load // of states
	seen   int    // visits to states in progress that the window touches
	waited int    // visits of which something is held in the window

	unassigned amount // of the time held in states in progress

	lookedUp facts.Time // the last moment whose week was
	found    int
}

// load is that of a state.
type load struct {
	arrivals int
	before   int          // items in it when the window began
	in, out  []int        // by week
	visits   []facts.Time // how long those were that ended
	long     amount       // the sum of visits
	heldLong amount       // of that, what was held
	open     []facts.Time // how long items are in it at as_of
	spent    spread       // the time in it
	flagged  spread       // of that, while flagged, where only that is held
	all      bool         // all of spent is held
}

// spread is time by the week. A stay of many weeks is written down in its first
// and last week; the weeks between are counted where they begin and end.
type spread struct {
	parts []facts.Time
	whole []int // weeks from here on that are whole ones
	weeks []Step
}

func newSpread(weeks []Step) spread {
	return spread{parts: make([]facts.Time, len(weeks)), whole: make([]int, len(weeks)+1), weeks: weeks}
}

// add writes down the time from one moment to another, in the weeks a and b.
func (s *spread) add(from, to facts.Time, a, b int) {
	if a == b {
		s.parts[a] += to - from
		return
	}
	s.parts[a] += s.weeks[a].to - from
	s.parts[b] += to - s.weeks[b].from
	s.whole[a+1]++
	s.whole[b]--
}

// byWeek returns the sum of each week.
func (s *spread) byWeek() []facts.Time {
	sums := make([]facts.Time, len(s.parts))
	whole := facts.Time(0)
	for w := range sums {
		whole += facts.Time(s.whole[w])
		sums[w] = s.parts[w] + whole*(s.weeks[w].to-s.weeks[w].from)
	}
	return sums
}

// hours returns the sum of all weeks.
func (s *spread) hours() float64 {
	var sum amount
	for _, week := range s.byWeek() {
		sum.add(week)
	}
	return sum.hours()
}

// held is the time that the measure counts.
func (o *load) held() *spread {
	if o.all {
		return &o.spent
	}
	return &o.flagged
}

// held returns the hours that are held in all states in progress.
func (l *loads) held(c *calc) float64 {
	total := 0.0
	for s := range l.of {
		if c.config.doing(s) {
			total += l.of[s].held().hours()
		}
	}
	return total
}

// loads follows every item through the window.
func (c *calc) loads() *loads {
	l := &loads{of: make([]load, len(c.config.States)), lookedUp: c.from}
	if c.from < c.to {
		l.byWeek = c.days.series(c.from, c.to, ByWeek)
		l.weeks = l.byWeek.steps
	}
	anyWait := c.config.missingWait() == ""
	for s := range l.of {
		o := &l.of[s]
		o.in, o.out = make([]int, len(l.weeks)), make([]int, len(l.weeks))
		o.spent, o.flagged = newSpread(l.weeks), newSpread(l.weeks)
		o.all = !anyWait || c.config.waits(s)
	}
	l.reserve(c)
	for i := range c.flows {
		f := &c.flows[i]
		for j := range f.stays {
			l.visit(c, f, &f.stays[j])
		}
	}
	return l
}

// reserve makes room for the visits of each state: to grow for a million of them
// takes as long as to count them.
func (l *loads) reserve(c *calc) {
	ended, open := make([]int, len(l.of)), make([]int, len(l.of))
	for i := range c.flows {
		for j := range c.flows[i].stays {
			switch s := &c.flows[i].stays[j]; {
			case s.open:
				open[s.state]++
			case s.to >= c.from && s.to < c.to:
				ended[s.state]++
			}
		}
	}
	for s := range l.of {
		l.of[s].visits, l.of[s].open = make([]facts.Time, 0, ended[s]), make([]facts.Time, 0, open[s])
	}
}

// visit writes down a stay.
func (l *loads) visit(c *calc, f *flow, s *stay) {
	o := &l.of[s.state]
	if s.open {
		o.open = append(o.open, c.asOf-s.from)
	}
	if s.from >= c.to || s.to < c.from || len(l.weeks) == 0 {
		return
	}
	doing := c.config.doing(s.state)
	if doing {
		l.seen++
	}
	from, to := max(s.from, c.from), min(s.to, c.to)
	a, b := l.week(from), l.week(to)
	o.spent.add(from, to, a, b)
	if s.from >= c.from {
		o.arrivals++
		o.in[a]++
	} else {
		o.before++
	}
	ended := !s.open && s.to < c.to
	if ended {
		o.out[b]++
		o.visits = append(o.visits, s.to-s.from)
		o.long.add(s.to - s.from)
	}
	if doing {
		l.hold(c, f, s, ended)
	}
}

// hold writes down of a stay what the measure counts.
func (l *loads) hold(c *calc, f *flow, s *stay, ended bool) {
	o, waited := &l.of[s.state], 0
	l.holds(c, f, s, func(from, to facts.Time) {
		if ended {
			o.heldLong.add(to - from)
		}
		if from, to = max(from, c.from), min(to, c.to); from >= to {
			return
		}
		waited = 1
		if !o.all {
			o.flagged.add(from, to, l.week(from), l.week(to))
		}
		l.unassigned.add(unassignedIn(f.item.Assignees, from, to))
	})
	l.waited += waited
}

// holds calls visit with the times of a stay that the measure counts: all of it,
// or those in which the item was flagged. States that are not in progress have
// none.
func (l *loads) holds(c *calc, f *flow, s *stay, visit func(from, to facts.Time)) {
	switch {
	case !c.config.doing(s.state):
	case l.of[s.state].all:
		visit(s.from, s.to)
	default:
		from := s.from
		for _, flag := range f.item.Flags {
			end := s.to
			if flag.To != 0 {
				end = min(end, flag.To)
			}
			if begin := max(from, flag.From); begin < end {
				visit(begin, end)
				from = end
			}
		}
	}
}

// week returns the index of the week of a moment of the window; its end is in
// the last.
func (l *loads) week(at facts.Time) int {
	if at != l.lookedUp { // a stay begins where the one before ended
		l.lookedUp, l.found = at, min(l.byWeek.of(at), len(l.weeks)-1)
	}
	return l.found
}

// unassignedIn returns how long nobody had an item between two moments.
// Assignments are in the order in which they began; several people may have it.
func unassignedIn(assignees []facts.Assignment, from, to facts.Time) facts.Time {
	sum := facts.Time(0)
	for i := range assignees {
		a := &assignees[i]
		if a.From >= to {
			break
		}
		sum += max(0, a.From-from)
		if a.To == 0 {
			return sum
		}
		from = max(from, a.To)
	}
	return sum + max(0, to-from)
}
