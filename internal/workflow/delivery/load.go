package delivery

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// ReviewLoad is how evenly reviewing is spread. It tells of no person, and is
// not explained by rows: they would be of people. N is the people who opened,
// reviewed or are asked to review pull requests in the window.
type ReviewLoad struct {
	basis.Basis

	Gini            *float64 `json:"gini"`            // of the pull requests that each reviewed
	TopShare        *float64 `json:"top_share"`       // of the one who reviewed most
	ReviewingShare  *float64 `json:"reviewing_share"` // of people who reviewed one or more
	MedianReviewed  *float64 `json:"median_reviewed"` // pull requests in the window
	MedianOpened    *float64 `json:"median_opened"`
	MedianRequested *float64 `json:"median_requested"` // that wait for a person's review at as_of
}

const loadConvention = "People who opened, reviewed or are asked to review pull requests in the window, those who reviewed none included. " +
	"A pull request that somebody reviewed several times is one; reviews of one's own do not count."

// load is what one person did in the window.
type load struct{ opened, reviewed, requested float64 }

func (c *calc) reviewLoad() ReviewLoad {
	r := ReviewLoad{Basis: basis.Basis{Convention: loadConvention}}
	if off(c.Settings.People.ReviewLoad) {
		r.State, r.Reason = basis.SuppressedPrivacy, switchedOff
		return r
	}
	loads := c.loads()
	r.N = len(loads)
	switch {
	case r.N == 0:
		r.State, r.Reason = basis.NoData, "nobody opened or reviewed a pull request in the window"
		return r
	case r.N < minPeople:
		r.State, r.Reason, r.N = basis.SuppressedPrivacy, tooFew, 0
		return r
	}
	r.State = basis.OK
	var opened, reviewed, requested []float64
	total, most, reviewing := 0.0, 0.0, 0
	for _, l := range loads {
		opened, reviewed, requested = append(opened, l.opened), append(reviewed, l.reviewed), append(requested, l.requested)
		total, most = total+l.reviewed, max(most, l.reviewed)
		if l.reviewed > 0 {
			reviewing++
		}
	}
	if gini, ok := stat.Gini(reviewed); ok {
		r.Gini, r.TopShare = &gini, new(most/total)
	}
	r.ReviewingShare = new(float64(reviewing) / float64(r.N))
	for _, m := range []struct {
		values []float64
		to     **float64
	}{{opened, &r.MedianOpened}, {reviewed, &r.MedianReviewed}, {requested, &r.MedianRequested}} {
		slices.Sort(m.values)
		*m.to = new(stat.Median(m.values))
	}
	return r
}

// loads returns what each person did in the window.
func (c *calc) loads() map[int32]load {
	loads := map[int32]load{}
	for i := range c.pulls {
		p := &c.pulls[i]
		if p.author != nobody && c.in(p.opened) {
			l := loads[p.author]
			l.opened++
			loads[p.author] = l
		}
		if p.isOpen() {
			for _, person := range c.requested(p) {
				l := loads[person]
				l.requested++
				loads[person] = l
			}
		}
	}
	var seen []int32
	for i := range c.Log.PullRequests {
		seen = c.reviewersInWindow(&c.Log.PullRequests[i], seen[:0])
		for _, person := range seen {
			l := loads[person]
			l.reviewed++
			loads[person] = l
		}
	}
	return loads
}

// reviewersInWindow appends the people who gave a verdict on somebody else's
// pull request in the window, each once.
func (c *calc) reviewersInWindow(pr *facts.PullRequest, to []int32) []int32 {
	author := c.People.of(pr.Author)
	for _, r := range pr.Reviews {
		person, human := c.People.human(r.Account)
		if human && person != author && c.in(r.At) && !slices.Contains(to, person) {
			to = append(to, person)
		}
	}
	return to
}

// requested returns the people who are asked to review a pull request now: the
// vendors take out who gave a verdict.
func (c *calc) requested(p *pull) (people []int32) {
	for _, account := range p.pr.Requested {
		if person, human := c.People.human(account); human && person != p.author && !slices.Contains(people, person) {
			people = append(people, person)
		}
	}
	return people
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
