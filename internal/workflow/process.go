package workflow

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/mining"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// ProcessMining is the process that the histories show, whatever the workflow
// is meant to be.
type ProcessMining struct {
	Basis
	Whole     bool `json:"whole_history"` // of all cases, as nobody asked for a window
	OpenCases int  `json:"open_cases"`    // of n, those that are not over
	Events    int  `json:"events"`

	CommonWorkflows  []mining.Variant      `json:"common_workflows"` // the five that most cases take
	Variants         mining.Variants       `json:"variants"`
	Activities       []mining.Activity     `json:"activities"`
	ActivitiesTotal  int                   `json:"activities_total"`
	Start            []mining.EndPoint     `json:"start"`
	End              []mining.EndPoint     `json:"end"`
	Transitions      []mining.Edge         `json:"transitions"`
	TransitionsTotal int                   `json:"transitions_total"`
	Rework           mining.Rework         `json:"rework"`
	CaseDuration     mining.CaseDuration   `json:"case_duration"`
	Heuristics       mining.HeuristicsNet  `json:"heuristics_net"`
	Inductive        mining.InductiveModel `json:"inductive_model"`
	Conformance      mining.Conformance    `json:"conformance"`

	Bottlenecks Bottleneck `json:"bottlenecks"`
}

const (
	commonWorkflows   = 5
	processConvention = "a case is a work item, and its events are the states that it entered (of an imported log, its activities) until as_of; of a window, the cases whose last event is in it"
	conformConvention = "optimal alignment of each case that is over with the states in order: each once from the commitment state to done, those before it, and those that no item was ever in, may be left out, and one of the done states is enough"
)

func processMining(c *calc) ProcessMining {
	cases := c.cases()
	log := c.eventLog(cases)
	m := ProcessMining{Whole: c.q.Whole, Basis: basisOf(processConvention, len(cases), 1, "", "No work item has a history in the window.")}
	missing := c.config.missing(true, true)
	workflow := c.configured()
	if missing != "" {
		workflow = nil
	}
	found, err := mining.Analyse(log, workflow, mining.DefaultLimits())
	if err != nil { // stays are in order and of states that exist: only a fault of this program gets here
		panic("workflow: the event log of the items is none: " + err.Error())
	}
	m.OpenCases, m.Events = found.OpenCases, found.Events
	m.Variants, m.CommonWorkflows = found.Variants, found.Variants.List[:min(commonWorkflows, len(found.Variants.List))]
	m.Activities, m.Start, m.End = found.Graph.Activities, found.Graph.Start, found.Graph.End
	m.ActivitiesTotal = found.Graph.ActivitiesTotal
	m.Transitions, m.TransitionsTotal = found.Graph.Edges, found.Graph.EdgesTotal
	m.Rework, m.CaseDuration = found.Rework, found.CaseDuration
	m.Heuristics, m.Inductive = found.Heuristics, found.Inductive
	m.Conformance = found.Conformance
	m.Conformance.Basis = basisOf(conformConvention, m.Conformance.N, 1, missing, "No case is over.")
	m.Explain = c.explainProcess(cases, m.Events)
	return m
}

// cases returns the items whose process is looked at.
func (c *calc) cases() []*flow {
	cases := make([]*flow, 0, len(c.flows))
	for i := range c.flows {
		f := &c.flows[i]
		if len(f.stays) == 0 {
			continue
		}
		if last := f.stays[len(f.stays)-1].from; c.q.Whole || last >= c.from && last < c.to {
			cases = append(cases, f)
		}
	}
	return cases
}

// eventLog returns the stays of items as an event log. A case is over when its
// item left the work, or when it came with an event log.
func (c *calc) eventLog(cases []*flow) *mining.Log {
	log := &mining.Log{Activities: []string{}, Traces: make([]mining.Trace, len(cases))}
	for i := range c.config.States {
		log.Activities = append(log.Activities, c.config.States[i].Name)
	}
	var wait parallel.Group
	half := len(cases) / 2
	wait.Go(func() { fillTraces(log.Traces[half:], cases[half:]) })
	fillTraces(log.Traces[:half], cases[:half])
	wait.Wait()
	return log
}

// fillTraces makes traces of flows, all in one piece of memory.
func fillTraces(traces []mining.Trace, cases []*flow) {
	events := 0
	for _, f := range cases {
		events += len(f.stays)
	}
	activities, times := make([]int32, 0, events), make([]facts.Time, 0, events)
	for i, f := range cases {
		first := len(times)
		for j := range f.stays {
			activities = append(activities, int32(f.stays[j].state)) //nolint:gosec // an index of the states
			times = append(times, f.stays[j].from)
		}
		open := f.left == 0 && f.stays[len(f.stays)-1].open
		traces[i] = mining.Trace{Case: f.item.Key, Activities: activities[first:len(times):len(times)], Times: times[first:len(times):len(times)], Open: open}
	}
}

// configured returns the project's workflow: a case has to be in each state in
// which it is worked on. What lies before is where it waits to be taken up, and
// when there are several states of done it will be in one of them. A tracker
// lists states of other kinds of work too: one that no item was ever in, and that
// the project does not name, is not asked for.
func (c *calc) configured() *mining.Workflow {
	w := &mining.Workflow{Done: c.config.Done}
	done, used := 0, c.used()
	for i := range c.config.States {
		if c.config.ended[i] {
			done++
		}
	}
	for i := range c.config.States {
		optional := !used[i] || !c.config.begun(i) || c.config.ended[i] && done > 1
		w.States = append(w.States, mining.WorkflowState{Name: c.config.States[i].Name, Optional: optional})
		w.StateOf = append(w.StateOf, int32(i))
	}
	return w
}

// used returns of each state whether an item was in it, or the project names it.
func (c *calc) used() []bool {
	used := make([]bool, len(c.config.States))
	for i := range c.flows {
		for j := range c.flows[i].stays {
			used[c.flows[i].stays[j].state] = true
		}
	}
	for i := range c.config.States {
		used[i] = used[i] || slices.ContainsFunc(c.config.Settings.States, func(s rampforge.StateSettings) bool {
			return strings.EqualFold(s.Name, c.config.States[i].Name)
		})
	}
	return used
}

// explainProcess lists the events: all of the process can be counted from them.
func (c *calc) explainProcess(cases []*flow, events int) *Explain {
	const metric = "process_mining"
	if !c.q.Explain.Wants(metric) {
		return nil
	}
	at, first := 0, 0 // the case that the row is of, and its first row
	return c.q.explained(metric, events, func(i int) ExplainedRow {
		for ; i >= first+len(cases[at].stays); at++ {
			first += len(cases[at].stays)
		}
		f := cases[at]
		s := f.stays[i-first]
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(s.from), Value: number(hours(s.to - s.from)), Detail: c.config.States[s.state].Name}
		if !s.open {
			row.To = instant(s.to)
		}
		return row
	})
}
