package search

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
)

func hits(ids ...int64) []Hit {
	out := make([]Hit, len(ids))
	for i, id := range ids {
		out[i] = Hit{Passage: rampforge.Passage{ID: id}, Score: float64(100 - 10*i)}
	}
	return out
}

// TestFuse: by reciprocal ranks, exact names before all, scores by places.
func TestFuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words, meaning []int64
		exact          int // how many of the first
		want           string
	}{
		{nil, []int64{7, 8}, 0, "7:1 8:0.98"},
		{[]int64{1, 2}, nil, 0, "1:100 2:90"},
		// 3 is second twice, 1 first and nowhere, 9 nowhere and first; a first and a
		// third place are a little more than two second ones.
		{[]int64{1, 3, 5}, []int64{9, 3}, 0, "3:100 1:90 9:80 5:79"},
		{[]int64{1, 3, 5}, []int64{5, 3, 9}, 0, "5:100 3:90 1:80 9:79"},
		{[]int64{1, 3, 5}, []int64{9, 3, 5}, 1, "1:100 3:90 5:80 9:79"},
		{[]int64{1, 3, 5}, []int64{5, 3, 9}, 2, "1:100 3:90 5:80 9:79"},
	} {
		f := Found{Hits: hits(c.words...)}
		for i := range c.exact {
			f.Hits[i].exact = true
		}
		if c.exact > 0 && len(f.Hits) > 2 {
			f.Hits[2].exact = c.exact == 1 // behind one that is not, it is one of the rest
		}
		f.fuse(hits(c.meaning...))
		var got []string
		for _, hit := range f.Hits {
			got = append(got, fmt.Sprintf("%d:%.2g", hit.ID, hit.Score))
		}
		if said := strings.ReplaceAll(strings.Join(got, " "), "1e+02", "100"); said != c.want {
			t.Errorf("%v and %v, %d exact: %s, want %s", c.words, c.meaning, c.exact, said, c.want)
		}
	}
}
