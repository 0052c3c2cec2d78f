package ingest_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

// person makes a user and returns its id.
func (d *desk) person(name string, role rampforge.Role) string {
	d.t.Helper()
	u, err := d.Store.CreateUser(d.t.Context(), store.Registration{Email: name + "@example.com", Name: name, PasswordHash: "x", Role: role, At: d.at})
	if err != nil {
		d.t.Fatal(err)
	}
	return u.ID
}

// service adds one more service, a minute younger than the one before.
func (d *desk) service(v rampforge.Service, credentials map[string]string) string {
	d.t.Helper()
	d.at = d.at.Add(time.Minute)
	row := d.row()
	v.ID, v.Timeout, v.CreatedBy, v.CreatedAt = store.NewID("svc"), 1, row.Service.CreatedBy, d.at
	if v.Transport == "" {
		v.Transport = rampforge.TransportREST
	}
	sealed, err := d.Seal(v.ID, credentials)
	if err == nil {
		err = d.Store.CreateService(d.t.Context(), v, sealed)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return v.ID
}

func (d *desk) access(r rampforge.Repository) ingest.Access {
	d.t.Helper()
	a, err := d.Access(d.t.Context(), r)
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

func (d *desk) change(id string, change func(*store.ServiceSecret) error) {
	d.t.Helper()
	d.at = d.at.Add(time.Minute)
	if _, err := d.Store.UpdateService(d.t.Context(), id, d.at, change); err != nil {
		d.t.Fatal(err)
	}
}

// TestAccessIsChosen lets nobody name a service.
func TestAccessIsChosen(t *testing.T) {
	eachDesk(t, func(d *desk) {
		lead := d.person("grace", rampforge.RoleTeamLead)
		at := func(address string) rampforge.Repository {
			return rampforge.Repository{ID: "repo_1", URL: address, Type: rampforge.RepositoryGit, CreatedBy: lead}
		}
		const repository = "https://git.example.com/team/shop"
		if a := d.access(at(repository)); a.Token != "" || !strings.Contains(a.Advice, "git.example.com") {
			t.Errorf("without a service of the host: %+v", a)
		}
		d.service(rampforge.Service{Type: rampforge.ServiceJira, Name: "jira", Endpoint: "https://git.example.com", Enabled: true}, map[string]string{"token": "jira-token"})
		d.service(rampforge.Service{Type: rampforge.ServiceGitLab, Name: "off", Endpoint: "https://git.example.com"}, map[string]string{"token": "token-off"})
		d.service(rampforge.Service{Type: rampforge.ServiceGitLab, Name: "mcp", Endpoint: "https://git.example.com/api/v4/mcp", Transport: rampforge.TransportMCP, Enabled: true}, map[string]string{"token": "token-mcp"})
		if a := d.access(at(repository)); a.Token != "oauth2:token-mcp" || !a.Chosen || a.Bearer {
			t.Errorf("with an MCP server alone: %q", a.Token)
		}
		first := d.service(rampforge.Service{Type: rampforge.ServiceGitLab, Name: "first", Endpoint: "https://git.example.com/api/v4", Enabled: true}, map[string]string{"token": "token-1"})
		second := d.service(rampforge.Service{Type: rampforge.ServiceGitHub, Name: "second", Endpoint: "https://git.example.com/api/v3", Enabled: true}, map[string]string{"token": "token-2"})
		for range 3 {
			if a := d.access(at(repository)); a.Token != "oauth2:token-1" || a.Service.ID != first {
				t.Errorf("with two by REST: %+v", a)
			}
		}
		for _, address := range []string{"http://git.example.com/team/shop", "https://git.example.com:8443/team/shop", "https://evil.test/git.example.com/shop", "https://git.example.com.evil.test/a"} {
			if a := d.access(at(address)); a.Token != "" {
				t.Errorf("%s gets %q", address, a.Token)
			}
		}
		d.change(first, func(row *store.ServiceSecret) error { row.Service.Enabled = false; return nil })
		if a := d.access(at(repository)); a.Token != "x-access-token:token-2" || a.Service.ID != second {
			t.Errorf("with the first disabled: %+v", a)
		}
		// What cannot be read is no reason to give up while another service can.
		d.change(first, func(row *store.ServiceSecret) error {
			row.Service.Enabled, row.Sealed.KeyID = true, "lost"
			return nil
		})
		if a := d.access(at(repository)); a.Token != "x-access-token:token-2" {
			t.Errorf("with the first unreadable: %+v", a)
		}

		d.service(rampforge.Service{Type: rampforge.ServiceAzureDevOps, Name: "azure", Endpoint: "https://dev.azure.com", Enabled: true}, map[string]string{"organization": "contoso", "personal_access_token": "pat-1"})
		d.service(rampforge.Service{Type: rampforge.ServiceAzureDevOps, Name: "entra", Endpoint: "https://mcp.dev.azure.com/fabrikam", Transport: rampforge.TransportMCP, Enabled: true},
			map[string]string{"organization": "fabrikam", "personal_access_token": "entra-1"})
		for address, want := range map[string]string{
			"https://dev.azure.com/Contoso/shop/_git/shop":               ":pat-1",
			"https://contoso.visualstudio.com/shop/_git/shop":            ":pat-1",
			"https://dev.azure.com/fabrikam/shop/_git/shop":              "entra-1",
			"https://dev.azure.com/another/shop/_git/shop":               "",
			"https://another.visualstudio.com/contoso/shop/_git/shop":    "",
			"https://contoso.visualstudio.com.evil.test/shop/_git/shop/": "",
		} {
			if a := d.access(at(address)); a.Token != want || a.Bearer != (want == "entra-1") {
				t.Errorf("%s: %q, bearer %t", address, a.Token, a.Bearer)
			}
		}

		// Who may not change services has not the use of their tokens either.
		for _, role := range []rampforge.Role{rampforge.RoleDeveloper, rampforge.RoleObserver} {
			other := at(repository)
			other.CreatedBy = d.person(string(role), role)
			if a := d.access(other); a.Token != "" || !strings.Contains(a.Advice, "team_lead") {
				t.Errorf("for a %s: %+v", role, a)
			}
			other.ServiceID = &second
			if a := d.access(other); a.Token != "" {
				t.Errorf("for a %s who named it: %+v", role, a)
			}
		}
		// Nor who may not sign in any more, until they may again.
		for _, active := range []bool{false, true} {
			if _, err := d.Store.UpdateAccount(d.t.Context(), lead, store.AccountChange{IsActive: &active}, d.at); err != nil {
				t.Fatal(err)
			}
			named := at(repository)
			named.ServiceID = &second
			for _, r := range []rampforge.Repository{at(repository), named} {
				if a := d.access(r); (a.Token != "") != active || a.Advice == "" || !active && !strings.Contains(a.Advice, "deactivated") {
					t.Errorf("for an account that is active %t: %+v", active, a)
				}
			}
		}
		if a := d.access(rampforge.Repository{URL: "/srv/git/shop", Type: rampforge.RepositoryLocal, CreatedBy: lead}); a != (ingest.Access{}) {
			t.Errorf("for a folder: %+v", a)
		}
		if strings.Contains(d.logs.String(), "token-") {
			t.Errorf("a token was logged:\n%s", &d.logs)
		}
	})
}

// TestAccessByName lets the service of a repository change.
func TestAccessByName(t *testing.T) {
	eachDesk(t, func(d *desk) {
		ctx := t.Context()
		const address = "https://git.example.com/team/shop"
		d.service(rampforge.Service{Type: rampforge.ServiceGitLab, Name: "elder", Endpoint: "https://git.example.com", Enabled: true}, map[string]string{"token": "elder-1"})
		named := d.service(rampforge.Service{Type: rampforge.ServiceGitLab, Name: "named", Endpoint: "https://git.example.com", Enabled: true}, map[string]string{"token": "token-1"})
		r := rampforge.Repository{ID: store.NewID("repo"), Name: "shop", URL: address, Type: rampforge.RepositoryGitLab, ServiceID: &named, CreatedBy: d.person("grace", rampforge.RoleTeamLead), CreatedAt: d.at}
		if err := d.Store.CreateRepository(ctx, r); err != nil {
			t.Fatal(err)
		}
		stored := func() rampforge.Repository {
			t.Helper()
			got, err := d.Store.Repository(ctx, store.Viewer{Admin: true}, r.ID)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if a := d.access(stored()); a.Token != "oauth2:token-1" || a.Chosen || !strings.Contains(a.Advice, `"named"`) {
			t.Errorf("%+v", a)
		}
		d.change(named, func(row *store.ServiceSecret) (err error) {
			row.Sealed, err = d.Seal(named, map[string]string{"token": "token-2"})
			return err
		})
		if a := d.access(stored()); a.Token != "oauth2:token-2" {
			t.Errorf("after a new token was entered: %+v", a)
		}
		for what, c := range map[string]struct {
			change func(*store.ServiceSecret) error
			says   string
		}{
			"disabled":   {func(row *store.ServiceSecret) error { row.Service.Enabled = false; return nil }, `"named" that it is fetched with is disabled`},
			"moved":      {func(row *store.ServiceSecret) error { row.Service.Endpoint = "https://git.example.org"; return nil }, "below https://git.example.org"},
			"unreadable": {func(row *store.ServiceSecret) error { row.Sealed.KeyID = "lost"; return nil }, "SECRET_KEY"},
		} {
			var before store.ServiceSecret
			d.change(named, func(row *store.ServiceSecret) error { before = *row; return c.change(row) })
			if a := d.access(stored()); a.Token != "" || !strings.Contains(a.Advice, c.says) {
				t.Errorf("%s: %+v", what, a)
			}
			if _, err := d.CheckAccess(ctx, named, address); rampforge.ErrorCode(err) != rampforge.CodeInvalid {
				t.Errorf("%s: it may be named: %v", what, err)
			}
			d.change(named, func(row *store.ServiceSecret) error {
				row.Service, row.Sealed = before.Service, before.Sealed
				return nil
			})
		}
		if _, err := d.CheckAccess(ctx, named, address); err != nil {
			t.Errorf("a service that fits is refused: %v", err)
		}

		if err := d.Store.InTx(ctx, func(tx *sql.Tx) error { return d.Store.DeleteServiceTx(ctx, tx, named) }); err != nil {
			t.Fatal(err)
		}
		if got := stored(); got.ServiceID != nil {
			t.Errorf("a service that is gone is named: %s", *got.ServiceID)
		}
		if a := d.access(stored()); a.Token != "oauth2:elder-1" || !a.Chosen {
			t.Errorf("with another one of the host: %+v", a)
		}
		if a := d.access(r); a.Token != "oauth2:elder-1" || !a.Chosen {
			t.Errorf("removed after the repository was read: %+v", a)
		}
		again := r
		again.ID, again.URL = store.NewID("repo"), address+"2"
		if err := d.Store.CreateRepository(ctx, again); rampforge.ErrorCode(err) != rampforge.CodeInvalid {
			t.Errorf("naming what is gone: %v", err)
		}
	})
}
