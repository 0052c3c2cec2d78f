package gitlab

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

type rawMergeRequest struct {
	MergeRequest mergeRequest `json:"merge_request"`
	Discussions  []struct {
		Notes []note `json:"notes"`
	} `json:"discussions"`
	StateEvents []resourceEvent `json:"state_events"`
	Approvals   struct {
		ApprovedBy []struct {
			User       *user   `json:"user"`
			ApprovedAt instant `json:"approved_at"`
		} `json:"approved_by"`
	} `json:"approvals"`
	Commits  []commit         `json:"commits"`
	Accounts map[string]facts `json:"accounts"`
}

// What GitLab notes on merge requests, word for word: system notes are in
// English whatever the language of the server.
const (
	noteApproved   = "approved this merge request"
	noteUnapproved = "unapproved this merge request"
	noteRequested  = "requested changes"
	noteReady      = "marked this merge request as **ready**"
	noteReadyOld   = "unmarked as a **Work In Progress**"
)

func pullRequest(record *rampforge.Record) error {
	var raw rawMergeRequest
	if err := decode(record.Raw, &raw); err != nil {
		return err
	}
	mr := raw.MergeRequest
	record.ID, record.UpdatedAt = string(mr.ID), mr.UpdatedAt.Time
	number, err := strconv.Atoi(string(mr.IID))
	if err != nil {
		return err
	}
	pr := &rampforge.PullRequest{
		Number: number, Title: mr.Title, Body: text(mr.Body), URL: mr.URL, State: "open", Draft: mr.Draft || mr.WIP,
		Author: account(mr.Author, raw.Accounts), SourceBranch: mr.SourceBranch, TargetBranch: mr.TargetBranch, HeadCommit: mr.SHA,
		Assignees: accountsOf(mr.Assignees, raw.Accounts), Requested: accountsOf(mr.Reviewers, raw.Accounts), Labels: nonNil(mr.Labels),
		ChangedFiles: changedFiles(mr.ChangesCount), CreatedAt: mr.CreatedAt.Time, UpdatedAt: mr.UpdatedAt.Time,
		Comments: []rampforge.Comment{}, Commits: []rampforge.PullRequestLink{},
	}
	switch mr.State {
	case "closed":
		pr.State, pr.ClosedAt = "closed", orLast(mr.ClosedAt, raw.StateEvents, "closed")
	case "merged":
		pr.State, pr.MergedAt = "merged", orLast(mr.MergedAt, raw.StateEvents, "merged")
		pr.ClosedAt = pr.MergedAt
		pr.MergedBy = account(mr.MergeUser, raw.Accounts)
		if mr.MergeUser == nil {
			pr.MergedBy = account(mr.MergedBy, raw.Accounts)
		}
		pr.MergeCommit = cmp.Or(mr.MergeCommit, mr.SquashCommit.text)
		if pr.MergeCommit == "" && (mr.SquashCommit.told || !mr.Squash) {
			pr.MergeCommit = mr.SHA // a fast-forward makes no commit: the head itself has landed
		}
	}
	for _, d := range raw.Discussions {
		pr.Comments = append(pr.Comments, thread(d.Notes, raw.Accounts)...)
		for _, n := range d.Notes {
			if n.System && (n.Body == noteReady || n.Body == noteReadyOld) && (pr.ReadyAt == nil || n.CreatedAt.After(*pr.ReadyAt)) {
				pr.ReadyAt = n.CreatedAt.pointer()
			}
		}
	}
	if pr.Draft {
		pr.ReadyAt = nil
	}
	slices.SortStableFunc(pr.Comments, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for _, c := range raw.Commits {
		pr.Commits = append(pr.Commits, rampforge.PullRequestLink{Hash: c.ID, AuthoredAt: c.AuthoredAt.Time, CommittedAt: c.CommittedAt.Time})
	}
	pr.Reviews = reviews(raw)
	record.PullRequest = pr
	return nil
}

// orLast returns the time, or that of the last event which led to the state:
// GitLab has forgotten the former for old and imported merge requests.
func orLast(at instant, events []resourceEvent, state string) *time.Time {
	if !at.IsZero() {
		return at.pointer()
	}
	for _, e := range slices.Backward(inOrder(events)) {
		if e.State == state {
			return e.CreatedAt.pointer()
		}
	}
	return nil
}

// changedFiles returns nil for "1000+": GitLab then says only that there are
// more.
func changedFiles(count *string) *int {
	if count == nil {
		return nil
	}
	n, err := strconv.Atoi(*count)
	if err != nil {
		return nil
	}
	return &n
}

// thread returns the comments of a discussion, the later ones as answers to
// the first. A single note is a discussion of its own.
func thread(notes []note, known map[string]facts) []rampforge.Comment {
	all := comments(notes, "", known)
	for i := range all[min(1, len(all)):] {
		all[i+1].ReplyTo = all[0].ID
	}
	return all
}

// reviews reads the verdicts from the system notes: the list of approvals
// tells who approves now, and neither when nor who had changed their mind. An
// approval that has no note, from an old server or an import, is taken from
// the list at the newest time that is known of it.
func reviews(raw rawMergeRequest) []rampforge.Review {
	out := []rampforge.Review{}
	noted := map[id]bool{}
	for _, d := range raw.Discussions {
		for _, n := range d.Notes {
			state := ""
			switch n.Body {
			case noteApproved:
				state = "approved"
			case noteUnapproved:
				state = "dismissed"
			case noteRequested:
				state = "changes_requested"
			}
			if !n.System || state == "" {
				continue
			}
			if state == "approved" && n.Author != nil {
				noted[n.Author.ID] = true
			}
			out = append(out, rampforge.Review{ID: string(n.ID), Author: account(n.Author, raw.Accounts), State: state, SubmittedAt: n.CreatedAt.Time})
		}
	}
	for _, a := range raw.Approvals.ApprovedBy {
		if a.User == nil || noted[a.User.ID] {
			continue
		}
		at := a.ApprovedAt.Time
		if at.IsZero() {
			at = raw.MergeRequest.UpdatedAt.Time
			if merged := raw.MergeRequest.MergedAt; !merged.IsZero() {
				at = merged.Time
			}
		}
		out = append(out, rampforge.Review{ID: "approval-" + string(a.User.ID), Author: account(a.User, raw.Accounts), State: "approved", SubmittedAt: at})
	}
	slices.SortStableFunc(out, func(a, b rampforge.Review) int { return a.SubmittedAt.Compare(b.SubmittedAt) })
	return out
}

// vendorCommit maps a commit. GitLab's REST API names no accounts here.
func vendorCommit(record *rampforge.Record) error {
	var raw struct {
		Commit commit `json:"commit"`
	}
	if err := decode(record.Raw, &raw); err != nil {
		return err
	}
	c := raw.Commit
	record.ID, record.UpdatedAt = c.ID, c.CommittedAt.Time
	record.Commit = &rampforge.VendorCommit{
		Hash: c.ID, Parents: nonNil(c.Parents), Message: cmp.Or(c.Message, c.Title),
		Author:     rampforge.Signature{Name: c.AuthorName, Email: c.AuthorEmail},
		Committer:  rampforge.Signature{Name: c.CommitterName, Email: c.CommitterEmail},
		AuthoredAt: c.AuthoredAt.Time, CommittedAt: c.CommittedAt.Time,
	}
	return nil
}

// The states of pipelines and deployments, by GitLab's words. One that waits
// for a person (manual, blocked) waits.
var (
	runStates = map[string]string{
		"created": "queued", "waiting_for_resource": "queued", "waiting_for_callback": "queued", "preparing": "queued", "pending": "queued",
		"manual": "queued", "scheduled": "queued", "running": "running", "canceling": "running",
		"success": "succeeded", "failed": "failed", "canceled": "cancelled", "skipped": "skipped",
	}
	deploymentStates = map[string]string{
		"created": "queued", "blocked": "queued", "running": "running",
		"success": "succeeded", "failed": "failed", "canceled": "cancelled", "skipped": "inactive",
	}
)

func pipelineRun(record *rampforge.Record) error {
	var raw struct {
		Pipeline pipeline         `json:"pipeline"`
		Accounts map[string]facts `json:"accounts"`
	}
	if err := decode(record.Raw, &raw); err != nil {
		return err
	}
	p := raw.Pipeline
	record.ID, record.UpdatedAt = string(p.ID), p.UpdatedAt.Time
	if p.UpdatedAt.IsZero() {
		record.UpdatedAt = p.CreatedAt.Time
	}
	record.PipelineRun = &rampforge.PipelineRun{
		Name: text(p.Name), URL: p.URL, Branch: p.Ref, Commit: p.SHA, Event: p.Source, State: cmp.Or(runStates[p.Status], "queued"),
		Actor: account(p.User, raw.Accounts), CreatedAt: p.CreatedAt.Time, StartedAt: p.StartedAt.pointer(), FinishedAt: p.FinishedAt.pointer(),
	}
	return nil
}

// vendorDeployment maps a deployment. One that was made by the API has no job
// whose end could be told: its last change was its end.
func vendorDeployment(record *rampforge.Record) error {
	var raw struct {
		Deployment deployment       `json:"deployment"`
		Accounts   map[string]facts `json:"accounts"`
	}
	if err := decode(record.Raw, &raw); err != nil {
		return err
	}
	d := raw.Deployment
	record.ID, record.UpdatedAt = string(d.ID), d.UpdatedAt.Time
	out := &rampforge.Deployment{
		Environment: d.Environment.Name, Branch: d.Ref, Commit: d.SHA, State: cmp.Or(deploymentStates[d.Status], "queued"),
		Actor: account(d.User, raw.Accounts), CreatedAt: d.CreatedAt.Time,
	}
	if d.Deployable != nil {
		out.URL, out.FinishedAt = d.Deployable.URL, d.Deployable.FinishedAt.pointer()
	}
	if over := out.State == "succeeded" || out.State == "failed" || out.State == "cancelled"; !over {
		out.FinishedAt = nil
	} else if out.FinishedAt == nil {
		out.FinishedAt = d.UpdatedAt.pointer()
	}
	record.Deployment = out
	return nil
}

// sprint maps an iteration. GitLab's due date is the last day of work, so the
// end is the beginning of the next; iterations close by the calendar.
func sprint(record *rampforge.Record) error {
	var raw struct {
		Iteration iteration `json:"iteration"`
	}
	if err := decode(record.Raw, &raw); err != nil {
		return err
	}
	it := raw.Iteration
	record.ID, record.UpdatedAt = string(it.ID), it.UpdatedAt.Time
	if it.UpdatedAt.IsZero() {
		record.UpdatedAt = it.CreatedAt.Time
	}
	s := &rampforge.Sprint{
		BoardID: string(it.GroupID), Name: iterationName(text(it.Title), it.StartDate, it.DueDate), Goal: text(it.Description),
		State: "future", StartAt: day(it.StartDate), EndAt: day(it.DueDate),
	}
	if s.EndAt != nil {
		end := s.EndAt.AddDate(0, 0, 1)
		s.EndAt = &end
	}
	switch it.State {
	case 2:
		s.State = "active"
	case 3:
		s.State, s.CompletedAt = "closed", s.EndAt
	}
	record.Sprint = s
	return nil
}

// document maps a page of the wiki. GitLab tells no id that every page has, no
// author and no time: the id is the project's and the page's address, so that
// a page that is renamed is another page.
func document(record *rampforge.Record) error {
	var raw struct {
		Page    wikiPage `json:"page"`
		Project struct {
			URL string `json:"web_url"`
		} `json:"project"`
		KnownAt instant `json:"known_at"`
	}
	if err := json.Unmarshal(record.Raw, &raw); err != nil {
		return err
	}
	p := raw.Page
	if p.Slug == "" {
		return malformed()
	}
	record.ID, record.UpdatedAt = record.ResourceID+":"+p.Slug, raw.KnownAt.Time
	folders := strings.Split(p.Slug, "/")
	format := "text"
	if p.Format == "markdown" {
		format = "markdown"
	}
	d := &rampforge.Document{
		Title: p.Title, Body: p.Content, Format: format, Labels: []string{}, Attachments: []string{},
		Ancestors: slices.Clone(folders[:len(folders)-1]), UpdatedAt: raw.KnownAt.Time,
	}
	if raw.Project.URL != "" {
		d.URL = raw.Project.URL + "/-/wikis/" + p.Slug
	}
	record.Document = d
	return nil
}
