package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// contract is the schemas of the answers, as the document has them.
type contract struct {
	paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct {
				Schema json.RawMessage `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	}
	schemas map[string]any
	made    map[string]*jsonschema.Resolved
}

func (w *world) contract() *contract {
	w.t.Helper()
	var doc struct {
		Paths      json.RawMessage `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	c := &contract{made: map[string]*jsonschema.Resolved{}}
	text := strings.ReplaceAll(w.raw(http.MethodGet, "/openapi.json", "").body, "#/components/schemas/", "#/$defs/")
	err := json.Unmarshal([]byte(text), &doc)
	if err == nil {
		err = json.Unmarshal(doc.Paths, &c.paths)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	c.schemas = doc.Components.Schemas
	closed(c.schemas)
	return c
}

// closed lets objects have no property but those that are told of: clients must
// bear more, and the document must tell of all.
func closed(schema any) {
	switch s := schema.(type) {
	case map[string]any:
		if s["properties"] != nil && s["additionalProperties"] == true {
			s["additionalProperties"] = false
		}
		for _, of := range s {
			closed(of)
		}
	case []any:
		for _, of := range s {
			closed(of)
		}
	}
}

// faults says how an answer differs from what the document says of it.
func (c *contract) faults(t *testing.T, method, path, body string) error {
	t.Helper()
	key := method + " " + path
	if c.made[key] == nil {
		var text json.RawMessage
		for _, status := range []string{"200", "201", "202"} {
			if text == nil {
				text = c.paths[path][strings.ToLower(method)].Responses[status].Content["application/json"].Schema
			}
		}
		if text == nil {
			return fmt.Errorf("the document has no schema of the answer")
		}
		var whole map[string]any
		if err := json.Unmarshal(text, &whole); err != nil {
			t.Fatal(err)
		}
		whole["$defs"] = c.schemas
		text, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		var schema jsonschema.Schema
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		if c.made[key], err = schema.Resolve(nil); err != nil {
			t.Fatal(err)
		}
	}
	var answer any
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return err
	}
	return c.made[key].Validate(answer)
}

const ofProject = "/api/v1/projects/{id}"

// told by the team lead, of each project.
var projectAnswers = []string{
	"", "/workflow", "/workflow?explain=1", "/workflow?granularity=day&from=2020-01-01&to=2020-02-01&as_of=2020-02-01&explain=1", "/workflow/metrics?format=json",
	"/workflow/model", "/workflow/model?algorithm=heuristics", "/workflow/model?algorithm=dfg", "/workflow/settings",
	"/team", "/team?explain=1", "/imports", "/sources", "/members", "/work-items", "/pull-requests", "/sprints",
}

const ofRepository = "/api/v1/repositories/{id}"

// codeAnswers are told by the team lead, of a repository with an index.
var codeAnswers = []string{
	"/impact?path=ship/ship.go", "/impact?symbol=Ship.Sail", "/files", "/files?path=voyage/voyage.go", "/files?path=voyage", "/graph", "/graph?level=file", "/graph?level=symbol&around=Begin",
	"/compare",
}

// olderAnswers are of the calls of an older front end.
var olderAnswers = []string{"/dashboard", "/projects", "/work-items", "/team-members", "/insights/workflow-analysis"}

// TestAnswersAreAsTheDocumentSays holds real answers against the schemas of the
// document: of projects with much, with little and with nothing.
func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		crew := newCrew(w)
		projects := map[string]string{"a team": crew.project, "finished work": w.worked(12), "little work": w.worked(1), "a log": w.logged(time.Now().UTC()), "all kinds": w.rich(), "nothing": w.bare()}
		c := w.contract()
		checked := func(who, what, method, path, url, body string, headers ...string) {
			t.Helper()
			a := w.raw(method, url, body, headers...)
			if a.status >= 300 {
				t.Errorf("%s, %s %s: %d %s", what, method, url, a.status, a.body)
				return
			}
			if err := c.faults(t, method, path, a.body); err != nil {
				t.Errorf("%s, %s of %s: %.900s", method+" "+url[len("/api/v1/"):], what, who, err)
			}
		}
		lead := w.bearer(rampforge.RoleTeamLead)
		for what, id := range projects {
			for _, part := range projectAnswers {
				path, _, _ := strings.Cut(part, "?")
				checked("the lead", what, "GET", ofProject+path, "/api/v1/projects/"+id+part, "", lead...)
			}
			older := "/api/v1/project-management/projects/"
			checked("the lead", what, "GET", older+"{id}", older+id, "", lead...)
			checked("the lead", what, "GET", older+"{id}/analytics", older+id+"/analytics", "", lead...)
		}
		for _, path := range olderAnswers {
			path = "/api/v1/project-management" + path
			checked("the lead", "all", "GET", path, path, "", lead...)
		}
		for _, role := range []rampforge.Role{rampforge.RoleTeamLead, rampforge.RoleDeveloper, rampforge.RoleObserver, rampforge.RoleAdmin} {
			checked(string(role), "their own", "GET", "/api/v1/auth/me/insights", "/api/v1/auth/me/insights", "", w.bearer(role)...)
		}
		r := w.repository("https://example.com/team/lighthouse")
		w.indexed(r.ID, lighthouse(firstCommit, 1))
		w.indexed(r.ID, lighthouse(secondCommit, 2))
		for _, part := range codeAnswers {
			path, _, _ := strings.Cut(part, "?")
			checked("the lead", "code", "GET", ofRepository+path, "/api/v1/repositories/"+r.ID+part, "", lead...)
		}
		checked("the lead", "code", "POST", ofRepository+"/simulate/offboarding", "/api/v1/repositories/"+r.ID+"/simulate/offboarding", `{"people":["Ada Stone","Nobody"]}`, lead...)
		id := projects["nothing"]
		checked("the lead", "an import", "POST", ofProject+"/import", "/api/v1/projects/"+id+"/import?name=x&format=csv", "case,activity,timestamp\n1,A,2024-01-01T00:00:00Z\n", lead...)
		checked("the lead", "imports", "GET", ofProject+"/imports", "/api/v1/projects/"+id+"/imports", "", lead...)
		settings := `{"zone":"Europe/Berlin","people_metrics":{"off_hours":true}}`
		checked("the lead", "settings", "PUT", ofProject+"/workflow/settings", "/api/v1/projects/"+id+"/workflow/settings", settings, lead...)
		checked("the lead", "settings", "GET", ofProject+"/workflow/settings", "/api/v1/projects/"+id+"/workflow/settings", "", lead...)
		good := w.asLead("GET", "/api/v1/projects/"+id+"/workflow/settings", "").body
		for _, bad := range []string{strings.Replace(good, `"zone":`, `"zones":`, 1), strings.Replace(good, `"bots":[]`, `"bots":null`, 1), strings.Replace(good, `"revision":1`, `"revision":"1"`, 1)} {
			if c.faults(t, "GET", ofProject+"/workflow/settings", bad) == nil {
				t.Errorf("no fault is found in %.300s", bad)
			}
		}
	})
}

// bare makes a project that nothing is known of but that its facts were looked
// for.
func (w *world) bare() string {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "Bare"})
	if err == nil {
		err = w.store.StaleWorkflow(w.t.Context(), p.ID, time.Now().UTC())
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.refreshed(p.ID)
	return p.ID
}

// rich makes a project with all that is measured: sprints with estimates, pull
// requests, commits, deployments, incidents, and work that waits or was begun
// again.
func (w *world) rich() string {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "Rich"})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err = w.db.Write().ExecContext(w.t.Context(), `INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, 'svc_r', 'r', '', $2)`, p.ID, time.Now().UTC()); err != nil {
		w.t.Fatal(err)
	}
	settings := `{"incidents":{"types":["Bug"]},"states":[],"bots":["builder"],"person_wip_limit":2}`
	decoded[any](w.t, w.asLead("PUT", "/api/v1/projects/"+p.ID+"/workflow/settings", settings))
	begin := time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, -84)
	var records []rampforge.Record
	for n := range 6 {
		records = append(records, sprintOf(n, begin.AddDate(0, 0, 14*n)))
	}
	for n := range 60 {
		records = append(records, storyOf(n, begin.Add(time.Duration(n)*30*time.Hour))...)
	}
	w.told("svc_r", records...)
	w.refreshed(p.ID)
	return p.ID
}

func sprintOf(n int, from time.Time) rampforge.Record {
	to := from.AddDate(0, 0, 14)
	s := &rampforge.Sprint{BoardID: "b", Name: fmt.Sprint("Sprint ", n), State: "closed", StartAt: &from, EndAt: &to, CompletedAt: &to}
	if n == 5 {
		s.State, s.CompletedAt = "active", nil
	}
	return rampforge.Record{Stream: rampforge.StreamSprints, ID: fmt.Sprint(n), Raw: []byte(`{}`), UpdatedAt: from, Sprint: s}
}

// storyOf is a work item with its pull request, commit and deployment.
func storyOf(n int, at time.Time) []rampforge.Record {
	account := func(n int) *rampforge.Account {
		return &rampforge.Account{ID: fmt.Sprint("a", n%7), Login: fmt.Sprint("login", n%7), Name: fmt.Sprint("Somebody ", n%7)}
	}
	after := func(hours int) *time.Time {
		v := at.Add(time.Duration(hours) * time.Hour)
		return &v
	}
	points, sprint := float64(1+n%5), fmt.Sprint(n/11)
	item := &rampforge.WorkItem{
		Key: fmt.Sprint("R-", n), Type: []string{"Story", "Story", "Bug"}[n%3], Title: "Something", Labels: []string{"blue"}, Priority: "high", Estimate: &points, SprintIDs: []string{sprint},
		Reporter: account(n), Assignees: []rampforge.Account{*account(n + 1)}, CreatedAt: at, Status: "To do", StatusID: "To do", StatusCategory: rampforge.StatusToDo,
		Comments: []rampforge.Comment{{ID: "1", Author: account(n + 2), Body: "x", CreatedAt: *after(2), UpdatedAt: *after(2)}},
	}
	item.Events = append(item.Events, rampforge.WorkItemEvent{Field: rampforge.FieldSprint, ToID: sprint, To: "Sprint " + sprint, At: *after(1), Actor: account(n)})
	move := func(hours int, to string, category rampforge.StatusCategory) {
		item.Events = append(item.Events, rampforge.WorkItemEvent{Field: rampforge.FieldStatus, From: item.Status, FromID: item.StatusID, To: to, ToID: to, At: *after(hours), Actor: account(n)})
		item.Status, item.StatusID, item.StatusCategory, item.UpdatedAt = to, to, category, *after(hours)
	}
	switch {
	case n == 59: // waits
	case n > 52:
		move(5, "Doing", rampforge.StatusInProgress)
	default:
		move(5, "Doing", rampforge.StatusInProgress)
		move(20+n%9, "Review", rampforge.StatusInProgress)
		if n%4 == 0 {
			move(31, "Doing", rampforge.StatusInProgress)
			move(33, "Review", rampforge.StatusInProgress)
		}
		move(40+n%13, "Done", rampforge.StatusDone)
		if n%10 == 0 {
			move(70, "Doing", rampforge.StatusInProgress)
			move(80, "Done", rampforge.StatusDone)
		}
	}
	record := rampforge.Record{Raw: []byte(`{}`), ID: fmt.Sprint(n), UpdatedAt: *after(80)}
	story, pull, commit, deployment := record, record, record, record
	story.Stream, story.WorkItem = rampforge.StreamWorkItems, item
	hash := fmt.Sprintf("%040d", n)
	pull.Stream, pull.PullRequest = rampforge.StreamPullRequests, &rampforge.PullRequest{
		Number: n, Title: fmt.Sprint("R-", n), State: "merged", Author: account(n), CreatedAt: *after(6), UpdatedAt: *after(30), ReadyAt: after(7), MergedAt: after(30), ClosedAt: after(30), MergedBy: account(n + 1), MergeCommit: hash, HeadCommit: hash,
		Reviews: []rampforge.Review{{ID: "1", Author: account(n + 1), State: "changes_requested", SubmittedAt: *after(10)}, {ID: "2", Author: account(n + 2), State: "approved", SubmittedAt: *after(20)}},
		Commits: []rampforge.PullRequestLink{{Hash: hash, AuthoredAt: *after(4), CommittedAt: *after(5)}},
	}
	commit.Stream, commit.Commit = rampforge.StreamCommits, &rampforge.VendorCommit{Hash: hash, AuthorAccount: account(n), AuthoredAt: *after(4), CommittedAt: *after(30)}
	state := "succeeded"
	if n%9 == 0 {
		state = "failed"
	}
	deployment.Stream, deployment.Deployment = rampforge.StreamDeployments, &rampforge.Deployment{Environment: "production", Commit: hash, State: state, Actor: account(n), CreatedAt: *after(32), FinishedAt: after(33)}
	return []rampforge.Record{story, pull, commit, deployment}
}
