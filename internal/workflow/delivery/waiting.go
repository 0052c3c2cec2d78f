package delivery

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Waiting is which pull requests of people wait for somebody else at AsOf.
type Waiting struct {
	// Review are those of Open that wait for a reviewer, of which a person is asked
	// and none but the author has given a verdict.
	Review []Waiter
	// Deploy are those that were merged after the last deployment to production of
	// their source that succeeded began. Of a source without one it is not known
	// what waits.
	Deploy   []Waiter
	Deployed bool // such a deployment of any source is known
}

// Waiter is a pull request that waits.
type Waiter struct {
	PullRequest *facts.PullRequest
	Since       facts.Time
}

// WaitingOf finds what waits, by the same rules as Compute. It needs of the input
// the log, the settings, AsOf and the people.
func WaitingOf(in Input) Waiting {
	c := &calc{Input: in, words: newWords(in.Log.Symbols)}
	var w Waiting
	deployed := c.lastDeployments()
	w.Deployed = len(deployed) > 0
	var asked []pull
	for i := range c.Log.PullRequests {
		pr := &c.Log.PullRequests[i]
		if pr.Created > c.AsOf || c.People.bot(pr.Author) {
			continue
		}
		if merged := c.known(pr.Merged); merged != 0 {
			if at, known := deployed[pr.Source]; known && merged > at {
				w.Deploy = append(w.Deploy, Waiter{pr, merged})
			}
			continue
		}
		if p := c.read(pr); p.isOpen() && p.verdicts == 0 && c.asked(&p) {
			asked = append(asked, p)
		}
	}
	open := make([]*pull, len(asked))
	for i := range asked {
		open[i] = &asked[i]
	}
	checks := c.checks(open)
	for _, p := range open {
		if c.waitingOn(p, checks[head{p.pr.Source, p.pr.HeadCommit}]) == onReviewer {
			w.Review = append(w.Review, Waiter{p.pr, p.ready})
		}
	}
	return w
}

// asked reports whether another person is asked to review a pull request.
func (c *calc) asked(p *pull) bool {
	return slices.ContainsFunc(p.pr.Requested, func(account facts.Symbol) bool {
		person, human := c.People.human(account)
		return human && person != p.author
	})
}

// lastDeployments returns when the last deployment to production that succeeded
// began, by source.
func (c *calc) lastDeployments() map[facts.Symbol]facts.Time {
	last, production := map[facts.Symbol]facts.Time{}, c.production()
	for i := range c.Log.Deployments {
		d := &c.Log.Deployments[i]
		if _, counts := production.name(d); counts && c.finished(d) != 0 {
			last[d.Source] = max(last[d.Source], d.Created)
		}
	}
	return last
}
