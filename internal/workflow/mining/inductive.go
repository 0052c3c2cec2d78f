package mining

import (
	"fmt"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// InductiveModel is the model that the Inductive Miner finds (Leemans, Fahland
// and van der Aalst, 2013; Leemans, Robust Process Mining with Guarantees,
// 2017), without its filter for noise: the model is sound, and every case of
// the log fits it.
type InductiveModel struct {
	basis.Basis // Reason may also say why the model is simplified

	Tree *Tree  `json:"tree"` // null when there is none
	Text string `json:"text"` // the tree as the literature writes it; "" when there is none
	// Simplified says that some part of the log was too much to look for its
	// structure: there, the model lets everything happen in any order.
	Simplified bool `json:"simplified"`
}

const (
	// modelled is for how many activities a model is looked for. Nobody could
	// read one of more.
	modelled = 500
	// lookedApart is for how many activities of a part of the log each is tried
	// as one that goes beside all others.
	lookedApart = 100
)

// inductive finds the model of a log's variants.
func (e *events) inductive(list []variant, limits Limits) InductiveModel {
	out := InductiveModel{Basis: basis.Basis{State: basis.OK, N: len(e.log.Traces), Convention: "Inductive Miner without a filter for noise: every case fits the model"}}
	switch {
	case len(e.names) == 0:
		out.State, out.Reason = basis.NoData, "Nothing happened in any case."
		return out
	case len(e.names) > modelled:
		out.State = basis.InsufficientData
		out.Reason = fmt.Sprintf("Nobody could read a model of %d activities: one is made of %d at most.", len(e.names), modelled)
		return out
	}
	m := &inductiveMiner{names: e.names, work: limits.Work}
	out.Tree = m.mine(e.sublog(list))
	out.Text, out.Simplified = out.Tree.String(), m.simplified
	if m.simplified {
		out.Reason = "There are too many different cases or activities: parts of the model let everything happen in any order."
	}
	return out
}

// sublog is a part of a log: different traces of a few activities, which have
// numbers of its own.
type sublog struct {
	activities []int32 // the log's numbers of them, ascending
	flat       []int32 // traces, one after the other
	ends       []int   // where each ends
	empty      bool    // there is a trace without an event, besides those
}

// sublog returns the whole log.
func (e *events) sublog(list []variant) *sublog {
	l := &sublog{activities: make([]int32, len(e.names))}
	for a := range l.activities {
		l.activities[a] = int32(a)
	}
	for _, v := range list {
		if len(v.activities) == 0 {
			l.empty = true
			continue
		}
		l.flat = append(l.flat, v.activities...)
		l.ends = append(l.ends, len(l.flat))
	}
	return l
}

// each calls f with every trace.
func (l *sublog) each(f func(trace []int32)) {
	start := 0
	for _, end := range l.ends {
		f(l.flat[start:end])
		start = end
	}
}

// builder makes a sublog of traces, each of which it takes once.
type builder struct {
	size  int // of the numbers of activities
	log   sublog
	start int // of the trace that is not ended
	seen  sequences
}

func newBuilder(size int) *builder { return &builder{size: size} }

func (b *builder) add(activity int32) { b.log.flat = append(b.log.flat, activity) }

// end ends a trace.
func (b *builder) end() {
	trace := b.log.flat[b.start:]
	if len(trace) == 0 {
		b.log.empty = true
		return
	}
	if _, added := b.seen.place(trace, b.trace); !added {
		b.log.flat = b.log.flat[:b.start]
		return
	}
	b.start = len(b.log.flat)
	b.log.ends = append(b.log.ends, b.start)
}

func (b *builder) trace(i int32) []int32 {
	if i == 0 {
		return b.log.flat[:b.log.ends[0]]
	}
	return b.log.flat[b.log.ends[i-1]:b.log.ends[i]]
}

// sublog returns what was built; activities gets the numbers that it was given.
func (b *builder) sublog() *sublog {
	local := make([]int32, b.size)
	for _, a := range b.log.flat {
		local[a] = 1
	}
	for a, used := range local {
		if used == 1 {
			local[a] = int32(len(b.log.activities)) //nolint:gosec // activities have numbers of 32 bits
			b.log.activities = append(b.log.activities, int32(a))
		}
	}
	for i, a := range b.log.flat {
		b.log.flat[i] = local[a]
	}
	return &b.log
}

// within gives a sublog that was built of another one's numbers the log's.
func (b *builder) within(l *sublog) *sublog {
	part := b.sublog()
	for i, a := range part.activities {
		part.activities[i] = l.activities[a]
	}
	return part
}

// inductiveMiner finds the model of a log by dividing it.
type inductiveMiner struct {
	names      []string
	work       int // that is left: events and pairs of activities to look at
	simplified bool
}

// mine returns a model that every trace of a part of the log fits.
func (m *inductiveMiner) mine(l *sublog) *Tree {
	switch {
	case len(l.ends) == 0:
		return &Tree{Kind: SilentNode}
	case l.empty:
		rest := *l
		rest.empty = false
		return node(ChoiceNode, &Tree{Kind: SilentNode}, m.mine(&rest))
	case len(l.flat) == 1: // one activity, once
		return m.leaf(l, 0)
	}
	m.work -= len(l.flat) + len(l.activities)*len(l.activities)
	if m.work < 0 {
		m.simplified = true
		return m.flower(l)
	}
	if c, ok := l.relation().findCut(); ok {
		return m.over(c.kind, l.divide(c))
	}
	return m.fallThrough(l)
}

func (m *inductiveMiner) leaf(l *sublog, activity int) *Tree {
	return &Tree{Kind: ActivityNode, Name: m.names[l.activities[activity]]}
}

// over makes a node over the models of parts of a log.
func (m *inductiveMiner) over(kind TreeKind, parts []*sublog) *Tree {
	children := make([]*Tree, len(parts))
	for i, part := range parts {
		children[i] = m.mine(part)
	}
	return node(kind, children...)
}

// flower is the model that everything fits: any of the activities, and again.
func (m *inductiveMiner) flower(l *sublog) *Tree {
	leaves := make([]*Tree, len(l.activities))
	for i := range leaves {
		leaves[i] = m.leaf(l, i)
	}
	return node(LoopNode, node(ChoiceNode, leaves...), &Tree{Kind: SilentNode})
}

func (l *sublog) relation() *relation {
	n := len(l.activities)
	r := &relation{next: newMatrix(n), starts: make([]bool, n), ends: make([]bool, n)}
	l.each(func(trace []int32) {
		r.starts[trace[0]] = true
		r.ends[trace[len(trace)-1]] = true
		for k := 1; k < len(trace); k++ {
			r.next.set(int(trace[k-1]), int(trace[k]))
		}
	})
	r.previous = r.next.transposed()
	return r
}

// divide gives each part of a cut its log.
func (l *sublog) divide(c cut) []*sublog {
	builders := make([]*builder, c.parts.count)
	events := make([]int, len(builders))
	for _, a := range l.flat {
		events[c.parts.of[a]]++
	}
	for i := range builders {
		builders[i] = newBuilder(len(l.activities))
		builders[i].log.flat = make([]int32, 0, events[i])
	}
	l.each(func(trace []int32) {
		if c.kind == LoopNode {
			divideLoop(builders, c.parts.of, trace)
			return
		}
		for _, a := range trace {
			builders[c.parts.of[a]].add(a)
		}
		if c.kind == ChoiceNode {
			builders[c.parts.of[trace[0]]].end()
			return
		}
		for _, b := range builders { // one without an event may be left out
			b.end()
		}
	})
	parts := make([]*sublog, len(builders))
	for i, b := range builders {
		parts[i] = b.within(l)
	}
	return parts
}

// divideLoop gives each turn of a loop, and what is between turns, to its part.
// A trace begins and ends with a turn, and no two parts but the first are next
// to each other, so turns and the rest alternate.
func divideLoop(builders []*builder, part []int, trace []int32) {
	for k, a := range trace {
		if k > 0 && part[a] != part[trace[k-1]] {
			builders[part[trace[k-1]]].end()
		}
		builders[part[a]].add(a)
	}
	builders[part[trace[len(trace)-1]]].end()
}
