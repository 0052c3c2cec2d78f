package httpclient_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// versions serves a page with a validator, and counts what it sent in whole.
type versions struct {
	version   int
	byTime    bool
	header    map[string]string
	whole     int
	confirmed int
}

func (s *versions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tag, at := fmt.Sprintf(`"v%d"`, s.version), begin.Add(time.Duration(s.version)*time.Hour).Format(http.TimeFormat)
	w.Header().Set("X-Version", tag)
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	if s.byTime {
		w.Header().Set("Last-Modified", at)
	} else {
		w.Header().Set("ETag", tag)
	}
	if !s.byTime && r.Header.Get("If-None-Match") == tag || s.byTime && r.Header.Get("If-Modified-Since") == at {
		s.confirmed++
		w.Header().Set("X-Fresh", "yes")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.whole++
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"path":%q,"accept":%q,"by":%q,"version":%d}`, r.URL.Path, r.Header.Get("Accept"), r.Header.Get("Authorization")+r.Header.Get("Private-Token"), s.version)
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	for _, byTime := range []bool{false, true} {
		s := &versions{byTime: byTime}
		v := start(t, httpclient.VendorOptions{}, s.ServeHTTP)
		first := v.get(t, "/a")
		second := v.get(t, "/a")
		if second.status != 200 || second.body != first.body || second.header.Get("Content-Type") != "application/json" || second.header.Get("X-Fresh") != "yes" || s.whole != 1 || s.confirmed != 1 {
			t.Errorf("the second time: %+v, %+v", second, s)
		}
		s.version++
		if third := v.get(t, "/a"); third.body == first.body || third.status != 200 || s.whole != 2 {
			t.Errorf("what changed: %+v, %+v", third, s)
		}
		if v.get(t, "/a"); s.confirmed != 2 {
			t.Errorf("what changed is not remembered: %+v", s)
		}
	}
}

// TestConditionalRequestsKeepApart what differs.
func TestConditionalRequestsKeepApart(t *testing.T) {
	t.Parallel()
	s := &versions{}
	v := start(t, httpclient.VendorOptions{Credentials: []string{"x-own"}}, s.ServeHTTP)
	ask := func(path, header, value string) answer {
		req := v.request(t, t.Context(), http.MethodGet, path, nil)
		req.Header.Set(header, value)
		return v.do(t, req)
	}
	requests := [][3]string{
		{"/a", "Accept", "x"}, {"/a", "Accept", "y"}, {"/b", "Accept", "x"}, {"/a?p=1", "Accept", "x"}, {"/a", "Authorization", "one"}, {"/a", "Authorization", "two"},
		{"/a", "Private-Token", "one"}, {"/a", "X-Own", "one"}, {"/a", "X-Own", "two"}, {"/a", "X-GitHub-Api-Version", "2022-11-28"}, {"/a", "Cookie", "a=b"},
	}
	for _, r := range requests {
		ask(r[0], r[1], r[2])
	}
	if s.whole != len(requests) || s.confirmed != 0 {
		t.Errorf("%+v, want %d answers in whole", s, len(requests))
	}
	for _, r := range requests {
		ask(r[0], r[1], r[2])
	}
	if s.confirmed != len(requests) {
		t.Errorf("%+v, want %d confirmed", s, len(requests))
	}
}

func TestNotRemembered(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]map[string]string{
		"no-store": {"Cache-Control": "private, No-Store"}, "vary by anything": {"Vary": "*"}, "vary by what is not known": {"Vary": "Accept, X-Tenant"},
	} {
		s := &versions{header: header}
		v := start(t, httpclient.VendorOptions{}, s.ServeHTTP)
		v.get(t, "/")
		v.get(t, "/")
		if s.confirmed != 0 || s.whole != 2 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	s := &versions{header: map[string]string{"Vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With", "Cache-Control": "private, max-age=60, s-maxage=60"}}
	v := start(t, httpclient.VendorOptions{Vendor: rampforge.ServiceGitHub}, s.ServeHTTP)
	v.get(t, "/")
	if v.get(t, "/"); s.confirmed != 1 {
		t.Errorf("what GitHub's answers vary by: %+v", s)
	}
	v.do(t, v.request(t, t.Context(), http.MethodHead, "/", nil))
	v.do(t, v.request(t, httpclient.Safe(t.Context()), http.MethodPost, "/", strings.NewReader("x")))
	req := v.request(t, t.Context(), http.MethodGet, "/", nil)
	req.Header.Set("Cache-Control", "no-store")
	v.do(t, req)
	if s.confirmed != 1 {
		t.Errorf("HEAD, POST and no-store: %+v", s)
	}
	none := &versions{}
	v = start(t, httpclient.VendorOptions{MaxRemembered: -1}, none.ServeHTTP)
	v.get(t, "/")
	if v.get(t, "/"); none.confirmed != 0 {
		t.Error("nothing is to be remembered")
	}
}

// TestTheCallersOwnConditions get their own answer.
func TestTheCallersOwnConditions(t *testing.T) {
	t.Parallel()
	s := &versions{}
	v := start(t, httpclient.VendorOptions{}, s.ServeHTTP)
	v.get(t, "/")
	req := v.request(t, t.Context(), http.MethodGet, "/", nil)
	req.Header.Set("If-None-Match", `"v0"`)
	if got := v.do(t, req); got.status != http.StatusNotModified {
		t.Errorf("got %+v", got)
	}
	if len(req.Header) != 1 {
		t.Errorf("the caller's request was changed: %v", req.Header)
	}
}

// TestMemoryIsBounded asks for more than may be remembered, twice in the same
// order.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const size, pages, fit = 100 << 10, 40, 8
	confirmed := 0
	v := start(t, httpclient.VendorOptions{MaxRemembered: fit * size}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			confirmed++
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", size))
	})
	for range 2 {
		for i := range pages {
			if got := v.get(t, fmt.Sprintf("/%d", i)); len(got.body) != size {
				t.Fatalf("page %d has %d bytes", i, len(got.body))
			}
		}
	}
	if confirmed > fit {
		t.Errorf("%d of %d pages were remembered, there is room for %d", confirmed, pages, fit)
	}
	// What is asked for again and again is let in, though perhaps not at once:
	// the cache weighs how often a page was wanted against those it has.
	before := confirmed
	for range fit {
		v.get(t, "/39")
	}
	if confirmed == before {
		t.Error("nothing at all is remembered")
	}
}

// TestConfirmedAnswersCostNothing of the configured rates.
func TestConfirmedAnswersCostNothing(t *testing.T) {
	t.Parallel()
	s := &versions{}
	v := start(t, httpclient.VendorOptions{Rates: rampforge.ServiceRates{PerMinute: 2, PerHour: 2}}, s.ServeHTTP)
	for i := range 20 {
		if got := v.get(t, "/"); got.status != 200 || v.clock.waited() > 0 {
			t.Fatalf("request %d: %+v", i, got)
		}
	}
	v.get(t, "/other")
	wantLimited(t, v, v.get(t, "/third"), time.Hour)
}

// TestFresh is an answer that was damaged on the way: it is remembered by the
// tag of the right one, and confirmed for ever, until somebody asks afresh.
func TestFresh(t *testing.T) {
	t.Parallel()
	damaged := true
	v := start(t, httpclient.VendorOptions{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if damaged {
			_, _ = io.WriteString(w, `{"half`)
			return
		}
		_, _ = io.WriteString(w, `{"half":2}`)
	})
	v.get(t, "/")
	damaged = false
	if got := v.get(t, "/"); got.body != `{"half` {
		t.Errorf("what is remembered: %+v", got)
	}
	if got := v.do(t, v.request(t, httpclient.Fresh(t.Context()), http.MethodGet, "/", nil)); got.body != `{"half":2}` {
		t.Errorf("asked afresh: %+v", got)
	}
	if got := v.get(t, "/"); got.body != `{"half":2}` || v.requests() != 4 {
		t.Errorf("what is remembered after that: %+v after %d requests", got, v.requests())
	}
}
