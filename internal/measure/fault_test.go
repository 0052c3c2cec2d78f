package measure_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
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
			var fault *parallel.PanicError
			if !errors.As(err, &fault) || len(fault.Stack) == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err = w.m.Report(w.ctx(), p, measure.Query{Granularity: "day"}); err != nil {
			t.Errorf("%s: what was made before: %v", name, err)
		}
	}
}

// TestLogThatEndedLongAgo is an imported log whose last event is before 1970: it
// is known until then, and no window begins later.
func TestLogThatEndedLongAgo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t))
	p := w.project("p", "r1")
	created := time.Date(1950, 3, 1, 9, 0, 0, 0, time.UTC)
	last := created.AddDate(0, 1, 0)
	w.tell("r1", rampforge.Record{Stream: rampforge.StreamWorkItems, ID: "1", WorkItem: &rampforge.WorkItem{
		Key: "K1", Type: "case", Status: "end", CreatedAt: created, UpdatedAt: last, EventLog: true,
		Events: []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus, To: "begin", At: created}, {Field: rampforge.FieldStatus, To: "end", At: last}},
	}})
	w.refresh(p)
	text, err := w.m.Report(w.ctx(), p, measure.Query{Granularity: "day"})
	w.must(err)
	var r measure.Document
	w.must(json.Unmarshal(text, &r))
	if want := last.Add(time.Microsecond); !r.AsOf.Equal(want) || r.AsOfSource != measure.AsOfLastEvent || r.Analysis.ProcessMining.Events != 2 {
		t.Errorf("as of %v by %s, %d events", r.AsOf, r.AsOfSource, r.Analysis.ProcessMining.Events)
	}
	for name, q := range map[string]measure.Query{"after it": {From: last.AddDate(1, 0, 0)}, "at as_of": {From: r.AsOf}, "with an end": {From: last.AddDate(1, 0, 0), To: last.AddDate(2, 0, 0)}} {
		_, err := w.m.Report(w.ctx(), p, q)
		if e, ok := errors.AsType[*rampforge.Error](err); !ok || e.Code != rampforge.CodeInvalid || len(e.Fields) != 1 || e.Fields[0].Field != "query.from" {
			t.Errorf("a window that begins %s: %v", name, err)
		}
	}
}
