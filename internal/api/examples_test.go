package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
)

// exampleTime is when the examples' questions are asked.
func exampleTime() time.Time { return time.Date(2025, 11, 17, 9, 0, 0, 0, time.UTC) }

// exampleItems is the file that the project of the examples is made of: work items
// with their histories.
func exampleItems() string {
	var out strings.Builder
	for n := range 16 {
		created := time.Date(2025, 9, 22, 8, 0, 0, 0, time.UTC).Add(time.Duration(n*71) * time.Hour)
		at := func(hours int) string { return created.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339) }
		moved := func(from, to string, hours int) string {
			return fmt.Sprintf(`{"field":"status","from":%q,"to":%q,"at":%q}`, from, to, at(hours))
		}
		history := []string{moved("To do", "Doing", 10+n), moved("Doing", "Review", 40+3*n)}
		status, category := "Review", "in_progress"
		if n < 13 {
			status, category, history = "Done", "done", append(history, moved("Review", "Done", 60+5*n))
		}
		if n == 4 {
			history = append(history, moved("Done", "Doing", 100), moved("Doing", "Done", 130))
		}
		if n == 15 {
			status, category, history = "To do", "todo", nil
		}
		fmt.Fprintf(&out, `{"id":"%d","key":"PAY-%d","type":"Story","status":%q,"status_category":%q,"estimate":%d,"created_at":%q,"history":[%s]}`+"\n",
			n+1, n+1, status, category, 1+n%5, at(0), strings.Join(history, ","))
	}
	// What nothing is in now has no category that anybody says.
	out.WriteString(`{"id":"20","key":"PAY-20","type":"Story","status":"Doing","status_category":"in_progress","created_at":"2025-11-14T08:00:00Z","history":[{"field":"status","from":"To do","to":"Doing","at":"2025-11-14T12:00:00Z"}]}` + "\n")
	return out.String()
}

// random are parts of an answer that are never the same.
var random = regexp.MustCompile(`\b([a-z]{2,4})_[0-9a-z]{26}\b`)

// TestGoldenExamples asks a small project all the questions that the document has
// examples of, and compares the answers with those.
func TestGoldenExamples(t *testing.T) {
	clock := func(s *setting) {
		s.now = exampleTime
		s.accessTTL = time.Hour
	}
	onSQLite(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "Payments"})
		if err != nil {
			t.Fatal(err)
		}
		project, seen := "/api/v1/projects/"+p.ID, map[string]bool{}
		golden := func(file string, a answer) {
			t.Helper()
			seen[file] = true
			w.exemplary(file, a)
		}
		golden("import-work.json", w.asLead("POST", project+"/import?name=stories&format=jsonl", exampleItems(), "Content-Type", "application/x-ndjson"))
		golden("list-project-imports.json", w.asLead("GET", project+"/imports", ""))
		w.measured(p.ID)
		settings := `{"zone":"Europe/Vienna","states":[{"name":"Review","wait":true}]}`
		golden("set-project-workflow-settings.json", w.asLead("PUT", project+"/workflow/settings", settings))
		golden("get-project-workflow-settings.json", w.asLead("GET", project+"/workflow/settings", ""))
		w.measured(p.ID)
		const window = "?from=2025-10-20&as_of=2025-11-17T09:00:00Z"
		golden("get-project-workflow.json", w.asLead("GET", project+"/workflow"+window+"&explain=1&metric=cycle_time&limit=2", ""))
		golden("get-project-workflow-metrics.csv", firstLines(w.asLead("GET", project+"/workflow/metrics"+window, "")))
		golden("get-project-workflow-metrics.json", firstMetrics(t, w.asLead("GET", project+"/workflow/metrics"+window+"&format=json", "")))
		golden("get-project-workflow-model.json", w.asLead("GET", project+"/workflow/model"+window, ""))
		golden("get-project-workflow-model.xml", w.asLead("GET", project+"/workflow/model"+window+"&format=bpmn", ""))
		golden("get-project-workflow-model.mmd", w.asLead("GET", project+"/workflow/model"+window+"&algorithm=dfg&format=mermaid", ""))
		golden("get-project-team.json", w.asLead("GET", project+"/team", ""))
		golden("my-insights.json", w.asLead("GET", "/api/v1/auth/me/insights", ""))
		const few = "&to=2025-09-26T00:00:00Z" // the first items
		golden("export-work-items.csv", w.asLead("GET", project+"/export/work-items?format=csv"+few, ""))
		golden("export-work-items.jsonl", w.asLead("GET", project+"/export/work-items?format=jsonl"+few, ""))
		golden("export-event-log.csv", w.asLead("GET", project+"/export/event-log?format=csv"+few, ""))
		golden("export-event-log.xml", w.asLead("GET", project+"/export/event-log?format=xes"+few, ""))
		r := w.repository("https://example.com/team/lighthouse")
		w.indexed(r.ID, lighthouse(firstCommit, 1))
		w.indexed(r.ID, lighthouse(secondCommit, 4))
		of := "/api/v1/repositories/" + r.ID
		golden("get-impact.json", w.asLead("GET", of+"/impact?path=ship/ship.go", ""))
		golden("get-code-graph.json", w.asLead("GET", of+"/graph?level=symbol&around=Begin", ""))
		golden("get-code-graph.mmd", w.asLead("GET", of+"/graph?format=mermaid", ""))
		golden("get-code-files.json", w.asLead("GET", of+"/files?path=ship/ship.go", ""))
		golden("compare-analyses.json", w.asLead("GET", of+"/compare", ""))
		golden("simulate-offboarding.json", w.asLead("POST", of+"/simulate/offboarding", `{"people":["Ada Stone"]}`))
		found, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "Lighthouse", RepositoryURL: "https://example.com/team/lighthouse"})
		if err != nil {
			t.Fatal(err)
		}
		w.searched(r.ID, secondCommit, exampleTime(), lighthousePassages()...)
		golden("search-project.json", w.asLead("GET", "/api/v1/projects/"+found.ID+"/search?q=where+are+ships+warned", ""))
		about := "/api/v1/projects/" + w.sailing()
		asked := w.asLead("POST", about+"/ask", `{"question":"What breaks if I change Ship.Sail?"}`)
		golden("ask-project.json", asked)
		conversation := about + "/conversations/" + decoded[rampforge.Answer](t, asked).ConversationID
		golden("list-conversations.json", w.asLead("GET", about+"/conversations", ""))
		golden("get-conversation.json", w.asLead("GET", conversation, ""))
		w.captured(about, golden)
		made := w.documented(strings.TrimPrefix(about, "/api/v1/projects/"))
		golden("get-document-run.json", w.asLead("GET", about+"/documents/runs/"+made.ID, ""))
		golden("list-documents.json", w.asLead("GET", about+"/documents", ""))
		golden("get-document.json", w.asLead("GET", about+"/documents/architecture", ""))
		golden("make-documents.json", w.asLead("POST", about+"/documents", `{"kinds":["setup","glossary"]}`))
		files, err := filepath.Glob(filepath.Join("examples", "*"))
		for _, f := range files {
			if !seen[filepath.Base(f)] {
				t.Errorf("%s is an example of nothing", f)
			}
		}
		if err != nil || len(files) != len(seen) {
			t.Errorf("%d examples, want %d: %v", len(files), len(seen), err)
		}
	}, clock, func(s *setting) {
		s.api.Measurer = measure.New(measure.Options{Store: s.api.Store, Logger: slog.New(slog.DiscardHandler), Now: exampleTime, Subject: identity.Subject})
	})
}

// captured goes from an interview to an item of knowledge.
func (w *world) captured(project string, golden func(string, answer)) {
	w.t.Helper()
	interviews := project + "/interviews"
	golden("create-interview.json", w.asLead("POST", interviews, `{"person":"developer@example.com","reason":"leaving","paths":["ship"]}`))
	i := w.asked(strings.TrimPrefix(project, "/api/v1/projects/"))
	one := interviews + "/" + i.ID
	golden("list-interviews.json", w.asLead("GET", interviews, ""))
	question := one + "/questions/" + i.Questions[0].ID
	const dev = rampforge.RoleDeveloper
	golden("answer-question.json", w.as(dev, "PUT", question+"/answer", `{"text":"It depends."}`))
	w.as(dev, "PUT", question+"/answer", `{"text":"In fog the anchor must be raised by hand, because the winch of 1998 has no brake: see winch_test.go."}`)
	golden("get-interview.json", w.as(dev, "GET", one, ""))
	finished := w.as(dev, "POST", one+"/finish", "")
	golden("finish-interview.json", finished)
	item := project + "/knowledge/" + decoded[struct{ Items []rampforge.KnowledgeItem }](w.t, finished).Items[0].ID
	golden("approve-knowledge.json", w.as(dev, "POST", item+"/approve", ""))
	golden("get-knowledge.json", w.asLead("GET", item, ""))
	golden("list-knowledge.json", w.asLead("GET", project+"/knowledge", ""))
	golden("create-knowledge.json", w.as(dev, "POST", project+"/knowledge", `{"title":"Why the bell rings twice","text":"Once is lost in the wind: the keeper of 1998 tried.","links":[{"path":"ship/ship.go","start_line":3,"end_line":9}]}`))
}

// The numbers of a report are some hundreds: an example shows the first.
const firstFew = 12

func firstLines(a answer) answer {
	a.body = strings.Join(strings.SplitAfter(a.body, "\n")[:firstFew], "")
	return a
}

func firstMetrics(t *testing.T, a answer) answer {
	t.Helper()
	var all struct {
		AsOf    json.RawMessage   `json:"as_of"`
		Metrics []json.RawMessage `json:"metrics"`
		Window  json.RawMessage   `json:"window"`
	}
	if err := json.Unmarshal([]byte(a.body), &all); err != nil {
		t.Fatal(err)
	}
	all.Metrics = all.Metrics[:firstFew]
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	a.body = string(text)
	return a
}

// maxExample is how large an example may be: more nobody reads.
const maxExample = 60 << 10

// exemplary compares an answer with an example, or writes it.
func (w *world) exemplary(file string, a answer) {
	w.t.Helper()
	if a.status >= 300 {
		w.t.Fatalf("%s: %d %s", file, a.status, a.body)
	}
	got := random.ReplaceAllString(a.body, "${1}_01k9t0000000000000000000x0")
	if strings.HasSuffix(file, ".json") {
		var text bytes.Buffer
		if err := json.Indent(&text, []byte(got), "", " "); err != nil {
			w.t.Fatal(err)
		}
		got = text.String() + "\n"
	}
	if len(a.body) > maxExample {
		w.t.Errorf("%s has %d bytes", file, len(a.body))
	}
	golden := filepath.Join("examples", file)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		w.t.Errorf("%s: the answer changed; if that is meant, run `make generate` (-want +got):\n%s", file, diff)
	}
}

// measured brings the facts of a project up to date at the time of the examples.
func (w *world) measured(projectID string) {
	w.t.Helper()
	ctx, now := w.t.Context(), exampleTime()
	silent, err := w.store.SilentWorkflows(ctx, now.Add(time.Hour), 10)
	if err != nil || len(silent) != 1 || silent[0].ProjectID != projectID {
		w.t.Fatal(silent, err)
	}
	c := store.WorkflowClaim{ProjectID: projectID, JobID: silent[0].JobID, Owner: "one"}
	was, claimed, err := w.store.ClaimWorkflow(ctx, c, now, now)
	if err != nil || !claimed {
		w.t.Fatal(claimed, err)
	}
	m := measure.New(measure.Options{Store: w.store, Logger: slog.New(slog.DiscardHandler), Now: exampleTime, Subject: func(s rampforge.Signature) string { return s.Email }})
	if err := m.Refresh(ctx, c, was); err != nil {
		w.t.Fatal(err)
	}
}
