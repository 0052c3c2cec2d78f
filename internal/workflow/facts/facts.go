// Package facts holds what is stored of a project's work so that its workflow
// can be computed without reading the vendors' records again: of each work
// item, pull request, deployment and commit its history, in order and small.
//
// Facts depend on the records alone, never on a project's settings, on a
// window or on a clock: when a setting changes no fact does, and when a hundred
// records change the facts of a hundred records do. It is pure and may import
// the root package only.
package facts

import "time"

// Time is an instant in microseconds since 1970 in UTC, as the databases keep
// it. Zero is none.
type Time int64

// At returns t as facts have it; the zero time is none. Zero being none, what
// happened in the first microsecond of 1970 is one later: an epoch of 0 is not
// rare in files of other tools, and the event is not lost.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	if at := Bound(t); at != 0 {
		return at
	}
	return 1
}

// Bound returns t as a bound of times: it is never none, and 1970-01-01 is 0.
func Bound(t time.Time) Time { return Time(t.UnixMicro()) }

// AtPointer returns *t as facts have it; nil is none.
func AtPointer(t *time.Time) Time {
	if t == nil {
		return 0
	}
	return At(*t)
}

// UTC returns the instant as the standard library has it; none is the zero time.
func (t Time) UTC() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return t.Moment()
}

// Moment returns the instant of a bound: zero is 1970-01-01.
func (t Time) Moment() time.Time { return time.UnixMicro(int64(t)).UTC() }

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Microsecond }

// Symbol is the place of a string in a log's Symbols. 0 is the empty string.
type Symbol uint32

// Log is everything that is known of a project's work.
type Log struct {
	Symbols      *Symbols
	Items        []Item        // by Source, then by ID
	PullRequests []PullRequest // by Source, then by ID
	Deployments  []Deployment  // by Source, then by ID
	Commits      []Commit      // by Source, then by Hash
	Sprints      []Sprint      // by ID
	Statuses     []Status      // what the trackers say of their statuses; by Status
	Accounts     []Account     // who is behind the accounts; by Account
}

// Item is a work item: what it was at each moment of its life.
type Item struct {
	Source     Symbol // SourceKey of the service and the resource
	ID         string // the vendor's, within the service
	Key        string
	Type       Symbol
	Priority   Symbol // now, as the tracker calls it
	Resolution Symbol // now; "" is none
	Category   Symbol // rampforge.StatusCategory of the last visit's status, by the tracker's word
	Labels     []Symbol
	Parent     string // id of the parent; "" is none
	Created    Time
	Updated    Time   // by the vendor's clock
	SyncedAt   Time   // when the record was last read; facts of a record that was not read again stand
	Reporter   Symbol // AccountKey
	// Visits are the statuses that it was in, oldest first. The first begins at
	// Created; each ends where the next begins, the last one not yet. Two
	// visits after each other are in different statuses, except of an imported
	// log, where each event is a visit.
	Visits    []Visit
	Flags     []Span       // when it was flagged as blocked
	Assignees []Assignment // who had it
	Sprints   []Membership // the sprints that it was in
	Estimates []Estimate   // oldest first; the first holds from Created
	Comments  []Remark     // who wrote on it
	// BlockedBy are the keys of the open "blocked by" links as they are now: links
	// have no history.
	BlockedBy []string
	// Incomplete says that the vendor has more history than could be read.
	Incomplete bool
	// Imported says that it came from an event log: its visits are activities,
	// and the last of them ends the case where it began.
	Imported bool
}

// Visit is a stay in a status.
type Visit struct {
	Status Symbol // StatusKey
	At     Time
	Actor  Symbol // AccountKey of who moved it there
	Name   Symbol // what the status was called then
}

// Span is a stretch of time; To is 0 while it lasts.
type Span struct{ From, To Time }

// Assignment is that somebody had an item.
type Assignment struct {
	Span

	Account Symbol
}

// Membership is that an item was in a sprint.
type Membership struct {
	Span

	Sprint Symbol // SprintKey
}

// Estimate is what an item was estimated at from a moment on.
type Estimate struct {
	At    Time
	Known bool // else it was not estimated
	Value float64
}

// Remark is that somebody wrote something.
type Remark struct {
	Account Symbol
	At      Time
}

// Sprint is a time box of a board.
type Sprint struct {
	ID        Symbol // SprintKey
	Board     Symbol
	Name      string
	State     Symbol // future, active or closed
	Start     Time
	End       Time // as planned
	Completed Time // when it was closed
	SyncedAt  Time
}

// Status is what a tracker says of one of its statuses.
type Status struct {
	Status   Symbol // StatusKey
	Name     string // as it is called now
	Category Symbol // rampforge.StatusCategory; "" is one that the tracker does not place
	Position int    // in the tracker's own order, from 1; 0 is unknown
}

// Account is who is behind an account or a signature, as the people of this
// installation are known when a report is computed.
type Account struct {
	Account Symbol // AccountKey or SignatureKey
	Person  string // their id; "" is nobody that is known
	Bot     bool   // by the account's type, or by what people said
	Named   bool   // it is a bot only because the project's settings say so
}

// PullRequest is a proposed change with its review.
type PullRequest struct {
	Source       Symbol
	ID           string
	Number       int
	State        Symbol // open, closed or merged
	Draft        bool
	Author       Symbol
	MergedBy     Symbol
	Created      Time
	Updated      Time
	SyncedAt     Time
	Ready        Time // when it stopped being a draft; 0 when that is not known
	Closed       Time
	Merged       Time
	HeadCommit   string
	MergeCommit  string
	TargetBranch Symbol
	Commits      []PullCommit // by Authored
	Reviews      []Review     // oldest first
	Comments     []Remark     // oldest first
	Requested    []Symbol     // who is asked to review it now
	Additions    int          // lines; -1 is unknown
	Deletions    int          // lines; -1 is unknown
	ChangedFiles int          // -1 is unknown
}

// PullCommit is a commit of a pull request, as its branch had it.
type PullCommit struct {
	Hash      string
	Authored  Time
	Committed Time
}

// Review is a verdict on a pull request.
type Review struct {
	Account Symbol
	State   Symbol // approved, changes_requested, commented or dismissed
	At      Time
}

// Deployment is one attempt to bring a commit to an environment. A pipeline run
// that a project counts as deployments is one too: its Environment is "" and
// its Pipeline is the run's name.
type Deployment struct {
	Source      Symbol
	ID          string
	Environment Symbol
	Pipeline    Symbol
	Commit      string
	Branch      Symbol
	State       Symbol // queued, running, succeeded, failed, cancelled, skipped or inactive
	Created     Time
	Finished    Time
	SyncedAt    Time
}

// Commit is a commit of a repository's history.
type Commit struct {
	Source    Symbol
	ID        string // of the record: the hash, or what ends in it
	Hash      string
	Parents   []string
	Author    Symbol // AccountKey, or SignatureKey where the vendor knows no account
	Authored  Time
	Committed Time
	SyncedAt  Time
}
