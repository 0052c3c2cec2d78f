package team

// components returns the number of each node's connected component, counted in
// the order of the nodes, and how many there are.
func components(g *graph) (of []int32, count int) {
	of = make([]int32, g.nodes())
	for v := range of {
		of[v] = -1
	}
	var open []int32
	for v := range of {
		if of[v] >= 0 {
			continue
		}
		of[v] = int32(count)
		open = append(open[:0], int32(v))
		for len(open) > 0 {
			w := open[len(open)-1]
			open = open[:len(open)-1]
			for i := g.start[w]; i < g.start[w+1]; i++ {
				if to := g.to[i]; of[to] < 0 {
					of[to] = of[w]
					open = append(open, to)
				}
			}
		}
		count++
	}
	return of, count
}

// bridges returns the nodes without which their component would fall apart:
// articulation points (Hopcroft and Tarjan 1973), in order.
func bridges(g *graph) []int32 {
	n := g.nodes()
	seen, low := make([]int32, n), make([]int32, n) // when a node was first seen, from 1, and the earliest that is reached from it
	clock := int32(0)
	cut := make([]bool, n)
	var visit func(v, parent int32)
	visit = func(v, parent int32) {
		clock++
		seen[v], low[v] = clock, clock
		children := 0
		for i := g.start[v]; i < g.start[v+1]; i++ {
			to := g.to[i]
			switch {
			case to == parent:
			case seen[to] > 0:
				low[v] = min(low[v], seen[to])
			default:
				children++
				visit(to, v)
				low[v] = min(low[v], low[to])
				cut[v] = cut[v] || parent >= 0 && low[to] >= seen[v]
			}
		}
		cut[v] = cut[v] || parent < 0 && children > 1
	}
	var out []int32
	for v := range cut {
		if seen[v] == 0 {
			visit(int32(v), -1)
		}
	}
	for v, is := range cut {
		if is {
			out = append(out, int32(v))
		}
	}
	return out
}
