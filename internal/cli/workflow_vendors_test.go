package cli_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestWorkflow counts reports of each kind again, and TestLongWorkflow many more
// of them, a page at a time.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	countWorkflows(t, false)
}

func countWorkflows(t *testing.T, long bool) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, url string, long bool){"jira": workflowOfJira, "github": workflowOfGitHub, "xes": workflowOfXES} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachURL(t, func(t *testing.T, url string) {
				t.Helper()
				test(t, url, long)
			})
		})
	}
}

// workflowOfJira feeds a project by a tracker whose workflow is in German and
// Japanese, and counts every number of its reports again: from what they explain,
// and from the stories themselves.
func workflowOfJira(t *testing.T, url string, long bool) {
	t.Helper()
	tracker := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 5})
	all, sprints := stories(), toldSprints()
	tracker.Tell(all, sprints)
	s := serve(t, url)
	project, _ := s.bound("Beta", "jira", tracker.URL, "10001", tracker.Credentials())
	if long { // without settings nobody knows where items wait
		s.count(t, project, "as_of=2025-06-16T12:00:00Z", 100)
		s.count(t, project, "", 0)
	}
	s.settle(project, `{"zone":"Europe/Berlin","states":[{"name":"レビュー","wait":true},{"name":"Done","category":"done"}]}`)
	for i, question := range []struct{ query, kind string }{
		{"from=2025-01-20&to=2025-06-09&as_of=2025-06-16T12:00:00Z&seed=7", ""},
		{"as_of=2025-06-16T12:00:00Z&granularity=day", ""},
		{"from=2025-03-03&to=2025-05-01T08:30:00Z&as_of=2025-05-02T08:30:00Z&granularity=month", ""},
		{"from=2025-01-20&to=2025-06-09&as_of=2025-06-16T12:00:00Z&type=Story", "Story"},
	} {
		if i > 0 && !long {
			return
		}
		r := s.count(t, project, question.query, 60*i, "レビュー", "Done")
		list := truths(all, r.asOf, question.kind)
		r.agrees(list)
		if question.kind == "" {
			r.agreesOn(sprints, list)
		}
	}
}

// workflowOfGitHub feeds a project by GitHub alone, where an item is open or
// closed and nothing else.
func workflowOfGitHub(t *testing.T, url string, long bool) {
	t.Helper()
	hub := githubtest.Start(t, githubtest.Options{Seed: 1, Issues: 4, Pulls: 2})
	hub.Tell(tales())
	s := serve(t, url)
	project, _ := s.bound("API", "github", hub.URL+"/api/v3", "501", map[string]string{"token": githubtest.Token})
	if long {
		s.count(t, project, "as_of=2025-06-16T12:00:00Z", 100)
	}
	s.settle(project, `{"zone":"America/New_York","commitment_state":"open","incidents":{"labels":["incident"]},"production_environments":["Production"]}`)
	s.count(t, project, "from=2025-01-27&to=2025-06-09&as_of=2025-06-12T12:00:00Z", 0)
	if long {
		s.count(t, project, "as_of=2025-06-16T12:00:00Z&granularity=day", 50)
	}
}
