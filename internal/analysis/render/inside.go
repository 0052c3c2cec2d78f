package render

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

const (
	pageInsides = 60 // components that the page opens
	mostDepth   = 8  // of components inside of components; reports have three levels
)

// insideView is a component that the page opens: what is inside it, as the whole
// is shown.
type insideView struct {
	ID    string
	Name  string
	Below string // parts, files and lines
	Map   *mapView
	Rows  []insideRow
	More  string
	Open  []insideView // the parts that can be opened themselves
}

// insideRow is a part in the table of an opened component.
type insideRow struct {
	report.Component

	Start []place
	Told  []piece
}

// insides opens components until there are pageInsides, the outer ones first.
// The results are by component, in the order of the report.
func (p *pageData) insides(components []report.Component) []insideView {
	var all []opened
	for level := []opened{{view: &insideView{}, parts: components}}; len(level) > 0; {
		var next []opened
		for _, o := range level {
			for _, c := range o.parts {
				if c.Inside != nil && len(all) < pageInsides && o.depth < mostDepth {
					all = append(all, opened{view: p.open(c, len(all)), parts: c.Inside.Components, depth: o.depth + 1, outer: o.at})
					all[len(all)-1].at = len(all)
					next = append(next, all[len(all)-1])
				}
			}
		}
		level = next
	}
	var top []insideView
	for _, o := range slices.Backward(all) { // the inner ones are whole first
		slices.Reverse(o.view.Open)
		for _, inner := range o.view.Open {
			o.view.Map.opens(inner.Name, inner.ID)
		}
		if o.outer == 0 {
			top = append(top, *o.view)
			continue
		}
		outer := all[o.outer-1].view
		outer.Open = append(outer.Open, *o.view)
	}
	slices.Reverse(top)
	return top
}

// opened is a component on the way to its view. Numbers count from 1 in the
// order of opening; outer is 0 for those of the first level.
type opened struct {
	view      *insideView
	parts     []report.Component
	depth     int
	at, outer int
}

func (p *pageData) open(c report.Component, n int) *insideView {
	list, more := head(c.Inside.Components, pageList)
	v := &insideView{ID: "inside-" + strconv.Itoa(n+1), Name: c.Name, Below: insideWords(c), Map: newMap(report.Architecture{
		Components: c.Inside.Components, Dependencies: c.Inside.Dependencies, Cycles: c.Inside.Cycles, Layers: c.Inside.Layers,
	})}
	if more > 0 {
		v.More = seeJSON(more)
	}
	for _, part := range list {
		row := insideRow{Component: part, Told: p.Told(part.Narrative)}
		for _, file := range part.KeyFiles[:min(len(part.KeyFiles), 3)] {
			row.Start = append(row.Start, p.File(file))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func insideWords(c report.Component) string {
	return plural(len(c.Inside.Components), "part", "parts") + ", " + plural(c.Files, "file", "files") + ", " + plural(c.Lines, "line", "lines") + " of code"
}

// Folded is that of the table of parts.
func (v insideView) Folded() int { return folded(len(v.Rows)) }

// opens makes the box of a component lead to what is inside it.
func (v *mapView) opens(name, id string) {
	if v == nil {
		return
	}
	for i := range v.Boxes {
		if v.Boxes[i].Name == name {
			v.Boxes[i].Opens = id
		}
	}
}

// nested is a component with the one that it is inside of, "" for the first
// level.
type nested struct {
	report.Component

	outer string
}

// nestedIn lists the components that are inside of others, the outer ones
// first.
func nestedIn(components []report.Component) []nested {
	var out []nested
	level := []nested{}
	for _, c := range components {
		level = append(level, nested{Component: c})
	}
	for depth := 0; len(level) > 0 && depth < mostDepth; depth++ {
		var next []nested
		for _, outer := range level {
			if outer.Inside == nil {
				continue
			}
			for _, c := range outer.Inside.Components {
				next = append(next, nested{Component: c, outer: outer.Name})
			}
		}
		out = append(out, next...)
		level = next
	}
	return out
}

// partNames names what is inside a component, most code first.
func partNames(c report.Component) string {
	parts := slices.Clone(c.Inside.Components)
	slices.SortStableFunc(parts, func(a, b report.Component) int { return cmp.Compare(b.Lines, a.Lines) })
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = part.Name
	}
	return strings.Join(names, listSeparator)
}

// mostPlaces is how many folders stand for the description of a component.
const mostPlaces = 12

// madeOf says what is known of a component that no document describes: its
// languages, and the folders that its name leaves out.
func madeOf(c report.Component) string {
	words := cmp.Or(strings.Join(c.Languages, listSeparator), "no description")
	if len(c.Paths) < 2 {
		return words
	}
	places, more := head(c.Paths, mostPlaces)
	words += " in " + strings.Join(places, listSeparator)
	if more > 0 {
		words += " and " + count(more) + " more"
	}
	return words
}
