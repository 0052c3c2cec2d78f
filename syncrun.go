package rampforge

import (
	"slices"
	"time"
)

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

// SyncScope is what of a service a sync reads. The zero SyncScope is all that
// the service's own scope names, from where it stands.
type SyncScope struct {
	Resources []string // ids; empty is every resource
	Force     bool     // from the beginning, and with the ids compared
	Forced    []string // with Force: the resources that it is for; empty is all of them
}

// Full reports whether every resource is read.
func (s SyncScope) Full() bool { return len(s.Resources) == 0 }

// Forces reports whether a resource is read from its beginning.
func (s SyncScope) Forces(resource string) bool {
	return s.Force && (len(s.Forced) == 0 || slices.Contains(s.Forced, resource))
}

// forced returns the resources that are read from their beginning: none, those
// of the list, or, when it is empty, all.
func (s SyncScope) forced() (list []string, some bool) {
	switch {
	case !s.Force:
		return nil, false
	case len(s.Forced) > 0:
		return s.Forced, true
	}
	return s.Resources, true
}

// Covers reports whether a sync of s does all that one of other would.
func (s SyncScope) Covers(other SyncScope) bool { return s.reads(other) && s.CoversForce(other) }

func (s SyncScope) reads(other SyncScope) bool {
	return s.Full() || !other.Full() && within(other.Resources, s.Resources)
}

// CoversForce reports whether all that other reads from the beginning is read
// so by s.
func (s SyncScope) CoversForce(other SyncScope) bool {
	theirs, wanted := other.forced()
	if !wanted {
		return true
	}
	ours, given := s.forced()
	return given && (len(ours) == 0 || len(theirs) > 0 && within(theirs, ours))
}

// Union returns the least that covers both.
func (s SyncScope) Union(other SyncScope) SyncScope {
	all := SyncScope{Force: s.Force || other.Force}
	if !s.Full() && !other.Full() {
		all.Resources = joined(s.Resources, other.Resources)
	}
	one, isOne := s.forced()
	two, isTwo := other.forced()
	everything := isOne && len(one) == 0 || isTwo && len(two) == 0
	if !everything {
		all.Forced = joined(one, two)
	}
	return all
}

func within(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(id string) bool { return !slices.Contains(whole, id) })
}

func joined(one, two []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(one, two))))
}

// SyncProgress is how far the sync of one service has come. Totals are 0 while
// they are unknown.
type SyncProgress struct {
	ResourcesDone  int    `json:"resources_done"`
	ResourcesTotal int    `json:"resources_total"`
	StreamsDone    int    `json:"streams_done"` // over all resources
	StreamsTotal   int    `json:"streams_total"`
	Resource       string `json:"resource"` // the key of the one that is read
	Stream         Stream `json:"stream"`
	Stage          string `json:"stage"` // resources, records or deletions
}

// SyncTask is the sync of one service. Runs that overlap share it.
type SyncTask struct {
	SyncScope

	ID          string
	ServiceID   string
	ServiceType ServiceType
	Status      SyncStatus
	Records     int64 // that were read and kept
	Deleted     int64 // that are gone at the vendor
	Faults      []SyncFault
	Notes       []SyncFault // what there is to know and is no fault: streams that a server does not have, records that it left out, places that deletions wait for
	Progress    SyncProgress
	Message     string     // what was last said of it
	PausedUntil *time.Time // the vendor takes no requests before
	Pauses      int        // in a row, for a vendor that gave no time, without anything read between them
	RequestedBy string
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
}

// State is the status as it is told: a sync that waits for its vendor is under
// way.
func (t SyncTask) State() SyncStatus {
	if t.Status == SyncQueued && t.PausedUntil != nil {
		return SyncRunning
	}
	return t.Status
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
