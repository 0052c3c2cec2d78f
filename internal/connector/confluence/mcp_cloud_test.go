package confluence_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// The generations of Atlassian's own server.
var rovo = map[string]confluencetest.MCP{"v1": {}, "v1 that expands nothing": {Bare: true}, "v2": {Newer: true}}

func TestConnectorByAtlassiansOwn(t *testing.T) {
	t.Parallel()
	for name, m := range rovo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{
				Open: connectortest.OpenMCP(confluence.MCP(), nil),
				Start: func(t *testing.T) *connectortest.Fake {
					t.Helper()
					s := confluencetest.New(t, confluencetest.Options{Seed: 1})
					return &connectortest.Fake{Options: byMCP(t, s, m), Wrong: s.WrongCredentials(), Fail: s.Fail, Change: s.Change}
				},
			})
		})
	}
}

// told is what of a document comes out by REST, without what a generation of
// Atlassian's own server does not tell.
func told(r rampforge.Record, m confluencetest.MCP, parents map[string]bool) rampforge.Record {
	r.Raw = nil
	d := *r.Document
	if !m.Bare && !m.Newer {
		// Its search expands everything, and of long lists the beginning: half a
		// list is none.
		if len(d.Labels) >= 200 {
			d.Labels = nil
		}
		if len(d.Attachments) >= 25 {
			d.Attachments = nil
		}
		r.Document = &d
		return r
	}
	d.Format, d.Labels = "markdown", nil
	d.Author = nil // compared apart: REST tells nothing of who has gone
	if m.Bare {
		d.Attachments, d.Restricted = nil, true
		if parents[r.ID] {
			d.Ancestors = nil
		}
	}
	r.Document = &d
	return r
}

// TestSameByAtlassiansOwn reads one fake by REST and by each generation.
func TestSameByAtlassiansOwn(t *testing.T) {
	t.Parallel()
	for name, m := range rovo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, rest, _ := setup(t, confluencetest.Options{Seed: 3})
			mcp := openMCP(t, byMCP(t, s, m), nil)
			read := 0
			for _, key := range []string{"ENG", "OPS"} {
				resource := resourceOf(t, rest, key)
				if diff := cmp.Diff(resource, resourceOf(t, mcp, key)); diff != "" {
					t.Fatalf("resource (-rest +mcp):\n%s", diff)
				}
				want, _ := readFrom(t, rest, resource, nil)
				got, _ := readFrom(t, mcp, resource, nil)
				pages := map[string]bool{}
				for _, r := range want {
					pages[r.ID] = !s.Blog(r.ID)
				}
				if m.Bare {
					want = slices.DeleteFunc(want, func(r rampforge.Record) bool { return s.Blog(r.ID) })
				}
				for i := range want {
					if a := want[i].Document.Author; a != nil && (m.Bare || m.Newer) && i < len(got) && (got[i].Document.Author == nil || got[i].Document.Author.ID != a.ID) {
						t.Errorf("%s: the author is %v", want[i].ID, got[i].Document.Author)
					}
					want[i] = told(want[i], m, pages)
				}
				for i := range got {
					got[i].Raw = nil
					if m.Bare || m.Newer {
						got[i].Document.Author = nil
					}
				}
				read += len(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s (-rest +mcp):\n%s", key, diff)
				}
			}
			if read < 60 {
				t.Errorf("%d records were compared", read)
			}
		})
	}
}

func resourceOf(t *testing.T, c connector.Connector, key string) rampforge.Resource {
	t.Helper()
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Key == key {
			return r
		}
	}
	t.Fatalf("no space %s", key)
	return rampforge.Resource{}
}

// TestWhatIsGoneByAtlassiansOwn: only a server that lists blog posts can say
// what is gone; with the others nothing counts as gone, and what is never read
// is told.
func TestWhatIsGoneByAtlassiansOwn(t *testing.T) {
	t.Parallel()
	for name, m := range rovo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := confluencetest.New(t, confluencetest.Options{Seed: 1})
			c := openMCP(t, byMCP(t, s, m), nil)
			var ids []string
			var last error
			for some, err := range c.IDs(t.Context(), engineering, rampforge.StreamDocuments) {
				ids, last = append(ids, some...), err
			}
			if m.Newer {
				want := s.IDs(engineering.ID)
				slices.Sort(ids)
				slices.Sort(want)
				if last != nil || !slices.Equal(want, ids) {
					t.Errorf("%d of %d ids, %v", len(ids), len(want), last)
				}
			} else if connector.Reason(last) != connector.ReasonUnsupported {
				t.Errorf("%d ids, %v", len(ids), last)
			}
			noted := false
			for page, err := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, nil) {
				if err != nil {
					t.Fatal(err)
				}
				for _, note := range page.Notes {
					noted = noted || strings.Contains(rampforge.ErrorMessage(note), "blog posts")
				}
			}
			if noted != m.Bare {
				t.Errorf("blog posts are noted as missing: %t", noted)
			}
		})
	}
}

// TestRestrictionOfAtlassiansOwn: a page counts as restricted where nobody says
// that it is not, and where nobody says what is above it.
func TestRestrictionOfAtlassiansOwn(t *testing.T) {
	t.Parallel()
	s := confluencetest.New(t, confluencetest.Options{Seed: 1})
	for _, without := range []string{"getConfluenceContentRestrictionState", "getConfluenceContentAncestors"} {
		got, _ := readFrom(t, openMCP(t, byMCP(t, s, confluencetest.MCP{Newer: true, Without: []string{without}}), nil), engineering, nil)
		for _, r := range got {
			d := r.Document
			if !d.Restricted && (without == "getConfluenceContentRestrictionState" || d.ParentID != "") {
				t.Errorf("without %s: %s is open", without, r.ID)
			}
			if without == "getConfluenceContentAncestors" && !s.Blog(r.ID) && d.Ancestors != nil {
				t.Errorf("%s has the ancestors %v, which nobody told", r.ID, d.Ancestors)
			}
		}
		if len(got) < 50 {
			t.Errorf("%d documents", len(got))
		}
	}
}

func TestCheckByAtlassiansOwn(t *testing.T) {
	t.Parallel()
	for name, m := range rovo {
		s := confluencetest.New(t, confluencetest.Options{})
		got, err := openMCP(t, byMCP(t, s, m), nil).Check(t.Context())
		if err != nil || got.Server != "Confluence Cloud" || got.Peer == nil || got.Peer.Name != "atlassian-mcp-server" || got.Account == nil || got.Account.Name != "Developer 1" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
