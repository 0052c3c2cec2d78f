package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// led returns each change with the hours that it took and its deployment.
func led(w *world) string {
	var out []string
	for _, row := range w.app().ChangeLeadTime.Explain.Rows {
		if row.Group != "" { // what is counted beside
			continue
		}
		out = append(out, fmt.Sprintf("%s %g %s", row.ID, *row.Value, row.Detail))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestLeadTime(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		build   func(w *world)
		want    string
		unknown int // commits
		waits   int // commits that are not deployed
	}{
		"the first deployment has no predecessor": {func(w *world) {
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.commit("c", 12, "b")
			w.commit("d", 30, "c")
			w.deploy("a", 5, nil)
			w.deploy("c", 20, nil)
		}, "b 10 d2, c 8 d2", 1, 1},
		"a merge is no change, and brings its branch": {func(w *world) {
			w.commit("a", 1)
			w.commit("branch", 3, "a")
			w.commit("main", 4, "a")
			w.commit("merge", 10, "main", "branch")
			w.deploy("a", 2, nil)
			w.deploy("merge", 20, nil)
		}, "branch 17 d2, main 16 d2", 1, 0},
		// d2 is rolled back by d3 and deployed again: d4 brings what is new alone.
		"a rollback brings nothing": {func(w *world) {
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.commit("c", 30, "b")
			w.deploy("a", 5, nil)
			w.deploy("b", 20, nil)
			w.deploy("a", 25, nil)
			w.deploy("c", 40, nil)
		}, "b 10 d2, c 10 d4", 1, 0},
		// Nobody knows what d2 held: what d3 brings may have been there before.
		"a predecessor that is not in the history": {func(w *world) {
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.commit("c", 30, "b")
			w.deploy("a", 5, nil)
			w.deploy("gone", 20, nil)
			w.deploy("b", 25, nil)
			w.deploy("c", 40, nil)
		}, "c 10 d4", 2, 0},
		"parents that are not in the history end it": {func(w *world) {
			w.commit("a", 1, "older")
			w.commit("b", 10, "a", "elsewhere")
			w.commit("c", 11, "b")
			w.deploy("a", 5, nil)
			w.deploy("c", 20, nil)
		}, "c 9 d2", 1, 0},
		"a failed deployment deploys nothing": {func(w *world) {
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.deploy("a", 5, nil)
			w.deploy("b", 12, func(d *facts.Deployment) { d.State = w.symbols.Add("failed") })
			w.deploy("b", 20, nil)
		}, "b 10 d3", 1, 0},
		// The commits of the branch, of 6 and 8, were squashed at 10.
		"a squash stands for its pull request": {func(w *world) {
			w.commit("a", 1)
			w.commit("squash", 10, "a")
			w.pull("al", 9, 10, func(pr *facts.PullRequest) { pr.MergeCommit, pr.Commits = "squash", commits(6, 8) })
			w.deploy("a", 5, nil)
			w.deploy("squash", 20, nil)
		}, "own0-6 14 d2, own1-8 12 d2", 1, 0},
		// Rebased commits keep when they were authored, and are not counted twice.
		"a rebase": {func(w *world) {
			w.commit("a", 1)
			w.commit("b1", 6, "a")
			w.commit("b2", 8, "b1")
			w.pull("al", 9, 10, func(pr *facts.PullRequest) { pr.MergeCommit, pr.Commits = "b2", commits(6, 8) })
			w.deploy("a", 5, nil)
			w.deploy("b2", 20, nil)
		}, "b1 14 d2, b2 12 d2", 1, 0},
		"its own commits are in the history, of unknown times": {func(w *world) {
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.pull("al", 9, 10, func(pr *facts.PullRequest) { pr.MergeCommit, pr.Commits = "b", []facts.PullCommit{{Hash: "b"}} })
			w.deploy("a", 5, nil)
			w.deploy("b", 20, nil)
		}, "b 10 d2", 1, 0},
		"what waits from before the window is not counted": {func(w *world) {
			w.in.From = at(15)
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.commit("c", 16, "b")
			w.deploy("a", 5, nil)
		}, "", 0, 1},
		"a squash that waits": {func(w *world) {
			w.commit("a", 1)
			w.commit("squash", 10, "a")
			w.pull("al", 9, 10, func(pr *facts.PullRequest) { pr.MergeCommit, pr.Commits = "squash", commits(6, 8) })
			w.deploy("a", 5, nil)
		}, "", 1, 2},
		"other environments are other applications": {func(w *world) {
			w.commit("a", 1)
			w.commit("b", 10, "a")
			w.deploy("a", 5, nil)
			w.deploy("b", 12, func(d *facts.Deployment) { d.Environment = w.symbols.Add("staging") })
			w.deploy("b", 20, nil)
		}, "b 10 d3", 1, 0},
		"only the window": {func(w *world) {
			w.in.From, w.in.To = at(15), at(25)
			w.commit("a", 1)
			w.commit("b", 2, "a")
			w.commit("c", 3, "b")
			w.commit("d", 4, "c")
			w.deploy("a", 5, nil)
			w.deploy("b", 14, nil)
			w.deploy("c", 15, nil)
			w.deploy("d", 25, nil)
		}, "c 12 d3", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			test.build(w)
			if got := led(w); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if l := w.app().ChangeLeadTime; l.Unknown != test.unknown || l.Undeployed != test.waits || l.Commits.P50 != nil {
				t.Errorf("%d are unknown and %d wait, want %d and %d", l.Unknown, l.Undeployed, test.unknown, test.waits)
			}
		})
	}
}

// A pull request is found by its merge commit, else by a commit that makes the
// same change as its head.
func TestLeadTimeOfPullRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.commit("a", 1)
	w.commit("b", 10, "a")
	w.commit("copy", 12, "b")
	w.commit("late", 30, "copy")
	w.deploy("a", 2, nil)
	w.deploy("copy", 20, nil)
	for i := range 10 {
		w.pull("al", 9, 10, func(pr *facts.PullRequest) { pr.MergeCommit, pr.Commits = "b", commits(float64(1+i)) })
	}
	w.pull("al", 9, 12, func(pr *facts.PullRequest) { pr.HeadCommit, pr.Commits = "head", commits(11) })
	w.pull("al", 9, 30, func(pr *facts.PullRequest) { pr.MergeCommit, pr.Commits = "late", commits(11) })
	if l := w.app().ChangeLeadTime; l.PullRequests.N != 10 || l.UndeployedPullRequests != 1 {
		t.Errorf("got %+v", l)
	}
	// Authored at 1, 2, …, 10 and deployed at 20: 14.5 hours are the median.
	same(t, "the median", w.app().ChangeLeadTime.PullRequests.P50, 14.5)
	w.in.From = at(30.5) // nothing was merged since
	if l := w.app().ChangeLeadTime; l.UndeployedPullRequests != 0 || l.PullRequests.N != 0 {
		t.Errorf("out of the window there are %+v", l)
	}
	w.in.From = at(0.001)
	w.in.Equivalent = map[string][]string{"head": {"nowhere", "copy"}}
	if l := w.app().ChangeLeadTime; l.PullRequests.N != 11 {
		t.Errorf("with the equivalent commits: %+v", l)
	}
}
