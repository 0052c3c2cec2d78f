// Package cache keeps what may be lost: the counts behind rate limits, ours and
// those of vendors, and answers that cost something to be had again, in memory
// for one process or in Redis for many. It may
// import the root package, httpclient and telemetry.
package cache

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// Options configures a Cache.
type Options struct {
	// URL is of Redis, redis:// or rediss://; "" keeps everything in memory. With
	// ?master_set=NAME the addresses are of Sentinels, with several addresses
	// (&addr=host:port) without it those of a Cluster.
	URL    string
	Logger *slog.Logger
	Now    func() time.Time // nil is time.Now
	// Count counts together with other processes where there is no Redis, or while
	// it is away: more slowly. nil counts for this process alone.
	Count func(ctx context.Context, key string, window time.Duration) (Count, error)
	// Registry takes the metrics of the cache; nil tells nobody.
	Registry prometheus.Registerer
}

// Count is where a key stands in its window.
type Count struct {
	Used  int       // with the event that was just counted
	Reset time.Time // when the window ends
}

// Cache counts events and keeps values. It is safe for concurrent use.
type Cache struct {
	memory  *memory
	values  *otter.Cache[string, value]
	local   *httpclient.Local // the limits of vendors, as this process knows them
	redis   *redis            // nil without Redis
	count   func(ctx context.Context, key string, window time.Duration) (Count, error)
	turns   turns
	logger  *slog.Logger
	now     func() time.Time
	counted *metrics
	lost    atomic.Bool  // Redis did not answer last time
	leave   atomic.Int64 // until then it is left alone; Unix nanoseconds of the real clock
}

// New returns a cache. A Redis that does not answer yet is no error: the cache
// counts in memory until it does.
func New(o Options) (*Cache, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Cache{memory: newMemory(o.Now), values: newValues(o.Now), local: httpclient.NewLocal(o.Now), count: o.Count, logger: o.Logger, now: o.Now}
	var err error
	if c.counted, err = newMetrics(o.Registry, c, o.URL != ""); err != nil {
		return nil, fmt.Errorf("registering the metrics of the cache: %w", err)
	}
	if o.URL == "" {
		return c, nil
	}
	if c.redis, err = newRedis(o.URL, o.Now); err != nil {
		return nil, err
	}
	return c, nil
}

// Close frees what the cache holds.
func (c *Cache) Close() {
	if c.redis != nil {
		c.redis.close()
	}
}

// Shared reports whether other processes count with this one.
func (c *Cache) Shared() bool { return c.redis != nil }

// Ping fails when Redis is configured and does not answer.
func (c *Cache) Ping(ctx context.Context) error {
	if c.redis == nil {
		return nil
	}
	client, err := c.redis.client()
	if err == nil {
		err = client.Do(ctx, client.B().Ping().Build()).Error()
	}
	if err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "Redis does not answer.")
	}
	c.leave.Store(0)
	return nil
}

// Lost reports whether Redis is configured and did not answer last time.
func (c *Cache) Lost() bool { return c.lost.Load() }

// Add counts one event of key. The window begins with its first event and
// lasts as long as given. While Redis is away, windows begin anew: by what
// Options.Count counts with, so that all processes still count together, or for
// this process alone where that fails too.
func (c *Cache) Add(ctx context.Context, key string, window time.Duration) Count {
	if !c.alone() {
		count, err := c.redis.add(ctx, key, window)
		if c.answered(ctx, err) {
			return count
		}
	}
	if c.count != nil {
		count, err := c.count(ctx, key, window)
		if err == nil {
			return count
		}
		if ctx.Err() == nil {
			c.logger.WarnContext(ctx, "requests are counted by this process alone: the database does not count them", slog.Any("error", err))
		}
	}
	return c.memory.add(key, window)
}

// leaveFor is how long a Redis that did not answer is left alone.
const leaveFor = 2 * time.Second

// answered reports whether Redis did, and says when that changes.
func (c *Cache) answered(ctx context.Context, err error) bool {
	if err == nil {
		c.leave.Store(0)
		if c.lost.CompareAndSwap(true, false) {
			c.logger.InfoContext(ctx, "Redis answers again")
		}
		return true
	}
	if ctx.Err() != nil {
		return false // the asker went away
	}
	c.counted.failures.Inc()
	// One that takes connections and never answers would cost every request
	// its time-out.
	c.leave.Store(time.Now().Add(leaveFor).UnixNano())
	if c.lost.CompareAndSwap(false, true) {
		c.logger.WarnContext(ctx, "Redis does not answer: what it kept is done without it until it does, more slowly", slog.Any("error", err))
	}
	return false
}
