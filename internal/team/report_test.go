package team

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
)

// TestRecommendations: each of what can be recommended, from the report that
// calls for it, the most urgent first; and nothing of a report without risks.
func TestRecommendations(t *testing.T) {
	t.Parallel()
	r := &Insights{}
	r.KnowledgeRisk.Areas = []AreaRisk{
		{Area: "payments", Risk: riskHigh, Experts: 1, Active: new(1), TruckFactor: new(1)},
		{Area: "old", Risk: riskHigh, Experts: 2, Active: new(0), Leaving: 1},
		{Area: "dusty", Risk: riskMedium, Experts: 2, KnowledgeLoss: new(0.8)},
		{Area: "api", Risk: riskLow},
	}
	r.Workload.ReviewLoad = ReviewLoad{Basis: Basis{State: OK}, Spread: Spread{Gini: new(0.7)}, Reviewing: new(0.2)}
	r.Workload.WIP = Workload{Basis: Basis{State: OK}, OverLimit: new(0.4)}
	r.TeamDynamics.Collaboration.Silos = []Silo{{Areas: []string{"api", "web"}, Outside: 0.05}, {Areas: []string{}}}
	r.SkillMatrix = SkillMatrix{Basis: Basis{State: OK, N: 5}, Uncovered: []string{"COBOL"}, Covered: new(0.5)}
	var got []string
	for _, v := range Recommend(r) {
		area, evidence := "", []string{}
		if v.Area != nil {
			area = *v.Area
		}
		for _, e := range v.Evidence {
			evidence = append(evidence, e.Measure[strings.LastIndex(e.Measure, ".")+1:])
		}
		if v.Title == "" || v.Reason == "" && v.Area == nil {
			t.Errorf("%+v", v)
		}
		got = append(got, strings.Join([]string{v.Priority, v.Type, area, strings.Join(evidence, " ")}, "|"))
	}
	want := []string{
		"high|pair_newcomer|payments|experts active_experts truck_factor",
		"high|write_down|old|experts active_experts left_experts",
		"medium|pair_newcomer|dusty|experts knowledge_loss",
		"medium|rotate_reviews||gini reviewing_share",
		"medium|limit_work||over_limit_share",
		"low|open_silo|api|outside_share",
		"low|build_skill||covered_share",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Recommend(&Insights{}); got == nil || len(got) != 0 {
		t.Errorf("%+v", got)
	}
	r.Workload.ReviewLoad.State, r.Workload.WIP.State = Suppressed, Off // with values left over
	for _, v := range Recommend(r) {
		if v.Type == rotateReviews || v.Type == limitWork {
			t.Errorf("from what is not told: %+v", v)
		}
	}
}

// TestSwitches: each part has one, on unless the project says otherwise, but for
// the off hours; what is off is not told even where it is kept.
func TestSwitches(t *testing.T) {
	t.Parallel()
	in := differing()
	in.Areas = areas().Areas
	in.People[0].Skills = []string{"Go"}
	kept := map[Figure]Kept{}
	for _, f := range Figures() {
		k, _, err := Compute(f, in, october, nil)
		if err != nil {
			t.Fatal(err)
		}
		kept[f] = k
	}
	state := func(s rampforge.PeopleMetricsSwitch) map[string]State {
		r, err := Report(in, kept, Query{Now: october.To, Period: october, Switches: s})
		if err != nil {
			t.Fatal(err)
		}
		named := OK
		if len(r.WhoToAsk) == 0 {
			named = Off
		}
		return map[string]State{
			"workload": r.Workload.WIP.State, "review_load": r.Workload.ReviewLoad.State, "off_hours": r.Workload.OffHours.State, "collaboration": r.TeamDynamics.Collaboration.State,
			"newcomers": r.TeamDynamics.Newcomers.State, "knowledge": r.KnowledgeRisk.State, "who": named, "skills": r.SkillMatrix.State,
		}
	}
	usual := map[string]State{"workload": OK, "review_load": OK, "off_hours": Off, "collaboration": OK, "newcomers": Suppressed, "knowledge": OK, "who": OK, "skills": OK}
	if diff := cmp.Diff(usual, state(rampforge.PeopleMetricsSwitch{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	off := new(false)
	all := state(rampforge.PeopleMetricsSwitch{Workload: off, Collaboration: off, ReviewLoad: off, Knowledge: off, Skills: off, Newcomers: off, OffHours: off, Insights: off})
	for part, s := range all {
		if s != Off {
			t.Errorf("%s is %s", part, s)
		}
	}
	if s := state(rampforge.PeopleMetricsSwitch{OffHours: new(true)}); s["off_hours"] != OK {
		t.Errorf("off hours on: %s", s["off_hours"])
	}
	r, err := Report(in, nil, Query{Now: october.To, Period: october})
	if err != nil || r.Workload.WIP.State != NoData || !strings.Contains(r.Workload.WIP.Reason, "2026-10") {
		t.Errorf("%+v, %v", r, err)
	}
	text, err := json.Marshal(r)
	if err != nil || strings.Contains(string(text), ":null,\"areas\"") || strings.Contains(string(text), `"cohorts":null`) || strings.Contains(string(text), `"silos":null`) || strings.Contains(string(text), `"channels":null`) {
		t.Errorf("a list is null: %s, %v", text, err)
	}
	if _, err := Report(in, map[Figure]Kept{FigureWorkload: {Value: []byte("{")}}, Query{}); err == nil {
		t.Error("a figure that cannot be read is no fault")
	}
}

// TestExplainNamesNoThings: of two projects of the same pull requests, which
// call others bots, the explained things told which are whose.
func TestExplainNamesNoThings(t *testing.T) {
	t.Parallel()
	in := &Input{Things: make([]Thing, 42)}
	for i := range in.Things {
		in.Things[i] = Thing{ID: "secret", Key: "secret"}
	}
	all := []int32{}
	for i := range in.Things {
		all = append(all, int32(i), int32(i))
	}
	e := in.explain(all)
	text, err := json.Marshal(e)
	if err != nil || e.Total != 40 || strings.Contains(string(text), "secret") {
		t.Errorf("%s, %v", text, err)
	}
	// What was kept exactly, by an earlier version, is told as now.
	kept := []byte(`{"state":"ok","n":6,"period":"2026-10","explain":{"counted":{"pull_requests":17},"total":17,"things":[{"id":"secret","key":"secret"}]}}`)
	r, err := Report(&Input{}, map[Figure]Kept{FigureReviewLoad: {Figure: FigureReviewLoad, Period: "2026-10", Value: kept}}, Query{Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	if e := r.Workload.ReviewLoad.Explain; e.Total != 20 || e.Counted["pull_requests"] != 20 {
		t.Errorf("%+v", e)
	}
}
