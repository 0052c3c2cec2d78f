package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The most that a diagram can hold and still be read.
const (
	mermaidNodes = 30
	mermaidEdges = 80
)

// mermaid draws the components as a flowchart. Names are labels only: the
// diagram's own ids are ours, so no name can break it.
func mermaid(a report.Architecture) string {
	var out strings.Builder
	out.WriteString("flowchart TD\n")
	nodes := make(map[string]int)
	for i, c := range largest(a.Components, mermaidNodes) {
		nodes[c.Name] = i
		fmt.Fprintf(&out, "  c%d[\"%s\"]\n", i, mermaidLabel(cutMiddle(c.Name, 60)))
	}
	for _, edge := range heaviest(a.Dependencies, nodes, mermaidEdges) {
		fmt.Fprintf(&out, "  c%d --> c%d\n", nodes[edge.From], nodes[edge.To])
	}
	return out.String()
}

// largest keeps the n components with the most code, in the order of the
// report.
func largest(components []report.Component, n int) []report.Component {
	if len(components) <= n {
		return components
	}
	bySize := make([]int, len(components))
	for i := range bySize {
		bySize[i] = i
	}
	slices.SortStableFunc(bySize, func(a, b int) int {
		return int(min(max(components[b].Lines-components[a].Lines, -1), 1))
	})
	chosen := bySize[:n]
	slices.Sort(chosen)
	out := make([]report.Component, n)
	for i, index := range chosen {
		out[i] = components[index]
	}
	return out
}

// heaviest keeps the n heaviest dependencies between two different nodes, each
// pair once, in the order of the report.
func heaviest(edges []report.Dependency, nodes map[string]int, n int) []report.Dependency {
	seen := make(map[[2]string]bool)
	var usable []report.Dependency
	for _, e := range edges {
		_, from := nodes[e.From]
		_, to := nodes[e.To]
		pair := [2]string{e.From, e.To}
		if from && to && e.From != e.To && !seen[pair] {
			seen[pair] = true
			usable = append(usable, e)
		}
	}
	if len(usable) <= n {
		return usable
	}
	weights := make([]int, len(usable))
	for i, e := range usable {
		weights[i] = e.Weight
	}
	slices.SortFunc(weights, func(a, b int) int { return b - a })
	least, ties := weights[n-1], 0
	for _, w := range weights[:n] {
		if w == least {
			ties++
		}
	}
	return slices.DeleteFunc(usable, func(e report.Dependency) bool {
		if e.Weight == least {
			ties--
			return ties < 0
		}
		return e.Weight < least
	})
}

// mermaidLabel writes every character that could mean something to Mermaid, to
// Markdown or to HTML as Mermaid's numeric entity.
func mermaidLabel(s string) string {
	if s == "" {
		return "#32;"
	}
	var out strings.Builder
	for _, r := range s {
		harmless := r == ' ' || r == '/' || r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' ||
			r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0xa0
		if harmless {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return out.String()
}
