package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/workflow"
)

// callBots says which accounts are bots, as whoever looks after a project does.
func (c *crew) callBots(bots ...string) answer {
	c.t.Helper()
	text, err := json.Marshal(map[string]any{"bots": bots})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.raw(http.MethodPut, "/api/v1/projects/"+c.project+"/workflow/settings", string(text),
		"Authorization", "Bearer "+c.people[rampforge.RoleTeamLead].session.AccessToken)
}

// pullRequests returns what the workflow report tells of pull requests.
func (c *crew) pullRequests() (string, workflow.Analysis) {
	c.t.Helper()
	var r struct {
		Analysis workflow.Analysis `json:"workflow_analysis"`
	}
	path := "/api/v1/projects/" + c.project + "/workflow?explain=1&from=" + lastMonth(1).Format("2006-01-02")
	if _, err := c.lead().Call(c.t.Context(), http.MethodGet, path, nil, &r); err != nil {
		c.t.Fatal(err)
	}
	text, err := json.Marshal(r.Analysis.Performance.PullRequests)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text), r.Analysis
}

// TestNobodyIsLeftAlone: who may say which accounts are bots cannot call all
// people but one bots, to read that one's numbers; and of who is a member or a
// user here nobody is a bot.
func TestNobodyIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		if _, a := c.pullRequests(); a.Performance.PullRequests.Stages.State != "ok" || a.Performance.PullRequests.Stages.Bots != 0 {
			t.Fatalf("there is nothing to find out: %+v", a.Performance.PullRequests.Stages)
		}
		var others []string
		for _, name := range crewNames[:5] {
			others = append(others, loginOf(name))
		}
		if got := c.callBots(others...); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		text, a := c.pullRequests()
		if strings.Count(text, `"state":"suppressed"`) < 15 || strings.Contains(text, `"state":"ok"`) || strings.Contains(text, `"rows"`) || a.Performance.PullRequests.Stages.N != 0 {
			t.Errorf("one person's pull requests are told: %s", text)
		}
		if a.TeamCollaboration.KnowledgeSharing.State != "suppressed" || a.TeamCollaboration.Communication.State != "suppressed" {
			t.Errorf("%+v", a.TeamCollaboration)
		}

		// One bot more leaves five people: those are told.
		if got := c.callBots(others[0], "renovate"); got.status != http.StatusOK {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if text, _ := c.pullRequests(); !strings.Contains(text, `"state":"ok"`) {
			t.Errorf("%s", text)
		}
		log, err := w.admin().AuditLog(ctx, client.Paging(50, 0))
		if err != nil {
			t.Fatal(err)
		}
		var said []map[string]any
		for _, e := range log.Entries {
			if e.Action == "project.workflow" {
				said = append(said, e.Details)
			}
		}
		list := func(names ...string) []any {
			out := []any{}
			for _, n := range names {
				out = append(out, n)
			}
			return out
		}
		want := []map[string]any{
			{"revision": 2.0, "bots_added": list("renovate"), "bots_removed": list(others[1:]...)},
			{"revision": 1.0, "bots_added": list(others...), "bots_removed": list()},
		}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Error(diff)
		}
	})
}

// TestNoMemberIsABot: an account of a member, of a user, or with the address of
// either, is nobody's bot, by whatever name it is called.
func TestNoMemberIsABot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		refused := func(what string, names ...string) {
			t.Helper()
			for _, name := range names {
				if got := c.callBots("renovate", name); got.status != http.StatusBadRequest && got.status != http.StatusUnprocessableEntity ||
					!strings.Contains(got.body, "bots[1]") || !strings.Contains(got.body, "no bot") {
					t.Errorf("%s, as %s: %d %s", what, name, got.status, got.body)
				}
			}
		}
		// Called so before, when nobody knew them.
		if err := c.set(rampforge.WorkflowSettings{Bots: []string{loginOf(crewNames[0])}}); err != nil {
			t.Fatal(err)
		}
		if _, a := c.pullRequests(); a.Performance.PullRequests.Stages.Bots == 0 {
			t.Fatal("the bot is none")
		}
		if _, err := w.lead().MergePeople(ctx, whose(t, w.lead(), "zelda").ID, c.personOfUser(w.people[rampforge.RoleDeveloper].user.ID)); err != nil {
			t.Fatal(err)
		}
		refused("somebody who is a user", loginOf(crewNames[0]), strings.ToUpper(loginOf(crewNames[0])), accountOf(0).ID)
		if _, a := c.pullRequests(); a.Performance.PullRequests.Stages.Bots != 0 {
			t.Error("a user is still a bot")
		}
		w.person(accountOf(1).Email, rampforge.RoleObserver)
		c.resolve()
		refused("somebody with a user's address", loginOf(crewNames[1]))
		if _, err := w.lead().UpdateProject(ctx, c.project, map[string]any{"team_members": []string{accountOf(2).Email}}); err != nil {
			t.Fatal(err)
		}
		refused("a member who never signed in", loginOf(crewNames[2]))
		if got := c.callBots(loginOf(crewNames[3])); got.status != http.StatusOK {
			t.Errorf("somebody whom nobody knows: %d %s", got.status, got.body)
		}
	})
}

// TestSeenAccountsHoldNoAddress: logins and ids that are addresses are for who
// decides who is who.
func TestSeenAccountsHoldNoAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCrew(w)
		more := crewRecords()[0]
		more.ID, more.UpdatedAt = "pr-more", time.Now().UTC()
		more.PullRequest.Author = &rampforge.Account{ID: "thud@corp.test", Login: "thud@corp.test", Name: "Thud"}
		c.sync([]rampforge.Record{more})
		for role, sees := range map[rampforge.Role]bool{rampforge.RoleObserver: false, rampforge.RoleDeveloper: false, rampforge.RoleTeamLead: true, rampforge.RoleAdmin: true} {
			got := w.raw(http.MethodGet, "/api/v1/projects/"+c.project+"/workflow/settings", "", "Authorization", "Bearer "+w.people[role].session.AccessToken)
			if strings.Contains(got.body, "thud@") != sees || !strings.Contains(got.body, `"thud`) {
				t.Errorf("%s: %s", role, got.body)
			}
		}
	})
}
