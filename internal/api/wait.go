package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// maxWait is how long a request may ask to wait for the end of its work.
const maxWait = 60 * time.Second

// preferredWait reads wait=N from the Prefer headers of a request (RFC 7240).
// What cannot be read is no preference; 0 is not to wait.
func preferredWait(headers []string) time.Duration {
	for preference := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, seconds, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(seconds), `"`))
		if err != nil || n < 0 {
			return 0
		}
		return min(time.Duration(min(n, 3600))*time.Second, maxWait)
	}
	return 0
}

// waitFor returns a run as it is when it ends, or when the time is over. It
// watches before it looks, so that an end in between is not missed.
func (a *API) waitFor(ctx context.Context, id string, wait time.Duration) (rampforge.Analysis, error) {
	viewer := requestOf(ctx).viewer()
	watch := a.hub.watch()
	defer a.hub.leave(watch)
	// The server's own time-out for answers is shorter than that.
	_ = http.NewResponseController(requestOf(ctx).writer).SetWriteDeadline(time.Now().Add(wait + writeTimeout))
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		run, err := a.options.Store.Analysis(ctx, viewer, id)
		if err != nil || run.Status.Finished() {
			return run, err
		}
		if !watch.until(ctx, id, timer.C) {
			// The end, or the end of waiting: the row tells.
			return a.options.Store.Analysis(ctx, viewer, id)
		}
	}
}
