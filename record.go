package rampforge

import "time"

// Stream is one kind of records that a vendor's system has.
type Stream string

// The streams.
const (
	StreamWorkItems    Stream = "work_items"
	StreamSprints      Stream = "sprints"
	StreamPullRequests Stream = "pull_requests"
	StreamCommits      Stream = "commits"
	StreamPipelineRuns Stream = "pipeline_runs"
	StreamDeployments  Stream = "deployments"
	StreamDocuments    Stream = "documents"
)

// Resource is what a project can be bound to: a repository, a tracker's
// project, a board or a space. ID is the vendor's and survives a new name.
type Resource struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind"` // repository, project, board or space
	Key      string   `json:"key"`  // as people write it: owner/name, PROJ
	Name     string   `json:"name"`
	URL      string   `json:"url"`
	Archived bool     `json:"archived"`
	Streams  []Stream `json:"streams"`
}

// Record is one record of a stream. Exactly one of the pointers is set, as
// Stream says. ID is the vendor's id within the service; it stays when the
// record moves, is renamed or transferred.
type Record struct {
	Stream     Stream
	ID         string
	ResourceID string
	UpdatedAt  time.Time // by the vendor's clock
	Raw        []byte    // the vendor's JSON, so that a mapping can be run again

	WorkItem    *WorkItem
	Sprint      *Sprint
	PullRequest *PullRequest
	Commit      *VendorCommit
	PipelineRun *PipelineRun
	Deployment  *Deployment
	Document    *Document
}

// Account is a person, or a bot, as a vendor knows it. A deleted account is
// nil wherever an account is expected.
type Account struct {
	ID            string `json:"id"` // stable, within the service
	Login         string `json:"login"`
	Name          string `json:"name"`
	Email         string `json:"email"`          // "" when the vendor keeps it
	EmailVerified bool   `json:"email_verified"` // by the vendor
	Bot           bool   `json:"bot"`            // by the account's type, never by its name
}

// StatusCategory is what a status means, by the tracker's own word.
type StatusCategory string

// The categories. StatusUnknown is a status that the tracker does not place.
const (
	StatusUnknown    StatusCategory = ""
	StatusToDo       StatusCategory = "todo"
	StatusInProgress StatusCategory = "in_progress"
	StatusDone       StatusCategory = "done"
)

// WorkItem is an issue, story, bug or task of a tracker.
type WorkItem struct {
	Key            string          `json:"key"` // as people write it: PROJ-1, #12
	Type           string          `json:"type"`
	Title          string          `json:"title"`
	Body           string          `json:"body"`
	URL            string          `json:"url"`
	Status         string          `json:"status"`
	StatusID       string          `json:"status_id"`
	StatusCategory StatusCategory  `json:"status_category"`
	Resolution     string          `json:"resolution"` // why it is closed: completed, not_planned, Won't Do
	Priority       string          `json:"priority"`
	Labels         []string        `json:"labels"`
	Reporter       *Account        `json:"reporter"`
	Assignees      []Account       `json:"assignees"`
	Estimate       *float64        `json:"estimate"` // in the tracker's unit, mostly points
	SprintIDs      []string        `json:"sprint_ids"`
	ParentID       string          `json:"parent_id"`
	Links          []WorkItemLink  `json:"links"`
	Flagged        bool            `json:"flagged"`
	CreatedAt      time.Time       `json:"created_at"`
	UpdatedAt      time.Time       `json:"updated_at"`
	ClosedAt       *time.Time      `json:"closed_at"`
	Events         []WorkItemEvent `json:"events"` // oldest first
	Comments       []Comment       `json:"comments"`
	// HistoryIncomplete says that the vendor has more events than could be read.
	HistoryIncomplete bool `json:"history_incomplete"`
	// EventLog says that it is a case of an imported event log: each of its events
	// is an activity, also one that repeats the activity before it. The first is at
	// CreatedAt; the last ends the case.
	EventLog bool `json:"event_log,omitempty"`
}

// WorkItemLink is a relation to another work item.
type WorkItemLink struct {
	Kind string `json:"kind"` // blocks, blocked_by, relates, duplicates, …
	ID   string `json:"id"`
	Key  string `json:"key"`
}

// WorkItemField is what an event changed.
type WorkItemField string

// The fields whose changes are kept.
const (
	FieldStatus   WorkItemField = "status"
	FieldAssignee WorkItemField = "assignee"
	FieldSprint   WorkItemField = "sprint"
	FieldEstimate WorkItemField = "estimate"
	FieldFlag     WorkItemField = "flag"
	FieldResource WorkItemField = "resource" // moved between projects
	FieldType     WorkItemField = "type"
	FieldPriority WorkItemField = "priority"
	FieldLabel    WorkItemField = "label"
	FieldParent   WorkItemField = "parent"
)

// WorkItemEvent is one change of one field. Several fields that changed at
// once are several events.
type WorkItemEvent struct {
	ID     string        `json:"id"` // stable, within the work item
	Field  WorkItemField `json:"field"`
	From   string        `json:"from"` // as people read it
	To     string        `json:"to"`
	FromID string        `json:"from_id"`
	ToID   string        `json:"to_id"`
	At     time.Time     `json:"at"`
	Actor  *Account      `json:"actor"`
	// Lifecycle is how far the activity was, of an imported event log that says
	// so: start, complete, …
	Lifecycle string `json:"lifecycle,omitempty"`
}

// Comment is what somebody wrote on a work item or a pull request. Path and
// Line are set for a comment on code.
type Comment struct {
	ID        string    `json:"id"`
	Author    *Account  `json:"author"`
	Body      string    `json:"body"`
	Path      string    `json:"path,omitempty"`
	Line      int       `json:"line,omitempty"`
	ReplyTo   string    `json:"reply_to,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Sprint is a time box of a board. StartAt and EndAt are as planned,
// CompletedAt is when it was closed.
type Sprint struct {
	BoardID     string     `json:"board_id"`
	Name        string     `json:"name"`
	Goal        string     `json:"goal"`
	State       string     `json:"state"` // future, active or closed
	StartAt     *time.Time `json:"start_at"`
	EndAt       *time.Time `json:"end_at"`
	CompletedAt *time.Time `json:"completed_at"`
}

// PullRequest is a proposed change with its review; a merge request too.
type PullRequest struct {
	Number       int               `json:"number"`
	Title        string            `json:"title"`
	Body         string            `json:"body"`
	URL          string            `json:"url"`
	State        string            `json:"state"` // open, closed or merged
	Draft        bool              `json:"draft"`
	Author       *Account          `json:"author"`
	SourceBranch string            `json:"source_branch"`
	TargetBranch string            `json:"target_branch"`
	HeadCommit   string            `json:"head_commit"`
	MergeCommit  string            `json:"merge_commit"`
	MergedBy     *Account          `json:"merged_by"`
	Assignees    []Account         `json:"assignees"`
	Requested    []Account         `json:"requested_reviewers"`
	Labels       []string          `json:"labels"`
	Additions    *int              `json:"additions"`
	Deletions    *int              `json:"deletions"`
	ChangedFiles *int              `json:"changed_files"`
	CreatedAt    time.Time         `json:"created_at"`
	UpdatedAt    time.Time         `json:"updated_at"`
	ReadyAt      *time.Time        `json:"ready_at"` // when it stopped being a draft, nil when that is not known
	ClosedAt     *time.Time        `json:"closed_at"`
	MergedAt     *time.Time        `json:"merged_at"`
	Reviews      []Review          `json:"reviews"`  // oldest first
	Comments     []Comment         `json:"comments"` // oldest first, on code and on the whole
	Commits      []PullRequestLink `json:"commits"`
}

// Review is one verdict on a pull request.
type Review struct {
	ID          string    `json:"id"`
	Author      *Account  `json:"author"`
	State       string    `json:"state"` // approved, changes_requested, commented or dismissed
	Body        string    `json:"body"`
	Commit      string    `json:"commit"`
	SubmittedAt time.Time `json:"submitted_at"`
}

// PullRequestLink is a commit of a pull request.
type PullRequestLink struct {
	Hash        string    `json:"hash"`
	AuthoredAt  time.Time `json:"authored_at"`
	CommittedAt time.Time `json:"committed_at"`
}

// VendorCommit is a commit as a vendor tells of it: what git knows, and the
// accounts that the vendor thinks are behind its addresses.
type VendorCommit struct {
	Hash             string    `json:"hash"`
	Parents          []string  `json:"parents"`
	Author           Signature `json:"author"`
	Committer        Signature `json:"committer"`
	AuthorAccount    *Account  `json:"author_account"`
	CommitterAccount *Account  `json:"committer_account"`
	Message          string    `json:"message"`
	AuthoredAt       time.Time `json:"authored_at"`
	CommittedAt      time.Time `json:"committed_at"`
}

// PipelineRun is one run of a build or test pipeline.
type PipelineRun struct {
	Name       string     `json:"name"`
	URL        string     `json:"url"`
	Branch     string     `json:"branch"`
	Commit     string     `json:"commit"`
	Event      string     `json:"event"` // push, schedule, …
	State      string     `json:"state"` // queued, running, succeeded, failed, cancelled or skipped
	Actor      *Account   `json:"actor"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Deployment is one attempt to bring a commit to an environment.
type Deployment struct {
	Environment string     `json:"environment"`
	URL         string     `json:"url"`
	Branch      string     `json:"branch"`
	Commit      string     `json:"commit"`
	State       string     `json:"state"` // queued, running, succeeded, failed, cancelled or inactive
	Actor       *Account   `json:"actor"`
	CreatedAt   time.Time  `json:"created_at"`
	FinishedAt  *time.Time `json:"finished_at"`
}

// Document is a page of a wiki.
type Document struct {
	Title       string    `json:"title"`
	URL         string    `json:"url"`
	Body        string    `json:"body"`   // as the vendor stores it
	Format      string    `json:"format"` // storage, markdown or text
	Version     int       `json:"version"`
	Labels      []string  `json:"labels"`
	ParentID    string    `json:"parent_id"`
	Ancestors   []string  `json:"ancestors"` // titles, from the top
	Attachments []string  `json:"attachments"`
	Restricted  bool      `json:"restricted"` // not everybody who sees the space may read it
	Author      *Account  `json:"author"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}
