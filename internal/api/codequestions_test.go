package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/store"
)

// lighthouse is a small repository of three components: main uses voyage, voyage
// uses ship. Quin Objector does not want to be named.
func lighthouse(commit string, functions int) *codeindex.Index {
	file := func(path string, component int32, people ...int32) codeindex.File {
		return codeindex.File{
			Path: path, Language: "Go", Kind: "programming", Component: component, Code: 100, Lines: 120, Functions: 1, Cognitive: 3, Cyclomatic: 4,
			Test: strings.HasSuffix(path, "_test.go"), Source: true, Doc: "What it does.", Blob: uint64(functions),
			Revisions: 7, Changed: 1_750_000_000, Ownership: codeindex.OwnershipMajor, Owners: people, Authors: people, Recent: []int32{0},
		}
	}
	c := codeindex.Contents{
		Commit: commit, Complete: true, People: []codeindex.Person{{Name: "Ada Stone", Here: true}, {Name: "Ben Reed", Here: true}, {Name: "Quin Objector", Here: true, Quarter: 8100}},
		Files: []codeindex.File{
			file("main.go", 0, 0), file("ship/ship.go", 2, 0, 2), file("voyage/voyage.go", 1, 1, 2), file("voyage/voyage_test.go", 1, 1),
		},
		Symbols: []codeindex.Symbol{
			{File: 0, Name: "main", Kind: "function", Line: 3, EndLine: 9},
			{File: 1, Name: "Ship.Sail", Kind: "method", Line: 3, EndLine: 9, Exported: true, Signature: "()", Doc: "Sail leaves the harbour.", Cognitive: int32(functions)},
			{File: 2, Name: "Begin", Kind: "function", Line: 3, EndLine: 9, Exported: true},
			{File: 3, Name: "TestBegin", Kind: "function", Line: 3, EndLine: 9, Test: true},
		},
		Imports:    []codeindex.Edge{{From: 0, To: 2, Weight: 1, Confidence: 100}, {From: 2, To: 1, Weight: 3, Confidence: 100}, {From: 3, To: 2, Weight: 1, Confidence: 100}},
		Calls:      []codeindex.Edge{{From: 0, To: 2, Weight: 1, Confidence: 100}, {From: 2, To: 1, Weight: 1, Confidence: 80}, {From: 3, To: 2, Weight: 2, Confidence: 100}},
		Components: []codeindex.Component{{Name: "main", Type: "application", Path: ".", Parent: -1}, {Name: "voyage", Type: "library", Path: "voyage", Parent: -1}, {Name: "ship", Type: "library", Path: "ship", Parent: -1}},
		Uses:       []codeindex.Edge{{From: 0, To: 1, Weight: 1, Confidence: 100}, {From: 1, To: 2, Weight: 1, Confidence: 100}},
		Couples:    []codeindex.Couple{{A: 1, B: 2, Shared: 6, Degree: 60}},
		Commits:    []codeindex.Commit{{Hash: commit, When: 1_750_000_000, Subject: "Sail"}},
	}
	return codeindex.New(c)
}

// indexed ends a new analysis of a repository with a report and an index.
func (w *world) indexed(repositoryID string, ix *codeindex.Index) string {
	w.t.Helper()
	started, err := w.lead().Analyze(w.t.Context(), repositoryID, client.AnalysisRequest{}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	encoded, err := ix.Encode()
	if err != nil {
		w.t.Fatal(err)
	}
	text := fmt.Sprintf(`{"schema":"rampforge.code-report/1","commit":%q,"analysis_type":"full","complexity_score":%d,"totals":{"files":%d}}`, ix.Commit, len(ix.Commit), len(ix.Files))
	won, err := w.store.FinishRun(w.t.Context(), w.claim(started.AnalysisID), store.Outcome{
		Status: rampforge.AnalysisCompleted, Commit: &ix.Commit, Report: []byte(text), Index: encoded, Message: "Done.",
	}, time.Now())
	if err != nil || !won {
		w.t.Fatalf("finishing the run: %v, %v", won, err)
	}
	return started.AnalysisID
}

const (
	firstCommit  = "1111111111111111111111111111111111111111"
	secondCommit = "2222222222222222222222222222222222222222"
)

func TestQuestionsAboutCode(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/lighthouse")
		of := "/api/v1/repositories/" + r.ID
		if a := w.asLead("GET", of+"/impact?path=main.go", ""); a.status != http.StatusNotFound || !strings.Contains(a.body, "no report yet") {
			t.Errorf("before the first analysis: %d %s", a.status, a.body)
		}
		first := w.indexed(r.ID, lighthouse(firstCommit, 1))
		second := w.indexed(r.ID, lighthouse(secondCommit, 9))

		impact := decoded[codeindex.Impact](t, w.asLead("GET", of+"/impact?path=ship/ship.go", ""))
		paths := []string{}
		for _, d := range impact.Dependents {
			paths = append(paths, fmt.Sprint(d.Distance, " ", d.Path))
		}
		if diff := cmp.Diff([]string{"1 voyage/voyage.go", "2 main.go", "2 voyage/voyage_test.go"}, paths); diff != "" || impact.Commit != secondCommit || len(impact.Tests) != 1 || len(impact.Moved) != 1 {
			t.Errorf("%+v (-want +got):\n%s", impact, diff)
		}
		if !slices.Equal(impact.People, []string{"Ada Stone", "Quin Objector"}) {
			t.Errorf("people to ask: %v", impact.People)
		}
		symbol := decoded[codeindex.Impact](t, w.asLead("GET", of+"/impact?symbol=Ship.Sail&limit=1&depth=1", ""))
		if symbol.Symbol == nil || symbol.Symbol.ID != "ship/ship.go#Ship.Sail" || len(symbol.Dependents) != 1 || symbol.Limit != 1 {
			t.Errorf("%+v", symbol)
		}
		for query, status := range map[string]int{
			"": 422, "?path=a&symbol=b": 422, "?path=nowhere.go": 404, "?path=../../etc/passwd": 404, "?path=..": 404, "?symbol=Nothing": 404, "?path=main.go&depth=21": 422, "?path=main.go&limit=101": 422,
			"?path=" + strings.Repeat("a", 5000): 422,
		} {
			if a := w.asLead("GET", of+"/impact"+query, ""); a.status != status {
				t.Errorf("impact%.60s: %d %s", query, a.status, a.body)
			}
		}

		for _, p := range []string{"..", "../main.go", "nowhere"} {
			if a := w.asLead("GET", of+"/files?path="+p, ""); a.status != http.StatusNotFound {
				t.Errorf("files of %s: %d %s", p, a.status, a.body)
			}
		}
		if impact = decoded[codeindex.Impact](t, w.asLead("GET", of+"/impact?path=voyage", "")); impact.Kind != "folder" || impact.Files != 2 || len(impact.Dependents) != 1 {
			t.Errorf("a folder: %+v", impact)
		}

		folder := decoded[codeindex.FileAnswer](t, w.asLead("GET", of+"/files?path=voyage", ""))
		if folder.Folder == nil || folder.Folder.Files != 2 || folder.Total != 2 {
			t.Errorf("%+v", folder)
		}
		file := decoded[codeindex.FileAnswer](t, w.asLead("GET", of+"/files?path=voyage/voyage.go", ""))
		if file.File == nil || file.File.SymbolTotal != 1 || file.File.ImporterTotal != 2 {
			t.Errorf("%+v", file)
		}

		for query, of := range map[string]string{"": "3 2", "?level=file&around=main.go": "2 1", "?level=file&around=main.go&depth=5": "4 3", "?level=symbol": "4 3", "?level=component&limit=1": "1 0"} {
			g := decoded[codeindex.Graph](t, w.asLead("GET", "/api/v1/repositories/"+r.ID+"/graph"+query, ""))
			if got := fmt.Sprint(len(g.Nodes), " ", len(g.Edges)); got != of {
				t.Errorf("graph%s has %s nodes and edges, want %s", query, got, of)
			}
		}
		for format, begin := range map[string]string{"mermaid": "flowchart", "dot": "digraph", "svg": "<svg"} {
			a := w.asLead("GET", of+"/graph?format="+format, "")
			if a.status != http.StatusOK || !strings.HasPrefix(a.body, begin) || strings.Contains(a.header.Get("Content-Type"), "json") {
				t.Errorf("%s: %d %s %.100s", format, a.status, a.header.Get("Content-Type"), a.body)
			}
		}
		for limit, status := range map[int]int{codeindex.MaxGraphNodes: 200, codeindex.MaxGraphNodes + 1: 422} {
			if a := w.asLead("GET", fmt.Sprint(of, "/graph?limit=", limit), ""); a.status != status {
				t.Errorf("%d nodes: %d %s", limit, a.status, a.body)
			}
		}
		if a := w.asLead("GET", of+"/graph?level=galaxy", ""); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", a.status, a.body)
		}

		for _, query := range []string{"", "?from=1111&to=2222", "?from=" + first + "&to=" + second} {
			c := decoded[codeindex.Comparison](t, w.asLead("GET", of+"/compare"+query, ""))
			if c.From != firstCommit || c.To != secondCommit || len(c.Functions) != 1 || c.Functions[0].To != 9 {
				t.Errorf("compare%s: %+v", query, c)
			}
		}
		for query, status := range map[string]int{"?from=3333": 404, "?to=3333": 404, "?from=%25": 422, "?to=" + first: 404} {
			if a := w.asLead("GET", of+"/compare"+query, ""); a.status != status {
				t.Errorf("compare%s: %d %s", query, a.status, a.body)
			}
		}

		for _, question := range []string{"/impact?path=main.go", "/files", "/graph", "/graph?format=svg", "/compare"} {
			a := w.asLead("GET", of+question, "")
			tag := a.header.Get("ETag")
			if again := w.asLead("GET", of+question, "", "If-None-Match", tag); tag == "" || again.status != http.StatusNotModified || again.body != "" {
				t.Errorf("%s with its tag %s: %d", question, tag, again.status)
			}
		}
	})
}

// TestAnalysisWithoutIndex is one of an older version.
func TestAnalysisWithoutIndex(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		r, id := w.analysed("https://example.com/team/older", sampleReport)
		of := "/api/v1/repositories/" + r.ID
		ask := func(why string) {
			t.Helper()
			for _, question := range []string{"/impact?path=a", "/files", "/graph"} {
				a := w.asLead("GET", of+question, "")
				if a.status != http.StatusNotFound || !strings.Contains(a.body, "analyse the repository again") || !strings.Contains(a.body, `"no_code_index"`) {
					t.Errorf("%s, %s: %d %s", why, question, a.status, a.body)
				}
			}
			if a := w.asLead("POST", of+"/simulate/offboarding", `{"people":["Ada Stone"]}`); a.status != http.StatusNotFound {
				t.Errorf("%s: %d %s", why, a.status, a.body)
			}
		}
		ask("without an index")
		if _, err := w.db.Write().ExecContext(t.Context(), `INSERT INTO code_indexes (analysis_id, repository_id, finished_at, content) VALUES ($1, $2, $3, $4)`, id, r.ID, time.Now().UTC(), []byte("\x00of another version")); err != nil {
			t.Fatal(err)
		}
		ask("with one of another version")
		w.indexed(r.ID, lighthouse(secondCommit, 1))
		c := decoded[codeindex.Comparison](t, w.asLead("GET", of+"/compare", ""))
		if len(c.Measures) == 0 || len(c.Files) != 0 || c.To != secondCommit {
			t.Errorf("reports are compared without: %+v", c)
		}
	})
}

// TestOffboarding is for leads, is noted, and speaks of the whole set.
func TestOffboarding(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "P", RepositoryURL: "https://example.com/team/lighthouse", TeamMembers: []string{"developer@example.com", "observer@example.com"}})
		if err != nil {
			t.Fatal(err)
		}
		id := *p.RepositoryID
		w.indexed(id, lighthouse(firstCommit, 1))
		path := "/api/v1/repositories/" + id + "/simulate/offboarding"
		for _, role := range []rampforge.Role{rampforge.RoleDeveloper, rampforge.RoleObserver} {
			if a := w.raw("POST", path, `{"people":["Ada Stone"]}`, w.bearer(role)...); a.status != http.StatusForbidden {
				t.Errorf("%s: %d %s", role, a.status, a.body)
			}
		}
		for body, status := range map[string]int{`{}`: 422, `{"people":[]}`: 422, `{"people":[" "]}`: 422, `{"people":["` + strings.Repeat("a", 301) + `"]}`: 422, `{"people":[` + strings.Repeat(`"a",`, 50) + `"a"]}`: 422} {
			if a := w.asLead("POST", path, body); a.status != status {
				t.Errorf("%.80s: %d %s", body, a.status, a.body)
			}
		}
		text, err := w.lead().SimulateOffboarding(ctx, id, []string{"ada stone", "Quin Objector", "Nobody"}, nil)
		var got codeindex.Offboarding
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || got.Total != 2 || got.Files != 4 || !slices.Equal(got.People, []string{"Ada Stone", "Quin Objector"}) || !slices.Equal(got.Unknown, []string{"Nobody"}) {
			t.Errorf("%+v, %v", got, err)
		}
		log, err := w.admin().AuditLog(ctx, client.Paging(10, 0))
		noted := slices.IndexFunc(log.Entries, func(e rampforge.AuditEntry) bool { return e.Action == "offboarding.simulated" })
		if err != nil || noted < 0 || log.Entries[noted].TargetID != id || log.Entries[noted].ActorID != w.people[rampforge.RoleTeamLead].user.ID {
			t.Errorf("%+v, %v", log.Entries, err)
		}

		// Who objects is named nowhere, and cannot be asked about.
		if _, err := w.observer().UpdateProfile(ctx, client.Profile{Name: new("Quin Objector"), NamedAsExpert: new(false)}); err != nil {
			t.Fatal(err)
		}
		of := "/api/v1/repositories/" + id
		for _, question := range []string{"/impact?path=ship/ship.go", "/files?path=ship/ship.go", "/files?path=voyage", "/graph?level=file", "/compare?from=" + firstCommit + "&to=" + firstCommit} {
			if a := w.asLead("GET", of+question, ""); a.status != http.StatusOK || strings.Contains(a.body, "Quin") {
				t.Errorf("%s: %d %s", question, a.status, a.body)
			}
		}
		left := lighthouse(secondCommit, 1).Contents
		left.People[2].Here = false
		w.indexed(id, codeindex.New(left))
		for _, question := range []string{"/impact?path=ship/ship.go", "/files?path=ship/ship.go", "/files?path=voyage"} {
			if a := w.asLead("GET", of+question, ""); a.status != http.StatusOK || strings.Contains(a.body, "Quin") || !strings.Contains(a.body, `"left":[]`) {
				t.Errorf("%s of who left and objects: %d %s", question, a.status, a.body)
			}
		}
		w.indexed(id, lighthouse(firstCommit, 1))
		text, err = w.lead().SimulateOffboarding(ctx, id, []string{"Ben Reed", "quin  objector"}, nil)
		got = codeindex.Offboarding{}
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || !slices.Equal(got.Unknown, []string{"quin  objector"}) || got.Total != 1 || strings.Contains(string(text), "Quin Objector") {
			t.Errorf("%s, %v", text, err)
		}
	})
}
