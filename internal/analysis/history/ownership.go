package history

import (
	"cmp"
	"slices"
)

// The bands of ownership.
const (
	OwnershipSole   = "sole"
	OwnershipMajor  = "major"
	OwnershipSpread = "spread"
)

const (
	soleShare   = 0.75
	majorShare  = 0.40
	memberShare = 0.05 // Bird 2011: below it a contributor is a minor one
	maxOwners   = 5
)

// Ownership says how the knowledge of some files is spread.
type Ownership struct {
	Band   *string  // nil when no commit of a person is known
	People []string // who know them and are still here, alphabetical, at most 5
	Left   []string // who know them and made no commit in the last year, the same
}

// Ownership measures the files at paths together, after Bird et al., "Don't
// Touch My Code!" (FSE 2011): by the share of contributions of each person. A
// commit that changed any of the files is one contribution of its author and of
// each co-author; merges and bots are left out.
//
// The band follows the highest share: sole from 75 %, major from 40 %, spread
// below. Those who know the files are the major contributors (at least 5 % of
// the contributions) and the authors of the files by their degree of
// authorship; of more than five who are still here, or who left, those who are
// authors of the most files and then have the most contributions. Where none of
// them is still here, the contributors who are still here come in their place.
func (t *Tree) Ownership(paths []string) Ownership {
	paths = sortedOnce(paths)
	contributions := t.contributions(paths)
	total := 0
	for _, p := range contributions.seen {
		total += int(contributions.count[p])
	}
	if total == 0 {
		return Ownership{People: []string{}, Left: []string{}}
	}
	files := newTally(len(t.h.people))
	for _, a := range t.authored(paths) {
		for _, one := range a {
			if one.author {
				files.add(one.person)
			}
		}
	}
	var highest int32
	var people []int32
	for _, p := range contributions.seen {
		n := contributions.count[p]
		highest = max(highest, n)
		if share(n, total) >= memberShare || files.count[p] > 0 {
			people = append(people, p)
		}
	}
	if len(people) == 0 { // so many that each is a minor one
		people = slices.Clone(contributions.seen)
	}
	by := func(a, b int32) int {
		return cmp.Or(cmp.Compare(files.count[b], files.count[a]), cmp.Compare(contributions.count[b], contributions.count[a]), cmp.Compare(a, b))
	}
	here, left := t.h.parted(people, by)
	if len(here) == 0 {
		here, _ = t.h.parted(contributions.seen, by)
	}
	return Ownership{Band: new(band(share(highest, total))), People: here, Left: left}
}

// parted returns the names of the first of those who are still here, and of
// those who are not. Whose name somebody has who is here may be the same person
// by another address, and has not left.
func (h *History) parted(people []int32, by func(a, b int32) int) (here, left []string) {
	var both [2][]int32
	for _, p := range slices.SortedFunc(slices.Values(people), by) {
		at := 1
		if h.here[p] {
			at = 0
		} else if h.namesake(p) {
			continue
		}
		if len(both[at]) < maxOwners {
			both[at] = append(both[at], p)
		}
	}
	return h.alphabetical(both[0]), h.alphabetical(both[1])
}

// namesake reports whether somebody of the same name is still here. People are
// numbered by their names.
func (h *History) namesake(p int32) bool {
	for _, step := range []int32{-1, 1} {
		for i := p + step; i >= 0 && int(i) < len(h.people) && h.people[i].name == h.people[p].name; i += step {
			if h.here[i] {
				return true
			}
		}
	}
	return false
}

func share(n int32, total int) float64 { return float64(n) / float64(total) }

func band(highest float64) string {
	switch {
	case highest >= soleShare:
		return OwnershipSole
	case highest >= majorShare:
		return OwnershipMajor
	}
	return OwnershipSpread
}

// contributions counts for each person the commits that changed a file at one
// of the paths.
func (t *Tree) contributions(paths []string) *tally {
	h := t.h
	counted := make([]bool, len(h.commits))
	people := newTally(len(h.people))
	for _, path := range paths {
		l := h.lineageAt(path)
		if l < 0 {
			continue
		}
		for _, c := range h.touched.of(l) {
			if counted[c] {
				continue
			}
			counted[c] = true
			var before []int32
			for p := range h.contributors(c) {
				if !slices.Contains(before, p) {
					before = append(before, p)
					people.add(p)
				}
			}
		}
	}
	return people
}
