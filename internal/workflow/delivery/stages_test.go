package delivery_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// told returns the parts of the only pull request of a report, by name.
func (w *world) told() string {
	w.Helper()
	rows := w.report().PullRequests.Stages.Explain.Rows
	if len(rows) != 1 {
		w.Fatalf("%d pull requests are explained, want one", len(rows))
	}
	out := ""
	for _, name := range slices.Sorted(maps.Keys(rows[0].Parts)) {
		out += fmt.Sprintf("%s %g ", name, rows[0].Parts[name])
	}
	return out
}

func TestStages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		build func(w *world, pr *facts.PullRequest)
		want  string
	}{
		{
			// Written at 10, opened at 14, answered at 20, approved at 30 and 33, merged at 40.
			"all stages", func(w *world, pr *facts.PullRequest) {
				pr.Commits = commits(10, 12)
				pr.Comments = []facts.Remark{w.comment("bo", 20)}
				pr.Reviews = []facts.Review{w.review("bo", "approved", 30), w.review("cy", "approved", 33)}
			}, "coding 4 merge 7 pickup 6 review 13 until_merge 30 ",
		},
		{
			// A draft until 18: coding lasts until then, and a response in it is one at once.
			"draft", func(w *world, pr *facts.PullRequest) {
				pr.Commits, pr.Ready = commits(10), at(18)
				pr.Reviews = []facts.Review{w.review("bo", "commented", 16), w.review("bo", "approved", 30)}
			}, "coding 8 merge 10 pickup 0 review 12 until_merge 30 ",
		},
		{
			"ready after the merge is no time at all", func(w *world, pr *facts.PullRequest) {
				pr.Commits, pr.Ready = commits(10), at(50)
				pr.Reviews = []facts.Review{w.review("bo", "approved", 20)}
			}, "coding 4 merge 20 pickup 6 review 0 until_merge 30 ",
		},
		{
			"approved while it was a draft", func(w *world, pr *facts.PullRequest) {
				pr.Commits, pr.Ready = commits(10), at(18)
				pr.Reviews = []facts.Review{w.review("bo", "approved", 16)}
			}, "coding 8 merge 22 pickup 0 review 0 until_merge 30 ",
		},
		{
			"merged without a response", func(_ *world, pr *facts.PullRequest) {
				pr.Commits = commits(10)
			}, "coding 4 until_merge 30 ",
		},
		{
			"commented and not approved", func(w *world, pr *facts.PullRequest) {
				pr.Commits = commits(10)
				pr.Comments = []facts.Remark{w.comment("bo", 15)}
			}, "coding 4 pickup 1 until_merge 30 ",
		},
		{
			"no commits are known", func(w *world, pr *facts.PullRequest) {
				pr.Reviews = []facts.Review{w.review("bo", "approved", 15)}
			}, "merge 25 pickup 1 review 0 ",
		},
		{
			// A coding time below zero is none, and never 0.
			"the first commit came after the opening", func(w *world, pr *facts.PullRequest) {
				pr.Commits = commits(17)
				pr.Reviews = []facts.Review{w.review("bo", "approved", 20)}
			}, "merge 20 pickup 6 review 0 until_merge 23 ",
		},
		{
			// The author by two accounts, a bot, a deleted account, and what is before the
			// opening or after the merge are no response.
			"what is no response", func(w *world, pr *facts.PullRequest) {
				w.persons["al"], w.persons["al-at-home"], w.bots["robot"] = 1, 1, true
				pr.Comments = []facts.Remark{w.comment("bo", 13), w.comment("al-at-home", 15), w.comment("robot", 16), w.comment("", 17), w.comment("bo", 41)}
				pr.Reviews = []facts.Review{w.review("al", "commented", 15), w.review("robot", "approved", 16), w.review("bo", "approved", 25), w.review("cy", "approved", 41)}
			}, "merge 15 pickup 11 review 0 ",
		},
		{
			"deployed", func(w *world, pr *facts.PullRequest) {
				pr.Commits, pr.MergeCommit = commits(10), "m"
				pr.Reviews = []facts.Review{w.review("bo", "approved", 20)}
				w.commit("old", 1)
				w.commit("m", 40, "old")
				w.deploy("old", 2, nil)
				w.deploy("m", 45, nil)
			}, "coding 4 deploy 5 merge 20 pickup 6 review 0 until_merge 30 whole 35 ",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pull("al", 14, 40, func(pr *facts.PullRequest) { test.build(w, pr) })
			if got := w.told(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// It was merged at 40 and deployed to one environment at 45. In the other the
// first deployment that is known has it: when it came there cannot be told, and
// so neither when it was deployed first.
func TestDeployedBeforeAnybodyKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit("old", 1)
	w.commit("m", 40, "old")
	w.deploy("old", 2, nil)
	w.deploy("m", 45, nil)
	w.deploy("m", 50, func(d *facts.Deployment) { d.Environment = w.symbols.Add("live") })
	w.pull("al", 14, 40, func(pr *facts.PullRequest) { pr.MergeCommit = "m" })
	if got := w.told(); got != "" {
		t.Errorf("got %s", got)
	}
}

// Ten pull requests are answered after 1, 2, …, 10 hours: the mean is 5.5, and
// by linear interpolation p50 is 5.5, p75 7.75 and p85 8.65.
func TestStagesAreDistributions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 10 {
		w.pull("al", 10, 100, func(pr *facts.PullRequest) { pr.Comments = []facts.Remark{w.comment("bo", float64(11+i))} })
	}
	w.bots["robot"] = true
	w.pull("robot", 10, 100, nil)
	w.pull("al", 10, wholeWindow+1, nil) // merged after as_of: open
	s := w.report().PullRequests.Stages
	if s.N != 10 || s.Bots != 1 || s.State != basis.OK || s.Pickup.N != 10 {
		t.Errorf("got %+v", s)
	}
	same(t, "the mean", s.Pickup.Mean, 5.5)
	same(t, "p50", s.Pickup.P50, 5.5)
	same(t, "p75", s.Pickup.P75, 7.75)
	same(t, "p85", s.Pickup.P85, 8.65)
	if s.Coding.State != basis.NoData || s.Coding.P50 != nil || s.Deploy.State != basis.NoData {
		t.Errorf("stages without an end have values: %+v", s)
	}
}

func TestNineAreTooFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 9 {
		w.pull("al", 10, 100, func(pr *facts.PullRequest) { pr.Comments = []facts.Remark{w.comment("bo", 12)} })
	}
	r := w.report().PullRequests
	if r.Stages.State != basis.InsufficientData || r.Stages.Pickup.N != 9 || r.Stages.Pickup.P50 != nil || len(r.Stages.Explain.Rows) != 9 || r.Stages.Reason == "" {
		t.Errorf("got %+v", r.Stages)
	}
	if r.WithoutReview.Number != 9 || r.WithoutReview.Share != nil {
		t.Errorf("got %+v", r.WithoutReview)
	}
}

func TestFirstResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pull("al", 10, 0, func(pr *facts.PullRequest) { pr.Comments = []facts.Remark{w.comment("bo", 13)} })
	w.pull("al", 20, 0, nil) // still waits
	w.pull("al", 15, 0, nil) // and the longest
	w.pull("al", 5, 0, func(pr *facts.PullRequest) { pr.Draft = true })
	f := w.report().PullRequests.FirstResponse
	if f.N != 1 || f.State != basis.InsufficientData || f.Waiting != 2 || *f.Explain.Rows[0].Value != 3 {
		t.Errorf("got %+v", f)
	}
	same(t, "the longest", f.LongestHours, wholeWindow-15)
}
