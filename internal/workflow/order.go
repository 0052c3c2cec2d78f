package workflow

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// rank is the order of the categories. A state that nobody places stands before
// work begins: to be in it proves nothing.
func rank(c rampforge.StatusCategory) int {
	switch c {
	case rampforge.StatusToDo:
		return 0
	case rampforge.StatusInProgress:
		return 2
	case rampforge.StatusDone:
		return 3
	case rampforge.StatusUnknown:
	}
	return 1
}

// arrange puts states in order: as the project orders them; the others by
// category, within one by the tracker's position, then by how items move, then
// by name. A state without the project's order follows the last one whose
// category is not after its own.
func arrange(found []candidate, log *facts.Log) []candidate {
	net := movement(found, log)
	place := make([]int, 0, len(found)) // indexes of found in their natural order
	for r := range 4 {
		group := []int{}
		for i := range found {
			if rank(found[i].Category) == r {
				group = append(group, i)
			}
		}
		place = append(place, arrangeGroup(found, group, net)...)
	}
	ordered := []candidate{}
	for _, i := range place {
		if found[i].order != nil {
			ordered = append(ordered, found[i])
		}
	}
	slices.SortStableFunc(ordered, func(a, b candidate) int { return cmp.Compare(*a.order, *b.order) })
	for _, i := range place {
		if found[i].order != nil {
			continue
		}
		at := len(ordered)
		for at > 0 && rank(ordered[at-1].Category) > rank(found[i].Category) {
			at--
		}
		ordered = slices.Insert(ordered, at, found[i])
	}
	return ordered
}

// arrangeGroup puts the states of one category in order: those with a position
// by it, and each of the others before the first of them that it moves on to.
func arrangeGroup(found []candidate, group []int, net func(a, b int) int) []int {
	moving := byMovement(group, net)
	placed := []int{}
	for _, i := range moving {
		if found[i].position > 0 {
			placed = append(placed, i)
		}
	}
	slices.SortStableFunc(placed, func(a, b int) int { return cmp.Compare(found[a].position, found[b].position) })
	anchors := len(placed)
	for _, i := range moving {
		if found[i].position > 0 {
			continue
		}
		at := len(placed)
		if anchors > 0 {
			if next := slices.IndexFunc(placed, func(p int) bool { return found[p].position > 0 && net(i, p) > 0 }); next >= 0 {
				at = next
			}
		}
		placed = slices.Insert(placed, at, i)
	}
	return placed
}

// byMovement orders states so that few moves go back: the greedy order of Eades,
// Lin and Smyth (1993) for the feedback arc set. States that nothing left moves
// into come first, those that move to nothing left come last, and between them
// the one with most moves out more than in. Ties keep the given order.
func byMovement(group []int, net func(a, b int) int) []int {
	rest := slices.Clone(group)
	front, back := []int{}, []int{}
	into, out := make([]int, len(rest)), make([]int, len(rest)) // of each, from and to the others that are left
	count := func(at int, other, sign int) {
		if d := net(rest[at], other); d > 0 {
			out[at] += sign * d
		} else {
			into[at] -= sign * d
		}
	}
	for at := range rest {
		for _, other := range rest {
			count(at, other, 1)
		}
	}
	for len(rest) > 0 {
		taken := 0
		for at := range rest {
			if into[at] == 0 || out[at] == 0 { // a source or a sink, or alone
				taken = at
				break
			}
			if out[at]-into[at] > out[taken]-into[taken] {
				taken = at
			}
		}
		gone := rest[taken]
		if into[taken] > 0 && out[taken] == 0 {
			back = append(back, gone)
		} else {
			front = append(front, gone)
		}
		rest, into, out = slices.Delete(rest, taken, taken+1), slices.Delete(into, taken, taken+1), slices.Delete(out, taken, taken+1)
		for at := range rest {
			count(at, gone, -1)
		}
	}
	slices.Reverse(back)
	return append(front, back...)
}

// movement returns by how many moves more items went from one state to another
// than back.
func movement(found []candidate, log *facts.Log) func(a, b int) int {
	n := len(found)
	states := make([]WorkState, n)
	for i := range found {
		states[i] = found[i].WorkState
	}
	places := placesOf(states, log.Symbols.Len())
	moves := make([]int, n*n)
	for i := range log.Items {
		visits := log.Items[i].Visits
		for j := 1; j < len(visits); j++ {
			if from, to := int(places[visits[j-1].Status]), int(places[visits[j].Status]); from >= 0 && to >= 0 {
				moves[from*n+to]++
			}
		}
	}
	return func(a, b int) int { return moves[a*n+b] - moves[b*n+a] }
}
