package analysis

import (
	"math"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// The bounds of a convention: what is seen often enough, and nearly always.
const (
	fewestCases   = 10
	mostlyShare   = 0.8
	evidenceCount = 3
)

// patterns returns the designs that types and folders follow, and the
// conventions that the tree follows nearly always: where tests lie, how files
// are named in each parsed language, how commits are told.
func patterns(files []source.File, style *commitStyle) []report.Pattern {
	list := slices.Concat(folderPatterns(files), designPatterns(files), testLayout(files), fileNames(files), style.patterns())
	if list == nil {
		list = []report.Pattern{}
	}
	return list
}

// testLayout compares tests that lie in the folder of the code with those that
// lie in folders of their own.
func testLayout(files []source.File) []report.Pattern {
	code := map[string]bool{} // folders with code that is no test
	for i := range files {
		if f := &files[i]; f.Code() && !f.Test {
			code[path.Dir(f.Path)] = true
		}
	}
	var beside, apart []string
	for i := range files {
		f := &files[i]
		if !f.Code() || !f.Test || f.Facts == nil || !slices.ContainsFunc(f.Facts.Functions, func(fn language.Function) bool { return fn.Test }) {
			continue
		}
		if code[path.Dir(f.Path)] {
			beside = append(beside, f.Path)
		} else {
			apart = append(apart, f.Path)
		}
	}
	if p := convention("tests lie beside the code that they test", beside, len(beside)+len(apart)); p != nil {
		return []report.Pattern{*p}
	}
	if p := convention("tests lie in folders of their own", apart, len(beside)+len(apart)); p != nil {
		return []report.Pattern{*p}
	}
	return nil
}

// convention is a pattern when cases are many and nearly all.
func convention(name string, cases []string, of int) *report.Pattern {
	share := 0.0
	if of > 0 {
		share = float64(len(cases)) / float64(of)
	}
	if len(cases) < fewestCases || share < mostlyShare {
		return nil
	}
	p := &report.Pattern{Name: name, Occurrences: len(cases), Confidence: math.Round(100*share) / 100, Evidence: []report.Location{}}
	for _, filePath := range cases[:min(len(cases), evidenceCount)] {
		p.Evidence = append(p.Evidence, report.Location{Path: filePath})
	}
	return p
}

// fileNames looks at names of several words: the others fit every convention.
func fileNames(files []source.File) []report.Pattern {
	styles := map[string]map[string][]string{} // language → style → paths
	totals := map[string]int{}
	languages := []string{}
	for i := range files {
		f := &files[i]
		if !f.Code() || f.Facts == nil {
			continue
		}
		style := nameStyle(f.Path)
		if style == "" {
			continue
		}
		if styles[f.Language] == nil {
			styles[f.Language] = map[string][]string{}
			languages = append(languages, f.Language)
		}
		styles[f.Language][style] = append(styles[f.Language][style], f.Path)
		totals[f.Language]++
	}
	slices.Sort(languages)
	var list []report.Pattern
	for _, language := range languages {
		for _, style := range []string{"snake_case", "kebab-case", "PascalCase", "camelCase"} {
			if p := convention(language+" files are named in "+style, styles[language][style], totals[language]); p != nil {
				list = append(list, *p)
			}
		}
	}
	return list
}

func nameStyle(filePath string) string {
	stem, _, _ := strings.Cut(strings.Trim(path.Base(filePath), "_."), ".")
	upper := strings.IndexFunc(stem, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	switch {
	case stem == "":
		return ""
	case strings.Contains(stem, "-") && upper < 0:
		return "kebab-case"
	case strings.Contains(stem, "_") && upper < 0:
		return "snake_case"
	case strings.ContainsAny(stem, "-_"):
		return ""
	case upper == 0 && strings.ToUpper(stem) != stem:
		return "PascalCase"
	case upper > 0:
		return "camelCase"
	}
	return ""
}
