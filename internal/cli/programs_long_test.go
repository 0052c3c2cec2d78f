//go:build long && mcp

package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestRealMCPPrograms takes the vendors' own MCP servers, as programs that the
// real binary starts by the operator's file, through the life of a service.
func TestRealMCPPrograms(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("RAMPFORGE_MCP_SERVERS")
	if folder == "" {
		t.Fatal("RAMPFORGE_MCP_SERVERS must name the folder that make test-mcp installs the servers in")
	}
	modules := filepath.Join(folder, "node_modules")
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		fakes := vendorFakes(t)
		node := func(kind rampforge.ServiceType, script string, env map[string]string) mcpclient.ProgramSpec {
			return mcpclient.ProgramSpec{ServiceType: kind, Command: filepath.Join(modules, "node/bin/node"), Args: []string{filepath.Join(modules, script)}, Env: env}
		}
		programs := map[string]mcpclient.ProgramSpec{
			"github": {
				ServiceType: rampforge.ServiceGitHub, Command: filepath.Join(folder, "github-mcp-server"),
				Args: []string{"stdio", "--read-only", "--toolsets", "context,repos,issues,pull_requests,users,actions"},
				// The server drops the port of its host, so it comes to the fake by a proxy.
				Env: map[string]string{"GITHUB_PERSONAL_ACCESS_TOKEN": "{{.token}}", "GITHUB_HOST": "http://ghes.loopback.test", "HTTP_PROXY": strings.TrimSuffix(fakes["github"].endpoint, "/api/v3")},
			},
			"gitlab": node(rampforge.ServiceGitLab, "@zereight/mcp-gitlab/build/index.js", map[string]string{
				"GITLAB_API_URL": fakes["gitlab"].endpoint + "/api/v4", "GITLAB_PERSONAL_ACCESS_TOKEN": "{{.token}}", "GITLAB_READ_ONLY_MODE": "true",
				"GITLAB_DISABLE_VERSION_CHECK": "true", "USE_PIPELINE": "true", "USE_MILESTONE": "true", "USE_GITLAB_WIKI": "true",
			}),
			"jira data center": node(rampforge.ServiceJira, "jira-datacenter-mcp/dist/run.js", map[string]string{
				"JIRA_API_BASE_PATH": fakes["jira data center"].endpoint + "/rest", "JIRA_API_TOKEN": "{{.token}}", "ATLASSIAN_DC_MCP_MAX_RESPONSE_CHARS": "0",
			}),
			"confluence data center": node(rampforge.ServiceConfluence, "confluence-datacenter-mcp/dist/run.js", map[string]string{
				"CONFLUENCE_API_BASE_PATH": fakes["confluence data center"].endpoint + "/rest", "CONFLUENCE_API_TOKEN": "{{.token}}", "ATLASSIAN_DC_MCP_MAX_RESPONSE_CHARS": "0",
			}),
		}
		named := map[string]mcpclient.ProgramSpec{}
		for name, spec := range programs {
			named[string(spec.ServiceType)] = spec
			fake := fakes[name]
			fake.endpoint = "stdio:" + string(spec.ServiceType)
			fakes[name] = fake
		}
		text, err := json.Marshal(map[string]any{"programs": named})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "programs.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := newVictim(t, program, url)
		s.env = append(s.env, "MCP_PROGRAMS_FILE="+file, "RATE_LIMIT_BULK=off", "SYNC_INTERVAL=0")
		db := storetest.Open(t, url)
		for name := range maps.Keys(programs) {
			s.live(db, name+" by its own server", fakes[name], rampforge.TransportMCP, 2)
		}
	})
}
