//go:build long

package cli_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
const syncKills = 6

// vendorFake is a fake vendor and how a service finds it.
type vendorFake struct {
	kind        rampforge.ServiceType
	endpoint    string
	credentials map[string]string
	change      func() (rampforge.Stream, string)
}

func vendorFakes(t *testing.T) map[string]vendorFake {
	t.Helper()
	hub := githubtest.Start(t, githubtest.Options{Seed: 1, PerPage: 10})
	lab := gitlabtest.Start(t, gitlabtest.Options{Seed: 1})
	azure := azuredevopstest.New(1)
	t.Cleanup(azure.Close)
	fakes := map[string]vendorFake{
		"github": {rampforge.ServiceGitHub, hub.URL + "/api/v3", map[string]string{"token": githubtest.Token}, hub.Change},
		"gitlab": {rampforge.ServiceGitLab, lab.URL, map[string]string{"token": gitlabtest.Token}, func() (rampforge.Stream, string) {
			return rampforge.StreamWorkItems, lab.Touch(gitlabtest.App, "issues", 20)
		}},
		"azure_devops": {rampforge.ServiceAzureDevOps, azure.URL + "/" + azuredevopstest.Organization,
			map[string]string{"organization": azuredevopstest.Organization, "personal_access_token": azuredevopstest.Token},
			func() (rampforge.Stream, string) { return rampforge.StreamWorkItems, azure.ChangeWorkItem() }},
	}
	for flavour, dc := range map[string]bool{"cloud": false, "data center": true} {
		tracker := jiratest.New(t, jiratest.Options{DataCenter: dc, Seed: 1})
		wiki := confluencetest.New(t, confluencetest.Options{DataCenter: dc, Seed: 1})
		fakes["jira "+flavour] = vendorFake{rampforge.ServiceJira, tracker.URL, tracker.Credentials(), tracker.Change}
		fakes["confluence "+flavour] = vendorFake{rampforge.ServiceConfluence, wiki.URL, wiki.Credentials(), wiki.Change}
	}
	return fakes
}

// TestLongVendors takes each vendor through its life by the API of the real
// program: connect, health, resources, a sync that is killed again and again,
// beside one that is not, a change at the vendor, disconnect, purge. What the
// killed one kept has to be what the other one kept.
func TestLongVendors(t *testing.T) {
	t.Parallel()
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := newVictim(t, program, url)
		s.env = append(s.env, "OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "RATE_LIMIT_BULK=off")
		db := storetest.Open(t, url)
		for name, fake := range vendorFakes(t) {
			s.start()
			killed, clean := s.service(name+" killed", fake), s.service(name+" clean", fake)
			if connected := s.ask("POST", "/api/v1/mcp/services/"+killed+"/connect", ""); connected["status"] != "connected" {
				t.Errorf("%s: %v", name, connected)
			}
			if health := s.ask("GET", "/api/v1/mcp/services/"+killed+"/health", ""); health["status"] != "healthy" {
				t.Errorf("%s: %v", name, health)
			}
			for range syncKills {
				s.ask("POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q]}`, killed))
				timer := time.NewTimer(time.Duration(20+rand.IntN(400)) * time.Millisecond)
				<-timer.C
				s.kill()
				s.start()
			}
			s.synced(name, killed, false)
			s.synced(name, clean, false)
			whole := kept(t, db, clean)
			if diff := cmp.Diff(whole, kept(t, db, killed)); diff != "" || len(whole) == 0 {
				t.Errorf("%s: %d records (-clean +killed):\n%s", name, len(whole), diff)
			}

			t.Logf("%s: %d records", name, len(whole))

			stream, id := fake.change()
			before := whole[string(stream)+" "+id]
			s.synced(name, killed, false)
			s.synced(name, clean, true)
			after := kept(t, db, clean)
			if diff := cmp.Diff(after, kept(t, db, killed)); diff != "" {
				t.Errorf("%s after a change (-from the beginning +from the cursor):\n%s", name, diff)
			}
			if after[string(stream)+" "+id] == before {
				t.Errorf("%s: %s %s changed at the vendor and not here", name, stream, id)
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
			s.kill()
		}
	})
}

// service adds a service.
func (s *victim) service(name string, f vendorFake) string {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"service_type": f.kind, "name": name, "endpoint": f.endpoint, "credentials": f.credentials})
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
