package mining

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// kanban is a workflow of four states, a b c d; an activity x is none of them.
func kanban(l *Log, optional string) *Workflow {
	w := &Workflow{Done: 3}
	for _, name := range []string{"a", "b", "c", "d"} {
		w.States = append(w.States, WorkflowState{Name: name, Optional: name == optional})
	}
	for _, name := range l.Activities {
		place := int32(-1)
		for s := range w.States {
			if w.States[s].Name == name {
				place = int32(s)
			}
		}
		w.StateOf = append(w.StateOf, place)
	}
	return w
}

func TestConformanceByHand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, trace string
		cost        int
		fitness     float64 // 1 − cost/(events + 4 states)
		want        []Deviation
	}{
		{"as it should be", "a b c d", 0, 1, nil},
		{"a state is skipped", "a b d", 1, 1 - 1.0/7, []Deviation{{Kind: SkippedState, State: "c"}}},
		{"two are skipped", "a d", 2, 1 - 2.0/6, []Deviation{{Kind: SkippedState, State: "b"}, {Kind: SkippedState, State: "c"}}},
		// b c d fits after a; one b and one c do not.
		{"a move back", "a b c b c d", 2, 1 - 2.0/10, []Deviation{{Kind: BackwardMove, From: "c", State: "b"}}},
		{"done and open again", "a b c d c d", 2, 1 - 2.0/10, []Deviation{{Kind: ReopenedCase, From: "d", State: "c"}}},
		{"the same again", "a a b c d", 1, 1 - 1.0/9, []Deviation{{Kind: RepeatedState, From: "a", State: "a"}}},
		{"a state that nobody knows", "a x b c d", 1, 1 - 1.0/9, []Deviation{{Kind: UnexpectedState, State: "x"}}},
		{"nothing fits but one", "d c b a", 6, 1 - 6.0/8, []Deviation{
			{Kind: BackwardMove, From: "b", State: "a"}, {Kind: BackwardMove, From: "c", State: "b"}, {Kind: ReopenedCase, From: "d", State: "c"},
		}},
		{"nothing happened", "", 4, 0, []Deviation{{Kind: SkippedState, State: "a"}, {Kind: SkippedState, State: "b"}, {Kind: SkippedState, State: "c"}, {Kind: SkippedState, State: "d"}}},
		{"nothing fits", "x x", 6, 0, []Deviation{
			{Kind: UnexpectedState, State: "x", Count: 2}, {Kind: SkippedState, State: "a"}, {Kind: SkippedState, State: "b"}, {Kind: SkippedState, State: "c"}, {Kind: SkippedState, State: "d"},
		}},
	} {
		l := logOf(test.trace)
		c := analyse(t, l, kanban(l, "")).Conformance
		if c.Cost != test.cost || math.Abs(*c.Fitness-test.fitness) > 1e-12 || *c.MeanFitness != *c.Fitness {
			t.Errorf("%s: cost %d, fitness %v, want %d and %v", test.name, c.Cost, *c.Fitness, test.cost, test.fitness)
		}
		for i := range test.want {
			test.want[i].Cases, test.want[i].Count, test.want[i].Examples = 1, max(1, test.want[i].Count), []string{"case 001"}
		}
		if len(c.Deviations)+len(test.want) > 0 && !reflect.DeepEqual(c.Deviations, test.want) {
			t.Errorf("%s: deviations %+v, want %+v", test.name, c.Deviations, test.want)
		}
	}
}

func TestConformanceOfManyCases(t *testing.T) {
	t.Parallel()
	l := logOf("a b c d*6", "a c d*3", "a b d", "a")
	l.Traces[10].Open = true
	c := analyse(t, l, kanban(l, "b")).Conformance
	// b is optional, so nine conform; c is skipped once, at a cost of 1 of 3 events + 3 states.
	if c.N != 10 || c.OpenCases != 1 || c.Conforming != 9 || *c.Share != 0.9 || c.Cost != 1 || c.WorstCost != 6*7+3*6+6 {
		t.Errorf("conformance %+v", c)
	}
	if *c.Fitness != 1-1.0/66 || math.Abs(*c.MeanFitness-(9+5.0/6)/10) > 1e-12 {
		t.Errorf("fitness %v, mean %v", *c.Fitness, *c.MeanFitness)
	}
	if none := analyse(t, &Log{}, kanban(&Log{}, "")).Conformance; none.Share != nil || none.Fitness != nil || none.State != basis.NoData {
		t.Errorf("no case has %+v", none)
	}
	if without := analyse(t, l, nil).Conformance; without.State != basis.NotConfigured || without.Fitness != nil {
		t.Errorf("without a workflow there is %+v", without)
	}
}

// The cost is that which a search through all alignments finds, it is 0 exactly
// where there is no deviation, and a move in the log or in the model is never
// worth more than 1.
func TestAlignmentIsOptimal(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(41, 42))
	for range 1000 {
		w := &Workflow{Done: r.IntN(5) - 1}
		for s := range 1 + r.IntN(5) {
			w.States = append(w.States, WorkflowState{Name: string(rune('A' + s)), Optional: r.IntN(3) == 0})
		}
		l := anyLog(r, 1, 6, 8)
		l.Traces[0].Open = false
		sequence := []int32{}
		for range 6 {
			w.StateOf = append(w.StateOf, int32(r.IntN(len(w.States)+1)-1))
		}
		for _, a := range l.Traces[0].Activities {
			sequence = append(sequence, w.StateOf[a])
		}
		c := analyse(t, l, w).Conformance
		if want := search(w.States, sequence, 0); c.Cost != want {
			t.Fatalf("cost %d of %v, want %d", c.Cost, sequence, want)
		}
		if (c.Cost == 0) != (c.DeviationsTotal == 0) || (c.Cost == 0) != (c.Conforming == 1) {
			t.Fatalf("cost %d of %v with deviations %v", c.Cost, sequence, c.Deviations)
		}
	}
}

// search tries every alignment of the rest of a case with the states from s on.
func search(states []WorkflowState, rest []int32, s int) int {
	best := math.MaxInt / 2
	if len(rest) == 0 && s == len(states) {
		return 0
	}
	if len(rest) > 0 {
		best = 1 + search(states, rest[1:], s)
	}
	if s < len(states) {
		move := 1
		if states[s].Optional {
			move = 0
		}
		best = min(best, move+search(states, rest, s+1))
		if len(rest) > 0 && rest[0] == int32(s) {
			best = min(best, search(states, rest[1:], s+1))
		}
	}
	return best
}
