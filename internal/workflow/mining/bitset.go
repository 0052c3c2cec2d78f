package mining

import "math/bits"

// matrix is a relation of size things, a row of bits for each.
type matrix struct {
	size, words int
	bits        []uint64
}

func newMatrix(size int) matrix {
	words := (size + 63) / 64
	return matrix{size: size, words: words, bits: make([]uint64, size*words)}
}

func (m matrix) row(i int) []uint64 { return m.bits[i*m.words : (i+1)*m.words] }

func (m matrix) set(i, j int) { m.bits[i*m.words+j/64] |= 1 << (j % 64) }

func (m matrix) has(i, j int) bool { return m.bits[i*m.words+j/64]&(1<<(j%64)) != 0 }

// transposed returns the relation the other way round.
func (m matrix) transposed() matrix {
	out := newMatrix(m.size)
	for i := range m.size {
		each(m.row(i), func(j int) { out.set(j, i) })
	}
	return out
}

// each calls f with every member of a set, in order.
func each(set []uint64, f func(i int)) {
	for w, word := range set {
		for ; word != 0; word &= word - 1 {
			f(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// union adds the members of another set.
func union(set, other []uint64) {
	for w := range set {
		set[w] |= other[w]
	}
}

// grouping is a division of things into groups, numbered from 0. What belongs
// to no group yet has -1.
type grouping struct {
	of    []int
	count int
}

func newGrouping(size int) grouping {
	g := grouping{of: make([]int, size)}
	for i := range g.of {
		g.of[i] = -1
	}
	return g
}

// members returns the things of each group, in order.
func (g *grouping) members() [][]int {
	list := make([][]int, g.count)
	for i, p := range g.of {
		list[p] = append(list[p], i)
	}
	return list
}

// renumber closes the gaps that merged groups leave, in the order of numbers.
func (g *grouping) renumber() {
	number := make([]int, g.count)
	for _, p := range g.of {
		number[p] = 1
	}
	next := 0
	for p, used := range number {
		number[p] = next
		next += used
	}
	for i, p := range g.of {
		g.of[i] = number[p]
	}
	g.count = next
}

// merge puts what is in one group into another one. It leaves a gap.
func (g *grouping) merge(from, into int) {
	for i, p := range g.of {
		if p == from {
			g.of[i] = into
		}
	}
}

// components groups what is connected: near(i, open) tells which members of open
// are neighbours of i, in place. The first group has the first thing.
func components(size int, near func(i int, open []uint64)) grouping {
	g := newGrouping(size)
	unseen := newMatrix(size)
	open := make([]uint64, unseen.words) // what belongs to no group
	for i := range size {
		open[i/64] |= 1 << (i % 64)
	}
	found := make([]uint64, len(open))
	var queue []int
	for i := range size {
		if g.of[i] >= 0 {
			continue
		}
		g.of[i] = g.count
		open[i/64] &^= 1 << (i % 64)
		for queue = append(queue[:0], i); len(queue) > 0; {
			next := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			copy(found, open)
			near(next, found)
			each(found, func(j int) {
				g.of[j] = g.count
				open[j/64] &^= 1 << (j % 64)
				queue = append(queue, j)
			})
		}
		g.count++
	}
	return g
}
