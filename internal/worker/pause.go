package worker

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
)

const (
	// maxWaiting is how long after its beginning a sync may still be paused: what
	// is not read by then is left to the next one, which goes on from there.
	maxWaiting = 24 * time.Hour
	// longestPause is how long a vendor that is away is left alone at most, but
	// for a quarter that is random.
	longestPause = 15 * time.Minute
)

// pauseOf returns how long a sync is put aside, and how many pauses in a row
// that makes. A time that a limit gives is kept. A vendor that is away gives
// none: the pause doubles until something is read, and is random in part, as
// many syncs may wait for one vendor.
func pauseOf(task rampforge.SyncTask, result ingest.Result) (wait time.Duration, pauses int) {
	if result.Why.Reason == connector.ReasonRateLimited {
		return result.Pause, 0
	}
	pauses = 1
	if !result.Further {
		pauses += task.Pauses
	}
	wait = max(result.Pause, min(result.Pause<<min(pauses-1, 10), longestPause))
	return wait + rand.N(wait/4+1), pauses //nolint:gosec // jitter is no secret
}

// givenUp says how a sync ends whose vendor is not waited for any longer.
func givenUp(task rampforge.SyncTask, result ingest.Result) (rampforge.SyncStatus, string) {
	if result.Read == 0 {
		return rampforge.SyncFailed, "Nothing could be read to its end within a day: " + result.Why.Message
	}
	places := max(result.Places, task.Progress.StreamsTotal) // it is not known again when the resources cannot be listed
	return rampforge.SyncPartial, fmt.Sprintf("%d of %d streams could be read to their end within a day; the next sync goes on from there. %s", result.Read, max(places, result.Read), result.Why.Message)
}
