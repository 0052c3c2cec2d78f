package codeindex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// version is the first byte of an encoded index.
const version = 7

// Bounds of an encoded index, in bytes.
const (
	MaxEncoded = 64 << 20
	maxDecoded = 1 << 30
)

// ErrDamaged is the error of an index that cannot be read: cut short, changed,
// or of another version.
var ErrDamaged = errors.New("the code index is damaged or of another version")

// Encode writes the index: a byte for the version, then a zstd frame with a
// checksum. One that would be larger than MaxEncoded is written without the
// documentation of its symbols, then without their signatures, then without the
// commits of files and what was skipped, then without symbols and calls.
func (ix *Index) Encode() ([]byte, error) {
	c := ix.Contents
	for _, lighten := range []func(*Contents){keepAll, dropDocs, dropSignatures, dropCommits, dropSymbols} {
		lighten(&c)
		if b := compress(c.encode()); len(b) <= MaxEncoded {
			return b, nil
		}
	}
	return nil, fmt.Errorf("the code index is larger than %d bytes", MaxEncoded)
}

func keepAll(*Contents) {}

func dropDocs(c *Contents) {
	c.Symbols = append([]Symbol(nil), c.Symbols...)
	for i := range c.Symbols {
		c.Symbols[i].Doc = ""
	}
}

func dropSignatures(c *Contents) {
	for i := range c.Symbols {
		c.Symbols[i].Signature = ""
	}
}

func dropCommits(c *Contents) {
	c.Files = append([]File(nil), c.Files...)
	for i := range c.Files {
		c.Files[i].Recent = nil
	}
	c.Commits, c.Skipped = nil, nil
}

func dropSymbols(c *Contents) { c.Symbols, c.Calls, c.Loads = nil, nil, nil }

// coders are made once: an encoder costs megabytes.
var coders = sync.OnceValues(func() (*zstd.Encoder, *zstd.Decoder) {
	// Neither fails with these options, which are constants.
	e, errE := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	d, errD := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDecoded))
	if err := errors.Join(errE, errD); err != nil {
		panic(err)
	}
	return e, d
})

func compress(plain []byte) []byte {
	e, _ := coders()
	return e.EncodeAll(plain, []byte{version})
}

// Decode reads what Encode wrote.
func Decode(b []byte) (*Index, error) {
	if len(b) == 0 || len(b) > MaxEncoded || b[0] != version {
		return nil, ErrDamaged
	}
	_, d := coders()
	plain, err := d.DecodeAll(b[1:], nil)
	if err != nil {
		return nil, ErrDamaged
	}
	r := &reader{b: plain}
	c := r.contents()
	if r.failed || len(r.b) > 0 {
		return nil, ErrDamaged
	}
	return New(c), nil
}

// writer appends values. Columns stand together, so that like stands by like
// when it is compressed.
type writer struct{ b []byte }

func (w *writer) number(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *writer) text(s string) {
	w.b = binary.AppendUvarint(w.b, uint64(len(s)))
	w.b = append(w.b, s...)
}

// prefixed writes texts in order, each as what it shares with the one before
// and the rest.
func (w *writer) prefixed(n int, at func(i int) string) {
	before := ""
	for i := range n {
		s := at(i)
		same := 0
		for same < len(s) && same < len(before) && s[same] == before[same] {
			same++
		}
		w.b = binary.AppendUvarint(w.b, uint64(same))
		w.text(s[same:])
		before = s
	}
}

func (w *writer) numbers(n int, at func(i int) int64) {
	for i := range n {
		w.number(at(i))
	}
}

// rising writes numbers as differences.
func (w *writer) rising(n int, at func(i int) int64) {
	before := int64(0)
	for i := range n {
		w.number(at(i) - before)
		before = at(i)
	}
}

func (w *writer) texts(n int, at func(i int) string) {
	for i := range n {
		w.text(at(i))
	}
}

// repeated writes texts of which there are few different ones.
func (w *writer) repeated(n int, at func(i int) string) {
	places := map[string]int64{}
	var list []string
	for i := range n {
		if _, ok := places[at(i)]; !ok {
			places[at(i)] = int64(len(list))
			list = append(list, at(i))
		}
	}
	w.number(int64(len(list)))
	w.texts(len(list), func(i int) string { return list[i] })
	w.numbers(n, func(i int) int64 { return places[at(i)] })
}

func (w *writer) lists(n int, at func(i int) []int32) {
	for i := range n {
		list := at(i)
		w.number(int64(len(list)))
		w.rising(len(list), func(j int) int64 { return int64(list[j]) })
	}
}

func (w *writer) edges(edges []Edge) {
	n := len(edges)
	w.number(int64(n))
	w.rising(n, func(i int) int64 { return int64(edges[i].From) })
	w.rising(n, func(i int) int64 { return int64(edges[i].To) })
	w.numbers(n, func(i int) int64 { return int64(edges[i].Weight) })
	w.numbers(n, func(i int) int64 { return int64(edges[i].Confidence) })
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

func (c *Contents) encode() []byte {
	w := &writer{}
	w.text(c.Commit)
	w.number(flag(c.Complete))
	w.number(int64(len(c.People)))
	w.texts(len(c.People), func(i int) string { return c.People[i].Name })
	w.numbers(len(c.People), func(i int) int64 { return int64(c.People[i].Quarter)<<1 | flag(c.People[i].Here) })
	c.encodeFiles(w)
	c.encodeSymbols(w)
	w.edges(c.Imports)
	w.edges(c.Requests)
	w.edges(c.Calls)
	w.edges(c.Loads)
	w.number(int64(len(c.Components)))
	for _, x := range c.Components {
		w.text(x.Name)
		w.text(x.Type)
		w.text(x.Path)
		w.number(int64(x.Parent))
	}
	w.edges(c.Uses)
	n := len(c.Couples)
	w.number(int64(n))
	w.rising(n, func(i int) int64 { return int64(c.Couples[i].A) })
	w.rising(n, func(i int) int64 { return int64(c.Couples[i].B) })
	w.numbers(n, func(i int) int64 { return int64(c.Couples[i].Shared) })
	w.numbers(n, func(i int) int64 { return int64(c.Couples[i].Degree) })
	n = len(c.Commits)
	w.number(int64(n))
	w.texts(n, func(i int) string { return c.Commits[i].Hash })
	w.rising(n, func(i int) int64 { return c.Commits[i].When })
	w.texts(n, func(i int) string { return c.Commits[i].Subject })
	n = len(c.Skipped)
	w.number(int64(n))
	w.prefixed(n, func(i int) string { return c.Skipped[i].Path })
	w.repeated(n, func(i int) string { return c.Skipped[i].Reason })
	return w.b
}

func (c *Contents) encodeFiles(w *writer) {
	f, n := c.Files, len(c.Files)
	w.number(int64(n))
	w.prefixed(n, func(i int) string { return f[i].Path })
	w.repeated(n, func(i int) string { return f[i].Language })
	w.repeated(n, func(i int) string { return f[i].Kind })
	for i := range f {
		w.b = binary.LittleEndian.AppendUint64(w.b, f[i].Blob)
	}
	for _, column := range fileColumns {
		w.numbers(n, func(i int) int64 { return column.get(&f[i]) })
	}
	w.texts(n, func(i int) string { return f[i].Doc })
	w.repeated(n, func(i int) string { return f[i].Entry })
	w.lists(n, func(i int) []int32 { return f[i].Owners })
	w.lists(n, func(i int) []int32 { return f[i].Authors })
	w.lists(n, func(i int) []int32 { return f[i].Recent })
}

func (c *Contents) encodeSymbols(w *writer) {
	s, n := c.Symbols, len(c.Symbols)
	w.number(int64(n))
	w.rising(n, func(i int) int64 { return int64(s[i].File) })
	w.prefixed(n, func(i int) string { return s[i].Name })
	w.repeated(n, func(i int) string { return s[i].Kind })
	w.rising(n, func(i int) int64 { return int64(s[i].Line) })
	w.numbers(n, func(i int) int64 { return int64(s[i].EndLine) - int64(s[i].Line) })
	w.numbers(n, func(i int) int64 { return flag(s[i].Exported) | flag(s[i].Test)<<1 })
	w.numbers(n, func(i int) int64 { return int64(s[i].Cognitive) })
	w.texts(n, func(i int) string { return s[i].Doc })
	w.texts(n, func(i int) string { return s[i].Signature })
	w.numbers(n, func(i int) int64 { return int64(s[i].DeclaredIn) })
	w.numbers(n, func(i int) int64 { return int64(s[i].DeclaredLine) })
}

// fileColumns are the numbers of a file, in the order in which they are kept.
var fileColumns = []struct {
	get func(*File) int64
	set func(*File, int64)
}{
	{func(f *File) int64 { return int64(f.Component) }, func(f *File, n int64) { f.Component = small(n) }},
	{func(f *File) int64 { return f.Code }, func(f *File, n int64) { f.Code = n }},
	{func(f *File) int64 { return f.Lines }, func(f *File, n int64) { f.Lines = n }},
	{func(f *File) int64 { return int64(f.Functions) }, func(f *File, n int64) { f.Functions = small(n) }},
	{func(f *File) int64 { return int64(f.Cyclomatic) }, func(f *File, n int64) { f.Cyclomatic = small(n) }},
	{func(f *File) int64 { return int64(f.Cognitive) }, func(f *File, n int64) { f.Cognitive = small(n) }},
	{func(f *File) int64 { return flag(f.Test) | flag(f.Source)<<1 | flag(f.Helper)<<2 }, func(f *File, n int64) { f.Test, f.Source, f.Helper = n&1 != 0, n&2 != 0, n&4 != 0 }},
	{func(f *File) int64 { return int64(f.Revisions) }, func(f *File, n int64) { f.Revisions = small(n) }},
	{func(f *File) int64 { return f.Changed }, func(f *File, n int64) { f.Changed = n }},
	{func(f *File) int64 { return int64(f.Ownership) }, func(f *File, n int64) { f.Ownership = uint8(min(max(n, 0), int64(OwnershipSpread))) }},
}

// small makes a stored number one of four bytes.
func small(n int64) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }
