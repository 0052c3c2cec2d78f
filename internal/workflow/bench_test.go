package workflow

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// manyItems draws a log of n items of about ten changes each, over two years,
// with rework, reopening, flags and items that are still in progress.
func manyItems(n int, seed uint64) *facts.Log {
	r := rand.New(rand.NewPCG(seed, 2))
	log := &facts.Log{Symbols: facts.NewSymbols(nil)}
	type known struct {
		name     string
		category rampforge.StatusCategory
	}
	states := []known{
		{"Open", "todo"}, {"Ready", "todo"}, {"Doing", "in_progress"}, {"Waiting", "in_progress"},
		{"Review", "in_progress"}, {"Test", "in_progress"}, {"Accept", "in_progress"}, {"Done", "done"},
	}
	symbols := []facts.Symbol{}
	for i, s := range states {
		symbol := log.Symbols.Add(facts.StatusKey("svc_1", "", s.name))
		symbols = append(symbols, symbol)
		log.Statuses = append(log.Statuses, facts.Status{Status: symbol, Name: s.name, Category: log.Symbols.Add(string(s.category)), Position: i + 1})
	}
	types := []facts.Symbol{log.Symbols.Add("Story"), log.Symbols.Add("Bug"), log.Symbols.Add("Epic")}
	wontDo, source := log.Symbols.Add("Won't Do"), log.Symbols.Add(facts.SourceKey("svc_1", "proj"))
	begin := facts.At(time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC))
	for i := range n {
		at := begin + facts.Time(r.Int64N(int64(730*day)))
		item := facts.Item{Source: source, ID: fmt.Sprintf("%06d", i), Key: fmt.Sprintf("PROJ-%d", i), Type: types[r.IntN(20)/9], Created: at}
		state := 0
		for range 8 + r.IntN(5) {
			item.Visits = append(item.Visits, facts.Visit{Status: symbols[state], At: at})
			at += facts.Time(r.ExpFloat64() * float64(20*hour))
			next := state + 1
			if roll := r.IntN(100); roll < 20 && state > 0 {
				next = state - 1
			} else if roll < 26 {
				next = state + 2
			}
			if state == len(states)-1 && r.IntN(5) > 0 {
				break
			}
			if next = min(next, len(states)-1); next == state {
				next = 2
			}
			state = next
		}
		switch r.IntN(12) {
		case 0:
			item.Resolution = wontDo
		case 1:
			item.Flags = []facts.Span{{From: item.Created + 10*hour, To: item.Created + 30*hour}}
		}
		log.Items = append(log.Items, item)
	}
	return log
}

func waiting() rampforge.WorkflowSettings {
	wait := true
	return rampforge.WorkflowSettings{Zone: "Europe/Berlin", States: []rampforge.StateSettings{{Name: "Waiting", Wait: &wait}}}
}

func manyQuery() Query {
	return Query{
		From: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		AsOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Granularity: ByDay,
	}
}

// BenchmarkCompute is the report of 100,000 items with 1,000,000 changes, over
// all of their time.
func BenchmarkCompute(b *testing.B) {
	b.ReportAllocs()
	log := manySprints(manyItems(100_000, 1))
	config := Configure(waiting(), log)
	changes := 0
	for i := range log.Items {
		changes += len(log.Items[i].Visits)
	}
	for b.Loop() {
		Compute(log, config, manyQuery())
	}
	b.ReportMetric(float64(changes), "changes")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(log.Items)), "ns/item")
}

func BenchmarkConfigure(b *testing.B) {
	log := manyItems(100_000, 1)
	for b.Loop() {
		Configure(waiting(), log)
	}
}

// BenchmarkParts is what each metric takes of it.
func BenchmarkParts(b *testing.B) {
	log := manyItems(100_000, 1)
	config := Configure(waiting(), log)
	q := manyQuery()
	c := newCalc(log, config, &q)
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"calc", func() { newCalc(log, config, &q) }},
		{"process_mining", func() { processMining(c) }},
		{"forecast", func() { predict(c) }},
		{"ageing", func() { ageing(c) }},
		{"cumulative_flow", func() { cumulativeFlow(c) }},
		{"cycle_time", func() { cycleTime(c) }},
		{"lead_time", func() { leadTime(c) }},
		{"active_cycle_time", func() { activeCycleTime(c) }},
		{"flow_efficiency", func() { flowEfficiency(c) }},
		{"expectation", func() { expectation(c) }},
		{"throughput", func() { throughput(c) }},
		{"balance", func() { balance(c) }},
		{"work_in_progress", func() { workInProgress(c) }},
		{"littles_law", func() { littlesLaw(c) }},
		{"rework", func() { reworkCount(c) }},
		{"reopened", func() { reopenedCount(c) }},
	} {
		b.Run(part.name, func(b *testing.B) {
			for b.Loop() {
				part.run()
			}
		})
	}
}
