//go:build mcp

package github_test

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// These tests run github-mcp-server as GitHub publishes it. It takes the fake
// for its proxy on the way to an Enterprise Server that is nowhere.

const (
	nowhere  = "http://ghes.loopback.test"
	toolsets = "context,repos,issues,pull_requests,users,actions"
)

func realServer(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("RAMPFORGE_MCP_SERVERS")
	if folder == "" {
		t.Fatal("RAMPFORGE_MCP_SERVERS must name the folder of the MCP servers: see docs/development.md")
	}
	return filepath.Join(folder, "github-mcp-server")
}

// byProgram opens connectors over a program of their own.
func byProgram(t *testing.T, fake *githubtest.Server) (connector.Open, connector.Options) {
	t.Helper()
	programs := mcpclient.Programs{"github": {
		ServiceType: rampforge.ServiceGitHub, Command: realServer(t), Args: []string{"stdio", "--read-only", "--toolsets", toolsets},
		Env: map[string]string{"GITHUB_PERSONAL_ACCESS_TOKEN": "{{.token}}", "GITHUB_HOST": nowhere, "HTTP_PROXY": fake.URL},
	}}
	o := options(fake)
	o.Service.Endpoint = "stdio:github"
	return connectortest.OpenMCP(github.MCP(), programs), o
}

// byHTTP starts the server that listens, until the test ends.
func byHTTP(t *testing.T, fake *githubtest.Server) (connector.Open, connector.Options) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), realServer(t), "http", "--read-only", "--toolsets", toolsets, "--listen-host", "127.0.0.1", "--port", strconv.Itoa(address.Port))
	cmd.Env = []string{"GITHUB_HOST=" + nowhere, "HTTP_PROXY=" + fake.URL, "HOME=" + t.TempDir()}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(log); lines.Scan(); {
			if os.Getenv("RAMPFORGE_MCP_LOG") != "" {
				t.Log(lines.Text())
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	for range 200 {
		conn, err := net.Dial("tcp", address.String())
		if err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	o := options(fake)
	o.Service.Endpoint = "http://" + address.String() + "/"
	return connectortest.OpenMCP(github.MCP(), nil), o
}

// told are the reasons of faults that the vendor has: between it and this
// program, the server makes sentences of them.
var told = map[string]string{
	"garbage": connector.ReasonVendor, "html": connector.ReasonVendor, "closed": connector.ReasonVendor,
}

func TestRealMCPSuite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		start   func(*testing.T, *githubtest.Server) (connector.Open, connector.Options)
		program bool
	}{"stdio": {byProgram, true}, "http": {byHTTP, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{
				Open: func(o connector.Options) (connector.Connector, error) {
					programs := mcpclient.Programs{"github": {
						ServiceType: rampforge.ServiceGitHub, Command: realServer(t), Args: []string{"stdio", "--read-only", "--toolsets", toolsets},
						Env: map[string]string{"GITHUB_PERSONAL_ACCESS_TOKEN": "{{.token}}", "GITHUB_HOST": nowhere, "HTTP_PROXY": o.Credentials["proxy"]},
					}}
					return connectortest.OpenMCP(github.MCP(), programs)(o)
				},
				Start: func(t *testing.T) *connectortest.Fake {
					t.Helper()
					s := githubtest.Start(t, many(1))
					_, o := test.start(t, s)
					wrong := map[string]string{"token": "wrong", "proxy": s.URL}
					o.Credentials = map[string]string{"token": githubtest.Token, "proxy": s.URL}
					return &connectortest.Fake{Options: o, Wrong: wrong, Fail: s.Fail, Change: s.Change}
				},
				Reasons: told, Program: test.program,
			})
		})
	}
}

func TestRealMCPAsByREST(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T, *githubtest.Server) (connector.Open, connector.Options){"stdio": byProgram, "http": byHTTP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, many(21))
			open, o := start(t, b.fake)
			c, err := open(o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Close() })
			compareTransports(t, b.conn, c)
		})
	}
}

// TestRealMCPAsksFor logs what the server asks of GitHub, and that it only reads.
func TestRealMCPAsksFor(t *testing.T) {
	t.Parallel()
	fake := githubtest.Start(t, githubtest.Options{Seed: 22, Issues: 3, Pulls: 2})
	fake.Before(func(r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead && !strings.HasSuffix(r.URL.Path, "/api/graphql") {
			t.Errorf("it sends %s %s", r.Method, r.URL)
		}
	})
	open, o := byProgram(t, fake)
	c, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	check, err := c.Check(t.Context())
	if err != nil || check.Peer == nil || check.Peer.Name == "" || check.Peer.Version == "" {
		t.Errorf("%+v, %v", check, err)
	}
	for _, resource := range allResources(t, c) {
		for _, stream := range resource.Streams {
			readAll(t, c, resource, stream)
		}
	}
	for _, request := range fake.Requests() {
		t.Log(request)
	}
}
