// Package vector finds the nearest of many vectors by looking at each: numbers
// are kept as bytes with a scale, and compared by their product. It is pure, and
// may import nothing of ours.
package vector

import (
	"cmp"
	"math"
	"slices"
)

// Quantised is a vector whose numbers are bytes: the number of a place is Scale
// times its byte.
type Quantised struct {
	Scale  float32
	Values []int8
}

// Quantise rounds a vector to bytes, by the largest of its numbers.
func Quantise(v []float32) Quantised {
	var most float32
	for _, x := range v {
		most = max(most, float32(math.Abs(float64(x))))
	}
	q := Quantised{Values: make([]int8, len(v))}
	if most == 0 {
		return q
	}
	q.Scale = most / math.MaxInt8
	for i, x := range v {
		q.Values[i] = int8(math.Round(float64(x / q.Scale))) // within -127 and 127
	}
	return q
}

// Bytes are the bytes of a vector, for a database.
func (q Quantised) Bytes() []byte {
	out := make([]byte, len(q.Values))
	for i, x := range q.Values {
		out[i] = byte(x) //nolint:gosec // that is how they are kept
	}
	return out
}

// dot is the product of two vectors of the same length, which no vector is too
// long for: 127² times 4,096 is far below the bound of 32 bits.
func dot(a, b []int8) int32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 int32
	for len(a) >= 8 && len(b) >= 8 {
		s0 += int32(a[0])*int32(b[0]) + int32(a[4])*int32(b[4])
		s1 += int32(a[1])*int32(b[1]) + int32(a[5])*int32(b[5])
		s2 += int32(a[2])*int32(b[2]) + int32(a[6])*int32(b[6])
		s3 += int32(a[3])*int32(b[3]) + int32(a[7])*int32(b[7])
		a, b = a[8:], b[8:]
	}
	for i, x := range a {
		s0 += int32(x) * int32(b[i])
	}
	return s0 + s1 + s2 + s3
}

// Block is many vectors of one length, each with an id.
type Block struct {
	dimensions int
	ids        []int64
	scales     []float32
	values     []int8
}

// perVector is what a vector takes beside its numbers, in bytes.
const perVector = 8 + 4

// Size is about how many bytes so many vectors take.
func Size(vectors, dimensions int) int64 { return int64(vectors) * int64(dimensions+perVector) }

// NewBlock returns a block without vectors, with room for some.
func NewBlock(dimensions, room int) Block {
	return Block{dimensions: dimensions, ids: make([]int64, 0, room), scales: make([]float32, 0, room), values: make([]int8, 0, room*dimensions)}
}

// With returns the block with one more vector; values are its bytes. One of
// another length is left out. Who has the block of before may go on reading it.
func (b Block) With(id int64, scale float32, values []byte) Block {
	if len(values) != b.dimensions {
		return b
	}
	b.ids, b.scales = append(b.ids, id), append(b.scales, scale)
	for _, x := range values {
		b.values = append(b.values, int8(x)) //nolint:gosec // that is how they are kept
	}
	return b
}

// Dimensions is how many numbers a vector has.
func (b Block) Dimensions() int { return b.dimensions }

// Len is how many vectors there are.
func (b Block) Len() int { return len(b.ids) }

// Bytes is about how many bytes the block takes.
func (b Block) Bytes() int64 { return int64(8*cap(b.ids) + 4*cap(b.scales) + cap(b.values)) }

// Near offers the vectors of a block whose ids are wanted.
func (b Block) Near(q Quantised, wanted func(id int64) bool, to *Best) {
	if len(q.Values) != b.dimensions || b.dimensions == 0 {
		return
	}
	for i, scale := range b.scales {
		score := scale * float32(dot(q.Values, b.values[i*b.dimensions:(i+1)*b.dimensions]))
		if to.takes(score) && (wanted == nil || wanted(b.ids[i])) {
			to.Offer(b.ids[i], score)
		}
	}
}

// Product offers one vector by its bytes.
func (q Quantised) Product(scale float32, values []byte) (float32, bool) {
	if len(values) != len(q.Values) {
		return 0, false
	}
	var sum int32
	for i, x := range q.Values {
		sum += int32(x) * int32(int8(values[i])) //nolint:gosec // that is how they are kept
	}
	return scale * float32(sum), true
}

// Found is a vector that was found. Scores compare those of one question only.
type Found struct {
	ID    int64
	Score float32
}

// Best keeps the best of what is offered, each id once.
type Best struct {
	most int
	heap []Found // the worst first
	has  map[int64]bool
}

// NewBest keeps so many.
func NewBest(most int) *Best { return &Best{most: most, has: make(map[int64]bool, most)} }

func (t *Best) takes(score float32) bool {
	return t.most > 0 && (len(t.heap) < t.most || score >= t.heap[0].Score)
}

// worse tells which of two goes first; of equal ones that which was written later.
func worse(a, b Found) bool { return a.Score < b.Score || a.Score == b.Score && a.ID > b.ID }

// Offer takes a vector, where it is among the best.
func (t *Best) Offer(id int64, score float32) {
	f := Found{id, score}
	if t.most == 0 || t.has[id] || len(t.heap) == t.most && !worse(t.heap[0], f) {
		return
	}
	t.has[id] = true
	if len(t.heap) < t.most {
		t.heap = append(t.heap, f)
		for at := len(t.heap) - 1; at > 0 && worse(t.heap[at], t.heap[(at-1)/2]); at = (at - 1) / 2 {
			t.heap[at], t.heap[(at-1)/2] = t.heap[(at-1)/2], t.heap[at]
		}
		return
	}
	delete(t.has, t.heap[0].ID)
	t.heap[0] = f
	for at := 0; ; {
		least := at
		for _, child := range []int{2*at + 1, 2*at + 2} {
			if child < len(t.heap) && worse(t.heap[child], t.heap[least]) {
				least = child
			}
		}
		if least == at {
			return
		}
		t.heap[at], t.heap[least] = t.heap[least], t.heap[at]
		at = least
	}
}

// List returns what is kept, best first.
func (t *Best) List() []Found {
	out := slices.Clone(t.heap)
	slices.SortFunc(out, func(a, b Found) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return out
}
