package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

func TestRepositories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		added, err := w.lead().AddRepository(ctx, client.NewRepository{URL: "https://GIT.example.com/team/service.git"})
		if err != nil {
			t.Fatal(err)
		}
		want := rampforge.Repository{Name: "service", URL: "https://git.example.com/team/service", Type: rampforge.RepositoryGit, AnalysisStatus: rampforge.AnalysisPending}
		if diff := cmp.Diff(want, added, cmpopts.IgnoreFields(rampforge.Repository{}, "ID", "CreatedAt")); diff != "" || !strings.HasPrefix(added.ID, "repo_") {
			t.Errorf("%s (-want +got):\n%s", added.ID, diff)
		}
		_, err = w.lead().AddRepository(ctx, client.NewRepository{URL: "https://git.example.com/team/service"})
		wantStatus(t, "the same again", err, http.StatusConflict)
		_, err = w.lead().AddRepository(ctx, client.NewRepository{URL: "file:///etc"})
		wantStatus(t, "an address that is refused", err, http.StatusUnprocessableEntity)
		_, err = w.lead().Call(ctx, "POST", "/api/v1/repositories", map[string]any{"url": "https://example.com/a", "service_id": "svc_1"}, nil)
		wantStatus(t, "a service", err, http.StatusUnprocessableEntity)
		named, err := w.lead().AddRepository(ctx, client.NewRepository{URL: "https://example.com/other", Name: "mine", Type: rampforge.RepositoryGitHub})
		if err != nil || named.Name != "mine" || named.Type != rampforge.RepositoryGitHub {
			t.Errorf("%+v, %v", named, err)
		}

		for _, tt := range []struct {
			who   *client.Client
			query client.Query
			names []string
			total int
		}{
			{w.lead(), nil, []string{"mine", "service"}, 2},
			{w.admin(), nil, []string{"mine", "service"}, 2},
			{w.developer(), nil, []string{}, 0},
			{w.lead(), client.Paging(1, 1), []string{"service"}, 2},
			{w.lead(), client.Query{"type": "github"}, []string{"mine"}, 1},
			{w.lead(), client.Query{"status": "completed"}, []string{}, 0},
		} {
			list, total, err := tt.who.Repositories(ctx, tt.query)
			names := []string{}
			for _, r := range list {
				names = append(names, r.Name)
			}
			if diff := cmp.Diff(tt.names, names); err != nil || diff != "" || total != tt.total || list == nil {
				t.Errorf("%v: %d, %v (-want +got):\n%s", tt.query, total, err, diff)
			}
		}
		if got, err := w.lead().Repository(ctx, added.ID); err != nil || got.URL != added.URL {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = w.developer().Repository(ctx, added.ID)
		wantStatus(t, "somebody else's", err, http.StatusNotFound)
		if err := w.lead().DeleteRepository(ctx, added.ID); err != nil {
			t.Error(err)
		}
		wantStatus(t, "again", w.lead().DeleteRepository(ctx, added.ID), http.StatusNotFound)
	})
}

// TestRemovingWhatOthersAdded lets a team lead who sees a repository through a
// project try to remove it.
func TestRemovingWhatOthersAdded(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "shared", RepositoryURL: "https://example.com/shared", TeamMembers: []string{"second@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		second := w.person("second@example.com", rampforge.RoleTeamLead)
		if _, err := second.client.Repository(ctx, *p.RepositoryID); err != nil {
			t.Errorf("a member cannot see the repository: %v", err)
		}
		wantStatus(t, "removing the repository", second.client.DeleteRepository(ctx, *p.RepositoryID), http.StatusForbidden)
		wantStatus(t, "removing the project", second.client.DeleteProject(ctx, p.ID), http.StatusForbidden)
		if err := w.admin().DeleteRepository(ctx, *p.RepositoryID); err != nil {
			t.Errorf("an admin: %v", err)
		}
	})
}

func TestAnalyses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := w.repository("https://example.com/team/analysed")
		_, _, err := w.lead().Report(ctx, r.ID, "")
		wantStatus(t, "before the first report", err, http.StatusNotFound)
		first, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{Ref: "main", AnalysisType: rampforge.AnalysisQuick, IncludeDependencies: new(false)}, 0)
		if err != nil || first.Status != rampforge.AnalysisQueued || first.EstimatedCompletion != nil || first.RepositoryID != r.ID {
			t.Fatalf("%+v, %v", first, err)
		}
		again, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
		if err != nil || again.AnalysisID != first.AnalysisID {
			t.Errorf("while one runs: %+v, %v", again, err)
		}
		run, err := w.lead().Analysis(ctx, first.AnalysisID)
		options := rampforge.AnalysisOptions{Type: rampforge.AnalysisQuick, Ref: "main"}
		if err != nil || run.Options != options || string(run.Report) != "null" {
			t.Errorf("%+v, %v", run, err)
		}
		w.finish(first.AnalysisID, sampleReport)
		done, err := w.lead().Analysis(ctx, first.AnalysisID)
		if err != nil || done.Status != rampforge.AnalysisCompleted || string(done.Report) != sampleReport {
			t.Errorf("the report is not what was written: %s, %v", done.Report, err)
		}
		for _, bad := range []string{"-upload-pack=x", "a..b", "a b", "HEAD@{1}", "x\\y", "a:b"} {
			_, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{Ref: bad}, 0)
			wantStatus(t, "ref "+bad, err, http.StatusUnprocessableEntity)
		}
		_, err = w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{AnalysisType: "deep"}, 0)
		wantStatus(t, "unknown type", err, http.StatusUnprocessableEntity)
		list, err := w.lead().Analyses(ctx, r.ID, client.Paging(10, 0))
		if err != nil || list.Total != 1 || len(list.Analyses) != 1 || list.Analyses[0].ID != first.AnalysisID {
			t.Errorf("%+v, %v", list, err)
		}
		next, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{AnalysisType: rampforge.AnalysisQuick}, 0)
		if err != nil || next.AnalysisID == first.AnalysisID || next.EstimatedCompletion == nil {
			t.Errorf("after one that took some time: %+v, %v", next, err)
		}
	})
}

// TestFailureIsTold asks, in every way that there is, why there is no report.
func TestFailureIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const reason = "The address does not answer."
		ctx := t.Context()
		r := w.repository("https://example.com/team/failing")
		started, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		waited := make(chan client.Started, 1)
		go func() {
			answer, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 30*time.Second)
			if err != nil {
				t.Error(err)
			}
			waited <- answer
		}()
		w.waiting(1)
		path := "/api/v1/repositories/" + r.ID + "/analysis"
		waiting := w.raw("GET", path, "", w.bearer(rampforge.RoleTeamLead)...)
		if waiting.status != http.StatusNotFound || !strings.Contains(waiting.body, "queued") {
			t.Errorf("while it waits: %d %s", waiting.status, waiting.body)
		}
		if _, err := w.store.FinishRun(ctx, w.claim(started.AnalysisID), store.Outcome{Status: rampforge.AnalysisFailed, Error: new(reason)}, time.Now()); err != nil {
			t.Fatal(err)
		}
		failed := w.raw("GET", path, "", w.bearer(rampforge.RoleTeamLead)...)
		if failed.status != http.StatusNotFound || !strings.Contains(failed.body, reason) || !strings.Contains(failed.body, started.AnalysisID) {
			t.Errorf("after the failure: %d %s", failed.status, failed.body)
		}
		answer := <-waited
		if answer.Status != rampforge.AnalysisFailed || answer.Message != "The analysis has failed: "+reason {
			t.Errorf("who waited for it hears %+v", answer)
		}
	})
}

// TestReport reads the newest report while the next run is under way.
func TestReport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r, id := w.analysed("https://example.com/team/reported", sampleReport)
		first, changed, err := w.lead().Report(ctx, r.ID, "")
		if err != nil || !changed || first.ID != id || first.RepositoryID != r.ID || first.Status != rampforge.AnalysisCompleted {
			t.Fatalf("%+v, %v", first, err)
		}
		if !strings.HasSuffix(string(first.JSON), sampleReport[1:]) || !json.Valid(first.JSON) {
			t.Errorf("the report was written anew: %s", first.JSON)
		}
		if strings.HasPrefix(first.ETag, "W/") || len(first.ETag) < 10 {
			t.Errorf("ETag %q is not strong", first.ETag)
		}
		for _, tag := range []string{first.ETag, "W/" + first.ETag, `"other", ` + first.ETag, "*"} {
			if a := w.raw("GET", "/api/v1/repositories/"+r.ID+"/analysis", "", append(w.bearer(rampforge.RoleTeamLead), "If-None-Match", tag)...); a.status != 304 || a.body != "" || strings.TrimPrefix(a.header.Get("ETag"), "W/") != first.ETag {
				t.Errorf("If-None-Match %s: %d %q", tag, a.status, a.body)
			}
		}
		started, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		queued, changed, err := w.lead().Report(ctx, r.ID, first.ETag)
		if err != nil || !changed || queued.Status != rampforge.AnalysisQueued || queued.ID != id {
			t.Errorf("the tag does not cover the status: %+v, %v, %v", queued, changed, err)
		}
		w.finish(started.AnalysisID, `{"schema":"x","commit":"bbb"}`)
		second, _, err := w.lead().Report(ctx, r.ID, queued.ETag)
		if err != nil || second.ID != started.AnalysisID || second.Commit != "bbb" || second.ETag == queued.ETag {
			t.Errorf("%+v, %v", second, err)
		}
		head := w.raw("HEAD", "/api/v1/repositories/"+r.ID+"/analysis", "", w.bearer(rampforge.RoleTeamLead)...)
		if head.status != 200 || head.body != "" || head.header.Get("ETag") != second.ETag {
			t.Errorf("HEAD: %+v", head)
		}
		_, _, err = w.developer().Report(ctx, r.ID, "")
		wantStatus(t, "a stranger", err, http.StatusNotFound)
	})
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := w.repository("https://example.com/team/cancelled")
		queued, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		run, err := w.lead().Cancel(ctx, queued.AnalysisID)
		if err != nil || run.Status != rampforge.AnalysisCancelled {
			t.Errorf("a queued one: %+v, %v", run, err)
		}
		running, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		claim := w.claim(running.AnalysisID)
		if run, err = w.lead().Cancel(ctx, running.AnalysisID); err != nil || run.Status != rampforge.AnalysisRunning {
			t.Errorf("a running one: %+v, %v", run, err)
		}
		if pulse, err := w.store.BeatRun(ctx, claim, time.Now()); err != nil || !pulse.Cancelled {
			t.Errorf("its worker does not hear of it: %+v, %v", pulse, err)
		}
		_, err = w.developer().Cancel(ctx, running.AnalysisID)
		wantStatus(t, "a stranger", err, http.StatusNotFound)
	})
}

// TestPreferWait waits for the end of a run that another process works.
func TestPreferWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := w.repository("https://example.com/team/waited")
		var group sync.WaitGroup
		answers := make([]client.Started, 3)
		for n := range answers {
			group.Go(func() {
				var err error
				if answers[n], err = w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 30*time.Second); err != nil {
					t.Error(err)
				}
			})
		}
		w.waiting(len(answers))
		list, err := w.lead().Analyses(ctx, r.ID, nil)
		if err != nil || len(list.Analyses) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		id := list.Analyses[0].ID
		w.finish(id, sampleReport)
		group.Wait()
		for _, a := range answers {
			if a.AnalysisID != id || a.Status != rampforge.AnalysisCompleted {
				t.Errorf("%+v", a)
			}
		}
	})
}

func TestPreferWaitEnds(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/slow")
		path := "/api/v1/repositories/" + r.ID + "/analyze"
		a := w.raw("POST", path, "", append(w.bearer(rampforge.RoleTeamLead), "Prefer", "respond-async, wait=1")...)
		if a.status != http.StatusAccepted || a.header.Get("Preference-Applied") != "wait=1" {
			t.Errorf("%d %v", a.status, a.header)
		}
		for _, prefer := range []string{"wait=soon", "wait=-1", "wait=0", "return=minimal", "", "wait"} {
			start := time.Now()
			a := w.raw("POST", path, "", append(w.bearer(rampforge.RoleTeamLead), "Prefer", prefer)...)
			if a.status != http.StatusAccepted || a.header.Get("Preference-Applied") != "" || time.Since(start) > 900*time.Millisecond {
				t.Errorf("Prefer %q: %d %v after %s", prefer, a.status, a.header, time.Since(start))
			}
		}
		// A shutdown does not wait for the waiting.
		ended := make(chan answer)
		go func() {
			ended <- w.raw("POST", path, "", append(w.bearer(rampforge.RoleTeamLead), "Prefer", "wait=60")...)
		}()
		w.waiting(1)
		w.api.Close()
		if a := <-ended; a.status != http.StatusAccepted {
			t.Errorf("at shutdown: %d %s", a.status, a.body)
		}
	})
}

// waiting returns once n requests wait.
func (w *world) waiting(n int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	for w.api.Watchers() < n {
		if ctx.Err() != nil {
			w.t.Fatalf("%d requests wait, want %d", w.api.Watchers(), n)
		}
		runtime.Gosched()
	}
}
