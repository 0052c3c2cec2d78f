package httpclient_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

func TestConfiguredRates(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{Rates: rampforge.ServiceRates{PerMinute: 3, PerHour: 7}}, func(http.ResponseWriter, *http.Request) {})
	for i := range 7 {
		if got := v.get(t, "/"); got.status != 200 {
			t.Fatalf("request %d: %+v", i, got)
		}
		waited := v.clock.waited()
		if full := i == 3 || i == 6; full && (waited < 50*time.Second || waited > time.Minute+2*time.Second) || !full && waited > 0 {
			t.Errorf("request %d waited %s", i, waited)
		}
	}
	v.clock.mu.Lock()
	v.clock.now = time.Date(2026, 1, 2, 15, 30, 5, 0, time.UTC)
	v.clock.mu.Unlock()
	wantLimited(t, v, v.get(t, "/"), 34*time.Minute)
	if v.requests() != 7 {
		t.Errorf("%d requests were sent, want 7", v.requests())
	}
	v.clock.mu.Lock()
	v.clock.now = v.clock.now.Add(34 * time.Minute)
	v.clock.mu.Unlock()
	if got := v.get(t, "/"); got.status != 200 {
		t.Errorf("after the hour: %+v", got)
	}
}

// hinted is an answer of a vendor: to the first request, the rest is empty.
type hinted struct {
	name   string
	vendor rampforge.ServiceType
	status int
	header map[string]string
	body   string
	wait   time.Duration // 0: none
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// begin is when the tests' clock begins.
var begin = time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)

func hints() []hinted {
	const gh, gl, ado, jira = rampforge.ServiceGitHub, rampforge.ServiceGitLab, rampforge.ServiceAzureDevOps, rampforge.ServiceJira
	in := begin.Add
	secondary := `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`
	return []hinted{
		{"seconds", "", 429, map[string]string{"Retry-After": "120"}, "", 2 * time.Minute},
		{"a fraction", "", 429, map[string]string{"Retry-After": "120.5"}, "", 120500 * time.Millisecond},
		{"a date", "", 429, map[string]string{"Retry-After": in(5 * time.Minute).Format(http.TimeFormat)}, "", 5 * time.Minute},
		{"a date by the vendor's own clock", "", 429, map[string]string{"Date": in(24 * time.Hour).Format(http.TimeFormat), "Retry-After": in(24*time.Hour + 5*time.Minute).Format(http.TimeFormat)}, "", 5 * time.Minute},
		{"unavailable", "", 503, map[string]string{"Retry-After": "120"}, "", 2 * time.Minute},
		{"accepted", "", 202, map[string]string{"Retry-After": "120"}, "", 0},
		{"nothing said", "", 429, nil, "", 0},
		{"negative", "", 200, map[string]string{"Retry-After": "-5"}, "", 0},
		{"a date that passed", "", 200, map[string]string{"Retry-After": in(-time.Hour).Format(http.TimeFormat)}, "", 0},
		{"the year 9999", "", 429, map[string]string{"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, "", time.Hour},
		{"for ever", "", 429, map[string]string{"Retry-After": "99999999999999999999999999999"}, "", time.Hour},
		{"words", "", 200, map[string]string{"Retry-After": "inf"}, "", 0},
		{"hexadecimal", "", 200, map[string]string{"Retry-After": "0x10"}, "", 0},
		{"GitHub primary", gh, 403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": unix(in(20 * time.Minute)), "X-RateLimit-Resource": "core"}, "", 20 * time.Minute},
		{"GitHub primary by 429", gh, 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": unix(in(20 * time.Minute)), "X-RateLimit-Resource": "core"}, "", 20 * time.Minute},
		{"GitHub primary, the last one", gh, 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": unix(in(20 * time.Minute))}, "", 20 * time.Minute},
		{"GitHub primary, some left", gh, 200, map[string]string{"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": unix(in(20 * time.Minute))}, "", 0},
		{"GitHub without permission", gh, 403, map[string]string{"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": unix(in(20 * time.Minute))}, `{"message":"Resource not accessible by integration"}`, 0},
		{"GitHub secondary with a time", gh, 403, map[string]string{"Retry-After": "90", "X-RateLimit-Remaining": "4000"}, secondary, 90 * time.Second},
		{"GitHub secondary without", gh, 403, map[string]string{"X-RateLimit-Remaining": "4000"}, secondary, time.Minute},
		{"GitHub secondary by 429", gh, 429, nil, secondary, time.Minute},
		{"GitHub abuse", gh, 403, nil, `{"message":"You have triggered an abuse detection mechanism."}`, time.Minute},
		{"those words elsewhere", gl, 403, nil, secondary, 0},
		{"GitLab", gl, 429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": unix(in(3 * time.Minute))}, "", 3 * time.Minute},
		{"GitLab, the last one", gl, 200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": unix(in(3 * time.Minute))}, "", 3 * time.Minute},
		{"GitLab with both", gl, 429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": unix(in(3 * time.Minute)), "Retry-After": "100"}, "", 100 * time.Second},
		{"Atlassian", jira, 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(4 * time.Minute).Format(time.RFC3339)}, "", 4 * time.Minute},
		{"Atlassian without seconds", jira, 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-01-02T15:10Z"}, "", 5*time.Minute + 55*time.Second},
		{"Atlassian Data Center, some left", jira, 200, map[string]string{"X-RateLimit-Remaining": "9", "Retry-After": "0", "X-RateLimit-Interval-Seconds": "300"}, "", 0},
		{"Atlassian Data Center", jira, 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Interval-Seconds": "300"}, "", 5 * time.Minute},
		{"Azure DevOps, a good answer", ado, 200, map[string]string{"Retry-After": "100", "X-RateLimit-Delay": "3.2", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": unix(in(9 * time.Minute))}, "", 100 * time.Second},
		{"Azure DevOps, used up", ado, 200, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": unix(in(9 * time.Minute))}, "", 9 * time.Minute},
		{"Azure DevOps delays", ado, 200, map[string]string{"X-RateLimit-Delay": "75.5", "X-RateLimit-Remaining": "12"}, "", 75500 * time.Millisecond},
		{"a reset that passed", gl, 200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": unix(in(-time.Minute))}, "", 0},
		{"a reset in seconds", gl, 200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": "90"}, "", 90 * time.Second},
		{"a reset in milliseconds", gl, 200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": unix(in(90*time.Second)) + "000"}, "", 90 * time.Second},
		{"a reset in a year", gl, 200, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": unix(in(9000 * time.Hour))}, "", time.Hour},
	}
}

// TestVendorsHeaders asks twice without any patience: the second request shows
// what the first answer asked for.
func TestVendorsHeaders(t *testing.T) {
	t.Parallel()
	for _, h := range hints() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			v := start(t, httpclient.VendorOptions{Vendor: h.vendor}, hinting(&h))
			first := v.get(t, "/")
			limited := h.status == 429 || h.status == 403 && h.wait > 0
			switch {
			case !limited && (first.status != h.status || first.body != h.body):
				t.Fatalf("the first request gives %+v", first)
			case limited && h.wait == 0:
				wantLimited(t, v, first, time.Minute)
			case limited:
				wantLimited(t, v, first, h.wait)
			}
			h.status, h.header = 200, nil
			second := v.get(t, "/")
			if h.wait == 0 {
				if second.status != 200 || v.clock.waited() > 0 {
					t.Errorf("the second request waits or gives %+v", second)
				}
				return
			}
			if h.wait <= time.Minute {
				if waited := v.clock.waited(); second.status != 200 || waited < h.wait {
					t.Errorf("the second request waits %s and gives %+v", waited, second)
				}
				return
			}
			wantLimited(t, v, second, h.wait)
			if v.requests() != 1 {
				t.Errorf("the pause did not keep the second request back")
			}
		})
	}
}

func hinting(h *hinted) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range h.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(h.status)
		fmt.Fprint(w, h.body)
	}
}

// TestGitHubResources: search has a limit of its own.
func TestGitHubResources(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{Vendor: rampforge.ServiceGitHub}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/search/issues" || r.URL.Path == "/api/graphql" {
			w.Header().Set("X-Ratelimit-Remaining", "0")
			w.Header().Set("X-Ratelimit-Reset", unix(begin.Add(30*time.Minute)))
		}
		if r.URL.Path == "/api/graphql" {
			w.Header().Set("X-Ratelimit-Resource", "code_search")
		}
	})
	for _, step := range []struct {
		path    string
		limited bool
	}{
		{"/search/issues", false}, {"/search/users", true}, {"/search/code", false}, {"/repos/a/b", false}, {"/api/v3/search/users", true},
		{"/api/graphql", false}, {"/graphql", true}, {"/search/code", true}, {"/searching", false},
	} {
		got := v.get(t, step.path)
		if step.limited {
			wantLimited(t, v, got, 30*time.Minute)
		} else if got.status != 200 {
			t.Errorf("%s gives %+v", step.path, got)
		}
	}
}

// TestGitHubSecondaryLimitsGrow, as GitHub asks: a minute, then longer.
func TestGitHubSecondaryLimitsGrow(t *testing.T) {
	t.Parallel()
	h := &hinted{status: 403, body: "You have exceeded a secondary rate limit"}
	v := start(t, httpclient.VendorOptions{Vendor: rampforge.ServiceGitHub}, hinting(h))
	ask := func(wait time.Duration) {
		t.Helper()
		wantLimited(t, v, v.get(t, "/"), wait)
		_ = v.clock.sleep(t.Context(), wait)
	}
	for _, minutes := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		ask(time.Duration(minutes) * time.Minute)
	}
	h.status = 200
	v.get(t, "/")
	h.status = 403
	ask(time.Minute)
}

// TestAtOnce is a limit that says to come back at once, or at a moment that has
// passed: the request is repeated, and no pause of a minute is made of it.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"0", begin.Add(-time.Second).Format(http.TimeFormat)} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusForbidden} {
			h := &hinted{status: status, header: map[string]string{"Retry-After": after}}
			answer := hinting(h)
			v := start(t, httpclient.VendorOptions{Vendor: rampforge.ServiceGitHub, RetryAttempts: 1}, func(w http.ResponseWriter, r *http.Request) {
				answer(w, r)
				h.status, h.header = http.StatusOK, nil
			})
			if got := v.get(t, "/"); got.status != http.StatusOK || v.requests() != 2 || v.clock.waited() > 10*time.Second {
				t.Errorf("%d and %s: %+v after %d requests and %s", status, after, got, v.requests(), v.clock.waited())
			}
		}
	}
	v := start(t, httpclient.VendorOptions{Vendor: rampforge.ServiceGitHub}, hinting(&hinted{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "0"}}))
	wantLimited(t, v, v.get(t, "/"), time.Second)
}

// TestReplicasShareTheLimits gives two clients one memory.
func TestReplicasShareTheLimits(t *testing.T) {
	t.Parallel()
	h := &hinted{status: 200}
	v := start(t, httpclient.VendorOptions{}, hinting(h))
	o := httpclient.VendorOptions{Key: "svc_2", Shared: httpclient.NewLocal(v.clock.Now), Now: v.clock.Now, Rates: rampforge.ServiceRates{PerHour: 3}}
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	a := &vendor{Client: g.VendorClient(o), base: v.base, clock: v.clock}
	b := &vendor{Client: g.VendorClient(o), base: v.base, clock: v.clock}
	for _, replica := range []*vendor{a, b, a} {
		if got := replica.get(t, "/"); got.status != 200 {
			t.Fatalf("got %+v", got)
		}
	}
	wantLimited(t, v, b.get(t, "/"), time.Hour)
	_ = v.clock.sleep(t.Context(), time.Hour)
	h.status, h.header = 429, map[string]string{"Retry-After": "300"}
	wantLimited(t, v, a.get(t, "/"), 5*time.Minute)
	h.status, h.header = 200, nil
	wantLimited(t, v, b.get(t, "/"), 5*time.Minute)
}

// TestNoWaitBeyondTheDeadline: the wait of 30 s is within the bound, and not
// within what the caller has.
func TestNoWaitBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	h := &hinted{status: 200, header: map[string]string{"Retry-After": "30"}}
	v := start(t, httpclient.VendorOptions{}, hinting(h))
	v.get(t, "/")
	h.header = nil
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	wantLimited(t, v, v.do(t, v.request(t, ctx, http.MethodGet, "/", nil)), 30*time.Second)
	if got := v.get(t, "/"); got.status != 200 || v.clock.waited() < 30*time.Second {
		t.Errorf("without a deadline: %+v", got)
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	h := &hinted{status: 200, header: map[string]string{"Retry-After": "30"}}
	v := start(t, httpclient.VendorOptions{}, hinting(h))
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	patient := &vendor{Client: g.VendorClient(httpclient.VendorOptions{}), base: v.base}
	v.clock.now = time.Now()
	patient.get(t, "/")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	began := time.Now()
	if got := patient.do(t, patient.request(t, ctx, http.MethodGet, "/", nil)); got.err == nil || ctx.Err() == nil || time.Since(began) > 10*time.Second {
		t.Errorf("a wait that was given up ends with %+v after %s", got, time.Since(began))
	}
}
