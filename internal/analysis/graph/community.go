package graph

import (
	"maps"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/simple"
)

// louvainSeed fixes the order in which Louvain visits nodes. Any constant does.
const louvainSeed = 2008

// maxLouvain is the number of siblings up to which communities are looked for.
const maxLouvain = 3000

// communities returns the number of each member's community. Without any tie
// each is one of its own; beyond maxLouvain all are one and the ties decide.
func (j *joiner) communities(members []int32) map[int32]int {
	out := make(map[int32]int, len(members))
	if len(members) > maxLouvain {
		return out
	}
	g := &tieGraph{neighbours: make([][]int64, len(members)), weights: map[[2]int64]float64{}}
	place := make(map[int32]int64, len(members))
	for n, i := range members {
		place[i] = int64(n)
		out[i] = n
	}
	for n, i := range members {
		for _, k := range slices.Sorted(maps.Keys(j.ties[i])) {
			if to, ok := place[k]; ok {
				g.neighbours[n] = append(g.neighbours[n], to)
				g.weights[[2]int64{int64(n), to}] = j.ties[i][k]
			}
		}
	}
	if len(g.weights) == 0 {
		return out
	}
	reduced := community.Modularize(g, 1, rand.NewPCG(louvainSeed, louvainSeed))
	for n, nodes := range reduced.Communities() {
		for _, node := range nodes {
			out[members[node.ID()]] = n
		}
	}
	return out
}

// tieGraph is an undirected graph for Louvain. Gonum's own graphs give
// neighbours in the order of a map, which would change the result from run to
// run.
type tieGraph struct {
	neighbours [][]int64 // sorted
	weights    map[[2]int64]float64
}

func (g *tieGraph) Node(id int64) graph.Node { return simple.Node(id) }

func (g *tieGraph) Nodes() graph.Nodes {
	nodes := make([]graph.Node, len(g.neighbours))
	for i := range nodes {
		nodes[i] = simple.Node(i)
	}
	return iterator.NewOrderedNodes(nodes)
}

func (g *tieGraph) From(id int64) graph.Nodes {
	nodes := make([]graph.Node, len(g.neighbours[id]))
	for i, to := range g.neighbours[id] {
		nodes[i] = simple.Node(to)
	}
	return iterator.NewOrderedNodes(nodes)
}

func (g *tieGraph) HasEdgeBetween(x, y int64) bool {
	_, ok := g.weights[[2]int64{x, y}]
	return ok
}

func (g *tieGraph) Edge(x, y int64) graph.Edge { return g.WeightedEdgeBetween(x, y) }

func (g *tieGraph) EdgeBetween(x, y int64) graph.Edge { return g.WeightedEdgeBetween(x, y) }

func (g *tieGraph) WeightedEdge(x, y int64) graph.WeightedEdge { return g.WeightedEdgeBetween(x, y) }

func (g *tieGraph) WeightedEdgeBetween(x, y int64) graph.WeightedEdge {
	w, ok := g.weights[[2]int64{x, y}]
	if !ok {
		return nil
	}
	return simple.WeightedEdge{F: simple.Node(x), T: simple.Node(y), W: w}
}

// Weight returns 0 for a node with itself, as gonum asks for.
func (g *tieGraph) Weight(x, y int64) (float64, bool) {
	if x == y {
		return 0, true
	}
	w, ok := g.weights[[2]int64{x, y}]
	return w, ok
}
