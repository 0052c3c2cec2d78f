package team

import (
	"fmt"
	"slices"
	"strings"
)

// KnowledgeRisk is what each area stands to lose.
type KnowledgeRisk struct {
	Basis

	Areas []AreaRisk `json:"areas"` // the greatest risk first, then by name
}

// AreaRisk is about an area: it holds no name. Who may be asked about it is in
// Ask.
type AreaRisk struct {
	Area          string   `json:"area"`
	Path          string   `json:"path"`
	Risk          string   `json:"risk"` // high, medium or low
	Reason        string   `json:"reason"`
	Files         int      `json:"files"`
	Ownership     string   `json:"ownership"`      // sole, major or spread
	TruckFactor   *int     `json:"truck_factor"`   // people who must leave before half of the files have no author left
	KnowledgeLoss *float64 `json:"knowledge_loss"` // share of files whose authors made no commit for a year
	Experts       int      `json:"experts"`        // as many as the code report names, five at most
	Active        *int     `json:"active_experts"` // of five known ones, who did something in the last 90 days; null for fewer
	Leaving       int      `json:"left_experts"`   // of them, who are known to have left
	SingleExpert  bool     `json:"single_expert"`
}

const knowledgeConvention = "From the newest code report: authors by degree of authorship (Avelino), truck factor greedily until more than half of the files are orphans. " +
	"An expert is active who did anything in the project's sources in the last 90 days: that is told of five experts, and of fewer it would tell of each."

// The risks, greatest first.
const (
	riskHigh   = "high"
	riskMedium = "medium"
	riskLow    = "low"
)

// KnowledgeRiskOf tells the risk of each area at a moment.
func KnowledgeRiskOf(in *Input, now Instant) KnowledgeRisk {
	k := KnowledgeRisk{Basis: Basis{State: OK, N: len(in.Areas), Convention: knowledgeConvention}, Areas: []AreaRisk{}}
	if len(in.Areas) == 0 {
		k.Basis = k.without(NoData, "There is no code report with areas: analyse the project's repository.")
		return k
	}
	names, active := in.byName(), in.activeSince(now.add(-90*day))
	for i := range in.Areas {
		k.Areas = append(k.Areas, riskOf(in, &in.Areas[i], names, active))
	}
	grade := []string{riskHigh, riskMedium, riskLow}
	slices.SortStableFunc(k.Areas, func(a, b AreaRisk) int {
		if a.Risk != b.Risk {
			return slices.Index(grade, a.Risk) - slices.Index(grade, b.Risk)
		}
		return strings.Compare(a.Area, b.Area)
	})
	k.Explain = &Explain{Counted: map[string]int{"areas": len(k.Areas)}}
	return k
}

func riskOf(in *Input, a *Area, names map[string][]int32, active []bool) AreaRisk {
	r := AreaRisk{Area: a.Name, Path: a.Path, Files: a.Files, Ownership: a.Ownership, TruckFactor: a.TruckFactor, KnowledgeLoss: a.KnowledgeLoss, Experts: len(a.Experts)}
	known, still := 0, 0
	for _, name := range a.Experts {
		who := names[key(name)]
		if len(who) == 0 {
			continue
		}
		known++
		switch i := who[0]; { // of several with one name, the first stands for them
		case in.People[i].Gone:
			r.Leaving++
		case active[i]:
			still++
		}
	}
	if known >= MinGroup { // names stand in Ask: of fewer it would tell what each of them does
		r.Active = &still
	}
	r.SingleExpert = r.Experts == 1 || a.TruckFactor != nil && *a.TruckFactor == 1
	r.Risk, r.Reason = r.grade()
	return r
}

// grade says how great a risk is and why.
func (r *AreaRisk) grade() (risk, reason string) {
	switch {
	case r.Active != nil && *r.Active == 0:
		return riskHigh, "Nobody who knows this area was active in the last 90 days."
	case r.Leaving > 0 && r.Leaving >= r.Experts-1:
		return riskHigh, "People who know this area have left, and one of them at most remains."
	case r.SingleExpert:
		return riskHigh, "The knowledge of this area hangs on one person."
	case r.KnowledgeLoss != nil && *r.KnowledgeLoss > 0.5:
		return riskMedium, fmt.Sprintf("The authors of %.0f %% of the files have made no commit for a year.", *r.KnowledgeLoss*100)
	case r.Leaving > 0:
		return riskMedium, "People who know this area have left."
	case r.Ownership == "major":
		return riskMedium, "One person wrote most of this area."
	}
	return riskLow, "Several people know this area."
}

// key makes names compare without regard to case and space.
func key(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

// byName returns who is known by each name.
func (in *Input) byName() map[string][]int32 {
	out := map[string][]int32{}
	add := func(name string, i int) {
		k := key(name)
		if place := int32(i); k != "" && !slices.Contains(out[k], place) { //nolint:gosec // people are few
			out[k] = append(out[k], place)
		}
	}
	for i := range in.People {
		add(in.People[i].Name, i)
		for _, alias := range in.People[i].Aliases {
			add(alias, i)
		}
	}
	return out
}

func (in *Input) activeSince(since Instant) []bool {
	active := make([]bool, len(in.People))
	for i := range in.Acts {
		if a := &in.Acts[i]; a.At >= since {
			active[a.Person] = true
		}
	}
	return active
}

// knownBy returns the names of the areas that each of a group knows.
func (in *Input) knownBy(group []int32) [][]string {
	out := make([][]string, len(group))
	places, names := in.placesIn(group), in.byName()
	for i := range in.Areas {
		for _, name := range in.Areas[i].Experts {
			if who := names[key(name)]; len(who) == 1 && places[who[0]] >= 0 {
				v := places[who[0]]
				out[v] = append(out[v], in.Areas[i].Name)
			}
		}
	}
	return out
}

// Ask is whom to ask about an area, in no order but the alphabet's and without
// a number, like a file of code owners.
type Ask struct {
	Area   string   `json:"area"`
	People []string `json:"people"`
	Note   string   `json:"note"` // what there is to know when nobody is named
}

// AskOf names whom to ask about each area, by the area's name. Who does not
// want to be named is not, nor anybody who has the same name; nor who has left.
func AskOf(in *Input) []Ask {
	names := in.byName()
	out := make([]Ask, 0, len(in.Areas))
	for i := range in.Areas {
		a := Ask{Area: in.Areas[i].Name, People: []string{}}
		for _, name := range in.Areas[i].Experts {
			if as, ok := in.nameable(name, names); ok {
				a.People = append(a.People, as)
			}
		}
		slices.Sort(a.People)
		a.People = slices.Compact(a.People)
		if len(a.People) == 0 {
			a.Note = "Nobody is named who knows this area: ask the team's lead."
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Ask) int { return strings.Compare(a.Area, b.Area) })
	return out
}

// nameable returns the name that somebody of a name in commits goes by, and
// whether they may be named.
func (in *Input) nameable(name string, names map[string][]int32) (as string, may bool) {
	who := names[key(name)]
	for _, i := range who {
		if v := &in.People[i]; v.Hidden || v.Bot || v.Gone {
			return "", false
		}
	}
	if len(who) == 1 && in.People[who[0]].Name != "" {
		return in.People[who[0]].Name, true
	}
	return name, true
}
