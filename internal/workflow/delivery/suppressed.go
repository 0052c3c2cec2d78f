package delivery

import (
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

const tooFewAreLeft = "the project's settings call accounts bots (bots), and without them fewer than five people made or reviewed the pull requests of the window: what is told would be told of each"

// tooFewLeft reports whether the project's list of bots took accounts out, and
// fewer than minPeople are left who made or reviewed what was merged in the
// window. Else whoever may say who is a bot could name all but one, and read
// that one's numbers. What vendors call bots took nobody out.
func (c *calc) tooFewLeft() bool {
	if c.Own || !c.tookOut() {
		return false
	}
	people := map[int32]bool{}
	for _, p := range c.merged {
		if p.author != nobody {
			people[p.author] = true
		}
		for _, reviewer := range p.reviewers {
			people[reviewer] = true
		}
		if len(people) >= minPeople {
			return false
		}
	}
	return true
}

// tookOut reports whether the project's list of bots names an account that
// made, reviewed or wrote on a pull request.
func (c *calc) tookOut() bool {
	taken := c.People.takenOut
	for i := range c.Log.PullRequests {
		pr := &c.Log.PullRequests[i]
		if taken(pr.Author) || anyOf(pr.Reviews, func(r *facts.Review) bool { return taken(r.Account) }) ||
			anyOf(pr.Comments, func(r *facts.Remark) bool { return taken(r.Account) }) {
			return true
		}
	}
	return false
}

func anyOf[T any](list []T, is func(*T) bool) bool {
	for i := range list {
		if is(&list[i]) {
			return true
		}
	}
	return false
}

// suppressed is what is told of pull requests where nothing may be: not even
// how many there are.
func (c *calc) suppressed() PullRequests {
	of := func(convention string) basis.Basis {
		return basis.Basis{State: basis.SuppressedPrivacy, Convention: convention, Reason: tooFewAreLeft}
	}
	none := unknown(basis.SuppressedPrivacy)
	return PullRequests{
		Stages: Stages{
			Basis: of(stagesConvention), Unit: hours, Coding: none, Pickup: none, Review: none, Merge: none, Deploy: none, Whole: none, UntilMerge: none,
		},
		ReworkCycles:  ReworkCycles{Basis: of(reworkConvention), Cycles: none},
		Reviews:       Reviews{Basis: of(reviewsConvention), PerPullRequest: none, ReviewersPerPullRequest: none},
		Size:          Size{Basis: of(sizeConvention), Unit: "lines", Lines: none, Classes: newSizeClasses()},
		FirstResponse: FirstResponse{Basis: of(responseConvention), Unit: hours, Hours: none},
		WithoutReview: WithoutReview{Basis: of(withoutConvention)},
		Open:          Open{Basis: of(openConvention), Unit: hours, Age: none},
		ReviewLoad:    c.reviewLoad(),
	}
}
