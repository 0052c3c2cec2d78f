package workflow

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// calc is what every metric reads: the facts as they were known at a moment,
// with the states of the project's workflow in the place of the trackers'
// statuses. It is not changed once it is made.
type calc struct {
	log    *facts.Log
	config *Config
	q      *Query
	from   facts.Time // of the window: what ended at or after it
	to     facts.Time // and before it counts; never after asOf
	asOf   facts.Time // nothing is known of what happened after it
	flows  []flow     // of the items that count, in the log's order
	done   []*flow    // those that were finished in the window
	days   *zoned     // the project's
	series *series    // of the window, in the granularity that was asked for
}

// flow is the life of one work item until asOf.
type flow struct {
	item  *facts.Item
	stays []stay // oldest first

	created facts.Time
	// started is when the item first entered the commitment state or a later one;
	// 0 is not yet, or that the workflow has no commitment state.
	started facts.Time
	// finished is when it last entered done, and it is done since; 0 is not. An
	// item that was withdrawn is never finished.
	finished facts.Time
	// left is when it left the work: finished, or withdrawn; 0 is not yet. Work in
	// progress are the items with started ≤ t < left.
	left      facts.Time
	withdrawn bool // or an imported case that ended in a state that is not done

	now      int // the state at asOf, -1 is none
	reopened int // how often it left done
	rework   int // how often it moved back after work had begun; a reopening is one
}

// stay is an unbroken time in a state. Statuses of one state are one stay; in
// an imported log each event is a stay of its own.
type stay struct {
	state    int
	from, to facts.Time // to is asOf while the item is there
	open     bool       // it is still there at asOf
}

// newCalc follows every item that counts until the query's moment. Items that
// are created later, are of an excluded type or of a type that was not asked
// for are left out.
func newCalc(log *facts.Log, config *Config, q *Query) *calc {
	c := &calc{log: log, config: config, q: q, from: facts.Bound(q.From), to: facts.Bound(q.To), asOf: facts.At(q.AsOf)}
	c.to = min(c.to, c.asOf)
	c.from = min(c.from, c.to)
	var (
		counted   = c.symbols(c.countedType)
		withdrawn = c.symbols(func(text string) bool { return text != "" && config.Withdrawn[strings.ToLower(text)] })
		half      = len(log.Items) / 2
		second    []flow
		wait      parallel.Group
	)
	wait.Go(func() { second = c.follow(log.Items[half:], counted, withdrawn) })
	c.flows = c.follow(log.Items[:half], counted, withdrawn)
	wait.Wait()
	c.flows = append(c.flows, second...)
	earliest := c.to
	for i := range c.flows {
		if at := c.flows[i].created; at != 0 {
			earliest = min(earliest, at)
		}
	}
	if q.From.IsZero() {
		c.from = earliest
	}
	for i := range c.flows {
		if f := &c.flows[i]; c.finishedIn(f) {
			c.done = append(c.done, f)
		}
	}
	c.days = newCalendar(config.Zone, min(earliest, c.from), c.asOf)
	c.series = c.days.series(c.from, c.to, q.Granularity)
	return c
}

// symbols returns for each symbol whether a condition holds for its text, asked
// once for each text that an item's type or resolution is.
func (c *calc) symbols(holds func(text string) bool) func(facts.Symbol) bool {
	answers := make([]bool, c.log.Symbols.Len())
	asked := make([]bool, len(answers))
	for i := range c.log.Items {
		for _, s := range [...]facts.Symbol{c.log.Items[i].Type, c.log.Items[i].Resolution} {
			if !asked[s] {
				asked[s], answers[s] = true, holds(c.log.Symbols.Text(s))
			}
		}
	}
	return func(s facts.Symbol) bool { return answers[s] }
}

func (c *calc) countedType(name string) bool {
	if c.config.ExcludedTypes[name] {
		return false
	}
	return len(c.q.Types) == 0 || slices.Contains(c.q.Types, name)
}

// follow returns the lives of items. All stays of them lie in one piece of
// memory: an allocation for each item would take longer than the rest.
func (c *calc) follow(items []facts.Item, counted, withdrawn func(facts.Symbol) bool) []flow {
	visits := 0
	for i := range items {
		visits += len(items[i].Visits)
	}
	stays := make([]stay, 0, visits)
	flows := make([]flow, 0, len(items))
	for i := range items {
		item := &items[i]
		created := item.Created
		if created == 0 && len(item.Visits) > 0 {
			created = item.Visits[0].At
		}
		if created > c.asOf || !counted(item.Type) {
			continue
		}
		first := len(stays)
		stays = c.stays(item, created, stays)
		f := flow{item: item, stays: stays[first:len(stays):len(stays)], created: created, now: -1}
		c.walk(&f)
		c.end(&f)
		c.withdraw(&f, withdrawn(item.Resolution))
		flows = append(flows, f)
	}
	return flows
}

// stays appends where an item was until asOf. Clocks that run backwards give no
// negative stay: an event from before the creation is one at the creation.
func (c *calc) stays(item *facts.Item, created facts.Time, to []stay) []stay {
	first, earliest := len(to), created
	whole := true
	for _, v := range item.Visits {
		if v.At > c.asOf {
			whole = false
			break
		}
		state := c.config.StateOf(v.Status)
		last := len(to) - 1
		if state < 0 || last >= first && to[last].state == state && !item.Imported {
			continue
		}
		earliest = max(earliest, v.At)
		if last >= first {
			to[last].to, to[last].open = earliest, false
		}
		to = append(to, stay{state: state, from: earliest, to: c.asOf, open: true})
	}
	if last := len(to) - 1; item.Imported && whole && last >= first {
		to[last].to, to[last].open = to[last].from, false // its last event ends the case
	}
	return to
}

// walk reads from the stays when work began and ended, and what went back.
func (c *calc) walk(f *flow) {
	before := -1
	for i := range f.stays {
		s := &f.stays[i]
		ended, wasEnded := c.config.ended[s.state], before >= 0 && c.config.ended[before]
		if f.started == 0 && c.config.Commitment >= 0 && c.config.begun(s.state) {
			f.started = s.from
		}
		switch {
		case ended && !wasEnded:
			f.left = s.from
		case !ended && wasEnded:
			f.left = 0
			f.reopened++
		}
		if !ended && (wasEnded || s.state < before && c.config.begun(before)) {
			f.rework++
		}
		before = s.state
	}
	f.now = before
	f.finished = f.left
}

// end takes an imported case out of the work with its last event: in a state that
// is not done nobody finished it, and it is as one that was withdrawn.
func (c *calc) end(f *flow) {
	if last := len(f.stays) - 1; last >= 0 && f.left == 0 && !f.stays[last].open {
		f.left, f.finished, f.withdrawn = f.stays[last].from, 0, true
	}
}

// withdraw takes an item out of what is finished when it was closed without
// being done. Its resolution is the one it has now: it says nothing of an item
// that was still at work at asOf. In a state that nobody places it does: such a
// state may well be the tracker's own way of closing.
func (c *calc) withdraw(f *flow, withdrawn bool) {
	if !withdrawn || f.now < 0 {
		return
	}
	if f.left == 0 {
		if c.config.States[f.now].Category != rampforge.StatusUnknown || c.config.doing(f.now) {
			return
		}
		f.left = f.stays[len(f.stays)-1].from
	}
	f.withdrawn, f.finished = true, 0
}

// finishedIn reports whether an item was finished in the window.
func (c *calc) finishedIn(f *flow) bool {
	return f.finished != 0 && f.finished >= c.from && f.finished < c.to
}

// inProgress reports whether an item was in progress at a moment.
func (f *flow) inProgress(at facts.Time) bool {
	return f.started != 0 && f.started <= at && (f.left == 0 || at < f.left)
}
