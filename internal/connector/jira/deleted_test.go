package jira_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

// TestMove moves an issue to another project: it keeps its id.
func TestMove(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 20}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		beta := rampforge.Resource{ID: "10001", Key: "BETA"}
		id := s.IDs(alpha.ID)[4]
		_, cursor := readAll(t, c, beta, rampforge.StreamWorkItems, nil)
		s.Touch(id)
		s.Edit(id, func(i *jiratest.Issue) {
			i.Key, i.Project = "BETA-999", beta.ID
			s.AddHistory(i, "project", "jira", "10000", "10001")
		})
		moved, _ := readAll(t, c, beta, rampforge.StreamWorkItems, cursor)
		if len(moved) != 1 || moved[0].ID != id || moved[0].ResourceID != beta.ID || moved[0].WorkItem.Key != "BETA-999" {
			t.Fatalf("%+v", moved)
		}
		last := moved[0].WorkItem.Events[len(moved[0].WorkItem.Events)-1]
		if last.Field != rampforge.FieldResource || last.FromID != "10000" || last.ToID != "10001" {
			t.Errorf("%+v", last)
		}
		if ids := allIDs(t, c, alpha, rampforge.StreamWorkItems); slices.Contains(ids, id) {
			t.Error("it is still listed where it was")
		}
	})
}

func allIDs(t *testing.T, c connector.Connector, resource rampforge.Resource, stream rampforge.Stream) []string {
	t.Helper()
	var all []string
	for ids, err := range c.IDs(t.Context(), resource, stream) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, ids...)
	}
	return all
}

// TestIDsWhileDeleting deletes what was listed: nothing else may be missing,
// since what is missing is taken for deleted.
func TestIDsWhileDeleting(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 205}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		all := s.IDs(alpha.ID)
		n := 0
		s.OnSearch(func() {
			if n++; n > 1 && n < 4 {
				s.Delete(all[n*7])
			}
		})
		got := map[string]bool{}
		for _, id := range allIDs(t, c, alpha, rampforge.StreamWorkItems) {
			got[id] = true
		}
		for _, id := range s.IDs(alpha.ID) {
			if !got[id] {
				t.Errorf("%s is not listed", id)
			}
		}
	})
}

// TestSprintsWhileDeleting deletes a sprint of the first page before the
// second: the list shifts.
func TestSprintsWhileDeleting(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 2}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		whole := allIDs(t, c, alpha, rampforge.StreamSprints)
		if len(whole) != 63 { // 60 of one board, of which five show on another, and three of that
			t.Errorf("%d sprints, want 63", len(whole))
		}
		s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/board/1/sprint") && r.FormValue("startAt") != "0" {
				s.DeleteSprint(110)
			}
			return false
		})
		got, _ := readAll(t, c, alpha, rampforge.StreamSprints, nil)
		have := byID(got)
		for _, id := range whole {
			if _, ok := have[id]; !ok && id != "110" {
				t.Errorf("sprint %s was not read", id)
			}
		}
		if len(have) != len(got) {
			t.Errorf("%d records of %d sprints", len(got), len(have))
		}
	})
}

// TestNoBoards reads a Jira that has no boards at all.
func TestNoBoards(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 2}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			agile := strings.Contains(r.URL.Path, "/agile/")
			if agile {
				w.WriteHeader(http.StatusNotFound)
			}
			return agile
		})
		if got, _ := readAll(t, c, alpha, rampforge.StreamSprints, nil); len(got) > 0 {
			t.Errorf("%d sprints", len(got))
		}
		for _, err := range c.IDs(t.Context(), alpha, rampforge.StreamSprints) {
			if connector.Reason(err) != connector.ReasonUnsupported {
				t.Errorf("%v: an empty list would say that all sprints are gone", err)
			}
		}
	})
}
