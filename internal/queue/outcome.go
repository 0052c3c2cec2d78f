package queue

import (
	"context"
	"sync/atomic"
)

// Outcome is what the work of a job came to, for the metrics.
type Outcome string

// The outcomes.
const (
	Completed Outcome = "completed"
	Partial   Outcome = "partial"     // done, with faults that its result tells of
	Paused    Outcome = "paused"      // goes on later, because a vendor asks for that
	Cancelled Outcome = "cancelled"   // somebody asked for its end
	Returned  Outcome = "handed_back" // this process ends
	Lost      Outcome = "lost"        // somebody else works it, or nobody needs it any more
	Failed    Outcome = "failed"      // for a reason that a person was told of
	Fault     Outcome = "fault"       // for a reason that is the program's own
)

// Outcomes are all outcomes.
var Outcomes = []Outcome{Completed, Partial, Paused, Cancelled, Returned, Lost, Failed, Fault}

type outcomeKey struct{}

// Ended notes what a job came to, in the context that its worker was given. One
// that notes nothing is completed, or a fault when it answers with an error.
func Ended(ctx context.Context, o Outcome) {
	if noted, ok := ctx.Value(outcomeKey{}).(*atomic.Value); ok {
		noted.Store(o)
	}
}
