package httpclient

import (
	"context"
	"sync"
	"time"
)

// Shared is what the replicas know together of a service's limits.
type Shared interface {
	// Take counts one request of key, of which no more than limit may fall
	// into any window, and returns the zero time. When there is no room it
	// counts nothing and returns when there will be.
	Take(ctx context.Context, key string, limit int, window time.Duration) (time.Time, error)
	// Return takes back the latest request of key.
	Return(ctx context.Context, key string) error
	// Pause keeps key silent until then, or longer when that is known already.
	Pause(ctx context.Context, key string, until time.Time) error
	// PauseUntil returns when the last of the keys may speak again; a time
	// that has passed, or the zero time, is now.
	PauseUntil(ctx context.Context, keys ...string) (time.Time, error)
}

const (
	// maxTaken bounds the times that are kept for one key: what is allowed
	// more often than that is as good as not limited.
	maxTaken = 100_000
	// maxLocalKeys bounds the keys. A service has four or five.
	maxLocalKeys = 20_000
)

// Local is a Shared for one process. It is safe for concurrent use.
type Local struct {
	now    func() time.Time
	mu     sync.Mutex
	taken  map[string]*taken
	pauses map[string]time.Time
}

// NewLocal returns a Local; a nil clock is time.Now.
func NewLocal(now func() time.Time) *Local {
	if now == nil {
		now = time.Now
	}
	return &Local{now: now, taken: map[string]*taken{}, pauses: map[string]time.Time{}}
}

// taken is when the latest requests of a key were made, oldest first.
type taken struct {
	times  []time.Time
	first  int       // index of the oldest: the slice is a ring once it is full
	useful time.Time // until when anybody needs to know
}

// Take implements Shared. It is exact: the times of the latest requests are
// kept, and there is room when the one that is limit requests back has left
// the window.
func (l *Local) Take(_ context.Context, key string, limit int, window time.Duration) (time.Time, error) {
	limit = min(max(limit, 1), maxTaken)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	t := l.taken[key]
	if t == nil {
		l.sweep(now)
		t = &taken{}
		l.taken[key] = t
	}
	t.resize(limit)
	if len(t.times) == limit {
		oldest := t.times[t.first]
		if free := oldest.Add(window); free.After(now) && !oldest.After(now) { // else the clock was set back
			return free, nil
		}
		t.times[t.first] = now
		t.first = (t.first + 1) % limit
	} else {
		t.times = append(t.times, now)
	}
	t.useful = now.Add(window)
	return time.Time{}, nil
}

// resize makes room for another limit than before and keeps what is latest.
func (t *taken) resize(limit int) {
	if len(t.times) == limit || t.first == 0 && len(t.times) < limit {
		return
	}
	ordered := append(append(make([]time.Time, 0, limit), t.times[t.first:]...), t.times[:t.first]...)
	t.times, t.first = ordered[max(len(ordered)-limit, 0):], 0
}

// Return implements Shared.
func (l *Local) Return(_ context.Context, key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.taken[key]
	if t == nil || len(t.times) == 0 {
		return nil
	}
	if t.first == 0 {
		t.times = t.times[:len(t.times)-1]
		return nil
	}
	t.first-- // the latest stands before the oldest, and becomes the oldest of all
	t.times[t.first] = time.Time{}
	return nil
}

// Pause implements Shared.
func (l *Local) Pause(_ context.Context, key string, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	known, ok := l.pauses[key]
	if !ok {
		l.sweep(l.now())
	}
	if until.After(known) {
		l.pauses[key] = until
	}
	return nil
}

// PauseUntil implements Shared.
func (l *Local) PauseUntil(_ context.Context, keys ...string) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var last time.Time
	for _, key := range keys {
		if until := l.pauses[key]; until.After(last) {
			last = until
		}
	}
	return last, nil
}

// sweep makes room for a new key: what nobody needs to know any more goes
// first, then anything.
func (l *Local) sweep(now time.Time) {
	if len(l.taken)+len(l.pauses) < maxLocalKeys {
		return
	}
	for key, t := range l.taken {
		if !t.useful.After(now) {
			delete(l.taken, key)
		}
	}
	for key, until := range l.pauses {
		if !until.After(now) {
			delete(l.pauses, key)
		}
	}
	for key := range l.taken {
		if len(l.taken)+len(l.pauses) < maxLocalKeys {
			return
		}
		delete(l.taken, key)
	}
	for key := range l.pauses {
		if len(l.pauses) < maxLocalKeys {
			return
		}
		delete(l.pauses, key)
	}
}
