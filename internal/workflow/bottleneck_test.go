package workflow

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// queues is a workflow with two queues.
func queues() *story {
	return newStoryOf(
		storyState{"Plan", rampforge.StatusToDo}, storyState{"Ready", rampforge.StatusInProgress}, storyState{"Build", rampforge.StatusInProgress},
		storyState{"Check", rampforge.StatusInProgress}, storyState{"Test", rampforge.StatusInProgress}, storyState{"Out", rampforge.StatusDone})
}

// piling is eight weeks, from day 0 to 56, in which an item comes every second
// day and only one in three days leaves Check. Item i = 0…26 is in Ready from
// 2i, in Build from 2i+1, in Check from 2i+2, in Test from 3i+5 and out on
// 3i+5.5: it is in Check for i+3 days.
func piling() *story {
	h := queues().waits("Ready", "Check")
	for i := range 27 {
		at := 2 * float64(i)
		events := []string{fmt.Sprintf("%v Plan", at), fmt.Sprintf("%v Ready", at), fmt.Sprintf("%v Build", at+1), fmt.Sprintf("%v Check", at+2)}
		if out := 3*float64(i) + 5; out < 56 {
			events = append(events, fmt.Sprintf("%v Test", out), fmt.Sprintf("%v Out", out+0.5))
		}
		h.item(fmt.Sprintf("%02d", i), events...)
	}
	return h
}

func (h *story) bottleneck(from, to, asOf float64) Bottleneck {
	return bottleneck(h.calc(from, to, asOf))
}

// Check lets 17 items out (3i+5 < 56 for i ≤ 16), for 3…19 days: the mean is 11
// days, the 85th percentile at rank 13.6 is 16.6 days. The other ten are in it
// for 54−2i days, 20…2 on day 56: 110 together, and 20 and 18 are above 16.6.
// It held 17·11 + 110 = 297 days, Ready 27·1: of 324, 91.6667 % and 8.3333 %.
//
//	week       0 1 2 3 4 5 6 7
//	arrivals   3 3 4 3 4 3 4 3   every second day from 2 on
//	departures 1 2 3 2 2 3 2 2   every third day from 5 on
//	queue      2 3 4 5 7 7 9 10
func TestBottleneck(t *testing.T) {
	t.Parallel()
	m := piling().bottleneck(0, 56, 56)
	wait := true
	want := StateLoad{
		State: "Check", InProgress: true, Wait: &wait, Arrivals: 27, Departures: 17,
		ArrivalRate: number(27.0 / 56), DepartureRate: number(17.0 / 56), Growth: number(10.0 / 56), MeanItems: number(297.0 / 56),
		MeanVisit: number(11 * 24), P85Visit: number(16.6 * 24), Hours: 297 * 24, Held: number(297 * 24), Share: number(297.0 / 324),
		GrowingWeeks: 7, GrowingShare: number(7.0 / 8), Now: 10, Ageing: new(2), Queue: m.States[3].Queue,
	}
	if diff := cmp.Diff(want, m.States[3]); diff != "" {
		t.Errorf("Check (-want +got):\n%s", diff)
	}
	// Of 28 pairs 27 rise and one, 7 and 7, is equal: S is 27, the variance
	// (8·7·21 − 2·1·9)/18 = 64.33, z = 26/8.0208 = 3.2416, P = 0.001189.
	if q := m.States[3].Queue; q == nil || q.Weeks != 8 || q.Direction != Up || math.Abs(*q.P-0.001189) > 1e-6 {
		t.Errorf("the queue goes %+v", q)
	}
	if m.State != OK || m.Measure != MeasureWaiting || m.WaitStates.State != OK || m.Weeks != 8 || m.N != 27+27+27+17 {
		t.Errorf("state %s, measure %s, wait states %+v, %d weeks, n %d", m.State, m.Measure, m.WaitStates, m.Weeks, m.N)
	}
	if m.Constraint == nil || m.Constraint.State != "Check" || m.Constraint.InFrontOf == nil || *m.Constraint.InFrontOf != "Test" ||
		*m.Constraint.Leads != 1 || *m.Constraint.Confidence < 0.99 || m.LargestWait != m.Constraint {
		t.Errorf("constraint %+v", m.Constraint)
	}
	if want := `92 % of the time that items waited was in "Check"; in 7 of 8 weeks more items arrived there than left; 2 of the items there are there for longer than 85 % of the visits took.`; m.Constraint.Evidence != want {
		t.Errorf("evidence %q\nwant     %q", m.Constraint.Evidence, want)
	}
	if m.RunnerUp == nil || m.RunnerUp.State != "Ready" || *m.RunnerUp.Share != *number(27.0 / 324) || *m.RunnerUp.Leads != 0 {
		t.Errorf("runner-up %+v", m.RunnerUp)
	}
	if plan := m.States[0]; plan.InProgress || plan.Share != nil || plan.Held != nil || plan.Arrivals != 27 || plan.Hours != 0 {
		t.Errorf("Plan %+v", plan)
	}
}

// An item takes i+5.5 days: at rank 13.6 of 17 that is 19.1. In Check it waits
// i+3 days; were that a day on average, as in Ready, each would be a part of 11
// of it: i + 5.5 − 10/11·(i+3) at rank 13.6 is 4.00909 days.
func TestBottleneckRelief(t *testing.T) {
	t.Parallel()
	m := piling().bottleneck(0, 56, 56).Relief
	want := Relief{Basis: m.Basis, Unit: "hours", Of: new("Check"), MeanWait: number(264), OtherWait: number(24), Scale: number(1.0 / 11), Before: number(19.1 * 24), After: number((13.6/11 + 5.5 - 30.0/11) * 24)}
	if diff := cmp.Diff(want, m); diff != "" || m.State != OK || m.N != 17 {
		t.Errorf("%s of %d (-want +got):\n%s", m.State, m.N, diff)
	}
	var before, after []float64
	for _, row := range m.Explain.Rows {
		before = append(before, row.Parts["cycle_hours"])
		again := row.Parts["cycle_hours"] - (1 - *m.OtherWait / *m.MeanWait)*row.Parts["held_hours"]
		if math.Abs(again-*row.Value) > 1e-5 {
			t.Errorf("item %s: %v, its parts give %v", row.Key, *row.Value, again)
		}
		after = append(after, *row.Value)
	}
	if p := stat.PercentileOf(before, 0.85); math.Abs(p-*m.Before) > 1e-5 {
		t.Errorf("before: rows give %v, told is %v", p, *m.Before)
	}
	if p := stat.PercentileOf(after, 0.85); math.Abs(p-*m.After) > 1e-5 {
		t.Errorf("after: rows give %v, told is %v", p, *m.After)
	}
}

// Ten items are in Check on day 56, of which one is blocked by an open item,
// one by one that is out, and one is somebody's. Nobody had any item but for
// a day: 323 of 324 days.
func TestBottleneckWaiting(t *testing.T) {
	t.Parallel()
	h := piling()
	items := h.log.Items
	items[20].BlockedBy = []string{"X-7"}
	items[21].BlockedBy = []string{"P-00"}
	h.happen(&items[22], h.day(56), "@ann") // at as_of, for no time
	h.happen(&items[0], h.day(3), "@bo")
	h.happen(&items[0], h.day(4), "@")
	ann, bo := h.log.Symbols.Add("ann"), h.log.Symbols.Add("bo")
	repo := h.log.Symbols.Add("repo")
	h.log.PullRequests = []facts.PullRequest{
		{ID: "1", Number: 1, Source: repo, Author: ann, Created: h.day(50), Requested: []facts.Symbol{bo}},
		{ID: "2", Number: 2, Source: repo, Author: ann, Created: h.day(50), Requested: []facts.Symbol{bo}, Reviews: []facts.Review{{Account: bo, At: h.day(51)}}},
		{ID: "3", Number: 3, Source: repo, Author: ann, Created: h.day(50), Requested: []facts.Symbol{bo}, Reviews: []facts.Review{{Account: ann, At: h.day(51)}}},
		{ID: "4", Number: 4, Source: repo, Author: ann, Created: h.day(50), Requested: []facts.Symbol{bo}, Draft: true},
		{ID: "5", Number: 5, Source: repo, Author: ann, Created: h.day(40), Merged: h.day(45), Closed: h.day(45)},
		{ID: "6", Number: 6, Source: repo, Author: ann, Created: h.day(40), Merged: h.day(52), Closed: h.day(52), Requested: []facts.Symbol{bo}},
		{ID: "7", Number: 7, Source: h.log.Symbols.Add("other"), Author: ann, Created: h.day(40), Merged: h.day(52), Closed: h.day(52)},
	}
	if got := h.bottleneck(0, 56, 56).Waiting.Now.ForDeploy; got != nil {
		t.Errorf("%d wait for a deployment, and none is known", *got)
	}
	deploy := func(env, state string, on float64) {
		h.log.Deployments = append(h.log.Deployments, facts.Deployment{Source: repo, Environment: h.log.Symbols.Add(env), State: h.log.Symbols.Add(state), Created: h.day(on), Finished: h.day(on + 0.1)})
	}
	deploy("Production", "succeeded", 51)
	deploy("Production", "failed", 53)
	deploy("staging", "succeeded", 54)
	m := h.bottleneck(0, 56, 56).Waiting
	// Of 54 visits hours are told, and 13 things wait now.
	want := WaitingNow{ForTeam: 1, ForPerson: 8, Other: 1, ForReview: 2, ForDeploy: new(1)}
	if diff := cmp.Diff(want, m.Now); diff != "" || m.State != OK || m.N != 54+13 {
		t.Errorf("%s of %d (-want +got):\n%s", m.State, m.N, diff)
	}
	if *m.Hours != 324*24 || *m.Unassigned != 323*24 || *m.UnassignedShare != *number(323.0 / 324) {
		t.Errorf("%v of %v hours are nobody's", *m.Unassigned, *m.Hours)
	}
	groups := map[string]int{}
	for _, row := range m.Explain.Rows {
		groups[row.Group]++
	}
	if diff := cmp.Diff(map[string]int{"team": 1, "person": 8, "other": 1, "review": 2, "deploy": 1}, groups); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// Without wait states the time in a state is what there is, and that is said:
// Ready 27, Build 27, Check 297 and Test 8.5 days of 359.5.
func TestBottleneckWithoutWaitStates(t *testing.T) {
	t.Parallel()
	h := piling()
	h.settings.States = nil
	m := h.bottleneck(0, 56, 56)
	if m.State != OK || m.Measure != MeasureTime || m.WaitStates.State != NotConfigured || !strings.Contains(m.WaitStates.Reason, "Check") {
		t.Errorf("state %s, measure %s, wait states %+v", m.State, m.Measure, m.WaitStates)
	}
	if m.Constraint == nil || m.Constraint.State != "Check" || *m.Constraint.Share != *number(297 / 359.5) || m.Constraint.InFrontOf != nil {
		t.Errorf("constraint %+v", m.Constraint)
	}
	// The other states' means are 1, 1 and 0.5 days.
	if *m.Relief.OtherWait != 24 {
		t.Errorf("the others wait %v hours, want 24", *m.Relief.OtherWait)
	}
}

// A flag in a state of work is waiting there. Build holds the two days of one
// flag that is in it, not the day after.
func TestBottleneckFlags(t *testing.T) {
	t.Parallel()
	h := queues().waits("Ready")
	for i := range 12 {
		h.item(fmt.Sprint(i), fmt.Sprintf("%d Ready", i), fmt.Sprintf("%d.5 Build", i), fmt.Sprintf("%d.5 flag", i+1), fmt.Sprintf("%d.5 Test", i+3), fmt.Sprintf("%d.5 unflag", i+4), fmt.Sprintf("%d.5 Out", i+3))
	}
	m := h.bottleneck(0, 28, 28)
	if got := m.States[2]; *got.Held != 12*2*24 || got.Hours != 12*3*24 || *got.Share != *number(24.0 / 30) {
		t.Errorf("Build held %v of %v hours, share %v", *got.Held, got.Hours, *got.Share)
	}
}

// Two flags at once are one wait, also where the second is within the first.
func TestBottleneckOverlappingFlags(t *testing.T) {
	t.Parallel()
	h := queues().waits("Ready")
	item := h.item("1", "0 Build", "9 Out")
	item.Flags = []facts.Span{{From: h.day(1), To: h.day(5)}, {From: h.day(2), To: h.day(3)}, {From: h.day(4), To: h.day(6)}, {From: h.day(8)}}
	if got := h.bottleneck(0, 28, 28).States[2]; *got.Held != 6*24 { // days 1–6 and 8–9
		t.Errorf("Build held %v hours, want 144", *got.Held)
	}
}

// Of two queues one after the other, both stand in front of the same state.
func TestBottleneckInFrontOf(t *testing.T) {
	t.Parallel()
	c := queues().waits("Build", "Check").calc(0, 28, 28)
	for state, want := range map[int]string{2: "Test", 3: "Test"} {
		if got := c.inFrontOf(state); got == nil || *got != want {
			t.Errorf("%s is in front of %v, want %s", c.config.States[state].Name, got, want)
		}
	}
	if got := c.inFrontOf(1); got != nil {
		t.Errorf("Ready is no queue, and in front of %s", *got)
	}
}

// Items come back to Ready twice for a day each, and wait in Check once for two:
// Ready has three fifths of the wait, and a visit to it is the shorter one.
func TestBottleneckNothingToRelieve(t *testing.T) {
	t.Parallel()
	h := queues().waits("Ready", "Check")
	for i := range 20 {
		events := []string{}
		for j, state := range []string{"Ready", "Build", "Ready", "Build", "Ready", "Check", "", "Out"} {
			if state != "" {
				events = append(events, fmt.Sprintf("%d %s", i+j, state))
			}
		}
		h.item(fmt.Sprint(i), events...)
	}
	m := h.bottleneck(0, 35, 35)
	if m.LargestWait == nil || m.LargestWait.State != "Ready" || m.Relief.State != NoData || m.Relief.After != nil || !strings.Contains(m.Relief.Reason, "Ready") {
		t.Errorf("largest wait %+v, relief %+v", m.LargestWait, m.Relief)
	}
}

func TestBottleneckEmpties(t *testing.T) {
	t.Parallel()
	few := queues().waits("Check")
	few.item("1", "0 Build", "1 Check", "9 Out")
	steady := queues().waits("Ready", "Check") // each item leaves the day after it came
	for i := range 50 {
		steady.item(fmt.Sprint(i), fmt.Sprintf("%d Ready", i), fmt.Sprintf("%d.1 Build", i), fmt.Sprintf("%d.2 Check", i), fmt.Sprintf("%d.9 Out", i))
	}
	never := queues().waits("Check")
	for i := range 20 {
		never.item(fmt.Sprint(i), fmt.Sprintf("%d Build", i), fmt.Sprintf("%d Out", i+1))
	}
	for name, c := range map[string]struct {
		h     *story
		to    float64
		state State
	}{
		"no items":       {queues().waits("Check"), 56, NoData},
		"no states":      {newStoryOf(), 56, NotConfigured},
		"one item":       {few, 56, InsufficientData},
		"two weeks":      {piling(), 14, InsufficientData},
		"nothing waited": {never, 56, NoData},
	} {
		m := c.h.bottleneck(0, c.to, 56)
		if m.State != c.state || m.Reason == "" || m.Constraint != nil || m.LargestWait != nil || m.RunnerUp != nil || m.States == nil || m.Relief.After != nil {
			t.Errorf("%s: state %s, reason %q, constraint %+v, want %s", name, m.State, m.Reason, m.Constraint, c.state)
		}
		if _, err := json.Marshal(m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := steady.bottleneck(0, 49, 56)
	if m.State != OK || m.Constraint != nil || m.LargestWait == nil || m.LargestWait.State != "Check" || m.LargestWait.GrowingWeeks != 0 || *m.LargestWait.Confidence != 0 || *m.LargestWait.Leads != 1 {
		t.Errorf("where nothing piles up: constraint %+v, largest wait %+v", m.Constraint, m.LargestWait)
	}
}

// wandering is a story in which items move anywhere at any time.
func wandering(r *rand.Rand) *story {
	h := queues().waits("Ready", "Check")
	states := []string{"Plan", "Ready", "Build", "Check", "Test", "Out"}
	for i := range 60 {
		at := float64(r.IntN(600))/10 - 10
		events := []string{}
		flagged := false
		for range 1 + r.IntN(10) {
			events = append(events, fmt.Sprintf("%v %s", at, states[r.IntN(len(states))]))
			switch r.IntN(6) {
			case 0:
				events = append(events, fmt.Sprintf("%v %s", at+0.3, map[bool]string{true: "unflag", false: "flag"}[flagged]))
				flagged = !flagged
			case 1:
				events = append(events, fmt.Sprintf("%v @ann", at+0.1))
			case 2:
				events = append(events, fmt.Sprintf("%v @", at+0.2))
			}
			at += float64(r.IntN(100)) / 10
		}
		h.item(fmt.Sprint(i), events...)
	}
	return h
}

// Every number of a state is that of the rows, and Little's law holds: the mean
// number of items in a state is the time that items were in it, by the window.
func TestBottleneckExplained(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		h := wandering(stat.NewRand(seed, 1))
		c := h.calc(3.3, 45.7, 50)
		m := bottleneck(c)
		var total, unassigned float64
		held := map[string]float64{}
		for _, row := range m.Explain.Rows {
			held[row.Group] += row.Parts["held_hours"]
			total += row.Parts["held_hours"]
			unassigned += row.Parts["unassigned_hours"]
		}
		for _, s := range m.States {
			arrivals, departures, here, spent := 0, 0, 0, 0.0
			in, out := map[int]int{}, map[int]int{}
			week := func(at *time.Time) int { return int(math.Floor(at.Sub(h.begin).Hours() / (7 * 24))) }
			var visits []float64
			for _, row := range m.Explain.Rows {
				if row.Group != s.State {
					continue
				}
				spent += row.Parts["hours_in_window"]
				if !row.From.Before(c.from.UTC()) && row.From.Before(c.to.UTC()) {
					arrivals++
					in[week(row.From)]++
				}
				if row.To != nil && row.To.Before(c.to.UTC()) {
					departures++
					out[week(row.To)]++
					visits = append(visits, *row.Value)
				}
				here++
			}
			growing := 0
			for w := range 7 {
				if in[w] > out[w] {
					growing++
				}
			}
			if s.Arrivals != arrivals || s.Departures != departures || s.GrowingWeeks != growing || math.Abs(s.Hours-spent) > 1e-4 {
				t.Fatalf("seed %d: %+v; rows have %d arrivals, %d departures, %d growing weeks, %v hours", seed, s, arrivals, departures, growing, spent)
			}
			if window := hours(c.to - c.from); math.Abs(*s.MeanItems*window-s.Hours) > 1e-2 {
				t.Fatalf("seed %d, %s: L is %v, and %v hours in a window of %v", seed, s.State, *s.MeanItems, s.Hours, window)
			}
			if s.Held != nil && (math.Abs(*s.Held-held[s.State]) > 1e-4 || s.Share != nil && math.Abs(*s.Share-held[s.State]/total) > 1e-5) {
				t.Fatalf("seed %d, %s: held %v, rows have %v", seed, s.State, *s.Held, held[s.State])
			}
			if s.P85Visit != nil && math.Abs(*s.P85Visit-stat.PercentileOf(visits, 0.85)) > 1e-5 {
				t.Fatalf("seed %d, %s: 85 %% of visits take %v, rows have %v", seed, s.State, *s.P85Visit, stat.PercentileOf(visits, 0.85))
			}
		}
		if m.Waiting.Hours != nil && (math.Abs(*m.Waiting.Hours-total) > 1e-3 || math.Abs(*m.Waiting.Unassigned-unassigned) > 1e-3) {
			t.Fatalf("seed %d: %v hours of which %v nobody's, rows have %v and %v", seed, *m.Waiting.Hours, *m.Waiting.Unassigned, total, unassigned)
		}
		if m.LargestWait != nil {
			for _, s := range m.States {
				if s.Share != nil && *s.Share > *m.LargestWait.Share {
					t.Fatalf("seed %d: %s has a larger share than %s", seed, s.State, m.LargestWait.State)
				}
			}
		}
	}
}

// The order of items does not matter, nor the week in which all of it happens,
// and the seed moves the confidences alone.
func TestBottleneckInvariance(t *testing.T) {
	t.Parallel()
	told := func(c *calc) string {
		m := bottleneck(c)
		m.Explain, m.Relief.Explain, m.Waiting.Explain = nil, nil, nil
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for seed := range uint64(20) {
		drawn := func() *story { return wandering(stat.NewRand(seed, 2)) }
		want := told(drawn().calc(0, 50, 52))
		mixed := drawn()
		stat.NewRand(seed, 3).Shuffle(len(mixed.log.Items), func(i, j int) {
			mixed.log.Items[i], mixed.log.Items[j] = mixed.log.Items[j], mixed.log.Items[i]
		})
		if got := told(mixed.calc(0, 50, 52)); got != want {
			t.Fatalf("seed %d: another order of items tells\n%s\nwant\n%s", seed, got, want)
		}
		shifted := drawn()
		shifted.shift(13 * 7 * 24 * time.Hour)
		if got := told(shifted.calc(0, 50, 52)); got != want {
			t.Fatalf("seed %d: a quarter later it tells\n%s\nwant\n%s", seed, got, want)
		}
	}
}
