package github

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge"
)

type pullWire struct {
	Pull           github.PullRequest          `json:"pull_request"`
	Reviews        []github.PullRequestReview  `json:"reviews"`
	ReviewComments []github.PullRequestComment `json:"review_comments"`
	Comments       []github.IssueComment       `json:"comments"`
	Commits        []github.RepositoryCommit   `json:"commits"`
	Events         []github.IssueEvent         `json:"events"`
}

func normalisePull(record *rampforge.Record) error {
	var parts pullWire
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	p := &parts.Pull
	record.ID, record.UpdatedAt = number(p.GetID()), timeOf(p.UpdatedAt)
	if p.GetNumber() == 0 || p.CreatedAt == nil {
		return malformed("pull request")
	}
	pull := &rampforge.PullRequest{
		Number: p.GetNumber(), Title: p.GetTitle(), Body: p.GetBody(), URL: p.GetHTMLURL(), State: p.GetState(), Draft: p.GetDraft(),
		Author: account(p.User), SourceBranch: p.GetHead().GetRef(), TargetBranch: p.GetBase().GetRef(), HeadCommit: p.GetHead().GetSHA(),
		Assignees: accounts(p.Assignees), Requested: accounts(p.RequestedReviewers), Labels: labels(p.Labels),
		Additions: p.Additions, Deletions: p.Deletions, ChangedFiles: p.ChangedFiles,
		CreatedAt: timeOf(p.CreatedAt), UpdatedAt: record.UpdatedAt, ClosedAt: timePtr(p.ClosedAt), MergedAt: timePtr(p.MergedAt),
		ReadyAt: readyAt(p, parts.Events), Reviews: reviews(parts.Reviews), Comments: pullComments(parts), Commits: pullCommits(parts.Commits),
	}
	if p.GetMerged() || p.MergedAt != nil {
		// Before that, merge_commit_sha is a trial of GitHub's own.
		pull.State, pull.MergeCommit, pull.MergedBy = merged, p.GetMergeCommitSHA(), account(p.MergedBy)
	}
	record.PullRequest = pull
	return nil
}

// readyAt returns when a pull request last stopped being a draft: nil for one
// that is a draft now, or that never was.
func readyAt(p *github.PullRequest, events []github.IssueEvent) *time.Time {
	if p.GetDraft() {
		return nil
	}
	var last *time.Time
	for _, e := range events {
		if at := timePtr(e.CreatedAt); e.GetEvent() == "ready_for_review" && at != nil && (last == nil || at.After(*last)) {
			last = at
		}
	}
	return last
}

// reviews leaves out those that have not been submitted: only their author
// sees them.
func reviews(all []github.PullRequestReview) []rampforge.Review {
	out := []rampforge.Review{}
	for _, r := range all {
		if r.SubmittedAt == nil || strings.EqualFold(r.GetState(), "pending") {
			continue
		}
		out = append(out, rampforge.Review{
			ID: number(r.GetID()), Author: account(r.User), State: strings.ToLower(r.GetState()),
			Body: r.GetBody(), Commit: r.GetCommitID(), SubmittedAt: timeOf(r.SubmittedAt),
		})
	}
	slices.SortStableFunc(out, func(a, b rampforge.Review) int { return a.SubmittedAt.Compare(b.SubmittedAt) })
	return out
}

// pullComments joins the comments on the whole with those on code.
func pullComments(parts pullWire) []rampforge.Comment {
	out := comments(parts.Comments)
	for _, c := range parts.ReviewComments {
		comment := rampforge.Comment{
			ID: number(c.GetID()), Author: account(c.User), Body: c.GetBody(), Path: c.GetPath(),
			Line:      cmp.Or(c.GetLine(), c.GetOriginalLine()), // a comment on code that has changed since keeps its first line only
			CreatedAt: timeOf(c.CreatedAt), UpdatedAt: timeOf(c.UpdatedAt),
		}
		if c.GetInReplyTo() != 0 {
			comment.ReplyTo = number(c.GetInReplyTo())
		}
		out = append(out, comment)
	}
	slices.SortStableFunc(out, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

func pullCommits(all []github.RepositoryCommit) []rampforge.PullRequestLink {
	out := []rampforge.PullRequestLink{}
	for _, c := range all {
		out = append(out, rampforge.PullRequestLink{
			Hash: c.GetSHA(), AuthoredAt: stamp(c.GetCommit().GetAuthor()), CommittedAt: stamp(c.GetCommit().GetCommitter()),
		})
	}
	return out
}
