package worker_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// pausing sets the pause between a sync and the next that webhooks ask for.
func pausing(d time.Duration) func(*worker.Options) {
	return func(o *worker.Options) { o.SyncPause = d }
}

// hooked makes a service.
func (p *process) hooked(enabled bool) string {
	p.t.Helper()
	ctx, now := p.t.Context(), time.Now()
	user, err := p.store.CreateUser(ctx, store.Registration{Email: "ada@example.com", Name: "Ada", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: now})
	if err != nil {
		p.t.Fatal(err)
	}
	v := rampforge.Service{
		ID: store.NewID("svc"), Type: rampforge.ServiceJira, Name: "Tracker", Endpoint: "https://j.example.com", Transport: rampforge.TransportREST,
		Enabled: enabled, Timeout: 30, CreatedBy: user.ID, CreatedAt: now,
	}
	if err := p.store.CreateService(ctx, v, store.SealedCredentials{KeyID: "k", Text: []byte("x")}); err != nil {
		p.t.Fatal(err)
	}
	return v.ID
}

// deliver keeps a delivery, as the API does.
func (p *process) deliver(serviceID string, d rampforge.Delivery) (taken bool) {
	p.t.Helper()
	err := p.store.InTx(p.t.Context(), func(tx *sql.Tx) (err error) {
		taken, err = p.store.TakeDeliveryTx(p.t.Context(), tx, serviceID, d, "digest of "+d.ID, time.Now().UTC(), p.queue.EnqueueDeliveries)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return taken
}

func changed(id string) rampforge.Delivery {
	return rampforge.Delivery{ID: id, Event: "updated", Sync: true}
}

// sprint says of the one record that there is whether it is there.
func sprint(id string, gone bool) rampforge.Delivery {
	return rampforge.Delivery{ID: id, Event: "sprint", Changes: []rampforge.RecordChange{{Stream: rampforge.StreamSprints, ID: "1", Gone: gone}}}
}

// count counts what a query of the database counts.
func count(t *testing.T, db *database.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const (
	openDeliveries = `SELECT count(*) FROM webhook_deliveries WHERE worked_at IS NULL`
	endedSyncs     = `SELECT count(*) FROM sync_tasks WHERE status = 'completed'`
	allSyncs       = `SELECT count(*) FROM sync_tasks`
)

// eventually waits for something to become true.
func (p *process) eventually(what string, done func() bool) {
	p.t.Helper()
	deadline, tick := time.Now().Add(60*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for !done() {
		if time.Now().After(deadline) {
			p.t.Fatalf("it never comes to pass that %s\n%s", what, p.logs)
		}
		<-tick.C
	}
}

func (p *process) buried(serviceID string) bool {
	p.t.Helper()
	kept, err := p.store.Record(p.t.Context(), serviceID, rampforge.StreamSprints, "1")
	if err != nil {
		p.t.Fatal(err)
	}
	return kept.DeletedAt != nil
}

// TestManyDeliveriesAreOneSync has a hundred come while nobody works: they have
// one job and lead to one sync.
func TestManyDeliveriesAreOneSync(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		service := writer.hooked(true)
		for i := range 100 {
			if !writer.deliver(service, changed(fmt.Sprint(i))) {
				t.Fatalf("delivery %d is taken for a duplicate", i)
			}
		}
		if writer.deliver(service, changed("7")) {
			t.Error("a delivery was taken twice")
		}
		if n := count(t, db, `SELECT count(*) FROM river_job WHERE kind = 'deliveries'`); n != 1 {
			t.Errorf("%d jobs", n)
		}
		p := start(t, db, "one", 2, completed, serving(nothing), pausing(time.Millisecond))
		p.eventually("the sync ends", func() bool { return count(t, db, endedSyncs) > 0 && count(t, db, openDeliveries) == 0 })
		if n := count(t, db, allSyncs); n != 1 {
			t.Errorf("%d syncs", n)
		}
	})
}

// TestDeliveryDuringASync comes while a sync runs that has read the record
// already: another sync follows, and the record is buried at the end although
// the first one keeps it after that.
func TestDeliveryDuringASync(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		reading, goOn := make(chan struct{}, 10), make(chan struct{})
		p := start(t, db, "one", 3, completed, pausing(time.Millisecond), serving(func(ctx context.Context) error {
			reading <- struct{}{}
			select {
			case <-goOn:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
		service := p.hooked(true)
		run := p.askSync(service)
		<-reading
		p.deliver(service, sprint("gone", true))
		p.eventually("the delivery is seen", func() bool {
			return count(t, db, `SELECT count(*) FROM webhook_deliveries WHERE applied_at IS NOT NULL`) == 1
		})
		if n := count(t, db, openDeliveries); n != 1 {
			t.Errorf("%d deliveries wait for the end of the sync", n)
		}
		close(goOn)
		p.synced(run)
		p.eventually("the delivery is worked", func() bool { return count(t, db, openDeliveries) == 0 })
		if !p.buried(service) {
			t.Error("the sync that had read the record before brought it back")
		}
	})
}

// TestSyncFollowsTheRunningOne has a change told while a sync runs.
func TestSyncFollowsTheRunningOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		reading, goOn := make(chan struct{}, 10), make(chan struct{})
		p := start(t, db, "one", 3, completed, pausing(time.Millisecond), serving(func(ctx context.Context) error {
			reading <- struct{}{}
			select {
			case <-goOn:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
		service := p.hooked(true)
		p.askSync(service)
		<-reading
		for i := range 20 {
			p.deliver(service, changed(fmt.Sprint(i)))
		}
		p.eventually("the deliveries are seen", func() bool {
			return count(t, db, `SELECT count(*) FROM webhook_deliveries WHERE applied_at IS NULL`) == 0
		})
		if n := count(t, db, allSyncs); n != 1 {
			t.Errorf("%d syncs while the first one runs", n)
		}
		close(goOn)
		p.eventually("a second sync ends", func() bool { return count(t, db, endedSyncs) == 2 && count(t, db, openDeliveries) == 0 })
	})
}

// TestDeliveriesInAnyOrder tells of a deletion before the record is known, and
// of its return.
func TestDeliveriesInAnyOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 2, completed, serving(nothing), pausing(time.Millisecond))
		service := p.hooked(true)
		p.deliver(service, sprint("early", true))
		p.eventually("the delivery is worked", func() bool { return count(t, db, openDeliveries) == 0 })
		p.deliver(service, changed("created"))
		p.eventually("the sync ends", func() bool { return count(t, db, endedSyncs) == 1 })
		if p.buried(service) {
			t.Error("a record that the vendor has is buried")
		}
		p.deliver(service, sprint("gone", true))
		p.eventually("the record is buried", func() bool { return p.buried(service) })
		p.deliver(service, sprint("back", false))
		p.eventually("the record is back", func() bool { return !p.buried(service) })
		other := sprint("elsewhere", true)
		other.Changes[0].ResourceID = "another resource"
		p.deliver(service, other)
		p.eventually("the delivery is worked", func() bool { return count(t, db, openDeliveries) == 0 })
		if p.buried(service) {
			t.Error("a record of another resource was meant")
		}
	})
}

// TestDeliveriesOutliveTheirJob loses the job in each way there is.
func TestDeliveriesOutliveTheirJob(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]string{
		"never written":        `DELETE FROM river_job`,
		"died at work":         `UPDATE river_job SET state = 'running', attempted_at = created_at, attempt = 1`,
		"failed":               `UPDATE river_job SET state = 'discarded', finalized_at = created_at`,
		"died after its begin": `UPDATE webhook_queues SET queued = FALSE`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *database.DB) {
				writer := start(t, db, "writer", 0, completed)
				service := writer.hooked(true)
				writer.deliver(service, changed("1"))
				if _, err := db.Write().ExecContext(t.Context(), lose); err != nil {
					t.Fatal(err)
				}
				p := start(t, db, "one", 2, completed, serving(nothing), pausing(time.Millisecond))
				p.eventually("the sync ends", func() bool { return count(t, db, endedSyncs) == 1 && count(t, db, openDeliveries) == 0 })
			})
		})
	}
}

// TestServiceIsLeftAloneAfterASync has deliveries come right after a sync: the
// deletion counts at once, the next sync comes later.
func TestServiceIsLeftAloneAfterASync(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 2, completed, serving(nothing), pausing(time.Hour))
		service := p.hooked(true)
		p.synced(p.askSync(service))
		p.deliver(service, changed("1"))
		p.deliver(service, sprint("gone", true))
		p.eventually("the record is buried", func() bool { return p.buried(service) })
		for i := range 10 {
			p.deliver(service, changed(fmt.Sprint("more ", i)))
			p.eventually("it is seen", func() bool {
				return count(t, db, `SELECT count(*) FROM webhook_deliveries WHERE applied_at IS NULL`) == 0
			})
		}
		if n := count(t, db, allSyncs); n != 1 {
			t.Errorf("%d syncs within the pause", n)
		}
		if n := count(t, db, `SELECT count(*) FROM river_job WHERE kind = 'deliveries' AND state = 'scheduled'`); n != 1 {
			t.Errorf("%d jobs wait for the end of the pause", n)
		}
		p.stop()
		// The pause is over: what was scheduled is due, and is worked by a process
		// that knows of a shorter one.
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE state = 'scheduled'`); err != nil {
			t.Fatal(err)
		}
		second := start(t, db, "two", 2, completed, serving(nothing), pausing(time.Millisecond))
		second.eventually("the next sync ends", func() bool { return count(t, db, endedSyncs) == 2 && count(t, db, openDeliveries) == 0 })
	})
}

func TestDeliveriesOfADisabledService(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 2, completed, serving(nothing), pausing(time.Millisecond))
		for _, service := range []string{p.hooked(false), "svc_gone"} {
			p.deliver(service, changed("1"))
		}
		p.eventually("the deliveries are forgotten", func() bool { return count(t, db, openDeliveries) == 0 })
		if n := count(t, db, allSyncs); n != 0 {
			t.Errorf("%d syncs", n)
		}
	})
}

func TestOldDeliveriesAreForgotten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 2, completed, serving(nothing), pausing(time.Millisecond))
		service := p.hooked(true)
		p.deliver(service, changed("1"))
		p.eventually("the delivery is worked", func() bool { return count(t, db, openDeliveries) == 0 })
		for _, test := range []struct {
			before time.Time
			want   int64
		}{{time.Now().Add(-time.Hour), 0}, {time.Now().Add(time.Hour), 1}} {
			if n, err := p.store.DeleteOldDeliveries(t.Context(), test.before); err != nil || n != test.want {
				t.Errorf("%d, %v, want %d", n, err, test.want)
			}
		}
		if n := count(t, db, `SELECT count(*) FROM webhook_deliveries`); n != 0 {
			t.Errorf("%d are left", n)
		}
		if !p.deliver(service, changed("1")) {
			t.Error("what was forgotten counts as known")
		}
	})
}
