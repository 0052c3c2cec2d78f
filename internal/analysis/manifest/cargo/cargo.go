// Package cargo reads Cargo.toml: crates, their dependencies and what they
// start with. What cargo can do with any crate is for the toolchain package
// beside it to say. It is pure; it may import analysis/report and
// the evidence and syntax packages beside it.
package cargo

import (
	"path"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/syntax"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Ecosystem names crates in the report.
const Ecosystem = "cargo"

const manifestName = "Cargo.toml"

// Kind names the kind of a file that Read reads, "" for every other.
func Kind(file string) string {
	if path.Base(file) == manifestName {
		return manifestName
	}
	return ""
}

// crate is one Cargo.toml.
type crate struct {
	file string
	root *syntax.Node
	name string
	// workspace are the dependencies that a manifest above shares with this one.
	workspace *syntax.Node
}

func (c *crate) dir() string { return path.Dir(c.file) }

// Read adds what the Cargo.toml files of a tree say.
func Read(t *evidence.Tree, f *evidence.Findings) {
	var crates []*crate
	shared := map[string]*syntax.Node{} // by folder of the workspace
	for _, file := range t.Named(manifestName) {
		if evidence.PlaceOf(file) == evidence.Ignored {
			continue
		}
		root, err := syntax.TOML(t.Content(file))
		if root == nil || err != nil && len(root.Each()) == 0 {
			continue
		}
		c := &crate{file: file, root: root, name: root.Get("package", "name").String()}
		if w := root.Get("workspace", "dependencies"); w != nil {
			shared[c.dir()] = w
		}
		crates = append(crates, c)
		if c.name != "" {
			f.Own[Ecosystem+":"+c.name] = true
		}
	}
	for _, c := range crates {
		for dir := c.dir(); c.workspace == nil; dir = path.Dir(dir) {
			c.workspace = shared[dir]
			if dir == "." || dir == "/" {
				break
			}
		}
		c.addLayout(t, f)
		c.addExternal(f)
		if version := c.root.Get("package", "rust-version"); version != nil && version.Kind == syntax.Scalar {
			f.AddRequirement("rust", version.String(), c.file, version.At())
		}
	}
}

// imported is the name by which code calls a crate.
func imported(name string) string { return strings.ReplaceAll(name, "-", "_") }

// tables are the tables of dependencies and what they mean.
var tables = []struct{ key, scope string }{
	{"dependencies", evidence.ScopeRuntime}, {"dev-dependencies", evidence.ScopeTest}, {"build-dependencies", evidence.ScopeDevelopment},
	{"dev_dependencies", evidence.ScopeTest}, {"build_dependencies", evidence.ScopeDevelopment},
}

// dependency is one line of a table.
type dependency struct {
	key     string // what code calls it
	name    string // of the crate
	version string
	local   bool // it has a path: it lies in the tree
	scope   string
	line    int
}

// dependencies are those of all tables, those for single platforms as well.
func (c *crate) dependencies() []dependency {
	var all []dependency
	read := func(in *syntax.Node) {
		for _, table := range tables {
			for _, field := range in.Get(table.key).Each() {
				all = append(all, c.dependency(field, table.scope))
			}
		}
	}
	read(c.root)
	for _, platform := range c.root.Get("target").Each() {
		read(platform.Value)
	}
	return all
}

func (c *crate) dependency(field syntax.Field, scope string) dependency {
	d := dependency{key: field.Key, name: field.Key, scope: scope, line: field.Line}
	value := field.Value
	if value.Get("optional").String() == "true" && scope == evidence.ScopeRuntime {
		d.scope = evidence.ScopeOptional
	}
	if value.Get("workspace").String() == "true" {
		value = c.workspace.Get(field.Key)
	}
	if value.Is(syntax.Scalar) {
		d.version = value.String()
		return d
	}
	d.version = value.Get("version").String()
	if name := value.Get("package").String(); name != "" {
		d.name = name
	}
	d.local = value.Get("path") != nil
	return d
}

func (c *crate) addLayout(t *evidence.Tree, f *evidence.Findings) {
	if c.name == "" {
		return
	}
	dir := c.dir()
	out := evidence.RustCrate{Name: c.name, Dir: dir, Import: imported(c.name), Dependencies: map[string]string{}}
	if name := c.root.Get("lib", "name").String(); name != "" {
		out.Import = name
	}
	lib := c.root.Get("lib", "path").String()
	if lib == "" {
		lib = "src/lib.rs"
	}
	if at := evidence.Join(dir, lib); at != "" && t.Has(at) {
		out.Lib = at
		f.AddEntry(at, 1, evidence.EntryLibrary, c.name)
	}
	for _, b := range c.binaries(t) {
		out.Bins = append(out.Bins, b.path)
		f.AddEntry(b.path, 1, evidence.EntryProgram, b.name)
	}
	for _, d := range c.dependencies() {
		out.Dependencies[imported(d.key)] = d.name
	}
	f.Layout.RustCrates = append(f.Layout.RustCrates, out)
}

type binary struct{ name, path string }

// binaries are the programs of a crate: those that it names, src/main.rs, and
// what lies in src/bin.
func (c *crate) binaries(t *evidence.Tree) []binary {
	var all []binary
	seen := map[string]bool{}
	add := func(name, file string) {
		if file != "" && t.Has(file) && !seen[file] && len(all) < maxBinaries {
			seen[file] = true
			all = append(all, binary{name, file})
		}
	}
	dir := c.dir()
	for _, b := range c.root.Get("bin").List() {
		name := b.Get("name").String()
		if at := b.Get("path").String(); at != "" {
			add(name, evidence.Join(dir, at))
			continue
		}
		add(name, evidence.Join(dir, "src/bin/"+name+".rs"))
		add(name, evidence.Join(dir, "src/bin/"+name+"/main.rs"))
	}
	add(c.name, evidence.Join(dir, "src/main.rs"))
	bin := path.Join(dir, "src/bin")
	for _, p := range t.Under(bin) {
		rest := strings.TrimPrefix(p, bin+"/")
		switch first, last, nested := strings.Cut(rest, "/"); {
		case !nested && strings.HasSuffix(first, ".rs"):
			add(strings.TrimSuffix(first, ".rs"), p)
		case last == "main.rs":
			add(first, p)
		}
	}
	return all
}

// maxBinaries bounds the programs of one crate.
const maxBinaries = 100

func (c *crate) addExternal(f *evidence.Findings) {
	for _, d := range c.dependencies() {
		if d.local || f.Own[Ecosystem+":"+d.name] {
			continue
		}
		f.AddExternal(report.External{
			Ecosystem: Ecosystem, Name: d.name, Version: d.version, Scope: d.scope,
			Manifest: c.file, Line: d.line, Imports: []string{imported(d.key)},
		})
	}
}
