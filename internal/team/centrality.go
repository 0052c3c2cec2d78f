package team

import "slices"

// degreeCentrality returns d/(n−1) of each node, Freeman 1979; 0 for a single
// node.
func degreeCentrality(g *graph) []float64 {
	n := g.nodes()
	out := make([]float64, n)
	if n < 2 {
		return out
	}
	for v := range out {
		out[v] = float64(g.degree(int32(v))) / float64(n-1)
	}
	return out
}

// betweenness returns the share of the shortest paths between any two others
// that lead through each node, by Brandes (A faster algorithm for betweenness
// centrality, 2001), where an edge of weight w is 1/w long: who meets more often
// is nearer. It takes O(n·m·log n).
func betweenness(g *graph) []float64 {
	n := g.nodes()
	score := make([]float64, n)
	if n < 3 {
		return score
	}
	p := newPaths(g)
	for v := range n {
		p.from(int32(v))
		p.credit(int32(v), score)
	}
	pairs := float64((n - 1) * (n - 2)) // ordered ones: each path is walked from both ends
	for v := range score {
		score[v] /= pairs
	}
	return score
}

// paths are the shortest paths from one node.
type paths struct {
	g        *graph
	distance []float64 // -1 is not reached
	count    []float64 // of shortest paths
	order    []int32   // nodes as they were reached, nearest first
	done     []bool
	share    []float64
	heap     []reach
}

type reach struct {
	distance float64
	node     int32
}

func newPaths(g *graph) *paths {
	n := g.nodes()
	return &paths{g: g, distance: make([]float64, n), count: make([]float64, n), done: make([]bool, n), share: make([]float64, n)}
}

// sameLength is how near two lengths must be to be one: sums of the same parts
// in another order differ in the last bits.
const sameLength = 1e-12

// from finds the shortest paths from a node (Dijkstra).
func (p *paths) from(source int32) {
	for v := range p.distance {
		p.distance[v], p.count[v], p.done[v] = -1, 0, false
	}
	p.order, p.heap = p.order[:0], p.heap[:0]
	p.distance[source], p.count[source] = 0, 1
	p.push(reach{0, source})
	for len(p.heap) > 0 {
		v := p.pop().node
		if p.done[v] {
			continue
		}
		p.done[v] = true
		p.order = append(p.order, v)
		for i := p.g.start[v]; i < p.g.start[v+1]; i++ {
			p.relax(v, p.g.to[i], p.distance[v]+1/p.g.weight[i])
		}
	}
}

func (p *paths) relax(from, to int32, length float64) {
	known := p.distance[to]
	switch {
	case p.done[to]:
	case known < 0 || length < known*(1-sameLength):
		p.distance[to], p.count[to] = length, p.count[from]
		p.push(reach{length, to})
	case length <= known*(1+sameLength):
		p.count[to] += p.count[from]
	}
}

// credit adds to the score of each node its share of the paths from source.
func (p *paths) credit(source int32, score []float64) {
	clear(p.share)
	for _, w := range slices.Backward(p.order) {
		for k := p.g.start[w]; k < p.g.start[w+1]; k++ {
			v := p.g.to[k]
			if before := p.distance[v] + 1/p.g.weight[k]; p.distance[v] < p.distance[w] && before <= p.distance[w]*(1+sameLength) {
				p.share[v] += p.count[v] / p.count[w] * (1 + p.share[w])
			}
		}
		if w != source {
			score[w] += p.share[w]
		}
	}
}

// push and pop keep a binary heap, the nearest on top. container/heap would
// box every entry.
func (p *paths) push(r reach) {
	p.heap = append(p.heap, r)
	for i := len(p.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if p.heap[parent].distance <= p.heap[i].distance {
			return
		}
		p.heap[parent], p.heap[i] = p.heap[i], p.heap[parent]
		i = parent
	}
}

func (p *paths) pop() reach {
	top, last := p.heap[0], len(p.heap)-1
	p.heap[0] = p.heap[last]
	p.heap = p.heap[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if p.heap[child].distance < p.heap[least].distance {
				least = child
			}
		}
		if least == i {
			return top
		}
		p.heap[i], p.heap[least] = p.heap[least], p.heap[i]
		i = least
	}
}

// centralisation returns how much a network leans on its most central node:
// Σ(max − c) of its centralities as a share of what that is in a star, 0 where
// all are equal and 1 in a star (Freeman 1979). The star's sum is n−2 of degree
// centralities and n−1 of betweenness. It is undefined for fewer than three.
func centralisation(centrality []float64, star int) (share float64, ok bool) {
	if len(centrality) < 3 {
		return 0, false
	}
	most, sum := 0.0, 0.0
	for _, c := range centrality {
		most = max(most, c)
	}
	for _, c := range centrality {
		sum += most - c
	}
	return min(sum/float64(star), 1), true
}
