package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// ReworkCycles is how often pull requests went back to their authors.
type ReworkCycles struct {
	basis.Basis

	Cycles Spread `json:"cycles"`
	// Once is the share of pull requests that went back once or more.
	Once *float64 `json:"share_with_one_or_more"`
}

const reworkConvention = "Of pull requests merged in the window: how often another person's request for changes was followed by a commit, before the first approval. " +
	"Commits count by when they were committed, so a rebase counts as one."

// countRework counts the alternations from a request for changes to a commit,
// until the first approval. Both are in order, and are walked like one list.
func (c *calc) countRework(p *pull) int {
	cycles, asked, next := 0, false, 0
	commits := p.pr.Commits
	// Commits are in the order in which they were authored, mostly that in which
	// they were committed: the latest that comes before a review is enough.
	commitsUntil := func(at facts.Time) {
		for next < len(commits) && commits[next].Committed < at {
			if asked && c.while(p, commits[next].Committed) {
				cycles, asked = cycles+1, false
			}
			next++
		}
	}
	for _, r := range p.pr.Reviews {
		person, human := c.People.human(r.Account)
		if !human || person == p.author || !c.while(p, r.At) {
			continue
		}
		commitsUntil(r.At)
		switch r.State {
		case c.words.approved:
			return cycles
		case c.words.changesRequested:
			asked = true
		}
	}
	commitsUntil(c.AsOf + 1)
	return cycles
}

func (c *calc) reworkCycles() ReworkCycles {
	values, once := make([]float64, len(c.merged)), 0
	for i, p := range c.merged {
		values[i] = float64(p.rework)
		if p.rework > 0 {
			once++
		}
	}
	return ReworkCycles{
		Basis: counted(len(c.merged), "merged pull requests", reworkConvention, c.page("rework_cycles", len(c.merged), func(i int) basis.ExplainedRow {
			p := c.merged[i]
			return p.row(p.opened, p.merged, new(float64(p.rework)), nil)
		})),
		Cycles: newSpread(values), Once: ratio(once, len(c.merged)),
	}
}

// Reviews is how many verdicts and reviewers pull requests had.
type Reviews struct {
	basis.Basis

	PerPullRequest          Spread `json:"per_pull_request"`
	ReviewersPerPullRequest Spread `json:"reviewers_per_pull_request"`
}

const reviewsConvention = "Of pull requests merged in the window: verdicts of other people between opening and merge, and how many people gave them."

func (c *calc) reviews() Reviews {
	verdicts, reviewers := make([]float64, len(c.merged)), make([]float64, len(c.merged))
	for i, p := range c.merged {
		verdicts[i], reviewers[i] = float64(p.verdicts), float64(len(p.reviewers))
	}
	return Reviews{
		Basis: counted(len(c.merged), "merged pull requests", reviewsConvention, c.page("reviews", len(c.merged), func(i int) basis.ExplainedRow {
			p := c.merged[i]
			return p.row(p.opened, p.merged, new(float64(p.verdicts)), map[string]float64{"reviews": float64(p.verdicts), "reviewers": float64(len(p.reviewers))})
		})),
		PerPullRequest: newSpread(verdicts), ReviewersPerPullRequest: newSpread(reviewers),
	}
}

// WithoutReview is the share of pull requests that were merged although no other
// person gave a verdict; Number is how many.
type WithoutReview struct {
	basis.Basis

	Number int      `json:"number"`
	Share  *float64 `json:"share"`
}

const withoutConvention = "Of pull requests merged in the window: those without a verdict of another person between opening and merge. A comment is none."

func (c *calc) withoutReview() WithoutReview {
	w := WithoutReview{}
	for _, p := range c.merged {
		if p.verdicts == 0 {
			w.Number++
		}
	}
	w.Share = ratio(w.Number, len(c.merged))
	w.Basis = counted(len(c.merged), "merged pull requests", withoutConvention, c.page("merged_without_review", len(c.merged), func(i int) basis.ExplainedRow {
		p, value := c.merged[i], 0.0
		if p.verdicts == 0 {
			value = 1
		}
		return p.row(p.opened, p.merged, &value, nil)
	}))
	return w
}

// Size is how large pull requests are, in changed lines.
type Size struct {
	basis.Basis

	Unit    string      `json:"unit"`
	Lines   Spread      `json:"lines"`
	Classes []SizeClass `json:"classes"`
	Unknown int         `json:"unknown"` // of which the vendor does not tell the size
}

// SizeClass is how many pull requests have up to UpTo lines and more than the
// class before; null is any number.
type SizeClass struct {
	UpTo   *int `json:"up_to"`
	Number int  `json:"number"`
}

const sizeConvention = "Of pull requests merged in the window: lines added and deleted."

func newSizeClasses() []SizeClass {
	classes := []SizeClass{}
	for _, upTo := range []int{10, 50, 100, 200, 400, 1000} {
		classes = append(classes, SizeClass{UpTo: &upTo})
	}
	return append(classes, SizeClass{})
}

func (c *calc) size() Size {
	s := Size{Unit: "lines", Classes: newSizeClasses()}
	var sized, unknown []*pull
	var values []float64
	for _, p := range c.merged {
		if p.pr.Additions < 0 || p.pr.Deletions < 0 {
			s.Unknown++
			unknown = append(unknown, p)
			continue
		}
		lines := p.pr.Additions + p.pr.Deletions
		sized, values = append(sized, p), append(values, float64(lines))
		class := 0
		for s.Classes[class].UpTo != nil && lines > *s.Classes[class].UpTo {
			class++
		}
		s.Classes[class].Number++
	}
	s.Lines = newSpread(values)
	s.Basis = counted(len(sized), "merged pull requests of a known size", sizeConvention, c.page("pull_request_size", len(sized)+len(unknown), func(i int) basis.ExplainedRow {
		if i >= len(sized) {
			p := unknown[i-len(sized)]
			row := p.row(p.opened, p.merged, nil, nil)
			row.Detail = "of an unknown size"
			return row
		}
		p := sized[i]
		return p.row(p.opened, p.merged, new(float64(p.pr.Additions+p.pr.Deletions)), map[string]float64{"additions": float64(p.pr.Additions), "deletions": float64(p.pr.Deletions)})
	}))
	return s
}
