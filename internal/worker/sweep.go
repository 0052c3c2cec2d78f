package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// maxSyncAttempts is the same for a sync. What it kept stays kept, so that each
// attempt comes further: it is given more of them.
const maxSyncAttempts = 9

// sweepLimit bounds the rows of one sweep; the next one goes on.
const sweepLimit = 200

func (w *Workers) keepSweeping(ctx context.Context) {
	tick := time.NewTicker(beatsOfSweeping * w.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.sweep(ctx)
			w.sweepSyncs(ctx)
			w.sweepDeliveries(ctx)
			w.sweepRemaps(ctx)
			w.sweepWorkflows(ctx)
			w.sweepSearches(ctx)
			w.sweepDocuments(ctx)
			w.sweepNarratives(ctx)
		}
	}
}

// sweep finds rows whose worker died, or whose job was lost, and gives each a
// new job or its end. Any number of processes may sweep at once: each change
// is conditional on the row still being silent.
func (w *Workers) sweep(ctx context.Context) {
	before := w.silentSince()
	runs, err := w.Store.SilentRuns(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent analyses", err)
		return
	}
	for _, run := range runs {
		if err := w.sweepRun(ctx, run, before); err != nil {
			w.complain(ctx, "sweeping an analysis", err, slog.String("analysis_id", run.Analysis.ID))
		}
	}
}

func (w *Workers) sweepRun(ctx context.Context, run store.Run, before time.Time) error {
	a, now := run.Analysis, w.Now()
	switch {
	case run.Cancelled:
		_, err := w.Store.EndSilentRun(ctx, run, rampforge.AnalysisCancelled, nil, before, now)
		return err
	case a.Status == rampforge.AnalysisRunning && run.Attempts >= store.MaxAttempts:
		reason := diedAgain(run.Attempts)
		_, err := w.Store.EndSilentRun(ctx, run, rampforge.AnalysisFailed, &reason, before, now)
		return err
	case a.Status == rampforge.AnalysisQueued:
		// A queue can be longer than a minute: that is no fault.
		waiting, err := w.queue.Waiting(ctx, run.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchRun(ctx, run, now)
		}
	}
	taken, err := w.Store.RequeueRun(ctx, run, before, now, w.queue.EnqueueAnalysis)
	if taken {
		w.Logger.WarnContext(ctx, "an analysis whose worker is gone was queued again",
			slog.String("analysis_id", a.ID), slog.String("owner", run.Owner), slog.Int("attempts", run.Attempts))
	}
	return err
}

// diedAgain is what is said of an analysis whose workers died so often that it is
// not tried again.
func diedAgain(attempts int) string {
	return fmt.Sprintf("The analysis was begun %d times and its worker ended each time, perhaps for want of memory: see the server's log, then analyse again.", attempts)
}

// sweepSyncs does for syncs what sweep does for analyses.
func (w *Workers) sweepSyncs(ctx context.Context) {
	before := w.silentSince()
	tasks, err := w.Store.SilentSyncs(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent syncs", err)
		return
	}
	for _, task := range tasks {
		if err := w.sweepSync(ctx, task, before); err != nil {
			w.complain(ctx, "sweeping a sync", err, slog.String("task_id", task.TaskID))
		}
	}
}

func (w *Workers) sweepSync(ctx context.Context, task store.SilentSync, before time.Time) error {
	now := w.Now()
	switch {
	case task.Cancelled:
		_, err := w.Store.EndSilentSync(ctx, task, rampforge.SyncCancelled, rampforge.SyncFault{Reason: "cancelled", Message: saidCancelled}, before, now, w.queue.EnqueueSync)
		return err
	case task.Status == rampforge.SyncRunning && task.Attempts >= maxSyncAttempts:
		_, err := w.Store.EndSilentSync(ctx, task, rampforge.SyncFailed, rampforge.SyncFault{Reason: "lost",
			Message: fmt.Sprintf("The sync was begun %d times and its worker ended each time: see the server's log, then sync again.", task.Attempts)}, before, now, w.queue.EnqueueSync)
		return err
	case task.Status == rampforge.SyncQueued:
		waiting, err := w.queue.Waiting(ctx, task.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchSync(ctx, task, now)
		}
	}
	taken, err := w.Store.RequeueSync(ctx, task, before, now, w.queue.EnqueueSync)
	if taken {
		w.Logger.WarnContext(ctx, "a sync whose worker is gone was queued again",
			slog.String("task_id", task.TaskID), slog.String("owner", task.Owner), slog.Int("attempts", task.Attempts))
	}
	return err
}

// complain logs a fault of the sweep, which tries again by itself.
func (w *Workers) complain(ctx context.Context, what string, err error, attrs ...any) {
	if ctx.Err() == nil {
		w.Logger.ErrorContext(ctx, what+" failed", append(attrs, slog.Any("error", err))...)
	}
}
