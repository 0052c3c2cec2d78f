package github

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

type pullWire struct {
	Pull           wirePull          `json:"pull_request"`
	Reviews        []wireReview      `json:"reviews"`
	ReviewComments []wireCodeComment `json:"review_comments"`
	Comments       []wireComment     `json:"comments"`
	Commits        []wireCommit      `json:"commits"`
	Events         []wireEvent       `json:"events"`
}

func normalisePull(record *rampforge.Record) error {
	var parts pullWire
	if err := decode(record.Raw, &parts); err != nil {
		return err
	}
	p := &parts.Pull
	record.ID, record.UpdatedAt = number(p.ID), timeOf(p.UpdatedAt)
	if p.Number == 0 || p.CreatedAt == nil {
		return malformed("pull request")
	}
	pull := &rampforge.PullRequest{
		Number: p.Number, Title: p.Title, Body: p.Body, URL: p.HTMLURL, State: p.State, Draft: p.Draft,
		Author: account(p.User), SourceBranch: p.Head.Ref, TargetBranch: p.Base.Ref, HeadCommit: p.Head.SHA,
		Assignees: accounts(p.Assignees), Requested: accounts(p.RequestedReviewers), Labels: labels(p.Labels),
		Additions: p.Additions, Deletions: p.Deletions, ChangedFiles: p.ChangedFiles,
		CreatedAt: timeOf(p.CreatedAt), UpdatedAt: record.UpdatedAt, ClosedAt: timePtr(p.ClosedAt), MergedAt: timePtr(p.MergedAt),
		ReadyAt: readyAt(p, parts.Events), Reviews: reviews(parts.Reviews), Comments: pullComments(parts), Commits: pullCommits(parts.Commits),
	}
	if p.Merged || p.MergedAt != nil {
		// Before that, merge_commit_sha is a trial of GitHub's own.
		pull.State, pull.MergeCommit, pull.MergedBy = merged, p.MergeCommitSHA, account(p.MergedBy)
	}
	record.PullRequest = pull
	return nil
}

// readyAt returns when a pull request last stopped being a draft: nil for one
// that is a draft now, or that never was.
func readyAt(p *wirePull, events []wireEvent) *time.Time {
	if p.Draft {
		return nil
	}
	var last *time.Time
	for _, e := range events {
		if at := timePtr(e.CreatedAt); e.Event == "ready_for_review" && at != nil && (last == nil || at.After(*last)) {
			last = at
		}
	}
	return last
}

// reviews leaves out those that have not been submitted: only their author
// sees them.
func reviews(all []wireReview) []rampforge.Review {
	out := []rampforge.Review{}
	for _, r := range all {
		if r.SubmittedAt == nil || strings.EqualFold(r.State, "pending") {
			continue
		}
		out = append(out, rampforge.Review{
			ID: number(r.ID), Author: account(r.User), State: strings.ToLower(r.State),
			Body: r.Body, Commit: r.CommitID, SubmittedAt: timeOf(r.SubmittedAt),
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
			ID: number(c.ID), Author: account(c.User), Body: c.Body, Path: c.Path,
			Line:      cmp.Or(c.Line, c.OriginalLine), // a comment on code that has changed since keeps its first line only
			CreatedAt: timeOf(c.CreatedAt), UpdatedAt: timeOf(c.UpdatedAt),
		}
		if c.InReplyTo != 0 {
			comment.ReplyTo = number(c.InReplyTo)
		}
		out = append(out, comment)
	}
	slices.SortStableFunc(out, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return out
}

func pullCommits(all []wireCommit) []rampforge.PullRequestLink {
	out := []rampforge.PullRequestLink{}
	for _, c := range all {
		link := rampforge.PullRequestLink{Hash: c.SHA}
		if c.Commit != nil {
			link.AuthoredAt, link.CommittedAt = stamp(c.Commit.Author), stamp(c.Commit.Committer)
		}
		out = append(out, link)
	}
	return out
}
