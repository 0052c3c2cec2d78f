package team

import (
	"slices"
	"strings"
)

// SkillMatrix is which skills the members named, beside what the code is made
// of.
type SkillMatrix struct {
	Basis

	Skills []Skill `json:"skills"` // by name
	// Covered is the share of the technologies that at least one member named.
	Covered   *float64 `json:"covered_share"`
	Uncovered []string `json:"uncovered"` // technologies that nobody named
}

// Skill is one skill and how many named it.
type Skill struct {
	Skill  string `json:"skill"`
	People *int   `json:"people"` // null for fewer than five
	Few    bool   `json:"few"`    // somebody named it, and fewer than five did
	InUse  bool   `json:"in_use"` // the project's code is made of it
}

const skillsConvention = "Skills are the members' own words in their profiles; nothing is inferred. A skill counts for a technology of the same name, whatever its case. Who named what stands beside the members."

// SkillMatrixOf counts the members' own words.
func SkillMatrixOf(in *Input) SkillMatrix {
	s := SkillMatrix{Basis: Basis{State: OK, Convention: skillsConvention}, Skills: []Skill{}, Uncovered: []string{}}
	words, count := map[string]string{}, map[string]int{} // by key
	for i := range in.People {
		if v := &in.People[i]; v.Member && !v.Bot && !v.Gone {
			s.N++
			for _, k := range keysOf(v.Skills, words) {
				count[k]++
			}
		}
	}
	used := map[string]bool{}
	for _, k := range keysOf(in.Technologies, words) {
		used[k] = true
	}
	if len(words) == 0 {
		s.Basis = s.without(NoData, "No member has named a skill, and there is no code report: members name theirs in their profile.")
		return s
	}
	covered := 0
	for k, word := range words {
		skill := Skill{Skill: word, InUse: used[k]}
		switch n := count[k]; {
		case n >= MinGroup:
			skill.People = &n
		case n > 0:
			skill.Few = true
		}
		switch {
		case skill.InUse && count[k] > 0:
			covered++
		case skill.InUse:
			s.Uncovered = append(s.Uncovered, word)
		}
		s.Skills = append(s.Skills, skill)
	}
	slices.SortFunc(s.Skills, func(a, b Skill) int { return strings.Compare(a.Skill, b.Skill) })
	slices.Sort(s.Uncovered)
	if len(used) > 0 {
		s.Covered = round(float64(covered) / float64(len(used)))
	}
	s.Explain = &Explain{Counted: map[string]int{"skills": len(s.Skills), "technologies": len(used)}}
	return s
}

// keysOf returns the keys of words, each once, and keeps for each key the word
// that comes first in the alphabet, so that the order of people does not show.
func keysOf(list []string, words map[string]string) []string {
	var out []string
	for _, word := range list {
		word = strings.TrimSpace(word)
		k := key(word)
		if k == "" || slices.Contains(out, k) {
			continue
		}
		if known, ok := words[k]; !ok || word < known {
			words[k] = word
		}
		out = append(out, k)
	}
	return out
}
