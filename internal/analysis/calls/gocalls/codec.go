package gocalls

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"runtime"
)

// version counts the changes of what is found in, or kept of, unchanged files.
const version = "gocalls/5/"

// sum makes a key of texts.
type sum struct{ hash.Hash }

func newSum(kind string) sum {
	s := sum{sha256.New()}
	s.text(version)
	s.text(runtime.Version())
	s.text(kind)
	return s
}

// text adds a text with its length, so that no two lists of texts are alike.
func (s sum) text(t string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(t)))
	s.Write(n[:])
	s.Write([]byte(t))
}

func (s sum) key() string { return version + hex.EncodeToString(s.Sum(nil)) }

// digest is what stands for all that was added.
func (s sum) digest() string { return string(s.Sum(nil)[:16]) }

// writer and reader are the form of what is kept: numbers and texts in a row.
type writer struct{ bytes []byte }

func (w *writer) number(n int) { w.bytes = binary.AppendUvarint(w.bytes, uint64(n)) } //nolint:gosec // never negative

func (w *writer) flag(on bool) {
	n := 0
	if on {
		n = 1
	}
	w.number(n)
}

func (w *writer) text(t string) {
	w.number(len(t))
	w.bytes = append(w.bytes, t...)
}

func (w *writer) list(texts []string) {
	w.number(len(texts))
	for _, t := range texts {
		w.text(t)
	}
}

func (w *writer) id(n int32) { w.number(int(n)) }

func (w *writer) ids(list []int32) {
	w.number(len(list))
	for _, n := range list {
		w.id(n)
	}
}

func (w *writer) methods(list []method) {
	w.number(len(list))
	for _, m := range list {
		w.id(m.name)
		w.id(m.signature)
		w.id(m.function + 1)
		w.id(m.iface + 1)
		w.flag(m.exported)
	}
}

// reader gives zero for all that is not there, and remembers it.
type reader struct {
	bytes  []byte
	texts  int32 // ids are below
	failed bool
}

func (r *reader) number() int {
	n, size := binary.Uvarint(r.bytes)
	if size <= 0 || n > 1<<31-1 {
		r.failed, r.bytes = true, nil
		return 0
	}
	r.bytes = r.bytes[size:]
	return int(n)
}

// length is the number of things that follow, each of a byte at least.
func (r *reader) length() int {
	n := r.number()
	if n > len(r.bytes) {
		r.failed, r.bytes = true, nil
		return 0
	}
	return n
}

func (r *reader) flag() bool { return r.number() == 1 }

func (r *reader) text() string {
	n := r.length()
	t := string(r.bytes[:n])
	r.bytes = r.bytes[n:]
	return t
}

func (r *reader) list() []string {
	texts := make([]string, r.length())
	for i := range texts {
		texts[i] = r.text()
	}
	return texts
}

func (r *reader) id() int32 {
	n := int32(r.number()) //nolint:gosec // bounded by number
	if n >= r.texts {
		r.failed = true
		return 0
	}
	return n
}

// optional is an id that was written plus one, or -1.
func (r *reader) optional() int32 {
	n := int32(r.number()) //nolint:gosec // bounded by number
	if n > r.texts {
		r.failed = true
		return -1
	}
	return n - 1
}

func (r *reader) ids() []int32 {
	n := r.length()
	if n == 0 {
		return nil
	}
	list := make([]int32, n)
	for i := range list {
		list[i] = r.id()
	}
	return list
}

func (r *reader) methods() []method {
	n := r.length()
	if n == 0 {
		return nil
	}
	list := make([]method, n)
	for i := range list {
		list[i] = method{name: r.id(), signature: r.id(), function: r.optional(), iface: r.optional(), exported: r.flag()}
	}
	return list
}
