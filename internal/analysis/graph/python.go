package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
)

// Python: an absolute import is looked for from the roots of the importing
// file's project, from the folder above the package that holds the file, from
// the file's own folder when that is no package (a script sees its neighbours),
// from the root of the tree and src, and last from the roots of other projects.
// A stub stands for a module that has no source.
//
// from m import n gives an edge to the submodule m.n, or to m. Where m is only
// the door to the name (from .impl import n in its __init__), there is an edge
// to the door and one to the file that declares the name, found over at most
// maxDoors steps. import a.b gives an edge to a.b, none to the __init__ of a.

// maxDoors is how many re-exports a name is followed through.
const maxDoors = 4

type pythonResolver struct {
	t        *tree
	b        *builder
	projects []manifest.PythonProject
	// tops are the roots of all projects that hold a module, by its first name.
	tops map[string][]string
	// above caches the folder above the outermost package around a folder,
	// roots where the imports of a folder's files start, owners what ownerOf
	// found: without it, doors with many stars would be walked again and again.
	above  map[string]string
	roots  map[string][]string
	owners map[ownedName]int32
}

// ownedName is a name that a file offers.
type ownedName struct {
	file int32
	name string
}

func resolvePython(t *tree, b *builder) {
	files := t.spoken("Python")
	if len(files) == 0 {
		return
	}
	r := &pythonResolver{
		t: t, b: b, projects: t.layout.PythonProjects, tops: map[string][]string{},
		above: map[string]string{}, roots: map[string][]string{}, owners: map[ownedName]int32{},
	}
	r.findTops(files)
	for _, i := range files {
		b.file(i, func(f *language.Facts) {
			roots := r.rootsOf(path.Dir(t.files[i].Path))
			for k := range f.Imports {
				r.resolveImport(i, roots, &f.Imports[k])
			}
		})
	}
}

// findTops lists, for each first name of a module, the roots that it is under.
func (r *pythonResolver) findTops(files []int32) {
	roots := map[string]bool{}
	for _, p := range r.projects {
		for _, root := range p.Roots {
			roots[root] = true
		}
	}
	for _, i := range files {
		p := r.t.files[i].Path
		for _, dir := range ancestors(path.Dir(p)) {
			if !roots[dir] {
				continue
			}
			first := p
			if dir != "." {
				first = p[len(dir)+1:]
			}
			first, _, _ = strings.Cut(first, "/")
			first = strings.TrimSuffix(strings.TrimSuffix(first, ".pyi"), ".py")
			if !slices.Contains(r.tops[first], dir) {
				r.tops[first] = append(r.tops[first], dir)
			}
		}
	}
}

// rootsOf returns where the imports of files in a folder start, nearest first.
func (r *pythonResolver) rootsOf(dir string) []string {
	if roots, ok := r.roots[dir]; ok {
		return roots
	}
	var roots []string
	add := func(dirs ...string) {
		for _, d := range dirs {
			if !slices.Contains(roots, d) {
				roots = append(roots, d)
			}
		}
	}
	if !r.isPackage(dir) {
		add(dir)
	}
	if p := r.projectOf(dir); p != nil {
		add(p.Roots...)
	}
	add(r.abovePackage(dir), ".", "src")
	r.roots[dir] = roots
	return roots
}

func (r *pythonResolver) projectOf(dir string) *manifest.PythonProject {
	var best *manifest.PythonProject
	for i := range r.projects {
		p := &r.projects[i]
		if isBelow(dir, p.Dir) && (best == nil || best.Dir == "." || len(p.Dir) > len(best.Dir)) {
			best = p
		}
	}
	return best
}

func (r *pythonResolver) isPackage(dir string) bool {
	_, ok := r.t.find(path.Join(dir, pythonInit))
	return ok
}

func (r *pythonResolver) abovePackage(dir string) string {
	if found, ok := r.above[dir]; ok {
		return found
	}
	found := dir
	if dir != "." && r.isPackage(dir) {
		found = r.abovePackage(path.Dir(dir))
	}
	r.above[dir] = found
	return found
}

// module is what a dotted name stands for: a file, or a folder without one.
type module struct {
	file   int32 // notAnalysed for a namespace package or a file without a node
	folder string
	inTree bool
}

// moduleAt looks for a module by its path without an extension.
func (r *pythonResolver) moduleAt(base string) module {
	if r.t.hasFolder(base) {
		for _, name := range []string{pythonInit, "__init__.pyi"} {
			if i, ok := r.t.find(path.Join(base, name)); ok {
				return module{file: i, folder: base, inTree: true}
			}
		}
	}
	for _, extension := range []string{".py", ".pyi", ".pyx"} {
		if i, ok := r.t.find(base + extension); ok {
			return module{file: i, inTree: true}
		}
	}
	if r.t.hasFolder(base) {
		return module{file: notAnalysed, folder: base, inTree: true}
	}
	return module{file: notAnalysed}
}

func (r *pythonResolver) resolveImport(from int32, roots []string, imp *language.Import) {
	if strings.HasPrefix(imp.Path, ".") {
		r.resolveRelative(from, imp)
		return
	}
	dotted := strings.Split(imp.Path, ".")
	m, known := r.absolute(roots, dotted)
	switch {
	case m.inTree:
		r.link(m, imp)
	case pythonStandard[dotted[0]]:
		r.b.use(ecosystemPyPI, "")
	case known && imp.Dynamic: // it may be made at run time
	case known:
		r.b.missing++
	default:
		if len(dotted) < 3 && pythonNamespaces[dotted[0]] && len(imp.Names) > 0 {
			dotted = append(dotted, imp.Names[0])
		}
		r.b.use(ecosystemPyPI, strings.Join(dotted[:min(len(dotted), 3)], "."))
	}
}

// pythonNamespaces are the packages that many distributions share: from
// google.cloud import storage is an import of google.cloud.storage.
var pythonNamespaces = words("google azure zope ruamel opentelemetry backports jaraco sphinxcontrib")

// absolute looks for a module from the roots. known says that the tree holds
// its first name, so that it can be nowhere else.
func (r *pythonResolver) absolute(roots []string, dotted []string) (m module, known bool) {
	standard := pythonStandard[dotted[0]]
	if standard && len(dotted) == 1 {
		return module{}, false
	}
	relative := strings.Join(dotted, "/")
	for _, list := range [][]string{roots, r.tops[dotted[0]]} {
		for _, root := range list {
			m := r.moduleAt(path.Join(root, relative))
			if m.inTree && (m.file != notAnalysed || !r.isHollow(m)) {
				return m, true
			}
			known = known || !standard && r.isPackage(path.Join(root, dotted[0]))
		}
	}
	return module{}, known
}

// isHollow reports whether a folder holds no Python: it is no namespace package
// but something of the same name, such as docs or redis.
func (r *pythonResolver) isHollow(m module) bool {
	if m.folder == "" {
		return false
	}
	for _, i := range r.t.within[m.folder] {
		if r.t.files[i].Language == "Python" {
			return false
		}
	}
	// One level down, for a namespace that holds packages only.
	return !r.holdsPackage(m.folder)
}

func (r *pythonResolver) holdsPackage(dir string) bool {
	prefix := dir + "/"
	at, _ := slices.BinarySearchFunc(r.t.files, prefix, func(f File, p string) int { return strings.Compare(f.Path, p) })
	// Files are sorted: a look at the first ones says enough.
	for _, f := range r.t.files[at:min(at+50, len(r.t.files))] {
		if !strings.HasPrefix(f.Path, prefix) {
			return false
		}
		if path.Base(f.Path) == pythonInit {
			return true
		}
	}
	return false
}

func (r *pythonResolver) resolveRelative(from int32, imp *language.Import) {
	rest := strings.TrimLeft(imp.Path, ".")
	dir := path.Dir(r.t.files[from].Path)
	for range len(imp.Path) - len(rest) - 1 {
		dir = path.Dir(dir)
	}
	m := r.moduleAt(path.Join(dir, strings.ReplaceAll(rest, ".", "/")))
	if !m.inTree {
		r.b.missing++
		return
	}
	r.link(m, imp)
}

// link joins the file at hand with a module.
func (r *pythonResolver) link(m module, imp *language.Import) {
	if len(imp.Names) == 0 {
		r.b.internal++
		r.linkWhole(m)
		return
	}
	resolved := m.file != notAnalysed || m.folder == ""
	for _, name := range imp.Names {
		resolved = r.linkName(m, name) || resolved
	}
	if resolved {
		r.b.internal++
	} else {
		r.b.missing++ // a namespace package has nothing but its modules
	}
}

// linkWhole joins the file at hand with a module by the names of it that are
// used: those that it declares, and those that it only passes on.
func (r *pythonResolver) linkWhole(m module) {
	facts := r.t.facts(m.file)
	if facts == nil {
		return
	}
	if !r.linkUsed(m.file) {
		r.b.add(m.file, "", 1, 1)
	}
	if m.folder == "" {
		return
	}
	for i := range facts.Imports {
		for _, name := range facts.Imports[i].Names {
			if refs := r.b.uses[name]; refs > 0 {
				r.b.add(r.ownerOf(m.file, name, maxDoors), name, refs, 1)
			}
		}
	}
}

// linkUsed joins the file at hand with another by the names that it declares and
// that are used. It reports whether there are any.
func (r *pythonResolver) linkUsed(file int32) bool {
	facts := r.t.facts(file)
	if facts == nil {
		return false
	}
	found := false
	for i := range facts.Declares {
		d := &facts.Declares[i]
		if refs := r.b.uses[d.Name]; refs > 0 && !isMember(d) {
			r.b.add(file, d.Name, refs, 1)
			found = true
		}
	}
	return found
}

// linkName joins the file at hand with what one name of a module stands for.
func (r *pythonResolver) linkName(m module, name string) bool {
	if name == "*" {
		r.linkWhole(m)
		r.linkStars(m.file, map[int32]bool{}, maxDoors)
		return m.file != notAnalysed
	}
	if m.folder != "" && !declares(r.t.facts(m.file), name) {
		if sub := r.moduleAt(path.Join(m.folder, name)); sub.inTree {
			r.b.add(sub.file, name, r.b.uses[name], 1)
			return true
		}
	}
	owner := r.ownerOf(m.file, name, maxDoors)
	if owner == notAnalysed || owner == m.file {
		r.b.add(m.file, name, r.b.uses[name], 1)
		return m.file != notAnalysed
	}
	r.b.add(m.file, "", 1, 1)
	r.b.add(owner, name, r.b.uses[name], 1)
	return true
}

// declares reports whether a file declares a name itself.
func declares(facts *language.Facts, name string) bool {
	return facts != nil && slices.ContainsFunc(facts.Declares, func(d language.Declaration) bool {
		return d.Name == name && !isMember(&d)
	})
}

// ownerOf returns the file that declares a name which a file offers, notAnalysed
// when it cannot be told.
func (r *pythonResolver) ownerOf(file int32, name string, doors int) int32 {
	facts := r.t.facts(file)
	switch {
	case facts == nil:
		return notAnalysed
	case declares(facts, name):
		return file
	case doors == 0:
		return notAnalysed
	}
	key := ownedName{file, name}
	if owner, ok := r.owners[key]; ok {
		return owner
	}
	r.owners[key] = notAnalysed // for files that import each other
	owner := r.behindDoors(file, name, facts, doors)
	r.owners[key] = owner
	return owner
}

func (r *pythonResolver) behindDoors(file int32, name string, facts *language.Facts, doors int) int32 {
	for i := range facts.Imports {
		imp := &facts.Imports[i]
		named := slices.Contains(imp.Names, name)
		if !named && !slices.Contains(imp.Names, "*") {
			continue
		}
		m := r.moduleFrom(file, imp.Path)
		if named && m.folder != "" {
			if sub := r.moduleAt(path.Join(m.folder, name)); sub.inTree {
				return sub.file
			}
		}
		if m.file == file {
			continue
		}
		if owner := r.ownerOf(m.file, name, doors-1); owner != notAnalysed {
			return owner
		}
	}
	return notAnalysed
}

// linkStars joins the file at hand with the files whose names a module takes over
// with a star, where one of these names is used.
func (r *pythonResolver) linkStars(file int32, seen map[int32]bool, doors int) {
	facts := r.t.facts(file)
	if facts == nil || doors == 0 || seen[file] {
		return
	}
	seen[file] = true
	for i := range facts.Imports {
		imp := &facts.Imports[i]
		if !slices.Contains(imp.Names, "*") {
			continue
		}
		if to := r.moduleFrom(file, imp.Path); to.file != notAnalysed {
			r.linkUsed(to.file)
			r.linkStars(to.file, seen, doors-1)
		}
	}
}

// moduleFrom returns the module that a file imports.
func (r *pythonResolver) moduleFrom(file int32, imp string) module {
	dir := path.Dir(r.t.files[file].Path)
	rest := strings.TrimLeft(imp, ".")
	dots := len(imp) - len(rest)
	if dots == 0 {
		m, _ := r.absolute(r.rootsOf(dir), strings.Split(imp, "."))
		if !m.inTree {
			m.file = notAnalysed
		}
		return m
	}
	for range dots - 1 {
		dir = path.Dir(dir)
	}
	return r.moduleAt(path.Join(dir, strings.ReplaceAll(rest, ".", "/")))
}
