package eventlog

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

const (
	defaultSpillAt = 64 << 20
	rowSize        = 120 // of a row in memory besides its names, in bytes, roughly
	runBuffer      = 64 << 10
)

// row is an event whose case is not read in one piece.
type row struct {
	caseID                        string
	activity, resource, lifecycle string
	at, order                     int64
}

// grouper collects the events of cases that lie scattered over a file: sorted in
// memory, and where they are too many in runs on a disk that are then merged.
type grouper struct {
	options *Options
	names   *names // of the rows
	rows    []row
	added   int // names.added when there were no rows
	order   int64
	spill   Spill
	written int64
	runs    []span
}

// span is where a run lies in the spill.
type span struct{ from, to int64 }

func newGrouper(o *Options, n *names) *grouper { return &grouper{options: o, names: n, added: n.added} }

func (g *grouper) add(caseID string, e Event) error {
	g.order++
	g.rows = append(g.rows, row{caseID, e.Activity, e.Resource, e.Lifecycle, e.At.UnixMicro(), g.order})
	most := g.options.SpillAt
	if most == 0 {
		most = defaultSpillAt
	}
	if len(g.rows)*rowSize+g.names.added-g.added < most || g.options.Spill == nil {
		return nil
	}
	return g.spillRows()
}

func (g *grouper) sort() {
	slices.SortFunc(g.rows, func(a, b row) int { return compareKeys(a.caseID, b.caseID, a.at, b.at, a.order, b.order) })
}

// spillRows writes what is in memory as a sorted run.
func (g *grouper) spillRows() error {
	if g.spill == nil {
		spill, err := g.options.Spill()
		if err != nil {
			return fmt.Errorf("opening a place for a large log: %w", err)
		}
		g.spill = spill
	}
	g.sort()
	w := bufio.NewWriterSize(g.spill, 1<<20)
	from := g.written
	var buf []byte
	for _, r := range g.rows {
		buf = r.append(buf[:0])
		g.written += int64(len(buf))
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("setting a part of a large log aside: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("setting a part of a large log aside: %w", err)
	}
	g.runs = append(g.runs, span{from, g.written})
	clear(g.rows) // their names go
	g.rows, g.added = g.rows[:0], g.names.added
	return nil
}

func (r row) append(b []byte) []byte {
	for _, s := range [...]string{r.caseID, r.activity, r.resource, r.lifecycle} {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.AppendVarint(b, r.at)
	return binary.AppendVarint(b, r.order)
}

// run is a run that is read.
type run struct {
	in    *bufio.Reader
	names *names
	text  []byte
	head  row
}

func (r *run) advance() error {
	texts := [...]*string{&r.head.caseID, &r.head.activity, &r.head.resource, &r.head.lifecycle}
	for i, into := range texts {
		n, err := binary.ReadUvarint(r.in)
		if err != nil {
			return err // io.EOF at the end of the run
		}
		r.text = slices.Grow(r.text[:0], int(n))[:n] //nolint:gosec // MaxName at most
		if _, err := io.ReadFull(r.in, r.text); err != nil {
			return err
		}
		if i > 0 || *into != string(r.text) {
			*into = r.names.of(r.text)
		}
	}
	var err error
	if r.head.at, err = binary.ReadVarint(r.in); err == nil {
		r.head.order, err = binary.ReadVarint(r.in)
	}
	return err
}

// runs is a heap of runs by their heads.
//
//nolint:recvcheck // as container/heap has it
type runs []*run

func (r runs) Len() int { return len(r) }
func (r runs) Less(i, j int) bool {
	a, b := &r[i].head, &r[j].head
	return compareKeys(a.caseID, b.caseID, a.at, b.at, a.order, b.order) < 0
}
func (r runs) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r *runs) Push(v any)   { *r = append(*r, v.(*run)) } //nolint:forcetypeassert,errcheck // nothing else is pushed
func (r *runs) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

// flush hands the cases to each, by their ids.
func (g *grouper) flush(each func(Case) error) error {
	id, events := "", pile{}
	end := func() error {
		if issue := events.issue(id); issue != "" {
			return g.options.faulty(&Fault{Issue: issue})
		}
		if events.n == 0 {
			return nil
		}
		return each(Case{ID: id, Events: events.events})
	}
	take := func(r row) error {
		if r.caseID != id {
			if err := end(); err != nil {
				return err
			}
			id, events = r.caseID, pile{}
		}
		events.add(Event{r.activity, time.UnixMicro(r.at).UTC(), r.resource, r.lifecycle})
		return nil
	}
	if err := g.sorted(take); err != nil {
		return err
	}
	return end()
}

// sorted hands every row to take, in order.
func (g *grouper) sorted(take func(row) error) error {
	if len(g.runs) == 0 {
		g.sort()
		for _, r := range g.rows {
			if err := take(r); err != nil {
				return err
			}
		}
		return nil
	}
	if err := g.spillRows(); err != nil {
		return err
	}
	open := make(runs, 0, len(g.runs))
	for _, s := range g.runs {
		r := &run{in: bufio.NewReaderSize(io.NewSectionReader(g.spill, s.from, s.to-s.from), runBuffer), names: g.names}
		switch err := r.advance(); {
		case err == nil:
			open = append(open, r)
		case !errors.Is(err, io.EOF):
			return fmt.Errorf("reading what was set aside of a large log: %w", err)
		}
	}
	heap.Init(&open)
	for len(open) > 0 {
		if err := take(open[0].head); err != nil {
			return err
		}
		switch err := open[0].advance(); {
		case err == nil:
			heap.Fix(&open, 0)
		case errors.Is(err, io.EOF):
			heap.Pop(&open)
		default:
			return fmt.Errorf("reading what was set aside of a large log: %w", err)
		}
	}
	return nil
}
