package codeindex

import (
	"cmp"
	"slices"
	"strings"
)

// Simulate answers what nobody knows any more when people leave. People are
// called by their names in the history, without regard to case. Knowing is being
// an author by the degree of authorship (Avelino et al. 2016) and still here: who
// made no commit in the year that ends with the analysed one has left already,
// and neither remains nor is lost once more. The coverage is the share of the
// source files with an author that keep one who is here. The truck factor is
// counted as for the report, but over the people who are here; ties are broken
// by name.
func (ix *Index) Simulate(people []string, p Page) *Offboarding {
	p = p.sane()
	leaving, known, unknown := ix.leavers(people)
	out := &Offboarding{
		Commit: ix.Commit, Unknown: unknown, Areas: []AreaAtRisk{}, Orphaned: []FileAtRisk{},
	}
	here, gone := ix.parted(known)
	out.People, out.Gone = ix.names(here), ix.names(gone)
	areas := make([]AreaAtRisk, len(ix.Components))
	touched := make([]bool, len(ix.Components))
	var orphaned []int32
	for i := range ix.Files {
		f := &ix.Files[i]
		if !f.Source || len(f.Authors) == 0 {
			continue
		}
		out.Files++
		before, left := 0, 0
		for _, a := range f.Authors {
			if ix.People[a].Here {
				before++
				if !leaving[a] {
					left++
				}
			}
		}
		area := &AreaAtRisk{} // of no component
		if f.Component >= 0 {
			top := ix.topOf[f.Component]
			area = &areas[top]
			touched[top] = touched[top] || left < before
		}
		area.Files++
		switch {
		case before == 0:
			out.OrphanedBefore++
			area.OrphanedBefore++
		case left == 0:
			orphaned = append(orphaned, number(i))
			area.Orphaned++
		case left == 1 && before > 1:
			out.Thin++
		}
	}
	ix.coverage(out, len(orphaned), leaving)
	out.Areas, out.AreaTotal = ix.areasAtRisk(areas, touched, leaving)
	out.Orphaned = append(out.Orphaned, paged(ix.filesAtRisk(orphaned), p)...)
	out.Paging = paging(len(orphaned), p)
	return out
}

// leavers reads names.
func (ix *Index) leavers(people []string) (leaving []bool, known []int32, unknown []string) {
	leaving, unknown = make([]bool, len(ix.People)), []string{}
	for _, name := range people {
		found := false
		for i, p := range ix.People {
			if strings.EqualFold(p.Name, strings.TrimSpace(name)) {
				leaving[i], found = true, true
				known = append(known, number(i))
			}
		}
		if !found {
			unknown = append(unknown, name)
		}
	}
	slices.SortFunc(unknown, func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	})
	return leaving, known, slices.Compact(unknown)
}

// coverage fills in what holds of the whole repository. A partial history does
// not tell the truck factor.
func (ix *Index) coverage(out *Offboarding, orphaned int, leaving []bool) {
	if out.Files == 0 {
		return
	}
	out.CoverageBefore = new(float64(out.Files-out.OrphanedBefore) / float64(out.Files))
	out.CoverageAfter = new(float64(out.Files-out.OrphanedBefore-orphaned) / float64(out.Files))
	if !ix.Complete {
		return
	}
	out.TruckFactorBefore = ix.truckFactor(nil)
	out.TruckFactorAfter = ix.truckFactor(leaving)
}

// truckFactor takes the authors of most files who are here away, one after the
// other, while half of all files keep an author; of those, people with less than a tenth of
// the first one's files do not count. It is 0 when less than half have one
// already.
func (ix *Index) truckFactor(without []bool) *int {
	files := make([][]int32, len(ix.People))
	left := make([]int, len(ix.Files))
	all, covered := 0, 0
	for i := range ix.Files {
		f := &ix.Files[i]
		if !f.Source || len(f.Authors) == 0 {
			continue
		}
		all++
		for _, a := range f.Authors {
			if ix.People[a].Here && (without == nil || !without[a]) {
				files[a] = append(files[a], number(i))
				left[i]++
			}
		}
		if left[i] > 0 {
			covered++
		}
	}
	people := make([]int32, 0, len(files))
	for p := range files {
		if len(files[p]) > 0 {
			people = append(people, number(p))
		}
	}
	slices.SortStableFunc(people, func(a, b int32) int { return cmp.Compare(len(files[b]), len(files[a])) })
	gone := 0
	for gone < len(people) && covered*2 >= all {
		for _, f := range files[people[gone]] {
			if left[f]--; left[f] == 0 {
				covered--
			}
		}
		gone++
	}
	for gone > 0 && len(files[people[gone-1]])*10 < len(files[people[0]]) {
		gone--
	}
	return &gone
}

// maxAreas bounds the list of areas.
const maxAreas = 100

func (ix *Index) areasAtRisk(areas []AreaAtRisk, touched, leaving []bool) (list []AreaAtRisk, total int) {
	out := []AreaAtRisk{}
	for c := range areas {
		if !touched[c] {
			continue
		}
		a := areas[c]
		a.Name, a.Path = ix.Components[c].Name, ix.Components[c].Path
		files := map[int32]int{}
		for _, i := range ix.membersOf[c] {
			for _, p := range ix.Files[i].Authors {
				if ix.People[p].Here && !leaving[p] && ix.Files[i].Source {
					files[p]++
				}
			}
		}
		a.Remaining, a.RemainingTotal = ix.names(mostOf(files, maxAsked)), len(files)
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b AreaAtRisk) int {
		return cmp.Or(cmp.Compare(b.Orphaned, a.Orphaned), strings.Compare(a.Name, b.Name))
	})
	return out[:min(len(out), maxAreas)], len(out)
}

func (ix *Index) filesAtRisk(files []int32) []FileAtRisk {
	out := make([]FileAtRisk, 0, len(files))
	for _, i := range files {
		f := &ix.Files[i]
		out = append(out, FileAtRisk{Path: f.Path, Component: ix.componentName(f.Component), Lines: f.Code})
	}
	slices.SortFunc(out, func(a, b FileAtRisk) int {
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), strings.Compare(a.Path, b.Path))
	})
	return out
}
