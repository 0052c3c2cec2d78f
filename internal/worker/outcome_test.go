package worker_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// TestOutcomes: what a person was told of is no fault of the program, and what a
// shutdown or somebody else ended is no failure.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	told := rampforge.Errorf(rampforge.CodeExternal, "The host does not answer.")
	for name, c := range map[string]struct {
		ctx  context.Context
		err  error
		want queue.Outcome
	}{
		"no error":            {t.Context(), nil, queue.Completed},
		"told":                {t.Context(), fmt.Errorf("reading: %w", told), queue.Failed},
		"not told":            {t.Context(), errors.New("no such table"), queue.Fault},
		"told to be internal": {t.Context(), rampforge.Errorf(rampforge.CodeInternal, "A fault of this program."), queue.Fault},
		"killed":              {t.Context(), errors.Join(told, inspect.ErrKilled), queue.Fault},
		"lost":                {t.Context(), errors.Join(store.ErrSearchLost, errors.New("context canceled")), queue.Lost},
		"cancelled":           {t.Context(), errors.Join(store.ErrSyncCancelled, told), queue.Cancelled},
		"shutdown":            {ended, errors.New("no such table"), queue.Returned},
		"done before the end": {ended, nil, queue.Completed},
	} {
		if got := worker.OutcomeOf(c.ctx, c.err); got != c.want {
			t.Errorf("%s is %s, want %s", name, got, c.want)
		}
	}
}
