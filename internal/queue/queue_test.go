package queue_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

type recorder struct {
	river.WorkerDefaults[queue.AnalysisArgs]
	worked chan string
	block  bool
}

func (r *recorder) Work(ctx context.Context, job *river.Job[queue.AnalysisArgs]) error {
	r.worked <- job.Args.AnalysisID
	if r.block {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, _ *store.Store, db *database.DB) { test(t, db) })
}

func open(t *testing.T, db *database.DB, r *recorder) *queue.Queue {
	t.Helper()
	o := queue.Options{Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: slog.New(slog.DiscardHandler)}
	if r != nil {
		o.Workers, o.Concurrency = river.NewWorkers(), 2
		river.AddWorker(o.Workers, r)
	}
	q, err := queue.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func receive(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(30 * time.Second):
		t.Fatal("no job was worked within 30 s")
		return ""
	}
}

func enqueue(ctx context.Context, db *database.DB, q *queue.Queue, id string) (job int64, err error) {
	err = db.InTx(ctx, func(tx *sql.Tx) error {
		job, err = q.EnqueueAnalysis(ctx, tx, id)
		return err
	})
	return job, err
}

func TestJobIsWorkedAfterItsTransactionCommitted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		r := &recorder{worked: make(chan string, 10)}
		q := open(t, db, r)
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, q) })
		undone := errors.New("undone")
		err := db.InTx(t.Context(), func(tx *sql.Tx) error {
			if _, err := q.EnqueueAnalysis(t.Context(), tx, "ana_undone"); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if _, err := enqueue(t.Context(), db, q, "ana_kept"); err != nil {
			t.Fatal(err)
		}
		if got := receive(t, r.worked); got != "ana_kept" {
			t.Errorf("worked %q, want ana_kept: the other transaction was rolled back", got)
		}
	})
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := open(t, db, nil)
		if err := writer.Start(t.Context()); err != nil {
			t.Fatalf("a queue without workers: %v", err)
		}
		job, err := enqueue(t.Context(), db, writer, "ana_1")
		if err != nil {
			t.Fatal(err)
		}
		assertWaiting(t, writer, job, true)
		assertWaiting(t, writer, job+1000, false)

		r := &recorder{worked: make(chan string, 10), block: true}
		q := open(t, db, r)
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		receive(t, r.worked)
		assertWaiting(t, writer, job, false)
		stop(t, q) // ends although the job blocks: its context is cancelled
	})
}

func assertWaiting(t *testing.T, q *queue.Queue, job int64, want bool) {
	t.Helper()
	got, err := q.Waiting(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("Waiting(%d) = %t, want %t", job, got, want)
	}
}

func stop(t *testing.T, q *queue.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// works works every kind of job: a job of the kind blocks waits for its end, and
// the others tell that they were worked.
type works struct {
	began  chan string
	blocks string
}

func (w *works) work(ctx context.Context, kind string) error {
	w.began <- kind
	if kind == w.blocks {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (w *works) queue(t *testing.T, db *database.DB) *queue.Queue {
	t.Helper()
	o := queue.Options{Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: slog.New(slog.DiscardHandler), Workers: river.NewWorkers(), Concurrency: 1}
	river.AddWorker(o.Workers, river.WorkFunc(func(ctx context.Context, j *river.Job[queue.AnalysisArgs]) error { return w.work(ctx, j.Kind) }))
	river.AddWorker(o.Workers, river.WorkFunc(func(ctx context.Context, j *river.Job[queue.SyncArgs]) error { return w.work(ctx, j.Kind) }))
	river.AddWorker(o.Workers, river.WorkFunc(func(ctx context.Context, j *river.Job[queue.DeliveriesArgs]) error { return w.work(ctx, j.Kind) }))
	river.AddWorker(o.Workers, river.WorkFunc(func(ctx context.Context, j *river.Job[queue.RemapArgs]) error { return w.work(ctx, j.Kind) }))
	q, err := queue.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// enqueueAll writes a job of each kind, those of the kind first before the rest.
func enqueueAll(t *testing.T, db *database.DB, q *queue.Queue, first string) {
	t.Helper()
	kinds := map[string]store.Enqueue{"analysis": q.EnqueueAnalysis, "sync": q.EnqueueSync, "deliveries": q.EnqueueDeliveries, "remap": q.EnqueueRemap}
	if err := db.InTx(t.Context(), func(tx *sql.Tx) error {
		for range 2 {
			if _, err := kinds[first](t.Context(), tx, "first"); err != nil {
				return err
			}
		}
		delete(kinds, first)
		for _, enqueue := range kinds {
			if _, err := enqueue(t.Context(), tx, "behind"); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAJobHoldsUpNoneOfAnotherKind works one job that does not end, with one job
// of each kind at a time: all others are worked but the second of its kind.
func TestAJobHoldsUpNoneOfAnotherKind(t *testing.T) {
	t.Parallel()
	for _, blocks := range []string{"sync", "analysis", "remap"} {
		t.Run(blocks, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *database.DB) {
				w := &works{began: make(chan string, 10), blocks: blocks}
				q := w.queue(t, db)
				enqueueAll(t, db, q, blocks)
				if err := q.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { stop(t, q) })
				got := map[string]int{}
				for range 4 {
					got[receive(t, w.began)]++
				}
				if diff := cmp.Diff(map[string]int{"analysis": 1, "sync": 1, "deliveries": 1, "remap": 1}, got); diff != "" {
					t.Errorf("(-want +worked):\n%s", diff)
				}
			})
		})
	}
}

// TestJobsOfTheOneQueueBeforeAreWorked: an older version wrote every job there.
func TestJobsOfTheOneQueueBeforeAreWorked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		w := &works{began: make(chan string, 10)}
		q := w.queue(t, db)
		enqueueAll(t, db, q, "sync")
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE river_job SET queue = 'default'`); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, q) })
		got := map[string]int{}
		for range 5 {
			got[receive(t, w.began)]++
		}
		if diff := cmp.Diff(map[string]int{"analysis": 1, "sync": 2, "deliveries": 1, "remap": 1}, got); diff != "" {
			t.Errorf("(-want +worked):\n%s", diff)
		}
	})
}
