package ingest

import (
	"errors"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// fault notes what could not be read, and decides whether there is any use in
// going on.
func (r *run) fault(resource string, stream rampforge.Stream, err error) {
	f := rampforge.SyncFault{Resource: resource, Stream: stream, Reason: connector.Reason(err), Message: rampforge.ErrorMessage(err)}
	if f.Reason == "" {
		f.Reason = connector.ReasonMalformed
	}
	if wait := pauseOf(err); wait > 0 {
		r.stopped, r.wait, r.why = true, wait, f
		return
	}
	r.Logger.Warn("a stream could not be read to its end", slog.String("service_id", r.service.ID), slog.String("resource", resource),
		slog.String("stream", string(stream)), slog.String("reason", f.Reason), slog.Any("error", err))
	r.faults = append(r.faults, f)
	switch f.Reason {
	case connector.ReasonAuthentication, connector.ReasonRateLimited:
		r.stopped = true
	case connector.ReasonUnreachable, connector.ReasonTimeout:
		r.unreachable++
		r.stopped = r.unreachable >= maxUnreachable
	default:
		r.unreachable = 0
	}
}

// pauseOf returns how long a vendor, or our own client, asks to wait before the
// next request; 0 is that it does not.
func pauseOf(err error) time.Duration {
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		return 0
	}
	switch connector.Reason(err) {
	case connector.ReasonRateLimited, connector.ReasonUnreachable: // of the latter, our open circuit says when
		if e.RetryAfter > 0 {
			return max(e.RetryAfter, leastPause)
		}
	}
	return 0
}

// leastPause is the shortest time that a sync is put aside for: taking it up
// again lists every resource anew.
const leastPause = 15 * time.Second
