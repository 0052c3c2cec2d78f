package measure_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// until waits for something that another goroutine does.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// TestTurnsAreFair: of many questions of one, another waits for one at most.
func TestTurnsAreFair(t *testing.T) {
	t.Parallel()
	turns := measure.NewTurns(1, time.Hour)
	release := turns.Hold()
	var mu sync.Mutex
	var order []string
	var group sync.WaitGroup
	ask := func(who string) {
		group.Go(func() {
			err := turns.Do(t.Context(), who, func() error {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, who)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 5 {
		ask("many")
		until(t, "they wait", func() bool { return turns.Asking("many") == i+1 })
	}
	ask("one")
	until(t, "it waits", func() bool { return turns.Asking("one") == 1 })
	release()
	group.Wait()
	if at := slices.Index(order, "one"); at > 1 || len(order) != 6 {
		t.Errorf("%q", order)
	}
	if turns.Asking("many")+turns.Asking("one") != 0 {
		t.Error("somebody is remembered who waits no more")
	}
}

// TestWhoWaitsForATurn gives up when nobody waits for what comes of it, and says
// when to ask again where none comes.
func TestWhoWaitsForATurn(t *testing.T) {
	t.Parallel()
	turns := measure.NewTurns(1, time.Hour)
	release := turns.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := func() error { t.Error("it had a turn"); return nil }
	if err := turns.Do(ctx, "a", never); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	release()
	if err := turns.Do(ctx, "a", never); !errors.Is(err, context.Canceled) {
		t.Errorf("with a free turn: %v", err)
	}
	none := measure.NewTurns(1, 0)
	none.Hold()
	var e *rampforge.Error
	if err := none.Do(t.Context(), "a", never); !errors.As(err, &e) || e.Code != rampforge.CodeUnavailable || e.RetryAfter == 0 {
		t.Error(err)
	}
	if turns.Asking("a")+none.Asking("a") != 0 {
		t.Error("somebody is remembered who waits no more")
	}
}

// TestWindowsHoldUpNobodyElse: while every turn is taken, what everybody reads is
// answered and brought up to date, and a window for which nobody waits any more
// is not made.
func TestWindowsHoldUpNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"))
		w.refresh(p)
		release := w.m.Turns().Hold()
		w.now = w.now.Add(time.Hour)
		w.tell("r1", w.item("2", "doing"))
		w.refresh(p)
		if kept, err := w.m.Kept(w.ctx(), p, 0); err != nil || !kept.GeneratedAt.Equal(w.now) {
			t.Errorf("%v: of %s", err, kept.GeneratedAt)
		}
		gone, leave := context.WithCancel(w.ctx())
		answers := make(chan error, 3)
		ask := func(ctx context.Context, granularity string) {
			go func() {
				_, err := w.m.Report(ctx, p, measure.Query{Granularity: "day", Seed: uint64(len(granularity)), Asker: "usr"})
				answers <- err
			}()
		}
		ask(gone, "mine")
		ask(gone, "ours.")
		until(t, "both are asked for", func() bool { return w.m.Making() == 2 })
		ask(w.ctx(), "ours.")
		until(t, "both wait", func() bool { return w.m.Waiting() == 3 })
		leave()
		for range 2 {
			if err := <-answers; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		until(t, "one is given up", func() bool { return w.m.Making() == 1 && w.m.Turns().Asking("usr") == 1 })
		release()
		if err := <-answers; err != nil {
			t.Errorf("to who still waits: %v", err)
		}
		if w.m.Windows() != 1 {
			t.Errorf("%d windows were made", w.m.Windows())
		}
	})
}

// TestWhatIsSeenHasATurn: going through all facts waits for one, once.
func TestWhatIsSeenHasATurn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		w.tell("r1", w.item("1", "doing"))
		w.refresh(p)
		settings, err := w.WorkflowSettings(w.ctx(), p)
		w.must(err)
		release := w.m.Turns().Hold()
		gone, leave := context.WithCancel(w.ctx())
		answer := make(chan error)
		go func() {
			_, err := w.m.Seen(gone, p, settings)
			answer <- err
		}()
		leave()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("without a turn: %v", err)
		}
		release()
		first, err := w.m.Seen(w.ctx(), p, settings)
		w.must(err)
		release = w.m.Turns().Hold()
		again, err := w.m.Seen(w.ctx(), p, settings)
		if err != nil || fmt.Sprint(again.Types, again.States) != fmt.Sprint(first.Types, first.States) || len(again.Types) != 1 {
			t.Errorf("%v: %+v, %+v", err, first, again)
		}
		release()
		settings.Revision, settings.Settings.CommitmentState = 1, "open"
		if other, err := w.m.Seen(w.ctx(), p, settings); err != nil || other.CommitmentState == nil || *other.CommitmentState != "open" {
			t.Errorf("with other settings: %v, %+v", err, other)
		}
	})
}

// TestALargeWindowIsNotKept: it would push out many.
func TestALargeWindowIsNotKept(t *testing.T) {
	t.Parallel()
	m := newWorld(t, storetest.SQLite(t)).m
	for i := range 20 {
		m.Keep(fmt.Sprint(i), 1<<20)
	}
	m.Keep("large", 5<<20)
	if m.Windows() != 20 {
		t.Errorf("%d are kept", m.Windows())
	}
}
