// Package cache keeps what may be lost: the counts behind rate limits, ours and
// those of vendors, and answers that cost something to be had again, in memory
// for one process or in Redis for many. It may
// import the root package, httpclient and telemetry.
package cache

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/redis/rueidis"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// Options configures a Cache.
type Options struct {
	URL    string // of Redis: redis:// or rediss://; "" keeps everything in memory
	Logger *slog.Logger
	Now    func() time.Time // nil is time.Now
}

// Count is where a key stands in its window.
type Count struct {
	Used  int       // with the event that was just counted
	Reset time.Time // when the window ends
}

// Cache counts events and keeps values. It is safe for concurrent use.
type Cache struct {
	memory *memory
	values *otter.Cache[string, value]
	local  *httpclient.Local // the limits of vendors, as this process knows them
	redis  *redis            // nil without Redis
	logger *slog.Logger
	now    func() time.Time
	lost   atomic.Bool  // Redis did not answer last time
	leave  atomic.Int64 // until then it is left alone; Unix nanoseconds of the real clock
}

// New returns a cache. A Redis that does not answer yet is no error: the cache
// counts in memory until it does.
func New(o Options) (*Cache, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Cache{memory: newMemory(o.Now), values: newValues(o.Now), local: httpclient.NewLocal(o.Now), logger: o.Logger, now: o.Now}
	if o.URL == "" {
		return c, nil
	}
	shared, err := newRedis(o.URL, o.Now)
	if err != nil {
		return nil, err
	}
	c.redis = shared
	return c, nil
}

// Close frees what the cache holds.
func (c *Cache) Close() {
	if c.redis != nil {
		c.redis.client.Close()
	}
}

// Shared reports whether other processes count with this one.
func (c *Cache) Shared() bool { return c.redis != nil }

// Ping fails when Redis is configured and does not answer.
func (c *Cache) Ping(ctx context.Context) error {
	if c.redis == nil {
		return nil
	}
	if err := c.redis.client.Do(ctx, c.redis.client.B().Ping().Build()).Error(); err != nil {
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "Redis does not answer.")
	}
	c.leave.Store(0)
	return nil
}

// Add counts one event of key. The window begins with its first event and
// lasts as long as given. While Redis is away each process counts by itself:
// limits are looser then, and the service stays up.
func (c *Cache) Add(ctx context.Context, key string, window time.Duration) Count {
	if c.alone() {
		return c.memory.add(key, window)
	}
	count, err := c.redis.add(ctx, key, window)
	if c.answered(ctx, err) {
		return count
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
	// One that takes connections and never answers would cost every request
	// its time-out.
	c.leave.Store(time.Now().Add(leaveFor).UnixNano())
	if c.lost.CompareAndSwap(false, true) {
		c.logger.WarnContext(ctx, "Redis does not answer: rate limits are counted by each process alone until it does", slog.Any("error", err))
	}
	return false
}

// prefix keeps the product's keys apart from those of others in one Redis.
const prefix = "rampforge:count:"

// redis counts in Redis.
type redis struct {
	client rueidis.Client
	now    func() time.Time
}

// redisTimeout bounds what a Redis that hangs may cost a request.
const redisTimeout = 500 * time.Millisecond

func newRedis(url string, now func() time.Time) (*redis, error) {
	option, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, rampforge.Errorf(rampforge.CodeInvalid, "REDIS_URL is not readable: write redis://host:6379/0, or rediss:// for TLS.")
	}
	// A single client is returned, and connects later, although the first dial
	// fails: the server must start without Redis.
	option.ForceSingleClient = len(option.InitAddress) == 1 && option.Sentinel.MasterSet == ""
	option.DisableRetry = true
	option.Dialer.Timeout = redisTimeout
	option.ConnWriteTimeout = redisTimeout
	client, err := rueidis.NewClient(option)
	if client == nil {
		return nil, fmt.Errorf("connecting to Redis: %w", err)
	}
	return &redis{client: client, now: now}, nil
}

// countScript counts and answers with the count and the milliseconds left, in
// one step: between two of them a key without an end could be left behind.
var countScript = rueidis.NewLuaScript(`
local used = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {used, left}`)

func (r *redis) add(ctx context.Context, key string, window time.Duration) (Count, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	answer, err := countScript.Exec(ctx, r.client, []string{prefix + key}, []string{strconv.FormatInt(window.Milliseconds(), 10)}).AsIntSlice()
	if err != nil {
		return Count{}, err
	}
	if len(answer) != 2 {
		return Count{}, fmt.Errorf("the count script answered with %d values", len(answer))
	}
	return Count{Used: int(answer[0]), Reset: r.now().Add(time.Duration(answer[1]) * time.Millisecond)}, nil
}
