package llm

import (
	"sync"
	"time"
)

// SentRequest is what was sent to a model: secrets are masked in it as they were
// for the model.
type SentRequest struct {
	At      time.Time
	Model   string
	Request Request
	Masked  int    // how many secrets
	Outcome string // ok, cut, cancelled, or the kind of an error
	Tokens  Tokens
	Took    time.Duration
}

// Sent keeps the last requests of this process, for an administrator to see what
// leaves the house. It holds what projects hold: nobody else may read it. The
// nil Sent keeps nothing.
type Sent struct {
	mu   sync.Mutex
	last []SentRequest
	next int
}

// NewSent keeps the last n requests; nil for none.
func NewSent(n int) *Sent {
	if n <= 0 {
		return nil
	}
	return &Sent{last: make([]SentRequest, 0, n)}
}

func (s *Sent) add(r SentRequest) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.last) < cap(s.last) {
		s.last = append(s.last, r)
		return
	}
	s.last[s.next] = r
	s.next = (s.next + 1) % len(s.last)
}

// List returns what is kept, newest first.
func (s *Sent) List() []SentRequest {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]SentRequest, 0, len(s.last))
	for i := range s.last {
		out = append(out, s.last[(s.next+len(s.last)-1-i)%len(s.last)])
	}
	return out
}
