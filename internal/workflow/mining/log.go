// Package mining finds the process that histories show: how activities follow
// each other, which ways cases take, models of it, and how far the cases are
// from the workflow that a project has configured.
//
// An event log is a set of cases, each a sequence of events with an activity
// and a time (IEEE 1849-2016; van der Aalst, Process Mining, 2016). The package
// knows nothing of where the log is from. It is pure, its answers do not depend
// on the order of the cases, and it changes nothing that it is given.
package mining

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Log is an event log.
type Log struct {
	Activities []string // names; two of one name are one activity
	Traces     []Trace
}

// Trace is the events of one case. They are in order of their times, and
// events of one time in the order in which their source has them: whoever makes
// a trace sorts it stably, as a sort by time alone would invent successions.
type Trace struct {
	Case       string // as people write it
	Activities []int32
	Times      []facts.Time // as many as Activities
	Open       bool         // the case is not over: more is to come
}

// Check returns an error that says what is wrong with a log that is none:
// traces without a time for each event, activities without a name, and events
// that are not in order.
func (l *Log) Check() error {
	for i := range l.Traces {
		if err := l.Traces[i].check(len(l.Activities)); err != nil {
			return fmt.Errorf("case %q, place %d: %w", l.Traces[i].Case, i, err)
		}
	}
	return nil
}

func (t *Trace) check(activities int) error {
	if len(t.Activities) != len(t.Times) {
		return fmt.Errorf("%d activities have %d times", len(t.Activities), len(t.Times))
	}
	for i, a := range t.Activities {
		if a < 0 || int(a) >= activities {
			return fmt.Errorf("event %d has activity %d of %d", i, a, activities)
		}
		if i > 0 && t.Times[i] < t.Times[i-1] {
			return fmt.Errorf("event %d is before event %d", i, i-1)
		}
	}
	return nil
}

// events is a log with its activities numbered in the order of their names:
// what is computed of it does not depend on how the log numbers them, and an
// activity that never happens has no number.
type events struct {
	log    *Log
	names  []string // of the activities, in order
	number []int32  // of each activity of the log; -1 never happens
	flat   []int32  // the activities of all traces, one trace after the other
	starts []int    // where in flat each trace begins, and where the last one ends
	counts []int    // events by activity
}

func number(l *Log) *events {
	e := &events{log: l, number: make([]int32, len(l.Activities)), starts: make([]int, 1, len(l.Traces)+1)}
	happened := make([]int, len(l.Activities))
	total := 0
	for i := range l.Traces {
		for _, a := range l.Traces[i].Activities {
			happened[a]++
		}
		total += len(l.Traces[i].Activities)
		e.starts = append(e.starts, total)
	}
	e.name(happened)
	e.flat = make([]int32, 0, total)
	for i := range l.Traces {
		for _, a := range l.Traces[i].Activities {
			e.flat = append(e.flat, e.number[a])
		}
	}
	return e
}

// name gives every activity that happened its number.
func (e *events) name(happened []int) {
	order := make([]int, 0, len(happened))
	for a, n := range happened {
		e.number[a] = -1
		if n > 0 {
			order = append(order, a)
		}
	}
	names := e.log.Activities
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	for i, a := range order {
		if i == 0 || names[a] != names[order[i-1]] {
			e.names = append(e.names, names[a])
			e.counts = append(e.counts, 0)
		}
		e.number[a] = int32(len(e.names) - 1) //nolint:gosec // activities have numbers of 32 bits
		e.counts[len(e.names)-1] += happened[a]
	}
}

// trace returns the activities of the i-th trace.
func (e *events) trace(i int) []int32 { return e.flat[e.starts[i]:e.starts[i+1]] }

// named returns the names of activities, at most limit of them.
func (e *events) named(activities []int32, limit int) []string {
	list := make([]string, min(limit, len(activities)))
	for i := range list {
		list[i] = e.names[activities[i]]
	}
	return list
}
