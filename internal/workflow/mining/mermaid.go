package mining

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A drawing has room for so much; what is more stays in the report.
const (
	drawnNodes = 60
	drawnEdges = 200
	drawnLabel = 60 // characters
)

// drawnEdge is an arrow of a drawing.
type drawnEdge struct {
	from, to, label string
	count           int
	begins, ends    bool // it comes from the start, or leads to the end, and not from or to an activity
}

// Mermaid draws the graph as a Mermaid flowchart: activities with how often
// they happen, and the most frequent transitions with how often and how long
// (median) they are.
func (g *Graph) Mermaid() string {
	edges := make([]drawnEdge, 0, len(g.Edges)+len(g.Start)+len(g.End))
	for _, s := range g.Start {
		edges = append(edges, drawnEdge{to: s.Name, label: strconv.Itoa(s.Count), count: s.Count, begins: true})
	}
	for _, s := range g.End {
		edges = append(edges, drawnEdge{from: s.Name, label: strconv.Itoa(s.Count), count: s.Count, ends: true})
	}
	for _, e := range g.Edges {
		label := strconv.Itoa(e.Count)
		if e.Median != nil {
			label += ", " + readable(*e.Median)
		}
		edges = append(edges, drawnEdge{from: e.From, to: e.To, label: label, count: e.Count})
	}
	labels := map[string]string{}
	for _, a := range g.Activities {
		labels[a.Name] = cutLabel(a.Name) + " (" + strconv.Itoa(a.Count) + ")"
	}
	return mermaid(g.names(), g.ActivitiesTotal, labels, edges, len(edges)-len(g.Edges)+g.EdgesTotal)
}

func (g *Graph) names() []string {
	names := make([]string, len(g.Activities))
	for i, a := range g.Activities {
		names[i] = a.Name
	}
	return names
}

// Mermaid draws the net as a Mermaid flowchart: its dependencies with how often
// they happen and their measures.
func (n *HeuristicsNet) Mermaid() string {
	all := slices.Concat(n.Start, n.Edges, n.End)
	edges, labels, events := make([]drawnEdge, len(all)), map[string]string{}, map[string]int{}
	for i, e := range all {
		d := drawnEdge{e.From, e.To, fmt.Sprintf("%d, %.2f", e.Count, e.Dependency), e.Count, i < len(n.Start), i >= len(all)-len(n.End)}
		if !d.begins {
			labels[e.From] = cutLabel(e.From)
			events[e.From] += e.Count
		}
		if !d.ends {
			labels[e.To] = cutLabel(e.To)
			events[e.To] += e.Count
		}
		edges[i] = d
	}
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(events[b], events[a]), cmp.Compare(a, b)) })
	return mermaid(names, len(names), labels, edges, len(n.Start)+len(n.End)+n.EdgesTotal)
}

// mermaid writes a flowchart of the first of the names and the most frequent of
// the edges between them; of how many is told. Names are labels only: what is a word of Mermaid's
// own is never theirs.
func mermaid(names []string, activities int, labels map[string]string, edges []drawnEdge, total int) string {
	var out strings.Builder
	out.WriteString("flowchart LR\n")
	ids := map[string]string{}
	for i, name := range names[:min(drawnNodes, len(names))] {
		ids[name] = "n" + strconv.Itoa(i)
	}
	edges = slices.DeleteFunc(edges, func(e drawnEdge) bool {
		return !e.begins && ids[e.from] == "" || !e.ends && ids[e.to] == ""
	})
	slices.SortStableFunc(edges, func(a, b drawnEdge) int { return cmp.Compare(b.count, a.count) })
	edges = edges[:min(drawnEdges, len(edges))]
	if len(edges) < total || len(ids) < activities {
		fmt.Fprintf(&out, "  %%%% %d of %d activities and %d of %d arrows, the most frequent\n", len(ids), activities, len(edges), total)
	}
	out.WriteString("  begin((\"#9654;\"))\n")
	for _, name := range names[:len(ids)] {
		fmt.Fprintf(&out, "  %s[\"%s\"]\n", ids[name], escapeLabel(labels[name]))
	}
	out.WriteString("  finish((\"#9632;\"))\n")
	for _, e := range edges {
		from, to := ids[e.from], ids[e.to]
		if e.begins {
			from = "begin"
		}
		if e.ends {
			to = "finish"
		}
		fmt.Fprintf(&out, "  %s -->|\"%s\"| %s\n", from, escapeLabel(e.label), to)
	}
	return out.String()
}

// cutLabel shortens a name to what a drawing has room for.
func cutLabel(name string) string {
	if runes := []rune(name); len(runes) > drawnLabel {
		return string(runes[:drawnLabel-1]) + "…"
	}
	return name
}

// escapeLabel writes every character that could mean something to Mermaid, to
// Markdown or to HTML as Mermaid's numeric entity, and none that breaks a line
// or turns the direction of what follows.
func escapeLabel(s string) string {
	if strings.TrimSpace(s) == "" {
		return "#32;"
	}
	var out strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsControl(r) || r != '\u200c' && r != '\u200d' && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			out.WriteByte(' ')
		case r > unicode.MaxASCII, r == ' ', r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', strings.ContainsRune("-_.,/", r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return out.String()
}

// readable writes hours as people say them.
func readable(hours float64) string {
	switch {
	case hours < 1:
		return strconv.FormatFloat(hours*60, 'f', 0, 64) + " min"
	case hours < 48:
		return strconv.FormatFloat(hours, 'f', 1, 64) + " h"
	}
	return strconv.FormatFloat(hours/24, 'f', 1, 64) + " d"
}
