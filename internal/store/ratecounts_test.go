package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestRequestsAreCountedTogether by replicas that have the database alone.
func TestRequestsAreCountedTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		if db.Engine() == database.SQLite {
			t.Skip("one process counts in memory")
		}
		const replicas, events = 3, 60
		var most atomic.Int64
		var group sync.WaitGroup
		for range replicas {
			replica := store.New(db)
			group.Go(func() {
				for range events {
					used, left, err := replica.CountRequest(t.Context(), "api:usr_1", time.Hour)
					if err != nil || left < 59*time.Minute || left > time.Hour {
						t.Errorf("%d, %s, %v", used, left, err)
						return
					}
					for seen := most.Load(); int64(used) > seen && !most.CompareAndSwap(seen, int64(used)); seen = most.Load() {
					}
				}
			})
		}
		group.Wait()
		if most.Load() != replicas*events {
			t.Errorf("%d of %d requests were counted", most.Load(), replicas*events)
		}
		if used, _, err := s.CountRequest(t.Context(), "api:usr_2", time.Hour); used != 1 || err != nil {
			t.Errorf("another key counts %d, %v", used, err)
		}
		// A window that is over begins anew.
		for deadline := time.Now().Add(20 * time.Second); ; {
			used, _, err := s.CountRequest(t.Context(), "short", 30*time.Millisecond)
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%d, %v", used, err)
			}
			if used > 1 { // at least once it was the same window
				break
			}
		}
		time.Sleep(40 * time.Millisecond)
		if used, _, err := s.CountRequest(t.Context(), "short", time.Hour); used != 1 || err != nil {
			t.Errorf("after its window it counts %d, %v", used, err)
		}
		if _, err := s.DeleteOldCounts(t.Context(), time.Now().Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if used, _, _ := s.CountRequest(t.Context(), "api:usr_1", time.Hour); used != 1 {
			t.Errorf("what was forgotten counts %d", used)
		}
	})
}
