package mining

import (
	"cmp"
	"slices"
)

// Rework is what happened more than once in a case.
type Rework struct {
	Cases      int      `json:"cases"`      // with an activity that happened more than once
	Share      *float64 `json:"share"`      // of all cases, 0 to 1; null without a case
	Repeats    int      `json:"repeats"`    // events that repeat an activity of their case
	SelfLoops  int      `json:"self_loops"` // repeats that follow the same activity directly
	Activities []Repeat `json:"activities"` // that were repeated, in most cases first
}

// Repeat is the rework of one activity.
type Repeat struct {
	Name      string `json:"name"`
	Cases     int    `json:"cases"`      // in which it happened more than once
	Repeats   int    `json:"repeats"`    // its events but the first of each case
	SelfLoops int    `json:"self_loops"` // of these, those that follow the same activity directly; the others came back from elsewhere
}

// rework lists limit activities at most. It counts by variant: what a sequence repeats, all its cases do.
func (e *events) rework(list []variant, limit int) Rework {
	by := make([]Repeat, len(e.names))
	times := make([]int, len(e.names))
	out := Rework{Activities: []Repeat{}}
	for _, v := range list {
		if repeats(v.activities, len(v.cases), times, by) {
			out.Cases += len(v.cases)
		}
	}
	for a, r := range by {
		if r.Repeats > 0 {
			r.Name = e.names[a]
			out.Activities = append(out.Activities, r)
			out.Repeats += r.Repeats
			out.SelfLoops += r.SelfLoops
		}
	}
	slices.SortStableFunc(out.Activities, func(a, b Repeat) int { return cmp.Compare(b.Cases, a.Cases) })
	out.Activities = out.Activities[:min(limit, len(out.Activities))]
	if n := len(e.log.Traces); n > 0 {
		share := float64(out.Cases) / float64(n)
		out.Share = &share
	}
	return out
}

// repeats adds what a sequence repeats to each activity, once for each case, and
// says whether it does. times is zero for each activity, and is again after it.
func repeats(sequence []int32, cases int, times []int, by []Repeat) bool {
	found := false
	for k, a := range sequence {
		times[a]++
		if times[a] == 1 {
			continue
		}
		found = true
		by[a].Repeats += cases
		if times[a] == 2 {
			by[a].Cases += cases
		}
		if sequence[k-1] == a {
			by[a].SelfLoops += cases
		}
	}
	for _, a := range sequence {
		times[a] = 0
	}
	return found
}
