package facts

import (
	"encoding/binary"
	"math"
)

// writer appends values in their stored form. Numbers are varints: most of
// them are small.
type writer struct{ data []byte }

func (w *writer) count(n int)     { w.data = binary.AppendUvarint(w.data, uint64(n)) } //nolint:gosec // a length
func (w *writer) symbol(v Symbol) { w.data = binary.AppendUvarint(w.data, uint64(v)) }
func (w *writer) integer(n int)   { w.data = binary.AppendVarint(w.data, int64(n)) }
func (w *writer) float(v float64) {
	w.data = binary.LittleEndian.AppendUint64(w.data, math.Float64bits(v))
}

func (w *writer) text(s string) {
	w.count(len(s))
	w.data = append(w.data, s...)
}

func (w *writer) bool(v bool) {
	if v {
		w.data = append(w.data, 1)
	} else {
		w.data = append(w.data, 0)
	}
}

// The precisions of a time, in the two low bits of how it is stored.
const (
	bySecond = iota
	byMilli
	byMicro
)

// time stores how far t is from another, in the coarsest unit that loses
// nothing: vendors tell seconds or milliseconds. The difference may wrap: it
// wraps back.
func (w *writer) time(t, from Time) {
	d := int64(t - from)
	unit := uint64(byMicro)
	switch {
	case d%1_000_000 == 0:
		d, unit = d/1_000_000, bySecond
	case d%1000 == 0:
		d, unit = d/1000, byMilli
	}
	if zigzag := uint64(d)<<1 ^ uint64(d>>63); zigzag < 1<<62 { //nolint:gosec // bits
		w.data = binary.AppendUvarint(w.data, zigzag<<2|unit)
		return
	}
	w.data = binary.AppendUvarint(w.data, 3)                     // too far to leave room for the unit
	w.data = binary.LittleEndian.AppendUint64(w.data, uint64(t)) //nolint:gosec // bits
}

// reader takes values apart that a writer put together. After a fault it reads
// zeros, and bad is true.
type reader struct {
	data  string // what texts are parts of
	at    int
	bad   bool
	known uint64 // symbols that there are

	slabs
}

func (r *reader) fail() { r.bad, r.at = true, len(r.data) }

func (r *reader) uvarint() uint64 {
	if r.at < len(r.data) && r.data[r.at] < 0x80 { // most are of one byte
		r.at++
		return uint64(r.data[r.at-1])
	}
	var v uint64
	for shift := 0; shift < 70 && r.at < len(r.data); shift += 7 {
		b := r.data[r.at]
		r.at++
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	r.fail()
	return 0
}

func (r *reader) symbol() Symbol {
	v := r.uvarint()
	if v >= r.known {
		r.fail()
		return 0
	}
	return Symbol(v) //nolint:gosec // a table of symbols has fewer
}

func (r *reader) integer() int {
	v := r.uvarint()
	return int(int64(v>>1) ^ -int64(v&1))
}

func (r *reader) fixed() uint64 {
	if len(r.data)-r.at < 8 {
		r.fail()
		return 0
	}
	b := r.data[r.at : r.at+8]
	r.at += 8
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

func (r *reader) float() float64 { return math.Float64frombits(r.fixed()) }

func (r *reader) bool() bool { return r.uvarint() == 1 }

// count reads how many follow. Each takes a byte at least: more than there are
// bytes is a fault, and no reason to ask for memory.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.data)-r.at) { //nolint:gosec // at is within
		r.fail()
		return 0
	}
	return int(n) //nolint:gosec // bounded by a length
}

func (r *reader) text() string {
	n := r.count()
	r.at += n
	return r.data[r.at-n : r.at]
}

func (r *reader) time(from Time) Time {
	v := r.uvarint()
	d := int64(v>>3) ^ -int64(v>>2&1)
	switch v & 3 {
	case bySecond:
		return from + Time(d*1_000_000)
	case byMilli:
		return from + Time(d*1000)
	case byMicro:
		return from + Time(d)
	}
	return Time(r.fixed()) //nolint:gosec // as it was written
}

// slab hands out short lists from long ones: a list for itself would cost more
// than what is in it.
type slab[T any] struct{ free []T }

const slabSize = 4096

func (s *slab[T]) take(n int) []T {
	if n == 0 {
		return nil
	}
	if n > len(s.free) {
		if n >= slabSize/4 {
			return make([]T, n)
		}
		s.free = make([]T, slabSize)
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}

type slabs struct {
	visits      slab[Visit]
	spans       slab[Span]
	assignments slab[Assignment]
	memberships slab[Membership]
	estimates   slab[Estimate]
	remarks     slab[Remark]
	symbolLists slab[Symbol]
	textLists   slab[string]
	commits     slab[PullCommit]
	reviews     slab[Review]
}
