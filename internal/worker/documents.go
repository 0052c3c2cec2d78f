package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// Documents makes the documents of a run; *documents.Maker does.
type Documents interface {
	Make(ctx context.Context, c store.DocumentClaim, run rampforge.DocumentRun) error
}

// documentsWorker makes documents of projects.
type documentsWorker struct {
	river.WorkerDefaults[queue.DocumentsArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *documentsWorker) Work(ctx context.Context, job *river.Job[queue.DocumentsArgs]) error {
	claim := store.DocumentClaim{RunID: job.Args.RunID, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("document_run_id", claim.RunID))
	run, claimed, err := w.Store.ClaimDocuments(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming documents: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, has ended, or is worked by somebody who lives
	}
	started := w.Now()
	say := func(ctx context.Context) error { return w.Store.BeatDocuments(ctx, claim, w.Now()) }
	err = w.alive(ctx, "making of documents", "making documents", say, store.ErrDocumentsLost, func(ctx context.Context) error {
		return w.Documents.Make(ctx, claim, run)
	})
	noteEnd(ctx, err)
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	switch {
	case errors.Is(err, store.ErrDocumentsLost):
		err = w.Store.EndCancelledDocuments(write, claim, w.Now())
	case err != nil && ctx.Err() != nil:
		err = w.Store.ReleaseDocuments(write, claim, w.Now(), w.queue.EnqueueDocuments)
	case err != nil:
		if _, told := errors.AsType[*rampforge.Error](err); !told {
			w.complain(ctx, "making documents", err, slog.String("project_id", run.ProjectID))
		}
		reason := failure("making of documents", err)
		err = w.Store.FinishDocuments(write, claim, rampforge.JobFailed, &reason, w.Now())
	default:
		err = w.Store.FinishDocuments(write, claim, rampforge.JobCompleted, nil, w.Now())
	}
	if errors.Is(err, store.ErrDocumentsLost) { // between the work and its end somebody asked for that
		err = w.Store.EndCancelledDocuments(write, claim, w.Now())
	}
	if err != nil && !errors.Is(err, store.ErrDocumentsLost) {
		return fmt.Errorf("writing the end of documents: %w", err)
	}
	w.Logger.InfoContext(ctx, "the making of documents ended", slog.String("project_id", run.ProjectID), slog.Int64("ms", w.Now().Sub(started).Milliseconds()))
	return nil
}

// sweepDocuments does for documents what sweep does for analyses.
func (w *Workers) sweepDocuments(ctx context.Context) {
	before := w.silentSince()
	silent, err := w.Store.SilentDocuments(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent runs of documents", err)
		return
	}
	for _, v := range silent {
		if err := w.sweepDocument(ctx, v, before); err != nil {
			w.complain(ctx, "sweeping documents", err, slog.String("document_run_id", v.ID))
		}
	}
}

func (w *Workers) sweepDocument(ctx context.Context, v store.SilentDocuments, before time.Time) error {
	switch {
	case v.Cancelled:
		return w.Store.EndSilentDocuments(ctx, v, rampforge.JobCancelled, nil, before, w.Now())
	case v.Status == rampforge.JobRunning && v.Attempts >= store.MaxAttempts:
		reason := fmt.Sprintf("The documents were begun %d times and their worker ended each time, perhaps for want of memory: see the server's log, then ask for them again.", v.Attempts)
		return w.Store.EndSilentDocuments(ctx, v, rampforge.JobFailed, &reason, before, w.Now())
	case v.Status == rampforge.JobQueued:
		waiting, err := w.queue.Waiting(ctx, v.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchDocuments(ctx, v, w.Now())
		}
	}
	taken, err := w.Store.RequeueDocuments(ctx, v, before, w.Now(), w.queue.EnqueueDocuments)
	if taken {
		w.Logger.WarnContext(ctx, "documents whose worker is gone were queued again", slog.String("document_run_id", v.ID), slog.Int("attempts", v.Attempts))
	}
	return err
}
