package auth

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge/internal/store"
)

// activityInterval is how often "last seen" is written: it need not be exact to
// the minute, and a write for each request would cost more than the request.
const activityInterval = 30 * time.Second

// activity collects when people, sessions and tokens were last seen and writes
// it off the requests' path.
type activity struct {
	store   *store.Store
	logger  *slog.Logger
	mu      sync.Mutex
	pending store.Activity
	stop    chan struct{}
	done    chan struct{}
}

func newActivity(s *store.Store, logger *slog.Logger) *activity {
	a := &activity{store: s, logger: logger, pending: emptyActivity(), stop: make(chan struct{}), done: make(chan struct{})}
	go a.run()
	return a
}

func emptyActivity() store.Activity {
	return store.Activity{Users: map[string]time.Time{}, Sessions: map[string]time.Time{}, Tokens: map[string]time.Time{}}
}

func (a *activity) session(userID, sessionID string, at time.Time) {
	a.mu.Lock()
	a.pending.Users[userID], a.pending.Sessions[sessionID] = at, at
	a.mu.Unlock()
}

func (a *activity) token(userID, tokenID string, at time.Time) {
	a.mu.Lock()
	a.pending.Users[userID], a.pending.Tokens[tokenID] = at, at
	a.mu.Unlock()
}

func (a *activity) run() {
	defer close(a.done)
	tick := time.NewTicker(activityInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.flush()
		case <-a.stop:
			a.flush()
			return
		}
	}
}

// flush writes what was collected. What cannot be written is dropped: the next
// request of the same person brings it back.
func (a *activity) flush() {
	a.mu.Lock()
	seen := a.pending
	a.pending = emptyActivity()
	a.mu.Unlock()
	if len(seen.Users) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := a.store.RecordActivity(ctx, seen); err != nil {
		a.logger.Warn("when people were last seen was not written", "error", err)
	}
}

func (a *activity) close() {
	close(a.stop)
	<-a.done
}
