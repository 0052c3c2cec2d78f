package confluence_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// byMCP are the options to read a fake by the tools of a server.
func byMCP(t *testing.T, s *confluencetest.Server, m confluencetest.MCP) connector.Options {
	t.Helper()
	return optionsFor(s, s.MCP(t, m))
}

func openMCP(t *testing.T, o connector.Options, programs mcpclient.Programs) connector.Connector {
	t.Helper()
	return connectortest.Opened(t, connectortest.OpenMCP(confluence.MCP(), programs), o)
}

func TestConnectorByMCP(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, connectortest.Harness{
		Open: connectortest.OpenMCP(confluence.MCP(), nil),
		Start: func(t *testing.T) *connectortest.Fake {
			t.Helper()
			s := confluencetest.New(t, confluencetest.Options{DataCenter: true, Seed: 1})
			return &connectortest.Fake{Options: byMCP(t, s, confluencetest.MCP{}), Wrong: s.WrongCredentials(), Fail: s.Fail, Change: s.Change}
		},
	})
}

// sameRecords reads one fake both ways. There is nothing that the tools do not
// give: they hand REST through.
func sameRecords(t *testing.T, rest, mcp connector.Connector) {
	t.Helper()
	read := 0
	var resources [2][]rampforge.Resource
	for i, c := range []connector.Connector{rest, mcp} {
		for r, err := range c.Resources(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			resources[i] = append(resources[i], r)
		}
	}
	if diff := cmp.Diff(resources[0], resources[1]); diff != "" {
		t.Fatalf("resources (-rest +mcp):\n%s", diff)
	}
	for _, resource := range resources[0] {
		want, _ := readFrom(t, rest, resource, nil)
		got, _ := readFrom(t, mcp, resource, nil)
		read += len(want)
		for i := range want {
			want[i].Raw = nil // of the same make, from another place
		}
		for i := range got {
			got[i].Raw = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-rest +mcp):\n%s", resource.Key, diff)
		}
	}
	if read < 100 {
		t.Errorf("%d records were compared", read)
	}
}

func TestSameRecords(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]confluencetest.MCP{"streamable": {}, "events": {Events: true}, "cut off": {Most: 20_000}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, rest, _ := setup(t, confluencetest.Options{DataCenter: true, Context: "/confluence", Seed: 3})
			for i, id := range s.IDs(engineering.ID) { // some have to be asked for one by one
				s.Edit(id, func(d *confluencetest.Document) { d.Unindexed = i%9 == 4 })
			}
			mcp := openMCP(t, byMCP(t, s, m), nil)
			sameRecords(t, rest, mcp)
			var asked [2]int
			for i, c := range []connector.Connector{rest, mcp} {
				before := s.Requests()
				_, _ = readFrom(t, c, engineering, nil)
				asked[i] = s.Requests() - before
			}
			if again := asked[1] > asked[0]; again != (m.Most > 0) {
				t.Errorf("%d requests, %d by REST", asked[1], asked[0])
			}
		})
	}
}

func TestCheckByMCP(t *testing.T) {
	t.Parallel()
	s := confluencetest.New(t, confluencetest.Options{DataCenter: true})
	got, err := openMCP(t, byMCP(t, s, confluencetest.MCP{}), nil).Check(t.Context())
	if err != nil || got.Server != "Confluence Data Center" || got.Peer == nil || got.Peer.Name != "atlassian-confluence-mcp" || got.Account.Login != "dev1" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestProfileReads: every tool that is ever called only reads by its name.
func TestProfileReads(t *testing.T) {
	t.Parallel()
	for _, s := range confluence.MCP().Profile {
		if !slices.ContainsFunc([]string{"confluence_get_", "confluence_search_", "get", "list", "search", "atlassianUserInfo"}, func(verb string) bool { return strings.HasPrefix(s.Name, verb) }) {
			t.Error(s.Name)
		}
	}
}

// TestQuarantine withholds one tool after the other: what needs it says so.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	s := confluencetest.New(t, confluencetest.Options{DataCenter: true})
	for withheld, want := range map[string]string{
		"confluence_get_space_content": mcpclient.ReasonQuarantined, "confluence_search_content": mcpclient.ReasonQuarantined,
		"confluence_get_current_user": mcpclient.ReasonQuarantined, "confluence_delete_content": "",
	} {
		o, v := byMCP(t, s, confluencetest.MCP{}), confluence.MCP()
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
		var last error
		for _, err := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, nil) {
			last = err
		}
		e, _ := errors.AsType[*rampforge.Error](last)
		if connector.Reason(last) != want || want != "" && !strings.Contains(e.Message, withheld) {
			t.Errorf("without %s: %v", withheld, last)
		}
	}
}

// TestUnknownRestrictions: where no tool tells who may read, nobody is believed
// to be let in.
func TestUnknownRestrictions(t *testing.T) {
	t.Parallel()
	s := confluencetest.New(t, confluencetest.Options{DataCenter: true})
	for _, id := range s.IDs(engineering.ID)[:4] { // ancestors among them
		s.Edit(id, func(d *confluencetest.Document) { d.Unindexed = true })
	}
	want, _ := readFrom(t, openMCP(t, byMCP(t, s, confluencetest.MCP{}), nil), engineering, nil)
	got, _ := readFrom(t, openMCP(t, byMCP(t, s, confluencetest.MCP{Without: []string{"confluence_get_content_restrictions_by_operation"}}), nil), engineering, nil)
	more := 0
	for i := range want {
		if want[i].Document.Restricted && !got[i].Document.Restricted {
			t.Errorf("%s is not restricted any more", want[i].ID)
		}
		if got[i].Document.Restricted && !want[i].Document.Restricted {
			more++
		}
	}
	if len(got) != len(want) || more == 0 {
		t.Errorf("%d documents of %d, %d restricted besides", len(got), len(want), more)
	}
}

// TestNotAList: an answer without the list that was asked for is not an empty
// list, which would say that everything is gone.
func TestNotAList(t *testing.T) {
	t.Parallel()
	s := confluencetest.New(t, confluencetest.Options{DataCenter: true})
	c := openMCP(t, byMCP(t, s, confluencetest.MCP{}), nil)
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, answer := range []string{`{}`, `{"results":null}`, ``} {
		s.Fail(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(answer))
		}))
		for ids, err := range c.IDs(t.Context(), engineering, rampforge.StreamDocuments) {
			if connector.Reason(err) == "" {
				t.Errorf("%q: %v", answer, ids)
			}
		}
	}
}
