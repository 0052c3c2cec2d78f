package github_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// untold are the fields of each stream that GitHub's MCP server does not tell.
// Everything else has to be as by the API.
var untold = map[rampforge.Stream]cmp.Options{
	rampforge.StreamWorkItems: {
		cmpopts.IgnoreFields(rampforge.WorkItem{}, "Events", "HistoryIncomplete"), // no tool has an issue's events
	},
	rampforge.StreamPullRequests: {
		cmpopts.IgnoreFields(rampforge.PullRequest{},
			"ReadyAt",     // told by an event
			"MergeCommit", // left out of the tool's answer
		),
		cmpopts.IgnoreFields(rampforge.PullRequestLink{}, "CommittedAt"), // the tool has the author's stamp only
	},
	rampforge.StreamCommits: {
		cmpopts.IgnoreFields(rampforge.VendorCommit{}, "Parents"), // left out of the tool's answer
	},
}

// compareTransports reads everything both ways and compares.
func compareTransports(t *testing.T, byREST, byTools connector.Connector) {
	t.Helper()
	rest, tools := allResources(t, byREST), allResources(t, byTools)
	none := cmpopts.IgnoreFields(rampforge.Resource{}, "Streams")
	if diff := cmp.Diff(rest, tools, none); diff != "" {
		t.Errorf("resources (-REST +tools):\n%s", diff)
	}
	for i, resource := range tools {
		want := slices.DeleteFunc(slices.Clone(rest[i].Streams), func(s rampforge.Stream) bool { return s == rampforge.StreamDeployments })
		if diff := cmp.Diff(want, resource.Streams); diff != "" {
			t.Errorf("streams of %s (-REST without deployments +tools):\n%s", resource.Key, diff)
		}
		for _, stream := range resource.Streams {
			a, b := readAll(t, byREST, resource, stream), readAll(t, byTools, resource, stream)
			if len(a) == 0 {
				t.Errorf("%s of %s: nothing to compare", stream, resource.Key)
			}
			opts := append(cmp.Options{cmpopts.IgnoreFields(rampforge.Record{}, "Raw")}, untold[stream]...)
			if diff := connectortest.Diff(a, b, opts); diff != "" {
				t.Errorf("%s of %s (-REST +tools):\n%.4000s", stream, resource.Key, diff)
			}
			for _, r := range b {
				if r.WorkItem != nil && !r.WorkItem.HistoryIncomplete {
					t.Errorf("%s of %s: the history of %s counts as complete", stream, resource.Key, r.ID)
				}
			}
		}
	}
}

func allResources(t *testing.T, c connector.Connector) []rampforge.Resource {
	t.Helper()
	var all []rampforge.Resource
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// readAll reads a stream whole, by id.
func readAll(t *testing.T, c connector.Connector, resource rampforge.Resource, stream rampforge.Stream) []rampforge.Record {
	t.Helper()
	var all []rampforge.Record
	for page, err := range c.Read(t.Context(), resource, stream, nil) {
		if err != nil {
			t.Fatalf("%s of %s: %v", stream, resource.Key, err)
		}
		all = append(all, page.Records...)
	}
	return all
}
