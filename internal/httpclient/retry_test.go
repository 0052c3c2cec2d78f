package httpclient_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// faults are what goes wrong with an answer and may be gone the next time.
var faults = map[string]http.HandlerFunc{
	"429": status(429), "502": status(502), "503": status(503), "504": status(504),
	"closed":          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"reset":           reset,
	"half a header":   raw("HTTP/1.1 200 OK\r\nContent-Ty"),
	"half a body":     raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"),
	"half a chunk":    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n0123"),
	"no last chunk":   raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n"),
	"half an archive": raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c"),
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// raw says what it is told and closes.
func raw(what string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(conn, what)
			_ = conn.Close()
		}
	}
}

func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Each with a connection and a circuit of its own.
			begin := func(faulty int64) *vendor {
				var left atomic.Int64
				left.Store(faulty)
				return start(t, httpclient.VendorOptions{RetryAttempts: 2}, func(w http.ResponseWriter, r *http.Request) {
					if left.Add(-1) >= 0 {
						fault(w, r)
						return
					}
					body, _ := io.ReadAll(r.Body)
					fmt.Fprintf(w, "fine %s", body)
				})
			}
			v := begin(2)
			if got := v.get(t, "/"); got.body != "fine " || v.requests() != 3 {
				t.Errorf("GET gives %+v after %d requests", got, v.requests())
			}
			v = begin(2)
			got := v.do(t, v.request(t, httpclient.Safe(t.Context()), http.MethodPost, "/", strings.NewReader("query")))
			if got.body != "fine query" || v.requests() != 3 {
				t.Errorf("a safe POST gives %+v after %d requests", got, v.requests())
			}
			v = begin(3)
			if got := v.get(t, "/"); got.body != "" || got.err == nil && got.status < 400 || v.requests() != 3 {
				t.Errorf("one fault too many gives %+v after %d requests", got, v.requests())
			}
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
				v = begin(1)
				if got := v.do(t, v.request(t, t.Context(), method, "/", strings.NewReader("change"))); got.body != "" || v.requests() != 1 {
					t.Errorf("%s, which is not safe, gives %+v after %d requests", method, got, v.requests())
				}
			}
		})
	}
}

func TestNoRetry(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]http.HandlerFunc{"400": status(400), "401": status(401), "403": status(403), "404": status(404), "501": status(501), "garbage": raw("SSH-2.0-OpenSSH\r\n\r\n")} {
		v := start(t, httpclient.VendorOptions{RetryAttempts: 3}, fault)
		if got := v.get(t, "/"); v.requests() != 1 {
			t.Errorf("%s is asked for %d times: %+v", name, v.requests(), got)
		}
	}
}

// TestADeadConnectionIsNoAttempt has the vendor close a connection that was kept
// for the next request: that is sent again on another, and none of its attempts
// is spent, as it is neither the vendor's fault nor a reason to wait.
func TestADeadConnectionIsNoAttempt(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		var n atomic.Int64
		v := start(t, httpclient.VendorOptions{RetryAttempts: 1}, func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) == 2 {
				panic(http.ErrAbortHandler)
			}
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "fine %s%s", body, r.Header.Get("Idempotency-Key"))
		})
		v.get(t, "/")
		got := v.do(t, v.request(t, httpclient.Safe(t.Context()), method, "/", strings.NewReader("query")))
		if got.body != "fine query" || v.requests() != 3 || len(v.clock.slept) != 0 {
			t.Errorf("%s gives %+v after %d requests and waits of %v", method, got, v.requests(), v.clock.slept)
		}
	}
}

// TestRetryAfterIsWaitedFor instead of a guess.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := &hinted{status: 429, header: map[string]string{"Retry-After": "40"}}
	answer := hinting(h)
	v := start(t, httpclient.VendorOptions{RetryAttempts: 1}, func(w http.ResponseWriter, r *http.Request) {
		answer(w, r)
		h.status, h.header = 200, nil
	})
	if got := v.get(t, "/"); got.status != 200 || v.requests() != 2 {
		t.Errorf("got %+v after %d requests", got, v.requests())
	}
	if waited := v.clock.waited(); waited < 40*time.Second || waited > 42*time.Second {
		t.Errorf("waited %s, want 40 s and a little", waited)
	}
	h.status, h.header = 429, map[string]string{"Retry-After": "90"}
	v.clock.slept = nil
	wantLimited(t, v, v.get(t, "/"), 90*time.Second)
	if len(v.clock.slept) > 1 || v.requests() != 3 {
		t.Errorf("a limit that is too long costs %d requests and waits of %v", v.requests(), v.clock.slept)
	}
}

// TestBackoffGrowsWithFullJitter collects the waits of many requests.
func TestBackoffGrowsWithFullJitter(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{RetryAttempts: 3}, status(http.StatusTooManyRequests))
	var longest, shortest [3]time.Duration
	for range 60 {
		v.clock.slept = nil
		wantLimited(t, v, v.get(t, "/"), time.Minute)
		if len(v.clock.slept) != 3 {
			t.Fatalf("waits of %v, want three", v.clock.slept)
		}
		for i, d := range v.clock.slept {
			if longest[i] == 0 || d < shortest[i] {
				shortest[i] = d
			}
			longest[i] = max(longest[i], d)
		}
	}
	for i, most := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		if longest[i] > most+time.Millisecond || longest[i] < most/2 || shortest[i] > most/4 {
			t.Errorf("wait %d goes from %s to %s, want from nothing to %s", i, shortest[i], longest[i], most)
		}
	}
}

// TestNoRetryBeyondTheDeadline has no time left for any wait.
func TestNoRetryBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{RetryAttempts: 50}, status(http.StatusBadGateway))
	ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
	defer cancel()
	// The waits cost no time, and so only their length can end this.
	if got := v.do(t, v.request(t, ctx, http.MethodGet, "/", nil)); got.status != 502 && rampforge.ErrorCode(got.err) != rampforge.CodeExternal {
		t.Errorf("got %+v", got)
	}
	for _, wait := range v.clock.slept {
		if wait > 700*time.Millisecond {
			t.Errorf("waited %s, longer than there was time", wait)
		}
	}
}

// TestLongBodiesAreSentOnce, in whole, and not kept.
func TestLongBodiesAreSentOnce(t *testing.T) {
	t.Parallel()
	var got int64
	v := start(t, httpclient.VendorOptions{RetryAttempts: 3}, func(w http.ResponseWriter, r *http.Request) {
		got, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadGateway)
	})
	const long = 1 << 20
	req := v.request(t, httpclient.Safe(t.Context()), http.MethodPost, "/", bytes.NewReader(make([]byte, long)))
	if a := v.do(t, req); a.status != 502 || v.requests() != 1 || got != long {
		t.Errorf("got %+v after %d requests of %d bytes", a, v.requests(), got)
	}
}

// TestRefusedConnectionsAreRetried by a server that is not up yet.
func TestRefusedConnectionsAreRetried(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	waits := 0
	o := httpclient.VendorOptions{RetryAttempts: 2}.WithSleep(func(context.Context, time.Duration) error { waits++; return nil })
	g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	_, err = get(t, g.VendorClient(o), "http://"+address)
	wantRefusal(t, address, err, httpclient.ReasonUnreachable, "does not answer")
	if waits != 2 || !strings.Contains(err.Error(), syscall.ECONNREFUSED.Error()) {
		t.Errorf("after %d waits: %v", waits, err)
	}
}
