package workflow

import (
	"cmp"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// sprints are those that velocity counts: closed in the window, of the last ones
// before its end, or active.
type sprints struct {
	list  []sprint // by board, then by end, then by id
	never map[boardKey]int
	// unstarted are those that never counts, to be explained.
	unstarted []sprint
}

type boardKey struct{ service, board string }

type sprint struct {
	fact        *facts.Sprint
	boardKey    // whose it is
	id          string
	start, end  facts.Time // end is when it was closed; of an active one as_of
	active      bool
	inWindow    bool
	inTrend     bool
	points      ledger
	items       ledger
	estimated   int // items of the final commitment
	unestimated int
}

// findSprints returns the sprints that count at as_of. Whether a sprint was
// closed then is read from its times: the tracker's word is of today.
func findSprints(c *calc) *sprints {
	s := &sprints{never: map[boardKey]int{}}
	for i := range c.log.Sprints {
		f := &c.log.Sprints[i]
		one := sprint{fact: f, start: f.Start, end: cmp.Or(f.Completed, f.End)}
		parts := facts.Parts(c.log.Symbols.Text(f.ID))
		one.service, one.id = parts[0], parts[len(parts)-1]
		board := facts.Parts(c.log.Symbols.Text(f.Board))
		one.board = board[len(board)-1]
		state := c.log.Symbols.Text(f.State)
		closed := state == "closed" && one.end <= c.asOf
		switch {
		case closed && f.Start == 0:
			s.never[one.boardKey]++
			s.unstarted = append(s.unstarted, one)
			continue
		case state == "future" || f.Start == 0 || f.Start > c.asOf || closed && one.end == 0:
			continue // not started; or closed, and nobody knows when
		case closed && one.end < c.to:
			one.end = max(one.start, one.end)
			one.inWindow = one.end >= c.from
		case closed:
			continue // after the window
		default:
			one.active, one.end = true, c.asOf
		}
		s.list = append(s.list, one)
	}
	slices.SortFunc(s.list, func(a, b sprint) int {
		return cmp.Or(compareBoards(a.boardKey, b.boardKey), cmp.Compare(a.end, b.end), cmp.Compare(a.id, b.id))
	})
	s.choose()
	return s
}

func compareBoards(a, b boardKey) int {
	return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.board, b.board))
}

// choose marks the last sprints of each board, and drops those that are neither
// of them nor of the window.
func (s *sprints) choose() {
	last := map[boardKey]int{}
	for i := len(s.list) - 1; i >= 0; i-- {
		if one := &s.list[i]; !one.active && last[one.boardKey] < trendSprints {
			last[one.boardKey]++
			one.inTrend = true
		}
	}
	s.list = slices.DeleteFunc(s.list, func(one sprint) bool { return !one.active && !one.inTrend && !one.inWindow })
}

// count fills the ledgers of the sprints, and returns the pairs of sprint and
// item when they are to be explained, in the order of both.
func (s *sprints) count(c *calc) []pair {
	places := make([]int32, c.log.Symbols.Len()) // of a sprint in the list, from 1
	for i := range s.list {
		places[s.list[i].fact.ID] = int32(i + 1)
	}
	var pairs []pair
	keep := c.q.Explain.Wants("velocity_trend")
	w := walker{ended: c.config.ended}
	for i := range c.flows {
		w.f = &c.flows[i]
		for j, m := range w.f.item.Sprints {
			place := int(places[m.Sprint]) - 1
			if place < 0 || slices.ContainsFunc(w.f.item.Sprints[:j], func(n facts.Membership) bool { return n.Sprint == m.Sprint }) {
				continue
			}
			one := &s.list[place]
			w.sprint, w.start, w.end = m.Sprint, one.start, one.end
			p := pair{sprint: place, flow: i}
			if !w.walk(&p) {
				continue
			}
			one.add(&p)
			if keep {
				pairs = append(pairs, p)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.sprint, b.sprint) })
	return pairs
}

func (one *sprint) add(p *pair) {
	one.points.add(&p.points)
	one.items.add(&p.items)
	switch {
	case p.unestimated:
		one.unestimated++
	case p.items.completed+p.items.carried > 0:
		one.estimated++
	}
}

// boards returns the velocity of each board, in the order of the list.
func (s *sprints) boards() []BoardVelocity {
	boards := []BoardVelocity{}
	for from := 0; from < len(s.list); {
		to := from
		for to < len(s.list) && s.list[to].boardKey == s.list[from].boardKey {
			to++
		}
		boards = append(boards, s.board(s.list[from:to]))
		from = to
	}
	return boards
}

func (s *sprints) board(list []sprint) BoardVelocity {
	b := BoardVelocity{
		ID: list[0].board, ServiceID: list[0].service, NeverStarted: s.never[list[0].boardKey],
		Sprints: []SprintTally{}, Current: []CurrentSprint{},
	}
	var points, items []float64
	estimated := 0
	for i := range list {
		one := &list[i]
		if one.active {
			b.Current = append(b.Current, CurrentSprint{
				ID: one.id, Name: one.fact.Name, StartAt: one.start.UTC(), EndAt: instant(one.fact.End),
				Points: one.points.progress(), Items: one.items.progress(),
			})
			continue
		}
		b.Sprints = append(b.Sprints, SprintTally{
			ID: one.id, Name: one.fact.Name, StartAt: one.start.UTC(), EndAt: instant(one.fact.End), CompletedAt: one.end.UTC(),
			InWindow: one.inWindow, InTrend: one.inTrend, Unestimated: one.unestimated,
			Points: one.points.tally(), Items: one.items.tally(),
		})
		if one.inWindow {
			b.ClosedInWindow++
		}
		if one.inTrend {
			points, items = append(points, one.points.completed), append(items, one.items.completed)
			estimated += one.estimated
		}
	}
	b.Points, b.Items = paceOf(points), paceOf(items)
	if len(points) > 0 && estimated == 0 {
		b.Points = Pace{State: NoData, N: len(points), Reason: "No item of these sprints is estimated; see items."}
	}
	return b
}

// headline returns the board that stands for the project: that with the most
// sprints closed in the window, of as many the one that closed the last; -1 when
// none ever closed one.
func (s *sprints) headline(boards []BoardVelocity) int {
	best := -1
	for i := range boards {
		if len(boards[i].Sprints) == 0 {
			continue
		}
		if best < 0 || cmp.Or(
			cmp.Compare(boards[i].ClosedInWindow, boards[best].ClosedInWindow),
			lastClosed(&boards[i]).Compare(lastClosed(&boards[best]))) > 0 {
			best = i
		}
	}
	return best
}

func lastClosed(b *BoardVelocity) time.Time { return b.Sprints[len(b.Sprints)-1].CompletedAt }
