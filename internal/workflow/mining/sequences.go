package mining

import "slices"

// sequences finds sequences that were seen before: a hash table of places, which
// takes eight bytes a sequence and no memory of its own for each.
type sequences struct {
	slots  []int32  // places, counted from 1; 0 is free
	hashes []uint64 // by place
}

// place returns the place of a sequence, and whether it is a new one, which then
// has the next place. at returns the sequence of a place.
func (s *sequences) place(sequence []int32, at func(place int32) []int32) (place int32, added bool) {
	if 2*len(s.hashes) >= len(s.slots) {
		s.grow()
	}
	h := hash(sequence)
	slot := s.slot(h)
	for ; s.slots[slot] != 0; slot = (slot + 1) & (len(s.slots) - 1) {
		if place := s.slots[slot] - 1; s.hashes[place] == h && slices.Equal(at(place), sequence) {
			return place, false
		}
	}
	place = int32(len(s.hashes)) //nolint:gosec // there are no more sequences than cases
	s.hashes = append(s.hashes, h)
	s.slots[slot] = place + 1
	return place, true
}

func (s *sequences) slot(h uint64) int { return int(h & uint64(len(s.slots)-1)) } //nolint:gosec // a power of two

func (s *sequences) grow() {
	s.slots = make([]int32, max(64, 2*len(s.slots)))
	for place, h := range s.hashes {
		slot := s.slot(h)
		for s.slots[slot] != 0 {
			slot = (slot + 1) & (len(s.slots) - 1)
		}
		s.slots[slot] = int32(place) + 1
	}
}

// hash mixes as MurmurHash does: equal hashes are compared.
func hash(sequence []int32) uint64 {
	h := uint64(len(sequence)) + 0x9e3779b97f4a7c15
	for _, a := range sequence {
		h = (h ^ uint64(a)) * 0xff51afd7ed558ccd //nolint:gosec // any bits will do
		h ^= h >> 32
	}
	return h
}
