package mining

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

const hour = 3600 * 1_000_000

// logOf makes a log of words: "a b c*3" is three cases of a, b and c, each event an
// hour after the one before.
func logOf(cases ...string) *Log {
	l := &Log{}
	places := map[string]int32{}
	for _, text := range cases {
		times := 1
		if sequence, n, ok := strings.Cut(text, "*"); ok {
			text = sequence
			fmt.Sscan(n, &times)
		}
		for range times {
			t := Trace{Case: fmt.Sprintf("case %03d", len(l.Traces)+1)}
			for i, name := range strings.Fields(text) {
				if _, ok := places[name]; !ok {
					places[name] = int32(len(l.Activities))
					l.Activities = append(l.Activities, name)
				}
				t.Activities = append(t.Activities, places[name])
				t.Times = append(t.Times, facts.Time(1+i*hour))
			}
			l.Traces = append(l.Traces, t)
		}
	}
	return l
}

// anyLog draws a log: a case goes from activity to activity, mostly forward.
func anyLog(r *rand.Rand, cases, activities, length int) *Log {
	l := &Log{}
	for a := range activities {
		l.Activities = append(l.Activities, fmt.Sprintf("activity %c%d", 'z'-rune(a%26), a))
	}
	for i := range cases {
		t := Trace{Case: fmt.Sprintf("C-%d", i), Open: r.IntN(5) == 0}
		at := facts.Time(1 + r.Int64N(1000*hour))
		for range r.IntN(length + 1) {
			t.Activities = append(t.Activities, int32(r.IntN(activities)))
			t.Times = append(t.Times, at)
			at += facts.Time(r.Int64N(3 * hour))
		}
		l.Traces = append(l.Traces, t)
	}
	return l
}

func analyse(t *testing.T, l *Log, w *Workflow) *Report {
	t.Helper()
	r, err := Analyse(l, w, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLogIsChecked(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trace Trace
		want  string
	}{
		"times":    {Trace{Case: "X", Activities: []int32{0}}, `case "X", place 0: 1 activities have 0 times`},
		"activity": {Trace{Case: "X", Activities: []int32{1}, Times: []facts.Time{1}}, `case "X", place 0: event 0 has activity 1 of 1`},
		"negative": {Trace{Case: "X", Activities: []int32{-1}, Times: []facts.Time{1}}, `case "X", place 0: event 0 has activity -1 of 1`},
		"order":    {Trace{Case: "X", Activities: []int32{0, 0}, Times: []facts.Time{2, 1}}, `case "X", place 0: event 1 is before event 0`},
	} {
		l := &Log{Activities: []string{"a"}, Traces: []Trace{test.trace}}
		if _, err := Analyse(l, nil, DefaultLimits()); err == nil || err.Error() != test.want {
			t.Errorf("%s: error %v, want %s", name, err, test.want)
		}
	}
}
