package workflow

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
)

const (
	bottleneckDraws  = 500
	bottleneckStream = 0x626f74 // of the seed: what others draw moves nothing here
	// maxSuspects bounds the draws of an event log with hundreds of states: one
	// with less than the twentieth largest share leads in none of them.
	maxSuspects = 20
)

// suspects returns the states in progress that have a share, the largest first,
// of equal ones the one that comes first in the workflow.
func suspects(states []StateLoad) []int {
	order := []int{}
	for s := range states {
		if share := states[s].Share; share != nil && *share > 0 {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := *states[a].Held, *states[b].Held; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return order[:min(len(order), maxSuspects)]
}

// accuse applies the rule: the state with the largest share is the constraint
// if its queue grew in at least half of the weeks.
func (m *Bottleneck) accuse(c *calc, l *loads, order []int) {
	leads, constraint := l.draw(order, c.q.Seed)
	tell := func(place int) *Suspect {
		s := &m.States[order[place]]
		one := &Suspect{
			State: s.State, InFrontOf: c.inFrontOf(order[place]), Share: s.Share, GrowingWeeks: s.GrowingWeeks, GrowingShare: s.GrowingShare,
			Growth: s.Growth, MeanVisit: s.MeanVisit, P85Visit: s.P85Visit, Ageing: s.Ageing,
			Leads: share(leads[place], bottleneckDraws), Confidence: share(constraint[place], bottleneckDraws),
		}
		one.Evidence = one.evidence(m.Weeks, m.Measure)
		return one
	}
	m.LargestWait = tell(0)
	if 2*m.LargestWait.GrowingWeeks >= m.Weeks {
		m.Constraint = m.LargestWait
	}
	if len(order) > 1 {
		m.RunnerUp = tell(1)
	}
}

// draw draws as many weeks as there are, with replacement, again and again, and
// returns how often each suspect had the largest share, and how often it was
// the constraint. Weeks are drawn, and not items, because what the rule asks of
// a state is what happened in it by the week.
func (l *loads) draw(order []int, seed uint64) (leads, constraint []int) {
	leads, constraint = make([]int, len(order)), make([]int, len(order))
	held := make([][]float64, len(order)) // by suspect and week
	for i, s := range order {
		held[i] = make([]float64, len(l.weeks))
		for w, d := range l.of[s].held().byWeek() {
			held[i][w] = float64(d)
		}
	}
	stat.Bootstrap(stat.NewRand(seed, bottleneckStream), len(l.weeks), bottleneckDraws, func(drawn []int) {
		best, most := 0, -1.0
		for i := range order {
			sum := 0.0
			for _, w := range drawn {
				sum += held[i][w]
			}
			if sum > most {
				best, most = i, sum
			}
		}
		leads[best]++
		o, growing := &l.of[order[best]], 0
		for _, w := range drawn {
			if o.in[w] > o.out[w] {
				growing++
			}
		}
		if 2*growing >= len(drawn) {
			constraint[best]++
		}
	})
	return leads, constraint
}

// inFrontOf returns the state that works off a queue: the next one that is no
// queue.
func (c *calc) inFrontOf(s int) *string {
	if !c.config.waits(s) {
		return nil
	}
	for next := s + 1; next < len(c.config.States); next++ {
		if c.config.doing(next) && !c.config.waits(next) {
			return &c.config.States[next].Name
		}
	}
	return nil
}
