package mining

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

func edgeOf(t *testing.T, edges []NetEdge, from, to string) NetEdge {
	t.Helper()
	for _, e := range edges {
		if e.From == from && e.To == to {
			return e
		}
	}
	t.Fatalf("there is no dependency from %q to %q in %v", from, to, edges)
	return NetEdge{}
}

func has(edges []NetEdge, from, to string) bool {
	for _, e := range edges {
		if e.From == from && e.To == to {
			return true
		}
	}
	return false
}

// The log of section 7.2 of van der Aalst, Process Mining, 2016: 40 cases, with
// noise. Its table of dependency measures has
//
//	a⇒b (11−0)/(11+0+1) = 0.92   a⇒c 0.92   a⇒d 13/14 = 0.93   a⇒e 5/6 = 0.83
//	b⇒c (10−10)/(10+10+1) = 0    d⇒d 4/(4+1) = 0.80   d⇒e 13/14 = 0.93
func TestHeuristicsByTheBook(t *testing.T) {
	t.Parallel()
	l := logOf("a e*5", "a b c e*10", "a c b e*10", "a b e", "a c e", "a d e*10", "a d d e*2", "a d d d e")
	f := number(l)
	m := &miner{follows: f.follows(), begin: 5, end: 6}
	for _, test := range []struct {
		from, to int32
		want     float64
	}{
		{0, 1, 11.0 / 12}, {0, 2, 11.0 / 12}, {0, 3, 13.0 / 14}, {0, 4, 5.0 / 6}, {1, 0, -11.0 / 12},
		{1, 2, 0}, {1, 4, 11.0 / 12}, {3, 3, 0.8}, {3, 4, 13.0 / 14}, {0, 0, 0}, {5, 0, 40.0 / 41}, {4, 6, 40.0 / 41},
	} {
		if got := m.dependency(test.from, test.to); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%d⇒%d is %v, want %v", test.from, test.to, got, test.want)
		}
	}
	net := analyse(t, l, nil).Heuristics
	for _, e := range [][2]string{{"a", "b"}, {"a", "c"}, {"a", "d"}, {"b", "e"}, {"c", "e"}, {"d", "e"}} {
		edgeOf(t, net.Edges, e[0], e[1])
	}
	// a⇒e and d⇒d stay below the threshold, and b and c say nothing of each other.
	if has(net.Edges, "a", "e") || has(net.Edges, "d", "d") || has(net.Edges, "b", "c") || len(net.Edges) != 6 {
		t.Errorf("dependencies %v", net.Edges)
	}
	edgeOf(t, net.Start, "", "a")
	edgeOf(t, net.End, "e", "")
	// b and c follow each other 20 times, a→b and a→c 22 times: 20/23 is parallel.
	if want := []Binding{{"a", [][]string{{"b", "d"}, {"c", "d"}}}}; !reflect.DeepEqual(net.Splits, want) {
		t.Errorf("splits %v, want %v", net.Splits, want)
	}
	if want := []Binding{{"e", [][]string{{"b", "d"}, {"c", "d"}}}}; !reflect.DeepEqual(net.Joins, want) {
		t.Errorf("joins %v, want %v", net.Joins, want)
	}
}

func TestHeuristicLoops(t *testing.T) {
	t.Parallel()
	net := analyse(t, logOf("a b b b c*10", "a d e d f*20"), nil).Heuristics
	// b follows itself 20 times: 20/21. d, e, d happens 20 times: 20/21.
	if e := edgeOf(t, net.Edges, "b", "b"); e.Kind != BySelfLoop || e.Dependency != 20.0/21 || e.Count != 20 {
		t.Errorf("loop of one %+v", e)
	}
	for _, pair := range [][2]string{{"d", "e"}, {"e", "d"}} {
		if e := edgeOf(t, net.Edges, pair[0], pair[1]); e.Kind != ByTwoLoop || e.Dependency != 20.0/21 || e.Count != 20 {
			t.Errorf("loop of two %+v", e)
		}
	}
}

// A log of few cases reaches no threshold, and yet all its activities are on a
// way from the start to the end.
func TestEveryActivityIsConnected(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	for range 300 {
		l := anyLog(r, 1+r.IntN(20), 1+r.IntN(8), r.IntN(10))
		report := analyse(t, l, nil)
		net := report.Heuristics
		in, out := map[string]bool{}, map[string]bool{}
		for _, e := range append(append(append([]NetEdge{}, net.Start...), net.End...), net.Edges...) {
			if e.Count < 1 || e.Dependency > 1 || e.Dependency < -1 {
				t.Errorf("dependency %+v", e)
			}
			if e.From != e.To {
				out[e.From], in[e.To] = true, true
			}
		}
		for _, a := range report.Graph.Activities {
			if !in[a.Name] || !out[a.Name] {
				t.Errorf("%s is not connected: %+v", a.Name, net)
			}
		}
	}
}

// One order alone is no parallelism: b is left out.
func TestSkipIsNotParallel(t *testing.T) {
	t.Parallel()
	net := analyse(t, logOf("a b c*40", "a c*20"), nil).Heuristics
	if want := []Binding{{"a", [][]string{{"b", "c"}}}}; !reflect.DeepEqual(net.Splits, want) {
		t.Errorf("splits %v, want %v", net.Splits, want)
	}
}
