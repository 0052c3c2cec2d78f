package analysis

import (
	"context"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/calls/gocalls"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/debt"
	"github.com/rampforgeai/rampforge/internal/analysis/decision"
	"github.com/rampforgeai/rampforge/internal/analysis/document"
	"github.com/rampforgeai/rampforge/internal/analysis/graph"
	"github.com/rampforgeai/rampforge/internal/analysis/history"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// Analyze reads a commit and returns its report, and the index that questions
// about the code are answered from, nil when the report alone is wanted. It
// fails when tree or history fail or ctx is done, never for what a file says: a
// file that cannot be read loses its own facts only.
func Analyze(ctx context.Context, tree Tree, past History, o Options) (*report.CodeReport, *codeindex.Index, error) {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	read, err := newReading(ctx, tree, o)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the files: %w", err)
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
		return nil, nil, err
	}
	if a.history != nil {
		a.placeHistory()
	}
	a.progress("drawing the map")
	atOnce(a.draw, func() { a.report.Patterns = patterns(a.files, &a.style) })
	a.conclude()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if o.ReportOnly {
		return a.report, nil, nil
	}
	return a.report, a.index(), nil
}

// readTree reads what the commit's files say, and nothing of their past.
func (a *assembly) readTree(ctx context.Context) error {
	if err := a.read.readFiles(ctx); err != nil {
		return fmt.Errorf("reading the files: %w", err)
	}
	a.files = a.read.files
	a.progress("resolving imports")
	atOnce(a.readManifests, a.readDocuments)
	a.settle()
	a.placeFolders()
	a.report.EntryPoints = a.entryPoints()
	atOnce(a.resolve, func() {
		a.report.Totals, a.report.Skipped = totals(a.files), skipped(a.files)
		a.report.Totals.Coverage = coverage(a.read.kept, codeLines(a.files))
		a.report.Languages = languages(a.files, func(name string) bool { return a.read.parsers[name] != nil })
		a.report.Complexity = complexity(a.files)
	})
	a.treeRead.Store(true)
	if a.options.Type != rampforge.AnalysisQuick {
		a.tellCommits()
	}
	if a.options.ReportOnly {
		return ctx.Err()
	}
	// The history is still read by now, and waits for git.
	if err := a.readGoCalls(ctx); err != nil {
		return fmt.Errorf("reading the calls: %w", err)
	}
	return ctx.Err()
}

// assembly puts a report together.
type assembly struct {
	options    Options
	read       *reading
	files      []source.File
	report     *report.CodeReport
	manifest   *manifest.Result
	graph      *graph.Graph
	shown      beside.Folders   // folders that show something by their names
	history    *history.History // nil in a quick analysis
	lines      []int64          // that the newest commits change; nil when not known
	tree       *history.Tree    // nil in a quick analysis
	parts      *graph.Map
	goCalls    *gocalls.Calls      // nil without Go
	routeNames map[string][]string // files that answer the routes of a name
	cutLists   []string            // of features that were longer than their bounds
	unread     []string            // libraries of commands with which none was found
	reason     string              // why a history that reaches its roots is not complete all the same

	decided decision.Commits
	style   commitStyle

	treeRead atomic.Bool  // from then on the progress is that of the history
	commits  atomic.Int64 // read so far
}

func newReport(o Options) *report.CodeReport {
	r := &report.CodeReport{
		Schema: report.SchemaVersion, Name: o.Name, Commit: o.Commit, Ref: o.Ref, AnalysisType: string(o.Type),
		Features: []report.Feature{}, Endpoints: []report.Endpoint{}, Commands: []report.CLICommand{}, Jobs: []report.Job{}, Models: []report.Model{}, Pages: []report.Page{}, RPC: []report.RPC{},
		Patterns: []report.Pattern{}, Hotspots: []report.Hotspot{}, TestHotspots: []report.Hotspot{},
		HotspotWindows: []report.HotspotWindow{}, CodeAge: report.CodeAge{Bands: []report.AgeBand{}}, Coupling: []report.ChangeCoupling{},
		Knowledge: report.Knowledge{Areas: []report.KnowledgeArea{}}, Activity: report.Activity{Months: []report.Month{}, Trailers: []report.TrailerUse{}, People: []report.PeoplePeriod{}},
		Recommendations: []report.Recommendation{}, External: []report.External{}, EntryPoints: []report.EntryPoint{}, Beside: []string{}, ReadingOrder: []report.ReadingStep{}, Notes: []report.Note{},
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

// atOnce runs parts that need nothing of each other, on all cores.
func atOnce(parts ...func()) {
	var group sync.WaitGroup
	for _, part := range parts {
		group.Go(part)
	}
	group.Wait()
}

// readManifests reads what manifests and build files say.
func (a *assembly) readManifests() {
	paths := a.regular()
	var files []manifest.File
	for _, p := range manifest.Select(paths) {
		if content, ok := a.read.kept[p]; ok {
			files = append(files, manifest.File{Path: p, Content: content})
		}
	}
	a.manifest = manifest.Read(paths, files)
	a.report.Build = a.manifest.Build
	// An image of the software itself is nothing that it needs.
	own := strings.ToLower(path.Base(a.options.Name))
	a.report.Build.Requirements = slices.DeleteFunc(a.report.Build.Requirements, func(r report.Requirement) bool {
		return strings.ToLower(r.Tool) == own && manifest.IsContainer(r.Source)
	})
}

// readDocuments reads what the repository says of itself.
func (a *assembly) readDocuments() {
	paths := a.regular()
	var files []document.File
	for _, p := range document.Select(paths) {
		if content, ok := a.read.kept[p]; ok {
			files = append(files, document.File{Path: p, Content: content})
		}
	}
	a.report.Documentation = document.Read(paths, files, a.options.Facts)
	a.report.Description = a.report.Documentation.Summary
}

// regular are the paths of the files that are no links or submodules.
func (a *assembly) regular() []string {
	paths := make([]string, 0, len(a.files))
	for i := range a.files {
		if regular(a.files[i].TreeFile) {
			paths = append(paths, a.files[i].Path)
		}
	}
	return paths
}

// partOfCode reports whether a file belongs on the map of the code.
func partOfCode(f *source.File) bool { return f.Analysed() && counts(f.Kind) && !f.TestData }

// resolve builds the graph of files, unless settle has left it.
func (a *assembly) resolve() {
	if a.graph == nil {
		a.graph = a.resolved()
	}
	if a.options.IncludeDependencies {
		a.report.External = slices.Clone(a.manifest.External)
		a.graph.CountUses(a.report.External)
	}
}

func (a *assembly) resolved() *graph.Graph {
	t := graph.Tree{Layout: a.manifest.Layout}
	for i := range a.files {
		f := &a.files[i]
		t.Paths = append(t.Paths, f.Path)
		if partOfCode(f) {
			t.Files = append(t.Files, graph.File{Path: f.Path, Language: f.Language, Kind: f.Kind, Code: f.Lines.Code, Test: f.Test, Facts: f.Facts})
		}
	}
	return graph.Resolve(t)
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
		return nil
	}
	lines, err := past.Lines(ctx, h.Measured())
	if err != nil {
		return fmt.Errorf("reading the lines that commits change: %w", err)
	}
	a.lines = lines
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
	a.report.Activity.CommitLines = history.CommitLines(a.lines)
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
			if err == nil {
				a.decided.Add(&c)
				a.style.add(&c)
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

// conclude draws conclusions from everything else.
func (a *assembly) conclude() {
	a.report.Definitions = definitions(a.report.Languages)
	a.report.Notes = a.notes()
	if mostlyParsed(a.files) {
		a.report.Debt = debt.Of(a.files, a.cuts())
	}
	a.report.Decisions = a.decisions()
	a.report.Recommendations = recommend(a.report, a.files, a.parts.ComponentOf, a.revisions())
}

// cuts are, for each cycle of components, the pairs of files of its lightest
// dependency.
func (a *assembly) cuts() []int {
	var list []int
	for _, cycle := range a.report.Architecture.Cycles {
		if e := lightestEdge(a.report.Architecture.Dependencies, cycle); e != nil {
			list = append(list, e.Weight)
		}
	}
	return list
}

// decisions are the records, then what commits decided, then the reasons in
// comments of the product's own code, most used files first.
func (a *assembly) decisions() []report.Decision {
	list := decision.Records(a.report.Documentation.Decisions, func(p string) []byte { return a.read.kept[p] })
	list = append(list, a.decided.Newest(a.options.CommittedAt)...)
	var files []decision.File
	for i := range a.files {
		if f := &a.files[i]; partOfCode(f) && !f.Test && !f.Documentation && f.Facts != nil && len(f.Facts.Remarks) > 0 {
			files = append(files, decision.File{Path: f.Path, Remarks: f.Facts.Remarks, Weight: float64(a.graph.Importers(f.Path))})
		}
	}
	list = append(list, decision.Comments(files)...)
	if list == nil {
		list = []report.Decision{}
	}
	return list
}

// revisions tells how many commits of the window changed a path, for folders the
// sum of their files; nil in a quick analysis.
func (a *assembly) revisions() func(path string) int {
	if a.tree == nil {
		return nil
	}
	counts := map[string]int{}
	for p, n := range a.tree.Revisions() {
		counts[p] = n
		for dir := range foldersOf(p) {
			counts[dir] += n
		}
		counts["."] += n
	}
	return func(p string) int { return counts[p] }
}
