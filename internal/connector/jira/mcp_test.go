package jira_test

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// generations are the servers that are known.
var generations = map[string]struct {
	dc  bool
	mcp jiratest.MCP
}{
	"data center":           {true, jiratest.MCP{}},
	"data center by events": {true, jiratest.MCP{Events: true}},
	"data center, terse":    {true, jiratest.MCP{Terse: true}},
	"cloud":                 {false, jiratest.MCP{}},
	"cloud, bare":           {false, jiratest.MCP{Bare: true}},
	"cloud, as GraphQL":     {false, jiratest.MCP{Connection: true}},
	"cloud, v2":             {false, jiratest.MCP{Newer: true}},
}

// byMCP are the options to read a fake by the tools of a server.
func byMCP(t *testing.T, s *jiratest.Server, m jiratest.MCP) connector.Options {
	t.Helper()
	o := optionsFor(s)
	o.Service.Endpoint = s.MCP(t, m)
	return o
}

func openMCP(t *testing.T, o connector.Options, programs mcpclient.Programs) connector.Connector {
	t.Helper()
	return connectortest.Opened(t, connectortest.OpenMCP(jira.MCP(), programs), o)
}

func TestConnectorByMCP(t *testing.T) {
	t.Parallel()
	for name, g := range generations {
		if g.mcp.Events || g.mcp.Connection || g.mcp.Terse { // which differ little
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{
				Open: connectortest.OpenMCP(jira.MCP(), nil),
				Start: func(t *testing.T) *connectortest.Fake {
					t.Helper()
					s := jiratest.New(t, jiratest.Options{DataCenter: g.dc, Seed: 1, Issues: 60})
					return &connectortest.Fake{Options: byMCP(t, s, g.mcp), Wrong: s.WrongCredentials(), Fail: s.Fail, Change: s.Change}
				},
			})
		})
	}
}

// lacks is what the tools of a server do not give of a record. Everything else
// is as it is by REST.
type lacks func(rest, mcp *rampforge.WorkItem)

// centerLacks is nothing: the tools of servers for Data Center hand REST through.
func centerLacks(_, _ *rampforge.WorkItem) {}

// cloudLacks of Atlassian's own server:
//   - there is no list of statuses, so that a status which is not in the list has
//     the category that the issue itself says, and its closing the time by it;
//   - of a history only the newest part comes, and with some versions nothing;
//   - of many comments only those that come with the issue.
func cloudLacks(bare bool) lacks {
	return func(rest, mcp *rampforge.WorkItem) {
		if rest.StatusID == jiratest.UnknownStatus && rest.StatusCategory == rampforge.StatusUnknown && mcp.StatusCategory == rampforge.StatusDone {
			mcp.StatusCategory, mcp.ClosedAt = rest.StatusCategory, rest.ClosedAt
		}
		if n := len(mcp.Comments); n == 20 && len(rest.Comments) > n {
			mcp.Comments = rest.Comments
		}
		if bare { // without the kinds of the fields nobody knows which is which
			rest.Estimate, rest.SprintIDs = nil, []string{}
		}
		if n := len(mcp.Events); mcp.HistoryIncomplete && (bare && n == 0 || !bare && n > 0 && cmp.Equal(rest.Events[len(rest.Events)-n:], mcp.Events)) {
			mcp.Events, mcp.HistoryIncomplete = rest.Events, rest.HistoryIncomplete
			if bare {
				mcp.ClosedAt = rest.ClosedAt // which may be an event
			}
		}
	}
}

// newerLacks of v2 is the list of statuses alone.
func newerLacks(rest, mcp *rampforge.WorkItem) {
	if rest.StatusID == jiratest.UnknownStatus && rest.StatusCategory == rampforge.StatusUnknown && mcp.StatusCategory == rampforge.StatusDone {
		mcp.StatusCategory, mcp.ClosedAt = rest.StatusCategory, rest.ClosedAt
	}
}

// TestSameRecords reads one fake both ways.
func TestSameRecords(t *testing.T) {
	t.Parallel()
	for name, g := range generations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, rest := setup(t, jiratest.Options{DataCenter: g.dc, Seed: 5, Issues: 70})
			minus := centerLacks
			switch {
			case g.mcp.Newer:
				minus = newerLacks
			case !g.dc:
				minus = cloudLacks(g.mcp.Bare)
			}
			sameRecords(t, rest, openMCP(t, byMCP(t, s, g.mcp), nil), minus)
		})
	}
}

func sameRecords(t *testing.T, rest, mcp connector.Connector, minus lacks) {
	t.Helper()
	var read int
	for resource, err := range mcp.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, stream := range resource.Streams {
			want, _ := readAll(t, rest, resource, stream, nil)
			got, _ := readAll(t, mcp, resource, stream, nil)
			have := byID(got)
			if len(got) != len(want) || len(have) != len(got) {
				t.Errorf("%s of %s: %d records, %d by REST", stream, resource.Key, len(got), len(want))
			}
			for _, w := range want {
				read++
				g := have[w.ID]
				w.Raw, g.Raw = nil, nil // of the same make, from another place
				if w.WorkItem != nil && g.WorkItem != nil {
					minus(w.WorkItem, g.WorkItem)
				}
				if diff := connectortest.Diff(w, g); diff != "" {
					t.Errorf("%s of %s (-rest +mcp):\n%s", stream, resource.Key, diff)
					return
				}
			}
		}
	}
	if read < 100 {
		t.Errorf("%d records were compared", read)
	}
}

// TestSameResources lists one fake both ways.
func TestSameResources(t *testing.T) {
	t.Parallel()
	for name, g := range generations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, rest := setup(t, jiratest.Options{DataCenter: g.dc, Seed: 5, Issues: 3})
			var all [2][]rampforge.Resource
			for i, c := range []connector.Connector{rest, openMCP(t, byMCP(t, s, g.mcp), nil)} {
				for r, err := range c.Resources(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if !g.dc && !g.mcp.Newer { // no tool for boards, and so no sprints
						r.Streams = slices.DeleteFunc(slices.Clone(r.Streams), func(s rampforge.Stream) bool { return i == 0 && s == rampforge.StreamSprints })
					}
					all[i] = append(all[i], r)
				}
			}
			if g.mcp.Bare { // and no way to ask for a second page
				all[0] = all[0][:2]
			}
			if diff := cmp.Diff(all[0], all[1]); diff != "" {
				t.Errorf("(-rest +mcp):\n%s", diff)
			}
		})
	}
}

// TestCheckByMCP tells of both: the site, and the server in between.
func TestCheckByMCP(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"data center": "Jira Data Center 9.12.4", "cloud": "Jira Cloud", "cloud, v2": "Jira Cloud"} {
		g := generations[name]
		s := jiratest.New(t, jiratest.Options{DataCenter: g.dc, Issues: 2})
		got, err := openMCP(t, byMCP(t, s, g.mcp), nil).Check(t.Context())
		if err != nil || got.Server != want || got.Peer == nil || got.Peer.Name == "" || got.Account.Name != "Ada Lovelace" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestProfileReads: every tool that is ever called only reads by its name.
func TestProfileReads(t *testing.T) {
	t.Parallel()
	for _, s := range jira.MCP().Profile {
		if name := strings.ToLower(s.Name); !strings.HasPrefix(strings.TrimPrefix(name, "jira_"), "get") && !strings.HasPrefix(strings.TrimPrefix(name, "jira_"), "search") && !strings.HasPrefix(name, "list") && s.Name != "atlassianUserInfo" {
			t.Errorf("%s", s.Name)
		}
	}
}

// TestQuarantine withholds one tool after the other: what needs it says so,
// and nothing else does.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	s := jiratest.New(t, jiratest.Options{DataCenter: true, Issues: 3})
	for withheld, broken := range map[string][]rampforge.Stream{
		"jira_search_issues":     {rampforge.StreamWorkItems},
		"jira_get_boards":        {rampforge.StreamSprints},
		"jira_get_board_sprints": {rampforge.StreamSprints},
		"jira_get_server_info":   {rampforge.StreamWorkItems},
		"jira_create_issue":      nil,
	} {
		o := byMCP(t, s, jiratest.MCP{})
		v := jira.MCP()
		session := mcpclient.New(mcpclient.Options{
			Service: o.Service, Credentials: o.Credentials, Header: v.Headers(o.Credentials), Client: o.Client, Profile: v.Profile,
			Review: func(_ context.Context, tools []mcpclient.Tool) (map[string]bool, error) {
				approved := map[string]bool{}
				for _, tool := range tools {
					approved[tool.Name] = tool.Name != withheld
				}
				return approved, nil
			},
		})
		t.Cleanup(session.Close)
		c, err := v.Open(o, session)
		if err != nil {
			t.Fatal(err)
		}
		for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints} {
			want := ""
			if slices.Contains(broken, stream) {
				want = mcpclient.ReasonQuarantined
			}
			var last error
			for _, err := range c.Read(t.Context(), alpha, stream, nil) {
				last = err
			}
			if connector.Reason(last) != want || last != nil && !strings.Contains(asError(t, last).Message, withheld) {
				t.Errorf("without %s, %s: %v", withheld, stream, last)
			}
		}
	}
}

// TestWithoutBoards: a server that has no tool for boards has no sprints, and
// no sync of it is partial for that.
func TestWithoutBoards(t *testing.T) {
	t.Parallel()
	s := jiratest.New(t, jiratest.Options{DataCenter: true, Issues: 3})
	c := openMCP(t, byMCP(t, s, jiratest.MCP{Without: []string{"jira_get_boards"}}), nil)
	for r, err := range c.Resources(t.Context()) {
		if err != nil || !slices.Equal(r.Streams, []rampforge.Stream{rampforge.StreamWorkItems}) {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for _, err := range c.IDs(t.Context(), alpha, rampforge.StreamSprints) {
		if connector.Reason(err) != connector.ReasonUnsupported {
			t.Errorf("%v: an empty list would say that all sprints are gone", err)
		}
	}
}

// TestAnotherServer: tools of other names are not taken for Jira's.
func TestAnotherServer(t *testing.T) {
	t.Parallel()
	s := jiratest.New(t, jiratest.Options{DataCenter: true, Issues: 3})
	c := openMCP(t, byMCP(t, s, jiratest.MCP{Without: []string{"jira_get_server_info", "jira_search_issues"}}), nil)
	if _, err := c.Check(t.Context()); connector.Reason(err) != connector.ReasonUnsupported {
		t.Error(err)
	}
}

// TestCutAnswersByMCP: a server that cuts its answers off is asked for less at
// once. What is too large even by itself says so, and an item whose history is
// comes without it.
func TestCutAnswersByMCP(t *testing.T) {
	t.Parallel()
	s, rest := setup(t, jiratest.Options{DataCenter: true, Seed: 5, Issues: 70})
	long := func(g *rampforge.WorkItem) bool { return g.HistoryIncomplete && len(g.Events) == 0 }
	cut := 0
	sameRecords(t, rest, openMCP(t, byMCP(t, s, jiratest.MCP{Most: 40_000}), nil), func(w, g *rampforge.WorkItem) {
		if long(g) && len(w.Events) > 200 {
			cut++
			g.HistoryIncomplete, g.Events, g.ClosedAt = w.HistoryIncomplete, w.Events, w.ClosedAt
		}
	})
	if cut == 0 {
		t.Error("no history was too long: the fake has to have one")
	}
	s.Edit(s.IDs(alpha.ID)[7], func(i *jiratest.Issue) { i.Text = strings.Repeat("x", 50_000) })
	var last error
	for _, err := range openMCP(t, byMCP(t, s, jiratest.MCP{Most: 40_000}), nil).Read(t.Context(), alpha, rampforge.StreamWorkItems, nil) {
		last = err
	}
	if connector.Reason(last) != connector.ReasonTooLarge {
		t.Error(last)
	}
}

// TestNotAList: an answer without the list that was asked for is not an empty
// list, which would say that everything is gone.
func TestNotAList(t *testing.T) {
	t.Parallel()
	for name, g := range generations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := jiratest.New(t, jiratest.Options{DataCenter: g.dc, Issues: 3})
			c := openMCP(t, byMCP(t, s, g.mcp), nil)
			if _, err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.Fail(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{}`))
			}))
			for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints} {
				for ids, err := range c.IDs(t.Context(), alpha, stream) {
					if reason := connector.Reason(err); reason != connector.ReasonMalformed && reason != connector.ReasonUnsupported {
						t.Errorf("%s: %v, %v", stream, ids, err)
					}
				}
			}
		})
	}
}

// TestNewerAsksForTheWhole: what a search of v2 leaves out comes from the issue
// itself, and an issue that nobody may see any more is no fault.
func TestNewerAsksForTheWhole(t *testing.T) {
	t.Parallel()
	s, rest := setup(t, jiratest.Options{Seed: 5, Issues: 70})
	want, _ := readAll(t, rest, alpha, rampforge.StreamWorkItems, nil)
	got, _ := readAll(t, openMCP(t, byMCP(t, s, jiratest.MCP{Newer: true}), nil), alpha, rampforge.StreamWorkItems, nil)
	have := byID(got)
	parents, estimates := 0, 0
	for _, w := range want {
		g := have[w.ID].WorkItem
		if w.WorkItem.ParentID != "" && g.ParentID == w.WorkItem.ParentID {
			parents++
		}
		if g.Estimate != nil {
			estimates++
		}
		if g.Type == "" || g.HistoryIncomplete && !w.WorkItem.HistoryIncomplete {
			t.Errorf("%s: %+v", w.ID, g)
		}
	}
	if parents == 0 || estimates == 0 {
		t.Errorf("%d parents, %d estimates", parents, estimates)
	}
}

// TestNewerChangesBetweenQuestions: an issue that somebody edits after a search of
// v2 found it and before it is asked for itself is read as of when the search
// found it. By its new time, the reading would go on from there and pass by
// everything between.
func TestNewerChangesBetweenQuestions(t *testing.T) {
	t.Parallel()
	s, _ := setup(t, jiratest.Options{Seed: 1, Issues: 150})
	var asked atomic.Int64
	s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		dir, id := path.Split(r.URL.Path)
		if path.Base(dir) == "issue" && r.URL.Query().Get("expand") == "changelog" && asked.Add(1) <= 25 { // the first page
			s.Touch(id)
		}
		return false
	})
	c := openMCP(t, byMCP(t, s, jiratest.MCP{Newer: true}), nil)
	got, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
	checkOnce(t, s, got)
	if asked.Load() <= 50 {
		t.Errorf("%d issues were asked for, which is no more than two pages", asked.Load())
	}
}
