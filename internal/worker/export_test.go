package worker

// PauseOf is how long a sync is put aside.
var PauseOf = pauseOf
