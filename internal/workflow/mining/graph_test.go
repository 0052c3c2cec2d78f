package mining

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Three cases, by hand:
//
//	1: a(0) b(1) c(2) d(3)   2: a(0) c(1) b(2) d(3)   3: a(0) a(1) d(2)
//
// a→b once, a→c once, a→a once, a→d once, b→c, c→b, b→d and c→d once each. All
// take an hour but those that are changed below.
func TestGraphByHand(t *testing.T) {
	t.Parallel()
	l := logOf("a b c d", "a c b d", "a a d", "a b c d")
	l.Traces[3].Times = []facts.Time{1, 1 + 4*hour, 1 + 5*hour, 1 + 5*hour}
	g := analyse(t, l, nil).Graph
	wantActivities := []Activity{{"a", 5, 4}, {"d", 4, 4}, {"b", 3, 3}, {"c", 3, 3}}
	if !slices.Equal(g.Activities, wantActivities) {
		t.Errorf("activities %v, want %v", g.Activities, wantActivities)
	}
	if !slices.Equal(g.Start, []EndPoint{{"a", 4}}) || !slices.Equal(g.End, []EndPoint{{"d", 4}}) {
		t.Errorf("start %v, end %v", g.Start, g.End)
	}
	type row struct {
		from, to          string
		count, cases      int
		mean, median, p85 float64
	}
	want := []row{
		{"a", "b", 2, 2, 2.5, 2.5, 3.55}, // 1 and 4 hours: p85 is 1 + 0.85·3
		{"b", "c", 2, 2, 1, 1, 1},
		{"c", "d", 2, 2, 0.5, 0.5, 0.85}, // 0 and 1
		{"a", "a", 1, 1, 1, 1, 1},
		{"a", "c", 1, 1, 1, 1, 1},
		{"a", "d", 1, 1, 1, 1, 1},
		{"b", "d", 1, 1, 1, 1, 1},
		{"c", "b", 1, 1, 1, 1, 1},
	}
	if g.EdgesTotal != len(want) || len(g.Edges) != len(want) {
		t.Fatalf("%d edges of %d, want %d", len(g.Edges), g.EdgesTotal, len(want))
	}
	for i, e := range g.Edges {
		got := row{e.From, e.To, e.Count, e.Cases, *e.Mean, *e.Median, *e.P85}
		w := want[i]
		if math.Abs(got.p85-w.p85) < 1e-9 {
			got.p85 = w.p85
		}
		if got != w {
			t.Errorf("edge %d: %v, want %v", i, got, w)
		}
	}
}

// What leaves an activity and the cases that end with it are all its events;
// the same holds for what comes to it, and an edge is in no more cases than it
// has successions.
func TestGraphSums(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l := anyLog(r, r.IntN(30), 1+r.IntN(8), r.IntN(12))
		report := analyse(t, l, nil)
		in, out := map[string]int{}, map[string]int{}
		for _, s := range report.Graph.Start {
			in[s.Name] += s.Count
		}
		for _, s := range report.Graph.End {
			out[s.Name] += s.Count
		}
		for _, e := range report.Graph.Edges {
			in[e.To] += e.Count
			out[e.From] += e.Count
			if e.Cases > e.Count || e.Cases < 1 {
				t.Errorf("edge %v is in %d cases", e, e.Cases)
			}
		}
		sum := 0
		for _, a := range report.Graph.Activities {
			if in[a.Name] != a.Count || out[a.Name] != a.Count {
				t.Errorf("%s: %d events, %d in, %d out", a.Name, a.Count, in[a.Name], out[a.Name])
			}
			sum += a.Count
		}
		if sum != report.Events {
			t.Errorf("%d events are of activities, of %d", sum, report.Events)
		}
	}
}

// A log with more activities than the table of pairs holds has the same graph.
func TestGraphOfManyActivities(t *testing.T) {
	t.Parallel()
	l := anyLog(rand.New(rand.NewPCG(3, 4)), 200, 40, 20)
	want := number(l).follows()
	wide := newFollows(dense + 1)
	for _, e := range want.edges {
		*wide.add(e.from, e.to) = e
	}
	for from := range int32(40) {
		for to := range int32(40) {
			if got := wide.count(from, to); got != want.count(from, to) {
				t.Errorf("%d→%d: %d, want %d", from, to, got, want.count(from, to))
			}
		}
	}
}

func TestMeanOfLongDurations(t *testing.T) {
	t.Parallel()
	took := slices.Repeat([]int64{math.MaxInt64}, 1000)
	if got := meanOf(took); got != math.MaxInt64 {
		t.Errorf("mean %v, want %v", got, float64(math.MaxInt64))
	}
}

// The answer depends neither on the order of the cases, nor on how the
// activities are numbered, nor on when it all was.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		l := anyLog(r, 60, 5, 6)
		w := &Workflow{Done: 3, StateOf: []int32{0, 1, 2, 3, -1}, States: []WorkflowState{{Name: "A"}, {Name: "B", Optional: true}, {Name: "C"}, {Name: "D"}}}
		want := encoded(t, analyse(t, l, w))
		numbers := r.Perm(5)
		shuffled, states := &Log{Activities: make([]string, 5)}, make([]int32, 5)
		for a, n := range numbers {
			shuffled.Activities[n], states[n] = l.Activities[a], w.StateOf[a]
		}
		for _, i := range r.Perm(len(l.Traces)) {
			trace := l.Traces[i]
			trace.Activities, trace.Times = slices.Clone(trace.Activities), slices.Clone(trace.Times)
			for k, a := range trace.Activities {
				trace.Activities[k] = int32(numbers[a])
				trace.Times[k] += 12345
			}
			shuffled.Traces = append(shuffled.Traces, trace)
		}
		w.StateOf = states
		if got := encoded(t, analyse(t, shuffled, w)); got != want {
			t.Fatalf("another order gives\n%s\nwant\n%s", got, want)
		}
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
