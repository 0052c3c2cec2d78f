package analysis

import (
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// languages sums the analysed files by language, those with the most code
// first.
func languages(files []source.File, parsed func(string) bool) []report.Language {
	byName := map[string]*report.Language{}
	var shared int64
	for i := range files {
		f := &files[i]
		if !f.Analysed() {
			continue
		}
		l := byName[f.Language]
		if l == nil {
			l = &report.Language{Name: f.Language, Kind: f.Kind, Parsed: parsed(f.Language)}
			byName[f.Language] = l
		}
		l.Files++
		l.Bytes += f.Size
		add(&l.Lines, f.Lines)
		if counts(f.Kind) {
			shared += f.Size
		}
	}
	list := []report.Language{}
	for _, l := range byName {
		if counts(l.Kind) && shared > 0 {
			l.Share = float64(l.Bytes) / float64(shared)
		}
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b report.Language) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(b.Lines.Code, a.Lines.Code), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// counts reports whether Linguist's share of a repository counts a kind.
func counts(kind string) bool { return kind == source.KindProgramming || kind == source.KindMarkup }

func add(to *report.Lines, l report.Lines) {
	to.Total += l.Total
	to.Code += l.Code
	to.Comment += l.Comment
	to.Blank += l.Blank
}

// fewBeside is the part of the test functions that may stand beside the code: where
// it is more than one in so many, the lines of tests are not those of test files.
const fewBeside = 20

func totals(files []source.File) report.Totals {
	t := report.Totals{Files: len(files)}
	var testCode, otherCode int64
	beside := 0 // test functions in files that are no tests
	for i := range files {
		f := &files[i]
		t.Bytes += max(0, f.Size)
		if !f.Analysed() {
			continue
		}
		t.AnalysedFiles++
		add(&t.Lines, f.Lines)
		switch {
		case !f.Code() || f.TestData:
		case f.Test:
			t.TestFiles++
			testCode += f.Lines.Code
		default:
			otherCode += f.Lines.Code
		}
		if f.Facts == nil {
			continue
		}
		t.ParsedFiles++
		t.Functions += len(f.Facts.Functions)
		for _, fn := range f.Facts.Functions {
			if fn.Test {
				t.TestFunctions++
				if !f.Test && !f.TestData {
					beside++
				}
			}
		}
	}
	if otherCode > 0 && beside*fewBeside <= t.TestFunctions {
		t.TestRatio = new(float64(testCode) / float64(otherCode))
	}
	return t
}

// examples is how many paths a skip reason shows.
const examples = 5

func skipped(files []source.File) report.Skipped {
	byReason := map[report.SkipReason]*report.SkippedKind{}
	s := report.Skipped{Reasons: []report.SkippedKind{}}
	for i := range files {
		f := &files[i]
		if f.Skip == "" {
			continue
		}
		kind := byReason[f.Skip]
		if kind == nil {
			kind = &report.SkippedKind{Reason: f.Skip, Explanation: f.Skip.Explanation(), Examples: []string{}}
			byReason[f.Skip] = kind
		}
		s.Total++
		kind.Files++
		kind.Bytes += max(0, f.Size)
		if len(kind.Examples) < examples {
			kind.Examples = append(kind.Examples, f.Path)
		}
	}
	for _, kind := range byReason {
		s.Reasons = append(s.Reasons, *kind)
	}
	slices.SortFunc(s.Reasons, func(a, b report.SkippedKind) int {
		return cmp.Or(cmp.Compare(b.Files, a.Files), cmp.Compare(a.Reason, b.Reason))
	})
	return s
}
