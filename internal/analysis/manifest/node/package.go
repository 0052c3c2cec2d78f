// Package node reads package.json, the lock files' names, pnpm-workspace.yaml
// and tsconfig.json. It is pure; it may import analysis/report and the
// evidence, shell and syntax packages beside it.
package node

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Ecosystem names npm packages in the report.
const Ecosystem = "npm"

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	base := path.Base(file)
	switch {
	case base == "package.json", base == "pnpm-workspace.yaml", base == lockFile, base == nestFile, base == nxFile:
		return base
	case isTSConfig(base):
		return "tsconfig.json"
	}
	return ""
}

// pkg is a package.json that was read.
type pkg struct {
	file string
	dir  string
	doc  *syntax.Node
	name string
}

// Read adds what the package.json and tsconfig.json files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	var all []pkg
	for _, file := range t.Named("package.json") {
		doc, err := syntax.JSON(t.Content(file))
		if err != nil || !doc.Is(syntax.Map) {
			continue
		}
		p := pkg{file: file, dir: path.Dir(file), doc: doc, name: doc.Get("name").String()}
		all = append(all, p)
		if p.name != "" && evidence.PlaceOf(file) == evidence.Product {
			f.Own["npm:"+p.name] = true
		}
	}
	cat, locked := readCatalogs(t), readLocks(t)
	for _, p := range all {
		f.Layout.NodePackages = append(f.Layout.NodePackages, p.layout())
		p.addExternal(cat, locked, t, f)
		p.addRequirements(f)
		p.addCommands(t, f)
		p.addEntries(t, f)
	}
	addNxEntries(t, f)
	addTSConfigs(t, f)
}

func (p pkg) layout() evidence.NodePackage {
	out := evidence.NodePackage{
		Name: p.name, Dir: p.dir,
		Exports: exports(p.doc.Get("exports")), Imports: subpaths(p.doc.Get("imports"), "#"), Bin: p.bin(),
	}
	for _, target := range []string{
		out.Exports["."], p.doc.Get("module").String(), p.doc.Get("main").String(), p.doc.Get("types").String(), p.doc.Get("typings").String(),
	} {
		if target = relative(target); target != "" && !slices.Contains(out.Main, target) {
			out.Main = append(out.Main, target)
		}
	}
	if len(out.Main) == 0 && len(out.Exports) == 0 && p.name != "" {
		out.Main = []string{"index.js"} // Node's own default
	}
	return out
}

// relative is a path of a package without "./" in front, "" for one that leaves
// the package.
func relative(target string) string {
	if target == "" {
		return ""
	}
	clean := evidence.Join(".", target)
	if clean == "." {
		return "index.js"
	}
	return clean
}

// exports reads the field of that name, which may be the target of "." alone.
func exports(n *syntax.Node) map[string]string {
	if n.Is(syntax.Map) && len(n.Fields) > 0 && strings.HasPrefix(n.Fields[0].Key, ".") {
		return subpaths(n, ".")
	}
	out := map[string]string{}
	if target := relative(condition(n, 0)); target != "" {
		out["."] = target
	}
	return out
}

// subpaths reads a map from subpaths to targets.
func subpaths(n *syntax.Node, prefix string) map[string]string {
	out := map[string]string{}
	for _, f := range n.Each() {
		if !strings.HasPrefix(f.Key, prefix) {
			continue
		}
		target := condition(f.Value, 0)
		// An import may stand for another package: that is no file.
		if prefix == "#" && !strings.HasPrefix(target, "./") {
			continue
		}
		if target = relative(target); target != "" {
			out[f.Key] = target
		}
	}
	return out
}

// conditions is the order in which conditional targets are tried.
var conditions = []string{"import", "default", "require", "types"}

// condition resolves a target with conditions to one file: the first of the
// known ones that gives something, else the first that gives anything.
func condition(n *syntax.Node, depth int) string {
	if depth > 20 || n == nil {
		return ""
	}
	if n.Is(syntax.Scalar) && n.Quoted {
		return n.Text
	}
	for _, item := range n.List() {
		if target := condition(item, depth+1); target != "" {
			return target
		}
	}
	for _, name := range conditions {
		if target := condition(n.Get(name), depth+1); target != "" {
			return target
		}
	}
	for _, f := range n.Each() {
		if target := condition(f.Value, depth+1); target != "" {
			return target
		}
	}
	return ""
}

// bin reads the commands that the package installs.
func (p pkg) bin() map[string]string {
	out := map[string]string{}
	bin := p.doc.Get("bin")
	if bin.Is(syntax.Scalar) {
		if target := relative(bin.Text); target != "" {
			out[path.Base(p.name)] = target
		}
	}
	for _, f := range bin.Each() {
		if target := relative(f.Value.String()); target != "" {
			out[f.Key] = target
		}
	}
	return out
}

// scopes are the sections of dependencies.
var scopes = []struct{ section, scope string }{
	{"dependencies", evidence.ScopeRuntime},
	{"peerDependencies", evidence.ScopeRuntime},
	{"optionalDependencies", evidence.ScopeOptional},
	{"devDependencies", evidence.ScopeDevelopment},
}

func (p pkg) addExternal(cat catalogs, locked licenses, t *evidence.Tree, f *evidence.Findings) {
	for _, s := range scopes {
		for _, dep := range p.doc.Get(s.section).Each() {
			version := dep.Value.String()
			if p.inTree(version, t) {
				continue
			}
			scope := s.scope
			if s.section == "peerDependencies" && p.doc.Get("peerDependenciesMeta", dep.Key, "optional").String() == "true" {
				scope = evidence.ScopeOptional
			}
			f.AddExternal(report.External{
				Ecosystem: Ecosystem, Name: dep.Key, Version: cat.version(dep.Key, version), Scope: scope,
				Manifest: p.file, Line: dep.Line, Imports: []string{dep.Key}, License: locked.of(p.dir, dep.Key),
			})
		}
	}
}

// inTree reports whether a version is a package of the tree: of the workspace,
// or a folder.
func (p pkg) inTree(version string, t *evidence.Tree) bool {
	protocol, target, ok := strings.Cut(version, ":")
	if !ok {
		return strings.HasPrefix(version, "./") || strings.HasPrefix(version, "../")
	}
	switch protocol {
	case "workspace":
		return true
	case "file", "link", "portal":
		dir := evidence.Join(p.dir, target)
		return dir != "" && (t.HasDir(dir) || t.Has(dir))
	}
	return false
}

func (p pkg) addRequirements(f *evidence.Findings) {
	if evidence.PlaceOf(p.file) != evidence.Product {
		return
	}
	for _, section := range []string{"engines", "volta"} {
		for _, e := range p.doc.Get(section).Each() {
			f.AddRequirement(e.Key, e.Value.String(), p.file, e.Line)
		}
	}
	if pm := p.doc.Field("packageManager"); pm != nil {
		tool, version, _ := strings.Cut(pm.Value.String(), "@")
		version, _, _ = strings.Cut(version, "+") // the rest is a checksum
		f.AddRequirement(tool, version, p.file, pm.Line)
	}
}

// catalogs are the versions that pnpm-workspace.yaml gives under a name.
type catalogs map[string]map[string]string

func readCatalogs(t *evidence.Tree) catalogs {
	out := catalogs{}
	add := func(name string, n *syntax.Node) {
		if out[name] == nil {
			out[name] = map[string]string{}
		}
		for _, f := range n.Each() {
			out[name][f.Key] = f.Value.String()
		}
	}
	for _, file := range t.Named("pnpm-workspace.yaml") {
		doc, err := syntax.YAML(t.Content(file))
		if err != nil {
			continue
		}
		add("default", doc.Get("catalog"))
		for _, f := range doc.Get("catalogs").Each() {
			add(f.Key, f.Value)
		}
		break // the one nearest to the root is the workspace
	}
	return out
}

// version is the version as written, with a reference to a catalog resolved.
func (c catalogs) version(name, version string) string {
	rest, ok := strings.CutPrefix(version, "catalog:")
	if !ok {
		return version
	}
	if rest == "" {
		rest = "default"
	}
	if found := c[rest][name]; found != "" {
		return found
	}
	return version
}
