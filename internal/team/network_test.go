package team

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gonum "gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/community"
	"gonum.org/v1/gonum/graph/network"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
)

// drawn makes a graph of n nodes where each pair is tied with probability p. The
// weights are powers of two, so that lengths are exact and equal ones are equal.
func drawn(r *rand.Rand, n int, p float64) *graph {
	var edges []edge
	for a := range n {
		for b := a + 1; b < n; b++ {
			if r.Float64() < p {
				edges = append(edges, edge{int32(a), int32(b), float64(int(1) << r.IntN(3))})
			}
		}
	}
	return newGraph(n, edges)
}

// graphOf makes a graph of pairs of nodes with weight 1.
func graphOf(n int, pairs ...[2]int32) *graph {
	var edges []edge
	for _, p := range pairs {
		edges = append(edges, edge{p[0], p[1], 1})
	}
	return newGraph(n, edges)
}

func isNear(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestStar: in a star of five, each of the four others reaches the middle alone.
// Degrees are 4/4 and 1/4; all 6 pairs of others go through the middle. Both
// centralisations are 1 by definition.
func TestStar(t *testing.T) {
	t.Parallel()
	g := graphOf(5, [2]int32{0, 1}, [2]int32{0, 2}, [2]int32{0, 3}, [2]int32{0, 4})
	degrees, between := degreeCentrality(g), betweenness(g)
	if !slices.Equal(degrees, []float64{1, 0.25, 0.25, 0.25, 0.25}) || !slices.Equal(between, []float64{1, 0, 0, 0, 0}) {
		t.Errorf("degrees %v, betweenness %v", degrees, between)
	}
	d, _ := centralisation(degrees, 3)
	b, _ := centralisation(between, 4)
	if !isNear(d, 1) || !isNear(b, 1) {
		t.Errorf("centralisation %v, %v", d, b)
	}
	if got := bridges(g); !slices.Equal(got, []int32{0}) {
		t.Errorf("bridges %v", got)
	}
}

// TestWeightedPath: 0–1–2 with weights 4 and 4 is 1/4 + 1/4 = 1/2 long, and the
// edge 0–2 of weight 1 is 1: the shortest path leads through 1, which has the
// one pair of others. With weight 2 the edge is 1/2 long too: half of it.
func TestWeightedPath(t *testing.T) {
	t.Parallel()
	for weight, want := range map[float64]float64{1: 1, 2: 0.5, 8: 0} {
		g := newGraph(3, []edge{{0, 1, 4}, {0, 2, weight}, {1, 2, 4}})
		if got := betweenness(g)[1]; !isNear(got, want) {
			t.Errorf("weight %v: %v, want %v", weight, got, want)
		}
	}
}

// TestRing: in a ring all are equal, so nothing is central and nobody is a
// bridge; cut open, its inner nodes all are.
func TestRing(t *testing.T) {
	t.Parallel()
	pairs := [][2]int32{{0, 1}, {0, 4}, {1, 2}, {2, 3}, {3, 4}}
	ring := graphOf(5, pairs...)
	between := betweenness(ring)
	if c, _ := centralisation(between, 4); !isNear(c, 0) || len(bridges(ring)) != 0 {
		t.Errorf("centralisation %v, bridges %v", c, bridges(ring))
	}
	open := graphOf(5, [2]int32{0, 1}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{3, 4})
	if got := bridges(open); !slices.Equal(got, []int32{1, 2, 3}) {
		t.Errorf("bridges %v", got)
	}
}

// TestTwoTriangles: two triangles that one edge joins. Of the 7 edges 6 are
// within, and each half has 7 of the 14 ends: Q = 6/7 − 2·(1/2)² = 5/14.
func TestTwoTriangles(t *testing.T) {
	t.Parallel()
	g := graphOf(6, [2]int32{0, 1}, [2]int32{0, 2}, [2]int32{1, 2}, [2]int32{2, 3}, [2]int32{3, 4}, [2]int32{3, 5}, [2]int32{4, 5})
	of, q := communities(g)
	if !slices.Equal(of, []int32{0, 0, 0, 1, 1, 1}) || !isNear(q, 5.0/14) {
		t.Errorf("%v, %v", of, q)
	}
	if got := bridges(g); !slices.Equal(got, []int32{2, 3}) {
		t.Errorf("bridges %v", got)
	}
	if q := modularityOf(g, make([]int32, 6)); !isNear(q, 0) {
		t.Errorf("all as one: %v", q)
	}
}

func TestWithoutTies(t *testing.T) {
	t.Parallel()
	g := graphOf(3)
	of, q := communities(g)
	parts, count := components(g)
	if !slices.Equal(of, []int32{0, 1, 2}) || q != 0 || count != 3 || !slices.Equal(parts, []int32{0, 1, 2}) || len(bridges(g)) != 0 {
		t.Errorf("%v %v %v %v", of, q, parts, count)
	}
	if _, ok := centralisation(nil, 0); ok {
		t.Error("nobody is central")
	}
}

// TestAgainstGonum compares with another's code on drawn graphs. Gonum's search
// for communities is not the same one: ours must never be much worse, and not
// worse altogether.
func TestAgainstGonum(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	ours, others := 0.0, 0.0
	for range 30 {
		n := 5 + r.IntN(20)
		g := drawn(r, n, 0.1+0.4*r.Float64())
		theirs, lengths := simple.NewWeightedUndirectedGraph(0, math.Inf(1)), simple.NewWeightedUndirectedGraph(0, math.Inf(1))
		for v := range n {
			theirs.AddNode(simple.Node(v))
			lengths.AddNode(simple.Node(v))
		}
		for v := range n {
			for i := g.start[v]; i < g.start[v+1]; i++ {
				if to := simple.Node(g.to[i]); int(to) > v {
					theirs.SetWeightedEdge(theirs.NewWeightedEdge(simple.Node(v), to, g.weight[i]))
					lengths.SetWeightedEdge(lengths.NewWeightedEdge(simple.Node(v), to, 1/g.weight[i]))
				}
			}
		}
		between := network.BetweennessWeighted(lengths, path.DijkstraAllPaths(lengths))
		for v, got := range betweenness(g) {
			if want := between[int64(v)] / float64((n-1)*(n-2)); !isNear(got, want) {
				t.Fatalf("betweenness of %d: %v, want %v", v, got, want)
			}
		}
		best := math.Inf(-1)
		for try := range uint64(20) {
			best = max(best, community.Q(theirs, community.Modularize(theirs, 1, rand.NewPCG(try, 0)).Communities(), 1))
		}
		of, q := communities(g)
		if len(g.to) == 0 {
			continue
		}
		if want := community.Q(theirs, groups(theirs, of), 1); !isNear(q, want) || q < best-0.02 {
			t.Errorf("modularity %v; of the same communities %v, their best %v", q, want, best)
		}
		ours, others = ours+q, others+best
	}
	if ours < others-1e-9 {
		t.Errorf("altogether %v, theirs %v", ours, others)
	}
}

// TestCutsNodes takes each node away: what falls apart was a bridge.
func TestCutsNodes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		n := 3 + r.IntN(15)
		g := drawn(r, n, 0.15)
		found := bridges(g)
		_, before := components(g)
		for v := range n {
			var edges []edge
			for a := range n {
				for i := g.start[a]; i < g.start[a+1]; i++ {
					if b := int(g.to[i]); a < b && a != v && b != v {
						edges = append(edges, edge{int32(a), int32(b), 1})
					}
				}
			}
			_, after := components(newGraph(n, edges)) // v itself is one of them now
			if is := slices.Contains(found, int32(v)); is != (after-1 > before) {
				t.Fatalf("node %d: bridge %v, components %d, without it %d", v, is, before, after-1)
			}
		}
	}
}

// TestOrderOfNodes: who stands first must not matter.
func TestOrderOfNodes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	g := drawn(r, 20, 0.3)
	to := r.Perm(20)
	var edges []edge
	for a := range 20 {
		for i := g.start[a]; i < g.start[a+1]; i++ {
			if x, y := int32(to[a]), int32(to[g.to[i]]); x < y {
				edges = append(edges, edge{x, y, g.weight[i]})
			}
		}
	}
	slices.SortFunc(edges, func(x, y edge) int { return int(x.a-y.a)*100 + int(x.b-y.b) })
	moved := newGraph(20, edges)
	one, other := betweenness(g), betweenness(moved)
	for v := range one {
		if !isNear(one[v], other[to[v]]) {
			t.Errorf("betweenness of %d: %v, then %v", v, one[v], other[to[v]])
		}
	}
}

func groups(g *simple.WeightedUndirectedGraph, of []int32) [][]gonum.Node {
	out := make([][]gonum.Node, slices.Max(of)+1)
	for v, c := range of {
		out[c] = append(out[c], g.Node(int64(v)))
	}
	return out
}
