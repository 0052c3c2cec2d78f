package store

import (
	"context"
	"sync"

	"github.com/rampforgeai/rampforge/internal/database"
)

// rememberAtMost bounds what is remembered, in bytes; then all is forgotten.
const rememberAtMost = 8 << 20

// memory remembers what was read for as long as the database has the stamp it
// had before that reading. Anybody's commit, of this process or of another,
// forgets everything; so an ended session is refused by the next request.
type memory struct {
	mu     sync.RWMutex
	stamp  database.Stamp
	values map[any]any
	bytes  int
}

// remember returns what was read under key since the last commit, or reads it.
// The key's type tells it from the keys of others. What is returned is shared:
// it must not be changed. Errors are not remembered. weigh says about how many
// bytes an answer takes.
func remember[K comparable, V any](ctx context.Context, s *Store, key K, weigh func(V) int, read func() (V, error)) (V, error) {
	stamp, ok := s.db.Stamp(ctx)
	if !ok {
		return read()
	}
	if known, ok := s.memory.get(stamp, key).(V); ok {
		return known, nil
	}
	// The stamp is older than the reading: what is committed in between is read,
	// and forgotten at the next look.
	value, err := read()
	if err == nil {
		s.memory.put(stamp, key, value, weigh(value))
	}
	return value, err
}

func (m *memory) get(stamp database.Stamp, key any) any {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.stamp != stamp {
		return nil
	}
	return m.values[key]
}

func (m *memory) put(stamp database.Stamp, key, value any, weight int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stamp != stamp || m.bytes+weight > rememberAtMost {
		m.stamp, m.values, m.bytes = stamp, map[any]any{}, 0
	}
	if weight > rememberAtMost/8 {
		return // it would push out much for little
	}
	m.bytes += weight
	m.values[key] = value
}
