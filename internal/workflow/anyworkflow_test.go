package workflow

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// anyWorkflow draws a log and settings that no sane project has: states that
// nobody places, orders with gaps and twins, work that ends before it begins,
// clocks that run backwards, imported cases, items without a history.
func anyWorkflow(seed uint64) (*facts.Log, rampforge.WorkflowSettings) {
	r := rand.New(rand.NewPCG(seed, 99))
	log := manyItems(120, seed)
	categories := []rampforge.StatusCategory{"", "todo", "in_progress", "done"}
	for i := range log.Statuses {
		s := &log.Statuses[i]
		s.Category = log.Symbols.Add(string(categories[r.IntN(4)]))
		s.Position = r.IntN(4)
	}
	settings := rampforge.WorkflowSettings{Zone: []string{"", "Europe/Berlin", "America/Havana"}[r.IntN(3)]}
	name := func() string { return log.Statuses[r.IntN(len(log.Statuses))].Name }
	for range r.IntN(4) {
		s := rampforge.StateSettings{Name: name()}
		if r.IntN(2) == 0 {
			s.Order = new(r.IntN(3))
		}
		if r.IntN(2) == 0 {
			s.Category = new(categories[r.IntN(4)])
		}
		if r.IntN(2) == 0 {
			s.Wait = new(r.IntN(2) == 0)
		}
		settings.States = append(settings.States, s)
	}
	if r.IntN(3) == 0 {
		settings.CommitmentState = name()
	}
	if r.IntN(3) == 0 {
		settings.DoneState = name()
	}
	for i := range log.Items {
		item := &log.Items[i]
		switch r.IntN(12) {
		case 0:
			item.Visits = nil
		case 1:
			item.Imported = true
		case 2:
			item.Created = item.Visits[len(item.Visits)-1].At + day
		case 3:
			item.Created = 0
		case 4:
			item.Visits[0], item.Visits[len(item.Visits)-1] = item.Visits[len(item.Visits)-1], item.Visits[0]
		default:
		}
	}
	return log, settings
}

// Whatever the workflow is, the report is one: it can be written as JSON, no
// time is negative, lines are ordered, Little's identity holds, and what is
// configured wrongly has no value.
func TestAnyWorkflow(t *testing.T) {
	t.Parallel()
	configured := 0
	for seed := range uint64(40) {
		log, settings := anyWorkflow(seed)
		q := manyQuery()
		q.Granularity, q.Whole = ByMonth, seed%2 == 0
		config := Configure(settings, log)
		c := newCalc(log, config, &q)
		for i := range c.flows {
			checkFlow(t, c, &c.flows[i])
		}
		r := Compute(log, config, q)
		bytesOf(t, r)
		noNilSlices(t, fmt.Sprint("report of seed ", seed), reflect.ValueOf(*r))
		p := r.Analysis.Performance
		lines := p.CumulativeFlow.States
		for s := 1; s < len(lines); s++ {
			for d := range lines[s].Counts {
				if lines[s].Counts[d] > lines[s-1].Counts[d] {
					t.Fatalf("seed %d: %s crosses %s", seed, lines[s].State, lines[s-1].State)
				}
			}
		}
		if config.missing(true, true) != "" {
			if p.CycleTime.State != NotConfigured || p.WorkInProgress.State != NotConfigured || p.LittlesLaw.Identity.L != nil {
				t.Fatalf("seed %d: %s, and work in progress is %+v", seed, config.missing(true, true), p.WorkInProgress)
			}
			continue
		}
		configured++
		if d := p.LittlesLaw.Identity.Difference; d != nil && *d != 0 {
			t.Errorf("seed %d: L − λW is %v", seed, *d)
		}
		for d, n := range lines[config.Commitment].Counts {
			if n < lines[config.Done].Counts[d] {
				t.Fatalf("seed %d: negative work in progress", seed)
			}
		}
	}
	if configured < 10 {
		t.Errorf("only %d of the workflows begin and end somewhere", configured)
	}
}

func checkFlow(t *testing.T, c *calc, f *flow) {
	t.Helper()
	at := f.created
	for _, s := range f.stays {
		if s.from < at || s.to < s.from || s.to > c.asOf {
			t.Fatalf("%s: a stay from %v to %v after %v", f.item.Key, s.from, s.to, at)
		}
		at = s.from
	}
	if f.started != 0 && f.started < f.created || f.left != 0 && (f.left < f.created || f.left < f.started) || f.finished != 0 && f.withdrawn {
		t.Fatalf("%s: %s", f.item.Key, describe(c, f))
	}
}
