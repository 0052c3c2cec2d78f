package mining

import "sync"

// Limits bound an answer. What is cut says how much there was.
type Limits struct {
	Variants  int // in the list
	Edges     int // of the graph
	Examples  int // cases of a variant or of a deviation
	Length    int // events of a variant
	MinSample int // cases that their distribution must have to be told
	// Deviations are how many of them a comparison with a workflow lists.
	Deviations int
	Thresholds Thresholds // of the heuristics net
	Work       int        // of the inductive miner, in events and pairs of activities that it looks at
}

// DefaultLimits returns what a report has room for.
func DefaultLimits() Limits {
	return Limits{Variants: 20, Edges: 2000, Examples: 5, Length: 200, MinSample: 10, Deviations: 100, Thresholds: DefaultThresholds(), Work: 50_000_000}
}

// Report is the process that a log shows.
type Report struct {
	Cases        int            `json:"cases"`
	OpenCases    int            `json:"open_cases"` // of them, those that are not over
	Events       int            `json:"events"`
	Graph        Graph          `json:"graph"`
	Variants     Variants       `json:"variants"`
	Rework       Rework         `json:"rework"`
	CaseDuration CaseDuration   `json:"case_duration"`
	Heuristics   HeuristicsNet  `json:"heuristics_net"`
	Inductive    InductiveModel `json:"inductive_model"`
	Conformance  *Conformance   `json:"conformance"` // null without a workflow
}

// CaseDuration is how long cases that are over took from their first event to
// their last. The values are null for fewer cases than it takes to tell.
type CaseDuration struct {
	N int `json:"n"`
	Durations
}

// Analyse finds the process that a log shows. The workflow may be nil: then
// nothing is compared. Its error is that of Log.Check.
func Analyse(log *Log, workflow *Workflow, limits Limits) (*Report, error) {
	if err := log.Check(); err != nil {
		return nil, err
	}
	e := number(log)
	f := e.follows()
	r := &Report{Cases: len(log.Traces), Events: len(e.flat)}
	var parts sync.WaitGroup // which read the same and write their own
	parts.Go(func() {
		r.Graph = e.graph(f, limits.Edges)
		r.OpenCases, r.CaseDuration = e.caseDuration(limits.MinSample)
	})
	list := e.variants()
	parts.Go(func() { r.Inductive = e.inductive(list, limits) })
	r.Variants = e.tell(list, limits)
	r.Rework = e.rework(list)
	r.Heuristics = e.heuristics(f, list, limits)
	if workflow != nil && len(workflow.States) > 0 {
		c := e.conformance(workflow, list, limits)
		r.Conformance = &c
	}
	parts.Wait()
	return r, nil
}

func (e *events) caseDuration(enough int) (open int, d CaseDuration) {
	took := make([]int64, 0, len(e.log.Traces))
	for i := range e.log.Traces {
		switch t := &e.log.Traces[i]; {
		case t.Open:
			open++
		case len(t.Times) > 0:
			took = append(took, t.span())
		}
	}
	d.N = len(took)
	if d.N >= enough {
		d.Durations = durations(took)
	}
	return open, d
}
