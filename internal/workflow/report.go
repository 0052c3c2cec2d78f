package workflow

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/forecast"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
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
	Forecast          forecast.Forecast `json:"forecast"`
}

// TeamCollaboration is how people work together, as a team and never by name.
type TeamCollaboration struct {
	Communication    delivery.Communication    `json:"communication_patterns"`
	KnowledgeSharing delivery.KnowledgeSharing `json:"knowledge_sharing"`
}

// Performance is what is measured of the flow of work and its delivery.
type Performance struct {
	CycleTime       CycleTime       `json:"cycle_time"`
	LeadTime        LeadTime        `json:"lead_time"`
	ActiveCycleTime ActiveCycleTime `json:"active_cycle_time"`
	Rework          Rework          `json:"rework_count"`
	Reopened        Reopened        `json:"reopened_count"`
	Throughput      Throughput      `json:"throughput"`
	Balance         Balance         `json:"arrivals_and_departures"`
	WorkInProgress  WorkInProgress  `json:"work_in_progress"`
	Ageing          Ageing          `json:"ageing"`
	Expectation     Expectation     `json:"service_level_expectation"`
	CumulativeFlow  CumulativeFlow  `json:"cumulative_flow"`
	FlowEfficiency  Efficiency      `json:"flow_efficiency"`
	LittlesLaw      LittlesLaw      `json:"littles_law"`
	Velocity        Velocity        `json:"velocity_trend"`

	PullRequests delivery.PullRequests `json:"pull_requests"`
	Dora         delivery.Dora         `json:"dora"`
	// Metrics are DORA's of the project's only application.
	delivery.Metrics
}

// Compute makes the report of a query. The same facts, settings and query give
// the same bytes of JSON.
func Compute(log *facts.Log, config *Config, q Query) *Report {
	c := newCalc(log, config, &q)
	r := &Report{
		Window:          Window{From: c.from.Moment(), To: c.to.Moment()},
		AsOf:            facts.Bound(q.AsOf).Moment(),
		Granularity:     q.Granularity,
		Zone:            config.Zone.String(),
		States:          append([]WorkState{}, config.States...),
		CommitmentState: stateName(config, config.Commitment),
		DoneState:       stateName(config, config.Done),
		Items:           countItems(c),
	}
	p := &r.Analysis.Performance
	var narrow Bottleneck
	parallel.Run( // the longest first
		func() {
			d := deliver(c)
			r.Analysis.TeamCollaboration = TeamCollaboration{d.Communication, d.KnowledgeSharing}
			p.PullRequests, p.Dora, p.Metrics = d.PullRequests, d.Dora, d.Dora.Headline
		},
		func() { r.Analysis.ProcessMining = processMining(c) },
		func() { p.Ageing = ageing(c) },
		func() { narrow = bottleneck(c) },
		func() { p.CumulativeFlow = cumulativeFlow(c) },
		func() { r.Analysis.Forecast = predict(c) },
		func() { p.CycleTime = cycleTime(c) },
		func() { p.LeadTime = leadTime(c) },
		func() { p.ActiveCycleTime = activeCycleTime(c) },
		func() { p.FlowEfficiency = flowEfficiency(c) },
		func() { p.Expectation = expectation(c) },
		func() { p.Throughput = throughput(c) },
		func() { p.Balance = balance(c) },
		func() { p.WorkInProgress = workInProgress(c) },
		func() { p.LittlesLaw = littlesLaw(c) },
		func() { p.Velocity = velocity(c) },
		func() { p.Rework = reworkCount(c) },
		func() { p.Reopened = reopenedCount(c) },
	)
	r.Analysis.ProcessMining.Bottlenecks = narrow
	return r
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
