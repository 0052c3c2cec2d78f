package api

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	// userStreams is how many streams of events one user may have open here: a
	// browser with many pages, and some programs.
	userStreams = 20
	// allStreams bounds those of everybody, as each holds a connection.
	allStreams = 2000
	// busyWait is when to try again what was turned away.
	busyWait = time.Second
)

// enter counts a request in, and reports whether there is room for it. What says
// whether the process works must be answered when it is busy, and streams of
// events are bounded for themselves.
func (a *API) enter(r *http.Request) (leave func(), room bool) {
	path := r.URL.Path
	if a.options.MaxInFlight <= 0 || strings.HasPrefix(path, "/api/health") || path == "/metrics" || path == "/api/v1/events" {
		return func() {}, true
	}
	if a.busy.Add(1) > int64(a.options.MaxInFlight) {
		a.busy.Add(-1)
		return nil, false
	}
	return func() { a.busy.Add(-1) }, true
}

var errBusy = &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "The server has as many requests as it can take: try again in a moment.", RetryAfter: busyWait}

// streams counts the open streams of events.
type streams struct {
	mu    sync.Mutex
	users map[string]int
	all   int
}

// open takes a place for a stream of a user; close gives it back.
func (s *streams) open(userID string) (closeStream func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == nil {
		s.users = map[string]int{}
	}
	if s.all >= allStreams {
		return nil, errBusy
	}
	if s.users[userID] >= userStreams {
		return nil, &rampforge.Error{Code: rampforge.CodeRateLimited, Message: "You have too many streams of events open: close one.", RetryAfter: retryHint}
	}
	s.users[userID]++
	s.all++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.users[userID]--; s.users[userID] == 0 {
			delete(s.users, userID)
		}
	}), nil
}
