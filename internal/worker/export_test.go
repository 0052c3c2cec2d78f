package worker

import "context"

// PauseOf is how long a sync is put aside.
var PauseOf = pauseOf

// OutcomeOf is what the work of a job came to.
var OutcomeOf = outcomeOf

// ForgetNames removes what this process keeps of histories with names.
func (w *Workers) ForgetNames(ctx context.Context) { w.forgetNames(ctx) }
