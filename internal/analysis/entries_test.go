package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestEntryPointsOfTheProductComeFirst orders programs, tools and jobs.
func TestEntryPointsOfTheProductComeFirst(t *testing.T) {
	t.Parallel()
	list := []report.EntryPoint{
		{Path: ".github/workflows/ci.yml", Kind: "job"}, {Path: "Makefile", Kind: "job"}, {Path: ".devcontainer/Dockerfile", Kind: "container"},
		{Path: "scripts/sync.py", Kind: "program"}, {Path: "cmd/tool/main.go", Kind: "program"}, {Path: "tools.go", Kind: "program"},
	}
	slices.SortStableFunc(list, func(a, b report.EntryPoint) int { return cmp.Compare(besideProduct(a), besideProduct(b)) })
	var paths []string
	for _, e := range list {
		paths = append(paths, e.Path)
	}
	if got := fmt.Sprint(paths); got != "[cmd/tool/main.go tools.go .devcontainer/Dockerfile scripts/sync.py .github/workflows/ci.yml Makefile]" {
		t.Error(got)
	}
}
