package analysis

import (
	"fmt"
	"math"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// definitions names each measure and the source that pins it; docs/measures.md
// has the details.
func definitions() []report.Definition {
	return []report.Definition{
		{Measure: "languages", Name: "go-enry (Linguist)", Version: "v2.9.6"},
		{Measure: "lines", Name: "scc's conventions", Version: "v3.5.0"},
		{Measure: "cyclomatic complexity, Go", Name: "gocyclo", Version: "v0.6.0"},
		{Measure: "cyclomatic complexity, Python", Name: "radon", Version: "6.0.1"},
		{Measure: "cyclomatic complexity, JavaScript and TypeScript", Name: "ESLint complexity", Version: "9"},
		{Measure: "cyclomatic complexity, Java", Name: "McCabe", Version: "1976"},
		{Measure: "cognitive complexity", Name: "SonarSource white paper", Version: "1.5"},
		{Measure: "maintainability index", Name: "radon", Version: "6.0.1"},
		{Measure: "complexity score", Name: "rampforge", Version: "1"},
		{Measure: "hotspots", Name: "revisions × complexity, percentile ranks", Version: "1"},
		{Measure: "change coupling", Name: "code-maat", Version: "1.0.4"},
		{Measure: "ownership", Name: "Bird et al.", Version: "2011"},
		{Measure: "truck factor", Name: "Avelino et al.", Version: "2016"},
		{Measure: "technical debt", Name: "SQALE, minutes as SonarSource's rules", Version: "1"},
		{Measure: "percentiles", Name: "Hyndman and Fan, type 7", Version: "1996"},
	}
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
