package workflow

import (
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Config is a project's settings together with what the trackers say of their
// statuses: what every metric goes by.
type Config struct {
	Zone   *time.Location
	States []WorkState // from the first to the last

	// Commitment is the index of the state where work begins, and Done of the one
	// where it ends: an item that is there or in a later state has begun, or is
	// done. -1 is none, because no state has the category.
	Commitment int
	Done       int

	ExcludedTypes map[string]bool
	Withdrawn     map[string]bool // resolutions, in lower case
	Settings      rampforge.WorkflowSettings

	places []int32 // of States, by symbol; -1 is none
	ended  []bool  // of States: work is finished in it
}

// WorkState is one state of a project's workflow: every status of its trackers
// that has the same name.
type WorkState struct {
	Name     string                   `json:"name"`
	Category rampforge.StatusCategory `json:"category"` // "" is unknown
	// CategoryBy is who says so: the tracker, or the project; "" when nobody does.
	CategoryBy string         `json:"category_by"`
	Wait       *bool          `json:"wait"`
	Statuses   []facts.Symbol `json:"-"`
}

// begun reports whether work on an item has begun once it is in a state.
func (c *Config) begun(state int) bool {
	return state >= 0 && (c.Commitment >= 0 && state >= c.Commitment || c.ended[state])
}

// doing reports whether an item in a state is being worked on: begun and not
// finished.
func (c *Config) doing(state int) bool { return c.begun(state) && !c.ended[state] }

// doingNames returns the names of the states in which an item is worked on.
func (c *Config) doingNames() []string {
	names := []string{}
	for i := range c.States {
		if c.doing(i) {
			names = append(names, c.States[i].Name)
		}
	}
	return names
}

// Who says what the category of a state is.
const (
	ByTracker = "tracker"
	ByProject = "project"
)

// StateOf returns the index of the state that a status is of, -1 for none.
func (c *Config) StateOf(status facts.Symbol) int {
	if int(status) < len(c.places) {
		return int(c.places[status])
	}
	return -1
}
