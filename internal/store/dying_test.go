package store_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// ask asks for a sync of all of a service.
func (b *bundle) ask(v rampforge.Service, force bool) rampforge.SyncTask {
	b.t.Helper()
	var run rampforge.SyncRun
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) (err error) {
		run, err = b.StartSyncTx(b.ctx(), tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{v}, Force: force, RequestedBy: "usr_x", At: b.now}, b.enqueueSync)
		return err
	}))
	return run.Tasks[0]
}

func (b *bundle) claimed(task rampforge.SyncTask) store.SyncClaim {
	b.t.Helper()
	c := store.SyncClaim{TaskID: task.ID, JobID: b.job, Owner: "one"}
	if _, claimed, err := b.ClaimSync(b.ctx(), c, b.now, b.now); err != nil || !claimed {
		b.t.Fatal(claimed, err)
	}
	return c
}

// offAndOn disables and enables a service.
func (b *bundle) offAndOn(id string) {
	b.t.Helper()
	for _, on := range []bool{false, true} {
		_, err := b.UpdateService(b.ctx(), id, b.now, func(row *store.ServiceSecret) error { row.Service.Enabled = on; return nil })
		b.must(err)
	}
}

func (b *bundle) syncStatus(id string) rampforge.SyncStatus {
	b.t.Helper()
	var status rampforge.SyncStatus
	b.must(b.db.Write().QueryRowContext(b.ctx(), `SELECT status FROM sync_tasks WHERE id = $1`, id).Scan(&status))
	return status
}

// TestNobodyJoinsASyncThatIsToEnd asks for a sync while one is there whose end
// was asked for: what comes is worked.
func TestNobodyJoinsASyncThatIsToEnd(t *testing.T) {
	t.Parallel()
	for when, begin := range map[string]func(b *bundle, task rampforge.SyncTask){
		"queued": func(*bundle, rampforge.SyncTask) {},
		"paused": func(b *bundle, task rampforge.SyncTask) {
			b.must(b.PauseSync(b.ctx(), b.claimed(task), store.SyncPause{Until: b.now.Add(time.Hour), Pauses: 1, Message: "Paused."}, b.now, b.enqueueSync))
		},
	} {
		t.Run(when, func(t *testing.T) {
			each(t, func(t *testing.T, b *bundle) {
				v := b.service(1)
				old := b.ask(v, false)
				begin(b, old)
				b.offAndOn(v.ID)
				next := b.ask(v, false)
				if next.ID == old.ID || b.syncStatus(old.ID) != rampforge.SyncCancelled {
					t.Fatalf("%s is the one that is to end, which is %s", next.ID, b.syncStatus(old.ID))
				}
				b.must(b.BeatSync(b.ctx(), b.claimed(next), b.now))
			})
		})
	}
	t.Run("running", func(t *testing.T) {
		each(t, func(t *testing.T, b *bundle) {
			v := b.service(1)
			old := b.ask(v, false)
			c := b.claimed(old)
			b.offAndOn(v.ID)
			first := b.ask(v, false)
			b.offAndOn(v.ID) // the one that follows is to end, too
			next := b.ask(v, true)
			if first.ID == old.ID || next.ID == first.ID || b.syncStatus(first.ID) != rampforge.SyncCancelled || b.ask(v, true).ID != next.ID {
				t.Fatalf("%s, then %s, which is %s, then %s", old.ID, first.ID, b.syncStatus(first.ID), next.ID)
			}
			if err := b.BeatSync(b.ctx(), c, b.now); !errors.Is(err, store.ErrSyncCancelled) {
				t.Errorf("the first hears %v", err)
			}
			b.must(b.FinishSync(b.ctx(), c, store.SyncEnd{Status: rampforge.SyncCancelled, Message: "Cancelled."}, b.now, b.enqueueSync))
			b.must(b.BeatSync(b.ctx(), b.claimed(next), b.now))
		})
	})
}

// TestADueSyncFollowsOneThatIsToEnd: the schedule waits for no interval after it.
func TestADueSyncFollowsOneThatIsToEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		v := b.service(1)
		due := func(rampforge.Service) bool { return true }
		c := b.claimed(b.ask(v, false))
		started, err := b.StartDueSync(b.ctx(), v.ID, due, b.now, b.enqueueSync)
		if err != nil || started {
			t.Fatalf("a second sync was started: %v, %v", started, err)
		}
		b.offAndOn(v.ID)
		b.now = b.now.Add(time.Second)
		if started, err = b.StartDueSync(b.ctx(), v.ID, due, b.now, b.enqueueSync); err != nil || !started {
			t.Fatalf("none was started: %v, %v", started, err)
		}
		if started, err = b.StartDueSync(b.ctx(), v.ID, due, b.now, b.enqueueSync); err != nil || started {
			t.Fatalf("it was started twice: %v, %v", started, err)
		}
		b.must(b.FinishSync(b.ctx(), c, store.SyncEnd{Status: rampforge.SyncCancelled, Message: "Cancelled."}, b.now, b.enqueueSync))
		newest, err := b.NewestSync(b.ctx(), v.ID)
		b.must(err)
		b.must(b.BeatSync(b.ctx(), b.claimed(newest), b.now))
	})
}
