package team

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/stat"
)

// Newcomers is how people arrive, by cohorts.
type Newcomers struct {
	Basis

	Cohorts []Cohort `json:"cohorts"` // oldest first
}

// Cohort is at least MinGroup people who came after each other. It is looked
// at once, when the last of them had been there for 90 days, and then never
// changes: what one more month would add might be one person's.
type Cohort struct {
	Period     string      `json:"period"` // the month at whose end it was looked at
	N          int         `json:"n"`
	Milestones []Milestone `json:"milestones"`
	Reach      []Reach     `json:"reach"`
}

// Milestone is when a cohort got somewhere, counted from when each joined. Who
// had not got there was still on the way when the cohort was looked at
// (censored), and is not left out.
type Milestone struct {
	Milestone   string       `json:"milestone"`
	MedianWeeks *int         `json:"median_weeks"` // in which week half had got there; null when fewer had
	Shares      []ShareByDay `json:"shares"`       // Kaplan and Meier's estimate
}

// ShareByDay is the share of a cohort that got somewhere until a day, to one
// decimal; null when nobody was followed for so long.
type ShareByDay struct {
	Day   int      `json:"day"`
	Share *float64 `json:"share"`
}

// Reach is how much of the team a newcomer reached until a day: those who are
// at most two ties away, of all who were active. The median of the cohort.
type Reach struct {
	Day    int      `json:"day"`
	Median *float64 `json:"median_share"`
}

const newcomersConvention = "A newcomer is a member who was added after the project was, and did nothing in its sources more than 14 days before. Time runs from when they were added. " +
	"Cohorts are of five people or more, in the order in which they came; each is looked at once, when the last of them had been there for 90 days. " +
	"What no source tells is not counted: access, the first build, the first incident."

// milestones are what newcomers do for the first time, or for the times-th.
var milestones = []struct {
	name  string
	kind  ActKind
	times int
}{
	{"first_commit", Committed, 1},
	{"first_pull_request_opened", Opened, 1},
	{"first_pull_request_merged", Merged, 1},
	{"tenth_pull_request_merged", Merged, 10},
	{"first_review_given", Reviewed, 1},
	{"first_work_item_finished", Finished, 1},
}

var (
	shareDays = []int{30, 60, 90, 180}
	reachDays = []int{30, 60, 90}
)

// KeptCohort is a cohort together with who is in it, so that nobody is in two.
// The people are never told.
type KeptCohort struct {
	Cohort

	People []string `json:"people"`
}

// NewcomersOf returns the cohorts of before, and one more when enough newcomers
// have been there for 90 days at the end of a period and are in none.
func NewcomersOf(in *Input, p Period, before []KeptCohort) []KeptCohort {
	known := map[string]bool{}
	for i := range before {
		for _, id := range before[i].People {
			known[id] = true
		}
	}
	first := in.firstActs()
	var who []int32
	for i := range in.People {
		v := &in.People[i]
		came := v.Member && !v.Bot && !v.Gone && v.Joined != 0 && v.Joined.add(90*day) <= p.To
		if came && !known[v.UserID] && (first[i] == 0 || first[i] >= v.Joined.add(-14*day)) {
			who = append(who, int32(i))
		}
	}
	active := 0
	for _, i := range who {
		if first[i] != 0 && first[i] < p.To {
			active++
		}
	}
	if active < MinGroup {
		return before
	}
	slices.SortFunc(who, func(a, b int32) int { return cmp.Compare(in.People[a].UserID, in.People[b].UserID) })
	c := KeptCohort{Cohort: Cohort{Period: p.Label, N: len(who), Milestones: in.milestonesOf(who, p), Reach: in.reachOf(who)}}
	for _, i := range who {
		c.People = append(c.People, in.People[i].UserID)
	}
	return append(slices.Clip(before), c)
}

// ToldNewcomers returns what is told of the cohorts that are kept.
func ToldNewcomers(kept []KeptCohort) Newcomers {
	n := Newcomers{Basis: Basis{State: OK, N: len(kept), Convention: newcomersConvention}, Cohorts: []Cohort{}}
	for i := range kept {
		n.Cohorts = append(n.Cohorts, kept[i].Cohort)
	}
	if len(kept) == 0 {
		n.Basis = n.without(Suppressed, "No five newcomers have been there for 90 days yet.")
	} else {
		n.Period = kept[len(kept)-1].Period
	}
	return n
}

// firstActs returns when each person did the first thing, 0 for never.
func (in *Input) firstActs() []Instant {
	first := make([]Instant, len(in.People))
	for i := range in.Acts {
		if a := &in.Acts[i]; first[a.Person] == 0 || a.At < first[a.Person] {
			first[a.Person] = a.At
		}
	}
	return first
}

// reached returns when each of some people did each of the milestones, 0 for
// not before until. Acts before they joined are as of then.
func (in *Input) reached(who []int32, until Instant) [][]Instant {
	places := in.placesIn(who)
	at := make([][6][]Instant, len(who)) // by kind
	for i := range in.Acts {
		if a := &in.Acts[i]; places[a.Person] >= 0 && a.At < until {
			v := places[a.Person]
			at[v][a.Kind] = append(at[v][a.Kind], a.At)
		}
	}
	out := make([][]Instant, len(who))
	for v := range who {
		out[v] = make([]Instant, len(milestones))
		for m, milestone := range milestones {
			if acts := at[v][milestone.kind]; len(acts) >= milestone.times {
				slices.Sort(acts)
				out[v][m] = acts[milestone.times-1]
			}
		}
	}
	return out
}

func (in *Input) milestonesOf(who []int32, p Period) []Milestone {
	reached := in.reached(who, p.To)
	out := make([]Milestone, 0, len(milestones))
	for m := range milestones {
		lifetimes := make([]stat.Lifetime, len(who))
		longest := 0.0
		for v, i := range who {
			joined, until := in.People[i].Joined, reached[v][m]
			if until == 0 {
				until, lifetimes[v].Censored = p.To, true
			}
			lifetimes[v].Duration = math.Max(until.sub(joined).Hours()/24, 0)
			longest = max(longest, p.To.sub(joined).Hours()/24)
		}
		out = append(out, milestoneOf(milestones[m].name, stat.KaplanMeier(lifetimes), longest))
	}
	return out
}

// milestoneOf tells a curve by weeks and by a few days, because its steps are
// people. Nobody was followed for more than longest days.
func milestoneOf(name string, steps []stat.SurvivalStep, longest float64) Milestone {
	m := Milestone{Milestone: name, Shares: []ShareByDay{}}
	if median, ok := stat.SurvivalQuantile(steps, 0.5); ok {
		week := int(math.Floor(median/7)) + 1
		m.MedianWeeks = &week
	}
	for _, d := range shareDays {
		share := ShareByDay{Day: d}
		if longest >= float64(d) {
			there := 0.0
			for _, s := range steps {
				if s.Duration <= float64(d) {
					there = 1 - s.Survival
				}
			}
			share.Share = tenth(there)
		}
		m.Shares = append(m.Shares, share)
	}
	return m
}

// reachOf returns how much of the team the newcomers reached.
func (in *Input) reachOf(who []int32) []Reach {
	out := make([]Reach, 0, len(reachDays))
	for _, d := range reachDays {
		shares := make([]float64, 0, len(who))
		for _, i := range who {
			if share, ok := in.reachedBy(i, in.People[i].Joined, d); ok {
				shares = append(shares, share)
			}
		}
		r := Reach{Day: d}
		if len(shares) >= MinGroup {
			slices.Sort(shares)
			r.Median = tenth(stat.Median(shares))
		}
		out = append(out, r)
	}
	return out
}

// reachedBy returns the share of the people who were active in the first days
// that somebody is at most two ties away from. It is undefined where nobody
// else was.
func (in *Input) reachedBy(person int32, since Instant, days int) (share float64, ok bool) {
	until := since.add(time.Duration(days) * day)
	active := make([]bool, len(in.People))
	for i := range in.Acts {
		if a := &in.Acts[i]; a.At >= since && a.At < until {
			active[a.Person] = true
		}
	}
	near := in.nearTo(person, since, until)
	others, reached := 0.0, 0.0
	for i := range in.People {
		if int32(i) == person || in.People[i].Bot || !active[i] && near[i] == 0 {
			continue
		}
		others++
		if near[i] > 0 {
			reached++
		}
	}
	return reached / max(others, 1), others > 0
}

// nearTo returns of each person how near they are to one by the ties of a
// stretch of time: 1 is that one, 2 one tie away, 3 two, and 0 further.
func (in *Input) nearTo(person int32, since, until Instant) []uint8 {
	near := make([]uint8, len(in.People))
	near[person] = 1
	for hop := uint8(2); hop <= 3; hop++ {
		for i := range in.Interactions {
			x := &in.Interactions[i]
			if x.At < since || x.At >= until {
				continue
			}
			if near[x.A] == hop-1 && near[x.B] == 0 {
				near[x.B] = hop
			}
			if near[x.B] == hop-1 && near[x.A] == 0 {
				near[x.A] = hop
			}
		}
	}
	return near
}
