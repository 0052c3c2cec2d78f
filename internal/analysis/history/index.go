package history

// index is a list of lists of numbers in two arrays: five million entries cost
// what they hold, where slices of slices would cost their headers again.
type index struct {
	start []int32 // the list of key is items[start[key]:start[key+1]]
	items []int32
}

// newIndex builds the lists of the keys 0 … n-1. Pairs are asked for twice and
// must come alike; the items of a key keep their order.
func newIndex(n int, pairs func(yield func(key, item int32))) index {
	ix := index{start: make([]int32, n+1)}
	pairs(func(key, _ int32) { ix.start[key+1]++ })
	for i := range n {
		ix.start[i+1] += ix.start[i]
	}
	ix.items = make([]int32, ix.start[n])
	next := append([]int32(nil), ix.start[:n]...)
	pairs(func(key, item int32) {
		ix.items[next[key]] = item
		next[key]++
	})
	return ix
}

func (ix index) of(key int32) []int32 { return ix.items[ix.start[key]:ix.start[key+1]] }

// tally counts per number without a map: one array, and the list of the
// numbers that were seen, in the order in which they were.
type tally struct {
	count []int32
	seen  []int32
}

func newTally(n int) *tally { return &tally{count: make([]int32, n)} }

func (t *tally) add(i int32) {
	if t.count[i] == 0 {
		t.seen = append(t.seen, i)
	}
	t.count[i]++
}

func (t *tally) reset() {
	for _, i := range t.seen {
		t.count[i] = 0
	}
	t.seen = t.seen[:0]
}

// number makes an index a number of four bytes. What is counted here are
// things that are held in memory, each with more bytes than there would have
// to be for it to overflow.
func number(i int) int32 {
	return int32(i) //nolint:gosec // see above
}
