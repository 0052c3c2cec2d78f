package connectortest

import (
	"net/http"
	"sync"
)

// Stage is what a fake vendor lets a test do: answer for it, change something
// between two requests, and see what was asked. The zero value does nothing.
type Stage struct {
	mu       sync.Mutex
	fail     http.Handler
	before   func(*http.Request)
	requests []string // paths with queries, in order
}

// Fail makes every answer be written by the handler; nil ends that.
func (s *Stage) Fail(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = h
}

// Before calls f before each request is answered, so that a test can change
// something between two pages. It may call the fake's methods that change.
func (s *Stage) Before(f func(*http.Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = f
}

// Requests returns what has been asked for since the last call.
func (s *Stage) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.requests
	s.requests = nil
	return asked
}

// Enter notes a request. It answers true when the request has been answered
// for the fake.
func (s *Stage) Enter(w http.ResponseWriter, r *http.Request) (answered bool) {
	s.mu.Lock()
	fail, before := s.fail, s.before
	s.requests = append(s.requests, r.URL.RequestURI())
	s.mu.Unlock()
	if fail != nil {
		fail.ServeHTTP(w, r)
		return true
	}
	if before != nil {
		before(r)
	}
	return false
}
