package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
	"go.opentelemetry.io/otel/trace"
)

// Timeouts are how long a model is waited for. They grow: a model that says
// nothing is given up long before one that talks.
type Timeouts struct {
	First time.Duration // for the first piece of an answer; it holds what the model thinks
	Next  time.Duration // for each piece after it
	Whole time.Duration // for the answer, all attempts together
}

// Options are what a Policy asks a model under.
type Options struct {
	Model Model
	// Identity tells models of the same name apart, by where they are.
	Identity string
	// Fallback answers from a request's sources where Model does not; nil: the error
	// is returned, as it is where there are no sources or a schema is to be fit.
	Fallback Model
	Timeouts Timeouts
	Retries  int // after the first attempt
	// Concurrency is how many requests are on their way at once; 0 is no bound.
	Concurrency int
	Budget      Budget // nil is none
	PerUser     int64  // tokens of a day; 0 is no limit
	PerDay      int64
	Cache       Cache // nil is none
	CacheFor    time.Duration
	// Mask takes secrets out of what is sent, and says how many there were.
	Mask     func(text string) (string, int)
	Price    Price
	Registry prometheus.Registerer // nil is none
	Sent     *Sent                 // nil keeps nothing
	Logger   *slog.Logger
	Now      func() time.Time

	sleep func(ctx context.Context, d time.Duration) error // tests do not wait
}

// Policy is a Model that asks another one, within bounds. The same request is
// answered from memory for a while. What fails before anything of the answer was
// handed on is tried again, and in the end answered by the fallback, with the
// reason in Response.Fallback. What fails later is not: two models, or two tries
// of one, would be mixed in one text. The answer ends there, with FinishCut and
// the reason in Response.Cut.
type Policy struct {
	o       Options
	gate    *gate
	metrics *metrics

	mu     sync.Mutex
	holds  time.Time // until when the last check does
	health error
}

const (
	// breakAfter is how many failures in a row open the circuit, breakFor how long
	// it stays open before one request may try.
	breakAfter = 5
	breakFor   = 30 * time.Second
	// maxPause is the longest that a vendor may ask to wait for another attempt:
	// somebody waits for the answer.
	maxPause = 20 * time.Second
	// checkWithin is how long a model may take to say that it is there.
	checkWithin = 2 * time.Second
)

// NewPolicy returns a policy around a model.
func NewPolicy(o Options) (*Policy, error) {
	if o.sleep == nil {
		o.sleep = sleep
	}
	p := &Policy{o: o, gate: newGate(o.Model.Name(), o.Concurrency, o.Logger)}
	var err error
	p.metrics, err = newMetrics(o.Registry)
	return p, err
}

// Name is that of the model.
func (p *Policy) Name() string { return p.o.Model.Name() }

// Generate answers a request within the bounds.
func (p *Policy) Generate(ctx context.Context, r *Request, stream func(text string) error) (*Response, error) {
	begin := p.o.Now()
	r, masked := p.masked(r)
	key := p.key(r)
	res, done := p.remembered(ctx, key), func() {}
	if res == nil {
		res, done = p.turn(ctx, key)
	}
	defer done()
	if res != nil {
		p.metrics.count(p.Name(), r.Purpose, outcomeCached, p.o.Now().Sub(begin))
		return res, hand(stream, res.Text)
	}
	t := &try{request: r, stream: stream, begin: begin}
	spanned, span := startSpan(ctx, "chat", p.Name(), r.Purpose)
	t.span = span
	res, err := p.within(spanned, t)
	p.account(ctx, t, res, err, masked)
	switch {
	case err == nil:
		p.remember(ctx, key, res)
		return res, nil
	case t.own != nil:
		return nil, t.own
	case ctx.Err() != nil:
		return nil, Failure(ctx, err) // nobody waits for another answer
	}
	return p.fallBack(ctx, t, err)
}

// try is one request on its way.
type try struct {
	request *Request
	stream  func(string) error
	begin   time.Time
	own     error // the stream's own error
	given   int   // bytes that were handed on
	text    string
	first   time.Duration // until the first piece; 0 where none came
	spent   Tokens        // of attempts that failed, as far as that is known
	promise int64
	span    trace.Span // nil outside traces
}

// within asks the model for as long as the bounds allow.
func (p *Policy) within(ctx context.Context, t *try) (*Response, error) {
	if err := p.reserve(ctx, t); err != nil {
		return nil, err
	}
	ctx, cancel := timeout(ctx, p.o.Timeouts.Whole, "The model did not answer in whole within %s.")
	defer cancel()
	pauses := newPauses()
	for attempt := 0; ; attempt++ {
		res, err := p.once(ctx, t)
		if err == nil {
			res.Took = p.o.Now().Sub(t.begin)
			return res, nil
		}
		e := Failure(ctx, err)
		t.spent = t.spent.add(guessed(t, e))
		if t.own == nil && t.given > 0 {
			return &Response{Text: t.text, Model: p.Name(), Finish: FinishCut, Cut: e.Message, Took: p.o.Now().Sub(t.begin), Tokens: t.spent}, nil
		}
		if t.own != nil || attempt >= p.o.Retries || !e.mayPass() {
			return nil, e
		}
		if !rested(ctx, pauses, e, p.o.sleep) {
			return nil, e
		}
	}
}

func newPauses() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{InitialInterval: 500 * time.Millisecond, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: maxPause}
}

// rested waits before another attempt, and reports whether there is time for one.
func rested(ctx context.Context, pauses *backoff.ExponentialBackOff, e *Error, sleep func(context.Context, time.Duration) error) bool {
	pause := max(pauses.NextBackOff(), e.RetryAfter)
	if deadline, ok := ctx.Deadline(); pause > maxPause || ok && time.Now().Add(pause).After(deadline) {
		return false
	}
	return sleep(ctx, pause) == nil
}

// mayPass reports whether another try may mend an error.
func (e *Error) mayPass() bool {
	switch e.Kind {
	case KindLimited, KindUnavailable, KindTimeout, KindBroken:
		return !errors.Is(e, gobreaker.ErrOpenState) && !errors.Is(e, gobreaker.ErrTooManyRequests)
	default:
		return false
	}
}

// fallBack lets another model answer, and says why.
func (p *Policy) fallBack(ctx context.Context, t *try, cause error) (*Response, error) {
	e := Failure(ctx, cause)
	p.o.Logger.WarnContext(ctx, "a model did not answer", slog.String("model", p.Name()), slog.String("purpose", t.request.Purpose),
		slog.String("kind", string(e.Kind)), slog.String("message", e.Message), slog.Any("error", e.Err))
	if p.o.Fallback == nil || len(t.request.Schema) > 0 || len(t.request.Sources) == 0 {
		return nil, e
	}
	res, err := p.o.Fallback.Generate(ctx, t.request, t.stream)
	if err != nil {
		if _, ok := errors.AsType[*Error](err); ok {
			return nil, e // the first reason is the one that helps
		}
		return nil, err
	}
	res.Fallback = e.Message
	return res, nil
}

// hand hands a whole text on.
func hand(stream func(string) error, text string) error {
	if stream == nil || text == "" {
		return nil
	}
	return stream(text)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// timeout ends a context after a while, with a sentence as the cause; 0 is
// never.
func timeout(ctx context.Context, after time.Duration, sentence string) (context.Context, context.CancelFunc) {
	if after <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, after, &Error{Kind: KindTimeout, Message: fmt.Sprintf(sentence, after)})
}

// Check reports whether the model can be asked, without taking tokens. What it
// finds holds for a while, so that whoever asks often costs the vendor nothing.
func (p *Policy) Check(ctx context.Context) error {
	if err := p.gate.open(); err != nil {
		return err
	}
	pinger, ok := p.o.Model.(interface {
		Ping(ctx context.Context) error
	})
	if !ok {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.o.Now().Before(p.holds) {
		return p.health
	}
	// Another asker may want to know when this one is gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkWithin)
	defer cancel()
	p.health = pinger.Ping(ctx)
	p.holds = p.o.Now().Add(time.Minute)
	if p.health != nil {
		p.holds = p.o.Now().Add(10 * time.Second)
	}
	return p.health
}
