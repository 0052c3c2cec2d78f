package team

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge"
)

// Insights is the report on a team.
type Insights struct {
	Purpose         string           `json:"purpose"`
	Members         []Member         `json:"members"`
	WhoToAsk        []Ask            `json:"who_to_ask"`
	Workload        WorkloadPart     `json:"workload"`
	TeamDynamics    DynamicsPart     `json:"team_dynamics"`
	SkillMatrix     SkillMatrix      `json:"skill_matrix"`
	KnowledgeRisk   KnowledgeRisk    `json:"knowledge_risk"`
	Recommendations []Recommendation `json:"recommendations"`
}

// WorkloadPart is how work is spread.
type WorkloadPart struct {
	WIP        Workload   `json:"wip"`
	ReviewLoad ReviewLoad `json:"review_load"`
	OffHours   OffHours   `json:"off_hours"`
}

// DynamicsPart is how people work together and arrive.
type DynamicsPart struct {
	Collaboration Collaboration `json:"collaboration"`
	Newcomers     Newcomers     `json:"newcomers"`
}

// Purpose is what the report is for; it stands in each answer.
const Purpose = "So that newcomers find whom to ask and areas at risk get help. Nothing here is a number about a person: figures are of groups of five or more, of a whole month, computed once. " +
	"It must not be used to judge anybody. Every reading of it is in the audit log."

// Figure names a figure of a group, that is computed once for a period.
type Figure string

// The figures.
const (
	FigureWorkload      Figure = "workload"
	FigureReviewLoad    Figure = "review_load"
	FigureCollaboration Figure = "collaboration"
	FigureNewcomers     Figure = "newcomers"
	FigureOffHours      Figure = "off_hours"
)

// Figures returns all of them.
func Figures() []Figure {
	return []Figure{FigureWorkload, FigureReviewLoad, FigureCollaboration, FigureNewcomers, FigureOffHours}
}

// On reports whether a project has a figure: all are, until it switches them
// off, but for the off hours, that it must switch on.
func (f Figure) On(s rampforge.PeopleMetricsSwitch) bool {
	switch f {
	case FigureWorkload:
		return on(s.Workload, true)
	case FigureReviewLoad:
		return on(s.ReviewLoad, true)
	case FigureCollaboration:
		return on(s.Collaboration, true)
	case FigureNewcomers:
		return on(s.Newcomers, true)
	case FigureOffHours:
		return on(s.OffHours, false)
	}
	return false
}

func on(v *bool, otherwise bool) bool {
	if v == nil {
		return otherwise
	}
	return *v
}

// Kept is a figure as it was computed, once and for all.
type Kept struct {
	Figure Figure
	Period string // 2026-10
	Value  []byte // JSON
}

// Compute returns a figure of a period to keep, and whether it has a value: one
// without is computed again. before is what was kept of an earlier period.
func Compute(f Figure, in *Input, p Period, before []byte) (k Kept, ok bool, err error) {
	var value any
	switch f {
	case FigureWorkload:
		w := WorkloadOf(in, p)
		value, ok = w, w.State == OK
	case FigureReviewLoad:
		l := ReviewLoadOf(in, p)
		value, ok = l, l.State == OK
	case FigureCollaboration:
		c := CollaborationOf(in, p)
		value, ok = c, c.State == OK
	case FigureOffHours:
		o := OffHoursOf(in, p)
		value, ok = o, o.State == OK
	case FigureNewcomers:
		var earlier []KeptCohort
		if len(before) > 0 {
			if err := json.Unmarshal(before, &earlier); err != nil {
				return Kept{}, false, fmt.Errorf("reading the cohorts of newcomers: %w", err)
			}
		}
		cohorts := NewcomersOf(in, p, earlier)
		value, ok = cohorts, len(cohorts) > len(earlier)
	default:
		return Kept{}, false, fmt.Errorf("there is no figure %q", f)
	}
	text, err := json.Marshal(value)
	return Kept{Figure: f, Period: p.Label, Value: text}, ok, err
}

// Query is what a report is asked for.
type Query struct {
	Now      Instant
	Period   Period // the last whole month
	Switches rampforge.PeopleMetricsSwitch
	Explain  bool
}

const (
	switchedOff  = "This project has switched this off (people_metrics in its workflow settings)."
	needsConsent = "This is off until the project switches it on (people_metrics in its workflow settings), which needs an agreement with the people whom it is about."
)

// Report puts together what is told of a team: the figures that are kept, by
// their names, and what holds now.
func Report(in *Input, kept map[Figure]Kept, q Query) (*Insights, error) {
	s := q.Switches
	knowledge, skills := on(s.Knowledge, true), on(s.Skills, true)
	r := &Insights{Purpose: Purpose, Members: MembersOf(in, Show{Skills: skills, Areas: knowledge}), WhoToAsk: []Ask{}}
	r.KnowledgeRisk = KnowledgeRisk{Basis: Basis{State: Off, Convention: knowledgeConvention, Reason: switchedOff}, Areas: []AreaRisk{}}
	if knowledge {
		r.WhoToAsk, r.KnowledgeRisk = AskOf(in), KnowledgeRiskOf(in, q.Now)
	}
	r.SkillMatrix = SkillMatrix{Basis: Basis{State: Off, Convention: skillsConvention, Reason: switchedOff}, Skills: []Skill{}, Uncovered: []string{}}
	if skills {
		r.SkillMatrix = SkillMatrixOf(in)
	}
	if err := r.figures(kept, q); err != nil {
		return nil, err
	}
	r.Recommendations = Recommend(r)
	if !q.Explain {
		for _, b := range r.bases() {
			b.Explain = nil
		}
	}
	return r, nil
}

func (r *Insights) bases() []*Basis {
	return []*Basis{&r.Workload.WIP.Basis, &r.Workload.ReviewLoad.Basis, &r.Workload.OffHours.Basis, &r.TeamDynamics.Collaboration.Basis, &r.TeamDynamics.Newcomers.Basis, &r.SkillMatrix.Basis, &r.KnowledgeRisk.Basis}
}

// figures reads what is kept.
func (r *Insights) figures(kept map[Figure]Kept, q Query) error {
	c := &r.TeamDynamics.Collaboration
	c.Channels, c.Silos, c.Seed, c.Restarts = []ChannelTies{}, []Silo{}, communitySeed, restarts
	var cohorts []KeptCohort
	places := map[Figure]struct {
		into       any
		basis      *Basis
		convention string
	}{
		FigureWorkload:      {&r.Workload.WIP, &r.Workload.WIP.Basis, workloadConvention},
		FigureReviewLoad:    {&r.Workload.ReviewLoad, &r.Workload.ReviewLoad.Basis, reviewLoadConvention},
		FigureOffHours:      {&r.Workload.OffHours, &r.Workload.OffHours.Basis, offHoursConvention},
		FigureCollaboration: {c, &c.Basis, collaborationConvention},
		FigureNewcomers:     {&cohorts, &r.TeamDynamics.Newcomers.Basis, newcomersConvention},
	}
	for _, f := range Figures() {
		at := places[f]
		if !f.On(q.Switches) {
			*at.basis = Basis{State: Off, Convention: at.convention, Reason: switchedOff}
			if f == FigureOffHours && q.Switches.OffHours == nil {
				at.basis.Reason = needsConsent
			}
			continue
		}
		if k, ok := kept[f]; ok {
			if err := json.Unmarshal(k.Value, at.into); err != nil {
				return fmt.Errorf("reading the figure %s of %s: %w", f, k.Period, err)
			}
			at.basis.Explain.roundOff() // what was kept before was exact
			continue
		}
		*at.basis = Basis{State: NoData, Convention: at.convention, Reason: "It is told of " + q.Period.Label + " as soon as all of the project's sources have been read past that month's end."}
	}
	if FigureNewcomers.On(q.Switches) {
		if _, ok := kept[FigureNewcomers]; ok {
			r.TeamDynamics.Newcomers = ToldNewcomers(cohorts)
		}
	}
	if r.TeamDynamics.Newcomers.Cohorts == nil {
		r.TeamDynamics.Newcomers.Cohorts = []Cohort{}
	}
	for i := range c.Channels {
		c.Channels[i].Things = tens(c.Channels[i].Things)
	}
	c.Channels, c.Silos = slices.Clip(c.Channels), slices.Clip(c.Silos)
	return nil
}
