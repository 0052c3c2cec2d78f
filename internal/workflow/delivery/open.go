package delivery

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Open is the pull requests that are open at as_of: their ages, and whom they
// wait for. Explain lists them, the detail is whom, and those that wait for a
// deployment.
type Open struct {
	basis.Basis

	Unit        string    `json:"unit"`
	Age         Spread    `json:"age"`
	OldestHours *float64  `json:"oldest_hours"`
	Drafts      int       `json:"drafts"`
	WaitingOn   WaitingOn `json:"waiting_on"`
}

// WaitingOn counts what pull requests wait for. Deploy are those that were
// merged in the window and are in no production deployment yet; null when no
// deployments are known.
type WaitingOn struct {
	Author   int  `json:"author"`
	Reviewer int  `json:"reviewer"`
	CI       int  `json:"ci"`
	Deploy   *int `json:"deploy"`
}

// What a pull request waits for.
const (
	onAuthor   = "author"
	onReviewer = "reviewer"
	onCI       = "ci"
	onDeploy   = "deploy"
)

const openConvention = "Age: opened to as_of. A pull request waits for its author while it is a draft, when the last run of a pipeline on its head failed, " +
	"when somebody's last verdict asks for changes and no commit came since, or when another person had the last word; " +
	"approved, it waits for ci while a pipeline runs on its head, else for its author, who may merge it; in all other cases for a reviewer."

func (c *calc) open() Open {
	o := Open{Unit: hours}
	var open []*pull
	for i := range c.pulls {
		if p := &c.pulls[i]; p.isOpen() {
			open = append(open, p)
		}
	}
	checks, waiting, ages := c.checks(open), make([]string, len(open)), make([]float64, len(open))
	for i, p := range open {
		ages[i] = after(p.opened, c.AsOf)
		if p.ready == 0 {
			o.Drafts++
		}
		waiting[i] = c.waitingOn(p, checks[head{p.pr.Source, p.pr.HeadCommit}])
		switch waiting[i] {
		case onAuthor:
			o.WaitingOn.Author++
		case onReviewer:
			o.WaitingOn.Reviewer++
		case onCI:
			o.WaitingOn.CI++
		}
	}
	undeployed := c.waitingForDeploy()
	if len(c.apps) > 0 {
		o.WaitingOn.Deploy = new(len(undeployed))
	}
	if len(ages) > 0 {
		o.OldestHours = new(slices.Max(ages))
	}
	o.Age = newSpread(ages)
	o.Basis = basis.Basis{State: basis.OK, N: len(open), Convention: openConvention}
	if len(open) == 0 {
		o.State, o.Reason = basis.NoData, "no pull request is open"
	}
	o.Explain = c.page("open_pull_requests", len(open)+len(undeployed), func(i int) basis.ExplainedRow {
		if i >= len(open) {
			p := undeployed[i-len(open)]
			row := p.row(p.merged, c.AsOf, new(after(p.merged, c.AsOf)), nil)
			row.Detail = onDeploy
			return row
		}
		row := open[i].row(open[i].opened, c.AsOf, new(after(open[i].opened, c.AsOf)), nil)
		if open[i].ready == 0 {
			row.Parts = map[string]float64{"draft": 1}
		}
		row.Detail = waiting[i]
		return row
	})
	return o
}

// waitingForDeploy returns what was merged in the window and is not deployed.
func (c *calc) waitingForDeploy() (waiting []*pull) {
	for _, p := range c.merged {
		if p.landed >= 0 && c.graphs[p.pr.Source].apps > 0 && !c.inDeployment(p) {
			waiting = append(waiting, p)
		}
	}
	return waiting
}

func (c *calc) waitingOn(p *pull, checks check) string {
	if p.ready == 0 || checks.failed {
		return onAuthor
	}
	pushed := p.opened
	for _, commit := range p.pr.Commits {
		pushed = max(pushed, c.known(commit.Committed))
	}
	approved, asked := c.verdict(p, pushed)
	switch {
	case asked:
		return onAuthor
	case approved && checks.running:
		return onCI
	case approved || c.lastWord(p) > max(pushed, c.ownWord(p)):
		return onAuthor
	}
	return onReviewer
}

// verdict reports whether somebody's last verdict is an approval, and whether
// somebody's last one asks for changes that no push has answered.
func (c *calc) verdict(p *pull, pushed facts.Time) (approved, asked bool) {
	var decided []int32
	for _, r := range slices.Backward(p.pr.Reviews) {
		person, human := c.People.human(r.Account)
		if !human || person == p.author || !c.while(p, r.At) || slices.Contains(decided, person) {
			continue
		}
		switch r.State {
		case c.words.approved:
			approved, decided = true, append(decided, person)
		case c.words.changesRequested:
			asked, decided = asked || r.At > pushed, append(decided, person)
		case c.words.dismissed:
			decided = append(decided, person)
		}
	}
	return approved, asked
}

// lastWord returns when another person last said something of a pull request.
func (c *calc) lastWord(p *pull) (last facts.Time) {
	for _, r := range p.pr.Reviews {
		if person, human := c.People.human(r.Account); human && person != p.author && c.while(p, r.At) {
			last = max(last, r.At)
		}
	}
	for _, r := range p.pr.Comments {
		if person, human := c.People.human(r.Account); human && person != p.author && c.while(p, r.At) {
			last = max(last, r.At)
		}
	}
	return last
}

// ownWord returns when the author last said something, or made it ready.
func (c *calc) ownWord(p *pull) facts.Time {
	last := p.ready
	for _, r := range p.pr.Comments {
		if c.People.of(r.Account) == p.author && c.while(p, r.At) {
			last = max(last, r.At)
		}
	}
	return last
}

// head is a commit of a source.
type head struct {
	source facts.Symbol
	commit string
}

// check is what the pipelines say of a commit, each by its last run.
type check struct{ running, failed bool }

// checks returns what the pipelines say of the heads of pull requests.
func (c *calc) checks(pulls []*pull) map[head]check {
	type pipeline struct {
		head
		name facts.Symbol
	}
	heads, last := map[head]check{}, map[pipeline]*facts.Deployment{}
	for _, p := range pulls {
		if p.pr.HeadCommit != "" {
			heads[head{p.pr.Source, p.pr.HeadCommit}] = check{}
		}
	}
	for i := range c.Log.Deployments {
		run := &c.Log.Deployments[i]
		at := head{run.Source, run.Commit}
		if run.Environment != 0 || run.Created > c.AsOf || len(heads) == 0 {
			continue
		}
		if _, ok := heads[at]; !ok {
			continue
		}
		key := pipeline{at, run.Pipeline}
		if before := last[key]; before == nil || run.Created >= before.Created {
			last[key] = run
		}
	}
	for key, run := range last {
		said := heads[key.head]
		said.failed = said.failed || run.State == c.words.failed && run.Finished <= c.AsOf
		said.running = said.running || run.State == c.words.queued || run.State == c.words.running || run.Finished > c.AsOf
		heads[key.head] = said
	}
	return heads
}
