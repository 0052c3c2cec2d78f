//go:build long

package cli_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

const (
	// spoiled is the share of answers that go wrong; leastSpoiled what it has to
	// come to.
	spoiled, leastSpoiled = 0.36, 0.30
	// faultySyncs is how many syncs a service may need to read everything. One is
	// enough almost always: a request is tried six times, and a place seven
	// times from where it stands. Chance may defeat the list of resources, which
	// is read once in a sync, or a record with many parts.
	faultySyncs = 3
)

// TestLongFaults syncs each vendor, by REST and by MCP, through something that
// spoils a third of the answers, and then a second service of the same place
// without faults.
// Both have to keep the same. In between the first is read from the beginning
// once more, with its ids compared: no fault may look like a deletion.
func TestLongFaults(t *testing.T) {
	t.Parallel()
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := newVictim(t, program, url)
		s.env = append(s.env, "OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "RATE_LIMIT_BULK=off", "JOB_WORKERS=8", "SYNC_INTERVAL=0")
		s.start()
		db := storetest.Open(t, url)
		fakes := faultyFakes(t)
		var all sync.WaitGroup // and no subtests: of those only a few run at a time, and nearly all of this is waiting
		for name, fake := range fakes {
			if fake.endpoint != "" {
				all.Go(func() { s.bears(t, db, name+" by rest", fake, rampforge.TransportREST) })
			}
			all.Go(func() { s.bears(t, db, name+" by mcp", fake.byMCP(), rampforge.TransportMCP) })
		}
		all.Wait()
		if s.kill(); t.Failed() {
			t.Log(s.logs.String())
		}
	})
}

// faultyFakes are the vendors, those smaller that would take long: Atlassian's
// own MCP server is asked for each issue, and for each part of a page, by a call
// of its own. The MCP servers that read a vendor in another way are apart, and
// have no API.
func faultyFakes(t *testing.T) map[string]vendorFake {
	t.Helper()
	fakes := vendorFakes(t)
	hub := githubtest.Start(t, githubtest.Options{Seed: 1, PerPage: 10, Issues: 14, Pulls: 8, Commits: 25, Runs: 22, Deploys: 12})
	fakes["github"] = vendorFake{
		kind: rampforge.ServiceGitHub, endpoint: hub.URL + "/api/v3", mcp: githubtest.StartTools(t, hub, githubtest.ToolOptions{}).URL,
		credentials: map[string]string{"token": githubtest.Token},
	}
	lab := gitlabtest.Start(t, gitlabtest.Options{Seed: 1})
	fakes["gitlab's own"] = vendorFake{kind: rampforge.ServiceGitLab, mcp: gitlabtest.StartTools(t, lab, gitlabtest.Own).URL, credentials: map[string]string{"token": gitlabtest.Token}}
	jira := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 20})
	fakes["jira cloud v1"] = vendorFake{kind: rampforge.ServiceJira, mcp: jira.MCP(t, jiratest.MCP{}), credentials: jira.Credentials()}
	wiki := confluencetest.New(t, confluencetest.Options{Seed: 1, Documents: 18})
	fakes["confluence cloud v1"] = vendorFake{kind: rampforge.ServiceConfluence, mcp: wiki.MCP(t, confluencetest.MCP{}), credentials: wiki.Credentials()}

	newerJira, newerWiki := fakes["jira cloud"], fakes["confluence cloud"]
	newerJira.mcp = jira.MCP(t, jiratest.MCP{Newer: true})
	newerWiki.mcp, newerWiki.scope = wiki.MCP(t, confluencetest.MCP{Newer: true}), []string{"98305", "1000000"}
	fakes["jira cloud"], fakes["confluence cloud"] = newerJira, newerWiki
	return fakes
}

// bears takes one vendor through the faults.
func (s *victim) bears(t *testing.T, db *database.DB, name string, fake vendorFake, transport rampforge.Transport) {
	t.Helper()
	target, err := url.Parse(fake.endpoint)
	if err != nil {
		t.Error(err)
		return
	}
	kinds := connectortest.FaultKinds()
	if fake.kind == rampforge.ServiceGitHub {
		kinds = append(kinds, connectortest.FaultSecondary)
	}
	if transport == rampforge.TransportMCP {
		kinds = append(kinds, connectortest.FaultTool)
	}
	through := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	through.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // of requests that were given up
	faulty := connectortest.NewFaulty(through, 1, kinds)
	proxy := httptest.NewServer(faulty)
	defer proxy.Close()
	fake.endpoint = proxy.URL + target.Path // one address, as records hold it

	dirty, clean := s.impatient(t, name+" faulty", fake, transport), s.impatient(t, name+" clean", fake, transport)
	began := time.Now()
	faulty.Spoil(spoiled)
	first := s.until(t, name, dirty, false, faultySyncs)
	second := s.until(t, name, dirty, true, faultySyncs)
	faulty.Spoil(0)
	took := time.Since(began).Round(time.Millisecond)
	s.until(t, name, clean, false, 1)
	whole := kept(t, db, clean)
	if diff := cmp.Diff(whole, kept(t, db, dirty)); diff != "" || len(whole) == 0 {
		t.Errorf("%s: %d records (-clean +faulty):\n%s", name, len(whole), diff)
	}
	answers, faults := faulty.Counts()
	sum := 0
	for _, kind := range kinds {
		if faults[kind] == 0 {
			t.Errorf("%s: no %q among %d answers", name, kind, answers)
		}
		sum += faults[kind]
	}
	if float64(sum) < leastSpoiled*float64(answers) {
		t.Errorf("%s: %d faults among %d answers", name, sum, answers)
	}
	t.Logf("%s: %d records in %d and %d syncs, %s, through %d faults among %d answers", name, len(whole), first, second, took, sum, answers)
}

// scopes are what is read of the vendors that would take long.
var scopes = map[rampforge.ServiceType][]string{
	rampforge.ServiceGitLab:      {"205", "310"},
	rampforge.ServiceAzureDevOps: {"00000002-0000-4000-8000-000000000002", "00000003-0000-4000-8000-00000000000d"},
}

// impatient adds a service that waits for an answer for a second and asks six
// times.
func (s *victim) impatient(t *testing.T, name string, f vendorFake, transport rampforge.Transport) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"service_type": f.kind, "transport": transport, "name": name, "endpoint": f.endpoint, "credentials": f.credentials,
		"timeout": 1, "retry_attempts": 5, "scope": append(append([]string{}, f.scope...), scopes[f.kind]...),
	})
	if err != nil {
		t.Error(err)
		return ""
	}
	status, answer, err := s.do("POST", "/api/v1/mcp/services", string(body))
	id, _ := answer["id"].(string)
	if err != nil || id == "" {
		t.Errorf("%s: %d, %v, %v", name, status, answer, err)
	}
	return id
}

// until syncs a service, at most so often, until all of it was read, and
// returns how often.
func (s *victim) until(t *testing.T, name, service string, force bool, most int) int {
	t.Helper()
	var ends []string
	for n := range most {
		run := map[string]any{}
		for deadline := time.Now().Add(4 * time.Minute); run["status"] == nil || run["status"] == "running"; time.Sleep(50 * time.Millisecond) {
			method, path, body := "POST", "/api/v1/mcp/sync", fmt.Sprintf(`{"service_ids":[%q],"force_refresh":%t}`, service, force)
			if id, begun := run["sync_id"]; begun {
				method, path, body = "GET", fmt.Sprint("/api/v1/mcp/sync/", id), ""
			}
			status, answer, err := s.do(method, path, body)
			if err != nil || status >= 300 {
				t.Errorf("%s: %d, %v, %v", name, status, answer, err)
				return n
			}
			if run = answer; time.Now().After(deadline) {
				t.Errorf("%s: the sync never ends: %v", name, run)
				return n
			}
		}
		if run["status"] == "completed" {
			return n + 1
		}
		ends = append(ends, fmt.Sprint(run["status"], " ", run["sync_results"]))
		if !slices.Contains([]any{"partial", "failed"}, run["status"]) {
			break
		}
	}
	t.Errorf("%s: force %t, after %d syncs: %v", name, force, len(ends), ends)
	return len(ends)
}
