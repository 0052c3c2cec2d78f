package api_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/auth"
)

const ownExport = "/api/v1/auth/me/export"

// own exports what is kept of somebody, for themselves, as files by name.
func (w *world) own(p person) (files map[string]string, header http.Header) {
	w.t.Helper()
	a := w.raw(http.MethodGet, ownExport, "", "Authorization", "Bearer "+p.session.AccessToken)
	if a.status != http.StatusOK {
		w.t.Fatalf("%d %s", a.status, a.body)
	}
	archive, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		w.t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			w.t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files, a.header
}

func TestOwnExport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, p := range []struct {
			c    *client.Client
			name string
		}{{w.developer(), "token of the developer"}, {w.lead(), "token of the lead"}} {
			if _, err := p.c.CreateToken(ctx, p.name, []string{auth.ScopeRead}, nil); err != nil {
				t.Fatal(err)
			}
		}
		me := w.people[rampforge.RoleDeveloper]
		files, header := w.own(me)
		if header.Get("Content-Type") != "application/zip" || header.Get("Content-Disposition") != "attachment; filename=my-data.zip" || header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%v", header)
		}
		var account []struct{ ID, Email string }
		if err := json.Unmarshal([]byte(files["account.json"]), &account); err != nil || len(account) != 1 || account[0].ID != me.user.ID || account[0].Email != me.user.Email {
			t.Errorf("%s: %v", files["account.json"], err)
		}
		for name, want := range map[string]string{"api_tokens.json": "token of the developer", "sessions.json": "192.0.2.1", "audit_log.json": "token.created", "person.json": me.user.Email} {
			if !strings.Contains(files[name], want) {
				t.Errorf("%s lacks %s: %s", name, want, files[name])
			}
		}
		for name, text := range files {
			for role, other := range w.people {
				if role != rampforge.RoleDeveloper && (strings.Contains(text, other.user.ID) || strings.Contains(text, other.user.Email)) || strings.Contains(text, "token of the lead") {
					t.Errorf("%s tells of the %s: %s", name, role, text)
				}
			}
		}
		log, err := w.admin().AuditLog(ctx, client.Query{"action": "user.exported"})
		if err != nil || log.Total != 1 {
			t.Fatalf("%+v, %v", log, err)
		}
		if e := log.Entries[0]; e.ActorID != me.user.ID || e.TargetID != me.user.ID || !e.Success || e.Address == "" {
			t.Errorf("%+v", e)
		}
		if head := w.raw(http.MethodHead, ownExport, "", w.bearer(rampforge.RoleDeveloper)...); head.status != http.StatusOK || head.body != "" {
			t.Errorf("HEAD: %d %q", head.status, head.body)
		}
	})
}

// TestOwnExportIsOfTheProven: who only says that an address or a name is theirs
// is told nothing of whoever has it at the services.
func TestOwnExportIsOfTheProven(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := newCrew(w)
		opened := lastMonth(3)
		unsure := &rampforge.Account{ID: "acc-unsure", Login: "unsure-login", Name: "Tamsin Garply", Email: "unsure@corp.test"}
		c.sync(append(crewRecords(), rampforge.Record{Stream: rampforge.StreamPullRequests, ID: "pr-unsure", UpdatedAt: opened, PullRequest: &rampforge.PullRequest{
			Number: 900, Title: "Of somebody whose address nobody verified", State: "open", Author: unsure, CreatedAt: opened, UpdatedAt: opened,
		}}))
		// An administrator says who the developer is. The lead says so of themselves.
		ulric, zelda := accountOf(5), accountOf(0)
		me, lead := w.people[rampforge.RoleDeveloper], w.people[rampforge.RoleTeamLead]
		if _, err := w.admin().MergePeople(t.Context(), whose(t, w.lead(), "ulric").ID, c.personOfUser(me.user.ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.lead().MergePeople(t.Context(), whose(t, w.lead(), "zelda").ID, c.personOfUser(lead.user.ID)); err != nil {
			t.Fatal(err)
		}
		files, _ := w.own(me)
		if !strings.Contains(files["person.json"], ulric.ID) || !strings.Contains(files["work.jsonl"], `"pr-5-0"`) {
			t.Errorf("what is proven to be theirs is left out: %s %s", files["person.json"], files["work.jsonl"])
		}
		if strings.Contains(files["work.jsonl"], "pr-unsure") {
			t.Errorf("another's work is told: %s", files["work.jsonl"])
		}
		nothingOf := func(p person, a *rampforge.Account) {
			t.Helper()
			files, _ := w.own(p)
			if files["work.jsonl"] != "" || strings.Contains(files["person.json"], a.ID) || files["account.json"] == "" {
				t.Errorf("%s: %s %s", a.Name, files["person.json"], files["work.jsonl"])
			}
		}
		nothingOf(lead, zelda)
		claims := w.person(unsure.Email, rampforge.RoleDeveloper)
		if _, err := claims.client.UpdateProfile(t.Context(), client.Profile{Name: &zelda.Name}); err != nil {
			t.Fatal(err)
		}
		c.resolve()
		nothingOf(claims, unsure)
		nothingOf(claims, zelda)
		if _, told := files["mentions.jsonl"]; told {
			t.Error("a name that somebody chose finds what it stands in")
		}
	})
}

func TestOwnExportIsRefused(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		token, err := w.developer().CreateToken(t.Context(), "all", []string{auth.ScopeWrite}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := w.raw(http.MethodGet, ownExport, ""); a.status != http.StatusUnauthorized {
			t.Errorf("signed out: %d", a.status)
		}
		if a := w.raw(http.MethodGet, ownExport, "", "Authorization", "Bearer "+token.Token); a.status != http.StatusForbidden {
			t.Errorf("an API token: %d", a.status)
		}
		for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
			a := w.raw(http.MethodGet, ownExport, "", w.bearer(rampforge.RoleDeveloper)...)
			if a.status != want {
				t.Errorf("%d, want %d", a.status, want)
			}
			if want != http.StatusOK && (w.envelopeOf(a).Code != rampforge.CodeRateLimited || a.header.Get("Content-Disposition") != "") {
				t.Errorf("%v %s", a.header, a.body)
			}
		}
	}, func(s *setting) { s.api.Rates.Bulk = api.Rate{Limit: 1, Window: time.Hour} })
}
