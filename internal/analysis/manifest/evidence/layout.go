package evidence

// GoModule is a module of the tree, from its go.mod.
type GoModule struct {
	Path    string            // module path
	Dir     string            // folder in the tree, "." for the root
	Replace map[string]string // module path → folder in the tree, for replacements that lie in it
}

// NodePackage is a package of the tree, from its package.json.
type NodePackage struct {
	Name    string
	Dir     string
	Main    []string          // candidates for the file behind a bare import, most specific first, relative to Dir: exports ".", module, main, types
	Exports map[string]string // subpath such as "./utils" or "./lib/*" → file relative to Dir, conditions resolved (import, default, require; then types)
	Imports map[string]string // "#internal/*" → file relative to Dir
	Bin     map[string]string // command → file relative to Dir
}

// TSConfig is what a tsconfig.json or jsconfig.json says about resolution,
// with what it extends inside the tree merged in.
type TSConfig struct {
	Dir     string              // where it lies: it rules the files below
	BaseURL string              // folder in the tree, "" when none is set
	Paths   map[string][]string // pattern with at most one * → folders or files in the tree, * kept
}

// PythonProject is a Python project of the tree.
type PythonProject struct {
	Name  string
	Dir   string
	Roots []string // folders in the tree that imports start from, e.g. "src" or "."
}

// ComposerPackage is a package of PHP of the tree, from its composer.json.
type ComposerPackage struct {
	Name string
	Dir  string
	// PSR4 are the prefixes of namespaces, with their last backslash, and the
	// folders in the tree where their types lie, those of tests included.
	PSR4 map[string][]string
}

// RubyProject is a folder of the tree with a Gemfile or a gemspec.
type RubyProject struct {
	Name string // of the gem, "" for an application
	Dir  string
}

// RustCrate is a crate of the tree, from its Cargo.toml.
type RustCrate struct {
	Name   string
	Dir    string
	Import string   // what other crates call it
	Lib    string   // the file that the library begins with, "" for none
	Bins   []string // the files that its programs begin with
	// Dependencies are those of every scope: what code calls one → name of the crate.
	Dependencies map[string]string
}

// DotNetProject is a project of .NET of the tree.
type DotNetProject struct {
	Name       string
	Dir        string
	References []string // folders of the projects that it refers to
	Usings     []string // namespaces that all of its files see
}

// Layout is what resolving imports needs to know of the manifests. The lists
// are sorted by folder.
type Layout struct {
	GoModules        []GoModule
	NodePackages     []NodePackage
	TSConfigs        []TSConfig
	PythonProjects   []PythonProject
	ComposerPackages []ComposerPackage
	RubyProjects     []RubyProject
	RustCrates       []RustCrate
	DotNetProjects   []DotNetProject
}
