package workflow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge"
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
	ForReview int  `json:"for_review"` // open pull requests that somebody is asked to review and nobody has
	ForDeploy *int `json:"for_deploy"` // pull requests merged since the last deployment to production; null when none is known
}

const waitingConvention = "Hours: as the bottleneck counts them. Now: items in progress that are blocked by an open item (another team), else those in a wait state or flagged that nobody is assigned to (a person); " +
	"open pull requests, no drafts, of which a review is asked and none given by another than the author; pull requests merged after the last successful deployment to production of their repository began. " +
	"Links and requests for review are those of the last sync: trackers keep no history of them."

// The groups of what waits.
const (
	groupTeam   = "team"
	groupPerson = "person"
	groupOther  = "other"
	groupReview = "review"
	groupDeploy = "deploy"
)

func splitWaiting(c *calc, l *loads) Waiting {
	m := Waiting{Unit: unitHours}
	rows := c.waitingItems()
	reviews := c.waitingReviews()
	deploys, known := c.waitingDeploys()
	rows = append(append(rows, reviews...), deploys...)
	for i := range rows {
		switch rows[i].Group {
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
	m.Basis = basisOf(waitingConvention, len(rows), 0, c.config.missing(true, true), "")
	if m.State != NotConfigured {
		m.State, m.Reason = OK, ""
	}
	m.Explain = c.q.explained("bottleneck_waiting", len(rows), func(i int) ExplainedRow { return rows[i] })
	if total := l.held(c); m.State == OK && total > 0 {
		m.Hours, m.Unassigned, m.UnassignedShare = number(total), number(l.unassigned.hours()), number(l.unassigned.hours()/total)
	}
	return m
}

// waitingItems returns the items in progress that wait, with what for.
func (c *calc) waitingItems() []ExplainedRow {
	rows := []ExplainedRow{}
	closed := c.closedBlockers()
	for i := range c.flows {
		f := &c.flows[i]
		if f.now < 0 || !f.inProgress(c.asOf) {
			continue
		}
		s := &f.stays[len(f.stays)-1]
		row := ExplainedRow{ID: f.item.ID, Key: f.item.Key, From: instant(s.from), Value: number(hours(c.asOf - s.from)), Detail: "in " + c.config.States[s.state].Name}
		open := slices.DeleteFunc(slices.Clone(f.item.BlockedBy), func(key string) bool { return closed[key] })
		switch waits := c.config.waits(f.now) || flaggedAt(f.item.Flags, c.asOf); {
		case len(open) > 0:
			row.Group, row.Detail = groupTeam, row.Detail+", blocked by "+strings.Join(open, ", ")
		case waits && !assignedAt(f.item.Assignees, c.asOf):
			row.Group = groupPerson
		case waits:
			row.Group = groupOther
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
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

// waitingReviews returns the open pull requests that wait for a first review.
func (c *calc) waitingReviews() []ExplainedRow {
	rows := []ExplainedRow{}
	for i := range c.log.PullRequests {
		p := &c.log.PullRequests[i]
		open := p.Created <= c.asOf && (p.Closed == 0 || p.Closed > c.asOf) && (p.Merged == 0 || p.Merged > c.asOf)
		reviewed := slices.ContainsFunc(p.Reviews, func(r facts.Review) bool { return r.At <= c.asOf && r.Account != p.Author })
		if open && !p.Draft && len(p.Requested) > 0 && !reviewed {
			since := max(p.Created, p.Ready)
			rows = append(rows, c.pullRow(p, groupReview, since))
		}
	}
	return rows
}

// waitingDeploys returns the pull requests that were merged since their
// repository was last deployed to production, and whether any deployment to
// production is known. Of a repository without one it is not known what waits.
func (c *calc) waitingDeploys() (rows []ExplainedRow, known bool) {
	last := map[facts.Symbol]facts.Time{}
	production := c.production()
	for i := range c.log.Deployments {
		d := &c.log.Deployments[i]
		if c.log.Symbols.Text(d.State) == "succeeded" && max(d.Created, d.Finished) <= c.asOf && production[strings.ToLower(c.log.Symbols.Text(d.Environment))] {
			last[d.Source] = max(last[d.Source], d.Created)
		}
	}
	for i := range c.log.PullRequests {
		p := &c.log.PullRequests[i]
		if at, ok := last[p.Source]; ok && p.Merged > at && p.Merged <= c.asOf {
			rows = append(rows, c.pullRow(p, groupDeploy, p.Merged))
		}
	}
	return rows, len(last) > 0
}

// production returns the environments that are production, in lower case; that
// of a pipeline that counts as a deployment has no name.
func (c *calc) production() map[string]bool {
	names := c.config.Settings.ProductionEnvironments
	if names == nil {
		names = rampforge.DefaultProduction()
	}
	set := map[string]bool{"": true}
	for _, name := range names {
		set[strings.ToLower(name)] = true
	}
	return set
}

func (c *calc) pullRow(p *facts.PullRequest, group string, since facts.Time) ExplainedRow {
	return ExplainedRow{ID: p.ID, Key: "#" + strconv.Itoa(p.Number), Group: group, From: instant(since), Value: number(hours(c.asOf - since))}
}
