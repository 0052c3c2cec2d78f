package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// TestTransports adds services that are read by MCP, in all the ways to say so.
func TestTransports(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for endpoint, want := range map[string]rampforge.Transport{
			"https://mcp.example.com/mcp/":          rampforge.TransportMCP,
			"https://mcp.example.com/v1/sse":        rampforge.TransportMCP,
			"https://gitlab.example.com/api/v4/mcp": rampforge.TransportMCP,
			"https://mcp.example.com/mcps":          rampforge.TransportREST,
		} {
			s := gitHub(endpoint)
			s.Endpoint = endpoint
			if made := w.add(s); made.Transport != want || made.Server != nil {
				t.Errorf("%s: %+v", endpoint, made)
			}
		}
		named := gitHub("by its name")
		named.Endpoint, named.Transport = "https://mcp.example.com/x", rampforge.TransportMCP
		made := w.add(named)
		if made.Transport != rampforge.TransportMCP {
			t.Errorf("%+v", made)
		}
		own := gitHub("a program")
		own.Endpoint = "stdio:own"
		if _, err := w.lead().CreateService(t.Context(), own); statusOf(err) != http.StatusForbidden {
			t.Errorf("a team lead starts programs: %v", err)
		}
		if _, err := w.lead().UpdateService(t.Context(), made.ID, map[string]any{"endpoint": "stdio:own"}); statusOf(err) != http.StatusForbidden {
			t.Errorf("a team lead starts programs by a change: %v", err)
		}
		program, err := w.admin().CreateService(t.Context(), own)
		if err != nil || program.Transport != rampforge.TransportMCP || program.Endpoint != "stdio:own" {
			t.Errorf("%+v, %v", program, err)
		}
		own.Name, own.Endpoint = "another", "stdio:/usr/bin/env"
		if _, err := w.admin().CreateService(t.Context(), own); strings.Join(faults(err), " ") != "endpoint" {
			t.Errorf("a program that the operator does not know: %v", err)
		}
		own.Endpoint, own.Transport = "stdio:own", rampforge.TransportREST
		if _, err := w.admin().CreateService(t.Context(), own); strings.Join(faults(err), " ") != "transport" {
			t.Errorf("a program by REST: %v", err)
		}
		if _, err := w.admin().UpdateService(t.Context(), made.ID, map[string]any{"endpoint": "stdio:own"}); strings.Join(faults(err), " ") != "credentials" {
			t.Errorf("credentials go on to a program that nobody entered them for: %v", err)
		}
	})
}

// statusOf is the status of an error of the client's, 0 for none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return e.Status
	}
	return 0
}

func TestTools(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		s := gitHub("MCP")
		s.Endpoint = "https://mcp.example.com/mcp"
		id := w.add(s).ID
		hash := "1"
		w.vendor.discover = func() error {
			stored, err := w.store.Service(ctx, id)
			if err != nil {
				return err
			}
			_, err = w.store.ReviewTools(ctx, stored, []rampforge.ServiceTool{
				{Name: "list_issues", Kind: "read", InUse: true, Hash: hash, Definition: []byte(`{"name":"list_issues"}`)},
				{Name: "issue_write", Kind: "write", Hash: "1", Definition: []byte(`{"name":"issue_write"}`)},
			}, time.Now().UTC())
			return err
		}
		if tools, total, err := w.observer().ServiceTools(ctx, id, nil); err != nil || total != 0 || len(tools) != 0 {
			t.Errorf("before anybody asked the server: %v, %d, %v", tools, total, err)
		}
		tools, total, err := w.observer().ServiceTools(ctx, id, client.Query{"refresh": "true", "limit": "1"})
		if err != nil || total != 2 || len(tools) != 1 || tools[0].Name != "issue_write" || !tools[0].Approved || tools[0].Kind != "write" {
			t.Errorf("%+v, %d, %v", tools, total, err)
		}
		hash = "2"
		if _, _, err := w.observer().ServiceTools(ctx, id, client.Query{"refresh": "true"}); err != nil {
			t.Fatal(err)
		}
		changed, err := w.observer().ServiceTool(ctx, id, "list_issues")
		if err != nil || changed.Approved || changed.Hash != "2" || changed.ChangedAt == nil || string(changed.Definition) != `{"name":"list_issues"}` {
			t.Errorf("%+v, %v", changed, err)
		}
		if _, err := w.observer().ApproveTool(ctx, id, "list_issues", ""); statusOf(err) != http.StatusForbidden {
			t.Errorf("an observer approves: %v", err)
		}
		if _, err := w.lead().ApproveTool(ctx, id, "list_issues", "1"); statusOf(err) != http.StatusConflict {
			t.Errorf("approving what was looked at before it changed: %v", err)
		}
		if got, err := w.lead().ApproveTool(ctx, id, "list_issues", "2"); err != nil || !got.Approved || got.ApprovedBy == nil {
			t.Errorf("%+v, %v", got, err)
		}
		if a := w.raw("POST", "/api/v1/mcp/services/"+id+"/tools/issue_write/approve", "", w.bearer(rampforge.RoleTeamLead)...); a.status != http.StatusOK {
			t.Errorf("without a body: %d %s", a.status, a.body)
		}
		for _, path := range []string{"/api/v1/mcp/services/svc_none/tools", "/api/v1/mcp/services/" + id + "/tools/none"} {
			if a := w.raw("GET", path, "", w.bearer(rampforge.RoleObserver)...); a.status != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		w.vendor.discover = func() error { return connector.Errorf(connector.ReasonUnreachable, "Nobody there.", "Look.", nil) }
		if _, _, err := w.observer().ServiceTools(ctx, id, client.Query{"refresh": "true"}); statusOf(err) != http.StatusServiceUnavailable {
			t.Errorf("a server that is away: %v", err)
		}
	})
}
