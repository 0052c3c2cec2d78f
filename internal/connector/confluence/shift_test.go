package confluence_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/confluence/confluencetest"
)

// TestNothingHidesBehindDeletions: pages in front go away between two pages of
// a list that counts, few or many, and yet one reading brings all the others.
func TestNothingHidesBehindDeletions(t *testing.T) {
	t.Parallel()
	for _, gone := range []int{1, 4, 9} {
		s, c, _ := setup(t, confluencetest.Options{DataCenter: true, Seed: 3})
		doomed := s.IDs(engineering.ID)[:2*gone]
		lists := 0
		s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
			if q := r.URL.Query(); strings.HasSuffix(r.URL.Path, "/content") && q.Get("type") == "page" {
				if lists++; lists == 2 {
					for _, id := range doomed {
						s.Delete(id)
					}
				}
			}
			return false
		})
		records, _ := readFrom(t, c, engineering, nil)
		if diff := cmp.Diff(sorted(s.IDs(engineering.ID)), sorted(idsOf(records))); lists < 3 || diff != "" {
			t.Errorf("%d deleted, %d lists (-there +read):\n%s", len(doomed), lists, diff)
		}
	}
}

// TestAnotherOrderLosesNothing: a list that runs from the oldest is walked to
// its end.
func TestAnotherOrderLosesNothing(t *testing.T) {
	t.Parallel()
	s, c, _ := setup(t, confluencetest.Options{Seed: 3})
	_, from := readFrom(t, c, engineering, nil)
	id := s.IDs(engineering.ID)[5]
	s.Touch(id)
	s.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if q := r.URL.Query(); q.Get("sort") != "" {
			q.Set("sort", "modified-date")
			r.URL.RawQuery = q.Encode()
		}
		return false
	})
	if again, _ := readFrom(t, c, engineering, from); documents(again)[id] == nil {
		t.Errorf("%d documents, the changed one is not among them", len(again))
	}
}

// TestWholeReadingsStayWhole: one that broke off goes on with the database, as
// it began, and not with the index.
func TestWholeReadingsStayWhole(t *testing.T) {
	t.Parallel()
	s, c, _ := setup(t, confluencetest.Options{DataCenter: true, Seed: 3})
	for _, id := range s.IDs(engineering.ID) {
		s.Edit(id, func(d *confluencetest.Document) { d.Unindexed = true })
	}
	var read []string
	var from connector.Cursor
	for page, err := range c.Read(t.Context(), engineering, rampforge.StreamDocuments, nil) {
		if err != nil {
			t.Fatal(err)
		}
		read, from = idsOf(page.Records), page.Next
		break
	}
	rest, _ := readFrom(t, c, engineering, from)
	if diff := cmp.Diff(sorted(s.IDs(engineering.ID)), sorted(append(read, idsOf(rest)...))); diff != "" {
		t.Errorf("(-there +read):\n%s", diff)
	}
}

// TestRawsAreNotSwollen: markup is kept as it is written.
func TestRawsAreNotSwollen(t *testing.T) {
	t.Parallel()
	s, c, _ := setup(t, confluencetest.Options{Seed: 3})
	id := s.IDs(engineering.ID)[4]
	s.Edit(id, func(d *confluencetest.Document) { d.Body, d.Unindexed = "<p>kept</p>", true })
	s.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/pages/"+id) {
			return false
		}
		_, _ = w.Write([]byte(`{"id":"` + id + `","status":"current","title":"T","spaceId":"98305","version":{"number":9,"createdAt":"2026-03-04T05:06:07Z"},"body":{"storage":{"value":"<p>kept</p>"}}}`))
		return true
	})
	records, _ := readFrom(t, c, engineering, nil)
	for _, r := range records {
		if r.ID == id && !bytes.Contains(r.Raw, []byte("<p>kept</p>")) {
			t.Errorf("%s", r.Raw)
		}
	}
}

// TestCallersMayStop in the middle of everything.
func TestCallersMayStop(t *testing.T) {
	inBoth(t, func(t *testing.T, o confluencetest.Options) {
		s, c, _ := setup(t, o)
		for _, err := range c.Resources(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		before := s.Requests()
		for _, err := range c.IDs(t.Context(), engineering, rampforge.StreamDocuments) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if n := s.Requests() - before; n != 1 {
			t.Errorf("%d requests for the first ids", n)
		}
	})
}
