package worker

import (
	"context"
	"time"
)

// Services asks services whether they still work; *ingest.Services does.
type Services interface {
	// CheckDue asks those whose check is due, and returns how many. Each is
	// asked by one process.
	CheckDue(ctx context.Context) (int, error)
}

// roundsOfInterval is how often a check that is due is looked for within the
// interval between checks.
const roundsOfInterval = 6

// keepChecking checks services in the background, for as long as ctx lives.
func (w *Workers) keepChecking(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(max(every/roundsOfInterval, 10*time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := w.Services.CheckDue(ctx); err != nil {
			w.complain(ctx, "checking services", err)
		}
	}
}
