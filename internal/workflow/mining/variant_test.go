package mining

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

func TestVariantsByHand(t *testing.T) {
	t.Parallel()
	l := logOf("a b c*3", "a c*3", "a b c d", "", "b a*2")
	l.Traces[0].Times[2] += 5 * hour // 7 hours instead of 2
	l.Traces[1].Open = true
	r := analyse(t, l, nil)
	if r.N != 10 || r.OpenCases != 1 || r.Variants.Total != 5 {
		t.Fatalf("%d cases, %d open, %d variants", r.N, r.OpenCases, r.Variants.Total)
	}
	// Equally frequent variants are in the order of their activities.
	want := [][]string{{"a", "b", "c"}, {"a", "c"}, {"b", "a"}, {}, {"a", "b", "c", "d"}}
	for i, v := range r.Variants.List {
		if !slices.Equal(v.Activities, want[i]) {
			t.Errorf("variant %d is %v, want %v", i, v.Activities, want[i])
		}
	}
	first := r.Variants.List[0]
	if first.Count != 3 || first.Share != 0.3 || first.Cumulative != 0.3 || *first.Median != 4.5 || *first.Mean != 4.5 {
		t.Errorf("first variant %+v: median %v", first, *first.Median) // 7 and 2 hours: the open case is not over
	}
	if !slices.Equal(first.Cases, []string{"case 001", "case 002", "case 003"}) {
		t.Errorf("cases %v", first.Cases)
	}
	if r.Variants.List[4].Cumulative != 1 || r.Variants.List[3].Median != nil {
		t.Errorf("last variants %+v", r.Variants.List[3:])
	}
	wantCoverage := []Coverage{{0.5, 2}, {0.8, 3}, {0.95, 5}, {1, 5}}
	if !slices.Equal(r.Variants.Coverage, wantCoverage) {
		t.Errorf("coverage %v, want %v", r.Variants.Coverage, wantCoverage)
	}
	if r.CaseDuration.N != 8 || r.CaseDuration.Median != nil || r.CaseDuration.State != basis.InsufficientData {
		t.Errorf("eight cases are too few to tell how long cases take: %+v", r.CaseDuration)
	}
}

func TestVariantsAreCut(t *testing.T) {
	t.Parallel()
	l := logOf("a b c d e", "a c", "b", "b", "c")
	r, err := Analyse(l, nil, Limits{Variants: 2, Edges: 1, Examples: 1, Length: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r.Variants.Total != 4 || len(r.Variants.List) != 2 || len(r.Graph.Edges) != 1 || r.Graph.EdgesTotal != 5 {
		t.Errorf("%d variants of %d, %d edges of %d", len(r.Variants.List), r.Variants.Total, len(r.Graph.Edges), r.Graph.EdgesTotal)
	}
	if len(r.Graph.Activities) != 1 || r.Graph.ActivitiesTotal != 5 || len(r.Graph.Start) != 1 || len(r.Graph.End) != 1 || len(r.Heuristics.Edges) != 1 {
		t.Errorf("the graph is not cut: %+v", r.Graph)
	}
	if v := r.Variants.List[1]; len(v.Activities) != 3 || v.Length != 5 {
		t.Errorf("variant %v of length %d", v.Activities, v.Length)
	}
	if v := r.Variants.List[0]; !slices.Equal(v.Cases, []string{"case 003"}) {
		t.Errorf("cases %v", v.Cases)
	}
}

// Variants are the sequences that a map of texts would find.
func TestVariantsAreTheSequences(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	l := anyLog(r, 3000, 3, 6)
	want := map[string]int{}
	e := number(l)
	for i := range l.Traces {
		want[encoded(t, e.trace(i))]++
	}
	list := e.variants()
	if len(list) != len(want) {
		t.Fatalf("%d variants, want %d", len(list), len(want))
	}
	for _, v := range list {
		if n := want[encoded(t, v.activities)]; n != len(v.cases) {
			t.Errorf("%v has %d cases, want %d", v.activities, len(v.cases), n)
		}
	}
}

// a b b a c: b repeats once, directly; a repeats once, from elsewhere. The two
// cases "c c c" repeat c twice each.
func TestReworkByHand(t *testing.T) {
	t.Parallel()
	got := analyse(t, logOf("a b b a c", "c c c*2", "a b c"), nil).Rework
	want := []Repeat{{"c", 2, 4, 4}, {"a", 1, 1, 0}, {"b", 1, 1, 1}}
	if got.Cases != 3 || *got.Share != 0.75 || got.Repeats != 6 || got.SelfLoops != 5 || !slices.Equal(got.Activities, want) {
		t.Errorf("rework %+v, want %v", got, want)
	}
	if none := analyse(t, &Log{}, nil); none.Rework.Share != nil || none.Variants.Total != 0 {
		t.Errorf("an empty log has %+v", none)
	}
}

func TestFirstNamesAreKept(t *testing.T) {
	t.Parallel()
	var list []string
	for _, name := range []string{"d", "b", "e", "b", "a", "c"} {
		list = keepFirst(list, name, 3)
	}
	if !slices.Equal(list, []string{"a", "b", "c"}) {
		t.Errorf("kept %v", list)
	}
}
