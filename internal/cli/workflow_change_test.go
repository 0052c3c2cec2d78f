package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestWorkflowChanges asks for reports again and again, while nothing changes, and
// after the settings and the tracker have changed.
func TestWorkflowChanges(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		tracker := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 5})
		all, sprints := stories(), toldSprints()
		tracker.Tell(all[:30], sprints)
		s := serve(t, url)
		project, _ := s.bound("Beta", "jira", tracker.URL, "10001", tracker.Credentials())
		path := "/api/v1/projects/" + project + "/workflow"

		// The same moment has the same bytes.
		const query = "?from=2025-01-20&to=2025-06-09&as_of=2025-06-16T12:00:00Z&explain=1&limit=30"
		one, two := s.get(path+query), s.get(path+query)
		if !bytes.Equal(one.body, two.body) || one.header.Get("ETag") == "" || one.header.Get("ETag") != two.header.Get("ETag") {
			t.Error("the same question has two answers")
		}
		for _, asked := range []string{"", query} {
			tag := s.get(path + asked).header.Get("ETag")
			if a := s.send("GET", path+asked, "", "If-None-Match", tag); a.status != http.StatusNotModified || len(a.body) != 0 {
				t.Errorf("%q: %d %.100s", asked, a.status, a.body)
			}
			if a := s.send("GET", path+asked, "", "If-None-Match", `"another"`); a.status != http.StatusOK {
				t.Errorf("%q: %d", asked, a.status)
			}
		}

		// Windows that meet hold together what the window of both holds.
		finishes := func(query string) float64 {
			r := &recount{t: t, report: s.ask("GET", path+"?as_of=2025-06-16T12:00:00Z&"+query, "")}
			n, _ := r.at(performance + "throughput.n").(float64)
			return n
		}
		if first, second, both := finishes("from=2025-01-20&to=2025-03-30"), finishes("from=2025-03-30&to=2025-06-09"), finishes("from=2025-01-20&to=2025-06-09"); first+second != both || first == 0 || second == 0 {
			t.Errorf("%v and %v are finished, and %v in both windows", first, second, both)
		}
		kinds := 0.0
		for _, kind := range []string{"Story", "Bug", "Task", "Epic"} {
			kinds += finishes("from=2025-01-20&to=2025-06-09&type=" + kind)
		}
		if all, two := finishes("from=2025-01-20&to=2025-06-09"), finishes("from=2025-01-20&to=2025-06-09&type=Story&type=Task"); kinds != all || two >= all {
			t.Errorf("%v are finished by type, %v in all", kinds, all)
		}

		// Other settings are another report, and those of before the one of before.
		kept := s.get(path).header.Get("ETag")
		s.settle(project, `{"zone":"Europe/Berlin","excluded_types":["Bug"],"states":[{"name":"レビュー","wait":true}]}`)
		if tag := s.get(path).header.Get("ETag"); tag == kept {
			t.Error("the kept report is the same after the settings changed")
		}
		changed := s.get(path + query)
		if bytes.Equal(changed.body, one.body) || changed.header.Get("ETag") == one.header.Get("ETag") {
			t.Error("the report is the same after the settings changed")
		}
		var a, b map[string]any
		s.settle(project, `{}`)
		if err := json.Unmarshal(s.get(path+query).body, &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(one.body, &b); err != nil {
			t.Fatal(err)
		}
		delete(a, "generated_at") // the facts are as they were, and were looked at again
		delete(b, "generated_at")
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Error("with the settings of before, the report is not that of before")
		}

		s.settle(project, `{"states":[{"name":"Done","category":"done"}]}`)
		// What the tracker has now is in the report after a sync, and only then.
		changes := append([]jiratest.Story{}, all[:30]...)
		changes[9].Moves = append(changes[9].Moves, move(storyEnd.Add(time.Hour), doing))
		changes = append(changes, jiratest.Story{Number: 900, Kind: "Bug", Status: toDo, Created: storyEnd.Add(2 * time.Hour), Moves: []jiratest.Move{move(storyEnd.Add(3*time.Hour), doing)}})
		tracker.Tell(changes, sprints)
		if before := s.get(path + query); len(before.body) != len(s.get(path+query).body) {
			t.Error("the report changed without a sync")
		}
		s.sync(project)
		r := s.count(t, project, "from=2025-01-20&to=2025-06-09&as_of=2025-06-16T20:00:00Z", 0, "Done")
		r.is("items.total", 31)
		var before []truth
		for _, v := range truths(all[:30], r.asOf, "") {
			if !v.started.IsZero() && v.left.IsZero() {
				before = append(before, v)
			}
		}
		r.is(performance+"work_in_progress.now", float64(len(before)+2))
		if r.text("as_of_source") != "request" {
			t.Errorf("as_of is of %s", r.text("as_of_source"))
		}
		r.rowsBy("process_mining", miningPath, 7) // in pages of a few rows
		r.metrics()
	})
}

// metrics compares the file of numbers with the report.
func (r *recount) metrics() {
	r.t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(r.s.get("/api/v1/projects/" + r.project + "/workflow/metrics?" + r.query.Encode()).body)).ReadAll()
	if err != nil || len(rows) < 100 {
		r.t.Fatal(len(rows), err)
	}
	for _, row := range rows[1:] {
		switch told := r.at("workflow_analysis." + row[0]).(type) {
		case nil:
			if row[1] != "" {
				r.t.Errorf("%s is %q, and null in the report", row[0], row[1])
			}
		case float64:
			if v, err := strconv.ParseFloat(row[1], 64); err != nil || v != told {
				r.t.Errorf("%s is %q, and %v in the report", row[0], row[1], told)
			}
		}
		if at, err := time.Parse(time.RFC3339Nano, row[8]); err != nil || !at.Equal(r.asOf) {
			r.t.Errorf("%s is as of %s", row[0], row[8])
		}
	}
}
