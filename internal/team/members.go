package team

import (
	"cmp"
	"slices"
)

// Member is somebody of the project. It holds no number.
type Member struct {
	UserID string   `json:"user_id"`
	Name   string   `json:"name"`
	Role   string   `json:"role"`
	Skills []string `json:"skills"` // as they named them
	Areas  []string `json:"areas"`  // that they know; [] for who does not want to be named
}

// Show says which of a member's lists are shown.
type Show struct{ Skills, Areas bool }

// MembersOf lists the members who have an account, by name.
func MembersOf(in *Input, show Show) []Member {
	group := make([]int32, 0, len(in.People))
	for i := range in.People {
		if v := &in.People[i]; v.Member && !v.Bot && !v.Gone {
			group = append(group, int32(i))
		}
	}
	knows := in.knownBy(group)
	out := make([]Member, 0, len(group))
	for i, person := range group {
		v := &in.People[person]
		m := Member{UserID: v.UserID, Name: v.Name, Role: v.Role, Skills: []string{}, Areas: []string{}}
		if show.Skills {
			m.Skills = append(m.Skills, v.Skills...)
		}
		if show.Areas && !v.Hidden {
			m.Areas = append(m.Areas, knows[i]...)
			slices.Sort(m.Areas)
			m.Areas = slices.Compact(m.Areas)
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UserID, b.UserID)) })
	return out
}
