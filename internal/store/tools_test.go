package store_test

import (
	"database/sql"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func tool(name, hash string) rampforge.ServiceTool {
	return rampforge.ServiceTool{Name: name, Title: "T", Description: "null \x00 byte", Kind: "read", InUse: true, Hash: hash, Definition: []byte(`{"name":"` + name + `"}`)}
}

// TestToolsAreApprovedOnceAndQuarantinedWhenTheyChange goes through a server's
// life: first seen, changed, approved, changed back, gone, come again.
func TestToolsAreApprovedOnceAndQuarantinedWhenTheyChange(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		service, user := b.service(1), b.owner()
		now := b.now.Add(time.Hour)
		review := func(what string, want map[string]bool, tools ...rampforge.ServiceTool) {
			t.Helper()
			now = now.Add(time.Hour)
			got, err := b.ReviewTools(b.ctx(), service, tools, now)
			maps.DeleteFunc(got, func(_ string, approved bool) bool { return !approved })
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got)\n%s", what, err, diff)
			}
		}
		review("the first time", map[string]bool{"a": true, "b": true}, tool("a", "1"), tool("b", "1"))
		review("the same", map[string]bool{"a": true, "b": true}, tool("b", "1"), tool("a", "1"))
		review("one changed, one new", map[string]bool{"b": true}, tool("a", "2"), tool("b", "1"), tool("c", "1"))
		if err := b.ApproveTool(b.ctx(), service.ID, "a", "1", user.ID, now); rampforge.ErrorCode(err) != rampforge.CodeConflict {
			t.Errorf("approving what it no longer is: %v", err)
		}
		if err := b.ApproveTool(b.ctx(), service.ID, "a", "2", user.ID, now); err != nil {
			t.Error(err)
		}
		kept, err := b.Service(b.ctx(), service.ID)
		if err != nil || !kept.UpdatedAt.Equal(now) {
			t.Errorf("who holds a connection does not learn of it: %v, %v", kept.UpdatedAt, err)
		}
		review("approved", map[string]bool{"a": true, "b": true}, tool("a", "2"), tool("b", "1"), tool("c", "1"))
		review("changed and back", map[string]bool{"b": true}, tool("a", "3"), tool("b", "1"), tool("c", "1"))
		review("back again", map[string]bool{"a": true, "b": true}, tool("a", "2"), tool("b", "1"), tool("c", "1"))
		review("gone", map[string]bool{"a": true}, tool("a", "2"))
		all, total, err := b.Tools(b.ctx(), service.ID, store.Page{Limit: 10})
		if err != nil || total != 1 || len(all) != 1 || all[0].Name != "a" || !all[0].Approved || all[0].ApprovedBy == nil || all[0].ChangedAt == nil || all[0].Description != "null \ufffd byte" {
			t.Errorf("%+v, %d, %v", all, total, err)
		}
		review("come again as it was", map[string]bool{"a": true, "b": true}, tool("a", "2"), tool("b", "1"))
		review("come again as another", map[string]bool{"a": true, "b": true}, tool("a", "2"), tool("b", "1"), tool("c", "2"))
		if _, err := b.Tool(b.ctx(), service.ID, "none"); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Error(err)
		}
		service, err = b.UpdateService(b.ctx(), service.ID, now, func(row *store.ServiceSecret) error {
			row.Service.Endpoint = "https://other.example.com/mcp"
			return nil
		})
		b.must(err)
		review("another server", map[string]bool{"z": true}, tool("z", "9"))
		got, err := b.ReviewTools(b.ctx(), rampforge.Service{ID: "svc_none"}, []rampforge.ServiceTool{tool("a", "1")}, now)
		if err != nil || !got["a"] {
			t.Errorf("a service that is not stored: %v, %v", got, err)
		}
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error { return b.DeleteServiceTx(b.ctx(), tx, service.ID) }))
		if _, total, err := b.Tools(b.ctx(), service.ID, store.Page{Limit: 1}); err != nil || total != 0 {
			t.Errorf("%d tools of a service that is deleted, %v", total, err)
		}
	})
}

// TestALateAnswerOfTheOldServerIsNotKept changes where a service is while its
// server is asked for its tools: they would be approved as those of the new one.
func TestALateAnswerOfTheOldServerIsNotKept(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		old := b.service(1)
		for what, change := range map[string]func(*rampforge.Service){
			"the endpoint":  func(v *rampforge.Service) { v.Endpoint += "/mcp" },
			"the transport": func(v *rampforge.Service) { v.Transport = rampforge.TransportMCP },
		} {
			if _, err := b.ReviewTools(b.ctx(), old, []rampforge.ServiceTool{tool("a", "old")}, b.now); err != nil {
				t.Fatal(err)
			}
			changed, err := b.UpdateService(b.ctx(), old.ID, b.now, func(row *store.ServiceSecret) error {
				change(&row.Service)
				return nil
			})
			b.must(err)
			if _, total, err := b.Tools(b.ctx(), old.ID, store.Page{Limit: 1}); err != nil || total != 0 {
				t.Errorf("%s: %d tools of the old server, %v", what, total, err)
			}
			if got, err := b.ReviewTools(b.ctx(), old, []rampforge.ServiceTool{tool("a", "old")}, b.now); !errors.Is(err, store.ErrServerChanged) || len(got) != 0 {
				t.Errorf("%s: %v, %v", what, got, err)
			}
			got, err := b.ReviewTools(b.ctx(), changed, []rampforge.ServiceTool{tool("a", "new")}, b.now)
			if err != nil || !got["a"] {
				t.Errorf("%s: %v, %v", what, got, err)
			}
			// Nor may the old server's be called where they look the same.
			if got, err := b.ReviewTools(b.ctx(), old, []rampforge.ServiceTool{tool("a", "new")}, b.now); !errors.Is(err, store.ErrServerChanged) || len(got) != 0 {
				t.Errorf("%s: %v, %v", what, got, err)
			}
			old = changed
		}
	})
}

func TestReviewsAtTheSameTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		service := b.service(1)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				got, err := b.ReviewTools(b.ctx(), service, []rampforge.ServiceTool{tool("a", "1"), tool("b", "1")}, time.Unix(1e9, 0))
				if err != nil || !got["a"] || !got["b"] {
					t.Errorf("%v, %v", got, err)
				}
			})
		}
		group.Wait()
	})
}
