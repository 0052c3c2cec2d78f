package github_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

// read before, and a branch that was rewritten.
func TestCommits(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 9, PerPage: 10, Commits: 25})
	all, cursor := b.read(rampforge.StreamCommits, nil)
	if len(all) != 25 {
		t.Errorf("%d commits", len(all))
	}
	none, same := b.read(rampforge.StreamCommits, cursor)
	if len(none) != 0 || string(same) != string(cursor) {
		t.Errorf("nothing was pushed, and %d commits came", len(none))
	}
	want := []string{}
	for _, sha := range b.fake.Commit(12, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)) {
		want = append(want, b.repo.ID+":"+sha)
	}
	got, cursor := b.read(rampforge.StreamCommits, cursor)
	wantSame(t, "merged", recordIDs(got), want)

	b.fake.Rewrite(3)
	got, cursor = b.read(rampforge.StreamCommits, cursor)
	if len(got) != 37 {
		t.Errorf("after a forced push %d commits were read", len(got))
	}
	if none, _ = b.read(rampforge.StreamCommits, cursor); len(none) != 0 {
		t.Errorf("after it, %d", len(none))
	}
}

// TestRewrittenMeanwhile goes on from a cursor whose hash is no longer there.
func TestRewrittenMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 9, PerPage: 10, Commits: 25})
	var cursor connector.Cursor
	for page, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamCommits, nil) {
		if err != nil {
			t.Fatal(err)
		}
		cursor = page.Next
		break
	}
	b.fake.Rewrite(2)
	if got, _ := b.read(rampforge.StreamCommits, cursor); len(got) != 25 {
		t.Errorf("%d commits", len(got))
	}
}

func TestEmptyRepository(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 10, Empty: true})
	b.repo.ID = "503"
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments} {
		got, cursor := b.read(stream, nil)
		if got, _ := b.read(stream, cursor); len(got) > 0 {
			t.Errorf("%s: %d records", stream, len(got))
		}
		if len(got) > 0 {
			t.Errorf("%s: %d records", stream, len(got))
		}
	}
}
