package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// mapView is the map of components as the page draws it.
type mapView struct {
	Width, Height string
	Boxes         []mapBox
	Arrows        []mapArrow
	HiddenBoxes   int // components that are left out for readability
	HiddenArrows  int
	Cycles        bool // some arrow is part of a cycle
	Kinds         []string
}

type mapBox struct {
	ID    int
	X, Y  string
	Kind  string // a class of the style sheet
	Lines []boxLine
	Below string // files and lines
	Bar   string // length of the bar that shows the size
	Title string // all of it, for the tooltip
	Name  string
	Opens string // the id of what shows the inside of it, "" for none
}

// boxLine is one line of a box's name.
type boxLine struct{ Y, Text string }

// mapArrow is one dependency. From and To are ids of boxes.
type mapArrow struct {
	From, To int
	D        string
	Class    string
	Width    string
	Title    string
}

// newMap draws the components. The order of everything comes from the report,
// so the same report gives the same drawing.
func newMap(a report.Architecture) *mapView {
	if len(a.Components) == 0 {
		return nil
	}
	components := largest(a.Components, mapNodes)
	index := make(map[string]int, len(components))
	for i, c := range components {
		index[c.Name] = i
	}
	all := heaviest(a.Dependencies, index, len(a.Dependencies))
	edges := heaviest(all, index, mapEdges)
	l := newLayout(components, a.Layers, edges)
	view := &mapView{
		Width:        num(l.width),
		Height:       num(rowTop(len(l.rows)) - rowGap + mapMargin),
		HiddenBoxes:  len(a.Components) - len(components),
		HiddenArrows: len(all) - len(edges),
	}
	view.drawBoxes(l, components)
	view.drawArrows(l, index, cycleOf(a.Cycles))
	return view
}

// rowTop is the upper side of the boxes of a row.
func rowTop(row int) float64 { return mapMargin + float64(row)*(boxHeight+rowGap) }

// num writes a coordinate. One digit after the point is finer than a pixel.
func num(x float64) string {
	s := decimal(x)
	if s == "-0" {
		return "0"
	}
	return s
}

func (v *mapView) drawBoxes(l *layout, components []report.Component) {
	most := int64(1)
	for _, c := range components {
		most = max(most, c.Lines)
	}
	kinds := make(map[string]bool)
	for _, s := range l.spots {
		if s.component < 0 {
			continue
		}
		c := components[s.component]
		kind := kindClass(c.Type)
		kinds[kind] = true
		bar := 0.0
		if c.Lines > 0 {
			bar = max(3, (boxWidth-28)*float64(c.Lines)/float64(most))
		}
		box := mapBox{
			ID: s.component, Name: c.Name, Kind: kind, Bar: num(bar), Title: boxTitle(c),
			X: num(s.x - boxWidth/2), Y: num(rowTop(s.row)),
			Below: boxBelow(&c),
		}
		lines := labelLines(c.Name, boxWidth-30, 2)
		for i, line := range lines {
			// One line stands where the middle of two would.
			box.Lines = append(box.Lines, boxLine{num(22 + 17*float64(i) + 8.5*float64(2-len(lines))), line})
		}
		v.Boxes = append(v.Boxes, box)
	}
	for _, kind := range kindOrder {
		if kinds[kind] {
			v.Kinds = append(v.Kinds, kind)
		}
	}
}

// belowWidth is how wide the line below a name may be, measured as the name is: its
// letters are 11 units, and those of the name 13.
const belowWidth = (boxWidth - 30) * 13 / 11

// boxBelow is how large a component is; the files are rounded where the words would
// be cut otherwise.
func boxBelow(c *report.Component) string {
	lines := " · " + short(c.Lines) + " lines"
	if whole := plural(c.Files, "file", "files") + lines; labelWidth(whole) <= belowWidth {
		return whole
	}
	return fitLabel(short(int64(c.Files))+" files"+lines, belowWidth)
}

// kindOrder lists the types of components that have a colour of their own.
var kindOrder = []string{"application", "library", "tests", "docs", "tooling", "configuration", "other"}

// kindClass is the type as a class of the style sheet.
func kindClass(kind string) string {
	if slices.Contains(kindOrder, kind) {
		return kind
	}
	return "other"
}

func boxTitle(c report.Component) string {
	title := c.Name + " (" + c.Type + ")\n" + plural(c.Files, "file", "files") + ", " + plural(c.Lines, "line", "lines") + " of code"
	if c.Description != nil {
		title += "\n" + *c.Description
	}
	if len(c.Dependencies) > 0 {
		names, more := head(c.Dependencies, 12)
		title += "\nUses: " + strings.Join(names, ", ")
		if more > 0 {
			title += " and " + count(more) + " more"
		}
	}
	return title
}

func (v *mapView) drawArrows(l *layout, index, cycles map[string]int) {
	ports := newPorts(l)
	for i, p := range l.paths {
		arrow := mapArrow{
			From: index[p.edge.From], To: index[p.edge.To], Class: "plain",
			Width: num(1.2 + min(2.3, 0.5*float64(len(strconv.Itoa(max(p.edge.Weight, 0)))-1))),
			Title: p.edge.From + " uses " + p.edge.To + " (" + plural(p.edge.Weight, "pair", "pairs") + " of files)",
		}
		switch {
		case p.flat:
			arrow.D = flatCurve(l, p)
		case p.up:
			arrow.D = reverseCurve(l, p, ports[i])
		default:
			arrow.D = curve(l, p, ports[i])
		}
		if c := cycles[p.edge.From]; c > 0 && c == cycles[p.edge.To] {
			arrow.Class, v.Cycles = "cycle", true
		}
		v.Arrows = append(v.Arrows, arrow)
	}
}

// cycleOf numbers the cycles from 1 and says which one a component is in.
func cycleOf(cycles [][]string) map[string]int {
	out := make(map[string]int)
	for i, members := range cycles {
		for _, name := range members {
			out[name] = i + 1
		}
	}
	return out
}

// ends are the places along a box's side where an edge leaves and arrives.
type ends struct{ upper, lower float64 }

// newPorts spreads the edges of each box along its sides in the order of where
// they go, so that arrows do not share one point.
func newPorts(l *layout) []ends {
	out := make([]ends, len(l.paths))
	type end struct {
		path  int
		toX   float64
		upper bool
	}
	sides := make(map[[2]int][]end) // box and side (0 bottom, 1 top)
	for i, p := range l.paths {
		if p.flat {
			continue
		}
		last := len(p.spots) - 1
		sides[[2]int{p.spots[0], 0}] = append(sides[[2]int{p.spots[0], 0}], end{i, l.spots[p.spots[1]].x, true})
		sides[[2]int{p.spots[last], 1}] = append(sides[[2]int{p.spots[last], 1}], end{i, l.spots[p.spots[last-1]].x, false})
	}
	for side, list := range sides {
		slices.SortStableFunc(list, func(a, b end) int { return cmp.Compare(a.toX, b.toX) })
		for i, e := range list {
			step := min(22, (boxWidth-50)/float64(len(list)))
			x := l.spots[side[0]].x + (float64(i)-float64(len(list)-1)/2)*step
			if e.upper {
				out[e.path].upper = x
			} else {
				out[e.path].lower = x
			}
		}
	}
	return out
}

type point struct{ x, y float64 }

// points are the corners of an edge from its upper to its lower end, two for
// each row that it passes.
func points(l *layout, p route, e ends) []point {
	first, last := l.spots[p.spots[0]], l.spots[p.spots[len(p.spots)-1]]
	out := []point{{e.upper, rowTop(first.row) + boxHeight}}
	for _, s := range p.spots[1 : len(p.spots)-1] {
		x, y := l.spots[s].x, rowTop(l.spots[s].row)
		out = append(out, point{x, y}, point{x, y + boxHeight})
	}
	return append(out, point{e.lower, rowTop(last.row)})
}

// headRoom is what an arrow's head needs before the box that it points to.
const headRoom = 6

func curve(l *layout, p route, e ends) string {
	corners := points(l, p, e)
	corners[len(corners)-1].y -= headRoom
	return smooth(corners)
}

func reverseCurve(l *layout, p route, e ends) string {
	corners := points(l, p, e)
	slices.Reverse(corners)
	corners[len(corners)-1].y += headRoom
	return smooth(corners)
}

// smooth leads a line through the corners: curves between rows, straight
// through them.
func smooth(corners []point) string {
	var d strings.Builder
	fmt.Fprintf(&d, "M%s %s", num(corners[0].x), num(corners[0].y))
	for i := 1; i < len(corners); i++ {
		a, b := corners[i-1], corners[i]
		if i%2 == 0 || a.x == b.x {
			fmt.Fprintf(&d, "L%s %s", num(b.x), num(b.y))
			continue
		}
		middle := (a.y + b.y) / 2
		fmt.Fprintf(&d, "C%s %s %s %s %s %s", num(a.x), num(middle), num(b.x), num(middle), num(b.x), num(b.y))
	}
	return d.String()
}

// flatCurve joins two boxes of one row: neighbours side to side, others by an
// arc, below for arrows to the right and above for arrows to the left.
func flatCurve(l *layout, p route) string {
	from, to := l.spots[p.spots[0]], l.spots[p.spots[1]]
	direction := 1.0
	y, bend := rowTop(from.row)+boxHeight, rowGap*0.55
	if to.x < from.x {
		direction = -1
		y, bend = rowTop(from.row), -rowGap*0.55
	}
	a := point{from.x + direction*boxWidth*0.3, y}
	b := point{to.x - direction*boxWidth*0.3, y + headRoom*direction}
	return fmt.Sprintf("M%s %sC%s %s %s %s %s %s", num(a.x), num(a.y), num(a.x), num(a.y+bend), num(b.x), num(b.y+bend), num(b.x), num(b.y))
}

// labelLines breaks a name into at most n lines of the given width, after a
// slash, dash, underscore, dot or space where it can, and shortens what does
// not fit.
func labelLines(name string, width float64, n int) []string {
	if labelWidth(name) <= width || n == 1 {
		return []string{fitLabel(name, width)}
	}
	used, cut := 0.0, 0
	for g := uniseg.NewGraphemes(name); g.Next(); {
		used += labelWidth(g.Str())
		if used > width {
			break
		}
		if _, end := g.Positions(); strings.ContainsAny(g.Str(), "/-_. ") {
			cut = end
		}
	}
	if cut == 0 {
		return []string{fitLabel(name, width)}
	}
	return append([]string{name[:cut]}, labelLines(name[cut:], width, n-1)...)
}

// fitLabel shortens s in its middle until it is not wider than width.
func fitLabel(s string, width float64) string {
	if labelWidth(s) <= width {
		return s
	}
	var clusters []string
	for g := uniseg.NewGraphemes(s); g.Next(); {
		clusters = append(clusters, g.Str())
	}
	for keep := len(clusters) - 1; keep > 0; keep-- {
		start := keep / 2
		candidate := strings.Join(clusters[:start], "") + "…" + strings.Join(clusters[len(clusters)-(keep-start):], "")
		if labelWidth(candidate) <= width {
			return candidate
		}
	}
	return "…"
}

// labelWidth is an upper estimate of the width of bold text at 13 units in the
// widest of the usual sans-serif fonts.
func labelWidth(s string) float64 {
	const size = 13
	width := 0.0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		r := g.Runes()[0]
		switch {
		case g.Width() > 1:
			width += 1.15
		case g.Width() == 0:
		case strings.ContainsRune("iIjl.,:;'|!/()[]frt ·-", r):
			width += 0.46
		case strings.ContainsRune("mwMW@%—…", r):
			width += 1.08
		case unicode.IsUpper(r):
			width += 0.82
		default:
			width += 0.7
		}
	}
	return width * size
}
