package azuredevops

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/git"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/webapi"

	"github.com/rampforgeai/rampforge"
)

func pullRequest(r *rampforge.Record) error {
	var parts pullParts
	var in git.GitPullRequest
	if json.Unmarshal(r.Raw, &parts) != nil || json.Unmarshal(parts.PullRequest, &in) != nil || in.PullRequestId == nil || at(in.CreationDate).IsZero() {
		return malformed()
	}
	pr := &rampforge.PullRequest{
		Number: *in.PullRequestId, Title: text(in.Title), Body: text(in.Description), URL: pullURL(in), State: "open",
		Draft: in.IsDraft != nil && *in.IsDraft, Author: account(in.CreatedBy),
		SourceBranch: branch(text(in.SourceRefName)), TargetBranch: branch(text(in.TargetRefName)),
		Assignees: []rampforge.Account{}, Requested: []rampforge.Account{}, Labels: []string{},
		CreatedAt: at(in.CreationDate), Reviews: []rampforge.Review{}, Comments: []rampforge.Comment{}, Commits: []rampforge.PullRequestLink{},
	}
	if in.LastMergeSourceCommit != nil {
		pr.HeadCommit = text(in.LastMergeSourceCommit.CommitId)
	}
	if in.Labels != nil {
		for _, l := range *in.Labels {
			pr.Labels = append(pr.Labels, text(l.Name))
		}
	}
	closePull(pr, in)
	touched, err := threads(pr, parts.Threads)
	if err != nil {
		return err
	}
	pushed, err := pullCommits(pr, parts.Commits)
	if err != nil {
		return err
	}
	if parts.Commits == nil {
		pr.Commits = nil // nobody told them
	}
	pr.UpdatedAt = latest(pr.CreatedAt, at(in.ClosedDate), touched)
	if pr.ClosedAt == nil { // a commit's own clock may be wrong: it counts while pushing is possible
		pr.UpdatedAt = latest(pr.UpdatedAt, pushed)
	}
	votes(pr, in.Reviewers)
	r.ID, r.UpdatedAt, r.PullRequest = strconv.Itoa(*in.PullRequestId), pr.UpdatedAt, pr
	return nil
}

func pullURL(in git.GitPullRequest) string {
	if address := href(in.Links, "web"); address != "" {
		return address
	}
	if in.Repository != nil && text(in.Repository.WebUrl) != "" {
		return *in.Repository.WebUrl + "/pullrequest/" + strconv.Itoa(*in.PullRequestId)
	}
	return text(in.Url)
}

func closePull(pr *rampforge.PullRequest, in git.GitPullRequest) {
	if in.Status == nil {
		return
	}
	switch *in.Status {
	case git.PullRequestStatusValues.Completed:
		pr.State, pr.ClosedAt, pr.MergedAt = "merged", moment(in.ClosedDate), moment(in.ClosedDate)
		pr.MergedBy = account(in.ClosedBy)
		if in.LastMergeCommit != nil {
			pr.MergeCommit = text(in.LastMergeCommit.CommitId)
		}
	case git.PullRequestStatusValues.Abandoned:
		pr.State, pr.ClosedAt = "closed", moment(in.ClosedDate)
	}
}

// threads adds what people wrote and how they voted, and returns the time of
// the last of it. Azure DevOps writes its own threads about pushes, policies
// and merges: of those only votes are kept, since the list of reviewers tells
// the last vote without its time.
func threads(pr *rampforge.PullRequest, raws []json.RawMessage) (time.Time, error) {
	var touched time.Time
	for _, raw := range raws {
		var t git.GitPullRequestCommentThread
		if json.Unmarshal(raw, &t) != nil || t.Id == nil {
			return touched, malformed()
		}
		touched = latest(touched, at(t.LastUpdatedDate), at(t.PublishedDate))
		switch {
		case t.IsDeleted != nil && *t.IsDeleted:
		case property(t.Properties, "CodeReviewThreadType") == "VoteUpdate":
			vote(pr, t)
		case t.Comments != nil:
			for _, c := range *t.Comments {
				threadComment(pr, t, c)
			}
		}
	}
	slices.SortStableFunc(pr.Comments, func(a, b rampforge.Comment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	slices.SortStableFunc(pr.Reviews, func(a, b rampforge.Review) int { return a.SubmittedAt.Compare(b.SubmittedAt) })
	return touched, nil
}

func threadComment(pr *rampforge.PullRequest, t git.GitPullRequestCommentThread, c git.Comment) {
	if c.Id == nil || c.IsDeleted != nil && *c.IsDeleted || c.CommentType != nil && *c.CommentType == git.CommentTypeValues.System {
		return
	}
	thread := strconv.Itoa(*t.Id) + "."
	out := rampforge.Comment{
		ID: thread + strconv.Itoa(*c.Id), Author: account(c.Author), Body: text(c.Content),
		CreatedAt: at(c.PublishedDate), UpdatedAt: latest(at(c.LastContentUpdatedDate), at(c.PublishedDate)),
	}
	if c.ParentCommentId != nil && *c.ParentCommentId > 0 {
		out.ReplyTo = thread + strconv.Itoa(*c.ParentCommentId)
	}
	if place := t.ThreadContext; place != nil {
		out.Path = text(place.FilePath)
		for _, position := range []*git.CommentPosition{place.LeftFileStart, place.RightFileStart} {
			if position != nil && position.Line != nil {
				out.Line = *position.Line
			}
		}
	}
	pr.Comments = append(pr.Comments, out)
}

func vote(pr *rampforge.PullRequest, t git.GitPullRequestCommentThread) {
	value, err := strconv.Atoi(property(t.Properties, "CodeReviewVoteResult"))
	if err != nil {
		return
	}
	voter := voterOf(t)
	if voter == nil && t.Comments != nil && len(*t.Comments) > 0 {
		voter = account((*t.Comments)[0].Author)
	}
	pr.Reviews = append(pr.Reviews, rampforge.Review{ID: strconv.Itoa(*t.Id), Author: voter, State: verdict(value), SubmittedAt: latest(at(t.PublishedDate))})
}

// voterOf finds the voter among the identities that a thread names by number.
func voterOf(t git.GitPullRequestCommentThread) *rampforge.Account {
	if t.Identities == nil {
		return nil
	}
	number := property(t.Properties, "CodeReviewVotedByIdentity")
	if ref, ok := (*t.Identities)[number]; ok {
		return account(&ref)
	}
	return nil
}

// verdict maps a vote: 10 approved, 5 approved with suggestions, 0 taken back,
// -5 waiting for the author, -10 rejected.
func verdict(value int) string {
	switch {
	case value > 0:
		return "approved"
	case value < 0:
		return "changes_requested"
	default:
		return "dismissed"
	}
}

// votes takes those who have yet to vote as asked, and adds the votes that no
// thread tells of, at the time of the last change that is known. A group's
// vote is the sum of its members' and no review of its own.
func votes(pr *rampforge.PullRequest, reviewers *[]git.IdentityRefWithVote) {
	if reviewers == nil {
		return
	}
	for _, r := range *reviewers {
		a := account(&webapi.IdentityRef{Descriptor: r.Descriptor, DisplayName: r.DisplayName, Id: r.Id, IsContainer: r.IsContainer, UniqueName: r.UniqueName})
		switch {
		case a == nil || r.HasDeclined != nil && *r.HasDeclined:
		case r.Vote == nil || *r.Vote == 0:
			pr.Requested = append(pr.Requested, *a)
		case r.IsContainer != nil && *r.IsContainer:
		case lastVerdict(pr.Reviews, a.ID) != verdict(*r.Vote):
			pr.Reviews = append(pr.Reviews, rampforge.Review{ID: "vote." + a.ID, Author: a, State: verdict(*r.Vote), SubmittedAt: pr.UpdatedAt})
		}
	}
}

func lastVerdict(reviews []rampforge.Review, id string) string {
	last := ""
	for _, r := range reviews {
		if r.Author != nil && r.Author.ID == id {
			last = r.State
		}
	}
	return last
}

func pullCommits(pr *rampforge.PullRequest, raws []json.RawMessage) (time.Time, error) {
	var pushed time.Time
	for _, raw := range raws {
		var c git.GitCommitRef
		if json.Unmarshal(raw, &c) != nil || text(c.CommitId) == "" {
			return pushed, malformed()
		}
		link := rampforge.PullRequestLink{Hash: *c.CommitId}
		if c.Author != nil {
			link.AuthoredAt = at(c.Author.Date)
		}
		link.CommittedAt = link.AuthoredAt
		if c.Committer != nil && !at(c.Committer.Date).IsZero() {
			link.CommittedAt = at(c.Committer.Date)
		}
		pushed = latest(pushed, link.CommittedAt)
		pr.Commits = append(pr.Commits, link)
	}
	slices.Reverse(pr.Commits) // the list is newest first
	return pushed, nil
}
