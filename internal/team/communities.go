package team

import (
	"math/rand/v2"
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
)

// The seed and the number of restarts of the search for communities. Both are
// told with the result.
const (
	communitySeed = 2008
	restarts      = 40
)

// communities returns the number of each node's community, counted in the order
// of the nodes, and the modularity: the best that Louvain (Blondel and others,
// Fast unfolding of communities in large networks, 2008) finds in restarts
// seeded tries with resolution 1.
func communities(g *graph) (of []int32, modularity float64) {
	for try := range restarts {
		found := louvain(g, stat.NewRand(communitySeed, uint64(try)))
		if q := modularityOf(g, found); try == 0 || q > modularity+1e-12 {
			of, modularity = found, q
		}
	}
	return of, modularity
}

// modularityOf returns Newman's modularity of a division: Σ over the communities
// of the share of the edges' weight within it, less the square of the share of
// the ends that are of it. It is 0 where there is no edge.
func modularityOf(g *graph, of []int32) float64 {
	var total, inside float64
	ends := make([]float64, g.nodes())
	for v := range g.nodes() {
		for i := g.start[v]; i < g.start[v+1]; i++ {
			total += g.weight[i]
			ends[of[v]] += g.weight[i]
			if of[v] == of[g.to[i]] {
				inside += g.weight[i]
			}
		}
	}
	if total == 0 {
		return 0
	}
	q := inside / total
	for _, e := range ends {
		q -= e / total * (e / total)
	}
	return q
}

// louvain divides a graph: nodes move to the community of a neighbour while
// that raises modularity, then each community becomes one node, until nothing
// moves.
func louvain(g *graph, r *rand.Rand) []int32 {
	whole := make([]int32, g.nodes())
	for v := range whole {
		whole[v] = int32(v)
	}
	for {
		m := newMover(g)
		if !m.run(r) {
			return whole
		}
		count := renumber(m.of)
		for v := range whole {
			whole[v] = m.of[whole[v]]
		}
		g = fold(g, m.of, count)
	}
}

// renumber numbers communities in the order of their first nodes and returns how
// many there are.
func renumber(of []int32) int {
	names := make([]int32, len(of))
	count := int32(0)
	for i, c := range of {
		if names[c] == 0 {
			count++
			names[c] = count
		}
		of[i] = names[c] - 1
	}
	return int(count)
}

// mover moves nodes between communities.
type mover struct {
	g     *graph
	of    []int32
	ends  []float64 // the weight of the edges' ends at each node
	total []float64 // of each community's ends
	all   float64
	tie   []float64 // of the node in hand with each community
	near  []int32   // communities with a tie
}

func newMover(g *graph) *mover {
	n := g.nodes()
	m := &mover{g: g, of: make([]int32, n), ends: make([]float64, n), tie: make([]float64, n)}
	for v := range n {
		m.of[v] = int32(v)
		if g.loops != nil {
			m.ends[v] = 2 * g.loops[v]
		}
		for i := g.start[v]; i < g.start[v+1]; i++ {
			m.ends[v] += g.weight[i]
		}
		m.all += m.ends[v]
	}
	m.total = slices.Clone(m.ends)
	return m
}

// run moves nodes, in an order that r draws, until none would, and reports
// whether any did.
func (m *mover) run(r *rand.Rand) bool {
	if m.all == 0 {
		return false
	}
	order, ever := r.Perm(m.g.nodes()), false
	for moved := true; moved; {
		moved = false
		for _, v := range order {
			if m.move(int32(v)) { //nolint:gosec // people are few
				moved, ever = true, true
			}
		}
	}
	return ever
}

// leastGain keeps rounding from moving a node to and fro for ever.
const leastGain = 1e-10

// move puts a node into the community where modularity is highest and reports
// whether that is another.
func (m *mover) move(v int32) bool {
	m.near = m.near[:0]
	for i := m.g.start[v]; i < m.g.start[v+1]; i++ {
		c := m.of[m.g.to[i]]
		if m.tie[c] == 0 {
			m.near = append(m.near, c)
		}
		m.tie[c] += m.g.weight[i]
	}
	home := m.of[v]
	m.total[home] -= m.ends[v]
	gain := func(c int32) float64 { return m.tie[c] - m.total[c]*m.ends[v]/m.all }
	best, most := home, gain(home)
	for _, c := range m.near {
		if g := gain(c); g > most+leastGain {
			best, most = c, g
		}
	}
	m.total[best] += m.ends[v]
	m.of[v] = best
	for _, c := range m.near {
		m.tie[c] = 0
	}
	return best != home
}

// fold makes one node of each community.
func fold(g *graph, of []int32, count int) *graph {
	between := make([]map[int32]float64, count)
	loops := make([]float64, count)
	for c := range between {
		between[c] = map[int32]float64{}
	}
	for v := range g.nodes() {
		if g.loops != nil {
			loops[of[v]] += g.loops[v]
		}
		for i := g.start[v]; i < g.start[v+1]; i++ {
			if a, b := of[v], of[g.to[i]]; a == b {
				loops[a] += g.weight[i] / 2 // the edge is there twice
			} else if a < b {
				between[a][b] += g.weight[i]
			}
		}
	}
	var edges []edge
	for a, ties := range between {
		first := len(edges)
		for b, weight := range ties {
			edges = append(edges, edge{int32(a), b, weight})
		}
		slices.SortFunc(edges[first:], func(x, y edge) int { return int(x.b - y.b) })
	}
	folded := newGraph(count, edges)
	folded.loops = loops
	return folded
}
