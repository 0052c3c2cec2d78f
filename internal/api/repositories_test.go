package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestRepositoryByAService names services that fit the address, and others.
func TestRepositoryByAService(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		cloud := w.add(gitHub("cloud"))
		own := w.add(client.NewService{Type: rampforge.ServiceGitHub, Name: "own", Endpoint: "https://git.example.com/api/v3", Credentials: map[string]string{"token": planted}})
		jira := w.add(client.NewService{Type: rampforge.ServiceJira, Name: "jira", Endpoint: "https://git.example.com", Credentials: map[string]string{"token": planted}})
		bridge := w.add(client.NewService{Type: rampforge.ServiceGitLab, Name: "bridge", Endpoint: "https://mcp.example.com/mcp", Credentials: map[string]string{"token": planted}})
		remote := w.add(client.NewService{Type: rampforge.ServiceGitHub, Name: "remote", Endpoint: "https://api.githubcopilot.com/mcp", Credentials: map[string]string{"token": planted}})
		azure := w.add(client.NewService{
			Type: rampforge.ServiceAzureDevOps, Name: "azure", Endpoint: "https://dev.azure.com",
			Credentials: map[string]string{"organization": "contoso", "personal_access_token": planted},
		})
		off := w.add(client.NewService{Type: rampforge.ServiceGitHub, Name: "off", Endpoint: "https://git.example.com/api/v3", Credentials: map[string]string{"token": planted}, Enabled: new(false)})

		for name, c := range map[string]struct {
			url, service, says string
			kind               rampforge.RepositoryType
		}{
			"the cloud":               {"https://github.com/team/one", cloud.ID, "", rampforge.RepositoryGitHub},
			"an own server":           {"https://git.example.com/team/two", own.ID, "", rampforge.RepositoryGitHub},
			"the vendor's MCP server": {"https://github.com/team/three", remote.ID, "", rampforge.RepositoryGitHub},
			"Azure DevOps":            {"https://dev.azure.com/Contoso/shop/_git/shop", azure.ID, "", rampforge.RepositoryAzureDevOps},
			"another host":            {"https://git.example.com/team/x", cloud.ID, "below https://github.com", ""},
			"a host that looks alike": {"https://github.com.example.com/team/x", cloud.ID, "below https://github.com", ""},
			"another organization":    {"https://dev.azure.com/fabrikam/shop/_git/shop", azure.ID, "below https://dev.azure.com/contoso", ""},
			"no host":                 {"https://git.example.com/team/x", jira.ID, "hosts no repositories", ""},
			"a bridge":                {"https://git.example.com/team/x", bridge.ID, "transport rest", ""},
			"one that is disabled":    {"https://git.example.com/team/x", off.ID, "enable it first", ""},
			"none":                    {"https://git.example.com/team/x", "svc_none", "names no service", ""},
		} {
			made, err := w.lead().AddRepository(ctx, client.NewRepository{URL: c.url, ServiceID: c.service})
			if c.says == "" {
				if err != nil || made.ServiceID == nil || *made.ServiceID != c.service || made.Type != c.kind {
					t.Errorf("%s: %+v, %v", name, made, err)
				}
				continue
			}
			wantStatus(t, name, err, http.StatusUnprocessableEntity)
			e, ok := errors.AsType[*client.Error](err)
			if diff := cmp.Diff([]string{"service_id"}, faults(err)); diff != "" || !ok || !strings.Contains(e.Message, c.says) {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		_, err := w.lead().AddRepository(ctx, client.NewRepository{URL: "https://git.example.com/srv", Type: rampforge.RepositoryLocal, ServiceID: own.ID})
		wantStatus(t, "a folder", err, http.StatusUnprocessableEntity)
		_, err = w.developer().AddRepository(ctx, client.NewRepository{URL: "https://github.com/team/four", ServiceID: cloud.ID})
		wantStatus(t, "a developer", err, http.StatusForbidden)

		// The service goes, the repository stays.
		if err := w.lead().DeleteService(ctx, cloud.ID, false); err != nil {
			t.Fatal(err)
		}
		list, _, err := w.lead().Repositories(ctx, nil)
		if err != nil || len(list) != 4 {
			t.Fatalf("%d repositories, %v", len(list), err)
		}
		for _, r := range list {
			if gone := r.URL == "https://github.com/team/one"; gone != (r.ServiceID == nil) {
				t.Errorf("%s is fetched with %v", r.URL, r.ServiceID)
			}
		}
		for what, text := range map[string]string{"the logs": w.logs.String(), "the list": w.raw("GET", "/api/v1/repositories", "", w.bearer(rampforge.RoleTeamLead)...).body} {
			if strings.Contains(text, planted) {
				t.Errorf("%s hold the token", what)
			}
		}
	})
}
