package api_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/team"
	"github.com/rampforgeai/rampforge/internal/workflow"
)

// figuresOf returns what an answer tells of groups of people.
func (c *crew) figuresOf(query string) string {
	c.t.Helper()
	var r struct {
		TeamInsights struct {
			Workload     json.RawMessage `json:"workload"`
			TeamDynamics json.RawMessage `json:"team_dynamics"`
		} `json:"team_insights"`
	}
	if _, err := c.lead().Call(c.t.Context(), http.MethodGet, "/api/v1/projects/"+c.project+"/team"+query, nil, &r); err != nil {
		c.t.Fatal(err)
	}
	return string(r.TeamInsights.Workload) + string(r.TeamInsights.TeamDynamics)
}

// TestNothingCanBeSubtracted asks with every filter, and after every change that
// a team lead may make, and gets one answer of one month.
func TestNothingCanBeSubtracted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		want := c.figuresOf("")
		if strings.Count(want, `"state":"ok"`) < 3 {
			t.Fatalf("there is nothing to subtract: %s", want)
		}
		same := func(what, query string) {
			t.Helper()
			if got := c.figuresOf(query); got != want {
				t.Errorf("%s: another answer of the same month:\n%s", what, cmp.Diff(want, got))
			}
		}
		for _, from := range []string{"", "from=" + lastMonth(3).Format(time.DateOnly), "from=" + lastMonth(9).Format(time.DateOnly)} {
			for _, to := range []string{"", "to=" + lastMonth(12).Format(time.DateOnly)} {
				for _, asOf := range []string{"", "as_of=" + lastMonth(15).Format(time.RFC3339)} {
					for _, more := range []string{"", "type=Story", "granularity=day", "member=" + accountOf(0).ID} {
						query := "?" + strings.Join([]string{from, to, asOf, more}, "&")
						same(query, query)
					}
				}
			}
		}
		change := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			c.refresh()
			same(what, "")
		}
		for i := range crewNames {
			_, err := w.lead().UpdateProject(ctx, c.project, map[string]any{"team_members": []string{loginOf(crewNames[i]) + "@corp.test", "developer@example.com"}})
			change("a member more or less", err)
			settings := rampforge.WorkflowSettings{Bots: []string{loginOf(crewNames[i])}, PersonWIPLimit: 1 + i}
			change("a bot", c.set(settings))
		}
		zelda, ulric := whose(t, w.lead(), "zelda"), whose(t, w.lead(), "ulric")
		_, err := w.lead().MergePeople(ctx, zelda.ID, ulric.ID)
		change("two people as one", err)
		_, err = w.admin().UpdateUser(ctx, w.people[rampforge.RoleObserver].user.ID, client.UserChange{IsActive: new(false)})
		change("somebody deactivated", err)
		if err := c.set(rampforge.WorkflowSettings{People: rampforge.PeopleMetricsSwitch{ReviewLoad: new(false), Workload: new(false), Collaboration: new(false), Newcomers: new(false)}}); err != nil {
			t.Fatal(err)
		}
		if off := c.figuresOf(""); strings.Contains(off, `"state":"ok"`) || strings.Count(off, `"state":"off"`) != 5 {
			t.Errorf("switched off: %s", off)
		}
		change("off and on", c.set(rampforge.WorkflowSettings{}))
	})
}

// set changes the project's workflow settings.
func (c *crew) set(s rampforge.WorkflowSettings) error {
	kept, err := c.store.WorkflowSettings(c.t.Context(), c.project)
	if err != nil {
		return err
	}
	return c.store.InTx(c.t.Context(), func(tx *sql.Tx) error {
		_, err := c.store.PutWorkflowSettingsTx(c.t.Context(), tx, c.project, s, kept.Revision, c.people[rampforge.RoleTeamLead].user.ID, time.Now())
		return err
	})
}

// TestWorkflowHoldsNobody: what the workflow report tells and explains, in any
// window, is of records: it names nobody. And what it tells of people takes no
// window.
func TestWorkflowHoldsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCrew(w)
		if c.team(false).Workload.ReviewLoad.State != team.OK { // now there is a figure
			t.Fatal("no review load")
		}
		c.refresh()
		names := c.everybody()
		delete(names, "Somebody")
		loads := map[string]bool{}
		explained := &workflow.ExplainQuery{Limit: 1000}
		for _, q := range []measure.Query{
			{Explain: explained}, {From: lastMonth(2), Explain: explained}, {To: lastMonth(9), Explain: explained}, {From: lastMonth(2), To: lastMonth(4), Explain: explained},
			{AsOf: lastMonth(12), Explain: explained}, {Types: []string{"Story"}, Explain: explained}, {Granularity: workflow.ByDay, Explain: explained},
		} {
			text, err := c.measurer.Report(t.Context(), c.project, q)
			if err != nil {
				t.Fatal(err)
			}
			if who := namedIn(string(text), names); who != "" || !strings.Contains(string(text), `"PAY-5`) {
				t.Errorf("%+v: the report names %q", q, who)
			}
			var r struct {
				Analysis workflow.Analysis `json:"workflow_analysis"`
			}
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			load := r.Analysis.Performance.PullRequests.ReviewLoad
			asked := !q.From.IsZero() || !q.To.IsZero() || !q.AsOf.IsZero() || len(q.Types) > 0
			if (load.Gini != nil) == asked || asked && load.N != 0 {
				t.Errorf("%+v: %+v", q, load)
			}
			if load.Gini != nil {
				loads[fmt.Sprint(*load.Gini, *load.TopShare, *load.ReviewingShare, load.N, load.Period)] = true
			}
		}
		if len(loads) != 1 {
			t.Errorf("there are several review loads: %v", loads)
		}
	})
}
