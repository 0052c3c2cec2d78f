package cache

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

const (
	// turnFor is how long a turn is believed that nobody speaks for any more: its
	// process may have died.
	turnFor = 10 * time.Second
	// turnLook is how often another process' turn is looked at.
	turnLook = 100 * time.Millisecond
)

// turns are those of this process, by key.
type turns struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when the turn ends
}

// Turn waits until nobody makes what is to be kept under key, in this process or,
// where Redis answers, in any; then it is the caller's turn, until done is called.
// waited reports that somebody else's came before, so that what they made may be
// there by now. It ends early, without a turn, when ctx does. It is help against
// doing the same many times, and no lock: a Redis that goes away loses it.
func (c *Cache) Turn(ctx context.Context, key string) (done func(), waited bool) {
	end, waited, mine := c.turns.take(ctx, key)
	if !mine {
		return end, waited
	}
	release, others := c.sharedTurn(ctx, key)
	return func() { release(); end() }, waited || others
}

func (t *turns) take(ctx context.Context, key string) (end func(), waited, mine bool) {
	for {
		t.mu.Lock()
		held, taken := t.held[key]
		if !taken {
			if t.held == nil {
				t.held = map[string]chan struct{}{}
			}
			turn := make(chan struct{})
			t.held[key] = turn
			t.mu.Unlock()
			return sync.OnceFunc(func() {
				t.mu.Lock()
				delete(t.held, key)
				t.mu.Unlock()
				close(turn)
			}), waited, true
		}
		t.mu.Unlock()
		waited = true
		select {
		case <-held:
		case <-ctx.Done():
			return func() {}, waited, false
		}
	}
}

// Scripts, as only whose turn it is may keep or end it.
var (
	keepScript = rueidis.NewLuaScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`)
	endScript  = rueidis.NewLuaScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)
)

// sharedTurn is Turn among processes.
func (c *Cache) sharedTurn(ctx context.Context, key string) (release func(), waited bool) {
	name, mark := "rampforge:turn:"+key, rand.Text()
	for {
		if c.alone() {
			return func() {}, waited
		}
		err := c.redis.do(ctx, func(b rueidis.Builder) rueidis.Completed {
			return b.Set().Key(name).Value(mark).Nx().Px(turnFor).Build()
		}).Error()
		taken := rueidis.IsRedisNil(err)
		if taken {
			err = nil
		}
		if !c.answered(ctx, err) {
			return func() {}, waited
		}
		if !taken {
			return c.keepTurn(ctx, name, mark), waited
		}
		waited = true
		select {
		case <-time.After(turnLook):
		case <-ctx.Done():
			return func() {}, waited
		}
	}
}

// keepTurn says that a turn lives until the returned function ends it.
func (c *Cache) keepTurn(ctx context.Context, name, mark string) func() {
	ctx = context.WithoutCancel(ctx) // the end is told although the request has ended
	ended := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(turnFor / 3)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				if !c.alone() {
					c.answered(ctx, c.redis.run(ctx, keepScript, name, mark, strconv.FormatInt(turnFor.Milliseconds(), 10)).Error())
				}
			}
		}
	})
	return func() {
		close(ended)
		group.Wait()
		if !c.alone() {
			c.answered(ctx, c.redis.run(ctx, endScript, name, mark).Error())
		}
	}
}
