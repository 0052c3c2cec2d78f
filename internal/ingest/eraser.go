package ingest

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Eraser makes nameless what is kept of people who were erased. It goes on where
// any process before it stopped.
type Eraser struct {
	Store *store.Store
	Now   func() time.Time
	Rest  time.Duration // after each step, so that others may write
	// Unread is told of each document that is damaged, and therefore stays as it is.
	Unread func(what string)
}

// Run walks until everything was looked through once, and once more where that is
// due, and finds out anew who is who. It returns how many rows it changed. While the
// second look is not due yet, it leaves that to whoever runs later.
func (e *Eraser) Run(ctx context.Context) (changed int, err error) {
	for {
		step, err := e.Store.EraseStep(ctx, codeindex.Nameless, e.Now())
		changed += step.Changed
		if err != nil {
			return changed, err
		}
		if step.Unread != "" && e.Unread != nil {
			e.Unread(step.Unread)
		}
		if step.Done || step.Passed && step.Wait > 0 {
			break
		}
		if e.Rest > 0 {
			select {
			case <-ctx.Done():
				return changed, context.Cause(ctx)
			case <-time.After(e.Rest):
			}
		} else if ctx.Err() != nil {
			return changed, context.Cause(ctx)
		}
	}
	if changed == 0 {
		return 0, nil
	}
	_, err = (&People{Store: e.Store, Now: e.Now}).Resolve(ctx)
	return changed, err
}
