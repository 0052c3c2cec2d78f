package team

import (
	"slices"
	"time"
)

// Own is what the product counts of one person, for that person alone.
type Own struct {
	From time.Time `json:"from"` // the last 90 days
	To   time.Time `json:"to"`

	Reviews      OwnReviews      `json:"reviews"`
	PullRequests OwnPullRequests `json:"pull_requests"`
	WIP          OwnWIP          `json:"work_in_progress"`
	OffHours     *OwnOffHours    `json:"off_hours"` // null where the project has not switched it on, or the zone is not known
	Milestones   []OwnMilestone  `json:"milestones"`
	Areas        []string        `json:"areas"` // that you know, by the newest code report
}

// OwnReviews are one's own reviews. Pending is as of now.
type OwnReviews struct {
	Requested int `json:"requested"` // done and pending
	Done      int `json:"done"`      // pull requests of others, each once
	Pending   int `json:"pending"`   // that wait for you
	// Pickup is how long others waited for you where you were the first to respond:
	// the median, in hours; null is never.
	Pickup *float64 `json:"median_pickup_hours"`
}

// OwnPullRequests are one's own pull requests.
type OwnPullRequests struct {
	Opened int `json:"opened"`
	Merged int `json:"merged"`
	// FirstResponse is how long you waited for others: the median, in hours; null is
	// never.
	FirstResponse *float64   `json:"median_first_response_hours"`
	Stages        *OwnStages `json:"stages"` // of those that were merged; null for fewer than ten
}

// OwnStages are the medians of what one's own pull requests took, in hours; null
// where fewer than ten have both ends.
type OwnStages struct {
	Coding *float64 `json:"coding_hours"`
	Pickup *float64 `json:"pickup_hours"`
	Review *float64 `json:"review_hours"`
	Merge  *float64 `json:"merge_hours"`
	Deploy *float64 `json:"deploy_hours"`
}

// OwnWIP is what one has in progress now.
type OwnWIP struct {
	Now   *int `json:"now"`
	Limit *int `json:"limit"`
}

// OwnOffHours is how much of one's own work was at night and on weekends, in
// one's own zone, beside what is usual for oneself. It says nothing of how one
// feels.
type OwnOffHours struct {
	Share    *float64 `json:"share"`    // of the last 30 days; null for fewer than 20 acts
	Baseline *float64 `json:"baseline"` // of the 90 days before; null for fewer than 20 acts
	Zone     string   `json:"zone"`
}

// OwnMilestone is something that one did for the first time.
type OwnMilestone struct {
	Milestone string     `json:"milestone"`
	At        *time.Time `json:"at"` // null for not yet, as far as the sources tell
}

// OwnQuery is what one's own numbers are asked for, with those that the workflow
// counts.
type OwnQuery struct {
	Now          Instant
	Reviews      OwnReviews
	PullRequests OwnPullRequests
	// OffHours says that the project counts them.
	OffHours bool
}

// OwnSince is how far back one's own numbers go.
const OwnSince = 90 * day

// OwnOf counts what one person did. It is for the answer to that person and for
// nothing else.
func OwnOf(in *Input, person int32, q OwnQuery) Own {
	o := Own{From: q.Now.add(-OwnSince).UTC(), To: q.Now.UTC(), Reviews: q.Reviews, PullRequests: q.PullRequests, Areas: []string{}, Milestones: []OwnMilestone{}}
	var held []int32
	for i := range in.Holdings {
		if h := &in.Holdings[i]; h.Person == person && h.From <= q.Now && (h.To == 0 || h.To > q.Now) {
			held = append(held, h.Thing)
		}
	}
	now := distinct(held)
	o.WIP.Now = &now
	if in.WIPLimit > 0 {
		o.WIP.Limit = &in.WIPLimit
	}
	if zone := in.People[person].Zone; q.OffHours && zone != nil {
		share, known := in.hours(q.Now.add(-30*day), q.Now)[person].share()
		usual, usualKnown := in.hours(q.Now.add(-120*day), q.Now.add(-30*day))[person].share()
		o.OffHours = &OwnOffHours{Share: defined(share, known), Baseline: defined(usual, usualKnown), Zone: zone.String()}
	}
	for m, at := range in.reached([]int32{person}, q.Now)[0] {
		milestone := OwnMilestone{Milestone: milestones[m].name}
		if at != 0 {
			milestone.At = new(at.UTC())
		}
		o.Milestones = append(o.Milestones, milestone)
	}
	o.Areas = append(o.Areas, in.knownBy([]int32{person})[0]...)
	slices.Sort(o.Areas)
	return o
}

// distinct counts things, each once.
func distinct(things []int32) int {
	slices.Sort(things)
	return len(slices.Compact(things))
}
