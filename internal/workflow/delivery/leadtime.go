package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// ChangeLeadTime is how long changes take from being made to production. N is
// the commits. Explain lists them; the detail is the deployment's id.
type ChangeLeadTime struct {
	basis.Basis

	Unit         string `json:"unit"`
	Commits      Spread `json:"commits"`       // DORA's metric is the median of these
	PullRequests Spread `json:"pull_requests"` // the same, one for each pull request, from its first commit
	// Undeployed are commits of the window that no deployment has, and
	// UndeployedPullRequests pull requests merged in it likewise: not in the median.
	Undeployed             int `json:"undeployed_commits"`
	UndeployedPullRequests int `json:"undeployed_pull_requests"`
	// Unknown are commits of the window's deployments of which nobody can say when
	// they were deployed first: their deployment has no predecessor, or one whose
	// commit is not in the history.
	Unknown int `json:"unknown_commits"`
}

const leadConvention = "From when a commit was authored to the first successful deployment, in the window, whose diff contains it: what its commit reaches and its predecessor's, in the same source and environment, does not. " +
	"Merges are no changes. A commit that squashed a pull request stands for the commits of that pull request. The first deployment that is known has no predecessor: its commits count as unknown."

func (c *calc) leadTime(a *application) ChangeLeadTime {
	l := ChangeLeadTime{Unit: hours, Unknown: a.unknown}
	var commits, pulls []float64
	timed := make([]int, 0, len(a.changes))
	for i := range a.changes {
		if took := a.took(i); took != nil {
			commits, timed = append(commits, *took), append(timed, i)
		}
	}
	for i := range c.pulls {
		p := &c.pulls[i]
		if p.landed < 0 || p.pr.Source != a.source {
			continue
		}
		switch by := a.by[p.landed]; {
		case by == 0 && c.in(p.merged):
			l.UndeployedPullRequests++
		case by > 0 && c.in(a.rollouts[by-1].finished):
			if took := between(p.first, a.rollouts[by-1].finished); took != nil {
				pulls = append(pulls, *took)
			}
		}
	}
	l.Commits, l.PullRequests, l.Undeployed = newSpread(commits), newSpread(pulls), a.undeployed(c)
	l.Basis = counted(len(timed), "commits first deployed", leadConvention, c.page("change_lead_time", len(timed), func(i int) basis.ExplainedRow {
		change := &a.changes[timed[i]]
		r := &a.rollouts[change.rollout]
		return basis.ExplainedRow{ID: change.hash, Key: change.hash, From: basis.Instant(change.authored), To: basis.Instant(r.finished), Value: a.took(timed[i]), Detail: r.last.ID}
	}))
	return l
}

// took returns the hours that a change took to its deployment.
func (a *application) took(change int) *float64 {
	ch := &a.changes[change]
	return between(ch.authored, a.rollouts[ch.rollout].finished)
}

// undeployed counts the commits of the window that no deployment has.
func (a *application) undeployed(c *calc) (n int) {
	for i := range a.by {
		commit := &a.graph.commits[i]
		if a.by[i] != 0 || len(commit.Parents) > 1 || !c.in(commit.Committed) {
			continue
		}
		if stands := a.graph.stands[i]; stands > 0 {
			n += len(c.pulls[stands-1].pr.Commits)
			continue
		}
		n++
	}
	return n
}
