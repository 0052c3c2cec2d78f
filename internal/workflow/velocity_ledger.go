package workflow

import "github.com/rampforgeai/rampforge/internal/workflow/facts"

// walker reads what one item was at each moment of one sprint.
type walker struct {
	f          *flow
	ended      []bool // of states
	sprint     facts.Symbol
	start, end facts.Time
	// The next stay and estimate that begin after the moment that was read.
	stay, estimate int
	done           bool
	points         float64
	known          bool // it is estimated
	old            bool // done since before the sprint began
}

// walk fills the pair with what became of an item in a sprint that lasts from
// start to end. The ledger is kept as a book is: what enters is written down
// with its points at that moment, and so is what leaves and every change
// between, so that its two sides are equal for any history. It reports whether
// the item was in the sprint at all.
func (w *walker) walk(p *pair) bool {
	w.stay, w.estimate, w.done, w.points, w.known = 0, 0, false, 0, false
	if e := w.f.item.Estimates; len(e) > 0 { // the first holds from the creation
		w.points, w.known = valueOf(&e[0]), e[0].Known
	}
	w.read(w.start)
	w.old = w.done
	in := w.inScope(w.start)
	found := in || w.old && w.member(w.start)
	atStart := 0.0
	if in {
		atStart = w.points
		p.points.committed, p.items.committed = w.points, 1
	}
	committed := in
	for at := w.next(w.start); at <= w.end; at = w.next(at) {
		before := w.points
		w.read(at)
		was := in
		in = w.inScope(at)
		switch {
		case in && was:
			p.points.change += w.points - before
		case in:
			p.points.added += w.points
			p.items.added++
		case was:
			p.points.removed += before
			p.items.removed++
		}
		found = found || in || w.old && w.member(at)
	}
	w.close(p, in, committed, atStart)
	return found
}

// close writes down what the item was when the sprint ended.
func (w *walker) close(p *pair, in, committed bool, atStart float64) {
	switch {
	case in && w.done:
		p.points.completed, p.items.completed = w.points, 1
		if committed {
			p.points.kept, p.items.kept = atStart, 1
		}
	case in:
		p.points.carried, p.items.carried = w.points, 1
	case w.old && w.member(w.end) && !w.gone(w.end):
		p.points.outside, p.items.outside = w.points, 1
	}
	p.unestimated = in && !w.known
}

// read moves on to a moment. What changed at the moment itself counts.
func (w *walker) read(at facts.Time) {
	for ; w.stay < len(w.f.stays) && w.f.stays[w.stay].from <= at; w.stay++ {
		w.done = w.ended[w.f.stays[w.stay].state]
	}
	w.old = w.old && w.done // what was reopened for no time was not
	for e := w.f.item.Estimates; w.estimate < len(e) && e[w.estimate].At <= at; w.estimate++ {
		w.points, w.known = valueOf(&e[w.estimate]), e[w.estimate].Known
	}
}

func valueOf(e *facts.Estimate) float64 {
	if !e.Known {
		return 0
	}
	return e.Value
}

// next returns the first moment after at when something of the item changes;
// never is none. What was in the sprint until its end is in it at its end: a
// tracker moves what is open on to the next sprint when it closes one.
func (w *walker) next(at facts.Time) facts.Time {
	first := never
	if w.stay < len(w.f.stays) {
		first = w.f.stays[w.stay].from
	}
	if e := w.f.item.Estimates; w.estimate < len(e) {
		first = min(first, e[w.estimate].At)
	}
	for i := range w.f.item.Sprints {
		m := &w.f.item.Sprints[i]
		if m.Sprint != w.sprint {
			continue
		}
		if m.From > at && m.From < w.end {
			first = min(first, m.From)
		}
		if m.To > at && m.To < w.end {
			first = min(first, m.To)
		}
	}
	return first
}

// member reports whether the item was in the sprint at a moment from its start
// to its end.
func (w *walker) member(at facts.Time) bool {
	for i := range w.f.item.Sprints {
		m := &w.f.item.Sprints[i]
		if m.Sprint == w.sprint && m.From <= at && m.From < w.end && (m.To == 0 || at < m.To || at == w.end && m.To == w.end) {
			return true
		}
	}
	return false
}

// gone reports whether the item was withdrawn by a moment: it was when a stay
// began, so that this is no moment of its own.
func (w *walker) gone(at facts.Time) bool { return w.f.withdrawn && w.f.left <= at }

func (w *walker) inScope(at facts.Time) bool { return w.member(at) && !w.old && !w.gone(at) }
