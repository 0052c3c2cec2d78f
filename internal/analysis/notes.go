package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// pinned is a definition, and the languages that it is of; none are all.
type pinned struct {
	report.Definition
	languages []string
}

func of(measure, name, version string, languages ...string) pinned {
	return pinned{report.Definition{Measure: measure, Name: name, Version: version}, languages}
}

// pins name each measure and the source that pins it; docs/measures.md has the
// details.
var pins = []pinned{
	of("languages", "go-enry (Linguist)", "v2.9.6"),
	of("lines", "scc's conventions", "v3.5.0"),
	of("cyclomatic complexity, Go", "gocyclo", "v0.6.0", "Go"),
	of("cyclomatic complexity, Python", "radon", "6.0.1", "Python"),
	of("cyclomatic complexity, JavaScript and TypeScript", "ESLint complexity", "9", "JavaScript", "TypeScript", "TSX"),
	of("cyclomatic complexity, C and C++", "pmccabe, traditional", "2.8", "C", "C++"),
	of("cyclomatic complexity, PHP", "PHP_Depend ccn2", "2.12", "PHP"),
	of("cyclomatic complexity, Ruby", "RuboCop Metrics/CyclomaticComplexity", "1.39", "Ruby"),
	of("cyclomatic complexity, Java", "McCabe", "1976", "Java"),
	of("cyclomatic complexity, Kotlin", "McCabe", "1976", "Kotlin"),
	of("cyclomatic complexity, C#", "McCabe", "1976", "C#"),
	of("cyclomatic complexity, Rust", "McCabe", "1976", "Rust"),
	of("cognitive complexity, Go", "gocognit", "v1.2.0", "Go"),
	of("cognitive complexity, JavaScript and TypeScript", "eslint-plugin-sonarjs", "4.2", "JavaScript", "TypeScript", "TSX"),
	of("cognitive complexity", "SonarSource white paper", "1.5", "Python", "C", "C++", "PHP", "Ruby", "Java", "Kotlin", "C#", "Rust"),
	of("maintainability index", "radon", "6.0.1"),
	of("complexity score", "rampforge", "1"),
	of("hotspots", "revisions × complexity, percentile ranks", "1"),
	of("change coupling", "code-maat", "1.0.4"),
	of("ownership", "Bird et al.", "2011"),
	of("truck factor", "Avelino et al.", "2016"),
	of("technical debt", "SQALE, minutes as SonarSource's rules", "1"),
	of("percentiles", "Hyndman and Fan, type 7", "1996"),
}

// definitions are those of the languages that were read.
func definitions(languages []report.Language) []report.Definition {
	out := []report.Definition{}
	for _, p := range pins {
		if len(p.languages) == 0 || slices.ContainsFunc(languages, func(l report.Language) bool { return l.Parsed && slices.Contains(p.languages, l.Name) }) {
			out = append(out, p.Definition)
		}
	}
	return out
}

// notes says what the reader must know to read the numbers right.
func (a *assembly) notes() []report.Note {
	notes := []report.Note{}
	note := func(code, format string, args ...any) {
		notes = append(notes, report.Note{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	if a.history == nil {
		note("quick_analysis", "This is a quick analysis: the history was left out, so change, coupling, ownership and activity are not known.")
	} else {
		notes = append(notes, a.history.Notes()...)
	}
	if a.reason != "" {
		note("renames_unknown", "The history lacks some contents: %s. Ownership and the truck factor may count such a file for whoever renamed it.", a.reason)
	}
	reasons := map[report.SkipReason]int{}
	for _, kind := range a.report.Skipped.Reasons {
		reasons[kind.Reason] = kind.Files
	}
	if n := reasons[report.SkipBudget]; n > 0 {
		note("budget_reached", "The repository is larger than one analysis reads: %s left out: what comes last by path.", someFiles(n))
	}
	if n := reasons[report.SkipMissing]; n > 0 {
		note("missing_objects", "This clone lacks the content of %s, which could not be analysed.", someFiles(n))
	}
	if n := reasons[report.SkipParseFailed]; n > 0 {
		note("parse_failures", "%s could not be parsed: lines there count, functions and imports are not known.", someFiles(n))
	}
	if share := readShare(a.files, isParsed); !mostly(share) {
		note("little_parsed", "Functions and imports were read of %s of the code only: what would speak of all of it (complexity, its distributions, technical debt, modularity, the number of features) is not given.", percent(share))
	} else if share := readShare(a.files, isMeasured); !mostly(share) {
		note("maintainability_unknown", "The maintainability index is not given: what it is made of (Halstead's volume) was measured for %s of the code only.", percent(share))
	}
	if n := a.besideNote(); n != nil {
		notes = append(notes, *n)
	}
	if n := a.cutNote(); n != nil {
		notes = append(notes, *n)
	}
	if len(a.unread) > 0 {
		note("commands_unread", "The code imports %s, which programs make their commands with, but none was found: commands that are read from data or made in a way that is not known are missing.", strings.Join(a.unread, ", "))
	}
	for _, l := range a.report.Languages {
		if l.Kind == source.KindProgramming {
			if !l.Parsed {
				note("no_parser", "There is no parser for %s, the main language: its functions, imports and complexity are not known.", l.Name)
			}
			break
		}
	}
	return notes
}

func someFiles(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// percent writes a share in whole percent, so that only all is 100 % and only
// nothing 0 %.
func percent(share float64) string {
	n := min(99, max(1, math.Round(100*share)))
	if share <= 0 || share >= 1 {
		n = 100 * share
	}
	return fmt.Sprintf("%.0f %%", n)
}
