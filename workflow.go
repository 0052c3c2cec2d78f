package rampforge

import "time"

// TrackerStatus is what a tracker says of one of the statuses that its work
// items may be in.
type TrackerStatus struct {
	ID       string         `json:"id"` // as work items and their events have it; "" when only the name tells
	Name     string         `json:"name"`
	Category StatusCategory `json:"category"`
	Position int            `json:"position"` // in the tracker's own order of work, from 1; 0 when it has none
}

// WorkflowSettings is what a project says of how its work flows. All of it may
// be left out: what is, is read from the trackers or has the default that its
// comment gives.
type WorkflowSettings struct {
	Zone   string          `json:"zone"`   // IANA name of the zone whose days and weeks count; "" is UTC
	States []StateSettings `json:"states"` // what differs from the trackers' own word
	// CommitmentState is where work on an item begins: it starts when it first
	// enters this state or a later one. "" is the first state in progress.
	CommitmentState string `json:"commitment_state"`
	// DoneState is where an item is finished: when it last enters this state or a
	// later one. "" is any state that is done.
	DoneState     string   `json:"done_state"`
	ExcludedTypes []string `json:"excluded_types"` // types of work items that are not counted, as epics may not be
	// WithdrawnResolutions are why an item is closed without being finished. nil
	// is DefaultWithdrawn.
	WithdrawnResolutions []string `json:"withdrawn_resolutions"`
	Bots                 []string `json:"bots"` // accounts that are no person, by login or id, besides those whose type says so
	// ProductionEnvironments are the environments whose deployments count. nil is
	// DefaultProduction.
	ProductionEnvironments []string `json:"production_environments"`
	// DeploymentPipelines are the pipelines whose runs count as deployments, by
	// name. None is none.
	DeploymentPipelines []string      `json:"deployment_pipelines"`
	Incidents           IncidentRules `json:"incidents"`
	// PersonWIPLimit is how many work items one person should have in progress. 0 is
	// no limit.
	PersonWIPLimit int `json:"person_wip_limit"`
	// BlackoutDays are days of the project's zone on which nobody works, as holidays
	// are: 2026-12-24, or 2026-12-24/2027-01-01 for all days from one to another.
	// Forecasts neither draw from them nor finish anything on them.
	BlackoutDays []string            `json:"blackout_days"`
	People       PeopleMetricsSwitch `json:"people_metrics"`
}

// Location returns the zone whose days and weeks count: UTC where none is set,
// or where this machine does not know the one that is.
func (s *WorkflowSettings) Location() *time.Location {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// StateSettings is what a project says of one state of its workflow. What is
// nil is as the tracker has it.
type StateSettings struct {
	Name     string          `json:"name"`
	Category *StatusCategory `json:"category"`
	Order    *int            `json:"order"` // from 1, from the first state to the last
	Wait     *bool           `json:"wait"`  // in it, an item waits for somebody; nil is unknown
}

// IncidentRules say which work items are incidents: those of one of the types
// or with one of the labels. Empty rules are none, and then no incident is
// known.
type IncidentRules struct {
	Types  []string `json:"types"`
	Labels []string `json:"labels"`
}

// PeopleMetricsSwitch turns the measures that are about people on or off, each
// for itself. nil is the default: on for what is counted of a group of five or
// more, off for OffHours, which needs an agreement with the people it is about.
type PeopleMetricsSwitch struct {
	Workload      *bool `json:"workload"`
	Collaboration *bool `json:"collaboration"`
	ReviewLoad    *bool `json:"review_load"`
	Knowledge     *bool `json:"knowledge"`
	Skills        *bool `json:"skills"`
	Newcomers     *bool `json:"newcomers"`
	OffHours      *bool `json:"off_hours"`
	Insights      *bool `json:"insights"` // everybody's own numbers, for themselves
}

// DefaultWithdrawn returns the resolutions that mean that an item was closed
// without being done, by the vendors' own words for them: GitHub's
// state_reason, Azure DevOps' removed, and the ones that Jira comes with.
func DefaultWithdrawn() []string {
	return []string{"not_planned", "duplicate", "removed", "Won't Do", "Won't Fix", "Duplicate", "Cannot Reproduce", "Declined", "Incomplete"}
}

// DefaultProduction returns the names of environments that are production
// unless a project says otherwise, in lower case.
func DefaultProduction() []string { return []string{"production", "prod", "live"} }
