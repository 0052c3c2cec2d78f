package feature

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// filesOf returns the files that an imported name may come from, best first:
// of the files that the graph says this one uses, those that the import's path
// and name fit best.
func (m *model) filesOf(f *file, l local) []int32 {
	module := moduleName(f.Facts.Imports[l.imp].Path)
	best := 1
	var out []int32
	for _, at := range m.uses(f) {
		fit := fitOf(&m.files[at], module, l.name)
		if fit > best {
			best, out = fit, out[:0]
		}
		if fit == best && len(out) < maxCandidate {
			out = append(out, at)
		}
	}
	if f.Language == "Go" && len(out) > 0 { // an import names a package
		return m.folders[folderOf(m.files[out[0]].Path)]
	}
	return out
}

// fitOf says how well a file fits what is imported: by the module that it is
// named for, or whose folder is, and by the name that it declares.
func fitOf(f *file, module, name string) int {
	fit := 0
	stem := fileStem(f.Path)
	folder := path.Base(folderOf(f.Path))
	switch {
	case stem == module:
		fit += 3
	case folder == module:
		fit += 2
	}
	if name != "" && name != defaultName {
		if stem == name {
			fit += 3
		}
		if f.declares(name) {
			fit += 4
		}
	}
	if module == "" && fit == 0 { // "." and "..": the graph has said it
		fit = 2
	}
	return fit
}

// fileStem is what a file is called: its folder for an index.
func fileStem(p string) string {
	stem, _, _ := strings.Cut(path.Base(p), ".")
	if stem == "index" || stem == "__init__" || stem == "mod" {
		return path.Base(folderOf(p))
	}
	return stem
}

func (f *file) declares(name string) bool {
	return f.Facts != nil && slices.ContainsFunc(f.Facts.Declares, func(d language.Declaration) bool { return d.Name == name && d.Owner == "" })
}

// function is a function of the tree.
type function struct {
	file int32
	at   int32 // index in Facts.Functions
}

// callee returns the functions that a name called at invocation i may be.
func (m *model) callee(f *file, name, receiver string, fn int32) []function {
	f.prepare()
	switch receiver {
	case "?":
		return nil
	case "":
		return m.plainCallee(f, name)
	}
	if receiver == "self" || receiver == "this" || receiver == "super" {
		return f.methods(f.typeAround(fn), name)
	}
	if locals := f.locals[receiver]; locals != nil {
		if out := m.importedFunctions(f, locals, name); len(out) > 0 {
			return out
		}
	}
	if out := m.moduleFunctions(f, name, receiver); len(out) > 0 {
		return out
	}
	return m.methodCallee(f, name, receiver, fn)
}

// moduleFunctions finds a function by the path of its module: crate.routes.users
// names a file in use, or one beside.
func (m *model) moduleFunctions(f *file, name, receiver string) []function {
	if f.Language == "Go" {
		return nil
	}
	var out []function
	module := lastName(receiver)
	own := m.rustModule(f, receiver)
	for n, at := range append(own, m.uses(f)...) {
		other := &m.files[at]
		if n >= len(own) && fileStem(other.Path) != module || other.Facts == nil {
			continue
		}
		other.prepare()
		for _, n := range other.functions[name] {
			if ownerName(other.Facts.Functions[n].Name) == "" {
				out = append(out, function{at, n})
			}
		}
	}
	return out[:min(len(out), maxCandidate)]
}

// plainCallee finds a function without a receiver: in the file, imported, or
// in the same Go package.
func (m *model) plainCallee(f *file, name string) []function {
	var out []function
	for _, at := range f.functions[name] {
		out = append(out, function{f.at, at})
	}
	if len(out) > 0 {
		return out
	}
	if locals := f.locals[name]; locals != nil {
		return m.importedFunctions(f, locals, name)
	}
	if f.Language == "Go" || f.Language == "Kotlin" || f.Language == "Java" {
		return m.folderFunctions(folderOf(f.Path), name, "")
	}
	return nil
}

// rustModule finds the file of a module that is declared beside a file: macros
// name modules that no other code does, which the graph cannot see. A path that
// begins with a crate of the tree is one in that crate.
func (m *model) rustModule(f *file, receiver string) []int32 {
	if f.Language != "Rust" {
		return nil
	}
	below := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(receiver, "crate."), "self."), ".", "/")
	places := []string{path.Join(folderOf(f.Path), below), path.Join(strings.TrimSuffix(f.Path, ".rs"), below)}
	crate, module, _ := strings.Cut(below, "/")
	for _, c := range m.in.Layout.RustCrates {
		if c.Import == crate && crate != "" {
			places = append(places, path.Join(c.Dir, "src", cmp.Or(module, "lib")))
		}
	}
	for _, place := range places {
		for _, ending := range []string{".rs", "/mod.rs"} {
			if at, ok := m.byPath[place+ending]; ok && !m.files[at].Test && !m.files[at].Aside {
				return []int32{at}
			}
		}
	}
	return nil
}

// importedFunctions finds functions of the files that a name is imported from.
func (m *model) importedFunctions(f *file, locals []local, name string) []function {
	var out []function
	for _, l := range locals {
		wanted := name
		if l.name != "" && l.name != defaultName {
			wanted = l.name
		}
		for _, at := range m.filesOf(f, l) {
			other := &m.files[at]
			other.prepare()
			names := other.functions[wanted]
			if len(names) == 0 && wanted != name {
				names = other.functions[name] // a member of what is imported
			}
			if len(names) == 0 && (l.name == defaultName || l.name == "") {
				names = other.exportedFunctions()
			}
			if len(names) == 0 {
				names = other.functions[other.exportedAs(wanted)]
			}
			for _, n := range names {
				out = append(out, function{at, n})
			}
		}
	}
	return out[:min(len(out), maxCandidate)]
}

// exportedFunctions are the functions that a file exports, if it is one.
func (f *file) exportedFunctions() []int32 {
	if local := f.exportedAs(defaultName); local != "" {
		return f.functions[local]
	}
	var out []int32
	for i := range f.Facts.Functions {
		if fn := &f.Facts.Functions[i]; f.around[i] < 0 && !strings.Contains(fn.Name, ".") && fn.Exported {
			out = append(out, int32(i))
		}
	}
	if len(out) == 1 {
		return out
	}
	return nil
}

// exportedAs is the name in the file of what others import under a name.
func (f *file) exportedAs(name string) string {
	for _, e := range f.Facts.Exports {
		if e.Name == name {
			return lastName(e.Local)
		}
	}
	return ""
}

// methods are the methods of a type that have a name.
func (f *file) methods(owner, name string) []function {
	var out []function
	for _, at := range f.functions[name] {
		if typeOf := lastName(ownerName(f.Facts.Functions[at].Name)); typeOf == owner && owner != "" {
			out = append(out, function{f.at, at})
		}
	}
	return out
}

func (m *model) folderFunctions(dir, name, owner string) []function {
	var out []function
	for _, at := range m.folders[dir] {
		f := &m.files[at]
		f.prepare()
		for _, n := range f.functions[name] {
			if typeOf := ownerName(f.Facts.Functions[n].Name); (owner == "" && typeOf == "" || owner != "" && lastName(typeOf) == owner) && len(out) < maxCandidate {
				out = append(out, function{at, n})
			}
		}
	}
	return out
}

// methodCallee finds a method of something whose type is not written: in Go one
// of the type that the method at hand belongs to, else the only one of that
// name in the files in use, or the one whose type or file the receiver is
// named for.
func (m *model) methodCallee(f *file, name, receiver string, fn int32) []function {
	if owner := m.receiverType(f, receiver, fn); owner != "" {
		if out := m.folderFunctions(folderOf(f.Path), name, owner); len(out) > 0 {
			return out
		}
		if out := m.usedMethods(f, name, owner); len(out) > 0 {
			return out
		}
	}
	all := m.usedMethods(f, name, "")
	if len(all) < 2 {
		return all
	}
	wanted := strings.ToLower(lastName(receiver))
	var out []function
	for _, c := range all {
		other := &m.files[c.file]
		typeOf := strings.ToLower(lastName(ownerName(other.Facts.Functions[c.at].Name)))
		for _, word := range []string{typeOf, strings.ToLower(fileStem(other.Path)), strings.ToLower(path.Base(folderOf(other.Path)))} {
			if word != "" && len(wanted) > 1 && (strings.Contains(wanted, word) || strings.Contains(word, wanted)) {
				out = append(out, c)
				break
			}
		}
	}
	if len(out) == 1 {
		return out
	}
	return nil
}

// receiverType is the type of a receiver as far as it is written: that of a
// parameter, or in Go of the method at hand.
func (m *model) receiverType(f *file, receiver string, fn int32) string {
	if fn < 0 || strings.Contains(receiver, ".") {
		return ""
	}
	for _, p := range f.parameters(fn) {
		if p.name == receiver {
			return typeName(p.typ)
		}
	}
	if f.Language == "Go" && len(f.bindings[receiver]) == 0 {
		return ownerName(f.Facts.Functions[fn].Name)
	}
	return ""
}

// usedMethods are the methods of a name in the file and those that it uses, in
// Go in their whole packages.
func (m *model) usedMethods(f *file, name, owner string) []function {
	seen := map[int32]bool{}
	var out []function
	look := func(at int32) {
		if seen[at] || len(seen) > maxCandidate*8 {
			return
		}
		seen[at] = true
		other := &m.files[at]
		other.prepare()
		for _, n := range other.functions[name] {
			typeOf := ownerName(other.Facts.Functions[n].Name)
			if typeOf != "" && (owner == "" || lastName(typeOf) == owner) && len(out) < maxCandidate {
				out = append(out, function{at, n})
			}
		}
	}
	look(f.at)
	for _, at := range m.uses(f) {
		if m.files[at].Facts == nil {
			continue
		}
		look(at)
		if f.Language == "Go" {
			for _, beside := range m.folders[folderOf(m.files[at].Path)] {
				look(beside)
			}
		}
	}
	return out
}

// handler is the function that an argument of invocation i names.
func (s *scan) handler(a *language.Argument, i int32) handler {
	switch a.Kind {
	case language.ArgName:
		return s.function(a.Text, s.Facts.Invocations[i].Function)
	case language.ArgCall: // wrapped: auth(h), http.HandlerFunc(h), h.create()
		return s.wrapped(a, maxDepth)
	default:
		return handler{}
	}
}

// wrapped looks for the handler in a call that makes one.
func (s *scan) wrapped(a *language.Argument, depth int) handler {
	if a.Call < 0 || depth == 0 {
		return handler{}
	}
	inv := &s.Facts.Invocations[a.Call]
	for k := len(inv.Args) - 1; k >= 0; k-- {
		switch arg := &inv.Args[k]; arg.Kind {
		case language.ArgName:
			if h := s.function(arg.Text, inv.Function); h.path != "" {
				return h
			}
		case language.ArgCall:
			if h := s.wrapped(arg, depth-1); h.path != "" {
				return h
			}
		default:
		}
	}
	name := inv.Name
	if inv.Receiver != "" && inv.Receiver != "?" {
		name = inv.Receiver + "." + name
	}
	return s.function(name, inv.Function)
}

// function is the handler that a name stands for in a function, with its place
// and documentation when it is found in the tree.
func (s *scan) function(name string, fn int32) handler {
	name = strings.TrimPrefix(name, "&")
	h := handler{name: name}
	found := s.m.callee(s.file, lastName(name), ownerName(name), fn)
	if len(found) == 0 {
		return h
	}
	f := &s.m.files[found[0].file]
	h.path, h.line = f.Path, f.Facts.Functions[found[0].at].Line
	if d := f.declared[found[0].at]; d >= 0 {
		h.doc = f.Facts.Declares[d].Doc
	}
	return h
}
