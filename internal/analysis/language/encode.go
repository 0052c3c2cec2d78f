package language

import (
	"encoding/binary"
	"errors"
	"math"
)

// The encoding of facts is compact and quick to read: a second analysis reads
// the facts of every file that did not change, and must cost little beside
// the first. It has no version of its own; Parser.Version is part of the key.

// Encode appends facts to dst.
func Encode(dst []byte, f *Facts) []byte {
	e := encoder{dst}
	e.text(f.Package)
	e.text(f.Doc)
	e.flags(f.Main, f.Test, f.Broken)
	e.number(f.LLOC)
	e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(f.Volume))
	e.complexity(f.TopLevel)
	e.number(len(f.Functions))
	for _, n := range f.Functions {
		e.text(n.Name)
		e.number(n.Line)
		e.number(n.EndLine)
		e.flags(n.Exported, n.Test)
		e.number(n.Parameters)
		e.text(n.Takes)
		e.complexity(n.Complexity)
	}
	e.number(len(f.Imports))
	for _, n := range f.Imports {
		e.text(n.Path)
		e.flags(n.Names != nil, n.TypeOnly, n.Dynamic, n.Reexport)
		if n.Names != nil {
			e.number(len(n.Names))
			for _, name := range n.Names {
				e.text(name)
			}
		}
		e.texts(n.Locals)
		e.number(n.Line)
	}
	e.number(len(f.Declares))
	for _, n := range f.Declares {
		e.text(n.Name)
		e.b = append(e.b, byte(n.Kind))
		e.number(n.Line)
		e.number(n.EndLine)
		e.flags(n.Exported)
		e.text(n.Owner)
		e.text(n.Doc)
		e.text(n.Signature)
		e.texts(n.Bases)
	}
	e.number(len(f.References))
	for _, n := range f.References {
		e.text(n.Name)
		e.text(n.Of)
		e.number(n.Count)
	}
	e.number(len(f.Exports))
	for _, n := range f.Exports {
		e.text(n.Name)
		e.text(n.Local)
	}
	e.deep(f)
	return e.b
}

// deep appends what goes deeper than names.
func (e *encoder) deep(f *Facts) {
	e.number(len(f.Calls))
	for _, n := range f.Calls {
		e.text(n.Name)
		e.text(n.Receiver)
		e.flags(n.New)
		e.numbers(n.Function, n.Line, n.Count)
	}
	e.number(len(f.Invocations))
	for _, n := range f.Invocations {
		e.text(n.Name)
		e.text(n.Receiver)
		e.flags(n.New, n.Exported)
		e.numbers(n.On, n.Within, n.Argument, n.Function, n.Line, n.EndLine)
		e.text(n.Result)
		e.arguments(n.Args)
	}
	e.number(len(f.Annotations))
	for _, n := range f.Annotations {
		e.text(n.Name)
		e.arguments(n.Args)
		e.numbers(n.Line, n.Declaration, n.Function)
		e.text(n.Parameter)
	}
	e.number(len(f.Remarks))
	for _, n := range f.Remarks {
		e.b = append(e.b, byte(n.Kind))
		e.number(n.Line)
		e.text(n.Text)
	}
}

func (e *encoder) arguments(args []Argument) {
	e.number(len(args))
	for _, n := range args {
		e.text(n.Name)
		e.b = append(e.b, byte(n.Kind))
		e.text(n.Text)
		e.numbers(n.Call)
		e.arguments(n.List)
	}
}

func (e *encoder) texts(all []string) {
	e.number(len(all))
	for _, s := range all {
		e.text(s)
	}
}

func (e *encoder) numbers(all ...int32) {
	for _, n := range all {
		e.number(int(n))
	}
}

type encoder struct{ b []byte }

func (e *encoder) number(n int) { e.b = binary.AppendVarint(e.b, int64(n)) }

func (e *encoder) text(s string) {
	e.b = binary.AppendUvarint(e.b, uint64(len(s)))
	e.b = append(e.b, s...)
}

func (e *encoder) complexity(c Complexity) {
	e.number(c.Cyclomatic)
	e.number(c.Cognitive)
}

func (e *encoder) flags(set ...bool) {
	var bits byte
	for i, on := range set {
		if on {
			bits |= 1 << i
		}
	}
	e.b = append(e.b, bits)
}

var errDamaged = errors.New("the encoded facts are damaged")

// Decode reads what Encode wrote. Damaged input is an error. All texts of the
// facts are parts of one string: to copy or to look up each would cost more than
// all else here.
func Decode(encoded []byte) (*Facts, error) {
	d := decoder{b: string(encoded)}
	f := &Facts{Package: d.text(), Doc: d.text()}
	d.flags(&f.Main, &f.Test, &f.Broken)
	f.LLOC = d.number()
	f.Volume = math.Float64frombits(d.word())
	f.TopLevel = d.complexity()
	f.Functions = list(&d, func(n *Function) {
		n.Name, n.Line, n.EndLine = d.text(), d.number(), d.number()
		d.flags(&n.Exported, &n.Test)
		n.Parameters, n.Takes, n.Complexity = d.number(), d.text(), d.complexity()
	})
	f.Imports = list(&d, func(n *Import) {
		n.Path = d.text()
		var named bool
		d.flags(&named, &n.TypeOnly, &n.Dynamic, &n.Reexport)
		if named {
			n.Names = list(&d, func(name *string) { *name = d.text() })
			if n.Names == nil {
				n.Names = []string{}
			}
		}
		n.Locals = d.texts()
		n.Line = d.number()
	})
	f.Declares = list(&d, func(n *Declaration) {
		n.Name, n.Kind, n.Line, n.EndLine = d.text(), Kind(d.byte()), d.number(), d.number()
		d.flags(&n.Exported)
		n.Owner, n.Doc, n.Signature = d.text(), d.text(), d.text()
		n.Bases = d.texts()
	})
	f.References = list(&d, func(n *Reference) { n.Name, n.Of, n.Count = d.text(), d.text(), d.number() })
	f.Exports = list(&d, func(n *Export) { n.Name, n.Local = d.text(), d.text() })
	d.deep(f)
	if d.failed || len(d.b) > 0 {
		return nil, errDamaged
	}
	return f, nil
}

// deep reads what encoder.deep wrote.
func (d *decoder) deep(f *Facts) {
	f.Calls = list(d, func(n *Call) {
		n.Name, n.Receiver = d.text(), d.text()
		d.flags(&n.New)
		d.numbers(&n.Function, &n.Line, &n.Count)
	})
	f.Invocations = list(d, func(n *Invocation) {
		n.Name, n.Receiver = d.text(), d.text()
		d.flags(&n.New, &n.Exported)
		d.numbers(&n.On, &n.Within, &n.Argument, &n.Function, &n.Line, &n.EndLine)
		n.Result, n.Args = d.text(), d.arguments(0)
	})
	f.Annotations = list(d, func(n *Annotation) {
		n.Name, n.Args = d.text(), d.arguments(0)
		d.numbers(&n.Line, &n.Declaration, &n.Function)
		n.Parameter = d.text()
	})
	f.Remarks = list(d, func(n *Remark) { n.Kind, n.Line, n.Text = RemarkKind(d.byte()), d.number(), d.text() })
}

// MaxArgumentDepth is how deep lists nest in an argument; what lies deeper is
// left out by the parsers and refused by Decode.
const MaxArgumentDepth = 8

func (d *decoder) arguments(depth int) []Argument {
	if depth > MaxArgumentDepth {
		d.failed = d.failed || d.number() != 0
		return nil
	}
	return list(d, func(n *Argument) {
		n.Name, n.Kind, n.Text = d.text(), ArgumentKind(d.byte()), d.text()
		d.numbers(&n.Call)
		n.List = d.arguments(depth + 1)
	})
}

func (d *decoder) texts() []string {
	return list(d, func(s *string) { *s = d.text() })
}

func (d *decoder) numbers(all ...*int32) {
	for _, n := range all {
		*n = int32(d.number()) //nolint:gosec // written from an int32; a damaged one is any number all the same
	}
}

type decoder struct {
	b      string
	failed bool
}

// list reads a list, nil when it is empty. Every element takes a byte at
// least, so that a damaged length cannot ask for much memory.
func list[T any](d *decoder, read func(*T)) []T {
	n := d.number()
	if n < 0 || n > len(d.b) {
		d.failed = true
	}
	if d.failed || n == 0 {
		return nil
	}
	all := make([]T, n)
	for i := range all {
		if read(&all[i]); d.failed {
			return nil
		}
	}
	return all
}

func (d *decoder) number() int {
	v := d.unsigned()
	n := int(v >> 1)
	if v&1 != 0 {
		n = ^n
	}
	return n
}

// unsigned is binary.Uvarint for a string.
func (d *decoder) unsigned() uint64 {
	var v uint64
	for i := range min(len(d.b), binary.MaxVarintLen64) {
		c := d.b[i]
		v |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.b = d.b[i+1:]
			return v
		}
	}
	d.fail()
	return 0
}

func (d *decoder) fail() { d.failed, d.b = true, "" }

func (d *decoder) text() string {
	n := d.unsigned()
	if n > uint64(len(d.b)) {
		d.fail()
		return ""
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

func (d *decoder) byte() byte {
	if d.b == "" {
		d.failed = true
		return 0
	}
	b := d.b[0]
	d.b = d.b[1:]
	return b
}

func (d *decoder) word() uint64 {
	if len(d.b) < 8 {
		d.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64([]byte(d.b[:8]))
	d.b = d.b[8:]
	return v
}

func (d *decoder) complexity() Complexity { return Complexity{d.number(), d.number()} }

func (d *decoder) flags(set ...*bool) {
	bits := d.byte()
	for i, on := range set {
		*on = bits&(1<<i) != 0
	}
}
