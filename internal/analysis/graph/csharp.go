package graph

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// C#: a using directive names a namespace, not a file; what a file uses is found
// by the names of types, and of extension methods, in the namespaces that it
// sees: its own and those around it, those of its using directives, and those of
// the global ones of its project, in files or in the project's own file. A project
// is the folder of the nearest .csproj above. Where several files have the name,
// those of the project and of what it refers to come before the others, and then
// the one nearest by its path is meant.

// ecosystemNuGet is that of the packages of .NET.
const ecosystemNuGet = "nuget"

type csharpResolver struct {
	t          *tree
	b          *builder
	namespaces map[string]names           // types and extension methods by namespace
	prefixes   map[string]bool            // namespaces that only hold others
	projects   map[string]bool            // folders with a .csproj
	global     map[string][]string        // namespaces of global using directives, by project
	reach      map[string]map[string]bool // folders of the projects that a project refers to, over others too
	home       []string                   // by file: the folder of its project
}

func resolveCSharp(t *tree, b *builder) {
	files := t.spoken("C#")
	if len(files) == 0 {
		return
	}
	r := &csharpResolver{
		t: t, b: b, namespaces: map[string]names{}, prefixes: map[string]bool{}, projects: map[string]bool{}, global: map[string][]string{},
	}
	r.findProjects()
	r.home = make([]string, len(t.files))
	for _, i := range files {
		r.home[i] = r.projectOf(i)
		r.declare(i)
	}
	for name, list := range r.namespaces {
		r.namespaces[name] = list.sorted()
		for up := parentNamespace(name); up != ""; up = parentNamespace(up) {
			r.prefixes[up] = true
		}
	}
	for _, i := range files {
		r.noteGlobal(i)
	}
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
}

func (r *csharpResolver) findProjects() {
	note := func(p string) {
		if path.Ext(p) == ".csproj" {
			r.projects[path.Dir(p)] = true
		}
	}
	for i := range r.t.files {
		note(r.t.files[i].Path)
	}
	for p := range r.t.others {
		note(p)
	}
	refers := map[string][]string{}
	for i := range r.t.layout.DotNetProjects {
		p := &r.t.layout.DotNetProjects[i]
		refers[p.Dir] = append(refers[p.Dir], p.References...)
		r.global[p.Dir] = append(r.global[p.Dir], p.Usings...)
	}
	r.reach = make(map[string]map[string]bool, len(refers))
	for dir := range refers {
		reached := map[string]bool{dir: true}
		for next := []string{dir}; len(next) > 0; next = next[1:] {
			for _, to := range refers[next[0]] {
				if !reached[to] {
					reached[to] = true
					next = append(next, to)
				}
			}
		}
		r.reach[dir] = reached
	}
}

// nearest is the file that is meant by a name, of those that declare it.
func (r *csharpResolver) nearest(from int32, found names) (int32, bool) {
	if reached := r.reach[r.home[from]]; len(found) > 1 && reached != nil {
		var seen names
		for _, d := range found {
			if reached[r.home[d.file]] {
				seen = append(seen, d)
			}
		}
		if len(seen) > 0 {
			found = seen
		}
	}
	return r.t.nearest(from, found)
}

// projectOf is the folder of the project that a file belongs to, "." without one.
func (r *csharpResolver) projectOf(i int32) string {
	for _, dir := range ancestors(path.Dir(r.t.files[i].Path)) {
		if r.projects[dir] {
			return dir
		}
	}
	return "."
}

// declare lists the types of a file by their namespaces, but for those inside
// others, and its extension methods.
func (r *csharpResolver) declare(i int32) {
	facts := r.t.files[i].Facts
	namespace, until := facts.Package, 0
	for _, d := range facts.Declares {
		if d.Line > until {
			namespace = facts.Package
		}
		isType := d.Kind == language.KindType || d.Kind == language.KindInterface
		switch {
		case d.Kind == language.KindModule:
			namespace, until = d.Name, d.EndLine
		case isType && d.Owner == "", d.Kind == language.KindMethod && strings.HasPrefix(d.Signature, "(this "):
			r.namespaces[namespace] = append(r.namespaces[namespace], declared{name: d.Name, file: i, exported: d.Exported})
		}
	}
}

func parentNamespace(name string) string { return name[:max(0, strings.LastIndexByte(name, '.'))] }

// noteGlobal notes the global using directives of a file for its project.
func (r *csharpResolver) noteGlobal(i int32) {
	project := ""
	for k := range r.t.files[i].Facts.Imports {
		imp := &r.t.files[i].Facts.Imports[k]
		if !imp.Reexport {
			continue
		}
		if project == "" {
			project = r.home[i]
		}
		r.global[project] = append(r.global[project], imp.Path)
	}
}

func (r *csharpResolver) resolve(i int32, f *language.Facts) {
	seen := map[string]bool{}
	var visible []names
	see := func(namespace string) {
		if list := r.namespaces[namespace]; list != nil && !seen[namespace] {
			visible = append(visible, list)
		}
		seen[namespace] = true
	}
	around := func(namespace string) {
		for ; namespace != ""; namespace = parentNamespace(namespace) {
			see(namespace)
		}
	}
	around(f.Package)
	for k := range f.Declares {
		if f.Declares[k].Kind == language.KindModule {
			around(f.Declares[k].Name)
		}
	}
	for k := range f.Imports {
		r.resolveUsing(i, f, &f.Imports[k], see)
	}
	for _, namespace := range r.global[r.home[i]] {
		see(namespace)
	}
	see("")
	r.link(i, visible)
}

// resolveUsing resolves a using directive of a namespace, of a type (static), or
// with an alias of either.
func (r *csharpResolver) resolveUsing(i int32, f *language.Facts, imp *language.Import, see func(string)) {
	// Inside a namespace, a directive may leave out the namespaces around it.
	for around := f.Package; ; around = parentNamespace(around) {
		full := imp.Path
		if around != "" {
			full = around + "." + full
		}
		if r.namespaces[full] != nil || r.prefixes[full] {
			r.b.internal++
			see(full)
			return
		}
		parent, name := parentNamespace(full), full[strings.LastIndexByte(full, '.')+1:]
		if to, ok := r.nearest(i, r.namespaces[parent].of(name)); ok {
			r.b.internal++
			r.b.add(to, name, r.b.uses[name], 1)
			return
		}
		if around == "" {
			break
		}
	}
	if isDotNet(imp.Path) {
		r.b.use(ecosystemNuGet, "")
		return
	}
	r.b.use(ecosystemNuGet, imp.Path)
}

// isDotNet reports whether a namespace comes with .NET itself.
func isDotNet(namespace string) bool {
	first, rest, _ := strings.Cut(namespace, ".")
	second, _, _ := strings.Cut(rest, ".")
	return first == "System" || first == "Microsoft" && (second == "CSharp" || second == "Win32" || second == "VisualBasic")
}

// link joins a file with the types and extension methods that it uses.
func (r *csharpResolver) link(i int32, visible []names) {
	for _, ref := range r.b.refs {
		for _, list := range visible {
			found := list.of(ref.Name)
			if to, ok := r.nearest(i, found); ok {
				r.b.add(to, ref.Name, ref.Count, len(found))
				break
			}
		}
	}
}
