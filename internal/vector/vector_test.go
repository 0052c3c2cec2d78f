package vector_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/vector"
)

// clustered are vectors of the length of one around some centres, as texts about
// some subjects have them.
func clustered(r *rand.Rand, n, dimensions, centres int) [][]float32 {
	middle := make([][]float64, centres)
	for i := range middle {
		middle[i] = make([]float64, dimensions)
		for j := range middle[i] {
			middle[i][j] = r.NormFloat64()
		}
	}
	out := make([][]float32, n)
	for i := range out {
		of := middle[r.IntN(centres)]
		sum := 0.0
		v := make([]float64, dimensions)
		for j := range v {
			v[j] = of[j] + 0.7*r.NormFloat64()
			sum += v[j] * v[j]
		}
		out[i] = make([]float32, dimensions)
		for j := range v {
			out[i][j] = float32(v[j] / math.Sqrt(sum))
		}
	}
	return out
}

func blockOf(list [][]float32) vector.Block {
	b := vector.NewBlock(len(list[0]), len(list))
	for i, v := range list {
		q := vector.Quantise(v)
		b = b.With(int64(i), q.Scale, q.Bytes())
	}
	return b
}

// exact are the ids of the nearest by numbers of 32 bits.
func exact(list [][]float32, q []float32, most int) []int64 {
	type found struct {
		id    int64
		score float64
	}
	all := make([]found, len(list))
	for i, v := range list {
		all[i].id = int64(i)
		for j := range v {
			all[i].score += float64(v[j]) * float64(q[j])
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id)) })
	ids := make([]int64, most)
	for i := range ids {
		ids[i] = all[i].id
	}
	return ids
}

// TestBytesAreEnough: of the ten nearest by numbers of 32 bits, nearly all are
// among the ten nearest by bytes, so that the numbers need not be kept.
func TestBytesAreEnough(t *testing.T) {
	t.Parallel()
	for _, dimensions := range []int{64, 256, 768} {
		r := rand.New(rand.NewPCG(1, uint64(dimensions)))
		list := clustered(r, 5000, dimensions, 60)
		block, found, all := blockOf(list[100:]), 0, 0
		for _, q := range list[:100] {
			best := vector.NewBest(10)
			block.Near(vector.Quantise(q), nil, best)
			want := exact(list[100:], q, 10)
			for _, f := range best.List() {
				if slices.Contains(want, f.ID) {
					found++
				}
			}
			all += len(want)
		}
		recall := float64(found) / float64(all)
		t.Logf("%d dimensions: recall@10 is %.3f", dimensions, recall)
		if recall < 0.95 {
			t.Errorf("%d dimensions: recall@10 is %.3f", dimensions, recall)
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	list := clustered(r, 400, 19, 5) // no multiple of eight
	block := blockOf(list)
	q := vector.Quantise(list[7])
	best, streamed := vector.NewBest(5), vector.NewBest(5)
	even := func(id int64) bool { return id%2 == 1 }
	block.Near(q, even, best)
	for i, v := range list {
		of := vector.Quantise(v)
		if score, ok := q.Product(of.Scale, of.Bytes()); ok && even(int64(i)) {
			streamed.Offer(int64(i), score)
			streamed.Offer(int64(i), score) // what is offered twice is there once
		}
	}
	got := best.List()
	if len(got) != 5 || got[0].ID != 7 || !slices.Equal(got, streamed.List()) {
		t.Errorf("%v, read one by one %v", got, streamed.List())
	}
	if !slices.IsSortedFunc(got, func(a, b vector.Found) int { return cmp.Compare(b.Score, a.Score) }) || slices.ContainsFunc(got, func(f vector.Found) bool { return f.ID%2 == 0 }) {
		t.Errorf("%v", got)
	}
	grown := block.With(1000, q.Scale, q.Bytes()).With(1001, 1, []byte{1})
	if grown.Len() != 401 || block.Len() != 400 {
		t.Errorf("%d vectors, and %d before", grown.Len(), block.Len())
	}
	none := vector.NewBest(3)
	grown.Near(vector.Quantise([]float32{1, 2}), nil, none)
	vector.NewBest(0).Offer(1, 1)
	if zero := vector.Quantise([]float32{0, 0}); len(none.List()) != 0 || zero.Scale != 0 {
		t.Errorf("%v, %v", none.List(), zero)
	}
	if _, ok := q.Product(1, []byte{1}); ok {
		t.Error("vectors of other lengths are compared")
	}
}

func BenchmarkNear(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprintf("vectors=%d/dimensions=256", n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 2))
			const dimensions = 256
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			block := vector.NewBlock(dimensions, n)
			values := make([]byte, dimensions)
			for i := range n {
				for j := range values {
					values[j] = byte(r.Uint32())
				}
				block = block.With(int64(i), 1, values)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			q := make([]float32, dimensions)
			for i := range q {
				q[i] = float32(r.NormFloat64())
			}
			asked := vector.Quantise(q)
			b.ResetTimer()
			for range b.N {
				best := vector.NewBest(100)
				block.Near(asked, nil, best)
				if len(best.List()) != 100 {
					b.Fatal("not all are found")
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
			runtime.KeepAlive(block)
		})
	}
}
