package team

import (
	"math"
	"slices"
)

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

// maxGroup is how many people a network may have: two of them, a thing and a
// channel are one number.
const maxGroup = 1 << 16

// meeting is that two people of a group met on a thing by a channel: their
// places, the smaller first, in 16 bits each, the thing in 31 and the channel in
// one. As numbers they sort many times faster.
type meeting uint64

func (m meeting) pair() uint32 { return uint32(m >> 32) }

func (m meeting) thing() int32 { return int32(m >> 1 & 0x7fffffff) }

func (m meeting) channel() Channel { return Channel(m & 1) }

// meetings returns who of a group met on what, each once, in order.
func (in *Input) meetings(group []int32, from, to Instant) []meeting {
	places := in.placesIn(group)
	var met []meeting
	for i := range in.Interactions {
		x := &in.Interactions[i]
		if x.At < from || x.At >= to {
			continue
		}
		a, b := places[x.A], places[x.B]
		if a < 0 || b < 0 || a == b {
			continue
		}
		met = append(met, meeting(min(a, b))<<48|meeting(max(a, b))<<32|meeting(x.Thing)<<1|meeting(x.Channel)) //nolint:gosec // none is negative
	}
	slices.Sort(met)
	return slices.Compact(met)
}

// ties makes the graph of a group of so many: an edge's weight is on how many
// distinct things its two people met, by any of the channels that are wanted.
// It returns the things too.
func ties(people int, met []meeting, wanted func(Channel) bool) (g *graph, things []int32) {
	var edges []edge
	last := meeting(math.MaxUint64)
	for _, m := range met {
		if !wanted(m.channel()) || m>>1 == last {
			continue
		}
		if m.pair() != uint32(last>>31) || len(edges) == 0 { //nolint:gosec // 32 bits are left
			edges = append(edges, edge{a: int32(m.pair() >> 16), b: int32(m.pair() & 0xffff)})
		}
		edges[len(edges)-1].weight++
		things = append(things, m.thing())
		last = m >> 1
	}
	return newGraph(people, edges), things
}

func anyChannel(Channel) bool { return true }

func only(c Channel) func(Channel) bool { return func(v Channel) bool { return v == c } }
