package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

func emails(members []rampforge.ProjectMember) []string {
	list := []string{}
	for _, m := range members {
		list = append(list, m.Email)
	}
	return list
}

func TestProjects(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		made, err := w.lead().CreateProject(ctx, client.NewProject{
			Name: " Payments ", Description: "Moves money.\nCarefully.", RepositoryURL: "https://example.com/team/pay.git", PMTool: rampforge.PMToolJira, PMProjectKey: "PAY",
			TeamMembers: []string{"Developer@example.com", "later@example.com", "developer@example.com", "team_lead@example.com"},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := rampforge.Project{
			Name: "Payments", Description: "Moves money.\nCarefully.", Status: rampforge.ProjectActive, RepositoryURL: new("https://example.com/team/pay"),
			PMTool: new(rampforge.PMToolJira), PMProjectKey: new("PAY"), AICode: true, CreatedBy: w.people[rampforge.RoleTeamLead].user.ID,
		}
		if diff := cmp.Diff(want, made.Project, cmpopts.IgnoreFields(rampforge.Project{}, "ID", "RepositoryID", "CreatedAt", "UpdatedAt")); diff != "" || !strings.HasPrefix(made.ID, "prj_") {
			t.Errorf("%s (-want +got):\n%s", made.ID, diff)
		}
		if made.Repository == nil || made.RepositoryID == nil || made.Repository.ID != *made.RepositoryID || made.Repository.Name != "pay" {
			t.Errorf("repository %+v", made.Repository)
		}
		if made.ProjectManagement.Tool == nil || *made.ProjectManagement.Tool != rampforge.PMToolJira || made.ProjectManagement.LastSynced != nil {
			t.Errorf("%+v", made.ProjectManagement)
		}
		if got := emails(made.Team.Members); made.Team.Size != 3 || len(got) != 3 {
			t.Errorf("team of %d: %v", made.Team.Size, got)
		}
		// Who registers later is a member from then on; nobody else is.
		later := w.person("Later@Example.com", rampforge.RoleObserver)
		for who, status := range map[*client.Client]int{w.lead(): 0, w.developer(): 0, later.client: 0, w.admin(): 0, w.observer(): http.StatusNotFound} {
			_, err := who.Project(ctx, made.ID)
			wantStatus(t, "reading the project", err, status)
			_, err = who.Repository(ctx, *made.RepositoryID)
			wantStatus(t, "reading its repository", err, status)
			list, err := who.Projects(ctx, nil)
			if err != nil || list.Total != len(list.Projects) || (list.Total == 1) != (status == 0) {
				t.Errorf("listing: %+v, %v", list, err)
			}
		}
		_, err = w.developer().UpdateProject(ctx, made.ID, map[string]any{"name": "Mine"})
		wantStatus(t, "a developer changing it", err, http.StatusForbidden)
	})
}

func TestUpdateProject(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		known := w.repository("https://example.com/team/known")
		made, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", Description: "d", RepositoryURL: known.URL, PMTool: rampforge.PMToolGitHub, TeamMembers: []string{"developer@example.com"}})
		if err != nil || *made.RepositoryID != known.ID {
			t.Fatalf("%+v, %v", made, err)
		}
		same, err := w.lead().UpdateProject(ctx, made.ID, map[string]any{})
		if diff := cmp.Diff(made, same, cmpopts.IgnoreFields(rampforge.Project{}, "UpdatedAt")); err != nil || diff != "" {
			t.Errorf("nothing changed: %v (-before +after):\n%s", err, diff)
		}
		kept, err := w.lead().UpdateProject(ctx, made.ID, map[string]any{"ai_code": false})
		if err != nil || kept.AICode || kept.Name != "P" {
			t.Errorf("code is kept from models: %+v, %v", kept.Project, err)
		}
		changed, err := w.lead().UpdateProject(ctx, made.ID, map[string]any{
			"name": "Q", "description": "", "status": "archived", "repository_url": nil, "pm_tool": nil, "pm_project_key": "K", "team_members": []string{"observer@example.com"},
		})
		if err != nil || changed.Name != "Q" || changed.Description != "" || changed.Status != rampforge.ProjectArchived || changed.RepositoryID != nil ||
			changed.RepositoryURL != nil || changed.Repository != nil || changed.PMTool != nil || *changed.PMProjectKey != "K" {
			t.Errorf("%+v, %v", changed, err)
		}
		if diff := cmp.Diff([]string{"team_lead@example.com", "observer@example.com"}, emails(changed.Team.Members)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		_, err = w.developer().Project(ctx, made.ID)
		wantStatus(t, "a former member", err, http.StatusNotFound)
		for status, total := range map[string]int{"active": 0, "archived": 1, "": 1} {
			if list, err := w.lead().Projects(ctx, client.Query{"status": status}); err != nil || list.Total != total || len(list.Projects) != total {
				t.Errorf("status %q: %+v, %v", status, list, err)
			}
		}
		bound, err := w.lead().UpdateProject(ctx, made.ID, map[string]any{"repository_url": "https://example.com/team/new"})
		if err != nil || bound.Repository == nil || bound.Repository.URL != "https://example.com/team/new" {
			t.Errorf("%+v, %v", bound, err)
		}
		for field, value := range map[string]any{
			"name": " ", "status": "gone", "repository_url": "file:///etc/passwd", "pm_tool": "abacus", "team_members": []string{"nobody"}, "description": strings.Repeat("x", 10001),
		} {
			_, err := w.lead().UpdateProject(ctx, made.ID, map[string]any{field: value})
			wantStatus(t, field, err, http.StatusUnprocessableEntity)
			if err != nil && !strings.Contains(err.Error(), field) {
				t.Errorf("%s: the message does not name it: %v", field, err)
			}
		}
		members, err := w.lead().Members(ctx, made.ID, client.Paging(1, 1))
		if err != nil || members.Total != 2 || members.HasMore || len(members.Members) != 1 || members.Members[0].Name != "Somebody" || members.Members[0].UserID == nil {
			t.Errorf("%+v, %v", members, err)
		}
		if err := w.lead().DeleteProject(ctx, made.ID); err != nil {
			t.Error(err)
		}
		wantStatus(t, "again", w.lead().DeleteProject(ctx, made.ID), http.StatusNotFound)
		if _, err := w.lead().Repository(ctx, known.ID); err != nil {
			t.Errorf("the repository went too: %v", err)
		}
	})
}

// TestProjectAnalysis goes through a project what TestReport goes through its
// repository.
func TestProjectAnalysis(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		bare, err := w.lead().CreateProject(ctx, client.NewProject{Name: "bare"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.lead().AnalyzeProject(ctx, bare.ID, client.AnalysisRequest{}, 0)
		wantStatus(t, "without a repository", err, http.StatusConflict)
		_, _, err = w.lead().ProjectReport(ctx, bare.ID, "")
		wantStatus(t, "the report of none", err, http.StatusNotFound)

		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", RepositoryURL: "https://example.com/team/p", TeamMembers: []string{"developer@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		if p.Metrics.ComplexityScore != nil || p.Metrics.TestCoverage != nil {
			t.Errorf("figures out of nothing: %+v", p.Metrics)
		}
		started, err := w.developer().AnalyzeProject(ctx, p.ID, client.AnalysisRequest{}, 0)
		if err != nil || started.ProjectID == nil || *started.ProjectID != p.ID || started.RepositoryID != *p.RepositoryID {
			t.Fatalf("%+v, %v", started, err)
		}
		w.finish(started.AnalysisID, sampleReport)
		report, _, err := w.developer().ProjectReport(ctx, p.ID, "")
		if err != nil || report.ProjectID == nil || *report.ProjectID != p.ID || report.ID != started.AnalysisID {
			t.Errorf("%+v, %v", report, err)
		}
		if _, changed, err := w.developer().ProjectReport(ctx, p.ID, report.ETag); err != nil || changed {
			t.Errorf("%v, %v", changed, err)
		}
		for range 2 { // read, and remembered
			p, err = w.developer().Project(ctx, p.ID)
			m := p.Metrics
			if err != nil || m.ComplexityScore == nil || *m.ComplexityScore != 4.5 || m.TestCoverage == nil || *m.TestCoverage != 0.75 || m.FeatureCount != nil || m.TechnicalDebtRatio == nil || *m.TechnicalDebtRatio != 0.03 {
				t.Errorf("%+v, %v", m, err)
			}
		}
		if p.Repository.AnalysisStatus != rampforge.AnalysisCompleted || p.Repository.LastAnalyzed == nil {
			t.Errorf("%+v", p.Repository)
		}
	})
}

// TestEveryFieldIsThere reads a project of which nothing is known: the fields
// of the contract are null or empty, and never missing.
func TestEveryFieldIsThere(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		made, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "bare"})
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(w.raw("GET", "/api/v1/projects/"+made.ID, "", w.bearer(rampforge.RoleTeamLead)...).body), &got); err != nil {
			t.Fatal(err)
		}
		for _, vary := range []string{"id", "created_at", "updated_at", "created_by"} {
			delete(got, vary)
		}
		team, _ := got["team"].(map[string]any)
		delete(team, "members")
		want := map[string]any{
			"name": "bare", "description": "", "status": "active", "repository_id": nil, "repository_url": nil, "pm_tool": nil, "pm_project_key": nil, "repository": nil,
			"project_management": map[string]any{"tool": nil, "project_key": nil, "workspace_url": nil, "last_synced": nil, "sources": []any{}, "unbound": []any{}},
			"team":               map[string]any{"size": 1.0, "velocity": map[string]any{"current_sprint": nil, "average": nil, "trend": nil}},
			"metrics":            map[string]any{"complexity_score": nil, "feature_count": nil, "technical_debt_ratio": nil, "test_coverage": nil},
			"workflow_refresh":   nil,
			"ai_code":            true,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for path, body := range map[string]string{
			"/api/v1/projects?status=archived": `{"projects":[],"total":0,"limit":50,"offset":0,"has_more":false}`, "/api/v1/repositories": `[]`, "/api/v1/auth/tokens": `[]`,
		} {
			if a := w.raw("GET", path, "", w.bearer(rampforge.RoleDeveloper)...); strings.TrimSpace(a.body) != body {
				t.Errorf("%s: %s", path, a.body)
			}
		}
	})
}
