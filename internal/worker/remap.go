package worker

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// remapWorker makes the records of a service anew.
type remapWorker struct {
	river.WorkerDefaults[queue.RemapArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *remapWorker) Work(ctx context.Context, job *river.Job[queue.RemapArgs]) error {
	claim := store.RemapClaim{RemapID: job.Args.RemapID, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("remap_id", claim.RemapID))
	remap, at, claimed, err := w.Store.ClaimRemap(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming the remap: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, has ended, or is worked by somebody who lives
	}
	sum, err := w.remap(ctx, claim, remap, at)
	noteEnd(ctx, err)
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	switch {
	case errors.Is(err, store.ErrRemapLost):
		return nil
	case err != nil && ctx.Err() != nil:
		err = w.Store.ReleaseRemap(write, claim, w.Now(), w.queue.EnqueueRemap)
	case err != nil:
		w.complain(ctx, "a remap", err, slog.String("service_id", remap.ServiceID))
		err = w.Store.FinishRemap(write, claim, rampforge.SyncFailed, failure("remap", err), w.Now())
	default:
		if sum.Changed > 0 && !remap.DryRun {
			w.resolvePeople(write)
		}
		err = w.Store.FinishRemap(write, claim, rampforge.SyncCompleted, "Completed.", w.Now())
	}
	if err != nil && !errors.Is(err, store.ErrRemapLost) {
		return fmt.Errorf("writing the end of the remap: %w", err)
	}
	w.Logger.InfoContext(ctx, "a remap ended", slog.String("service_id", remap.ServiceID), slog.Int("read", sum.Read), slog.Int("changed", sum.Changed))
	return nil
}

// remap makes the records anew while a second goroutine says that it lives.
func (w *remapWorker) remap(ctx context.Context, c store.RemapClaim, remap rampforge.Remap, at store.RemapPosition) (sum ingest.Remapped, err error) {
	say := func(ctx context.Context) error { return w.Store.BeatRemap(ctx, c, w.Now()) }
	err = w.alive(ctx, "remap", "a remap", say, store.ErrRemapLost, func(ctx context.Context) error {
		service, err := w.Store.Service(ctx, remap.ServiceID)
		if err != nil {
			return err
		}
		remapper := &ingest.Remapper{Store: w.Store, Normalise: w.Normalise, DryRun: remap.DryRun, Now: w.Now}
		sum, err = remapper.RemapFrom(ctx, service, at, func(tx *sql.Tx, at store.RemapPosition) error {
			return w.Store.MoveRemapTx(ctx, tx, c, at, w.Now())
		})
		return err
	})
	return sum, err
}

// sweepRemaps does for remaps what sweep does for analyses: each goes on from
// where it was.
func (w *Workers) sweepRemaps(ctx context.Context) {
	before := w.silentSince()
	silent, err := w.Store.SilentRemaps(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent remaps", err)
		return
	}
	for _, v := range silent {
		if err := w.sweepRemap(ctx, v, before); err != nil {
			w.complain(ctx, "sweeping a remap", err, slog.String("remap_id", v.ID))
		}
	}
}

func (w *Workers) sweepRemap(ctx context.Context, v store.SilentRemap, before time.Time) error {
	switch {
	case v.Status == rampforge.SyncRunning && v.Attempts >= maxSyncAttempts:
		message := fmt.Sprintf("The remap was begun %d times and its worker ended each time: see the server's log, then start it again.", v.Attempts)
		return w.Store.EndSilentRemap(ctx, v, message, before, w.Now())
	case v.Status == rampforge.SyncQueued:
		waiting, err := w.queue.Waiting(ctx, v.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchRemap(ctx, v, w.Now())
		}
	}
	taken, err := w.Store.RequeueRemap(ctx, v, before, w.Now(), w.queue.EnqueueRemap)
	if taken {
		w.Logger.WarnContext(ctx, "a remap whose worker is gone was queued again", slog.String("remap_id", v.ID), slog.Int("attempts", v.Attempts))
	}
	return err
}
