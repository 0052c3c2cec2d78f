package diagram

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// edgesPerNode bounds the lines of a drawing by its boxes: with more of them no
// line can be followed.
const edgesPerNode = 3

// moreID is the id of the node that says how much more there is: nothing in a
// repository has it, and it is not shown.
const moreID = "\x00"

// readable cuts a graph to what can be read: its nodes, as many as were asked
// for, and the heaviest edges between them. A node without edges says how much
// there is more.
func readable(g *codeindex.Graph) *codeindex.Graph {
	out := *g
	out.Nodes = slices.Clone(g.Nodes)
	kept := make(map[string]bool, len(out.Nodes))
	for _, n := range out.Nodes {
		kept[n.ID] = true
	}
	out.Edges = slices.DeleteFunc(slices.Clone(g.Edges), func(e codeindex.GraphEdge) bool { return !kept[e.From] || !kept[e.To] || e.From == e.To })
	undrawn := 0
	if most := edgesPerNode * len(out.Nodes); len(out.Edges) > most {
		undrawn = len(out.Edges) - most
		out.Edges = heaviest(out.Edges, most)
	}
	more := ""
	if hidden := max(g.Total, len(g.Nodes)) - len(out.Nodes); hidden > 0 {
		more = fmt.Sprintf("and %d more", hidden)
	}
	switch {
	case undrawn > 0 && more != "":
		more += fmt.Sprintf(", %d lighter edges", undrawn)
	case undrawn > 0:
		more = fmt.Sprintf("and %d lighter edges", undrawn)
	}
	if more != "" {
		out.Nodes = append(out.Nodes, codeindex.GraphNode{ID: moreID, Label: more})
	}
	return &out
}

// title is what a box says of itself to who points at it: its id, and of the one
// that says how much more there is, that.
func title(n *codeindex.GraphNode) string {
	if n.ID == moreID {
		return label(n.Label)
	}
	return label(n.ID)
}

// heaviest keeps so many edges: first the heaviest that leads to a node without
// one, so that no box stands alone that need not, then the heaviest of the rest.
func heaviest(edges []codeindex.GraphEdge, most int) []codeindex.GraphEdge {
	slices.SortStableFunc(edges, func(a, b codeindex.GraphEdge) int { return cmp.Compare(b.Weight, a.Weight) })
	joined := map[string]bool{}
	var first, rest []codeindex.GraphEdge
	for _, e := range edges {
		if joined[e.From] && joined[e.To] {
			rest = append(rest, e)
			continue
		}
		joined[e.From], joined[e.To] = true, true
		first = append(first, e)
	}
	return append(first, rest...)[:most]
}
