package analysis

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/analysis/source"
)

// parsed is a file of so many functions of one cognitive complexity, ten lines
// each.
func parsed(path string, functions, cognitive int) source.File {
	f := source.File{Language: "Go", Kind: source.KindProgramming, Facts: &language.Facts{LLOC: 8 * functions, Volume: 1000}}
	f.Path, f.Lines = path, report.Lines{Total: int64(10 * functions), Code: int64(10 * functions)}
	for i := range functions {
		f.Facts.Functions = append(f.Facts.Functions, language.Function{Name: "f", Line: 10*i + 1, EndLine: 10*i + 10, Complexity: language.Complexity{Cyclomatic: 1 + cognitive, Cognitive: cognitive}})
	}
	return f
}

// unread is a file of so many times ten lines that no parser reads.
func unread(path string, tens int) source.File {
	f := parsed(path, tens, 0)
	f.Facts = nil
	return f
}

func scoreOf(cyclic bool, files ...source.File) float64 {
	pointers := make([]*source.File, len(files))
	for i := range files {
		pointers[i] = &files[i]
	}
	if score := complexityScore(pointers, func(*source.File) bool { return cyclic }); score != nil {
		return *score
	}
	return -1
}

func TestComplexityScore(t *testing.T) {
	t.Parallel()
	test := parsed("a_test.go", 50, 90)
	test.Test = true
	tests := []struct {
		name string
		got  float64
		want float64
	}{
		{"nothing", scoreOf(false), -1},
		{"no parser", scoreOf(false, source.File{Kind: source.KindProgramming}), -1},
		{"mostly without a parser", scoreOf(false, parsed("a.go", 10, 0), unread("b.rb", 11), unread("c.rb", 0)), -1},
		{"partly without a parser", scoreOf(false, parsed("a.go", 10, 0), unread("b.rb", 10)), 0},
		{"tests only", scoreOf(false, test), -1},
		{"simple", scoreOf(false, parsed("a.go", 10, 0)), 0},
		{"a cycle", scoreOf(true, parsed("a.go", 10, 0)), 1},
		{"tests do not count", scoreOf(false, parsed("a.go", 10, 0), test), 0},
		{"long files", scoreOf(false, parsed("a.go", 51, 0)), 2},
		{"all of it", scoreOf(true, parsed("a.go", 51, 40)), 10},
		{"half of it is hard", scoreOf(false, parsed("a.go", 10, 0), parsed("b.go", 10, 20)), math.Round(100*(4.5*math.Sqrt(0.5)+2.5*0.5)) / 100},
	}
	for _, tt := range tests {
		if math.Abs(tt.got-tt.want) > 0.011 {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

// TestComplexityScoreIsMonotone makes one function harder at a time, and the
// repository larger.
func TestComplexityScoreIsMonotone(t *testing.T) {
	t.Parallel()
	files := []source.File{parsed("a.go", 30, 2), parsed("b.go", 30, 5)}
	before := scoreOf(false, files...)
	for step := range 60 {
		fn := &files[step%2].Facts.Functions[step/2]
		fn.Cognitive += 25
		after := scoreOf(false, files...)
		if after < before {
			t.Fatalf("step %d: a harder function took the score from %v to %v", step, before, after)
		}
		before = after
	}
	copies := files
	for range 4 {
		copies = append(copies, files...)
	}
	if got := scoreOf(false, copies...); math.Abs(got-before) > 0.1 {
		t.Errorf("five times the same code scores %v, once it scores %v", got, before)
	}
}

func TestMaintainabilityIndex(t *testing.T) {
	t.Parallel()
	f := parsed("a.py", 4, 2)
	f.Lines.Comment = 10
	// By hand: V 1000, CC 4·3, LLOC 32, 10 comments of 50 lines are 20 %.
	want := 100 * (171 - 5.2*math.Log(1000) - 0.23*12 - 16.2*math.Log(32) + 50*math.Sin(math.Sqrt(2.46*20*math.Pi/180))) / 171
	if got := maintainabilityIndex(&f); math.Abs(got-want) > 1e-9 {
		t.Errorf("%v, want %v", got, want)
	}
	without := parsed("b.py", 4, 2)
	without.Facts.Volume = 0
	if got := maintainability([]source.File{without}); got != nil {
		t.Errorf("without a volume the index is %v", *got)
	}
	hopeless := parsed("c.py", 4, 2)
	hopeless.Facts.Volume, hopeless.Facts.LLOC = math.MaxFloat64, math.MaxInt32
	if got := maintainabilityIndex(&hopeless); got != 0 {
		t.Errorf("the index fell to %v", got)
	}
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		kept map[string][]byte
		want float64 // -1 for none
		code int64
	}{
		{"none", map[string][]byte{"README.md": []byte("LF:1\nLH:1")}, -1, 4},
		{"lcov", map[string][]byte{"coverage/lcov.info": []byte("SF:a\nLF:10\nLH:5\nend_of_record\nSF:b\nLF:10\nLH:10\n")}, 0.75, 4},
		{"go", map[string][]byte{"cover.out": []byte("mode: set\na.go:1.1,2.2 3 1\na.go:3.1,4.2 1 0\na.go:3.1,4.2 1 0\n")}, 0.75, 4},
		{"cobertura", map[string][]byte{"coverage.xml": []byte(`<?xml version="1.0"?><!-- c --><coverage line-rate="0.5"/>`)}, 0.5, 4},
		{"nearest to the root", map[string][]byte{"a/lcov.info": []byte("LF:2\nLH:2"), "lcov.info": []byte("LF:2\nLH:1")}, 0.5, 4},
		{"what cannot be", map[string][]byte{"lcov.info": []byte("LF:1\nLH:2")}, -1, 4},
		{"another XML", map[string][]byte{"coverage.xml": []byte(`<project/>`)}, -1, 4},
		{"damaged", map[string][]byte{"coverage.xml": []byte(`<coverage line-rate="7"`), "cover.out": []byte("mode: set\nx")}, -1, 4},
		{"a small part of the code", map[string][]byte{"lcov.info": []byte("LF:20\nLH:20")}, -1, 201},
		{"enough of the code", map[string][]byte{"lcov.info": []byte("LF:20\nLH:20")}, 1, 200},
		{"of more, deeper", map[string][]byte{"coverage.xml": []byte(`<coverage line-rate="1" lines-valid="20"/>`), "a/lcov.info": []byte("LF:100\nLH:50")}, 0.5, 300},
	}
	for _, tt := range tests {
		got := -1.0
		if share := coverage(tt.kept, tt.code); share != nil {
			got = *share
		}
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestEncodedFile(t *testing.T) {
	t.Parallel()
	want := parsed("a.go", 3, 1)
	want.Test, want.Skip = true, report.SkipParseFailed
	encoded := encodeFile(&want)
	var got source.File
	got.Path = "a.go"
	if err := decodeFile(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for n := range encoded {
		untouched := source.File{Language: "Lua"}
		if err := decodeFile(encoded[:n], &untouched); err == nil || untouched.Language != "Lua" {
			t.Errorf("the first %d of %d bytes are taken for a file: %v", n, len(encoded), err)
		}
	}
}

// TestLittleOfTheCodeWasRead keeps figures about all code from resting on a few
// scripts beside it.
func TestLittleOfTheCodeWasRead(t *testing.T) {
	t.Parallel()
	ruby := parsed("app.rb", 97, 3)
	ruby.Facts.Volume = 0 // as its parser measures none
	script := parsed("script.js", 3, 20)
	c := complexity([]source.File{ruby, script})
	if c.Maintainability != nil {
		t.Errorf("3 %% of the code give a maintainability of %v", *c.Maintainability)
	}
	if c.Cognitive.P90 == nil {
		t.Error("all was parsed, and there is no ninth decile")
	}
	if c := complexity([]source.File{parsed("a.go", 5, 1), ruby}); c.Maintainability != nil {
		t.Error("5 lines of 102 are not most of them")
	}
	if c := complexity([]source.File{parsed("a.go", 97, 1), ruby}); c.Maintainability == nil {
		t.Error("half of the code was measured, and there is no maintainability")
	}
	c = complexity([]source.File{unread("app.swift", 97), script})
	if c.Functions != 3 || c.Cognitive.N != 3 || len(c.MostComplex) != 3 {
		t.Errorf("%d functions, %d in the distribution, %d listed: what was read counts", c.Functions, c.Cognitive.N, len(c.MostComplex))
	}
	for name, d := range map[string]report.Distribution{"cyclomatic": c.Cyclomatic, "cognitive": c.Cognitive, "length": c.Length} {
		if d.Mean != nil || d.P50 != nil || d.P90 != nil || d.P99 != nil || d.Max != nil {
			t.Errorf("the %s of 3 %% of the code stands for all", name)
		}
	}
	example := unread("docs/example.swift", 500)
	example.Documentation = true
	if c := complexity([]source.File{script, example}); c.Cognitive.P90 == nil {
		t.Error("examples in the documentation are no code of the product")
	}
}

func TestPercentIsNeverRoundedToNothingOrAll(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{0: "0 %", 0.001: "1 %", 0.034: "3 %", 0.999: "99 %", 1: "100 %"} {
		if got := percent(share); got != want {
			t.Errorf("%v is %s, want %s", share, got, want)
		}
	}
}
