package gitlab_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

func open(t *testing.T, s *gitlabtest.Server) connector.Connector {
	t.Helper()
	return connectortest.Opened(t, gitlab.Open, options(s))
}

var app = rampforge.Resource{ID: strconv.Itoa(gitlabtest.App)}

// read reads a stream to its end, or to its first pages when limit is more
// than nothing.
func read(t *testing.T, c connector.Connector, stream rampforge.Stream, from connector.Cursor, limit int) ([]rampforge.Record, connector.Cursor) {
	t.Helper()
	var all []rampforge.Record
	pages := 0
	for page, err := range c.Read(t.Context(), app, stream, from) {
		if err != nil {
			t.Fatal(err)
		}
		all, from = append(all, page.Records...), page.Next
		if pages++; pages == limit {
			break
		}
	}
	return all, from
}

func ids(records []rampforge.Record) []string {
	var all []string
	for _, r := range records {
		all = append(all, r.ID)
	}
	slices.Sort(all)
	return all
}

var timed = map[rampforge.Stream]string{
	rampforge.StreamWorkItems: "issues", rampforge.StreamPullRequests: "merge_requests",
	rampforge.StreamPipelineRuns: "pipelines", rampforge.StreamDeployments: "deployments",
}

// TestPagesThatShift changes, at every page that is asked for, a record that
// was read already: the records behind it move up by one.
func TestPagesThatShift(t *testing.T) {
	t.Parallel()
	for stream, kind := range timed {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := gitlabtest.Start(t, gitlabtest.Options{MaxPage: 10})
			c := open(t, s)
			want, _ := read(t, c, stream, nil, 0)
			n, lists := 0, 0
			s.Before(func(r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/"+kind) {
					return
				}
				// The third list and each one after it finds that something of
				// the pages before has moved to the end.
				if lists++; lists > 2 && n < 20 {
					s.Touch(gitlabtest.App, kind, n)
					n++
				}
			})
			got, _ := read(t, c, stream, nil, 0)
			if n < 5 {
				t.Fatalf("only %d records were changed", n)
			}
			have := slices.Compact(ids(got))
			if diff := cmp.Diff(ids(want), have); diff != "" {
				t.Errorf("(-there +read):\n%s", diff)
			}
			if len(got) > len(have)+n {
				t.Errorf("%d records for %d ids and %d changes", len(got), len(have), n)
			}
		})
	}
}

// TestIDsThatShift deletes records that were listed while the rest is listed.
func TestIDsThatShift(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{MaxPage: 10})
	c := open(t, s)
	gone, lists := map[string]bool{}, 0
	s.Before(func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/issues") {
			if lists++; lists > 1 && len(gone) < 15 {
				gone[s.Delete(gitlabtest.App, "issues", 0)] = true
			}
		}
	})
	listed := map[string]int{}
	for page, err := range c.IDs(t.Context(), app, rampforge.StreamWorkItems) {
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range page {
			listed[id]++
		}
	}
	for i := range 60 {
		id := strconv.Itoa(gitlabtest.App*1000 + i)
		if listed[id] == 0 && !gone[id] {
			t.Errorf("%s is there and was not listed", id)
		}
		if listed[id] > 1 {
			t.Errorf("%s was listed %d times", id, listed[id])
		}
	}
	if len(gone) < 5 {
		t.Errorf("only %d records were deleted", len(gone))
	}
}

// TestReadAfterEachPage stops after every page and goes on with its cursor in
// a new connector: together it is one reading.
func TestReadAfterEachPage(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{MaxPage: 10})
	streams := slices.Concat(slices.Collect(maps.Keys(timed)), []rampforge.Stream{rampforge.StreamSprints, rampforge.StreamCommits, rampforge.StreamDocuments})
	for _, stream := range streams {
		want, last := read(t, open(t, s), stream, nil, 0)
		var got []rampforge.Record
		var at connector.Cursor
		for range 100 {
			some, next := read(t, open(t, s), stream, at, 1)
			if len(some) == 0 {
				break
			}
			got, at = append(got, some...), next
		}
		if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
			t.Errorf("%s (-at once +page by page):\n%s", stream, diff)
		}
		if again, _ := read(t, open(t, s), stream, last, 0); len(again) > 0 {
			t.Errorf("%s: %v come again although nothing changed", stream, ids(again))
		}
	}
}

// TestLateChange saves a change with a time that has passed: its transaction
// was slow.
func TestLateChange(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	all, at := read(t, c, rampforge.StreamDeployments, nil, 0)
	late := s.TouchAt(gitlabtest.App, "deployments", 3, all[len(all)-1].UpdatedAt.Add(-2*time.Second))
	again, _ := read(t, c, rampforge.StreamDeployments, at, 0)
	if diff := cmp.Diff([]string{late}, ids(again)); diff != "" {
		t.Errorf("(-changed +read):\n%s", diff)
	}
}

// TestClockAhead keeps a record from the far future from hiding the present.
func TestClockAhead(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	s.TouchAt(gitlabtest.App, "deployments", 0, time.Now().AddDate(50, 0, 0))
	_, at := read(t, c, rampforge.StreamDeployments, nil, 0)
	changed := s.Touch(gitlabtest.App, "deployments", 7)
	again, at := read(t, c, rampforge.StreamDeployments, at, 0)
	if diff := cmp.Diff([]string{changed}, ids(again)); diff != "" {
		t.Errorf("(-changed +read):\n%s", diff)
	}
	if again, _ = read(t, c, rampforge.StreamDeployments, at, 0); len(again) > 0 {
		t.Errorf("%v come again", ids(again))
	}
}

func TestCommits(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	some, at := read(t, c, rampforge.StreamCommits, nil, 1)
	s.Push(gitlabtest.App, 25, old) // would shift the pages of a branch
	rest, at := read(t, c, rampforge.StreamCommits, at, 0)
	if got := len(slices.Compact(ids(append(some, rest...)))); got != 45 || len(some)+len(rest) != 45 {
		t.Errorf("%d and %d commits, %d different: want the 45 of the beginning", len(some), len(rest), got)
	}
	pushed, at := read(t, c, rampforge.StreamCommits, at, 0)
	if len(pushed) != 25 || !pushed[0].UpdatedAt.Equal(old) {
		t.Errorf("%d commits, want the 25 that were pushed, however old", len(pushed))
	}
	s.Requests()
	if none, _ := read(t, c, rampforge.StreamCommits, at, 0); len(none) != 0 {
		t.Errorf("%d commits come again", len(none))
	}
	if asked := s.Requests(); len(asked) != 2 {
		t.Errorf("nothing was pushed, and it took %v", asked)
	}
	s.Rewrite(gitlabtest.App, 30)
	if all, _ := read(t, c, rampforge.StreamCommits, at, 0); len(all) != 30 {
		t.Errorf("%d commits of a rewritten history, want 30", len(all))
	}
}

// TestCommitsWithoutRanges meets a server that takes no ranges.
func TestCommitsWithoutRanges(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{NoRange: true})
	c := open(t, s)
	_, at := read(t, c, rampforge.StreamCommits, nil, 0)
	s.Push(gitlabtest.App, 3, time.Now())
	if all, _ := read(t, c, rampforge.StreamCommits, at, 0); len(slices.Compact(ids(all))) != 48 || len(all) != 48 {
		t.Errorf("%d commits, want the whole history of 48", len(all))
	}
}

// TestPeopleAreAskedForOnce counts the look-ups of accounts.
func TestPeopleAreAskedForOnce(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	all, _ := read(t, c, rampforge.StreamWorkItems, nil, 0)
	_, _ = read(t, c, rampforge.StreamPullRequests, nil, 0)
	asked, bots := map[string]int{}, 0
	for _, path := range s.Requests() {
		if strings.Contains(path, "/users/") {
			asked[path]++
		}
	}
	for path, n := range asked {
		if n > 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	for _, r := range all {
		for _, e := range r.WorkItem.Events {
			if e.Actor != nil && e.Actor.Bot != (e.Actor.Login == "project_101_bot_9f") {
				t.Fatalf("%+v", e.Actor)
			}
		}
		if a := r.WorkItem.Reporter; a != nil && a.Bot {
			bots++
		}
	}
	if bots == 0 || len(asked) == 0 {
		t.Errorf("%d issues of bots, %d look-ups", bots, len(asked))
	}
}

func TestWiki(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	all, at := read(t, c, rampforge.StreamDocuments, nil, 0)
	s.EditPage(gitlabtest.App, "guides/page-7", "new text")
	s.EditPage(gitlabtest.App, "guides/new", "new page")
	changed, at := read(t, c, rampforge.StreamDocuments, at, 0)
	if diff := cmp.Diff([]string{"101:guides/new", "101:guides/page-7"}, ids(changed)); diff != "" {
		t.Fatalf("(-changed +read):\n%s", diff)
	}
	for _, r := range changed {
		if !r.UpdatedAt.After(all[0].UpdatedAt) {
			t.Errorf("%s: %v is not after %v", r.ID, r.UpdatedAt, all[0].UpdatedAt)
		}
	}
	s.EditPage(gitlabtest.App, "guides/page-7", "once more")
	again, _ := read(t, c, rampforge.StreamDocuments, at, 0)
	if len(again) != 1 || !again[0].UpdatedAt.After(changed[0].UpdatedAt) || again[0].Document.Body != "once more" {
		t.Errorf("%+v", again)
	}
}

// TestIterationEnds closes an iteration as GitLab does: by the calendar, with
// no new time of update.
func TestIterationEnds(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	_, at := read(t, c, rampforge.StreamSprints, nil, 0)
	ended := s.EndIteration(gitlabtest.App, 41)
	again, _ := read(t, c, rampforge.StreamSprints, at, 0)
	if len(again) != 1 || again[0].ID != ended || again[0].Sprint.State != "closed" || again[0].Sprint.CompletedAt == nil {
		t.Errorf("%+v", again)
	}
}

// TestFreeTier asks a project without iterations and weights for them a few
// times, and not for every issue.
func TestFreeTier(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	n, asked := 0, 0
	for page, err := range c.Read(t.Context(), rampforge.Resource{ID: strconv.Itoa(gitlabtest.Tools)}, rampforge.StreamWorkItems, nil) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Records)
	}
	for _, path := range s.Requests() {
		if strings.Contains(path, "iteration_events") {
			asked++
		}
	}
	if n != 9 || asked < 3 || asked > 8 { // three, and those that were under way
		t.Errorf("%d issues, asked %d times for events of iterations", n, asked)
	}
}

// TestGoneWhileReading deletes an issue after it was listed.
func TestGoneWhileReading(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	deleted := ""
	s.Before(func(r *http.Request) {
		if deleted == "" && strings.HasSuffix(r.URL.Path, "/resource_state_events") {
			deleted = s.Delete(gitlabtest.App, "issues", 2)
		}
	})
	got, _ := read(t, c, rampforge.StreamWorkItems, nil, 0)
	if len(got) < 59 || len(got) > 60 {
		t.Errorf("%d issues, want all that are left", len(got))
	}
}

// TestMappedAgain maps every raw record again: it gives the record.
func TestMappedAgain(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := open(t, s)
	for _, stream := range slices.Concat(slices.Collect(maps.Keys(timed)), []rampforge.Stream{rampforge.StreamSprints, rampforge.StreamCommits, rampforge.StreamDocuments}) {
		all, _ := read(t, c, stream, nil, 0)
		if len(all) == 0 {
			t.Errorf("%s is empty", stream)
		}
		for _, want := range all {
			got, err := gitlab.Normalise(stream, app.ID, want.Raw)
			if diff := connectortest.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s %s: %v (-read +mapped):\n%s", stream, want.ID, err, diff)
			}
		}
	}
}

func TestTextStaysAsItIs(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Large: true})
	all, _ := read(t, open(t, s), rampforge.StreamWorkItems, nil, 0)
	for _, r := range all {
		want := fmt.Sprintf("Body of issue %s with a null \x00 and a 🦀.", strings.TrimLeft(r.ID[3:], "0"))
		if r.ID == "101000" {
			want = strings.Repeat("é", gitlabtest.Large/2)
		}
		if r.WorkItem.Body != want {
			t.Errorf("%s: %.60q, want %.60q", r.ID, r.WorkItem.Body, want)
		}
	}
}

// TestLargePages meets pages that are larger than what is taken in one answer,
// though each of their records is not.
func TestLargePages(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{MaxPage: 100})
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 60 {
		s.Set(gitlabtest.App, "issues", i, "description", strings.Repeat("x", 30_000))
	}
	o := options(s)
	o.Client = guard.Client(httpclient.ClientOptions{MaxBytes: 100_000})
	c, err := gitlab.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := read(t, c, rampforge.StreamWorkItems, nil, 0)
	if len(got) != 60 || len(slices.Compact(ids(got))) != 60 {
		t.Errorf("%d records for %d ids, want 60", len(got), len(slices.Compact(ids(got))))
	}
	for i := range 45 {
		s.EditPage(gitlabtest.App, fmt.Sprintf("guides/page-%d", i), strings.Repeat("y", 30_000))
	}
	if got, _ = read(t, c, rampforge.StreamDocuments, nil, 0); len(got) != 45 {
		t.Errorf("%d pages of the wiki, want 45", len(got))
	}
}
