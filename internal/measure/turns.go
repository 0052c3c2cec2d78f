package measure

import (
	"context"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

// turnWait is how long somebody waits for a turn before being told to ask again.
const turnWait = 20 * time.Second

// turns bounds what takes every processor: more of it at once takes only memory.
// Each who asks has one thing in the line for a turn; what else they ask for
// waits behind it, so that many questions of one hold up those of nobody else
// for longer than one of them.
type turns struct {
	free chan struct{} // whoever waits longest is the next
	wait time.Duration

	mu     sync.Mutex
	askers map[string]*asker
}

// asker is somebody who has a turn, or waits for one.
type asker struct {
	line   chan struct{}
	asking int
}

func newTurns(n int) *turns {
	return &turns{free: make(chan struct{}, n), wait: turnWait, askers: map[string]*asker{}}
}

// do does something when it may begin, for somebody; "" is for nobody in
// particular. A panic in it is an error, *parallel.PanicError: it must end neither
// the process nor the turns of the others. SERVICE_UNAVAILABLE says that no turn
// came.
func (t *turns) do(ctx context.Context, who string, do func() error) error {
	patience := time.NewTimer(t.wait)
	defer patience.Stop()
	if who != "" {
		a := t.arrive(who)
		defer t.leave(who, a)
		if err := enter(ctx, a.line, patience); err != nil {
			return err
		}
		defer func() { <-a.line }()
	}
	if err := enter(ctx, t.free, patience); err != nil {
		return err
	}
	defer func() { <-t.free }()
	return parallel.Safe(do)
}

func enter(ctx context.Context, place chan<- struct{}, patience *time.Timer) error {
	if ctx.Err() != nil {
		return ctx.Err() // a place that is free would be as likely
	}
	select {
	case place <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
		return &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "Many reports are computed at this moment: ask again in a while.", RetryAfter: 10 * time.Second}
	}
}

func (t *turns) arrive(who string) *asker {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.askers[who]
	if a == nil {
		a = &asker{line: make(chan struct{}, 1)}
		t.askers[who] = a
	}
	a.asking++
	return a
}

func (t *turns) leave(who string, a *asker) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.asking--; a.asking == 0 {
		delete(t.askers, who)
	}
}
