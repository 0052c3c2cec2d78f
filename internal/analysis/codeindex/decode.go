package codeindex

import (
	"encoding/binary"
	"math"
)

// reader reads what a writer wrote. After the first fault it reads zeros, and
// failed is set. No list is made longer than the bytes that are left.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) fail() {
	r.failed, r.b = true, nil
}

func (r *reader) number() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) unsigned() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// The most entries that are read, so that a small input does not ask for much
// memory. An analysis makes fewer.
const (
	mostFiles   = 1 << 20
	mostSymbols = 1 << 21
	mostEdges   = 1 << 24
	mostEntries = 1 << 22 // of any other list
)

// length reads how many entries follow, each of at least a byte.
func (r *reader) length(most int64) int {
	n := r.number()
	if n < 0 || n > int64(len(r.b)) || n > most {
		r.fail()
		return 0
	}
	return int(n)
}

// place reads a number that is a place in a list of n, or -1 where none may be.
func (r *reader) place(n int64, length int, none bool) int32 {
	if n >= int64(length) || n < -1 || n == -1 && !none {
		r.fail()
		return 0
	}
	return int32(n) //nolint:gosec // checked
}

func (r *reader) text() string {
	n := r.unsigned()
	if n > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

// maxText bounds a text that is made of another: many that share their
// beginnings could be far longer than the bytes that tell of them.
const maxText = 64 << 10

func (r *reader) prefixed(n int, set func(i int, s string)) {
	before := ""
	room := maxDecoded
	for i := range n {
		same := r.unsigned()
		if same > uint64(len(before)) || same > maxText {
			r.fail()
			return
		}
		rest := r.text()
		before = before[:same] + rest
		if room -= len(before); room < 0 {
			r.fail()
			return
		}
		set(i, before)
	}
}

func (r *reader) numbers(n int, set func(i int, v int64)) {
	for i := range n {
		set(i, r.number())
	}
}

func (r *reader) rising(n int, set func(i int, v int64)) {
	v := int64(0)
	for i := range n {
		v += r.number()
		set(i, v)
	}
}

func (r *reader) texts(n int, set func(i int, s string)) {
	for i := range n {
		set(i, r.text())
	}
}

func (r *reader) repeated(n int, set func(i int, s string)) {
	list := make([]string, r.length(mostEntries))
	r.texts(len(list), func(i int, s string) { list[i] = s })
	r.numbers(n, func(i int, v int64) {
		if at := r.place(v, len(list), false); !r.failed {
			set(i, list[at])
		}
	})
}

func (r *reader) lists(n, length int, set func(i int, list []int32)) {
	for i := range n {
		list := make([]int32, r.length(mostEntries))
		r.rising(len(list), func(j int, v int64) { list[j] = r.place(v, length, false) })
		set(i, list)
	}
}

func (r *reader) edges(from, to int) []Edge {
	edges := make([]Edge, r.length(mostEdges))
	n := len(edges)
	r.rising(n, func(i int, v int64) { edges[i].From = r.place(v, from, false) })
	r.rising(n, func(i int, v int64) { edges[i].To = r.place(v, to, false) })
	r.numbers(n, func(i int, v int64) { edges[i].Weight = small(v) })
	r.numbers(n, func(i int, v int64) { edges[i].Confidence = uint8(min(max(v, 1), 100)) })
	return edges
}

func (r *reader) contents() Contents {
	c := Contents{Commit: r.text(), Complete: r.number() == 1}
	c.People = make([]Person, r.length(mostEntries))
	r.texts(len(c.People), func(i int, s string) { c.People[i].Name = s })
	r.numbers(len(c.People), func(i int, v int64) { c.People[i].Here, c.People[i].Quarter = v&1 != 0, small(v>>1) })
	r.files(&c)
	r.symbols(&c)
	c.Imports = r.edges(len(c.Files), len(c.Files))
	c.Requests = r.edges(len(c.Files), len(c.Files))
	c.Calls = r.edges(len(c.Symbols), len(c.Symbols))
	c.Loads = r.edges(len(c.Files), len(c.Symbols))
	c.Components = make([]Component, r.length(mostEntries))
	for i := range c.Components {
		c.Components[i] = Component{Name: r.text(), Type: r.text(), Path: r.text(), Parent: r.place(r.number(), i, true)}
	}
	c.Uses = r.edges(len(c.Components), len(c.Components))
	r.couples(&c)
	c.Commits = make([]Commit, r.length(mostEntries))
	n := len(c.Commits)
	r.texts(n, func(i int, s string) { c.Commits[i].Hash = s })
	r.rising(n, func(i int, v int64) { c.Commits[i].When = v })
	r.texts(n, func(i int, s string) { c.Commits[i].Subject = s })
	c.Skipped = make([]Skipped, r.length(mostEntries))
	r.prefixed(len(c.Skipped), func(i int, s string) { c.Skipped[i].Path = s })
	r.repeated(len(c.Skipped), func(i int, s string) { c.Skipped[i].Reason = s })
	r.check(&c)
	return c
}

// check looks at what names things that came later.
func (r *reader) check(c *Contents) {
	for i := range c.Files {
		f := &c.Files[i]
		r.place(int64(f.Component), len(c.Components), true)
		for _, at := range f.Recent {
			r.place(int64(at), len(c.Commits), false)
		}
		if i > 0 && c.Files[i-1].Path >= f.Path {
			r.fail()
		}
	}
	for i := 1; i < len(c.Skipped); i++ {
		if c.Skipped[i-1].Path >= c.Skipped[i].Path {
			r.fail()
		}
	}
	for i := 1; i < len(c.Symbols); i++ {
		if c.Symbols[i-1].File > c.Symbols[i].File {
			r.fail()
		}
	}
}

func (r *reader) files(c *Contents) {
	f := make([]File, r.length(mostFiles))
	n := len(f)
	r.prefixed(n, func(i int, s string) { f[i].Path = s })
	r.repeated(n, func(i int, s string) { f[i].Language = s })
	r.repeated(n, func(i int, s string) { f[i].Kind = s })
	for i := range f {
		if len(r.b) < 8 {
			r.fail()
			return
		}
		f[i].Blob, r.b = binary.LittleEndian.Uint64(r.b), r.b[8:]
	}
	for _, column := range fileColumns {
		r.numbers(n, func(i int, v int64) { column.set(&f[i], v) })
	}
	r.texts(n, func(i int, s string) { f[i].Doc = s })
	r.repeated(n, func(i int, s string) { f[i].Entry = s })
	r.lists(n, len(c.People), func(i int, l []int32) { f[i].Owners = l })
	r.lists(n, len(c.People), func(i int, l []int32) { f[i].Authors = l })
	r.lists(n, math.MaxInt32, func(i int, l []int32) { f[i].Recent = l })
	c.Files = f
}

func (r *reader) symbols(c *Contents) {
	s := make([]Symbol, r.length(mostSymbols))
	n := len(s)
	r.rising(n, func(i int, v int64) { s[i].File = r.place(v, len(c.Files), false) })
	r.prefixed(n, func(i int, t string) { s[i].Name = t })
	r.repeated(n, func(i int, t string) { s[i].Kind = t })
	r.rising(n, func(i int, v int64) { s[i].Line = small(v) })
	r.numbers(n, func(i int, v int64) { s[i].EndLine = small(int64(s[i].Line) + small64(v)) })
	r.numbers(n, func(i int, v int64) { s[i].Exported, s[i].Test = v&1 != 0, v&2 != 0 })
	r.numbers(n, func(i int, v int64) { s[i].Cognitive = small(v) })
	r.texts(n, func(i int, t string) { s[i].Doc = t })
	r.texts(n, func(i int, t string) { s[i].Signature = t })
	r.numbers(n, func(i int, v int64) {
		if v != 0 {
			s[i].DeclaredIn = r.place(v, len(c.Files), false)
		}
	})
	r.numbers(n, func(i int, v int64) { s[i].DeclaredLine = small(max(v, 0)) })
	for i := range s {
		if s[i].DeclaredLine > 0 && len(c.Files) == 0 {
			r.fail()
		}
	}
	c.Symbols = s
}

func small64(n int64) int64 { return int64(small(n)) }

func (r *reader) couples(c *Contents) {
	c.Couples = make([]Couple, r.length(mostEntries))
	n := len(c.Couples)
	r.rising(n, func(i int, v int64) { c.Couples[i].A = r.place(v, len(c.Files), false) })
	r.rising(n, func(i int, v int64) { c.Couples[i].B = r.place(v, len(c.Files), false) })
	r.numbers(n, func(i int, v int64) { c.Couples[i].Shared = small(v) })
	r.numbers(n, func(i int, v int64) { c.Couples[i].Degree = small(v) })
}
