package workflow

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// pulls is a history with a repository of ann, her second account, ben, and a
// bot, and what is known of it on the 20th of the month.
type pulls struct {
	*history

	repo, ann, second, ben, bot facts.Symbol
}

func newPulls(t *testing.T) *pulls {
	h := kanban(t)
	account := func(name string) facts.Symbol { return h.symbol(facts.AccountKey("svc_1", name)) }
	p := &pulls{h, h.symbol(facts.SourceKey("svc_1", "repo")), account("ann"), account("ann2"), account("ben"), account("bot")}
	h.log.Accounts = []facts.Account{{Account: p.ann, Person: "per_1"}, {Account: p.second, Person: "per_1"}, {Account: p.ben, Person: "per_2"}, {Account: p.bot, Bot: true}}
	h.item("A", "2026-01-05 00:00 To Do")
	return p
}

// pull adds a pull request of ann that ben is asked to review.
func (p *pulls) pull(change func(*facts.PullRequest)) {
	n := len(p.log.PullRequests) + 1
	pr := facts.PullRequest{Source: p.repo, ID: string(rune('0' + n)), Number: n, Author: p.ann, Created: p.at("2026-01-10 00:00"), Requested: []facts.Symbol{p.ben}, Additions: -1, Deletions: -1, ChangedFiles: -1}
	if change != nil {
		change(&pr)
	}
	p.log.PullRequests = append(p.log.PullRequests, pr)
}

func (p *pulls) report(settings rampforge.WorkflowSettings) *Report {
	asOf := p.at("2026-01-20 00:00").UTC()
	return Compute(p.log, Configure(settings, p.log), Query{From: asOf.AddDate(0, 0, -30), To: asOf, AsOf: asOf, Granularity: ByDay, Explain: &ExplainQuery{Limit: 100}})
}

// Who waits for a review is told of pull requests and of bottlenecks alike.
func TestWaitingForReview(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(p *pulls, pr *facts.PullRequest)
		want   int
	}{
		"asked":                       {func(*pulls, *facts.PullRequest) {}, 1},
		"a bot's review is none":      {func(p *pulls, pr *facts.PullRequest) { pr.Reviews = p.review(p.bot, "commented") }, 1},
		"the author's second account": {func(p *pulls, pr *facts.PullRequest) { pr.Reviews = p.review(p.second, "commented") }, 1},
		"another person's review":     {func(p *pulls, pr *facts.PullRequest) { pr.Reviews = p.review(p.ben, "commented") }, 0},
		"a bot's own":                 {func(p *pulls, pr *facts.PullRequest) { pr.Author = p.bot }, 0},
		"nobody is asked":             {func(_ *pulls, pr *facts.PullRequest) { pr.Requested = nil }, 0},
		"only a bot is asked":         {func(p *pulls, pr *facts.PullRequest) { pr.Requested = []facts.Symbol{p.bot} }, 0},
		"only the author is asked":    {func(p *pulls, pr *facts.PullRequest) { pr.Requested = []facts.Symbol{p.second} }, 0},
		"a draft":                     {func(_ *pulls, pr *facts.PullRequest) { pr.Draft = true }, 0},
		"ready after as_of":           {func(p *pulls, pr *facts.PullRequest) { pr.Ready = p.at("2026-01-21 00:00") }, 0},
		"its check failed":            {func(p *pulls, pr *facts.PullRequest) { p.run(pr, "failed") }, 0},
		"its check succeeded":         {func(p *pulls, pr *facts.PullRequest) { p.run(pr, "succeeded") }, 1},
		"closed after as_of":          {func(p *pulls, pr *facts.PullRequest) { pr.Closed = p.at("2026-01-21 00:00") }, 1},
		"closed":                      {func(p *pulls, pr *facts.PullRequest) { pr.Closed = p.at("2026-01-15 00:00") }, 0},
		"opened after as_of":          {func(p *pulls, pr *facts.PullRequest) { pr.Created = p.at("2026-01-21 00:00") }, 0},
		"another person asked of her": {func(p *pulls, pr *facts.PullRequest) {
			pr.Comments = []facts.Remark{{Account: p.ben, At: p.at("2026-01-11 00:00")}}
		}, 0},
		"reviewed, but after the as_of": {func(p *pulls, pr *facts.PullRequest) {
			pr.Reviews = p.review(p.ben, "approved")
			pr.Reviews[0].At = p.at("2026-01-21 00:00")
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPulls(t)
			p.pull(func(pr *facts.PullRequest) { test.change(p, pr) })
			r := p.report(rampforge.WorkflowSettings{})
			waiting := r.Analysis.ProcessMining.Bottlenecks.Waiting
			if waiting.Now.ForReview != test.want {
				t.Errorf("%d wait for a review, want %d", waiting.Now.ForReview, test.want)
			}
			open := r.Analysis.Performance.PullRequests.Open.WaitingOn
			if asked := len(p.log.PullRequests[0].Requested) == 1 && p.log.PullRequests[0].Requested[0] == p.ben; asked && open.Reviewer != test.want || open.Reviewer < test.want {
				t.Errorf("%d wait for a reviewer, and %d for a review", open.Reviewer, test.want)
			}
			if rows := waiting.Explain.Rows; len(rows) != test.want || test.want == 1 && !rows[0].From.Equal(p.log.PullRequests[0].Created.UTC()) {
				t.Errorf("rows %+v", rows)
			}
		})
	}
}

func (p *pulls) review(account facts.Symbol, state string) []facts.Review {
	return []facts.Review{{Account: account, State: p.symbol(state), At: p.at("2026-01-11 00:00")}}
}

func (p *pulls) run(pr *facts.PullRequest, state string) {
	pr.HeadCommit = "head"
	p.log.Deployments = append(p.log.Deployments, facts.Deployment{Source: p.repo, ID: "run", Pipeline: p.symbol("CI"), Commit: "head", State: p.symbol(state), Created: p.at("2026-01-10 01:00"), Finished: p.at("2026-01-10 02:00")})
}

// A run of a pipeline is a deployment where the project names it, and then that
// source's environments are none.
func TestWaitingForDeployment(t *testing.T) {
	t.Parallel()
	type deployed struct{ environment, pipeline, state, at string }
	run := deployed{"", "CI", "succeeded", "2026-01-12 00:00"}
	live := deployed{"Live", "", "succeeded", "2026-01-14 00:00"}
	names := func(list ...string) rampforge.WorkflowSettings {
		return rampforge.WorkflowSettings{DeploymentPipelines: list}
	}
	for name, test := range map[string]struct {
		settings rampforge.WorkflowSettings
		all      []deployed
		want     *int
	}{
		"a run that nobody named":              {names(), []deployed{run}, nil},
		"another run is named":                 {names("Release"), []deployed{run}, nil},
		"the run is named":                     {names("ci"), []deployed{run}, new(2)},
		"an environment":                       {names(), []deployed{run, live}, new(1)},
		"a named run, and its environment":     {names("CI"), []deployed{run, live}, new(2)},
		"an environment that does not count":   {rampforge.WorkflowSettings{ProductionEnvironments: []string{"eu"}}, []deployed{live}, nil},
		"failed":                               {names(), []deployed{{"live", "", "failed", "2026-01-14 00:00"}}, nil},
		"superseded after it had succeeded":    {names(), []deployed{{"live", "", "inactive", "2026-01-14 00:00"}}, new(1)},
		"after as_of":                          {names(), []deployed{{"live", "", "succeeded", "2026-01-20 00:00"}}, nil},
		"before every merge, a bot's not told": {names(), []deployed{{"live", "", "succeeded", "2026-01-10 00:00"}}, new(3)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPulls(t)
			for _, day := range []string{"11", "13", "15", "21"} {
				p.pull(func(pr *facts.PullRequest) { pr.Merged = p.at("2026-01-" + day + " 00:00"); pr.Closed = pr.Merged })
			}
			p.pull(func(pr *facts.PullRequest) {
				pr.Author, pr.Merged, pr.Closed = p.bot, p.at("2026-01-16 00:00"), p.at("2026-01-16 00:00")
			})
			for _, d := range test.all {
				p.log.Deployments = append(p.log.Deployments, facts.Deployment{
					Source: p.repo, ID: d.environment + d.pipeline, Environment: p.symbol(d.environment), Pipeline: p.symbol(d.pipeline), Commit: "c",
					State: p.symbol(d.state), Created: p.at(d.at), Finished: p.at(d.at) + 1,
				})
			}
			r := p.report(test.settings)
			if diff := cmp.Diff(test.want, r.Analysis.ProcessMining.Bottlenecks.Waiting.Now.ForDeploy); diff != "" {
				t.Errorf("for_deploy (-want +got):\n%s", diff)
			}
			if open := r.Analysis.Performance.PullRequests.Open.WaitingOn.Deploy; open == nil && test.want != nil {
				t.Error("open pull requests know of no deployment")
			}
		})
	}
}
