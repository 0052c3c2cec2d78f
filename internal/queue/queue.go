// Package queue names the kinds of jobs and writes them into the transaction
// of the state row that they work. It hides River, and which of its drivers
// the database needs. It may import the root package and telemetry; it is
// given its pool.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/trace"
)

// Each kind of job waits in a queue of its own: a first sync takes hours, most
// of them waiting for its vendor, and must hold up neither analyses nor what
// webhooks tell. Stored jobs carry the names, so they never change.
const (
	analyses   = "analyses"
	syncs      = "syncs"
	deliveries = "deliveries"
	remaps     = "remaps"
	workflows  = "workflows"
	searches   = "searches"
	documents  = "documents"
	narratives = "narratives"
)

// AnalysisArgs is the job that works one analysis.
type AnalysisArgs struct {
	AnalysisID string `json:"analysis_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (AnalysisArgs) Kind() string { return "analysis" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (AnalysisArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: analyses} }

// SyncArgs is the job that works the sync of one service.
type SyncArgs struct {
	TaskID string `json:"task_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (SyncArgs) Kind() string { return "sync" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SyncArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: syncs} }

// DeliveriesArgs is the job that works the open deliveries of a service.
type DeliveriesArgs struct {
	ServiceID string `json:"service_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (DeliveriesArgs) Kind() string { return "deliveries" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (DeliveriesArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: deliveries} }

// RemapArgs is the job that makes the records of a service anew.
type RemapArgs struct {
	RemapID string `json:"remap_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (RemapArgs) Kind() string { return "remap" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (RemapArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: remaps} }

// WorkflowArgs is the job that brings the facts of a project up to date.
type WorkflowArgs struct {
	ProjectID string `json:"project_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (WorkflowArgs) Kind() string { return "workflow" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (WorkflowArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: workflows} }

// SearchArgs is the job that brings the passages of a scope up to date.
type SearchArgs struct {
	Scope int64 `json:"scope"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (SearchArgs) Kind() string { return "search" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SearchArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: searches} }

// DocumentsArgs is the job that makes documents of a project.
type DocumentsArgs struct {
	RunID string `json:"run_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (DocumentsArgs) Kind() string { return "documents" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (DocumentsArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: documents} }

// NarrativeArgs is the job that brings the descriptions of a repository up to date.
type NarrativeArgs struct {
	RepositoryID string `json:"repository_id"`
}

// Kind implements river.JobArgs. Stored jobs carry it, so it never changes.
func (NarrativeArgs) Kind() string { return "narrative" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (NarrativeArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: narratives} }

// Options configures a Queue.
type Options struct {
	Pool   *sql.DB // the pool that may write
	SQLite bool    // else PostgreSQL
	Logger *slog.Logger
	// Workers are the job kinds that this process works, and Concurrency how
	// many jobs of each kind at the same time. With 0 it only writes jobs, for
	// other processes to work.
	Workers     *river.Workers
	Concurrency int
	// Reads is the pool that the depths are read from; nil is Pool.
	Reads *sql.DB
	// Registry takes the metrics of jobs; nil tells nobody. Traces makes a trace of
	// each job; nil makes none.
	Registry prometheus.Registerer
	Traces   trace.TracerProvider
}

// Queue writes jobs and, when it has workers, works them. It is safe for
// concurrent use.
type Queue struct {
	client *river.Client[*sql.Tx]
	reads  *sql.DB
	works  bool
}

// pollInterval is how long a job may wait for an idle worker: database/sql has
// no listener, so workers look. Each look takes SQLite's one writer.
func pollInterval(sqlite bool) time.Duration {
	if sqlite {
		return 500 * time.Millisecond
	}
	return soonInterval
}

// soonInterval is the same for a sync on either database: one of what changed
// takes less time than the wait for it would.
const soonInterval = 200 * time.Millisecond

// rarePollInterval is the same for jobs that nobody waits for by the second.
const rarePollInterval = 5 * time.Second

// New returns a queue. Nothing is worked before Start.
func New(o Options) (*Queue, error) {
	observed, err := newObserver(o.Registry, o.Traces, o.Logger)
	if err != nil {
		return nil, fmt.Errorf("registering the metrics of jobs: %w", err)
	}
	config := &river.Config{
		Middleware:        []rivertype.Middleware{observed},
		Logger:            slog.New(warnings{o.Logger.Handler()}),
		PollOnly:          true,
		FetchPollInterval: pollInterval(o.SQLite),
		// Analyses take as long as they take; their rows tell whether they live.
		JobTimeout: -1,
		// One attempt: the sweep gives a row whose worker died a new job, so there
		// is one way back and not two.
		MaxAttempts:          1,
		RescueStuckJobsAfter: 24 * time.Hour,
	}
	if o.Concurrency > 0 {
		config.Workers = o.Workers
		often := river.QueueConfig{MaxWorkers: o.Concurrency}
		soon := river.QueueConfig{MaxWorkers: o.Concurrency, FetchPollInterval: soonInterval}
		rarely := river.QueueConfig{MaxWorkers: o.Concurrency, FetchPollInterval: rarePollInterval}
		config.Queues = map[string]river.QueueConfig{
			analyses: often, syncs: soon, deliveries: often, workflows: often, searches: often, documents: often, narratives: often, remaps: rarely,
			river.QueueDefault: rarely, // jobs of every kind that versions before wrote
		}
	}
	var client *river.Client[*sql.Tx]
	if o.SQLite {
		client, err = river.NewClient(riversqlite.New(o.Pool), config)
	} else {
		client, err = river.NewClient(riverdatabasesql.New(o.Pool), config)
	}
	if err != nil {
		return nil, fmt.Errorf("making the job queue: %w", err)
	}
	if o.Reads == nil {
		o.Reads = o.Pool
	}
	return &Queue{client: client, reads: o.Reads, works: o.Concurrency > 0}, nil
}

// EnqueueAnalysis writes the job of an analysis into tx and returns the job's
// id.
func (q *Queue) EnqueueAnalysis(ctx context.Context, tx *sql.Tx, analysisID string) (int64, error) {
	return q.insert(ctx, tx, AnalysisArgs{AnalysisID: analysisID}, nil)
}

// EnqueueSync writes the job of a sync task into tx and returns the job's id.
func (q *Queue) EnqueueSync(ctx context.Context, tx *sql.Tx, taskID string) (int64, error) {
	return q.EnqueueSyncAt(time.Time{})(ctx, tx, taskID)
}

// EnqueueSyncAt returns an EnqueueSync whose jobs are worked from a moment on;
// a zero one is now.
func (q *Queue) EnqueueSyncAt(at time.Time) func(ctx context.Context, tx *sql.Tx, taskID string) (int64, error) {
	return func(ctx context.Context, tx *sql.Tx, taskID string) (int64, error) {
		return q.insert(ctx, tx, SyncArgs{TaskID: taskID}, &river.InsertOpts{ScheduledAt: at})
	}
}

// EnqueueRemap writes the job of a remap into tx and returns the job's id.
func (q *Queue) EnqueueRemap(ctx context.Context, tx *sql.Tx, remapID string) (int64, error) {
	return q.insert(ctx, tx, RemapArgs{RemapID: remapID}, nil)
}

// EnqueueWorkflow writes the job that brings a project's facts up to date into
// tx and returns the job's id.
func (q *Queue) EnqueueWorkflow(ctx context.Context, tx *sql.Tx, projectID string) (int64, error) {
	return q.insert(ctx, tx, WorkflowArgs{ProjectID: projectID}, nil)
}

// EnqueueSearch writes the job that brings the passages of a scope up to date
// into tx and returns the job's id.
func (q *Queue) EnqueueSearch(ctx context.Context, tx *sql.Tx, scope int64) (int64, error) {
	return q.insert(ctx, tx, SearchArgs{Scope: scope}, nil)
}

// EnqueueDocuments writes the job that makes documents of a project into tx and
// returns the job's id.
func (q *Queue) EnqueueDocuments(ctx context.Context, tx *sql.Tx, runID string) (int64, error) {
	return q.insert(ctx, tx, DocumentsArgs{RunID: runID}, nil)
}

// EnqueueNarratives writes the job that brings the descriptions of a repository up
// to date into tx and returns the job's id.
func (q *Queue) EnqueueNarratives(ctx context.Context, tx *sql.Tx, repositoryID string) (int64, error) {
	return q.insert(ctx, tx, NarrativeArgs{RepositoryID: repositoryID}, nil)
}

// EnqueueDeliveries writes a job for the open deliveries of a service into tx
// and returns the job's id.
func (q *Queue) EnqueueDeliveries(ctx context.Context, tx *sql.Tx, serviceID string) (int64, error) {
	return q.insert(ctx, tx, DeliveriesArgs{ServiceID: serviceID}, nil)
}

// EnqueueDeliveriesAt is EnqueueDeliveries with a job that is not worked before
// a time.
func (q *Queue) EnqueueDeliveriesAt(ctx context.Context, tx *sql.Tx, serviceID string, at time.Time) (int64, error) {
	return q.insert(ctx, tx, DeliveriesArgs{ServiceID: serviceID}, &river.InsertOpts{ScheduledAt: at})
}

func (q *Queue) insert(ctx context.Context, tx *sql.Tx, args river.JobArgs, options *river.InsertOpts) (int64, error) {
	result, err := q.client.InsertTx(ctx, tx, args, options)
	if err != nil {
		return 0, fmt.Errorf("writing the job: %w", err)
	}
	return result.Job.ID, nil
}

// Waiting reports whether a job is still to be worked. A job that nobody knows
// any more is not.
func (q *Queue) Waiting(ctx context.Context, jobID int64) (bool, error) {
	job, err := q.client.JobGet(ctx, jobID)
	if errors.Is(err, rivertype.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("reading a job: %w", err)
	}
	switch job.State {
	case rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateScheduled, rivertype.JobStateRetryable:
		return true, nil
	default:
		return false, nil
	}
}

// Start begins to work jobs. It does nothing in a queue without workers. The
// jobs end with Stop, not with ctx.
func (q *Queue) Start(ctx context.Context) error {
	if !q.works {
		return nil
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the job workers: %w", err)
	}
	return nil
}

// Stop takes no new jobs, cancels the contexts of those that run, and waits
// for them within ctx.
func (q *Queue) Stop(ctx context.Context) error {
	if !q.works {
		return nil
	}
	if err := q.client.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stopping the job workers: %w", err)
	}
	return nil
}

// warnings drops what River tells of its ordinary life: several lines at each
// start and every few seconds after.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
