package azuredevops_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops/azuredevopstest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

func open(t *testing.T) (connector.Connector, *azuredevopstest.Server) {
	t.Helper()
	fake, options := start(t)
	return connectortest.Opened(t, azuredevops.Open, options), fake
}

// place is a stream of a resource that is read on and on.
type place struct {
	c      connector.Connector
	id     string
	stream rampforge.Stream
	at     connector.Cursor
}

// next reads on and returns the ids that came, a page's after the other's.
// between runs after each page.
func (p *place) next(t *testing.T, between func(page int)) []string {
	t.Helper()
	ids := []string{}
	for _, r := range p.records(t, between) {
		ids = append(ids, r.ID)
	}
	return ids
}

func (p *place) records(t *testing.T, between func(page int)) []rampforge.Record {
	t.Helper()
	var all []rampforge.Record
	n := 0
	for page, err := range p.c.Read(t.Context(), rampforge.Resource{ID: p.id}, p.stream, p.at) {
		if err != nil {
			t.Fatal(err)
		}
		all, p.at = append(all, page.Records...), page.Next
		n++
		if between != nil {
			between(n)
		}
	}
	return all
}

func want(t *testing.T, what string, got []string, ids ...string) {
	t.Helper()
	slices.Sort(ids)
	if got = slices.Sorted(slices.Values(got)); !slices.Equal(got, ids) {
		t.Errorf("%s brought %v, want %v", what, got, ids)
	}
}

func TestPullRequestsChange(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Repository(0), stream: rampforge.StreamPullRequests}
	opened := ""
	ids := p.next(t, func(page int) {
		if page == 1 { // every page after it is shifted by one
			opened = fake.OpenPullRequest()
		}
	})
	if len(ids) != 43 || slices.Contains(ids, opened) || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 43 {
		t.Errorf("%d pull requests at first: %v", len(ids), ids)
	}
	want(t, "a pull request that was opened while others were read", p.next(t, nil), opened)
	want(t, "nothing", p.next(t, nil))
	want(t, "a vote", p.next(t, func(int) {}), []string{}...)
	voted := fake.Vote("active", -5)
	want(t, "a vote", p.next(t, nil), voted)
	completed := fake.Complete()
	all := p.records(t, nil)
	if len(all) != 1 || all[0].ID != completed || all[0].PullRequest.State != "merged" || all[0].PullRequest.MergedAt == nil || all[0].PullRequest.MergedBy == nil {
		t.Errorf("a merge brought %+v", all)
	}
	want(t, "nothing after the merge", p.next(t, nil))
}

// TestClosedPullRequestChanges comments on a pull request after it was closed.
func TestClosedPullRequestChanges(t *testing.T) {
	t.Parallel()
	fake, options := start(t)
	options.Now = func() time.Time { return time.Date(2026, 1, 14, 0, 0, 0, 0, time.UTC) } // soon after all were closed
	c, err := azuredevops.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	p := &place{c: c, id: fake.Repository(0), stream: rampforge.StreamPullRequests}
	p.next(t, nil)
	want(t, "nothing", p.next(t, nil))
	want(t, "a vote on a closed one", p.next(t, nil), []string{}...)
	voted := fake.Vote("abandoned", -10)
	want(t, "a vote on a closed one", p.next(t, nil), voted)
}

// TestPullRequestsInterrupted stops after every page, with a pull request
// opened in between, and looks for what is missing at the end.
func TestPullRequestsInterrupted(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	seen := map[string]bool{}
	var at connector.Cursor
	for range 10 {
		for page, err := range c.Read(t.Context(), rampforge.Resource{ID: fake.Repository(0)}, rampforge.StreamPullRequests, at) {
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Records {
				seen[r.ID] = true
			}
			at = page.Next
			fake.OpenPullRequest()
			break
		}
	}
	p := &place{c: c, id: fake.Repository(0), stream: rampforge.StreamPullRequests, at: at}
	for range 2 { // to the end of what was begun, and what was opened meanwhile
		for _, id := range p.next(t, nil) {
			seen[id] = true
		}
	}
	for id := 1; id <= 53; id++ {
		if !seen[strconv.Itoa(id)] {
			t.Errorf("pull request %d is lost", id)
		}
	}
}

// TestPullRequestsShrink takes pull requests away from the front of the list
// while it is read: none behind them may be skipped.
func TestPullRequestsShrink(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3, 20} {
		c, fake := open(t)
		p := &place{c: c, id: fake.Repository(0), stream: rampforge.StreamPullRequests}
		ids := p.next(t, func(page int) {
			if page == 1 {
				fake.DropPullRequests(n)
			}
		})
		if len(ids) != 43 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 43 {
			t.Errorf("%d gone from the front: %d of 43 were read", n, len(ids))
		}
	}
}

func TestCommitsChange(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Repository(0), stream: rampforge.StreamCommits}
	old, merge := "", ""
	ids := p.next(t, func(page int) {
		if page == 1 {
			old, merge = fake.Merge()
		}
	})
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 130 || len(ids) != 130 {
		t.Errorf("%d commits", len(ids))
	}
	want(t, "a merge of older work", p.next(t, nil), p.id+":"+old, p.id+":"+merge)
	want(t, "nothing", p.next(t, nil))
	want(t, "a rewritten branch", p.next(t, nil), []string{}...)
	tip := fake.Rewrite()
	want(t, "a rewritten branch", p.next(t, nil), p.id+":"+tip)
}

// TestCommitsRewrittenMidway rewrites the branch after the first page.
func TestCommitsRewrittenMidway(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	id := fake.Repository(0)
	var at connector.Cursor
	for page, err := range c.Read(t.Context(), rampforge.Resource{ID: id}, rampforge.StreamCommits, nil) {
		if err != nil {
			t.Fatal(err)
		}
		at = page.Next
		break
	}
	tip := fake.Rewrite()
	p := &place{c: c, id: id, stream: rampforge.StreamCommits, at: at}
	want(t, "what is left", p.next(t, nil), id+":"+tip)
	want(t, "nothing", p.next(t, nil))
}

func TestRunsChange(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamPipelineRuns}
	if ids := p.next(t, nil); len(ids) != 130 {
		t.Errorf("%d runs", len(ids))
	}
	want(t, "nothing", p.next(t, nil))
	finished := fake.FinishRun()
	all := p.records(t, nil)
	if len(all) != 1 || all[0].ID != finished || all[0].PipelineRun.State != "failed" || all[0].PipelineRun.FinishedAt == nil {
		t.Errorf("a run that ended brought %+v", all)
	}
	want(t, "nothing after it", p.next(t, nil))
}

func TestDeploymentsChange(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamDeployments}
	if ids := p.next(t, nil); len(ids) != 130 {
		t.Errorf("%d deployments", len(ids))
	}
	want(t, "nothing", p.next(t, nil))
	changed := fake.Redeploy()
	want(t, "a change", p.next(t, nil), changed)
	want(t, "nothing after it", p.next(t, nil))
}

// TestDeploymentsInterrupted changes a deployment that was already read while
// the others are still to come.
func TestDeploymentsInterrupted(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamDeployments}
	changed := ""
	p.next(t, func(page int) {
		if page == 1 {
			changed = fake.Redeploy()
		}
	})
	want(t, "a change on the way", p.next(t, nil), changed)
}

func TestSprintsChange(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamSprints}
	p.next(t, nil)
	want(t, "nothing", p.next(t, nil))
	moved := fake.MoveSprint()
	want(t, "other dates", p.next(t, nil), moved)
}

func TestWorkItemsChange(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamWorkItems}
	changed := ""
	ids := p.next(t, func(page int) {
		if page == 1 {
			changed = fake.ChangeWorkItem()
		}
	})
	if n := len(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id != changed })); len(ids) != 131 || n != 2 {
		t.Errorf("%d work items, the changed one %d times", len(ids), n)
	}
	fake.Requests()
	want(t, "nothing", p.next(t, nil))
	if n := fake.Requests(); n != 1 {
		t.Errorf("reading nothing took %d requests", n)
	}
	fake.ChangeWorkItem()
	fake.Requests()
	want(t, "a change", p.next(t, nil), changed)
	if n := fake.Requests(); n > 8 {
		t.Errorf("one change took %d requests", n)
	}
	gone := fake.DeleteWorkItem()
	for page, err := range c.IDs(t.Context(), rampforge.Resource{ID: p.id}, p.stream) {
		if err != nil || slices.Contains(page, gone) {
			t.Errorf("a deleted work item: %v, %v", page, err)
		}
	}
}

// TestLongParts reads what needs several pages: 400 revisions, 230 comments,
// and a text of a megabyte with a NUL in it.
func TestLongParts(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	fake.Lengthen()
	p := &place{c: c, id: fake.Project(0), stream: rampforge.StreamWorkItems}
	byID := map[string]*rampforge.WorkItem{}
	for _, r := range p.records(t, nil) {
		byID[r.ID] = r.WorkItem
	}
	if item := byID["6"]; item.HistoryIncomplete || len(item.Events) < 300 {
		t.Errorf("%d events, incomplete: %v", len(item.Events), item.HistoryIncomplete)
	}
	if n := len(byID["8"].Comments); n != 230 {
		t.Errorf("%d comments", n)
	}
	if body := byID["3"].Body; len(body) < 1<<20 || body[:14] != "NUL \x00 and 😀" {
		t.Errorf("%d bytes that begin with %q", len(body), body[:14])
	}
	if byID["2"].Reporter != nil {
		t.Errorf("a reporter who is gone: %+v", byID["2"].Reporter)
	}
	sprints := &place{c: c, id: p.id, stream: rampforge.StreamSprints}
	known := map[string]bool{}
	for _, id := range sprints.next(t, nil) {
		known[id] = true
	}
	for id, item := range byID {
		for _, s := range item.SprintIDs {
			if !known[s] {
				t.Errorf("work item %s is in the sprint %s, which no team has", id, s)
			}
		}
	}
}

func TestEmptyAndDisabledRepository(t *testing.T) {
	t.Parallel()
	c, fake := open(t)
	empty := fake.AddEmptyRepository()
	found := 0
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID == empty {
			found++
			if slices.Contains(r.Streams, rampforge.StreamCommits) {
				t.Error("an empty repository promises commits")
			}
		}
		if !r.Archived {
			continue
		}
		found++
		for page, err := range c.Read(t.Context(), r, rampforge.StreamPullRequests, nil) {
			t.Errorf("a disabled repository: %+v, %v", page, err)
		}
		for ids, err := range c.IDs(t.Context(), r, rampforge.StreamPullRequests) {
			if connector.Reason(err) != connector.ReasonUnsupported {
				t.Errorf("a disabled repository lists %v, %v: its records would be taken for gone", ids, err)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d repositories, empty or disabled", found)
	}
	for _, stream := range []rampforge.Stream{rampforge.StreamPullRequests, rampforge.StreamCommits} {
		p := &place{c: c, id: empty, stream: stream}
		want(t, string(stream)+" of an empty repository", p.next(t, nil))
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Check(ctx); connector.Reason(err) != connector.ReasonTimeout {
		t.Error(err)
	}
}
