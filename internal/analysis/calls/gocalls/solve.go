package gocalls

import (
	"cmp"
	"slices"
)

// The confidence of edges, in percent: what the rules of the language say, what
// a method of an interface or a function value may be, by how many may be meant,
// and the same of code that nothing in the tree runs.
const (
	certain       = 100
	maxCandidates = 300 // of more none is named
	unreached     = 2   // divides the confidence
)

// confidenceOf says how sure one of n candidates is.
func confidenceOf(n int, value bool) int {
	base := 95
	if value {
		base = 70 // equal signatures say less than an interface
	}
	switch {
	case n <= 1:
		return base
	case n <= 3:
		return base * 8 / 10
	case n <= 10:
		return base * 6 / 10
	case n <= 30:
		return base * 4 / 10
	}
	return base * 2 / 10
}

// solver walks from what runs by itself to all that it may call. Types that are
// made an interface and functions that are used as values count once the code
// that does so is reached.
type solver struct {
	s        *summary
	reached  map[int32]bool
	queue    []int32
	made     map[int32]bool
	makes    []int32           // the same, in order
	taken    map[int32][]int32 // signature → functions
	isTaken  map[taken]bool
	callers  map[int32][]int32      // signature → functions that call one of it
	invokers map[invocation][]int32 // method → functions that call it
	impls    map[invocation][]int32
	byMethod map[int32][]invocation // method's name → where it is called
}

func (s *summary) solve() []Edge {
	v := &solver{
		s: s, reached: map[int32]bool{}, made: map[int32]bool{}, taken: map[int32][]int32{}, isTaken: map[taken]bool{},
		callers: map[int32][]int32{}, invokers: map[invocation][]int32{}, impls: map[invocation][]int32{}, byMethod: map[int32][]invocation{},
	}
	for _, t := range s.args {
		v.make(t)
	}
	for _, id := range s.order {
		if s.nodes[id].root {
			v.reach(id)
		}
	}
	v.run()
	first := v.edges()
	// What nothing runs is called by whoever uses the library.
	for _, id := range s.order {
		v.reach(id)
	}
	v.run()
	return merge(first, v.edges())
}

func (v *solver) reach(id int32) {
	if v.s.nodes[id] != nil && !v.reached[id] {
		v.reached[id] = true
		v.queue = append(v.queue, id)
	}
}

func (v *solver) run() {
	for len(v.queue) > 0 {
		id := v.queue[len(v.queue)-1]
		v.queue = v.queue[:len(v.queue)-1]
		v.visit(id)
	}
}

func (v *solver) visit(id int32) {
	n := v.s.nodes[id]
	for f := range n.static {
		v.reach(f)
	}
	for t := range n.taken {
		v.take(t)
	}
	for t := range n.made {
		v.make(t)
	}
	for signature := range n.dynamic {
		v.callers[signature] = append(v.callers[signature], id)
	}
	for call := range n.invoke {
		if _, known := v.invokers[call]; !known {
			v.byMethod[call.method] = append(v.byMethod[call.method], call)
			for _, t := range v.makes {
				v.bind(call, t)
			}
		}
		v.invokers[call] = append(v.invokers[call], id)
	}
}

// take notes that a function is a value now: somebody may call it.
func (v *solver) take(t taken) {
	if v.isTaken[t] {
		return
	}
	v.isTaken[t] = true
	v.taken[t.signature] = append(v.taken[t.signature], t.function)
	v.reach(t.function)
}

// make notes that values of a type are in interfaces now, and those inside it.
func (v *solver) make(t int32) {
	info := v.s.types[t]
	if info == nil || v.made[t] {
		return
	}
	v.made[t] = true
	if len(info.methods) > 0 {
		v.makes = append(v.makes, t)
		for name, m := range info.methods {
			if m.exported {
				v.reach(m.function) // by reflection, or from outside the tree
			}
			for _, call := range v.byMethod[name] {
				v.bind(call, t)
			}
		}
	}
	for _, inner := range info.holds {
		v.make(inner)
	}
}

// bind joins a method that is called to that of a type which has all methods of
// the interface.
func (v *solver) bind(call invocation, t int32) {
	methods := v.s.types[t].methods
	own, ok := methods[call.method]
	if !ok {
		return
	}
	for _, want := range v.s.ifaces[call.iface] {
		if got, ok := methods[want.name]; !ok || got.signature != want.signature {
			return
		}
	}
	if v.s.nodes[own.function] != nil && !slices.Contains(v.impls[call], own.function) {
		v.impls[call] = append(v.impls[call], own.function)
		v.reach(own.function)
	}
}

type pair struct{ from, to int32 }

type strength struct {
	count      int32
	confidence int
}

// edges lists what is known so far.
func (v *solver) edges() map[pair]Edge {
	found := map[pair]strength{}
	for _, id := range v.s.order {
		n := v.s.nodes[id]
		if !v.reached[id] || n.at.Path == "" {
			continue
		}
		add := func(to, count int32, confidence int) {
			if target := v.s.nodes[to]; target == nil || target.at.Path == "" {
				return
			}
			s := found[pair{id, to}]
			found[pair{id, to}] = strength{s.count + count, max(s.confidence, confidence)}
		}
		for f, count := range n.static {
			add(f, count, certain)
		}
		for call, count := range n.invoke {
			for _, f := range few(v.impls[call]) {
				add(f, count, confidenceOf(len(v.impls[call]), false))
			}
		}
		for signature, count := range n.dynamic {
			for _, f := range few(v.taken[signature]) {
				add(f, count, confidenceOf(len(v.taken[signature]), true))
			}
		}
	}
	out := make(map[pair]Edge, len(found))
	for p, s := range found {
		out[p] = Edge{From: v.s.nodes[p.from].at, To: v.s.nodes[p.to].at, Count: s.count, Confidence: uint8(s.confidence)} //nolint:gosec // percent
	}
	return out
}

func few(list []int32) []int32 {
	if len(list) > maxCandidates {
		return nil
	}
	return list
}

// merge joins the edges of what runs to those of everything: what only the
// latter have is less sure, unless it is certain.
func merge(first, all map[pair]Edge) []Edge {
	out := make([]Edge, 0, len(all))
	for p, e := range all {
		if known, ok := first[p]; ok {
			e = known
		} else if e.Confidence < certain {
			e.Confidence /= unreached
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Edge) int { return cmp.Or(compareFunctions(a.From, b.From), compareFunctions(a.To, b.To)) })
	return out
}

func compareFunctions(a, b Function) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
}
