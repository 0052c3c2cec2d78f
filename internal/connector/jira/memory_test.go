package jira_test

import (
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

// counted counts requests by the last part of their path. While old is set, it
// answers with lists of statuses and fields from before all that the site has.
type counted struct {
	mu   sync.Mutex
	asks map[string]int
	old  bool
}

func (c *counted) RoundTrip(req *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := path.Base(req.URL.Path)
	c.asks[name]++
	if c.old && (name == "status" || name == "field") {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader("[]"))}, nil
	}
	return http.DefaultTransport.RoundTrip(req)
}

// TestWhatIsRememberedIsNotAskedAgain reads with one connector after the other:
// they share what the site is like, but not for long, and never the account nor
// the fields.
func TestWhatIsRememberedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := jiratest.New(t, jiratest.Options{DataCenter: dc, Seed: 5, Issues: 20})
			vendor := &counted{asks: map[string]int{}}
			o := optionsFor(s)
			now := o.Now()
			o.Client, o.Memory, o.Now = &http.Client{Transport: vendor}, &connector.Memory{}, func() time.Time { return now }
			var at connector.Cursor
			read := func() []rampforge.Record {
				c, err := jira.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				var records []rampforge.Record
				records, at = readAll(t, c, rampforge.Resource{ID: "10001", Key: "BETA"}, rampforge.StreamWorkItems, at)
				return records
			}
			asked := func(field, status, myself, server int) {
				t.Helper()
				for what, want := range map[string]int{"field": field, "status": status, "myself": myself, "serverInfo": server} {
					if vendor.asks[what] != want {
						t.Errorf("%s was asked for %d times, want %d", what, vendor.asks[what], want)
					}
				}
				clear(vendor.asks)
			}
			vendor.old = true
			if len(read()) == 0 {
				t.Fatal("nothing was read")
			}
			asked(2, 2, 2, 1) // once more for a status that the list lacks, and then no more
			read()
			asked(1, 0, 1, 0)
			vendor.old = false
			first := s.IDs("10001")[0]
			s.Edit(first, func(i *jiratest.Issue) { i.Fields[jiratest.FieldFloat], i.Fields[jiratest.FieldPoints] = 21, 21 })
			s.Touch(first)
			for _, r := range read() {
				if points := r.WorkItem.Estimate; r.ID == first && (points == nil || *points != 21) {
					t.Errorf("the value of a field that is new was not read: %+v", r.WorkItem)
				}
				if r.WorkItem.StatusID != jiratest.UnknownStatus && r.WorkItem.StatusCategory == rampforge.StatusUnknown {
					t.Errorf("the category of the status %s is not known", r.WorkItem.StatusID)
				}
			}
			asked(2, 1, 2, 0)
			now = now.Add(time.Hour)
			read()
			asked(1, 1, 1, 0)
		})
	}
}
