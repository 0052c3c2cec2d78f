package diagram

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// The measures of the drawing in pixels.
const (
	boxWidth  = 210
	boxHeight = 44
	columnGap = 24
	rowGap    = 64
	margin    = 20
	rowMost   = 6 // boxes beside each other
	sweeps    = 4
)

// SVG draws the graph in rows: what uses stands above what is used, as far as
// cycles allow. Within a row the nodes stand near the mean of their neighbours
// above (the barycentre heuristic of Sugiyama et al. 1981). The picture needs
// nothing else and runs nothing.
func SVG(g *codeindex.Graph) string {
	g = readable(g)
	edges := numbered(g)
	rows := rowsOf(len(g.Nodes), edges)
	order(rows, edges, len(g.Nodes))
	x, y := make([]int, len(g.Nodes)), make([]int, len(g.Nodes))
	most := 1
	for _, row := range rows {
		most = max(most, len(row))
	}
	width := 2*margin + most*boxWidth + (most-1)*columnGap
	for r, row := range rows {
		left := (width - len(row)*boxWidth - (len(row)-1)*columnGap) / 2
		for i, n := range row {
			x[n], y[n] = left+i*(boxWidth+columnGap), margin+r*(boxHeight+rowGap)
		}
	}
	height := 2*margin + max(len(rows), 1)*(boxHeight+rowGap) - rowGap
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="12">`+"\n", width, height, width, height)
	out.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>` + "\n")
	for _, e := range edges {
		drawEdge(&out, x[e[0]], y[e[0]], x[e[1]], y[e[1]])
	}
	for i, n := range g.Nodes {
		drawNode(&out, n, x[i], y[i])
	}
	out.WriteString("</svg>\n")
	return out.String()
}

// drawEdge leads from the lower side of a box to the upper side of one below,
// and the other way round against the rows.
func drawEdge(out *strings.Builder, x1, y1, x2, y2 int) {
	x1, x2 = x1+boxWidth/2, x2+boxWidth/2
	style := ""
	switch {
	case y2 > y1:
		y1 += boxHeight
	case y2 < y1:
		y2 += boxHeight
		style = ` stroke-dasharray="5 3"`
	default:
		y1, y2 = y1+boxHeight, y2+boxHeight
		fmt.Fprintf(out, `<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="#99a" marker-end="url(#tip)"/>`+"\n", x1, y1, x1, y1+rowGap/2, x2, y2+rowGap/2, x2, y2)
		return
	}
	middle := (y1 + y2) / 2
	fmt.Fprintf(out, `<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="#99a" marker-end="url(#tip)"%s/>`+"\n", x1, y1, x1, middle, x2, middle, x2, y2, style)
}

func drawNode(out *strings.Builder, n codeindex.GraphNode, x, y int) {
	fill := "#eef3fb"
	if n.Test {
		fill = "#f4f4ee"
	}
	fmt.Fprintf(out, `<g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="%s" stroke="#557"/>`, escape(title(&n)), x, y, boxWidth, boxHeight, fill)
	fmt.Fprintf(out, `<text x="%d" y="%d" text-anchor="middle" textLength="%d" lengthAdjust="spacingAndGlyphs" fill="#223">%s</text></g>`+"\n",
		x+boxWidth/2, y+boxHeight/2+4, min(boxWidth-16, 7*len([]rune(label(n.Label)))), escape(label(n.Label)))
}

func escape(s string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(s)) // a builder takes everything
	return out.String()
}

// rowsOf puts each node below all that use it, edges that close a cycle apart,
// and cuts rows that are too long.
func rowsOf(n int, edges [][2]int) [][]int {
	uses := make([][]int, n)
	for _, e := range edges {
		uses[e[0]] = append(uses[e[0]], e[1])
	}
	sorted := topological(uses)
	rank := make([]int, n)
	place := make([]int, n)
	for i, v := range sorted {
		place[v] = i
	}
	deepest := 0
	for _, v := range sorted {
		for _, w := range uses[v] {
			if place[w] > place[v] { // else it closes a cycle
				rank[w] = max(rank[w], rank[v]+1)
				deepest = max(deepest, rank[w])
			}
		}
	}
	levels := make([][]int, deepest+1)
	for v := range n {
		levels[rank[v]] = append(levels[rank[v]], v)
	}
	var rows [][]int
	for _, level := range levels {
		rows = slices.AppendSeq(rows, slices.Chunk(level, rowMost))
	}
	return rows
}

// topological sorts nodes so that users come first, as far as cycles allow. It
// walks with a stack of its own: a graph may be one long chain.
func topological(uses [][]int) []int {
	seen := make([]bool, len(uses))
	next := make([]int, len(uses))
	var done []int
	for root := range uses {
		if seen[root] {
			continue
		}
		seen[root] = true
		for stack := []int{root}; len(stack) > 0; {
			v := stack[len(stack)-1]
			if next[v] == len(uses[v]) {
				done = append(done, v)
				stack = stack[:len(stack)-1]
				continue
			}
			w := uses[v][next[v]]
			next[v]++
			if !seen[w] {
				seen[w] = true
				stack = append(stack, w)
			}
		}
	}
	slices.Reverse(done)
	return done
}

// order sorts each row by the mean place of what uses its nodes.
func order(rows [][]int, edges [][2]int, n int) {
	users := make([][]int, n)
	for _, e := range edges {
		users[e[1]] = append(users[e[1]], e[0])
	}
	at := make([]float64, n)
	for range sweeps {
		for _, row := range rows {
			for i, v := range row {
				at[v] = float64(i) - float64(len(row)-1)/2
			}
		}
		for _, row := range rows {
			weight := map[int]float64{}
			for _, v := range row {
				weight[v] = at[v]
				for i, u := range users[v] {
					if i == 0 {
						weight[v] = 0
					}
					weight[v] += at[u] / float64(len(users[v]))
				}
			}
			slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(weight[a], weight[b]) })
			for i, v := range row {
				at[v] = float64(i) - float64(len(row)-1)/2
			}
		}
	}
}
