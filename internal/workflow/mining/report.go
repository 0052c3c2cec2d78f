package mining

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// Limits bound an answer. What is cut says how much there was.
type Limits struct {
	Variants int // in the list
	Edges    int // of a graph or net, and activities in a list
	Examples int // cases of a variant or of a deviation
	Length   int // events of a variant
	// Deviations are how many of them a comparison with a workflow lists.
	Deviations int
	Thresholds Thresholds // of the heuristics net
	Work       int        // of the inductive miner, in events and pairs of activities that it looks at
}

// DefaultLimits returns what a report has room for.
func DefaultLimits() Limits {
	return Limits{Variants: 20, Edges: 2000, Examples: 5, Length: 200, Deviations: 100, Thresholds: DefaultThresholds(), Work: 30_000_000}
}

// Report is the process that a log shows.
type Report struct {
	basis.Basis // N is the cases

	OpenCases    int            `json:"open_cases"` // of them, those that are not over
	Events       int            `json:"events"`
	Graph        Graph          `json:"graph"`
	Variants     Variants       `json:"variants"`
	Rework       Rework         `json:"rework"`
	CaseDuration CaseDuration   `json:"case_duration"`
	Heuristics   HeuristicsNet  `json:"heuristics_net"`
	Inductive    InductiveModel `json:"inductive_model"`
	Conformance  Conformance    `json:"conformance"`
}

// CaseDuration is how long cases that are over took from their first event to
// their last.
type CaseDuration struct {
	basis.Basis
	Durations
}

const minedAs = "every case with all its events, in order of their times and, at one time, of the source; open cases count with what has happened in them so far"

// Analyse finds the process that a log shows. The workflow may be nil: then
// nothing is compared. Its error is that of Log.Check.
func Analyse(log *Log, workflow *Workflow, limits Limits) (*Report, error) {
	if err := log.Check(); err != nil {
		return nil, err
	}
	e := number(log)
	r := &Report{Basis: basis.Basis{State: basis.OK, N: len(log.Traces), Convention: minedAs}, Events: len(e.flat)}
	if r.N == 0 {
		r.State, r.Reason = basis.NoData, "There is no case."
	}
	var parts parallel.Group // which read the same and write their own
	var f *follows
	followed := make(chan struct{})
	parts.Go(func() {
		func() {
			defer close(followed) // also when it panics: somebody waits for it
			f = e.follows()
		}()
		r.Graph = e.graph(f, limits.Edges)
		r.OpenCases, r.CaseDuration = e.caseDuration()
	})
	list := e.variants()
	parts.Go(func() { r.Inductive = e.inductive(list, limits) })
	r.Variants = e.tell(list, limits)
	r.Rework = e.rework(list, limits.Edges)
	r.Conformance = e.conformance(workflow, list, limits)
	if <-followed; f == nil {
		parts.Wait() // which panics
	}
	r.Heuristics = e.heuristics(f, list, limits)
	parts.Wait()
	return r, nil
}

func (e *events) caseDuration() (open int, d CaseDuration) {
	took := make([]int64, 0, len(e.log.Traces))
	for i := range e.log.Traces {
		switch t := &e.log.Traces[i]; {
		case t.Open:
			open++
		case len(t.Times) > 0:
			took = append(took, t.span())
		}
	}
	d.Basis = basis.Basis{State: basis.OK, N: len(took), Convention: "from the first event of a case to its last; only cases that are over"}
	switch {
	case len(took) == 0:
		d.State, d.Reason = basis.NoData, "No case is over."
	case len(took) < basis.MinSample:
		d.State, d.Reason = basis.InsufficientData, "Fewer than ten cases are over."
	default:
		d.Durations = durations(took)
	}
	return open, d
}
