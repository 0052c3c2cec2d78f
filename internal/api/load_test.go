package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
)

// TestBusyServerTurnsAway holds all places of a server by requests whose bodies
// do not come, over TCP, and asks for more.
func TestBusyServerTurnsAway(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		address := strings.TrimPrefix(w.server.URL, "http://")
		var held []net.Conn
		for range 2 {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprintf(c, "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
			held = append(held, c)
		}
		var a answer
		for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
			if a = w.raw(http.MethodGet, "/api/v1/status", ""); a.status == http.StatusServiceUnavailable {
				break
			}
		}
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" || !strings.Contains(a.body, "SERVICE_UNAVAILABLE") {
			t.Errorf("%d %v %s", a.status, a.header, a.body)
		}
		if a := w.raw(http.MethodGet, "/api/health/live", ""); a.status != http.StatusOK {
			t.Errorf("a busy server says of itself %d", a.status)
		}
		for _, c := range held { // their places are given back
			fmt.Fprint(c, "        }")
			response, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		if a := w.raw(http.MethodGet, "/api/v1/status", ""); a.status != http.StatusOK {
			t.Errorf("afterwards %d", a.status)
		}
	}, func(s *setting) { s.api.MaxInFlight = 2 })
}

// TestStreamsOfOneUserAreBounded opens as many as there may be, one more, and one
// of somebody else.
func TestStreamsOfOneUserAreBounded(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		open := func(role rampforge.Role) *http.Response {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/api/v1/events", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+w.people[role].session.AccessToken)
			response, err := http.DefaultTransport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { response.Body.Close() })
			return response
		}
		first := open(rampforge.RoleDeveloper)
		for range 19 {
			if r := open(rampforge.RoleDeveloper); r.StatusCode != http.StatusOK {
				t.Fatalf("one of twenty: %d", r.StatusCode)
			}
		}
		if r := open(rampforge.RoleDeveloper); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") == "" {
			t.Errorf("one more: %d", r.StatusCode)
		}
		if r := open(rampforge.RoleObserver); r.StatusCode != http.StatusOK {
			t.Errorf("somebody else's: %d", r.StatusCode)
		}
		first.Body.Close()
		status := 0
		for until := time.Now().Add(20 * time.Second); status != http.StatusOK && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
			r := open(rampforge.RoleDeveloper)
			if status = r.StatusCode; status != http.StatusOK {
				r.Body.Close()
			}
		}
		if status != http.StatusOK {
			t.Errorf("after one was closed: %d", status)
		}
	})
}
