// Package debt estimates what it would take to bring the code to the rules
// that it breaks, by the SQALE method: each breach of a rule costs minutes, and
// the sum is held against what the code would cost to write again. It is pure
// and may import analysis/source, analysis/language and analysis/report.
//
// The rules and their minutes are those of SonarSource's analysers where they
// have one. A rule that needs what an analysis does not know (duplicated blocks,
// coverage of single lines) is left out and not guessed. Tests, documentation
// and files that no parser read do not count.
package debt

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// MinutesPerLine is what a line of code costs to write, in SQALE as SonarSource
// has it.
const MinutesPerLine = 30

// The thresholds above which a rule is broken.
const (
	maxCognitive  = 15
	maxParameters = 7
	maxLength     = 100  // lines of a function
	maxFileLines  = 1000 // lines of code of a file
)

// maxFiles bounds the list of files of a report.
const maxFiles = 30

// rule is one thing that code should keep to.
type rule struct {
	id, title string
	// breaches returns what a file has of them: how many, and the minutes that
	// mending all of them takes.
	breaches func(f *source.File) (count, minutes int)
}

var rules = []rule{
	{"cognitive-complexity", "functions of a cognitive complexity above 15: 5 minutes and 1 for each point above (S3776)", eachFunction(func(fn *language.Function) int {
		if fn.Cognitive <= maxCognitive {
			return 0
		}
		return 5 + fn.Cognitive - maxCognitive
	})},
	{"function-length", "functions of more than 100 lines: 20 minutes (S138)", eachFunction(func(fn *language.Function) int {
		if fn.EndLine-fn.Line+1 <= maxLength {
			return 0
		}
		return 20
	})},
	{"parameters", "functions of more than 7 parameters: 20 minutes (S107)", eachFunction(func(fn *language.Function) int {
		if fn.Parameters <= maxParameters {
			return 0
		}
		return 20
	})},
	{"file-length", "files of more than 1,000 lines of code: 60 minutes (S104)", func(f *source.File) (int, int) {
		if f.Lines.Code <= maxFileLines {
			return 0, 0
		}
		return 1, 60
	}},
	{"broken-promise", "comments that say FIXME, HACK, XXX or BUG: 20 minutes (S1134)", func(f *source.File) (count, minutes int) {
		for _, r := range f.Facts.Remarks {
			// A TODO is a plan and costs nothing, as with SonarSource (S1135).
			if r.Kind == language.RemarkTodo && !strings.HasPrefix(r.Text, "TODO") {
				count, minutes = count+1, minutes+20
			}
		}
		return count, minutes
	}},
}

// CycleMinutes is what one pair of files costs that the lightest dependency of
// a cycle of components has: to turn it round or to move what is used.
const CycleMinutes = 30

func eachFunction(minutes func(*language.Function) int) func(*source.File) (int, int) {
	return func(f *source.File) (count, sum int) {
		for i := range f.Facts.Functions {
			if fn := &f.Facts.Functions[i]; !fn.Test {
				if m := minutes(fn); m > 0 {
					count, sum = count+1, sum+m
				}
			}
		}
		return count, sum
	}
}

// counts reports whether a file has debt at all.
func counts(f *source.File) bool {
	return f.Facts != nil && f.Code() && !f.Test && !f.TestData && !f.Documentation && f.Lines.Code > 0
}

// Minutes is what mending all breaches of a file takes; 0 for a file that does
// not count.
func Minutes(f *source.File) int {
	if !counts(f) {
		return 0
	}
	sum := 0
	for _, r := range rules {
		_, m := r.breaches(f)
		sum += m
	}
	return sum
}

// Of estimates the debt of files and of the cycles between their components:
// cut is, for each cycle, how many pairs of files its lightest dependency has.
// It is nil where no file counts.
func Of(files []source.File, cut []int) *report.Debt {
	d := &report.Debt{MinutesPerLine: MinutesPerLine, Rules: []report.DebtRule{}, Files: []report.FileHealth{}}
	sums := make([]report.DebtRule, len(rules))
	for i := range files {
		f := &files[i]
		if !counts(f) {
			continue
		}
		d.Lines += f.Lines.Code
		for k, r := range rules {
			count, minutes := r.breaches(f)
			sums[k].Breaches, sums[k].Minutes = sums[k].Breaches+count, sums[k].Minutes+minutes
		}
		d.Files = append(d.Files, Health(f))
	}
	if d.Lines == 0 {
		return nil
	}
	for k, r := range rules {
		sums[k].ID, sums[k].Title = r.id, r.title
	}
	cycles := report.DebtRule{ID: "component-cycle", Title: "cycles between components: 30 minutes for each pair of files of the lightest dependency"}
	for _, pairs := range cut {
		cycles.Breaches, cycles.Minutes = cycles.Breaches+1, cycles.Minutes+pairs*CycleMinutes
	}
	d.Rules = slices.Concat(sums, []report.DebtRule{cycles})
	for _, r := range d.Rules {
		d.Minutes += r.Minutes
	}
	d.Ratio = ratio(d.Minutes, d.Lines)
	d.Rating = Rating(d.Ratio)
	d.Health = meanHealth(d.Files)
	worst(d)
	return d
}

// ratio is debt over what writing the code again would cost.
func ratio(minutes int, lines int64) float64 {
	return math.Round(1e4*float64(minutes)/(MinutesPerLine*float64(lines))) / 1e4
}

// Rating is the SQALE rating of a debt ratio: A to 5 %, B to 10 %, C to 20 %, D
// to 50 %, E above.
func Rating(ratio float64) string {
	for i, most := range []float64{0.05, 0.1, 0.2, 0.5} {
		if ratio <= most {
			return string(rune('A' + i))
		}
	}
	return "E"
}

// meanHealth weighs each file by its lines.
func meanHealth(files []report.FileHealth) float64 {
	var sum, lines float64
	for _, f := range files {
		sum += f.Health * float64(f.Lines)
		lines += float64(f.Lines)
	}
	return math.Round(10*sum/lines) / 10
}

// worst keeps the files that are least healthy, of those with debt.
func worst(d *report.Debt) {
	d.Files = slices.DeleteFunc(d.Files, func(f report.FileHealth) bool { return f.Minutes == 0 })
	d.FilesTotal = len(d.Files)
	slices.SortFunc(d.Files, func(a, b report.FileHealth) int {
		return cmp.Or(cmp.Compare(a.Health, b.Health), cmp.Compare(b.Minutes, a.Minutes), strings.Compare(a.Path, b.Path))
	})
	d.Files = slices.Clone(d.Files[:min(len(d.Files), maxFiles)])
}

// The points at which a term of the health is at its worst.
const (
	fullRatio     = 0.5 // a debt ratio of the rating E
	fewLines      = 300 // lines of code that cost no health yet
	manyLines     = 1500
	fullCognitive = 100 // of the hardest function
)

// Health says how well a file can be worked on, from 10 down to 1:
//
//	10 − 9 · (0.35·√hard + 0.25·debt + 0.20·long + 0.20·peak)
//
// hard is the share of the functions' lines in functions of a cognitive
// complexity above 15; debt the file's debt ratio over 0.5; long its lines of
// code above 300, over 1,200; peak the cognitive complexity of its hardest
// function over 100; each at most 1. It grows worse with each of them, and
// predicts nothing. The file must be one that was parsed.
func Health(f *source.File) report.FileHealth {
	var inFunctions, inHard float64
	peak := f.Facts.TopLevel.Cognitive
	for _, fn := range f.Facts.Functions {
		if fn.Test {
			continue
		}
		length := float64(fn.EndLine - fn.Line + 1)
		inFunctions += length
		if fn.Cognitive > maxCognitive {
			inHard += length
		}
		peak = max(peak, fn.Cognitive)
	}
	minutes := Minutes(f)
	hard := 0.0
	if inFunctions > 0 {
		hard = math.Sqrt(inHard / inFunctions)
	}
	r := ratio(minutes, max(1, f.Lines.Code))
	loss := 0.35*hard + 0.25*min(1, r/fullRatio) + 0.20*min(1, max(0, float64(f.Lines.Code-fewLines)/(manyLines-fewLines))) + 0.20*min(1, float64(peak)/fullCognitive)
	return report.FileHealth{Path: f.Path, Lines: f.Lines.Code, Minutes: minutes, Ratio: r, Health: math.Round(10*(10-9*loss)) / 10}
}
