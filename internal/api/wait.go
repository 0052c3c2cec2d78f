package api

import (
	"context"
	"strconv"
	"strings"
	"time"
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
// watches before it looks, so that an end in between is not missed. look reads the
// run, and tells whether it has ended.
func waitFor[T any](ctx context.Context, a *API, id string, wait time.Duration, look func() (run T, ended bool, err error)) (T, error) {
	watch := a.hub.watch()
	defer a.hub.leave(watch)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		run, ended, err := look()
		if err != nil || ended {
			return run, err
		}
		if !watch.until(ctx, id, timer.C) {
			// The end, or the end of waiting: the row tells.
			run, _, err = look()
			return run, err
		}
	}
}
