package rust

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// use reads a use with all of its groups.
func (r *reader) use(i int) {
	argument := r.tree.Child(i, fieldArgument)
	if argument < 0 {
		return
	}
	reexport := r.tree.ChildOfKind(i, kindVisibility) >= 0
	r.useTree(argument, "", reexport, 0)
}

// maxUseDepth bounds how deep groups of a use nest.
const maxUseDepth = 16

func (r *reader) useTree(i int, prefix string, reexport bool, depth int) {
	if depth > maxUseDepth {
		return
	}
	switch r.tree.Kind(i) {
	case kindScopedUseList:
		if path := r.tree.Child(i, fieldPath); path >= 0 {
			prefix = joined(prefix, r.path(path))
		}
		if list := r.tree.Child(i, fieldList); list >= 0 {
			r.useTree(list, prefix, reexport, depth)
		}
	case kindUseList:
		for child := range r.tree.Children(i) {
			r.useTree(child, prefix, reexport, depth+1)
		}
	case kindUseWildcard:
		for child := range r.tree.Children(i) {
			prefix = joined(prefix, r.path(child))
		}
		r.addUse(i, prefix, "*", "", reexport)
	case kindUseAs:
		path, alias := r.tree.Child(i, fieldPath), r.tree.Child(i, fieldAlias)
		if path >= 0 && alias >= 0 {
			r.addPath(i, joined(prefix, r.path(path)), string(r.tree.Text(alias)), reexport)
		}
	case kindSelf:
		r.addUse(i, prefix, "", "", reexport)
	case kindIdentifier, kindScoped, kindCrate, kindSuper:
		r.addPath(i, joined(prefix, r.path(i)), "", reexport)
	default:
	}
}

// path returns a path as it is written, without blanks.
func (r *reader) path(i int) string {
	text := r.tree.Text(i)
	return strings.TrimPrefix(string(bytes.Join(bytes.Fields(text[:min(len(text), maxName)]), nil)), "::")
}

func joined(prefix, path string) string {
	switch {
	case prefix == "":
		return path
	case path == "":
		return prefix
	case len(prefix) > maxName:
		return prefix
	}
	return prefix + "::" + path
}

// addPath adds an import of the last name of a path.
func (r *reader) addPath(i int, path, alias string, reexport bool) {
	module, name := "", path
	if at := strings.LastIndex(path, "::"); at >= 0 {
		module, name = path[:at], path[at+2:]
	}
	if name == "self" && module != "" {
		r.addUse(i, module, "", alias, reexport)
		return
	}
	if module == "" {
		module, name = name, ""
	}
	r.addUse(i, module, name, alias, reexport)
}

// addUse adds an import. What is imported is used under its own name: another
// name is the file's.
func (r *reader) addUse(i int, path, name, alias string, reexport bool) {
	path = r.fromFile(path)
	if path == "" || path == "self" || len(r.facts.Imports) >= maxImports {
		return
	}
	imp := language.Import{Path: path, Line: int(r.tree.Nodes[i].Line), Reexport: reexport}
	if name != "" {
		imp.Names = []string{name}
	}
	if alias != "" && alias != "_" {
		imp.Locals = []string{alias}
		r.names.Bind([]byte(alias))
	}
	r.facts.Imports = append(r.facts.Imports, imp)
	r.paths[imp.Path] = true
	if name != "" && name != "*" {
		r.paths[path+"::"+name] = true
		r.names.UseMember([]byte(name))
	}
}

// fromFile turns a path that is written in an inline module into one from the
// module that is the file: there super is the module around, and self the
// inline one.
func (r *reader) fromFile(path string) string {
	module := r.scope.module
	if module == "" {
		return path
	}
	first, rest, _ := strings.Cut(path, "::")
	if first == "self" {
		return joined("self::"+module, rest)
	}
	for first == "super" {
		if module == "" {
			return path
		}
		module = module[:max(0, strings.LastIndex(module, "::"))]
		path = rest
		if first, rest, _ = strings.Cut(path, "::"); first != "super" {
			return joined(joined("self", module), path)
		}
	}
	return path
}

// maxImports bounds the imports of one file.
const maxImports = 10_000

// externCrate reads extern crate a as b.
func (r *reader) externCrate(i int) {
	name := r.nameOf(i)
	if name == "" || name == "self" {
		return
	}
	alias := ""
	if at := r.tree.Child(i, fieldAlias); at >= 0 {
		alias = string(r.tree.Text(at))
	}
	r.addUse(i, name, "", alias, r.tree.ChildOfKind(i, kindVisibility) >= 0)
}

// importModule imports the file of a module.
func (r *reader) importModule(i int, plain string) {
	path := "mod::" + joined(r.scope.module, plain)
	names := ""
	for _, at := range r.attributesOf(i) {
		if text := r.attributeText(at); strings.HasPrefix(text, "path") {
			if _, value, ok := strings.Cut(text, "="); ok {
				path, names = "./"+strings.TrimPrefix(strings.Trim(strings.TrimSpace(value), `"`), "./"), plain
			}
		}
	}
	r.facts.Imports = append(r.facts.Imports, language.Import{Path: path, Line: int(r.tree.Nodes[i].Line), Reexport: r.tree.ChildOfKind(i, kindVisibility) >= 0})
	if names != "" {
		r.facts.Imports[len(r.facts.Imports)-1].Names = []string{names}
	}
}

// scopedPath takes a path in code for an import when its first name says that
// it leaves the file: crate, super, or a name in lower case that is no local
// module for all that the file tells.
func (r *reader) scopedPath(i int) {
	if parent := r.tree.ParentKind(i); parent == kindScoped || parent == kindScopedType {
		return // a part of one
	}
	text := r.path(i)
	if at := strings.IndexByte(text, '<'); at >= 0 {
		text = strings.TrimSuffix(text[:at], "::")
	}
	first, _, ok := strings.Cut(text, "::")
	if !ok || first == "" || first == "self" || first == "Self" || first[0] < 'a' || first[0] > 'z' {
		return
	}
	if first != "crate" && first != "super" {
		text = first
	}
	text = r.fromFile(text)
	if text == "self" || strings.HasPrefix(text, "mod::") {
		return
	}
	if !r.paths[text] && len(r.facts.Imports) < maxImports {
		r.paths[text] = true
		r.facts.Imports = append(r.facts.Imports, language.Import{Path: text, Line: int(r.tree.Nodes[i].Line)})
	}
}
