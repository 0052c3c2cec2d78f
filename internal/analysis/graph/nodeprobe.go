package graph

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var (
	typedFirst = strings.Fields(".ts .tsx .d.ts .mts .cts .js .jsx .mjs .cjs .json .vue .svelte .d.mts .d.cts")
	plainFirst = strings.Fields(".js .jsx .mjs .cjs .ts .tsx .mts .cts .d.ts .json .vue .svelte .d.mts .d.cts")
	// sourcesOf are the files that a compiled name is written for.
	sourcesOf = map[string][]string{
		".js": strings.Fields(".ts .tsx .d.ts .jsx"), ".jsx": strings.Fields(".tsx .d.ts"),
		".mjs": strings.Fields(".mts .d.mts .ts"), ".cjs": strings.Fields(".cts .d.cts .ts"),
	}
)

// probe finds the file of a path as Node and tsc do.
func (r *nodeResolver) probe(base string) (int32, bool) {
	if strings.HasPrefix(base, "..") {
		return notAnalysed, false // outside the tree
	}
	if to, ok := r.probeFile(base); ok {
		return to, true
	}
	if !r.t.hasFolder(base) {
		return notAnalysed, false
	}
	if p := r.inFolder[base]; p != nil {
		for _, main := range p.Main {
			if to, ok := r.probeFile(path.Join(base, main)); ok {
				return to, true
			}
		}
	}
	return r.probeFile(path.Join(base, "index"))
}

func (r *nodeResolver) probeFile(base string) (int32, bool) {
	if to, ok := r.t.find(base); ok {
		return to, true
	}
	extension := path.Ext(base)
	for _, source := range sourcesOf[extension] {
		if to, ok := r.t.find(strings.TrimSuffix(base, extension) + source); ok {
			return to, true
		}
	}
	extensions := typedFirst
	if r.plain {
		extensions = plainFirst
	}
	for _, e := range extensions {
		if to, ok := r.t.find(base + e); ok {
			return to, true
		}
	}
	return notAnalysed, false
}

// exported maps the names that a file offers without declaring them to the
// files that do.
type exported map[string]int32

// maxExported bounds the names that one file passes on: a star that would bring
// more is not followed.
const maxExported = 20_000

// link joins the file at hand with a file that it imports.
func (r *nodeResolver) link(to int32, imp *language.Import) {
	facts := r.t.facts(to)
	if facts == nil {
		r.b.add(to, "", 1, 1)
		return
	}
	found := false
	if whole(imp) {
		found = r.linkWhole(to, facts)
	} else {
		for _, name := range imp.Names {
			found = r.linkName(to, facts, name) || found
		}
	}
	if !found {
		r.b.add(to, "", 1, 1)
	}
}

// whole reports whether an import takes everything.
func whole(imp *language.Import) bool {
	return len(imp.Names) == 0 || len(imp.Names) == 1 && imp.Names[0] == "*"
}

// linkWhole joins by the names of a namespace that are used. It reports whether
// there is an edge to the file itself.
func (r *nodeResolver) linkWhole(to int32, facts *language.Facts) bool {
	found := false
	for i := range facts.Declares {
		d := &facts.Declares[i]
		if refs := r.b.uses[d.Name]; refs > 0 && d.Exported && !isMember(d) {
			r.b.add(to, d.Name, refs, 1)
			found = true
		}
	}
	if !slices.ContainsFunc(facts.Imports, func(imp language.Import) bool { return imp.Reexport }) {
		return found
	}
	passed := r.passedOn(to)
	for _, ref := range r.b.refs {
		if owner, ok := passed[ref.Name]; ok {
			r.b.add(owner, ref.Name, ref.Count, 1)
		}
	}
	return found
}

func (r *nodeResolver) linkName(to int32, facts *language.Facts, name string) bool {
	if name != defaultExport && !declares(facts, name) {
		if owner, ok := r.passedOn(to)[name]; ok {
			r.b.add(owner, name, r.b.uses[name], 1)
			return false
		}
	}
	refs := r.b.uses[name]
	if name == defaultExport { // what it is called where it is used is mostly the file's own name
		refs, name = r.b.uses[stem(r.t.files[to].Path)], ""
	}
	r.b.add(to, name, refs, 1)
	return true
}

// passedOn returns what a file passes on from others. Files that pass on from
// each other in a circle see what was known when the circle closed.
func (r *nodeResolver) passedOn(file int32) exported {
	if e, ok := r.exports[file]; ok {
		return e
	}
	r.exports[file] = nil
	facts := r.t.facts(file)
	if facts == nil {
		return nil
	}
	// What is exported from elsewhere, and imports that are exported by name.
	var out exported
	for i := range facts.Imports {
		imp := &facts.Imports[i]
		if !imp.Reexport && whole(imp) {
			continue
		}
		to, ok := r.resolve(file, cleanSpecifier(imp.Path))
		if !ok || to < 0 || to == file {
			continue
		}
		if out == nil {
			out = exported{}
		}
		r.passOn(out, to, imp)
	}
	r.exports[file] = out
	return out
}

func (r *nodeResolver) passOn(out exported, to int32, imp *language.Import) {
	facts := r.t.facts(to)
	if facts == nil {
		return
	}
	give := func(name string, owner int32) {
		if _, ok := out[name]; !ok {
			out[name] = owner
		}
	}
	if whole(imp) {
		passed := r.passedOn(to)
		if len(out)+len(passed)+declaredBy(facts) > maxExported {
			return
		}
		for i := range facts.Declares {
			if d := &facts.Declares[i]; d.Exported && !isMember(d) {
				give(d.Name, to)
			}
		}
		for name, owner := range passed {
			give(name, owner)
		}
		return
	}
	for _, name := range imp.Names {
		owner := to
		if name == defaultExport {
			name = stem(r.t.files[to].Path) // export { default as Button } from './Button'
		} else if !declares(facts, name) {
			if o, ok := r.passedOn(to)[name]; ok {
				owner = o
			}
		}
		give(name, owner)
	}
}

// stem is what a file is called without extension, or its folder for an index.
func stem(p string) string {
	name, _, _ := strings.Cut(path.Base(p), ".")
	if name == "index" {
		return path.Base(path.Dir(p))
	}
	return name
}
