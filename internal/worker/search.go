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

// Searches brings the passages of a scope up to date; *search.Indexer does.
type Searches interface {
	Refresh(ctx context.Context, c store.SearchClaim, was store.SearchScope) error
}

// searchWorker brings the passages of a scope up to date.
type searchWorker struct {
	river.WorkerDefaults[queue.SearchArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *searchWorker) Work(ctx context.Context, job *river.Job[queue.SearchArgs]) error {
	claim := store.SearchClaim{Scope: job.Args.Scope, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.Int64("search_scope", claim.Scope))
	was, claimed, err := w.Store.ClaimSearch(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming a scope of the search: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, is up to date, or is worked by somebody who lives
	}
	started := w.Now()
	say := func(ctx context.Context) error { return w.Store.BeatSearch(ctx, claim, w.Now()) }
	err = w.alive(ctx, "search index", "a scope of the search", say, store.ErrSearchLost, func(ctx context.Context) error {
		return w.Searches.Refresh(ctx, claim, was)
	})
	noteEnd(ctx, err)
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	switch {
	case err == nil:
		w.Logger.InfoContext(ctx, "a scope of the search is up to date", slog.String("repository_id", was.RepositoryID),
			slog.String("service_id", was.ServiceID), slog.Int64("ms", w.Now().Sub(started).Milliseconds()))
		if w.Embeddings != "" {
			w.queueSearches(ctx) // there may be more to embed
		}
		return nil
	case errors.Is(err, store.ErrSearchLost):
		return nil
	case ctx.Err() != nil:
		err = w.Store.ReleaseSearch(write, claim, w.queue.EnqueueSearch, w.Now())
	default:
		w.complain(ctx, "indexing for the search", err)
		err = w.Store.FailSearch(write, claim, failure("search index", err), w.Now().Add(retryIn(was.Failures)), w.Now())
	}
	if err != nil && !errors.Is(err, store.ErrSearchLost) {
		return fmt.Errorf("writing the end of a scope of the search: %w", err)
	}
	return nil
}

// queueSearches gives jobs to the scopes that are due. It is called where
// something was read, so that nobody waits for the next sweep.
func (w *Workers) queueSearches(ctx context.Context) {
	var err error
	if w.Embeddings == "" {
		err = w.Store.UseNoEmbeddings(ctx)
	} else {
		_, err = w.Store.UseEmbeddings(ctx, w.Embeddings, w.Now())
	}
	if err != nil {
		w.complain(ctx, "looking for what is to be embedded", err)
	}
	if err := w.Store.QueueSearch(ctx, w.queue.EnqueueSearch, sweepLimit, w.Now()); err != nil {
		w.complain(ctx, "looking for what the search lacks", err)
	}
}

// sweepSearches gives jobs to the scopes that are due, and does for them what
// sweep does for analyses.
func (w *Workers) sweepSearches(ctx context.Context) {
	w.queueSearches(ctx)
	before := w.silentSince()
	silent, err := w.Store.SilentSearches(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent scopes of the search", err)
		return
	}
	for _, v := range silent {
		if err := w.sweepSearch(ctx, v, before); err != nil {
			w.complain(ctx, "sweeping a scope of the search", err, slog.Int64("search_scope", v.Scope))
		}
	}
}

func (w *Workers) sweepSearch(ctx context.Context, v store.SilentSearch, before time.Time) error {
	switch {
	case v.Status == store.SearchRunning && v.Attempts >= store.MaxAttempts:
		message := fmt.Sprintf("The search index was begun %d times and its worker ended each time, perhaps for want of memory: see the server's log.", v.Attempts)
		return w.Store.EndSilentSearch(ctx, v, message, w.Now().Add(latestRetry), before, w.Now())
	case v.Status == store.SearchQueued && v.JobID != 0:
		waiting, err := w.queue.Waiting(ctx, v.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchSearch(ctx, v, w.Now())
		}
	}
	taken, err := w.Store.RequeueSearch(ctx, v, w.queue.EnqueueSearch, before, w.Now())
	if taken {
		w.Logger.WarnContext(ctx, "a scope of the search whose worker is gone was queued again", slog.Int64("search_scope", v.Scope), slog.Int("attempts", v.Attempts))
	}
	return err
}
