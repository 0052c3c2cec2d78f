// Package connectortest holds the one suite that every connector passes,
// against a fake vendor: an HTTP server that answers as the vendor's published
// description says, with generated data. It is for tests.
package connectortest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// Fake is a fake vendor that runs.
type Fake struct {
	Options connector.Options // with credentials that it takes
	// Wrong are credentials that it refuses.
	Wrong map[string]string
	// Fail makes every answer from now on be written by the handler; nil makes
	// it answer as before.
	Fail func(http.Handler)
	// Change changes a record at the vendor and returns its stream and id.
	Change func() (rampforge.Stream, string)
}

// Harness is a connector and the fake vendor that it is tried on.
type Harness struct {
	Open  connector.Open
	Start func(t *testing.T) *Fake
	// Reasons are those with which a connector tells of a fault (a name of the
	// table in faults) where something in between says it in its own way.
	Reasons map[string]string
	// Program says that the connector reaches its vendor by a program of its
	// own, so that our guarded client has nothing to say.
	Program bool
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	t.Run("check", h.check)
	t.Run("resources", h.resources)
	t.Run("streams", h.streams)
	t.Run("change", h.change)
	t.Run("faults", h.faults)
	if !h.Program {
		t.Run("client", h.client)
		t.Run("spoilt", h.spoilt)
	}
}

// ending is a client's transport that ends every request with one error.
type ending struct{ err error }

func (e ending) RoundTrip(*http.Request) (*http.Response, error) { return nil, e.err }

// client has our own guarded client wait and give up: it is told for what it
// is, with its sentence or one of the connector's, and with when to come back.
func (h Harness) client(t *testing.T) {
	t.Parallel()
	o := h.Start(t).Options
	for want, said := range map[string]*rampforge.Error{
		connector.ReasonRateLimited: {Code: rampforge.CodeRateLimited, Message: "Used up.", RetryAfter: time.Minute},
		connector.ReasonUnreachable: {Code: rampforge.CodeExternal, Message: "Left alone.", Details: map[string]any{"reason": httpclient.ReasonCircuitOpen}, RetryAfter: time.Minute},
	} {
		o.Client = &http.Client{Transport: ending{said}}
		_, err := h.open(t, o).Check(t.Context())
		wantReason(t, "our own client", err, want)
		if e, ok := errors.AsType[*rampforge.Error](err); !ok || e.RetryAfter != said.RetryAfter {
			t.Errorf("%s: %v, to come back after %s", want, err, said.RetryAfter)
		}
	}
}

// spoiling is a client's transport that puts a page in the place of the first
// good answer of every address.
type spoiling struct {
	seen    sync.Map
	spoiled atomic.Int64
}

func (s *spoiling) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	if _, seen := s.seen.LoadOrStore(r.URL.String(), true); seen {
		return res, nil
	}
	s.spoiled.Add(1)
	_ = res.Body.Close()
	res.Body, res.ContentLength = io.NopCloser(strings.NewReader("<html>Something went wrong</html>")), -1
	return res, nil
}

// spoilt has answers damaged on the way once each: a service that may ask again
// reads all the same.
func (h Harness) spoilt(t *testing.T) {
	t.Parallel()
	o := h.Start(t).Options
	clean := h.open(t, o)
	way := &spoiling{}
	o.Client, o.Service.RetryAttempts = &http.Client{Transport: way}, 1
	dirty := h.open(t, o)
	all := resources(t, clean)
	if diff := cmp.Diff(all, resources(t, dirty)); diff != "" {
		t.Errorf("resources (-clean +spoilt):\n%s", diff)
	}
	last := all[len(all)-1]
	for _, stream := range last.Streams {
		want, got := recordsOf(read(t, clean, last, stream, nil)), recordsOf(read(t, dirty, last, stream, nil))
		if diff := Diff(want, got); diff != "" {
			t.Errorf("%s of %s (-clean +spoilt):\n%s", stream, last.Key, diff)
		}
	}
	if way.spoiled.Load() == 0 {
		t.Error("nothing was spoilt")
	}
}

// Opened is a connector that is closed with the test.
func Opened(t *testing.T, open connector.Open, o connector.Options) connector.Connector {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	c, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (h Harness) open(t *testing.T, o connector.Options) connector.Connector {
	t.Helper()
	return Opened(t, h.Open, o)
}

func (h Harness) check(t *testing.T) {
	t.Parallel()
	fake := h.Start(t)
	got, err := h.open(t, fake.Options).Check(t.Context())
	if err != nil || got.Account == nil || got.Account.ID == "" {
		t.Errorf("%+v, %v", got, err)
	}
	wrong := fake.Options
	wrong.Credentials = fake.Wrong
	_, err = h.open(t, wrong).Check(t.Context())
	wantReason(t, "wrong credentials", err, connector.ReasonAuthentication)
}

func (h Harness) resources(t *testing.T) {
	t.Parallel()
	c := h.open(t, h.Start(t).Options)
	first, second := resources(t, c), resources(t, c)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("asked twice (-first +second):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, r := range first {
		if r.ID == "" || r.Key == "" || r.Name == "" || r.Kind == "" || len(r.Streams) == 0 || seen[r.ID] {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
	if len(first) < 2 {
		t.Errorf("%d resources: the fake has to have more", len(first))
	}
}

// streams reads every stream of every resource: whole, then again from every
// cursor on the way, as after a crash.
func (h Harness) streams(t *testing.T) {
	t.Parallel()
	c := h.open(t, h.Start(t).Options)
	most := map[rampforge.Stream]int{}
	for _, resource := range resources(t, c) {
		for _, stream := range resource.Streams {
			pages := read(t, c, resource, stream, nil)
			most[stream] = max(most[stream], len(pages))
			all := recordsOf(pages)
			checkRecords(t, resource, stream, all)
			for i, page := range pages {
				rest := recordsOf(read(t, c, resource, stream, page.Next))
				if missing := missingIDs(recordsOf(pages[i+1:]), rest); len(missing) > 0 {
					t.Errorf("%s of %s, from the cursor after page %d on: %v are missing", stream, resource.Key, i+1, missing)
				}
			}
			h.ids(t, c, resource, stream, all)
		}
	}
	for stream, pages := range most {
		if pages < 2 {
			t.Errorf("%s never has a second page: the fake has to have more", stream)
		}
	}
}

func (h Harness) ids(t *testing.T, c connector.Connector, resource rampforge.Resource, stream rampforge.Stream, all []rampforge.Record) {
	t.Helper()
	got := []string{}
	for ids, err := range c.IDs(t.Context(), resource, stream) {
		if connector.Reason(err) == connector.ReasonUnsupported {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids...)
	}
	want := []string{}
	for _, r := range all {
		want = append(want, r.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), slices.Compact(got)); diff != "" {
		t.Errorf("ids of %s of %s (-read +listed):\n%s", stream, resource.Key, diff)
	}
}

func checkRecords(t *testing.T, resource rampforge.Resource, stream rampforge.Stream, all []rampforge.Record) {
	t.Helper()
	seen := map[string]int{}
	for _, r := range all {
		seen[r.ID]++
		set := 0
		for _, is := range []bool{r.WorkItem != nil, r.Sprint != nil, r.PullRequest != nil, r.Commit != nil, r.PipelineRun != nil, r.Deployment != nil, r.Document != nil} {
			if is {
				set++
			}
		}
		if r.Stream != stream || r.ResourceID != resource.ID || r.ID == "" || set != 1 || !json.Valid(r.Raw) || r.UpdatedAt.IsZero() || r.UpdatedAt.Location() != time.UTC {
			t.Errorf("%s of %s: stream %q, resource %q, id %q, %d contents, updated %v, raw %.60q", stream, resource.Key, r.Stream, r.ResourceID, r.ID, set, r.UpdatedAt, r.Raw)
		}
		if item := r.WorkItem; item != nil {
			checkWorkItem(t, r.ID, item)
		}
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("%s of %s: %s comes %d times from a vendor where nothing changes", stream, resource.Key, id, n)
		}
	}
}

func checkWorkItem(t *testing.T, id string, item *rampforge.WorkItem) {
	t.Helper()
	if item.Key == "" || item.Title == "" || item.CreatedAt.IsZero() || item.Labels == nil || item.Assignees == nil || item.Events == nil || item.Comments == nil || item.SprintIDs == nil || item.Links == nil {
		t.Errorf("work item %s lacks something: %+v", id, item)
	}
	events := map[string]bool{}
	for i, e := range item.Events {
		if e.ID == "" || events[e.ID] || e.At.IsZero() || i > 0 && e.At.Before(item.Events[i-1].At) {
			t.Errorf("work item %s, event %d: %+v", id, i, e)
		}
		events[e.ID] = true
	}
}

// change changes a record and reads on from the last cursor: it has to come,
// and little else.
func (h Harness) change(t *testing.T) {
	t.Parallel()
	fake := h.Start(t)
	c := h.open(t, fake.Options)
	type place struct {
		resource rampforge.Resource
		stream   rampforge.Stream
	}
	last := map[string]connector.Cursor{}
	var places []place
	total := 0
	for _, resource := range resources(t, c) {
		for _, stream := range resource.Streams {
			places = append(places, place{resource, stream})
			for _, p := range read(t, c, resource, stream, nil) {
				last[resource.ID+" "+string(stream)] = p.Next
				total += len(p.Records)
			}
		}
	}
	stream, id := fake.Change()
	found, again := false, 0
	for _, p := range places {
		for _, r := range recordsOf(read(t, c, p.resource, p.stream, last[p.resource.ID+" "+string(p.stream)])) {
			again++
			found = found || r.Stream == stream && r.ID == id
		}
	}
	if !found {
		t.Errorf("%s %s changed and was not read again", stream, id)
	}
	if again > total/2 {
		t.Errorf("after one change %d of %d records were read again", again, total)
	}
}

func (h Harness) faults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		reason  string
	}{
		"500":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, connector.ReasonVendor},
		"401":     {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, connector.ReasonAuthentication},
		"garbage": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{\"half")) }, connector.ReasonMalformed},
		"html": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>sign in</html>"))
		}, connector.ReasonMalformed},
		"closed": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, connector.ReasonUnreachable},
		"silent": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, connector.ReasonTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if reason := h.Reasons[name]; reason != "" {
				test.reason = reason
			}
			fake := h.Start(t)
			c := h.open(t, fake.Options)
			all := resources(t, c)
			fake.Fail(test.handler)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := c.Check(ctx)
			wantReason(t, "check", err, test.reason)
			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err = nil
			for _, errPage := range c.Read(ctx, all[0], all[0].Streams[0], nil) {
				err = errPage
			}
			wantReason(t, "read", err, test.reason)
		})
	}
}

func wantReason(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := connector.Reason(err); got != want {
		t.Errorf("%s: the reason is %q (%v), want %q", what, got, err, want)
		return
	}
	e, _ := errors.AsType[*rampforge.Error](err)
	if hint, _ := e.Details["hint"].(string); e.Message == "" || hint == "" {
		t.Errorf("%s: message %q, hint %q", what, e.Message, hint)
	}
}

func resources(t *testing.T, c connector.Connector) []rampforge.Resource {
	t.Helper()
	var all []rampforge.Resource
	for r, err := range c.Resources(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func read(t *testing.T, c connector.Connector, resource rampforge.Resource, stream rampforge.Stream, from connector.Cursor) []connector.Page {
	t.Helper()
	var all []connector.Page
	for p, err := range c.Read(t.Context(), resource, stream, from) {
		if err != nil {
			t.Fatalf("%s of %s: %v", stream, resource.Key, err)
		}
		if len(p.Next) > 0 && !json.Valid(p.Next) {
			t.Fatalf("the cursor %q is no JSON", p.Next)
		}
		all = append(all, p)
	}
	return all
}

func recordsOf(pages []connector.Page) []rampforge.Record {
	var all []rampforge.Record
	for _, p := range pages {
		all = append(all, p.Records...)
	}
	return all
}

func missingIDs(want, got []rampforge.Record) []string {
	have := map[string]bool{}
	for _, r := range got {
		have[r.ID] = true
	}
	var missing []string
	for _, r := range want {
		if !have[r.ID] {
			missing = append(missing, r.ID)
		}
	}
	return missing
}
