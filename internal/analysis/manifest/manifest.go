// Package manifest reads what the files of a repository say about building it:
// manifests, Makefiles, scripts and CI definitions. Every ecosystem has a
// folder of its own below; this package says which files are wanted and ranks
// what was found. It is pure; it may import analysis/report, analysis/document,
// the root package and its own subpackages.
package manifest

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest/cargo"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/ci"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/container"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/dotnet"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/golang"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/jvm"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/native"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/node"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/php"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/python"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/readme"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/ruby"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/shell"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/task"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/toolchain"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// MaxFileBytes is the size of the largest file that is read. A larger one is
// to be left out of the files that Read is given.
const MaxFileBytes = 1 << 20

// What resolving imports needs to know of the manifests.
type (
	// Layout is all of it. The lists are sorted by folder.
	Layout = evidence.Layout
	// GoModule is a module of the tree, from its go.mod.
	GoModule = evidence.GoModule
	// NodePackage is a package of the tree, from its package.json.
	NodePackage = evidence.NodePackage
	// TSConfig is what a tsconfig.json or jsconfig.json says about resolution.
	TSConfig = evidence.TSConfig
	// PythonProject is a Python project of the tree.
	PythonProject = evidence.PythonProject
	// ComposerPackage is a package of PHP of the tree.
	ComposerPackage = evidence.ComposerPackage
	// RubyProject is a folder of the tree with a Gemfile or a gemspec.
	RubyProject = evidence.RubyProject
	// RustCrate is a crate of the tree, from its Cargo.toml.
	RustCrate = evidence.RustCrate
	// DotNetProject is a project of .NET of the tree.
	DotNetProject = evidence.DotNetProject
	// Program is a program of C or C++ that a file builds.
	Program = evidence.Program
)

// File is a file with its content.
type File = evidence.File

// Result is what the manifests say. Lists are in a stable order, never nil.
type Result struct {
	Layout      Layout
	External    []report.External
	Build       report.Build
	EntryPoints []report.EntryPoint
	Programs    []Program
	Launched    map[string]bool // sources of programs that a script for people starts
}

// Read reads the manifests of a tree: paths are all of its files, files are
// those that Select chose, with their content. A file that cannot be read
// loses what it says, nothing else.
func Read(paths []string, files []File) *Result {
	t := evidence.NewTree(paths, files)
	f := evidence.NewFindings()
	for _, read := range readers {
		read(t, f)
	}
	f.Commands = slices.DeleteFunc(f.Commands, func(c evidence.Command) bool {
		return c.CI && (installsAbsent(t, &c) || startsAbsent(t, &c)) || bundler(&c)
	})
	external := externals(f)
	lockVersions(t, external)
	return &Result{
		Layout:      sortedLayout(f.Layout),
		External:    external,
		Build:       rank(f),
		EntryPoints: entryPoints(t, f),
		Programs:    f.Programs,
		Launched:    f.Launched,
	}
}

// IsContainer reports whether a file says of what images the software is run.
func IsContainer(file string) bool { return container.Kind(file) != "" }

// installsAbsent reports whether CI installs from a list that is not in the tree:
// it is of another repository, which CI checked out.
func installsAbsent(t *evidence.Tree, c *evidence.Command) bool {
	words := strings.Fields(c.Command.Command)
	for i, w := range words[:max(len(words)-1, 0)] {
		if (w == "-r" || w == "--requirement") && slices.Contains(words, "install") {
			at := evidence.Join(c.Dir, words[i+1])
			return at != "" && !strings.ContainsAny(words[i+1], "$*{~") && !t.Has(at)
		}
	}
	return false
}

// startsAbsent reports whether CI starts what is not in the tree.
func startsAbsent(t *evidence.Tree, c *evidence.Command) bool {
	command := strings.TrimPrefix(c.Command.Command, "cd "+c.Dir+" && ")
	return shell.StartsAbsent(command, func(rel string) bool {
		at := evidence.Join(c.Dir, rel)
		return at != "" && (t.Has(at) || t.HasDir(at))
	})
}

// bundler reports whether a command is Bundler's own start script, which
// bundle install writes into bin: it builds nothing.
func bundler(c *evidence.Command) bool {
	return c.Purpose == shell.Build && strings.TrimPrefix(c.Command.Command, "./") == "bin/bundle"
}

// ByMain tells programs by the source that starts them, where only one of their
// sources does. One that starts several is of the first.
func ByMain(programs []Program, starts func(source string) bool) map[string]Program {
	out := map[string]Program{}
	for _, p := range programs {
		mains := slices.DeleteFunc(slices.Clone(p.Sources), func(s string) bool { return !starts(s) })
		if len(mains) != 1 {
			continue
		}
		if _, known := out[mains[0]]; !known {
			out[mains[0]] = p
		}
	}
	return out
}

// readers are the ecosystems. What a later one adds to the same list stands
// behind what an earlier one added, where nothing else orders them.
var readers = []func(*evidence.Tree, *evidence.Findings){
	golang.Read, node.Read, python.Read, jvm.Read, ruby.Read, php.Read, cargo.Read, dotnet.Read, task.Read, ci.Read, container.Read, native.Read, toolchain.Read,
	readme.Read, // last: it checks what it reads against what the others found
}

// sortedLayout sorts the layout by folder.
func sortedLayout(l Layout) Layout {
	slices.SortStableFunc(l.GoModules, func(a, b GoModule) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.NodePackages, func(a, b NodePackage) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.TSConfigs, func(a, b TSConfig) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.PythonProjects, func(a, b PythonProject) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.ComposerPackages, func(a, b ComposerPackage) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.RubyProjects, func(a, b RubyProject) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.RustCrates, func(a, b RustCrate) int { return cmp.Compare(a.Dir, b.Dir) })
	slices.SortStableFunc(l.DotNetProjects, func(a, b DotNetProject) int { return cmp.Compare(a.Dir, b.Dir) })
	return l
}

// externals are the dependencies without those that are projects of the tree
// itself, by ecosystem, strongest scope first, then name and manifest.
func externals(f *evidence.Findings) []report.External {
	out := []report.External{}
	for _, e := range f.External {
		if !f.Own[e.Ecosystem+":"+e.Name] {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b report.External) int {
		return cmp.Or(
			cmp.Compare(a.Ecosystem, b.Ecosystem),
			cmp.Compare(evidence.ScopeRank(a.Scope), evidence.ScopeRank(b.Scope)),
			cmp.Compare(a.Name, b.Name),
			evidence.ByDepth(a.Manifest, b.Manifest),
		)
	})
	return out
}

// maxJobs is how many CI jobs count as entry points.
const maxJobs = 20

// entryPoints are the entry points whose file is in the tree, each once. Of CI
// only the jobs of definitions that build or test are named: a bot that labels
// issues starts nothing of the software.
func entryPoints(t *evidence.Tree, f *evidence.Findings) []report.EntryPoint {
	out := []report.EntryPoint{}
	seen := map[report.EntryPoint]bool{}
	building := map[string]bool{} // CI definitions that build or test
	for _, c := range f.Commands {
		building[c.Source] = building[c.Source] || c.CI && (c.Purpose == shell.Build || c.Purpose == shell.Test || c.Purpose == shell.Lint)
	}
	jobs := 0
	for _, e := range f.EntryPoints {
		if e.Kind == evidence.EntryJob && slices.Contains(f.CI, e.Path) {
			if jobs++; jobs > maxJobs || !building[e.Path] {
				jobs--
				continue
			}
		}
		e.Path = path.Clean(e.Path)
		key := report.EntryPoint{Path: e.Path, Kind: e.Kind, Name: e.Name}
		if t.Has(e.Path) && !seen[key] {
			seen[key] = true
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b report.EntryPoint) int {
		return cmp.Or(evidence.ByDepth(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return out
}
