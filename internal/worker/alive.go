package worker

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
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

// alive does what one worker does alone while a second goroutine says that it
// lives, until the row says that it is lost, which is then the error. A panic is
// a failed attempt, not a dead server. one names the work for a person, such as
// "remap".
func (w *Workers) alive(ctx context.Context, one, what string, say func(context.Context) error, lost error, do func(context.Context) error) (err error) {
	ctx, stop := context.WithCancelCause(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { w.beat(ctx, what, stop, func() error { return say(ctx) }, lost) })
	defer beating.Wait()
	defer stop(nil)
	defer func() {
		if errors.Is(context.Cause(ctx), lost) {
			err = lost
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			w.Logger.ErrorContext(ctx, what+" panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = ownFault(one)
		}
	}()
	return do(ctx)
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
