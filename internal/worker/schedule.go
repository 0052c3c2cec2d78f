package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge"
)

// defaultLook is how often syncs that are due are looked for.
const defaultLook = 15 * time.Second

// keepScheduling starts the syncs that are due, for as long as ctx lives.
func (w *Workers) keepScheduling(ctx context.Context) {
	tick := time.NewTicker(w.SyncLook)
	defer tick.Stop()
	for {
		w.schedule(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// schedule starts a sync of every service that is due. Any number of processes
// may do it at once: each sync is started by one.
func (w *Workers) schedule(ctx context.Context) {
	services, err := w.Store.ConnectedServices(ctx)
	if err != nil {
		w.complain(ctx, "looking for services to sync", err)
		return
	}
	due := func(v rampforge.Service) bool {
		next := v.NextSyncAt(w.SyncEvery)
		return next != nil && !next.After(w.Now())
	}
	for _, service := range services {
		if !due(service) {
			continue
		}
		started, err := w.Store.StartDueSync(ctx, service.ID, due, w.Now(), w.queue.EnqueueSync)
		if err != nil {
			w.complain(ctx, "starting a sync that is due", err, slog.String("service_id", service.ID))
		}
		if started {
			w.Logger.InfoContext(ctx, "a sync that was due was started", slog.String("service_id", service.ID))
		}
	}
}
