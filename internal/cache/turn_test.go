package cache_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/cache"
)

// TestTurnsComeOneByOne: of all that ask, in one process or in several, one at a
// time has its turn, and who had to wait knows it.
func TestTurnsComeOneByOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		k := key(t, "turn")
		const clients, each = 3, 4
		var group sync.WaitGroup
		var held, most, unaware atomic.Int64
		for range clients {
			c := open()
			for range each {
				group.Go(func() {
					done, waited := c.Turn(t.Context(), k)
					defer done()
					most.Store(max(most.Load(), held.Add(1)))
					if !waited {
						unaware.Add(1)
					}
					time.Sleep(2 * time.Millisecond)
					held.Add(-1)
				})
			}
		}
		group.Wait()
		// Who comes when all are done has nobody to wait for.
		if most.Load() != 1 || unaware.Load() == clients*each {
			t.Errorf("%d had their turn at once, %d waited for nobody", most.Load(), unaware.Load())
		}
	})
}

// TestTurnIsGivenUp by who does not wait any longer, without taking it from who
// has it.
func TestTurnIsGivenUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		k := key(t, "turn")
		done, waited := open().Turn(t.Context(), k)
		if waited {
			t.Error("nobody was there to wait for")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		other := open()
		end, waited := other.Turn(ctx, k)
		end()
		if !waited || ctx.Err() == nil {
			t.Error("somebody else's turn came while it was held")
		}
		done()
		again, _ := other.Turn(t.Context(), k)
		again()
	})
}

// TestChangedValuesAreSeen although this process has copies of its own.
func TestChangedValuesAreSeen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		k, one, other := key(t, "value"), open(), open()
		if _, ok := one.Get(t.Context(), k); ok { // that there is none is a copy too
			t.Fatal("there is something")
		}
		for i := range 50 {
			want := string(rune('a' + i%26))
			other.Set(t.Context(), k, []byte(want), time.Minute)
			// The other's change and this one's question go by two connections.
			deadline := time.Now().Add(10 * time.Second)
			for {
				got, _ := one.Get(t.Context(), k)
				if string(got) == want {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("change %d is not seen: %q", i, got)
				}
			}
		}
	})
}
