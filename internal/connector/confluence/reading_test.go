package confluence_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

// setup starts a fake and a connector to it, whose clock can be set.
func setup(t *testing.T, o confluencetest.Options) (*confluencetest.Server, connector.Connector, *atomic.Int64) {
	t.Helper()
	s := confluencetest.New(t, o)
	later := &atomic.Int64{}
	options := optionsFor(s, s.URL+o.Context)
	options.Now = func() time.Time { return now.Add(time.Duration(later.Load())) }
	return s, connectortest.Opened(t, confluence.Open, options), later
}

// inBoth runs a test against both flavours.
func inBoth(t *testing.T, test func(t *testing.T, o confluencetest.Options)) {
	t.Helper()
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, confluencetest.Options{DataCenter: dc, Seed: 3})
		})
	}
}

func readFrom(t *testing.T, c connector.Connector, resource rampforge.Resource, from connector.Cursor) ([]rampforge.Record, connector.Cursor) {
	t.Helper()
	var all []rampforge.Record
	for page, err := range c.Read(t.Context(), resource, rampforge.StreamDocuments, from) {
		if err != nil {
			t.Fatal(err)
		}
		all, from = append(all, page.Records...), page.Next
	}
	return all, from
}

func documents(records []rampforge.Record) map[string]*rampforge.Document {
	all := map[string]*rampforge.Document{}
	for _, r := range records {
		all[r.ID] = r.Document
	}
	return all
}

func idsOf(records []rampforge.Record) []string {
	var ids []string
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	return ids
}

func sorted(ids []string) []string {
	slices.Sort(ids)
	return ids
}

// TestDocumentsAreWhole compares what was read with what the fake has.
func TestDocumentsAreWhole(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		records, _ := readFrom(t, c, engineering, nil)
		ids := s.IDs(engineering.ID)
		if diff := cmp.Diff(sorted(slices.Clone(ids)), sorted(idsOf(records))); diff != "" {
			t.Fatalf("current documents (-there +read):\n%s", diff)
		}
		if !slices.IsSortedFunc(records, func(a, b rampforge.Record) int { return a.UpdatedAt.Compare(b.UpdatedAt) }) {
			t.Error("the documents are not in the order of their dates")
		}
		docs := documents(records)
		authors := map[bool]int{}
		for _, id := range ids {
			got := docs[id]
			s.Edit(id, func(d *confluencetest.Document) {
				if got.Body != d.Body || got.Title != d.Title || got.Version != d.Version || !got.UpdatedAt.Equal(d.Updated) || !got.CreatedAt.Equal(d.Created) || got.ParentID != d.Parent {
					t.Errorf("%s: %+v, want %+v", id, got, d)
				}
				if !slices.Equal(got.Labels, d.Labels) || !slices.Equal(got.Attachments, d.Attachments) {
					t.Errorf("%s: %d labels, %d attachments, want %d and %d", id, len(got.Labels), len(got.Attachments), len(d.Labels), len(d.Attachments))
				}
				known := d.Author != nil && d.Author["type"] == "known" && d.Author["accountStatus"] != "closed"
				if authors[known]++; (got.Author != nil) != known || known && got.Author.Bot != (d.Author["accountType"] == "app") {
					t.Errorf("%s: author %+v of %v", id, got.Author, d.Author)
				}
			})
		}
		if authors[true] == 0 || authors[false] == 0 {
			t.Errorf("authors: %v", authors)
		}
	})
}

// TestRestrictionsReachDown: what is below a restricted page or folder is
// restricted too.
func TestRestrictionsReachDown(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		records, _ := readFrom(t, c, engineering, nil)
		counts := map[bool]int{}
		for id, got := range documents(records) {
			want := false
			for at := id; at != ""; {
				s.Edit(at, func(d *confluencetest.Document) {
					want = want || len(d.Users) > 0 || len(d.Groups) > 0
					at = d.Parent
				})
			}
			if counts[want]++; got.Restricted != want {
				t.Errorf("%s: restricted %v, want %v", id, got.Restricted, want)
			}
		}
		if counts[true] < 5 || counts[false] < 5 {
			t.Errorf("restricted: %v", counts)
		}
	})
}

// TestTheIndexIsNotTrusted: what a search lacks, or has in an older state,
// comes from the database, as the same document.
func TestTheIndexIsNotTrusted(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		want, _ := readFrom(t, c, engineering, nil)
		for i, id := range s.IDs(engineering.ID) {
			s.Edit(id, func(d *confluencetest.Document) {
				d.Unindexed = i%2 == 0
				if d.Version > 1 {
					d.Indexed = d.Version - 1
				}
			})
		}
		got, _ := readFrom(t, c, engineering, nil)
		if diff := cmp.Diff(documents(want), documents(got)); diff != "" {
			t.Errorf("(-indexed +not):\n%s", diff)
		}
	})
}

// TestArchivedSpacesAreRead, of which Data Center's index has nothing.
func TestArchivedSpacesAreRead(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		_, c, _ := setup(t, o)
		for r, err := range c.Resources(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Archived != (r.Key == "~ada") || r.Kind != "space" {
				t.Errorf("%+v", r)
			}
			if records, _ := readFrom(t, c, r, nil); r.Archived && len(records) != 6 {
				t.Errorf("%d documents of an archived space", len(records))
			}
		}
	})
}

// TestEveryPageOnce goes on from a new connector after each page, as after
// crashes, in a space that was imported at one moment.
func TestEveryPageOnce(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		o.Documents = 120
		s, c, _ := setup(t, o)
		for _, id := range s.IDs(engineering.ID) {
			s.Edit(id, func(d *confluencetest.Document) { d.Updated = now.AddDate(0, -1, 0) })
		}
		var read []string
		var from connector.Cursor
		for range 20 {
			before := len(read)
			for page, err := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, from) {
				if err != nil {
					t.Fatal(err)
				}
				read, from = append(read, idsOf(page.Records)...), page.Next
				break
			}
			if len(read) == before {
				break
			}
		}
		if diff := cmp.Diff(sorted(s.IDs(engineering.ID)), sorted(read)); diff != "" {
			t.Errorf("(-there +read):\n%s", diff)
		}
	})
}

// TestNothingNewCostsLittle and brings nothing.
func TestNothingNewCostsLittle(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		o.Documents = 300
		s, c, later := setup(t, o)
		_, from := readFrom(t, c, engineering, nil)
		before := s.Requests()
		later.Store(int64(time.Hour))
		if again, _ := readFrom(t, c, engineering, from); len(again) != 0 || s.Requests()-before > 3 {
			t.Errorf("%d documents and %d requests where nothing changed", len(again), s.Requests()-before)
		}
		s.Touch(s.IDs(engineering.ID)[7])
		before = s.Requests()
		if again, _ := readFrom(t, c, engineering, from); len(again) != 1 || s.Requests()-before > 6 {
			t.Errorf("%d documents and %d requests after one change", len(again), s.Requests()-before)
		}
	})
}

// TestQuietChangesComeInWithinADay: neither labels nor restrictions move a date.
func TestQuietChangesComeInWithinADay(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, later := setup(t, o)
		_, from := readFrom(t, c, engineering, nil)
		id := s.IDs(engineering.ID)[20]
		s.Edit(id, func(d *confluencetest.Document) { d.Labels, d.Groups = []string{"secret"}, []string{"board"} })
		later.Store(int64(23 * time.Hour))
		if again, _ := readFrom(t, c, engineering, from); len(again) != 0 {
			t.Errorf("%d documents read again before the day is over", len(again))
		}
		later.Store(int64(24 * time.Hour))
		again, from := readFrom(t, c, engineering, from)
		if d := documents(again)[id]; d == nil || !d.Restricted || !slices.Equal(d.Labels, []string{"secret"}) {
			t.Errorf("after a day: %+v", d)
		}
		if again, _ := readFrom(t, c, engineering, from); len(again) != 0 {
			t.Errorf("%d documents read again at once", len(again))
		}
	})
}

// TestListsThatShift: documents change and go away between all requests, and
// in the end everything that is there was read in its last version, and no
// reading brought a document twice.
func TestListsThatShift(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		first := s.IDs(engineering.ID)
		doomed, kept := first[:12], first[12:]
		n := 0
		s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if n++; n < 40 && !strings.Contains(r.URL.Path, "user/current") {
				s.Touch(kept[n*7%len(kept)])
				if n%3 == 0 && len(doomed) > 0 {
					s.Delete(doomed[0])
					doomed = doomed[1:]
				}
			}
			return false
		})
		have := map[string]*rampforge.Document{}
		var from connector.Cursor
		for range 10 {
			records, next := readFrom(t, c, engineering, from)
			from = next
			seen := map[string]bool{}
			for _, r := range records {
				if seen[r.ID] {
					t.Errorf("%s comes twice in one reading", r.ID)
				}
				seen[r.ID], have[r.ID] = true, r.Document
			}
		}
		if n < 45 || len(doomed) > 0 {
			t.Fatalf("%d requests, %d documents left to delete: the test is too short", n, len(doomed))
		}
		for _, id := range s.IDs(engineering.ID) {
			s.Edit(id, func(d *confluencetest.Document) {
				if have[id] == nil || have[id].Version != d.Version {
					t.Errorf("%s: %+v, want version %d", id, have[id], d.Version)
				}
			})
		}
	})
}

// TestMovedDocuments keep their id, and are not the old space's any more.
func TestMovedDocuments(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		id, trashed := s.IDs(engineering.ID)[9], s.IDs(engineering.ID)[10]
		moved := false
		s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if cql := r.URL.Query().Get("cql"); !moved && strings.HasPrefix(cql, "id in") { // the list has been read
				moved = true
				s.Edit(id, func(d *confluencetest.Document) { d.Space = "98306" })
				s.Edit(trashed, func(d *confluencetest.Document) { d.Status = "trashed" })
			}
			return false
		})
		records, _ := readFrom(t, c, engineering, nil)
		if got := documents(records); got[id] != nil || got[trashed] != nil || len(got) != len(s.IDs(engineering.ID)) {
			t.Errorf("%d documents; moved %v, trashed %v", len(got), got[id], got[trashed])
		}
		records, _ = readFrom(t, c, rampforge.Resource{ID: "98306", Key: "OPS"}, nil)
		if documents(records)[id] == nil {
			t.Error("the moved document is not in its new space")
		}
	})
}

// TestFaultsInBetween: where every third question is answered by a fault of
// some kind before it is answered well, going on from the last cursor comes to
// the state of a clean reading.
func TestFaultsInBetween(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		want, _ := readFrom(t, c, engineering, nil)
		var mu sync.Mutex // an aborted answer ends its connection, and the next has another goroutine
		n, asked := 0, map[string]bool{}
		s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			if asked[r.URL.String()] {
				return false
			}
			asked[r.URL.String()] = true
			n++
			switch n % 12 {
			case 2:
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusTooManyRequests)
			case 5:
				w.WriteHeader(http.StatusBadGateway)
			case 8:
				_, _ = fmt.Fprint(w, `{"results":[{"id":`)
			case 11:
				panic(http.ErrAbortHandler)
			default:
				return false
			}
			return true
		})
		var got []rampforge.Record
		var from connector.Cursor
		ended := false
		for tries := 0; tries < 300 && !ended; tries++ {
			ended = true
			for page, err := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, from) {
				if err != nil {
					ended = false
					break
				}
				got, from = append(got, page.Records...), page.Next
			}
		}
		if !ended || !reflect.DeepEqual(want, got) { // a diff of every Raw takes long
			t.Errorf("ended %v (-clean +with faults):\n%s", ended, cmp.Diff(idsOf(want), idsOf(got)))
		}
	})
}

// TestRawsAreEnough: a mapping that runs again comes to the same records.
func TestRawsAreEnough(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		s.Edit(s.IDs(engineering.ID)[1], func(d *confluencetest.Document) { d.Unindexed = true })
		records, _ := readFrom(t, c, engineering, nil)
		for _, want := range records {
			got, err := confluence.Normalise(want.Stream, want.ResourceID, want.Raw)
			if diff := connectortest.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v\n%s", want.ID, err, diff)
			}
		}
	})
}
