package httpclient

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/textproto"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/net/http2"
)

// maxAgain is the longest body that is kept so that it can be sent again.
const maxAgain = 256 << 10

type safeKey struct{}

// Safe marks the requests of a context as safe to repeat although they are
// POSTs: searches and other calls that change nothing.
func Safe(ctx context.Context) context.Context { return context.WithValue(ctx, safeKey{}, true) }

// retry sends what is safe to repeat again when the vendor was busy or the
// answer broke off before the caller had a byte of it.
type retry struct {
	next     http.RoundTripper
	attempts int // after the first
	logger   *slog.Logger
	service  string
	sleep    func(ctx context.Context, d time.Duration) error
}

func (t *retry) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.attempts <= 0 || !repeatable(req) {
		return t.next.RoundTrip(req)
	}
	fresh, ok, err := resend(req) //nolint:contextcheck // each has the context of the request
	if err != nil {
		return nil, err
	}
	if !ok {
		return t.next.RoundTrip(fresh())
	}
	// Full jitter: anything from nothing to twice the interval, which doubles.
	pauses := &backoff.ExponentialBackOff{InitialInterval: 250 * time.Millisecond, RandomizationFactor: 1, Multiplier: 2, MaxInterval: 10 * time.Second}
	for done := 0; ; done++ {
		res, err := t.next.RoundTrip(fresh())
		again, pause := worthwhile(res, err)
		if !again || done >= t.attempts {
			return res, err
		}
		wait := time.Duration(0)
		if pause {
			wait = pauses.NextBackOff()
		}
		if deadline, has := req.Context().Deadline(); has && wait >= time.Until(deadline) {
			return res, err
		}
		t.tell(req, res, err, done+1, wait)
		if res != nil {
			_ = res.Body.Close()
		}
		if err := t.sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func (t *retry) tell(req *http.Request, res *http.Response, err error, attempt int, wait time.Duration) {
	status := 0
	if res != nil {
		status = res.StatusCode
	}
	host := req.URL.Host
	if elsewhere(req) {
		host = "" // its name was chosen by who answered
	}
	t.logger.DebugContext(req.Context(), "a request to a vendor is repeated", slog.String("service", t.service), slog.String("method", req.Method),
		slog.String("host", host), slog.Int("attempt", attempt), slog.Int("status", status), slog.Duration("wait", wait), slog.Any("error", err))
}

func repeatable(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, "":
		return true
	case http.MethodPost:
		safe, _ := req.Context().Value(safeKey{}).(bool)
		return safe
	}
	return false
}

// worthwhile reports whether a request may succeed when it is sent again, and
// whether to pause before: where the vendor gave a time, the limiter waits.
func worthwhile(res *http.Response, err error) (again, pause bool) {
	if err == nil {
		switch res.StatusCode {
		case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true, true
		}
		return false, false
	}
	if limited, ok := errors.AsType[*RateLimitedError](err); ok {
		return limited.sent, !limited.told
	}
	if errors.Is(err, errTimeout) {
		return true, true
	}
	if _, ok := errors.AsType[http2.StreamError](err); ok {
		return true, true
	}
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok { // a header that ends in the middle of a line
		return true, true
	}
	for _, broken := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNREFUSED} {
		if errors.Is(err, broken) {
			return true, true
		}
	}
	return false, false
}

// resend returns what gives the request anew for each attempt, and whether it
// can do so more than once: a long body is sent as it comes, and kept nowhere.
func resend(req *http.Request) (fresh func() *http.Request, ok bool, err error) {
	if req.Body == nil || req.Body == http.NoBody {
		return func() *http.Request { return req }, true, nil
	}
	content, err := io.ReadAll(io.LimitReader(req.Body, maxAgain+1))
	if err != nil {
		_ = req.Body.Close()
		return nil, false, err
	}
	// By this key the transport itself repeats a request that met a connection
	// which the vendor had closed while nobody used it: that is no attempt. Without
	// a value it is not sent.
	header := req.Header.Clone()
	if _, own := header["Idempotency-Key"]; !own {
		if header == nil {
			header = http.Header{}
		}
		header["Idempotency-Key"] = nil
	}
	clone := func(body io.ReadCloser) *http.Request {
		again := req.WithContext(req.Context())
		again.Header, again.Body, again.GetBody = header, body, nil
		return again
	}
	if len(content) > maxAgain {
		return func() *http.Request {
			return clone(struct {
				io.Reader
				io.Closer
			}{io.MultiReader(bytes.NewReader(content), req.Body), req.Body})
		}, false, nil
	}
	_ = req.Body.Close()
	return func() *http.Request {
		again := clone(io.NopCloser(bytes.NewReader(content)))
		again.ContentLength = int64(len(content))
		again.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
		return again
	}, true, nil
}

// sleep waits, unless the context ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
