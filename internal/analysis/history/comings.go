package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

const (
	// regularMonths is in how many months somebody contributed who came to stay:
	// of those who send one change nobody says that they joined or left.
	regularMonths = 3
	maxPeriods    = 12 // quarters that are told of
	maxNewcomers  = 25 // names of one list
)

// presence is when somebody contributed.
type presence struct {
	first, last int // months
	months      int // different ones; counted in the order of time
}

// peoplePeriods says who came and who left, by quarters of a year in UTC, the
// newest first, without those in which nobody did. Who joined is whoever
// contributed in at least three different months, in the quarter of the first
// of them; who left is one of those who made no commit in the year that ends
// with the analysed commit, in the quarter of the last. Merges count. Lists
// that are too long name those who contributed in the most months. It is empty
// for a partial history, in which everybody seems to come at its edge.
func (h *History) peoplePeriods() []report.PeoplePeriod {
	periods := []report.PeoplePeriod{}
	if !h.complete || len(h.commits) == 0 {
		return periods
	}
	present, active := h.presences(), h.here
	joined, left := map[int][]int32{}, map[int][]int32{}
	for person, p := range present {
		if p.months < regularMonths {
			continue
		}
		joined[p.first/3] = append(joined[p.first/3], number(person))
		if !active[person] && !h.namesake(number(person)) {
			left[p.last/3] = append(left[p.last/3], number(person))
		}
	}
	names := func(people []int32) []string {
		slices.SortStableFunc(people, func(a, b int32) int { return cmp.Compare(present[b].months, present[a].months) })
		return h.alphabetical(people[:min(len(people), maxNewcomers)])
	}
	newest := monthNumber(h.head) / 3
	for q := newest; q > newest-maxPeriods; q-- {
		if len(joined[q])+len(left[q]) > 0 {
			periods = append(periods, report.PeoplePeriod{Period: fmt.Sprintf("%04d-Q%d", q/4, q%4+1), Joined: names(joined[q]), Left: names(left[q])})
		}
	}
	return periods
}

// presences says for each person in which months they contributed.
func (h *History) presences() []presence {
	type month struct{ person, month int32 }
	var all []month
	for i := range h.commits {
		at := number(monthNumber(time.Unix(h.commits[i].when, 0)))
		for p := range h.contributors(number(i)) {
			all = append(all, month{p, at})
		}
	}
	slices.SortFunc(all, func(a, b month) int { return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.month, b.month)) })
	present := make([]presence, len(h.people))
	for _, m := range slices.Compact(all) {
		p := &present[m.person]
		if p.months == 0 {
			p.first = int(m.month)
		}
		p.last = int(m.month)
		p.months++
	}
	return present
}
