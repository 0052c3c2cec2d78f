package workflow

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Config is a project's settings together with what the trackers say of their
// statuses: what every metric goes by.
type Config struct {
	Zone   *time.Location
	States []WorkState // from the first to the last
	// Folded is how many states are not told apart, as there are too many: those of
	// a category are one of States, which OtherStates names.
	Folded int

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

// missing says in a sentence what a metric lacks that needs to know where work
// begins, or where it ends; "" is nothing.
func (c *Config) missing(begins, ends bool) string {
	switch {
	case ends && c.Done < 0:
		return "It is not known where work ends: " + c.ask("done_state", c.Settings.DoneState, "done")
	case begins && c.Commitment < 0:
		return "It is not known where work begins: " + c.ask("commitment_state", c.Settings.CommitmentState, "in_progress")
	case begins && ends && c.Commitment >= c.Done:
		return fmt.Sprintf("Work begins in %q and ends in %q, which does not come after it: set commitment_state, done_state or the order of the states in the project's workflow settings.",
			c.States[c.Commitment].Name, c.States[c.Done].Name)
	}
	return ""
}

// missingOrder says what the cumulative flow lacks: a state that is ordered after
// done and is not done has no place in it, for nobody reaches it before done.
func (c *Config) missingOrder() string {
	if missing := c.missing(false, true); missing != "" {
		return missing
	}
	for i := c.Done + 1; i < len(c.States); i++ {
		if !c.ended[i] {
			return fmt.Sprintf("Work ends in %q, and %q, which is not done, comes after it: set done_state or the order of the states in the project's workflow settings.", c.States[c.Done].Name, c.States[i].Name)
		}
	}
	return ""
}

// ask asks for a setting, or for the category of one of the states that nobody
// places.
func (c *Config) ask(setting, set, category string) string {
	if set != "" {
		return fmt.Sprintf("%s is %q in the project's workflow settings, and no state has that name; there are %s.", setting, set, listed(c.States, false))
	}
	return fmt.Sprintf("no state has the category %s. Set %s in the project's workflow settings, or the category of one of %s.", category, setting, listed(c.States, true))
}

// listed names states for a person: those without a category when there are
// some and they are asked for, ten at most.
func listed(states []WorkState, unknown bool) string {
	const most = 10
	names, unplaced := []string{}, []string{}
	for i := range states {
		names = append(names, strconv.Quote(states[i].Name))
		if states[i].Category == rampforge.StatusUnknown {
			unplaced = append(unplaced, strconv.Quote(states[i].Name))
		}
	}
	if unknown && len(unplaced) > 0 {
		names = unplaced
	}
	switch {
	case len(names) == 0:
		return "its states: none is known yet"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
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
