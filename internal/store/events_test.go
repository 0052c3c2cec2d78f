package store_test

import (
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (b *bundle) event(at time.Time, repositoryID, userID, job string, state rampforge.JobState) {
	b.t.Helper()
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
		return b.AppendEventTx(b.ctx(), tx, rampforge.Event{At: at, RepositoryID: repositoryID, UserID: userID, Job: rampforge.JobEvent{ID: job, Kind: "analysis", State: state}})
	}))
}

func states(events []rampforge.Event) []string {
	list := []string{}
	for _, e := range events {
		list = append(list, e.Job.ID+":"+string(e.Job.State))
	}
	return list
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestTailTellsEachEventOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		b.event(b.now, "", "usr_1", "before", rampforge.JobQueued)
		tail, err := b.TailEvents(b.ctx())
		b.must(err)
		b.event(b.now, "", "usr_1", "a", rampforge.JobQueued)
		b.event(b.now, "", "usr_1", "b", rampforge.JobQueued)
		first, err := tail.Next(b.ctx(), b.now)
		b.must(err)
		equal(t, "first", states(first), "a:queued", "b:queued")
		b.event(b.now, "", "usr_1", "a", rampforge.JobRunning)
		for _, later := range []time.Duration{time.Second, 10 * time.Second, 20 * time.Second} {
			next, err := tail.Next(b.ctx(), b.now.Add(later))
			b.must(err)
			if later == time.Second {
				equal(t, "second", states(next), "a:running")
			} else if len(next) != 0 {
				t.Errorf("after %s: %v again", later, states(next))
			}
		}
	})
}

// TestTailHearsLateCommits has two transactions that take their sequences in
// one order and commit in the other, as PostgreSQL allows.
func TestTailHearsLateCommits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		if b.db.Engine() == database.SQLite {
			return // one writer at a time: there is no other order
		}
		tail, err := b.TailEvents(b.ctx())
		b.must(err)
		slow, err := b.db.Write().BeginTx(b.ctx(), nil)
		b.must(err)
		defer slow.Rollback()
		b.must(b.AppendEventTx(b.ctx(), slow, rampforge.Event{At: b.now, Job: rampforge.JobEvent{ID: "slow"}}))
		b.event(b.now, "", "usr_1", "fast", rampforge.JobQueued)
		first, err := tail.Next(b.ctx(), b.now)
		b.must(err)
		equal(t, "before the commit", states(first), "fast:queued")
		b.must(slow.Commit())
		second, err := tail.Next(b.ctx(), b.now.Add(time.Second))
		b.must(err)
		equal(t, "after the commit", states(second), "slow:")
	})
}

func TestReplayIsForThoseWhoMaySee(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada, bea := b.user("ada", rampforge.RoleAdmin), b.user("bea", rampforge.RoleDeveloper)
		hers := b.repository(bea, "hers")
		his := b.repository(ada, "his")
		now := time.Now()
		b.event(now.Add(-time.Hour), hers.ID, bea.ID, "old", rampforge.JobCompleted)
		tail, err := b.TailEvents(b.ctx())
		b.must(err)
		b.event(now, his.ID, ada.ID, "x", rampforge.JobQueued)
		b.event(now, hers.ID, ada.ID, "y", rampforge.JobQueued)
		b.event(now, "repo_gone", bea.ID, "z", rampforge.JobCancelled)
		all, err := tail.Next(b.ctx(), now)
		b.must(err)
		before := all[0].Sequence - 1
		mine, _, err := b.ReplayEvents(b.ctx(), store.Viewer{UserID: bea.ID}, before)
		b.must(err)
		equal(t, "bea sees", states(mine), "y:queued", "z:cancelled")
		everything, _, err := b.ReplayEvents(b.ctx(), admin, before)
		b.must(err)
		equal(t, "an administrator sees", states(everything), "x:queued", "y:queued", "z:cancelled")
		for _, e := range all {
			may, err := b.MaySeeEvent(b.ctx(), store.Viewer{UserID: bea.ID}, e)
			b.must(err)
			if may != (e.Job.ID != "x") {
				t.Errorf("bea may see %s: %t", e.Job.ID, may)
			}
		}
	})
}

func TestReplayTellsOfAGap(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := store.Viewer{UserID: "usr_1", Admin: true}
		tail, err := b.TailEvents(b.ctx())
		b.must(err)
		for n, job := range []string{"old", "kept", "last"} {
			b.event(b.now.Add(time.Duration(n-2)*time.Hour), "", "usr_1", job, rampforge.JobQueued)
		}
		all, err := tail.Next(b.ctx(), b.now)
		b.must(err)
		replay := func(what string, after int64, wantWhole bool, want ...string) {
			t.Helper()
			list, whole, err := b.ReplayEvents(b.ctx(), ada, after)
			b.must(err)
			equal(t, what, states(list), want...)
			if whole != wantWhole {
				t.Errorf("%s: whole is %t", what, whole)
			}
		}
		replay("after the first", all[0].Sequence, true, "kept:queued", "last:queued")
		n, err := b.DeleteOldEvents(b.ctx(), b.now.Add(-90*time.Minute))
		b.must(err)
		if n != 1 {
			t.Errorf("%d events were removed, want 1", n)
		}
		replay("after one that is gone", all[0].Sequence, false, "kept:queued", "last:queued")
		replay("after one that is kept", all[1].Sequence, true, "last:queued")
		replay("after the last", all[2].Sequence, true)
		replay("after one that never was", all[2].Sequence+1000, false)
		for range 1000 {
			b.event(b.now, "", "usr_1", "more", rampforge.JobRunning)
		}
		if list, whole, err := b.ReplayEvents(b.ctx(), ada, all[2].Sequence); err != nil || whole || len(list) < 990 {
			t.Errorf("of more than a thousand %d come, whole is %t, %v", len(list), whole, err)
		}
	})
}
