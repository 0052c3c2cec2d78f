package github

import "github.com/google/go-github/v74/github"

// What is read of GitHub's records. The client's own types have all fields, a
// repository and its owner in each pull request among them, and most of the time
// of a sync would go into filling what nobody looks at.

type wireUser struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Type  string `json:"type"`
}

type wireLabel struct {
	Name string `json:"name"`
}

type wireIssue struct {
	ID            int64             `json:"id"`
	Number        int               `json:"number"`
	Title         string            `json:"title"`
	Body          string            `json:"body"`
	HTMLURL       string            `json:"html_url"`
	RepositoryURL string            `json:"repository_url"`
	State         string            `json:"state"`
	StateReason   string            `json:"state_reason"`
	Type          *wireLabel        `json:"type"`
	Labels        []wireLabel       `json:"labels"`
	User          *wireUser         `json:"user"`
	Assignees     []*wireUser       `json:"assignees"`
	CreatedAt     *github.Timestamp `json:"created_at"`
	UpdatedAt     *github.Timestamp `json:"updated_at"`
	ClosedAt      *github.Timestamp `json:"closed_at"`
}

type wireEvent struct {
	ID        int64             `json:"id"`
	Event     string            `json:"event"`
	Actor     *wireUser         `json:"actor"`
	Assignee  *wireUser         `json:"assignee"`
	Assigner  *wireUser         `json:"assigner"`
	Label     wireLabel         `json:"label"`
	Milestone wireMilestone     `json:"milestone"`
	CreatedAt *github.Timestamp `json:"created_at"`
}

type wireMilestone struct {
	Title string `json:"title"`
}

type wireComment struct {
	ID        int64             `json:"id"`
	User      *wireUser         `json:"user"`
	Body      string            `json:"body"`
	CreatedAt *github.Timestamp `json:"created_at"`
	UpdatedAt *github.Timestamp `json:"updated_at"`
}

type wireCodeComment struct {
	wireComment

	Path         string `json:"path"`
	Line         int    `json:"line"`
	OriginalLine int    `json:"original_line"`
	InReplyTo    int64  `json:"in_reply_to_id"`
}

type wirePull struct {
	ID                 int64             `json:"id"`
	Number             int               `json:"number"`
	Title              string            `json:"title"`
	Body               string            `json:"body"`
	HTMLURL            string            `json:"html_url"`
	State              string            `json:"state"`
	Draft              bool              `json:"draft"`
	Merged             bool              `json:"merged"`
	MergeCommitSHA     string            `json:"merge_commit_sha"`
	User               *wireUser         `json:"user"`
	MergedBy           *wireUser         `json:"merged_by"`
	Assignees          []*wireUser       `json:"assignees"`
	RequestedReviewers []*wireUser       `json:"requested_reviewers"`
	Labels             []wireLabel       `json:"labels"`
	Head               wireBranch        `json:"head"`
	Base               wireBranch        `json:"base"`
	Additions          *int              `json:"additions"`
	Deletions          *int              `json:"deletions"`
	ChangedFiles       *int              `json:"changed_files"`
	CreatedAt          *github.Timestamp `json:"created_at"`
	UpdatedAt          *github.Timestamp `json:"updated_at"`
	ClosedAt           *github.Timestamp `json:"closed_at"`
	MergedAt           *github.Timestamp `json:"merged_at"`
}

type wireBranch struct {
	Ref string `json:"ref"`
	SHA string `json:"sha"`
}

type wireReview struct {
	ID          int64             `json:"id"`
	User        *wireUser         `json:"user"`
	State       string            `json:"state"`
	Body        string            `json:"body"`
	CommitID    string            `json:"commit_id"`
	SubmittedAt *github.Timestamp `json:"submitted_at"`
}

type wireCommit struct {
	SHA       string       `json:"sha"`
	Commit    *wireInner   `json:"commit"`
	Author    *wireUser    `json:"author"`
	Committer *wireUser    `json:"committer"`
	Parents   []wireParent `json:"parents"`
}

type wireParent struct {
	SHA string `json:"sha"`
}

// wireInner is what git knows of a commit.
type wireInner struct {
	Message   string         `json:"message"`
	Author    *wireSignature `json:"author"`
	Committer *wireSignature `json:"committer"`
}

type wireSignature struct {
	Name  string            `json:"name"`
	Email string            `json:"email"`
	Date  *github.Timestamp `json:"date"`
}

type wireRun struct {
	ID           int64             `json:"id"`
	Name         string            `json:"name"`
	Path         string            `json:"path"`
	HTMLURL      string            `json:"html_url"`
	HeadBranch   string            `json:"head_branch"`
	HeadSHA      string            `json:"head_sha"`
	Event        string            `json:"event"`
	Status       string            `json:"status"`
	Conclusion   string            `json:"conclusion"`
	Actor        *wireUser         `json:"actor"`
	CreatedAt    *github.Timestamp `json:"created_at"`
	UpdatedAt    *github.Timestamp `json:"updated_at"`
	RunStartedAt *github.Timestamp `json:"run_started_at"`
}

type wireDeployment struct {
	ID          int64             `json:"id"`
	Environment string            `json:"environment"`
	Ref         string            `json:"ref"`
	SHA         string            `json:"sha"`
	Creator     *wireUser         `json:"creator"`
	CreatedAt   *github.Timestamp `json:"created_at"`
	UpdatedAt   *github.Timestamp `json:"updated_at"`
}

type wireDeploymentStatus struct {
	ID             int64             `json:"id"`
	State          string            `json:"state"`
	EnvironmentURL string            `json:"environment_url"`
	LogURL         string            `json:"log_url"`
	TargetURL      string            `json:"target_url"`
	CreatedAt      *github.Timestamp `json:"created_at"`
}
