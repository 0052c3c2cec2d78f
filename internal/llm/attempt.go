package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// once asks the model one time, when it is the request's turn. The model is
// always asked for a stream: only that shows that it lives.
func (p *Policy) once(ctx context.Context, t *try) (*Response, error) {
	done, err := p.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	told := errTold // a panic below must not leave the circuit waiting
	defer func() { done(told) }()
	w := newWatch(ctx, p.o.Timeouts)
	defer w.end()
	var text strings.Builder
	t.text = ""
	structured := len(t.request.Schema) > 0 // handed on when it is known to fit, in one piece
	res, err := p.o.Model.Generate(w.ctx, t.request, func(piece string) error {
		w.heard()
		if t.first == 0 {
			t.first = max(p.o.Now().Sub(t.begin), 1)
		}
		text.WriteString(piece)
		t.text = text.String()
		if structured {
			return nil
		}
		return t.hand(piece)
	})
	if err == nil && structured {
		err = t.hand(res.Text)
	}
	if err != nil && t.own == nil {
		err = w.explain(err)
	}
	if t.own == nil && ctx.Err() == nil || isWhole(ctx) {
		told = err
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

// isWhole reports whether it was our own bound that ended a context, not who
// asks.
func isWhole(ctx context.Context) bool {
	_, ok := errors.AsType[*Error](context.Cause(ctx))
	return ok
}

// hand hands a piece on to who asks.
func (t *try) hand(piece string) error {
	if t.stream == nil || piece == "" {
		return nil
	}
	t.given += len(piece)
	if err := t.stream(piece); err != nil {
		t.own = err
		return err
	}
	return nil
}

// watch ends an attempt that says nothing for too long.
type watch struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	next   time.Duration
}

func newWatch(ctx context.Context, bounds Timeouts) *watch {
	w := &watch{next: bounds.Next}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	if bounds.First > 0 {
		w.timer = time.AfterFunc(bounds.First, func() { w.cancel(silent("The model said nothing within %s.", bounds.First)) })
	}
	return w
}

func silent(sentence string, after time.Duration) error {
	return &Error{Kind: KindTimeout, Message: fmt.Sprintf(sentence, after)}
}

// heard begins to wait for the next piece.
func (w *watch) heard() {
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.next > 0 {
		w.timer = time.AfterFunc(w.next, func() { w.cancel(silent("The model stopped in the middle of its answer for %s.", w.next)) })
	}
}

func (w *watch) end() {
	if w.timer != nil {
		w.timer.Stop()
	}
	w.cancel(nil)
}

// explain names the bound that ended an attempt, where one did.
func (w *watch) explain(err error) error {
	if e, ok := errors.AsType[*Error](context.Cause(w.ctx)); ok && w.ctx.Err() != nil {
		return e
	}
	return err
}
