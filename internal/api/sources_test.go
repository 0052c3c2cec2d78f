package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

func jiraService(name string) client.NewService {
	return client.NewService{Type: rampforge.ServiceJira, Name: name, Endpoint: "https://jira.example.com", Credentials: map[string]string{"token": planted}}
}

// has says that a service was seen to have resources.
func (w *world) has(service rampforge.Service, resources ...rampforge.Resource) {
	w.t.Helper()
	row, err := w.store.ServiceSecret(w.t.Context(), service.ID)
	if err == nil {
		err = w.store.PutListed(w.t.Context(), row, resources, time.Now())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func repositoryOf(id, owner, name string) rampforge.Resource {
	return rampforge.Resource{ID: id, Kind: "repository", Key: owner + "/" + name, Name: name, URL: "https://example.com/" + owner + "/" + name, Streams: []rampforge.Stream{rampforge.StreamPullRequests}}
}

func trackerOf(id, key string) rampforge.Resource {
	return rampforge.Resource{ID: id, Kind: "project", Key: key, Name: key, URL: "https://jira.example.com/browse/" + key, Streams: []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints}}
}

// bound returns what a project is bound to, each as resource and by what.
func bound(sources []rampforge.ProjectSource) map[string]string {
	out := map[string]string{}
	for _, v := range sources {
		out[v.ResourceID] = v.BoundBy
	}
	return out
}

func TestAProjectBindsItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		tracker, code := w.add(jiraService("Tracker")), w.add(gitHub("Code"))
		w.has(tracker, trackerOf("10", "PAY"), trackerOf("11", "OPS"))
		made, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", RepositoryURL: "https://Example.com/Team/pay.git", PMTool: rampforge.PMToolJira, PMProjectKey: "pay"})
		if err != nil {
			t.Fatal(err)
		}
		management := made.ProjectManagement
		if diff := cmp.Diff(map[string]string{"10": "match"}, bound(management.Sources)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if management.WorkspaceURL == nil || *management.WorkspaceURL != "https://jira.example.com/browse/PAY" || management.LastSynced != nil || len(management.Unbound) != 1 || management.Unbound[0].Wish != "repository" {
			t.Errorf("%+v", management)
		}
		// What the other service has is bound when it appears.
		w.has(code, repositoryOf("1", "team", "pay"), repositoryOf("2", "team", "other"))
		p, err := w.lead().Project(ctx, made.ID)
		if err != nil || len(p.ProjectManagement.Unbound) != 0 {
			t.Errorf("%+v, %v", p.ProjectManagement, err)
		}
		if diff := cmp.Diff(map[string]string{"10": "match", "1": "match"}, bound(p.ProjectManagement.Sources)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// Another key is another resource.
		p, err = w.lead().UpdateProject(ctx, made.ID, map[string]any{"pm_project_key": "OPS"})
		if diff := cmp.Diff(map[string]string{"11": "match", "1": "match"}, bound(p.ProjectManagement.Sources)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		// By hand: one out, one in; matching leaves it at that.
		got, err := w.lead().SetSources(ctx, made.ID, []client.SourceRef{{ServiceID: code.ID, ResourceID: "2"}, {ServiceID: tracker.ID, ResourceID: "11"}})
		if diff := cmp.Diff(map[string]string{"11": "match", "2": "hand"}, bound(got)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		w.has(code, repositoryOf("1", "team", "pay"))
		got, err = w.lead().Sources(ctx, made.ID)
		if diff := cmp.Diff(map[string]string{"11": "match", "2": "hand"}, bound(got)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		got, err = w.lead().SetSources(ctx, made.ID, []client.SourceRef{{ServiceID: code.ID, ResourceID: "1"}})
		if diff := cmp.Diff(map[string]string{"1": "hand"}, bound(got)); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		_, err = w.lead().SetSources(ctx, made.ID, []client.SourceRef{{ServiceID: code.ID, ResourceID: "99"}})
		wantStatus(t, "a resource that nobody saw", err, http.StatusUnprocessableEntity)
		_, err = w.developer().SetSources(ctx, made.ID, nil)
		wantStatus(t, "a developer", err, http.StatusForbidden)
		_, err = w.observer().Sources(ctx, made.ID)
		wantStatus(t, "a stranger", err, http.StatusNotFound)
	})
}

// TestADisabledServiceIsNotMatched and so is one of another type.
func TestADisabledServiceIsNotMatched(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		off := jiraService("Off")
		off.Enabled = new(false)
		w.has(w.add(off), trackerOf("1", "PAY"))
		w.has(w.add(gitHub("Code")), trackerOf("2", "PAY"))
		made, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "P", PMTool: rampforge.PMToolJira, PMProjectKey: "PAY"})
		if err != nil || len(made.ProjectManagement.Sources) != 0 || len(made.ProjectManagement.Unbound) != 1 {
			t.Errorf("%+v, %v", made.ProjectManagement, err)
		}
	})
}

func TestSyncOfAProject(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		bare, err := w.lead().CreateProject(ctx, client.NewProject{Name: "bare"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.lead().SyncProject(ctx, bare.ID, false, 0)
		wantStatus(t, "a project that is bound to nothing", err, http.StatusConflict)
		tracker := w.add(jiraService("Tracker"))
		w.has(tracker, trackerOf("10", "PAY"), trackerOf("11", "OPS"))
		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", PMTool: rampforge.PMToolJira, PMProjectKey: "PAY", TeamMembers: []string{"developer@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		run, err := w.developer().SyncProject(ctx, p.ID, true, 0)
		if err != nil || run.Total != 1 || run.Results[0].ServiceID != tracker.ID || len(run.Results[0].Resources) != 1 || run.Results[0].Resources[0] != "10" {
			t.Fatalf("%+v, %v", run, err)
		}
		_, err = w.observer().SyncProject(ctx, p.ID, false, 0)
		wantStatus(t, "an observer", err, http.StatusForbidden)
		// The older calls, which are kept for who has them.
		one, err := w.lead().SyncResource(ctx, tracker.ID, "ops", 0) //nolint:staticcheck // deprecated, and still promised
		if err != nil || one.Total != 1 || !slices.Equal(one.Results[0].Resources, []string{"10", "11"}) {
			t.Errorf("%+v, %v", one, err)
		}
		_, err = w.lead().SyncResource(ctx, tracker.ID, "none", 0) //nolint:staticcheck // deprecated, and still promised
		wantStatus(t, "a resource that nobody has", err, http.StatusUnprocessableEntity)
		_, err = w.developer().SyncResource(ctx, tracker.ID, "ops", 0) //nolint:staticcheck // deprecated, and still promised
		wantStatus(t, "a developer", err, http.StatusForbidden)
		all, err := w.lead().SyncAllProjects(ctx) //nolint:staticcheck // deprecated, and still promised
		if err != nil || all.TotalSynced != 2 || all.Successful != 1 || all.Failed != 1 || all.StartedAt.IsZero() || len(all.Results) != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		started, failed := all.Results[0], all.Results[1]
		if started.ProjectID != p.ID {
			started, failed = failed, started
		}
		if started.Name != "P" || started.Status != rampforge.SyncRunning || started.SyncID == nil || started.Error != nil {
			t.Errorf("%+v", started)
		}
		if failed.ProjectID != bare.ID || failed.Status != rampforge.SyncFailed || failed.SyncID != nil || failed.Error == nil || *failed.Error == "" {
			t.Errorf("%+v", failed)
		}
		if run, err := w.lead().Sync(ctx, *started.SyncID); err != nil || run.ID != *started.SyncID {
			t.Errorf("%+v, %v", run, err)
		}
	})
}

// keep keeps records of a resource, as a sync does.
func (w *world) keep(service rampforge.Service, resource string, records ...rampforge.Record) {
	w.t.Helper()
	ctx := w.t.Context()
	if _, err := w.admin().SyncServices(ctx, client.SyncRequest{ServiceIDs: []string{service.ID}}, 0); err != nil {
		w.t.Fatal(err)
	}
	silent, err := w.store.SilentSyncs(ctx, time.Now().Add(time.Hour), 100)
	if err != nil || len(silent) != 1 {
		w.t.Fatalf("%+v, %v", silent, err)
	}
	c := store.SyncClaim{TaskID: silent[0].TaskID, JobID: silent[0].JobID, Owner: "test"}
	if _, claimed, err := w.store.ClaimSync(ctx, c, time.Now(), time.Now()); err != nil || !claimed {
		w.t.Fatalf("%v, %v", claimed, err)
	}
	for _, r := range records {
		at, err := w.store.Position(ctx, store.Place{ServiceID: service.ID, ResourceID: resource, Stream: r.Stream})
		if err == nil {
			err = w.store.PutPage(ctx, c, &at, []rampforge.Record{r}, []byte("1"), nil, time.Now())
		}
		if err == nil {
			err = w.store.PlaceDone(ctx, c, at, time.Now())
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.store.FinishSync(ctx, c, store.SyncEnd{Status: rampforge.SyncCompleted}, time.Now(), w.enqueue); err != nil {
		w.t.Fatal(err)
	}
}

func TestWhatWasSyncedOfAProject(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		item := func(n int, kind, status string, category rampforge.StatusCategory, assignee string) rampforge.Record {
			at := day.AddDate(0, 0, n)
			return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprint(n), UpdatedAt: at, WorkItem: &rampforge.WorkItem{
				Key: fmt.Sprint("PAY-", n), Title: fmt.Sprintf("Über 100%% of item_%d", n), Body: "long", Type: kind, Status: status, StatusCategory: category, UpdatedAt: at, CreatedAt: day,
				Assignees: []rampforge.Account{{ID: assignee, Login: "l" + assignee, Email: assignee + "@example.com"}}, Comments: []rampforge.Comment{{ID: "1"}},
			}}
		}
		tracker := w.add(jiraService("Tracker"))
		w.has(tracker, trackerOf("10", "PAY"), trackerOf("11", "OPS"))
		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", PMTool: rampforge.PMToolJira, PMProjectKey: "PAY"})
		if err != nil {
			t.Fatal(err)
		}
		w.keep(tracker, "10", item(1, "Bug", "Open", rampforge.StatusToDo, "aa"), item(2, "Story", "Doing", rampforge.StatusInProgress, "AA"), item(3, "Bug", "Closed", rampforge.StatusDone, "aab"),
			rampforge.Record{Stream: rampforge.StreamSprints, ID: "7", UpdatedAt: day, Sprint: &rampforge.Sprint{Name: "Sprint 7", State: "active", StartAt: &day}},
			rampforge.Record{Stream: rampforge.StreamPullRequests, ID: "8", UpdatedAt: day, PullRequest: &rampforge.PullRequest{Number: 8, Title: "Change", State: "merged", MergedAt: &day, Assignees: []rampforge.Account{{ID: "aa"}}}})
		w.keep(tracker, "11", item(4, "Bug", "Open", rampforge.StatusToDo, "aa"))
		for name, test := range map[string]struct {
			query client.Query
			want  []string
		}{
			"everything, the last updated first": {nil, []string{"PAY-3", "PAY-2", "PAY-1"}},
			"a state":                            {client.Query{"state": "Doing"}, []string{"PAY-2"}},
			"a category":                         {client.Query{"status_category": "done"}, []string{"PAY-3"}},
			"a type":                             {client.Query{"type": "Bug"}, []string{"PAY-3", "PAY-1"}},
			"an account":                         {client.Query{"assignee": "aa"}, []string{"PAY-1"}},
			"a day":                              {client.Query{"updated_since": "2026-03-03T01:00:00+01:00"}, []string{"PAY-3", "PAY-2"}},
			"a title":                            {client.Query{"search": "üBER 100% OF ITEM_2"}, []string{"PAY-2"}},
			"no joker":                           {client.Query{"search": "item%2"}, []string{}},
			"two of them":                        {client.Query{"type": "Bug", "state": "Open"}, []string{"PAY-1"}},
		} {
			list, err := w.lead().WorkItems(ctx, p.ID, test.query)
			got := []string{}
			for _, v := range list.WorkItems {
				got = append(got, v.Key)
			}
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" || list.Total != len(test.want) {
				t.Errorf("%s: %d in all, %v (-want +got):\n%s", name, list.Total, err, diff)
			}
		}
		page, err := w.lead().WorkItems(ctx, p.ID, client.Paging(1, 1))
		if err != nil || page.Total != 3 || !page.HasMore || len(page.WorkItems) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		if v := page.WorkItems[0]; v.Key != "PAY-2" || v.ID != "2" || v.ServiceID != tracker.ID || v.ResourceKey != "PAY" || v.Comments != 1 || v.Assignees[0].Login != "lAA" || v.SyncedAt.IsZero() {
			t.Errorf("%+v", v)
		}
		if raw := w.raw("GET", "/api/v1/projects/"+p.ID+"/work-items", "", w.bearer(rampforge.RoleTeamLead)...); strings.Contains(raw.body, "@example.com") {
			t.Errorf("addresses of accounts are shown: %s", raw.body)
		}
		sprints, err := w.lead().Sprints(ctx, p.ID, client.Query{"state": "active"})
		if err != nil || sprints.Total != 1 || sprints.Sprints[0].Name != "Sprint 7" || sprints.Sprints[0].ID != "7" {
			t.Errorf("%+v, %v", sprints, err)
		}
		changes, err := w.lead().PullRequests(ctx, p.ID, client.Query{"state": "merged", "assignee": "aa"})
		if err != nil || changes.Total != 1 || changes.PullRequests[0].Number != 8 {
			t.Errorf("%+v, %v", changes, err)
		}
		detail, err := w.lead().Project(ctx, p.ID)
		if err != nil || detail.ProjectManagement.LastSynced == nil {
			t.Errorf("%+v, %v", detail.ProjectManagement, err)
		}
		for _, path := range []string{"work-items", "pull-requests", "sprints"} {
			if a := w.raw("GET", "/api/v1/projects/"+p.ID+"/"+path, "", w.bearer(rampforge.RoleDeveloper)...); a.status != http.StatusNotFound {
				t.Errorf("a stranger reads %s: %d", path, a.status)
			}
		}
	})
}

func TestSyncInterval(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		service := jiraService("Tracker")
		service.SyncInterval = new(5)
		made := w.add(service)
		if made.SyncInterval == nil || *made.SyncInterval != 5 || made.NextSync != nil {
			t.Errorf("%+v", made)
		}
		if _, err := w.lead().ConnectService(ctx, made.ID); err != nil {
			t.Fatal(err)
		}
		if known, err := w.lead().Service(ctx, made.ID); err != nil || known.NextSync == nil {
			t.Errorf("connected, it is never synced: %+v, %v", known, err)
		}
		for _, minutes := range []int{-1, 4, 10081} {
			_, err := w.lead().UpdateService(ctx, made.ID, map[string]any{"sync_interval": minutes})
			wantStatus(t, fmt.Sprint(minutes), err, http.StatusUnprocessableEntity)
		}
		for _, test := range []struct {
			change map[string]any
			want   *int
			next   bool
		}{{map[string]any{"sync_interval": 0}, new(0), false}, {map[string]any{"name": "Other"}, new(0), false}, {map[string]any{"sync_interval": nil}, nil, true}} {
			got, err := w.lead().UpdateService(ctx, made.ID, test.change)
			if err != nil || !cmp.Equal(got.SyncInterval, test.want) || (got.NextSync != nil) != test.next {
				t.Errorf("%v: %+v, %v", test.change, got, err)
			}
		}
	}, func(s *setting) { s.api.SyncEvery = time.Hour })
}
