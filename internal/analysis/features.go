package analysis

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/feature"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// findFeatures says what the software does for its users.
func (a *assembly) findFeatures(cyclic func(*source.File) bool) {
	in := feature.Input{
		Name:   a.options.Name,
		Layout: a.manifest.Layout, External: a.manifest.External, EntryPoints: a.manifest.EntryPoints, Programs: a.manifest.Programs,
		Uses: a.graph.Uses, Files: make([]feature.File, len(a.files)),
	}
	byPath := make(map[string]*source.File, len(a.files))
	for i := range a.files {
		f := &a.files[i]
		byPath[f.Path] = f
		in.Files[i] = feature.File{
			Path: f.Path, Language: f.Language, Test: f.Test, Facts: f.Facts,
			Aside: f.TestData || !f.Analysed() || f.Documentation && !feature.IsAPIDocument(f.Path),
		}
		if feature.Wanted(f.Path) {
			in.Files[i].Content = a.read.kept[f.Path]
		}
	}
	found := feature.Read(in)
	r := a.report
	r.Features = found.Group(in, a.parts.ComponentOf)
	r.Endpoints, r.Commands, r.Jobs, r.Models, r.Pages, r.RPC = found.Endpoints, found.Commands, found.Jobs, found.Models, found.Pages, found.RPC
	if found.Applied && mostlyParsed(a.files) {
		r.FeatureCount = new(len(r.Features))
	}
	a.cutLists, a.unread, a.routeNames = found.Cut, found.Unread, found.RouteNames
	for i := range r.Features {
		var files []*source.File
		for _, p := range r.Features[i].Files {
			if f := byPath[p]; f != nil {
				files = append(files, f)
			}
		}
		r.Features[i].Complexity = complexityScore(files, cyclic)
	}
}

// cutNote says which lists of the report were longer than it shows.
func (a *assembly) cutNote() *report.Note {
	if len(a.cutLists) == 0 {
		return nil
	}
	return &report.Note{Code: "lists_cut", Message: "The software does more than one report lists: of its " + strings.Join(a.cutLists, ", ") + " the first ones are shown."}
}
