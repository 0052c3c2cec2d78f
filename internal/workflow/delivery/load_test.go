package delivery_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// five is a team of al, bo, cy, di and ed. al opens four pull requests; bo
// reviews three of them (one twice), cy one; di is asked for a review that
// waits; ed opens one, which waits.
func five(w *world) {
	for i := range 4 {
		w.pull("al", 10, 50, func(pr *facts.PullRequest) {
			if i < 3 {
				pr.Reviews = []facts.Review{w.review("bo", "approved", 20)}
			} else {
				pr.Reviews = []facts.Review{w.review("cy", "approved", 20), w.review("al", "commented", 21)}
			}
		})
	}
	w.log.PullRequests[0].Reviews = append(w.log.PullRequests[0].Reviews, w.review("bo", "approved", 22))
	w.pull("ed", 10, 0, func(pr *facts.PullRequest) { pr.Requested = []facts.Symbol{w.account("di")} })
}

// A window that may be chosen has no figure of people, how many they ever are.
func TestReviewLoadTakesNoWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	five(w)
	r := w.report().PullRequests.ReviewLoad
	if r.State != basis.SuppressedPrivacy || r.Reason == "" || r.N != 0 || r.Gini != nil || r.TopShare != nil || r.ReviewingShare != nil || r.Explain != nil {
		t.Errorf("got %+v", r)
	}
	off := false
	w.settings.People.ReviewLoad = &off
	if other := w.report().PullRequests.ReviewLoad; other.State != basis.SuppressedPrivacy || other.Reason == r.Reason {
		t.Errorf("switched off: %+v", other)
	}
}

// Nothing that is told of a team holds an account of anybody.
func TestNobodyIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	crowd(w, 1, scale{pulls: 100, commits: 200, deployments: 30, items: 50, people: 12})
	out, err := json.Marshal(w.report())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		if name := fmt.Sprintf("person-%02d", i); strings.Contains(string(out), name) {
			t.Errorf("%s is in the report", name)
		}
	}
}

func TestSelfReviews(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	five(w)
	w.pull("bo-at-home", 30, 90, func(pr *facts.PullRequest) { pr.Comments = []facts.Remark{w.comment("cy", 34), w.comment("bo", 31)} })
	of := func(names ...string) delivery.SelfReviews {
		var accounts []facts.Symbol
		for i, name := range names {
			accounts = append(accounts, w.account(name))
			if len(names) > 1 {
				w.persons[name] = int32(0 * i)
			}
		}
		return delivery.ComputeSelfReviews(w.input(), accounts)
	}
	bo := of("bo", "bo-at-home")
	if bo.Opened != 1 || bo.Merged != 1 || bo.Reviewed != 3 || bo.Requested != 0 {
		t.Errorf("bo has %+v", bo)
	}
	same(t, "bo waits", bo.FirstResponse, 4) // from 30 to 34; the own comment is none
	same(t, "bo's pickup", bo.Pickup, 10)    // three times from 10 to 20
	if di := of("di"); di.Requested != 1 || di.Reviewed != 0 || di.Pickup != nil || di.FirstResponse != nil {
		t.Errorf("di has %+v", di)
	}
	if al := of("al"); al.Opened != 4 || al.Reviewed != 0 {
		t.Errorf("al has %+v", al)
	}
}

// Of ten merged pull requests four have a reviewer and one has two. The authors
// and reviewers are five.
func TestSharing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	five(w)
	w.log.PullRequests = w.log.PullRequests[:4]
	w.log.PullRequests[3].Reviews = append(w.log.PullRequests[3].Reviews, w.review("bo", "approved", 30))
	for i := range 6 {
		w.pull("ed", 10, 60, func(pr *facts.PullRequest) {
			if i == 0 {
				pr.Reviews = []facts.Review{w.review("di", "commented", 20)}
			}
			pr.Comments = []facts.Remark{w.comment("di", 15), w.comment("ed", 16), w.comment("ed", 70)}
		})
	}
	r := w.report()
	k := r.KnowledgeSharing
	same(t, "reviewed", k.Reviewed, 0.5)
	same(t, "reviewed by two", k.ReviewedByTwo, 0.1)
	same(t, "reviewers", k.Reviewers.Mean, 0.6)
	if k.N != 10 || k.State != basis.OK {
		t.Errorf("got %+v", k)
	}
	same(t, "comments", r.Communication.CommentsPerPullRequest.Mean, 1.2)
	if c := r.Communication; c.N != 10 || c.CommentsPerItem.State != basis.NoData || c.FirstResponse.N != 10 {
		t.Errorf("got %+v", c)
	}
	// Ten work items of cy: in five of them bo writes, in one cy alone.
	for i := range 10 {
		item := facts.Item{ID: fmt.Sprint(i), Created: at(10), Reporter: w.account("cy")}
		switch {
		case i < 5:
			item.Comments = []facts.Remark{w.comment("bo", 12), w.comment("cy", 14)}
		case i == 5:
			item.Comments = []facts.Remark{w.comment("cy", 12)}
		}
		w.log.Items = append(w.log.Items, item)
	}
	c := w.report().Communication
	same(t, "comments per item", c.CommentsPerItem.Mean, 1.1)
	same(t, "discussed", c.Discussed, 0.5)
	off := false
	w.settings.People.Collaboration, w.settings.People.Knowledge = &off, &off
	r = w.report()
	if r.Communication.State != basis.SuppressedPrivacy || r.Communication.CommentsPerItem.Mean != nil || r.KnowledgeSharing.State != basis.SuppressedPrivacy || r.KnowledgeSharing.Reviewed != nil {
		t.Errorf("what is switched off is told: %+v, %+v", r.Communication, r.KnowledgeSharing)
	}
}

func TestSharingOfFewIsSuppressed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		w.pull("al", 10, 50, func(pr *facts.PullRequest) {
			pr.Reviews = []facts.Review{w.review("bo", "approved", 20), w.review("cy", "approved", 21), w.review("di", "approved", 21)}
		})
	}
	r := w.report()
	if c, k := r.Communication, r.KnowledgeSharing; c.State != basis.SuppressedPrivacy || k.State != basis.SuppressedPrivacy || c.FirstResponse.P50 != nil || k.Reviewed != nil || k.N != 0 || k.Explain != nil {
		t.Errorf("four people are told of: %+v, %+v", c, k)
	}
}
