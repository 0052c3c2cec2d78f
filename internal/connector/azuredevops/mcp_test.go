package azuredevops_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// startMCP starts a fake with a stand-in of a generation before it. No test
// may end with a tool called that writes.
func startMCP(t *testing.T, generation, path string) (*azuredevopstest.Server, connector.Options) {
	t.Helper()
	fake, options := start(t)
	server := fake.NewMCP(generation)
	t.Cleanup(func() {
		server.Close()
		if names := server.Written(); len(names) > 0 {
			t.Errorf("tools that write were called: %v", names)
		}
	})
	options.Service.Endpoint = server.URL + path
	options.Service.Timeout = 120
	options.Credentials = map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Bearer}
	options.Client = server.Client()
	return fake, options
}

func openMCP(t *testing.T, options connector.Options) connector.Connector {
	t.Helper()
	return connectortest.Opened(t, connectortest.OpenMCP(azuredevops.MCP(), nil), options)
}

// lesser are the faults of which the server says less than the vendor does:
// its client takes what is no JSON for nothing found.
var lesser = map[string]string{"garbage": connector.ReasonNotFound, "html": connector.ReasonNotFound}

func TestMCPSuite(t *testing.T) {
	t.Parallel()
	for _, generation := range []string{"2.2.2", "2.9.0"} {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{
				Open: connectortest.OpenMCP(azuredevops.MCP(), nil), Reasons: lesser,
				Start: func(t *testing.T) *connectortest.Fake {
					t.Helper()
					fake, options := startMCP(t, generation, "/mcp")
					return &connectortest.Fake{
						Options: options, Fail: fake.Fail, Wrong: map[string]string{"personal_access_token": "wrong"},
						Change: func() (rampforge.Stream, string) {
							if generation == "2.2.2" { // it has no work items
								return rampforge.StreamPipelineRuns, fake.FinishRun()
							}
							return rampforge.StreamWorkItems, fake.ChangeWorkItem()
						},
					}
				},
			})
		})
	}
}

// all reads every stream of every resource whose key begins so.
func all(t *testing.T, c connector.Connector, prefix string) (streams map[string][]rampforge.Stream, records map[string][]rampforge.Record) {
	t.Helper()
	streams, records = map[string][]rampforge.Stream{}, map[string][]rampforge.Record{}
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(r.Key, prefix) {
			continue
		}
		streams[r.Key] = r.Streams
		for _, stream := range r.Streams {
			key := r.Key + " " + string(stream)
			records[key] = []rampforge.Record{}
			for page, err := range c.Read(t.Context(), r, stream, nil) {
				if err != nil {
					t.Fatalf("%s: %v", key, err)
				}
				records[key] = append(records[key], page.Records...)
			}
			slices.SortFunc(records[key], func(a, b rampforge.Record) int { return cmp.Compare(a.ID, b.ID) })
		}
	}
	return streams, records
}

// told makes of a record of the vendor's own API what its MCP servers tell of
// it. These are all the differences.
func told(r *rampforge.Record) {
	r.Raw = nil // the same record in another form
	if item := r.WorkItem; item != nil {
		for i, e := range item.Events {
			if e.Actor != nil { // revisions hold names alone, and a search by name tells ids
				item.Events[i].Actor = &rampforge.Account{ID: e.Actor.ID, Name: e.Actor.Name, Bot: e.Actor.Bot}
			}
		}
		if n := len(item.Comments); n > 200 { // the tool gives the newest only
			item.Comments, item.HistoryIncomplete = item.Comments[n-200:], true
		}
	}
	if pull := r.PullRequest; pull != nil {
		pull.Commits = nil // no tool tells them
	}
}

// compareMCP compares what one fake tells by REST and by tools of the
// resources whose key begins so. kinds are the streams that there have to be.
func compareMCP(t *testing.T, fake *azuredevopstest.Server, c connector.Connector, prefix string, kinds ...rampforge.Stream) {
	t.Helper()
	direct, err := azuredevops.Open(connector.Options{
		Service:     rampforge.Service{Endpoint: fake.Endpoint()},
		Credentials: map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Token}, Client: fake.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, want := all(t, direct, prefix)
	streams, got := all(t, c, prefix)
	read := map[rampforge.Stream]bool{}
	for key, records := range got {
		for i := range want[key] {
			told(&want[key][i])
		}
		for i := range records {
			if len(records[i].Raw) == 0 {
				t.Errorf("%s: %s has no raw form", key, records[i].ID)
			}
			again, err := azuredevops.Normalise(records[i].Stream, records[i].ResourceID, records[i].Raw)
			if diff := connectortest.Diff(records[i], again); err != nil || diff != "" {
				t.Errorf("%s: %s does not come out of its raw form: %v\n%s", key, records[i].ID, err, diff)
			}
			records[i].Raw = nil
			read[records[i].Stream] = true
		}
		if diff := connectortest.Diff(want[key], records); diff != "" {
			t.Errorf("%s (-REST +tools):\n%.4000s", key, diff)
		}
	}
	for _, kind := range kinds {
		if !read[kind] {
			t.Errorf("nothing of %s was read: %v", kind, streams)
		}
	}
	if len(read) != len(kinds) {
		t.Errorf("%v were read, want %v", read, kinds)
	}
}

func TestMCPTellsWhatRESTTells(t *testing.T) {
	t.Parallel()
	for _, generation := range azuredevopstest.Generations {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			fake, options := startMCP(t, generation, "/mcp")
			kinds := []rampforge.Stream{rampforge.StreamSprints, rampforge.StreamPipelineRuns, rampforge.StreamPullRequests}
			if generation != "2.2.2" {
				kinds = append(kinds, rampforge.StreamWorkItems)
			}
			prefix := "Tailspin" // the smaller project tells the generations apart
			if generation == "2.9.0" {
				prefix = ""
				fake.Lengthen()
			}
			compareMCP(t, fake, openMCP(t, options), prefix, kinds...)
		})
	}
}

// TestMCPByEvents speaks to a server by the older transport.
func TestMCPByEvents(t *testing.T) {
	t.Parallel()
	_, options := startMCP(t, "2.9.0", "/sse")
	got, err := openMCP(t, options).Check(t.Context())
	want := &rampforge.Account{ID: "00000001-0000-4000-8000-000000000001", Login: "ada@contoso.example", Name: "Ada Lovelace", Email: "ada@contoso.example", EmailVerified: true}
	if diff := gocmp.Diff(want, got.Account); err != nil || diff != "" || got.Server != "Azure DevOps Services" || got.Peer == nil || got.Peer.Version != "2.9.0" {
		t.Errorf("%+v, %v\n%s", got, err, diff)
	}
}

// TestMCPProfile looks at every call that may ever be made.
func TestMCPProfile(t *testing.T) {
	t.Parallel()
	reads := []string{"list", "get", "query", "my", "work", "repo_repository", "repo_pull_request", "repo_pull_request_thread", "pipelines_build", "wit_work_item"}
	for _, s := range azuredevops.MCP().Profile {
		name, action := s.Name, s.With["action"]
		known := slices.ContainsFunc(reads, func(verb string) bool {
			return name == verb || strings.Contains("_"+name+"_", "_"+verb+"_")
		})
		for _, verb := range []string{"write", "create", "update", "add", "link", "run", "vote", "reply", "assign", "upsert", "delete"} {
			if strings.Contains("_"+name+"_"+action+"_", "_"+verb+"_") {
				t.Errorf("%s %s writes", name, action)
			}
		}
		if action != "" && !slices.Contains([]string{"list", "get", "get_batch", "get_type", "my", "wiql", "list_comments", "list_revisions", "list_iterations", "list_team_iterations"}, action) || !known {
			t.Errorf("%s %s is not known to read", name, action)
		}
	}
}

// TestMCPQuarantine withholds a tool: its streams are there and say why they
// cannot be read.
func TestMCPQuarantine(t *testing.T) {
	t.Parallel()
	fake, options := startMCP(t, "2.9.0", "/mcp")
	vendor := azuredevops.MCP()
	session := mcpclient.New(mcpclient.Options{
		Service: options.Service, Header: vendor.Headers(options.Credentials), Client: options.Client, Profile: vendor.Profile,
		Review: func(_ context.Context, tools []mcpclient.Tool) (map[string]bool, error) {
			approved := map[string]bool{}
			for _, tool := range tools {
				approved[tool.Name] = tool.Name != "wit_query" && tool.Name != "repo_pull_request_thread"
			}
			return approved, nil
		},
	})
	t.Cleanup(session.Close)
	c, err := vendor.Open(options, session)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests} {
			if r.Archived || !slices.Contains(r.Streams, stream) {
				continue
			}
			found++
			var fault error
			for _, err := range c.Read(t.Context(), r, stream, nil) {
				fault = err
			}
			if connector.Reason(fault) != mcpclient.ReasonQuarantined {
				t.Errorf("%s of %s: %v", stream, r.Key, fault)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d streams with a tool that is withheld", found)
	}
	p := &place{c: c, id: fake.Project(1), stream: rampforge.StreamSprints}
	if n := len(p.next(t, nil)); n == 0 {
		t.Error("what needs no such tool is not read")
	}
}

func TestMCPWorkItemsChange(t *testing.T) {
	t.Parallel()
	fake, options := startMCP(t, "2.9.0", "/mcp")
	p := &place{c: openMCP(t, options), id: fake.Project(0), stream: rampforge.StreamWorkItems}
	changed := ""
	ids := p.next(t, func(page int) {
		if page == 1 {
			changed = fake.ChangeWorkItem()
		}
	})
	if n := len(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id != changed })); len(ids) != 131 || n != 2 {
		t.Errorf("%d work items, the changed one %d times", len(ids), n)
	}
	want(t, "nothing", p.next(t, nil))
	want(t, "a change", p.next(t, nil), []string{}...)
	changed = fake.ChangeWorkItem()
	want(t, "a change", p.next(t, nil), changed)
	late := fake.ChangeLate()
	want(t, "a change that was saved late", p.next(t, nil), late)
	want(t, "nothing after it", p.next(t, nil))
	gone := fake.DeleteWorkItem()
	for page, err := range p.c.IDs(t.Context(), rampforge.Resource{ID: p.id}, p.stream) {
		if err != nil || slices.Contains(page, gone) || len(page) == 0 {
			t.Errorf("a deleted work item: %v, %v", page, err)
		}
	}
}

// TestMCPWorkItemsTogether changes more work items at one moment than a page
// holds, and reads on after each page as after a crash.
func TestMCPWorkItemsTogether(t *testing.T) {
	t.Parallel()
	fake, options := startMCP(t, "2.9.0", "/mcp")
	c := openMCP(t, options)
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamWorkItems}
	fake.ChangeTogether(125)
	var got []string
	pages := 0
	for done := false; !done && pages < 20; pages++ {
		done = true
		for page, err := range c.Read(t.Context(), rampforge.Resource{ID: p.id}, p.stream, p.at) {
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Records {
				got = append(got, r.ID)
			}
			p.at, done = page.Next, false
			break
		}
	}
	slices.Sort(got)
	if n := len(slices.Compact(slices.Clone(got))); n != 130 || len(got) != 130 {
		t.Errorf("%d work items, %d different ones, in %d pages", len(got), n, pages)
	}
	again := fake.ChangeTogether(125)
	want(t, "another change of all together", p.next(t, nil), again...)
	want(t, "nothing after it", p.next(t, nil))
}

// TestMCPAfterREST goes on by the vendor's own API with a cursor of tools, and
// the other way round: it begins anew and loses nothing.
func TestMCPAfterREST(t *testing.T) {
	t.Parallel()
	fake, options := startMCP(t, "2.9.0", "/mcp")
	tools := &place{c: openMCP(t, options), id: fake.Project(1), stream: rampforge.StreamWorkItems}
	n := len(tools.next(t, nil))
	direct, err := azuredevops.Open(connector.Options{
		Service:     rampforge.Service{Endpoint: fake.Endpoint()},
		Credentials: map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Token}, Client: fake.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	rest := &place{c: direct, id: tools.id, stream: tools.stream, at: tools.at}
	if got := len(rest.next(t, nil)); got != n || n == 0 {
		t.Errorf("%d work items by REST, %d by tools", got, n)
	}
	tools.at = rest.at
	if got := len(tools.next(t, nil)); got != n {
		t.Errorf("%d work items by tools again", got)
	}
}

// TestMCPTimeouts asks without any time.
func TestMCPTimeouts(t *testing.T) {
	t.Parallel()
	_, options := startMCP(t, "2.9.0", "/mcp")
	c := openMCP(t, options)
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := c.Check(ctx); connector.Reason(err) != connector.ReasonTimeout {
		t.Error(err)
	}
}
