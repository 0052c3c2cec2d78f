package mining

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// tracker draws a log as trackers have them: seven states, some moves back,
// some skipped, length events a case on average.
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

func BenchmarkFlows(b *testing.B) {
	l, w := tracker(100_000, 8)
	b.Logf("%d events", len(number(l).flat))
	for b.Loop() {
		e := number(l)
		e.graph(e.follows(), 2000)
		list := e.variants()
		e.tell(list, DefaultLimits())
		e.rework(list)
	}
	_ = w
}
