package mining

import (
	"math/rand/v2"
	"testing"
)

// Places are those that a map of texts would give, also of sequences that one
// hash stands for.
func TestSequences(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(81, 82))
	want := map[string]int32{}
	var list [][]int32
	var seen sequences
	for range 20_000 {
		sequence := make([]int32, r.IntN(6))
		for k := range sequence {
			sequence[k] = int32(r.IntN(5))
		}
		key := encoded(t, sequence)
		known, ok := want[key]
		place, added := seen.place(sequence, func(place int32) []int32 { return list[place] })
		if added == ok || ok && place != known || !ok && int(place) != len(list) {
			t.Fatalf("%v has place %d, new %v; want %d, new %v", sequence, place, added, known, !ok)
		}
		if added {
			want[key] = place
			list = append(list, sequence)
		}
	}
}

func TestSequencesOfOneHash(t *testing.T) {
	t.Parallel()
	first, second := []int32{1}, []int32{2}
	var seen sequences
	seen.place(first, nil)
	seen.hashes[0] = hash(second) // as if both had it
	seen.slots = nil
	seen.grow()
	at := func(int32) []int32 { return first }
	if place, added := seen.place(second, at); place != 1 || !added {
		t.Errorf("another sequence of the same hash has place %d, new %v", place, added)
	}
}
