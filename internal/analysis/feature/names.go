package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// named is the router that a name means where invocation i stands: a parameter
// of a block around it, a variable of the function, a parameter, a variable of
// the file, a field, something imported; what is known from nowhere is taken
// for a parameter of the function.
func (s *scan) named(name string, i int32) node { return s.m.named(s.file, name, i, true) }

// named looks a name up. Without make, only nodes that exist are returned.
func (m *model) named(f *file, name string, i int32, create bool) node {
	name = strings.TrimPrefix(name, "$")
	k, ok := m.keyOf(f, name, i)
	if !ok {
		return none
	}
	if create {
		return m.node(k)
	}
	return m.lookup(k)
}

// keyOf is the key of what a name means where invocation i stands.
func (m *model) keyOf(f *file, name string, i int32) (key, bool) {
	if name == "" || name == "?" {
		return key{}, false
	}
	f.prepare()
	if k, ok := f.blockName(name, i); ok {
		return k, true
	}
	fn := f.Facts.Invocations[i].Function
	if k, ok := f.functionName(name, fn, i); ok {
		return k, true
	}
	if k, ok := m.fieldName(f, name, fn); ok {
		return k, true
	}
	if k, ok := m.globalName(f, name, maxDepth); ok {
		return k, true
	}
	if fn < 0 {
		return key{kind: byName, file: f.at, name: name}, true
	}
	return key{kind: byParam, file: f.at, at: fn, name: name}, true
}

// blockName looks through the functions written as arguments around an
// invocation, innermost first.
func (f *file) blockName(name string, i int32) (key, bool) {
	all := f.Facts.Invocations
	for range maxDepth {
		inv := &all[i]
		if inv.Within < 0 {
			break
		}
		if b := f.boundBefore(name, i, func(b *language.Invocation) bool { return b.Within == inv.Within && b.Argument == inv.Argument }); b >= 0 {
			return key{kind: byResult, file: f.at, at: b}, true
		}
		outer := &all[inv.Within]
		if n := inv.Argument; n >= 0 && int(n) < len(outer.Args) && outer.Args[n].Kind == language.ArgFunction {
			if slices.Contains(parameterNames(outer.Args[n].Text), name) {
				return key{kind: byBlock, file: f.at, at: inv.Within, arg: n, name: name}, true
			}
		}
		i = inv.Within
	}
	return key{}, false
}

// boundBefore returns the last invocation before i, else the first after it,
// whose result is bound to a name, of those that count; -1 for none.
func (f *file) boundBefore(name string, i int32, counts func(*language.Invocation) bool) int32 {
	best := int32(-1)
	for _, b := range f.bindings[name] {
		if b == i || !counts(&f.Facts.Invocations[b]) {
			continue
		}
		if b < i || best < 0 {
			best = b
		}
	}
	return best
}

// functionName looks through the variables and parameters of a function and
// those around it.
func (f *file) functionName(name string, fn, i int32) (key, bool) {
	for range maxDepth {
		if b := f.boundBefore(name, i, func(b *language.Invocation) bool { return b.Function == fn }); b >= 0 {
			return key{kind: byResult, file: f.at, at: b}, true
		}
		if fn < 0 {
			break
		}
		if slices.ContainsFunc(f.parameters(fn), func(p parameter) bool { return p.name == name }) {
			return key{kind: byParam, file: f.at, at: fn, name: name}, true
		}
		fn = f.around[fn]
	}
	return key{}, false
}

// fieldName is the key of self.app, this.router, @app, or s.router in a method
// in Go, and of p.router where the parameter p has a type of the tree.
func (m *model) fieldName(f *file, name string, fn int32) (key, bool) {
	first, field, ok := strings.Cut(name, ".")
	if strings.HasPrefix(name, "@") {
		first, field, ok = "self", name[1:], true
	}
	if !ok || strings.Contains(field, ".") || f.locals[first] != nil {
		return key{}, false
	}
	owner := ""
	switch {
	case fn < 0:
	case first == "self" || first == "this":
		owner = f.typeAround(fn)
	default:
		for _, p := range f.parameters(fn) {
			if p.name == first {
				owner = typeName(p.typ)
			}
		}
		if owner == "" && f.Language == "Go" {
			owner = ownerName(f.Facts.Functions[fn].Name)
		}
	}
	// A variable of an unknown type: the type that alone has such a field.
	if owner == "" && f.Language == "Go" {
		owner = m.onlyOwner(folderOf(f.Path), field)
	}
	if owner == "" {
		return key{}, false
	}
	return key{kind: byField, file: -1, name: folderOf(f.Path) + ":" + owner + "." + field}, true
}

// onlyOwner is the one type in a folder of Go that has a field of that name, ""
// when there is none or several.
func (m *model) onlyOwner(folder, field string) string {
	if m.ownerOf == nil {
		m.ownerOf = map[string]string{}
		for i := range m.files {
			f := &m.files[i]
			if f.Facts == nil || f.Language != "Go" || f.Test || f.Aside {
				continue
			}
			for k := range f.Facts.Declares {
				d := &f.Facts.Declares[k]
				if d.Kind != language.KindField {
					continue
				}
				at := folderOf(f.Path) + ":" + d.Name
				if owner, ok := m.ownerOf[at]; ok && owner != d.Owner {
					m.ownerOf[at] = ""
				} else {
					m.ownerOf[at] = d.Owner
				}
			}
		}
	}
	return m.ownerOf[folder+":"+field]
}

// typeAround is the type that a function is a method of, or that the function
// around it is.
func (f *file) typeAround(fn int32) string {
	for range maxDepth {
		if fn < 0 {
			break
		}
		if owner := ownerName(f.Facts.Functions[fn].Name); owner != "" {
			return lastName(owner)
		}
		fn = f.around[fn]
	}
	return ""
}

// typeName is a type without pointers, package and arguments.
func typeName(t string) string {
	t = strings.TrimLeft(strings.TrimSpace(t), "*&[]")
	if i := strings.IndexAny(t, "<[{ |?"); i >= 0 {
		t = t[:i]
	}
	t = strings.NewReplacer("::", ".", "\\", ".").Replace(t)
	return lastName(t)
}

// globalName looks a name up at the top level of a file, in what it imports,
// and in the other files of a Go package.
func (m *model) globalName(f *file, name string, depth int) (key, bool) {
	f.prepare()
	if b := f.boundBefore(name, 1<<30, func(b *language.Invocation) bool { return b.Function < 0 && b.Within < 0 }); b >= 0 {
		return key{kind: byResult, file: f.at, at: b}, true
	}
	if k, ok := f.boundElsewhere(name); ok {
		return k, true
	}
	if depth == 0 && f.Language == "Go" && f.declaresVariable(name) {
		return m.boundInPackage(f, name)
	}
	if depth == 0 {
		return key{}, false
	}
	if k, ok := m.importedName(f, name, depth); ok {
		return k, true
	}
	if f.Language == "Go" {
		for _, at := range m.folders[folderOf(f.Path)] {
			if other := &m.files[at]; at != f.at && other.Language == "Go" && other.declaresVariable(name) {
				return m.globalName(other, name, 0)
			}
		}
	}
	if f.declaresVariable(name) {
		if k, ok := m.boundInPackage(f, name); ok {
			return k, true
		}
		return key{kind: byName, file: f.at, name: name}, true
	}
	return key{}, false
}

// boundInPackage finds a variable of a Go file that a function of another file
// of its package sets.
func (m *model) boundInPackage(f *file, name string) (key, bool) {
	if f.Language != "Go" {
		return key{}, false
	}
	for _, at := range m.folders[folderOf(f.Path)] {
		other := &m.files[at]
		other.prepare()
		if b := other.bindings[name]; at != f.at && len(b) > 0 {
			return key{kind: byResult, file: at, at: b[0]}, true
		}
	}
	return key{}, false
}

// boundElsewhere finds a variable of the file that a function of it sets.
func (f *file) boundElsewhere(name string) (key, bool) {
	if !f.declaresVariable(name) {
		return key{}, false
	}
	if b := f.boundBefore(name, 1<<30, func(*language.Invocation) bool { return true }); b >= 0 {
		return key{kind: byResult, file: f.at, at: b}, true
	}
	return key{}, false
}

func (f *file) declaresVariable(name string) bool {
	if f.Facts == nil {
		return false
	}
	if f.variables == nil {
		f.variables = map[string]bool{}
		for k := range f.Facts.Declares {
			if d := &f.Facts.Declares[k]; d.Owner == "" && (d.Kind == language.KindVariable || d.Kind == language.KindConstant) {
				f.variables[d.Name] = true
			}
		}
	}
	return f.variables[name]
}

// importedName follows a name, or a name in a module, into the file that it is
// imported from.
func (m *model) importedName(f *file, name string, depth int) (key, bool) {
	first, rest, _ := strings.Cut(name, ".")
	for _, l := range f.locals[first] {
		there := l.name
		if there == "" {
			there = rest
		} else if rest != "" && rest != defaultName {
			there = rest // a submodule, or a member of what is imported
		}
		for _, at := range m.filesOf(f, l) {
			if k, ok := m.exportedName(&m.files[at], there, depth-1); ok {
				return k, true
			}
		}
	}
	return key{}, false
}

// defaultName is what a default export is called.
const defaultName = "default"

// exportedName is what a name means for files that import this one.
func (m *model) exportedName(f *file, name string, depth int) (key, bool) {
	if depth <= 0 || f.Facts == nil {
		return key{}, false
	}
	f.prepare()
	if name == "" {
		name = defaultName
	}
	for _, e := range f.Facts.Exports {
		if e.Name == name && e.Local != name {
			if k, ok := m.globalName(f, e.Local, depth-1); ok {
				return k, true
			}
		}
	}
	if name != defaultName {
		return m.globalName(f, name, depth)
	}
	// The default, or the module itself: the one router that it exports.
	if b := f.exportedResult(); b >= 0 {
		return key{kind: byResult, file: f.at, at: b}, true
	}
	for i := range f.Facts.Imports {
		if imp := &f.Facts.Imports[i]; imp.Reexport && slices.Contains(imp.Names, defaultName) {
			for _, at := range m.filesOf(f, local{imp: int32(i), name: defaultName}) {
				return m.exportedName(&m.files[at], defaultName, depth-1)
			}
		}
	}
	return key{}, false
}

// exportedResult is the last invocation at the top level whose result is
// exported, -1 for none.
func (f *file) exportedResult() int32 {
	best := int32(-1)
	for i := range f.Facts.Invocations {
		if inv := &f.Facts.Invocations[i]; inv.Exported && inv.Result != "" && inv.Function < 0 && inv.Within < 0 {
			best = int32(i)
		}
	}
	return best
}
