package cli_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestWorkflowOfJira feeds a project by a tracker whose workflow is in German and
// Japanese, and counts every number of its reports again: from what they explain,
// and from the stories themselves.
func TestWorkflowOfJira(t *testing.T) {
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		tracker := jiratest.New(t, jiratest.Options{Seed: 1, Issues: 5})
		all, sprints := stories(), toldSprints()
		tracker.Tell(all, sprints)
		s := serve(t, url)
		project, _ := s.bound("Beta", "jira", tracker.URL, "10001", tracker.Credentials())

		// Without settings nobody knows where items wait.
		s.count(t, project, "as_of=2025-06-16T12:00:00Z", 100)
		s.count(t, project, "", 1000)

		s.settle(project, `{"zone":"Europe/Berlin","states":[{"name":"レビュー","wait":true},{"name":"Done","category":"done"}]}`)
		named := []string{"レビュー", "Done"}
		for query, kind := range map[string]string{
			"from=2025-01-20&to=2025-06-09&as_of=2025-06-16T12:00:00Z&seed=7":                      "",
			"as_of=2025-06-16T12:00:00Z&granularity=day":                                           "",
			"from=2025-03-03&to=2025-05-01T08:30:00Z&as_of=2025-05-02T08:30:00Z&granularity=month": "",
			"from=2025-01-20&to=2025-06-09&as_of=2025-06-16T12:00:00Z&type=Story":                  "Story",
		} {
			r := s.count(t, project, query, 60, named...)
			list := truths(all, r.asOf, kind)
			r.agrees(list)
			if kind == "" {
				r.agreesOn(sprints, list)
			}
		}
		_ = time.Now
	})
}
