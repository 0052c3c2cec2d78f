package worker

import (
	"context"
	"log/slog"
	"time"
)

const (
	// betweenBatches leaves the database to others while a backfill runs.
	betweenBatches = 50 * time.Millisecond
	// afterFault is how long a backfill waits when a batch failed.
	afterFault = time.Minute
)

// backfill derives what an older version did not keep, from the records that it
// kept. It goes on where it was interrupted, and ends for good.
func (w *Workers) backfill(ctx context.Context) {
	read := 0
	for {
		n, more, err := w.Store.FillSignatures(ctx)
		read += n
		pause := betweenBatches
		switch {
		case err != nil:
			w.complain(ctx, "deriving the signatures of commits", err)
			pause = afterFault
		case !more:
			if read > 0 {
				w.resolvePeople(ctx)
				w.Logger.InfoContext(ctx, "the signatures of commits that were kept by an older version were derived", slog.Int("records", read))
			}
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
