package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Communication is how a team talks about its work. It tells of no person, and
// of no team of fewer than five. N is the work items and pull requests: how many
// people took part in a window that may be chosen would tell of each.
type Communication struct {
	basis.Basis

	// FirstResponse is in hours, of pull requests.
	FirstResponse          Spread `json:"first_response_hours"`
	CommentsPerItem        Spread `json:"comments_per_item"`
	CommentsPerPullRequest Spread `json:"comments_per_pull_request"`
	// Discussed is the share of work items on which two people or more wrote.
	Discussed *float64 `json:"share_of_items_discussed"`
}

const communicationConvention = "Work items created and pull requests merged in the window, with the comments of people until as_of, or the merge; an item is discussed when two people or more wrote on it, its reporter included. " +
	"People are those who opened, reviewed or commented any of these. The first responses are those of first_response; explain lists work items and pull requests."

func (c *calc) communication() Communication {
	out := Communication{Basis: basis.Basis{Convention: communicationConvention}}
	people := map[int32]bool{}
	var items, pulls []float64
	var talks []talk
	discussed := 0
	for i := range c.Log.Items {
		if item := &c.Log.Items[i]; c.in(item.Created) {
			t := c.talk(item, people)
			talks, items = append(talks, t), append(items, float64(t.comments))
			discussed += t.discussed
		}
	}
	for _, p := range c.merged {
		pulls = append(pulls, float64(p.comments))
		c.takePart(p, people)
	}
	if out.Basis = c.group(out.Basis, len(people), len(talks)+len(c.merged), c.Settings.People.Collaboration); out.State != basis.OK {
		out.CommentsPerItem, out.CommentsPerPullRequest, out.FirstResponse = unknown(out.State), unknown(out.State), unknown(out.State)
		return out
	}
	out.FirstResponse = c.firstResponse().Hours
	out.CommentsPerItem, out.CommentsPerPullRequest = newSpread(items), newSpread(pulls)
	out.Discussed = ratio(discussed, len(items))
	out.Explain = c.page("communication_patterns", len(talks)+len(c.merged), func(i int) basis.ExplainedRow {
		if i < len(talks) {
			return talks[i].row()
		}
		p := c.merged[i-len(talks)]
		row := p.row(p.opened, p.merged, new(float64(p.comments)), nil)
		row.Detail = "pull request"
		return row
	})
	return out
}

// talk is what people wrote on a work item; discussed is 1 when they were two
// or more.
type talk struct {
	item                *facts.Item
	comments, discussed int
}

func (t *talk) row() basis.ExplainedRow {
	return basis.ExplainedRow{
		ID: t.item.ID, Key: t.item.Key, From: basis.Instant(t.item.Created), Value: new(float64(t.comments)), Detail: "work item",
		Parts: map[string]float64{"discussed": float64(t.discussed)},
	}
}

// talk reads what people wrote on a work item, and adds them.
func (c *calc) talk(item *facts.Item, people map[int32]bool) talk {
	t := talk{item: item}
	first, ok := c.People.human(item.Reporter)
	if ok {
		people[first] = true
	}
	for _, r := range item.Comments {
		person, human := c.People.human(r.Account)
		if !human || r.At > c.AsOf {
			continue
		}
		t.comments++
		people[person] = true
		if !ok {
			first, ok = person, true
		}
		if person != first {
			t.discussed = 1
		}
	}
	return t
}

// takePart adds everybody who took part in a pull request.
func (c *calc) takePart(p *pull, people map[int32]bool) {
	if p.author != nobody {
		people[p.author] = true
	}
	for _, person := range p.reviewers {
		people[person] = true
	}
	for _, r := range p.pr.Comments {
		if person, human := c.People.human(r.Account); human && c.while(p, r.At) {
			people[person] = true
		}
	}
}

// group completes the basis of what is told of a group of people.
func (c *calc) group(b basis.Basis, people, things int, enabled *bool) basis.Basis {
	b.State, b.N = basis.OK, things
	switch {
	case off(enabled):
		b.State, b.Reason, b.N = basis.SuppressedPrivacy, switchedOff, 0
	case people == 0:
		b.State, b.Reason, b.N = basis.NoData, "nobody took part in anything in the window", 0
	case people < minPeople:
		b.State, b.Reason, b.N = basis.SuppressedPrivacy, tooFew, 0
	}
	return b
}

// KnowledgeSharing is how far knowledge of changes reaches by reviewing. It
// tells of no person, and of no team of fewer than five. N is the pull requests.
type KnowledgeSharing struct {
	basis.Basis

	// Reviewed is the share of merged pull requests on which another person gave a
	// verdict, and ReviewedByTwo those on which two or more did.
	Reviewed      *float64 `json:"reviewed_share"`
	ReviewedByTwo *float64 `json:"reviewed_by_two_share"`
	Reviewers     Spread   `json:"reviewers_per_pull_request"`
}

const knowledgeConvention = "Pull requests of people merged in the window, and verdicts of other people between opening and merge. People are their authors and reviewers."

func (c *calc) knowledgeSharing() KnowledgeSharing {
	out := KnowledgeSharing{Basis: basis.Basis{Convention: knowledgeConvention}}
	people := map[int32]bool{}
	reviewed, byTwo := 0, 0
	var reviewers []float64
	for _, p := range c.merged {
		reviewers = append(reviewers, float64(len(p.reviewers)))
		reviewed += min(len(p.reviewers), 1)
		byTwo += min(len(p.reviewers)/2, 1)
		if p.author != nobody {
			people[p.author] = true
		}
		for _, person := range p.reviewers {
			people[person] = true
		}
	}
	if out.Basis = c.group(out.Basis, len(people), len(c.merged), c.Settings.People.Knowledge); out.State != basis.OK {
		out.Reviewers = unknown(out.State)
		return out
	}
	out.Reviewed, out.ReviewedByTwo, out.Reviewers = ratio(reviewed, len(c.merged)), ratio(byTwo, len(c.merged)), newSpread(reviewers)
	out.Explain = c.page("knowledge_sharing", len(c.merged), func(i int) basis.ExplainedRow {
		p := c.merged[i]
		return p.row(p.opened, p.merged, new(float64(len(p.reviewers))), nil)
	})
	return out
}
