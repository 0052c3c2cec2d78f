package debt_test

import (
	"math/rand/v2"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/debt"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

func file(path string, lines int64, functions ...language.Function) source.File {
	return source.File{
		TreeFile: rampforge.TreeFile{Path: path, Mode: rampforge.ModeFile}, Language: "Go", Kind: source.KindProgramming,
		Lines: report.Lines{Total: lines, Code: lines}, Facts: &language.Facts{Functions: functions},
	}
}

func function(length, cognitive, parameters int) language.Function {
	return language.Function{Name: "f", Line: 1, EndLine: length, Parameters: parameters, Complexity: language.Complexity{Cyclomatic: 1, Cognitive: cognitive}}
}

// TestOf is worked by hand. a.go: 40 points are 5 + 25 = 30 minutes, 120 lines
// 20, 8 parameters 20, a FIXME 20 and a TODO none: 90. b.go: 1,200 lines are 60
// minutes. A cycle whose lightest dependency has 2 pairs of files: 60. That is
// 210 minutes of 30 · (200 + 1,200) = 42,000: 0.5 %.
func TestOf(t *testing.T) {
	t.Parallel()
	a := file("a.go", 200, function(120, 40, 8), function(10, 15, 7))
	a.Facts.Remarks = []language.Remark{{Kind: language.RemarkTodo, Line: 3, Text: "FIXME it leaks"}, {Kind: language.RemarkTodo, Line: 4, Text: "TODO more"}, {Kind: language.RemarkWhy, Line: 5, Text: "because"}}
	test := file("a_test.go", 5000, function(900, 400, 9))
	test.Test = true
	unread := file("c.zig", 9000)
	unread.Facts = nil
	d := debt.Of([]source.File{a, file("b.go", 1200), test, unread}, []int{2})
	if d.Minutes != 210 || d.Lines != 1400 || d.Ratio != 0.005 || d.Rating != "A" {
		t.Errorf("%+v", d)
	}
	want := map[string][2]int{"cognitive-complexity": {1, 30}, "function-length": {1, 20}, "parameters": {1, 20}, "file-length": {1, 60}, "broken-promise": {1, 20}, "component-cycle": {1, 60}}
	for _, r := range d.Rules {
		if want[r.ID] != [2]int{r.Breaches, r.Minutes} {
			t.Errorf("%s: %d breaches, %d minutes, want %v", r.ID, r.Breaches, r.Minutes, want[r.ID])
		}
		delete(want, r.ID)
	}
	if len(want) > 0 || len(d.Files) != 2 || d.FilesTotal != 2 {
		t.Errorf("left %v; files %+v", want, d.Files)
	}
	// a.go: hard = √(120/130), debt = 90/6000/0.5 = 0.03, long 0, peak 0.4.
	// 10 − 9·(0.35·0.9608 + 0.25·0.03 + 0.20·0.4) = 6.2; b.go: debt 60/36000/0.5,
	// long 0.75: 10 − 9·(0.25·0.0033 + 0.15) = 8.6.
	if d.Files[0].Path != "a.go" || d.Files[0].Health != 6.2 || d.Files[1].Health != 8.6 {
		t.Errorf("%+v", d.Files)
	}
	if d.Health != 8.3 { // (6.2·200 + 8.6·1200) / 1400
		t.Errorf("health %v", d.Health)
	}
}

func TestWithoutCodeThatWasRead(t *testing.T) {
	t.Parallel()
	if d := debt.Of(nil, nil); d != nil {
		t.Errorf("%+v", d)
	}
}

func TestRating(t *testing.T) {
	t.Parallel()
	for ratio, want := range map[float64]string{0: "A", 0.05: "A", 0.0501: "B", 0.1: "B", 0.2: "C", 0.5: "D", 0.51: "E", 9: "E"} {
		if got := debt.Rating(ratio); got != want {
			t.Errorf("%v: %s, want %s", ratio, got, want)
		}
	}
}

// More of anything that costs never makes a file healthier, and health stays
// within its bounds.
func TestHealthIsMonotone(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		lines := int64(1 + r.IntN(3000))
		fn := function(1+r.IntN(400), r.IntN(150), r.IntN(12))
		easy := function(1+r.IntN(200), r.IntN(15), 2)
		before := debt.Health(new(file("x.go", lines, fn, easy)))
		worse := fn
		worse.Cognitive += r.IntN(60)
		worse.Parameters += r.IntN(5)
		after := debt.Health(new(file("x.go", lines, worse, easy)))
		if after.Health > before.Health || after.Minutes < before.Minutes {
			t.Fatalf("%+v became %+v for %+v", before, after, worse)
		}
		if after.Health < 1 || after.Health > 10 {
			t.Fatalf("%+v", after)
		}
	}
}
