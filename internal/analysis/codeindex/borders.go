package codeindex

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// changes tells what happened to the components of all levels.
func (l *lineage) changes() []Change {
	out := []Change{}
	for i := range l.from {
		if l.heir[i] < 0 {
			out = append(out, l.end(i))
		}
	}
	for j := range l.to {
		if l.elder[j] < 0 {
			out = append(out, l.beginning(j))
		} else if c, ok := l.difference(l.elder[j], j); ok {
			out = append(out, c)
		}
	}
	return out
}

// difference tells how a component differs from what it was.
func (l *lineage) difference(i, j int) (Change, bool) {
	a, b := l.from[i], l.to[j]
	c := Change{Name: b.Name, Change: changed}
	was, is := sizeOf(a.Component), sizeOf(b.Component)
	var detail []string
	pair := [2]int{i, j}
	switch {
	case a.Path != b.Path && 2*l.moved[pair] > l.shared[pair]:
		c.Change = moved
		detail = append(detail, "was "+a.Name)
	case a.Name != b.Name:
		if was == is {
			c.Change = renamed
		}
		detail = append(detail, "was "+a.Name)
	case was == is:
		return c, false
	}
	if was != is {
		detail = append(detail, was+" → "+is)
	}
	c.Detail = strings.Join(detail, "; ")
	return c, true
}

func sizeOf(c *report.Component) string { return fmt.Sprintf("%d files, %d lines", c.Files, c.Lines) }

// end tells what became of a component that no other is now.
func (l *lineage) end(i int) Change {
	a := l.from[i]
	c := Change{Name: a.Name, Change: removed}
	most, pieces := l.went(i)
	switch {
	case len(pieces) > 1 && 2*a.known > a.size:
		c.Change, c.Detail = split, "into "+namesOf(l.to, pieces)
	case most >= 0 && l.to[most].Inside == nil && a.outer >= 0 && l.heir[a.outer] == most:
		c.Change, c.Detail = joined, "into "+l.to[most].Name+", which is not divided any more"
	case most >= 0:
		c.Change, c.Detail = joined, "into "+l.to[most].Name
		if elder := l.elder[most]; l.to[most].Name == a.Name && elder >= 0 {
			c.Detail += ", which was " + l.from[elder].Name
		}
	case 2*a.known > a.size:
		c.Change, c.Detail = split, "into parts of others"
	}
	return c
}

// beginning tells where a component is from that was none before.
func (l *lineage) beginning(j int) Change {
	b := l.to[j]
	c := Change{Name: b.Name, Change: added}
	most, pieces := l.came(j)
	switch {
	case len(pieces) > 1 && 2*b.known > b.size:
		c.Change, c.Detail = joined, "from "+namesOf(l.from, pieces)
	case most >= 0 && l.from[most].Inside == nil && b.outer >= 0 && l.elder[b.outer] == most:
		c.Change, c.Detail = split, "from "+l.from[most].Name+", which was not divided"
	case most >= 0:
		c.Change, c.Detail = split, "from "+l.from[most].Name
	case 2*b.known > b.size:
		c.Change, c.Detail = joined, "from parts of others"
	}
	return c
}

func namesOf(list []part, which []int) string {
	const shown = 3
	names := make([]string, 0, shown+1)
	for _, i := range which[:min(len(which), shown)] {
		names = append(names, list[i].Name)
	}
	if more := len(which) - shown; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

// now is how components of the first level of from are called in to, where they
// are one with something.
func (l *lineage) now() map[string]string {
	names := map[string]string{}
	for i := range l.from {
		if l.from[i].top != i {
			continue
		}
		to := l.heir[i]
		if to < 0 {
			to, _ = l.went(i)
		}
		if to >= 0 {
			names[l.from[i].Name] = l.to[l.to[to].top].Name
		}
	}
	return names
}

// uses tells which components use which others now and did not, and the other
// way round. A use that is there only because a border between components is
// drawn elsewhere is none: the files used each other before, or still do.
func (l *lineage) uses(a, b Version, movedFrom map[string]string) []Change {
	now := l.now()
	called := func(name string) string {
		if n, ok := now[name]; ok {
			return n
		}
		return name
	}
	type use struct{ from, to string }
	before, after := map[use]bool{}, map[use]bool{}
	for _, d := range a.Report.Architecture.Dependencies {
		before[use{called(d.From), called(d.To)}] = true
	}
	for _, d := range b.Report.Architecture.Dependencies {
		after[use{d.From, d.To}] = true
	}
	didAlready, stillDo := map[use]bool{}, map[use]bool{}
	if a.Index != nil && b.Index != nil {
		movedTo := make(map[string]string, len(movedFrom))
		for file, old := range movedFrom {
			movedTo[old] = file
		}
		for pair := range crossing(a.Index, b.Index, movedTo) {
			didAlready[use{pair[0], pair[1]}] = true
		}
		for pair := range crossing(b.Index, a.Index, movedFrom) {
			stillDo[use{pair[0], pair[1]}] = true
		}
	}
	out := []Change{}
	for u := range after {
		if !before[u] && !didAlready[u] {
			out = append(out, Change{Name: u.from + " → " + u.to, Change: added})
		}
	}
	gone := map[use]bool{}
	for _, d := range a.Report.Architecture.Dependencies {
		u := use{called(d.From), called(d.To)}
		if u.from != u.to && !after[u] && !stillDo[use{d.From, d.To}] && !gone[u] {
			gone[u] = true
			out = append(out, Change{Name: u.from + " → " + u.to, Change: removed})
		}
	}
	return out
}

// crossing returns the pairs of components of the first level of in, by name,
// whose files use each other by the imports of of. Files that in does not have
// are in none.
func crossing(of, in *Index, calledIn map[string]string) map[[2]string]bool {
	places := make([]int32, len(of.Files))
	for i := range of.Files {
		path := of.Files[i].Path
		if other, ok := calledIn[path]; ok {
			path = other
		}
		places[i] = -1
		if k, ok := in.file(path); ok {
			places[i] = in.Files[k].Component
		}
	}
	out := map[[2]string]bool{}
	for _, e := range of.Imports {
		if of.Files[e.From].Test {
			continue
		}
		if from, to := in.componentName(places[e.From]), in.componentName(places[e.To]); from != "" && to != "" && from != to {
			out[[2]string{from, to}] = true
		}
	}
	return out
}

// circles tells which cycles came and went. One that has members in common with
// one before is that, changed.
func (l *lineage) circles(a, b *report.CodeReport) []Change {
	now := l.now()
	before := make([][]string, 0, len(a.Architecture.Cycles))
	for _, circle := range a.Architecture.Cycles {
		var members []string
		for _, name := range circle {
			if n, ok := now[name]; ok {
				name = n
			}
			members = append(members, name)
		}
		slices.Sort(members)
		if members = slices.Compact(members); len(members) > 1 {
			before = append(before, members)
		}
	}
	out := []Change{}
	taken := make([]bool, len(before))
	for _, circle := range b.Architecture.Cycles {
		best, most := -1, 0
		for i, other := range before {
			if n := common(circle, other); !taken[i] && n > most {
				best, most = i, n
			}
		}
		name := strings.Join(circle, " ⇄ ")
		if best < 0 {
			out = append(out, Change{Name: name, Change: added})
			continue
		}
		taken[best] = true
		if detail := comings(before[best], circle); detail != "" {
			out = append(out, Change{Name: name, Change: changed, Detail: detail})
		}
	}
	for i, circle := range before {
		if !taken[i] {
			out = append(out, Change{Name: strings.Join(circle, " ⇄ "), Change: removed})
		}
	}
	return out
}

func common(x, y []string) int {
	n := 0
	for _, name := range x {
		if slices.Contains(y, name) {
			n++
		}
	}
	return n
}

// comings tells who is new in a circle and who is out of it.
func comings(before, after []string) string {
	var out []string
	for _, name := range after {
		if !slices.Contains(before, name) {
			out = append(out, "+ "+name)
		}
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			out = append(out, "- "+name)
		}
	}
	return strings.Join(out, ", ")
}
