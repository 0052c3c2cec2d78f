package delivery_test

import (
	"strconv"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

func TestReworkCycles(t *testing.T) {
	t.Parallel()
	const asks, likes, says = "changes_requested", "approved", "commented"
	type said struct {
		who, what string
		hour      float64
	}
	for name, test := range map[string]struct {
		reviews []said
		commits []float64
		want    float64
	}{
		"no review":                               {nil, []float64{1, 12}, 0},
		"approved at once":                        {[]said{{"bo", likes, 20}}, []float64{1, 12}, 0},
		"asked, changed, approved":                {[]said{{"bo", asks, 20}, {"bo", likes, 30}}, []float64{1, 25}, 1},
		"asked and never changed":                 {[]said{{"bo", asks, 20}, {"bo", likes, 30}}, []float64{1, 12}, 0},
		"asked twice, changed once":               {[]said{{"bo", asks, 20}, {"cy", asks, 21}, {"bo", likes, 30}}, []float64{1, 25}, 1},
		"several commits of one change":           {[]said{{"bo", asks, 20}, {"bo", likes, 30}}, []float64{1, 25, 26, 27}, 1},
		"twice":                                   {[]said{{"bo", asks, 20}, {"cy", asks, 30}, {"bo", likes, 40}}, []float64{1, 25, 35}, 2},
		"after the first approval nothing counts": {[]said{{"bo", likes, 20}, {"cy", asks, 30}}, []float64{1, 35}, 0},
		"a comment asks for nothing":              {[]said{{"bo", says, 20}, {"bo", likes, 30}}, []float64{1, 25}, 0},
		"never approved":                          {[]said{{"bo", asks, 20}}, []float64{1, 25}, 1},
		"a bot and the author ask for nothing":    {[]said{{"robot", asks, 20}, {"al", asks, 21}, {"bo", likes, 30}}, []float64{1, 25}, 0},
		"a bot's approval ends nothing":           {[]said{{"robot", likes, 15}, {"bo", asks, 20}, {"bo", likes, 30}}, []float64{1, 25}, 1},
		"changed after the merge":                 {[]said{{"bo", asks, 20}}, []float64{1, 60}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.bots["robot"] = true
			w.pull("al", 10, 50, func(pr *facts.PullRequest) {
				pr.Commits = commits(test.commits...)
				for _, s := range test.reviews {
					pr.Reviews = append(pr.Reviews, w.review(s.who, s.what, s.hour))
				}
			})
			if got := *w.report().PullRequests.ReworkCycles.Explain.Rows[0].Value; got != test.want {
				t.Errorf("got %v cycles, want %v", got, test.want)
			}
		})
	}
}

// Of ten merged pull requests three have no verdict of another person (one has
// only the author's, one only a comment), one has three verdicts of two people.
func TestReviews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 10 {
		w.pull("al", 10, 50, func(pr *facts.PullRequest) {
			pr.Additions, pr.Deletions = 100*i, i
			switch i {
			case 0:
			case 1:
				pr.Reviews = []facts.Review{w.review("al", "approved", 20)}
			case 2:
				pr.Comments = []facts.Remark{w.comment("bo", 20)}
			case 3:
				pr.Reviews = []facts.Review{w.review("bo", "commented", 20), w.review("cy", "commented", 22), w.review("bo", "approved", 25)}
			default:
				pr.Reviews = []facts.Review{w.review("bo", "approved", 20)}
			}
		})
	}
	w.log.PullRequests[9].Additions = -1
	r := w.report().PullRequests
	same(t, "the share without review", r.WithoutReview.Share, 0.3)
	same(t, "reviews", r.Reviews.PerPullRequest.Mean, 0.9)
	same(t, "reviewers", r.Reviews.ReviewersPerPullRequest.Mean, 0.8)
	if r.WithoutReview.Number != 3 || r.Size.N != 9 || r.Size.Unknown != 1 || r.Size.State != basis.InsufficientData {
		t.Errorf("got %+v, %+v", r.WithoutReview, r.Size)
	}
	// 0 | — | — | 101 | 202, 303 | 404 to 808 in the classes up to 10, 50, 100, 200, 400, 1000 lines.
	for i, want := range []int{1, 0, 0, 1, 2, 5, 0} {
		if got := r.Size.Classes[i].Number; got != want {
			t.Errorf("class %d has %d pull requests, want %d", i, got, want)
		}
	}
}

func TestWaitingOn(t *testing.T) {
	t.Parallel()
	run := func(w *world, state string, created, finished float64) {
		w.log.Deployments = append(w.log.Deployments, facts.Deployment{
			Source: w.source("repo"), ID: "run" + strconv.Itoa(len(w.log.Deployments)), Pipeline: w.symbols.Add("tests"), Commit: "head",
			State: w.symbols.Add(state), Created: at(created), Finished: at(finished),
		})
	}
	for name, test := range map[string]struct {
		build func(w *world, pr *facts.PullRequest)
		want  string
	}{
		"new":       {func(*world, *facts.PullRequest) {}, "reviewer"},
		"draft":     {func(_ *world, pr *facts.PullRequest) { pr.Draft = true }, "author"},
		"commented": {func(w *world, pr *facts.PullRequest) { pr.Comments = []facts.Remark{w.comment("bo", 20)} }, "author"},
		"answered": {func(w *world, pr *facts.PullRequest) {
			pr.Comments = []facts.Remark{w.comment("bo", 20), w.comment("al", 21)}
		}, "reviewer"},
		"changed since": {func(w *world, pr *facts.PullRequest) {
			pr.Reviews, pr.Commits = []facts.Review{w.review("bo", "changes_requested", 20)}, commits(1, 25)
		}, "reviewer"},
		"asked for changes": {func(w *world, pr *facts.PullRequest) {
			pr.Reviews, pr.Commits = []facts.Review{w.review("bo", "changes_requested", 20)}, commits(1)
			pr.Comments = []facts.Remark{w.comment("al", 21)}
		}, "author"},
		"approved": {func(w *world, pr *facts.PullRequest) { pr.Reviews = []facts.Review{w.review("bo", "approved", 20)} }, "author"},
		"approved by one, and another asks for changes": {func(w *world, pr *facts.PullRequest) {
			pr.Reviews = []facts.Review{w.review("bo", "changes_requested", 20), w.review("cy", "approved", 21)}
		}, "author"},
		"approved, and its pipeline runs": {func(w *world, pr *facts.PullRequest) {
			pr.Reviews = []facts.Review{w.review("bo", "approved", 20)}
			run(w, "running", 19, 0)
		}, "ci"},
		"its pipeline runs, and nobody said anything": {func(w *world, _ *facts.PullRequest) { run(w, "queued", 19, 0) }, "reviewer"},
		"its pipeline failed":                         {func(w *world, _ *facts.PullRequest) { run(w, "failed", 19, 20) }, "author"},
		"its pipeline failed, nobody says when":       {func(w *world, _ *facts.PullRequest) { run(w, "failed", 19, 0) }, "author"},
		"its pipeline fails later":                    {func(w *world, _ *facts.PullRequest) { run(w, "failed", 19, wholeWindow+1) }, "reviewer"},
		"its pipeline failed and was run again": {func(w *world, _ *facts.PullRequest) {
			run(w, "failed", 19, 20)
			run(w, "succeeded", 21, 22)
		}, "reviewer"},
		"a bot's word is none": {func(w *world, pr *facts.PullRequest) {
			w.bots["robot"] = true
			pr.Comments = []facts.Remark{w.comment("robot", 20)}
		}, "reviewer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pull("al", 10, 0, func(pr *facts.PullRequest) {
				pr.HeadCommit = "head"
				test.build(w, pr)
			})
			o := w.report().PullRequests.Open
			if got := o.Explain.Rows[0].Detail; got != test.want || o.N != 1 || o.WaitingOn.Author+o.WaitingOn.Reviewer+o.WaitingOn.CI != 1 || o.WaitingOn.Deploy != nil {
				t.Errorf("it waits for %q, want %q (%+v)", got, test.want, o)
			}
			same(t, "the age", o.OldestHours, wholeWindow-10)
		})
	}
}

// One is deployed, one is merged after the last deployment, and one landed
// somewhere that is not in the history.
func TestWaitingForDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit("a", 1)
	w.commit("b", 40, "a")
	w.commit("c", 60, "b")
	w.deploy("a", 2, nil)
	w.deploy("b", 50, nil)
	for i, merge := range []string{"b", "c", "elsewhere"} {
		w.pull("al", 10, float64(40+i), func(pr *facts.PullRequest) { pr.MergeCommit = merge })
	}
	if got := w.report().PullRequests.Open.WaitingOn.Deploy; got == nil || *got != 1 {
		t.Errorf("got %v", got)
	}
}
