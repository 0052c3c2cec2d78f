// Package worker works the jobs: one file for each kind, and the sweep that
// finds the work of processes that died. It is the one place that knows both
// what was fetched and where it is stored. It may import floors one to three.
package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
)

// DefaultBeat is how often a worker says that it lives.
const DefaultBeat = 10 * time.Second

// The sweep looks every third beat and takes a worker for dead after six.
const (
	beatsOfSilence  = 6
	beatsOfSweeping = 3
)

// Inspector analyses a repository; *apart.Inspector does.
type Inspector interface {
	Inspect(ctx context.Context, r inspect.Request) (*inspect.Finished, error)
}

// Options configures the workers. Every field must be set.
type Options struct {
	Store     *store.Store
	Inspector Inspector
	Logger    *slog.Logger
	Owner     string        // names this process among all that ever ran
	Beat      time.Duration // 0 is DefaultBeat
	Mirrors   Mirrors
	Retention Retention
	// Request says how to inspect a repository: where its mirror lies, and what
	// may be read.
	Request func(repository rampforge.Repository, options rampforge.AnalysisOptions) inspect.Request
	// Access says what a repository is fetched with, which is asked for each time;
	// nil is with nothing.
	Access func(ctx context.Context, repository rampforge.Repository) (ingest.Access, error)
	// Connect opens the connector of a service; what a person can do something
	// about is a connector's error.
	Connect func(ctx context.Context, serviceID string) (rampforge.Service, connector.Connector, error)
	// Normalise returns what makes a record of a kept payload, of a type of
	// service; nil where there is no mapping.
	Normalise func(rampforge.ServiceType) ingest.Normalise
	// Workflows brings the facts of projects up to date.
	Workflows Workflows
	// Searches brings the passages of scopes up to date.
	Searches Searches
	// Embeddings is the space that passages are embedded in; "" for none.
	Embeddings string
	// Documents makes the documents of projects.
	Documents Documents
	// Narratives brings the descriptions of repositories up to date; nil describes
	// nothing.
	Narratives Narratives
	// Services are checked in the background, each once in CheckEvery; nil for
	// none.
	Services   Services
	CheckEvery time.Duration
	// SyncEvery is how often a connected service is synced that says nothing
	// else; 0 is only by hand. SyncLook is how often syncs that are due are
	// looked for; 0 is every 15 seconds.
	SyncEvery time.Duration
	SyncLook  time.Duration
	// SyncPause is the least time between the end of a sync and the next that
	// webhooks ask for; 0 is DefaultSyncPause.
	SyncPause time.Duration
	Now       func() time.Time
}

// Workers are the workers of this process. They need the queue to hand work
// back, and the queue needs them to start: Register comes first, then Start.
type Workers struct {
	Options

	queue *queue.Queue
	stop  context.CancelFunc
	tidy  chan struct{} // asks for an early removal of what nobody needs
	group sync.WaitGroup
}

// New returns workers that do nothing yet.
func New(o Options) *Workers {
	if o.Beat == 0 {
		o.Beat = DefaultBeat
	}
	if o.SyncLook == 0 {
		o.SyncLook = defaultLook
	}
	if o.SyncPause == 0 {
		o.SyncPause = DefaultSyncPause
	}
	return &Workers{Options: o, tidy: make(chan struct{}, 1)}
}

// Register returns every kind of job that this program works.
func (w *Workers) Register() *river.Workers {
	kinds := river.NewWorkers()
	river.AddWorker(kinds, &analysisWorker{Workers: w})
	river.AddWorker(kinds, &syncWorker{Workers: w})
	river.AddWorker(kinds, &deliveryWorker{Workers: w})
	river.AddWorker(kinds, &remapWorker{Workers: w})
	river.AddWorker(kinds, &workflowWorker{Workers: w})
	river.AddWorker(kinds, &searchWorker{Workers: w})
	river.AddWorker(kinds, &documentsWorker{Workers: w})
	river.AddWorker(kinds, &narrativeWorker{Workers: w})
	return kinds
}

// Start begins to work the jobs of q and to sweep. The first sweep is done
// when it returns.
func (w *Workers) Start(ctx context.Context, q *queue.Queue) error {
	w.queue = q
	w.sweep(ctx)
	w.sweepSyncs(ctx)
	w.sweepDeliveries(ctx)
	w.sweepRemaps(ctx)
	w.sweepWorkflows(ctx)
	w.sweepSearches(ctx)
	w.sweepDocuments(ctx)
	w.sweepNarratives(ctx)
	sweeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	w.group.Go(func() { w.keepSweeping(sweeping) })
	w.group.Go(func() { w.keepHouse(sweeping) })
	w.group.Go(func() { w.keepScheduling(sweeping) })
	w.group.Go(func() { w.backfill(sweeping) })
	if w.Services != nil {
		w.group.Go(func() { w.keepChecking(sweeping, w.CheckEvery) })
	}
	return q.Start(ctx)
}

// StartTidying begins to look after what this process keeps on disk, in place of
// Start where other processes work the jobs.
func (w *Workers) StartTidying(ctx context.Context) {
	tidying, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop = stop
	w.group.Go(func() { w.keepTidy(tidying) })
}

// Stop hands back what runs and waits for that within ctx.
func (w *Workers) Stop(ctx context.Context) error {
	if w.stop == nil {
		return nil
	}
	w.stop()
	w.group.Wait()
	if w.queue == nil {
		return nil
	}
	return w.queue.Stop(ctx)
}

// silentSince is the moment before which a worker must have been heard of to
// be taken for dead.
func (w *Workers) silentSince() time.Time { return w.Now().Add(-beatsOfSilence * w.Beat) }
