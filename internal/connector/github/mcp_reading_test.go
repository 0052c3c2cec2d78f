package github_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

// TestMCPTies reads more of one second than a page holds, changed meanwhile.
func TestMCPTies(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 5, Issues: 150, Pulls: 130, Tied: 270}, githubtest.ToolOptions{})
	for stream, list := range map[rampforge.Stream]func() ([]string, []int){rampforge.StreamWorkItems: b.fake.Issues, rampforge.StreamPullRequests: b.fake.Pulls} {
		want, _ := list()
		got, cursor := b.read(stream, nil)
		wantSame(t, string(stream), recordIDs(got), want)
		again, _ := b.read(stream, cursor)
		wantSame(t, string(stream)+", when nothing changed", recordIDs(again), []string{})
		wantSame(t, "ids of "+string(stream), b.ids(stream), want)
	}
	b, _ = withTools(t, githubtest.Options{Seed: 6, Issues: 150, Pulls: 1, Tied: 150}, githubtest.ToolOptions{})
	want, numbers := b.fake.Issues()
	b.fake.Before(once("/search/issues", 2, func() {
		for _, number := range numbers[:3] {
			b.fake.Comment(number, "in between")
		}
	}))
	got, cursor := b.read(rampforge.StreamWorkItems, nil)
	more, _ := b.read(rampforge.StreamWorkItems, cursor)
	wantSame(t, "changed meanwhile", slices.Compact(sorted(recordIDs(append(got, more...)))), want)
	wantComment(t, append(got, more...), want[0], "in between")
}

// TestMCPLate finds what the index had not yet when a later change was read.
func TestMCPLate(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 7, Issues: 20, Pulls: 2}, githubtest.ToolOptions{})
	all, cursor := b.read(rampforge.StreamWorkItems, nil)
	ids, numbers := b.fake.Issues()
	b.fake.SetUpdated(numbers[0], all[len(all)-1].UpdatedAt.Add(-8*time.Minute))
	got, cursor := b.read(rampforge.StreamWorkItems, cursor)
	wantSame(t, "late", recordIDs(got), ids[:1])
	got, _ = b.read(rampforge.StreamWorkItems, cursor)
	wantSame(t, "later still", recordIDs(got), []string{})
}

// TestMCPHasty is told of a search that GitHub gave up: nothing may be
// concluded from it, least of all that something is gone.
func TestMCPHasty(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 8}, githubtest.ToolOptions{})
	b.read(rampforge.StreamWorkItems, nil)
	b.fake.Hurry(true)
	for ids, err := range b.conn.IDs(t.Context(), b.repo, rampforge.StreamWorkItems) {
		if connector.Reason(err) != connector.ReasonVendor {
			t.Errorf("%v, %v", ids, err)
		}
	}
}

// TestMCPDeletions deletes while the ids are listed.
func TestMCPDeletions(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 9, Issues: 250, Pulls: 2}, githubtest.ToolOptions{})
	want, numbers := b.fake.Issues()
	b.fake.Before(once("/search/issues", 2, func() { b.fake.Delete(numbers[0]); b.fake.Delete(numbers[1]) }))
	got := b.ids(rampforge.StreamWorkItems)
	for _, id := range want[2:] {
		if !slices.Contains(got, id) {
			t.Errorf("%s is there and was not listed", id)
		}
	}
	wantSame(t, "listed again", b.ids(rampforge.StreamWorkItems), want[2:])
}

// TestMCPRename gives the repository another name between and within readings.
func TestMCPRename(t *testing.T) {
	t.Parallel()
	for _, reuse := range []bool{false, true} {
		b, _ := withTools(t, githubtest.Options{Seed: 10}, githubtest.ToolOptions{})
		b.repo.Key = "acme/api"
		_, cursor := b.read(rampforge.StreamWorkItems, nil)
		b.fake.Rename("acme/api-two", reuse)
		stream, id := b.fake.Change()
		got, _ := b.read(stream, cursor)
		if len(got) != 1 || got[0].ID != id || got[0].ResourceID != b.repo.ID {
			t.Errorf("reuse %v: read %v", reuse, recordIDs(got))
		}
	}
	b, _ := withTools(t, githubtest.Options{Seed: 10, Issues: 150}, githubtest.ToolOptions{})
	b.fake.Before(once("/search/issues", 2, func() { b.fake.Rename("acme/api-two", false) }))
	var fault error
	for _, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamWorkItems, nil) {
		fault = err
	}
	if connector.Reason(fault) != connector.ReasonNotFound { // the next reading knows the new name
		t.Errorf("renamed while it is read: %v", fault)
	}
	want, _ := b.fake.Issues()
	got, _ := b.read(rampforge.StreamWorkItems, nil)
	wantSame(t, "after it", recordIDs(got), want)
}

// TestMCPGone deletes an issue after it was listed.
func TestMCPGone(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 11, Issues: 10, Pulls: 4}, githubtest.ToolOptions{})
	for stream, list := range map[rampforge.Stream]func() ([]string, []int){rampforge.StreamWorkItems: b.fake.Issues, rampforge.StreamPullRequests: b.fake.Pulls} {
		want, numbers := list()
		last := len(numbers) - 1
		b.fake.Comment(numbers[last], "so that there is one")
		b.fake.Before(once("/comments", 1, func() { b.fake.Delete(numbers[last]) }))
		if stream == rampforge.StreamPullRequests {
			b.fake.Before(once("/reviews", 1, func() { b.fake.Delete(numbers[last]) }))
		}
		got, _ := b.read(stream, nil)
		wantSame(t, string(stream), recordIDs(got), want[:last])
	}
}

// TestMCPCommits reads what merges bring, without a comparison of hashes.
func TestMCPCommits(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 12, Commits: 250}, githubtest.ToolOptions{})
	all, cursor := b.read(rampforge.StreamCommits, nil)
	if len(all) != 250 {
		t.Errorf("%d commits", len(all))
	}
	none, same := b.read(rampforge.StreamCommits, cursor)
	if len(none) != 0 || string(same) != string(cursor) {
		t.Errorf("nothing was pushed, and %d commits came", len(none))
	}
	newest := all[0].UpdatedAt
	for _, older := range []int{29, 31} {
		want := []string{}
		for _, sha := range b.fake.Commit(3, newest.AddDate(0, 0, -older)) {
			want = append(want, b.repo.ID+":"+sha)
		}
		b.fake.Commit(1, newest)
		var got []rampforge.Record
		got, cursor = b.read(rampforge.StreamCommits, cursor)
		found := func() int {
			n := 0
			for _, id := range recordIDs(got) {
				if slices.Contains(want, id) {
					n++
				}
			}
			return n
		}
		if older < 30 {
			if found() != 3 {
				t.Errorf("merged after %d days: %d of 3", older, found())
			}
			continue
		}
		var state map[string]any
		if err := json.Unmarshal(cursor, &state); err != nil {
			t.Fatal(err)
		}
		state["whole"] = time.Now().AddDate(0, 0, -8)
		aged, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		b.fake.Commit(1, newest)
		if got, _ = b.read(rampforge.StreamCommits, aged); found() != 3 {
			t.Errorf("merged after %d days, the next week: %d of 3", older, found())
		}
	}
	b.fake.Rewrite(3)
	if got, _ := b.read(rampforge.StreamCommits, cursor); len(got) < 3 {
		t.Errorf("after a forced push %d commits were read", len(got))
	}
}

func TestMCPEmptyRepository(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 13, Empty: true}, githubtest.ToolOptions{})
	b.repo.ID = "503"
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns} {
		got, cursor := b.read(stream, nil)
		again, _ := b.read(stream, cursor)
		if len(got)+len(again) > 0 {
			t.Errorf("%s: %d records, %d again", stream, len(got), len(again))
		}
	}
}

// TestMCPManyParts reads a pull request with more on it than a page holds.
func TestMCPManyParts(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 14, Issues: 1, Pulls: 1}, githubtest.ToolOptions{})
	_, numbers := b.fake.Pulls()
	before, _ := b.read(rampforge.StreamPullRequests, nil)
	for range 120 {
		b.fake.Comment(numbers[0], "one of many")
		b.fake.Review(numbers[0], "COMMENTED")
		b.fake.OnCode(numbers[0])
	}
	after, _ := b.read(rampforge.StreamPullRequests, nil)
	was, is := before[0].PullRequest, after[0].PullRequest
	if len(is.Comments)-len(was.Comments) != 240 || len(is.Reviews)-len(was.Reviews) != 120 {
		t.Errorf("%d comments, then %d; %d reviews, then %d", len(was.Comments), len(is.Comments), len(was.Reviews), len(is.Reviews))
	}
}

// TestMCPRequests bounds what one change costs.
func TestMCPRequests(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 15, Issues: 90, Pulls: 50}, githubtest.ToolOptions{})
	_, cursor := b.read(rampforge.StreamWorkItems, nil)
	b.fake.Requests()
	b.fake.Change()
	b.read(rampforge.StreamWorkItems, cursor)
	if asked := b.fake.Requests(); len(asked) > 3 { // the place, the search, comments
		t.Errorf("one change costs %d: %v", len(asked), asked)
	}
}

// TestMCPNormaliseAgain makes every record again from its Raw.
func TestMCPNormaliseAgain(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 16}, githubtest.ToolOptions{})
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns} {
		all, _ := b.read(stream, nil)
		for _, r := range all {
			again, err := github.Normalise(stream, b.repo.ID, r.Raw)
			if err != nil || again.ID != r.ID || !again.UpdatedAt.Equal(r.UpdatedAt) {
				t.Errorf("%s %s: %v", stream, r.ID, err)
			}
		}
	}
}

// TestMCPBots tells bots by the account's type or by where its profile is.
func TestMCPBots(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 17, Issues: 1, Pulls: 1, Commits: 120}, githubtest.ToolOptions{})
	all, _ := b.read(rampforge.StreamCommits, nil)
	bots := 0
	for _, r := range all {
		if by := r.Commit.AuthorAccount; by != nil && by.Bot != strings.HasSuffix(by.Login, "[bot]") {
			t.Errorf("%+v", by)
		} else if by != nil && by.Bot {
			bots++
		}
	}
	if bots == 0 {
		t.Error("no bot was met")
	}
}

// TestMCPUnsorted is a server that searches otherwise than it was asked.
func TestMCPUnsorted(t *testing.T) {
	t.Parallel()
	b, _ := withTools(t, githubtest.Options{Seed: 18}, githubtest.ToolOptions{})
	b.fake.Shuffle(true)
	for _, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamWorkItems, nil) {
		if connector.Reason(err) != connector.ReasonMalformed {
			t.Errorf("%v", err)
		}
	}
}

// TestMCPRefusals passes on what tools say of GitHub's answers.
func TestMCPRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"limit":      {respond(403, map[string]string{"Retry-After": "30"}, `{"message":"API rate limit exceeded"}`), connector.ReasonRateLimited},
		"permission": {respond(403, nil, `{"message":"Resource not accessible by personal access token"}`), connector.ReasonPermission},
		"hidden":     {respond(404, nil, `{"message":"Not Found"}`), connector.ReasonNotFound},
		"fault":      {respond(502, nil, planted), connector.ReasonVendor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := withTools(t, githubtest.Options{Seed: 19}, githubtest.ToolOptions{})
			b.fake.Fail(test.handler)
			_, err := b.conn.Check(t.Context())
			if connector.Reason(err) != test.want || strings.Contains(err.Error(), planted) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}
