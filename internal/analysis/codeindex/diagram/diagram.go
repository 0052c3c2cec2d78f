// Package diagram draws a part of the code graph as Mermaid, as DOT for
// Graphviz, and as SVG. The drawings are made from the graph alone and are
// always valid: nodes have numbers of ours, and names are labels only, so that
// no name can break one. What is too much to be read is cut, and a node says how
// much that is. It may import codeindex and the standard library.
package diagram

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// maxLabel is how many characters of a name are shown.
const maxLabel = 40

// numbered returns the edges by the places of their nodes, without those to nowhere.
func numbered(g *codeindex.Graph) (edges [][2]int) {
	at := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		at[n.ID] = i
	}
	for _, e := range g.Edges {
		from, ok := at[e.From]
		to, ok2 := at[e.To]
		if ok && ok2 && from != to {
			edges = append(edges, [2]int{from, to})
		}
	}
	return edges
}

// label is a name fit for one line: cut in the middle, since the end of a path
// says more than that, and without what would be obeyed in place of shown.
func label(s string) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if len(runes) > maxLabel {
		head := (maxLabel - 1) / 3
		return string(runes[:head]) + "…" + string(runes[len(runes)-(maxLabel-1-head):])
	}
	if len(runes) == 0 {
		return " "
	}
	return string(runes)
}

// Mermaid draws the graph as a flowchart from those who use to what is used.
func Mermaid(g *codeindex.Graph) string {
	g = readable(g)
	var out strings.Builder
	out.WriteString("flowchart TD\n")
	for i, n := range g.Nodes {
		fmt.Fprintf(&out, "  n%d[\"%s\"]\n", i, mermaidText(label(n.Label)))
	}
	edges := numbered(g)
	for _, e := range edges {
		fmt.Fprintf(&out, "  n%d --> n%d\n", e[0], e[1])
	}
	return out.String()
}

// mermaidText writes what could mean something to Mermaid, Markdown or HTML as
// numbers.
func mermaidText(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r >= 0xa0 || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" /_-.", r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return out.String()
}

// DOT draws the graph in the language of Graphviz. The id of a node is its
// tooltip.
func DOT(g *codeindex.Graph) string {
	g = readable(g)
	var out strings.Builder
	out.WriteString("digraph code {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n")
	for i, n := range g.Nodes {
		style := ""
		if n.Test {
			style = ", style=dashed"
		}
		fmt.Fprintf(&out, "  n%d [label=\"%s\", tooltip=\"%s\"%s];\n", i, dotText(label(n.Label)), dotText(title(&n)), style)
	}
	edges := numbered(g)
	for _, e := range edges {
		fmt.Fprintf(&out, "  n%d -> n%d;\n", e[0], e[1])
	}
	out.WriteString("}\n")
	return out.String()
}

// dotText escapes the two characters that end or bend a string of DOT.
func dotText(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }
