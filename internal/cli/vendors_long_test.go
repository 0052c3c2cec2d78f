//go:build long

package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// syncKills is how often the server is killed while it syncs one vendor.
const syncKills = 3

// vendorFake is a fake vendor, how a service finds it, and what can happen there.
type vendorFake struct {
	kind        rampforge.ServiceType
	endpoint    string // of its API
	mcp         string // of an MCP server in front of it
	credentials map[string]string
	bearer      string   // what that server takes in place of the last credential
	scope       []string // what of it is read, with what scopes have for its kind; nothing is all
	change      func() (rampforge.Stream, string)
	remove      func() (rampforge.Stream, string)
}

// byMCP returns how a service finds the fake by its MCP server.
func (f vendorFake) byMCP() vendorFake {
	f.endpoint, f.credentials = f.mcp, maps.Clone(f.credentials)
	if f.bearer != "" {
		f.credentials["personal_access_token"] = f.bearer
	}
	return f
}

func vendorFakes(t *testing.T) map[string]vendorFake {
	t.Helper()
	hub := githubtest.Start(t, githubtest.Options{Seed: 1, PerPage: 10})
	// The community MCP server refuses issues whose author is gone.
	lab := gitlabtest.Start(t, gitlabtest.Options{Seed: 1, Authors: true})
	azure := azuredevopstest.New(1)
	t.Cleanup(azure.Close)
	azureTools := azure.NewMCP("2.9.0")
	t.Cleanup(azureTools.Close)
	items := func(id string) (rampforge.Stream, string) { return rampforge.StreamWorkItems, id }
	fakes := map[string]vendorFake{
		"github": {
			kind: rampforge.ServiceGitHub, endpoint: hub.URL + "/api/v3", mcp: githubtest.StartTools(t, hub, githubtest.ToolOptions{}).URL, credentials: map[string]string{"token": githubtest.Token},
			change: hub.Change,
			remove: func() (rampforge.Stream, string) {
				ids, numbers := hub.Issues()
				hub.Delete(numbers[3])
				return items(ids[3])
			},
		},
		"gitlab": {
			kind: rampforge.ServiceGitLab, endpoint: lab.URL, mcp: gitlabtest.StartTools(t, lab, gitlabtest.Community).URL, credentials: map[string]string{"token": gitlabtest.Token},
			change: func() (rampforge.Stream, string) { return items(lab.Touch(gitlabtest.App, "issues", 20)) },
			remove: func() (rampforge.Stream, string) { return items(lab.Delete(gitlabtest.App, "issues", 3)) },
		},
		"azure_devops": {
			kind: rampforge.ServiceAzureDevOps, endpoint: azure.URL + "/" + azuredevopstest.Organization, mcp: azureTools.URL + "/mcp",
			credentials: map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Token},
			bearer:      azuredevopstest.Bearer,
			change:      func() (rampforge.Stream, string) { return items(azure.ChangeWorkItem()) },
			remove:      func() (rampforge.Stream, string) { return items(azure.DeleteWorkItem()) },
		},
	}
	for flavour, dc := range map[string]bool{"cloud": false, "data center": true} {
		tracker := jiratest.New(t, jiratest.Options{DataCenter: dc, Seed: 1})
		wiki := confluencetest.New(t, confluencetest.Options{DataCenter: dc, Seed: 1})
		fakes["jira "+flavour] = vendorFake{
			kind: rampforge.ServiceJira, endpoint: tracker.URL, mcp: tracker.MCP(t, jiratest.MCP{Newer: !dc}), credentials: tracker.Credentials(), change: tracker.Change,
			remove: func() (rampforge.Stream, string) {
				id := tracker.IDs("10000")[3]
				tracker.Delete(id)
				return items(id)
			},
		}
		fakes["confluence "+flavour] = vendorFake{
			kind: rampforge.ServiceConfluence, endpoint: wiki.URL, mcp: wiki.MCP(t, confluencetest.MCP{Newer: !dc}), credentials: wiki.Credentials(), change: wiki.Change,
			remove: func() (rampforge.Stream, string) {
				id := wiki.IDs("98305")[5]
				wiki.Delete(id)
				return rampforge.StreamDocuments, id
			},
		}
	}
	return fakes
}

// TestLongVendors takes each vendor, by REST and by MCP, through its life by
// the API of the real program: connect, health, resources, a sync that is
// killed again and again, beside one that is not, a change and a deletion at
// the vendor, disconnect, purge. What the killed one kept has to be what the
// other one kept.
func TestLongVendors(t *testing.T) {
	t.Parallel()
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := newVictim(t, program, url)
		s.env = append(s.env, "OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "RATE_LIMIT_BULK=off", "SYNC_INTERVAL=0")
		db := storetest.Open(t, url)
		for _, transport := range []rampforge.Transport{rampforge.TransportREST, rampforge.TransportMCP} {
			for name, fake := range vendorFakes(t) {
				if transport == rampforge.TransportMCP {
					fake = fake.byMCP()
				}
				s.live(db, name+" by "+string(transport), fake, transport, syncKills)
			}
		}
	})
}

// live is the life of one service, killed so often in its first sync.
func (s *victim) live(db *database.DB, name string, fake vendorFake, transport rampforge.Transport, kills int) {
	t := s.t
	s.start()
	defer s.kill()
	killed, clean := s.service(name+" killed", fake, transport), s.service(name+" clean", fake, transport)
	connected := s.ask("POST", "/api/v1/mcp/services/"+killed+"/connect", "")
	if connected["status"] != "connected" {
		t.Errorf("%s: %v", name, connected)
	}
	if told := s.ask("GET", "/api/v1/mcp/services/"+killed, ""); told["transport"] != string(transport) {
		t.Errorf("%s: %v", name, told)
	}
	if health := s.ask("GET", "/api/v1/mcp/services/"+killed+"/health", ""); health["status"] != "healthy" {
		t.Errorf("%s: %v", name, health)
	}
	if status, answer, err := s.do("GET", "/api/v1/mcp/services/"+killed+"/resources", ""); status != 200 {
		t.Errorf("%s: resources: %d, %v, %v", name, status, answer, err)
	}
	struck := 0
	for range kills {
		if s.strike(db, name, killed) {
			struck++
		}
		s.start()
	}
	if struck == 0 {
		t.Errorf("%s: no kill came in the middle of a sync", name)
	}
	s.synced(name, killed, false)
	s.synced(name, clean, false)
	whole := kept(t, db, clean)
	if diff := cmp.Diff(whole, kept(t, db, killed)); diff != "" || len(whole) == 0 {
		t.Errorf("%s: %d records (-clean +killed):\n%s", name, len(whole), diff)
	}
	t.Logf("%s: %d records, %d of %d kills in the middle", name, len(whole), struck, kills)

	stream, id := fake.change()
	s.synced(name, killed, false)
	s.synced(name, clean, true)
	after := kept(t, db, clean)
	if diff := cmp.Diff(after, kept(t, db, killed)); diff != "" {
		t.Errorf("%s after a change (-from the beginning +from the cursor):\n%s", name, diff)
	}
	if after[string(stream)+" "+id] == whole[string(stream)+" "+id] {
		t.Errorf("%s: %s %s changed at the vendor and not here", name, stream, id)
	}
	gone, goneID := fake.remove()
	s.synced(name, killed, true) // a sweep is due once a day only
	s.synced(name, clean, true)
	after = kept(t, db, clean)
	if diff := cmp.Diff(after, kept(t, db, killed)); diff != "" {
		t.Errorf("%s after a deletion (-one +the other):\n%s", name, diff)
	}
	if was, is := whole[string(gone)+" "+goneID], after[string(gone)+" "+goneID]; !strings.Contains(was, " true ") || !strings.Contains(is, " false ") {
		t.Errorf("%s: %s %s is gone at the vendor; here it was %.60q and is %.60q", name, gone, goneID, was, is)
	}

	s.ask("POST", "/api/v1/mcp/services/"+killed+"/disconnect", "")
	for _, service := range []string{killed, clean} {
		if status, answer, err := s.do("DELETE", "/api/v1/mcp/services/"+service+"?purge=true", ""); status != 204 {
			t.Errorf("%s: deleting: %d, %v, %v", name, status, answer, err)
		}
		if left := kept(t, db, service); len(left) != 0 {
			t.Errorf("%s: %d records are left", name, len(left))
		}
	}
}

// strike begins a sync, or joins the one that goes on, kills the server once more
// was kept, and reports whether that was before the end.
func (s *victim) strike(db *database.DB, name, service string) bool {
	s.t.Helper()
	count := func(query string) (n int) {
		if err := db.Read().QueryRowContext(s.t.Context(), query, service).Scan(&n); err != nil {
			s.t.Fatal(err)
		}
		return n
	}
	const records, open = `SELECT count(*) FROM records WHERE service_id = $1`, `SELECT count(*) FROM sync_tasks WHERE service_id = $1 AND finished_at IS NULL`
	before := count(records)
	s.ask("POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q]}`, service))
	for deadline := time.Now().Add(time.Minute); count(records) == before && count(open) > 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: the sync comes no further than to %d records", name, before)
		}
	}
	s.kill()
	return count(open) > 0 && count(records) > before
}

// service adds a service.
func (s *victim) service(name string, f vendorFake, transport rampforge.Transport) string {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"service_type": f.kind, "name": name, "endpoint": f.endpoint, "transport": transport, "credentials": f.credentials})
	if err != nil {
		s.t.Fatal(err)
	}
	id, _ := s.ask("POST", "/api/v1/mcp/services", string(body))["id"].(string)
	return id
}

// synced syncs a service to its end, without a fault.
func (s *victim) synced(name, service string, force bool) {
	s.t.Helper()
	run := s.ask("POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q],"force_refresh":%t}`, service, force))
	for deadline := time.Now().Add(2 * time.Minute); run["status"] == "running"; {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: the sync never ends: %v\n%s", name, run, s.logs.String())
		}
		time.Sleep(50 * time.Millisecond)
		run = s.ask("GET", fmt.Sprint("/api/v1/mcp/sync/", run["sync_id"]), "")
	}
	if run["status"] != "completed" {
		s.t.Errorf("%s: %v", name, run)
	}
}

// kept is what the database has of a service, by stream and id.
func kept(t *testing.T, db *database.DB, service string) map[string]string {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), `SELECT stream, id, resource_id, content, deleted_at IS NULL FROM records WHERE service_id = $1`, service)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var stream, id, resource, content string
		var live bool
		if err := rows.Scan(&stream, &id, &resource, &content, &live); err != nil {
			t.Fatal(err)
		}
		all[stream+" "+id] = fmt.Sprint(resource, " ", live, " ", content)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
