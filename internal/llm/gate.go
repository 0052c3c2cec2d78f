package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/sync/semaphore"
)

// errTold is what the circuit is told where nothing is known of the service.
var errTold = errors.New("nothing is known of the service")

// gate lets so many requests to a service at once, and none for a while after
// too many of them failed.
type gate struct {
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	turns   *semaphore.Weighted
	opened  atomic.Int64 // when the circuit was, in Unix nanoseconds
}

func newGate(name string, concurrency int, logger *slog.Logger) *gate {
	g := &gate{}
	if concurrency > 0 {
		g.turns = semaphore.NewWeighted(int64(concurrency))
	}
	g.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name: name, MaxRequests: 1, Timeout: breakFor,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakAfter },
		IsSuccessful: func(err error) bool { return !isFailure(err) },
		IsExcluded:   func(err error) bool { return errors.Is(err, errTold) },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			if to == gobreaker.StateOpen {
				g.opened.Store(time.Now().UnixNano()) // the breaker has a clock of its own
			}
			logger.Warn("the circuit of a model changed", slog.String("model", name), slog.String("from", from.String()), slog.String("to", to.String()))
		},
	})
	return g
}

// enter waits for a turn. What it returns ends that, and tells the circuit how
// the request went; it must be called.
func (g *gate) enter(ctx context.Context) (done func(error), err error) {
	if g.turns != nil {
		if err := g.turns.Acquire(ctx, 1); err != nil {
			return nil, &Error{Kind: KindTimeout, Message: "The model has too many questions at once: this one waited for its turn in vain.", Err: errors.Join(context.Cause(ctx), err)}
		}
	}
	tell, err := g.breaker.Allow()
	if err != nil {
		g.leave()
		return nil, g.leftAlone(err)
	}
	return func(err error) {
		g.leave()
		tell(err)
	}, nil
}

func (g *gate) leave() {
	if g.turns != nil {
		g.turns.Release(1)
	}
}

// open is the error while the circuit is open.
func (g *gate) open() error {
	if g.breaker.State() == gobreaker.StateOpen {
		return g.leftAlone(gobreaker.ErrOpenState)
	}
	return nil
}

func (g *gate) leftAlone(err error) error {
	until := time.Unix(0, g.opened.Load()).Add(breakFor)
	return &Error{
		Kind: KindUnavailable, Err: err,
		Message: fmt.Sprintf("The model failed %d times in a row and is left alone until %s.", breakAfter, until.UTC().Format("15:04:05 UTC")),
	}
}

// isFailure tells a service that does not work from one that does and says no.
func isFailure(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Kind == KindUnavailable || e.Kind == KindTimeout || e.Kind == KindBroken)
}
