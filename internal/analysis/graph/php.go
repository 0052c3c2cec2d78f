package graph

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// PHP: a type is found by its whole name among those that the tree declares,
// wherever its file lies, which is what the autoloaders of Composer come to.
// Where several packages of a tree have it, the nearest one is meant. A name
// that is not analysed is found by its path under the folders of PSR-4. Names
// that a file uses without importing them are of its own namespace; functions
// may be global too. What require and include load is looked for from the
// file's folder and from the root.

type phpResolver struct {
	t         *tree
	b         *builder
	types     map[string]names // by namespace
	functions map[string]names // functions and constants, by namespace
}

func resolvePHP(t *tree, b *builder) {
	files := t.spoken("PHP")
	if len(files) == 0 {
		return
	}
	r := &phpResolver{t: t, b: b, types: map[string]names{}, functions: map[string]names{}}
	for _, i := range files {
		facts := t.files[i].Facts
		for k := range facts.Declares {
			d := &facts.Declares[k]
			if d.Owner != "" {
				continue
			}
			of := r.functions
			if d.Kind == language.KindType || d.Kind == language.KindInterface {
				of = r.types
			}
			of[facts.Package] = append(of[facts.Package], declared{name: d.Name, file: i, exported: true})
		}
	}
	for _, byNamespace := range []map[string]names{r.types, r.functions} {
		for namespace, list := range byNamespace {
			byNamespace[namespace] = list.sorted()
		}
	}
	for _, i := range files {
		b.file(i, func(f *language.Facts) { r.resolve(i, f) })
	}
}

func (r *phpResolver) resolve(from int32, f *language.Facts) {
	imported := map[string]bool{}
	aliases := map[string]string{}
	for k := range f.Imports {
		imp := &f.Imports[k]
		if isPHPPath(imp.Path) {
			r.include(from, imp.Path)
			continue
		}
		_, last := cutNamespace(imp.Path)
		if len(imp.Names) > 0 {
			last = imp.Names[0]
			r.resolveName(from, imp.Path, last, r.functions)
		} else {
			namespace, name := cutNamespace(imp.Path)
			r.resolveName(from, namespace, name, r.types)
		}
		imported[last] = true
		local := last
		if len(imp.Locals) > 0 {
			local = imp.Locals[0]
		}
		aliases[local] = imp.Path
	}
	r.linkUsed(from, f, imported, aliases)
}

// isPHPPath reports whether an import is of a file, not of a name.
func isPHPPath(written string) bool {
	return strings.ContainsRune(written, '/') || strings.HasPrefix(written, ".") || strings.Contains(written, ".php")
}

func cutNamespace(name string) (namespace, last string) {
	if at := strings.LastIndexByte(name, '\\'); at >= 0 {
		return name[:at], name[at+1:]
	}
	return "", name
}

// include resolves the path of a require.
func (r *phpResolver) include(from int32, written string) {
	if strings.Contains(written, "vendor/") {
		r.b.use(ecosystemComposer, "")
		return
	}
	candidates := []string{path.Join(path.Dir(r.t.files[from].Path), written)}
	if !strings.HasPrefix(written, ".") {
		candidates = append(candidates, strings.TrimPrefix(path.Clean(written), "/"))
	}
	for _, c := range candidates {
		if to, ok := r.t.find(c); ok {
			r.b.internal++
			r.b.add(to, "", 1, 1)
			return
		}
	}
	r.b.missing++
}

// resolveName resolves what a use statement names. What it names may be a
// namespace too, of which the file uses parts.
func (r *phpResolver) resolveName(from int32, namespace, name string, of map[string]names) {
	if to, ok := r.nearest(from, of[namespace].of(name)); ok {
		r.b.internal++
		r.b.add(to, name, r.b.uses[name], 1)
		return
	}
	whole := strings.TrimPrefix(namespace+`\`+name, `\`)
	if r.types[whole] != nil || r.functions[whole] != nil {
		r.b.internal++ // the names of it that are used make the edges
		return
	}
	if to, ok := r.byPath(whole); ok {
		r.b.internal++
		r.b.add(to, name, r.b.uses[name], 1)
		return
	}
	switch {
	case namespace == "":
		r.b.use(ecosystemComposer, "") // of PHP itself
	case r.types[namespace] != nil:
		r.b.missing++
	default:
		r.b.use(ecosystemComposer, whole)
	}
}

// byPath finds the file of a type by PSR-4: the longest prefix that a package
// of the tree has, and below its folder the rest of the name.
func (r *phpResolver) byPath(whole string) (int32, bool) {
	best, found := -1, notAnalysed
	for i := range r.t.layout.ComposerPackages {
		p := &r.t.layout.ComposerPackages[i]
		for prefix, dirs := range p.PSR4 {
			rest, ok := strings.CutPrefix(whole, prefix)
			if !ok || len(prefix) <= best {
				continue
			}
			for _, dir := range dirs {
				if to, ok := r.t.find(path.Join(dir, strings.ReplaceAll(rest, `\`, "/")+".php")); ok {
					best, found = len(prefix), to
				}
			}
		}
	}
	return found, best >= 0
}

// linkUsed joins a file with what it uses without an import: names of its own
// namespace, names written with a namespace, and functions that it calls.
func (r *phpResolver) linkUsed(from int32, f *language.Facts, imported map[string]bool, aliases map[string]string) {
	called := map[string]bool{}
	for i := range f.Calls {
		if c := &f.Calls[i]; c.Receiver == "" && !c.New {
			called[c.Name] = true
		}
	}
	for _, ref := range r.b.refs {
		if imported[ref.Name] {
			continue
		}
		namespace, name := f.Package, ref.Name
		if strings.Contains(ref.Name, `\`) {
			namespace, name = cutNamespace(expand(ref.Name, f.Package, aliases))
		}
		if r.linkName(from, ref, r.types[namespace].of(name)) || !called[name] {
			continue
		}
		if !r.linkName(from, ref, r.functions[namespace].of(name)) && namespace == f.Package {
			r.linkName(from, ref, r.functions[""].of(name))
		}
	}
}

// expand makes a whole name of one that is written with a namespace.
func expand(written, namespace string, aliases map[string]string) string {
	if whole, ok := strings.CutPrefix(written, `\`); ok {
		return whole
	}
	first, rest, _ := strings.Cut(written, `\`)
	if strings.EqualFold(first, "namespace") {
		return namespace + `\` + rest
	}
	if whole := aliases[first]; whole != "" {
		return whole + `\` + rest
	}
	return strings.TrimPrefix(namespace+`\`+written, `\`)
}

func (r *phpResolver) linkName(from int32, ref language.Reference, found names) bool {
	to, ok := r.nearest(from, found)
	if ok {
		_, name := cutNamespace(ref.Name)
		r.b.add(to, name, ref.Count, len(found))
	}
	return ok
}

func (r *phpResolver) nearest(from int32, found names) (int32, bool) { return r.t.nearest(from, found) }
