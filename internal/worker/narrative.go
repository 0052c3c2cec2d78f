package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// Narratives brings the descriptions of a repository up to date;
// *narrative.Describer does.
type Narratives interface {
	Refresh(ctx context.Context, c store.NarrativeClaim, was store.NarrativeState) error
}

// narrativeWorker brings the descriptions of a repository up to date.
type narrativeWorker struct {
	river.WorkerDefaults[queue.NarrativeArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *narrativeWorker) Work(ctx context.Context, job *river.Job[queue.NarrativeArgs]) error {
	claim := store.NarrativeClaim{RepositoryID: job.Args.RepositoryID, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("repository_id", claim.RepositoryID))
	was, claimed, err := w.Store.ClaimNarratives(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming the descriptions of a repository: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, is up to date, or is worked by somebody who lives
	}
	started := w.Now()
	say := func(ctx context.Context) error { return w.Store.BeatNarratives(ctx, claim, w.Now()) }
	err = w.alive(ctx, "describing of the repository", "the describing of a repository", say, store.ErrNarrativesLost, func(ctx context.Context) error {
		return w.Narratives.Refresh(ctx, claim, was)
	})
	noteEnd(ctx, err)
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	w.queueSearches(write)
	switch {
	case err == nil:
		w.Logger.InfoContext(ctx, "the descriptions of a repository are up to date", slog.Int64("ms", w.Now().Sub(started).Milliseconds()))
		return nil
	case errors.Is(err, store.ErrNarrativesLost):
		return nil
	case ctx.Err() != nil:
		err = w.Store.ReleaseNarratives(write, claim, w.queue.EnqueueNarratives, w.Now())
	default:
		w.complain(ctx, "describing a repository", err)
		err = w.Store.FailNarratives(write, claim, failure("describing of the repository", err), w.Now().Add(retryIn(was.Failures)), w.Now())
	}
	if err != nil && !errors.Is(err, store.ErrNarrativesLost) {
		return fmt.Errorf("writing the end of the describing of a repository: %w", err)
	}
	return nil
}

// queueNarratives gives jobs to the repositories whose descriptions are due. It is called where
// something was read, so that nobody waits for the next sweep.
func (w *Workers) queueNarratives(ctx context.Context) {
	if w.Narratives == nil {
		return
	}
	if err := w.Store.QueueNarratives(ctx, w.queue.EnqueueNarratives, sweepLimit, w.Now()); err != nil {
		w.complain(ctx, "looking for what is not described", err)
	}
}

// sweepNarratives gives jobs to the repositories whose descriptions are due, and does for them what
// sweep does for analyses.
func (w *Workers) sweepNarratives(ctx context.Context) {
	if w.Narratives == nil {
		return
	}
	w.queueNarratives(ctx)
	before := w.silentSince()
	silent, err := w.Store.SilentNarratives(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent descriptions", err)
		return
	}
	for _, v := range silent {
		if err := w.sweepNarrative(ctx, v, before); err != nil {
			w.complain(ctx, "sweeping the descriptions of a repository", err, slog.String("repository_id", v.RepositoryID))
		}
	}
}

func (w *Workers) sweepNarrative(ctx context.Context, v store.SilentNarrative, before time.Time) error {
	switch {
	case v.Status == store.SearchRunning && v.Attempts >= store.MaxAttempts:
		message := fmt.Sprintf("The describing of the repository was begun %d times and its worker ended each time, perhaps for want of memory: see the server's log.", v.Attempts)
		return w.Store.EndSilentNarratives(ctx, v, message, w.Now().Add(latestRetry), before, w.Now())
	case v.Status == store.SearchQueued && v.JobID != 0:
		waiting, err := w.queue.Waiting(ctx, v.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchNarratives(ctx, v, w.Now())
		}
	}
	taken, err := w.Store.RequeueNarratives(ctx, v, w.queue.EnqueueNarratives, before, w.Now())
	if taken {
		w.Logger.WarnContext(ctx, "the describing of a repository whose worker is gone was queued again", slog.String("repository_id", v.RepositoryID), slog.Int("attempts", v.Attempts))
	}
	return err
}
