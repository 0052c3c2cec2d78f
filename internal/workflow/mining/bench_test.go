package mining

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// tracker draws a log as trackers have them: seven states, some moves back,
// some skipped, and at least half of length events a case.
func tracker(cases, length int) (*Log, *Workflow) {
	r := rand.New(rand.NewPCG(11, 12))
	l := &Log{Activities: []string{"Open", "Selected", "In Progress", "In Review", "In Test", "Ready", "Done"}}
	for i := range cases {
		t := Trace{Case: fmt.Sprintf("PROJ-%d", i)}
		at := facts.Time(1 + r.Int64N(1000*hour))
		for state := 0; ; {
			t.Activities = append(t.Activities, int32(state))
			t.Times = append(t.Times, at)
			at += facts.Time(r.Int64N(50 * hour))
			if state == 6 && len(t.Activities) >= length/2 {
				break
			}
			switch n := r.IntN(10); {
			case (n < 3 || state == 6) && state > 0:
				state = r.IntN(state)
			case n < 4:
				state = min(6, state+2)
			default:
				state = min(6, state+1)
			}
		}
		l.Traces = append(l.Traces, t)
	}
	return l, &Workflow{Done: 6, StateOf: []int32{0, 1, 2, 3, 4, 5, 6}, States: []WorkflowState{
		{Name: "Open"}, {Name: "Selected", Optional: true}, {Name: "In Progress"}, {Name: "In Review"}, {Name: "In Test"}, {Name: "Ready"}, {Name: "Done"},
	}}
}

// hospital draws a log as imports have them: forty activities in blocks, many
// different cases.
func hospital(cases int) *Log {
	r := rand.New(rand.NewPCG(13, 14))
	tree := &Tree{Kind: SequenceNode}
	a := 0
	leaf := func() *Tree { a++; return &Tree{Kind: ActivityNode, Name: fmt.Sprintf("step %d", a)} }
	for range 8 {
		tree.Children = append(tree.Children, &Tree{Kind: LoopNode, Children: []*Tree{
			{Kind: ParallelNode, Children: []*Tree{leaf(), leaf(), {Kind: ChoiceNode, Children: []*Tree{leaf(), {Kind: SilentNode}}}}}, leaf(), leaf(),
		}})
	}
	l := &Log{}
	places := map[string]int32{}
	for i := range cases {
		t := Trace{Case: fmt.Sprintf("case %d", i)}
		for k, name := range play(r, tree) {
			if _, ok := places[name]; !ok {
				places[name] = int32(len(places))
				l.Activities = append(l.Activities, name)
			}
			t.Activities = append(t.Activities, places[name])
			t.Times = append(t.Times, facts.Time(1+k*hour))
		}
		l.Traces = append(l.Traces, t)
	}
	return l
}

func benchmark(b *testing.B, l *Log, w *Workflow) {
	b.Helper()
	events := 0
	for _, t := range l.Traces {
		events += len(t.Activities)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Analyse(l, w, DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events), "events")
}

func BenchmarkTracker100k(b *testing.B) {
	l, w := tracker(100_000, 4)
	benchmark(b, l, w)
}

func BenchmarkTracker13k(b *testing.B) {
	l, w := tracker(13_000, 25)
	benchmark(b, l, w)
}

func BenchmarkImport13k(b *testing.B) {
	benchmark(b, hospital(9_000), nil)
}

func BenchmarkChaos13k(b *testing.B) {
	benchmark(b, anyLog(rand.New(rand.NewPCG(15, 16)), 13_000, 60, 40), nil)
}
