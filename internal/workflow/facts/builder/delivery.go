package builder

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func (b *Builder) sprint(r Record, s *rampforge.Sprint) {
	b.log.Sprints = append(b.log.Sprints, facts.Sprint{
		ID: b.symbol(facts.SprintKey(r.ServiceID, r.ID)), Board: b.symbol(s.BoardID), Name: s.Name, State: b.symbol(s.State),
		Start: facts.AtPointer(s.StartAt), End: facts.AtPointer(s.EndAt), Completed: facts.AtPointer(s.CompletedAt), SyncedAt: facts.At(r.SyncedAt),
	})
}

func (b *Builder) pullRequest(r Record, p *pullRequest) {
	v := facts.PullRequest{
		Source: b.source(r), ID: r.ID, Number: p.Number, State: b.symbol(p.State), Draft: p.Draft, Author: b.actor(p.Author), MergedBy: b.actor(p.MergedBy),
		Created: facts.At(p.CreatedAt), Updated: facts.At(p.UpdatedAt), SyncedAt: facts.At(r.SyncedAt), Ready: facts.AtPointer(p.ReadyAt),
		Closed: facts.AtPointer(p.ClosedAt), Merged: facts.AtPointer(p.MergedAt), HeadCommit: p.HeadCommit, MergeCommit: p.MergeCommit,
		TargetBranch: b.symbol(p.TargetBranch), Comments: b.remarks(p.Comments),
		Additions: known(p.Additions), Deletions: known(p.Deletions), ChangedFiles: known(p.ChangedFiles),
	}
	for _, c := range p.Commits {
		v.Commits = append(v.Commits, facts.PullCommit{Hash: c.Hash, Authored: facts.At(c.AuthoredAt), Committed: facts.At(c.CommittedAt)})
	}
	slices.SortStableFunc(v.Commits, func(x, y facts.PullCommit) int { return cmp.Compare(x.Authored, y.Authored) })
	for i := range p.Reviews {
		w := &p.Reviews[i]
		v.Reviews = append(v.Reviews, facts.Review{Account: b.actor(w.Author), State: b.symbol(w.State), At: facts.At(w.SubmittedAt)})
	}
	slices.SortStableFunc(v.Reviews, func(x, y facts.Review) int { return cmp.Compare(x.At, y.At) })
	for i := range p.Requested {
		if s := b.accountOf(p.Requested[i].ID); s != 0 {
			v.Requested = append(v.Requested, s)
		}
	}
	b.log.PullRequests = append(b.log.PullRequests, v)
}

// known is a number, -1 for one that is not known.
func known(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

func (b *Builder) commit(r Record, c *commit) {
	source, author := b.source(r), b.actor(c.AuthorAccount)
	if author == 0 && (c.Author.Name != "" || c.Author.Email != "") {
		author = b.symbol(facts.SignatureKey(r.ServiceID, c.Author.Name, c.Author.Email))
	}
	b.log.Commits = append(b.log.Commits, facts.Commit{
		Source: source, ID: r.ID, Hash: cmp.Or(c.Hash, r.ID), Parents: nonEmpty(c.Parents), Author: author,
		Authored: facts.At(c.AuthoredAt), Committed: facts.At(c.CommittedAt), SyncedAt: facts.At(r.SyncedAt),
	})
}

func nonEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

func (b *Builder) run(r Record, v *run) {
	b.runs = append(b.runs, facts.Deployment{
		Source: b.source(r), ID: r.ID, Pipeline: b.symbol(v.Name), Commit: v.Commit, Branch: b.symbol(v.Branch), State: b.symbol(v.State),
		Created: facts.At(v.CreatedAt), Finished: facts.AtPointer(v.FinishedAt), SyncedAt: facts.At(r.SyncedAt),
	})
}

func (b *Builder) deployment(r Record, v *deployment) {
	b.log.Deployments = append(b.log.Deployments, facts.Deployment{
		Source: b.source(r), ID: r.ID, Environment: b.symbol(v.Environment), Commit: v.Commit, Branch: b.symbol(v.Branch), State: b.symbol(v.State),
		Created: facts.At(v.CreatedAt), Finished: facts.AtPointer(v.FinishedAt), SyncedAt: facts.At(r.SyncedAt),
	})
}
