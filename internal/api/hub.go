package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	// tailInterval is how often the stored events are looked at.
	tailInterval = 300 * time.Millisecond
	// watcherBuffer is how many events a slow reader may be behind.
	watcherBuffer = 256
)

// hub reads the stored events once for the whole process and hands them to
// whoever watches. A watcher that does not keep up is let go: it never holds
// up the others, and finds what it missed in the store.
type hub struct {
	store  *store.Store
	logger *slog.Logger

	mu       sync.Mutex
	watchers map[*watcher]struct{}
	closed   bool

	stands chan struct{} // closed when the first position was read
	cancel context.CancelFunc
	done   chan struct{}
}

type watcher struct {
	events chan rampforge.Event // closed when the watcher was let go
}

func newHub(s *store.Store, logger *slog.Logger) *hub {
	return &hub{store: s, logger: logger, watchers: map[*watcher]struct{}{}, stands: make(chan struct{}), done: make(chan struct{})}
}

func (h *hub) start() {
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel = cancel
	go h.run(ctx)
}

func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	for w := range h.watchers {
		h.drop(w)
	}
	h.mu.Unlock()
	h.cancel()
	<-h.done
}

// watch begins to watch. The watcher must be left.
func (h *hub) watch() *watcher {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := &watcher{events: make(chan rampforge.Event, watcherBuffer)}
	if h.closed {
		close(w.events)
		return w
	}
	h.watchers[w] = struct{}{}
	return w
}

func (h *hub) leave(w *watcher) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.watchers[w]; there {
		h.drop(w)
	}
}

func (h *hub) drop(w *watcher) {
	delete(h.watchers, w)
	close(w.events)
}

// run follows the events until ctx ends. While the database does not answer
// it tries again; a tail that stands keeps its place.
func (h *hub) run(ctx context.Context) {
	defer close(h.done)
	tick := time.NewTicker(tailInterval)
	defer tick.Stop()
	var tail *store.EventTail
	var failing bool
	for {
		var err error
		if tail == nil {
			if tail, err = h.store.TailEvents(ctx); err == nil {
				close(h.stands)
			}
		} else {
			err = h.read(ctx, tail)
		}
		if err != nil && ctx.Err() == nil && !failing {
			h.logger.WarnContext(ctx, "events cannot be read", "error", err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (h *hub) read(ctx context.Context, tail *store.EventTail) error {
	events, err := tail.Next(ctx, time.Now())
	if err != nil || len(events) == 0 {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for w := range h.watchers {
		for _, e := range events {
			select {
			case w.events <- e:
				continue
			default:
				h.drop(w)
			}
			break
		}
	}
	return nil
}

// until waits for an event of a job that changes its state. It answers false
// when the time is over, the request ended, or the watcher was let go.
func (w *watcher) until(ctx context.Context, jobID string, end <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-end:
			return false
		case e, ok := <-w.events:
			if !ok {
				return false
			}
			if e.Job.ID == jobID && rampforge.AnalysisStatus(e.Job.State).Finished() {
				return true
			}
		}
	}
}
