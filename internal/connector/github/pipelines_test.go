package github_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

// TestDeletedDeployments deletes while the pages are read: none of the others
// may slip past a boundary.
func TestDeletedDeployments(t *testing.T) {
	t.Parallel()
	whole := setup(t, githubtest.Options{Seed: 11, PerPage: 5, Deploys: 22})
	all, _ := whole.read(rampforge.StreamDeployments, nil)
	if len(all) != 22 {
		t.Fatalf("%d deployments", len(all))
	}
	for n := 2; n < 6; n++ {
		b := setup(t, githubtest.Options{Seed: 11, PerPage: 5, Deploys: 22})
		b.fake.Before(once("/deployments", n, func() { b.fake.DeleteDeployment(0); b.fake.DeleteDeployment(0) }))
		got, _ := b.read(rampforge.StreamDeployments, nil)
		have := recordIDs(got)
		for _, r := range all[2:] {
			if !slices.Contains(have, r.ID) {
				t.Errorf("deleted before page %d: %s was not read", n, r.ID)
			}
		}
	}
}

// TestUnfinished reads a deployment again until it has ended, although its
// stamp stays.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 12, PerPage: 5, Deploys: 12})
	id := b.fake.AddDeployment()
	got, cursor := b.read(rampforge.StreamDeployments, nil)
	if !slices.Contains(recordIDs(got), id) {
		t.Fatalf("read %v, want %s", recordIDs(got), id)
	}
	b.fake.FinishDeployment()
	got, cursor = b.read(rampforge.StreamDeployments, cursor)
	wantSame(t, "finished", recordIDs(got), []string{id})
	if d := got[0].Deployment; d.State != "succeeded" || d.FinishedAt == nil {
		t.Errorf("%+v", d)
	}
	if got, _ = b.read(rampforge.StreamDeployments, cursor); len(got) != 0 {
		t.Errorf("it has ended and comes again: %v", recordIDs(got))
	}
}

// TestRerun repeats runs that ended before the last reading: one of these days
// is found at once, an older one by the first reading of a day.
func TestRerun(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 13, PerPage: 5, Runs: 30, Begin: time.Now().Add(-50 * time.Hour)})
	_, cursor := b.read(rampforge.StreamPipelineRuns, nil)
	id := b.fake.Rerun(20, time.Now())
	got, _ := b.read(rampforge.StreamPipelineRuns, cursor)
	wantSame(t, "of these days", recordIDs(got), []string{id})
	if got[0].PipelineRun.State != "succeeded" {
		t.Errorf("%+v", got[0].PipelineRun)
	}

	b = setup(t, githubtest.Options{Seed: 13, PerPage: 5, Runs: 30, Begin: time.Now().AddDate(0, 0, -20)})
	all, cursor := b.read(rampforge.StreamPipelineRuns, nil)
	if len(all) != 30 {
		t.Fatalf("%d runs", len(all))
	}
	b.fake.Requests()
	_, cursor = b.read(rampforge.StreamPipelineRuns, cursor)
	if asked := b.fake.Requests(); len(asked) != 2 {
		t.Errorf("nothing changed, asked for %v", asked)
	}
	id = b.fake.Rerun(20, time.Now().Add(-10*time.Second)) // before that reading, but after the last far one
	got, cursor = b.read(rampforge.StreamPipelineRuns, cursor)
	wantSame(t, "an old one, the same day", recordIDs(got), []string{})
	var state map[string]any
	if err := json.Unmarshal(cursor, &state); err != nil {
		t.Fatal(err)
	}
	state["far"] = time.Now().Add(-25 * time.Hour) // a day has gone by
	cursor, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	got, _ = b.read(rampforge.StreamPipelineRuns, cursor)
	wantSame(t, "an old one, the next day", recordIDs(got), []string{id})
}
