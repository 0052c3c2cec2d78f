package search

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/store"
)

// What is written at once grows where nobody waits for it, and shrinks where
// somebody waits too long.
func TestBatchesFollowTheWait(t *testing.T) {
	t.Parallel()
	w := &writer{Indexer: &Indexer{Now: time.Now}, batch: leastBatch}
	after := func(held time.Duration) int {
		w.adapt(held)
		return w.batch
	}
	if got := after(maxHeld * 3 / 4); got != leastBatch {
		t.Errorf("%d bytes after what took as long as it may", got)
	}
	for range 10 {
		before := w.batch
		if got := after(0); got != min(2*before, mostBatch) {
			t.Errorf("%d bytes after %d, for which nobody waited", got, before)
		}
	}
	if w.batch != mostBatch {
		t.Errorf("%d bytes at last", w.batch)
	}
	for range 10 {
		before := w.batch
		if got := after(2 * maxHeld); got != max(before/2, leastBatch) {
			t.Errorf("%d bytes after %d, for which somebody waited", got, before)
		}
	}
	if w.batch != leastBatch {
		t.Errorf("%d bytes at last", w.batch)
	}
}

// Those who index at once take turns with their rests: while one rests, the other
// writes nothing.
func TestScopesRestTogether(t *testing.T) {
	t.Parallel()
	x := &Indexer{Now: time.Now, Rest: 1000}
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	wrote := make(chan struct{}, 2)
	write := func() (time.Duration, error) {
		time.Sleep(2 * time.Millisecond) // so that the rest is the longest there is
		wrote <- struct{}{}
		return 0, nil
	}
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			ended <- (&writer{Indexer: x, batch: leastBatch, claim: store.SearchClaim{}}).inTurn(ctx, write)
		}()
	}
	<-wrote
	over := errors.New("the end")
	stop(over)
	// The first rests no more, and the second writes after it.
	for range 2 {
		if err := <-ended; !errors.Is(err, over) {
			t.Errorf("it ended with %v", err)
		}
	}
	if len(wrote) != 1 {
		t.Errorf("%d wrote later", len(wrote))
	}
}
