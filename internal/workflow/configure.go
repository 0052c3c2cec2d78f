package workflow

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Configure puts together what the trackers say of the statuses that the log's
// items were in, and what the project's settings say. A state is all statuses
// of one current name. Its category is the settings' word, else the tracker's,
// else unknown: never a guess from its name, which may be in any language. A
// zone that does not exist is UTC: the settings are checked where they come in.
func Configure(settings rampforge.WorkflowSettings, log *facts.Log) *Config {
	c := &Config{Zone: settings.Location(), ExcludedTypes: setOf(settings.ExcludedTypes, false), Settings: settings}
	withdrawn := settings.WithdrawnResolutions
	if withdrawn == nil {
		withdrawn = rampforge.DefaultWithdrawn()
	}
	c.Withdrawn = setOf(withdrawn, true)
	found, folded := fold(findStates(settings, log), settings, log)
	c.Folded = folded
	for _, s := range arrange(found, log) {
		c.States = append(c.States, s.WorkState)
	}
	c.places = placesOf(c.States, log.Symbols.Len())
	c.Done = c.choose(settings.DoneState, rampforge.StatusDone)
	c.ended = make([]bool, len(c.States))
	for i := range c.States {
		c.ended[i] = settings.DoneState != "" && c.Done >= 0 && i >= c.Done ||
			settings.DoneState == "" && c.States[i].Category == rampforge.StatusDone
	}
	c.Commitment = c.choose(settings.CommitmentState, rampforge.StatusInProgress)
	return c
}

func setOf(words []string, fold bool) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		if fold {
			w = strings.ToLower(w)
		}
		set[w] = true
	}
	return set
}

// choose returns the index of the state that the settings name, or of the first
// one of a category when they name none; -1 is none.
func (c *Config) choose(name string, category rampforge.StatusCategory) int {
	return slices.IndexFunc(c.States, func(s WorkState) bool {
		if name != "" {
			return strings.EqualFold(s.Name, name)
		}
		return s.Category == category
	})
}

func placesOf(states []WorkState, symbols int) []int32 {
	places := make([]int32, symbols)
	for i := range places {
		places[i] = -1
	}
	for i := range states {
		for _, status := range states[i].Statuses {
			places[status] = int32(i)
		}
	}
	return places
}

// candidate is a state whose place is not yet known.
type candidate struct {
	WorkState

	position int  // in the tracker's order; 0 is unknown
	order    *int // in the project's
}

// findStates returns the states that the trackers list, that an item was in, or
// that the settings name, in the order of their names.
func findStates(settings rampforge.WorkflowSettings, log *facts.Log) []candidate {
	said := make([]*facts.Status, log.Symbols.Len())
	used := make([]bool, log.Symbols.Len())
	for i := range log.Statuses {
		s := &log.Statuses[i]
		said[s.Status], used[s.Status] = s, true
	}
	for i := range log.Items {
		for _, v := range log.Items[i].Visits {
			used[v.Status] = true
		}
	}
	found := []candidate{}
	byName := map[string]int{}
	place := func(name string) *candidate {
		at, ok := byName[name]
		if !ok {
			at = len(found)
			byName[name] = at
			found = append(found, candidate{WorkState: WorkState{Name: name}})
		}
		return &found[at]
	}
	for symbol := 1; symbol < len(used); symbol++ { // 0 is no status
		if used[symbol] {
			status := facts.Symbol(symbol)
			place(nameOf(status, said[symbol], log.Symbols)).say(status, said[symbol], log.Symbols)
		}
	}
	known := namesOf(found)
	for _, s := range settings.States {
		place(known.of(s.Name)).set(s)
	}
	slices.SortFunc(found, func(a, b candidate) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// knownNames are the names of states as they are, and in lower case.
type knownNames struct{ exact, folded map[string]string }

func namesOf(found []candidate) knownNames {
	n := knownNames{map[string]string{}, map[string]string{}}
	for i := range found {
		name := found[i].Name
		n.exact[name], n.folded[strings.ToLower(name)] = name, name
	}
	return n
}

// of returns the name of the state that a person means by a name: that one, else
// one that differs in upper and lower case only, else a new one.
func (n knownNames) of(name string) string {
	if same, ok := n.exact[name]; ok {
		return same
	}
	if same, ok := n.folded[strings.ToLower(name)]; ok {
		return same
	}
	n.exact[name], n.folded[strings.ToLower(name)] = name, name
	return name
}

// nameOf returns what a status is called now: by the tracker, else by its key,
// else by its id.
func nameOf(status facts.Symbol, said *facts.Status, symbols *facts.Symbols) string {
	if said != nil && said.Name != "" {
		return said.Name
	}
	parts := facts.Parts(symbols.Text(status))
	return parts[len(parts)-1]
}

// say adds a status to a state. Where trackers disagree on the category, the
// one whose status has the first symbol is believed: the project can overrule.
func (c *candidate) say(status facts.Symbol, said *facts.Status, symbols *facts.Symbols) {
	c.Statuses = append(c.Statuses, status)
	if said == nil {
		return
	}
	if category := rampforge.StatusCategory(symbols.Text(said.Category)); c.Category == "" && category != "" {
		c.Category, c.CategoryBy = category, ByTracker
	}
	if said.Position > 0 && (c.position == 0 || said.Position < c.position) {
		c.position = said.Position
	}
}

func (c *candidate) set(s rampforge.StateSettings) {
	if s.Category != nil {
		c.Category, c.CategoryBy = *s.Category, ByProject
	}
	if s.Order != nil {
		c.order = s.Order
	}
	if s.Wait != nil {
		c.Wait = s.Wait
	}
}
