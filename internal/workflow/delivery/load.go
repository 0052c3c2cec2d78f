package delivery

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// ReviewLoad is how evenly reviewing is spread, as the team's report tells it: of
// a whole month, computed once. Of a window that may be chosen it would be told
// again and again, and what one person did could be found by subtraction.
type ReviewLoad struct {
	basis.Basis

	Period         string   `json:"period"`          // the month, 2026-10; "" where there is no value
	Gini           *float64 `json:"gini"`            // of the pull requests that each reviewed
	TopShare       *float64 `json:"top_share"`       // of the one who reviewed most
	ReviewingShare *float64 `json:"reviewing_share"` // of people who reviewed one or more
}

const (
	loadConvention = "As workload.review_load of the team's report: of the last whole month, computed once. It takes no window."
	noLoad         = "figures of people are told of whole months, without a window of one's own: see the project's team report"
)

// reviewLoad leaves the value to who keeps it.
func (c *calc) reviewLoad() ReviewLoad {
	r := ReviewLoad{Basis: basis.Basis{State: basis.SuppressedPrivacy, Convention: loadConvention, Reason: noLoad}}
	if off(c.Settings.People.ReviewLoad) {
		r.Reason = switchedOff
	}
	return r
}

// SelfReviews is what one person is told of their own reviewing, and nobody
// else is.
type SelfReviews struct {
	Opened    int `json:"opened"` // own pull requests, in the window
	Merged    int `json:"merged"`
	Reviewed  int `json:"reviewed"`  // of others, in the window, each once
	Requested int `json:"requested"` // that wait for this person's review at as_of
	// FirstResponse is how long this person waited for others, of own pull requests
	// whose first response was in the window, and Pickup how long others waited for
	// this person where it was the first to respond. Medians, in hours; null is none.
	FirstResponse *float64 `json:"median_first_response_hours"`
	Pickup        *float64 `json:"median_pickup_hours"`
}

// ComputeSelfReviews returns the numbers of the person who is behind accounts.
// They must be given to that person alone.
func ComputeSelfReviews(in Input, accounts []facts.Symbol) SelfReviews {
	in.To = min(in.To, in.AsOf)
	c := &calc{Input: in, words: newWords(in.Log.Symbols)}
	c.readPulls()
	own := func(account facts.Symbol) bool { return slices.Contains(accounts, account) }
	var s SelfReviews
	var waited, picked []float64
	for i := range c.pulls {
		p := &c.pulls[i]
		switch {
		case own(p.pr.Author):
			if c.in(p.opened) {
				s.Opened++
			}
			if c.in(p.merged) {
				s.Merged++
			}
			if p.ready != 0 && c.in(p.response) {
				waited = append(waited, after(p.ready, p.response))
			}
			continue
		case p.isOpen() && slices.ContainsFunc(p.pr.Requested, own):
			s.Requested++
		}
		if p.ready != 0 && c.in(p.response) && c.respondedFirst(p, own) {
			picked = append(picked, after(p.ready, p.response))
		}
	}
	for i := range c.Log.PullRequests {
		pr := &c.Log.PullRequests[i]
		if !own(pr.Author) && slices.ContainsFunc(pr.Reviews, func(r facts.Review) bool { return own(r.Account) && c.in(r.At) }) {
			s.Reviewed++
		}
	}
	s.FirstResponse, s.Pickup = median(waited), median(picked)
	return s
}

// respondedFirst reports whether one's own review or comment is the first
// response to a pull request.
func (c *calc) respondedFirst(p *pull, own func(facts.Symbol) bool) bool {
	for _, r := range p.pr.Reviews {
		if own(r.Account) && c.while(p, r.At) && r.At <= p.response {
			return true
		}
	}
	return slices.ContainsFunc(p.pr.Comments, func(r facts.Remark) bool { return own(r.Account) && c.while(p, r.At) && r.At <= p.response })
}

func median(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	return new(stat.Median(values))
}
