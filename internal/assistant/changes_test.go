package assistant_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// moreOfHarbour are commits of June 2025, on the harbour.
const moreOfHarbour = `
-- crane/crane.go --
// Package crane unloads ships.
package crane

// Unload takes the load of a ship.
func Unload() {}
-- commit: Add a crane --
author: Ben Wood <ben@example.com>
date: 2025-06-24T09:00:00Z
-- go.mod --
module example.com/harbour

go 1.25
-- commit: Bump go from 1.24 to 1.25 --
author: Ben Wood <ben@example.com>
date: 2025-06-25T09:00:00Z
-- berth/berth_test.go --
package berth
-- commit: Test berths less --
author: Ben Wood <ben@example.com>
date: 2025-06-26T09:00:00Z
`

func tag(t *testing.T, repo *gittest.Repo, name, revision string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "git", "-C", repo.Dir, "tag", name, revision).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// TestChanges tells what changed in a period from the commits of it, and that
// nothing did where that is so. It is 1 July 2025.
func TestChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		repo := gittest.Build(t, harbour+moreOfHarbour)
		tag(t, repo, "v1.0.0", "HEAD~4")
		tag(t, repo, "v1.1.0", "HEAD~2")
		a := over(t, s, repo)
		week := a.ask("What changed last week?")
		says(t, week, "From 23 to 29 June 2025: 3 commits.", "**`crane`**", "Add a crane, 24 June 2025 [", "**`berth`**", "Test berths less, 26 June 2025", "**Dependencies**", "Bump go from 1.24 to 1.25", "Tagged in that time: `v1.1.0`")
		cites(t, week, "Add a crane", 0)
		if week.Abstained || strings.Contains(week.Text, "tide") || week.Citations[0].Kind != rampforge.PassageReport || !strings.Contains(week.Citations[0].Excerpt, "2025-06-24") {
			t.Errorf("%+v", week)
		}
		since := a.ask("What is new since v1.1?")
		if says(t, since, "Since `v1.1.0` of 24 June 2025: 2 commits.", "Test berths less"); strings.Contains(since.Text, "Add a crane") {
			t.Errorf("%s", since.Text)
		}
		says(t, a.ask("What changed in 1.1.0?"), "Between `v1.0.0` of 10 January 2025 and `v1.1.0` of 24 June 2025: 2 commits", "Look at the tide", "Add a crane")
		says(t, a.ask("What changed since the last release?"), "Since `v1.1.0`")
		// By what the question is about: a path, a name, or a word.
		for _, question := range []string{"What changed in crane/crane.go in June?", "Which changes were made to the crane in June?", "What changed in `Unload` in June 2025?"} {
			answer := a.ask(question)
			if says(t, answer, "about `", ": 1 commit.", "Add a crane"); strings.Contains(answer.Text, "tide") || strings.Contains(answer.Text, "Bump") {
				t.Errorf("%q: %s", question, answer.Text)
			}
		}
		says(t, a.ask("What changed about pilots in June?"), "none speaks of `pilots`")
		// Nothing is honest, and no random passage stands in.
		for _, question := range []string{"What changed yesterday?", "Which commits were made in February 2025?"} {
			answer := a.ask(question)
			if says(t, answer, "No commit that the analysis knows was made", "the newest change is of 26 June 2025. [1]", "Test berths less"); answer.Abstained || len(answer.Citations) != 1 {
				t.Errorf("%q: %+v", question, answer)
			}
		}
		unknown := a.ask("What changed since v7.3?")
		if says(t, unknown, "no tag of the repository is `v7.3`; the newest is `v1.1.0`"); !unknown.Abstained || len(unknown.Citations) != 0 {
			t.Errorf("%+v", unknown)
		}
		// Another question is answered as ever.
		says(t, a.ask("When was the crane added?"), "24 June 2025")
		a.Project.ID = "prj_other"
		if none := a.ask("What changed last week?"); !none.Abstained || !strings.Contains(none.Text, "no history of this project is known") {
			t.Errorf("%+v", none)
		}
	})
}

// TestChangesOfRecords tells of pull requests that were merged and work items that
// were closed, and each commit once.
func TestChangesOfRecords(t *testing.T) {
	t.Parallel()
	at := func(day int) *time.Time { v := time.Date(2025, 6, day, 9, 0, 0, 0, time.UTC); return &v }
	pull := func(id string, v rampforge.PullRequest) rampforge.Record {
		return rampforge.Record{Stream: rampforge.StreamPullRequests, ID: id, ResourceID: "r", PullRequest: &v, UpdatedAt: v.UpdatedAt}
	}
	item := func(id string, v rampforge.WorkItem) rampforge.Record {
		return rampforge.Record{Stream: rampforge.StreamWorkItems, ID: id, ResourceID: "r", WorkItem: &v, UpdatedAt: v.UpdatedAt}
	}
	a := withRecords(t,
		pull("1", rampforge.PullRequest{Number: 7, Title: "Moor by the tide", State: "merged", MergedAt: at(1), UpdatedAt: *at(2), Body: "Look at it.", MergeCommit: "feed"}),
		pull("2", rampforge.PullRequest{Number: 8, Title: "Widen the quay", State: "open", UpdatedAt: *at(3)}),
		item("3", rampforge.WorkItem{Key: "HAR-3", Title: "Ferries touch ground", ClosedAt: at(2), UpdatedAt: *at(2)}),
		item("4", rampforge.WorkItem{Key: "HAR-4", Title: "Paint the crane", UpdatedAt: *at(2)}),
	)
	answer := a.ask("What happened in June 2025?")
	says(t, answer, "From 1 to 30 June 2025: 1 merged pull request, 1 commit beside them, 1 closed work item.", "#7 Moor by the tide, 1 June 2025 [", "HAR-3 Ferries touch ground, 2 June 2025 [", "Look at the tide before a ship is moored")
	cites(t, answer, "#7 Moor by the tide", 0)
	cites(t, answer, "HAR-3 Ferries touch ground", 0)
	if strings.Contains(answer.Text, "quay") || strings.Contains(answer.Text, "HAR-4") {
		t.Errorf("what is open is told as done: %s", answer.Text)
	}
	// The commit that a pull request brought is not counted beside it.
	head := strings.TrimSpace(gittest.Build(t, harbour).Git("rev-parse", "HEAD"))
	told := withRecords(t, pull("1", rampforge.PullRequest{Number: 7, Title: "Moor by the tide", State: "merged", MergedAt: at(1), UpdatedAt: *at(2), MergeCommit: head})).ask("What happened in June 2025?")
	if says(t, told, "From 1 to 30 June 2025: 1 merged pull request. [1]"); strings.Contains(told.Text, "beside them") {
		t.Errorf("%s", told.Text)
	}
	if other := a.askOf(assistant.Question{Text: "What was merged in 2024?"}); !strings.Contains(other.Text, "the newest change is of 1 June 2025") {
		t.Errorf("%s", other.Text)
	}
}
