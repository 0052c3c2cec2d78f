// Command replicas shows what an installation of many replicas holds. It starts
// three API servers and three workers over a PostgreSQL and a Redis of its own
// behind a proxy, loads them, kills replicas, restarts PostgreSQL and Redis,
// rolls all to another version in the middle, and checks at the end that no
// write that was acknowledged is lost, no job took effect twice, and no request
// got a wrong answer. All of it is on loopback, and ends by itself.
//
//	replicas -program PATH [-before PATH] [-for 3m] [-seed 1]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	program := flag.String("program", "", "the program")
	before := flag.String("before", "", "a version before it, which the replicas run until the middle; default: the same")
	lasts := flag.Duration("for", 3*time.Minute, "how long replicas are loaded and killed, at most an hour")
	seed := flag.Uint64("seed", 1, "of what is killed when")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *before == "" {
		*before = *program
	}
	held, err := measure(ctx, *program, *before, min(*lasts, time.Hour), *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "replicas:", err)
	}
	if err != nil || !held {
		os.Exit(1)
	}
}

// replicasOf is how many there are of each role.
const replicasOf = 3

func measure(ctx context.Context, program, before string, lasts time.Duration, seed uint64) (held bool, err error) {
	c, err := newCluster(before)
	if c != nil {
		defer c.close()
	}
	if err != nil {
		return false, err
	}
	if err := c.startAll(ctx); err != nil {
		return false, err
	}
	l, err := newLoad(ctx, c)
	if err != nil {
		return false, err
	}
	loaded, endLoad := context.WithCancel(ctx)
	defer endLoad()
	if err := l.begin(loaded); err != nil {
		return false, fmt.Errorf("%w\n%s", err, c.logs())
	}
	defer l.stop()
	counted, err := faults(ctx, c, program, lasts, rand.New(rand.NewPCG(seed, seed)))
	if err != nil {
		return false, fmt.Errorf("%w\n%s", err, c.logs())
	}
	endLoad()
	l.wait()
	found, err := l.check(ctx)
	if err != nil {
		return false, err
	}
	found.Faults = counted
	found.Errors = c.complaints()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(found); err != nil {
		return false, err
	}
	return found.held(), nil
}

// rest is how long nothing is done to the replicas between two faults: what fails
// then fails for no reason.
const rest = 3 * time.Second

// faults does one thing after the other to the replicas until the time is over,
// each followed by a rest, and rolls them to the other version in the middle.
func faults(ctx context.Context, c *cluster, program string, lasts time.Duration, random *rand.Rand) (map[string]int, error) {
	counted := map[string]int{}
	kinds := []struct {
		name string
		do   func(context.Context) error
	}{
		{"an API server is killed", func(ctx context.Context) error { return c.api[random.IntN(replicasOf)].again(ctx, syscall.SIGKILL) }},
		{"a worker is killed", func(ctx context.Context) error { return c.workers[random.IntN(replicasOf)].again(ctx, syscall.SIGKILL) }},
		{"an API server is restarted", func(ctx context.Context) error { return c.api[random.IntN(replicasOf)].again(ctx, syscall.SIGTERM) }},
		{"a worker is restarted", func(ctx context.Context) error {
			return c.workers[random.IntN(replicasOf)].again(ctx, syscall.SIGTERM)
		}},
		{"Redis is killed", func(context.Context) error { return c.redis.Restart() }},
		{"PostgreSQL crashes", func(context.Context) error { return c.postgres.Restart("immediate") }},
		{"PostgreSQL is restarted", func(context.Context) error { return c.postgres.Restart("fast") }},
	}
	begin, rolled := time.Now(), false
	for time.Since(begin) < lasts {
		if !rolled && time.Since(begin) > lasts/2 {
			rolled = true
			if err := c.window(ctx, func() error { return c.roll(ctx, program) }); err != nil {
				return nil, fmt.Errorf("rolling to the other version: %w", err)
			}
			counted["all replicas are rolled to the other version"]++
			continue
		}
		if err := pause(ctx, rest+time.Duration(random.IntN(2000))*time.Millisecond); err != nil {
			return nil, err
		}
		kind := kinds[random.IntN(len(kinds))]
		if err := c.window(ctx, func() error { return kind.do(ctx) }); err != nil {
			return nil, fmt.Errorf("%s: %w", kind.name, err)
		}
		counted[kind.name]++
	}
	return counted, pause(ctx, rest)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
