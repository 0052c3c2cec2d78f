package delivery

import (
	"slices"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// pull is a pull request of a person as it was known at AsOf. A time that is 0
// did not happen, or is not known.
type pull struct {
	pr     *facts.PullRequest
	author int32

	first    facts.Time // commit, by when it was authored
	opened   facts.Time
	ready    facts.Time // for review; opened when it never was a draft
	response facts.Time // first review or comment of another person, not before ready
	approval facts.Time // last of another person, not before response
	merged   facts.Time
	closed   facts.Time // without being merged
	deployed facts.Time

	reviewers []int32 // others who gave a verdict, each once
	verdicts  int     // reviews of others
	comments  int     // of people, the author included
	rework    int

	landed int32 // the place of its merge commit in the source's graph, -1 unknown
}

// readPulls reads the pull requests of people that were opened until AsOf.
func (c *calc) readPulls() {
	c.pulls = make([]pull, 0, len(c.Log.PullRequests))
	for i := range c.Log.PullRequests {
		pr := &c.Log.PullRequests[i]
		switch {
		case pr.Created > c.AsOf:
		case c.People.bot(pr.Author):
			if c.in(pr.Merged) {
				c.bots = append(c.bots, pr)
			}
		default:
			c.pulls = append(c.pulls, c.read(pr))
		}
	}
	for i := range c.pulls {
		if p := &c.pulls[i]; c.in(p.merged) {
			c.merged = append(c.merged, p)
		}
	}
}

func (c *calc) read(pr *facts.PullRequest) pull {
	p := pull{pr: pr, author: c.People.of(pr.Author), opened: pr.Created, merged: c.known(pr.Merged), landed: -1}
	if p.merged == 0 {
		p.closed = c.known(pr.Closed)
	}
	for _, commit := range pr.Commits {
		if commit.Authored != 0 && (p.first == 0 || commit.Authored < p.first) {
			p.first = commit.Authored
		}
	}
	p.first = c.known(p.first)
	p.ready = c.ready(&p)
	c.readReviews(&p)
	c.readComments(&p)
	if p.response != 0 && p.ready != 0 {
		p.response = max(p.response, p.ready)
	}
	if p.approval != 0 {
		p.approval = max(p.approval, p.response)
	}
	p.rework = c.countRework(&p)
	return p
}

// ready returns when a pull request stopped being a draft. Where that is not
// known it was ready when it was opened, unless it still is a draft.
func (c *calc) ready(p *pull) facts.Time {
	switch {
	case p.pr.Ready > c.AsOf || p.pr.Ready == 0 && p.pr.Draft && p.merged == 0:
		return 0
	case p.merged != 0 && p.pr.Ready > p.merged:
		return p.opened
	}
	return max(p.opened, p.pr.Ready)
}

// while reports whether something happened between the opening and the end of a
// pull request, ends included, and is known.
func (c *calc) while(p *pull, at facts.Time) bool {
	end := c.AsOf
	if p.merged != 0 {
		end = p.merged
	} else if p.closed != 0 {
		end = p.closed
	}
	return at >= p.opened && at <= end
}

// readReviews reads what other people said of a pull request before its end.
func (c *calc) readReviews(p *pull) {
	for _, r := range p.pr.Reviews {
		person, human := c.People.human(r.Account)
		if !human || person == p.author || !c.while(p, r.At) {
			continue
		}
		p.verdicts++
		if !slices.Contains(p.reviewers, person) {
			p.reviewers = append(p.reviewers, person)
		}
		if p.response == 0 || r.At < p.response {
			p.response = r.At
		}
		if r.State == c.words.approved {
			p.approval = max(p.approval, r.At)
		}
	}
}

func (c *calc) readComments(p *pull) {
	for _, r := range p.pr.Comments {
		person, human := c.People.human(r.Account)
		if !human || !c.while(p, r.At) {
			continue
		}
		p.comments++
		if person != p.author && (p.response == 0 || r.At < p.response) {
			p.response = r.At
		}
	}
}

// isOpen reports whether a pull request was neither merged nor closed at AsOf.
func (p *pull) isOpen() bool { return p.merged == 0 && p.closed == 0 }

// row returns a pull request for an explanation, counted between two events.
func (p *pull) row(from, to facts.Time, value *float64, parts map[string]float64) basis.ExplainedRow {
	return basis.ExplainedRow{
		ID: p.pr.ID, Key: "#" + strconv.Itoa(p.pr.Number), From: basis.Instant(from), To: basis.Instant(to), Value: value, Parts: parts,
	}
}
