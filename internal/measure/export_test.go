package measure

import (
	"context"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Break does something to the facts of a project that are held ready.
func (m *Measurer) Break(projectID string, do func(*facts.Log)) {
	for key, e := range m.logs.items {
		if held, _ := e.Value.(*keptItem[logKey, *loaded]); key.projectID == projectID {
			log := *held.value.log
			log.Items = slices.Clone(log.Items)
			do(&log)
			broken := *held.value
			broken.log, held.value = &log, &broken
		}
	}
}

// Turns are turns of which there are so many.
type Turns struct{ *turns }

func NewTurns(n int, wait time.Duration) Turns {
	t := newTurns(n)
	t.wait = wait
	return Turns{t}
}

func (t Turns) Do(ctx context.Context, who string, do func() error) error { return t.do(ctx, who, do) }

// Asking says how many things somebody has a turn for, or waits with for one.
func (t Turns) Asking(who string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.askers[who]; a != nil {
		return a.asking
	}
	return 0
}

// Turns are those of the measurer.
func (m *Measurer) Turns() Turns { return Turns{m.turns} }

// Hold takes every turn until it is released.
func (t Turns) Hold() (release func()) {
	for range cap(t.free) {
		t.free <- struct{}{}
	}
	return func() {
		for range cap(t.free) {
			<-t.free
		}
	}
}

// Making says how many windows are being made.
func (m *Measurer) Making() int {
	m.makingWindows.mu.Lock()
	defer m.makingWindows.mu.Unlock()
	return len(m.makingWindows.making)
}

// Windows says how many windows are kept ready.
func (m *Measurer) Windows() int { return len(m.windows.items) }

// Keep keeps a window of so many bytes, if it is not too large.
func (m *Measurer) Keep(name string, size int) {
	m.keepWindow(reportKey{query: name}, make([]byte, size))
}

// Waiting says how many wait for the windows that are being made.
func (m *Measurer) Waiting() (n int) {
	m.makingWindows.mu.Lock()
	defer m.makingWindows.mu.Unlock()
	for _, v := range m.makingWindows.making {
		n += v.waiting
	}
	return n
}
