package worker_test

import (
	"context"
	"database/sql"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// onePage is a vendor with one resource, whose one page the test writes.
type onePage struct {
	page    func(ctx context.Context) error
	streams []rampforge.Stream
}

func (onePage) Check(context.Context) (connector.Check, error) { return connector.Check{}, nil }
func (onePage) Close() error                                   { return nil }

func (v onePage) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		yield(rampforge.Resource{ID: "r", Kind: "project", Key: "R", Name: "R", Streams: v.streams}, nil)
	}
}

func (v onePage) Read(ctx context.Context, _ rampforge.Resource, stream rampforge.Stream, _ connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		if err := v.page(ctx); err != nil {
			yield(connector.Page{}, err)
			return
		}
		yield(connector.Page{Next: connector.Cursor(`"end"`), Records: []rampforge.Record{
			{Stream: stream, ID: "1", ResourceID: "r", UpdatedAt: time.Unix(1, 0).UTC(), Sprint: &rampforge.Sprint{Name: "Sprint 1"}},
		}}, nil)
	}
}

func (onePage) IDs(context.Context, rampforge.Resource, rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		yield(nil, connector.Errorf(connector.ReasonUnsupported, "Sprints stay.", "Nothing.", nil))
	}
}

// serving connects every service to a vendor, who has sprints if nothing else
// is said.
func serving(page func(ctx context.Context) error, streams ...rampforge.Stream) func(*worker.Options) {
	if len(streams) == 0 {
		streams = []rampforge.Stream{rampforge.StreamSprints}
	}
	return func(o *worker.Options) {
		o.Connect = func(_ context.Context, id string) (rampforge.Service, connector.Connector, error) {
			return rampforge.Service{ID: id, Name: "Tracker", Type: rampforge.ServiceJira, Enabled: true}, onePage{page, streams}, nil
		}
	}
}

// askSync asks for the sync of a service.
func (p *process) askSync(serviceID string) string {
	p.t.Helper()
	var run rampforge.SyncRun
	err := p.store.InTx(p.t.Context(), func(tx *sql.Tx) (err error) {
		run, err = p.store.StartSyncTx(p.t.Context(), tx, store.SyncRequest{
			RunID: store.NewID("sync"), Services: []rampforge.Service{{ID: serviceID, Type: rampforge.ServiceJira}}, RequestedBy: "usr_x", At: time.Now(),
		}, p.queue.EnqueueSync)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return run.ID
}

// synced waits for the end of a run.
func (p *process) synced(runID string) rampforge.SyncTask {
	p.t.Helper()
	deadline, tick := time.Now().Add(60*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		run, err := p.store.SyncRun(p.t.Context(), runID)
		if err != nil {
			p.t.Fatal(err)
		}
		if run.Status() != rampforge.SyncRunning {
			return run.Tasks[0]
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the sync never ends: %+v\n%s", run, p.logs)
		}
		<-tick.C
	}
}

func nothing(context.Context) error { return nil }

func TestSyncIsWorked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 2, completed, serving(nothing))
		task := p.synced(p.askSync("svc_a"))
		if task.Status != rampforge.SyncCompleted || task.Records != 1 || task.StartedAt == nil || task.FinishedAt == nil {
			t.Errorf("%+v", task)
		}
		if again := p.synced(p.askSync("svc_a")); again.ID == task.ID || again.Status != rampforge.SyncCompleted {
			t.Errorf("%+v", again)
		}
	})
}

func TestSyncThatPanicsIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 1, completed, serving(func(context.Context) error { panic("hunter2") }))
		task := p.synced(p.askSync("svc_a"))
		if task.Status != rampforge.SyncFailed || len(task.Faults) != 1 || strings.Contains(task.Faults[0].Message, "hunter2") {
			t.Errorf("%+v", task)
		}
	})
}

// TestASyncWaitsForItsVendor has the vendor ask for a second's patience.
func TestASyncWaitsForItsVendor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var asked atomic.Int64
		p := start(t, db, "one", 1, completed, serving(func(context.Context) error {
			if asked.Add(1) > 1 {
				return nil
			}
			e := connector.Errorf(connector.ReasonRateLimited, "Too many requests.", "Wait.", nil)
			e.RetryAfter = time.Second
			return e
		}))
		task := p.synced(p.askSync("svc_a"))
		if task.Status != rampforge.SyncCompleted || task.Records != 1 || asked.Load() != 2 || len(task.Faults) != 0 {
			t.Errorf("%+v after %d requests", task, asked.Load())
		}
	})
}

// TestSyncMovesToAnotherWorker stops the process that works a sync; another
// one brings it to its end.
func TestSyncMovesToAnotherWorker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		began := make(chan struct{}, 10)
		first := start(t, db, "one", 1, completed, serving(func(ctx context.Context) error {
			began <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}))
		run := first.askSync("svc_a")
		<-began
		first.stop()
		second := start(t, db, "two", 1, completed, serving(nothing))
		if task := second.synced(run); task.Status != rampforge.SyncCompleted {
			t.Errorf("%+v", task)
		}
	})
}

// TestSyncOfADeadWorker leaves a row as a worker that was killed leaves it.
func TestSyncOfADeadWorker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		run := writer.askSync("svc_a")
		kept, err := writer.store.SyncRun(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		silent, err := writer.store.SilentSyncs(t.Context(), time.Now().Add(time.Hour), 10)
		if err != nil || len(silent) != 1 {
			t.Fatalf("%+v, %v", silent, err)
		}
		dead := store.SyncClaim{TaskID: kept.Tasks[0].ID, JobID: silent[0].JobID, Owner: "dead"}
		long := time.Now().Add(-time.Hour)
		if _, claimed, err := writer.store.ClaimSync(t.Context(), dead, long, long); err != nil || !claimed {
			t.Fatalf("%v, %v", claimed, err)
		}
		p := start(t, db, "one", 1, completed, serving(nothing))
		if task := p.synced(run); task.Status != rampforge.SyncCompleted {
			t.Errorf("%+v", task)
		}
	})
}
