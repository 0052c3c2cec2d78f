package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/team"
)

// personOfUser returns the person whom a user is.
func (c *crew) personOfUser(id string) string {
	c.t.Helper()
	page, err := c.admin().People(c.t.Context(), client.Query{"limit": "100"})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range page.People {
		if p.UserID != nil && *p.UserID == id {
			return p.ID
		}
	}
	c.t.Fatalf("nobody is %s", id)
	return ""
}

func (c *crew) insightsOf(who *client.Client) measure.Insights {
	c.t.Helper()
	got, err := who.Insights(c.t.Context())
	if err != nil || !strings.Contains(got.Purpose, "Only you see this") {
		c.t.Fatalf("%+v, %v", got, err)
	}
	return got
}

// TestInsightsAreOnesOwn: the developer is Ulric, says a team lead. Ulric opened
// six pull requests last month and reviewed five of others, finished six work
// items, and holds none.
func TestInsightsAreOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if got, err := w.developer().Insights(ctx); err != nil || got.State != team.NoData || got.Projects == nil {
			t.Errorf("in no project: %+v, %v", got, err)
		}
		c := newCrew(w)
		got := c.insightsOf(w.developer())
		if got.State != team.OK || len(got.Projects) != 1 || got.Projects[0].State != team.NoData || got.Projects[0].Own != nil {
			t.Errorf("nobody says whose the accounts are: %+v", got)
		}
		ulric, me := whose(t, w.lead(), "ulric").ID, c.personOfUser(w.people[rampforge.RoleDeveloper].user.ID)
		if _, err := w.admin().MergePeople(ctx, ulric, me); err != nil {
			t.Fatal(err)
		}
		own := c.insightsOf(w.developer()).Projects[0].Own
		if own == nil || own.PullRequests.Opened != 6 || own.PullRequests.Merged != 6 || own.Reviews.Pending != 0 || own.PullRequests.Stages != nil || own.OffHours != nil || *own.WIP.Now != 0 {
			t.Fatalf("%+v", own)
		}
		if want := reviewsOf(5); own.Reviews.Done != want || own.Reviews.Requested != want {
			t.Errorf("%+v, want %d reviews", own.Reviews, want)
		}
		i := slices.IndexFunc(own.Milestones, func(m team.OwnMilestone) bool { return m.Milestone == "first_pull_request_merged" })
		if at := own.Milestones[i].At; at == nil || !at.Equal(lastMonth(2).Add(5*time.Hour)) {
			t.Errorf("%+v", own.Milestones)
		}
		// Whoever else asks gets their own.
		for _, who := range []*client.Client{w.admin(), w.lead(), w.observer()} {
			for _, p := range c.insightsOf(who).Projects {
				if p.Own != nil {
					t.Errorf("another sees numbers: %+v", p)
				}
			}
		}
		// The project may switch it off.
		if err := c.set(rampforge.WorkflowSettings{People: rampforge.PeopleMetricsSwitch{Insights: new(false)}}); err != nil {
			t.Fatal(err)
		}
		if p := c.insightsOf(w.developer()).Projects[0]; p.State != team.Off || p.Own != nil || p.Reason == "" {
			t.Errorf("%+v", p)
		}
	})
}

// reviewsOf counts in the records how many pull requests somebody reviewed.
func reviewsOf(who int) (n int) {
	for _, r := range crewRecords() {
		if r.PullRequest != nil && r.PullRequest.Reviews[0].Author.ID == accountOf(who).ID {
			n++
		}
	}
	return n
}

// TestNobodyBecomesAnother: who may merge people cannot take another's accounts
// to read what is theirs.
func TestNobodyBecomesAnother(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		for role, name := range map[rampforge.Role]string{rampforge.RoleTeamLead: "ulric", rampforge.RoleAdmin: "violet"} {
			who := w.people[role]
			if _, err := who.client.MergePeople(ctx, whose(t, w.lead(), name).ID, c.personOfUser(who.user.ID)); err != nil {
				t.Fatal(err)
			}
			for _, p := range c.insightsOf(who.client).Projects {
				if p.Own != nil || p.State != team.NoData || !strings.Contains(p.Reason, "ask another") {
					t.Errorf("%s took %s's numbers: %+v", role, name, p)
				}
			}
		}
	})
}

// TestASecondUserIsNobodyElse: a team lead joins another's accounts with a
// second user of theirs. Nothing is told to it, until an administrator says that
// it is so; and nobody is made of two users.
func TestASecondUserIsNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		puppet, ulric := w.people[rampforge.RoleDeveloper], whose(t, w.lead(), "ulric").ID
		me := c.personOfUser(puppet.user.ID)
		if _, err := w.lead().MergePeople(ctx, me, ulric); err != nil {
			t.Fatal(err)
		}
		p := c.insightsOf(w.developer()).Projects[0]
		if p.Own != nil || p.State != team.NoData || !strings.Contains(p.Reason, "administrator") {
			t.Fatalf("a team lead's second user reads another's numbers: %+v", p)
		}
		// Of two users nobody makes one.
		_, err := w.admin().MergePeople(ctx, c.personOfUser(w.people[rampforge.RoleObserver].user.ID), me)
		wantStatus(t, "two users", err, http.StatusConflict)
		// An administrator says that it is so.
		person, err := w.admin().Person(ctx, me)
		if err != nil {
			t.Fatal(err)
		}
		var accounts []string
		for _, i := range person.Identities {
			if i.Kind == rampforge.IdentityAccount {
				accounts = append(accounts, i.ID)
			}
		}
		rest, other, err := w.admin().SplitPerson(ctx, person.ID, accounts...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.admin().MergePeople(ctx, rest.ID, other.ID); err != nil {
			t.Fatal(err)
		}
		if own := c.insightsOf(w.developer()).Projects[0].Own; own == nil || own.PullRequests.Opened != 6 {
			t.Errorf("an administrator joined them: %+v", own)
		}
	})
}

// TestTheVendorsWordIsEnough: somebody registers with the address that the
// vendor verified for their account; whoever joins the two, the numbers are
// theirs, and what else was joined with them is not.
func TestTheVendorsWordIsEnough(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		waldo := w.person(accountOf(5).Email, rampforge.RoleDeveloper)
		c.resolve()
		if _, err := w.lead().UpdateProject(ctx, c.project, map[string]any{"team_members": []string{accountOf(5).Email}}); err != nil {
			t.Fatal(err)
		}
		me := c.personOfUser(waldo.user.ID)
		for _, name := range []string{"ulric", "violet"} {
			joined, err := w.lead().MergePeople(ctx, me, whose(t, w.lead(), name).ID)
			if err != nil {
				t.Fatal(err)
			}
			me = joined.ID
			own := c.insightsOf(waldo.client).Projects[0].Own
			if own == nil || own.PullRequests.Opened != 6 {
				t.Errorf("after joining %s: %+v", name, own)
			}
		}
	})
}

// TestReadingIsNoted: each reading of what is about people is in the audit log.
func TestReadingIsNoted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		zelda := whose(t, w.lead(), "zelda")
		if _, err := w.observer().Team(ctx, c.project, false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.observer().Person(ctx, zelda.ID); err != nil {
			t.Fatal(err)
		}
		c.insightsOf(w.observer())
		log, err := w.admin().AuditLog(ctx, client.Paging(3, 0))
		if err != nil {
			t.Fatal(err)
		}
		observer := w.people[rampforge.RoleObserver].user.ID
		got := []string{}
		for _, e := range log.Entries {
			if e.ActorID != observer || !e.Success || e.RequestID == "" || e.Address == "" {
				t.Errorf("%+v", e)
			}
			got = append(got, e.Action+" "+e.TargetID)
		}
		if want := []string{"insights.read " + observer, "person.read " + zelda.ID, "team.read " + c.project}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		_, err = w.observer().Person(ctx, "per_none")
		wantStatus(t, "nobody", err, http.StatusNotFound)
	})
}

// TestNotToBeNamed: who does not want to be named is not, whoever asks.
func TestNotToBeNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c := newCrew(w)
		zelda, me := whose(t, w.lead(), "zelda").ID, c.personOfUser(w.people[rampforge.RoleDeveloper].user.ID)
		if _, err := w.lead().MergePeople(ctx, zelda, me); err != nil {
			t.Fatal(err)
		}
		names := func() string {
			r, out := c.team(false), ""
			for _, a := range r.WhoToAsk {
				out += a.Area + ": " + strings.Join(a.People, ", ") + "; "
			}
			for _, m := range r.Members {
				out += strings.Join(m.Areas, " ")
			}
			return out
		}
		// They are named as they call themselves here.
		if got := names(); got != "ledger: Somebody, Yorick Plugh; payments: Somebody; ledger payments" {
			t.Errorf("%q", got)
		}
		// The code report names them too, by the name that their commits have.
		codeReport := func(path string) answer {
			got := w.raw(http.MethodGet, path, "", "Authorization", "Bearer "+w.people[rampforge.RoleObserver].session.AccessToken)
			if got.status != http.StatusOK || !strings.Contains(got.body, `"Yorick Plugh"`) {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
			return got
		}
		path := "/api/v1/projects/" + c.project + "/analysis"
		before := codeReport(path)
		if !strings.Contains(before.body, `"Zelda Quux"`) {
			t.Fatal(before.body)
		}
		var head struct {
			ID           string `json:"id"`
			RepositoryID string `json:"repository_id"`
		}
		if err := json.Unmarshal([]byte(before.body), &head); err != nil {
			t.Fatal(err)
		}
		if _, err := w.developer().UpdateProfile(ctx, client.Profile{NamedAsExpert: new(false)}); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, "/api/v1/repositories/" + head.RepositoryID + "/analysis", "/api/v1/analyses/" + head.ID} {
			after := codeReport(path)
			if strings.Contains(after.body, "Zelda") || after.header.Get("ETag") == before.header.Get("ETag") {
				t.Errorf("%s: %s %s", path, after.header.Get("ETag"), after.body)
			}
			again := w.raw(http.MethodGet, path, "", "Authorization", "Bearer "+w.people[rampforge.RoleObserver].session.AccessToken, "If-None-Match", after.header.Get("ETag"))
			if again.status != http.StatusNotModified {
				t.Errorf("%s: %d with its own tag", path, again.status)
			}
		}
		if got := names(); got != "ledger: Yorick Plugh; payments: ; " {
			t.Errorf("%q", got)
		}
		if err := c.set(rampforge.WorkflowSettings{People: rampforge.PeopleMetricsSwitch{Knowledge: new(false), Skills: new(false)}}); err != nil {
			t.Fatal(err)
		}
		if r := c.team(false); len(r.WhoToAsk) != 0 || r.KnowledgeRisk.State != team.Off || r.SkillMatrix.State != team.Off || names() != "" {
			t.Errorf("%+v", r)
		}
	})
}
