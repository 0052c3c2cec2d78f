package httpclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

func isOpen(err error) bool {
	e, ok := errors.AsType[*rampforge.Error](err)
	return ok && e.Details["reason"] == httpclient.ReasonCircuitOpen
}

func TestCircuitOpens(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]http.HandlerFunc{
		"500": status(500), "503": status(503), "closed": faults["closed"], "half a body": faults["half a body"],
		"silent": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := start(t, httpclient.VendorOptions{Timeout: 100 * time.Millisecond, Vendor: rampforge.ServiceJira}, fault)
			for i := range httpclient.BreakAfter {
				if got := v.get(t, "/"); isOpen(got.err) {
					t.Fatalf("open after %d failures", i)
				}
			}
			got := v.get(t, "/")
			if !isOpen(got.err) || v.requests() != httpclient.BreakAfter {
				t.Fatalf("after enough failures: %+v and %d requests", got, v.requests())
			}
			e, _ := errors.AsType[*rampforge.Error](got.err)
			if e.Code != rampforge.CodeExternal || e.RetryAfter <= 0 || e.RetryAfter > 30*time.Second || !strings.Contains(e.Message, "jira failed 10 times in a row") || e.Err == nil {
				t.Errorf("the error is %+v", e)
			}
		})
	}
}

func TestCircuitStaysClosed(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{"401": status(401), "404": status(404), "422": status(422), "429": status(429), "304": status(304)} {
		v := start(t, httpclient.VendorOptions{}, handler)
		for range httpclient.BreakAfter + 2 {
			if got := v.get(t, "/"); isOpen(got.err) {
				t.Errorf("%s opens the circuit", name)
			}
		}
	}
	n := 0
	v := start(t, httpclient.VendorOptions{MaxBytes: 10}, func(w http.ResponseWriter, r *http.Request) {
		if n++; n%httpclient.BreakAfter == 0 { // one failure too few, and a sign of life
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	for range 4 * httpclient.BreakAfter {
		if got := v.get(t, "/"); isOpen(got.err) {
			t.Error("failures that are not in a row open the circuit")
		}
	}
	// What the caller gave up, and what was too long, say nothing.
	v = start(t, httpclient.VendorOptions{MaxBytes: 10}, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			_, _ = io.WriteString(w, strings.Repeat("x", 11))
			return
		}
		<-r.Context().Done()
	})
	for range httpclient.BreakAfter + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		if got := v.do(t, v.request(t, ctx, http.MethodGet, "/", nil)); !errors.Is(got.err, context.Canceled) {
			t.Errorf("what was given up gives %+v", got)
		}
		if got := v.get(t, "/long"); got.err == nil || isOpen(got.err) {
			t.Errorf("what is too long gives %+v", got)
		}
	}
}

// TestCircuitCloses lets the time pass in a bubble, where the network is a pipe.
func TestCircuitCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fails, asked := true, 0
		g := guard(t, httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
		g.SetDial(func(context.Context, string, string) (net.Conn, error) {
			asked++
			if fails {
				return nil, errors.New("no route to host")
			}
			ours, theirs := net.Pipe()
			go func() {
				_, _ = theirs.Read(make([]byte, 4096))
				_, _ = io.WriteString(theirs, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
				_ = theirs.Close()
			}()
			return ours, nil
		})
		client := g.VendorClient(httpclient.VendorOptions{})
		defer client.CloseIdleConnections()
		ask := func() error { _, err := get(t, client, "http://127.0.0.1/"); return err }
		want := func(when string, open bool, requests int) {
			t.Helper()
			if err := ask(); isOpen(err) != open || asked != requests {
				t.Errorf("%s: %v after %d requests, want %d", when, err, asked, requests)
			}
		}
		const n = httpclient.BreakAfter
		for range n {
			_ = ask()
		}
		want("at once", true, n)
		time.Sleep(29 * time.Second)
		want("after 29 s", true, n)
		time.Sleep(2 * time.Second)
		want("half open, and failing", false, n+1)
		want("open again", true, n+1)
		time.Sleep(31 * time.Second)
		fails = false
		want("half open, and working", false, n+2)
		want("closed", false, n+3)
		fails = true
		want("one failure", false, n+4)
		want("two failures", false, n+5)
	})
}
