package api

import (
	"context"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rampforgeai/rampforge"
)

// perAddress is how many times an account's limit one client address may use:
// an office behind one address works too.
const perAddress = 6

// limits counts requests, and lets them through when counting fails.
type limits struct {
	limiter Limiter
	logger  *slog.Logger
	now     func() time.Time
	told    atomic.Int64 // when a failure was last logged, in Unix seconds
}

// take counts one request of key and says in headers where the key stands. It
// fails with RATE_LIMITED when the key has used up its window.
func (l *limits) take(ctx context.Context, key string, r Rate) error {
	if r.Limit <= 0 || l.limiter == nil {
		return nil
	}
	result, err := l.limiter.Allow(ctx, key, r.Limit, r.Window)
	if err != nil {
		l.tell(ctx, err)
		return nil
	}
	h := requestOf(ctx).header
	h.Set("X-Ratelimit-Limit", strconv.Itoa(result.Limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(result.Remaining, 0)))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(result.Reset.Unix(), 10))
	if result.Allowed {
		return nil
	}
	wait := max(result.Reset.Sub(l.now()), time.Second)
	return &rampforge.Error{Code: rampforge.CodeRateLimited, Message: "Too many requests: wait as long as Retry-After says, then try again.", RetryAfter: wait}
}

// tell logs a failure at most once a minute: it would come with every request.
func (l *limits) tell(ctx context.Context, err error) {
	now, last := l.now().Unix(), l.told.Load()
	if now-last >= 60 && l.told.CompareAndSwap(last, now) {
		l.logger.WarnContext(ctx, "requests are not counted and pass unlimited", "error", err)
	}
}

// account counts a request about an account and, more generously, one from the
// address that it comes from.
func (l *limits) account(ctx context.Context, what, account string, r Rate) error {
	address := Rate{Limit: perAddress * r.Limit, Window: r.Window}
	if err := l.take(ctx, what+":address:"+site(requestOf(ctx).address), address); err != nil {
		return err
	}
	return l.take(ctx, what+":account:"+account, r)
}
