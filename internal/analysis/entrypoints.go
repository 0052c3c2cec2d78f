package analysis

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// maxEntryPoints bounds the list of a report.
const maxEntryPoints = 100

// entryPoints joins what the manifests say to the files that start a program
// by themselves.
func (a *assembly) entryPoints() []report.EntryPoint {
	list := slices.Clone(a.manifest.EntryPoints)
	known := map[string]bool{}
	for _, e := range list {
		known[e.Path] = true
	}
	built := a.builtPrograms()
	for i := range a.files {
		f := &a.files[i]
		if f.Facts == nil || !f.Facts.Main || f.Test || f.Documentation || known[f.Path] {
			continue
		}
		e := report.EntryPoint{Path: f.Path, Kind: "program", Name: cmp.Or(built[f.Path].Name, programName(f.Path))}
		for _, fn := range f.Facts.Functions {
			if slices.Contains(mains, fn.Name) && !fn.Test || strings.HasSuffix(fn.Name, ".main") {
				e.Line = fn.Line
				break
			}
		}
		list = append(list, e)
	}
	slices.SortStableFunc(list, func(x, y report.EntryPoint) int {
		if d := besideProduct(x) - besideProduct(y); d != 0 {
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

// workFolders hold programs for working on the software.
var workFolders = map[string]bool{
	"script": true, "scripts": true, "tool": true, "tools": true, "util": true, "utils": true, "hack": true, "dev": true, "ci": true, "build": true,
	"release": true, "contrib": true, "support": true, "example": true, "examples": true, "benchmark": true, "benchmarks": true, "fuzz": true,
}

// besideProduct ranks entry points: what people start the software by, then what
// serves the work on it, then what CI starts.
func besideProduct(e report.EntryPoint) int {
	top, _, inFolder := strings.Cut(e.Path, "/")
	switch {
	case e.Kind == "job":
		return 2
	case inFolder && (workFolders[top] || strings.HasPrefix(top, ".") || strings.HasSuffix(top, "-tools")):
		return 1
	}
	return 0
}

// programName is what people call the program that a file starts.
func programName(filePath string) string {
	stem := strings.TrimSuffix(path.Base(filePath), path.Ext(filePath))
	dir := path.Base(path.Dir(filePath))
	if (stem == "main" || stem == "__main__" || stem == "index" || stem == "Main" || stem == "cli") && dir != "." {
		return dir
	}
	return stem
}
