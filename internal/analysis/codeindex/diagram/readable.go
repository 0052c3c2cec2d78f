package diagram

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// The most that a drawing can hold and still be read.
const (
	maxNodes = 40
	maxEdges = 120
)

// readable cuts a graph to what can be read: its first nodes, which are the
// nearest and best connected, and the heaviest edges between them. A node
// without edges says how many there are more.
func readable(g *codeindex.Graph) *codeindex.Graph {
	out := *g
	out.Nodes = slices.Clone(g.Nodes[:min(len(g.Nodes), maxNodes)])
	kept := make(map[string]bool, len(out.Nodes))
	for _, n := range out.Nodes {
		kept[n.ID] = true
	}
	out.Edges = slices.DeleteFunc(slices.Clone(g.Edges), func(e codeindex.GraphEdge) bool { return !kept[e.From] || !kept[e.To] || e.From == e.To })
	if len(out.Edges) > maxEdges {
		slices.SortStableFunc(out.Edges, func(a, b codeindex.GraphEdge) int { return cmp.Compare(b.Weight, a.Weight) })
		out.Edges = out.Edges[:maxEdges]
	}
	if hidden := max(g.Total, len(g.Nodes)) - len(out.Nodes); hidden > 0 {
		out.Nodes = append(out.Nodes, codeindex.GraphNode{ID: "\x00", Label: fmt.Sprintf("and %d more", hidden)})
	}
	return &out
}
