package mining

import "slices"

// fallThrough finds a model of a log that no cut divides, the most precise that
// there is first.
func (m *inductiveMiner) fallThrough(l *sublog) *Tree {
	if a := l.oncePerTrace(); a >= 0 {
		return m.beside(l, a)
	}
	if a := m.concurrent(l); a >= 0 {
		return m.beside(l, a)
	}
	r := l.relation()
	turns := l.split(func(before, after int32) bool { return r.ends[before] && r.starts[after] })
	if turns == nil {
		turns = l.split(func(_, after int32) bool { return r.starts[after] })
	}
	if turns == nil {
		return m.flower(l)
	}
	return node(LoopNode, m.mine(turns), &Tree{Kind: SilentNode})
}

// oncePerTrace returns the first activity that happens exactly once in every
// trace, -1 for none.
func (l *sublog) oncePerTrace() int {
	if len(l.activities) < 2 {
		return -1
	}
	once := slices.Repeat([]bool{true}, len(l.activities))
	times := make([]int, len(l.activities))
	l.each(func(trace []int32) {
		for _, a := range trace {
			times[a]++
		}
		for a := range times {
			once[a] = once[a] && times[a] == 1
			times[a] = 0
		}
	})
	return slices.Index(once, true)
}

// concurrent returns the first activity without which there is a cut, -1 for
// none.
func (m *inductiveMiner) concurrent(l *sublog) int {
	n := len(l.activities)
	if n < 2 || n > lookedApart {
		m.simplified = m.simplified || n > lookedApart
		return -1
	}
	m.work -= len(l.flat) + n*n*n/8
	past := l.past()
	r := l.relation()
	for a := range n {
		if _, ok := r.without(a, past[a]).findCut(); ok {
			return a
		}
	}
	return -1
}

// detour is what becomes of the relation without an activity: what is before it
// and behind it in traces is then next to each other.
type detour struct {
	next         matrix
	starts, ends []bool
}

// past returns the detour of each activity.
func (l *sublog) past() []detour {
	n := len(l.activities)
	list := make([]detour, n)
	for a := range list {
		list[a] = detour{newMatrix(n), make([]bool, n), make([]bool, n)}
	}
	l.each(func(trace []int32) {
		for from := 0; from < len(trace); {
			to := from + 1
			for to < len(trace) && trace[to] == trace[from] {
				to++
			}
			switch d := &list[trace[from]]; {
			case from == 0 && to == len(trace):
			case from == 0:
				d.starts[trace[to]] = true
			case to == len(trace):
				d.ends[trace[from-1]] = true
			default:
				d.next.set(int(trace[from-1]), int(trace[to]))
			}
			from = to
		}
	})
	return list
}

// without returns the relation of the same log without an activity.
func (r *relation) without(activity int, d detour) *relation {
	n := r.size()
	out := &relation{next: newMatrix(n - 1), starts: make([]bool, 0, n-1), ends: make([]bool, 0, n-1)}
	number := func(i int) int {
		if i > activity {
			return i - 1
		}
		return i
	}
	for i := range n {
		if i == activity {
			continue
		}
		out.starts = append(out.starts, r.starts[i] || d.starts[i])
		out.ends = append(out.ends, r.ends[i] || d.ends[i])
		add := func(j int) {
			if j != activity {
				out.next.set(number(i), number(j))
			}
		}
		each(r.next.row(i), add)
		each(d.next.row(i), add)
	}
	out.previous = out.next.transposed()
	return out
}

// beside makes a model in which an activity happens beside all others.
func (m *inductiveMiner) beside(l *sublog, activity int) *Tree {
	parts := newGrouping(len(l.activities))
	parts.count = 2
	for a := range parts.of {
		parts.of[a] = 1
	}
	parts.of[activity] = 0
	return m.over(ParallelNode, l.divide(cut{ParallelNode, parts}))
}

// split returns the log with its traces split wherever turn says so of two
// events next to each other, and nil when that is nowhere.
func (l *sublog) split(turn func(before, after int32) bool) *sublog {
	b := newBuilder(len(l.activities))
	b.log.flat = make([]int32, 0, len(l.flat))
	found := false
	l.each(func(trace []int32) {
		for k, a := range trace {
			if k > 0 && turn(trace[k-1], a) {
				found = true
				b.end()
			}
			b.add(a)
		}
		b.end()
	})
	if !found {
		return nil
	}
	return b.within(l)
}
