package graph

import (
	"cmp"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Hints is what the map knows beside the graph. All of it can be left out.
type Hints struct {
	Name        string // the repository's name: what the code at its root is called
	EntryPoints []report.EntryPoint
	// Product are folders that show something by their names, and are the software
	// all the same.
	Product []string
	// Coupling is the pairs of files that change together. It weighs in where
	// small folders are joined.
	Coupling iter.Seq[Pair]
	// Readmes are the first paragraphs of READMEs by their folder, "." for the root.
	Readmes map[string]string
}

// Pair is two files and the number of commits that changed both.
type Pair struct {
	A, B   string
	Shared int
}

// Map is the components of a graph, or what is inside of one of them. It is safe
// for concurrent reads.
type Map struct {
	g          *Graph
	top        *Map    // of the whole graph
	files      []int32 // that it divides, ascending
	components []report.Component
	members    [][]int32 // files by component, ascending
	inner      []*Map    // by component, nil for one that is not divided
	of         []int32   // by file: the component's number, from base on
	base       int32     // 0 in the map of the whole graph
	folders    map[string]int32
	entries    map[int32]report.EntryPoint // the first of each file
	deps       []report.Dependency
	lines      int64     // of the product
	score      []float64 // how much a newcomer learns from each file
}

// Map cuts the files into components.
//
// It starts from the folders: one that only holds others, or that holds most of
// the code, is split, and small parts are joined (see split.go and join.go). Large
// components are divided again (see nest.go).
// Every file belongs to one component. Components come in the order of their
// lines, product code first; Complexity, Owners and Ownership are the caller's
// to fill in.
func (g *Graph) Map(h Hints) *Map {
	all := make([]int32, len(g.files))
	for i := range all {
		all[i] = int32(i)
	}
	couples, workspaces := g.couples(h.Coupling), workspaceFolders(&g.layout)
	root := folderTree(g.files, all, false)
	units := split(root, splitter{containers: workspaces, product: h.Product, outer: true})
	units = join(units, root.size.product, g, all, couples)
	m := &Map{g: g, files: all, of: make([]int32, len(g.files)), folders: map[string]int32{}, entries: map[int32]report.EntryPoint{}}
	m.top = m
	for _, e := range h.EntryPoints {
		i, ok := g.index[e.Path]
		if _, known := m.entries[i]; ok && !known {
			m.entries[i] = e
		}
	}
	m.lines, m.score = root.size.product, m.scores()
	drafts := m.drafts(units)
	n := nester{top: m, workspaces: workspaces, readmes: h.Readmes, taken: map[string]bool{}, isFlat: map[string]bool{}}
	nameDrafts(drafts, h.Name, n.taken)
	m.fill(drafts, h.Readmes)
	n.nest(couples)
	return m
}

// drafts makes drafts of the units that have files, in the order of the report.
func (m *Map) drafts(units []*unit) []draft {
	drafts := make([]draft, 0, len(units))
	for _, u := range units {
		if len(u.files) > 0 {
			drafts = append(drafts, m.draft(u))
		}
	}
	slices.SortFunc(drafts, compareDrafts)
	return drafts
}

// fill makes the components of drafts and finds what holds between them.
func (m *Map) fill(drafts []draft, readmes map[string]string) {
	for i := range drafts {
		m.add(int32(i), &drafts[i], readmes)
	}
	m.inner = make([]*Map, len(m.components))
	m.connect()
}

// draft is a component before it has a name.
type draft struct {
	unit  *unit
	kind  string
	path  string // real folder
	paths []string
	name  string

	joined string // a name for siblings that were joined, "" for none
	inside string // the component that it is a part of, "" for none
}

func (m *Map) draft(u *unit) draft {
	slices.Sort(u.files)
	d := draft{unit: u, kind: m.typeOf(u), paths: m.realFolders(u)}
	d.path = d.paths[0]
	own := u.folder.path
	if u.rest {
		own = u.group.path
	}
	if i := slices.Index(d.paths, own); i >= 0 {
		d.path = own
	} else if u.rest {
		d.path, d.paths = own, slices.Insert(d.paths, 0, own)
	}
	slices.Sort(d.paths)
	d.nameJoined()
	return d
}

func compareDrafts(a, b draft) int {
	product := func(d *draft) bool { return d.kind == typeApplication || d.kind == typeLibrary }
	return cmp.Or(
		boolCompare(product(&b), product(&a)),
		cmp.Compare(b.unit.size.product+b.unit.size.tests, a.unit.size.product+a.unit.size.tests),
		strings.Compare(a.path, b.path),
		boolCompare(a.unit.loose, b.unit.loose),
	)
}

// typeOf returns the type of a component: by its name, else by what is in it. A
// part with a program is an application, unless a manifest publishes it as a
// library.
func (m *Map) typeOf(u *unit) string {
	if u.role != "" {
		return u.role
	}
	s := &u.size
	switch {
	case u.loose && u.folder.path == "." && !m.isPartOfCode(u):
		return typeConfiguration
	case s.programs == 0:
		return codeless(strings.ToLower(u.folder.name()), s)
	case s.product == 0 && s.tests > 0 || s.tests > 50*s.product:
		return typeTests
	}
	if m.holdsProgram(u) {
		return typeApplication
	}
	return typeLibrary
}

// holdsProgram reports whether a component is a program: it has one near the
// folder that it is named for, or much of its code stands beside one.
func (m *Map) holdsProgram(u *unit) bool {
	beside := map[string]bool{}
	near := false
	for _, i := range u.files {
		f := &m.g.files[i]
		e, ok := m.entries[i]
		if ok && e.Kind == entryProgram && f.Language == "Rust" && path.Dir(logicalPath(f.Path)) == u.folder.path {
			return true // a program that its crate's manifest names, whatever libraries were joined to it
		}
		if ok && e.Kind == entryLibrary {
			return false
		}
		if ok && (e.Kind == entryProgram || e.Kind == entryContainer) || isProgram(f) {
			dir := path.Dir(logicalPath(f.Path))
			beside[path.Dir(f.Path)] = true
			near = near || isBelow(dir, u.folder.path) && folderDepth(dir) <= folderDepth(u.folder.path)+1
		}
	}
	lines := int64(0)
	for _, i := range u.files {
		if f := &m.g.files[i]; beside[path.Dir(f.Path)] && !f.Test {
			lines += f.Code
		}
	}
	return near || lines > 0 && lines*10 >= u.size.product
}

// isPartOfCode reports whether the files at the root are more than the settings
// of tools: a program, or something that other code uses or that uses it.
func (m *Map) isPartOfCode(u *unit) bool {
	member := map[int32]bool{}
	for _, i := range u.files {
		member[i] = true
	}
	stranger := func(l link) bool { return !member[l.file] && !m.g.files[l.file].Test }
	for _, i := range u.files {
		f := &m.g.files[i]
		if f.Test || f.Facts == nil || isSettings(f.Path) {
			continue
		}
		if e, ok := m.entries[i]; ok && e.Kind != "script" || isProgram(f) || f.Code > 300 ||
			slices.ContainsFunc(m.g.out.of(i), stranger) || slices.ContainsFunc(m.g.in.of(i), stranger) {
			return true
		}
	}
	return false
}

// asideFolders hold programs that show, measure or check something.
var asideFolders = words(`example examples demo demos sample samples bench benches benchmark benchmarks fuzz fuzzing fuzz_targets test tests testing
	t unittests doc docs contrib scripts`)

// liesAside reports whether a folder on the way to a file says that it is no
// part of the product.
func liesAside(p string) bool {
	for dir := path.Dir(p); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if asideFolders[strings.ToLower(path.Base(dir))] {
			return true
		}
	}
	return false
}

// isProgram reports whether a file is a program by itself, and not one that
// shows or measures something. A Python or JavaScript file that can be run is
// often but a script.
func isProgram(f *File) bool {
	if f.Facts == nil || !f.Facts.Main || f.Test {
		return false
	}
	name := stem(f.Path)
	for _, aside := range []string{"Benchmark", "Example", "Demo", "Sample", "Test"} {
		if strings.HasSuffix(name, aside) {
			return false
		}
	}
	switch f.Language {
	case "Go", "Java":
		return true
	case "C", "C++", "Rust":
		return !liesAside(f.Path)
	}
	return path.Base(f.Path) == "__main__.py"
}

// realFolders returns the folders that a unit covers, sorted. Those of joined
// units come with it; source sets that were laid over each other come apart.
func (m *Map) realFolders(u *unit) []string {
	parts := map[string]bool{u.folder.path: true}
	for _, part := range u.joined {
		parts[part.folder.path] = true
	}
	seen, roots := map[string]bool{}, map[string]bool{}
	for _, i := range u.files {
		dir := path.Dir(m.g.files[i].Path)
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if root, ok := realRoot(dir, parts); ok {
			roots[root] = true
		}
	}
	if len(roots) == 0 {
		return []string{u.folder.path}
	}
	return slices.Sorted(maps.Keys(roots))
}

// realRoot returns the folder of the tree that stands for the part which a
// folder belongs to.
func realRoot(dir string, parts map[string]bool) (string, bool) {
	logical := path.Dir(logicalPath(dir + "/file"))
	for _, part := range ancestors(logical) {
		if !parts[part] {
			continue
		}
		if logical == part {
			return dir, true
		}
		rest := "/" + strings.TrimPrefix(logical[len(part):], "/")
		if part != "." && strings.HasSuffix(dir, rest) {
			return strings.TrimSuffix(dir, rest), true
		}
		return part, true
	}
	return "", false
}

// add makes a component of a draft.
func (m *Map) add(n int32, d *draft, readmes map[string]string) {
	u := d.unit
	c := report.Component{
		Name: d.name, Type: d.kind, Path: d.path, Paths: d.paths, Files: len(u.files), TestFiles: u.size.testFiles,
		Owners: []string{}, Dependencies: []string{}, Dependents: []string{}, EntryPoints: []string{},
	}
	languages := map[string]int64{}
	for _, i := range u.files {
		f := &m.g.files[i]
		m.of[i] = m.base + n
		c.Lines += f.Code
		if f.Kind == kindProgramming || f.Facts != nil {
			languages[f.Language] += f.Code + 1
		}
		if dir := path.Dir(f.Path); m == m.top && m.folders[dir] == 0 {
			m.folders[dir] = n + 1
		}
		if _, ok := m.entries[i]; ok || isProgram(f) {
			c.EntryPoints = append(c.EntryPoints, f.Path)
		}
	}
	c.Languages = slices.SortedFunc(maps.Keys(languages), func(a, b string) int {
		return cmp.Or(cmp.Compare(languages[b], languages[a]), strings.Compare(a, b))
	})
	c.KeyFiles = m.keyFiles(u.files)
	c.Description = m.describe(d, readmes)
	m.components = append(m.components, c)
	m.members = append(m.members, u.files)
}

// ComponentOf returns the name of the component that a file belongs to. One
// that was not analysed belongs where its folder does; "" when that is unknown.
func (m *Map) ComponentOf(file string) string {
	if i, ok := m.g.index[file]; ok {
		return m.components[m.of[i]].Name
	}
	for _, dir := range ancestors(path.Dir(file)) {
		if n := m.folders[dir]; n > 0 {
			return m.components[n-1].Name
		}
	}
	return ""
}

// maxKeyFiles is how many key files a component names.
const maxKeyFiles = 5

// keyFiles are the most central files.
func (m *Map) keyFiles(files []int32) []string {
	var key []int32
	for _, i := range files {
		if f := &m.g.files[i]; !f.Test && !isTrivial(f) {
			key = append(key, i)
		}
	}
	slices.SortFunc(key, func(a, b int32) int {
		return cmp.Or(cmp.Compare(m.score[b], m.score[a]), cmp.Compare(a, b))
	})
	out := []string{}
	for _, i := range key[:min(len(key), maxKeyFiles)] {
		out = append(out, m.g.files[i].Path)
	}
	return out
}

// trivialLines is how many lines of code a file needs to be worth opening.
const trivialLines = 5

// isTrivial reports whether reading a file teaches little: no parser read it,
// it sets up tools, it is a template or other people's code, or it declares next
// to nothing, such as an __init__ that only imports.
func isTrivial(f *File) bool {
	return f.Facts == nil || isSettings(f.Path) || evidence.PlaceOfOwn(f.Path) == evidence.Ignored || f.Code < trivialLines || len(f.Facts.Functions) == 0 && !slices.ContainsFunc(f.Facts.Declares, isType)
}

func isType(d language.Declaration) bool {
	return d.Kind == language.KindType || d.Kind == language.KindInterface
}

// maxDescription bounds a description, in bytes.
const maxDescription = 300

// describe returns what the component says of itself: the documentation of its
// package, else its README.
func (m *Map) describe(d *draft, readmes map[string]string) *string {
	text := ""
	for _, i := range d.unit.files {
		f := &m.g.files[i]
		if f.Facts != nil && !f.Test && path.Dir(f.Path) == d.path && speaksForFolder(f) {
			text = f.Facts.Doc
			break
		}
	}
	if text == "" && d.path != "." && !d.unit.flat {
		text = readmes[d.path]
	}
	if text == "" {
		return nil
	}
	text = shorten(text, maxDescription)
	return &text
}

// speaksForFolder reports whether the documentation of a file is that of the
// package around it.
func speaksForFolder(f *File) bool {
	switch doc := f.Facts.Doc; path.Base(f.Path) {
	case pythonInit, "package-info.java", "index.ts", "index.js", "index.tsx", "__main__.py":
		return doc != ""
	default:
		return f.Language == "Go" && (strings.HasPrefix(doc, "Package ") || strings.HasPrefix(doc, "Command "))
	}
}

// shorten cuts a text after a sentence, else after a word.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	text = text[:limit]
	if i := strings.LastIndex(text, ". "); i > limit/4 {
		return text[:i+1]
	}
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		text = text[:i]
	}
	return strings.ToValidUTF8(text, "") + "…"
}
