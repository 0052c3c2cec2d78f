package analysis

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest/evidence"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// maxEntryPoints bounds the list of a report.
const maxEntryPoints = 100

// entryPoints joins what the manifests say to the files that start a program
// by themselves.
func (a *assembly) entryPoints() []report.EntryPoint {
	list := slices.Clone(a.manifest.EntryPoints)
	known := map[string][]int{} // where in the list
	for n, e := range list {
		known[e.Path] = append(known[e.Path], n)
	}
	built := a.builtPrograms()
	for i := range a.files {
		f := &a.files[i]
		if f.Facts == nil || !f.Facts.Main || f.Test || f.Documentation {
			continue
		}
		if at, ok := known[f.Path]; ok {
			for _, n := range at {
				if a.manifest.Launched[f.Path] {
					list[n].Line = mainLine(f.Facts)
				}
			}
			continue
		}
		list = append(list, report.EntryPoint{Path: f.Path, Kind: "program", Line: mainLine(f.Facts), Name: cmp.Or(built[f.Path].Name, a.programName(f.Path))})
	}
	rank := func(e report.EntryPoint) int {
		if a.manifest.Launched[e.Path] {
			return -1
		}
		return a.besideProduct(e)
	}
	slices.SortStableFunc(list, func(x, y report.EntryPoint) int {
		if d := rank(x) - rank(y); d != 0 {
			return d
		}
		if d := strings.Count(x.Path, "/") - strings.Count(y.Path, "/"); d != 0 {
			return d
		}
		if d := strings.Compare(x.Path, y.Path); d != 0 {
			return d
		}
		return x.Line - y.Line
	})
	return list[:min(len(list), maxEntryPoints)]
}

// mainLine is where the function stands that a program starts with, 0 when it is
// not known.
func mainLine(facts *language.Facts) int {
	for _, fn := range facts.Functions {
		if slices.Contains(mains, fn.Name) && !fn.Test || strings.HasSuffix(fn.Name, ".main") {
			return fn.Line
		}
	}
	return 0
}

// builtPrograms are the programs that files of C and C++ start.
func (a *assembly) builtPrograms() map[string]manifest.Program {
	mains := map[string]bool{}
	for i := range a.files {
		if f := &a.files[i]; f.Facts != nil && f.Facts.Main && !f.Test {
			mains[f.Path] = true
		}
	}
	return manifest.ByMain(a.manifest.Programs, func(source string) bool { return mains[source] })
}

// mains are the names of functions with which programs start.
var mains = []string{"main", "wmain", "_tmain", "WinMain", "wWinMain", "_tWinMain"}

// workFiles are programs in the root for working on the software.
var workFiles = map[string]bool{"build": true, "make": true, "setup": true, "release": true, "magefile": true, "noxfile": true, "gulpfile": true, "Gruntfile": true}

// besideProduct ranks entry points: what people start the software by, then what
// serves the work on it, then what CI starts.
func (a *assembly) besideProduct(e report.EntryPoint) int {
	top, _, inFolder := strings.Cut(e.Path, "/")
	switch {
	case e.Kind == "job":
		return 2
	case !inFolder && e.Kind == "program" && workFiles[strings.TrimSuffix(top, path.Ext(top))], inFolder && e.Kind == "program" && top == "docker":
		return 1
	case beside.Holds(a.shown.Product, e.Path):
		return 0
	case beside.Holds(a.shown.Beside, e.Path), evidence.HelpsProduct(e.Path):
		return 1
	}
	return 0
}

// plainNames are names of files that say nothing of the program.
var plainNames = map[string]bool{"main": true, "__main__": true, "index": true, "Main": true, "cli": true, "Program": true}

// programName is what people call the program that a file starts. The go command
// calls one in the folder of a module by the module's path.
func (a *assembly) programName(filePath string) string {
	stem := strings.TrimSuffix(path.Base(filePath), path.Ext(filePath))
	if !plainNames[stem] {
		return stem
	}
	dir := path.Dir(filePath)
	if path.Ext(filePath) == ".go" {
		for _, m := range a.manifest.Layout.GoModules {
			if m.Dir == dir {
				prefix, _, _ := module.SplitPathVersion(m.Path)
				return path.Base(prefix)
			}
		}
	}
	if dir == "." {
		return stem
	}
	return path.Base(dir)
}
