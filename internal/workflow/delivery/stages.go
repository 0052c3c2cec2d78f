package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// Stages is how long pull requests that were merged in the window spent where.
// A stage of which one end is missing is not counted, and never 0. Explain lists
// the pull requests with the hours of each stage that they have.
type Stages struct {
	basis.Basis

	Unit   string `json:"unit"`
	Bots   int    `json:"bots"` // pull requests of bots, which are not counted
	Coding Spread `json:"coding"`
	Pickup Spread `json:"pickup"`
	Review Spread `json:"review"`
	Merge  Spread `json:"merge"`
	Deploy Spread `json:"deploy"`
	Whole  Spread `json:"whole"`
	// UntilMerge is the whole without its deployment.
	UntilMerge Spread `json:"until_merge"`
}

const stagesConvention = "Pull requests of people that were merged in the window. Coding: first commit authored to ready for review, time as a draft included. " +
	"Pickup: ready to the first review or comment of another person; one that came while it was a draft is 0. Review: first response to last approval before the merge. " +
	"Merge: last approval to merge. Deploy: merge to the first successful production deployment that contains it. Whole: first commit to deployment, measured and not summed. " +
	"Bots, the author, and what came after the merge are no response."

// stageNames are the parts of an explained row, in the order of parts.
var stageNames = [...]string{"coding", "pickup", "review", "merge", "deploy", "whole", "until_merge"}

// parts returns the hours that a pull request spent in each stage.
func (p *pull) parts() [len(stageNames)]*float64 {
	return [...]*float64{
		between(p.first, p.ready), between(p.ready, p.response), between(p.response, p.approval), between(p.approval, p.merged),
		between(p.merged, p.deployed), between(p.first, p.deployed), between(p.first, p.merged),
	}
}

func (c *calc) stages() Stages {
	var values [len(stageNames)][]float64
	for _, p := range c.merged {
		for i, part := range p.parts() {
			if part != nil {
				values[i] = append(values[i], *part)
			}
		}
	}
	s := Stages{
		Unit: hours, Bots: len(c.bots),
		Coding: newSpread(values[0]), Pickup: newSpread(values[1]), Review: newSpread(values[2]), Merge: newSpread(values[3]),
		Deploy: newSpread(values[4]), Whole: newSpread(values[5]), UntilMerge: newSpread(values[6]),
	}
	if len(c.apps) == 0 {
		s.Deploy, s.Whole = unknown(c.noDeployments().State), unknown(c.noDeployments().State)
	}
	s.Basis = counted(len(c.merged), "merged pull requests", stagesConvention, c.page("pull_request_stages", len(c.merged)+len(c.bots), func(i int) basis.ExplainedRow {
		if i >= len(c.merged) {
			p := pull{pr: c.bots[i-len(c.merged)]}
			row := p.row(p.pr.Created, p.pr.Merged, nil, nil)
			row.Detail = "of a bot"
			return row
		}
		p, parts := c.merged[i], map[string]float64{}
		for j, part := range p.parts() {
			if part != nil {
				parts[stageNames[j]] = *part
			}
		}
		return p.row(p.first, p.merged, between(p.first, p.merged), parts)
	}))
	return s
}

// FirstResponse is how long people waited until another person said something of
// their pull request.
type FirstResponse struct {
	basis.Basis

	Unit  string `json:"unit"`
	Hours Spread `json:"hours"`
	// Waiting are the pull requests that are ready, open, and without a response;
	// LongestHours is how long the first of them waits.
	Waiting      int      `json:"waiting"`
	LongestHours *float64 `json:"longest_waiting_hours"`
}

const responseConvention = "From ready for review to the first review or comment of another person, of pull requests whose first response was in the window; " +
	"those that still wait are counted beside."

func (c *calc) firstResponse() FirstResponse {
	f := FirstResponse{Unit: hours}
	var responded, waiting []*pull
	for i := range c.pulls {
		p := &c.pulls[i]
		switch {
		case p.ready == 0:
		case c.in(p.response):
			responded = append(responded, p)
		case p.response == 0 && p.isOpen():
			f.Waiting++
			waiting = append(waiting, p)
			if waits := after(p.ready, c.AsOf); f.LongestHours == nil || waits > *f.LongestHours {
				f.LongestHours = &waits
			}
		}
	}
	values := make([]float64, len(responded))
	for i, p := range responded {
		values[i] = after(p.ready, p.response)
	}
	f.Hours = newSpread(values)
	f.Basis = counted(len(responded), "first responses", responseConvention, c.page("first_response", len(responded)+len(waiting), func(i int) basis.ExplainedRow {
		if i >= len(responded) {
			p := waiting[i-len(responded)]
			row := p.row(p.ready, 0, new(after(p.ready, c.AsOf)), nil)
			row.Detail = "waiting"
			return row
		}
		p := responded[i]
		return p.row(p.ready, p.response, new(after(p.ready, p.response)), nil)
	}))
	return f
}
