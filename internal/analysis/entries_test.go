package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/manifest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestEntryPointsOfTheProductComeFirst orders programs, tools and jobs.
func TestEntryPointsOfTheProductComeFirst(t *testing.T) {
	t.Parallel()
	list := []report.EntryPoint{
		{Path: ".github/workflows/ci.yml", Kind: "job"}, {Path: "Makefile", Kind: "job"}, {Path: ".devcontainer/Dockerfile", Kind: "container"},
		{Path: "scripts/sync.py", Kind: "program"}, {Path: "cmd/tool/main.go", Kind: "program"}, {Path: "tools.go", Kind: "program"},
		{Path: "build.go", Kind: "program"}, {Path: "docker/release.py", Kind: "program"}, {Path: "docker/Dockerfile", Kind: "container"},
		{Path: "docs/serve.py", Kind: "program"}, {Path: "Utils/seed.py", Kind: "program"}, {Path: "lib/utils/run.py", Kind: "program"},
		{Path: "demo/main.go", Kind: "program"}, {Path: "examples/main.go", Kind: "program"}, {Path: "CMake/Probe.c", Kind: "program"}, {Path: "internal/tags/table/main.go", Kind: "program"}, {Path: "internal/run.py", Kind: "program"},
	}
	all := &assembly{shown: beside.Folders{Product: []string{"demo"}, Beside: []string{"examples"}}}
	slices.SortStableFunc(list, func(a, b report.EntryPoint) int { return cmp.Compare(all.besideProduct(a), all.besideProduct(b)) })
	var paths []string
	for _, e := range list {
		paths = append(paths, e.Path)
	}
	if got := fmt.Sprint(paths); got != "[cmd/tool/main.go tools.go docker/Dockerfile lib/utils/run.py demo/main.go internal/run.py .devcontainer/Dockerfile scripts/sync.py build.go docker/release.py docs/serve.py Utils/seed.py examples/main.go CMake/Probe.c internal/tags/table/main.go .github/workflows/ci.yml Makefile]" {
		t.Error(got)
	}
}

// TestProgramsAreCalledAsPeopleCallThem takes the module's name for a main.go in its
// folder, and the folder's for files whose names say nothing.
func TestProgramsAreCalledAsPeopleCallThem(t *testing.T) {
	t.Parallel()
	a := &assembly{manifest: &manifest.Result{Layout: manifest.Layout{GoModules: []manifest.GoModule{
		{Path: "example.org/acme/shop/v3", Dir: "."}, {Path: "example.org/acme/shop/tool", Dir: "tools/x"},
	}}}}
	for file, want := range map[string]string{
		"main.go": "shop", "tools/x/main.go": "tool", "cmd/till/main.go": "till", "main.py": "main", "fuzz/Shop.Fuzz/Program.cs": "Shop.Fuzz", "src/Till.java": "Till", "till/cli.py": "till",
	} {
		if got := a.programName(file); got != want {
			t.Errorf("%s is called %q, want %q", file, got, want)
		}
	}
}
