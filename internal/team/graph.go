package team

import "slices"

// graph is an undirected graph with weights. Each edge is there twice, and
// loops once.
type graph struct {
	start  []int32 // where the neighbours of each node begin; one more than nodes
	to     []int32 // in rising order for each node
	weight []float64
	loops  []float64 // the weight of each node's edge to itself; nil is none
}

func (g *graph) nodes() int { return len(g.start) - 1 }

func (g *graph) degree(v int32) int { return int(g.start[v+1] - g.start[v]) }

// edge is one edge of a graph with a < b.
type edge struct {
	a, b   int32
	weight float64
}

// newGraph makes a graph of edges that are in order of a and b, each once.
func newGraph(nodes int, edges []edge) *graph {
	g := &graph{start: make([]int32, nodes+1), to: make([]int32, 2*len(edges)), weight: make([]float64, 2*len(edges))}
	for _, e := range edges {
		g.start[e.a+1]++
		g.start[e.b+1]++
	}
	for v := range nodes {
		g.start[v+1] += g.start[v]
	}
	next := slices.Clone(g.start)
	put := func(from, to int32, weight float64) {
		g.to[next[from]], g.weight[next[from]] = to, weight
		next[from]++
	}
	for _, e := range edges { // the smaller neighbours first
		put(e.b, e.a, e.weight)
	}
	for _, e := range edges {
		put(e.a, e.b, e.weight)
	}
	return g
}

// ties makes the graph of a group: an edge's weight is on how many distinct
// things its two people met, by any of the channels that are wanted. It returns
// the things too.
func (in *Input) ties(group []int32, from, to Instant, wanted func(Channel) bool) (g *graph, things []int32) {
	places := in.placesIn(group)
	type meeting struct {
		pair  uint64
		thing int32
	}
	var met []meeting
	for i := range in.Interactions {
		x := &in.Interactions[i]
		if x.At < from || x.At >= to || !wanted(x.Channel) {
			continue
		}
		a, b := places[x.A], places[x.B]
		if a < 0 || b < 0 || a == b {
			continue
		}
		a, b = min(a, b), max(a, b)
		met = append(met, meeting{uint64(a)<<32 | uint64(b), x.Thing})
	}
	slices.SortFunc(met, func(x, y meeting) int {
		switch {
		case x.pair != y.pair:
			return sign(x.pair < y.pair)
		case x.thing != y.thing:
			return sign(x.thing < y.thing)
		}
		return 0
	})
	met = slices.Compact(met)
	var edges []edge
	things = make([]int32, 0, len(met))
	for i, m := range met {
		things = append(things, m.thing)
		if i == 0 || met[i-1].pair != m.pair {
			edges = append(edges, edge{a: int32(m.pair >> 32), b: int32(m.pair & 0xffffffff)}) //nolint:gosec // they were int32
		}
		edges[len(edges)-1].weight++
	}
	return newGraph(len(group), edges), things
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

func anyChannel(Channel) bool { return true }

func only(c Channel) func(Channel) bool { return func(v Channel) bool { return v == c } }
