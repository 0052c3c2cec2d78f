package analysis

import (
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// A report names what its own numbers follow, and nothing of other languages.
func TestDefinitionsAreOfTheLanguagesRead(t *testing.T) {
	t.Parallel()
	var complexity []string
	for _, d := range definitions([]report.Language{{Name: "Ruby", Parsed: true}, {Name: "TSX", Parsed: true}, {Name: "Go"}, {Name: "Markdown"}})[2:] {
		if d.Measure == "maintainability index" {
			break
		}
		complexity = append(complexity, d.Measure+": "+d.Name)
	}
	want := []string{
		"cyclomatic complexity, JavaScript and TypeScript: ESLint complexity",
		"cyclomatic complexity, Ruby: RuboCop Metrics/CyclomaticComplexity",
		"cognitive complexity, JavaScript and TypeScript: eslint-plugin-sonarjs",
		"cognitive complexity: SonarSource white paper",
	}
	if !slices.Equal(complexity, want) {
		t.Errorf("got %q, want %q", complexity, want)
	}
}
