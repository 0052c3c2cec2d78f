package workflow

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Explained names what the metrics call themselves where they list their rows.
func TestExplainedNamesEveryMetric(t *testing.T) {
	t.Parallel()
	call := regexp.MustCompile(`(?:const metric = |(?:explained|page|Page|elapsed|Wants|explainSpread|explain)\((?:[a-zA-Z.]+, )*)"([a-z_]+)"`)
	found := []string{}
	for _, pattern := range []string{"*.go", "delivery/*.go", "forecast/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range call.FindAllSubmatch(text, -1) {
				found = append(found, string(m[1]))
			}
		}
	}
	slices.Sort(found)
	want := slices.Sorted(slices.Values(Explained()))
	if found = slices.Compact(found); !slices.Equal(found, want) {
		t.Errorf("metrics explain themselves as\n%q, and it is said that there are\n%q", found, want)
	}
}
