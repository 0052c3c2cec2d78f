package mining

import (
	"cmp"
	"slices"
)

// Graph is a directly-follows graph: what happens, and what happens next.
type Graph struct {
	Activities      []Activity `json:"activities"` // most frequent first
	ActivitiesTotal int        `json:"activities_total"`
	Start           []EndPoint `json:"start"`       // what cases begin with, most of them first
	End             []EndPoint `json:"end"`         // what cases end with so far
	Edges           []Edge     `json:"transitions"` // most frequent first
	EdgesTotal      int        `json:"total"`       // transitions, of which the most frequent are listed
}

// Activity is something that happens in cases.
type Activity struct {
	Name  string `json:"name"`
	Count int    `json:"count"` // events
	Cases int    `json:"cases"` // in which it happens
}

// EndPoint is an activity that cases begin or end with.
type EndPoint struct {
	Name  string `json:"name"`
	Count int    `json:"count"` // cases
}

// Edge is a direct succession: To is the next event after From in a case. Its
// durations are those between the two events.
type Edge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"` // how often
	Cases int    `json:"cases"` // in how many cases
	Durations
}

// edge is an Edge while it is counted.
type edge struct {
	from, to     int32
	count, cases int
	last         int // the last trace that has it, counted from 1
}

// follows is every direct succession of a log.
type follows struct {
	size   int
	table  []int32         // place in edges by from*size+to, counted from 1; nil when that would be large
	sparse map[int64]int32 // the same
	edges  []edge
	starts []int // cases by their first activity
	ends   []int // cases by their last activity
	cases  []int // by activity that happens in them
}

// dense is for how many activities a table of all pairs is made; more have a
// map, which is slower and no larger than the log.
const dense = 1024

func newFollows(activities int) *follows {
	f := &follows{size: activities, starts: make([]int, activities), ends: make([]int, activities), cases: make([]int, activities)}
	if activities <= dense {
		f.table = make([]int32, activities*activities)
	} else {
		f.sparse = map[int64]int32{}
	}
	return f
}

// find returns the place of an edge in edges, -1 for none.
func (f *follows) find(from, to int32) int32 {
	if f.table != nil {
		return f.table[int(from)*f.size+int(to)] - 1
	}
	return f.sparse[int64(from)<<32|int64(to)] - 1
}

func (f *follows) add(from, to int32) *edge {
	place := f.find(from, to)
	if place < 0 {
		place = int32(len(f.edges)) //nolint:gosec // there are no more edges than events
		f.edges = append(f.edges, edge{from: from, to: to})
		if f.table != nil {
			f.table[int(from)*f.size+int(to)] = place + 1
		} else {
			f.sparse[int64(from)<<32|int64(to)] = place + 1
		}
	}
	return &f.edges[place]
}

// count returns how often to follows from directly.
func (f *follows) count(from, to int32) int {
	if place := f.find(from, to); place >= 0 {
		return f.edges[place].count
	}
	return 0
}

func (e *events) follows() *follows {
	f := newFollows(len(e.names))
	seen := make([]int, len(e.names)) // the last trace that has the activity, counted from 1
	for i := range e.log.Traces {
		trace := e.trace(i)
		for k, a := range trace {
			if seen[a] != i+1 {
				seen[a] = i + 1
				f.cases[a]++
			}
			if k == 0 {
				f.starts[a]++
				continue
			}
			edge := f.add(trace[k-1], a)
			edge.count++
			if edge.last != i+1 {
				edge.last = i + 1
				edge.cases++
			}
		}
		if len(trace) > 0 {
			f.ends[trace[len(trace)-1]]++
		}
	}
	return f
}

// took returns the microseconds that each succession took, by edge.
func (f *follows) took(e *events) [][]int64 {
	total := 0
	for i := range f.edges {
		total += f.edges[i].count
	}
	all, took := make([]int64, total), make([][]int64, len(f.edges))
	for i := range f.edges {
		n := f.edges[i].count
		took[i], all = all[:0:n], all[n:]
	}
	for i := range e.log.Traces {
		trace, times := e.trace(i), e.log.Traces[i].Times
		for k := 1; k < len(trace); k++ {
			place := f.find(trace[k-1], trace[k])
			took[place] = append(took[place], between(times[k-1], times[k]))
		}
	}
	return took
}

// graph tells the log's directly-follows graph with at most limit edges, and
// as many activities.
func (e *events) graph(f *follows, limit int) Graph {
	took := f.took(e)
	order := make([]int, len(f.edges))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := &f.edges[i], &f.edges[j]
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	g := Graph{EdgesTotal: len(order), Edges: make([]Edge, min(limit, len(order)))}
	for i := range g.Edges {
		d := &f.edges[order[i]]
		g.Edges[i] = Edge{From: e.names[d.from], To: e.names[d.to], Count: d.count, Cases: d.cases, Durations: durations(took[order[i]])}
	}
	g.Activities = make([]Activity, len(e.names))
	for a, name := range e.names {
		g.Activities[a] = Activity{Name: name, Count: e.counts[a], Cases: f.cases[a]}
	}
	slices.SortStableFunc(g.Activities, func(a, b Activity) int { return cmp.Compare(b.Count, a.Count) })
	g.ActivitiesTotal = len(g.Activities)
	g.Activities = g.Activities[:min(limit, len(g.Activities))]
	g.Start, g.End = e.endPoints(f.starts, limit), e.endPoints(f.ends, limit)
	return g
}

func (e *events) endPoints(counts []int, limit int) []EndPoint {
	list := []EndPoint{}
	for a, n := range counts {
		if n > 0 {
			list = append(list, EndPoint{e.names[a], n})
		}
	}
	slices.SortStableFunc(list, func(a, b EndPoint) int { return cmp.Compare(b.Count, a.Count) })
	return list[:min(limit, len(list))]
}
