package builder

import (
	"time"

	"github.com/rampforgeai/rampforge"
)

// What facts are made of, of each kind of record: the texts that people wrote
// are most of a record, and are skipped. The names are those of the root
// package's types.

type account struct {
	ID string `json:"id"`
}

type comment struct {
	Author    *account  `json:"author"`
	CreatedAt time.Time `json:"created_at"`
}

type workItem struct {
	Key               string                   `json:"key"`
	Type              string                   `json:"type"`
	Status            string                   `json:"status"`
	StatusID          string                   `json:"status_id"`
	StatusCategory    rampforge.StatusCategory `json:"status_category"`
	Priority          string                   `json:"priority"`
	Resolution        string                   `json:"resolution"`
	Labels            []string                 `json:"labels"`
	Reporter          *account                 `json:"reporter"`
	Assignees         []account                `json:"assignees"`
	Estimate          *float64                 `json:"estimate"`
	SprintIDs         []string                 `json:"sprint_ids"`
	ParentID          string                   `json:"parent_id"`
	Links             []rampforge.WorkItemLink `json:"links"`
	Flagged           bool                     `json:"flagged"`
	CreatedAt         time.Time                `json:"created_at"`
	UpdatedAt         time.Time                `json:"updated_at"`
	ClosedAt          *time.Time               `json:"closed_at"`
	Events            []event                  `json:"events"`
	Comments          []comment                `json:"comments"`
	HistoryIncomplete bool                     `json:"history_incomplete"`
	EventLog          bool                     `json:"event_log"`
}

type event struct {
	Field  rampforge.WorkItemField `json:"field"`
	From   string                  `json:"from"`
	To     string                  `json:"to"`
	FromID string                  `json:"from_id"`
	ToID   string                  `json:"to_id"`
	At     time.Time               `json:"at"`
	Actor  *account                `json:"actor"`
}

type pullRequest struct {
	Number       int                         `json:"number"`
	State        string                      `json:"state"`
	Draft        bool                        `json:"draft"`
	Author       *account                    `json:"author"`
	TargetBranch string                      `json:"target_branch"`
	HeadCommit   string                      `json:"head_commit"`
	MergeCommit  string                      `json:"merge_commit"`
	MergedBy     *account                    `json:"merged_by"`
	Requested    []account                   `json:"requested_reviewers"`
	Additions    *int                        `json:"additions"`
	Deletions    *int                        `json:"deletions"`
	ChangedFiles *int                        `json:"changed_files"`
	CreatedAt    time.Time                   `json:"created_at"`
	UpdatedAt    time.Time                   `json:"updated_at"`
	ReadyAt      *time.Time                  `json:"ready_at"`
	ClosedAt     *time.Time                  `json:"closed_at"`
	MergedAt     *time.Time                  `json:"merged_at"`
	Reviews      []review                    `json:"reviews"`
	Comments     []comment                   `json:"comments"`
	Commits      []rampforge.PullRequestLink `json:"commits"`
}

type review struct {
	Author      *account  `json:"author"`
	State       string    `json:"state"`
	SubmittedAt time.Time `json:"submitted_at"`
}

type commit struct {
	Hash          string              `json:"hash"`
	Parents       []string            `json:"parents"`
	Author        rampforge.Signature `json:"author"`
	AuthorAccount *account            `json:"author_account"`
	AuthoredAt    time.Time           `json:"authored_at"`
	CommittedAt   time.Time           `json:"committed_at"`
}

type run struct {
	Name       string     `json:"name"`
	Branch     string     `json:"branch"`
	Commit     string     `json:"commit"`
	State      string     `json:"state"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

type deployment struct {
	Environment string     `json:"environment"`
	Branch      string     `json:"branch"`
	Commit      string     `json:"commit"`
	State       string     `json:"state"`
	CreatedAt   time.Time  `json:"created_at"`
	FinishedAt  *time.Time `json:"finished_at"`
}
