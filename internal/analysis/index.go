package analysis

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/calls"
	"github.com/rampforgeai/rampforge/internal/analysis/calls/gocalls"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// Bounds of what is kept for questions.
const (
	maxIndexedSymbols = 1_000_000
	maxIndexedSkipped = 100_000
	maxIndexedDoc     = 300 // bytes of a file's documentation
	// Two files are worth telling of together from these on: weaker than in the
	// report, as whoever asks about one file wants to know what it moved with.
	coupledShared = 3
	coupledDegree = 30
)

// index gathers what questions about the code are answered from.
func (a *assembly) index() *codeindex.Index {
	b := &indexing{assembly: a, fileAt: map[string]int32{}}
	b.c.Commit = a.options.Commit
	b.components()
	b.files()
	for e := range a.graph.Edges() {
		b.c.Imports = append(b.c.Imports, codeindex.Edge{From: b.fileAt[e.From], To: b.fileAt[e.To], Weight: clip(e.Refs), Confidence: e.Confidence})
	}
	b.handlers()
	b.requests()
	files := b.callers()
	definitions := calls.Definitions(files)
	b.symbols(definitions)
	b.calls(files, definitions)
	if a.tree != nil {
		b.past()
	}
	return codeindex.New(b.c)
}

// indexing is an index in the making.
type indexing struct {
	*assembly

	c        codeindex.Contents
	sources  []*source.File
	fileAt   map[string]int32
	symbolAt [][]int32 // by file and declaration, -1 for what is no symbol
}

func (b *indexing) components() {
	at := map[string]int32{}
	var add func(list []report.Component, parent int32)
	add = func(list []report.Component, parent int32) {
		for _, c := range list {
			n := clip(len(b.c.Components))
			at[c.Name] = n
			b.c.Components = append(b.c.Components, codeindex.Component{Name: c.Name, Type: c.Type, Path: c.Path, Parent: parent})
			if c.Inside != nil {
				add(c.Inside.Components, n)
			}
		}
	}
	add(b.report.Architecture.Components, -1)
	for d := range b.parts.Uses() {
		b.c.Uses = append(b.c.Uses, codeindex.Edge{From: at[d.From], To: at[d.To], Weight: clip(d.Weight), Confidence: 100})
	}
}

func (b *indexing) files() {
	component := map[string]int32{}
	for i, c := range b.c.Components {
		component[c.Name] = clip(i)
	}
	entry := map[string]string{}
	for _, e := range b.report.EntryPoints {
		if entry[e.Path] == "" {
			entry[e.Path] = e.Kind
		}
	}
	for i := range b.assembly.files {
		f := &b.assembly.files[i]
		switch {
		case f.Analysed():
			b.sources = append(b.sources, f)
		case len(b.c.Skipped) < maxIndexedSkipped:
			b.c.Skipped = append(b.c.Skipped, codeindex.Skipped{Path: f.Path, Reason: string(f.Skip)})
		}
	}
	slices.SortFunc(b.c.Skipped, func(x, y codeindex.Skipped) int { return cmp.Compare(x.Path, y.Path) })
	b.c.Skipped = slices.CompactFunc(b.c.Skipped, func(x, y codeindex.Skipped) bool { return x.Path == y.Path })
	slices.SortFunc(b.sources, func(x, y *source.File) int { return cmp.Compare(x.Path, y.Path) })
	for i, f := range b.sources {
		b.fileAt[f.Path] = clip(i)
		out := codeindex.File{
			Path: f.Path, Language: f.Language, Kind: f.Kind, Blob: blobNumber(f.Blob), Component: -1, Code: f.Lines.Code, Lines: f.Lines.Total,
			Test: f.Test, Helper: helpsTests(f), Source: counts(f.Kind) && !f.Documentation && !f.TestData, Cognitive: clip(cognitiveOf(f)), Entry: entry[f.Path],
		}
		if place := b.placeOf(f.Path); len(place) > 0 && partOfCode(f) {
			out.Component = component[place[len(place)-1]]
		}
		if f.Facts != nil {
			out.Functions, out.Doc = clip(len(f.Facts.Functions)), cutText(f.Facts.Doc, maxIndexedDoc)
			out.Cyclomatic = clip(f.Facts.TopLevel.Cyclomatic)
			for _, fn := range f.Facts.Functions {
				out.Cyclomatic = clip(int(out.Cyclomatic) + fn.Cyclomatic)
			}
		}
		b.c.Files = append(b.c.Files, out)
	}
}

// helpsTests reports whether a file of tests holds none itself: parsed code that
// neither declares a test nor starts a program, and is not named as a test.
func helpsTests(f *source.File) bool {
	if !f.Test || f.Facts == nil || f.Facts.Main || slices.ContainsFunc(f.Facts.Functions, func(fn language.Function) bool { return fn.Test }) {
		return false
	}
	name := path.Base(f.Path)
	stem := strings.TrimSuffix(name, path.Ext(name))
	return !source.IsTest(name) || stem == "conftest" || strings.HasSuffix(stem, "_helper") || strings.HasSuffix(stem, "_helpers")
}

// callers are the files as the calls are resolved in.
func (b *indexing) callers() []calls.File {
	files := make([]calls.File, len(b.sources))
	for i, f := range b.sources {
		files[i] = calls.File{Path: f.Path, Language: f.Language, Test: f.Test}
		if partOfCode(f) {
			files[i].Facts = f.Facts
		}
	}
	for _, e := range b.c.Imports {
		files[e.From].Uses = append(files[e.From].Uses, e.To)
	}
	return files
}

// symbols lists what files declare, but for fields and for what stands for a
// definition elsewhere.
func (b *indexing) symbols(definitions map[calls.Symbol]calls.Symbol) {
	b.symbolAt = make([][]int32, len(b.sources))
	for i, f := range b.sources {
		if f.Facts == nil || !partOfCode(f) {
			continue
		}
		list, places := symbolsOf(f.Facts, func(declaration int) bool {
			_, stands := definitions[calls.Symbol{File: clip(i), Declaration: clip(declaration)}]
			return stands
		})
		if len(b.c.Symbols)+len(list) > maxIndexedSymbols {
			break
		}
		b.symbolAt[i] = make([]int32, len(f.Facts.Declares))
		for d := range b.symbolAt[i] {
			b.symbolAt[i][d] = -1
		}
		for j, s := range list {
			b.symbolAt[i][places[j]] = clip(len(b.c.Symbols))
			s.File = clip(i)
			b.c.Symbols = append(b.c.Symbols, s)
		}
	}
	b.declared(definitions)
}

// declared tells definitions where they are declared for others, the first place
// by path.
func (b *indexing) declared(definitions map[calls.Symbol]calls.Symbol) {
	places := slices.SortedFunc(maps.Keys(definitions), func(x, y calls.Symbol) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Declaration, y.Declaration))
	})
	for _, from := range places {
		to := b.symbolOf(definitions[from])
		if to < 0 || from.File == definitions[from].File {
			continue
		}
		s, d := &b.c.Symbols[to], &b.sources[from.File].Facts.Declares[from.Declaration]
		if s.DeclaredLine == 0 {
			s.DeclaredIn, s.DeclaredLine = from.File, clip(d.Line)
		}
		if s.Doc == "" {
			s.Doc = d.Doc
		}
	}
}

// calls adds who calls whom.
func (b *indexing) calls(files []calls.File, definitions map[calls.Symbol]calls.Symbol) {
	for _, e := range calls.ByName(files, definitions) {
		if b.goCalls == nil || !b.goCalls.Known[files[e.From.File].Path] {
			if e.From.Declaration < 0 {
				b.load(files[e.From.File].Path, b.symbolOf(e.To), e.Count, e.Confidence)
			} else {
				b.call(b.symbolOf(e.From), b.symbolOf(e.To), e.Count, e.Confidence)
			}
		}
	}
	b.typedCalls()
}

// load adds what a file calls when it is loaded.
func (b *indexing) load(path string, to, count int32, confidence uint8) {
	if from, ok := b.fileAt[path]; ok && to >= 0 {
		b.c.Loads = append(b.c.Loads, codeindex.Edge{From: from, To: to, Weight: max(count, 1), Confidence: confidence})
	}
}

// typedCalls adds the calls that the types of Go tell.
func (b *indexing) typedCalls() {
	if b.goCalls == nil {
		return
	}
	type place struct {
		file, line int32
		name       string // of a variable: several are declared on a line
	}
	at := map[place]int32{}
	for i := range b.c.Symbols {
		switch s := &b.c.Symbols[i]; s.Kind {
		case "function", "method":
			at[place{s.File, s.Line, ""}] = clip(i)
		case "variable":
			at[place{s.File, s.Line, s.Name}] = clip(i)
		}
	}
	symbol := func(f gocalls.Function) int32 {
		file, ok := b.fileAt[f.Path]
		if !ok {
			return -1
		}
		name := ""
		if f.Variable {
			name = f.Name
		}
		if i, ok := at[place{file, clip(f.Line), name}]; ok && lastOf(b.c.Symbols[i].Name) == lastOf(f.Name) {
			return i
		}
		return -1
	}
	symbols := make([]int32, len(b.goCalls.Functions))
	for i, f := range b.goCalls.Functions {
		symbols[i] = symbol(f)
	}
	for _, e := range b.goCalls.Edges {
		if from := b.goCalls.Functions[e.From]; from.Line == 0 {
			b.load(from.Path, symbols[e.To], e.Count, e.Confidence)
		} else {
			b.call(symbols[e.From], symbols[e.To], e.Count, e.Confidence)
		}
	}
}

func (b *indexing) call(from, to, count int32, confidence uint8) {
	if from >= 0 && to >= 0 {
		b.c.Calls = append(b.c.Calls, codeindex.Edge{From: from, To: to, Weight: max(count, 1), Confidence: confidence})
	}
}

func (b *indexing) symbolOf(s calls.Symbol) int32 {
	if at := b.symbolAt[s.File]; int(s.Declaration) < len(at) {
		return at[s.Declaration]
	}
	return -1
}

var kindNames = map[language.Kind]string{
	language.KindFunction: "function", language.KindMethod: "method", language.KindType: "type", language.KindInterface: "interface",
	language.KindVariable: "variable", language.KindConstant: "constant", language.KindModule: "module", language.KindMacro: "macro",
}

// symbolsOf lists the symbols of a file by their lines, and the declaration of
// each. Those that are left out have none.
func symbolsOf(facts *language.Facts, leftOut func(declaration int) bool) (list []codeindex.Symbol, places []int) {
	type place struct {
		line int
		last string
	}
	functions := make(map[place]*language.Function, len(facts.Functions))
	for i := range facts.Functions {
		fn := &facts.Functions[i]
		functions[place{fn.Line, lastOf(fn.Name)}] = fn
	}
	for i, d := range facts.Declares {
		if kindNames[d.Kind] != "" && !leftOut(i) { // else a field
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(x, y int) int { return cmp.Compare(facts.Declares[x].Line, facts.Declares[y].Line) })
	for _, i := range places {
		d := &facts.Declares[i]
		s := codeindex.Symbol{
			Name: d.Name, Kind: kindNames[d.Kind], Line: clip(d.Line), EndLine: clip(d.EndLine), Exported: d.Exported, Doc: d.Doc, Signature: d.Signature,
		}
		if d.Owner != "" {
			s.Name = d.Owner + "." + d.Name
		}
		if fn := functions[place{d.Line, d.Name}]; fn != nil {
			s.Cognitive, s.Test = clip(fn.Cognitive), fn.Test
			if d.Owner == "" && d.Kind == language.KindMethod {
				s.Name = fn.Name
			}
		}
		list = append(list, s)
	}
	return list, places
}

// past adds what the history tells.
func (b *indexing) past() {
	b.c.Complete = b.tree.Complete()
	for _, p := range b.tree.People() {
		b.c.People = append(b.c.People, codeindex.Person{Name: p.Name, Here: p.Here, Quarter: clip(p.Quarter)})
	}
	pasts := b.tree.Pasts()
	named := map[int32]bool{}
	for i := range b.c.Files {
		f := &b.c.Files[i]
		p, ok := pasts(f.Path)
		if !ok {
			continue
		}
		f.Revisions, f.Changed, f.Ownership = clip(p.Revisions), p.Changed.Unix(), codeindex.Band(p.Band)
		f.Owners, f.Authors, f.Recent = p.Owners, p.Authors, p.Recent
		for _, c := range p.Recent {
			named[c] = true
		}
	}
	b.commits(named)
	for p := range b.tree.CouplingWeights(coupledShared) {
		from, ok := b.fileAt[p.A]
		to, ok2 := b.fileAt[p.B]
		if ok && ok2 && p.Degree >= coupledDegree {
			b.c.Couples = append(b.c.Couples, codeindex.Couple{A: from, B: to, Shared: clip(p.Shared), Degree: clip(p.Degree)})
		}
	}
}

// commits numbers the commits that files name, newest first.
func (b *indexing) commits(named map[int32]bool) {
	numbers := make([]int32, 0, len(named))
	for n := range named {
		numbers = append(numbers, n)
	}
	slices.SortFunc(numbers, func(x, y int32) int { return cmp.Compare(y, x) })
	for _, n := range numbers {
		hash, subject, when := b.tree.Commit(n)
		b.c.Commits = append(b.c.Commits, codeindex.Commit{Hash: hash, When: when.Unix(), Subject: subject})
	}
	slices.SortStableFunc(b.c.Commits, func(x, y codeindex.Commit) int { return cmp.Compare(y.When, x.When) })
	at := make(map[string]int32, len(b.c.Commits))
	for i, c := range b.c.Commits {
		at[c.Hash] = clip(i)
	}
	for i := range b.c.Files {
		recent := b.c.Files[i].Recent
		for j, n := range recent {
			hash, _, _ := b.tree.Commit(n)
			recent[j] = at[hash]
		}
	}
}

// blobNumber is the first eight bytes of an object's id.
func blobNumber(id string) uint64 {
	raw, err := hex.DecodeString(id[:min(len(id), 16)])
	if err != nil || len(raw) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// clip makes a count or a line one of four bytes.
func clip(n int) int32 { return int32(min(max(n, 0), 1<<31-1)) }

func lastOf(qualified string) string { return qualified[strings.LastIndexByte(qualified, '.')+1:] }

// cutText cuts a text to so many bytes.
func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-len("…")], "") + "…"
}
