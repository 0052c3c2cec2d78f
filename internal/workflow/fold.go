package workflow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// maxStates bounds the states that are told apart, besides those that the
// settings name. A workflow of people has a dozen. Of more, no report could be
// read, and the work of one grows with their square.
const maxStates = 500

// OtherStates is what the states of a category are called that are not told
// apart.
func OtherStates(category rampforge.StatusCategory) string {
	if category == rampforge.StatusUnknown {
		return "Other states"
	}
	return "Other states (" + string(category) + ")"
}

// fold puts the states together that fewest visits were to, those of each
// category into one, where there are too many. It returns also how many they
// were. No state that the settings name is among them.
func fold(found []candidate, settings rampforge.WorkflowSettings, log *facts.Log) (kept []candidate, folded int) {
	if len(found) <= maxStates {
		return found, 0
	}
	visits := visited(found, log)
	byUse := make([]int, len(found))
	for i := range byUse {
		byUse[i] = i
	}
	slices.SortStableFunc(byUse, func(a, b int) int { return cmp.Compare(visits[b], visits[a]) })
	named := namedStates(settings)
	others := map[rampforge.StatusCategory]*candidate{}
	for _, i := range byUse {
		c := &found[i]
		switch {
		case named[strings.ToLower(c.Name)]:
			kept = append(kept, *c)
		case len(kept) < maxStates:
			kept = append(kept, *c)
		default:
			folded++
			other := others[c.Category]
			if other == nil {
				other = &candidate{WorkState: WorkState{Name: OtherStates(c.Category), Category: c.Category, CategoryBy: c.CategoryBy}}
				others[c.Category] = other
			}
			other.Statuses = append(other.Statuses, c.Statuses...)
		}
	}
	for _, other := range others {
		kept = append(kept, *other)
	}
	slices.SortFunc(kept, func(a, b candidate) int { return strings.Compare(a.Name, b.Name) })
	return kept, folded
}

// visited counts the visits of each state.
func visited(found []candidate, log *facts.Log) []int {
	states := make([]WorkState, len(found))
	for i := range found {
		states[i] = found[i].WorkState
	}
	places, visits := placesOf(states, log.Symbols.Len()), make([]int, len(found))
	for i := range log.Items {
		for _, v := range log.Items[i].Visits {
			if at := places[v.Status]; at >= 0 {
				visits[at]++
			}
		}
	}
	return visits
}

// namedStates are the states that settings name, in lower case.
func namedStates(settings rampforge.WorkflowSettings) map[string]bool {
	named := map[string]bool{strings.ToLower(settings.CommitmentState): true, strings.ToLower(settings.DoneState): true}
	for _, s := range settings.States {
		named[strings.ToLower(s.Name)] = true
	}
	delete(named, "")
	return named
}
