package httpclient

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxPause bounds what a vendor's header may ask for. The longest window of a
// vendor is an hour; what asks for more is a mistake or a trap.
const maxPause = time.Hour

// retryAfter reads Retry-After: seconds, or a date, and whether there is a
// sensible one: none at all and "at once" are both 0. What lies beyond maxPause
// gives that.
func retryAfter(h http.Header, now time.Time) (wait time.Duration, told bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if wait, ok := seconds(value); ok {
		return wait, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return bounded(at.Sub(vendorNow(h, now))), true
}

// reset reads how long it is until the limit is fresh, from the headers of all
// vendors: Unix seconds (GitHub, GitLab, Azure DevOps), a time in ISO 8601
// (Atlassian Cloud), or the length of the interval (Atlassian Data Center).
func reset(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(first(h, "X-RateLimit-Reset", "RateLimit-Reset"))
	if value == "" {
		wait, _ := seconds(h.Get("X-Ratelimit-Interval-Seconds"))
		return wait
	}
	if n, ok := number(value); ok {
		switch {
		case n < 1e8: // three years: no time since 1970, but a number of seconds from now
			return bounded(duration(n))
		case n > 1e11: // milliseconds
			n /= 1000
		}
		return bounded(duration(n - float64(vendorNow(h, now).Unix())))
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", http.TimeFormat} {
		if at, err := time.Parse(layout, value); err == nil {
			return bounded(at.Sub(vendorNow(h, now)))
		}
	}
	return 0
}

// usedUp reports whether the vendor says that nothing remains.
func usedUp(h http.Header) bool {
	left, err := strconv.ParseFloat(strings.TrimSpace(first(h, "X-RateLimit-Remaining", "RateLimit-Remaining")), 64)
	return err == nil && left <= 0
}

// vendorNow is the vendor's clock where it tells: its times are meant by that.
// It cannot do harm, as all that comes of it is bounded.
func vendorNow(h http.Header, now time.Time) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return now
}

func first(h http.Header, names ...string) string {
	for _, name := range names {
		if value := h.Get(name); value != "" {
			return value
		}
	}
	return ""
}

// seconds reads a number of seconds, whole or not, and bounds it.
func seconds(value string) (time.Duration, bool) {
	n, ok := number(strings.TrimSpace(value))
	return bounded(duration(n)), ok
}

// number reads decimal digits with at most one point: no sign, no exponent,
// no name of a number.
func number(value string) (float64, bool) {
	if value == "" || strings.Trim(value, "0123456789.") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// duration is n seconds, which may be more than a Duration holds.
func duration(n float64) time.Duration {
	return time.Duration(min(max(n, -1), 10*maxPause.Seconds()) * float64(time.Second))
}

func bounded(wait time.Duration) time.Duration { return min(max(wait, 0), maxPause) }
