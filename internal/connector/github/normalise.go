package github

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
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
	raw, err := jsonv2.Marshal(parts, jsonv2.Deterministic(true), jsonv2.FormatNilSliceAsNull(true),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true))
	if err != nil {
		return nil, malformed("JSON")
	}
	return raw, nil
}

func normaliseIssue(record *rampforge.Record) error {
	var parts struct {
		Issue      wireIssue     `json:"issue"`
		Events     []wireEvent   `json:"events"`
		Comments   []wireComment `json:"comments"`
		Incomplete bool          `json:"history_incomplete"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	issue := &parts.Issue
	record.ID, record.UpdatedAt = number(issue.ID), timeOf(issue.UpdatedAt)
	if issue.Number == 0 || issue.CreatedAt == nil {
		return malformed("issue")
	}
	item := &rampforge.WorkItem{
		Key: "#" + strconv.Itoa(issue.Number), Type: "issue",
		Title: issue.Title, Body: issue.Body, URL: issue.HTMLURL,
		Status: issue.State, StatusID: issue.State, Labels: labels(issue.Labels),
		Reporter: account(issue.User), Assignees: accounts(issue.Assignees), SprintIDs: []string{}, Links: []rampforge.WorkItemLink{},
		CreatedAt: timeOf(issue.CreatedAt), UpdatedAt: record.UpdatedAt, ClosedAt: timePtr(issue.ClosedAt),
		Events: []rampforge.WorkItemEvent{}, Comments: comments(parts.Comments), HistoryIncomplete: parts.Incomplete,
	}
	if issue.Type != nil && issue.Type.Name != "" {
		item.Type = issue.Type.Name
	}
	switch item.Status {
	case open:
		item.StatusCategory = rampforge.StatusToDo
	case closed:
		item.StatusCategory, item.Resolution = rampforge.StatusDone, issue.StateReason
	}
	slices.SortStableFunc(parts.Events, func(a, b wireEvent) int {
		return cmp.Or(timeOf(a.CreatedAt).Compare(timeOf(b.CreatedAt)), cmp.Compare(a.ID, b.ID))
	})
	for _, e := range parts.Events {
		if event, ok := event(&e, issue.RepositoryURL); ok {
			item.Events = append(item.Events, event)
		}
	}
	record.WorkItem = item
	return nil
}

// event makes an event from one of GitHub's, false for what changes no field
// that is kept.
func event(e *wireEvent, repositoryURL string) (rampforge.WorkItemEvent, bool) {
	if e.ID == 0 || e.CreatedAt == nil {
		return rampforge.WorkItemEvent{}, false
	}
	out := rampforge.WorkItemEvent{ID: number(e.ID), At: timeOf(e.CreatedAt), Actor: account(e.Actor)}
	switch e.Event {
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
		out.Field, out.To, out.ToID = rampforge.FieldLabel, e.Label.Name, e.Label.Name
	case "milestoned", "demilestoned":
		out.Field, out.To, out.ToID = fieldMilestone, e.Milestone.Title, e.Milestone.Title
	case "transferred":
		_, out.To, _ = strings.Cut(repositoryURL, "/repos/")
		out.Field = rampforge.FieldResource
	default:
		return rampforge.WorkItemEvent{}, false
	}
	if strings.HasPrefix(e.Event, "un") || strings.HasPrefix(e.Event, "de") {
		out.From, out.FromID, out.To, out.ToID = out.To, out.ToID, "", ""
	}
	return out, true
}

func normaliseCommit(record *rampforge.Record) error {
	var parts struct {
		Commit wireCommit `json:"commit"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	c, inner := &parts.Commit, parts.Commit.Commit
	if c.SHA == "" || inner == nil {
		return malformed("commit")
	}
	author, committer := cmp.Or(inner.Author, &wireSignature{}), cmp.Or(inner.Committer, &wireSignature{})
	commit := &rampforge.VendorCommit{
		Hash: c.SHA, Parents: []string{}, Message: inner.Message,
		Author:        rampforge.Signature{Name: author.Name, Email: author.Email},
		Committer:     rampforge.Signature{Name: committer.Name, Email: committer.Email},
		AuthorAccount: account(c.Author), CommitterAccount: account(c.Committer),
		AuthoredAt: stamp(author), CommittedAt: stamp(committer),
	}
	if c.Parents == nil {
		commit.Parents = nil // not told
	}
	for _, parent := range c.Parents {
		commit.Parents = append(commit.Parents, parent.SHA)
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
		Run wireRun `json:"workflow_run"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	run := &parts.Run
	record.ID, record.UpdatedAt = number(run.ID), timeOf(run.UpdatedAt)
	record.PipelineRun = &rampforge.PipelineRun{
		Name: cmp.Or(run.Name, run.Path), URL: run.HTMLURL, Branch: run.HeadBranch, Commit: run.HeadSHA, Event: run.Event,
		State: runState(run.Status, run.Conclusion), Actor: account(run.Actor),
		CreatedAt: timeOf(run.CreatedAt), StartedAt: timePtr(run.RunStartedAt),
	}
	if run.Status == "completed" {
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
		Deployment wireDeployment         `json:"deployment"`
		Statuses   []wireDeploymentStatus `json:"statuses"`
	}
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	d := &parts.Deployment
	record.ID, record.UpdatedAt = number(d.ID), timeOf(d.UpdatedAt)
	out := &rampforge.Deployment{
		Environment: d.Environment, Branch: d.Ref, Commit: d.SHA, State: stateQueued,
		Actor: account(d.Creator), CreatedAt: timeOf(d.CreatedAt),
	}
	slices.SortStableFunc(parts.Statuses, func(a, b wireDeploymentStatus) int {
		return cmp.Or(timeOf(a.CreatedAt).Compare(timeOf(b.CreatedAt)), cmp.Compare(a.ID, b.ID))
	})
	for _, s := range parts.Statuses {
		out.State = deploymentState(s.State)
		out.URL = cmp.Or(s.EnvironmentURL, s.LogURL, s.TargetURL, out.URL)
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
func account(u *wireUser) *rampforge.Account {
	if u == nil || u.ID == 0 || u.Login == ghost {
		return nil
	}
	return &rampforge.Account{ID: number(u.ID), Login: u.Login, Name: u.Name, Email: u.Email, Bot: u.Type == "Bot"}
}

func accounts(users []*wireUser) []rampforge.Account {
	out := []rampforge.Account{}
	for _, u := range users {
		if a := account(u); a != nil {
			out = append(out, *a)
		}
	}
	return out
}

func labels(all []wireLabel) []string {
	out := []string{}
	for _, l := range all {
		out = append(out, l.Name)
	}
	return out
}

func comments(all []wireComment) []rampforge.Comment {
	out := []rampforge.Comment{}
	for _, c := range all {
		out = append(out, rampforge.Comment{
			ID: number(c.ID), Author: account(c.User), Body: c.Body,
			CreatedAt: timeOf(c.CreatedAt), UpdatedAt: timeOf(c.UpdatedAt),
		})
	}
	slices.SortStableFunc(out, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

func stamp(a *wireSignature) time.Time {
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
