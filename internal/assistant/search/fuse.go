package search

import (
	"cmp"
	"context"
	"slices"
)

// rankConstant is k of reciprocal rank fusion (Cormack, Clarke and Büttcher
// 2009): a passage has 1/(k + its place) of each list that it is in.
const rankConstant = 60

// fuse puts what was found by words and what was found by meaning in one order.
// What the question names exactly, and words put first, stays first.
//
// Scores are in the order of places afterwards: the passage at a place has the
// score that words gave to that place, so that they mean what they did.
func (f *Found) fuse(byMeaning []Hit) {
	words := f.Hits
	first := 0
	for first < len(words) && words[first].exact {
		first++
	}
	type place struct {
		hit  Hit
		sum  float64
		word int
	}
	places := map[int64]*place{}
	for i := range words {
		places[words[i].ID] = &place{hit: words[i], sum: 1 / float64(rankConstant+i+1), word: i}
	}
	for i := range byMeaning {
		p := places[byMeaning[i].ID]
		if p == nil {
			p = &place{hit: byMeaning[i], word: len(words)}
			places[byMeaning[i].ID] = p
		}
		p.sum += 1 / float64(rankConstant+i+1)
	}
	list := make([]*place, 0, len(places))
	for _, p := range places {
		if p.word < first {
			p.sum = 2 - float64(p.word)/float64(first) // above all sums
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *place) int {
		return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.word, b.word), cmp.Compare(a.hit.ID, b.hit.ID))
	})
	scores := make([]float64, len(list))
	for i := range scores {
		scores[i] = scoreAt(words, i)
	}
	f.Hits = make([]Hit, len(list))
	for i, p := range list {
		f.Hits[i] = p.hit
		f.Hits[i].Score = scores[i]
	}
}

// scoreAt is the score of a place: that which words gave to it, and further down
// less and less.
func scoreAt(words []Hit, i int) float64 {
	switch n := len(words); {
	case i < n:
		return words[i].Score
	case n == 0:
		return rankConstant / float64(rankConstant+i)
	default:
		return words[n-1].Score * float64(rankConstant+n) / float64(rankConstant+i+1)
	}
}

// join reads the passages that were found by meaning alone, and fuses.
func (f *Found) join(ctx context.Context, m *Meaning, near ByMeaning, r *ranker) error {
	byID := map[int64]int{}
	for i := range f.Hits {
		byID[f.Hits[i].ID] = i
	}
	lack := slices.DeleteFunc(slices.Clone(near.ids), func(id int64) bool { _, there := byID[id]; return there })
	passages, err := m.Store.PassagesByID(ctx, lack)
	if err != nil {
		return err
	}
	more := map[int64]Hit{}
	for i := range passages {
		more[passages[i].ID] = r.score(&passages[i])
	}
	var hits []Hit
	for _, id := range near.ids {
		if at, there := byID[id]; there {
			hits = append(hits, f.Hits[at])
		} else if hit, there := more[id]; there { // others are gone meanwhile
			hits = append(hits, hit)
		}
	}
	f.fuse(hits)
	return nil
}
