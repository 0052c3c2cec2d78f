package workflow

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// The bounds of a velocity's trend.
const (
	trendSprints = 8    // the last ones, as many as there are up to this
	minTrend     = 4    // sprints: with fewer the test can find nothing
	trendP       = 0.1  // a trend is told when chance makes one as clear less often
	trendSlope   = 0.05 // and when it is steeper than this share of the median
)

// The directions of a trend.
const (
	Up     = "up"
	Down   = "down"
	Stable = "stable"
)

// Velocity is what the teams committed themselves to and what they completed,
// by sprint. Each board has its own: points of two teams are two units.
type Velocity struct {
	Basis

	// Board is the id of the one that stands for the project: that with the most
	// sprints closed in the window; null is none.
	Board  *string         `json:"board"`
	Boards []BoardVelocity `json:"boards"`
}

// BoardVelocity is the velocity of a board.
type BoardVelocity struct {
	ID             string          `json:"id"` // the vendor's
	ServiceID      string          `json:"service_id"`
	ClosedInWindow int             `json:"closed_in_window"` // sprints
	NeverStarted   int             `json:"never_started"`    // sprints closed so; they have no velocity
	Sprints        []SprintTally   `json:"sprints"`          // closed, the oldest first
	Points         Pace            `json:"points"`
	Items          Pace            `json:"items"`
	Current        []CurrentSprint `json:"current"` // active at as_of
}

// SprintTally is what became of a closed sprint.
type SprintTally struct {
	ID          string     `json:"id"` // the vendor's
	Name        string     `json:"name"`
	StartAt     time.Time  `json:"start_at"`
	EndAt       *time.Time `json:"end_at"`       // as planned
	CompletedAt time.Time  `json:"completed_at"` // when it was closed; as planned where the tracker does not tell
	InWindow    bool       `json:"in_window"`
	InTrend     bool       `json:"in_trend"`
	Unestimated int        `json:"unestimated"` // items of the final commitment that count 0 points
	Points      Tally      `json:"points"`
	Items       Tally      `json:"items"`
}

// Tally is a sprint in one unit. Committed + Added − Removed + EstimateChange is
// FinalCommitment, and that is Completed + CarriedOver.
type Tally struct {
	Committed        float64  `json:"committed"`
	Added            float64  `json:"added"`
	Removed          float64  `json:"removed"`
	EstimateChange   float64  `json:"estimate_change"`
	FinalCommitment  float64  `json:"final_commitment"`
	Completed        float64  `json:"completed"`
	CompletedOutside float64  `json:"completed_outside"`
	CarriedOver      float64  `json:"carried_over"`
	SayDo            *float64 `json:"say_do"`           // share of the commitment that was completed; null when nothing was committed
	CompletionRatio  *float64 `json:"completion_ratio"` // completed / committed; null likewise
}

// Pace is how much a board completes in a sprint, and where that goes.
type Pace struct {
	State     State    `json:"state"`
	N         int      `json:"n"` // sprints
	Reason    string   `json:"reason"`
	Average   *float64 `json:"average"`   // mean of what was completed
	Median    *float64 `json:"median"`    // of what was completed
	CV        *float64 `json:"cv"`        // coefficient of variation
	Slope     *float64 `json:"slope"`     // of Theil and Sen, each sprint
	P         *float64 `json:"p"`         // of the test of Mann and Kendall, two-sided
	Direction *string  `json:"direction"` // up, down or stable
}

// CurrentSprint is how far an active sprint is.
type CurrentSprint struct {
	ID      string     `json:"id"` // the vendor's
	Name    string     `json:"name"`
	StartAt time.Time  `json:"start_at"`
	EndAt   *time.Time `json:"end_at"` // as planned
	Points  Progress   `json:"points"`
	Items   Progress   `json:"items"`
}

// Progress is a sprint that is not over, in one unit.
type Progress struct {
	Committed      float64 `json:"committed"`
	Added          float64 `json:"added"`
	Removed        float64 `json:"removed"`
	EstimateChange float64 `json:"estimate_change"`
	Completed      float64 `json:"completed"`
	Remaining      float64 `json:"remaining"`
}

const velocityConvention = "Commitment: the estimates, when the sprint began, of the items that were in it and not done. " +
	"Completed: the last estimates of those that were done when it was closed, not at its planned end (where the tracker does not tell when it was closed, its planned end stands for that). " +
	"Added, removed and estimate changes are those after the beginning, each time that an item enters, leaves or is estimated anew; an item that is withdrawn leaves. " +
	"What was done before the sprint began and stayed so is completed outside of it; what is reopened in it is added. Without an estimate an item is 0 points and 1 item. " +
	"Trend: the last 8 sprints at most that were closed before the window's end, also before its beginning. " +
	"Boards are never added up; the project's is that with the most sprints closed in the window."

// velocity counts every sprint of every board (Atlassian: velocity is the mean of
// what was completed over the last sprints).
func velocity(c *calc) Velocity {
	s := findSprints(c)
	pairs := s.count(c)
	v := Velocity{Basis: Basis{Convention: velocityConvention}, Boards: s.boards()}
	v.Explain = c.q.explained("velocity_trend", len(pairs)+len(s.unstarted), func(i int) ExplainedRow {
		if i < len(pairs) {
			return s.row(c, &pairs[i])
		}
		return s.unstarted[i-len(pairs)].neverStarted()
	})
	headline := s.headline(v.Boards)
	if headline < 0 {
		v.State, v.Reason = NoData, "No sprint was closed before the end of the window. Velocity needs sprints that were started and closed."
		return v
	}
	b := &v.Boards[headline]
	v.Board, v.State, v.N, v.Reason = &b.ID, b.Items.State, b.Items.N, b.Items.Reason
	return v
}

// paceOf returns the pace of what was completed in sprints, the oldest first.
func paceOf(completed []float64) Pace {
	p := Pace{State: OK, N: len(completed)}
	switch {
	case p.N == 0:
		p.State, p.Reason = NoData, "No sprint was closed."
		return p
	case p.N < minTrend:
		p.State, p.Reason = InsufficientData, "Fewer than four sprints were closed."
		return p
	}
	places := make([]float64, len(completed))
	for i := range places {
		places[i] = float64(i)
	}
	sorted := slices.Sorted(slices.Values(completed))
	p.Average, p.Median = number(stat.Mean(completed)), number(stat.Median(sorted))
	if cv, ok := stat.CV(completed); ok {
		p.CV = number(cv)
	}
	line, _ := stat.TheilSen(places, completed)
	test, _ := stat.MannKendall(completed)
	p.Slope, p.P, p.Direction = number(line.Slope), number(test.P), new(direction(line.Slope, test.P, *p.Median))
	return p
}

// direction tells a trend that is neither chance nor too flat to matter.
func direction(slope, p, median float64) string {
	switch {
	case p >= trendP || math.Abs(slope) <= trendSlope*math.Abs(median):
		return Stable
	case slope > 0:
		return Up
	}
	return Down
}

// tally returns the sum of ledgers in one unit as it is told.
func (l *ledger) tally() Tally {
	r := rounded
	t := Tally{
		Committed: r(l.committed), Added: r(l.added), Removed: r(l.removed), EstimateChange: r(l.change),
		FinalCommitment: r(l.committed + l.added - l.removed + l.change),
		Completed:       r(l.completed), CompletedOutside: r(l.outside), CarriedOver: r(l.carried),
	}
	if l.committed > 0 {
		t.SayDo, t.CompletionRatio = number(l.kept/l.committed), number(l.completed/l.committed)
	}
	return t
}

func (l *ledger) progress() Progress {
	r := rounded
	return Progress{
		Committed: r(l.committed), Added: r(l.added), Removed: r(l.removed), EstimateChange: r(l.change),
		Completed: r(l.completed), Remaining: r(l.carried),
	}
}

// rounded returns v to six decimals, as number does.
func rounded(v float64) float64 { return *number(v) }

// row explains what an item was in a sprint: each number of the sprint is the
// sum of its parts.
func (s *sprints) row(c *calc, p *pair) ExplainedRow {
	sprint, f := &s.list[p.sprint], &c.flows[p.flow]
	row := ExplainedRow{
		ID: f.item.ID, Key: f.item.Key, Group: sprint.service + "/" + sprint.id,
		From: instant(sprint.start), To: instant(sprint.end), Value: number(p.points.completed), Parts: map[string]float64{},
	}
	var words []string
	for _, role := range ledgerRoles {
		points, items := role.of(&p.points), role.of(&p.items)
		if points == 0 && items == 0 {
			continue
		}
		words = append(words, strings.ReplaceAll(role.name, "_", " "))
		row.Parts[role.name] = points
		if role.name != "estimate_change" {
			row.Parts[role.name+"_items"] = items
		}
	}
	if p.unestimated {
		row.Parts["unestimated"] = 1
	}
	row.Detail = strings.Join(words, ", ")
	return row
}

// neverStarted explains a sprint that was closed and never started.
func (one *sprint) neverStarted() ExplainedRow {
	return ExplainedRow{
		ID: one.id, Key: one.fact.Name, Group: one.service + "/" + one.id, To: instant(one.end), Value: number(0),
		Detail: "never started, on board " + one.board, Parts: map[string]float64{"never_started": 1},
	}
}

// ledgerRoles are the parts of an explained row, by the names of a tally; the
// kept are what say_do is of.
var ledgerRoles = []struct {
	name string
	of   func(*ledger) float64
}{
	{"committed", func(l *ledger) float64 { return l.committed }},
	{"added", func(l *ledger) float64 { return l.added }},
	{"removed", func(l *ledger) float64 { return l.removed }},
	{"estimate_change", func(l *ledger) float64 { return l.change }},
	{"completed", func(l *ledger) float64 { return l.completed }},
	{"kept", func(l *ledger) float64 { return l.kept }},
	{"completed_outside", func(l *ledger) float64 { return l.outside }},
	{"carried_over", func(l *ledger) float64 { return l.carried }},
}

// ledger is what became of items in a sprint, in one unit. Of a sprint that is
// not over, carried is what remains.
type ledger struct {
	committed, added, removed, change float64
	completed, outside, carried       float64
	kept                              float64 // committed, by the estimate of then, and completed
}

func (l *ledger) add(m *ledger) {
	l.committed += m.committed
	l.added += m.added
	l.removed += m.removed
	l.change += m.change
	l.completed += m.completed
	l.outside += m.outside
	l.carried += m.carried
	l.kept += m.kept
}

// pair is an item in a sprint.
type pair struct {
	sprint, flow  int
	points, items ledger
	unestimated   bool // at the end, of an item that was in the sprint then
}

// never is after every fact.
const never = facts.Time(math.MaxInt64)
