package api_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/auth"
)

// TestWhatIsAudited does what has to leave a line, and looks for it.
func TestWhatIsAudited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		admin := w.people[rampforge.RoleAdmin]
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.client.Login(ctx, "developer@example.com", "not the password"); err == nil {
			t.Fatal("a wrong password is taken")
		}
		_, err := w.client.Login(ctx, "developer@example.com", password)
		must(err)
		_ = w.raw(http.MethodPost, "/api/v1/users/invitations", `{"email":"guest@example.com"}`, w.bearer(rampforge.RoleAdmin)...)
		_ = w.raw(http.MethodDelete, "/api/v1/users/invitations/guest@example.com", "", w.bearer(rampforge.RoleAdmin)...)
		token, err := w.admin().CreateToken(ctx, "ci", []string{auth.ScopeRead}, nil)
		must(err)
		must(w.admin().DeleteToken(ctx, token.ID))
		role := rampforge.RoleObserver
		_, err = w.admin().UpdateUser(ctx, w.people[rampforge.RoleDeveloper].user.ID, client.UserChange{Role: &role})
		must(err)
		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "audited"})
		must(err)
		_ = w.raw(http.MethodPut, "/api/v1/projects/"+p.ID, `{"ai_code":false,"team_members":[]}`, w.bearer(rampforge.RoleTeamLead)...)
		must(w.lead().DeleteProject(ctx, p.ID))
		r := w.repository("https://example.com/team/audited")
		must(w.lead().DeleteRepository(ctx, r.ID))
		service, err := w.lead().CreateService(ctx, client.NewService{Type: rampforge.ServiceGitHub, Name: "audited", Endpoint: "https://api.github.com", Credentials: map[string]string{"token": "a token to be audited"}})
		must(err)
		_ = w.raw(http.MethodPut, "/api/v1/mcp/services/"+service.ID, `{"credentials":{"token":"another token to be audited"}}`, w.bearer(rampforge.RoleTeamLead)...)
		_ = w.raw(http.MethodDelete, "/api/v1/mcp/services/"+service.ID, "", w.bearer(rampforge.RoleTeamLead)...)
		_ = w.raw(http.MethodGet, "/api/v1/model-requests", "", w.bearer(rampforge.RoleAdmin)...)
		_ = w.raw(http.MethodGet, "/api/v1/audit/export", "", w.bearer(rampforge.RoleAdmin)...)

		log, err := w.admin().AuditLog(ctx, client.Paging(100, 0))
		must(err)
		var found []string
		for _, e := range log.Entries {
			line := e.Action
			if !e.Success {
				line += " failed"
			}
			found = append(found, line)
			if text, _ := json.Marshal(e); strings.Contains(string(text), "token to be audited") || strings.Contains(string(text), "not the password") {
				t.Errorf("a secret is in the log: %s", text)
			}
		}
		for _, want := range []string{
			"auth.register", "auth.login", "auth.login failed", "user.invited", "user.invitation_withdrawn", "token.created", "token.deleted", "user.role_changed",
			"project.created", "project.changed", "project.deleted", "repository.created", "repository.deleted",
			"service.created", "service.changed", "service.deleted", "model_requests.read", "audit.exported",
		} {
			if !slices.Contains(found, want) {
				t.Errorf("%s left no line: %v", want, found)
			}
		}
		only, err := w.admin().AuditLog(ctx, client.Query{"actor": admin.user.Email, "action": "token.", "success": "true"})
		must(err)
		if only.Total != 2 {
			t.Errorf("the tokens of the admin: %+v", only.Entries)
		}
	})
}

func TestAuditLogIsExported(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		get := func(path string, header ...string) answer {
			return w.raw(http.MethodGet, "/api/v1/audit/export"+path, "", append(w.bearer(rampforge.RoleAdmin), header...)...)
		}
		lines := get("")
		if lines.header.Get("Content-Type") != "application/x-ndjson" || !strings.Contains(lines.header.Get("Content-Disposition"), "audit-log.jsonl") {
			t.Errorf("%v", lines.header)
		}
		for line := range strings.Lines(lines.body) {
			var e rampforge.AuditEntry
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Action == "" {
				t.Errorf("%q: %v", line, err)
			}
		}
		for what, a := range map[string]answer{"format": get("?format=csv&action=auth."), "accept": get("?action=auth.", "Accept", "text/csv")} {
			rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
			if err != nil || len(rows) < 2 || rows[0][2] != "action" {
				t.Errorf("by %s: %v, %v", what, rows, err)
			}
			for _, row := range rows[1:] {
				if !strings.HasPrefix(row[2], "auth.") {
					t.Errorf("by %s: the filter lets %s pass", what, row[2])
				}
			}
		}
		for _, bad := range []string{"?format=xlsx", "?from=yesterday", "?success=perhaps"} {
			if a := get(bad); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", bad, a.status)
			}
		}
		token, err := w.admin().CreateToken(t.Context(), "writer", []string{auth.ScopeWrite}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/api/v1/audit", "/api/v1/audit/export"} {
			if a := w.raw(http.MethodGet, path, "", "Authorization", "Bearer "+token.Token); a.status != http.StatusForbidden {
				t.Errorf("%s by an admin's token without the scope admin: %d", path, a.status)
			}
		}
	})
}
