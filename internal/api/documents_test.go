package api_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

// documented makes documents of a project as a worker does.
func (w *world) documented(project string) rampforge.DocumentRun {
	w.t.Helper()
	ctx := w.t.Context()
	run, err := w.lead().MakeDocuments(ctx, project, client.DocumentsRequest{Kinds: []rampforge.DocumentKind{rampforge.DocumentArchitecture}}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	at := exampleTime()
	sources, err := w.store.DocumentSources(ctx, project)
	if err != nil {
		w.t.Fatal(err)
	}
	c := w.documentClaim()
	kept := store.KeptDocument{MadeOf: sources[rampforge.DocumentArchitecture], Change: rampforge.DocumentChange{Kind: rampforge.DocumentArchitecture, Changed: []string{"context"}, Removed: []string{}},
		Progress: rampforge.Progress{Done: 1, Total: 1, Unit: "documents", Stage: "architecture"}}
	kept.GeneratedDocument = rampforge.GeneratedDocument{ProjectID: project, Kind: rampforge.DocumentArchitecture, Title: "Sailing: Architecture", Commit: firstCommit, NotFound: []string{"What it keeps: no model and no table was found."},
		Changed: []string{"context"}, GeneratedAt: at, Sections: []rampforge.DocumentSection{{
			Key: "context", Title: "Context: who uses it, and what it speaks with", Model: "extractive", GeneratedAt: at, SourcesHash: strings.Repeat("0f", 32),
			Text:      "```mermaid\nflowchart TD\n  n0[\"System#58; sailing\"]\n  n1[\"Database#58; PostgreSQL\"]\n  n0 --> n1\n```\n\n- **PostgreSQL** (database): the dependency `github.com/jackc/pgx/v5` [1]",
			Citations: []rampforge.Citation{{N: 1, Kind: rampforge.PassageCode, Title: "go.mod", Path: "go.mod", StartLine: new(7), EndLine: new(7), Commit: firstCommit, Excerpt: "\tgithub.com/jackc/pgx/v5 v5.6.0"}},
		}}}
	if err := w.store.KeepDocument(ctx, c, kept, at); err != nil {
		w.t.Fatal(err)
	}
	if err := w.store.FinishDocuments(ctx, c, rampforge.JobCompleted, nil, at); err != nil {
		w.t.Fatal(err)
	}
	// What clocks say is made the same each time.
	if _, err := w.db.Write().ExecContext(ctx, `UPDATE document_runs SET created_at = $1, started_at = $1, finished_at = $1`, at); err != nil {
		w.t.Fatal(err)
	}
	return run
}

// documentClaim takes the one run of documents that waits, as a worker does.
func (w *world) documentClaim() store.DocumentClaim {
	w.t.Helper()
	silent, err := w.store.SilentDocuments(w.t.Context(), time.Now().Add(24*time.Hour), 10)
	if err != nil || len(silent) != 1 {
		w.t.Fatal(silent, err)
	}
	c := store.DocumentClaim{RunID: silent[0].ID, JobID: silent[0].JobID, Owner: "test"}
	if _, claimed, err := w.store.ClaimDocuments(w.t.Context(), c, time.Now(), time.Now()); err != nil || !claimed {
		w.t.Fatal(claimed, err)
	}
	return c
}

func TestDocuments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, project := t.Context(), w.sailing()
		path := "/api/v1/projects/" + project + "/documents"
		none, err := w.observer().Documents(ctx, project)
		if err != nil || len(none.Documents) != 6 || none.Run != nil || none.Documents[1].State != "not_made" || none.Documents[1].GeneratedAt != nil {
			t.Errorf("before the first: %+v, %v", none, err)
		}
		if empty := w.asLead("GET", path+"/export", ""); empty.status != http.StatusNotFound {
			t.Errorf("an export of nothing: %d", empty.status)
		}
		first, err := w.developer().MakeDocuments(ctx, project, client.DocumentsRequest{}, 0)
		if err != nil || first.Status != rampforge.JobQueued || len(first.Kinds) != 6 {
			t.Fatalf("%+v, %v", first, err)
		}
		again := w.asLead("POST", path, `{"kinds":["glossary"]}`)
		if run := decoded[rampforge.DocumentRun](t, again); again.status != http.StatusAccepted || run.ID != first.ID || len(run.Kinds) != 6 {
			t.Errorf("a second time: %d %+v", again.status, run)
		}
		if list, err := w.observer().Documents(ctx, project); err != nil || list.Documents[0].State != "being_made" || list.Run == nil || list.Run.ID != first.ID {
			t.Errorf("under way: %+v, %v", list, err)
		}
		ended, err := w.developer().CancelDocuments(ctx, project, first.ID)
		if err != nil || ended.Status != rampforge.JobCancelled {
			t.Errorf("%+v, %v", ended, err)
		}
		w.documented(project)
		d, err := w.observer().Document(ctx, project, rampforge.DocumentArchitecture)
		if err != nil || d.Stale || len(d.Sections) != 1 || d.Sections[0].Citations[0].Path != "go.mod" {
			t.Errorf("%+v, %v", d, err)
		}
		json := w.asLead("GET", path+"/architecture", "")
		if same := w.asLead("GET", path+"/architecture", "", "If-None-Match", json.header.Get("ETag")); same.status != http.StatusNotModified || json.header.Get("ETag") == "" {
			t.Errorf("its tag is %q, then %d", json.header.Get("ETag"), same.status)
		}
		md := w.asLead("GET", path+"/architecture", "", "Accept", "text/markdown", "If-None-Match", json.header.Get("ETag"))
		for _, want := range []string{"# Sailing: Architecture\n", "flowchart TD", "`github.com/jackc/pgx/v5` [1]", "## What the sources do not say", "1. `go.mod`, line 7, at `1111111111`"} {
			if !strings.Contains(md.body, want) {
				t.Errorf("the Markdown lacks %q: %d\n%s", want, md.status, md.body)
			}
		}
		if got := md.header.Get("Content-Type"); !strings.HasPrefix(got, "text/markdown") {
			t.Errorf("it is %s", got)
		}
		w.exported(path)
		w.refusesDocuments(project)
		if err := w.developer().DeleteDocument(ctx, project, rampforge.DocumentArchitecture); err != nil {
			t.Error(err)
		}
		_, err = w.developer().Document(ctx, project, rampforge.DocumentArchitecture)
		wantStatus(t, "what was removed", err, http.StatusNotFound)
	})
}

// exported reads the bundle twice: the bytes are the same.
func (w *world) exported(path string) {
	w.t.Helper()
	one, two := w.asLead("GET", path+"/export", ""), w.asLead("GET", path+"/export", "")
	if one.body != two.body || one.header.Get("ETag") != two.header.Get("ETag") || one.header.Get("Content-Type") != "application/zip" {
		w.t.Errorf("two bundles differ: %s", one.header.Get("Content-Type"))
	}
	z, err := zip.NewReader(bytes.NewReader([]byte(one.body)), int64(len(one.body)))
	if err != nil || len(z.File) != 2 || z.File[0].Name != "index.md" || z.File[1].Name != "architecture.md" {
		w.t.Errorf("the bundle: %v", err)
	}
}

// refusesDocuments asks for what cannot be, and as who may not.
func (w *world) refusesDocuments(project string) {
	t, ctx := w.t, w.t.Context()
	t.Helper()
	path := "/api/v1/projects/" + project + "/documents"
	for body, status := range map[string]int{`{"kinds":["poem"]}`: http.StatusUnprocessableEntity, `{"force":"yes"}`: http.StatusUnprocessableEntity} {
		if got := w.asLead("POST", path, body); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	if got := w.asLead("GET", path+"/poem", ""); got.status != http.StatusNotFound || !strings.Contains(got.body, "ask for readme") {
		t.Errorf("a kind that is none: %d %s", got.status, got.body)
	}
	_, err := w.observer().MakeDocuments(ctx, project, client.DocumentsRequest{}, 0)
	wantStatus(t, "an observer making", err, http.StatusForbidden)
	wantStatus(t, "an observer removing", w.observer().DeleteDocument(ctx, project, rampforge.DocumentArchitecture), http.StatusForbidden)
	stranger := w.person("stranger@example.com", rampforge.RoleTeamLead).client
	_, err = stranger.MakeDocuments(ctx, project, client.DocumentsRequest{}, 0)
	wantStatus(t, "a stranger making", err, http.StatusNotFound)
	_, err = stranger.Documents(ctx, project)
	wantStatus(t, "a stranger listing", err, http.StatusNotFound)
	_, err = stranger.Document(ctx, project, rampforge.DocumentArchitecture)
	wantStatus(t, "a stranger reading", err, http.StatusNotFound)
	_, err = stranger.CancelDocuments(ctx, project, "docs_none")
	wantStatus(t, "a stranger ending", err, http.StatusNotFound)
	bare, err := w.lead().CreateProject(ctx, client.NewProject{Name: "Bare"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.lead().MakeDocuments(ctx, bare.ID, client.DocumentsRequest{}, 0)
	wantStatus(t, "a project without a repository", err, http.StatusConflict)
	young, err := w.lead().CreateProject(ctx, client.NewProject{Name: "Young", RepositoryURL: "https://example.com/team/young"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.lead().MakeDocuments(ctx, young.ID, client.DocumentsRequest{}, 0)
	wantStatus(t, "a project without a report", err, http.StatusNotFound)
}

// TestDocumentsAreWaitedFor holds the answer back until the end.
func TestDocumentsAreWaitedFor(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx, project := t.Context(), w.sailing()
		if run, err := w.developer().MakeDocuments(ctx, project, client.DocumentsRequest{}, 0); err != nil || run.Status.Finished() {
			t.Fatal(run, err)
		}
		c := w.documentClaim()
		done := make(chan error, 1)
		go func() { done <- w.store.FinishDocuments(ctx, c, rampforge.JobCompleted, nil, time.Now()) }()
		got := w.raw("POST", "/api/v1/projects/"+project+"/documents", `{}`, append(w.bearer(rampforge.RoleDeveloper), "Prefer", "wait=20")...)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		run := decoded[rampforge.DocumentRun](t, got)
		// Where the end came first, another run was begun, and waited for in vain.
		if run.ID == c.RunID && (got.status != http.StatusOK || run.Status != rampforge.JobCompleted) || got.header.Get("Preference-Applied") != "wait=20" {
			t.Errorf("%d %+v", got.status, run)
		}
	})
}

// TestDocumentsOfOthers do not exist for a stranger: neither by their project nor
// by the stranger's own, and nothing that is asked for touches them.
func TestDocumentsOfOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, project := t.Context(), w.sailing()
		ended := w.documented(project)
		waiting, err := w.developer().MakeDocuments(ctx, project, client.DocumentsRequest{}, 0)
		if err != nil || waiting.ID == ended.ID {
			t.Fatal(waiting, err)
		}
		stranger := w.person("stranger@example.com", rampforge.RoleTeamLead)
		own, err := stranger.client.CreateProject(ctx, client.NewProject{Name: "Own"})
		if err != nil {
			t.Fatal(err)
		}
		token := "Bearer " + stranger.session.AccessToken
		for _, id := range []string{project, own.ID} {
			for _, request := range []string{
				"GET /architecture", "GET /export", "GET /runs/" + ended.ID, "GET /runs/" + waiting.ID, "POST /runs/" + waiting.ID + "/cancel", "DELETE /architecture",
			} {
				method, end, _ := strings.Cut(request, " ")
				if got := w.raw(method, "/api/v1/projects/"+id+"/documents"+end, "", "Authorization", token); got.status != http.StatusNotFound || strings.Contains(got.body, "Sailing") {
					t.Errorf("%s by a stranger, of %s: %d %s", request, id, got.status, got.body)
				}
			}
		}
		if list, err := stranger.client.Documents(ctx, own.ID); err != nil || list.Run != nil || list.Documents[0].State != "not_made" {
			t.Errorf("the stranger's own: %+v, %v", list, err)
		}
		if list, err := w.observer().Documents(ctx, project); err != nil || list.Run == nil || list.Run.ID != waiting.ID || list.Run.Status != rampforge.JobQueued {
			t.Errorf("the run became %+v, %v", list.Run, err)
		}
		if d, err := w.observer().Document(ctx, project, rampforge.DocumentArchitecture); err != nil || len(d.Sections) != 1 {
			t.Errorf("the document became %+v, %v", d, err)
		}
	})
}
