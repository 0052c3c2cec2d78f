package httpclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// TestTenGigabytes are bounded by length and by memory, told or not. It runs alone, as others take memory too.
func TestTenGigabytes(t *testing.T) {
	block := make([]byte, 1<<20)
	for _, told := range []bool{false, true} {
		v := start(t, httpclient.VendorOptions{RetryAttempts: 2}, func(w http.ResponseWriter, _ *http.Request) {
			if told {
				w.Header().Set("Content-Length", fmt.Sprint(10<<30))
			}
			for range 10 << 10 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		})
		res, err := v.Do(v.request(t, t.Context(), http.MethodGet, "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := io.Copy(io.Discard, res.Body)
		runtime.ReadMemStats(&after)
		_ = res.Body.Close()
		if n != 32<<20 || rampforge.ErrorCode(err) != rampforge.CodeExternal || !strings.Contains(rampforge.ErrorMessage(err), "longer than") {
			t.Errorf("told %t: %d bytes, %v", told, n, err)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
			t.Errorf("told %t: the answer took %d bytes of memory", told, grown)
		}
		if v.requests() != 1 {
			t.Errorf("told %t: asked %d times", told, v.requests())
		}
	}
}

// TestNeverEnding answers cost the time-out, of an attempt or of the caller.
func TestNeverEnding(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"silence":        func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a drip":         drip(1),
		"a drip, late":   drip(2 << 20), // after the caller got the answer
		"half, and open": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{"); flush(w); <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var classes []string
			o := httpclient.VendorOptions{Timeout: 200 * time.Millisecond, Observe: func(_ rampforge.ServiceType, class string, _ time.Duration) { classes = append(classes, class) }}
			v := start(t, o, handler)
			began := time.Now()
			got := v.get(t, "/")
			if !errors.Is(got.err, context.DeadlineExceeded) || rampforge.ErrorCode(got.err) != rampforge.CodeExternal || !strings.Contains(rampforge.ErrorMessage(got.err), "within 200ms") {
				t.Errorf("got %v", got.err)
			}
			if want := "timeout"; name != "a drip, late" && (len(classes) != 1 || classes[0] != want) {
				t.Errorf("observed %q, want %q", classes, want)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			patient := start(t, httpclient.VendorOptions{RetryAttempts: 9}, handler)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second) // a busy machine takes long to begin
			defer cancel()
			if got := patient.do(t, patient.request(t, ctx, http.MethodGet, "/", nil)); !errors.Is(got.err, context.DeadlineExceeded) || patient.requests() != 1 {
				t.Errorf("within the caller's time: %v after %d requests", got.err, patient.requests())
			}
		})
	}
}

func flush(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }

// drip sends so much at once, and then a byte at a time.
func drip(first int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, first))
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte{'.'})
			flush(w)
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// TestHangsAreAskedForAgain, as one answer that hangs says little of the next.
func TestHangsAreAskedForAgain(t *testing.T) {
	t.Parallel()
	first := make(chan bool, 1)
	first <- true
	v := start(t, httpclient.VendorOptions{Timeout: 200 * time.Millisecond, RetryAttempts: 2}, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-first:
			<-r.Context().Done()
		default:
			fmt.Fprint(w, "fine")
		}
	})
	if got := v.get(t, "/"); got.body != "fine" || v.requests() != 2 {
		t.Errorf("got %+v after %d requests", got, v.requests())
	}
}

// TestLongAnswersThatBreakOff are the caller's to see: it has bytes already.
func TestLongAnswersThatBreakOff(t *testing.T) {
	t.Parallel()
	v := start(t, httpclient.VendorOptions{RetryAttempts: 3}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(8<<20))
		_, _ = w.Write(make([]byte, 4<<20))
	})
	got := v.get(t, "/")
	if !errors.Is(got.err, io.ErrUnexpectedEOF) || rampforge.ErrorCode(got.err) != rampforge.CodeExternal || len(got.body) != 4<<20 || v.requests() != 1 {
		t.Errorf("%d bytes, %v after %d requests", len(got.body), got.err, v.requests())
	}
}

func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	html := "<html>Please sign in</html>"
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		body   string
		says   string // of the error; "" for none
	}{
		"HTML is the caller's": {raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 27\r\n\r\n" + html), html, ""},
		"more than was told":   {raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0123456789"), "0123", ""},
		"a negative length":    {raw("HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n0123"), "", "failed or broke off"},
		"two lengths":          {raw("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n01234"), "", "failed or broke off"},
		"huge headers":         {raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 2<<20) + "\r\n\r\n"), "", "failed or broke off"},
		"many headers":         {raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: y\r\n", 1<<19) + "\r\n\r\n"), "", "failed or broke off"},
		"another protocol":     {raw("SSH-2.0-OpenSSH_9.6\r\n"), "", "failed or broke off"},
		"no archive":           {raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nthis is not an archi"), "", "failed or broke off"},
		"no such status":       {raw("HTTP/1.1 99999 OK\r\n\r\n"), "", "failed or broke off"},
	} {
		v := start(t, httpclient.VendorOptions{}, test.answer)
		got := v.get(t, "/")
		if got.body != test.body || (got.err == nil) != (test.says == "") || got.err != nil && !strings.Contains(rampforge.ErrorMessage(got.err), test.says) {
			t.Errorf("%s: %q, %v", name, got.body, got.err)
		}
	}
}

// TestBombs: what an archive holds is bounded, not what is sent.
func TestBombs(t *testing.T) {
	t.Parallel()
	bomb := zeros(t, 4<<20)
	v := start(t, httpclient.VendorOptions{MaxBytes: 2 << 20}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	})
	if got := v.get(t, "/"); len(got.body) != 2<<20 || !strings.Contains(rampforge.ErrorMessage(got.err), "longer than") {
		t.Errorf("%d bytes, %v", len(got.body), got.err)
	}
}

// TestEventsAreNotWaitedFor: a stream of events arrives as it comes, and longer
// than one answer may take.
func TestEventsAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	more := make(chan bool)
	v := start(t, httpclient.VendorOptions{Timeout: 100 * time.Millisecond, RetryAttempts: 2}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		for {
			fmt.Fprint(w, "data: x\n\n")
			flush(w)
			if !<-more {
				return
			}
		}
	})
	res, err := v.Do(v.request(t, t.Context(), http.MethodGet, "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buffer := make([]byte, 9)
	for i := range 3 {
		if _, err := io.ReadFull(res.Body, buffer); err != nil || string(buffer) != "data: x\n\n" {
			t.Fatalf("event %d: %q, %v", i, buffer, err)
		}
		time.Sleep(60 * time.Millisecond) // longer in all than an answer may take
		more <- i < 2
	}
	if n, err := res.Body.Read(buffer); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("the end is %d, %v", n, err)
	}
}
