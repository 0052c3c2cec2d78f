package workflow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/workflow/delivery"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Waiting splits what waits by whom or what it waits for.
type Waiting struct {
	Basis

	Unit            string     `json:"unit"`
	Hours           *float64   `json:"hours"`            // held in states in progress in the window
	Unassigned      *float64   `json:"unassigned_hours"` // of these, while nobody had the item
	UnassignedShare *float64   `json:"unassigned_share"`
	Now             WaitingNow `json:"now"`
}

// WaitingNow counts what waits at as_of. An item is counted once: for another
// team, else for a person, else for neither that is known.
type WaitingNow struct {
	ForTeam   int  `json:"for_team"`   // items in progress that an open item blocks
	ForPerson int  `json:"for_person"` // items that wait, or are flagged, and nobody has
	Other     int  `json:"other"`      // items that wait, or are flagged, and somebody has
	ForReview int  `json:"for_review"` // of the pull requests that wait for a reviewer, those that somebody is asked to review and nobody has
	ForDeploy *int `json:"for_deploy"` // pull requests merged since the last deployment to production; null when none is known
}

const waitingConvention = "Hours: as the bottleneck counts them. Now: items in progress that are blocked by an open item (another team), else those in a wait state or flagged that nobody is assigned to (a person); " +
	"open pull requests of people that wait for a reviewer, of which a review is asked of another person and none given; pull requests of people merged after the last successful deployment to production of their repository began. " +
	"n is the visits that hours are of, and what waits now. " +
	"Links and requests for review are those of the last sync: trackers keep no history of them."

// The groups of what waits.
const (
	groupTeam   = "team"
	groupPerson = "person"
	groupOther  = "other"
	groupReview = "review"
	groupDeploy = "deploy"
)

// waiter is an item or a pull request that waits.
type waiter struct {
	group string
	flow  *flow
	pull  *facts.PullRequest
	since facts.Time
	by    string // the items that block it
}

func splitWaiting(c *calc, l *loads) Waiting {
	m := Waiting{Unit: unitHours}
	items := c.waitingItems()
	reviews, deploys, known := c.waitingPulls()
	for i := range items {
		switch items[i].group {
		case groupTeam:
			m.Now.ForTeam++
		case groupPerson:
			m.Now.ForPerson++
		case groupOther:
			m.Now.Other++
		}
	}
	m.Now.ForReview = len(reviews)
	if known {
		m.Now.ForDeploy = new(len(deploys))
	}
	all := slices.Concat(items, reviews, deploys)
	missing := c.config.missing(true, true)
	m.Basis = basisOf(waitingConvention, l.waited+len(all), 1, missing, "Nothing waited in the window, and nothing waits.")
	if missing != "" {
		m.N = len(all) // no hours are told, but what waits now is
	}
	m.Explain = c.q.explained("bottleneck_waiting", len(all), func(i int) ExplainedRow { return all[i].row(c) })
	if total := l.held(c); m.State == OK && total > 0 {
		m.Hours, m.Unassigned, m.UnassignedShare = number(total), number(l.unassigned.hours()), number(l.unassigned.hours()/total)
	}
	return m
}

func (w *waiter) row(c *calc) ExplainedRow {
	row := ExplainedRow{Group: w.group, From: instant(w.since), Value: number(hours(c.asOf - w.since))}
	if w.pull != nil {
		row.ID, row.Key = w.pull.ID, "#"+strconv.Itoa(w.pull.Number)
		return row
	}
	row.ID, row.Key, row.Detail = w.flow.item.ID, w.flow.item.Key, "in "+c.config.States[w.flow.now].Name
	if w.by != "" {
		row.Detail += ", blocked by " + w.by
	}
	return row
}

// waitingItems returns the items in progress that wait, with what for.
func (c *calc) waitingItems() []waiter {
	found := []waiter{}
	closed := c.closedBlockers()
	for i := range c.flows {
		f := &c.flows[i]
		if f.now < 0 || !f.inProgress(c.asOf) {
			continue
		}
		w := waiter{flow: f, since: f.stays[len(f.stays)-1].from}
		if len(f.item.BlockedBy) > 0 {
			w.by = strings.Join(slices.DeleteFunc(slices.Clone(f.item.BlockedBy), func(key string) bool { return closed[key] }), ", ")
		}
		switch waits := c.config.waits(f.now) || flaggedAt(f.item.Flags, c.asOf); {
		case w.by != "":
			w.group = groupTeam
		case !waits:
			continue
		case assignedAt(f.item.Assignees, c.asOf):
			w.group = groupOther
		default:
			w.group = groupPerson
		}
		found = append(found, w)
	}
	return found
}

// closedBlockers returns the keys of the blockers that are known to have left
// the work: the vendor's link may still be there.
func (c *calc) closedBlockers() map[string]bool {
	named := map[string]bool{}
	for i := range c.flows {
		for _, key := range c.flows[i].item.BlockedBy {
			named[key] = true
		}
	}
	closed := map[string]bool{}
	for i := range c.flows {
		if len(named) == 0 {
			break
		}
		if f := &c.flows[i]; f.left != 0 && named[f.item.Key] {
			closed[f.item.Key] = true
		}
	}
	return closed
}

func flaggedAt(flags []facts.Span, at facts.Time) bool {
	return slices.ContainsFunc(flags, func(s facts.Span) bool { return s.From <= at && (s.To == 0 || at < s.To) })
}

func assignedAt(assignees []facts.Assignment, at facts.Time) bool {
	return slices.ContainsFunc(assignees, func(a facts.Assignment) bool { return a.From <= at && (a.To == 0 || at < a.To) })
}

// waitingPulls returns the pull requests that wait for a first review, and those
// that wait to be deployed, as what is told of pull requests has it. known says
// whether any deployment to production is.
func (c *calc) waitingPulls() (reviews, deploys []waiter, known bool) {
	of := func(group string, list []delivery.Waiter) []waiter {
		found := make([]waiter, len(list))
		for i, v := range list {
			found[i] = waiter{group: group, pull: v.PullRequest, since: v.Since}
		}
		return found
	}
	w := delivery.WaitingOf(deliveryInput(c))
	return of(groupReview, w.Review), of(groupDeploy, w.Deploy), w.Deployed
}
