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

// Workflows brings the facts and the report of a project up to date;
// *measure.Measurer does.
type Workflows interface {
	Refresh(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error
}

// workflowWorker brings the facts of a project up to date.
type workflowWorker struct {
	river.WorkerDefaults[queue.WorkflowArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *workflowWorker) Work(ctx context.Context, job *river.Job[queue.WorkflowArgs]) error {
	claim := store.WorkflowClaim{ProjectID: job.Args.ProjectID, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("project_id", claim.ProjectID))
	was, claimed, err := w.Store.ClaimWorkflow(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming a project's workflow: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, is up to date, or is worked by somebody who lives
	}
	err = w.refresh(ctx, claim, was)
	noteEnd(ctx, err)
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	switch {
	case err == nil, errors.Is(err, store.ErrWorkflowLost):
		return nil
	case ctx.Err() != nil:
		err = w.Store.ReleaseWorkflow(write, claim, w.Now())
	default:
		w.complain(ctx, "bringing a project's workflow up to date", err)
		err = w.Store.FailWorkflow(write, claim, was, failure("workflow report", err), w.Now().Add(retryIn(was.Failures)), w.Now())
	}
	if err != nil && !errors.Is(err, store.ErrWorkflowLost) {
		return fmt.Errorf("writing the end of a project's workflow: %w", err)
	}
	return nil
}

// refresh does it while a second goroutine says that it lives.
func (w *workflowWorker) refresh(ctx context.Context, c store.WorkflowClaim, was store.Workflow) error {
	say := func(ctx context.Context) error { return w.Store.BeatWorkflow(ctx, c, w.Now()) }
	return w.alive(ctx, "workflow report", "a project's workflow", say, store.ErrWorkflowLost, func(ctx context.Context) error {
		return w.Workflows.Refresh(ctx, c, was)
	})
}

// How long a refresh that failed waits before it is tried again: each time twice
// as long as before.
const (
	firstRetry  = time.Minute
	latestRetry = 6 * time.Hour
)

// retryIn returns that time after so many failures in a row before this one.
func retryIn(failures int) time.Duration {
	if failures > 10 {
		return latestRetry
	}
	return min(firstRetry<<failures, latestRetry)
}

// workflowAge is how old the facts of a project that has sources may be before
// they are brought up to date although nobody asks.
const workflowAge = 24 * time.Hour

// sweepWorkflows does for projects' facts what sweep does for analyses, and has
// those brought up to date that nobody asked for: after an upgrade from a
// version without facts too.
func (w *Workers) sweepWorkflows(ctx context.Context) {
	aged, err := w.Store.AgedWorkflows(ctx, w.Now().Add(-workflowAge), w.Now(), sweepLimit)
	for _, id := range aged {
		if err == nil {
			err = w.Store.WantWorkflow(ctx, id, w.Now())
		}
	}
	if err != nil {
		w.complain(ctx, "looking for workflows that are due", err)
	}
	before := w.silentSince()
	silent, err := w.Store.SilentWorkflows(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent workflows", err)
		return
	}
	for _, v := range silent {
		if err := w.sweepWorkflow(ctx, v, before); err != nil {
			w.complain(ctx, "sweeping a workflow", err, slog.String("project_id", v.ProjectID))
		}
	}
}

func (w *Workers) sweepWorkflow(ctx context.Context, v store.SilentWorkflow, before time.Time) error {
	switch {
	case v.Status == store.WorkflowRunning && v.Attempts >= store.MaxAttempts:
		message := fmt.Sprintf("The workflow report was begun %d times and its worker ended each time, perhaps for want of memory: see the server's log.", v.Attempts)
		return w.Store.EndSilentWorkflow(ctx, v, message, w.Now().Add(latestRetry), before, w.Now())
	case v.Status == store.WorkflowQueued && v.JobID != 0:
		waiting, err := w.queue.Waiting(ctx, v.JobID)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchWorkflow(ctx, v, w.Now())
		}
	}
	taken, err := w.Store.RequeueWorkflow(ctx, v, before, w.Now())
	if taken {
		w.Logger.WarnContext(ctx, "a workflow whose worker is gone was queued again", slog.String("project_id", v.ProjectID), slog.Int("attempts", v.Attempts))
	}
	return err
}
