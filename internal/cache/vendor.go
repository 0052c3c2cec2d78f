package cache

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// A Cache is what the replicas know together of a service's limits. While
// Redis is away each process knows what it learns by itself.
var _ httpclient.Shared = (*Cache)(nil)

const (
	takenPrefix = "rampforge:vendor:taken:"
	pausePrefix = "rampforge:vendor:pause:"
	// maxTaken bounds the list of one key, as httpclient.Local does.
	maxTaken = 100_000
)

// takeScript keeps the times of the latest requests, in milliseconds by the
// clock of Redis, which is the same for all. There is room when the one that
// is limit requests back has left the window, or lies in the future because
// the clock was set back. It answers with the milliseconds
// until then, 0 when the request was counted.
var takeScript = rueidis.NewLuaScript(`
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('LTRIM', KEYS[1], -limit, -1)
if redis.call('LLEN', KEYS[1]) >= limit then
  local wait = tonumber(redis.call('LINDEX', KEYS[1], 0)) + window - now
  if wait > 0 and wait <= window then
    return wait
  end
  redis.call('LPOP', KEYS[1])
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], window)
return 0`)

// pauseScript lets the longest pause win.
var pauseScript = rueidis.NewLuaScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 0`)

// alone reports whether Redis is not there or left alone.
func (c *Cache) alone() bool { return c.redis == nil || time.Now().UnixNano() < c.leave.Load() }

// Take implements httpclient.Shared.
func (c *Cache) Take(ctx context.Context, key string, limit int, window time.Duration) (time.Time, error) {
	if c.alone() {
		return c.local.Take(ctx, key, limit, window)
	}
	wait, err := c.redis.run(ctx, takeScript, takenPrefix+key, strconv.Itoa(min(max(limit, 1), maxTaken)), strconv.FormatInt(window.Milliseconds(), 10)).AsInt64()
	switch {
	case !c.answered(ctx, err):
		return c.local.Take(ctx, key, limit, window)
	case wait == 0:
		return time.Time{}, nil
	}
	return c.now().Add(time.Duration(wait) * time.Millisecond), nil
}

// Return implements httpclient.Shared.
func (c *Cache) Return(ctx context.Context, key string) error {
	if c.alone() {
		return c.local.Return(ctx, key)
	}
	err := c.redis.do(ctx, func(b rueidis.Builder) rueidis.Completed { return b.Rpop().Key(takenPrefix + key).Build() }).Error()
	if rueidis.IsRedisNil(err) { // nothing was taken
		err = nil
	}
	if !c.answered(ctx, err) {
		return c.local.Return(ctx, key)
	}
	return nil
}

// Pause implements httpclient.Shared.
func (c *Cache) Pause(ctx context.Context, key string, until time.Time) error {
	// Here too, so that a pause holds for this process when Redis goes away.
	if err := c.local.Pause(ctx, key, until); err != nil || c.alone() {
		return err
	}
	wait := until.Sub(c.now()).Milliseconds()
	if wait <= 0 {
		return nil
	}
	// The request that learned of it may have ended; the others must know.
	c.answered(ctx, c.redis.run(context.WithoutCancel(ctx), pauseScript, pausePrefix+key, strconv.FormatInt(wait, 10)).Error())
	return nil
}

// PauseUntil implements httpclient.Shared.
func (c *Cache) PauseUntil(ctx context.Context, keys ...string) (time.Time, error) {
	last, err := c.local.PauseUntil(ctx, keys...)
	if err != nil || c.alone() {
		return last, err
	}
	client, err := c.redis.client()
	if !c.answered(ctx, err) {
		return last, nil
	}
	asked, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	questions := make(rueidis.Commands, len(keys))
	for i, key := range keys {
		questions[i] = client.B().Pttl().Key(pausePrefix + key).Build()
	}
	for _, answer := range client.DoMulti(asked, questions...) {
		left, err := answer.AsInt64()
		if !c.answered(ctx, err) {
			break
		}
		if until := c.now().Add(time.Duration(left) * time.Millisecond); left > 0 && until.After(last) {
			last = until
		}
	}
	return last, nil
}
