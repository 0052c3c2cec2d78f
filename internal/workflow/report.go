package workflow

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Report is everything that is known of how a project's work flows, in a window
// and as of a moment. Lists are never null.
type Report struct {
	Window      Window      `json:"window"`
	AsOf        time.Time   `json:"as_of"`
	Granularity Granularity `json:"granularity"`
	Zone        string      `json:"zone"` // whose days, weeks and months count
	States      []WorkState `json:"states"`
	// CommitmentState and DoneState are where work begins and ends; null is none.
	CommitmentState *string  `json:"commitment_state"`
	DoneState       *string  `json:"done_state"`
	Items           Items    `json:"items"`
	Analysis        Analysis `json:"workflow_analysis"`
}

// Window is the time that is counted: from From on, before To.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Items says of how many work items a report knows.
type Items struct {
	Total int `json:"total"` // that count, created until as_of
	// IncompleteHistories are those of which the vendor has more history than
	// could be read: their times may be too short.
	IncompleteHistories int `json:"incomplete_histories"`
}

// Analysis is the report's body.
type Analysis struct {
	ProcessMining     ProcessMining     `json:"process_mining"`
	TeamCollaboration TeamCollaboration `json:"team_collaboration"`
	Performance       Performance       `json:"performance_metrics"`
}

// ProcessMining is the process that the histories show.
type ProcessMining struct{}

// TeamCollaboration is how people work together, as a team and never by name.
type TeamCollaboration struct{}

// Performance is what is measured of the flow of work and its delivery.
type Performance struct{}

// Compute makes the report of a query. The same facts, settings and query give
// the same bytes of JSON.
func Compute(log *facts.Log, config *Config, q Query) *Report {
	c := newCalc(log, config, &q)
	return &Report{
		Window:          Window{From: c.from.UTC(), To: c.to.UTC()},
		AsOf:            c.asOf.UTC(),
		Granularity:     q.Granularity,
		Zone:            config.Zone.String(),
		States:          append([]WorkState{}, config.States...),
		CommitmentState: stateName(config, config.Commitment),
		DoneState:       stateName(config, config.Done),
		Items:           countItems(c),
		Analysis: Analysis{
			ProcessMining:     ProcessMining{},
			TeamCollaboration: TeamCollaboration{},
			Performance:       Performance{},
		},
	}
}

func stateName(config *Config, state int) *string {
	if state < 0 {
		return nil
	}
	return &config.States[state].Name
}

func countItems(c *calc) Items {
	n := Items{Total: len(c.flows)}
	for i := range c.flows {
		if c.flows[i].item.Incomplete {
			n.IncompleteHistories++
		}
	}
	return n
}
