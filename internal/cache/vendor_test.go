package cache_test

import (
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/cache"
)

func take(t *testing.T, c *cache.Cache, key string, limit int, window time.Duration) time.Time {
	t.Helper()
	free, err := c.Take(t.Context(), key, limit, window)
	if err != nil {
		t.Fatal(err)
	}
	return free
}

func TestTakeKeepsTheLimitInAnyWindow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		a, b, k := open(), open(), key(t, "a")
		const limit, window = 3, 400 * time.Millisecond
		var times []time.Time
		for begin := time.Now(); time.Since(begin) < 4*window; {
			for _, c := range []*cache.Cache{a, b} {
				asked := time.Now()
				free := take(t, c, k, limit, window)
				if free.IsZero() {
					times = append(times, asked)
					continue
				}
				if wait := time.Until(free); wait > window+50*time.Millisecond {
					t.Fatalf("there is room in %s, more than the window", wait)
				}
				time.Sleep(max(time.Until(free), time.Millisecond))
			}
		}
		if len(times) < 2*limit {
			t.Fatalf("only %d requests passed in four windows", len(times))
		}
		for i := limit; i < len(times); i++ {
			if got := times[i].Sub(times[i-limit]); got < window-100*time.Millisecond {
				t.Errorf("requests %d and %d are %s apart: more than %d in a window of %s", i-limit, i, got, limit, window)
			}
		}
	})
}

func TestTakeIsExactAcrossClients(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		k := key(t, "a")
		const clients, limit = 4, 100
		var passed atomic.Int64
		var group sync.WaitGroup
		for range clients {
			c := open()
			group.Go(func() {
				for range limit {
					if free, err := c.Take(t.Context(), k, limit, time.Hour); err == nil && free.IsZero() {
						passed.Add(1)
					}
				}
			})
		}
		group.Wait()
		if passed.Load() != limit {
			t.Errorf("%d requests passed, want %d", passed.Load(), limit)
		}
	})
}

func TestTakeFollowsAChangedLimit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		c, k := open(), key(t, "a")
		for range 5 {
			take(t, c, k, 5, time.Hour)
		}
		if take(t, c, k, 5, time.Hour).IsZero() {
			t.Error("a sixth of five passed")
		}
		for i := range 3 {
			if passed := take(t, c, k, 7, time.Hour).IsZero(); passed != (i < 2) {
				t.Errorf("seven instead of five: request %d more passes: %t", i+1, passed)
			}
		}
		if take(t, c, k, 2, time.Hour).IsZero() {
			t.Error("a lower limit lets one more pass")
		}
	})
}

func TestReturnMakesRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		c, k := open(), key(t, "a")
		if err := c.Return(t.Context(), k); err != nil {
			t.Errorf("nothing to take back: %v", err)
		}
		take(t, c, k, 2, time.Hour)
		take(t, c, k, 2, time.Hour)
		if err := c.Return(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		again, third := take(t, c, k, 2, time.Hour), take(t, c, k, 2, time.Hour)
		if !again.IsZero() || third.IsZero() {
			t.Error("what was taken back does not make room for one")
		}
	})
}

func TestTheLongestPauseWins(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		a, b, k, other := open(), open(), key(t, "a"), key(t, "b")
		now := time.Now()
		until := func(c *cache.Cache, keys ...string) time.Duration {
			at, err := c.PauseUntil(t.Context(), keys...)
			if err != nil {
				t.Fatal(err)
			}
			return at.Sub(now)
		}
		if got := until(a, k); got > 0 {
			t.Errorf("a pause of %s that nobody made", got)
		}
		for _, wait := range []time.Duration{10 * time.Minute, 30 * time.Minute, time.Minute, -time.Hour} {
			if err := a.Pause(t.Context(), k, now.Add(wait)); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []*cache.Cache{a, b} {
			if got := until(c, other, k); got < 29*time.Minute || got > 31*time.Minute {
				t.Errorf("the pause is %s, want 30 minutes", got)
			}
			if got := until(c, other); got > 0 {
				t.Errorf("the pause of one key holds for another: %s", got)
			}
		}
	})
}

func TestPausesEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		a, b, k := open(), open(), key(t, "a")
		if err := a.Pause(t.Context(), k, time.Now().Add(150*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		for begin := time.Now(); ; {
			until, err := b.PauseUntil(t.Context(), k)
			if err != nil {
				t.Fatal(err)
			}
			if !until.After(time.Now()) {
				return
			}
			if time.Since(begin) > 10*time.Second {
				t.Fatal("the pause never ended")
			}
		}
	})
}

// TestVendorLimitsWithoutRedis keeps limits and pauses in the process.
func TestVendorLimitsWithoutRedis(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c, err := cache.New(cache.Options{URL: "redis://" + address, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	k := key(t, "a")
	first, second := take(t, c, k, 1, time.Hour), take(t, c, k, 1, time.Hour)
	if !first.IsZero() || second.IsZero() {
		t.Error("without Redis the limit of one does not hold")
	}
	if err := c.Return(t.Context(), k); err != nil || !take(t, c, k, 1, time.Hour).IsZero() {
		t.Errorf("without Redis nothing can be taken back: %v", err)
	}
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	if err := c.Pause(t.Context(), k, until); err != nil {
		t.Fatal(err)
	}
	if got, err := c.PauseUntil(t.Context(), k); err != nil || !got.Equal(until) {
		t.Errorf("without Redis the pause is until %s, %v, want %s", got, err, until)
	}
	if n := strings.Count(log.String(), "does not answer"); n != 1 {
		t.Errorf("the log says %d times that Redis is away, want once:\n%s", n, log.String())
	}
}
