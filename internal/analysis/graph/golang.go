package graph

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Go: an import path belongs to the module with the longest path before it, as
// go list has it, with replacements by folders of the tree. Modules of the tree
// see each other, as in a workspace.
//
// A Go import names a package, and an edge needs files. They are those that
// declare names which the importing file uses; where none can be told, the one
// file that stands for the package. So an import always gives an edge and never
// more than the names in use. Inside a package, a file is joined to the files
// that declare the package-level names which it uses, and the unexported
// methods that only one of them has; exported methods say too little, as half
// of all types have a Close.

// maxDeclarers is how many files may declare a name that still says which file
// is meant. Several do where build tags choose one.
const maxDeclarers = 8

type goResolver struct {
	t        *tree
	b        *builder
	modules  []goModule // longest path first
	packages map[string]*goPackage
	hidden   map[string]bool // folders that hold Go files none of which was read
}

type goModule struct {
	path, dir string
	replace   []goModule
}

// goPackage is a folder of Go files.
type goPackage struct {
	names names            // of the package that can be imported, without tests
	own   map[string]names // by package clause, tests included
	face  int32            // the file that stands for the package
}

func resolveGo(t *tree, b *builder) {
	files := t.spoken("Go")
	if len(files) == 0 {
		return
	}
	r := &goResolver{t: t, b: b, packages: map[string]*goPackage{}, hidden: map[string]bool{}}
	for p := range t.others {
		if strings.HasSuffix(p, ".go") {
			r.hidden[path.Dir(p)] = true
		}
	}
	for _, i := range files {
		dir := path.Dir(t.files[i].Path)
		if r.packages[dir] == nil {
			r.packages[dir] = r.newPackage(dir)
		}
	}
	r.modules = r.findModules(files)
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
}

func isGoTest(p string) bool { return strings.HasSuffix(p, "_test.go") }

// newPackage reads a folder. A program beside a package, kept out of it by a
// build tag, is not part of what others import.
func (r *goResolver) newPackage(dir string) *goPackage {
	clauses := map[string][]int32{}
	count := map[string]int{}
	for _, i := range r.t.within[dir] {
		if f := &r.t.files[i]; f.Language == "Go" && f.Facts != nil {
			clauses[f.Facts.Package] = append(clauses[f.Facts.Package], i)
			if !isGoTest(f.Path) {
				count[f.Facts.Package]++
			}
		}
	}
	p := &goPackage{own: make(map[string]names, len(clauses)), face: notAnalysed}
	importable := ""
	for clause, n := range count {
		if importable == "" || cmp.Or(boolCompare(clause == mainName, importable == mainName), cmp.Compare(count[importable], n), cmp.Compare(clause, importable)) < 0 {
			importable = clause
		}
	}
	for clause, files := range clauses {
		p.own[clause] = r.t.declarations(files...)
	}
	public := slices.DeleteFunc(slices.Clone(clauses[importable]), func(i int32) bool { return isGoTest(r.t.files[i].Path) })
	p.names = r.t.declarations(public...)
	p.face = r.faceOf(importable, public)
	return p
}

// faceOf chooses the file that stands for a package: the one named for it, else
// the one that declares most, doc.go only when it is alone.
func (r *goResolver) faceOf(name string, files []int32) int32 {
	best, most := notAnalysed, -1
	for _, i := range files {
		facts := r.t.files[i].Facts
		if path.Base(r.t.files[i].Path) == name+".go" && len(facts.Declares) > 0 {
			return i
		}
		if n := declaredBy(facts); n > most {
			best, most = i, n
		}
	}
	return best
}

func (r *goResolver) resolve(i int32, f *language.Facts) {
	dir := path.Dir(r.t.files[i].Path)
	module := r.moduleOf(dir)
	for _, imp := range f.Imports {
		r.resolveImport(module, dir, imp.Path)
	}
	r.samePackage(i, dir, f.Package)
}

func (r *goResolver) resolveImport(module *goModule, dir, imp string) {
	if strings.HasPrefix(imp, "./") || strings.HasPrefix(imp, "../") {
		r.link(path.Join(dir, imp))
		return
	}
	if to, ok := r.folderOf(module, imp); ok {
		r.link(to)
		return
	}
	first, _, _ := strings.Cut(imp, "/")
	if !strings.Contains(first, ".") {
		r.b.use("go", "") // the standard library, or "C"
		return
	}
	r.b.use("go", imp)
}

// link joins the file at hand with a package.
func (r *goResolver) link(dir string) {
	p := r.packages[dir]
	if p == nil || p.face == notAnalysed {
		if p == nil && r.hidden[dir] {
			r.b.internal++ // generated, or left out for another reason
		} else {
			r.b.missing++
		}
		return
	}
	r.b.internal++
	found := false
	for _, ref := range r.b.refs {
		found = r.linkName(p.names, ref, func(d declared) bool { return d.exported && !d.member }) || found
	}
	if !found {
		r.b.add(p.face, "", 1, 1)
	}
}

// linkName joins the file at hand with the files that declare a name, if they
// are wanted and few.
func (r *goResolver) linkName(in names, ref language.Reference, wanted func(d declared) bool) bool {
	declarers := in.of(ref.Name)
	if len(declarers) == 0 || len(declarers) > maxDeclarers {
		return false
	}
	found := false
	for _, d := range declarers {
		if wanted(d) {
			r.b.add(d.file, ref.Name, ref.Count, len(declarers))
			found = true
		}
	}
	return found
}

// samePackage joins a file with the others of its package. What is no test does
// not use what tests declare.
func (r *goResolver) samePackage(i int32, dir, clause string) {
	test := isGoTest(r.t.files[i].Path)
	own := r.packages[dir].own[clause]
	for _, ref := range r.b.refs {
		r.linkName(own, ref, func(d declared) bool {
			if !test && isGoTest(r.t.files[d.file].Path) {
				return false
			}
			return !d.member || !d.exported && len(own.of(ref.Name)) == 1
		})
	}
}

// moduleOf returns the module that a folder belongs to, nil for none.
func (r *goResolver) moduleOf(dir string) *goModule {
	var best *goModule
	for i := range r.modules {
		m := &r.modules[i]
		if isBelow(dir, m.dir) && (best == nil || len(m.dir) > len(best.dir) || best.dir == ".") {
			best = m
		}
	}
	return best
}

// folderOf returns the folder of an import path. What the importing module
// replaces goes first; among equals the longest module path wins.
func (r *goResolver) folderOf(from *goModule, imp string) (string, bool) {
	best, length := "", -1
	try := func(m *goModule) {
		if len(m.path) > length && (imp == m.path || strings.HasPrefix(imp, m.path+"/")) {
			best, length = path.Join(m.dir, strings.TrimPrefix(imp[len(m.path):], "/")), len(m.path)
		}
	}
	if from != nil {
		for i := range from.replace {
			try(&from.replace[i])
		}
		try(from)
	}
	for i := range r.modules {
		if len(r.modules[i].path) <= length {
			break
		}
		try(&r.modules[i])
	}
	return best, length >= 0
}

// findModules takes the modules of the layout. Where there is none, as before
// modules, the prefix of the import paths that most of them share is it.
func (r *goResolver) findModules(files []int32) []goModule {
	var out []goModule
	for _, m := range r.t.layout.GoModules {
		module := goModule{path: m.Path, dir: m.Dir}
		for p, dir := range m.Replace {
			module.replace = append(module.replace, goModule{path: p, dir: dir})
		}
		slices.SortFunc(module.replace, func(a, b goModule) int { return strings.Compare(a.path, b.path) })
		out = append(out, module)
	}
	if len(out) == 0 {
		out = r.guessModule(files)
	}
	slices.SortStableFunc(out, func(a, b goModule) int {
		return cmp.Or(cmp.Compare(len(b.path), len(a.path)), strings.Compare(a.path, b.path), strings.Compare(a.dir, b.dir))
	})
	return out
}

// guessModule finds the path under which the code imports itself.
func (r *goResolver) guessModule(files []int32) []goModule {
	votes := map[string]int{}
	for _, i := range files {
		for _, imp := range r.t.files[i].Facts.Imports {
			first, _, _ := strings.Cut(imp.Path, "/")
			if !strings.Contains(first, ".") {
				continue
			}
			for at := len(first); at < len(imp.Path); at++ {
				if imp.Path[at] == '/' && r.packages[imp.Path[at+1:]] != nil {
					votes[imp.Path[:at]]++
				}
			}
		}
	}
	best := ""
	for prefix, n := range votes {
		if best == "" || cmp.Or(cmp.Compare(n, votes[best]), cmp.Compare(len(prefix), len(best)), strings.Compare(best, prefix)) > 0 {
			best = prefix
		}
	}
	if best == "" {
		return nil
	}
	return []goModule{{path: best, dir: "."}}
}
