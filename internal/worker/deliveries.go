package worker

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// DefaultSyncPause is how long a service that was synced is left alone,
// whatever its webhooks tell: a busy one tells something every second.
const DefaultSyncPause = 30 * time.Second

// deliveryWorker works what a vendor's webhook told of a service.
type deliveryWorker struct {
	river.WorkerDefaults[queue.DeliveriesArgs]
	*Workers
}

// Work implements river.Worker. It answers with an error only when nothing was
// written: the sweep takes over then.
func (w *deliveryWorker) Work(ctx context.Context, job *river.Job[queue.DeliveriesArgs]) error {
	service := job.Args.ServiceID
	ctx = telemetry.With(ctx, slog.Int64("job_id", job.ID), slog.String("service_id", service))
	done, err := w.Store.WorkDeliveries(ctx, store.DeliveryWork{
		ServiceID: service, JobID: job.ID, Now: w.Now().UTC(), Pause: w.SyncPause,
		Enqueue: w.queue.EnqueueDeliveries, EnqueueAt: w.queue.EnqueueDeliveriesAt, EnqueueSync: w.queue.EnqueueSync,
	})
	if err != nil {
		return fmt.Errorf("working the deliveries: %w", err)
	}
	w.Logger.InfoContext(ctx, "deliveries were worked", slog.Int("gone", done.Gone), slog.Int("back", done.Back),
		slog.Bool("synced", done.Synced), slog.Bool("deferred", done.Deferred))
	if !done.Deferred {
		return nil
	}
	// The sync that they wait for may have ended before they were written down.
	runs, err := w.Store.SyncRuns(ctx, service)
	if err == nil && !runs {
		w.followDeliveries(ctx, service)
	}
	return err
}

// followDeliveries has the deliveries worked that waited for the end of a sync.
// Should it fail, the sweep finds them.
func (w *Workers) followDeliveries(ctx context.Context, serviceID string) {
	if _, err := w.Store.FollowDeliveries(ctx, serviceID, w.Now().UTC(), w.queue.EnqueueDeliveries); err != nil {
		w.complain(ctx, "queueing deliveries after a sync", err, slog.String("service_id", serviceID))
	}
}

// sweepDeliveries finds open deliveries whose job was lost, and gives each
// service a new one.
func (w *Workers) sweepDeliveries(ctx context.Context) {
	before := w.silentSince()
	silent, err := w.Store.SilentWebhooks(ctx, before, sweepLimit)
	if err != nil {
		w.complain(ctx, "looking for silent deliveries", err)
		return
	}
	for _, s := range silent {
		if err := w.sweepWebhook(ctx, s, before); err != nil {
			w.complain(ctx, "sweeping deliveries", err, slog.String("service_id", s.ServiceID))
		}
	}
}

func (w *Workers) sweepWebhook(ctx context.Context, s store.SilentWebhook, before time.Time) error {
	now := w.Now().UTC()
	for _, job := range s.Jobs {
		waiting, err := w.queue.Waiting(ctx, job)
		if err != nil {
			return err
		}
		if waiting {
			return w.Store.TouchDeliveries(ctx, s.ServiceID, before, now)
		}
	}
	taken, err := w.Store.RequeueDeliveries(ctx, s.ServiceID, before, now, w.queue.EnqueueDeliveries)
	if taken {
		w.Logger.WarnContext(ctx, "deliveries whose job is gone were queued again", slog.String("service_id", s.ServiceID))
	}
	return err
}
