package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// syncWorker works the sync of one service.
type syncWorker struct {
	river.WorkerDefaults[queue.SyncArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *syncWorker) Work(ctx context.Context, job *river.Job[queue.SyncArgs]) error {
	claim := store.SyncClaim{TaskID: job.Args.TaskID, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("task_id", claim.TaskID))
	task, claimed, err := w.Store.ClaimSync(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming the sync: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, has ended, or is worked by somebody who lives
	}
	started := w.Now()
	result, err := w.sync(ctx, claim, task)
	w.resolvePeople(context.WithoutCancel(ctx)) // before the end is told: who waits for it finds the people
	queue.Ended(ctx, result.outcome(ctx, err))
	if err != nil && result.outcome(ctx, err) == queue.Fault {
		w.complain(ctx, "a sync", err, slog.String("service_id", task.ServiceID))
	}
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := w.conclude(write, ctx, claim, task, result, err); err != nil {
		return err
	}
	w.followDeliveries(write, task.ServiceID)
	w.Logger.InfoContext(ctx, "a sync ended", slog.String("service_id", task.ServiceID), slog.String("status", string(result.Status)),
		slog.Int("faults", len(result.Faults)), slog.Int64("ms", w.Now().Sub(started).Milliseconds()), slog.Any("error", err))
	return nil
}

// sync reads the service while a second goroutine says that it lives and
// listens for its end. A panic is a failed sync, not a dead server.
func (w *syncWorker) sync(ctx context.Context, c store.SyncClaim, task rampforge.SyncTask) (result syncResult, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	beating.Go(func() {
		w.beat(ctx, "a sync", stop, func() error { return w.Store.BeatSync(ctx, c, w.Now()) }, store.ErrSyncLost, store.ErrSyncCancelled)
	})
	defer func() {
		if p := recover(); p != nil {
			w.Logger.ErrorContext(ctx, "a sync panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = ownFault("sync")
		}
		if cause := context.Cause(ctx); cause != nil && err != nil {
			err = errors.Join(cause, err)
		}
		stop(nil)
		beating.Wait()
	}()
	// Its end may have been asked for while nobody worked it: the service may be
	// gone.
	if err := w.Store.BeatSync(ctx, c, w.Now()); err != nil {
		return result, err
	}
	service, conn, err := w.Connect(ctx, task.ServiceID)
	result.service = service
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if !service.Enabled {
		return result, store.ErrSyncCancelled
	}
	syncer := &ingest.Syncer{Store: w.Store, Logger: w.Logger, Now: w.Now}
	result.Result, err = syncer.Sync(ctx, c, task, service, conn)
	return result, err
}

// syncResult is what a sync came to, and the service as it was then.
type syncResult struct {
	ingest.Result

	service rampforge.Service
}

// outcome is what a sync came to, for the metrics. ctx is the job's own.
func (r syncResult) outcome(ctx context.Context, err error) queue.Outcome {
	switch {
	case err != nil:
		return outcomeOf(ctx, err)
	case r.Pause > 0:
		return queue.Paused
	case len(r.Faults) > 0:
		return queue.Partial
	}
	return queue.Completed
}

// conclude writes how the work ended. ctx is alive; work is the job's own,
// which tells a shutdown from a fault.
func (w *syncWorker) conclude(ctx, work context.Context, c store.SyncClaim, task rampforge.SyncTask, result syncResult, err error) error {
	end := store.SyncEnd{Status: result.Status, Faults: result.Faults, Notes: result.Notes, Message: "Completed."}
	now := w.Now()
	switch {
	case errors.Is(err, store.ErrSyncLost):
		return nil
	case errors.Is(err, store.ErrSyncCancelled):
		end.Status, end.Message = rampforge.SyncCancelled, saidCancelled
	case err != nil && work.Err() != nil:
		return fromLost(w.Store.ReleaseSync(ctx, c, now, w.queue.EnqueueSync))
	case err != nil:
		fault := rampforge.SyncFault{Reason: connector.Reason(err), Message: failure("sync", err)}
		end.Status, end.Faults, end.Message = rampforge.SyncFailed, append(end.Faults, fault), fault.Message
	case result.Pause > 0:
		wait, pauses := pauseOf(task, result.Result)
		until := now.Add(wait)
		if task.StartedAt == nil || until.Sub(*task.StartedAt) <= maxWaiting {
			pause := store.SyncPause{Until: until, Pauses: pauses, Message: fmt.Sprintf("Paused until %s: %s", until.UTC().Format(time.RFC3339), result.Why.Message)}
			return fromLost(w.Store.PauseSync(ctx, c, pause, now, w.queue.EnqueueSyncAt(until)))
		}
		end.Faults = append(end.Faults, result.Why)
		end.Status, end.Message = givenUp(task, result.Result)
	case len(end.Faults) > 0:
		end.Message = fmt.Sprintf("%d streams could not be read to their end.", len(end.Faults))
	}
	for _, fault := range end.Faults {
		if fault.Reason == connector.ReasonAuthentication {
			end.Refused = &store.SyncRefusal{Error: fault.Message, Updated: result.service.UpdatedAt}
		}
	}
	return fromLost(w.Store.FinishSync(ctx, c, end, now, w.queue.EnqueueSync))
}

// fromLost takes a task that went to another worker for an end.
func fromLost(err error) error {
	if errors.Is(err, store.ErrSyncLost) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing the end of the sync: %w", err)
	}
	return nil
}
