package api_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// narrow is a listener whose connections hold little that the client did not take.
type narrow struct{ net.Listener }

// Accept implements net.Listener.
func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		err = tcp.SetWriteBuffer(4 << 10)
	}
	return c, err
}

// short is how long the servers of these tests wait, and enough how long the tests
// wait for that: a busy machine is no fault.
const (
	short  = time.Second
	enough = time.Minute
)

func hasty(places int) func(*setting) {
	return func(s *setting) {
		s.narrow, s.api.MaxInFlight = true, places
		s.api.Patience = api.Patience{Header: short, Request: short, Body: short, Webhook: short, File: short, Reader: short, Stream: short, Idle: short}
	}
}

// connect opens a connection that takes little by itself, and writes the begin of
// a request.
func (w *world) connect(request string, args ...any) net.Conn {
	w.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		w.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(c, request, args...); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// cutOff reads what the server says until it closes the connection.
func cutOff(t *testing.T, c net.Conn) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(enough))
	text, err := io.ReadAll(c)
	if e, ok := err.(net.Error); ok && e.Timeout() { //nolint:errorlint // of the connection itself
		t.Errorf("the server holds the connection; it said %.200q", text)
	}
	return string(text)
}

// trickle writes a byte at a time until nobody takes it.
func trickle(c net.Conn) {
	for until := time.Now().Add(enough); time.Now().Before(until); time.Sleep(short / 20) {
		if _, err := c.Write([]byte("x")); err != nil {
			return
		}
	}
}

// behaves asks all the time, as a client does that is not slow, and stops with
// the test.
func (w *world) behaves() (stop func() (answered int)) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	done, n := make(chan struct{}), 0
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			switch _, err := w.observer().Me(ctx); {
			case ctx.Err() != nil:
			case err != nil:
				w.t.Errorf("after %d good answers: %v", n, err)
				return
			default:
				n++
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return func() int {
		cancel()
		<-done
		return n
	}
}

// TestSlowClientsAreCutOff sends requests that never end, over TCP, while somebody
// else is answered all along.
func TestSlowClientsAreCutOff(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "slow"})
		if err != nil {
			t.Fatal(err)
		}
		stop := w.behaves()
		const login = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
		file := "POST /api/v1/projects/" + p.ID + "/import?name=slow HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 1000000\r\n" +
			"Authorization: " + w.bearer(rampforge.RoleTeamLead)[1] + "\r\n\r\ncase,activity,time\n"
		t.Run("each", func(t *testing.T) {
			for name, test := range map[string]struct {
				request  string
				trickles bool
				status   int // of an answer; 0 is none
			}{
				"nothing":                   {"", false, 0},
				"a header that trickles":    {"GET /api/health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ", true, 0},
				"a header that stops":       {"GET /api/health/live HTTP/1.1\r\nHost: x\r\n", false, 0},
				"a body that stops":         {login, false, http.StatusBadRequest},
				"a body that trickles":      {login, true, http.StatusBadRequest},
				"a body that nobody reads":  {"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", false, 0},
				"a body in endless chunks":  {"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx", true, http.StatusNotFound},
				"a message of a vendor":     {"POST /api/v1/webhooks/svc_1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{", true, http.StatusBadRequest},
				"a file that stops":         {file, false, http.StatusBadRequest},
				"a file that trickles":      {file, true, http.StatusBadRequest},
				"a connection that is idle": {"GET /api/health/live HTTP/1.1\r\nHost: x\r\n\r\n", false, http.StatusOK},
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					c := w.connect("%s", test.request)
					if test.trickles {
						go trickle(c)
					}
					said := cutOff(t, c)
					if want := fmt.Sprintf("HTTP/1.1 %d ", test.status); test.status != 0 && !strings.HasPrefix(said, want) || test.status == 0 && strings.Contains(said, " 200 ") {
						t.Errorf("want %q, got %.200q", want, said)
					}
				})
			}
		})
		if n := stop(); n == 0 {
			t.Error("nobody was answered meanwhile")
		}
		w.room(t)
	}, hasty(8))
}

// room waits until as many requests as may be are served at the same time: none
// of the places is held.
func (w *world) room(t *testing.T) {
	t.Helper()
	for until := time.Now().Add(enough); w.api.Busy() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d places are held", w.api.Busy())
		}
	}
}

// TestReadersWhoTakeNothing ask for a large answer and do not read it.
func TestReadersWhoTakeNothing(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		whole := len(w.raw("GET", "/openapi.json", "").body)
		for range 3 { // what two of them held is free for the next two
			held := []net.Conn{w.connect("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"), w.connect("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")}
			for until := time.Now().Add(enough); w.api.Busy() < 2; time.Sleep(time.Millisecond) {
				if time.Now().After(until) {
					t.Fatal("they do not hold the places: nothing is shown")
				}
			}
			if a := w.raw("GET", "/api/health/live", ""); a.status != http.StatusOK {
				t.Errorf("meanwhile: %d", a.status)
			}
			w.room(t)
			if a := w.raw("GET", "/api/v1/status", ""); a.status != http.StatusOK {
				t.Errorf("afterwards: %d", a.status)
			}
			for _, c := range held {
				if got := len(cutOff(t, c)); got >= whole {
					t.Errorf("they got all %d bytes", got)
				}
			}
		}
	}, hasty(2))
}

// TestSteadyReadersGetAll takes a large answer in longer than the server waits for
// somebody who takes nothing.
func TestSteadyReadersGetAll(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		want := w.raw("GET", "/openapi.json", "").body
		c := w.connect("")
		if err := c.(*net.TCPConn).SetReadBuffer(4 * paced); err != nil { // or it gets a packet at a time
			t.Fatal(err)
		}
		fmt.Fprint(c, "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReaderSize(pacing{c, time.Duration(len(want) / paced)}, paced), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		if err != nil || string(got) != want {
			t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
		}
	}, hasty(2))
}

// paced is what a steady reader takes at a time.
const paced = 16 << 10

// pacing takes what comes in pieces, and all of it in twice the time that the
// server waits.
type pacing struct {
	net.Conn
	pieces time.Duration
}

// Read implements io.Reader.
func (p pacing) Read(b []byte) (int, error) {
	time.Sleep(2 * short / p.pieces)
	return io.ReadAtLeast(p.Conn, b[:min(len(b), paced)], 1)
}

// say appends events of a job, each of which is large.
func (w *world) say(repositoryID string, n int) {
	w.t.Helper()
	for i := range n {
		err := w.db.InTx(w.t.Context(), func(tx *sql.Tx) error {
			return w.store.AppendEventTx(w.t.Context(), tx, rampforge.Event{
				At: time.Now(), RepositoryID: repositoryID, UserID: w.people[rampforge.RoleTeamLead].user.ID,
				Job: rampforge.JobEvent{ID: fmt.Sprint("ana_", i), Kind: "analysis", State: rampforge.JobRunning, Message: strings.Repeat("m", 20_000)},
			})
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestStreamsWhoseReadersTakeNothing opens as many as one user may have, and
// reads none; another's stream goes on.
func TestStreamsWhoseReadersTakeNothing(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/told")
		if _, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "p", RepositoryURL: r.URL, TeamMembers: []string{"developer@example.com"}}); err != nil {
			t.Fatal(err)
		}
		read := w.follow(t.Context(), w.lead(), 0)
		request := "GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: " + w.bearer(rampforge.RoleDeveloper)[1] + "\r\n\r\n"
		for range 20 {
			w.connect("%s", request)
		}
		open := func() int {
			c := w.connect("%s", request)
			defer c.Close()
			_ = c.SetReadDeadline(time.Now().Add(enough))
			response, err := http.ReadResponse(bufio.NewReader(c), nil) //nolint:bodyclose // that would read the stream to its end
			if err != nil {
				t.Fatal(err)
			}
			return response.StatusCode
		}
		until := time.Now().Add(enough)
		for w.api.Watchers() < 21 && time.Now().Before(until) {
			time.Sleep(10 * time.Millisecond)
		}
		if status := open(); status != http.StatusTooManyRequests {
			t.Fatalf("one more: %d", status)
		}
		const events = 30
		w.say(r.ID, events)
		for range events {
			next(t, read)
		}
		for w.api.Watchers() > 1 && time.Now().Before(until) {
			time.Sleep(10 * time.Millisecond)
		}
		if n := w.api.Watchers(); n != 1 {
			t.Errorf("%d streams", n)
		}
		if status := open(); status != http.StatusOK {
			t.Errorf("afterwards: %d", status)
		}
		w.say(r.ID, 1)
		next(t, read)
	}, hasty(4))
}

// TestLongWorkIsNotBrokenOff waits longer for an end than the server waits for a
// request: the time for a body must not end what comes after it.
func TestLongWorkIsNotBrokenOff(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/long")
		read := w.follow(t.Context(), w.lead(), 0)
		type result struct {
			started client.Started
			err     error
		}
		done := make(chan result, 1)
		go func() {
			started, err := w.lead().Analyze(t.Context(), r.ID, client.AnalysisRequest{}, time.Minute)
			done <- result{started, err}
		}()
		id := next(t, read).Job.ID
		time.Sleep(2 * short) // the times that are tested pass
		w.finish(id, sampleReport)
		if got := <-done; got.err != nil || got.started.Status != rampforge.AnalysisCompleted {
			t.Errorf("%+v", got)
		}
		if e := next(t, read); e.Job.ID != id {
			t.Errorf("%+v", e)
		}
	}, hasty(4))
}
