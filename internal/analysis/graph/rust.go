package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
)

// Rust: the modules of a crate are a tree of files that grows from src/lib.rs,
// src/main.rs and the other roots by their mod declarations. A path is walked
// along it: from the root of the crate after crate, from the file after self,
// from the module above after super, else from a module of the file or from a
// crate of the tree. What is left of a path is a name that the last file
// declares or passes on (pub use), over at most maxDoors files; the edge goes
// to the file that declares it, none to those that pass it on.
//
// A public mod gives an edge to the file: it is a part of what the module
// offers. A private one gives none: holding is not using.

const ecosystemCargo = "cargo"

type rustResolver struct {
	t       *tree
	b       *builder
	crates  []manifest.RustCrate       // deepest folder first
	byName  map[string]int32           // what other crates call it → file of the library
	own     map[string]bool            // names of the crates of the tree
	modules map[int32]map[string]int32 // file → its modules in other files
	above   map[int32]int32            // file → the file that declares it as a module
	names   map[int32]map[string]bool  // file → names that it declares
	owners  map[rustOwned]int32        // where a name that a file offers is declared
}

type rustOwned struct {
	file int32
	name string
}

func resolveRust(t *tree, b *builder) {
	files := t.spoken("Rust")
	if len(files) == 0 {
		return
	}
	r := &rustResolver{
		t: t, b: b, crates: slices.Clone(t.layout.RustCrates), byName: map[string]int32{}, own: map[string]bool{}, modules: map[int32]map[string]int32{},
		above: map[int32]int32{}, names: map[int32]map[string]bool{}, owners: map[rustOwned]int32{},
	}
	slices.SortStableFunc(r.crates, func(a, b manifest.RustCrate) int { return folderDepth(b.Dir) - folderDepth(a.Dir) })
	for i := range r.crates {
		c := &r.crates[i]
		r.own[c.Name] = true
		if at, ok := t.index[c.Lib]; ok {
			r.byName[c.Import] = at
		}
	}
	for _, i := range files {
		r.findModules(i)
	}
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
}

// findModules finds the files of the modules that a file declares, and lists
// the names that it declares itself.
func (r *rustResolver) findModules(i int32) {
	facts := r.t.files[i].Facts
	names := make(map[string]bool, len(facts.Declares))
	for k := range facts.Declares {
		if d := &facts.Declares[k]; d.Owner == "" && d.Kind != language.KindModule {
			names[d.Name] = true
		}
	}
	r.names[i] = names
	for k := range facts.Imports {
		imp := &facts.Imports[k]
		name, to, ok := r.module(i, imp)
		if !ok || to < 0 || to == i {
			continue
		}
		if r.modules[i] == nil {
			r.modules[i] = map[string]int32{}
		}
		r.modules[i][name] = to
		if _, taken := r.above[to]; !taken {
			r.above[to] = i
		}
	}
}

// module returns the name and the file of a module declaration; ok is false
// for every other import.
func (r *rustResolver) module(from int32, imp *language.Import) (name string, to int32, ok bool) {
	file := r.t.files[from].Path
	if strings.HasPrefix(imp.Path, "./") && len(imp.Names) == 1 {
		to, _ = r.t.find(path.Join(path.Dir(file), imp.Path))
		return imp.Names[0], to, true
	}
	rest, ok := strings.CutPrefix(imp.Path, "mod::")
	if !ok {
		return "", notAnalysed, false
	}
	below := path.Join(r.moduleFolder(from), strings.ReplaceAll(rest, "::", "/"))
	name = rest[strings.LastIndex(rest, ":")+1:]
	for _, candidate := range []string{below + ".rs", below + "/mod.rs"} {
		if to, found := r.t.find(candidate); found {
			return name, to, true
		}
	}
	return name, notAnalysed, true
}

// moduleFolder is the folder in which the modules of a file lie.
func (r *rustResolver) moduleFolder(i int32) string {
	file := r.t.files[i].Path
	switch base := path.Base(file); {
	case base == "mod.rs" || base == "lib.rs" || base == "main.rs" || r.isRoot(file):
		return path.Dir(file)
	default:
		return strings.TrimSuffix(file, ".rs")
	}
}

// isRoot reports whether a crate begins with a file: a library or a program of
// a manifest, or one by its folder.
func (r *rustResolver) isRoot(file string) bool {
	for i := range r.crates {
		if r.crates[i].Lib == file || slices.Contains(r.crates[i].Bins, file) {
			return true
		}
	}
	switch dir := path.Dir(file); path.Base(dir) {
	case "tests", "examples", "benches", "bin":
		return true
	default:
		return path.Base(file) == "build.rs"
	}
}

func (r *rustResolver) resolve(i int32, f *language.Facts) {
	bound := map[string]bool{}
	for k := range f.Imports {
		imp := &f.Imports[k]
		for _, name := range append(imp.Locals, imp.Names...) {
			bound[name] = true
		}
	}
	for k := range f.Imports {
		r.resolveImport(i, &f.Imports[k], bound)
	}
}

func (r *rustResolver) resolveImport(from int32, imp *language.Import, bound map[string]bool) {
	if _, to, ok := r.module(from, imp); ok {
		switch {
		case to < 0:
			r.b.missing++
		default:
			r.b.internal++
			if imp.Reexport {
				r.b.add(to, "", 1, 1)
			}
		}
		return
	}
	segments := strings.Split(imp.Path, "::")
	start, rest, ok := r.start(from, segments)
	if !ok {
		r.outside(from, segments[0], len(imp.Names) > 0 || len(segments) > 1, bound)
		return
	}
	r.b.internal++
	if len(imp.Names) == 0 {
		r.link(from, start, rest)
		return
	}
	for _, name := range imp.Names {
		if name == "*" {
			r.linkAll(start, rest)
			continue
		}
		r.link(from, start, append(slices.Clone(rest), name))
	}
}

// start returns the file that a path begins in, and the rest of the path.
func (r *rustResolver) start(from int32, segments []string) (file int32, rest []string, ok bool) {
	at := from
	switch first := segments[0]; first {
	case "crate", "$crate":
		return r.root(from), segments[1:], true
	case "self":
		return from, segments[1:], true
	case "super":
		for len(segments) > 0 && segments[0] == "super" {
			segments = segments[1:]
			if up, known := r.above[at]; known {
				at = up
			}
		}
		return at, segments, true
	default:
		if to, known := r.modules[from][first]; known {
			return to, segments[1:], true
		}
		name := first
		if c := r.crateOf(from); c != nil {
			if crate := c.Dependencies[first]; crate != "" && r.own[crate] {
				name = strings.ReplaceAll(crate, "-", "_")
			}
		}
		to, known := r.byName[name]
		return to, segments[1:], known
	}
}

// root returns the file that the crate of a file begins with.
func (r *rustResolver) root(from int32) int32 {
	for range maxRustDepth {
		up, ok := r.above[from]
		if !ok {
			break
		}
		from = up
	}
	if r.isRoot(r.t.files[from].Path) {
		return from
	}
	if c := r.crateOf(from); c != nil && c.Lib != "" {
		if at, ok := r.t.index[c.Lib]; ok {
			return at
		}
	}
	return from
}

// maxRustDepth bounds how deep modules nest; files that declare each other end
// there.
const maxRustDepth = 64

// crateOf returns the crate in whose folder a file lies, nil for none.
func (r *rustResolver) crateOf(i int32) *manifest.RustCrate {
	for k := range r.crates {
		if isBelow(r.t.files[i].Path, r.crates[k].Dir) {
			return &r.crates[k]
		}
	}
	return nil
}

// walk follows the segments of a path that are modules in files of their own.
func (r *rustResolver) walk(at int32, segments []string) (int32, []string) {
	for len(segments) > 0 {
		to, ok := r.modules[at][segments[0]]
		if !ok {
			break
		}
		at, segments = to, segments[1:]
	}
	return at, segments
}

// link joins the file at hand with the one that a path leads to.
func (r *rustResolver) link(from, at int32, segments []string) {
	at, rest := r.walk(at, segments)
	name := ""
	if len(segments) > 0 {
		name = segments[len(segments)-1]
	}
	to := at
	if len(rest) > 0 {
		to = r.owner(at, rest[0], 0)
		if len(rest) > 1 && to == at { // a name in an inline module, or of a type
			to = r.owner(at, rest[len(rest)-1], 0)
		}
	}
	if to != from {
		r.b.add(to, name, r.b.uses[name], 1)
	}
}

// linkAll joins the file at hand with those whose names it may use through a
// star: those that declare names which it uses, and at least the module itself.
func (r *rustResolver) linkAll(at int32, segments []string) {
	at, _ = r.walk(at, segments)
	found := false
	for _, ref := range r.b.refs {
		if to := r.owner(at, ref.Name, 0); r.names[to][ref.Name] {
			r.b.add(to, ref.Name, ref.Count, 1)
			found = true
		}
	}
	if !found {
		r.b.add(at, "", 1, 1)
	}
}

// owner returns the file that declares a name which a file offers: itself, or
// one that it takes the name from.
func (r *rustResolver) owner(at int32, name string, doors int) int32 {
	if r.names[at][name] || doors >= maxDoors {
		return at
	}
	key := rustOwned{at, name}
	if to, ok := r.owners[key]; ok {
		return to
	}
	r.owners[key] = at // what circles ends here
	facts := r.t.facts(at)
	if facts == nil {
		return at
	}
	to := at
	for k := range facts.Imports {
		imp := &facts.Imports[k]
		if !slices.Contains(imp.Names, name) && !slices.Contains(imp.Locals, name) && (!imp.Reexport || !slices.Contains(imp.Names, "*")) || strings.HasPrefix(imp.Path, "mod::") {
			continue
		}
		start, rest, ok := r.start(at, strings.Split(imp.Path, "::"))
		if !ok {
			continue
		}
		wanted := name
		if len(imp.Locals) == 1 && imp.Locals[0] == name && len(imp.Names) == 1 {
			wanted = imp.Names[0]
		}
		file, left := r.walk(start, append(slices.Clone(rest), wanted))
		if len(left) == 0 { // the name is a module
			to = file
			break
		}
		if next := r.owner(file, wanted, doors+1); r.names[next][wanted] {
			to = next
			break
		}
	}
	r.owners[key] = to
	return to
}

// languageCrates come with the language.
var languageCrates = words(`std core alloc proc_macro test Self`)

// outside counts an import that no file of the tree answers. A path whose first
// name an import binds, or a type, was counted there.
func (r *rustResolver) outside(from int32, first string, written bool, bound map[string]bool) {
	switch {
	case languageCrates[first]:
		if written {
			r.b.use(ecosystemCargo, "")
		}
		return
	case bound[first] || r.names[from][first] || first == "" || first[0] >= 'A' && first[0] <= 'Z':
		return
	}
	c := r.crateOf(from)
	if c == nil {
		if written {
			r.b.use(ecosystemCargo, first)
		}
		return
	}
	name := c.Dependencies[first]
	switch {
	case name == "":
	case written:
		r.b.use(ecosystemCargo, first)
	default:
		r.b.note(ecosystemCargo, first)
	}
}
