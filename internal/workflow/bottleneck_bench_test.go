package workflow

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// manySprints puts every item of a log into one or two of the sprints of four
// boards, over two years, and gives it estimates.
func manySprints(log *facts.Log) *facts.Log {
	r := rand.New(rand.NewPCG(3, 4))
	closed := log.Symbols.Add("closed")
	begin := facts.At(manyQuery().From)
	var ids []facts.Symbol
	for i := range 4 * 52 {
		start := begin + facts.Time(i/4)*14*day
		id := log.Symbols.Add(facts.SprintKey("svc_1", strconv.Itoa(i)))
		ids = append(ids, id)
		log.Sprints = append(log.Sprints, facts.Sprint{ID: id, Board: log.Symbols.Add("board-" + strconv.Itoa(i%4)), State: closed, Start: start, End: start + 14*day, Completed: start + 14*day + hour})
	}
	for i := range log.Items {
		item := &log.Items[i]
		item.Estimates = []facts.Estimate{{At: item.Created, Known: true, Value: float64(1 + r.IntN(8))}, {At: item.Created + 5*day, Known: true, Value: float64(1 + r.IntN(8))}}
		place := min(int((item.Created-begin)/(14*day))*4+i%4, len(ids)-1)
		item.Sprints = []facts.Membership{{Span: facts.Span{From: item.Created}, Sprint: ids[place]}}
		if place+4 < len(ids) && r.IntN(3) == 0 {
			item.Sprints[0].To = item.Created + 14*day
			item.Sprints = append(item.Sprints, facts.Membership{Span: facts.Span{From: item.Created + 14*day}, Sprint: ids[place+4]})
		}
		item.Assignees = []facts.Assignment{{Span: facts.Span{From: item.Created + 2*day}, Account: 1}}
	}
	return log
}

func benchmarkMany(b *testing.B, settings rampforge.WorkflowSettings, run func(*calc)) {
	b.Helper()
	log := manySprints(manyItems(100_000, 1))
	config, q := Configure(settings, log), manyQuery()
	c := newCalc(log, config, &q)
	b.ReportAllocs()
	for b.Loop() {
		run(c)
	}
}

// BenchmarkVelocity counts 208 sprints of 100,000 items, which the window of two
// years holds all.
func BenchmarkVelocity(b *testing.B) {
	benchmarkMany(b, waiting(), func(c *calc) { velocity(c) })
}

// BenchmarkBottleneck reads the stays of 100,000 items with 1,000,000 changes in
// a window that holds all of them, by their waits and by all of their time.
func BenchmarkBottleneck(b *testing.B) {
	b.Run("waiting", func(b *testing.B) { benchmarkMany(b, waiting(), func(c *calc) { bottleneck(c) }) })
	b.Run("time_in_state", func(b *testing.B) {
		benchmarkMany(b, rampforge.WorkflowSettings{}, func(c *calc) { bottleneck(c) })
	})
}
