package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rampforgeai/rampforge/bench/services"
)

// faults lets PostgreSQL and Redis fail while the server is under load.
type faults struct {
	windows services.Windows
	counted map[string]int
}

// standstill is by how much a process that slept wakes late when the machine itself
// stood still, as a virtual one does when it is moved or saved.
const standstill = 2 * time.Second

// noteStandstills notes when the machine stood still, until ctx ends, and returns how
// long it did in all. What it can tell is late itself: a request that ended in the
// moment between counts as one at rest.
func noteStandstills(ctx context.Context, in *services.Windows) (total time.Duration) {
	for last := time.Now(); ; {
		select {
		case <-ctx.Done():
			return total
		case <-time.After(50 * time.Millisecond):
		}
		now := time.Now()
		if late := now.Sub(last); late > standstill {
			in.Note(last, now.Add(after))
			total += late
		}
		last = now
	}
}

// after is how long a fault may still show: a connection that broke is found broken
// with its next use, and requests that waited are worked off.
const after = 5 * time.Second

// begin lets one of them fail now and then, until what it returns is called; that
// tells of a server that did not come back.
func (f *faults) begin(ctx context.Context, o options, b *backing) (end func() error) {
	if b == nil || o.faultsEvery <= 0 {
		return func() error { return nil }
	}
	f.counted = map[string]int{}
	random := rand.New(rand.NewPCG(o.seed, o.seed))
	kinds := []struct {
		name string
		do   func() error
	}{
		{"Redis is killed", b.redis.Restart},
		{"PostgreSQL crashes", func() error { return b.postgres.Restart("immediate") }},
		{"PostgreSQL is restarted", func() error { return b.postgres.Restart("fast") }},
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				ended <- nil
				return
			case <-time.After(o.faultsEvery):
			}
			kind := kinds[random.IntN(len(kinds))]
			if err := f.windows.Do(kind.do, func() error { time.Sleep(after); return nil }); err != nil {
				ended <- fmt.Errorf("%s: %w", kind.name, err)
				return
			}
			f.counted[kind.name]++
		}
	}()
	return func() error {
		cancel()
		return <-ended
	}
}
