package ingest_test

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
)

// ask asks for a sync of some resources, none of all, and returns its task.
func (b *bench) ask(force bool, resources ...string) rampforge.SyncTask {
	b.t.Helper()
	var run rampforge.SyncRun
	err := b.store.InTx(b.t.Context(), func(tx *sql.Tx) (err error) {
		run, err = b.store.StartSyncTx(b.t.Context(), tx, store.SyncRequest{
			RunID: store.NewID("sync"), Services: []rampforge.Service{b.service}, Resources: map[string][]string{b.service.ID: resources}, Force: force, RequestedBy: "usr_x", At: b.tick(),
		}, b.enqueue)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return run.Tasks[0]
}

// work brings a task to its end, or to its pause.
func (b *bench) work(taskID string) ingest.Result {
	b.t.Helper()
	c, task := b.claim(taskID)
	result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor)
	if err == nil && result.Pause > 0 {
		err = b.store.PauseSync(b.t.Context(), c, store.SyncPause{Until: b.now.Add(result.Pause), Message: "Paused."}, b.tick(), b.enqueue)
	} else if err == nil {
		err = b.store.FinishSync(b.t.Context(), c, store.SyncEnd{Status: result.Status, Faults: result.Faults, Notes: result.Notes, Message: "Done."}, b.tick(), b.enqueue)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

func (b *bench) newest() rampforge.SyncTask {
	b.t.Helper()
	task, err := b.store.NewestSync(b.t.Context(), b.service.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return task
}

func TestANarrowedSyncReadsItsResources(t *testing.T) {
	each(t, 20, func(b *bench) {
		if result := b.work(b.ask(false, "two").ID); result.Status != rampforge.SyncCompleted || b.newest().Records != 10 {
			b.t.Errorf("%+v, %+v", result, b.newest())
		}
		if result := b.work(b.ask(false, "two", "none").ID); result.Status != rampforge.SyncPartial || result.Faults[0].Reason != connector.ReasonNotFound {
			b.t.Errorf("%+v", result)
		}
		b.service.Scope = []string{"one"}
		if result := b.work(b.ask(false, "two").ID); result.Status != rampforge.SyncFailed || result.Faults[0].Reason != ingest.ReasonConfiguration {
			b.t.Errorf("%+v", result)
		}
	})
}

func TestRequestsThatMeet(t *testing.T) {
	each(t, 20, func(b *bench) {
		// Nothing was read yet: the task is widened.
		first := b.ask(false, "one")
		if same := b.ask(true, "two"); same.ID != first.ID || !slices.Equal(same.Resources, []string{"one", "two"}) || !same.Force || !slices.Equal(same.Forced, []string{"two"}) {
			b.t.Errorf("%+v", same)
		}
		c, task := b.claim(first.ID)
		// What it covers joins it; what it does not follows it.
		if same := b.ask(false, "one"); same.ID != first.ID {
			b.t.Errorf("%+v", same)
		}
		next := b.ask(true, "one")
		if next.ID == first.ID || next.Status != rampforge.SyncQueued || b.job != 1 {
			b.t.Errorf("%+v with %d jobs", next, b.job)
		}
		if same := b.ask(false); same.ID != next.ID || !same.Full() || !slices.Equal(same.Forced, []string{"one"}) {
			b.t.Errorf("%+v", same)
		}
		// It is nobody's to work before the one before it ended.
		if silent, err := b.store.SilentSyncs(b.t.Context(), b.now.Add(time.Hour), 10); err != nil || len(silent) != 1 || silent[0].TaskID != first.ID {
			b.t.Errorf("%+v, %v", silent, err)
		}
		if _, err := b.syncer().Sync(b.t.Context(), c, task, b.service, b.vendor); err != nil {
			b.t.Fatal(err)
		}
		if err := b.store.FinishSync(b.t.Context(), c, store.SyncEnd{Status: rampforge.SyncCompleted}, b.tick(), b.enqueue); err != nil || b.job != 2 {
			b.t.Fatalf("%v with %d jobs", err, b.job)
		}
		if result := b.work(next.ID); result.Status != rampforge.SyncCompleted {
			b.t.Errorf("%+v", result)
		}
		b.same()
	})
}

// TestTheSweepBeginsWhatFollows ends a task whose worker is gone for good.
func TestTheSweepBeginsWhatFollows(t *testing.T) {
	each(t, 4, func(b *bench) {
		first := b.ask(false, "one")
		b.claim(first.ID)
		next := b.ask(false)
		silent, err := b.store.SilentSyncs(b.t.Context(), b.tick(), 10)
		if err != nil || len(silent) != 1 {
			b.t.Fatalf("%+v, %v", silent, err)
		}
		if won, err := b.store.EndSilentSync(b.t.Context(), silent[0], rampforge.SyncFailed, rampforge.SyncFault{Reason: "lost"}, b.now, b.tick(), b.enqueue); err != nil || !won {
			b.t.Fatalf("%v, %v", won, err)
		}
		if result := b.work(next.ID); result.Status != rampforge.SyncCompleted {
			b.t.Errorf("%+v", result)
		}
	})
}

func limited() error {
	e := connector.Errorf(connector.ReasonRateLimited, "Too many requests.", "Wait.", nil)
	e.RetryAfter = time.Minute
	return e
}

// TestALimitPausesASync has the vendor take no more requests in the second
// resource of a sync from the beginning: what was read is not read again.
func TestALimitPausesASync(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.sync(false)
		task := b.ask(true)
		pages := 0
		b.vendor.before = func(what string) error {
			if what == "page" {
				if pages++; pages == 7 {
					return limited()
				}
			}
			return nil
		}
		if result := b.work(task.ID); result.Pause != time.Minute || result.Status != rampforge.SyncRunning {
			b.t.Fatalf("%+v", result)
		}
		paused := b.newest()
		if paused.State() != rampforge.SyncRunning || paused.PausedUntil == nil || paused.Message != "Paused." || paused.Progress.StreamsDone != 1 || paused.Progress.StreamsTotal != 2 {
			b.t.Errorf("%+v", paused)
		}
		// More from the beginning would be missed in what was read already.
		if same := b.ask(true); same.ID != task.ID {
			b.t.Errorf("%+v", same)
		}
		if result := b.work(task.ID); result.Status != rampforge.SyncCompleted || pages != 7+2 {
			b.t.Errorf("%+v after %d pages", result, pages)
		}
		if ended := b.newest(); ended.Records != 20 || ended.PausedUntil != nil || ended.Progress.ResourcesDone != 2 {
			b.t.Errorf("%+v", ended)
		}
	})
}

func TestAStreamThatAServerLacksIsANote(t *testing.T) {
	each(t, 20, func(b *bench) {
		pages := 0
		b.vendor.before = func(what string) error {
			if what == "page" {
				if pages++; pages == 1 {
					return connector.Errorf(connector.ReasonUnsupported, "This server has none.", "Nothing.", nil)
				}
			}
			return nil
		}
		result, task := b.sync(false)
		if result.Status != rampforge.SyncCompleted || len(task.Faults) != 0 || len(task.Notes) != 1 || task.Notes[0].Resource != "KEY-one" || task.Records != 10 {
			b.t.Errorf("%+v, %+v", result, task)
		}
	})
}

// TestARecordThatIsLeftOutIsANote: what a server leaves out of a stream is told
// once, however often it is met, and costs nothing else.
func TestARecordThatIsLeftOutIsANote(t *testing.T) {
	each(t, 20, func(b *bench) {
		b.vendor.notes = []error{connector.Errorf(connector.ReasonUnsupported, "One is left out.", "Nothing.", nil)}
		result, task := b.sync(false)
		if result.Status != rampforge.SyncCompleted || len(task.Faults) != 0 || task.Records != 20 || len(task.Notes) != 2 || task.Notes[0].Message != "One is left out." ||
			task.Notes[0].Stream != rampforge.StreamWorkItems {
			b.t.Errorf("%+v, %+v", result, task)
		}
	})
}

// TestWhatMovedIsNotBuried moves an item to a resource that cannot be read
// just now: where it was it is gone, and yet it is not.
func TestWhatMovedIsNotBuried(t *testing.T) {
	each(t, 30, func(b *bench) {
		b.sync(false)
		b.vendor.put("4", "two", "Item 4, moved")
		b.vendor.remove("6")
		b.vendor.fails = func(project string) error {
			if project == "two" {
				return connector.Errorf(connector.ReasonPermission, "You may not read it.", "Wait.", nil)
			}
			return nil
		}
		if result, task := b.sync(true); result.Status != rampforge.SyncPartial || task.Deleted != 0 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		// Nor does a sync of its old place alone bury it.
		b.vendor.fails = nil
		if b.work(b.ask(true, "one").ID); b.newest().Deleted != 0 {
			b.t.Errorf("%+v", b.newest())
		}
		if result, task := b.sync(true); result.Status != rampforge.SyncCompleted || task.Deleted != 1 {
			b.t.Errorf("%+v, %+v", result, task)
		}
		if diff := cmp.Diff(map[string]string{"4": "Item 4, moved", "6": "gone"}, b.kept("4", "6")); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		// What moves out of what is synced is gone from it.
		b.service.Scope = []string{"two"}
		b.vendor.put("4", "one", "Item 4, out of sight")
		if _, task := b.sync(true); task.Deleted != 1 || b.kept("4")["4"] != "gone" {
			b.t.Errorf("%+v, %v", task, b.kept("4"))
		}
	})
}

// TestProgressIsTold reads the progress while pages come.
func TestProgressIsTold(t *testing.T) {
	each(t, 20, func(b *bench) {
		var seen []rampforge.SyncProgress
		b.vendor.before = func(what string) error {
			if what == "page" {
				seen = append(seen, b.newest().Progress)
			}
			return nil
		}
		b.sync(false)
		want := rampforge.SyncProgress{ResourcesDone: 1, ResourcesTotal: 2, StreamsDone: 1, StreamsTotal: 2, Resource: "KEY-two", Stream: rampforge.StreamWorkItems, Stage: "records"}
		if diff := cmp.Diff(want, seen[len(seen)-1]); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		if ended := b.newest().Progress; ended.StreamsDone != 2 || ended.ResourcesDone != 2 {
			b.t.Errorf("%+v", ended)
		}
	})
}

// endless lists resources until nobody asks for more.
type endless struct {
	*vendor

	listed int
}

func (e *endless) Resources(ctx context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		for r, err := range e.vendor.Resources(ctx) {
			if e.listed++; !yield(r, err) {
				return
			}
		}
		yield(rampforge.Resource{}, errors.New("nobody should have asked for more"))
	}
}

func TestANarrowedSyncListsNoMoreThanItNeeds(t *testing.T) {
	each(t, 4, func(b *bench) {
		c, task := b.claim(b.ask(false, "two").ID)
		vendor := &endless{vendor: b.vendor}
		if result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, vendor); err != nil || result.Status != rampforge.SyncCompleted || vendor.listed != 2 {
			b.t.Errorf("%+v, %v after %d", result, err, vendor.listed)
		}
	})
}
