package cache

import (
	"time"

	"github.com/maypok86/otter/v2"
)

// maxKeys bounds the memory of the counts to a few dozen MiB. The least used
// keys go first when somebody comes from more addresses than that.
const maxKeys = 200_000

// memory counts in this process.
type memory struct {
	now    func() time.Time
	counts *otter.Cache[string, Count]
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, counts: otter.Must(&otter.Options[string, Count]{
		MaximumSize: maxKeys,
		// The window's end is in the value; this only frees what ended.
		ExpiryCalculator: otter.ExpiryCreatingFunc(func(e otter.Entry[string, Count]) time.Duration {
			return e.Value.Reset.Sub(now()) + time.Second
		}),
	})}
}

func (m *memory) add(key string, window time.Duration) Count {
	now := m.now()
	count, _ := m.counts.Compute(key, func(old Count, found bool) (Count, otter.ComputeOp) {
		if !found || !now.Before(old.Reset) {
			return Count{Used: 1, Reset: now.Add(window)}, otter.WriteOp
		}
		old.Used++
		return old, otter.WriteOp
	})
	return count
}
