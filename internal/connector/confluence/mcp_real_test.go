//go:build mcp

package confluence_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// program is confluence-datacenter-mcp as it comes, which asks the fake whose
// address is among the credentials.
func program(t *testing.T, env map[string]string) mcpclient.Programs {
	t.Helper()
	folder := os.Getenv("RAMPFORGE_MCP_SERVERS")
	if folder == "" {
		t.Fatal("RAMPFORGE_MCP_SERVERS has to name the folder of the servers")
	}
	modules := filepath.Join(folder, "node_modules")
	spec := mcpclient.ProgramSpec{
		ServiceType: rampforge.ServiceConfluence, Command: filepath.Join(modules, "node", "bin", "node"),
		Args: []string{filepath.Join(modules, "confluence-datacenter-mcp", "dist", "run.js")},
		Env:  map[string]string{"CONFLUENCE_API_BASE_PATH": "{{.site}}/rest", "CONFLUENCE_API_TOKEN": "{{.token}}", "ATLASSIAN_DC_MCP_MAX_RESPONSE_CHARS": "0"},
	}
	maps.Copy(spec.Env, env)
	return mcpclient.Programs{"confluence": spec}
}

func byProgram(s *confluencetest.Server, context string) connector.Options {
	o := optionsFor(s, "stdio:confluence")
	o.Credentials["site"] = s.URL + context
	return o
}

func TestRealMCPConnector(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{
		Open: connectortest.OpenMCP(confluence.MCP(), program(t, nil)), Program: true,
		Start: func(t *testing.T) *connectortest.Fake {
			t.Helper()
			s := confluencetest.New(t, confluencetest.Options{DataCenter: true, Seed: 1})
			wrong := s.WrongCredentials()
			wrong["site"] = s.URL
			return &connectortest.Fake{Options: byProgram(s, ""), Wrong: wrong, Change: s.Change, Fail: func(h http.Handler) {
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
	for name, env := range map[string]map[string]string{"whole": nil, "cut off": {"ATLASSIAN_DC_MCP_MAX_RESPONSE_CHARS": "20000"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, rest, _ := setup(t, confluencetest.Options{DataCenter: true, Context: "/confluence", Seed: 3})
			for i, id := range s.IDs(engineering.ID) { // some have to be asked for one by one
				s.Edit(id, func(d *confluencetest.Document) { d.Unindexed = i%9 == 4 })
			}
			sameRecords(t, rest, openMCP(t, byProgram(s, "/confluence"), program(t, env)))
		})
	}
}

func TestRealMCPCheck(t *testing.T) {
	t.Parallel()
	s := confluencetest.New(t, confluencetest.Options{DataCenter: true})
	got, err := openMCP(t, byProgram(s, ""), program(t, nil)).Check(t.Context())
	if err != nil || got.Server != "Confluence Data Center" || got.Peer == nil || got.Peer.Name != "atlassian-confluence-mcp" || got.Account.Login != "dev1" {
		t.Errorf("%+v, %v", got, err)
	}
}
