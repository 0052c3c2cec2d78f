package analysis

import (
	"math"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/graph"
	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// draw cuts the code into components and says who knows them.
func (a *assembly) draw() {
	hints := graph.Hints{Name: a.options.Name, EntryPoints: a.report.EntryPoints, Product: a.shown.Product, Readmes: a.readmes()}
	if a.tree != nil {
		const enough = 3 // shared commits; fewer are chance
		hints.Coupling = func(yield func(graph.Pair) bool) {
			for p := range a.tree.CouplingWeights(enough) {
				if !yield(graph.Pair{A: p.A, B: p.B, Shared: p.Shared}) {
					return
				}
			}
		}
	}
	a.parts = a.graph.Map(hints)
	a.report.Architecture = a.parts.Architecture()
	if a.report.Architecture.Components == nil {
		a.report.Architecture.Components = []report.Component{} // there is no code
	}
	if !mostlyParsed(a.files) {
		a.report.Architecture.Modularity = nil // most of the code has no edges
	}
	areas := a.areas() // before others write to the components
	atOnce(a.scoreComponents, func() {
		if a.tree != nil {
			a.report.Hotspots, a.report.TestHotspots = a.tree.Hotspots(history.MaxHotspots, a.parts.ComponentOf)
			a.report.HotspotWindows, a.report.CodeAge = a.tree.HotspotWindows(a.parts.ComponentOf), a.tree.CodeAge()
			a.report.Coupling = a.coupling()
			a.report.Knowledge = a.tree.Knowledge(areas)
		}
	})
	a.report.ReadingOrder = a.parts.ReadingOrder(a.readFirst())
}

// coupling is the pairs of which one at least is code of the product and
// neither is data of tests or documentation: a lock file that changes with its
// manifest, translations and the like would fill the list.
func (a *assembly) coupling() []report.ChangeCoupling {
	code, aside := map[string]bool{}, map[string]bool{}
	for i := range a.files {
		f := &a.files[i]
		code[f.Path] = partOfCode(f) && !f.Test && !f.Documentation
		aside[f.Path] = f.TestData || f.Documentation
	}
	list := []report.ChangeCoupling{}
	for _, c := range a.tree.Coupling(math.MaxInt) {
		if len(list) == history.MaxCouplings {
			break
		}
		if aside[c.A] || aside[c.B] || !code[c.A] && !code[c.B] {
			continue
		}
		c.Imports = a.graph.Imports(c.A, c.B) || a.graph.Imports(c.B, c.A)
		list = append(list, c)
	}
	return list
}

// readmes are the first paragraphs of the folders' READMEs.
func (a *assembly) readmes() map[string]string {
	out := map[string]string{}
	for p, content := range a.read.kept {
		if !isReadme(p) {
			continue
		}
		dir := path.Dir(p)
		if _, summary := document.Summary(p, content); summary != "" && (out[dir] == "" || strings.HasSuffix(strings.ToLower(p), ".md")) {
			out[dir] = summary
		}
	}
	return out
}

// readFirst are the documents that a newcomer reads before the code.
func (a *assembly) readFirst() []report.Document {
	d := a.report.Documentation
	list := []report.Document{}
	addDocument := func(p *string, title string) {
		if p != nil && !slices.ContainsFunc(list, func(known report.Document) bool { return known.Path == *p }) {
			list = append(list, report.Document{Path: *p, Title: title})
		}
	}
	title := "README"
	if d.Title != nil {
		title = *d.Title
	}
	addDocument(d.Readme, title)
	for _, doc := range d.Docs {
		if lower := strings.ToLower(path.Base(doc.Path)); strings.HasPrefix(lower, "architecture") || strings.HasPrefix(lower, "design") || strings.HasPrefix(lower, "overview") && strings.Count(doc.Path, "/") <= 1 {
			addDocument(&doc.Path, doc.Title)
		}
	}
	addDocument(d.Contributing, "Contributing")
	return list[:min(len(list), 4)]
}

// byComponent returns the analysed code by the components that it belongs to,
// those of all levels.
func (a *assembly) byComponent() map[string][]*source.File {
	out := map[string][]*source.File{}
	for i := range a.files {
		f := &a.files[i]
		if !partOfCode(f) {
			continue
		}
		for _, name := range a.placeOf(f.Path) {
			out[name] = append(out[name], f)
		}
	}
	return out
}

// placeOf returns the names of the components that a file is in, the outermost
// first. One that was not analysed has one at most.
func (a *assembly) placeOf(file string) []string {
	if names := a.parts.Place(file); names != nil {
		return names
	}
	if name := a.parts.ComponentOf(file); name != "" {
		return []string{name}
	}
	return nil
}

// scoreComponents fills in what the graph does not know of components.
func (a *assembly) scoreComponents() {
	cyclic := map[string]bool{}
	for _, cycle := range a.report.Architecture.Cycles {
		for _, name := range cycle {
			cyclic[name] = true
		}
	}
	members := a.byComponent()
	inCycle := func(f *source.File) bool { return cyclic[a.parts.ComponentOf(f.Path)] }
	var all []*source.File
	for _, c := range a.report.Architecture.Components {
		all = append(all, members[c.Name]...)
	}
	a.scoreLevel(a.report.Architecture.Components, a.report.Architecture.Cycles, members)
	a.report.ComplexityScore = complexityScore(all, inCycle)
	a.findFeatures(inCycle)
}

// scoreLevel scores the components of a level, and those inside them.
func (a *assembly) scoreLevel(components []report.Component, cycles [][]string, members map[string][]*source.File) {
	for i := range components {
		c := &components[i]
		circular := slices.ContainsFunc(cycles, func(cycle []string) bool { return slices.Contains(cycle, c.Name) })
		c.Complexity = complexityScore(members[c.Name], func(*source.File) bool { return circular })
		if a.tree != nil {
			owned := a.tree.Ownership(pathsOf(members[c.Name]))
			c.Ownership, c.Owners = owned.Band, append([]string{}, owned.People...)
		}
		if c.Inside != nil {
			a.scoreLevel(c.Inside.Components, c.Inside.Cycles, members)
		}
	}
}

func pathsOf(files []*source.File) []string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return paths
}

// areas are the components, as areas of knowledge.
func (a *assembly) areas() []history.Area {
	members := a.byComponent()
	var list []history.Area
	for _, c := range a.report.Architecture.Components {
		list = append(list, history.Area{Name: c.Name, Path: c.Path, Files: pathsOf(members[c.Name])})
	}
	slices.SortStableFunc(list, func(x, y history.Area) int { return strings.Compare(x.Name, y.Name) })
	return list
}
