package graph

import "math"

const (
	damping    = 0.85 // of Brin and Page
	rankRounds = 50
	rankEnough = 1e-9 // sum of changes at which the ranks have settled
)

// pageRank is the weighted PageRank of every file: the share of time that a
// reader spends in it who follows what the code uses. start is where the reader
// begins, by file; nil begins everywhere alike. The sum is 1.
func pageRank(a *adjacency, start []float64) []float64 {
	n := len(a.start) - 1
	if n == 0 {
		return nil
	}
	start = normalised(start, n)
	total := make([]float64, n)
	for i := range n {
		for _, l := range a.of(int32(i)) {
			total[i] += float64(l.weight)
		}
	}
	rank, next := make([]float64, n), make([]float64, n)
	copy(rank, start)
	for range rankRounds {
		rankRound(a, start, total, rank, next)
		change := 0.0
		for i := range n {
			change += math.Abs(next[i] - rank[i])
		}
		rank, next = next, rank
		if change < rankEnough {
			break
		}
	}
	return rank
}

// rankRound is one step of the power method. What reaches a file that uses
// nothing goes back to the start.
func rankRound(a *adjacency, start, total, rank, next []float64) {
	clear(next)
	lost := 0.0
	for i := range rank {
		if total[i] == 0 {
			lost += rank[i]
			continue
		}
		for _, l := range a.of(int32(i)) {
			next[l.file] += damping * rank[i] * float64(l.weight) / total[i]
		}
	}
	for i := range next {
		next[i] += (1 - damping + damping*lost) * start[i]
	}
}

func normalised(start []float64, n int) []float64 {
	out, sum := make([]float64, n), 0.0
	for i := range n {
		if start != nil {
			out[i] = start[i]
		}
		sum += out[i]
	}
	for i := range n {
		if sum > 0 {
			out[i] /= sum
		} else {
			out[i] = 1 / float64(n)
		}
	}
	return out
}
