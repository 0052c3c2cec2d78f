package history

import (
	"cmp"
	"iter"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The thresholds of change coupling are code-maat's defaults.
const (
	couplingMaxFiles  = 30 // a commit that changes more says nothing of its files
	couplingMinShared = 5
	couplingMinRevs   = 5 // on average of the two
	couplingMinDegree = 30
)

// MaxCouplings is how many pairs a report lists.
const MaxCouplings = 100

// Pair is two files of the tree that were changed by the same commits. A < B.
type Pair struct {
	A, B   string
	Shared int // commits that changed both
	Degree int // percent: ⌊100·Shared / mean of the commits that changed each⌋
}

// Coupling returns the pairs of files that change together, as code-maat
// defines it: commits of more than 30 files are dropped before anything is
// counted; at least 5 shared commits, 5 revisions on average and a degree of
// 30 %. Other than there, files are followed through renames and both must
// still exist. Highest degree first, then most shared, then by path; at most
// limit. Whether one imports the other is not filled in.
func (t *Tree) Coupling(limit int) []report.ChangeCoupling {
	couplings := []report.ChangeCoupling{}
	for p, revisions := range t.pairs(couplingMinShared) {
		if revisions >= 2*couplingMinRevs && p.Degree >= couplingMinDegree {
			couplings = append(couplings, report.ChangeCoupling{A: p.A, B: p.B, Degree: p.Degree, Shared: p.Shared})
		}
	}
	slices.SortFunc(couplings, func(a, b report.ChangeCoupling) int {
		return cmp.Or(cmp.Compare(b.Degree, a.Degree), cmp.Compare(b.Shared, a.Shared), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return slices.Clip(couplings[:min(limit, len(couplings))])
}

// CouplingWeights yields every pair with at least minShared common commits of
// at most 30 files, without the other thresholds, in a stable order.
func (t *Tree) CouplingWeights(minShared int) iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for p := range t.pairs(minShared) {
			if !yield(p) {
				return
			}
		}
	}
}

// pairs yields pairs with the sum of their revisions. It walks file by file
// over the commits that changed it, so that memory grows with the history and
// not with the pairs, of which there are many more.
func (t *Tree) pairs(minShared int) iter.Seq2[Pair, int] {
	small := func(c *commit) bool { return c.count <= couplingMaxFiles }
	return func(yield func(Pair, int) bool) {
		touched := t.h.lineageCommits(small)
		shared := newTally(int(t.h.lineages.n))
		for a := range t.h.lineages.n {
			if t.module[a] < 0 || len(touched.of(a)) < minShared {
				continue
			}
			t.countShared(shared, a, touched.of(a))
			for _, b := range shared.seen {
				n := int(shared.count[b])
				if n >= minShared && !yield(t.pair(a, b, n, len(touched.of(a))+len(touched.of(b)))) {
					return
				}
			}
			shared.reset()
		}
	}
}

// countShared counts the commits that a has in common with each file after it.
func (t *Tree) countShared(shared *tally, a int32, commits []int32) {
	for _, c := range commits {
		others := t.h.lineagesOf(&t.h.commits[c])
		for i, b := range others {
			if b > a && t.module[b] >= 0 && !slices.Contains(others[:i], b) {
				shared.add(b)
			}
		}
	}
}

func (t *Tree) pair(a, b int32, shared, revisions int) (Pair, int) {
	p := Pair{A: t.files[t.module[a]].Path, B: t.files[t.module[b]].Path, Shared: shared, Degree: 200 * shared / revisions}
	if p.A > p.B {
		p.A, p.B = p.B, p.A
	}
	return p, revisions
}
