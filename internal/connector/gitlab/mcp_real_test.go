//go:build mcp

package gitlab_test

import (
	"context"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// realServer returns Node and the script of @zereight/mcp-gitlab.
func realServer(t *testing.T) (node, script string) {
	t.Helper()
	folder := os.Getenv("RAMPFORGE_MCP_SERVERS")
	if folder == "" {
		t.Fatal("RAMPFORGE_MCP_SERVERS must name the folder that make test-mcp installs the servers in")
	}
	return filepath.Join(folder, "node_modules/node/bin/node"), filepath.Join(folder, "node_modules/@zereight/mcp-gitlab/build/index.js")
}

// realEnv is what every way of starting the server has in common.
func realEnv(s *gitlabtest.Server) map[string]string {
	return map[string]string{
		"GITLAB_API_URL": s.URL + "/api/v4", "GITLAB_READ_ONLY_MODE": "true", "GITLAB_DISABLE_VERSION_CHECK": "true",
		"USE_PIPELINE": "true", "USE_MILESTONE": "true", "USE_GITLAB_WIKI": "true",
	}
}

// realProgram is the server as a program of ours.
func realProgram(t *testing.T, s *gitlabtest.Server) (connector.Options, mcpclient.Programs) {
	node, script := realServer(t)
	env := realEnv(s)
	env["GITLAB_PERSONAL_ACCESS_TOKEN"] = "{{.token}}"
	return toolOptions("stdio:gitlab"), mcpclient.Programs{"gitlab": {ServiceType: rampforge.ServiceGitLab, Command: node, Args: []string{script}, Env: env}}
}

// realHTTP starts the server at a port of its own and ends it with the test.
func realHTTP(t *testing.T, s *gitlabtest.Server, more map[string]string) string {
	t.Helper()
	node, script := realServer(t)
	var c net.ListenConfig
	l, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	env := realEnv(s)
	maps.Copy(env, more)
	env["HOST"], env["PORT"] = "127.0.0.1", port
	var log strings.Builder
	cmd := exec.Command(node, script)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for name, v := range env {
		cmd.Env = append(cmd.Env, name+"="+v)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String()[:min(log.Len(), 4000)])
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
			return "http://" + address
		}
		select {
		case <-ctx.Done():
			t.Fatal("the server does not listen")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// patient waits where the server takes no more requests for now, as our own
// client does: its limit cannot be set higher than a test is fast.
type patient struct{ next http.RoundTripper }

func (p patient) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		res, err := p.next.RoundTrip(req)
		if err != nil || res.StatusCode != http.StatusTooManyRequests {
			return res, err
		}
		_ = res.Body.Close()
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(time.Second):
		}
		req = req.Clone(req.Context())
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

func patiently(o connector.Options) connector.Options {
	o.Client = &http.Client{Transport: patient{&http.Transport{}}}
	return o
}

// perRequest makes the server take the token of each session, and ask GitLab
// as often as it is asked.
var perRequest = map[string]string{"STREAMABLE_HTTP": "true", "REMOTE_AUTHORIZATION": "true", "MAX_REQUESTS_PER_MINUTE": "1000"}

// TestRealMCPProgram runs the suite against the server as a program.
func TestRealMCPProgram(t *testing.T) {
	t.Parallel()
	realServer(t)
	// The suite opens by the options alone, and the program differs for each
	// fake: its address goes with the service's name.
	connectortest.Run(t, connectortest.Harness{
		Reasons: vaguer, Program: true,
		Open: func(o connector.Options) (connector.Connector, error) {
			node, script := realServer(t)
			env := realEnv(&gitlabtest.Server{URL: o.Service.Name})
			env["GITLAB_PERSONAL_ACCESS_TOKEN"] = "{{.token}}"
			return connectortest.OpenMCP(gitlab.MCP(), mcpclient.Programs{"gitlab": {ServiceType: rampforge.ServiceGitLab, Command: node, Args: []string{script}, Env: env}})(o)
		},
		Start: func(t *testing.T) *connectortest.Fake {
			s := gitlabtest.Start(t, gitlabtest.Options{Seed: 5, Authors: true})
			o := toolOptions("stdio:gitlab")
			o.Service.Name = s.URL
			return toolFake(s, o)
		},
	})
}

func TestRealMCPHTTP(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{
		Reasons: vaguer, Open: connectortest.OpenMCP(gitlab.MCP(), nil),
		Start: func(t *testing.T) *connectortest.Fake {
			s := gitlabtest.Start(t, gitlabtest.Options{Seed: 6, Authors: true})
			return toolFake(s, patiently(toolOptions(realHTTP(t, s, perRequest)+"/mcp")))
		},
	})
}

// TestRealMCPSame compares what comes by REST with what comes by each of the
// server's transports.
func TestRealMCPSame(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Authors: true})
	rest := everything(t, open(t, s))
	t.Run("program", func(t *testing.T) {
		o, programs := realProgram(t, s)
		compare(t, rest, everything(t, openTools(t, o, programs)), lessEvents)
	})
	t.Run("events", func(t *testing.T) {
		address := realHTTP(t, s, map[string]string{"SSE": "true", "SSE_AUTH_TOKEN": gitlabtest.Token, "GITLAB_PERSONAL_ACCESS_TOKEN": gitlabtest.Token})
		compare(t, rest, everything(t, openTools(t, toolOptions(address+"/sse"), nil)), lessEvents)
	})
	t.Run("fixed token", func(t *testing.T) {
		address := realHTTP(t, s, map[string]string{"MAX_REQUESTS_PER_MINUTE": "1000", "STREAMABLE_HTTP": "true", "STREAMABLE_HTTP_AUTH_TOKEN": gitlabtest.Token, "GITLAB_PERSONAL_ACCESS_TOKEN": gitlabtest.Token})
		compare(t, rest, everything(t, openTools(t, patiently(toolOptions(address+"/mcp")), nil)), lessEvents)
	})
}

// TestRealMCPProfile: the server has the tools that are called, and says of
// each that it reads; with its tools that write switched on none of them is
// called.
func TestRealMCPProfile(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Authors: true})
	o, programs := realProgram(t, s)
	programs["gitlab"].Env["GITLAB_READ_ONLY_MODE"] = "false"
	session := mcpclient.New(mcpclient.Options{Service: o.Service, Credentials: o.Credentials, Programs: programs, Profile: gitlab.MCP().Profile})
	t.Cleanup(session.Close)
	all, err := session.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, tool := range all {
		if tool.Used {
			used++
			if !strings.Contains(string(tool.Definition), `"readOnlyHint":true`) {
				t.Errorf("%s is used and does not say that it reads", tool.Name)
			}
		}
	}
	if used != 21 || len(all) < 150 {
		t.Errorf("%d of %d tools are used", used, len(all))
	}
	asked := 0
	s.Before(func(r *http.Request) {
		if asked++; r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
	})
	if all := everything(t, openTools(t, o, programs)); len(all) == 0 || asked == 0 {
		t.Errorf("%d records by %d requests", len(all), asked)
	}
}

// TestRealMCPRefused: the server refuses a list for one issue without an
// author, and the others are read all the same.
func TestRealMCPRefused(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	o, programs := realProgram(t, s)
	refusedRound(t, s, openTools(t, o, programs))
}
