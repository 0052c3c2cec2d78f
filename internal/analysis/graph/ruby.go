package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Ruby: a constant is found as Ruby does, from the innermost class or module of
// the file outwards, among those that the tree declares; that is what the
// conventions of Zeitwerk come to. A module that only holds others is declared
// by every file in it: the file that is named for it is meant, or none. A
// constant that no analysed file declares is found by its path under the roots
// of Zeitwerk, the folders in app and lib.
//
// What require loads is looked for from the folders lib, test and spec of the
// file's project and of the others, require_relative from the file. A require
// of something else is of Ruby or of a gem. rails.go adds what the conventions
// of Rails say.

// maxDefinitions is how many files may declare a constant that still says which
// file is meant.
const maxDefinitions = 6

type rubyResolver struct {
	t         *tree
	b         *builder
	constants map[string]names // by the constant's whole path; the name of each is ""
	roots     []string         // of Zeitwerk
	loadPaths []string
	rails     railsTree
	factories map[string][]int32 // files that declare the factory
	place     string             // folder of the templates of the file at hand, below app/views
}

func resolveRuby(t *tree, b *builder) {
	files := t.spoken("Ruby")
	if len(files) == 0 {
		return
	}
	r := &rubyResolver{t: t, b: b, constants: map[string]names{}}
	for _, i := range files {
		r.index(i)
	}
	for name, list := range r.constants {
		r.constants[name] = list.sorted()
	}
	r.findRoots()
	r.readRails(files)
	r.findFactories(files)
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
	for _, i := range t.spoken("HTML+ERB", "Haml", "Slim") {
		b.file(i, func(f *language.Facts) { r.view(i, f) })
	}
}

// index lists the constants that a file declares. member marks a class or
// module that is there for what is in it, as it holds nothing but types, or that
// only opens one of another place to include something.
func (r *rubyResolver) index(i int32) {
	facts := r.t.files[i].Facts
	holds := map[string]bool{}
	for k := range facts.Declares {
		d := &facts.Declares[k]
		if d.Kind != language.KindType && d.Kind != language.KindModule {
			holds[d.Owner] = true
		}
	}
	for k := range facts.Declares {
		d := &facts.Declares[k]
		switch d.Kind {
		case language.KindType, language.KindModule, language.KindConstant:
		default:
			continue
		}
		dotted := language.Qualify(d.Owner, d.Name)
		name := strings.ReplaceAll(dotted, ".", "::")
		wrapper := d.Kind == language.KindModule && !holds[dotted] || d.Kind == language.KindType && !holds[dotted] && (len(d.Bases) == 0 && r.isOuter(facts, dotted) || opensAnother(facts, d))
		r.constants[name] = append(r.constants[name], declared{file: i, member: wrapper, exported: true})
	}
}

// opensAnother reports whether a class that holds nothing itself is written by
// its path, class Rack::Builder, extends nothing and includes something.
func opensAnother(facts *language.Facts, d *language.Declaration) bool {
	if d.Owner == "" || len(d.Bases) == 0 || slices.ContainsFunc(facts.Declares, func(o language.Declaration) bool { return language.Qualify(o.Owner, o.Name) == d.Owner }) {
		return false
	}
	included := map[string]bool{}
	for i := range facts.Invocations {
		if v := &facts.Invocations[i]; v.Name == "include" || v.Name == "extend" || v.Name == "prepend" {
			for _, a := range v.Args {
				included[a.Text] = true
			}
		}
	}
	return !slices.ContainsFunc(d.Bases, func(base string) bool { return !included[base] })
}

// isOuter reports whether a file declares something inside a type.
func (r *rubyResolver) isOuter(facts *language.Facts, dotted string) bool {
	return slices.ContainsFunc(facts.Declares, func(d language.Declaration) bool { return d.Owner == dotted })
}

// findRoots lists where Zeitwerk and require look: the folders in app and its
// concerns, and every lib, test and spec of a project.
func (r *rubyResolver) findRoots() {
	for dir := range r.t.folders {
		parent, base := path.Dir(dir), path.Base(dir)
		switch {
		case path.Base(parent) == "app" && base != "views" && base != "assets" && base != "javascript":
			r.roots = append(r.roots, dir)
		case base == "concerns" && path.Base(path.Dir(parent)) == "app":
			r.roots = append(r.roots, dir)
		case base == "lib" || base == "test" || base == "spec":
			if strings.Count(dir, "/") <= 3 {
				r.loadPaths = append(r.loadPaths, dir)
			}
			if base == "lib" {
				r.roots = append(r.roots, dir)
			}
		}
	}
	slices.Sort(r.roots)
	slices.Sort(r.loadPaths)
}

func (r *rubyResolver) resolve(from int32, f *language.Facts) {
	for k := range f.Imports {
		r.require(from, &f.Imports[k])
	}
	nestings := nestings(f)
	seen := map[string]bool{}
	for _, ref := range r.b.refs {
		if first := strings.TrimPrefix(ref.Name, "::"); first == "" || first[0] < 'A' || first[0] > 'Z' {
			continue
		}
		r.constant(from, ref, nestings, seen)
	}
	r.bases(from, f, nestings)
	r.conventions(from, f, nestings)
}

// nestings are the classes and modules of a file, the innermost first.
func nestings(f *language.Facts) []string {
	var out []string
	for k := range f.Declares {
		d := &f.Declares[k]
		if d.Kind == language.KindType || d.Kind == language.KindModule {
			if name := strings.ReplaceAll(language.Qualify(d.Owner, d.Name), ".", "::"); len(out) < 200 {
				out = append(out, name)
			}
			// module A::B opens A as well where a name is looked for by its path.
			if owner := strings.ReplaceAll(d.Owner, ".", "::"); owner != "" && !slices.Contains(out, owner) {
				out = append(out, owner)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return strings.Count(b, "::") - strings.Count(a, "::") })
	return slices.Compact(out)
}

// bases looks up what types extend and include: a name that the file itself
// declares too, as in class Admin::User < User, is no reference of it.
func (r *rubyResolver) bases(from int32, f *language.Facts, nestings []string) {
	for k := range f.Declares {
		for _, base := range f.Declares[k].Bases {
			if r.b.uses[base] == 0 {
				first, _, _ := strings.Cut(strings.TrimPrefix(base, "::"), "::")
				r.constant(from, language.Reference{Name: base, Count: 1}, nestings, map[string]bool{first: true})
			}
		}
	}
}

// constant joins a file with the one that declares a constant.
func (r *rubyResolver) constant(from int32, ref language.Reference, nestings []string, seen map[string]bool) {
	written, absolute := strings.CutPrefix(ref.Name, "::")
	for name := written; name != ""; {
		if !absolute {
			for _, nest := range nestings {
				if r.declaredBy(from, nest+"::"+name, ref) {
					return
				}
			}
		}
		if r.declaredBy(from, name, ref) {
			return
		}
		cut := strings.LastIndex(name, "::")
		if cut < 0 {
			break
		}
		name = name[:cut]
	}
	if to, ok := r.byPath(from, written); ok {
		r.b.add(to, written, ref.Count, 1)
		return
	}
	// What no file declares may be of a gem, named as it would be required.
	if first, _, _ := strings.Cut(written, "::"); !seen[first] && r.constants[first] == nil && !rubyCore[first] {
		seen[first] = true
		r.b.note(ecosystemRuby, inflect.Underscore(written))
	}
}

// declaredBy joins a file with the one that declares exactly this constant. It
// reports whether there is one, the file itself included.
func (r *rubyResolver) declaredBy(from int32, name string, ref language.Reference) bool {
	all := r.constants[name]
	if len(all) == 0 {
		return false
	}
	whole := slices.DeleteFunc(slices.Clone(all), func(d declared) bool { return d.member })
	if slices.ContainsFunc(whole, func(d declared) bool { return d.file == from }) {
		return true
	}
	if to, ok := r.named(from, all, name); ok {
		r.b.add(to, lastConstant(name), ref.Count, len(whole))
		return true
	}
	if len(whole) == 0 || len(whole) > maxDefinitions {
		return len(all) > 1 || len(whole) > 0
	}
	if to, ok := r.t.nearest(from, whole); ok {
		r.b.add(to, lastConstant(name), ref.Count, len(whole))
	}
	return true
}

func lastConstant(name string) string { return name[strings.LastIndex(name, ":")+1:] }

// named chooses, among the files that declare a constant, the one whose path
// says so.
func (r *rubyResolver) named(from int32, all names, name string) (int32, bool) {
	tail := inflect.Underscore(name) + ".rb"
	var matching names
	for _, d := range all {
		if p := r.t.files[d.file].Path; p == tail || strings.HasSuffix(p, "/"+tail) {
			matching = append(matching, d)
		}
	}
	if len(matching) == 0 {
		return notAnalysed, false
	}
	return r.t.nearest(from, matching)
}

// byPath finds a constant by the path that Zeitwerk expects it at.
func (r *rubyResolver) byPath(from int32, name string) (int32, bool) {
	tail := inflect.Underscore(name) + ".rb"
	for _, root := range r.roots {
		if to, ok := r.t.find(path.Join(root, tail)); ok && to != from {
			return to, true
		}
	}
	return notAnalysed, false
}

// require resolves an import.
func (r *rubyResolver) require(from int32, imp *language.Import) {
	dir := path.Dir(r.t.files[from].Path)
	if strings.HasPrefix(imp.Path, ".") {
		r.found(r.probe(path.Join(dir, imp.Path)))
		return
	}
	if to, ok := r.onLoadPath(dir, imp.Path); ok {
		r.found(to, true)
		return
	}
	first, _, _ := strings.Cut(imp.Path, "/")
	switch {
	case rubyStandard[first] || rubyStandard[imp.Path]:
		r.b.use(ecosystemRuby, "")
	case strings.HasPrefix(imp.Path, "/"):
		r.b.missing++
	default:
		r.b.use(ecosystemRuby, imp.Path)
	}
}

func (r *rubyResolver) found(to int32, ok bool) {
	if !ok {
		r.b.missing++
		return
	}
	r.b.internal++
	r.b.add(to, "", 1, 1)
}

func (r *rubyResolver) probe(base string) (int32, bool) {
	if strings.HasPrefix(base, "..") {
		return notAnalysed, false
	}
	for _, extension := range []string{".rb", "", ".rake"} {
		if to, ok := r.t.find(base + extension); ok {
			return to, true
		}
	}
	return notAnalysed, false
}

// onLoadPath looks in the folders that a require sees: those of the file's own
// project first, then those of the others.
func (r *rubyResolver) onLoadPath(dir, written string) (int32, bool) {
	for _, above := range ancestors(dir) {
		for _, sub := range []string{"lib", "test", "spec"} {
			if to, ok := r.probe(path.Join(above, sub, written)); ok {
				return to, true
			}
		}
		if base := path.Base(above); base == "lib" || base == "test" || base == "spec" {
			if to, ok := r.probe(path.Join(above, written)); ok {
				return to, true
			}
		}
	}
	if to, ok := r.probe(written); ok {
		return to, true
	}
	for _, p := range r.loadPaths {
		if to, ok := r.probe(path.Join(p, written)); ok {
			return to, true
		}
	}
	return notAnalysed, false
}
