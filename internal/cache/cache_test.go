package cache_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/cache"
)

func redisURL(t *testing.T) string {
	t.Helper()
	url := os.Getenv("RAMPFORGE_TEST_REDIS")
	if url == "" {
		url = "redis://127.0.0.1:6379"
	}
	c, err := cache.New(cache.Options{URL: url, Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		err = c.Ping(t.Context())
		c.Close()
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no Redis at RAMPFORGE_TEST_REDIS: %v", err)
		}
		t.Skip("no Redis: set RAMPFORGE_TEST_REDIS")
	}
	return url
}

// each runs the one suite that both implementations must pass.
func each(t *testing.T, test func(t *testing.T, open func() *cache.Cache)) {
	t.Helper()
	run := func(url string, once bool) func(*testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			if url == "redis" {
				url = redisURL(t)
			}
			var shared *cache.Cache
			test(t, func() *cache.Cache {
				if once && shared != nil {
					return shared
				}
				c, err := cache.New(cache.Options{URL: url, Logger: slog.New(slog.DiscardHandler)})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(c.Close)
				shared = c
				return c
			})
		}
	}
	t.Run("memory", run("", true))
	t.Run("redis", run("redis", false))
}

func key(t *testing.T, name string) string {
	return strings.ReplaceAll(t.Name(), "/", ":") + ":" + name + ":" + time.Now().Format(time.RFC3339Nano)
}

func TestAddCountsWithinTheWindow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		c, k := open(), key(t, "a")
		before := time.Now()
		first := c.Add(t.Context(), k, time.Hour)
		second := c.Add(t.Context(), k, time.Hour)
		other := c.Add(t.Context(), key(t, "b"), time.Hour)
		if first.Used != 1 || second.Used != 2 || other.Used != 1 {
			t.Errorf("counted %d, %d and %d, want 1, 2 and 1", first.Used, second.Used, other.Used)
		}
		if left := second.Reset.Sub(before); left < 59*time.Minute || left > time.Hour+time.Minute {
			t.Errorf("the window ends in %s, want an hour", left)
		}
	})
}

func TestAddBeginsAgainAfterTheWindow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		c, k := open(), key(t, "a")
		const window = 150 * time.Millisecond
		first := c.Add(t.Context(), k, window)
		for c.Add(t.Context(), k, window).Used > 1 {
			if time.Since(first.Reset) > 10*time.Second {
				t.Fatal("the window never ended")
			}
		}
		if time.Now().Before(first.Reset.Add(-20 * time.Millisecond)) {
			t.Error("the window ended early")
		}
	})
}

func TestAddIsExactAcrossClients(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() *cache.Cache) {
		k := key(t, "a")
		const clients, events = 4, 250
		var most atomic.Int64
		var group sync.WaitGroup
		for range clients {
			c := open()
			group.Go(func() {
				for range events {
					used := int64(c.Add(t.Context(), k, time.Hour).Used)
					for seen := most.Load(); used > seen && !most.CompareAndSwap(seen, used); seen = most.Load() {
					}
				}
			})
		}
		group.Wait()
		if most.Load() != clients*events {
			t.Errorf("counted %d events, want %d", most.Load(), clients*events)
		}
	})
}

// TestRedisThatNeverAnswers takes connections and says nothing: it costs one
// time-out, and not one of each event.
func TestRedisThatNeverAnswers(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var asked atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			t.Cleanup(func() { conn.Close() })
		}
	}()
	c, err := cache.New(cache.Options{URL: "redis://" + l.Addr().String(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	k := key(t, "a")
	for n := range 200 {
		if got := c.Add(t.Context(), k, time.Hour); got.Used != n+1 {
			t.Fatalf("event %d counts %d", n+1, got.Used)
		}
	}
	if n := asked.Load(); n > 10 {
		t.Errorf("it was asked %d times", n)
	}
}

// TestRedisAway begins without Redis, so that the first connection fails, and
// brings it up by a proxy in front of the real one.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	target := strings.TrimPrefix(redisURL(t), "redis://")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := cache.New(cache.Options{URL: "redis://" + address, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("without Redis: %v", err)
	}
	t.Cleanup(c.Close)
	k := key(t, "a")
	if got := c.Add(t.Context(), k, time.Hour); got.Used != 1 {
		t.Errorf("without Redis the first event counts %d", got.Used)
	}
	if c.Ping(t.Context()) == nil {
		t.Error("Ping answers without Redis")
	}
	forward(t, address, target)
	deadline := time.Now().Add(20 * time.Second)
	for c.Ping(t.Context()) != nil {
		if time.Now().After(deadline) {
			t.Fatal("Redis came back and was not found")
		}
	}
	if got := c.Add(t.Context(), k, time.Hour); got.Used != 1 {
		t.Errorf("Redis counts %d for a key that it never saw, want 1", got.Used)
	}
}

// forward passes connections at address on to target until the test ends.
func forward(t *testing.T, address, target string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			pipe := func(to, from net.Conn) { _, _ = to.(*net.TCPConn).ReadFrom(from); _ = to.Close() }
			go pipe(in, out)
			go pipe(out, in)
		}
	}()
}

func TestBadURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://localhost", "redis://%zz", "nonsense"} {
		if _, err := cache.New(cache.Options{URL: url, Logger: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("%q was accepted", url)
		}
	}
}

func BenchmarkMemoryAdd(b *testing.B) {
	c, err := cache.New(cache.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c.Add(ctx, "key", time.Hour)
		}
	})
}

// TestCountingGoesOnWhenNothingElseCounts: a guard that fails must not open the
// door. Neither Redis nor the database answers.
func TestCountingGoesOnWhenNothingElseCounts(t *testing.T) {
	t.Parallel()
	c, err := cache.New(cache.Options{URL: "redis://127.0.0.1:1", Logger: slog.New(slog.DiscardHandler), Count: func(context.Context, string, time.Duration) (cache.Count, error) {
		return cache.Count{}, errors.New("the database is away")
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	k := key(t, "login")
	for n := 1; n <= 20; n++ {
		if got := c.Add(t.Context(), k, time.Hour); got.Used != n {
			t.Fatalf("event %d is counted as %d", n, got.Used)
		}
	}
}
