package httpclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/rampforgeai/rampforge"
)

const (
	// breakAfter is how many failures in a row open the circuit. A vendor of
	// whose answers a third fail has fewer; one that is away has them soon, as a
	// request is repeated some times.
	breakAfter = 10
	// breakFor is how long it stays open before one request may try.
	breakFor = 30 * time.Second
	// ReasonCircuitOpen is in the details of a request that was not sent
	// because those before it failed.
	ReasonCircuitOpen = "circuit_open"
)

// What a request means for the circuit, besides nil.
var (
	errFailed = errors.New("the service failed")
	errTold   = errors.New("nothing is known of the service")
)

// breaker leaves a service alone that does not work. Only what says that of
// the whole service counts: nobody answers, time-outs, 5xx. An answer below
// 500 is a sign of life.
type breaker struct {
	next   http.RoundTripper
	cb     *gobreaker.TwoStepCircuitBreaker[struct{}]
	name   string
	opened atomic.Int64          // when, in Unix nanoseconds
	last   atomic.Pointer[error] // why
}

func newBreaker(next http.RoundTripper, name, service string, logger *slog.Logger) *breaker {
	b := &breaker{next: next, name: name}
	b.cb = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name: name, MaxRequests: 1, Timeout: breakFor,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakAfter },
		IsExcluded:  func(err error) bool { return errors.Is(err, errTold) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				b.opened.Store(time.Now().UnixNano())
			}
			logger.Warn("the circuit of a service changed", slog.String("service", service), slog.String("from", from.String()), slog.String("to", to.String()))
		},
	})
	return b
}

// ready fails while the circuit is open, so that nobody waits for his turn to
// be refused.
func (b *breaker) ready() error {
	if b.cb.State() == gobreaker.StateOpen {
		return b.refusal()
	}
	return nil
}

func (b *breaker) RoundTrip(req *http.Request) (*http.Response, error) {
	if elsewhere(req) {
		return b.next.RoundTrip(req)
	}
	if err := context.Cause(req.Context()); err != nil { // an end that the service has no part in
		closeBody(req)
		return nil, err
	}
	done, err := b.cb.Allow()
	if err != nil {
		closeBody(req)
		return nil, b.refusal()
	}
	told := errTold // a panic below must not leave the circuit waiting
	defer func() { done(told) }()
	res, err := b.next.RoundTrip(req)
	if told = outcome(res, err); errors.Is(told, errFailed) {
		if err == nil {
			err = fmt.Errorf("the last answer was %s", res.Status)
			b.last.Store(&err)
			return res, nil
		}
		b.last.Store(&err)
	}
	return res, err
}

// outcome says what an answer, or the lack of one, means for the circuit.
func outcome(res *http.Response, err error) error {
	switch {
	case err == nil && res.StatusCode >= http.StatusInternalServerError:
		return errFailed
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), rampforge.ErrorCode(err) == rampforge.CodeInvalid, errors.Is(err, errTooLong):
		return errTold // the caller gave up, the guard refused, or the answer was there and too much
	}
	return errFailed
}

func (b *breaker) refusal() error {
	until := time.Unix(0, b.opened.Load()).Add(breakFor)
	e := &rampforge.Error{
		Code:       rampforge.CodeExternal,
		Message:    fmt.Sprintf("%s failed %d times in a row and is left alone until %s: check that it works.", b.name, breakAfter, until.UTC().Format("15:04:05 UTC")),
		Details:    map[string]any{"reason": ReasonCircuitOpen},
		RetryAfter: max(time.Until(until), time.Second),
	}
	if last := b.last.Load(); last != nil {
		e.Err = *last
	}
	return e
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close() // RoundTrip closes it, on errors too
	}
}
