package measure

import (
	"context"
	"sync"

	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// shared has a thing made once for all who ask for it at the same time. It is
// made as long as one of them waits: who asked first may go away. It is safe
// for concurrent use.
type shared[K comparable, V any] struct {
	mu     sync.Mutex
	making map[K]*making[V]
}

type making[V any] struct {
	waiting int
	stop    context.CancelFunc
	done    chan struct{} // closed when the rest is there
	value   V
	err     error
}

func newShared[K comparable, V any]() *shared[K, V] {
	return &shared[K, V]{making: map[K]*making[V]{}}
}

// get returns what is made of a key. The context that work gets ends when nobody
// waits any more.
func (s *shared[K, V]) get(ctx context.Context, key K, work func(context.Context) (V, error)) (V, error) {
	m := s.join(ctx, key, work)
	select {
	case <-m.done:
		return m.value, m.err
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		if m.waiting--; m.waiting == 0 {
			m.stop()
			s.forget(key, m)
		}
		var none V
		return none, ctx.Err()
	}
}

func (s *shared[K, V]) join(ctx context.Context, key K, work func(context.Context) (V, error)) *making[V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.making[key]; m != nil {
		m.waiting++
		return m
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	m := &making[V]{waiting: 1, stop: stop, done: make(chan struct{})}
	s.making[key] = m
	go func() {
		defer stop()
		m.err = parallel.Safe(func() (err error) {
			m.value, err = work(working)
			return err
		})
		s.mu.Lock()
		s.forget(key, m)
		s.mu.Unlock()
		close(m.done)
	}()
	return m
}

// forget lets the next who asks have it made anew.
func (s *shared[K, V]) forget(key K, m *making[V]) {
	if s.making[key] == m {
		delete(s.making, key)
	}
}
