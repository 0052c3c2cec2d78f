package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// ChangeLeadTime is how long changes take from being made to production. N is
// the commits. Explain lists them; the detail is the deployment's id. The other
// groups of rows are pull requests, and what the counts beside count.
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
	l := ChangeLeadTime{Unit: hours, Unknown: len(a.unknown)}
	var commits, pulls []float64
	var rows []leadRow
	for i := range a.changes {
		ch := &a.changes[i]
		r := &a.rollouts[ch.rollout]
		if took := between(ch.authored, r.finished); took != nil {
			commits, rows = append(commits, *took), append(rows, leadRow{"", ch.hash, ch.authored, r})
		}
	}
	timed := len(rows)
	for i := range c.pulls {
		p := &c.pulls[i]
		if p.landed < 0 || p.pr.Source != a.source {
			continue
		}
		switch by := a.by[p.landed]; {
		case by == 0 && c.in(p.merged):
			l.UndeployedPullRequests++
			rows = append(rows, leadRow{"undeployed_pull_request", p.pr.ID, p.first, nil})
		case by > 0 && c.in(a.rollouts[by-1].finished):
			r := &a.rollouts[by-1]
			if took := between(p.first, r.finished); took != nil {
				pulls, rows = append(pulls, *took), append(rows, leadRow{"pull_request", p.pr.ID, p.first, r})
			}
		}
	}
	undeployed := a.undeployed(c)
	rows = append(rows, undeployed...)
	for _, ch := range a.unknown {
		rows = append(rows, leadRow{"unknown_commit", ch.hash, ch.authored, &a.rollouts[ch.rollout]})
	}
	l.Commits, l.PullRequests, l.Undeployed = newSpread(commits), newSpread(pulls), len(undeployed)
	l.Basis = counted(timed, "commits first deployed", leadConvention, c.page("change_lead_time", len(rows), func(i int) basis.ExplainedRow { return rows[i].row() }))
	return l
}

// leadRow is a change, or a pull request, and what deployed it: nil when nothing
// did. Its group is empty for the changes that the metric is of.
type leadRow struct {
	group, id string
	from      facts.Time
	by        *rollout
}

func (l *leadRow) row() basis.ExplainedRow {
	row := basis.ExplainedRow{ID: l.id, Key: l.id, Group: l.group, From: basis.Instant(l.from)}
	if l.by == nil {
		return row
	}
	row.To, row.Detail = basis.Instant(l.by.finished), l.by.last.ID
	if l.group != "unknown_commit" {
		row.Value = between(l.from, l.by.finished)
	}
	return row
}

// undeployed returns the commits of the window that no deployment has.
func (a *application) undeployed(c *calc) (rows []leadRow) {
	const group = "undeployed_commit"
	for i := range a.by {
		commit := &a.graph.commits[i]
		if a.by[i] != 0 || len(commit.Parents) > 1 || !c.in(commit.Committed) {
			continue
		}
		if stands := a.graph.stands[i]; stands > 0 {
			for _, own := range c.pulls[stands-1].pr.Commits {
				rows = append(rows, leadRow{group, own.Hash, own.Authored, nil})
			}
			continue
		}
		rows = append(rows, leadRow{group, commit.Hash, commit.Authored, nil})
	}
	return rows
}
