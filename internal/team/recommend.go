package team

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Recommendation is something that would lower a risk. It is about an area or
// about the whole team, never about a person.
type Recommendation struct {
	Type     string     `json:"type"`
	Priority string     `json:"priority"` // high, medium or low
	Area     *string    `json:"area"`     // null for the whole team
	Title    string     `json:"title"`
	Reason   string     `json:"reason"`
	Evidence []Evidence `json:"evidence"`
}

// Evidence is a figure of the report that a recommendation rests on.
type Evidence struct {
	Measure string  `json:"measure"` // where it stands in the answer
	Value   float64 `json:"value"`
}

// The types of recommendations.
const (
	pairNewcomer  = "pair_newcomer"
	writeDown     = "write_down"
	rotateReviews = "rotate_reviews"
	limitWork     = "limit_work"
	openSilo      = "open_silo"
	buildSkill    = "build_skill"
)

// unevenReviews is the Gini from which few do most of the reviews: Google's own
// spread of reviews is about 0.4 (median 4, 80th percentile 10 a week).
const unevenReviews = 0.6

// Recommend draws from a report what would lower its risks, the most urgent
// first. What the project switched off is in no report.
func Recommend(r *Insights) []Recommendation {
	out := []Recommendation{}
	for i := range r.KnowledgeRisk.Areas {
		if v, ok := aboutArea(&r.KnowledgeRisk.Areas[i]); ok {
			out = append(out, v)
		}
	}
	out = append(out, aboutReviews(&r.Workload.ReviewLoad)...)
	out = append(out, aboutWork(&r.Workload.WIP)...)
	out = append(out, aboutSilos(&r.TeamDynamics.Collaboration)...)
	out = append(out, aboutSkills(&r.SkillMatrix)...)
	grade := []string{riskHigh, riskMedium, riskLow}
	slices.SortStableFunc(out, func(a, b Recommendation) int {
		return cmp.Compare(slices.Index(grade, a.Priority), slices.Index(grade, b.Priority))
	})
	return out
}

func aboutArea(a *AreaRisk) (Recommendation, bool) {
	if a.Risk == riskLow {
		return Recommendation{}, false
	}
	r := Recommendation{
		Type: pairNewcomer, Priority: a.Risk, Area: &a.Area, Reason: a.Reason,
		Title: fmt.Sprintf("Pair somebody new to %s with who knows it.", a.Area),
	}
	add := func(measure string, value float64) {
		r.Evidence = append(r.Evidence, Evidence{"knowledge_risk.areas." + measure, value})
	}
	add("experts", float64(a.Experts))
	if a.Active != nil {
		add("active_experts", float64(*a.Active))
	}
	if a.Active != nil && *a.Active == 0 || a.Leaving > 0 && a.Leaving == a.Experts {
		r.Type, r.Title = writeDown, fmt.Sprintf("Find out how %s works and write it down, before it must change in a hurry.", a.Area)
	}
	if a.Leaving > 0 {
		add("left_experts", float64(a.Leaving))
	}
	if a.TruckFactor != nil {
		add("truck_factor", float64(*a.TruckFactor))
	}
	if a.KnowledgeLoss != nil {
		add("knowledge_loss", *a.KnowledgeLoss)
	}
	return r, true
}

func aboutReviews(l *ReviewLoad) []Recommendation {
	if l.State != OK || l.Gini == nil || *l.Gini < unevenReviews {
		return nil
	}
	return []Recommendation{{
		Type: rotateReviews, Priority: riskMedium, Title: "Ask more people for reviews, by turns.",
		Reason:   "Few people give most of the reviews: work waits for them, and only they learn what changes.",
		Evidence: []Evidence{{"workload.review_load.gini", *l.Gini}, {"workload.review_load.reviewing_share", *l.Reviewing}},
	}}
}

func aboutWork(w *Workload) []Recommendation {
	if w.State != OK || w.OverLimit == nil || *w.OverLimit < 0.3 {
		return nil
	}
	return []Recommendation{{
		Type: limitWork, Priority: riskMedium, Title: "Finish before starting: more is in progress than the limit that the team gave itself.",
		Reason:   "Much work in progress for each makes all of it take longer (Little's law).",
		Evidence: []Evidence{{"workload.wip.over_limit_share", *w.OverLimit}},
	}}
}

func aboutSilos(c *Collaboration) []Recommendation {
	out := []Recommendation{}
	for _, s := range c.Silos {
		if len(s.Areas) == 0 {
			continue
		}
		out = append(out, Recommendation{
			Type: openSilo, Priority: riskLow, Area: &s.Areas[0], Title: "Have changes reviewed across: " + strings.Join(s.Areas, ", ") + ".",
			Reason:   "Those who know these areas work together and with hardly anybody else.",
			Evidence: []Evidence{{"team_dynamics.collaboration.silos.outside_share", s.Outside}},
		})
	}
	return out
}

func aboutSkills(s *SkillMatrix) []Recommendation {
	if s.State != OK || len(s.Uncovered) == 0 || s.N == 0 {
		return nil
	}
	return []Recommendation{{
		Type: buildSkill, Priority: riskLow, Title: "Learn, or name in your profiles: " + strings.Join(s.Uncovered, ", ") + ".",
		Reason:   "The code is made of it, and no member names it as a skill.",
		Evidence: []Evidence{{"skill_matrix.covered_share", *s.Covered}},
	}}
}
