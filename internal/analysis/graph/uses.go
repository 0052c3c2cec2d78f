package graph

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Uses returns the dependencies between components of all levels, of which
// neither is inside the other: what a picture needs that shows one component
// whole and another by its parts. By From, then To.
func (m *Map) Uses() iter.Seq[report.Dependency] {
	t := nesting{leaf: make([]int32, len(m.g.files))}
	t.add(m, -1)
	pairs := map[[2]int32]int{} // of components that are not divided
	for _, i := range m.files {
		if !m.tells(i) {
			continue
		}
		for _, l := range m.g.out.of(i) {
			if a, b := t.leaf[i], t.leaf[l.file]; a != b && !isSettings(m.g.files[l.file].Path) {
				pairs[[2]int32{a, b}]++
			}
		}
	}
	all := map[[2]int32]int{}
	for pair, weight := range pairs {
		for x := pair[0]; x >= 0; x = t.parent[x] {
			for y := pair[1]; y >= 0; y = t.parent[y] {
				if !t.within(x, y) && !t.within(y, x) {
					all[[2]int32{x, y}] += weight
				}
			}
		}
	}
	list := make([]report.Dependency, 0, len(all))
	for pair, weight := range all {
		list = append(list, report.Dependency{From: t.names[pair[0]], To: t.names[pair[1]], Type: "import", Weight: weight})
	}
	slices.SortFunc(list, func(a, b report.Dependency) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return slices.Values(list)
}

// nesting is the components of all levels, each before those inside it.
type nesting struct {
	names  []string
	parent []int32
	leaf   []int32 // by file
}

func (t *nesting) add(m *Map, parent int32) {
	for k := range m.components {
		at := int32(len(t.names)) //nolint:gosec // bounded by mostNested and the first level
		t.names, t.parent = append(t.names, m.components[k].Name), append(t.parent, parent)
		if inner := m.inner[k]; inner != nil {
			t.add(inner, at)
			continue
		}
		for _, i := range m.members[k] {
			t.leaf[i] = at
		}
	}
}

// within reports whether one component is another or inside it.
func (t *nesting) within(i, outer int32) bool {
	for ; i >= 0; i = t.parent[i] {
		if i == outer {
			return true
		}
	}
	return false
}
