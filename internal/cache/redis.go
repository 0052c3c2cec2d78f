package cache

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/rampforgeai/rampforge"
)

// prefix keeps the product's keys apart from those of others in one Redis.
const prefix = "rampforge:count:"

// redisTimeout bounds what a Redis that hangs may cost a request.
const redisTimeout = 500 * time.Millisecond

// ownCopies bounds the memory of what this process keeps of Redis' values, in
// bytes; Redis says when one of them changes.
const ownCopies = 16 << 20

// redis is the connection to one Redis, to what Sentinels say is the master, or
// to a Cluster.
type redis struct {
	option rueidis.ClientOption
	now    func() time.Time

	mu      sync.Mutex
	made    rueidis.Client // nil while none could be made
	closed  bool
	retryAt time.Time // of the real clock
}

func newRedis(url string, now func() time.Time) (*redis, error) {
	option, err := rueidis.ParseURL(url)
	if err != nil {
		return nil, rampforge.Errorf(rampforge.CodeInvalid, "REDIS_URL is not readable: write redis://host:6379/0, or rediss:// for TLS; with ?master_set=NAME for Sentinels, and with &addr=host:port for each further Sentinel or node of a Cluster.")
	}
	// A single client is returned, and connects later, although the first dial
	// fails: the server must start without Redis.
	option.ForceSingleClient = len(option.InitAddress) == 1 && option.Sentinel.MasterSet == ""
	// Whoever the Sentinels belong to, they have the password of the master or none.
	option.Sentinel.Dialer, option.Sentinel.TLSConfig = option.Dialer, option.TLSConfig
	option.DisableRetry = true
	option.Dialer.Timeout = redisTimeout
	option.Sentinel.Dialer.Timeout = redisTimeout
	option.ConnWriteTimeout = redisTimeout
	option.CacheSizeEachConn = ownCopies
	// One connection, so that what Redis says of a changed value is read before
	// the answer to any later question.
	option.PipelineMultiplex = -1
	r := &redis{option: option, now: now}
	if option.ForceSingleClient {
		client, err := rueidis.NewClient(option)
		if client == nil {
			return nil, fmt.Errorf("connecting to Redis: %w", err)
		}
		r.made = client
	}
	return r, nil
}

// client returns the client. Those of Sentinels and of a Cluster are only made
// when some of them answer, so that it is tried again now and then.
func (r *redis) client() (rueidis.Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.made != nil {
		return r.made, nil
	}
	if r.closed || time.Now().Before(r.retryAt) {
		return nil, rampforge.Errorf(rampforge.CodeUnavailable, "Redis does not answer.")
	}
	client, err := rueidis.NewClient(r.option)
	if err != nil {
		r.retryAt = time.Now().Add(leaveFor)
		return nil, fmt.Errorf("connecting to Redis: %w", err)
	}
	r.made = client
	return client, nil
}

func (r *redis) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.made != nil {
		r.made.Close()
	}
}

// do runs one question, bounded in time.
func (r *redis) do(ctx context.Context, question func(rueidis.Builder) rueidis.Completed) rueidis.RedisResult {
	client, err := r.client()
	if err != nil {
		return rueidis.NewErrorResult(err)
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return client.Do(ctx, question(client.B()))
}

// run runs a script about one key, bounded in time.
func (r *redis) run(ctx context.Context, script *rueidis.Lua, key string, args ...string) rueidis.RedisResult {
	client, err := r.client()
	if err != nil {
		return rueidis.NewErrorResult(err)
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return script.Exec(ctx, client, []string{key}, args)
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
	answer, err := r.run(ctx, countScript, prefix+key, strconv.FormatInt(window.Milliseconds(), 10)).AsIntSlice()
	if err != nil {
		return Count{}, err
	}
	if len(answer) != 2 {
		return Count{}, fmt.Errorf("the count script answered with %d values", len(answer))
	}
	return Count{Used: int(answer[0]), Reset: r.now().Add(time.Duration(answer[1]) * time.Millisecond)}, nil
}
