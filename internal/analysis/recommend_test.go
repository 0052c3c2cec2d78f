package analysis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// whole is the report of a repository that lacks nothing.
func whole() *report.CodeReport {
	r := &report.CodeReport{Totals: report.Totals{TestFiles: 3}}
	r.Documentation = report.Documentation{Readme: new("README.md"), Summary: new("What it is."), License: new("MIT")}
	r.Build = report.Build{Test: []report.Command{{Command: "make test"}}, CI: []string{".github/workflows/ci.yml"}}
	return r
}

// advice lists what is recommended as "priority type: files".
func advice(r *report.CodeReport, files []source.File) []string {
	list := []string{}
	folder := func(p string) string { return p[:strings.Index(p, "/")+1] }
	for _, rec := range recommend(r, files, folder, nil) {
		list = append(list, fmt.Sprintf("%s %s: %s", rec.Priority, rec.Type, strings.Join(rec.AffectedFiles, " ")))
	}
	return list
}

func TestRecommend(t *testing.T) {
	t.Parallel()
	files := []source.File{parsed("a/a.go", 60, 20), parsed("b/b.go", 60, 1)}
	tests := []struct {
		name   string
		change func(r *report.CodeReport)
		want   []string
	}{
		{"nothing to say", func(*report.CodeReport) {}, []string{}},
		{"no README", func(r *report.CodeReport) { r.Documentation.Readme = nil }, []string{"high documentation: "}},
		{"no tests", func(r *report.CodeReport) { r.Totals.TestFiles = 0 }, []string{"high tests: "}},
		{"tests beside the code", func(r *report.CodeReport) { r.Totals.TestFiles, r.Totals.TestFunctions = 0, 3 }, []string{}},
		{"no way to test", func(r *report.CodeReport) { r.Build.Test, r.Build.CI = nil, nil }, []string{"medium automation: ", "low automation: "}},
		{"no licence", func(r *report.CodeReport) { r.Documentation.License = nil }, []string{"low documentation: "}},
		{"a hotspot", func(r *report.CodeReport) {
			r.Hotspots = []report.Hotspot{{Path: "a/a.go", Score: 0.95, Complexity: 1200, Revisions: 40}, {Path: "b/b.go", Score: 0.5, Complexity: 60}, {Path: "c/c.sql", Score: 0.99, Complexity: 9000}}
		}, []string{"high refactor: a/a.go"}},
		{"areas", func(r *report.CodeReport) {
			r.Knowledge.Areas = []report.KnowledgeArea{
				{Name: "old", Path: "old", Files: 9, Ownership: "spread", TruckFactor: new(2), KnowledgeLoss: new(0.9)},
				{Name: "known", Path: "known", Files: 9, Ownership: "spread", TruckFactor: new(9), KnowledgeLoss: new(0.9)},
				{Name: "one", Path: "one", Files: 9, Ownership: "sole", TruckFactor: new(1), KnowledgeLoss: new(0.0)},
				{Name: "more", Path: "more", Files: 90, Ownership: "sole", TruckFactor: new(1), KnowledgeLoss: new(0.0)},
				{Name: "small", Path: "small", Files: 2, Ownership: "sole", TruckFactor: new(1), KnowledgeLoss: new(1.0)},
				{Name: "partial", Path: "partial", Files: 9, Ownership: "sole"},
			}
		}, []string{"medium knowledge: old", "medium knowledge: more one"}},
		{"a cycle", func(r *report.CodeReport) {
			r.Architecture.Cycles = [][]string{{"x", "y"}}
			r.Architecture.Components = []report.Component{{Name: "x", Path: "lib/x"}, {Name: "y", Path: "lib/y"}, {Name: "z", Path: "lib/z"}}
			r.Architecture.Dependencies = []report.Dependency{{From: "x", To: "y", Weight: 9}, {From: "y", To: "x", Weight: 2}, {From: "x", To: "z", Weight: 1}}
		}, []string{"medium structure: lib/x lib/y"}},
		{"coupling", func(r *report.CodeReport) {
			r.Coupling = []report.ChangeCoupling{{A: "a/a.go", B: "b/b.go", Degree: 80, Shared: 9}, {A: "a/a.go", B: "b/b.go", Degree: 90, Imports: true}, {A: "a/a.go", B: "b/b.sql", Degree: 99}}
		}, []string{"low structure: a/a.go b/b.go"}},
		{"huge functions", func(r *report.CodeReport) {
			r.Complexity.MostComplex = []report.ComplexFunction{{Name: "f", Path: "a/a.go", Cognitive: 90}, {Name: "g", Path: "a/a.go", Cognitive: 70}, {Name: "h", Path: "b/b.go", Cognitive: 60}}
		}, []string{"medium refactor: a/a.go"}},
	}
	for _, tt := range tests {
		r := whole()
		tt.change(r)
		if diff := cmp.Diff(tt.want, advice(r, files)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	r := whole()
	r.Documentation = report.Documentation{}
	if got := advice(r, nil); len(got) > 0 {
		t.Errorf("a tree without code is told %q", got)
	}
}

// What changes most often would save the most, within a priority.
func TestRecommendInTheOrderOfWhatItSaves(t *testing.T) {
	t.Parallel()
	r := whole()
	r.Knowledge.Areas = []report.KnowledgeArea{{Name: "lost", Path: "lost", Files: 9, TruckFactor: new(1), KnowledgeLoss: new(0.9)}}
	r.Complexity.MostComplex = []report.ComplexFunction{{Name: "f", Path: "a/a.go", Line: 7, Cognitive: 90}}
	r.Documentation.Readme = nil
	revisions := map[string]int{"lost": 3, "a/a.go": 30}
	got := []string{}
	for _, rec := range recommend(r, []source.File{parsed("a/a.go", 60, 90)}, func(string) string { return "" }, func(p string) int { return revisions[p] }) {
		if rec.FirstStep == "" || rec.Risk == "" || rec.Evidence == nil {
			t.Errorf("%+v", rec)
		}
		n := "unknown"
		if rec.Changes != nil {
			n = fmt.Sprint(*rec.Changes)
		}
		got = append(got, rec.Type+" "+n)
	}
	if diff := cmp.Diff([]string{"documentation unknown", "refactor 30", "knowledge 3"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHotspotAdviceNamesTheFunction(t *testing.T) {
	t.Parallel()
	files := []source.File{parsed("a/a.go", 3, 4)}
	files[0].Facts.Functions[1].Name, files[0].Facts.Functions[1].Cognitive = "Ship.sail", 61
	r := whole()
	r.Hotspots = []report.Hotspot{{Path: "a/a.go", Score: 0.95, Complexity: 69, Revisions: 40}}
	got := recommend(r, files, func(string) string { return "" }, nil)
	if len(got) != 1 || !strings.Contains(got[0].FirstStep, "Ship.sail, which has 61") || *got[0].Changes != 40 || got[0].EffortMinutes == nil || got[0].Evidence[0].Path != "a/a.go" {
		t.Errorf("%+v", got)
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	var files []source.File
	add := func(path string, test bool) {
		f := parsed(path, 1, 0)
		f.Test = test
		f.Facts.Functions = []language.Function{{Name: "f", Test: test}}
		files = append(files, f)
	}
	for i := range 12 {
		add(fmt.Sprintf("pkg%d/ship_yard.go", i), false)
		add(fmt.Sprintf("pkg%d/ship_yard_test.go", i), true)
	}
	add("test/odd_test.go", true)
	add("pkg0/camelCase.go", false)
	got := []string{}
	for _, p := range patterns(files, &commitStyle{}) {
		got = append(got, fmt.Sprintf("%s %d %v %d", p.Name, p.Occurrences, p.Confidence, len(p.Evidence)))
	}
	if diff := cmp.Diff([]string{"tests lie beside the code that they test 12 0.92 3", "Go files are named in snake_case 25 0.96 3"}, got); diff != "" {
		t.Error(diff)
	}
	if got := patterns(files[:6], &commitStyle{}); len(got) != 0 {
		t.Errorf("few files make a convention: %+v", got)
	}
}

// TestRatioOfTestsBesideTheCode is not told where tests stand in the files of the
// code.
func TestRatioOfTestsBesideTheCode(t *testing.T) {
	t.Parallel()
	code, own := parsed("src/a.rs", 60, 1), parsed("tests/a.rs", 30, 1)
	own.Test, own.Facts.Functions = true, []language.Function{{Name: "works", Test: true}}
	if got := totals([]source.File{code, own}); got.TestRatio == nil || got.TestFunctions != 1 {
		t.Errorf("tests in files of their own: %+v", got)
	}
	code.Facts.Functions = append(code.Facts.Functions, language.Function{Name: "tests.works", Test: true})
	if got := totals([]source.File{code, own}); got.TestRatio != nil || got.TestFunctions != 2 {
		t.Errorf("tests beside the code: ratio %v, %d functions", got.TestRatio, got.TestFunctions)
	}
}
