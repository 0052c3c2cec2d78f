package golang

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
)

func parse(t *testing.T, path, src string) *language.Facts {
	t.Helper()
	facts, err := Parser{}.Parse(t.Context(), path, []byte(src))
	if err != nil {
		t.Fatalf("Parse(%s): %v", path, err)
	}
	return facts
}

// TestComplexity holds the cases where the two reference tools and the white
// paper are easy to confuse. reference_test.go compares whole trees.
func TestComplexity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name                  string
		body                  string
		cyclomatic, cognitive int
	}{
		{"empty", ``, 1, 0},
		{"if", `if a { f() }`, 2, 1},
		{"else", `if a { f() } else { g() }`, 2, 2},
		{"else if chain", `if a { f() } else if b { g() } else { h() }`, 3, 3},
		{"nested", `if a { for b { f() } }`, 3, 3},
		{"body of else does not nest", `if a { f() } else { if b { g() } }`, 3, 3},
		{"switch", `switch x { case 1, 2: f(); case 3: g(); default: h() }`, 3, 1},
		{"nested in a case", `switch { case a: if b { f() } }`, 3, 3},
		{"type switch", `switch y := x.(type) { case int: f(y) }`, 2, 1},
		{"select", `select { case <-c: f(); case c <- 1: g(); default: }`, 3, 1},
		{"one run of and", `_ = a && b && c`, 3, 1},
		{"and, or, and", `_ = a && b || c && d`, 4, 3},
		{"parentheses begin a run", `_ = a && (b && c)`, 3, 2},
		{"negation begins a run", `_ = a && !(b && c)`, 3, 2},
		{"comparison inside a run", `_ = a && x == y && b`, 3, 1},
		{"label", `L: for { for { continue L } }`, 3, 4},
		{"goto", `goto L; L: f()`, 1, 1},
		{"plain break", `for { break }`, 2, 1},
		{"literal nests and counts here", `g(func() { if a { f() } })`, 2, 2},
		{"range over a call", `for range f(func() bool { return a && b }) { }`, 3, 2},
		{"recursion", `unit()`, 1, 1},
		{"recursion through a variable of the same name", `unit := g; unit()`, 1, 0},
		{"defer", `defer func() { if r := recover(); r != nil { f() } }()`, 2, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			facts := parse(t, "a.go", "package p\nfunc unit() {\n"+test.body+"\n}\n")
			if facts.Broken || len(facts.Functions) != 1 {
				t.Fatalf("broken %v, functions %+v", facts.Broken, facts.Functions)
			}
			want := language.Complexity{Cyclomatic: test.cyclomatic, Cognitive: test.cognitive}
			if diff := cmp.Diff(want, facts.Functions[0].Complexity); diff != "" {
				t.Error(diff)
			}
			if want := (language.Complexity{Cyclomatic: 1}); facts.TopLevel != want {
				t.Errorf("top level is %+v", facts.TopLevel)
			}
		})
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	facts := parse(t, "store_test.go", `package p

func (s *Store) Save(a, b int, _ string, more ...any) error {
	return nil
}
func (Pair[K, V]) First() {}
func (p *(Odd)) Last()    {}
func (s store) Close()    {}
func external(x int)
func TestSave(t *testing.T) {}
func Testify()              {}
func TestMain(m *testing.M) {}
func (s Suite) TestInSuite() {}
func BenchmarkSave(b *testing.B) {}
func Example()                   {}
var handler, Other = func(int) { if a { b() } }, 1
var table = map[string]func(){"x": func() { if a { b() } }}
`)
	want := []language.Function{
		{Name: "Store.Save", Line: 3, EndLine: 5, Exported: true, Parameters: 4, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "Pair.First", Line: 6, EndLine: 6, Exported: true, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "Odd.Last", Line: 7, EndLine: 7, Exported: true, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "store.Close", Line: 8, EndLine: 8, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "TestSave", Line: 10, EndLine: 10, Exported: true, Test: true, Parameters: 1, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "Testify", Line: 11, EndLine: 11, Exported: true, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "TestMain", Line: 12, EndLine: 12, Exported: true, Parameters: 1, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "Suite.TestInSuite", Line: 13, EndLine: 13, Exported: true, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "BenchmarkSave", Line: 14, EndLine: 14, Exported: true, Test: true, Parameters: 1, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "Example", Line: 15, EndLine: 15, Exported: true, Test: true, Complexity: language.Complexity{Cyclomatic: 1}},
		{Name: "handler", Line: 16, EndLine: 16, Parameters: 1, Complexity: language.Complexity{Cyclomatic: 2, Cognitive: 1}},
	}
	if diff := cmp.Diff(want, facts.Functions); diff != "" {
		t.Error(diff)
	}
	if want := (language.Complexity{Cyclomatic: 2, Cognitive: 2}); facts.TopLevel != want {
		t.Errorf("top level is %+v, want %+v", facts.TopLevel, want)
	}
	if !facts.Test {
		t.Error("the file is not a test")
	}
}

// TestTestNeedsTheFile keeps a product function called TestX from being a test.
func TestTestNeedsTheFile(t *testing.T) {
	t.Parallel()
	if facts := parse(t, "probe.go", "package p\nfunc TestConnection() {}\n"); facts.Test || facts.Functions[0].Test {
		t.Errorf("got %+v", facts)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.go", `//go:build cgo && linux

package p

// #include <stdlib.h>
import "C"
import (
	"fmt"
	alias "example.org/x/v2"
	. "strings"
	_ "embed"
)
`)
	want := []language.Import{
		{Path: "C", Line: 6},
		{Path: "fmt", Line: 8},
		{Path: "example.org/x/v2", Line: 9, Locals: []string{"alias"}},
		{Path: "strings", Line: 10, Locals: []string{"."}},
		{Path: "embed", Line: 11, Locals: []string{"_"}},
	}
	if diff := cmp.Diff(want, facts.Imports); diff != "" {
		t.Error(diff)
	}
	if facts.LLOC != len(want) {
		t.Errorf("LLOC is %d, want one for each import", facts.LLOC)
	}
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.go", `package p

const A, b = 1, 2

type (
	Shape interface {
		Area() float64
		fmt.Stringer
	}
	square struct {
		side float64
	}
	Alias = square
)

func (s square) Area() float64 { return s.side * s.side }

var _, X = f()

func F() {
	type local struct{}
	var y int
}
`)
	want := []language.Declaration{
		{Name: "A", Kind: language.KindConstant, Line: 3, EndLine: 3, Exported: true},
		{Name: "b", Kind: language.KindConstant, Line: 3, EndLine: 3},
		{Name: "Shape", Kind: language.KindInterface, Line: 6, EndLine: 9, Exported: true, Bases: []string{"fmt.Stringer"}},
		{Name: "Area", Kind: language.KindMethod, Line: 7, EndLine: 7, Exported: true, Owner: "Shape", Signature: "() float64"},
		{Name: "square", Kind: language.KindType, Line: 10, EndLine: 12},
		{Name: "side", Kind: language.KindField, Line: 11, EndLine: 11, Owner: "square", Signature: "float64"},
		{Name: "Alias", Kind: language.KindType, Line: 13, EndLine: 13, Exported: true, Signature: "square"},
		{Name: "Area", Kind: language.KindMethod, Line: 16, EndLine: 16, Owner: "square", Signature: "() float64"},
		{Name: "X", Kind: language.KindVariable, Line: 18, EndLine: 18, Exported: true},
		{Name: "F", Kind: language.KindFunction, Line: 20, EndLine: 23, Exported: true, Signature: "()"},
	}
	if diff := cmp.Diff(want, facts.Declares); diff != "" {
		t.Error(diff)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.go", `package p

import (
	"fmt"
	yaml "gopkg.in/yaml.v3"
	"example.org/go-client/v2"
)

type T struct{ own Other }

func (t T) Do(arg int) error {
	local := arg
	fmt.Println(local, t.own, helper(t.own.Field), helper(nil))
	client.Dial(yaml.Node{}, x.Y, config.Name)
	return T{}.Do(len("s"))
}
`)
	want := []language.Reference{
		{Name: "helper", Count: 2},
		{Name: "own", Of: ".", Count: 2},
		{Name: "Dial", Of: "client", Count: 1},
		{Name: "Do", Of: ".", Count: 1},
		{Name: "Field", Of: ".", Count: 1},
		{Name: "Name", Of: "config", Count: 1},
		{Name: "Node", Of: "yaml", Count: 1},
		{Name: "Other", Count: 1},
		{Name: "Println", Of: "fmt", Count: 1},
		{Name: "Y", Of: "x", Count: 1},
		{Name: "config", Count: 1},
	}
	if diff := cmp.Diff(want, facts.References); diff != "" {
		t.Error(diff)
	}
}

func TestPackageName(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"fmt":                     "fmt",
		"net/http":                "http",
		"example.org/x/v2":        "x",
		"gopkg.in/yaml.v3":        "yaml",
		"example.org/go-client":   "client",
		"example.org/client-go":   "client",
		"example.org/vendor":      "vendor",
		"v2":                      "v2",
		"example.org/go-thing/v5": "thing",
	} {
		if got := packageName(path); got != want {
			t.Errorf("packageName(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestDoc(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, want string }{
		{"package", "// Package p counts\n// things.\n//\n// More.\npackage p\n", "Package p counts things."},
		{"licence first", "// Copyright 2020 The Authors.\n//\n// Package p counts.\npackage p\n", "Package p counts."},
		{"directive", "//go:build linux\n\n// Package p counts.\npackage p\n", "Package p counts."},
		{"type", "package p\n\n// hidden is not the file's subject.\ntype hidden int\n\n// Counter counts.\ntype Counter int\n", "Counter counts."},
		{"type in a group", "package p\n\ntype (\n\t// Counter counts.\n\tCounter int\n)\n", "Counter counts."},
		{"none", "package p\n\n// f is a function.\nfunc f() {}\n", ""},
		{"long", "// " + strings.Repeat("é", 600) + "\npackage p\n", strings.Repeat("é", 500)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, parse(t, "a.go", test.src).Doc); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMainProgram(t *testing.T) {
	t.Parallel()
	tests := []struct {
		src  string
		want bool
	}{
		{"package main\nfunc main() {}\n", true},
		{"//go:build ignore\n\npackage main\nfunc main() {}\n", true},
		{"package main\nfunc run() {}\n", false},
		{"package app\nfunc main() {}\n", false},
		{"package main\nfunc (T) main() {}\n", false},
	}
	for _, test := range tests {
		if facts := parse(t, "a.go", test.src); facts.Main != test.want {
			t.Errorf("Main of %q is %v", test.src, facts.Main)
		}
	}
}

func TestLogicalLines(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.go", `package p

var (
	a = 1
	b = 2
)

func f() int {
	const c = 3
	if x := a; x > b {
		return x
	}
	switch y := any(c).(type) {
	case int:
		_ = y
	}
L:
	for i := 0; i < 3; i++ {
		break L
	}
	return c
}
`)
	// a, b, f, c, if, x :=, return, switch, _ =, for, i :=, i++, break, return
	if facts.LLOC != 14 {
		t.Errorf("LLOC is %d, want 14", facts.LLOC)
	}
}

func TestVolume(t *testing.T) {
	t.Parallel()
	// Operators +, *, +=: 3 and 3 uses. Operands a, b, c and one without a
	// name, 6 uses. 9·log2(7).
	facts := parse(t, "a.go", "package p\nfunc f(a, b, c int) { a += b\n_ = a + b*c }\n")
	if got, want := facts.Volume, 25.266; got < want-0.001 || got > want+0.001 {
		t.Errorf("volume is %v, want %v", got, want)
	}
	if facts := parse(t, "b.go", "package p\nfunc f() {}\n"); facts.Volume != 0 {
		t.Errorf("volume without operators is %v", facts.Volume)
	}
}

func TestBroken(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.go", "package p\n\nimport \"fmt\"\n\nfunc good() { fmt.Println() }\n\nfunc bad( {\n\nfunc other() {}\n")
	if !facts.Broken || len(facts.Functions) == 0 || facts.Functions[0].Name != "good" || len(facts.Imports) != 1 {
		t.Errorf("got %+v", facts)
	}
	for _, src := range []string{"", "\x00\x01", "package", "not go at all", "package p; func", "package p; func f() { switch x := {", "package p; var f = func("} {
		facts, err := Parser{}.Parse(t.Context(), "a.go", []byte(src))
		if err == nil && !facts.Broken {
			t.Errorf("%q is not broken: %+v", src, facts)
		}
	}
}

// TestDeepNesting gives the parser more than it accepts: no stack is exhausted.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	const deep = 110_000
	for name, src := range map[string]string{
		"parentheses": "package p; var x = " + strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep),
		"blocks":      "package p; func f() " + strings.Repeat("{", deep) + strings.Repeat("}", deep),
		"and":         "package p; var x = a" + strings.Repeat(" && a", deep),
		"else if":     "package p; func f() { if a {}" + strings.Repeat(" else if a {}", deep) + "}",
		"literals":    "package p; var x = " + strings.Repeat("func() { _ = ", deep) + "1" + strings.Repeat("}", deep),
	} {
		if facts, err := (Parser{}).Parse(t.Context(), "a.go", []byte(src)); err == nil && !facts.Broken {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Parser{}).Parse(ctx, "a.go", []byte("package p\n")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, Parser{}, languagetest.Cases{
		Path:         "sample.go",
		Comment:      "// Only a comment.\n",
		Deep:         []languagetest.Nest{{Open: "package p; var x = (", Close: ")"}, {Open: "{", Close: "}"}, {Open: "package p; func f() { if a && ", Close: "}"}},
		LineFeedOnly: true,
	})
}

func FuzzParse(f *testing.F) {
	languagetest.Fuzz(f, Parser{}, "a_test.go",
		"package p\nfunc f() { if a && b || c { return } else { for range x {} } }\n",
		"package p\nimport \"C\"\nvar x = func() { select { case <-c: default: } }\n",
		"package p\ntype T[K any] struct{ a int }\nfunc (t *T[K]) M(a, b int)\n",
		"package p\n//line other.go:900\nfunc f( {", "package \xff", "// \x00\rx\npackage p", "")
}

func BenchmarkParse(b *testing.B) {
	src, err := os.ReadFile("measure.go")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (Parser{}).Parse(b.Context(), "measure.go", src); err != nil {
			b.Fatal(err)
		}
	}
}
