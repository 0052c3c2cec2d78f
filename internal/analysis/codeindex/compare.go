package codeindex

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Version is one analysis: its report, and its index where there is one.
type Version struct {
	Report *report.CodeReport
	Index  *Index // nil for an analysis without one
}

// Comparison is what changed from one analysis to another. Each list is cut at
// 200 entries; its count beside it is the whole.
type Comparison struct {
	From         string           `json:"from"` // commits
	To           string           `json:"to"`
	Measures     []MeasureChange  `json:"measures"`   // that differ, in the order of the report
	Components   []Change         `json:"components"` // of all levels
	Dependencies []Change         `json:"dependencies"`
	Cycles       []Change         `json:"cycles"`
	Features     []Change         `json:"features"`
	Endpoints    []Change         `json:"endpoints"`    // HTTP, by method and path
	EntryPoints  []Change         `json:"entry_points"` // programs and scripts
	External     []Change         `json:"external_dependencies"`
	Hotspots     []Change         `json:"hotspots"`
	Files        []FileChange     `json:"files"` // most changed complexity first; [] without indexes
	FileTotal    int              `json:"files_total"`
	Functions    []FunctionChange `json:"functions"` // that became more or less complex, most first
	// Totals counts the whole of the lists by their names.
	Totals map[string]int `json:"totals"`
	// Comparable is false when the two reports follow different definitions.
	Comparable bool `json:"comparable"`
}

// MeasureChange is a number that changed. null is not known.
type MeasureChange struct {
	Measure string   `json:"measure"`
	From    *float64 `json:"from"`
	To      *float64 `json:"to"`
}

// Change is something that came or went.
type Change struct {
	Name   string `json:"name"`   // as it is now, or was where it is gone
	Change string `json:"change"` // added, removed, changed; of a component also renamed, moved, joined, split
	Detail string `json:"detail"` // what changed, "" when nothing is to say
}

// FileChange is a file that came, went, moved or changed.
type FileChange struct {
	Path       string  `json:"path"`
	Change     string  `json:"change"`   // added, removed, changed, renamed
	OldPath    *string `json:"old_path"` // of one that was renamed: of equal content, or of one name with most of what it declares
	Lines      int64   `json:"lines"`    // of code, more than before
	Complexity int     `json:"complexity"`
}

// FunctionChange is a function whose cognitive complexity changed.
type FunctionChange struct {
	ID   string `json:"id"` // as it is now
	From int    `json:"from"`
	To   int    `json:"to"`
}

const (
	added   = "added"
	removed = "removed"
	changed = "changed"
	renamed = "renamed"
	moved   = "moved"  // most of its files have other paths
	joined  = "joined" // with others: its files are in another component now, or were in several
	split   = "split"  // its files are in several components now, or were in another

	maxChanges = 200
)

// Compare says what changed from one analysis to another.
func Compare(from, to Version) *Comparison {
	a, b := from.Report, to.Report
	c := &Comparison{
		From: a.Commit, To: b.Commit, Comparable: a.Schema == b.Schema && a.AnalysisType == b.AnalysisType,
		Measures: []MeasureChange{}, Files: []FileChange{}, Functions: []FunctionChange{}, Totals: map[string]int{},
	}
	c.measure(a, b)
	var movedFrom map[string]string
	if from.Index != nil && to.Index != nil {
		movedFrom = renames(from.Index, to.Index)
	}
	components := newLineage(from, to, movedFrom)
	c.Components = c.settle("components", components.changes())
	c.Dependencies = c.settle("dependencies", components.uses(from, to, movedFrom))
	c.Cycles = c.settle("cycles", components.circles(a, b))
	c.Features = c.diff("features", features(a), features(b))
	c.Endpoints = c.diffEndpoints(a.Endpoints, b.Endpoints)
	c.EntryPoints = c.diff("entry_points", entryPoints(a), entryPoints(b))
	c.External = c.diff("external_dependencies", external(a), external(b))
	c.Hotspots = c.diff("hotspots", hotspots(a), hotspots(b))
	if from.Index != nil && to.Index != nil {
		c.compareFiles(from.Index, to.Index, movedFrom)
		c.compareFunctions(from.Index, to.Index)
	}
	return c
}

func (c *Comparison) measure(a, b *report.CodeReport) {
	whole := func(n int) *float64 { return new(float64(n)) }
	pointer := func(n *int) *float64 {
		if n == nil {
			return nil
		}
		return whole(*n)
	}
	values := func(r *report.CodeReport) []MeasureChange {
		return []MeasureChange{
			{Measure: "complexity_score", To: r.ComplexityScore},
			{Measure: "feature_count", To: pointer(r.FeatureCount)},
			{Measure: "files", To: whole(r.Totals.AnalysedFiles)},
			{Measure: "lines", To: new(float64(r.Totals.Lines.Code))},
			{Measure: "functions", To: whole(r.Totals.Functions)},
			{Measure: "test_files", To: whole(r.Totals.TestFiles)},
			{Measure: "test_ratio", To: r.Totals.TestRatio},
			{Measure: "test_coverage", To: r.Totals.Coverage},
			{Measure: "cognitive_p90", To: r.Complexity.Cognitive.P90},
			{Measure: "cyclomatic_p90", To: r.Complexity.Cyclomatic.P90},
			{Measure: "maintainability", To: r.Complexity.Maintainability},
			{Measure: "modularity", To: r.Architecture.Modularity},
			{Measure: "folder_agreement", To: r.Architecture.FolderAgreement},
			{Measure: "components", To: whole(len(r.Architecture.Components))},
			{Measure: "cycles", To: whole(len(r.Architecture.Cycles))},
			{Measure: "truck_factor", To: pointer(r.Knowledge.TruckFactor)},
			{Measure: "contributors", To: whole(r.Window.Contributors)},
			{Measure: "commits", To: whole(r.Window.Commits)},
		}
	}
	before := values(a)
	for i, m := range values(b) {
		m.From = before[i].To
		if (m.From == nil) != (m.To == nil) || m.From != nil && *m.From != *m.To {
			c.Measures = append(c.Measures, m)
		}
	}
}

// diff compares two sets of named things with a detail each.
func (c *Comparison) diff(list string, from, to map[string]string) []Change {
	out := []Change{}
	for name, detail := range from {
		if now, ok := to[name]; !ok {
			out = append(out, Change{Name: name, Change: removed})
		} else if now != detail {
			out = append(out, Change{Name: name, Change: changed, Detail: detail + " → " + now})
		}
	}
	for name := range to {
		if _, ok := from[name]; !ok {
			out = append(out, Change{Name: name, Change: added})
		}
	}
	return c.settle(list, out)
}

// settle puts a list in order, counts it and cuts it.
func (c *Comparison) settle(list string, changes []Change) []Change {
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Change, b.Change), strings.Compare(a.Detail, b.Detail))
	})
	c.Totals[list] = len(changes)
	return slices.Clip(changes[:min(len(changes), maxChanges)])
}

func features(r *report.CodeReport) map[string]string {
	out := map[string]string{}
	for _, f := range r.Features {
		out[f.Name] = ""
	}
	return out
}

// entryPoints are the programs and scripts that the report names.
func entryPoints(r *report.CodeReport) map[string]string {
	out := map[string]string{}
	for _, e := range r.EntryPoints {
		out[e.Kind+" "+e.Name+" ("+e.Path+")"] = ""
	}
	return out
}

// separators are alike in the names of PyPI's packages.
var separators = regexp.MustCompile(`[-_.]+`)

func external(r *report.CodeReport) map[string]string {
	out := map[string]string{}
	for _, e := range r.External {
		name := e.Name
		if e.Ecosystem == "pypi" { // Sphinx, sphinx: one package, however it is spelled
			name = separators.ReplaceAllString(strings.ToLower(name), "-")
		}
		out[e.Ecosystem+" "+name] = e.Version
	}
	return out
}

func hotspots(r *report.CodeReport) map[string]string {
	out := map[string]string{}
	for _, h := range r.Hotspots {
		out[h.Path] = ""
	}
	return out
}

// compareFiles lists what happened to files.
func (c *Comparison) compareFiles(a, b *Index, movedFrom map[string]string) {
	taken := map[string]bool{}
	for i := range b.Files {
		f := &b.Files[i]
		change := FileChange{Path: f.Path, Change: added, Lines: f.Code, Complexity: int(f.Cognitive)}
		origin, isRenamed := movedFrom[f.Path]
		if isRenamed {
			change.Change, change.OldPath, taken[origin] = renamed, &origin, true
		} else {
			origin = f.Path
		}
		if before, ok := a.file(origin); ok {
			old := &a.Files[before]
			if old.Blob == f.Blob && !isRenamed {
				continue
			}
			if !isRenamed {
				change.Change = changed
			}
			change.Lines, change.Complexity = f.Code-old.Code, int(f.Cognitive-old.Cognitive)
		}
		c.Files = append(c.Files, change)
	}
	for _, i := range missing(a, b) {
		if f := &a.Files[i]; !taken[f.Path] {
			c.Files = append(c.Files, FileChange{Path: f.Path, Change: removed, Lines: -f.Code, Complexity: int(-f.Cognitive)})
		}
	}
	slices.SortFunc(c.Files, func(x, y FileChange) int {
		return cmp.Or(cmp.Compare(magnitude(y.Complexity), magnitude(x.Complexity)), strings.Compare(x.Path, y.Path))
	})
	c.FileTotal, c.Totals["files"] = len(c.Files), len(c.Files)
	c.Files = slices.Clip(c.Files[:min(len(c.Files), maxChanges)])
}

func magnitude(n int) int { return max(n, -n) }

// compareFunctions lists the functions that are in both and became more or less
// complex.
func (c *Comparison) compareFunctions(a, b *Index) {
	before, now := a.symbolsByID(), b.symbolsByID()
	for id, symbols := range now {
		c.Functions = append(c.Functions, complexities(a, b, before[id], symbols)...)
	}
	slices.SortFunc(c.Functions, func(x, y FunctionChange) int {
		return cmp.Or(cmp.Compare(magnitude(y.To-y.From), magnitude(x.To-x.From)), strings.Compare(x.ID, y.ID))
	})
	c.Totals["functions"] = len(c.Functions)
	c.Functions = slices.Clip(c.Functions[:min(len(c.Functions), maxChanges)])
}

// complexities lists the changes of what has one name in a file, such as
// overloads, in the order of the file. Those as complex as before are the same
// ones; of the others the first is taken for the first.
func complexities(a, b *Index, before, now []int32) []FunctionChange {
	before = slices.Clone(before)
	var others []int32
	for _, i := range now {
		same := slices.IndexFunc(before, func(was int32) bool { return a.Symbols[was].Cognitive == b.Symbols[i].Cognitive })
		if same < 0 {
			others = append(others, i)
		} else {
			before = slices.Delete(before, same, same+1)
		}
	}
	var out []FunctionChange
	for k, i := range others[:min(len(others), len(before))] {
		out = append(out, FunctionChange{ID: b.symbolID(i), From: int(a.Symbols[before[k]].Cognitive), To: int(b.Symbols[i].Cognitive)})
	}
	return out
}

func (ix *Index) symbolsByID() map[string][]int32 {
	out := make(map[string][]int32, len(ix.Symbols))
	for i := range ix.Symbols {
		name := ix.sharedID(number(i))
		out[name] = append(out[name], number(i))
	}
	return out
}
