package cache

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/redis/rueidis"
)

// maxValues bounds the memory of what this process keeps, in bytes.
const maxValues = 32 << 20

// value is what is kept under a key.
type value struct {
	content []byte
	until   time.Time
}

func newValues(now func() time.Time) *otter.Cache[string, value] {
	return otter.Must(&otter.Options[string, value]{
		MaximumWeight: maxValues,
		Weigher:       func(key string, v value) uint32 { return uint32(min(len(key)+len(v.content)+64, maxValues)) }, //nolint:gosec // bounded
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, value]) time.Duration {
			return e.Value.until.Sub(now()) + time.Second // what ended is not returned; this frees it
		}),
	})
}

// valuePrefix keeps values apart from counts in one Redis.
const valuePrefix = "rampforge:value:"

// Set keeps a value under a key for a while. It may be lost at any time.
func (c *Cache) Set(ctx context.Context, key string, content []byte, keep time.Duration) {
	if keep < time.Millisecond {
		return
	}
	if !c.alone() {
		err := c.redis.do(ctx, func(b rueidis.Builder) rueidis.Completed {
			return b.Set().Key(valuePrefix + key).Value(rueidis.BinaryString(content)).Px(keep).Build()
		}).Error()
		if c.answered(ctx, err) {
			return
		}
	}
	c.values.Set(key, value{content: content, until: c.now().Add(keep)})
}

// ownFor is how long this process keeps a copy of a value of Redis, at most: its
// end is Redis', and a change is told by it.
const ownFor = time.Hour

// get reads a value, from this process' copy where it has one that holds.
func (r *redis) get(ctx context.Context, key string) ([]byte, error) {
	client, err := r.client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return client.DoCache(ctx, client.B().Get().Key(key).Cache(), ownFor).AsBytes()
}

// Get returns what is kept under a key. The caller must not change it.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, bool) {
	content, found := c.get(ctx, key)
	c.counted.asked(found)
	return content, found
}

func (c *Cache) get(ctx context.Context, key string) ([]byte, bool) {
	if !c.alone() {
		content, err := c.redis.get(ctx, valuePrefix+key)
		if rueidis.IsRedisNil(err) {
			c.answered(ctx, nil)
			return nil, false
		}
		if c.answered(ctx, err) {
			return content, true
		}
	}
	kept, ok := c.values.GetIfPresent(key)
	if !ok || !c.now().Before(kept.until) {
		return nil, false
	}
	return kept.content, true
}
