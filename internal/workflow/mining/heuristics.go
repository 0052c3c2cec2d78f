package mining

import (
	"cmp"
	"slices"
)

// HeuristicsNet is the dependencies between activities that a log shows often
// enough to be no chance, as the Flexible Heuristics Miner finds them (Weijters
// and Ribeiro, 2011; Weijters, van der Aalst and Alves de Medeiros, 2006). It
// says what mostly depends on what. It is no sound model: not every case fits.
type HeuristicsNet struct {
	Thresholds Thresholds `json:"thresholds"`
	Start      []NetEdge  `json:"start"` // to what cases begin with; From is ""
	End        []NetEdge  `json:"end"`   // from what cases end with; To is ""
	Edges      []NetEdge  `json:"dependencies"`
	EdgesTotal int        `json:"total"` // dependencies, of which the most frequent are listed
	Splits     []Binding  `json:"splits"`
	Joins      []Binding  `json:"joins"`
}

// Thresholds say what is often enough.
type Thresholds struct {
	Dependency float64 `json:"dependency"`       // of a dependency measure
	SelfLoop   float64 `json:"self_loop"`        // of the measure of an activity that follows itself
	TwoLoop    float64 `json:"two_loop"`         // of the measure of two activities that alternate
	ToBest     float64 `json:"relative_to_best"` // a dependency counts too that is less than this below the best one of its activity
	And        float64 `json:"and"`              // of the measure by which two successors happen both, and not one or the other
}

// DefaultThresholds returns those that the authors of the miner set.
func DefaultThresholds() Thresholds {
	return Thresholds{Dependency: 0.9, SelfLoop: 0.9, TwoLoop: 0.9, ToBest: 0.05, And: 0.1}
}

// NetEdge is a dependency.
type NetEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"` // of direct successions
	// Dependency is, by |a>b| for how often b follows a directly,
	// (|a>b|−|b>a|) / (|a>b|+|b>a|+1), and |a>a| / (|a>a|+1) of a loop to itself. Of
	// a loop of two it is (|a>>b|+|b>>a|) / (|a>>b|+|b>>a|+1), where |a>>b| is how
	// often a, b and a follow each other.
	Dependency float64   `json:"dependency"`
	Kind       Relevance `json:"kind"`
}

// Relevance is why a dependency is part of the net.
type Relevance string

// Why a dependency is part of the net: its measure reaches a threshold, or it
// is the best one, or nearly, of an activity that would have none.
const (
	ByThreshold Relevance = "threshold"
	ByBest      Relevance = "best"
	BySelfLoop  Relevance = "self_loop"
	ByTwoLoop   Relevance = "two_loop"
)

// Binding says how the successors of an activity (a split) or its predecessors
// (a join) belong together: one of each group, and of all groups.
type Binding struct {
	Activity string     `json:"activity"`
	Groups   [][]string `json:"groups"`
}

// bindable is how many successors may be grouped: the groups of more would say
// nothing to anybody, and it takes all pairs to find them.
const bindable = 50

// arc is a dependency by numbers.
type arc struct{ from, to int32 }

// miner finds a heuristics net. Two activities are added to those of the log:
// the start, before the first of every case, and the end, after the last.
type miner struct {
	*follows

	limits     Thresholds
	begin, end int32
	twos       map[arc]int // how often from, to and from follow each other
	out, in    [][]int32   // what follows each activity, and what it follows, in order
	kinds      map[arc]Relevance
}

// heuristics finds the net of a log's variants.
func (e *events) heuristics(f *follows, list []variant, limits Limits) HeuristicsNet {
	n := int32(len(e.names)) //nolint:gosec // activities have numbers of 32 bits
	m := &miner{follows: f, limits: limits.Thresholds, begin: n, end: n + 1, twos: map[arc]int{}, kinds: map[arc]Relevance{}}
	m.out, m.in = make([][]int32, n+2), make([][]int32, n+2)
	m.observe(list)
	m.loops()
	m.connect()
	return m.tell(e, limits.Edges)
}

// observe notes what follows what.
func (m *miner) observe(list []variant) {
	for a := range m.begin {
		if m.starts[a] > 0 {
			m.out[m.begin], m.in[a] = append(m.out[m.begin], a), append(m.in[a], m.begin)
		}
		if m.ends[a] > 0 {
			m.out[a], m.in[m.end] = append(m.out[a], m.end), append(m.in[m.end], a)
		}
	}
	for _, e := range m.edges {
		m.out[e.from], m.in[e.to] = append(m.out[e.from], e.to), append(m.in[e.to], e.from)
	}
	for a := range m.out {
		slices.Sort(m.out[a])
		slices.Sort(m.in[a])
	}
	for _, v := range list {
		for k := 2; k < len(v.activities); k++ {
			if a, b := v.activities[k-2], v.activities[k-1]; a == v.activities[k] && a != b {
				m.twos[arc{a, b}] += len(v.cases)
			}
		}
	}
}

// follow returns |a>b|.
func (m *miner) follow(a, b int32) int {
	switch {
	case a == m.begin && b == m.end, a == m.end, b == m.begin:
		return 0
	case a == m.begin:
		return m.starts[b]
	case b == m.end:
		return m.ends[a]
	}
	return m.count(a, b)
}

func (m *miner) dependency(a, b int32) float64 {
	forth, back := m.follow(a, b), m.follow(b, a)
	if a == b {
		return float64(forth) / float64(forth+1)
	}
	return float64(forth-back) / float64(forth+back+1)
}

func (m *miner) twoLoop(a, b int32) float64 {
	n := m.twos[arc{a, b}] + m.twos[arc{b, a}]
	return float64(n) / float64(n+1)
}

// loops finds the loops of one activity and those of two, neither of which
// loops by itself.
func (m *miner) loops() {
	for a := range m.begin {
		if m.follow(a, a) > 0 && m.dependency(a, a) >= m.limits.SelfLoop {
			m.kinds[arc{a, a}] = BySelfLoop
		}
	}
	for two := range m.twos {
		back := arc{two.to, two.from}
		if m.kinds[arc{two.from, two.from}] == "" && m.kinds[arc{two.to, two.to}] == "" && m.twoLoop(two.from, two.to) >= m.limits.TwoLoop {
			m.kinds[two], m.kinds[back] = ByTwoLoop, ByTwoLoop
		}
	}
}

// connect adds for every activity its best successor and its best predecessor,
// so that each is on a way from the start to the end, and all that are nearly
// as good or reach the threshold.
func (m *miner) connect() {
	backwards := func(a, b int32) float64 { return m.dependency(b, a) }
	for a, b := range m.best(m.out, m.dependency) {
		m.choose(m.out[a], int32(a), b, m.dependency, func(a, b int32) arc { return arc{a, b} })
	}
	for a, b := range m.best(m.in, backwards) {
		m.choose(m.in[a], int32(a), b, backwards, func(a, b int32) arc { return arc{b, a} })
	}
}

// best returns for each activity which of its neighbours it depends on most, -1
// for none. One of a loop of two needs no neighbour of its own where the other
// one has a clearly better one: the way leads through that.
func (m *miner) best(neighbours [][]int32, measure func(a, b int32) float64) []int32 {
	best := make([]int32, len(neighbours))
	for a, list := range neighbours {
		best[a] = -1
		for _, b := range list {
			if b != int32(a) && (best[a] < 0 || measure(int32(a), b) > measure(int32(a), best[a])) {
				best[a] = b
			}
		}
	}
	weak := []int32{}
	for two, kind := range m.kinds {
		a, b := two.from, two.to
		if kind == ByTwoLoop && best[a] >= 0 && best[b] >= 0 && measure(a, best[a]) < m.limits.Dependency && measure(b, best[b])-measure(a, best[a]) > m.limits.ToBest {
			weak = append(weak, a)
		}
	}
	for _, a := range weak {
		best[a] = -1
	}
	return best
}

// choose adds the dependencies of an activity on its neighbours.
func (m *miner) choose(neighbours []int32, a, best int32, measure func(a, b int32) float64, arcOf func(a, b int32) arc) {
	for _, b := range neighbours {
		if a == b || m.kinds[arcOf(a, b)] == ByTwoLoop {
			continue
		}
		switch value := measure(a, b); {
		case value >= m.limits.Dependency:
			m.kinds[arcOf(a, b)] = ByThreshold
		case best >= 0 && measure(a, best)-value < m.limits.ToBest:
			m.kinds[arcOf(a, b)] = ByBest
		}
	}
}

func (m *miner) tell(e *events, limit int) HeuristicsNet {
	net := HeuristicsNet{Thresholds: m.limits, Start: []NetEdge{}, End: []NetEdge{}, Edges: []NetEdge{}, Splits: []Binding{}, Joins: []Binding{}}
	out, in := make([][]int32, m.end+1), make([][]int32, m.end+1)
	for _, a := range m.arcs() {
		if a.from != a.to {
			out[a.from], in[a.to] = append(out[a.from], a.to), append(in[a.to], a.from)
		}
		edge := NetEdge{Count: m.follow(a.from, a.to), Dependency: m.dependency(a.from, a.to), Kind: m.kinds[a]}
		if edge.Kind == ByTwoLoop {
			edge.Dependency = m.twoLoop(a.from, a.to)
		}
		switch {
		case a.from == m.begin:
			edge.To = e.names[a.to]
			net.Start = append(net.Start, edge)
		case a.to == m.end:
			edge.From = e.names[a.from]
			net.End = append(net.End, edge)
		default:
			edge.From, edge.To = e.names[a.from], e.names[a.to]
			net.Edges = append(net.Edges, edge)
		}
	}
	net.EdgesTotal = len(net.Edges)
	net.Start, net.Edges, net.End = net.Start[:min(limit, len(net.Start))], net.Edges[:min(limit, len(net.Edges))], net.End[:min(limit, len(net.End))]
	for a, name := range e.names {
		if groups := m.groups(int32(a), out[a], m.follow); len(groups) > 0 {
			net.Splits = append(net.Splits, Binding{name, e.groupNames(groups)})
		}
		if groups := m.groups(int32(a), in[a], func(a, b int32) int { return m.follow(b, a) }); len(groups) > 0 {
			net.Joins = append(net.Joins, Binding{name, e.groupNames(groups)})
		}
	}
	net.Splits, net.Joins = net.Splits[:min(limit, len(net.Splits))], net.Joins[:min(limit, len(net.Joins))]
	return net
}

// arcs returns the net's dependencies, most frequent first.
func (m *miner) arcs() []arc {
	list := make([]arc, 0, len(m.kinds))
	for a := range m.kinds {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b arc) int {
		return cmp.Or(cmp.Compare(m.follow(b.from, b.to), m.follow(a.from, a.to)), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	return list
}

// groups puts the neighbours of an activity into groups of which one happens
// each: two are in one group unless they happen both. None is returned for an
// activity that has one neighbour, or more than anybody reads.
func (m *miner) groups(a int32, neighbours []int32, follow func(a, b int32) int) [][]int32 {
	neighbours = slices.DeleteFunc(neighbours, func(b int32) bool { return b >= m.begin })
	if len(neighbours) < 2 || len(neighbours) > bindable {
		return nil
	}
	var groups [][]int32
	for i, b := range neighbours {
		fits := false
		for g := range groups {
			if !slices.ContainsFunc(groups[g], func(c int32) bool { return m.both(a, b, c, follow) }) {
				groups[g] = append(groups[g], b)
				fits = true
			}
		}
		if fits {
			continue
		}
		group := []int32{b} // with those before it that it excludes, and that exclude each other
		for _, c := range neighbours[:i] {
			if !slices.ContainsFunc(group, func(d int32) bool { return m.both(a, c, d, follow) }) {
				group = append(group, c)
			}
		}
		groups = append(groups, group)
	}
	return groups
}

// both reports whether two neighbours of a happen both:
// (|b>c|+|c>b|) / (|a>b|+|a>c|+1) reaches the threshold. Each must have been seen
// first: where one is always first the other one is what follows when it is
// left out.
func (m *miner) both(a, b, c int32, follow func(a, b int32) int) bool {
	forth, back := m.follow(b, c), m.follow(c, b)
	return forth > 0 && back > 0 && float64(forth+back)/float64(follow(a, b)+follow(a, c)+1) >= m.limits.And
}

func (e *events) groupNames(groups [][]int32) [][]string {
	list := make([][]string, len(groups))
	for i, g := range groups {
		slices.Sort(g)
		list[i] = e.named(g, len(g))
	}
	return list
}
