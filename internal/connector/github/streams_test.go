package github_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/github"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
)

// bundle is a connector and the first repository of the fake that it reads.
type bundle struct {
	*testing.T

	fake *githubtest.Server
	conn connector.Connector
	repo rampforge.Resource
}

func setup(t *testing.T, o githubtest.Options) *bundle {
	t.Helper()
	b := &bundle{T: t, fake: githubtest.Start(t, o)}
	b.conn = b.open(options(b.fake))
	b.repo = rampforge.Resource{ID: "501", Kind: "repository"}
	return b
}

func (b *bundle) open(o connector.Options) connector.Connector {
	b.Helper()
	conn, err := github.Open(o)
	if err != nil {
		b.Fatal(err)
	}
	return conn
}

// read reads a stream to its end and returns the records and the last cursor.
func (b *bundle) read(stream rampforge.Stream, from connector.Cursor) ([]rampforge.Record, connector.Cursor) {
	b.Helper()
	var all []rampforge.Record
	for page, err := range b.conn.Read(b.Context(), b.repo, stream, from) {
		if err != nil {
			b.Fatalf("%s: %v", stream, err)
		}
		all, from = append(all, page.Records...), page.Next
	}
	return all, from
}

func (b *bundle) ids(stream rampforge.Stream) []string {
	b.Helper()
	var all []string
	for ids, err := range b.conn.IDs(b.Context(), b.repo, stream) {
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, ids...)
	}
	return all
}

func recordIDs(records []rampforge.Record) []string {
	ids := []string{}
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	return ids
}

func sorted(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return ids
}

func wantSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// once returns a hook that runs f before the n-th request for a path that ends
// as given.
func once(suffix string, n int, f func()) func(*http.Request) {
	var mu sync.Mutex
	return func(r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(r.URL.Path, suffix) {
			if n--; n == 0 {
				f()
			}
		}
	}
}

// TestTies reads issues that share one second over many pages.
func TestTies(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 7, 100} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			b := setup(t, githubtest.Options{Seed: 2, PerPage: size, Issues: 12, Pulls: 4, Tied: 16})
			for stream, list := range map[rampforge.Stream]func() ([]string, []int){rampforge.StreamWorkItems: b.fake.Issues, rampforge.StreamPullRequests: b.fake.Pulls} {
				want, _ := list()
				got, cursor := b.read(stream, nil)
				wantSame(t, string(stream), recordIDs(got), want)
				again, _ := b.read(stream, cursor)
				wantSame(t, string(stream)+", when nothing changed", recordIDs(again), []string{})
			}
		})
	}
}

// TestShiftedTies changes issues of one second while its pages are read, so
// that those behind them move to earlier pages.
func TestShiftedTies(t *testing.T) {
	t.Parallel()
	for n := 2; n < 9; n++ {
		b := setup(t, githubtest.Options{Seed: 3, PerPage: 3, Issues: 12, Pulls: 1, Tied: 13})
		want, numbers := b.fake.Issues()
		b.fake.Before(once("/issues", n, func() {
			for _, number := range numbers[:2] {
				b.fake.Comment(number, "in between")
			}
		}))
		got, cursor := b.read(rampforge.StreamWorkItems, nil)
		more, _ := b.read(rampforge.StreamWorkItems, cursor)
		ids := sorted(recordIDs(append(got, more...)))
		wantSame(t, fmt.Sprintf("changed before page %d", n), slices.Compact(ids), want)
		wantComment(t, append(got, more...), want[0], "in between")
	}
}

func wantComment(t *testing.T, records []rampforge.Record, id, body string) {
	t.Helper()
	for _, r := range slices.Backward(records) {
		if r.ID == id {
			comments := r.WorkItem.Comments
			if len(comments) == 0 || comments[len(comments)-1].Body != body {
				t.Errorf("the last that was read of %s is older than its change", id)
			}
			return
		}
	}
}

// TestSameSecond changes an issue a second time in the second in which it was
// read: its stamp stays.
func TestSameSecond(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 4, PerPage: 5, Issues: 9, Pulls: 2})
	ids, numbers := b.fake.Issues()
	b.fake.SetUpdated(numbers[0], time.Now())
	_, cursor := b.read(rampforge.StreamWorkItems, nil)
	b.fake.SetBody(numbers[0], "again")
	got, _ := b.read(rampforge.StreamWorkItems, cursor)
	if len(got) != 1 || got[0].ID != ids[0] || got[0].WorkItem.Body != "again" {
		t.Errorf("read %v", recordIDs(got))
	}
}

// TestLate shows a change after one that has a later stamp, as replicas do.
func TestLate(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 4, PerPage: 5, Issues: 20, Pulls: 2})
	all, cursor := b.read(rampforge.StreamWorkItems, nil)
	ids, numbers := b.fake.Issues()
	b.fake.SetUpdated(numbers[0], all[len(all)-1].UpdatedAt.Add(-30*time.Second))
	got, cursor := b.read(rampforge.StreamWorkItems, cursor)
	wantSame(t, "late", recordIDs(got), ids[:1])
	got, _ = b.read(rampforge.StreamWorkItems, cursor)
	wantSame(t, "later still", recordIDs(got), []string{})
}

func TestReviewAfterClose(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 5})
	all, cursor := b.read(rampforge.StreamPullRequests, nil)
	i := slices.IndexFunc(all, func(r rampforge.Record) bool { return r.PullRequest.State == "merged" })
	pull := all[i].PullRequest
	b.fake.Review(pull.Number, "CHANGES_REQUESTED")
	got, _ := b.read(rampforge.StreamPullRequests, cursor)
	if len(got) != 1 || got[0].ID != all[i].ID {
		t.Fatalf("read %v, want %s", recordIDs(got), all[i].ID)
	}
	reviews := got[0].PullRequest.Reviews
	if len(reviews) != len(pull.Reviews)+1 || reviews[len(reviews)-1].State != "changes_requested" {
		t.Errorf("reviews: %+v", reviews)
	}
}

// TestRename gives the repository another name, also one whose old name now
// belongs to another repository.
func TestRename(t *testing.T) {
	t.Parallel()
	for _, reuse := range []bool{false, true} {
		b := setup(t, githubtest.Options{Seed: 6, PerPage: 10, Issues: 30})
		b.repo.Key = "acme/api"
		_, cursor := b.read(rampforge.StreamWorkItems, nil)
		b.fake.Rename("other/api-two", reuse)
		stream, id := b.fake.Change()
		got, _ := b.read(stream, cursor)
		if len(got) != 1 || got[0].ID != id || got[0].ResourceID != b.repo.ID {
			t.Errorf("reuse %v: read %v", reuse, recordIDs(got))
		}
	}
	b := setup(t, githubtest.Options{Seed: 6, PerPage: 10, Issues: 30})
	want, _ := b.fake.Issues()
	b.fake.Before(once("/issues", 2, func() { b.fake.Rename("other/api-two", false) }))
	got, _ := b.read(rampforge.StreamWorkItems, nil)
	wantSame(t, "renamed while it is read", recordIDs(got), want)
}

// TestIDsWhileDeleting deletes issues of earlier pages while the ids are
// listed: one that moves up must not look deleted.
func TestIDsWhileDeleting(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 7, PerPage: 5, Issues: 20, Pulls: 10})
	want, numbers := b.fake.Issues()
	b.fake.Before(once("/issues", 3, func() { b.fake.Delete(numbers[0]); b.fake.Delete(numbers[1]) }))
	got := b.ids(rampforge.StreamWorkItems)
	for _, id := range want[2:] {
		if !slices.Contains(got, id) {
			t.Errorf("%s is there and was not listed", id)
		}
	}
	after := b.ids(rampforge.StreamWorkItems)
	wantSame(t, "listed again", after, want[2:])
}

// TestGone deletes an issue after it was listed, and then hides the whole
// repository, where everything is 404 as well.
func TestGone(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 8, Issues: 10, Pulls: 2})
	want, numbers := b.fake.Issues()
	b.fake.Before(once("/events", 1, func() { b.fake.Delete(numbers[9]) }))
	got, _ := b.read(rampforge.StreamWorkItems, nil)
	wantSame(t, "one was deleted", recordIDs(got), want[:9])

	b = setup(t, githubtest.Options{Seed: 8, Issues: 10, Pulls: 2})
	b.fake.Before(once("/events", 1, func() { b.fake.Fail(http.NotFoundHandler()) }))
	for page, err := range b.conn.Read(t.Context(), b.repo, rampforge.StreamWorkItems, nil) {
		if connector.Reason(err) != connector.ReasonNotFound {
			t.Errorf("hidden: %d records, %v", len(page.Records), err)
		}
	}
}

// TestCommits reads what a merge brings, whose stamps are older than what was
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

// TestRequests bounds what one change costs.
func TestRequests(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 14, Issues: 150, Pulls: 50})
	_, cursor := b.read(rampforge.StreamWorkItems, nil)
	whole := len(b.fake.Requests())
	b.fake.Change()
	b.read(rampforge.StreamWorkItems, cursor)
	asked := b.fake.Requests()
	if len(asked) > 4 { // the place, the list, events, comments
		t.Errorf("one change of %d requests' worth costs %d: %v", whole, len(asked), asked)
	}
	for _, request := range asked {
		if u, err := url.Parse(request); err != nil || u.Query().Get("per_page") != "100" && u.RawQuery != "" {
			t.Errorf("%s: %v", request, err)
		}
	}
}

// TestNormaliseAgain makes every record again from its Raw.
func TestNormaliseAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 15, PerPage: 20})
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments} {
		all, _ := b.read(stream, nil)
		if len(all) == 0 {
			t.Errorf("%s: nothing", stream)
		}
		for _, r := range all {
			again, err := github.Normalise(stream, b.repo.ID, r.Raw)
			if err != nil || !reflect.DeepEqual(r, again) {
				t.Errorf("%s %s: %v\n%s", stream, r.ID, err, cmp.Diff(r, again))
			}
		}
	}
}

// TestText passes what has broken connectors: a megabyte, NUL, four bytes.
func TestText(t *testing.T) {
	t.Parallel()
	b := setup(t, githubtest.Options{Seed: 16, Issues: 3, Pulls: 1})
	ids, numbers := b.fake.Issues()
	want := "\x00🦫<&>" + strings.Repeat("words é ", 120_000) + "\x00"
	b.fake.SetBody(numbers[2], want)
	got, _ := b.read(rampforge.StreamWorkItems, nil)
	for _, r := range got {
		if r.ID == ids[2] && r.WorkItem.Body != want {
			t.Errorf("the text came changed: %d bytes of %d", len(r.WorkItem.Body), len(want))
		}
	}
	wantSame(t, "all", recordIDs(got), ids)
}
