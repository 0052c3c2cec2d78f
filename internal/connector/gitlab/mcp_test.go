package gitlab_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// vaguer is what the servers say less of than GitLab: they tell of an answer
// that is no JSON as of any other failure.
var vaguer = map[string]string{"garbage": connector.ReasonVendor, "html": connector.ReasonVendor}

func toolOptions(endpoint string) connector.Options {
	return connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceGitLab, Endpoint: endpoint},
		Credentials: map[string]string{"token": gitlabtest.Token},
		Client:      &http.Client{Transport: &http.Transport{}},
	}
}

func startTools(t *testing.T, g gitlabtest.Generation, o gitlabtest.Options) *connectortest.Fake {
	t.Helper()
	s := gitlabtest.Start(t, o)
	return toolFake(s, toolOptions(gitlabtest.StartTools(t, s, g).URL))
}

func toolFake(s *gitlabtest.Server, o connector.Options) *connectortest.Fake {
	return &connectortest.Fake{
		Options: o,
		Wrong:   map[string]string{"token": "glpat-wrong-0123456789abcdef"},
		Fail:    s.Fail,
		Change: func() (rampforge.Stream, string) {
			return rampforge.StreamWorkItems, s.Touch(gitlabtest.App, "issues", 20)
		},
	}
}

func TestTools(t *testing.T) {
	t.Parallel()
	open := connectortest.OpenMCP(gitlab.MCP(), nil)
	for name, test := range map[string]struct {
		generation gitlabtest.Generation
		options    gitlabtest.Options
	}{
		"community":    {gitlabtest.Community, gitlabtest.Options{Seed: 2, Authors: true, NoPages: true, MaxPage: 13}},
		"GitLab's own": {gitlabtest.Own, gitlabtest.Options{Seed: 4, Prefix: "/git/lab"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{Open: open, Reasons: vaguer, Start: func(t *testing.T) *connectortest.Fake {
				return startTools(t, test.generation, test.options)
			}})
		})
	}
}

// everything reads all streams of all resources.
func everything(t *testing.T, c connector.Connector) map[string]rampforge.Record {
	t.Helper()
	all := map[string]rampforge.Record{}
	for resource, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, stream := range resource.Streams {
			for page, err := range c.Read(t.Context(), resource, stream, nil) {
				if err != nil {
					t.Fatalf("%s of %s: %v", stream, resource.Key, err)
				}
				for _, r := range page.Records {
					all[resource.Key+" "+string(stream)+" "+r.ID] = r
				}
			}
		}
	}
	return all
}

func openTools(t *testing.T, o connector.Options, programs mcpclient.Programs) connector.Connector {
	t.Helper()
	return connectortest.Opened(t, connectortest.OpenMCP(gitlab.MCP(), programs), o)
}

// The tools of @zereight/mcp-gitlab give no events of issues: changes of
// assignees are read from the notes, and the rest is missing and said to be.
func lessEvents(r rampforge.Record) rampforge.Record {
	r.Raw = nil // what was read, in the server's own words
	if r.WorkItem != nil {
		item := *r.WorkItem
		item.HistoryIncomplete = true
		item.Events = slices.DeleteFunc(slices.Clone(item.Events), func(e rampforge.WorkItemEvent) bool { return e.Field != rampforge.FieldAssignee })
		r.WorkItem = &item
	}
	return r
}

func compare(t *testing.T, want, got map[string]rampforge.Record, less func(rampforge.Record) rampforge.Record) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("nothing was read")
	}
	for key, w := range want {
		g, ok := got[key]
		if !ok {
			t.Errorf("%s was not read by tools", key)
			continue
		}
		if !json.Valid(g.Raw) {
			t.Errorf("%s: raw is no JSON", key)
		}
		g.Raw = nil
		if diff := cmp.Diff(less(w), g, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s (-by REST +by tools):\n%s", key, diff)
		}
	}
	if len(got) > len(want) {
		t.Errorf("%d records by tools, %d by REST", len(got), len(want))
	}
}

func TestSameByTools(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Authors: true, Large: true})
	tools := gitlabtest.StartTools(t, s, gitlabtest.Community)
	rest := everything(t, open(t, s))
	for name, endpoint := range map[string]string{"streamable": tools.URL, "events": tools.SSE} {
		t.Run(name, func(t *testing.T) {
			compare(t, rest, everything(t, openTools(t, toolOptions(endpoint), nil)), lessEvents)
		})
	}
}

// TestSameByOwnTools: GitLab's own tools give only work items in a way that
// can be read on, and of these neither weights, nor events, nor times below a
// second, nor the facts of accounts.
func TestSameByOwnTools(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	rest := everything(t, open(t, s))
	for key, r := range rest {
		if r.Stream != rampforge.StreamWorkItems {
			delete(rest, key)
		}
	}
	tools := gitlabtest.StartTools(t, s, gitlabtest.Own)
	compare(t, rest, everything(t, openTools(t, toolOptions(tools.URL), nil)), func(r rampforge.Record) rampforge.Record {
		r = lessEvents(r)
		item := r.WorkItem
		r.UpdatedAt = r.UpdatedAt.Truncate(time.Second)
		item.CreatedAt, item.UpdatedAt = item.CreatedAt.Truncate(time.Second), item.UpdatedAt.Truncate(time.Second)
		if item.ClosedAt != nil {
			at := item.ClosedAt.Truncate(time.Second)
			item.ClosedAt = &at
		}
		item.Estimate, item.URL = nil, strings.Replace(item.URL, "/issues/", "/work_items/", 1)
		item.Reporter = named(item.Reporter)
		item.Assignees = slices.Clone(item.Assignees)
		for i := range item.Assignees {
			item.Assignees[i] = *named(&item.Assignees[i])
		}
		for i := range item.Events {
			e := &item.Events[i]
			e.At, e.Actor = e.At.Truncate(time.Second), named(e.Actor)
		}
		item.Comments = slices.Clone(item.Comments)
		for i := range item.Comments {
			c := &item.Comments[i]
			c.Author, c.CreatedAt, c.UpdatedAt = named(c.Author), c.CreatedAt.Truncate(time.Second), c.UpdatedAt.Truncate(time.Second)
		}
		return r
	})
}

func named(a *rampforge.Account) *rampforge.Account {
	if a == nil {
		return nil
	}
	return &rampforge.Account{ID: a.ID, Login: a.Login, Name: a.Name}
}

// TestStreamsOfTools: a stream that no tool gives is not offered.
func TestStreamsOfTools(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Authors: true})
	streams := func(tools *gitlabtest.ToolServer) map[rampforge.Stream]bool {
		all := map[rampforge.Stream]bool{}
		for r, err := range openTools(t, toolOptions(tools.URL), nil).Resources(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			for _, stream := range r.Streams {
				all[stream] = true
			}
		}
		return all
	}
	if got := streams(gitlabtest.StartTools(t, s, gitlabtest.Community)); len(got) != 7 {
		t.Errorf("all tools: %v", got)
	}
	got := streams(gitlabtest.StartTools(t, s, gitlabtest.Community, "list_wiki_pages", "mr_discussions", "list_group_iterations", "get_pipeline"))
	if len(got) != 3 || !got[rampforge.StreamWorkItems] || !got[rampforge.StreamCommits] || !got[rampforge.StreamDeployments] {
		t.Errorf("some tools: %v", got)
	}
	if got := streams(gitlabtest.StartTools(t, s, gitlabtest.Own)); len(got) != 1 || !got[rampforge.StreamWorkItems] {
		t.Errorf("GitLab's own tools: %v", got)
	}
	older := openTools(t, toolOptions(gitlabtest.StartTools(t, s, gitlabtest.OwnOlder).URL), nil)
	if _, err := older.Check(t.Context()); connector.Reason(err) != connector.ReasonUnsupported {
		t.Errorf("the tools of 18.7: %v", err)
	}
	for _, err := range older.Resources(t.Context()) {
		if connector.Reason(err) != connector.ReasonUnsupported {
			t.Errorf("the tools of 18.7: %v", err)
		}
	}
}

// TestToolsShift changes and deletes issues while they are read by windows.
func TestToolsShift(t *testing.T) {
	t.Parallel()
	for name, generation := range map[string]gitlabtest.Generation{"community": gitlabtest.Community, "own": gitlabtest.Own} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gitlabtest.Start(t, gitlabtest.Options{MaxPage: 10, Authors: true})
			c := openTools(t, toolOptions(gitlabtest.StartTools(t, s, generation).URL), nil)
			want, _ := read(t, c, rampforge.StreamWorkItems, nil, 0)
			n, lists := 0, 0
			s.Before(func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/issues") {
					if lists++; lists > 2 && n < 20 {
						s.Touch(gitlabtest.App, "issues", n)
						n++
					}
				}
			})
			got, at := read(t, c, rampforge.StreamWorkItems, nil, 0)
			if n < 5 {
				t.Fatalf("only %d records were changed", n)
			}
			if diff := cmp.Diff(ids(want), slices.Compact(ids(got))); diff != "" {
				t.Errorf("(-there +read):\n%s", diff)
			}
			s.Before(nil)
			changed := s.Touch(gitlabtest.App, "issues", 30)
			if again, _ := read(t, c, rampforge.StreamWorkItems, at, 0); !slices.Contains(ids(again), changed) {
				t.Errorf("%s was changed, and read again were %v", changed, ids(again))
			}
			gone := map[string]bool{}
			s.Before(func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/issues") && len(gone) < 15 {
					gone[s.Delete(gitlabtest.App, "issues", 0)] = true
				}
			})
			listed := map[string]bool{}
			for page, err := range c.IDs(t.Context(), app, rampforge.StreamWorkItems) {
				if err != nil {
					t.Fatal(err)
				}
				for _, id := range page {
					listed[id] = true
				}
			}
			for _, id := range ids(want) {
				if !listed[id] && !gone[id] {
					t.Errorf("%s is there and was not listed", id)
				}
			}
		})
	}
}

// TestIncrementalCalls counts what a look costs after which nothing is new.
func TestIncrementalCalls(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Authors: true})
	tools := gitlabtest.StartTools(t, s, gitlabtest.Community)
	c := openTools(t, toolOptions(tools.URL), nil)
	for stream, most := range map[rampforge.Stream]int{rampforge.StreamWorkItems: 5, rampforge.StreamPullRequests: 5, rampforge.StreamCommits: 4, rampforge.StreamPipelineRuns: 4} {
		_, at := read(t, c, stream, nil, 0)
		tools.Calls()
		if again, _ := read(t, c, stream, at, 0); len(again) > 0 {
			t.Errorf("%s: %v come again", stream, ids(again))
		}
		if calls := tools.Calls(); len(calls) > most {
			t.Errorf("%s: %d calls to find nothing: %v", stream, len(calls), calls)
		}
	}
}

// TestProfileReads: every call that is ever made is of a tool that reads, and
// every tool that is needed is one of them.
func TestProfileReads(t *testing.T) {
	t.Parallel()
	for _, sig := range gitlab.MCP().Profile {
		verb, _, _ := strings.Cut(sig.Name, "_")
		if !slices.Contains([]string{"list", "get", "whoami", "health", "mr"}, verb) {
			t.Errorf("%s does not say that it reads", sig.Name)
		}
	}
	s := gitlabtest.Start(t, gitlabtest.Options{})
	for _, g := range []gitlabtest.Generation{gitlabtest.Community, gitlabtest.Own, gitlabtest.OwnOlder} {
		session := mcpclient.New(mcpclient.Options{
			Service: rampforge.Service{Type: rampforge.ServiceGitLab, Endpoint: gitlabtest.StartTools(t, s, g).URL}, Client: &http.Client{Transport: &http.Transport{}},
			Header: gitlab.MCP().Headers(map[string]string{"token": gitlabtest.Token}), Profile: gitlab.MCP().Profile,
		})
		t.Cleanup(session.Close)
		all, err := session.Tools(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		used := 0
		for _, tool := range all {
			if tool.Used {
				used++
				var definition struct {
					Annotations struct {
						ReadOnly bool `json:"readOnlyHint"`
					} `json:"annotations"`
				}
				if json.Unmarshal(tool.Definition, &definition) != nil || !definition.Annotations.ReadOnly {
					t.Errorf("%s is used and writes", tool.Name)
				}
			}
		}
		if want := map[gitlabtest.Generation]int{gitlabtest.Community: 21, gitlabtest.Own: 7, gitlabtest.OwnOlder: 2}[g]; used != want {
			t.Errorf("generation %d: %d tools are used, want %d", g, used, want)
		}
	}
}

// TestQuarantine withholds one tool: its stream says so, the others go on.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Authors: true})
	o := toolOptions(gitlabtest.StartTools(t, s, gitlabtest.Community).URL)
	session := mcpclient.New(mcpclient.Options{
		Service: o.Service, Header: gitlab.MCP().Headers(o.Credentials), Client: o.Client, Profile: gitlab.MCP().Profile,
		Review: func(_ context.Context, all []mcpclient.Tool) (map[string]bool, error) {
			approved := map[string]bool{}
			for _, tool := range all {
				approved[tool.Name] = tool.Name != "list_pipelines"
			}
			return approved, nil
		},
	})
	t.Cleanup(session.Close)
	c, err := gitlab.MCP().Open(o, session)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == app.ID && !slices.Contains(r.Streams, rampforge.StreamPipelineRuns) {
			t.Errorf("%v: a stream that waits for approval is gone", r.Streams)
		}
	}
	for _, err := range c.Read(t.Context(), app, rampforge.StreamPipelineRuns, nil) {
		if connector.Reason(err) != mcpclient.ReasonQuarantined || !strings.Contains(err.Error(), "list_pipelines") {
			t.Errorf("%v", err)
		}
	}
	if all, _ := read(t, c, rampforge.StreamDeployments, nil, 0); len(all) != 45 {
		t.Errorf("%d deployments", len(all))
	}
}

// TestHidden: somebody who hides what they are is nobody special.
func TestHidden(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := openTools(t, toolOptions(gitlabtest.StartTools(t, s, gitlabtest.Community, "get_user").URL), nil)
	all, _ := read(t, c, rampforge.StreamDeployments, nil, 0)
	if len(all) != 45 || all[0].Deployment.Actor == nil || all[0].Deployment.Actor.Login == "" {
		t.Errorf("%d deployments", len(all))
	}
}

// TestSquashed: a merge request that was squashed has not landed as its head,
// and where nobody tells as what, nothing is said.
func TestSquashed(t *testing.T) {
	t.Parallel()
	for more, want := range map[string]string{
		`"squash":false`:                               "a1",
		`"squash":true`:                                "",
		`"squash":true,"squash_commit_sha":null`:       "a1", // of one commit: nothing to squash
		`"squash":true,"squash_commit_sha":"b2"`:       "b2",
		`"squash":true,"merge_commit_sha":"c3"`:        "c3",
		`"squash_commit_sha":"","merge_commit_sha":""`: "a1",
	} {
		raw := `{"merge_request":{"id":"1","iid":"2","state":"merged","sha":"a1","updated_at":"2026-01-05T09:00:00Z",` + more + `}}`
		r, err := gitlab.Normalise(rampforge.StreamPullRequests, "1", []byte(raw))
		if err != nil || r.PullRequest.MergeCommit != want {
			t.Errorf("%s: %v, %v, want %q", more, r.PullRequest, err, want)
		}
	}
}

// TestHeaders: what GitLab refuses as an access token is not shown as one.
func TestHeaders(t *testing.T) {
	t.Parallel()
	for token, private := range map[string]string{"glpat-abc": "glpat-abc", "0a1b2c3d": "", "": ""} {
		h := gitlab.MCP().Headers(map[string]string{"token": token})
		if got := h.Get("Private-Token"); got != private {
			t.Errorf("%q: %q", token, got)
		}
		if got := h.Get("Authorization"); (got == "") != (token == "") || strings.Contains(got, "  ") {
			t.Errorf("%q: %q", token, got)
		}
	}
}
