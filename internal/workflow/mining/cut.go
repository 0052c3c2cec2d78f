package mining

import (
	"cmp"
	"slices"
)

// relation is what the cuts of the inductive miner look at: which activity
// follows which directly, and which ones traces begin and end with.
type relation struct {
	next, previous matrix
	starts, ends   []bool
}

// cut is a way to divide the activities of a log so that a node of the given
// kind over models of the parts is a model of the log.
type cut struct {
	kind  TreeKind
	parts grouping // of a sequence in order, of a loop the first one is what happens first
}

// findCut returns the first cut that there is, in the miner's order.
func (r *relation) findCut() (cut, bool) {
	for _, c := range []struct {
		kind TreeKind
		find func() grouping
	}{{ChoiceNode, r.choiceCut}, {SequenceNode, r.sequenceCut}, {ParallelNode, r.parallelCut}, {LoopNode, r.loopCut}} {
		if parts := c.find(); parts.count > 1 {
			return cut{c.kind, parts}, true
		}
	}
	return cut{}, false
}

func (r *relation) size() int { return r.next.size }

// choiceCut: no activity of a part is ever next to one of another part.
func (r *relation) choiceCut() grouping {
	return components(r.size(), func(i int, open []uint64) {
		next, previous := r.next.row(i), r.previous.row(i)
		for w := range open {
			open[w] &= next[w] | previous[w]
		}
	})
}

// sequenceCut: from each activity of a part every one of a later part can be
// reached, and none of an earlier one. What can be reached from each other is in
// one part, and so are two of which neither can be reached from the other.
func (r *relation) sequenceCut() grouping {
	reach := r.reachable()
	back := reach.transposed()
	g := components(r.size(), func(i int, open []uint64) {
		forth, back := reach.row(i), back.row(i)
		for w := range open {
			open[w] &= ^(forth[w] ^ back[w])
		}
	})
	if g.count < 2 {
		return g
	}
	order := g.members()
	slices.SortFunc(order, func(a, b []int) int {
		if reach.has(a[0], b[0]) {
			return -1
		}
		return 1
	})
	for p, members := range order {
		for _, i := range members {
			g.of[i] = p
		}
	}
	return r.strict(g)
}

// reachable returns what can be reached from each activity, in any number of
// steps from one.
func (r *relation) reachable() matrix {
	reach := newMatrix(r.size())
	copy(reach.bits, r.next.bits)
	for via := range r.size() { // Warshall
		through := reach.row(via)
		for i := range r.size() {
			if reach.has(i, via) {
				union(reach.row(i), through)
			}
		}
	}
	return reach
}

// strict merges parts of a sequence that can only be left out together, so that
// one choice leaves them out (the strict sequence cut of Leemans, Robust Process
// Mining with Guarantees, 2017, section 6.3).
func (r *relation) strict(g grouping) grouping {
	from, to := r.reaches(g) // the first part that leads to each, the last to which each leads
	skippable := r.skippable(g)
	into := make([]int, g.count)
	for p := range into {
		into[p] = p
	}
	for p := range into {
		if !skippable[p] {
			continue
		}
		take := func(q int) {
			for i, part := range into {
				if part == q {
					into[i] = p
				}
			}
		}
		for q := p - 1; q >= 0 && to[q] <= p; q-- {
			take(q)
		}
		for q := p + 1; q < g.count && from[q] >= p; q++ {
			take(q)
		}
	}
	for i, p := range g.of {
		g.of[i] = into[p]
	}
	g.renumber()
	return g
}

// reaches returns for each part the first one with an edge to it and the last
// one with an edge from it. What traces begin with is led to from before all
// parts, and what they end with leads behind all.
func (r *relation) reaches(g grouping) (from, to []int) {
	from, to = make([]int, g.count), make([]int, g.count)
	for p := range from {
		from[p], to[p] = g.count, -1
	}
	for i := range r.size() {
		p := g.of[i]
		if r.starts[i] {
			from[p] = -1
		}
		if r.ends[i] {
			to[p] = g.count
		}
		each(r.next.row(i), func(j int) {
			from[g.of[j]] = min(from[g.of[j]], p)
			to[p] = max(to[p], g.of[j])
		})
	}
	return from, to
}

// skippable tells for each part whether a trace goes past it: from a part before
// it, or from its beginning, to one behind it, or to its end.
func (r *relation) skippable(g grouping) []bool {
	past := make([]bool, g.count)
	skip := func(from, to int) {
		for p := from + 1; p < to; p++ {
			past[p] = true
		}
	}
	far := make([]int, g.count) // to which part each leads at most
	for i := range r.size() {
		p := g.of[i]
		if r.starts[i] {
			skip(-1, p)
		}
		if r.ends[i] {
			skip(p, g.count)
		}
		each(r.next.row(i), func(j int) { far[p] = max(far[p], g.of[j]) })
	}
	for p, q := range far {
		skip(p, q)
	}
	return past
}

// parallelCut: each activity of a part follows each of another part directly,
// both ways, and traces can begin and end in every part.
func (r *relation) parallelCut() grouping {
	g := components(r.size(), func(i int, open []uint64) {
		next, previous := r.next.row(i), r.previous.row(i)
		for w := range open {
			open[w] &^= next[w] & previous[w]
		}
	})
	if g.count < 2 {
		return g
	}
	starts, ends := make([]bool, g.count), make([]bool, g.count)
	for i, p := range g.of {
		starts[p] = starts[p] || r.starts[i]
		ends[p] = ends[p] || r.ends[i]
	}
	order := g.members()
	slices.SortStableFunc(order, func(a, b []int) int { return cmp.Compare(len(a), len(b)) })
	whole := -1 // a part with both; the smallest
	for _, members := range order {
		if p := g.of[members[0]]; whole < 0 && starts[p] && ends[p] {
			whole = p
		}
	}
	if whole < 0 {
		return grouping{of: make([]int, r.size()), count: 1}
	}
	for p := range g.count { // the others are parts of it
		if !starts[p] || !ends[p] {
			g.merge(p, whole)
		}
	}
	g.renumber()
	return g
}

// loopCut: traces begin and end in the first part, and each other part is
// entered from all ends of the first one and left to all its beginnings.
func (r *relation) loopCut() grouping {
	edge := r.edge()
	g := components(r.size(), func(i int, open []uint64) {
		if edge[i/64]&(1<<(i%64)) != 0 {
			for w := range open {
				open[w] &= edge[w]
			}
			return
		}
		next, previous := r.next.row(i), r.previous.row(i)
		for w := range open {
			open[w] &= (next[w] | previous[w]) &^ edge[w]
		}
	})
	first := -1
	each(edge, func(i int) { first = g.of[i] })
	if first > 0 { // it becomes part 0
		for i, p := range g.of {
			switch {
			case p == first:
				g.of[i] = 0
			case p < first:
				g.of[i]++
			}
		}
	}
	for i, p := range g.of {
		if p > 0 && !r.repeatable(i) {
			g.merge(p, 0)
		}
	}
	g.renumber()
	return g
}

// edge returns what traces begin or end with.
func (r *relation) edge() []uint64 {
	edge := make([]uint64, r.next.words)
	for i := range r.size() {
		if r.starts[i] || r.ends[i] {
			edge[i/64] |= 1 << (i % 64)
		}
	}
	return edge
}

// repeatable reports whether an activity can be of what happens between two
// turns of a loop: nothing leads to it but ends, from it leads nothing but to
// beginnings, and if one of them then all. What is between it and others of its
// part is not looked at.
func (r *relation) repeatable(i int) bool {
	entered, left := false, false
	for a := range r.size() {
		into, outOf := r.next.has(a, i), r.next.has(i, a)
		if into && r.starts[a] && !r.ends[a] || outOf && r.ends[a] && !r.starts[a] {
			return false
		}
		entered = entered || into && r.ends[a]
		left = left || outOf && r.starts[a]
	}
	for a := range r.size() {
		if entered && r.ends[a] && !r.next.has(a, i) || left && r.starts[a] && !r.next.has(i, a) {
			return false
		}
	}
	return true
}
