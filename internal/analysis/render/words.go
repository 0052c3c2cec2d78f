package render

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// fact is one figure with its name. Reason says why the value is not known;
// an unknown value is never shown as 0.
type fact struct {
	Name   string
	Value  string // "" when it is not known
	Reason string
}

// String is the value, or that it is not known and why.
func (f fact) String() string {
	if f.Value != "" {
		return f.Value
	}
	return "not known: " + f.Reason
}

// known makes a fact of a value that may be missing.
func known[T any](name string, value *T, format func(T) string, reason string) fact {
	if value == nil {
		return fact{Name: name, Reason: reason}
	}
	return fact{Name: name, Value: format(*value)}
}

// facts are the figures at the head of every rendering, in order of interest
// to somebody who sees the repository for the first time.
func facts(r *report.CodeReport) []fact {
	out := []fact{
		{Name: "Code", Value: plural(linesOfCode(r), "line", "lines")},
		{Name: "Files", Value: count(r.Totals.Files)},
		parsedFact(r, "Functions", count(r.Totals.Functions)),
		historyFact(r, "Commits", count(r.Window.Commits)),
		historyFact(r, "Contributors", count(r.Window.Contributors)),
		known("Complexity", r.ComplexityScore, func(x float64) string { return decimal(x) + " of 10" }, whyNoComplexity(r)),
		known("Test code", r.Totals.TestRatio, func(x float64) string { return decimal(x*100) + " lines per 100 of code" }, whyNoRatio(r)),
		known("Test coverage", r.Totals.Coverage, percent, "the repository holds no coverage report"),
		known("Features", r.FeatureCount, func(n int) string { return featureWords(n, r) }, whyNoFeatures(r)),
	}
	return out
}

// linesOfCode counts what a person calls code: programs and markup, neither data
// nor prose.
func linesOfCode(r *report.CodeReport) int64 {
	var n int64
	for _, l := range r.Languages {
		if l.Kind == "programming" || l.Kind == "markup" {
			n += l.Lines.Code
		}
	}
	return n
}

// whyNoRatio says why the test code is not known.
func whyNoRatio(r *report.CodeReport) string {
	if r.Totals.TestFunctions > 0 {
		return "tests stand in the files of the code"
	}
	return "there is no code to compare with"
}

// parsedFact is a figure that only the parsers can give.
func parsedFact(r *report.CodeReport, name, value string) fact {
	if r.Totals.ParsedFiles == 0 {
		return fact{Name: name, Reason: whyNoComplexity(r)}
	}
	return fact{Name: name, Value: value}
}

// historyFact is a figure that only the history can give.
func historyFact(r *report.CodeReport, name, value string) fact {
	if r.Window.Commits == 0 {
		return fact{Name: name, Reason: whyNoHistory(r)}
	}
	return fact{Name: name, Value: value}
}

func whyNoComplexity(r *report.CodeReport) string {
	if r.Totals.AnalysedFiles == 0 {
		return "no file was analysed"
	}
	if r.Totals.ParsedFiles == 0 {
		return "no file is in a language whose functions are read"
	}
	if r.Complexity.Functions > 0 {
		return "less than half of the code is in languages whose functions are read"
	}
	return "no function was found"
}

func whyNoFeatures(r *report.CodeReport) string {
	if r.ComplexityScore == nil && r.Complexity.Functions > 0 {
		return whyNoComplexity(r)
	}
	return "no rule knows the languages of this code"
}

// whyNoMaintainability says more than that little was parsed: few parsers
// measure what the index is made of.
func whyNoMaintainability(r *report.CodeReport) string {
	if r.ComplexityScore == nil {
		return whyNoComplexity(r)
	}
	return "Halstead's volume, which it is made of, was measured for less than half of the code"
}

func whyNoHistory(r *report.CodeReport) string {
	switch {
	case r.Window.Reason != "":
		return strings.TrimSuffix(r.Window.Reason, ".")
	case r.AnalysisType == "quick":
		return "a quick analysis leaves the history out"
	}
	return "no history was read"
}

// whyNoActivity says why a share of commits is missing.
func whyNoActivity(r *report.CodeReport) string {
	if r.Window.Commits == 0 {
		return whyNoHistory(r)
	}
	return "no commit in the window changed code"
}

// ownershipWords explain the bands of ownership.
func ownershipWords(band string) string {
	switch band {
	case "sole":
		return "one person knows it"
	case "major":
		return "a few people know it well"
	case "spread":
		return "known by many, owned by none"
	case "":
		return "not known"
	}
	return band
}

// truckFact says how many people carry the knowledge of the whole.
func truckFact(r *report.CodeReport) fact {
	return known("Truck factor", r.Knowledge.TruckFactor, count[int], whyNoHistory(r))
}

const truckMeaning = "the smallest number of people whose leaving would leave more than half of the files without anyone who knows them"

// windowWords say which part of the history the figures cover.
func windowWords(r *report.CodeReport) string {
	w := r.Window
	if w.Commits == 0 {
		return sentenceCase(whyNoHistory(r)) + ": nothing here is about change or people."
	}
	text := plural(w.Commits, "commit", "commits") + " by " + plural(w.Contributors, "contributor", "contributors")
	if w.From != nil && w.To != nil {
		text += ", from " + date(*w.From) + " to " + date(*w.To)
	}
	if w.Complete {
		return text + ": the whole history."
	}
	reason := strings.TrimSuffix(w.Reason, ".")
	if reason == "" {
		reason = "the reason is not known"
	}
	return text + ". This is a part of the history only: " + reason + "."
}

// hotspotWindow says since when changes were counted, "" when that is not known.
func hotspotWindow(r *report.CodeReport) string {
	if r.Window.HotspotFrom == nil {
		return ""
	}
	return "since " + date(*r.Window.HotspotFrom)
}

// importsWords say whether change coupling has a visible cause.
func importsWords(imports bool) string {
	if imports {
		return "one imports the other"
	}
	return "no import explains it"
}

// summary is the first thing to say about the repository, nil when it says
// nothing about itself.
func summary(r *report.CodeReport) *string {
	if r.Documentation.Summary != nil {
		return r.Documentation.Summary
	}
	return r.Description
}

const noSummary = "The repository does not say what it is: no README has a paragraph that says so."

// commandGroup is the commands for one purpose.
type commandGroup struct {
	Name     string
	Empty    string
	Commands []report.Command
	More     int
	MoreText string // says that some are left out, "" for none
}

// commandGroups are the ways to get going, in the order in which a newcomer
// needs them.
func commandGroups(b report.Build, most int) []commandGroup {
	groups := []commandGroup{
		{Name: "Set up", Commands: b.Setup}, {Name: "Build", Commands: b.Build}, {Name: "Run", Commands: b.Run},
		{Name: "Test", Commands: b.Test}, {Name: "Lint", Commands: b.Lint},
	}
	for i := range groups {
		g := &groups[i]
		if g.Commands, g.More = head(g.Commands, most); g.More > 0 {
			g.MoreText = seeJSON(g.More)
		}
		g.Empty = "No command to " + strings.ToLower(g.Name) + " was found in the repository’s files."
	}
	return groups
}

// distribution is one line of the complexity table.
type distribution struct {
	Name  string
	Cells []string // mean, median, 90 %, 99 %, highest
}

func distributions(c report.Complexity) []distribution {
	rows := []distribution{
		{"Cyclomatic complexity", cells(c.Cyclomatic)},
		{"Cognitive complexity", cells(c.Cognitive)},
		{"Length in lines", cells(c.Length)},
	}
	return rows
}

func cells(d report.Distribution) []string {
	out := make([]string, 0, 5)
	for _, p := range []*float64{d.Mean, d.P50, d.P90, d.P99, d.Max} {
		if p == nil {
			out = append(out, "not known")
		} else {
			out = append(out, decimal(*p))
		}
	}
	return out
}

// seeJSON says that a list was cut and where the rest is.
func seeJSON(more int) string {
	return "… and " + count(more) + " more, in the JSON report."
}

// complexityOf writes the complexity of a hotspot, "" where only its lines are
// known, which stand beside it.
func complexityOf(h report.Hotspot) string {
	if h.Measure == report.MeasureLines {
		return ""
	}
	return count(h.Complexity)
}

// toAsk names whom to ask about an area: those who are still here.
func toAsk(a report.KnowledgeArea, separator string) string {
	if len(a.People) == 0 && len(a.Left) > 0 {
		return "nobody who is still here"
	}
	return strings.Join(a.People, separator)
}
