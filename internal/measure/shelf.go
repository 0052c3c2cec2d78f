package measure

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// packSize is how many facts a pack holds at first; one of twice as many is
// parted. Of a hundred thousand items in packs of 64, a hundred that change at
// random rewrite a megabyte; larger packs rewrite more, and smaller ones take
// longer to read.
const packSize = 64

// place names a fact: the symbol of its source, and the id of its record.
type place struct {
	source facts.Symbol
	id     string
}

// kind is what there is to know of one kind of facts.
type kind[T any] struct {
	of     facts.Kind
	stream rampforge.Stream
	place  func(*T) place
	synced func(*T) facts.Time
	pack   func([]T) []byte
	unpack func(*facts.Decoder, []byte, []T) ([]T, error)
}

var (
	itemKind = kind[facts.Item]{
		facts.KindItems, rampforge.StreamWorkItems,
		func(v *facts.Item) place { return place{v.Source, v.ID} }, func(v *facts.Item) facts.Time { return v.SyncedAt },
		facts.PackItems, (*facts.Decoder).Items,
	}
	pullKind = kind[facts.PullRequest]{
		facts.KindPullRequests, rampforge.StreamPullRequests,
		func(v *facts.PullRequest) place { return place{v.Source, v.ID} }, func(v *facts.PullRequest) facts.Time { return v.SyncedAt },
		facts.PackPullRequests, (*facts.Decoder).PullRequests,
	}
	deploymentKind = kindOfDeployments(facts.KindDeployments, rampforge.StreamDeployments)
	runKind        = kindOfDeployments(facts.KindRuns, rampforge.StreamPipelineRuns)
	commitKind     = kind[facts.Commit]{
		facts.KindCommits, rampforge.StreamCommits,
		func(v *facts.Commit) place { return place{v.Source, v.ID} }, func(v *facts.Commit) facts.Time { return v.SyncedAt },
		facts.PackCommits, (*facts.Decoder).Commits,
	}
	// A sprint may be shown by several resources: its place is its own key.
	sprintKind = kind[facts.Sprint]{
		facts.KindSprints, rampforge.StreamSprints,
		func(v *facts.Sprint) place { return place{source: v.ID} }, func(v *facts.Sprint) facts.Time { return v.SyncedAt },
		facts.PackSprints, (*facts.Decoder).Sprints,
	}
)

func kindOfDeployments(of facts.Kind, stream rampforge.Stream) kind[facts.Deployment] {
	return kind[facts.Deployment]{
		of, stream,
		func(v *facts.Deployment) place { return place{v.Source, v.ID} }, func(v *facts.Deployment) facts.Time { return v.SyncedAt },
		func(list []facts.Deployment) []byte { return facts.PackDeployments(of, list) },
		func(d *facts.Decoder, pack []byte, into []facts.Deployment) ([]facts.Deployment, error) {
			return d.Deployments(of, pack, into)
		},
	}
}

// shelf is all facts of a kind, in the order of their places, and how they lie
// in packs. It is not changed once it is made.
type shelf[T any] struct {
	kind[T]

	all   []T
	packs []shelved // one after another they are all
	last  int64     // the highest number of a pack that there ever was
}

// shelved is a pack: its number, and how many facts of all are in it.
type shelved struct {
	number int64
	size   int
}

// compare orders places by the source's text and the id, so that the order is
// the same whatever symbols the sources got.
func compare(symbols *facts.Symbols, a, b place) int {
	if a.source != b.source {
		if c := strings.Compare(symbols.Text(a.source), symbols.Text(b.source)); c != 0 {
			return c
		}
	}
	return strings.Compare(a.id, b.id)
}

// arrange puts packs that were read in the order of their facts.
func (s *shelf[T]) arrange(symbols *facts.Symbols, lists [][]T) error {
	order := make([]int, len(lists))
	for i := range order {
		order[i] = i
	}
	byFirst := func(a, b int) int { return compare(symbols, s.place(&lists[a][0]), s.place(&lists[b][0])) }
	if !slices.IsSortedFunc(order, byFirst) {
		slices.SortFunc(order, byFirst)
		all, packs := make([]T, 0, len(s.all)), make([]shelved, 0, len(s.packs))
		for _, i := range order {
			all, packs = append(all, lists[i]...), append(packs, s.packs[i])
		}
		s.all, s.packs = all, packs
	}
	for i := 1; i < len(s.all); i++ {
		if compare(symbols, s.place(&s.all[i-1]), s.place(&s.all[i])) >= 0 {
			return facts.ErrPack
		}
	}
	return nil
}

// change returns the shelf without the facts of some places and with others,
// which take the place of those that were there, and what of the packs that
// changes.
func (s *shelf[T]) change(symbols *facts.Symbols, gone map[place]bool, put []T, c *store.FactChange) *shelf[T] {
	if len(gone)+len(put) == 0 {
		return s
	}
	put = s.sorted(symbols, put)
	next := &shelf[T]{kind: s.kind, last: s.last, all: make([]T, 0, len(s.all)+len(put))}
	if len(s.packs) == 0 {
		next.add(0, put, c)
		return next
	}
	at := 0
	for i, p := range s.packs {
		list := s.all[at : at+p.size]
		at += p.size
		mine := len(put) // what comes before the next pack is this one's
		if i+1 < len(s.packs) {
			first := s.place(&s.all[at])
			mine, _ = slices.BinarySearchFunc(put, first, func(v T, to place) int { return compare(symbols, s.place(&v), to) })
		}
		merged, changed := s.merge(symbols, list, put[:mine], gone)
		put = put[mine:]
		switch {
		case !changed:
			next.all = append(next.all, list...)
			next.packs = append(next.packs, p)
		case len(merged) == 0:
			c.Drop = append(c.Drop, store.FactPack{Kind: string(s.of), Number: p.number})
		default:
			next.add(p.number, merged, c)
		}
	}
	return next
}

// sorted returns facts in the order of their places. They are large: their
// places are sorted, and each is moved once.
func (s *shelf[T]) sorted(symbols *facts.Symbols, list []T) []T {
	type placed struct {
		place
		at int
	}
	order := make([]placed, len(list))
	for i := range list {
		order[i] = placed{s.place(&list[i]), i}
	}
	slices.SortFunc(order, func(a, b placed) int { return compare(symbols, a.place, b.place) })
	sorted := make([]T, len(list))
	for i, p := range order {
		sorted[i] = list[p.at]
	}
	return sorted
}

// add appends facts in packs of their own: the first has the given number, or a
// new one when that is 0.
func (s *shelf[T]) add(number int64, list []T, c *store.FactChange) {
	for len(list) > 0 {
		n := len(list)
		if n > 2*packSize {
			n = packSize
		}
		if number == 0 {
			s.last++
			number = s.last
		}
		c.Put = append(c.Put, store.FactPack{Kind: string(s.of), Number: number, Size: n, Data: s.pack(list[:n])})
		s.packs = append(s.packs, shelved{number, n})
		s.all = append(s.all, list[:n]...)
		list, number = list[n:], 0
	}
}

// merge joins what a pack has with what comes to it, both in order, and leaves
// out what is gone.
func (s *shelf[T]) merge(symbols *facts.Symbols, list, put []T, gone map[place]bool) (merged []T, changed bool) {
	changed = len(put) > 0
	for i := 0; i < len(list) && !changed && len(gone) > 0; i++ {
		changed = gone[s.place(&list[i])]
	}
	if !changed {
		return list, false
	}
	for len(list)+len(put) > 0 {
		var order int
		switch {
		case len(list) == 0:
			order = 1
		case len(put) == 0:
			order = -1
		default:
			order = compare(symbols, s.place(&list[0]), s.place(&put[0]))
		}
		switch {
		case order < 0:
			if !gone[s.place(&list[0])] {
				merged = append(merged, list[0])
			}
			list = list[1:]
		case order == 0:
			list = list[1:]
		default:
			merged = append(merged, put[0])
			put = put[1:]
		}
	}
	return merged, true
}
