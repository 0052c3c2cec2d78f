package graph

import (
	"cmp"
	"slices"
	"strings"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// connect finds the dependencies between components. Only production code
// makes a component depend on another: what its tests use, or the settings of
// its tools, says nothing of how it works. Components of tests are tests all through, so all of theirs count.
func (m *Map) connect() {
	weights := map[[2]int32]int{}
	for _, i := range m.files {
		if !m.top.tells(i) {
			continue
		}
		from := m.of[i] - m.base
		for _, l := range m.g.out.of(i) {
			to := m.of[l.file] - m.base
			if to != from && to >= 0 && int(to) < len(m.components) && !isSettings(m.g.files[l.file].Path) {
				weights[[2]int32{from, to}]++
			}
		}
	}
	m.deps = make([]report.Dependency, 0, len(weights))
	for pair, w := range weights {
		m.deps = append(m.deps, report.Dependency{From: m.components[pair[0]].Name, To: m.components[pair[1]].Name, Type: "import", Weight: w})
	}
	slices.SortFunc(m.deps, func(a, b report.Dependency) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	index := m.byName()
	for _, d := range m.deps {
		from, to := &m.components[index[d.From]], &m.components[index[d.To]]
		from.Dependencies = append(from.Dependencies, d.To)
		to.Dependents = append(to.Dependents, d.From)
	}
	for i := range m.components {
		slices.Sort(m.components[i].Dependencies)
		slices.Sort(m.components[i].Dependents)
	}
}

// tells reports whether what a file uses says how its component works. It asks
// the map of the whole graph.
func (m *Map) tells(i int32) bool {
	f := &m.g.files[i]
	return !f.Test && !isSettings(f.Path) || m.components[m.of[i]].Type == typeTests
}

func (m *Map) byName() map[string]int {
	index := make(map[string]int, len(m.components))
	for i := range m.components {
		index[m.components[i].Name] = i
	}
	return index
}

// Architecture returns the components and what holds between them.
func (m *Map) Architecture() report.Architecture {
	in := m.inside()
	return report.Architecture{
		Components:      in.Components,
		Dependencies:    in.Dependencies,
		Cycles:          in.Cycles,
		Layers:          in.Layers,
		Modularity:      m.modularity(),
		FolderAgreement: m.folderAgreement(),
		FileGraph:       m.g.totals,
	}
}

func (m *Map) inside() report.Inside {
	circles := m.strong()
	in := report.Inside{Components: slices.Clone(m.components), Dependencies: slices.Clone(m.deps), Cycles: m.cycles(circles), Layers: m.layers(circles)}
	for i, inner := range m.inner {
		if inner != nil {
			in.Components[i].Inside = new(inner.inside())
		}
	}
	return in
}

// strong returns the strongly connected components of the map, those that a
// component uses before it.
func (m *Map) strong() [][]int {
	g := simple.NewDirectedGraph()
	for i := range m.components {
		g.AddNode(simple.Node(i))
	}
	index := m.byName()
	for _, d := range m.deps {
		g.SetEdge(simple.Edge{F: simple.Node(index[d.From]), T: simple.Node(index[d.To])})
	}
	var out [][]int
	for _, nodes := range topo.TarjanSCC(g) {
		circle := make([]int, len(nodes))
		for k, n := range nodes {
			circle[k] = int(n.ID())
		}
		slices.Sort(circle)
		out = append(out, circle)
	}
	return out
}

// cycles returns the circles of more than one component, smallest first.
func (m *Map) cycles(circles [][]int) [][]string {
	out := [][]string{}
	for _, circle := range circles {
		if len(circle) > 1 {
			out = append(out, m.names(circle))
		}
	}
	slices.SortFunc(out, func(a, b []string) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	return out
}

func (m *Map) names(components []int) []string {
	out := make([]string, 0, len(components))
	for _, i := range components {
		out = append(out, m.components[i].Name)
	}
	slices.Sort(out)
	return out
}

// layers puts every component above all that it uses: its height is the longest
// way down, over the graph whose circles are drawn together. So what rests on
// nothing is at the bottom, however few use it. The members of a circle share a
// layer. Components without any dependency are in no layer.
func (m *Map) layers(circles [][]int) [][]string {
	index := m.byName()
	circleOf := make([]int, len(m.components))
	for n, circle := range circles {
		for _, i := range circle {
			circleOf[i] = n
		}
	}
	height := make([]int, len(circles))
	var rows [][]int
	for n, circle := range circles { // what is used comes first
		connected := false
		for _, i := range circle {
			c := &m.components[i]
			connected = connected || len(c.Dependencies)+len(c.Dependents) > 0
			for _, used := range c.Dependencies {
				if k := circleOf[index[used]]; k != n {
					height[n] = max(height[n], height[k]+1)
				}
			}
		}
		if !connected {
			continue
		}
		for len(rows) <= height[n] {
			rows = append(rows, nil)
		}
		rows[height[n]] = append(rows[height[n]], circle...)
	}
	out := [][]string{}
	for _, row := range slices.Backward(rows) {
		out = append(out, m.names(row))
	}
	return out
}

// modularity is Newman's Q of the components over the graph of the product's
// files, tests apart, where every pair of files with an edge counts 1 whatever
// its direction: the share of pairs inside components, less what that would be
// if files kept their number of edges and chose the other ends at random
// (Newman 2004). Nil without edges.
func (m *Map) modularity() *float64 {
	ends := make([]float64, len(m.components))
	pairs, inside := 0.0, 0.0
	product := func(i int32) bool { return !m.g.files[i].Test && isProduct(&m.components[m.of[i]]) }
	for i := range m.g.files {
		from := int32(i)
		if !product(from) {
			continue
		}
		for _, l := range m.g.out.of(from) {
			if !product(l.file) || l.file < from && m.g.linked(l.file, from) {
				continue // the latter is counted from the other end
			}
			a, b := m.of[from], m.of[l.file]
			pairs++
			ends[a]++
			ends[b]++
			if a == b {
				inside++
			}
		}
	}
	if pairs == 0 {
		return nil
	}
	q := inside / pairs
	for _, e := range ends {
		q -= (e / (2 * pairs)) * (e / (2 * pairs))
	}
	return &q
}
