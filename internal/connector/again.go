package connector

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// againPause is the longest pause before an answer is asked for again; it
// doubles each time.
const againPause = 250 * time.Millisecond

// Again asks, and asks again at most more times while an answer comes whole
// and cannot be read: something on the way put a page of its own into
// its place, or damaged it. What a client remembers of such an answer is left
// out. ask says whether what came could be read; where it could, and where
// nothing came, its error is the end: repeating that is the client's part.
func Again(ctx context.Context, more int, ask func(ctx context.Context) (readable bool, err error)) error {
	readable, err := ask(ctx)
	for n := 0; n < more && !readable; n++ {
		timer := time.NewTimer(rand.N(againPause << min(n, 5))) //nolint:gosec // jitter is no secret
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		readable, err = ask(httpclient.Fresh(ctx))
	}
	return err
}
