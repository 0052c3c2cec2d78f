package graph

import (
	"cmp"
	"go/ast"
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
// of all types have a Close. Whether a name is one of the package, of an import or
// picked from a value, the parser tells; a method that shares its name with a
// field, or is not called, may be something else and is less sure.

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
	name   string                     // its clause
	names  names                      // of the package that can be imported, without tests
	own    map[string]names           // by package clause, tests included
	face   int32                      // the file that stands for the package
	alone  bool                       // there is no other
	fields map[string]map[string]bool // names of fields by package clause, tests included
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
	p := &goPackage{own: make(map[string]names, len(clauses)), fields: make(map[string]map[string]bool, len(clauses)), face: notAnalysed}
	importable := ""
	for clause, n := range count {
		if importable == "" || cmp.Or(boolCompare(clause == mainName, importable == mainName), cmp.Compare(count[importable], n), cmp.Compare(clause, importable)) < 0 {
			importable = clause
		}
	}
	for clause, files := range clauses {
		p.own[clause], p.fields[clause] = r.t.declarations(files...), r.fieldsOf(files)
	}
	public := slices.DeleteFunc(slices.Clone(clauses[importable]), func(i int32) bool { return isGoTest(r.t.files[i].Path) })
	p.name, p.names, p.alone = importable, r.t.declarations(public...), len(public) == 1
	p.face = r.faceOf(importable, public)
	return p
}

// fieldsOf lists the names of fields.
func (r *goResolver) fieldsOf(files []int32) map[string]bool {
	out := map[string]bool{}
	for _, i := range files {
		for _, d := range r.t.files[i].Facts.Declares {
			if d.Kind == language.KindField {
				out[d.Name] = true
			}
		}
	}
	return out
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
	packages := map[string]bool{}
	for k := range f.Imports {
		packages[r.resolveImport(module, dir, &f.Imports[k])] = true
	}
	r.samePackage(i, dir, f, packages)
}

// resolveImport joins the file at hand with a package and returns what that is
// called there.
func (r *goResolver) resolveImport(module *goModule, dir string, imp *language.Import) string {
	var to string
	ok := true
	if strings.HasPrefix(imp.Path, "./") || strings.HasPrefix(imp.Path, "../") {
		to = path.Join(dir, imp.Path)
	} else {
		to, ok = r.folderOf(module, imp.Path)
	}
	name := path.Base(imp.Path)
	if p := r.packages[to]; ok && p != nil {
		name = p.name
	}
	if len(imp.Locals) > 0 {
		name = imp.Locals[0]
	}
	if ok {
		r.link(to, name)
		return name
	}
	first, _, _ := strings.Cut(imp.Path, "/")
	if !strings.Contains(first, ".") {
		r.b.use("go", "") // the standard library, or "C"
		return name
	}
	r.b.use("go", imp.Path)
	return name
}

// guessed is how sure it is which file is meant where nothing tells it, in
// percent.
const guessed = 50

// link joins the file at hand with a package that it calls name. "." stands for
// the names of the file's own package.
func (r *goResolver) link(dir, name string) {
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
	if name == "." {
		name = ""
	}
	names := p.names
	if path.Dir(r.t.files[r.b.from].Path) == dir { // tests beside the package see what its own tests declare
		names = p.own[p.name]
	}
	found := false
	for _, ref := range r.b.refs {
		if ref.Of == name {
			found = r.linkName(names, ref, func(d declared) bool { return d.exported && !d.member }) || found
		}
	}
	if !found {
		sure := uint8(guessed)
		if p.alone {
			sure = certain
		}
		r.b.perhaps(p.face, "", 1, 1, sure)
	}
}

// linkName joins the file at hand with the files that declare a name, if they
// are wanted and few.
func (r *goResolver) linkName(in names, ref language.Reference, wanted func(d declared) bool) bool {
	declarers := slices.DeleteFunc(slices.Clone(in.of(ref.Name)), func(d declared) bool { return !wanted(d) })
	if len(declarers) > maxDeclarers {
		return false
	}
	for _, d := range declarers {
		r.b.add(d.file, ref.Name, ref.Count, len(declarers))
	}
	return len(declarers) > 0
}

// samePackage joins a file with the others of its package. What is no test does
// not use what tests declare.
func (r *goResolver) samePackage(i int32, dir string, f *language.Facts, packages map[string]bool) {
	test := isGoTest(r.t.files[i].Path)
	p := r.packages[dir]
	own, fields := p.own[f.Package], p.fields[f.Package]
	seen := func(d declared) bool { return test || !isGoTest(r.t.files[d.file].Path) }
	var called map[string]bool
	for _, ref := range r.b.refs {
		if ref.Of == "" {
			r.linkName(own, ref, func(d declared) bool { return seen(d) && !d.member })
			continue
		}
		declarers := own.of(ref.Name)
		if packages[ref.Of] || len(declarers) != 1 || !declarers[0].member || ast.IsExported(ref.Name) || !seen(declarers[0]) {
			continue
		}
		if called == nil {
			called = make(map[string]bool, len(f.Calls))
			for _, c := range f.Calls {
				called[c.Name] = called[c.Name] || c.Receiver != ""
			}
		}
		sure := uint8(certain)
		if fields[ref.Name] || !called[ref.Name] {
			sure = guessed
		}
		r.b.perhaps(declarers[0].file, ref.Name, ref.Count, 1, sure)
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
