package team

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// october is the period of the hand-worked examples: 31 days.
var october = LastPeriod(time.Date(2026, 11, 15, 12, 0, 0, 0, time.UTC), time.UTC)

// on returns noon of a day of October.
func on10(d int) Instant { return At(time.Date(2026, 10, d, 12, 0, 0, 0, time.UTC)) }

// crew returns an input of n members, who each committed on the first of October,
// and ten things.
func crew(n int) *Input {
	in := &Input{}
	for i := range n {
		in.People = append(in.People, Person{ID: fmt.Sprintf("per_%c", 'a'+i), UserID: fmt.Sprintf("usr_%c", 'a'+i), Name: string(rune('A'+i)) + " Person", Member: true})
		in.Acts = append(in.Acts, Act{Person: int32(i), Thing: -1, Kind: Committed, At: on10(1)})
	}
	for i := range 10 {
		in.Things = append(in.Things, Thing{ID: fmt.Sprintf("id%d", i), Key: fmt.Sprintf("#%d", i)})
	}
	return in
}

func (in *Input) review(by, thing int32, d int) {
	in.Acts = append(in.Acts, Act{Person: by, Thing: thing, Kind: Reviewed, At: on10(d)})
}

func wantFloat(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || !isNear(*got, want) {
		t.Errorf("%s: %v, want %v", what, show(got), want)
	}
}

func show(v *float64) any {
	if v == nil {
		return "null"
	}
	return *v
}

func TestLastPeriod(t *testing.T) {
	t.Parallel()
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now      string
		zone     *time.Location
		label    string
		from, to string
	}{
		{"2026-11-15T12:00:00Z", time.UTC, "2026-10", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"},
		{"2026-11-01T00:00:00Z", time.UTC, "2026-10", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"},
		{"2026-01-31T12:00:00Z", time.UTC, "2025-12", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		// October is an hour longer there: summer time ends in it.
		{"2026-10-31T23:30:00Z", vienna, "2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"},
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		p := LastPeriod(now, c.zone)
		if from, to := p.From.UTC().Format(time.RFC3339), p.To.UTC().Format(time.RFC3339); p.Label != c.label || from != c.from || to != c.to {
			t.Errorf("%s: %s from %s to %s", c.now, p.Label, from, to)
		}
	}
}

// TestWorkload: five people; the first has one item all month and another from
// the 16th (16 of 31 days), the second one item all month, the others nothing.
// Means are 1+16/31 = 1.516, 1, 0, 0, 0; the sum is 2.516.
//
//	Gini: Σ(2i−n−1)x = 4·1.516 + 2·1 = 8.065 of 5·2.516 = 0.641, times 5/4 = 0.801
//	HHI: (1.516² + 1)/2.516² = 0.521; effective 1.9; largest share 0.6
//	entropy: shares .6026 and .3974: −Σp·ln p = .672 of ln 5 = 1.609: 0.418
//	over the limit of 1: one of five (the second has just 1)
func TestWorkload(t *testing.T) {
	t.Parallel()
	in := crew(5)
	in.WIPLimit = 1
	in.Holdings = []Holding{
		{Person: 0, Thing: 1, From: on10(1).add(-100 * day)},
		{Person: 0, Thing: 2, From: At(time.Date(2026, 10, 16, 0, 0, 0, 0, time.UTC)), To: october.To.add(day)},
		{Person: 1, Thing: 1, From: october.From, To: october.To},
		{Person: 2, Thing: 3, From: october.To},                               // not yet
		{Person: 3, Thing: 4, From: october.From.add(-day), To: october.From}, // no more
	}
	w := WorkloadOf(in, october)
	if w.State != OK || w.N != 5 || w.Period != "2026-10" || w.Quartiles != nil {
		t.Errorf("%+v", w)
	}
	wantFloat(t, "gini", w.Gini, 0.8)
	wantFloat(t, "hhi", w.HHI, 0.52)
	wantFloat(t, "effective", w.Effective, 1.9)
	wantFloat(t, "largest", w.LargestOne, 0.6)
	wantFloat(t, "evenness", w.Evenness, 0.42)
	wantFloat(t, "over the limit", w.OverLimit, 0.2)
	if diff := cmp.Diff(&Explain{Counted: map[string]int{"work_items": 0}, Total: 0}, w.Explain); diff != "" {
		t.Error(diff)
	}
}

// TestReviewLoad: of six people, one reviews three pull requests (one of them
// twice, which counts once), one reviews one; a bot's review and September's do
// not count. 3, 1, 0, 0, 0, 0: Gini Σ(2i−n−1)x = 5·3+3·1 = 18 of 6·4 = 0.75,
// times 6/5 = 0.9; two of six review: 0.3; 3 of 4: 0.8; HHI (9+1)/16 = 0.63.
func TestReviewLoad(t *testing.T) {
	t.Parallel()
	in := crew(7)
	in.People[6].Bot = true
	in.review(0, 0, 2)
	in.review(0, 0, 3)
	in.review(0, 1, 3)
	in.review(0, 2, 31)
	in.review(1, 0, 5)
	in.review(6, 5, 5)
	in.review(2, 6, -3)
	l := ReviewLoadOf(in, october)
	wantFloat(t, "gini", l.Gini, 0.9)
	wantFloat(t, "reviewing", l.Reviewing, 0.3)
	wantFloat(t, "largest", l.LargestOne, 0.8)
	wantFloat(t, "hhi", l.HHI, 0.63)
	if l.N != 6 || l.Explain.Counted["pull_requests"] != 0 {
		t.Errorf("%+v", l)
	}
}

// TestSmallGroups: nothing is told of four, nor of four among whom somebody made
// up members who did nothing, nor how many they are.
func TestSmallGroups(t *testing.T) {
	t.Parallel()
	in := crew(4)
	for i := range 4 {
		in.review(0, int32(i), 2)
		in.People = append(in.People, Person{UserID: fmt.Sprint("usr_idle", i), Name: "Idle", Member: true})
	}
	in.People = append(in.People, Person{ID: "per_bot", Bot: true})
	in.Acts = append(in.Acts, Act{Person: 8, Kind: Reviewed, At: on10(2)})
	in.Holdings = []Holding{{Person: 0, From: on10(1)}}
	in.Interactions = []Interaction{{A: 0, B: 1, At: on10(2)}}
	for _, f := range Figures() {
		kept, ok, err := Compute(f, in, october, nil)
		if err != nil || ok {
			t.Errorf("%s of four: %s, %v", f, kept.Value, err)
		}
		var b Basis
		if f != FigureNewcomers {
			if err := json.Unmarshal(kept.Value, &b); err != nil || b.State != Suppressed || b.N != 0 || b.Explain != nil {
				t.Errorf("%s of four: %s, %v", f, kept.Value, err)
			}
		}
	}
	in.Acts = append(in.Acts, Act{Person: 4, Kind: Commented, At: on10(3)})
	if l := ReviewLoadOf(in, october); l.State != OK || l.N != 8 {
		t.Errorf("of five and three who did nothing: %+v", l)
	}
}

func TestNobodyDidAnything(t *testing.T) {
	t.Parallel()
	in := crew(5)
	for what, b := range map[string]Basis{"workload": WorkloadOf(in, october).Basis, "reviews": ReviewLoadOf(in, october).Basis, "collaboration": CollaborationOf(in, october).Basis} {
		if b.State != NoData || b.N != 0 || b.Reason == "" {
			t.Errorf("%s: %+v", what, b)
		}
	}
}

// TestCollaboration: two groups of five that are cliques on one thing each pair,
// one tie between them by a comment, and one person alone.
//
//	ties: 10 + 10 + 1 = 21 of 11·10/2 = 55 pairs: 0.38; with ties 10 of 11: 0.9
//	Q = 20/21 − 2·(1/2)² = 0.45; of the weight 1/21 = 0.05 crosses
//	bridges: the two ends of the tie between them
func TestCollaboration(t *testing.T) {
	t.Parallel()
	in := crew(11)
	for _, first := range []int32{0, 5} {
		for a := first; a < first+5; a++ {
			for b := a + 1; b < first+5; b++ {
				in.Interactions = append(in.Interactions, Interaction{A: b, B: a, Thing: first, At: on10(2)}, Interaction{A: a, B: b, Thing: first, At: on10(9)})
			}
		}
	}
	in.Interactions = append(in.Interactions, Interaction{A: 0, B: 5, Thing: 9, Channel: CoComment, At: on10(3)}, Interaction{A: 1, B: 6, Thing: 9, At: october.To}, Interaction{A: 3, B: 3, Thing: 9, At: on10(3)})
	in.Areas = []Area{
		{Name: "api", Experts: []string{"A Person", "B Person", "F Person"}},
		{Name: "billing", Experts: []string{"F Person", "G Person"}},
		{Name: "secret", Experts: []string{"A Person"}}, // would name one
	}
	c := CollaborationOf(in, october)
	wantFloat(t, "density", c.Density, 0.38)
	wantFloat(t, "connected", c.Connected, 0.9)
	wantFloat(t, "modularity", c.Modularity, 0.45)
	wantFloat(t, "crossing", c.Crossing, 0.05)
	if *c.Components != 1 || *c.Communities != 2 || !slices.Equal(c.CommunitySizes, []int{5, 5}) {
		t.Errorf("%d components, %d communities, sizes %v", *c.Components, *c.Communities, c.CommunitySizes)
	}
	if diff := cmp.Diff(&Bridges{Count: 2, Areas: []string{"api", "billing"}}, c.Bridges); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Silo{{Areas: []string{"api"}, Outside: 0.05}, {Areas: []string{"billing"}, Outside: 0.05}}, c.Silos); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]ChannelTies{{"review", 0, 0.36}, {"co_comment", 0, 0.02}}, c.Channels); diff != "" {
		t.Error(diff)
	}
	if c.Explain.Total != 0 || c.Degrees == nil || c.Betweenness == nil {
		t.Errorf("%+v", c)
	}
	in.Interactions = slices.DeleteFunc(in.Interactions, func(x Interaction) bool { return x.A == 4 || x.B == 4 })
	if c := CollaborationOf(in, october); c.CommunitySizes != nil || len(c.Silos) != 1 {
		t.Errorf("a community of four is told by the others: %v, silos %+v", c.CommunitySizes, c.Silos)
	}
}

// TestOffHours: five people do 20 acts a month by day; two of them 10 of 20 in
// October in the evening. One of the two always does, so one of five does more
// than is usual for them: 0.2. Noon in UTC is 20 o'clock in Perth.
func TestOffHours(t *testing.T) {
	t.Parallel()
	in := crew(5)
	in.Acts = nil
	weekday := func(month time.Month, i, hour int) Instant {
		return At(time.Date(2026, month, 1+7*(i%4)+(7-int(time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC).Weekday())+int(time.Monday))%7, hour, i, 0, 0, time.UTC))
	}
	for v := range 5 {
		in.People[v].Zone = time.UTC
		for i := range 20 {
			usual, now := 12, 12
			if v < 2 && i%2 == 0 {
				now = 22
			}
			if v == 0 && i%2 == 0 {
				usual = 22
			}
			in.Acts = append(in.Acts, Act{Person: int32(v), Kind: Committed, At: weekday(time.September, i, usual)}, Act{Person: int32(v), Kind: Committed, At: weekday(time.October, i, now)})
		}
	}
	o := OffHoursOf(in, october)
	wantFloat(t, "above", o.Above, 0.2)
	perth, err := time.LoadLocation("Australia/Perth")
	if err != nil {
		t.Fatal(err)
	}
	own := OwnOf(in, 1, OwnQuery{Now: october.To, OffHours: true})
	wantFloat(t, "own share", own.OffHours.Share, 0.5)
	wantFloat(t, "own baseline", own.OffHours.Baseline, 0)
	in.People[4].Zone = perth // all of theirs was always in the evening: no more than usual
	wantFloat(t, "above", OffHoursOf(in, october).Above, 0.2)
	in.People[4].Zone = nil
	if o := OffHoursOf(in, october); o.State != Suppressed {
		t.Errorf("of four: %+v", o)
	}
}

// newcomers returns a team of two old ones and six who joined on the first day of
// June and each did a first commit after so many days; 0 is never.
func newcomers(days ...int) *Input {
	in := crew(2)
	joined := At(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	for i, d := range days {
		v := int32(len(in.People))
		in.People = append(in.People, Person{UserID: fmt.Sprintf("usr_new%d", i), Name: "New", Member: true, Joined: joined})
		in.Acts = append(in.Acts, Act{Person: v, Kind: Commented, At: joined.add(day)})
		if d > 0 {
			in.Acts = append(in.Acts, Act{Person: v, Kind: Committed, At: joined.add(time.Duration(d) * day)})
		}
	}
	return in
}

// TestNewcomers: of six, commits come after 5, 10, 10, 40 and 100 days, one never
// (censored at 153 days, the end of October). Survival: 5/6, ·3/5 = 1/2,
// ·2/3 = 1/3, ·1/2 = 1/6. So by day 30 1/2 were there, by 60 and 90 2/3, by 180
// nobody was followed; the median is 10 days: in the second week.
func TestNewcomers(t *testing.T) {
	t.Parallel()
	in := newcomers(5, 10, 10, 40, 100, 0)
	kept := NewcomersOf(in, october, nil)
	if len(kept) != 1 || kept[0].N != 6 || len(kept[0].People) != 6 {
		t.Fatalf("%+v", kept)
	}
	told := ToldNewcomers(kept)
	first := told.Cohorts[0].Milestones[0]
	if first.Milestone != "first_commit" || *first.MedianWeeks != 2 {
		t.Errorf("%+v", first)
	}
	for i, want := range []float64{0.5, 0.7, 0.7} {
		wantFloat(t, fmt.Sprint("share by day ", first.Shares[i].Day), first.Shares[i].Share, want)
	}
	if first.Shares[3].Share != nil || told.Cohorts[0].Milestones[1].MedianWeeks != nil {
		t.Errorf("%+v", told.Cohorts[0])
	}
	text, err := json.Marshal(told)
	if err != nil || strings.Contains(string(text), "usr_") {
		t.Errorf("who is in a cohort is told: %s, %v", text, err)
	}

	// Whatever happens later, the cohort stays as it was, and nobody is in two.
	in.Acts = append(in.Acts, Act{Person: 7, Kind: Committed, At: october.To.add(-day)})
	later := NewcomersOf(in, october, kept)
	if diff := cmp.Diff(kept, later); diff != "" {
		t.Error(diff)
	}
	// Four more make no cohort, whoever joins them without doing anything.
	for i := range 6 {
		in.People = append(in.People, Person{UserID: fmt.Sprint("usr_more", i), Member: true, Joined: At(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))})
		if i < 4 {
			in.Acts = append(in.Acts, Act{Person: int32(len(in.People) - 1), Kind: Committed, At: on10(1)})
		}
	}
	if later = NewcomersOf(in, october, kept); len(later) != 1 {
		t.Errorf("%+v", later)
	}
	if n := ToldNewcomers(nil); n.State != Suppressed || n.Cohorts == nil {
		t.Errorf("%+v", n)
	}
}

// TestReach: the newcomer met one who had met a second, and a third is two ties
// beyond; until day 30 they reach two of five others (the bot is none).
func TestReach(t *testing.T) {
	t.Parallel()
	in := crew(7)
	in.People[6].Bot = true
	since := on10(1)
	for i := range in.Acts {
		in.Acts[i].At = since.add(day)
	}
	in.Interactions = []Interaction{{A: 1, B: 0, At: since.add(day)}, {A: 1, B: 2, At: since.add(2 * day)}, {A: 2, B: 3, At: since.add(2 * day)}, {A: 0, B: 4, At: since.add(40 * day)}}
	for days, want := range map[int]float64{30: 0.4, 60: 0.6} {
		if got, ok := in.reachedBy(0, since, days); !ok || !isNear(got, want) {
			t.Errorf("by day %d: %v, want %v", days, got, want)
		}
	}
}

func areas() *Input {
	in := crew(5)
	in.People[0].Aliases = []string{"ada.p"}
	in.People[1].Hidden = true
	in.People[2].Gone = true
	in.Areas = []Area{
		{Name: "payments", Files: 9, Ownership: "sole", Experts: []string{"ADA.P"}, TruckFactor: new(1)},
		{Name: "api", Files: 20, Ownership: "spread", Experts: []string{"ada.p", "B Person", "Nobody Known"}, TruckFactor: new(2)},
		{Name: "old", Files: 3, Ownership: "major", Experts: []string{"C Person", "Nobody Known"}, TruckFactor: new(2)},
		{Name: "dusty", Files: 3, Ownership: "spread", Experts: []string{"D Person", "E Person"}, TruckFactor: new(2), KnowledgeLoss: new(0.8)},
	}
	return in
}

func TestKnowledgeRisk(t *testing.T) {
	t.Parallel()
	in := areas()
	in.Areas = append(in.Areas, Area{Name: "shared", Files: 30, Ownership: "spread", Experts: []string{"ada.p", "B Person", "C Person", "D Person", "E Person"}, TruckFactor: new(3)})
	type row struct {
		area, risk       string
		experts, leaving int
		single           bool
	}
	want := []row{
		{"old", riskHigh, 2, 1, false}, // the one who is known has left
		{"payments", riskHigh, 1, 0, true},
		{"dusty", riskMedium, 2, 0, false},
		{"api", riskLow, 3, 0, false},
	}
	for at, active := range map[Instant]int{october.To: 4, october.To.add(100 * day): 0} {
		var got []row
		for _, a := range KnowledgeRiskOf(in, at).Areas {
			if a.Area == "shared" {
				if a.Active == nil || *a.Active != active || (a.Risk == riskHigh) != (active == 0) {
					t.Errorf("five experts: %+v", a)
				}
				continue
			}
			// Of fewer than five experts, whose names stand beside the area, nothing
			// tells whether they were active.
			if a.Active != nil {
				t.Errorf("%s tells of its experts that %d were active", a.Area, *a.Active)
			}
			got = append(got, row{a.Area, a.Risk, a.Experts, a.Leaving, a.SingleExpert})
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
			t.Error(diff)
		}
	}
	if k := KnowledgeRiskOf(crew(5), 0); k.State != NoData || k.Areas == nil {
		t.Errorf("%+v", k)
	}
}

// TestAsk: names as people go by them, without who wants not to be named, who
// has left, or anybody with the same name as one of those.
func TestAsk(t *testing.T) {
	t.Parallel()
	in := areas()
	in.People = append(in.People, Person{ID: "per_x", Name: "Nobody  known", Hidden: true})
	want := []Ask{
		{Area: "api", People: []string{"A Person"}},
		{Area: "dusty", People: []string{"D Person", "E Person"}},
		{Area: "old", People: []string{}, Note: "Nobody is named who knows this area: ask the team's lead."},
		{Area: "payments", People: []string{"A Person"}},
	}
	if diff := cmp.Diff(want, AskOf(in)); diff != "" {
		t.Error(diff)
	}
	for _, m := range MembersOf(in, Show{Areas: true, Skills: true}) {
		if m.UserID == "usr_b" && len(m.Areas) > 0 || m.UserID == "usr_a" && !slices.Equal(m.Areas, []string{"api", "payments"}) || m.UserID == "usr_c" {
			t.Errorf("%+v", m)
		}
	}
}

func TestSkillMatrix(t *testing.T) {
	t.Parallel()
	in := crew(6)
	for i := range 6 {
		in.People[i].Skills = []string{"Go", " go "}
	}
	in.People[0].Skills = append(in.People[0].Skills, "SQL", "Juggling")
	in.Technologies = []string{"Go", "SQL", "COBOL"}
	s := SkillMatrixOf(in)
	want := []Skill{{Skill: "COBOL", InUse: true}, {Skill: "Go", People: new(6), InUse: true}, {Skill: "Juggling", Few: true}, {Skill: "SQL", Few: true, InUse: true}}
	if diff := cmp.Diff(want, s.Skills); diff != "" {
		t.Error(diff)
	}
	wantFloat(t, "covered", s.Covered, 0.67)
	if !slices.Equal(s.Uncovered, []string{"COBOL"}) || s.N != 6 {
		t.Errorf("%+v", s)
	}
	if s := SkillMatrixOf(crew(5)); s.State != NoData {
		t.Errorf("%+v", s)
	}
}

func TestOwn(t *testing.T) {
	t.Parallel()
	in := areas()
	in.WIPLimit = 3
	in.review(0, 1, 2)
	in.review(0, 1, 3)
	in.review(3, 2, 3)
	for i := range int32(10) {
		in.Acts = append(in.Acts, Act{Person: 0, Thing: i, Kind: Merged, At: on10(int(i) + 1)})
	}
	in.Holdings = []Holding{{Person: 0, Thing: 1, From: on10(1)}, {Person: 0, Thing: 1, From: on10(1)}, {Person: 0, Thing: 2, From: on10(1), To: on10(2)}, {Person: 1, Thing: 3, From: on10(1)}}
	o := OwnOf(in, 0, OwnQuery{Now: october.To, Reviews: OwnReviews{Done: 3}})
	if o.Reviews.Done != 3 || *o.WIP.Now != 1 || *o.WIP.Limit != 3 || o.OffHours != nil || o.To.Sub(o.From) != 90*24*time.Hour {
		t.Errorf("%+v", o)
	}
	if at := o.Milestones[3]; at.Milestone != "tenth_pull_request_merged" || !at.At.Equal(on10(10).UTC()) || o.Milestones[5].At != nil {
		t.Errorf("%+v", o.Milestones)
	}
	if !slices.Equal(o.Areas, []string{"api", "payments"}) {
		t.Errorf("%v", o.Areas)
	}
	empty := OwnOf(&Input{People: []Person{{}}}, 0, OwnQuery{Now: october.To, OffHours: true})
	if *empty.WIP.Now != 0 || empty.WIP.Limit != nil || empty.OffHours != nil || len(empty.Milestones) != 6 {
		t.Errorf("%+v", empty)
	}
}

// big returns a team of people with interactions, two years of them.
func big(people, interactions int) *Input {
	r := rand.New(rand.NewPCG(7, 8))
	in := crew(0)
	for i := range people {
		in.People = append(in.People, Person{ID: fmt.Sprint("per_", i), UserID: fmt.Sprint("usr_", i), Name: fmt.Sprint("P", i), Member: true})
	}
	for i := range 20_000 {
		in.Things = append(in.Things, Thing{ID: fmt.Sprint(i), Key: fmt.Sprint("#", i)})
	}
	span := int64(october.To - october.From)
	for range interactions {
		a := r.IntN(people)
		b := min(people-1, max(0, a+int(r.NormFloat64()*10)))
		at := october.From + Instant(r.Int64N(span))
		thing := int32(r.IntN(len(in.Things)))
		in.Interactions = append(in.Interactions, Interaction{A: int32(a), B: int32(b), Thing: thing, Channel: Channel(r.IntN(2)), At: at})
		in.Acts = append(in.Acts, Act{Person: int32(a), Thing: thing, Kind: ActKind(r.IntN(6)), At: at})
		in.Holdings = append(in.Holdings, Holding{Person: int32(a), Thing: thing, From: at, To: at.add(day)})
	}
	return in
}

// BenchmarkFigures computes all figures of 200 people who met 100,000 times in
// one month, which is far more than in any.
func BenchmarkFigures(b *testing.B) {
	in := big(200, 100_000)
	for b.Loop() {
		for _, f := range Figures() {
			if _, _, err := Compute(f, in, october, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}
