package ingest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
)

// TestAResourceThatIsGone is kept for a week. What it held is then taken for
// gone, and comes back with it.
func TestAResourceThatIsGone(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		b.vendor.gone = "two"
		day := func(deleted int64, note string) {
			b.t.Helper()
			b.now = b.now.Add(24 * time.Hour)
			result, task := b.sync(false)
			if task.Deleted != deleted || result.Status != rampforge.SyncCompleted || len(task.Notes) != 1 || task.Notes[0].Resource != "KEY-two" || task.Notes[0].Reason != connector.ReasonNotFound || !strings.Contains(task.Notes[0].Message, note) {
				b.t.Errorf("%+v, %+v", result, task)
			}
		}
		for range 3 {
			day(0, "from 2026-03-09T")
		}
		b.vendor.gone = ""
		if result, _ := b.sync(false); len(result.Notes) != 0 {
			b.t.Errorf("it is there again: %+v", result)
		}
		b.same()
		b.vendor.gone = "two" // the week begins anew
		for range 7 {
			day(0, "from 2026-03-12T")
		}
		b.now = b.now.Add(time.Minute)
		day(10, "10 records")
		if got := b.kept("1", "2"); got["1"] != "gone" || got["2"] != "Item 2" {
			b.t.Errorf("%v", got)
		}
		if result, task := b.sync(false); len(result.Notes) != 0 || task.Deleted != 0 {
			b.t.Errorf("it is told once: %+v, %+v", result, task)
		}
		b.vendor.gone = ""
		b.vendor.remove("3")
		b.sync(false)
		b.same()
	})
}

// TestOnlyAWholeListMissesAResource has a list break off, and one that is
// narrowed: neither says that the rest is gone.
func TestOnlyAWholeListMissesAResource(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		quick := func(task rampforge.SyncTask, want rampforge.SyncStatus) {
			b.t.Helper()
			if result := b.work(task.ID); result.Status != want || len(result.Notes) != 0 {
				b.t.Errorf("%+v", result)
			}
			b.now = b.now.Add(8 * 24 * time.Hour)
		}
		b.vendor.gone = "two"
		quick(b.ask(false, "one"), rampforge.SyncCompleted)
		quick(b.ask(false, "one"), rampforge.SyncCompleted)
		b.vendor.before = func(what string) error {
			if what == "resources" {
				return connector.Errorf(connector.ReasonVendor, "It broke off.", "Wait.", nil)
			}
			return nil
		}
		quick(b.ask(false), rampforge.SyncFailed)
		quick(b.ask(false), rampforge.SyncFailed)
		b.same()
	})
}

// TestASprintOfAResourceThatIsGone goes with the last project that showed it.
func TestASprintOfAResourceThatIsGone(t *testing.T) {
	each(t, 0, func(b *bench) {
		v := &boards{vendor: b.vendor, show: map[string][]string{"one": {"1"}, "two": {"1", "2"}}}
		sync := func() ingest.Result {
			b.t.Helper()
			c, task := b.start(false)
			result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, v)
			if err != nil {
				b.t.Fatal(err)
			}
			b.end(c, result)
			b.now = b.now.Add(8 * 24 * time.Hour)
			return result
		}
		sync()
		v.gone = "two"
		sync()
		if result := sync(); len(result.Notes) != 1 || !strings.Contains(result.Notes[0].Message, "1 records") {
			b.t.Errorf("%+v", result)
		}
		for id, gone := range map[string]bool{"1": false, "2": true} {
			if r, err := b.store.Record(b.t.Context(), b.service.ID, rampforge.StreamSprints, id); err != nil || (r.DeletedAt != nil) != gone {
				b.t.Errorf("sprint %s: %+v, %v", id, r, err)
			}
		}
	})
}
