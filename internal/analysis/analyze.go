package analysis

import (
	"context"
	"fmt"
	"iter"
	"math"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/graph"
	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// Analyze reads a commit and returns its report. It fails when tree or history
// fail or ctx is done, never for what a file says: a file that cannot be read
// loses its own facts only.
func Analyze(ctx context.Context, tree Tree, past History, o Options) (*report.CodeReport, error) {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	read, err := newReading(ctx, tree, o)
	if err != nil {
		return nil, fmt.Errorf("reading the files: %w", err)
	}
	a := &assembly{options: o, read: read, report: newReport(o)}
	// Files and history are read at the same time: one waits for git while the
	// other computes.
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return a.readTree(both) })
	if o.Type == rampforge.AnalysisQuick {
		a.report.Window.Reason = "this is a quick analysis, which leaves the history out"
	} else {
		group.Go(func() error { return a.readHistory(both, past) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if a.history != nil {
		a.placeHistory()
	}
	a.progress("drawing the map")
	a.draw()
	a.conclude()
	return a.report, ctx.Err()
}

// readTree reads what the commit's files say, and nothing of their past.
func (a *assembly) readTree(ctx context.Context) error {
	if err := a.read.readFiles(ctx); err != nil {
		return fmt.Errorf("reading the files: %w", err)
	}
	a.files = a.read.files
	a.readDocuments()
	a.report.Totals, a.report.Skipped = totals(a.files), skipped(a.files)
	a.report.Totals.Coverage = coverage(a.read.kept)
	a.report.Languages = languages(a.files, func(name string) bool { return a.read.parsers[name] != nil })
	a.report.Complexity = complexity(a.files)
	a.progress("resolving imports")
	a.resolve()
	a.treeRead.Store(true)
	if a.options.Type != rampforge.AnalysisQuick {
		a.tellCommits()
	}
	return ctx.Err()
}

// assembly puts a report together.
type assembly struct {
	options  Options
	read     *reading
	files    []source.File
	report   *report.CodeReport
	manifest *manifest.Result
	graph    *graph.Graph
	history  *history.History // nil in a quick analysis
	tree     *history.Tree    // nil in a quick analysis
	parts    *graph.Map
	reason   string // why a history that reaches its roots is not complete all the same

	treeRead atomic.Bool  // from then on the progress is that of the history
	commits  atomic.Int64 // read so far
}

func newReport(o Options) *report.CodeReport {
	r := &report.CodeReport{
		Schema: report.SchemaVersion, Name: o.Name, Commit: o.Commit, Ref: o.Ref, AnalysisType: string(o.Type), Definitions: definitions(),
		Features: []report.Feature{}, Patterns: []report.Pattern{}, Hotspots: []report.Hotspot{}, TestHotspots: []report.Hotspot{}, Coupling: []report.ChangeCoupling{},
		Knowledge: report.Knowledge{Areas: []report.KnowledgeArea{}}, Activity: report.Activity{Months: []report.Month{}},
		Recommendations: []report.Recommendation{}, External: []report.External{}, EntryPoints: []report.EntryPoint{}, ReadingOrder: []report.ReadingStep{}, Notes: []report.Note{},
	}
	if o.WebURL != "" {
		r.WebURL = &o.WebURL
	}
	if !o.CommittedAt.IsZero() {
		r.CommittedAt = new(o.CommittedAt.UTC())
	}
	return r
}

func (a *assembly) progress(stage string) {
	a.read.tell(rampforge.Progress{Unit: "steps", Stage: stage})
}

// readDocuments reads what the repository says of itself: manifests, build
// files and prose.
func (a *assembly) readDocuments() {
	paths := make([]string, 0, len(a.files))
	for i := range a.files {
		if mode := a.files[i].Mode; mode == rampforge.ModeFile || mode == rampforge.ModeExecutable {
			paths = append(paths, a.files[i].Path)
		}
	}
	var manifests []manifest.File
	for _, p := range manifest.Select(paths) {
		if content, ok := a.read.kept[p]; ok {
			manifests = append(manifests, manifest.File{Path: p, Content: content})
		}
	}
	a.manifest = manifest.Read(paths, manifests)
	var documents []document.File
	for _, p := range document.Select(paths) {
		if content, ok := a.read.kept[p]; ok {
			documents = append(documents, document.File{Path: p, Content: content})
		}
	}
	a.report.Documentation = document.Read(paths, documents)
	a.report.Description = a.report.Documentation.Summary
	a.report.Build = a.manifest.Build
	a.report.EntryPoints = a.entryPoints()
}

// maxEntryPoints bounds the list of a report.
const maxEntryPoints = 100

// entryPoints joins what the manifests say to the files that start a program
// by themselves.
func (a *assembly) entryPoints() []report.EntryPoint {
	list := slices.Clone(a.manifest.EntryPoints)
	known := map[string]bool{}
	for _, e := range list {
		known[e.Path] = true
	}
	for i := range a.files {
		f := &a.files[i]
		if f.Facts == nil || !f.Facts.Main || f.Test || f.Documentation || known[f.Path] {
			continue
		}
		e := report.EntryPoint{Path: f.Path, Kind: "program", Name: programName(f.Path)}
		for _, fn := range f.Facts.Functions {
			if fn.Name == "main" || strings.HasSuffix(fn.Name, ".main") {
				e.Line = fn.Line
				break
			}
		}
		list = append(list, e)
	}
	slices.SortStableFunc(list, func(x, y report.EntryPoint) int {
		if d := strings.Count(x.Path, "/") - strings.Count(y.Path, "/"); d != 0 {
			return d
		}
		if d := strings.Compare(x.Path, y.Path); d != 0 {
			return d
		}
		return x.Line - y.Line
	})
	return list[:min(len(list), maxEntryPoints)]
}

// programName is what people call the program that a file starts.
func programName(filePath string) string {
	stem := strings.TrimSuffix(path.Base(filePath), path.Ext(filePath))
	dir := path.Base(path.Dir(filePath))
	if (stem == "main" || stem == "__main__" || stem == "index" || stem == "Main" || stem == "cli") && dir != "." {
		return dir
	}
	return stem
}

// partOfCode reports whether a file belongs on the map of the code.
func partOfCode(f *source.File) bool { return f.Analysed() && counts(f.Kind) && !f.TestData }

// resolve builds the graph of files.
func (a *assembly) resolve() {
	t := graph.Tree{Layout: a.manifest.Layout}
	for i := range a.files {
		f := &a.files[i]
		t.Paths = append(t.Paths, f.Path)
		if partOfCode(f) {
			t.Files = append(t.Files, graph.File{Path: f.Path, Language: f.Language, Kind: f.Kind, Code: f.Lines.Code, Test: f.Test, Facts: f.Facts})
		}
	}
	a.graph = graph.Resolve(t)
	if a.options.IncludeDependencies {
		a.report.External = slices.Clone(a.manifest.External)
		a.graph.CountUses(a.report.External)
	}
}

func (a *assembly) readHistory(ctx context.Context, past History) error {
	complete, reason := past.Complete()
	h, err := history.Read(ctx, a.counted(past.Commits(ctx)), history.ReadOptions{
		Head: a.options.Commit, HeadTime: a.options.CommittedAt, Mailmap: a.read.mailmap, Complete: complete, Reason: reason,
	})
	if err != nil {
		return fmt.Errorf("reading the history: %w", err)
	}
	a.history = h
	if a.options.Signed != nil {
		for _, s := range h.Signed() {
			a.options.Signed(s.Committed, s.Proper)
		}
	}
	// What a clone lacks shows only now: renames are then seen as new files.
	if now, why := past.Complete(); complete && !now {
		a.reason = why
	}
	return nil
}

// placeHistory holds the history against the files of today.
func (a *assembly) placeHistory() {
	h := a.history
	files := make([]history.File, 0, len(a.files))
	for i := range a.files {
		f := &a.files[i]
		if !f.Analysed() {
			continue
		}
		files = append(files, history.File{
			Path: f.Path, Source: counts(f.Kind) && !f.Documentation && !f.TestData, Test: f.Test, Code: f.Lines.Code, Complexity: cognitiveOf(f), Parsed: f.Facts != nil,
		})
	}
	a.tree = h.Tree(files)
	a.report.Window, a.report.Activity = h.Window(), h.Activity(a.kindOf())
	if a.reason != "" {
		a.report.Window.Complete, a.report.Window.Reason = false, a.reason
	}
}

// counted tells of the progress through the commits, once the files are read.
func (a *assembly) counted(commits iter.Seq2[rampforge.Commit, error]) iter.Seq2[rampforge.Commit, error] {
	return func(yield func(rampforge.Commit, error) bool) {
		for c, err := range commits {
			if n := a.commits.Add(1); n%512 == 0 && a.treeRead.Load() {
				a.tellCommits()
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

func (a *assembly) tellCommits() {
	a.read.tell(rampforge.Progress{Done: a.commits.Load(), Unit: "commits", Stage: "reading history"})
}

// kindOf says what a path is, today or in the past: what is gone is known by
// its name only.
func (a *assembly) kindOf() func(string) history.Kind {
	kinds := make(map[string]history.Kind, len(a.files))
	for i := range a.files {
		f := &a.files[i]
		switch {
		case f.TestData:
			kinds[f.Path] = history.KindOther
		case f.Code() && f.Test:
			kinds[f.Path] = history.KindTest
		case f.Code():
			kinds[f.Path] = history.KindCode
		default:
			kinds[f.Path] = history.KindOther
		}
	}
	return func(p string) history.Kind {
		if kind, known := kinds[p]; known {
			return kind
		}
		kind := history.KindOther
		switch {
		case !source.IsCodeByName(p):
		case source.IsTest(p):
			kind = history.KindTest
		default:
			kind = history.KindCode
		}
		kinds[p] = kind
		return kind
	}
}

// draw cuts the code into components and says who knows them.
func (a *assembly) draw() {
	hints := graph.Hints{Name: a.options.Name, EntryPoints: a.report.EntryPoints, Readmes: a.readmes()}
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
	a.scoreComponents()
	if a.tree != nil {
		a.report.Hotspots, a.report.TestHotspots = a.tree.Hotspots(history.MaxHotspots, a.parts.ComponentOf)
		a.report.Coupling = a.coupling()
		a.report.Knowledge = a.tree.Knowledge(a.areas())
	}
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
		if lower := strings.ToLower(path.Base(doc.Path)); strings.HasPrefix(lower, "architecture") || strings.HasPrefix(lower, "design") || strings.HasPrefix(lower, "overview") {
			addDocument(&doc.Path, doc.Title)
		}
	}
	addDocument(d.Contributing, "Contributing")
	return list[:min(len(list), 4)]
}

// byComponent returns the analysed code by the component that it belongs to.
func (a *assembly) byComponent() map[string][]*source.File {
	out := map[string][]*source.File{}
	for i := range a.files {
		f := &a.files[i]
		if !partOfCode(f) {
			continue
		}
		if name := a.parts.ComponentOf(f.Path); name != "" {
			out[name] = append(out[name], f)
		}
	}
	return out
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
	for i := range a.report.Architecture.Components {
		c := &a.report.Architecture.Components[i]
		c.Complexity = complexityScore(members[c.Name], inCycle)
		all = append(all, members[c.Name]...)
		if a.tree == nil {
			continue
		}
		owned := a.tree.Ownership(pathsOf(members[c.Name]))
		c.Ownership, c.Owners = owned.Band, owned.People
		if c.Owners == nil {
			c.Owners = []string{}
		}
	}
	a.report.ComplexityScore = complexityScore(all, inCycle)
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

// conclude draws conclusions from everything else.
func (a *assembly) conclude() {
	a.report.Notes = a.notes()
	a.report.Patterns = patterns(a.files)
	a.report.Recommendations = recommend(a.report, a.files, a.parts.ComponentOf)
}
