//go:build mcp

package azuredevops_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// realPrograms are the programs that were started, each for a fake of its own.
var realPrograms sync.Map

// openReal opens a connector by the program that its endpoint names.
func openReal(o connector.Options) (connector.Connector, error) {
	name, _ := mcpclient.Program(o.Service.Endpoint)
	spec, _ := realPrograms.Load(name)
	program, _ := spec.(mcpclient.ProgramSpec)
	return connectortest.OpenMCP(azuredevops.MCP(), mcpclient.Programs{name: program})(o)
}

// startReal starts a fake, and makes known what starts Microsoft's own server,
// 2.9.0 under Node.js 22, as a program that reaches nothing but the fake.
func startReal(t *testing.T) (*azuredevopstest.Server, connector.Options) {
	t.Helper()
	servers := os.Getenv("RAMPFORGE_MCP_SERVERS")
	if servers == "" {
		t.Fatal("RAMPFORGE_MCP_SERVERS must name the folder of the MCP servers")
	}
	fake, options := start(t)
	proxy, err := fake.NewProxy()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	authority := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(authority, proxy.Authority, 0o600); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(proxy.URL) // its address and port
	realPrograms.Store(name, mcpclient.ProgramSpec{
		ServiceType: rampforge.ServiceAzureDevOps, Command: filepath.Join(servers, "node_modules/node/bin/node"),
		Args: []string{
			filepath.Join(servers, "node_modules/@azure-devops/mcp/dist/index.js"), azuredevopstest.Organization, "--authentication", "pat",
			"--tenant", "00000000-0000-0000-0000-000000000001", "-d", "core", "work", "work-items", "repositories", "pipelines",
		},
		Env: map[string]string{
			"PERSONAL_ACCESS_TOKEN": `{{base64 (printf "%s:%s" "rampforge" .personal_access_token)}}`,
			"HTTPS_PROXY":           proxy.URL, "NODE_USE_ENV_PROXY": "1", "NODE_EXTRA_CA_CERTS": authority,
		},
	})
	options.Service.Endpoint = "stdio:" + name
	options.Service.Timeout = 120
	return fake, options
}

// unfound are the faults of which the real server says less: what answers so
// tells its client no places to call either.
var unfound = map[string]string{"garbage": connector.ReasonVendor, "html": connector.ReasonVendor}

func TestRealMCPSuite(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{Open: openReal, Reasons: unfound, Program: true, Start: func(t *testing.T) *connectortest.Fake {
		t.Helper()
		fake, options := startReal(t)
		return &connectortest.Fake{
			Options: options, Fail: fake.Fail, Wrong: map[string]string{"personal_access_token": "wrong"},
			Change: func() (rampforge.Stream, string) { return rampforge.StreamWorkItems, fake.ChangeWorkItem() },
		}
	}})
}

func TestRealMCPTellsWhatRESTTells(t *testing.T) {
	t.Parallel()
	fake, options := startReal(t)
	c, err := openReal(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	check, err := c.Check(t.Context())
	if err != nil || check.Account == nil || check.Account.Login != "ada@contoso.example" || check.Peer == nil || check.Peer.Version != "2.9.0" {
		t.Errorf("%+v, %v", check, err)
	}
	compareMCP(t, fake, c, "", rampforge.StreamWorkItems, rampforge.StreamSprints, rampforge.StreamPipelineRuns, rampforge.StreamPullRequests)
}
