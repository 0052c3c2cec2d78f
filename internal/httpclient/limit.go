package httpclient

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	// maxWait is how long a request waits for its turn, unless options say
	// otherwise.
	maxWait = 60 * time.Second
	// unsaid is the least pause after a limit that came without a time. It is
	// what GitHub documents.
	unsaid = time.Minute
)

// RateLimitedError is a request that would have to wait longer than it may:
// until when, by the vendor's word or by the service's own rates. It holds a
// *rampforge.Error with the code RATE_LIMITED.
type RateLimitedError struct {
	Until time.Time
	fault *rampforge.Error
	sent  bool // the vendor refused; else the request was not sent
	told  bool // the vendor gave a time, which is a pause of the limiter's now
}

func (e *RateLimitedError) Error() string { return e.fault.Error() }

// Unwrap returns the *rampforge.Error.
func (e *RateLimitedError) Unwrap() error { return e.fault }

func rateLimited(who string, wait time.Duration, now time.Time) *RateLimitedError {
	until := now.Add(wait)
	return &RateLimitedError{Until: until, fault: &rampforge.Error{
		Code:       rampforge.CodeRateLimited,
		Message:    fmt.Sprintf("The rate limit of %s is used up until %s: what is left is read after that.", who, until.UTC().Format("15:04:05 UTC")),
		RetryAfter: wait,
	}}
}

// limiter keeps to the service's configured rates and to what the vendor's
// headers ask for.
type limiter struct {
	next    http.RoundTripper
	ready   func() error
	shared  Shared
	key     string
	vendor  rampforge.ServiceType
	rates   rampforge.ServiceRates
	maxWait time.Duration
	logger  *slog.Logger
	now     func() time.Time
	sleep   func(ctx context.Context, d time.Duration) error
	strikes atomic.Int32 // limits in a row that came without a time
	metrics *VendorMetrics
}

func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	if elsewhere(req) {
		return l.next.RoundTrip(req) // a download from another host: not the vendor's API
	}
	if taken, err := l.wait(req); err != nil {
		l.giveBack(req.Context(), taken)
		closeBody(req)
		return nil, err
	}
	res, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusNotModified {
		l.giveBack(req.Context(), len(l.windows()))
	}
	if err := l.obey(req, res); err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	return res, nil
}

// wait returns when the request may be sent. Taken is how many windows have
// counted it, all of them unless there is an error.
func (l *limiter) wait(req *http.Request) (taken int, err error) {
	ctx, waited := req.Context(), time.Duration(0)
	keys := []string{l.key}
	if class := l.class(req); class != "" {
		keys = append(keys, l.key+":"+class)
	}
	for {
		if err := l.ready(); err != nil {
			return taken, err
		}
		free, err := l.free(ctx, keys, &taken)
		if err != nil {
			return taken, err
		}
		if free.IsZero() {
			return taken, nil
		}
		now := l.now()
		wait := max(free.Sub(now), time.Millisecond)
		deadline, has := ctx.Deadline()
		if waited+wait > l.maxWait || has && wait >= time.Until(deadline) {
			return taken, rateLimited(l.who(), wait, now)
		}
		// All who wait for the same moment would come in the same moment.
		wait += rand.N(min(wait/10, time.Second) + time.Millisecond) //nolint:gosec // jitter is no secret
		waited += wait
		if err := l.sleep(ctx, wait); err != nil {
			return taken, err
		}
	}
}

type window struct {
	name   string
	limit  int
	length time.Duration
}

// windows are the configured rates, the longer first: nobody waits for the
// next minute of an hour that is used up.
func (l *limiter) windows() []window {
	var all []window
	if l.rates.PerHour > 0 {
		all = append(all, window{"hour", l.rates.PerHour, time.Hour})
	}
	if l.rates.PerMinute > 0 {
		all = append(all, window{"minute", l.rates.PerMinute, time.Minute})
	}
	return all
}

// free returns when there is room, the zero time for now. Taken is how many
// windows have counted this request.
func (l *limiter) free(ctx context.Context, keys []string, taken *int) (time.Time, error) {
	until, err := l.shared.PauseUntil(ctx, keys...)
	if err != nil {
		return time.Time{}, err
	}
	if until.After(l.now()) {
		return until, nil
	}
	for _, w := range l.windows()[*taken:] {
		free, err := l.shared.Take(ctx, l.key+":"+w.name, w.limit, w.length)
		if err != nil || !free.IsZero() {
			return free, err
		}
		*taken++
	}
	return time.Time{}, nil
}

// giveBack takes a request back that was not sent or found nothing new.
func (l *limiter) giveBack(ctx context.Context, taken int) {
	for _, w := range l.windows()[:taken] {
		if err := l.shared.Return(ctx, l.key+":"+w.name); err != nil {
			l.logger.DebugContext(ctx, "a request could not be taken back", slog.String("service", l.key), slog.Any("error", err))
		}
	}
}

// obey pauses as long as the answer asks for. An answer that says that the
// request was one too many becomes an error.
func (l *limiter) obey(req *http.Request, res *http.Response) error {
	h, now := res.Header, l.now()
	l.metrics.told(l.key, l.vendor, l.class(req), h)
	primary, asked, told := usedUp(h), time.Duration(0), false
	if res.StatusCode != http.StatusAccepted { // there it says when what was ordered is ready
		asked, told = retryAfter(h, now)
	}
	limited := res.StatusCode == http.StatusTooManyRequests ||
		res.StatusCode == http.StatusForbidden && (primary || told || l.secondary(res))
	switch {
	case asked > 0:
		primary = false // it holds for everything
	case primary:
		asked = reset(h, now)
	case !limited:
		asked, _ = seconds(h.Get("X-Ratelimit-Delay")) // Azure DevOps: how long it made this request wait
	}
	if limited && asked == 0 && !told && l.vendor == rampforge.ServiceGitHub {
		asked = min(unsaid<<min(l.strikes.Add(1)-1, 6), maxPause)
	}
	if res.StatusCode < http.StatusMultipleChoices {
		l.strikes.Store(0)
	}
	if asked > 0 {
		l.pause(req, res, asked, primary)
	}
	if !limited {
		return nil
	}
	wait := asked
	switch {
	case asked == 0 && told: // at once, by a date that is over or a clock that is ahead
		wait = time.Second
	case asked == 0:
		wait = unsaid
	}
	e := rateLimited(l.who(), wait, now)
	e.sent, e.told = true, asked > 0
	return e
}

// pause tells all replicas. A primary limit of GitHub silences the kind of
// request that it is for; everything else the whole service.
func (l *limiter) pause(req *http.Request, res *http.Response, wait time.Duration, primary bool) {
	ctx, keys := req.Context(), []string{l.key}
	if class := l.class(req); primary && class != "" {
		keys[0] += ":" + class
		if named := res.Header.Get("X-Ratelimit-Resource"); named != class && resources[named] {
			keys = append(keys, l.key+":"+named)
		}
	}
	if wait >= time.Second {
		l.logger.InfoContext(ctx, "a vendor asks to wait", slog.String("service", l.key), slog.String("vendor", string(l.vendor)),
			slog.Int("status", res.StatusCode), slog.Duration("wait", wait))
	}
	for _, key := range keys {
		if err := l.shared.Pause(ctx, key, l.now().Add(wait)); err != nil {
			l.logger.WarnContext(ctx, "other replicas could not be told to wait", slog.String("service", l.key), slog.Any("error", err))
		}
	}
}

// resources are the kinds of requests that GitHub limits apart.
var resources = map[string]bool{
	"core": true, "search": true, "code_search": true, "graphql": true, "integration_manifest": true, "dependency_snapshots": true,
	"dependency_sbom": true, "code_scanning_upload": true, "actions_runner_registration": true, "source_import": true, "scim": true, "audit_log": true,
}

// class is the kind of a request that GitHub limits apart, "" where the vendor
// has one limit for everything.
func (l *limiter) class(req *http.Request) string {
	path := req.URL.Path
	switch {
	case l.vendor != rampforge.ServiceGitHub:
		return ""
	case strings.HasPrefix(path, "/search/code"), strings.HasPrefix(path, "/api/v3/search/code"):
		return "code_search"
	case strings.HasPrefix(path, "/search/"), strings.HasPrefix(path, "/api/v3/search/"):
		return "search"
	case path == "/graphql", path == "/api/graphql":
		return "graphql"
	}
	return "core"
}

// secondary looks for GitHub's words in a refusal that came without headers.
func (l *limiter) secondary(res *http.Response) bool {
	body, ok := res.Body.(*whole)
	if l.vendor != rampforge.ServiceGitHub || !ok {
		return false
	}
	text := bytes.ToLower(body.content[:min(len(body.content), 16<<10)])
	return bytes.Contains(text, []byte("secondary rate limit")) || bytes.Contains(text, []byte("abuse detection mechanism"))
}

func (l *limiter) who() string {
	if l.vendor == "" {
		return "the service"
	}
	return string(l.vendor)
}
