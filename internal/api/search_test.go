package api_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

// searched plays the job that indexes a repository.
func (w *world) searched(repositoryID, commit string, at time.Time, passages ...rampforge.Passage) {
	w.t.Helper()
	ctx := w.t.Context()
	err := w.store.InTx(ctx, func(tx *sql.Tx) error { return w.store.StaleRepositorySearchTx(ctx, tx, repositoryID, at) })
	var of store.SearchScope
	if err == nil {
		of, err = w.store.ScopeOfRepository(ctx, repositoryID)
	}
	c := store.SearchClaim{Scope: of.Number, JobID: 1000 + of.Number, Owner: "test"}
	if err == nil {
		err = w.store.QueueSearch(ctx, func(_ context.Context, _ *sql.Tx, scope int64) (int64, error) { return 1000 + scope, nil }, 10, at)
	}
	var claimed bool
	if err == nil {
		of, claimed, err = w.store.ClaimSearch(ctx, c, at, at)
	}
	if err == nil && claimed {
		_, err = w.store.ChangePassages(ctx, c, store.PassageChange{Put: passages}, at)
	}
	if err == nil {
		err = w.store.FinishSearch(ctx, c, of, commit, at, at)
	}
	if err != nil || !claimed {
		w.t.Fatalf("indexing: claimed %t, %v", claimed, err)
	}
}

func lighthousePassages() []rampforge.Passage {
	at := time.Date(2025, 10, 2, 7, 30, 0, 0, time.UTC)
	return []rampforge.Passage{
		{Kind: rampforge.PassageCode, Key: "ship/ship.go", Version: "1", Title: "function Warn(s Ship) error", Path: "ship/ship.go", Symbol: "Warn", StartLine: 12, EndLine: 15,
			Names: "Warn (s Ship) error", Text: "// Warn tells a ship that rocks are near.\nfunc Warn(s Ship) error {\n\treturn s.Horn.Blow(3)\n}", Weight: 0.5},
		{Kind: rampforge.PassageDocument, Key: "README.md", Version: "1", Title: "Lighthouse › Night", Path: "README.md", StartLine: 5, EndLine: 8,
			Names: "Lighthouse › Night", Text: "## Night\n\nAfter sunset the lamp is lit.\nShips that come close are warned."},
		{Kind: rampforge.PassageCommit, Key: secondCommit, Version: "1", Title: "Warn ships earlier", Commit: secondCommit, Names: "Warn ships earlier",
			Text: "Warn ships earlier\n\nTwo of them ran aground.", Paths: []string{"ship/ship.go", "horn/horn.go"}, At: &at},
	}
}

// TestSearchProject finds what a member may see, page by page and kind by kind,
// with the lines to look at.
func TestSearchProject(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := w.repository("https://example.com/team/lighthouse")
		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "Lighthouse", RepositoryURL: "https://example.com/team/lighthouse", TeamMembers: []string{"observer@example.com"}})
		if err != nil || p.Repository == nil || p.Repository.ID != r.ID {
			t.Fatalf("%+v, %v", p, err)
		}
		before, err := w.lead().Search(ctx, p.ID, "ships", nil)
		if err != nil || len(before.Results) != 0 || len(before.Indexed) != 0 || before.Total != 0 {
			t.Errorf("before the first analysis: %+v, %v", before, err)
		}
		w.searched(r.ID, firstCommit, time.Now(), lighthousePassages()...)
		for name, c := range map[string]*client.Client{"its lead": w.lead(), "an observer that is a member": w.observer(), "an admin": w.admin()} {
			found, err := c.Search(ctx, p.ID, "where are ships warned", nil)
			if err != nil || found.Total != 3 || found.HasMore || len(found.Indexed) != 1 || found.Indexed[0].Passages != 3 || found.Indexed[0].Commit != firstCommit {
				t.Errorf("%s finds %+v, %v", name, found, err)
			}
		}
		found, err := w.lead().Search(ctx, p.ID, "Warn", client.Query{"kind": "code"})
		if err != nil || len(found.Results) != 1 {
			t.Fatalf("%+v, %v", found, err)
		}
		hit := found.Results[0]
		marked := []string{}
		for _, h := range hit.Highlights {
			marked = append(marked, hit.Snippet[h.Start:h.End])
		}
		if hit.Commit != firstCommit || *hit.StartLine != 12 || *hit.EndLine != 15 || *hit.SnippetAt != 12 || !strings.HasPrefix(hit.Snippet, "// Warn tells") || cmp.Diff([]string{"Warn", "Warn"}, marked) != "" {
			t.Errorf("the hit is %+v, marked %q", hit, marked)
		}
		found, err = w.lead().Search(ctx, p.ID, "ships warned", client.Query{"kind": "commit,document"})
		if err != nil || found.Total != 2 {
			t.Errorf("two kinds: %+v, %v", found, err)
		}
		for _, hit := range found.Results {
			if hit.Kind == rampforge.PassageCommit && (hit.Commit != secondCommit || hit.StartLine != nil || hit.At == nil || cmp.Diff([]string{"ship/ship.go", "horn/horn.go"}, hit.Paths) != "") {
				t.Errorf("the commit is %+v", hit)
			}
		}
		seen := map[string]bool{}
		for offset, more := range []bool{true, true, false} {
			page, err := w.lead().Search(ctx, p.ID, "ships warned", client.Query{"limit": "1", "offset": string(rune('0' + offset))})
			if err != nil || len(page.Results) != 1 || page.Total != 3 || page.HasMore != more {
				t.Fatalf("page %d: %+v, %v", offset, page, err)
			}
			seen[page.Results[0].Title] = true
		}
		if len(seen) != 3 {
			t.Errorf("the pages have %v", seen)
		}
		if page, err := w.lead().Search(ctx, p.ID, "ships", client.Query{"offset": "1000"}); err != nil || len(page.Results) != 0 || page.HasMore {
			t.Errorf("beyond the end: %+v, %v", page, err)
		}
	})
}

// TestWhoMaySearch: to everybody else neither the project nor its passages exist.
func TestWhoMaySearch(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/lighthouse")
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "Lighthouse", RepositoryURL: "https://example.com/team/lighthouse"})
		if err != nil {
			t.Fatal(err)
		}
		w.searched(r.ID, firstCommit, time.Now(), lighthousePassages()...)
		own, err := w.people[rampforge.RoleAdmin].client.CreateProject(t.Context(), client.NewProject{Name: "Empty"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*client.Client{w.developer(), w.observer()} {
			if _, err := c.Search(t.Context(), p.ID, "ships", nil); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
				t.Errorf("a stranger is answered %v", err)
			}
		}
		if found, err := w.admin().Search(t.Context(), own.ID, "ships", nil); err != nil || len(found.Results)+len(found.Indexed) != 0 {
			t.Errorf("a project without a repository finds %+v, %v", found, err)
		}
		path := "/api/v1/projects/" + p.ID + "/search"
		for query, want := range map[string]int{
			"": http.StatusUnprocessableEntity, "?q=": http.StatusUnprocessableEntity, "?q=%20%20": http.StatusUnprocessableEntity, "?q=a&kind=poem": http.StatusUnprocessableEntity,
			"?q=" + strings.Repeat("a", 4001): http.StatusUnprocessableEntity, "?q=a&limit=0": http.StatusUnprocessableEntity, "?q=a&offset=-1": http.StatusUnprocessableEntity,
			"?q=the+of": http.StatusOK, "?q=" + url.QueryEscape(`"'();*--`): http.StatusOK, "?q=%00%FF": http.StatusUnprocessableEntity, "?q=ships&kind=code,code": http.StatusOK,
		} {
			if a := w.asLead("GET", path+query, ""); a.status != want {
				t.Errorf("%.40q: %d, want %d: %s", query, a.status, want, a.body)
			}
		}
	})
}
