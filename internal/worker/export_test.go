package worker

// PauseOf is how long a sync is put aside.
var PauseOf = pauseOf

// OutcomeOf is what the work of a job came to.
var OutcomeOf = outcomeOf
