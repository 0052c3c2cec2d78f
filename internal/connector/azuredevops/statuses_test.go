package azuredevops_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
)

// TestStatuses has a type, Task, without the states between the first and the
// one that ends it: they keep their order.
func TestStatuses(t *testing.T) {
	t.Parallel()
	_, options := start(t)
	c, err := azuredevops.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	lister, ok := c.(connector.StatusLister)
	if !ok {
		t.Fatal("the connector lists no statuses")
	}
	var project rampforge.Resource
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == "project" {
			project = r
			break
		}
	}
	got, err := lister.Statuses(t.Context(), project)
	want := []rampforge.TrackerStatus{
		{ID: "New", Name: "New", Category: rampforge.StatusToDo, Position: 1},
		{ID: "Active", Name: "Active", Category: rampforge.StatusInProgress, Position: 2},
		{ID: "Resolved", Name: "Resolved", Category: rampforge.StatusInProgress, Position: 3},
		{ID: "Closed", Name: "Closed", Category: rampforge.StatusDone, Position: 4},
		{ID: "Removed", Name: "Removed", Category: rampforge.StatusDone, Position: 5},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
