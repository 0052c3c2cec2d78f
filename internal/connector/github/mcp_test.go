package github_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// many is a fake with more than a page of everything: tools tell of a last
// page by its length only, so that the fake must give what is asked for.
func many(seed uint64) githubtest.Options {
	return githubtest.Options{Seed: seed, Issues: 24, Pulls: 22, Commits: 120, Runs: 45}
}

// generations are the servers that are known, by what differs.
var generations = map[string]githubtest.ToolOptions{
	"present": {},
	"plain":   {Plain: true},
	"events":  {Events: true},
}

func toolOptions(fake *githubtest.Server, tools *githubtest.Tools) connector.Options {
	o := options(fake)
	o.Service.Endpoint = tools.URL
	return o
}

func TestMCPSuite(t *testing.T) {
	t.Parallel()
	for name, generation := range generations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{
				Open: connectortest.OpenMCP(github.MCP(), nil),
				Reasons: map[string]map[string]string{"events": {
					// What answers a request is not looked at there: what counts comes as an event.
					"garbage": connector.ReasonTimeout, "html": connector.ReasonTimeout,
				}}[name],
				Start: func(t *testing.T) *connectortest.Fake {
					t.Helper()
					s := githubtest.Start(t, many(1))
					tools := githubtest.StartTools(t, s, generation)
					return &connectortest.Fake{Options: toolOptions(s, tools), Wrong: map[string]string{"token": "wrong"}, Fail: tools.Fail, Change: s.Change}
				},
			})
		})
	}
}

// withTools is a bundle that reads by tools.
func withTools(t *testing.T, o githubtest.Options, tools githubtest.ToolOptions) (*bundle, *githubtest.Tools) {
	t.Helper()
	b := setup(t, o)
	server := githubtest.StartTools(t, b.fake, tools)
	return b, useTools(t, b, server)
}

func useTools(t *testing.T, b *bundle, server *githubtest.Tools) *githubtest.Tools {
	t.Helper()
	b.conn = connectortest.Opened(t, connectortest.OpenMCP(github.MCP(), nil), toolOptions(b.fake, server))
	return server
}

func TestMCPAsByREST(t *testing.T) {
	t.Parallel()
	for name, generation := range generations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, many(21))
			byREST := b.conn
			useTools(t, b, githubtest.StartTools(t, b.fake, generation))
			compareTransports(t, byREST, b.conn)
			for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests} {
				got := b.ids(stream)
				b.conn, byREST = byREST, b.conn
				wantSame(t, "ids of "+string(stream), got, b.ids(stream))
				b.conn, byREST = byREST, b.conn
			}
		})
	}
}

// TestMCPProfile holds every call against its name: none may write.
func TestMCPProfile(t *testing.T) {
	t.Parallel()
	b := setup(t, many(1))
	server := githubtest.StartTools(t, b.fake, githubtest.ToolOptions{})
	o, v := toolOptions(b.fake, server), github.MCP()
	session := mcpclient.New(mcpclient.Options{Service: o.Service, Header: v.Headers(o.Credentials), Client: o.Client, Profile: v.Profile})
	t.Cleanup(session.Close)
	all, err := session.Tools(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]mcpclient.Tool{}
	for _, tool := range all {
		if tool.Used {
			used[tool.Name] = tool
		}
	}
	for _, sig := range v.Profile {
		if used[sig.Name].Kind != mcpclient.KindRead {
			t.Errorf("%s: %q", sig.Name, used[sig.Name].Kind)
		}
		for _, verb := range []string{"write", "create", "update", "delete", "merge", "add", "run", "set"} {
			if slices.Contains(strings.Split(sig.Name, "_"), verb) {
				t.Errorf("%s: its name says that it writes", sig.Name)
			}
		}
	}
	if len(used) != 10 || len(all) <= len(used) {
		t.Errorf("%d of %d tools are used", len(used), len(all))
	}
	if h := v.Headers(map[string]string{"token": "a\r\nb"}); h.Get("Authorization") != "" {
		t.Errorf("a token with a line break is sent: %v", h)
	}
}

// TestMCPQuarantine withholds one tool after another: the streams that need it
// say so, and the others are read.
func TestMCPQuarantine(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 3, Issues: 4, Pulls: 3, Commits: 3, Runs: 3})
	server := githubtest.StartTools(t, b.fake, githubtest.ToolOptions{})
	streams := []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns}
	for withheld, stream := range map[string]rampforge.Stream{
		"search_issues": rampforge.StreamWorkItems, "pull_request_read": rampforge.StreamPullRequests,
		"list_commits": rampforge.StreamCommits, "actions_list": rampforge.StreamPipelineRuns,
	} {
		o, v := toolOptions(b.fake, server), github.MCP()
		session := mcpclient.New(mcpclient.Options{
			Service: o.Service, Header: v.Headers(o.Credentials), Client: o.Client, Profile: v.Profile,
			Review: func(_ context.Context, all []mcpclient.Tool) (map[string]bool, error) {
				approved := map[string]bool{}
				for _, tool := range all {
					approved[tool.Name] = tool.Used && tool.Name != withheld
				}
				return approved, nil
			},
		})
		t.Cleanup(session.Close)
		c, err := v.Open(o, session)
		if err != nil {
			t.Fatal(err)
		}
		resource := allResources(t, c)[0]
		if !slices.Equal(resource.Streams, streams) {
			t.Errorf("without %s: streams %v", withheld, resource.Streams)
		}
		for _, s := range streams {
			var fault error
			for _, err := range c.Read(t.Context(), resource, s, nil) {
				fault = err
			}
			if want := map[bool]string{true: mcpclient.ReasonQuarantined}[s == stream]; connector.Reason(fault) != want {
				t.Errorf("without %s, %s: %v", withheld, s, fault)
			}
		}
	}
}

// TestMCPWithoutATool leaves out the streams that a server has no tool for.
func TestMCPWithoutATool(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 4, Issues: 4, Pulls: 3}, githubtest.ToolOptions{Without: []string{"actions_list", "get_teams", "pull_request_read"}})
	for _, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamPipelineRuns, nil) {
		if connector.Reason(err) != connector.ReasonNotFound { // nothing tells of the organisation …
			t.Errorf("unknown: %v", err)
		}
	}
	b.repo.Key = "acme/api" // … unless the name is known
	for stream, want := range map[rampforge.Stream]string{
		rampforge.StreamWorkItems: "", rampforge.StreamPipelineRuns: connector.ReasonUnsupported,
		rampforge.StreamPullRequests: connector.ReasonUnsupported, rampforge.StreamDeployments: connector.ReasonUnsupported,
	} {
		var fault error
		for _, err := range b.conn.Read(t.Context(), b.repo, stream, nil) {
			fault = err
		}
		if connector.Reason(fault) != want {
			t.Errorf("%s: %v, want %q", stream, fault, want)
		}
	}
	if all := allResources(t, b.conn); len(all) > 0 {
		t.Errorf("nothing tells of these: %v", all)
	}

	b, _ = withTools(t, githubtest.Options{Seed: 4, Issues: 4, Pulls: 3}, githubtest.ToolOptions{Without: []string{"actions_list", "search_pull_requests"}})
	for _, r := range allResources(t, b.conn) {
		if !slices.Equal(r.Streams, []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamCommits}) {
			t.Errorf("%s: %v", r.Key, r.Streams)
		}
	}
}
