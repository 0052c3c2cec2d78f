package workflow

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func (h *story) velocity(from, to, asOf float64) Velocity { return velocity(h.calc(from, to, asOf)) }

// One sprint, from day 0 to its planned end on day 14; it is closed on day 15.
//
//	a  5 → 8 within, done on 3, Out since: committed 5, changed 3, completed 8
//	b  3, done on 14.5, after the planned end and before the closing: completed
//	c  2, done on 5, reopened on 6: carried over
//	d  1, done on 15.5: carried over; its next sprint may complete it
//	e  8, enters on 4 and is done on 7: added and completed
//	f  3, leaves on 6: removed
//	g  2, enters on 2, leaves on 3, enters on 4 with 4: added 2, removed 2, added 4; open: carried over
//	h  5, done a day before the beginning: completed outside
//	i  no estimate, done on 4: 0 points and 1 item
//	j  1, withdrawn on 8: removed
//	k  13, done before the beginning, reopened on 2, done on 9: added and completed
//	l  7, leaves at the closing: carried over
//
// Points: 5+3+2+1+3+0+1+7 = 22 committed; 8+2+4+13 = 27 added; 3+2+1 = 6 removed;
// 3 changed; 22+27−6+3 = 46 = (8+3+8+0+13 = 32 completed) + (2+1+4+7 = 14 carried).
// Items: 8 committed, 4 added (g twice), 3 removed, 9 = 5 completed + 4 carried.
// Kept of the commitment: a 5, b 3, i 0: 8/22 points, 3/8 items.
func TestVelocityOfOneSprint(t *testing.T) {
	t.Parallel()
	h := newStory()
	h.sprint("S1", "b1", 0, 14, 15)
	h.item("a", "-5 Plan", "-5 =5", "-4 +S1", "1 Build", "2 =8", "3 Out")
	h.item("b", "-5 Plan", "-5 =3", "-4 +S1", "14.5 Out")
	h.item("c", "-5 Plan", "-5 =2", "-4 +S1", "5 Out", "6 Build")
	h.item("d", "-5 Plan", "-5 =1", "-4 +S1", "15.5 Out")
	h.item("e", "-5 Plan", "-5 =8", "4 +S1", "7 Out")
	h.item("f", "-5 Plan", "-5 =3", "-4 +S1", "6 -S1", "7 =5", "8 Out")
	h.item("g", "-5 Plan", "-5 =2", "2 +S1", "3 -S1", "3.5 =4", "4 +S1")
	h.item("h", "-5 Plan", "-5 =5", "-4 +S1", "-1 Out")
	h.item("i", "-5 Plan", "-4 +S1", "4 Out")
	h.item("j", "-5 Plan", "-5 =1", "-4 +S1", "8 Out").Resolution = h.log.Symbols.Add("Won't Do")
	h.item("k", "-5 Plan", "-5 =13", "-4 +S1", "-1 Out", "2 Build", "9 Out")
	h.item("l", "-5 Plan", "-5 =7", "-4 +S1", "15 -S1")
	v := h.velocity(0, 30, 30)
	want := []SprintTally{{
		ID: "S1", Name: "Sprint S1", StartAt: h.day(0).UTC(), EndAt: instant(h.day(14)), CompletedAt: h.day(15).UTC(), InWindow: true, InTrend: true, Unestimated: 1,
		Points: Tally{Committed: 22, Added: 27, Removed: 6, EstimateChange: 3, FinalCommitment: 46, Completed: 32, CompletedOutside: 5, CarriedOver: 14, SayDo: number(8.0 / 22), CompletionRatio: number(32.0 / 22)},
		Items:  Tally{Committed: 8, Added: 4, Removed: 3, FinalCommitment: 9, Completed: 5, CompletedOutside: 1, CarriedOver: 4, SayDo: number(3.0 / 8), CompletionRatio: number(5.0 / 8)},
	}}
	if diff := cmp.Diff(want, v.Boards[0].Sprints); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if v.State != InsufficientData || v.N != 1 || v.Boards[0].Points.Average != nil || v.Boards[0].Points.State != InsufficientData {
		t.Errorf("one sprint has a trend: %+v", v)
	}
	checkExplained(t, v)
}

// Atlassian's example: 37, 47, 50 and 57 points completed are a velocity of 47.75.
// The slopes between them are 10, 3, 7, 6.5, 5 and 20/3: sorted 3, 5, 6.5, 20/3,
// 7, 10, the median is (6.5 + 20/3)/2. All six pairs rise: P is 2/24.
func TestVelocityTrend(t *testing.T) {
	t.Parallel()
	h := newStory()
	for i, points := range []string{"37", "47", "50", "57"} {
		at := float64(14 * i)
		id := "S" + strconv.Itoa(i)
		h.sprint(id, "b1", at, at+14, at+14)
		h.item("i"+id, "-5 Plan", "-5 ="+points, "-4 +"+id, strconv.FormatFloat(at+2, 'f', -1, 64)+" Out")
	}
	v := h.velocity(0, 90, 90)
	want := Pace{State: OK, N: 4, Average: new(47.75), Median: new(48.5), CV: number(math.Sqrt(206.75/3) / 47.75), Slope: number((6.5 + 20.0/3) / 2), P: number(2.0 / 24), Direction: new(Up)}
	if diff := cmp.Diff(want, v.Boards[0].Points, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	items := Pace{State: OK, N: 4, Average: new(1.0), Median: new(1.0), CV: new(0.0), Slope: new(0.0), P: new(1.0), Direction: new(Stable)}
	if diff := cmp.Diff(items, v.Boards[0].Items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	checkExplained(t, v)
}

func TestVelocityDirection(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		completed []float64
		want      string
	}{
		{[]float64{10, 12, 14, 16, 18}, Up},
		{[]float64{18, 16, 14, 12, 10}, Down},
		{[]float64{10, 14, 12, 16, 11}, Stable},           // by chance in one of two
		{[]float64{100, 101, 102, 103, 104, 105}, Stable}, // certain, and 1 % a sprint
		{[]float64{0, 0, 0, 0}, Stable},
		{[]float64{5, 6, 6, 7}, Stable}, // a tie: P = 0.149
	} {
		got := paceOf(c.completed)
		if got.Direction == nil || *got.Direction != c.want {
			t.Errorf("%v is %v, want %s", c.completed, *got.Direction, c.want)
		}
	}
	for n, want := range map[int]State{0: NoData, 1: InsufficientData, 3: InsufficientData, 4: OK} {
		if got := paceOf(make([]float64, n)); got.State != want || (got.Average == nil) != (want != OK) || (got.Reason == "") != (want == OK) {
			t.Errorf("the pace of %d sprints is %+v, want state %s", n, got, want)
		}
	}
}

// A sprint that was never started, is planned, or is of another time is not
// counted; what is not closed at as_of is active; ten sprints have a trend of
// the last eight, before the window too.
func TestVelocityOfWhichSprints(t *testing.T) {
	t.Parallel()
	h := newStory()
	for i := range 11 {
		at := float64(7 * i)
		h.sprint("S"+strconv.Itoa(i), "b1", at, at+7, at+7)
	}
	h.sprint("never", "b1", 0, 7, 7)
	h.log.Sprints[11].Start = 0
	h.sprint("planned", "b1", 1, 8, 0)
	h.log.Sprints[12].State = h.log.Symbols.Add("future")
	h.sprint("no-end", "b2", 0, 14, 20)
	h.log.Sprints[13].Completed = 0 // closed, and the tracker does not tell when: as planned
	h.sprint("no-time", "b3", 0, 14, 20)
	h.log.Sprints[14].Completed, h.log.Sprints[14].End = 0, 0                // closed at some time: neither over nor active
	h.sprint("later", "b1", 76, 90, 0)                                       // begins after as_of
	h.item("a", "0 Plan", "0 =3", "0 +S10", "71 Build", "72 =5", "72.5 Out") // S10 lasts from day 70 to 77
	h.item("b", "0 Plan", "0 =2", "71 +S10")
	v := h.velocity(63, 80, 74) // S8 is closed at its very beginning
	b := v.Boards[0]
	ids, trend, window := []string{}, 0, 0
	for _, s := range b.Sprints {
		ids = append(ids, s.ID)
		if s.InTrend {
			trend++
		}
		if s.InWindow {
			window++
		}
	}
	if want := "S2 S3 S4 S5 S6 S7 S8 S9"; strings.Join(ids, " ") != want || trend != 8 || window != 2 || b.ClosedInWindow != 2 || b.NeverStarted != 1 {
		t.Errorf("counted %v, %d in the trend, %d in the window, %d never started", ids, trend, window, b.NeverStarted)
	}
	want := []CurrentSprint{{
		ID: "S10", Name: "Sprint S10", StartAt: h.day(70).UTC(), EndAt: instant(h.day(77)),
		Points: Progress{Committed: 3, Added: 2, EstimateChange: 2, Completed: 5, Remaining: 2},
		Items:  Progress{Committed: 1, Added: 1, Completed: 1, Remaining: 1},
	}}
	if diff := cmp.Diff(want, b.Current); diff != "" {
		t.Errorf("current (-want +got):\n%s", diff)
	}
	if got := v.Boards[1].Sprints; len(got) != 1 || !got[0].CompletedAt.Equal(h.day(14).UTC()) {
		t.Errorf("a sprint without a time of completion: %+v", got)
	}
	if all := h.velocity(0, 80, 74).Boards[0]; len(all.Sprints) != 10 || all.ClosedInWindow != 10 || all.Items.N != 8 || all.Sprints[1].InTrend {
		t.Errorf("of ten sprints in the window %d are told, and the trend is of %d", len(all.Sprints), all.Items.N)
	}
	if len(v.Boards) != 2 {
		t.Errorf("%d boards, want 2", len(v.Boards))
	}
	if *v.Board != "b1" || b.Points.State != NoData || b.Items.State != OK || v.State != OK {
		t.Errorf("board %s, points %s, items %s", *v.Board, b.Points.State, b.Items.State)
	}
	if empty := newStory().velocity(0, 10, 10); empty.State != NoData || empty.Board != nil || empty.Reason == "" || empty.Boards == nil {
		t.Errorf("velocity without sprints: %+v", empty)
	}
}

// An excluded type is no part of a sprint; boards are told apart by service.
func TestVelocityOfTypes(t *testing.T) {
	t.Parallel()
	h := newStory()
	h.sprint("S1", "b1", 0, 14, 14)
	h.item("a", "-5 Plan", "-5 =5", "-4 +S1", "3 Out")
	h.item("b", "-5 Plan", "-5 =8", "-4 +S1", "3 Out").Type = h.log.Symbols.Add("Epic")
	h.settings.ExcludedTypes = []string{"Epic"}
	if got := h.velocity(0, 30, 30).Boards[0].Sprints[0].Points.Committed; got != 5 {
		t.Errorf("committed %v, want 5: an epic counts", got)
	}
}

// checkExplained adds up each sprint's numbers from the rows alone.
func checkExplained(t *testing.T, v Velocity) {
	t.Helper()
	sums := map[string]map[string]float64{}
	for _, row := range v.Explain.Rows {
		if sums[row.Group] == nil {
			sums[row.Group] = map[string]float64{}
		}
		for name, value := range row.Parts {
			sums[row.Group][name] += value
		}
	}
	same := func(a, b float64) bool { return math.Abs(a-b) < 2e-6 }
	for _, b := range v.Boards {
		var completed []float64
		for _, s := range b.Sprints {
			sum := sums[b.ServiceID+"/"+s.ID]
			for suffix, tally := range map[string]Tally{"": s.Points, "_items": s.Items} {
				if !same(sum["committed"+suffix], tally.Committed) || !same(sum["added"+suffix], tally.Added) || !same(sum["removed"+suffix], tally.Removed) ||
					!same(sum["completed"+suffix], tally.Completed) || !same(sum["carried_over"+suffix], tally.CarriedOver) || !same(sum["completed_outside"+suffix], tally.CompletedOutside) ||
					suffix == "" && !same(sum["estimate_change"], tally.EstimateChange) {
					t.Errorf("sprint %s%s: rows add up to %v, told is %+v", s.ID, suffix, sum, tally)
				}
				if tally.SayDo != nil && (!same(sum["kept"+suffix]/sum["committed"+suffix], *tally.SayDo) || *tally.SayDo > 1+1e-9 || *tally.SayDo < 0) {
					t.Errorf("sprint %s%s: say_do %v, rows have %v", s.ID, suffix, *tally.SayDo, sum)
				}
				if (tally.SayDo == nil) != (tally.Committed == 0) {
					t.Errorf("sprint %s%s: say_do %v of %v committed", s.ID, suffix, tally.SayDo, tally.Committed)
				}
			}
			if s.InTrend {
				completed = append(completed, sum["completed"])
			}
		}
		if again := paceOf(completed); b.Points.State == OK && !same(*again.Average, *b.Points.Average) {
			t.Errorf("board %s: average %v, rows have %v", b.ID, *b.Points.Average, *again.Average)
		}
		for _, s := range b.Current {
			if sum := sums[b.ServiceID+"/"+s.ID]; !same(sum["completed"], s.Points.Completed) || !same(sum["carried_over"], s.Points.Remaining) {
				t.Errorf("current sprint %s: rows have %v, told is %+v", s.ID, sum, s.Points)
			}
		}
	}
}

// generated returns a history in which anything happens to items, in any order:
// moves back and forth, estimates that come and go, sprints entered and left, at
// the moments of sprints too.
func generated(r *rand.Rand) *story {
	h := newStory()
	for i := range 2 + r.IntN(8) {
		start := float64(r.IntN(60))
		length := 1 + float64(r.IntN(20))
		completed := start + length + float64(r.IntN(4)-1)
		if r.IntN(6) == 0 {
			completed = 0
		}
		h.sprint("S"+strconv.Itoa(i), "b"+strconv.Itoa(r.IntN(2)), start, start+length, completed)
	}
	states := []string{"Plan", "Build", "Check", "Out"}
	for i := range 30 {
		at := float64(r.IntN(40) - 10)
		events := []string{strconv.FormatFloat(at, 'f', -1, 64) + " Plan"}
		in := map[string]bool{}
		if r.IntN(3) > 0 { // a membership without history is since the creation
			id := "S" + strconv.Itoa(r.IntN(len(h.log.Sprints)))
			in[id] = true
			events = append(events, strconv.FormatFloat(at, 'f', -1, 64)+" +"+id)
		}
		for range r.IntN(14) {
			at += float64(r.IntN(8)) / 2
			what := states[r.IntN(4)]
			switch r.IntN(4) {
			case 0:
				what = "=" + []string{"", "1", "2", "3", "0.5", "8"}[r.IntN(6)]
			case 1:
				id := "S" + strconv.Itoa(r.IntN(len(h.log.Sprints)))
				what = map[bool]string{true: "-", false: "+"}[in[id]] + id
				in[id] = !in[id]
			}
			events = append(events, strconv.FormatFloat(at, 'f', -1, 64)+" "+what)
		}
		item := h.item(strconv.Itoa(i), events...)
		if r.IntN(8) == 0 {
			item.Resolution = h.log.Symbols.Add("duplicate")
		}
	}
	return h
}

// The identity of the commitment holds for any history, in points and in items.
func TestVelocityIdentity(t *testing.T) {
	t.Parallel()
	closed := 0
	for seed := range uint64(400) {
		h := generated(stat.NewRand(seed, 1))
		v := h.velocity(-20, 100, 90)
		for _, b := range v.Boards {
			for _, s := range b.Sprints {
				closed++
				for unit, tally := range map[string]Tally{"points": s.Points, "items": s.Items} {
					if math.Abs(tally.FinalCommitment-tally.Completed-tally.CarriedOver) > 1e-9 ||
						tally.FinalCommitment != tally.Committed+tally.Added-tally.Removed+tally.EstimateChange {
						t.Fatalf("seed %d, sprint %s: %s %+v", seed, s.ID, unit, tally)
					}
				}
				if s.Items.EstimateChange != 0 {
					t.Fatalf("seed %d: items changed their number", seed)
				}
			}
			for _, s := range b.Current {
				p := s.Points
				if math.Abs(p.Committed+p.Added-p.Removed+p.EstimateChange-p.Completed-p.Remaining) > 1e-9 {
					t.Fatalf("seed %d, active sprint %s: %+v", seed, s.ID, p)
				}
			}
		}
		checkExplained(t, v)
		checkEnds(t, h, v)
	}
	if closed < 1000 {
		t.Errorf("only %d sprints were generated", closed)
	}
}

// checkEnds counts what was committed, and what was in the sprint at its end,
// the plain way: by what each item was at the two moments.
func checkEnds(t *testing.T, h *story, v Velocity) {
	t.Helper()
	c := h.calc(-20, 100, 90)
	done := func(f *flow, at facts.Time) bool {
		is := false
		for _, s := range f.stays {
			if s.from <= at {
				is = c.config.States[s.state].Name == "Out"
			}
		}
		return is
	}
	for _, b := range v.Boards {
		for _, s := range b.Sprints {
			start, end := facts.At(s.StartAt), facts.At(s.CompletedAt)
			var committed, completed, carried, outside float64
			for i := range c.flows {
				f := &c.flows[i]
				atStart, atEnd := false, false
				for _, m := range f.item.Sprints {
					if h.log.Symbols.Text(m.Sprint) == facts.SprintKey("svc", s.ID) {
						atStart = atStart || m.From <= start && m.From < end && (m.To == 0 || m.To > start || start == end && m.To == end)
						atEnd = atEnd || m.From < end && (m.To == 0 || m.To >= end)
					}
				}
				always := done(f, start)
				for _, stay := range f.stays {
					always = always && (stay.from < start || stay.from > end || done(f, stay.from))
				}
				withdrawn := func(at facts.Time) bool { return f.withdrawn && f.left <= at }
				if atStart && !done(f, start) && !withdrawn(start) {
					committed++
				}
				switch {
				case !atEnd || withdrawn(end):
				case always:
					outside++
				case done(f, end):
					completed++
				default:
					carried++
				}
			}
			if s.Items.Committed != committed || s.Items.Completed != completed || s.Items.CarriedOver != carried || s.Items.CompletedOutside != outside {
				t.Errorf("sprint %s has %+v, counted plainly %v committed, %v completed, %v carried over, %v outside", s.ID, s.Items, committed, completed, carried, outside)
			}
		}
	}
}

// The order of items does not matter, nor does the moment from which time is
// counted: shifted by weeks, every number is the same.
func TestVelocityInvariance(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		told := func(h *story) string {
			v := h.velocity(0, 80, 75)
			v.Explain = nil
			for i := range v.Boards {
				for j := range v.Boards[i].Sprints {
					s := &v.Boards[i].Sprints[j]
					s.StartAt, s.EndAt, s.CompletedAt = time.Time{}, nil, time.Time{}
				}
				for j := range v.Boards[i].Current {
					v.Boards[i].Current[j].StartAt, v.Boards[i].Current[j].EndAt = time.Time{}, nil
				}
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		want := told(generated(stat.NewRand(seed, 2)))
		mixed := generated(stat.NewRand(seed, 2))
		stat.NewRand(seed, 3).Shuffle(len(mixed.log.Items), func(i, j int) {
			mixed.log.Items[i], mixed.log.Items[j] = mixed.log.Items[j], mixed.log.Items[i]
		})
		slices.Reverse(mixed.log.Sprints)
		if got := told(mixed); got != want {
			t.Fatalf("seed %d: another order of items tells\n%s\nwant\n%s", seed, got, want)
		}
		shifted := generated(stat.NewRand(seed, 2))
		shifted.shift(5 * 7 * 24 * time.Hour)
		if got := told(shifted); got != want {
			t.Fatalf("seed %d: five weeks later it tells\n%s\nwant\n%s", seed, got, want)
		}
	}
}
