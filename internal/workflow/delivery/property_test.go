package delivery_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// scale is how large a made-up project is.
type scale struct{ pulls, commits, deployments, items, people int }

// crowd fills a world with a history of merges, with pull requests, deployments
// and incidents in the whole window.
func crowd(w *world, seed uint64, s scale) {
	r := rand.New(rand.NewPCG(seed, 77))
	hour := func() float64 { return 1 + r.Float64()*(wholeWindow-2) }
	who := func() string { return fmt.Sprintf("person-%02d", r.IntN(s.people)) }
	hash := func(i int) string { return fmt.Sprintf("%08x%032d", uint32(i)*2654435761, i) }
	for i := range s.commits {
		var parents []string
		for _, back := range []int{1, 2 + r.IntN(9)}[:1+r.IntN(5)/4] {
			if i >= back {
				parents = append(parents, hash(i-back))
			}
		}
		w.commit(hash(i), 1+float64(i)*(wholeWindow-2)/float64(s.commits), parents...)
	}
	states := []string{"approved", "approved", "changes_requested", "commented"}
	for range s.pulls {
		opened := hour()
		merged := opened + r.ExpFloat64()*50
		if merged > wholeWindow || r.IntN(10) == 0 {
			merged = 0
		}
		w.pull(who(), opened, merged, func(pr *facts.PullRequest) {
			first := max(0.5, opened-r.ExpFloat64()*30)
			pr.Commits = commits(first, first+r.Float64()*40)
			for range r.IntN(4) {
				pr.Reviews = append(pr.Reviews, w.review(who(), states[r.IntN(4)], opened+r.ExpFloat64()*20))
				pr.Comments = append(pr.Comments, w.comment(who(), opened+r.ExpFloat64()*10))
			}
			slices.SortFunc(pr.Reviews, func(a, b facts.Review) int { return int(a.At - b.At) })
			if merged > 0 {
				pr.MergeCommit = hash(int(merged / wholeWindow * float64(s.commits)))
			} else {
				pr.Requested = []facts.Symbol{w.account(who())}
			}
			pr.Additions, pr.Deletions = r.IntN(500), r.IntN(200)
		})
	}
	for i := range s.deployments {
		at := 2 + float64(i)*(wholeWindow-3)/float64(s.deployments)
		w.deploy(hash(int(at/wholeWindow*float64(s.commits))), at, nil)
	}
	for range s.items {
		created := hour()
		w.incident(created, []float64{0, created + r.ExpFloat64()*30}[min(r.IntN(6), 1)], func(i *facts.Item) {
			i.Reporter = w.account(who())
			if len(w.log.Items) > 1000 {
				i.Type = w.symbols.Add("Task")
			}
			for range r.IntN(4) {
				i.Comments = append(i.Comments, w.comment(who(), created+r.ExpFloat64()*50))
			}
		})
	}
}

var small = scale{pulls: 150, commits: 400, deployments: 60, items: 40, people: 9}

func encoded(t *testing.T, r delivery.Report) []byte {
	t.Helper()
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSameFactsSameBytes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowd(w, 1, small)
	first := encoded(t, w.report())
	for range 5 {
		if !bytes.Equal(first, encoded(t, w.report())) {
			t.Fatal("the same facts give other bytes")
		}
	}
}

// What is told does not depend on the order of the log, except for that of the
// rows of an explanation.
func TestOrderOfTheLogIsNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		w := newWorld(t)
		crowd(w, seed, small)
		w.in.Explain = nil
		first := encoded(t, w.report())
		r := rand.New(rand.NewPCG(seed, 1))
		r.Shuffle(len(w.log.PullRequests), func(i, j int) {
			w.log.PullRequests[i], w.log.PullRequests[j] = w.log.PullRequests[j], w.log.PullRequests[i]
		})
		r.Shuffle(len(w.log.Deployments), func(i, j int) {
			w.log.Deployments[i], w.log.Deployments[j] = w.log.Deployments[j], w.log.Deployments[i]
		})
		r.Shuffle(len(w.log.Items), func(i, j int) { w.log.Items[i], w.log.Items[j] = w.log.Items[j], w.log.Items[i] })
		if again := encoded(t, w.report()); !bytes.Equal(first, again) {
			t.Errorf("seed %d: the order of the log changes the report: %s", seed, differ(first, again))
		}
	}
}

// Everything a number of weeks later is the same.
func TestShiftOfTime(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		w := newWorld(t)
		crowd(w, seed, small)
		w.in.Explain = nil
		w.settings.ProductionEnvironments = []string{"production"}
		before := encoded(t, w.report())
		w.shift(facts.Time(20 * 7 * 24 * time.Hour / time.Microsecond))
		r := w.report()
		// Months are of different lengths, so the bucket alone may be another.
		if after := encoded(t, r); !bytes.Equal(before, after) {
			t.Errorf("seed %d: a shift of time changes the report: %s", seed, differ(before, after))
		}
	}
}

// differ returns where two reports begin to differ.
func differ(a, b []byte) string {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-150)
	return fmt.Sprintf("\n%s\n%s", a[from:min(len(a), at+50)], b[from:min(len(b), at+50)])
}

func (w *world) shift(by facts.Time) {
	add := func(times ...*facts.Time) {
		for _, t := range times {
			if *t != 0 {
				*t += by
			}
		}
	}
	add(&w.in.From, &w.in.To, &w.in.AsOf)
	for i := range w.log.PullRequests {
		pr := &w.log.PullRequests[i]
		add(&pr.Created, &pr.Merged, &pr.Closed, &pr.Ready)
		for j := range pr.Commits {
			add(&pr.Commits[j].Authored, &pr.Commits[j].Committed)
		}
		for j := range pr.Reviews {
			add(&pr.Reviews[j].At)
		}
		for j := range pr.Comments {
			add(&pr.Comments[j].At)
		}
	}
	for i := range w.log.Commits {
		add(&w.log.Commits[i].Authored, &w.log.Commits[i].Committed)
	}
	for i := range w.log.Deployments {
		add(&w.log.Deployments[i].Created, &w.log.Deployments[i].Finished)
	}
	for i := range w.log.Items {
		item := &w.log.Items[i]
		add(&item.Created)
		for j := range item.Visits {
			add(&item.Visits[j].At)
		}
		for j := range item.Comments {
			add(&item.Comments[j].At)
		}
	}
}

// The stages of a pull request that has all of them add up to the whole, and
// none is below zero.
func TestStagesAddUp(t *testing.T) {
	t.Parallel()
	complete := 0
	for seed := range uint64(8) {
		w := newWorld(t)
		crowd(w, seed, small)
		for _, row := range w.report().PullRequests.Stages.Explain.Rows {
			sum := 0.0
			for _, name := range []string{"coding", "pickup", "review", "merge", "deploy"} {
				if row.Parts[name] < 0 {
					t.Errorf("%s of %s is %v", name, row.ID, row.Parts[name])
				}
				sum += row.Parts[name]
			}
			if len(row.Parts) < 7 {
				continue
			}
			complete++
			same(t, "the whole of "+row.ID, new(row.Parts["whole"]), sum)
		}
	}
	if complete < 50 {
		t.Errorf("only %d pull requests have every stage", complete)
	}
}

// A commit is deployed first once: no change is listed twice, and every commit
// that is no merge is deployed, unknown or waits. All of this is checked
// against a walk that starts anew for each deployment.
func TestLeadTimeAgainstTheSlowWay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		w := newWorld(t)
		crowd(w, seed, small)
		for i := range w.log.PullRequests {
			w.log.PullRequests[i].Commits = nil // no squashes: a commit is a change
		}
		l := w.app().ChangeLeadTime
		want := slowly(w)
		got := map[string]string{}
		for _, row := range l.Explain.Rows {
			if row.Group != "" { // what is counted beside
				continue
			}
			if got[row.ID] != "" {
				t.Errorf("%s is listed twice", row.ID)
			}
			got[row.ID] = row.Detail
		}
		if len(got) != len(want) || len(want) == 0 {
			t.Errorf("seed %d: %d changes, want %d", seed, len(got), len(want))
		}
		for hash, deployment := range want {
			if got[hash] != deployment {
				t.Errorf("seed %d: %s was deployed by %q, want %q", seed, hash, got[hash], deployment)
			}
		}
	}
}

// slowly returns the first deployment whose diff contains each commit.
func slowly(w *world) map[string]string {
	parents := map[string][]string{}
	for _, c := range w.log.Commits {
		parents[c.Hash] = c.Parents
	}
	reach := func(hash string) map[string]bool {
		seen, open := map[string]bool{hash: true}, []string{hash}
		for len(open) > 0 {
			at := open[0]
			open = open[1:]
			for _, p := range parents[at] {
				if !seen[p] {
					seen[p], open = true, append(open, p)
				}
			}
		}
		return seen
	}
	first := map[string]string{}
	previous := reach(w.log.Deployments[0].Commit)
	for _, d := range w.log.Deployments[1:] {
		now := reach(d.Commit)
		for hash := range now {
			if !previous[hash] && first[hash] == "" && len(parents[hash]) < 2 {
				first[hash] = d.ID
			}
		}
		previous = now
	}
	return first
}

// Everybody can count again what is told, from what explain lists.
func TestExplainSuffices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowd(w, 5, small)
	r := w.report()
	spread := func(name string, got delivery.Spread, explain *basis.Explain, value func(basis.ExplainedRow) *float64) {
		t.Helper()
		var values []float64
		for _, row := range explain.Rows {
			if v := value(row); v != nil {
				values = append(values, *v)
			}
		}
		slices.Sort(values)
		if got.N != len(values) || got.N < basis.MinSample {
			t.Errorf("%s: n is %d, %d rows have a value", name, got.N, len(values))
			return
		}
		same(t, name+" mean", got.Mean, stat.Mean(values))
		same(t, name+" p50", got.P50, stat.Median(values))
		same(t, name+" p85", got.P85, stat.Percentile(values, 0.85))
	}
	value := func(row basis.ExplainedRow) *float64 { return row.Value }
	part := func(name string) func(basis.ExplainedRow) *float64 {
		return func(row basis.ExplainedRow) *float64 {
			if v, ok := row.Parts[name]; ok {
				return &v
			}
			return nil
		}
	}
	kind := func(kind string) func(basis.ExplainedRow) *float64 {
		return func(row basis.ExplainedRow) *float64 {
			if row.Detail == kind {
				return row.Value
			}
			return nil
		}
	}
	apart := func(row basis.ExplainedRow) *float64 { // without what is counted beside
		if row.Group != "" || row.Detail == "waiting" || row.Detail == "deploy" {
			return nil
		}
		return row.Value
	}
	p := r.PullRequests
	for name, s := range map[string]delivery.Spread{
		"coding": p.Stages.Coding, "pickup": p.Stages.Pickup, "review": p.Stages.Review, "merge": p.Stages.Merge,
		"deploy": p.Stages.Deploy, "whole": p.Stages.Whole, "until_merge": p.Stages.UntilMerge,
	} {
		spread(name, s, p.Stages.Explain, part(name))
	}
	spread("rework", p.ReworkCycles.Cycles, p.ReworkCycles.Explain, value)
	spread("reviews", p.Reviews.PerPullRequest, p.Reviews.Explain, value)
	spread("reviewers", p.Reviews.ReviewersPerPullRequest, p.Reviews.Explain, part("reviewers"))
	spread("size", p.Size.Lines, p.Size.Explain, value)
	spread("first response", p.FirstResponse.Hours, p.FirstResponse.Explain, apart)
	spread("open", p.Open.Age, p.Open.Explain, apart)
	spread("comments of items", r.Communication.CommentsPerItem, r.Communication.Explain, kind("work item"))
	spread("comments of pull requests", r.Communication.CommentsPerPullRequest, r.Communication.Explain, kind("pull request"))
	spread("knowledge", r.KnowledgeSharing.Reviewers, r.KnowledgeSharing.Explain, value)
	app := r.Dora.Applications[0]
	spread("lead time", app.ChangeLeadTime.Commits, app.ChangeLeadTime.Explain, apart)
	spread("lead time of pull requests", app.ChangeLeadTime.PullRequests, app.ChangeLeadTime.Explain, func(row basis.ExplainedRow) *float64 {
		if row.Group != "pull_request" {
			return nil
		}
		return row.Value
	})
	beside := map[string]int{}
	for _, rows := range [][]basis.ExplainedRow{app.ChangeLeadTime.Explain.Rows, p.FirstResponse.Explain.Rows, p.Open.Explain.Rows, p.Stages.Explain.Rows, app.DeploymentFrequency.Explain.Rows, r.Dora.Explain.Rows} {
		for _, row := range rows {
			beside[row.Group+row.Detail]++
			if row.Parts["draft"] == 1 {
				beside["draft"]++
			}
		}
	}
	for name, n := range map[string]int{
		"undeployed_commit": app.ChangeLeadTime.Undeployed, "undeployed_pull_request": app.ChangeLeadTime.UndeployedPullRequests,
		"waiting": p.FirstResponse.Waiting, "deploy": *p.Open.WaitingOn.Deploy, "draft": p.Open.Drafts, "of a bot": p.Stages.Bots, "unsuccessful": app.Unsuccessful, "incidentunlinked": r.Dora.UnlinkedIncidents,
	} {
		if beside[name] != n {
			t.Errorf("%s: %d are told, %d rows are there", name, n, beside[name])
		}
	}

	positive := func(name string, got *float64, explain *basis.Explain, is func(float64) bool) {
		t.Helper()
		n := 0
		for _, row := range explain.Rows {
			if is(*row.Value) {
				n++
			}
		}
		same(t, name, got, float64(n)/float64(len(explain.Rows)))
	}
	some := func(v float64) bool { return v > 0 }
	positive("change fail rate", app.ChangeFailRate.Value, app.ChangeFailRate.Explain, some)
	positive("rework rate", app.ReworkRate.Value, app.ReworkRate.Explain, some)
	positive("without review", p.WithoutReview.Share, p.WithoutReview.Explain, some)
	positive("rework once", p.ReworkCycles.Once, p.ReworkCycles.Explain, some)
	positive("reviewed", r.KnowledgeSharing.Reviewed, r.KnowledgeSharing.Explain, some)
	positive("reviewed by two", r.KnowledgeSharing.ReviewedByTwo, r.KnowledgeSharing.Explain, func(v float64) bool { return v > 1 })

	var lifetimes []stat.Lifetime
	for _, row := range app.RecoveryTime.Explain.Rows {
		lifetimes = append(lifetimes, stat.Lifetime{Duration: *row.Value, Censored: row.Parts["censored"] == 1})
	}
	median, _ := stat.SurvivalQuantile(stat.KaplanMeier(lifetimes), 0.5)
	same(t, "recovery", app.RecoveryTime.Value, median)
	same(t, "frequency", app.DeploymentFrequency.Value, float64(len(app.DeploymentFrequency.Explain.Rows)-app.Unsuccessful)/float64(app.DeploymentFrequency.N))
}

// BenchmarkCompute is a report over 10,000 pull requests, 100,000 commits, 5,000
// deployments and 100,000 work items.
func BenchmarkCompute(b *testing.B) {
	w := newWorld(nil)
	crowd(w, 1, scale{pulls: 10_000, commits: 100_000, deployments: 5_000, items: 100_000, people: 60})
	w.in.Explain = nil
	in := w.input()
	b.ResetTimer()
	for b.Loop() {
		delivery.Compute(in)
	}
}
