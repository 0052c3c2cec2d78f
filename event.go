package rampforge

import "time"

// JobState is the state of long work as its watchers see it.
type JobState string

// The job states that events carry.
const (
	JobQueued    JobState = "queued"
	JobRunning   JobState = "running"
	JobCompleted JobState = "completed"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

// JobEvent is what a watcher is told about long work. ID is the id of the
// state row: an analysis, a sync run.
type JobEvent struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"` // e.g. "analysis"
	State    JobState `json:"state"`
	Progress Progress `json:"progress"`
	Message  string   `json:"message"`
}

// Event is a stored JobEvent with its place in the log and what decides who
// may see it.
type Event struct {
	Sequence     int64
	At           time.Time
	RepositoryID string // "" when the event is about no repository
	UserID       string // who asked for the work
	Job          JobEvent
}
