package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// beat says again and again that a worker lives, until ctx ends, and stops the
// worker when the row says so by one of ends. A write that fails is tried again
// at the next tick. what is being worked, as a part of a sentence.
func (w *Workers) beat(ctx context.Context, what string, stop context.CancelCauseFunc, say func() error, ends ...error) {
	tick := time.NewTicker(w.Beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := say()
		if slices.ContainsFunc(ends, func(end error) bool { return errors.Is(err, end) }) {
			stop(err)
			return
		}
		if err != nil {
			w.complain(ctx, "saying that "+what+" lives", err)
		}
	}
}

// failure is the sentence for a person about what was worked. What is no
// rampforge.Error may hold anything, so it stays in the log.
func failure(what string, err error) string {
	if e, ok := errors.AsType[*rampforge.Error](err); ok {
		return telemetry.Redact(e.Message)
	}
	return ownFault(what).Message
}

// ownFault is what is said of a fault that is nobody else's.
func ownFault(what string) *rampforge.Error {
	return rampforge.Errorf(rampforge.CodeInternal, "The %s failed by a fault of this program; the server's log has the details.", what)
}
