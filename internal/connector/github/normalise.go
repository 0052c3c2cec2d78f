package github

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge"
)

// The states of runs and deployments.
const (
	stateQueued    = "queued"
	stateRunning   = "running"
	stateSucceeded = "succeeded"
	stateFailed    = "failed"
	stateCancelled = "cancelled"
	stateSkipped   = "skipped"
	stateInactive  = "inactive"
)

// The statuses of an issue. GitHub has no others and does not tell waiting from
// being worked on, so an open issue is to do.
const (
	open   = "open"
	closed = "closed"
	merged = "merged"
)

// fieldMilestone is the field of an event that moved an issue to a milestone:
// a goal, not a sprint.
const fieldMilestone rampforge.WorkItemField = "milestone"

// ghost is the account that GitHub puts in the place of deleted ones.
const ghost = "ghost"

// Normalise makes a record from what the vendor sent, as Raw keeps it. It is
// pure, and the only way from an answer of GitHub to a record.
func Normalise(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
	record := rampforge.Record{Stream: stream, ResourceID: resourceID, Raw: raw}
	var err error
	switch stream {
	case rampforge.StreamWorkItems:
		err = normaliseIssue(&record)
	case rampforge.StreamPullRequests:
		err = normalisePull(&record)
	case rampforge.StreamCommits:
		err = normaliseCommit(&record)
	case rampforge.StreamPipelineRuns:
		err = normaliseRun(&record)
	case rampforge.StreamDeployments:
		err = normaliseDeployment(&record)
	default:
		err = unsupported(stream)
	}
	if err != nil {
		return rampforge.Record{}, err
	}
	if record.ID == "" || record.ID == "0" || record.UpdatedAt.IsZero() {
		return rampforge.Record{}, malformed(string(stream))
	}
	return record, nil
}

// encode writes parts as Raw, every byte of the vendor's text as it came.
func encode(parts any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(parts); err != nil {
		return nil, malformed("JSON")
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

func normaliseIssue(record *rampforge.Record) error {
	var parts struct {
		Issue      github.Issue          `json:"issue"`
		Events     []github.IssueEvent   `json:"events"`
		Comments   []github.IssueComment `json:"comments"`
		Incomplete bool                  `json:"history_incomplete"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	issue := &parts.Issue
	record.ID, record.UpdatedAt = number(issue.GetID()), timeOf(issue.UpdatedAt)
	if issue.GetNumber() == 0 || issue.CreatedAt == nil {
		return malformed("issue")
	}
	item := &rampforge.WorkItem{
		Key: "#" + strconv.Itoa(issue.GetNumber()), Type: cmp.Or(issue.GetType().GetName(), "issue"),
		Title: issue.GetTitle(), Body: issue.GetBody(), URL: issue.GetHTMLURL(),
		Status: issue.GetState(), StatusID: issue.GetState(), Labels: labels(issue.Labels),
		Reporter: account(issue.User), Assignees: accounts(issue.Assignees), SprintIDs: []string{}, Links: []rampforge.WorkItemLink{},
		CreatedAt: timeOf(issue.CreatedAt), UpdatedAt: record.UpdatedAt, ClosedAt: timePtr(issue.ClosedAt),
		Events: []rampforge.WorkItemEvent{}, Comments: comments(parts.Comments), HistoryIncomplete: parts.Incomplete,
	}
	switch item.Status {
	case open:
		item.StatusCategory = rampforge.StatusToDo
	case closed:
		item.StatusCategory, item.Resolution = rampforge.StatusDone, issue.GetStateReason()
	}
	slices.SortStableFunc(parts.Events, func(a, b github.IssueEvent) int {
		return cmp.Or(timeOf(a.CreatedAt).Compare(timeOf(b.CreatedAt)), cmp.Compare(a.GetID(), b.GetID()))
	})
	for _, e := range parts.Events {
		if event, ok := event(&e, issue.GetRepositoryURL()); ok {
			item.Events = append(item.Events, event)
		}
	}
	record.WorkItem = item
	return nil
}

// event makes an event from one of GitHub's, false for what changes no field
// that is kept.
func event(e *github.IssueEvent, repositoryURL string) (rampforge.WorkItemEvent, bool) {
	if e.GetID() == 0 || e.CreatedAt == nil {
		return rampforge.WorkItemEvent{}, false
	}
	out := rampforge.WorkItemEvent{ID: number(e.GetID()), At: timeOf(e.CreatedAt), Actor: account(e.Actor)}
	switch e.GetEvent() {
	case "closed":
		out.Field, out.From, out.To, out.FromID, out.ToID = rampforge.FieldStatus, open, closed, open, closed
	case "reopened":
		out.Field, out.From, out.To, out.FromID, out.ToID = rampforge.FieldStatus, closed, open, closed, open
	case "assigned", "unassigned":
		out.Field = rampforge.FieldAssignee
		if by := account(e.Assigner); by != nil {
			out.Actor = by // events from before 2016 name the assignee as their actor
		}
		if who := account(e.Assignee); who != nil {
			out.To, out.ToID = who.Login, who.ID
		}
	case "labeled", "unlabeled":
		out.Field, out.To, out.ToID = rampforge.FieldLabel, e.Label.GetName(), e.Label.GetName()
	case "milestoned", "demilestoned":
		out.Field, out.To, out.ToID = fieldMilestone, e.Milestone.GetTitle(), e.Milestone.GetTitle()
	case "transferred":
		_, out.To, _ = strings.Cut(repositoryURL, "/repos/")
		out.Field = rampforge.FieldResource
	default:
		return rampforge.WorkItemEvent{}, false
	}
	if strings.HasPrefix(e.GetEvent(), "un") || strings.HasPrefix(e.GetEvent(), "de") {
		out.From, out.FromID, out.To, out.ToID = out.To, out.ToID, "", ""
	}
	return out, true
}

func normaliseCommit(record *rampforge.Record) error {
	var parts struct {
		Commit github.RepositoryCommit `json:"commit"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	c, inner := &parts.Commit, parts.Commit.GetCommit()
	if c.GetSHA() == "" || inner == nil {
		return malformed("commit")
	}
	author, committer := inner.GetAuthor(), inner.GetCommitter()
	commit := &rampforge.VendorCommit{
		Hash: c.GetSHA(), Parents: []string{}, Message: inner.GetMessage(),
		Author:        rampforge.Signature{Name: author.GetName(), Email: author.GetEmail()},
		Committer:     rampforge.Signature{Name: committer.GetName(), Email: committer.GetEmail()},
		AuthorAccount: account(c.Author), CommitterAccount: account(c.Committer),
		AuthoredAt: stamp(author), CommittedAt: stamp(committer),
	}
	if c.Parents == nil {
		commit.Parents = nil // not told
	}
	for _, parent := range c.Parents {
		commit.Parents = append(commit.Parents, parent.GetSHA())
	}
	// Forks share commits: within the service, only repository and hash name one.
	record.ID, record.UpdatedAt = record.ResourceID+":"+commit.Hash, commit.CommittedAt
	if record.UpdatedAt.IsZero() {
		record.UpdatedAt = commit.AuthoredAt
	}
	record.Commit = commit
	return nil
}

func normaliseRun(record *rampforge.Record) error {
	var parts struct {
		Run github.WorkflowRun `json:"workflow_run"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	run := &parts.Run
	record.ID, record.UpdatedAt = number(run.GetID()), timeOf(run.UpdatedAt)
	record.PipelineRun = &rampforge.PipelineRun{
		Name: cmp.Or(run.GetName(), run.GetPath()), URL: run.GetHTMLURL(), Branch: run.GetHeadBranch(), Commit: run.GetHeadSHA(), Event: run.GetEvent(),
		State: runState(run.GetStatus(), run.GetConclusion()), Actor: account(run.Actor),
		CreatedAt: timeOf(run.CreatedAt), StartedAt: timePtr(run.RunStartedAt),
	}
	if run.GetStatus() == "completed" {
		record.PipelineRun.FinishedAt = timePtr(run.UpdatedAt) // GitHub has no stamp of its own for it
	}
	return nil
}

// runState maps what GitHub says of a run. A run that waits for a person is
// queued; one that ended without a verdict says nothing and was skipped.
func runState(status, conclusion string) string {
	switch {
	case status == "in_progress":
		return stateRunning
	case status != "completed":
		return stateQueued
	}
	switch conclusion {
	case "success":
		return stateSucceeded
	case "failure", "timed_out", "startup_failure":
		return stateFailed
	case "cancelled", "stale":
		return stateCancelled
	case "action_required":
		return stateQueued
	default: // neutral, skipped
		return stateSkipped
	}
}

func normaliseDeployment(record *rampforge.Record) error {
	var parts struct {
		Deployment github.Deployment         `json:"deployment"`
		Statuses   []github.DeploymentStatus `json:"statuses"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	d := &parts.Deployment
	record.ID, record.UpdatedAt = number(d.GetID()), timeOf(d.UpdatedAt)
	out := &rampforge.Deployment{
		Environment: d.GetEnvironment(), Branch: d.GetRef(), Commit: d.GetSHA(), State: stateQueued,
		Actor: account(d.Creator), CreatedAt: timeOf(d.CreatedAt),
	}
	slices.SortStableFunc(parts.Statuses, func(a, b github.DeploymentStatus) int {
		return cmp.Or(timeOf(a.CreatedAt).Compare(timeOf(b.CreatedAt)), cmp.Compare(a.GetID(), b.GetID()))
	})
	for _, s := range parts.Statuses {
		out.State = deploymentState(s.GetState())
		out.URL = cmp.Or(s.GetEnvironmentURL(), s.GetLogURL(), s.GetTargetURL(), out.URL)
		if out.State == stateSucceeded || out.State == stateFailed {
			out.FinishedAt = timePtr(s.CreatedAt) // inactive comes later and ends nothing
		}
		if at := timeOf(s.CreatedAt); at.After(record.UpdatedAt) {
			record.UpdatedAt = at
		}
	}
	record.Deployment = out
	return nil
}

func deploymentState(state string) string {
	switch state {
	case "success":
		return stateSucceeded
	case "failure", "error":
		return stateFailed
	case "inactive":
		return stateInactive
	case "in_progress":
		return stateRunning
	default: // queued, pending
		return stateQueued
	}
}

// account returns an account of GitHub, nil for a deleted one. A commit whose
// address belongs to nobody has an empty object in its place.
func account(u *github.User) *rampforge.Account {
	if u.GetID() == 0 || u.GetLogin() == ghost {
		return nil
	}
	return &rampforge.Account{ID: number(u.GetID()), Login: u.GetLogin(), Name: u.GetName(), Email: u.GetEmail(), Bot: u.GetType() == "Bot"}
}

func accounts(users []*github.User) []rampforge.Account {
	out := []rampforge.Account{}
	for _, u := range users {
		if a := account(u); a != nil {
			out = append(out, *a)
		}
	}
	return out
}

func labels(all []*github.Label) []string {
	out := []string{}
	for _, l := range all {
		out = append(out, l.GetName())
	}
	return out
}

func comments(all []github.IssueComment) []rampforge.Comment {
	out := []rampforge.Comment{}
	for _, c := range all {
		out = append(out, rampforge.Comment{
			ID: number(c.GetID()), Author: account(c.GetUser()), Body: c.GetBody(),
			CreatedAt: timeOf(c.CreatedAt), UpdatedAt: timeOf(c.UpdatedAt),
		})
	}
	slices.SortStableFunc(out, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

func stamp(a *github.CommitAuthor) time.Time {
	if a == nil {
		return time.Time{}
	}
	return timeOf(a.Date)
}

func timePtr(t *github.Timestamp) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	at := t.UTC()
	return &at
}
