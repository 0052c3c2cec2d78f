package analysis

import (
	"fmt"
	"iter"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// placeFolders decides which folders only show the software. What lies there is
// documentation, as Linguist has it of those at the root; a folder that has such a
// name and is the software is none.
func (a *assembly) placeFolders() {
	t := beside.Tree{Entries: a.manifest.EntryPoints}
	for i := range a.files {
		f := &a.files[i]
		t.Paths = append(t.Paths, f.Path)
		if f.Code() && !f.TestData {
			t.Files = append(t.Files, beside.File{Path: f.Path, Language: f.Language, Code: f.Lines.Code, Test: f.Test, Main: f.Facts != nil && f.Facts.Main && !f.Test})
		}
	}
	t.Imports = func() iter.Seq2[string, string] {
		if a.graph == nil {
			a.graph = a.resolved()
		}
		return func(yield func(from, to string) bool) {
			for e := range a.graph.Edges() {
				if !yield(e.From, e.To) {
					return
				}
			}
		}
	}
	a.shown = beside.Decide(t)
	a.report.Beside = append(a.report.Beside, a.shown.Beside...)
	for i := range a.files {
		f := &a.files[i]
		if !f.Analysed() {
			continue
		}
		if folder := beside.Of(a.shown.Beside, f.Path); folder != "" {
			f.Documentation = a.read.attributes.DocumentationIn(folder, f.Path, true)
		} else if folder := beside.Of(a.shown.Product, f.Path); folder != "" {
			f.Documentation = a.read.attributes.DocumentationIn(folder, f.Path, false)
		}
	}
}

// besideNote says what is not listed because it only shows the software.
func (a *assembly) besideNote() *report.Note {
	count := map[string]int{} // files of code by folder
	for i := range a.files {
		if f := &a.files[i]; f.Code() && !f.Test && f.Kind == source.KindProgramming {
			if folder := beside.Of(a.shown.Beside, f.Path); folder != "" {
				count[folder]++
			}
		}
	}
	var list []string
	files := 0
	for _, folder := range a.shown.Beside {
		if count[folder] > 0 {
			list = append(list, folder)
			files += count[folder]
		}
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(x, y string) int { return count[y] - count[x] })
	said := list[0]
	for i := 1; i < min(len(list), examples); i++ {
		said += ", " + list[i]
	}
	if n := len(list) - examples; n > 0 {
		said += fmt.Sprintf(" and %d more", n)
	}
	return &report.Note{Code: "examples_left_out", Message: fmt.Sprintf("The software stands beside %s, with %s of code: what is served, started or kept there shows it, and is not among its endpoints, commands, jobs and models.", said, someFiles(files))}
}
