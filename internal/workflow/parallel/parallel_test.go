package parallel_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

func TestRunCallsEachPartOnce(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		calls := make([]atomic.Int32, n)
		parts := make([]func(), n)
		for i := range parts {
			parts[i] = func() { calls[i].Add(1) }
		}
		parallel.Run(parts...)
		for i := range calls {
			if got := calls[i].Load(); got != 1 {
				t.Errorf("part %d of %d was called %d times", i, n, got)
			}
		}
	}
}

// broken is where the stack of a panic must point to.
func broken() { panic("a fault") }

// Whichever part panics, and on whichever goroutine, who waits gets it.
func TestPanicsReachWhoWaits(t *testing.T) {
	t.Parallel()
	nothing := func() {}
	for name, run := range map[string]func(){
		"the first part":  func() { parallel.Run(broken, nothing, nothing) },
		"the last part":   func() { parallel.Run(nothing, nothing, broken) },
		"each part":       func() { parallel.Run(broken, broken, broken) },
		"a group":         func() { var g parallel.Group; g.Go(nothing); g.Go(broken); g.Wait() },
		"a group's group": func() { parallel.Run(func() { var g parallel.Group; g.Go(broken); g.Wait() }) },
		"no goroutine":    broken,
	} {
		err := parallel.Safe(func() error { run(); return nil })
		var p *parallel.PanicError
		if !errors.As(err, &p) || p.Value != "a fault" || !strings.Contains(p.Error(), "parallel_test.broken") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSafeReturnsTheError(t *testing.T) {
	t.Parallel()
	want := errors.New("no")
	if got := parallel.Safe(func() error { return want }); !errors.Is(got, want) {
		t.Errorf("%v", got)
	}
	if got := parallel.Safe(func() error { return nil }); got != nil {
		t.Errorf("%v", got)
	}
}
