package measure_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// TestAPanicIsAnError: a fault of this program fails the request that comes upon
// it, on whichever goroutine that is, and the next request has its turn.
func TestAPanicIsAnError(t *testing.T) {
	t.Parallel()
	const none = facts.Symbol(1 << 30)
	w := newWorld(t, storetest.SQLite(t))
	p := w.project("p", "r1")
	w.tell("r1", w.item("1", "doing"), w.item("2", "doing"))
	w.refresh(p)
	for name, fault := range map[string]func(*facts.Log){
		"where all begins": func(l *facts.Log) { l.Items[0].Type = none },
		"in another's thread": func(l *facts.Log) {
			l.Items[0].Sprints = []facts.Membership{{Sprint: none}}
		},
	} {
		w.m = w.measurer()
		_, err := w.m.Report(w.ctx(), p, measure.Query{Granularity: "day"})
		w.must(err)
		w.m.Break(p, fault)
		for range runtime.GOMAXPROCS(0) + 1 {
			_, err := w.m.Report(w.ctx(), p, measure.Query{Granularity: "month"})
			var fault *parallel.Panic
			if !errors.As(err, &fault) || len(fault.Stack) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err = w.m.Report(w.ctx(), p, measure.Query{Granularity: "day"}); err != nil {
			t.Errorf("%s: what was made before: %v", name, err)
		}
	}
}
