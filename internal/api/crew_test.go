package api_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
)

// crewNames are six people of a made-up team, without digits and without a part
// that a word of the product holds.
var crewNames = []string{"Zelda Quux", "Yorick Plugh", "Xanthe Frobo", "Wendel Xyzzy", "Violet Grault", "Ulric Waldo"}

func loginOf(name string) string { return strings.ToLower(strings.Fields(name)[1]) + "-login" }

func accountOf(i int) *rampforge.Account {
	name := crewNames[i]
	return &rampforge.Account{ID: "acc-" + loginOf(name), Login: loginOf(name), Name: name, Email: loginOf(name) + "@corp.test", EmailVerified: true}
}

// lastMonth is noon of a day of the last whole month.
func lastMonth(d int) time.Time {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month()-1, d, 12, 0, 0, 0, time.UTC)
}

// crewRecords are what the team did last month: everybody something else.
func crewRecords() []rampforge.Record {
	var out []rampforge.Record
	for i := range crewNames {
		for k := range i + 1 {
			opened := lastMonth(2 + k)
			merged := opened.Add(5 * time.Hour)
			reviewer := accountOf((i + 1 + k%2) % len(crewNames))
			out = append(out, rampforge.Record{Stream: rampforge.StreamPullRequests, ID: fmt.Sprintf("pr-%d-%d", i, k), UpdatedAt: merged, PullRequest: &rampforge.PullRequest{
				Number: 10*i + k, Title: "A change", State: "merged", Author: accountOf(i), CreatedAt: opened, UpdatedAt: merged, ReadyAt: &opened, MergedAt: &merged, ClosedAt: &merged, MergedBy: reviewer,
				Reviews:  []rampforge.Review{{ID: "r", Author: reviewer, State: "approved", SubmittedAt: opened.Add(time.Hour)}},
				Comments: []rampforge.Comment{{ID: "c", Author: reviewer, Body: "x", CreatedAt: opened.Add(time.Minute), UpdatedAt: opened.Add(time.Minute)}},
				Commits:  []rampforge.PullRequestLink{{Hash: strings.Repeat(strconv.Itoa(k), 40), AuthoredAt: opened.Add(-time.Hour), CommittedAt: opened.Add(-time.Hour)}},
			}})
			done := lastMonth(10 + k)
			out = append(out, rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprintf("item-%d-%d", i, k), UpdatedAt: done, WorkItem: &rampforge.WorkItem{
				Key: fmt.Sprintf("PAY-%d", 10*i+k), Type: "Story", Title: "A story", Status: "Fertig", StatusID: "3", StatusCategory: rampforge.StatusDone, Assignees: []rampforge.Account{*accountOf(i)}, CreatedAt: opened, UpdatedAt: done, ClosedAt: &done,
				Events: []rampforge.WorkItemEvent{
					{ID: "a", Field: rampforge.FieldAssignee, ToID: accountOf(i).ID, To: crewNames[i], At: opened, Actor: accountOf(i)},
					{ID: "b", Field: rampforge.FieldStatus, From: "Neu", FromID: "1", To: "In Arbeit", ToID: "2", At: opened, Actor: accountOf(i)},
					{ID: "c", Field: rampforge.FieldStatus, From: "In Arbeit", FromID: "2", To: "Fertig", ToID: "3", At: done, Actor: accountOf(i)},
				},
			}})
		}
	}
	// The statuses that nothing is in now are of no category that anybody said.
	for name, category := range map[string]rampforge.StatusCategory{"Neu": rampforge.StatusToDo, "In Arbeit": rampforge.StatusInProgress} {
		id := map[string]string{"Neu": "1", "In Arbeit": "2"}[name]
		out = append(out, rampforge.Record{Stream: rampforge.StreamWorkItems, ID: "open-" + id, UpdatedAt: lastMonth(1), WorkItem: &rampforge.WorkItem{
			Key: "PAY-9" + id, Type: "Story", Status: name, StatusID: id, StatusCategory: category, CreatedAt: lastMonth(1), UpdatedAt: lastMonth(1),
		}})
	}
	return out
}

// crew is a project of a service and a code report, with the team's records and
// all of the world's people as members.
type crew struct {
	*world

	project  string
	service  string
	measurer *measure.Measurer // of a worker
}

func newCrew(w *world) *crew {
	w.t.Helper()
	w.store.QueueWorkflows(w.enqueue)
	service := w.add(gitHub("Code"))
	w.has(service, rampforge.Resource{ID: "r", Kind: "repository", Key: "team/pay", Name: "pay", URL: "https://example.com/team/pay", Streams: []rampforge.Stream{rampforge.StreamPullRequests, rampforge.StreamWorkItems}})
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "P", RepositoryURL: "https://example.com/team/pay", TeamMembers: []string{"developer@example.com", "observer@example.com", "admin@example.com"}})
	if err != nil {
		w.t.Fatal(err)
	}
	c := &crew{w, p.ID, service.ID, measure.New(measure.Options{Store: w.store, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Subject: identity.Subject})}
	started, err := w.lead().AnalyzeProject(w.t.Context(), p.ID, client.AnalysisRequest{}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.finish(started.AnalysisID, `{"schema":"rampforge.code-report/1","commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","totals":{},"languages":[{"name":"Go","kind":"programming"}],"knowledge":{"truck_factor":2,"areas":[
		{"name":"payments","path":"payments","files":9,"ownership":"sole","people":["Zelda Quux"],"truck_factor":1,"reviewers":["Yorick Plugh","Zelda Quux"]},
		{"name":"ledger","path":"ledger","files":20,"ownership":"spread","people":["Yorick Plugh","Zelda Quux"],"truck_factor":2}]},
		"activity":{"people":[{"period":"2026-Q1","joined":["Zelda Quux"],"left":[]},{"period":"2025-Q1","joined":["Yorick Plugh"],"left":["Zelda Quux"]}]}}`)
	c.sync(crewRecords())
	return c
}

// sync keeps records, ends both places, and brings the project up to date.
func (c *crew) sync(records []rampforge.Record) {
	c.t.Helper()
	ctx := c.t.Context()
	must := func(err error) {
		c.t.Helper()
		if err != nil {
			c.t.Fatal(err)
		}
	}
	_, err := c.lead().SyncServices(ctx, client.SyncRequest{ServiceIDs: []string{c.service}}, 0)
	must(err)
	silent, err := c.store.SilentSyncs(ctx, time.Now().Add(time.Hour), 100)
	must(err)
	claim := store.SyncClaim{TaskID: silent[0].TaskID, JobID: silent[0].JobID, Owner: "test"}
	_, _, err = c.store.ClaimSync(ctx, claim, time.Now(), time.Now())
	must(err)
	for _, stream := range []rampforge.Stream{rampforge.StreamPullRequests, rampforge.StreamWorkItems} {
		at, err := c.store.Position(ctx, store.Place{ServiceID: c.service, ResourceID: "r", Stream: stream})
		must(err)
		page := slices.DeleteFunc(slices.Clone(records), func(r rampforge.Record) bool { return r.Stream != stream })
		must(c.store.PutPage(ctx, claim, &at, page, []byte(`"end"`), nil, time.Now()))
		must(c.store.PlaceDone(ctx, claim, at, time.Now()))
	}
	must(c.store.FinishSync(ctx, claim, store.SyncEnd{Status: rampforge.SyncCompleted, Message: "Done."}, time.Now(), c.enqueue))
	c.resolve()
	c.refresh()
}

// resolve finds out who is who, as the end of a sync does.
func (c *crew) resolve() {
	c.t.Helper()
	if _, err := (&ingest.People{Store: c.store, Now: time.Now}).Resolve(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// refresh brings the project's facts up to date, as a worker does.
func (c *crew) refresh() {
	c.t.Helper()
	ctx := c.t.Context()
	if err := c.store.StaleWorkflow(ctx, c.project, time.Now()); err != nil {
		c.t.Fatal(err)
	}
	silent, err := c.store.SilentWorkflows(ctx, time.Now().Add(time.Hour), 100)
	if err != nil || len(silent) == 0 {
		c.t.Fatalf("%+v, %v", silent, err)
	}
	for _, s := range silent {
		claim := store.WorkflowClaim{ProjectID: s.ProjectID, JobID: s.JobID, Owner: "test"}
		was, claimed, err := c.store.ClaimWorkflow(ctx, claim, time.Now(), time.Now())
		if err != nil || !claimed {
			c.t.Fatalf("%v, %v", claimed, err)
		}
		if err := c.measurer.Refresh(ctx, claim, was); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *crew) team(explain bool) team.Insights {
	c.t.Helper()
	r, err := c.lead().Team(c.t.Context(), c.project, explain)
	if err != nil {
		c.t.Fatal(err)
	}
	return r.TeamInsights
}
