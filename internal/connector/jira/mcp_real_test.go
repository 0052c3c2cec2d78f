//go:build mcp

package jira_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// program is jira-datacenter-mcp as it comes, which asks the fake whose
// address is among the credentials.
func program(t *testing.T, env map[string]string) mcpclient.Programs {
	t.Helper()
	folder := os.Getenv("RAMPFORGE_MCP_SERVERS")
	if folder == "" {
		t.Fatal("RAMPFORGE_MCP_SERVERS has to name the folder of the servers")
	}
	modules := filepath.Join(folder, "node_modules")
	spec := mcpclient.ProgramSpec{
		ServiceType: rampforge.ServiceJira, Command: filepath.Join(modules, "node", "bin", "node"),
		Args: []string{filepath.Join(modules, "jira-datacenter-mcp", "dist", "run.js")},
		Env:  map[string]string{"JIRA_API_BASE_PATH": "{{.site}}/rest", "JIRA_API_TOKEN": "{{.token}}", "ATLASSIAN_DC_MCP_MAX_RESPONSE_CHARS": "0"},
	}
	maps.Copy(spec.Env, env)
	return mcpclient.Programs{"jira": spec}
}

func byProgram(s *jiratest.Server) connector.Options {
	o := optionsFor(s)
	o.Service.Endpoint = "stdio:jira"
	o.Credentials["site"] = s.URL
	return o
}

func TestRealMCPConnector(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{
		Open: connectortest.OpenMCP(jira.MCP(), program(t, nil)), Program: true,
		Start: func(t *testing.T) *connectortest.Fake {
			t.Helper()
			s := jiratest.New(t, jiratest.Options{DataCenter: true, Seed: 1, Issues: 110})
			o := byProgram(s)
			wrong := s.WrongCredentials()
			wrong["site"] = s.URL
			return &connectortest.Fake{Options: o, Wrong: wrong, Change: s.Change, Fail: func(h http.Handler) {
				s.Fail(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Retry-After", "0") // the server asks again by itself, and would wait
					h.ServeHTTP(w, r)
				}))
			}}
		},
	})
}

func TestRealMCPSameRecords(t *testing.T) {
	t.Parallel()
	s, rest := setup(t, jiratest.Options{DataCenter: true, Seed: 5, Issues: 70})
	sameRecords(t, rest, openMCP(t, byProgram(s), program(t, nil)), centerLacks)
}

// TestRealMCPCutAnswers leaves the server at its own limit.
func TestRealMCPCutAnswers(t *testing.T) {
	t.Parallel()
	s, rest := setup(t, jiratest.Options{DataCenter: true, Seed: 5, Issues: 70})
	sameRecords(t, rest, openMCP(t, byProgram(s), program(t, map[string]string{"ATLASSIAN_DC_MCP_MAX_RESPONSE_CHARS": ""})), func(w, g *rampforge.WorkItem) {
		if g.HistoryIncomplete && len(w.Events) > 200 {
			g.HistoryIncomplete, g.Events, g.ClosedAt = w.HistoryIncomplete, w.Events, w.ClosedAt
		}
	})
}

func TestRealMCPCheck(t *testing.T) {
	t.Parallel()
	s := jiratest.New(t, jiratest.Options{DataCenter: true, Issues: 2})
	got, err := openMCP(t, byProgram(s), program(t, nil)).Check(t.Context())
	if err != nil || got.Server != "Jira Data Center 9.12.4" || got.Peer == nil || got.Peer.Name != "atlassian-jira-mcp" || got.Account.Login != "user0" {
		t.Errorf("%+v, %v", got, err)
	}
}
