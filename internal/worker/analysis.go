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
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// progressInterval is how often progress is written at most: it goes to the
// row and to everybody who watches.
const progressInterval = time.Second

// analysisWorker works analyses.
type analysisWorker struct {
	river.WorkerDefaults[queue.AnalysisArgs]
	*Workers
}

// Messages of events.
const (
	saidCancelled = "Cancelled."
	saidRefused   = "Completed. The token of the service of its host was refused, and the repository was read without one."
)

// The reasons that an analysis is stopped from outside.
var (
	errCancelled = errors.New("somebody asked for the end of the analysis")
	errLost      = errors.New("the analysis is not this worker's any more")
)

// Work implements river.Worker. It answers with an error only when the row
// could not be written: the sweep takes over then.
func (w *analysisWorker) Work(ctx context.Context, job *river.Job[queue.AnalysisArgs]) error {
	claim := store.Claim{AnalysisID: job.Args.AnalysisID, JobID: job.ID, Owner: w.Owner}
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("analysis_id", claim.AnalysisID))
	run, repository, claimed, err := w.Store.ClaimRun(ctx, claim, w.Now(), w.silentSince())
	if err != nil {
		return fmt.Errorf("claiming the analysis: %w", err)
	}
	if !claimed {
		queue.Ended(ctx, queue.Lost)
		return nil // it has another job, has ended, or is worked by somebody who lives
	}
	started := w.Now()
	result, err := w.inspect(ctx, claim, run, repository)
	noteEnd(ctx, err)
	// Shutdown cancels ctx; what the work came to must be written all the same.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := w.conclude(write, ctx, claim, result, err); err != nil {
		return err
	}
	w.resolvePeople(context.WithoutCancel(ctx))
	w.queueSearches(write)
	w.queueNarratives(write)
	w.Logger.Log(ctx, endLevel(err), "an analysis ended", slog.String("repository_id", repository.ID),
		slog.Int64("ms", w.Now().Sub(started).Milliseconds()), slog.Any("error", err))
	return nil
}

// endLevel is how loud the log says what an analysis came to: what is nobody
// else's fault is ours to look at.
func endLevel(err error) slog.Level {
	_, told := errors.AsType[*rampforge.Error](err)
	switch {
	case errors.Is(err, inspect.ErrKilled):
		return slog.LevelWarn
	case err == nil, told, errors.Is(err, errCancelled), errors.Is(err, errLost), errors.Is(err, context.Canceled):
		return slog.LevelInfo
	}
	return slog.LevelError
}

// inspect runs the analysis while a second goroutine says that it lives and
// listens for its end. A panic is a failed analysis, not a dead server.
func (w *analysisWorker) inspect(ctx context.Context, c store.Claim, run store.Run, r rampforge.Repository) (result *inspect.Finished, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	pulse := &pulse{workers: w.Workers, claim: c, stop: stop}
	var beating sync.WaitGroup
	beating.Go(func() { pulse.keep(ctx) })
	defer func() {
		if p := recover(); p != nil {
			w.Logger.ErrorContext(ctx, "an analysis panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = ownFault("analysis")
		}
		if cause := context.Cause(ctx); cause != nil && err != nil {
			err = errors.Join(cause, err)
		}
		stop(nil)
		beating.Wait()
	}()
	erased, err := w.Store.Erased(ctx)
	if err != nil {
		return nil, err
	}
	request := w.Request(r, run.Analysis.Options)
	request.Erased = erased.Names()
	request.Progress = pulse.progress
	by, err := w.access(ctx, r)
	if err != nil {
		return nil, err
	}
	request.Access = AccessOf(by)
	result, err = w.Inspector.Inspect(ctx, request)
	if err == nil && result.TokenRefused {
		w.Logger.WarnContext(ctx, "the token of a service was refused: the repository was fetched without it",
			slog.String("repository_id", r.ID), slog.String("service_id", by.Service.ID))
	}
	return result, err
}

// access says what a repository is fetched with. The token goes from here to git
// and is kept nowhere.
func (w *analysisWorker) access(ctx context.Context, r rampforge.Repository) (ingest.Access, error) {
	if w.Access == nil {
		return ingest.Access{}, nil
	}
	a, err := w.Access(ctx, r)
	if err != nil {
		return ingest.Access{}, fmt.Errorf("finding what to fetch the repository with: %w", err)
	}
	return a, nil
}

// AccessOf is the form in which a repository is fetched with a.
func AccessOf(a ingest.Access) inspect.Access {
	to := inspect.Access{Token: a.Token, Bearer: a.Bearer, Optional: a.Chosen, Advice: a.Advice}
	if a.Service != nil {
		to.Owner = fmt.Sprintf("of the service %q", a.Service.Name)
	}
	return to
}

// conclude writes how the work ended. ctx is alive; work is the job's own,
// which tells a shutdown from a fault.
func (w *analysisWorker) conclude(ctx, work context.Context, c store.Claim, result *inspect.Finished, err error) error {
	outcome := store.Outcome{Status: rampforge.AnalysisCompleted, Message: "Completed."}
	switch {
	case errors.Is(err, errLost):
		return nil
	case errors.Is(err, errCancelled):
		outcome.Status, outcome.Message = rampforge.AnalysisCancelled, saidCancelled
	case err != nil && work.Err() != nil:
		if _, err := w.Store.ReleaseRun(ctx, c, w.Now(), w.queue.EnqueueAnalysis); err != nil {
			return fmt.Errorf("handing the analysis back: %w", err)
		}
		return nil
	case errors.Is(err, inspect.ErrKilled):
		again, err := w.Store.RetryRun(ctx, c, w.Now(), w.queue.EnqueueAnalysis)
		if err != nil {
			return fmt.Errorf("handing the analysis back: %w", err)
		}
		if again {
			return nil
		}
		message := diedAgain(store.MaxAttempts)
		outcome.Status, outcome.Error, outcome.Message = rampforge.AnalysisFailed, &message, message
	case err != nil:
		message := failure("analysis", err)
		outcome.Status, outcome.Error, outcome.Message = rampforge.AnalysisFailed, &message, message
	default:
		if result.IndexFault != "" {
			w.Logger.WarnContext(ctx, "the code index is not kept", slog.String("error", result.IndexFault))
		}
		if result.TokenRefused {
			outcome.Message = saidRefused
		}
		index, err := w.namelessIndex(ctx, result.Index)
		if err != nil {
			return err
		}
		outcome.Report, outcome.Index, outcome.Commit = result.Report, index, &result.Commit
		outcome.Progress = rampforge.Progress{Done: int64(result.Files), Total: int64(result.Files), Unit: "files", Stage: "done"}
		for _, s := range result.Signed {
			outcome.Signatures = append(outcome.Signatures, store.Signed{Signature: s.Committed, Proper: s.Proper.Email})
		}
		if result.DefaultBranch != "" {
			outcome.DefaultBranch = &result.DefaultBranch
		}
	}
	if _, err := w.Store.FinishRun(ctx, c, outcome, w.Now()); err != nil {
		return fmt.Errorf("writing the end of the analysis: %w", err)
	}
	return nil
}

// pulse says that a worker lives and how far it is, and stops it when the row
// says so.
type pulse struct {
	workers *Workers
	claim   store.Claim
	stop    context.CancelCauseFunc

	mu     sync.Mutex
	latest *rampforge.Progress // not written yet
}

// progress is called by the analysis, at any rate.
func (p *pulse) progress(now rampforge.Progress) {
	p.mu.Lock()
	p.latest = &now
	p.mu.Unlock()
}

func (p *pulse) keep(ctx context.Context) {
	tick := time.NewTicker(min(progressInterval, p.workers.Beat))
	defer tick.Stop()
	heard := p.workers.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		latest := p.latest
		p.latest = nil
		p.mu.Unlock()
		if latest == nil && p.workers.Now().Sub(heard) < p.workers.Beat {
			continue
		}
		if p.beat(ctx, latest) {
			heard = p.workers.Now()
		}
	}
}

// beat writes once and obeys the answer. A write that fails is tried again at
// the next tick; the row's worker is taken for dead after a minute of them.
func (p *pulse) beat(ctx context.Context, latest *rampforge.Progress) bool {
	var said store.Pulse
	var err error
	if latest != nil {
		said, err = p.workers.Store.ProgressRun(ctx, p.claim, *latest, p.workers.Now())
	} else {
		said, err = p.workers.Store.BeatRun(ctx, p.claim, p.workers.Now())
	}
	switch {
	case err != nil:
		p.workers.complain(ctx, "writing a heartbeat", err)
		return false
	case said.Lost:
		p.stop(errLost)
	case said.Cancelled:
		p.stop(errCancelled)
	}
	return true
}
