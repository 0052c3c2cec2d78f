package analysis

import (
	"cmp"
	"math"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
	"github.com/rampforgeai/rampforge/internal/analysis/stats"
)

// maxComplex is how many functions a report lists.
const maxComplex = 50

// complexity describes the functions that are not tests.
func complexity(files []source.File) report.Complexity {
	var cyclomatic, cognitive, length []int
	functions := []report.ComplexFunction{}
	for i := range files {
		f := &files[i]
		if f.Facts == nil || f.Test {
			continue
		}
		for _, fn := range f.Facts.Functions {
			if fn.Test {
				continue
			}
			lines := fn.EndLine - fn.Line + 1
			cyclomatic, cognitive, length = append(cyclomatic, fn.Cyclomatic), append(cognitive, fn.Cognitive), append(length, lines)
			functions = append(functions, report.ComplexFunction{Name: fn.Name, Path: f.Path, Line: fn.Line, Lines: lines, Cyclomatic: fn.Cyclomatic, Cognitive: fn.Cognitive})
		}
	}
	slices.SortFunc(functions, func(a, b report.ComplexFunction) int {
		return cmp.Or(cmp.Compare(b.Cognitive, a.Cognitive), cmp.Compare(b.Cyclomatic, a.Cyclomatic), cmp.Compare(b.Lines, a.Lines), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	summary := stats.Distribution[int]
	if !mostlyParsed(files) {
		// What a few functions are like says nothing of the rest.
		summary = func(values []int) report.Distribution { return report.Distribution{N: len(values)} }
	}
	return report.Complexity{
		Functions: len(functions), Cyclomatic: summary(cyclomatic), Cognitive: summary(cognitive), Length: summary(length),
		MostComplex: slices.Clone(functions[:min(len(functions), maxComplex)]), Maintainability: maintainability(files),
	}
}

// readShare is the share of the product's code, by lines, in files of which a
// certain thing is known, 0–1; -1 where there is no code.
func readShare(files []source.File, known func(*source.File) bool) float64 {
	all := codeLines(files)
	if all == 0 {
		return -1
	}
	var read int64
	for i := range files {
		if f := &files[i]; ofProduct(f) && known(f) {
			read += f.Lines.Code
		}
	}
	return float64(read) / float64(all)
}

func ofProduct(f *source.File) bool {
	return f.Code() && !f.Test && !f.TestData && !f.Documentation
}

// codeLines are the lines of the product's code.
func codeLines(files []source.File) (lines int64) {
	for i := range files {
		if f := &files[i]; ofProduct(f) {
			lines += f.Lines.Code
		}
	}
	return lines
}

func isParsed(f *source.File) bool { return f.Facts != nil }

// isMeasured reports whether a parser measured what the maintainability index
// is made of.
func isMeasured(f *source.File) bool { return f.Facts != nil && f.Facts.Volume > 0 && f.Facts.LLOC > 0 }

// mostly reports whether a share is enough for a figure that speaks of all code.
func mostly(share float64) bool { return share < 0 || share >= 0.5 }

// mostlyParsed reports whether parsers read enough of the code for such a figure.
func mostlyParsed(files []source.File) bool { return mostly(readShare(files, isParsed)) }

// cognitiveOf sums the cognitive complexity of all code of a parsed file, of one
// that is no test without the tests that it holds.
func cognitiveOf(f *source.File) int {
	if f.Facts == nil {
		return 0
	}
	sum := f.Facts.TopLevel.Cognitive
	for _, fn := range f.Facts.Functions {
		if f.Test || !fn.Test {
			sum += fn.Cognitive
		}
	}
	return sum
}

// maintainability is the mean of the files' indexes, weighted by their lines
// of code; nil when a Halstead volume was measured for less than half of the
// code, as what is left is mostly scripts beside it.
func maintainability(files []source.File) *float64 {
	if !mostly(readShare(files, isMeasured)) {
		return nil
	}
	var sum, weight float64
	for i := range files {
		f := &files[i]
		if f.Test || !isMeasured(f) {
			continue
		}
		sum += maintainabilityIndex(f) * float64(f.Lines.Code)
		weight += float64(f.Lines.Code)
	}
	if weight == 0 {
		return nil
	}
	return new(sum / weight)
}

// maintainabilityIndex is radon's form of the index, 0–100, higher is better:
//
//	max(0, 100·(171 − 5.2 ln V − 0.23 CC − 16.2 ln LLOC + 50 sin √(2.46·rad(comment %)))/171)
func maintainabilityIndex(f *source.File) float64 {
	cc := f.Facts.TopLevel.Cyclomatic
	for _, fn := range f.Facts.Functions {
		cc += fn.Cyclomatic
	}
	var comments float64
	if text := f.Lines.Code + f.Lines.Comment; text > 0 {
		comments = 100 * float64(f.Lines.Comment) / float64(text)
	}
	index := 171 - 5.2*math.Log(f.Facts.Volume) - 0.23*float64(cc) - 16.2*math.Log(float64(f.Facts.LLOC)) + 50*math.Sin(math.Sqrt(2.46*comments*math.Pi/180))
	return min(100, max(0, 100*index/171))
}

// The thresholds of the complexity score.
const (
	hardFunction = 15  // cognitive complexity from which SonarSource asks for a change
	hardest      = 40  // a ninth decile from which the measure is full
	longFile     = 500 // lines of code
)

// complexityScore is 0–10 for a set of files, higher is harder to work with;
// nil when less than half of their code was parsed. It is the weighted sum of four shares that
// do not grow with the size of the code:
//
//	10 · (0.45·√hard + 0.25·decile + 0.20·long + 0.10·cyclic)
//
// hard is the share of the functions' lines in functions of a cognitive
// complexity above 15, decile the ninth decile of cognitive complexity over 40
// and at most 1, long the share of code in files of more than 500 lines, cyclic
// the share of code in components that are part of a cycle. Each term grows
// with what it measures, so the score is monotone in each. Tests are left out.
func complexityScore(files []*source.File, cyclic func(*source.File) bool) *float64 {
	var inFunctions, inHard, all, code, inLong, inCycle float64
	var cognitive []float64
	for _, f := range files {
		lines := float64(f.Lines.Code)
		if f.Code() && !f.Test {
			all += lines
		}
		if f.Facts == nil || f.Test {
			continue
		}
		code += lines
		if f.Lines.Code > longFile {
			inLong += lines
		}
		if cyclic(f) {
			inCycle += lines
		}
		for _, fn := range f.Facts.Functions {
			length := float64(fn.EndLine - fn.Line + 1)
			inFunctions += length
			if fn.Cognitive > hardFunction {
				inHard += length
			}
			cognitive = append(cognitive, float64(fn.Cognitive))
		}
	}
	if code == 0 || 2*code < all {
		return nil
	}
	decile := 0.0
	if len(cognitive) > 0 {
		slices.Sort(cognitive)
		decile = min(1, stats.Percentile(cognitive, 0.9)/hardest)
	}
	score := 0.45*math.Sqrt(share(inHard, inFunctions)) + 0.25*decile + 0.20*share(inLong, code) + 0.10*share(inCycle, code)
	return new(math.Round(1000*score) / 100)
}

func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return min(1, part/whole)
}
