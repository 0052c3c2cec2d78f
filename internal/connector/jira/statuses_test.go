package jira_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

// TestStatuses: the categories are the site's own word, whatever the language
// of the names; one that it does not place stays unplaced.
func TestStatuses(t *testing.T) {
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := jiratest.New(t, jiratest.Options{DataCenter: dc, Seed: 5, Issues: 2})
			c, err := jira.Open(optionsFor(s))
			if err != nil {
				t.Fatal(err)
			}
			lister, ok := c.(connector.StatusLister)
			if !ok {
				t.Fatal("the connector lists no statuses")
			}
			got, err := lister.Statuses(t.Context(), rampforge.Resource{ID: "10001", Key: "BETA"})
			want := []rampforge.TrackerStatus{
				{ID: "1", Name: "Zu erledigen", Category: rampforge.StatusToDo}, {ID: "3", Name: "In Arbeit", Category: rampforge.StatusInProgress},
				{ID: "10002", Name: "レビュー", Category: rampforge.StatusInProgress}, {ID: "10001", Name: "Fertig", Category: rampforge.StatusDone},
				{ID: "10003", Name: "Verworfen", Category: rampforge.StatusUnknown},
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}
