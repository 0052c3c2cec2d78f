package worker

import (
	"context"
	"errors"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
)

// lost are the errors of work that is not this worker's any more.
var lost = []error{errLost, store.ErrSyncLost, store.ErrRemapLost, store.ErrWorkflowLost, store.ErrSearchLost, store.ErrDocumentsLost, store.ErrNarrativesLost}

// noteEnd notes for the metrics what the work of a job came to. ctx is the
// job's own, which tells a shutdown from a fault.
func noteEnd(ctx context.Context, err error) { queue.Ended(ctx, outcomeOf(ctx, err)) }

func outcomeOf(ctx context.Context, err error) queue.Outcome {
	switch {
	case err == nil:
		return queue.Completed
	case slices.ContainsFunc(lost, func(l error) bool { return errors.Is(err, l) }):
		return queue.Lost
	case errors.Is(err, errCancelled), errors.Is(err, store.ErrSyncCancelled):
		return queue.Cancelled
	case ctx.Err() != nil:
		return queue.Returned
	case ownFaultIn(err):
		return queue.Fault
	}
	return queue.Failed
}

// ownFaultIn reports whether an error is nobody else's fault: there are no words
// for a person in it.
func ownFaultIn(err error) bool {
	told, ok := errors.AsType[*rampforge.Error](err)
	return !ok || told.Code == rampforge.CodeInternal || errors.Is(err, inspect.ErrKilled)
}
