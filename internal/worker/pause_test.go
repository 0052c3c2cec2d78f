package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

func waitFor(reason string, d time.Duration) error {
	e := connector.Errorf(reason, "The vendor cannot be asked.", "Wait.", nil)
	e.RetryAfter = d
	return e
}

func TestPauses(t *testing.T) {
	t.Parallel()
	const least = 20 * time.Second
	for i, test := range []struct {
		reason  string
		before  int
		further bool
		least   time.Duration
		pauses  int
	}{
		{connector.ReasonUnreachable, 0, false, least, 1},
		{connector.ReasonUnreachable, 1, false, 2 * least, 2},
		{connector.ReasonUnreachable, 3, false, 8 * least, 4},
		{connector.ReasonUnreachable, 6, false, 15 * time.Minute, 7},
		{connector.ReasonUnreachable, 500, false, 15 * time.Minute, 501},
		{connector.ReasonUnreachable, 500, true, least, 1}, // something was read meanwhile
		{connector.ReasonRateLimited, 6, false, least, 0},
	} {
		result := ingest.Result{Pause: least, Why: rampforge.SyncFault{Reason: test.reason}, Further: test.further}
		wait, pauses := worker.PauseOf(rampforge.SyncTask{Pauses: test.before}, result)
		most := test.least + test.least/4
		if test.reason == connector.ReasonRateLimited {
			most = test.least // the vendor's own time is kept
		}
		if pauses != test.pauses || wait < test.least || wait > most {
			t.Errorf("%d: %s, %d in a row", i, wait, pauses)
		}
	}
}

// TestAVendorThatIsAwayIsLeftAloneForLonger has a service whose circuit is open
// be asked three times, the last two by another process.
func TestAVendorThatIsAwayIsLeftAloneForLonger(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var asked atomic.Int64
		away := func(context.Context) error {
			if asked.Add(1) > 3 {
				return nil
			}
			return waitFor(connector.ReasonUnreachable, 20*time.Second)
		}
		past := func(o *worker.Options) { o.Now = func() time.Time { return time.Now().Add(-72 * time.Hour) } } // nobody waits for the end of a pause
		first := start(t, db, "one", 1, completed, serving(func(ctx context.Context) error {
			if asked.Load() == 1 { // it is stopped before it can ask again
				<-ctx.Done()
				return ctx.Err()
			}
			return away(ctx)
		}), past)
		run := first.askSync("svc_a")
		first.eventually("a pause", func() bool {
			task, err := first.store.NewestSync(t.Context(), "svc_a")
			return err == nil && task.Pauses == 1
		})
		first.stop()
		second := start(t, db, "two", 1, completed, serving(away), past)
		if task := second.synced(run); task.Status != rampforge.SyncCompleted || asked.Load() != 4 {
			t.Errorf("%+v after %d requests", task, asked.Load())
		}
		events, _, err := second.store.ReplayEvents(t.Context(), store.Viewer{UserID: "usr_x"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		var waits []time.Duration
		for _, e := range events {
			var until string
			if _, err := fmt.Sscanf(e.Job.Message, "Paused until %s", &until); err != nil {
				continue
			}
			at, err := time.Parse(time.RFC3339, strings.TrimSuffix(until, ":"))
			if err != nil {
				t.Fatal(err)
			}
			waits = append(waits, at.Sub(e.At.Truncate(time.Second)))
		}
		for i, least := range []time.Duration{20 * time.Second, 40 * time.Second, 80 * time.Second} {
			if len(waits) != 3 || waits[i] < least || waits[i] > least+least/4+time.Second {
				t.Fatalf("waited %v", waits)
			}
		}
	})
}

// TestASyncWaitsNoLongerThanADay has the vendor ask for more than a day, before
// anything was read and after one of two streams was.
func TestASyncWaitsNoLongerThanADay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after   int64 // pages that are given out first
		status  rampforge.SyncStatus
		message string
	}{
		"nothing was read":    {0, rampforge.SyncFailed, "Nothing could be read to its end within a day: The vendor cannot be asked."},
		"a part of it was":    {1, rampforge.SyncPartial, "1 of 2 streams could be read to their end within a day; the next sync goes on from there. The vendor cannot be asked."},
		"the circuit is open": {0, rampforge.SyncFailed, "Nothing could be read to its end within a day: The vendor cannot be asked."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *database.DB) {
				reason := connector.ReasonRateLimited
				if name == "the circuit is open" {
					reason = connector.ReasonUnreachable
				}
				var asked atomic.Int64
				p := start(t, db, "one", 1, completed, serving(func(context.Context) error {
					if asked.Add(1) <= test.after {
						return nil
					}
					return waitFor(reason, 25*time.Hour)
				}, rampforge.StreamSprints, rampforge.StreamDocuments))
				task := p.synced(p.askSync("svc_a"))
				if task.Status != test.status || task.Message != test.message || len(task.Faults) != 1 || task.Faults[0].Reason != reason || task.Faults[0].Resource != "R" {
					t.Errorf("%+v", task)
				}
			})
		})
	}
}
