package mining

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// Workflow is the process as it is configured: its states in order. A case is
// meant to be in each of them once, from the first to the last.
type Workflow struct {
	States []WorkflowState
	// StateOf is the place in States of each activity of the log; -1 is none.
	StateOf []int32
	// Done is the place of the first state in which a case is done: those after
	// it are too. -1 is none.
	Done int
}

// WorkflowState is a state of a workflow.
type WorkflowState struct {
	Name     string
	Optional bool // a case may leave it out
}

// Conformance is how far the cases that are over are from the workflow.
//
// The cost of a case is that of its optimal alignment with the workflow
// (Adriansyah, 2014): one for each event that the workflow has no place for and
// one for each state that the workflow asks for and the case has no event of,
// where that sum is least. Its fitness is 1 − cost/worst, where worst is the cost of an
// alignment in which nothing fits: all its events and all states that are not
// optional.
type Conformance struct {
	basis.Basis // N is the cases that were compared

	OpenCases   int      `json:"open_cases"` // that were not, as they are not over
	Conforming  int      `json:"conforming_cases"`
	Share       *float64 `json:"conforming_share"` // of the cases, 0 to 1; null without one
	Fitness     *float64 `json:"fitness"`          // 1 − the cost of all cases / the worst of all
	MeanFitness *float64 `json:"mean_fitness"`     // mean of the cases' own
	Cost        int      `json:"cost"`             // of all cases
	WorstCost   int      `json:"worst_cost"`
	// Deviations are what makes cases differ, in most cases first. A case
	// without one is a case of cost 0, and the other way round.
	Deviations      []Deviation `json:"deviations"`
	DeviationsTotal int         `json:"deviations_total"`
}

// DeviationKind is what differs.
type DeviationKind string

// What differs from the workflow. A state is compared with the last one before
// it that the workflow knows.
const (
	SkippedState    DeviationKind = "skipped_state"    // a case was never in a state that is not optional
	BackwardMove    DeviationKind = "backward_move"    // to a state before
	ReopenedCase    DeviationKind = "reopened"         // back from a state in which it was done to one in which it is not
	RepeatedState   DeviationKind = "repeated_state"   // the same state again, without one between
	UnexpectedState DeviationKind = "unexpected_state" // one that is not of the workflow
)

// Deviation is one way in which cases differ.
type Deviation struct {
	Kind     DeviationKind `json:"kind"`
	From     string        `json:"from,omitempty"` // the state of a move
	State    string        `json:"state"`          // that was skipped, or where the move went
	Count    int           `json:"count"`
	Cases    int           `json:"cases"`
	Examples []string      `json:"examples"` // the first of the cases by their names
}

// deviation is a Deviation by numbers: of states, and of an activity where it is
// unexpected.
type deviation struct {
	kind     DeviationKind
	from, to int32
}

type deviationCount struct {
	deviation

	count, cases int
	examples     []string
	last         int // the last variant that has it, counted from 1
}

// comparison is a log that is compared with a workflow.
type comparison struct {
	*events

	workflow *Workflow
	alignment
	visited []int // the last variant that was in the state, counted from 1
	places  map[deviation]int
	found   []deviationCount
}

// alignment aligns sequences with a workflow.
type alignment struct {
	states  []WorkflowState
	stateOf []int32 // by activity
	asked   int     // states that are not optional
	gains   []int   // see cost
}

func (w *Workflow) alignment() alignment {
	a := alignment{states: w.States, gains: make([]int, len(w.States)+1)}
	for _, s := range w.States {
		if !s.Optional {
			a.asked++
		}
	}
	return a
}

const comparedAs = "cases that are over, by optimal alignment with the configured states in their order at a cost of 1 for each event " +
	"that has no place and for each state that is missing; fitness is 1 − cost / worst cost"

func (e *events) conformance(w *Workflow, list []variant, limits Limits) Conformance {
	out := Conformance{Basis: basis.Basis{State: basis.OK, Convention: comparedAs}, Deviations: []Deviation{}}
	if w == nil || len(w.States) == 0 {
		out.State, out.Reason = basis.NotConfigured, "No states are known of the project's workflow: set them in its workflow settings."
		return out
	}
	c := &comparison{events: e, workflow: w, alignment: w.alignment(), visited: make([]int, len(w.States)), places: map[deviation]int{}}
	c.stateOf = make([]int32, len(e.names))
	for a, n := range e.number {
		if n >= 0 {
			c.stateOf[n] = w.state(a)
		}
	}
	mean := 0.0
	for i, v := range list {
		cases := e.over(v.cases)
		out.OpenCases += len(v.cases) - len(cases)
		if len(cases) == 0 {
			continue
		}
		cost, worst := c.cost(v.activities), c.worst(v.activities)
		out.N += len(cases)
		out.Cost += cost * len(cases)
		out.WorstCost += worst * len(cases)
		mean += fitness(cost, worst) * float64(len(cases))
		if cost == 0 {
			out.Conforming += len(cases)
			continue
		}
		c.compare(i+1, v.activities, cases, limits.Examples)
	}
	out.tell(mean)
	out.DeviationsTotal = len(c.found)
	out.Deviations = c.deviations(limits.Deviations)
	return out
}

// state returns the place of an activity of the log in the workflow, -1 for none.
func (w *Workflow) state(activity int) int32 {
	if activity >= len(w.StateOf) || w.StateOf[activity] < 0 || int(w.StateOf[activity]) >= len(w.States) {
		return -1
	}
	return w.StateOf[activity]
}

// over returns those of the cases that are over.
func (e *events) over(cases []int32) []int32 {
	if !slices.ContainsFunc(cases, func(i int32) bool { return e.log.Traces[i].Open }) {
		return cases
	}
	return slices.DeleteFunc(slices.Clone(cases), func(i int32) bool { return e.log.Traces[i].Open })
}

func fitness(cost, worst int) float64 {
	if worst == 0 {
		return 1 // nothing was asked for and nothing happened
	}
	return 1 - float64(cost)/float64(worst)
}

func (c *Conformance) tell(mean float64) {
	if c.N == 0 {
		c.State, c.Reason = basis.NoData, "No case is over."
		return
	}
	share, whole := float64(c.Conforming)/float64(c.N), fitness(c.Cost, c.WorstCost)
	mean /= float64(c.N)
	c.Share, c.Fitness, c.MeanFitness = &share, &whole, &mean
}

// cost returns the cost of a sequence's optimal alignment. What fits is a part
// of it whose states rise; each such event is one move less in the log, and one
// less in the model where its state is asked for. gains[s+1] is the most that a
// part gains that ends with state s, and gains[0] that of the empty one, each
// raised to those before it.
func (c *alignment) cost(sequence []int32) int {
	clear(c.gains)
	for _, a := range sequence {
		s := c.stateOf[a]
		if s < 0 {
			continue
		}
		gain := c.gains[s] + 1
		if !c.states[s].Optional {
			gain++
		}
		for i := int(s) + 1; i < len(c.gains) && c.gains[i] < gain; i++ {
			c.gains[i] = gain
		}
	}
	return len(sequence) + c.asked - c.gains[len(c.gains)-1]
}

func (c *alignment) worst(sequence []int32) int { return len(sequence) + c.asked }

// compare notes what a variant, the turn-th, does that the workflow does not.
func (c *comparison) compare(turn int, sequence, cases []int32, examples int) {
	last := int32(-1)
	for _, a := range sequence {
		s := c.stateOf[a]
		if s < 0 {
			c.note(turn, deviation{UnexpectedState, -1, a}, cases, examples)
			continue
		}
		c.visited[s] = turn
		if last >= s {
			c.note(turn, deviation{c.kind(last, s), last, s}, cases, examples)
		}
		last = s
	}
	for s := range c.workflow.States {
		if c.visited[s] != turn && !c.workflow.States[s].Optional {
			c.note(turn, deviation{SkippedState, -1, int32(s)}, cases, examples)
		}
	}
}

// kind is that of a move that is not forward.
func (c *comparison) kind(from, to int32) DeviationKind {
	done := c.workflow.Done
	switch {
	case from == to:
		return RepeatedState
	case done >= 0 && int(from) >= done && int(to) < done:
		return ReopenedCase
	}
	return BackwardMove
}

func (c *comparison) note(turn int, d deviation, cases []int32, examples int) {
	place, ok := c.places[d]
	if !ok {
		place = len(c.found)
		c.places[d] = place
		c.found = append(c.found, deviationCount{deviation: d})
	}
	n := &c.found[place]
	n.count += len(cases)
	if n.last != turn {
		n.last = turn
		n.cases += len(cases)
		n.examples = c.examples(n.examples, cases, examples)
	}
}

func (c *comparison) deviations(limit int) []Deviation {
	slices.SortFunc(c.found, func(a, b deviationCount) int {
		return cmp.Or(cmp.Compare(b.cases, a.cases), cmp.Compare(b.count, a.count), cmp.Compare(a.kind, b.kind), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	list := make([]Deviation, min(limit, len(c.found)))
	for i := range list {
		n := &c.found[i]
		list[i] = Deviation{Kind: n.kind, Count: n.count, Cases: n.cases, Examples: n.examples}
		switch {
		case n.kind == UnexpectedState:
			list[i].State = c.names[n.to]
		case n.from >= 0:
			list[i].From, list[i].State = c.workflow.States[n.from].Name, c.workflow.States[n.to].Name
		default:
			list[i].State = c.workflow.States[n.to].Name
		}
	}
	return list
}
