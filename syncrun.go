package rampforge

import "time"

// SyncStatus is the state of a sync run, and of the sync of one service in it.
type SyncStatus string

// The states of a sync. A partial one kept what it could read and says what is
// missing.
const (
	SyncQueued    SyncStatus = "queued"
	SyncRunning   SyncStatus = "running"
	SyncCompleted SyncStatus = "completed"
	SyncPartial   SyncStatus = "partial"
	SyncFailed    SyncStatus = "failed"
	SyncCancelled SyncStatus = "cancelled"
)

// Finished reports whether a sync in this state will not change again.
func (s SyncStatus) Finished() bool { return s != SyncQueued && s != SyncRunning }

// SyncFault is what could not be read of one stream, or of the service as a
// whole when Resource and Stream are empty.
type SyncFault struct {
	Resource string `json:"resource"` // its key
	Stream   Stream `json:"stream"`
	Reason   string `json:"reason"`
	Message  string `json:"message"`
}

// SyncTask is the sync of one service. Runs that overlap share it.
type SyncTask struct {
	ID          string
	ServiceID   string
	ServiceType ServiceType
	Force       bool // from the beginning, and with the ids compared
	Status      SyncStatus
	Records     int64 // that were read and kept
	Deleted     int64 // that are gone at the vendor
	Faults      []SyncFault
	RequestedBy string
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
}

// SyncRun is what somebody asked for: the sync of one service or of several.
type SyncRun struct {
	ID          string
	RequestedBy string
	CreatedAt   time.Time
	Tasks       []SyncTask
}

// Status is what has become of the run: running until every task has ended.
func (r SyncRun) Status() SyncStatus {
	count := map[SyncStatus]int{}
	for _, t := range r.Tasks {
		if !t.Status.Finished() {
			return SyncRunning
		}
		count[t.Status]++
	}
	switch n := len(r.Tasks); {
	case count[SyncCompleted] == n:
		return SyncCompleted
	case count[SyncFailed]+count[SyncCancelled] == n:
		return SyncFailed
	}
	return SyncPartial
}
