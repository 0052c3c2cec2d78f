package github_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
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
	return connectortest.Opened(b.T, github.Open, o)
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
			if diff := connectortest.Diff(r, again); err != nil || diff != "" {
				t.Errorf("%s %s: %v\n%s", stream, r.ID, err, diff)
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
