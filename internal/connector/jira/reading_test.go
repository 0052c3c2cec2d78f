package jira_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

// eachFlavour runs a test against Cloud and Data Center.
func eachFlavour(t *testing.T, o jiratest.Options, f func(t *testing.T, s *jiratest.Server, c connector.Connector)) {
	t.Helper()
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := o
			o.DataCenter = dc
			s, c := setup(t, o)
			f(t, s, c)
		})
	}
}

// checkOnce fails unless every issue of the project came as it is now, and no
// state of an issue came twice.
func checkOnce(t *testing.T, s *jiratest.Server, got []rampforge.Record) {
	t.Helper()
	states := map[string]bool{}
	for _, r := range got {
		state := r.ID + " " + r.UpdatedAt.Format(time.RFC3339Nano)
		if states[state] {
			t.Errorf("%s comes twice", state)
		}
		states[state] = true
	}
	last := byID(got)
	for _, id := range s.IDs(alpha.ID) {
		s.Edit(id, func(i *jiratest.Issue) {
			if r, ok := last[id]; !ok || !r.UpdatedAt.Equal(i.Updated.Truncate(time.Millisecond)) {
				t.Errorf("%s was read as of %v and is of %v", i.Key, r.UpdatedAt, i.Updated)
			}
		})
	}
}

// TestChangesWhileReading touches issues before every search, among them those
// that were read and those that were not.
func TestChangesWhileReading(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 240, Seed: 3}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		ids, rnd, left := s.IDs(alpha.ID), rand.New(rand.NewPCG(1, 2)), 16
		s.OnSearch(func() {
			for range 4 {
				if left > 0 {
					left--
					s.Touch(ids[rnd.IntN(len(ids))])
				}
			}
		})
		got, cursor := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		checkOnce(t, s, got)
		if left > 0 {
			t.Errorf("%d changes were not made", left)
		}
		if again, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, cursor); len(again) > 0 {
			t.Errorf("%d items come again although nothing changed", len(again))
		}
	})
}

// TestOneMinute has more issues of one millisecond than two pages hold, and
// the last key of a page go away before the next is asked for.
func TestOneMinute(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 205}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		ids := s.IDs(alpha.ID)
		at := time.Date(2026, 4, 1, 12, 30, 15, 0, time.UTC)
		for _, id := range ids {
			s.Edit(id, func(i *jiratest.Issue) { i.Updated = at })
		}
		got, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		checkOnce(t, s, got)

		deleted := false
		s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if _, key, ok := strings.Cut(r.FormValue("jql"), "issuekey > \"ALPHA-"); ok && !deleted {
				deleted = true
				n, _, _ := strings.Cut(key, "\"")
				var number int
				_, _ = fmt.Sscan(n, &number)
				s.Delete(ids[number-1])
			}
			return false
		})
		got, _ = readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		if have := byID(got); !deleted || len(have) < 204 {
			t.Errorf("%d of 204 issues were read; deleted: %v", len(have), deleted)
		}
	})
}

// TestNightOfTheClock reads issues of the hours in which the clock of the
// account is set, and of an account whose zone nobody knows.
func TestNightOfTheClock(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		zone  *time.Location
		start time.Time
	}{
		"autumn":  {berlin, time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC)},
		"spring":  {berlin, time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC)},
		"unknown": {time.FixedZone("Middle-earth/Shire", -11*3600), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
		"east":    {time.FixedZone("Middle-earth/Rohan", 13*3600), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := setup(t, jiratest.Options{Issues: 130, Zone: test.zone})
			for n, id := range s.IDs(alpha.ID) {
				s.Edit(id, func(i *jiratest.Issue) { i.Updated = test.start.Add(time.Duration(n*37%130) * 120 * time.Second) })
			}
			got, cursor := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
			checkOnce(t, s, got)
			id := s.IDs(alpha.ID)[5]
			s.Edit(id, func(i *jiratest.Issue) { i.Updated = test.start.Add(130 * 120 * time.Second) })
			again, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, cursor)
			if len(again) != 1 || again[0].ID != id {
				t.Errorf("after one change %d items came again", len(again))
			}
		})
	}
}

// TestWrongClock has an issue of the year 2099: what changes today still comes,
// and so does what becomes visible with a time just before.
func TestWrongClock(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 120}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		ids := s.IDs(alpha.ID)
		s.Edit(ids[3], func(i *jiratest.Issue) { i.Updated = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC) })
		got, cursor := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		checkOnce(t, s, got)
		now := optionsFor(s).Now()
		for n, at := range []time.Duration{time.Minute, -4 * time.Minute} {
			s.Edit(ids[n+7], func(i *jiratest.Issue) { i.Updated = now.Add(at) })
		}
		again, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, cursor)
		if have := byID(again); len(again) != 2 || have[ids[7]].ID == "" || have[ids[8]].ID == "" {
			t.Errorf("%d items came again, want the two that changed", len(again))
		}
	})
}

// TestWholeHistory counts what the embedded lists cut off.
func TestWholeHistory(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 10}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		ids := s.IDs(alpha.ID)
		got, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		long := byID(got)[ids[2]].WorkItem
		count := map[rampforge.WorkItemField]int{}
		for _, e := range long.Events {
			count[e.Field]++
		}
		want := map[rampforge.WorkItemField]int{rampforge.FieldStatus: 230, rampforge.FieldSprint: 115, rampforge.FieldEstimate: 115}
		if diff := cmp.Diff(want, count); diff != "" || long.HistoryIncomplete {
			t.Errorf("incomplete: %v (-want +got):\n%s", long.HistoryIncomplete, diff)
		}
		if n := len(byID(got)[ids[3]].WorkItem.Comments); n != 120 {
			t.Errorf("%d comments of 120", n)
		}

		// The rest of the history is refused: the item comes, and says so.
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			refused := strings.Contains(r.URL.Path, "/issue/"+ids[2])
			if refused {
				w.WriteHeader(http.StatusForbidden)
			}
			return refused
		})
		got, _ = readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		part := byID(got)[ids[2]].WorkItem
		if !part.HistoryIncomplete || len(part.Events) == 0 || len(part.Events) >= len(long.Events) {
			t.Errorf("incomplete: %v, %d events", part.HistoryIncomplete, len(part.Events))
		}
		if other := byID(got)[ids[1]].WorkItem; other.HistoryIncomplete {
			t.Error("an item whose history is whole is called incomplete")
		}
	})
}

// TestMappedAgain maps what was kept once more.
func TestMappedAgain(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 70}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints} {
			got, _ := readAll(t, c, alpha, stream, nil)
			for _, r := range got {
				again, err := jira.Normalise(r.Stream, r.ResourceID, r.Raw)
				if diff := connectortest.Diff(r, again); err != nil || diff != "" {
					t.Fatalf("%v (-read +mapped again):\n%s", err, diff)
				}
			}
		}
	})
}

// bounded refuses bodies that are longer than max, as the guarded client does.
type bounded struct{ max int64 }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, b.max+1))
	res.Body.Close()
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(string(body[:min(len(body), int(b.max))])), failing{int64(len(body)) > b.max, err}))
	return res, nil
}

type failing struct {
	tooLong bool
	err     error
}

func (f failing) Read([]byte) (int, error) {
	if f.tooLong {
		return 0, rampforge.Errorf(rampforge.CodeExternal, "The answer is longer than allowed.")
	}
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// TestLongTexts has texts of a megabyte, which together are more than a client
// takes: they are read in smaller pages, and come unchanged.
func TestLongTexts(t *testing.T) {
	eachFlavour(t, jiratest.Options{Issues: 4}, func(t *testing.T, s *jiratest.Server, _ connector.Connector) {
		o := optionsFor(s)
		o.Client = &http.Client{Transport: bounded{3 << 20}}
		c, err := jira.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("a\x00🚀<é", 110_000)
		for _, id := range s.IDs(alpha.ID)[:3] {
			s.Edit(id, func(i *jiratest.Issue) { i.Text = long })
		}
		got, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		checkOnce(t, s, got)
		for _, id := range s.IDs(alpha.ID)[:3] {
			if byID(got)[id].WorkItem.Body != long {
				t.Errorf("the text of %s is another", id)
			}
		}
		o.Client = &http.Client{Transport: bounded{1 << 19}}
		c, err = jira.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range c.Read(t.Context(), alpha, rampforge.StreamWorkItems, nil) {
			if err != nil && connector.Reason(err) != connector.ReasonTooLarge {
				t.Errorf("one issue that is too large: %v", err)
			}
		}
	})
}

// TestIncrementalIsCheap counts the requests of a reading that finds one change.
func TestIncrementalIsCheap(t *testing.T) {
	eachFlavour(t, jiratest.Options{}, func(t *testing.T, s *jiratest.Server, c connector.Connector) {
		_, cursor := readAll(t, c, alpha, rampforge.StreamWorkItems, nil)
		s.Touch(s.IDs(alpha.ID)[0])
		before := s.Requests()
		got, _ := readAll(t, c, alpha, rampforge.StreamWorkItems, cursor)
		if n := s.Requests() - before; len(got) != 1 || n > 3 { // an empty page, the page, an epic
			t.Errorf("%d items by %d requests", len(got), n)
		}
	})
}

// TestLiars reads from servers that never come to an end.
func TestLiars(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, answer string
		stream       rampforge.Stream
	}{
		"the same page for ever": {"/search/jql", `{"issues":[{"id":"1","key":"ALPHA-1","fields":{"updated":"2026-01-01T00:00:00.000+0000","created":"2026-01-01T00:00:00.000+0000"}}],"nextPageToken":"x"}`, rampforge.StreamWorkItems},
		"no page for ever":       {"/search/jql", `{"issues":[],"nextPageToken":"x"}`, rampforge.StreamWorkItems},
		"an issue without time":  {"/search/jql", `{"issues":[{"id":"1","key":"ALPHA-1","fields":{}}]}`, rampforge.StreamWorkItems},
		"an issue without id":    {"/search/jql", `{"issues":[{"key":"ALPHA-1","fields":{"updated":"2026-01-01T00:00:00.000+0000"}}]}`, rampforge.StreamWorkItems},
		"fields of another kind": {"/search/jql", `{"issues":[{"id":"1","key":"ALPHA-1","fields":{"updated":"2026-01-01T00:00:00.000+0000","created":"2026-01-01T00:00:00.000+0000","labels":7}}]}`, rampforge.StreamWorkItems},
		"a sprint without id":    {"/board/1/sprint", `{"values":[{"name":"x"}],"isLast":true}`, rampforge.StreamSprints},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := setup(t, jiratest.Options{Issues: 2})
			s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
				ours := strings.HasSuffix(r.URL.Path, test.path)
				if ours {
					_, _ = io.WriteString(w, test.answer)
				}
				return ours
			})
			var err error
			for _, errPage := range c.Read(t.Context(), alpha, test.stream, nil) {
				err = errPage
			}
			if connector.Reason(err) != connector.ReasonMalformed {
				t.Errorf("%v", err)
			}
			if s.Requests() > 200 {
				t.Errorf("it took %d requests", s.Requests())
			}
		})
	}
	t.Run("a list of sprints that repeats itself", func(t *testing.T) {
		t.Parallel()
		s, c := setup(t, jiratest.Options{Issues: 2})
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			ours := strings.HasSuffix(r.URL.Path, "/board/1/sprint")
			if ours {
				_, _ = io.WriteString(w, `{"values":[{"id":1,"name":"a"},{"id":2,"name":"b"}],"isLast":false,"total":99999999}`)
			}
			return ours
		})
		got, _ := readAll(t, c, alpha, rampforge.StreamSprints, nil)
		if have := byID(got); len(have) != len(got) || have["2"].Sprint == nil || s.Requests() > 50 {
			t.Errorf("%d records by %d requests", len(got), s.Requests())
		}
	})
}

func TestBadCursor(t *testing.T) {
	t.Parallel()
	_, c := setup(t, jiratest.Options{Issues: 2})
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints, rampforge.StreamCommits} {
		want := connector.ReasonMalformed
		if stream == rampforge.StreamCommits {
			want = connector.ReasonUnsupported
		}
		n := 0
		for _, err := range c.Read(t.Context(), alpha, stream, connector.Cursor(`"elsewhere"`)) {
			if n++; connector.Reason(err) != want {
				t.Errorf("%s: %v", stream, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d pages", stream, n)
		}
	}
}
