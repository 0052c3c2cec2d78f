package httpclient_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// clock stands still until somebody waits.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// waited is the longest wait since the last question.
func (c *clock) waited() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	longest := slices.Max(append(c.slept, 0))
	c.slept = nil
	return longest
}

// vendor is a client, what it speaks to, and the clock of both.
type vendor struct {
	*http.Client
	clock *clock
	base  string
	mu    sync.Mutex
	asked []*http.Request
}

// start serves handler on loopback. Options are completed.
func start(t testing.TB, o httpclient.VendorOptions, handler http.HandlerFunc) *vendor {
	t.Helper()
	v := &vendor{clock: &clock{now: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.asked = append(v.asked, r.Clone(context.WithoutCancel(r.Context())))
		v.mu.Unlock()
		w.Header().Set("Date", v.clock.Now().Format(http.TimeFormat))
		handler(w, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(server.Close)
	v.base = server.URL
	g, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.0/8", "localhost"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	if o.Key == "" {
		o.Key = "svc_1"
	}
	o.Now = v.clock.Now
	v.Client = g.VendorClient(o.WithSleep(v.clock.sleep))
	t.Cleanup(v.CloseIdleConnections)
	return v
}

func (v *vendor) requests() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.asked)
}

// answer is what became of a request.
type answer struct {
	status int
	body   string
	header http.Header
	err    error
}

func (v *vendor) do(t testing.TB, req *http.Request) answer {
	t.Helper()
	res, err := v.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(body), res.Header, err}
}

func (v *vendor) request(t testing.TB, ctx context.Context, method, path string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func (v *vendor) get(t testing.TB, path string) answer {
	t.Helper()
	return v.do(t, v.request(t, t.Context(), http.MethodGet, path, nil))
}

func wantLimited(t *testing.T, v *vendor, got answer, wait time.Duration) {
	t.Helper()
	limited, ok := errors.AsType[*httpclient.RateLimitedError](got.err)
	if !ok {
		t.Fatalf("got %d %q %v, want a rate limit", got.status, got.body, got.err)
	}
	fault, ok := errors.AsType[*rampforge.Error](got.err)
	if !ok || fault.Code != rampforge.CodeRateLimited || fault.RetryAfter != wait {
		t.Errorf("the error is %v with %+v, want RATE_LIMITED and %s", got.err, fault, wait)
	}
	if until := limited.Until.Sub(v.clock.Now()); until != wait {
		t.Errorf("the limit ends in %s, want %s", until, wait)
	}
}

func TestVendorClientAnswers(t *testing.T) {
	t.Parallel()
	var seen []string
	o := httpclient.VendorOptions{Vendor: rampforge.ServiceGitLab, Observe: func(vendor rampforge.ServiceType, class string, took time.Duration) {
		seen = append(seen, fmt.Sprintf("%s %s %t", vendor, class, took >= 0))
	}}
	v := start(t, o, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/none" {
			w.WriteHeader(http.StatusNotFound)
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, body)
	})
	if got := v.get(t, "/a?b=c"); got.status != 200 || got.body != "GET /a?b=c " {
		t.Errorf("got %+v", got)
	}
	if got := v.get(t, "/none"); got.status != 404 || got.err != nil {
		t.Errorf("what is not there gives %+v", got)
	}
	got := v.do(t, v.request(t, t.Context(), http.MethodPost, "/a", strings.NewReader("content")))
	if got.status != 200 || got.body != "POST /a content" {
		t.Errorf("got %+v", got)
	}
	if want := []string{"gitlab 2xx true", "gitlab 4xx true", "gitlab 2xx true"}; !slices.Equal(seen, want) {
		t.Errorf("observed %q, want %q", seen, want)
	}
}

func TestVendorClientIsGuarded(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{RetryAttempts: 3}, func(http.ResponseWriter, *http.Request) {})
	strict := guard(t, httpclient.Options{AllowHTTP: true})
	_, err := get(t, strict.VendorClient(httpclient.VendorOptions{RetryAttempts: 3}.WithSleep(v.clock.sleep)), v.base)
	wantRefusal(t, v.base, err, httpclient.ReasonBlocked, "loopback")
	if v.requests() != 0 || v.clock.slept != nil {
		t.Errorf("%d requests came through, after waits of %v", v.requests(), v.clock.slept)
	}
}

// TestNothingSecretIsLogged plants secrets in all that a request has, and goes
// through everything that logs.
func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var asked atomic.Int32 // each aborted answer ends its connection, and the next has another goroutine
	o := httpclient.VendorOptions{
		RetryAttempts: 1, Vendor: rampforge.ServiceGitHub, Rates: rampforge.ServiceRates{PerMinute: 4},
		Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	v := start(t, o, func(w http.ResponseWriter, _ *http.Request) {
		n := asked.Add(1)
		switch {
		case n == 1:
			w.Header().Set("Retry-After", "2")
			w.WriteHeader(http.StatusTooManyRequests)
		case n%2 == 0:
			w.WriteHeader(http.StatusBadGateway)
		default:
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "planted-answer")
	})
	for range httpclient.BreakAfter {
		req := v.request(t, httpclient.Safe(t.Context()), http.MethodPost, "/x?q=planted-query", strings.NewReader("planted-body"))
		req.Header.Set("Authorization", "Bearer planted-header")
		v.do(t, req)
	}
	for _, wanted := range []string{"asks to wait", "is repeated", "circuit"} {
		if !strings.Contains(log.String(), wanted) {
			t.Errorf("the log does not say %q:\n%s", wanted, log.String())
		}
	}
	if strings.Contains(log.String(), "planted") {
		t.Errorf("the log holds a secret:\n%s", log.String())
	}
}

func TestCredentialsStayAtHome(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var away http.Header
	var back string
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		away = r.Header.Clone()
		if r.URL.Path == "/back" {
			http.Redirect(w, r, back, http.StatusFound)
		}
	})
	var target string
	v := start(t, httpclient.VendorOptions{Credentials: []string{"x-own-secret"}}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/end":
		case "/back":
			http.Redirect(w, r, "/end", http.StatusFound)
		default:
			http.Redirect(w, r, target, http.StatusTemporaryRedirect)
		}
	})
	back = v.base + "/back" // and from there to /end
	secrets := []string{"Authorization", "Private-Token", "Cookie", "X-Own-Secret"}
	ask := func(client http.RoundTripper, method, to string) (answer, http.Header) {
		target = to
		req := v.request(t, t.Context(), method, "/go?token=planted", strings.NewReader("")) // a body that may go again
		if method == http.MethodGet {
			req = v.request(t, t.Context(), method, "/go?token=planted", nil)
		}
		for _, name := range append(secrets, "X-Harmless") {
			req.Header.Set(name, "planted")
		}
		c := &http.Client{Transport: client, CheckRedirect: v.CheckRedirect}
		got := (&vendor{Client: c}).do(t, req)
		mu.Lock()
		defer mu.Unlock()
		return got, away
	}
	// An SDK that adds its token to every hop, as go-github does.
	adding := roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "planted")
		return v.Transport.RoundTrip(r)
	})
	for name, client := range map[string]http.RoundTripper{"plain": v.Transport, "adding": adding} {
		for _, to := range []string{"http://localhost:" + other + "/", "http://127.0.0.1:" + other + "/"} {
			got, h := ask(client, http.MethodGet, to)
			if got.status != 200 || h.Get("X-Harmless") == "" {
				t.Fatalf("%s: %s gives %+v", name, to, got)
			}
			for _, secret := range append(secrets, "Referer") {
				if h.Get(secret) != "" {
					t.Errorf("%s: %s follows to %s", name, secret, to)
				}
			}
		}
		if got, _ := ask(client, http.MethodGet, "http://127.0.0.1:"+other+"/back"); got.status != 200 || v.asked[len(v.asked)-1].Header.Get("Private-Token") != "" {
			t.Errorf("%s: credentials came back by way of another host: %+v", name, got)
		}
		if got, _ := ask(client, http.MethodGet, v.base+"/end"); got.status != 200 || v.asked[len(v.asked)-1].Header.Get("X-Own-Secret") == "" {
			t.Errorf("%s: credentials got lost on the way to the same host: %+v", name, got)
		}
	}
	got, _ := ask(v.Transport, http.MethodPost, "http://127.0.0.1:"+other+"/")
	wantRefusal(t, "a POST to another host", got.err, httpclient.ReasonBlocked, "with a body")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestVendorRedirectsEnd(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{}, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x"+r.URL.Path, http.StatusFound) })
	if got := v.get(t, "/"); got.err == nil || !strings.Contains(got.err.Error(), "redirects") || v.requests() != 6 {
		t.Errorf("a circle gives %+v after %d requests", got, v.requests())
	}
}

// TestOthersDoNotSteerTheLimits lets a download from another host ask for a
// pause and fail.
func TestOthersDoNotSteerTheLimits(t *testing.T) {
	t.Parallel()
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	v := start(t, httpclient.VendorOptions{RetryAttempts: httpclient.BreakAfter + 1}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/file" {
			http.Redirect(w, r, "http://localhost:"+other, http.StatusFound)
		}
	})
	if got := v.get(t, "/file"); got.status != 503 { // more failures in a row than the circuit bears
		t.Fatalf("got %+v", got)
	}
	if got := v.get(t, "/"); got.status != 200 {
		t.Errorf("a stranger has stopped the vendor: %+v", got)
	}
}

// BenchmarkVendorClient beside BenchmarkGuardedClient is what the stack costs.
func BenchmarkVendorClient(b *testing.B) {
	v := start(b, httpclient.VendorOptions{RetryAttempts: 3, Rates: rampforge.ServiceRates{PerHour: 100_000}, MaxRemembered: -1}, page)
	v.clock.now = time.Now()
	benchmarkGet(b, v.Client, v.base)
}

func BenchmarkVendorClientRemembers(b *testing.B) {
	v := start(b, httpclient.VendorOptions{RetryAttempts: 3}, page)
	benchmarkGet(b, v.Client, v.base)
}

func BenchmarkGuardedClient(b *testing.B) {
	v := start(b, httpclient.VendorOptions{}, page)
	g, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		b.Fatal(err)
	}
	benchmarkGet(b, g.Client(httpclient.ClientOptions{}), v.base)
}

func BenchmarkLocalTake(b *testing.B) {
	l := httpclient.NewLocal(nil)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = l.Take(b.Context(), "key", 5000, time.Hour)
	}
}

var pageContent = strings.Repeat(`{"id":1,"title":"a work item"},`, 1000)

func page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"1"`)
	if r.Header.Get("If-None-Match") == `"1"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = io.WriteString(w, pageContent)
}

func benchmarkGet(b *testing.B, client *http.Client, address string) {
	b.ReportAllocs()
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
		if err != nil {
			b.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, res.Body); err != nil || int(n) != len(pageContent) {
			b.Fatal(n, err)
		}
		_ = res.Body.Close()
	}
}

// zeros is so many zero bytes as an archive.
func zeros(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
