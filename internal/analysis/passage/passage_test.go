package passage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/passage"
)

// shape is what of a passage these tests compare.
func shape(list []passage.Passage) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = fmt.Sprintf("%s %d-%d %s", p.Kind, p.Start, p.End, p.Title)
	}
	return out
}

const cart = `// Package cart holds what is to be bought.
package cart

import "errors"

var errEmpty = errors.New("empty")

// Cart is a list of items.
type Cart struct {
	items []string
}

// Total adds up
// the items.
func (c *Cart) Total() int {
	return len(c.items)
}

func helper() {}
`

func TestOfCode(t *testing.T) {
	t.Parallel()
	got := passage.OfCode("cart/cart.go", []byte(cart), []codeindex.Symbol{
		{Name: "errEmpty", Kind: "variable", Line: 6, EndLine: 6},
		{Name: "Cart", Kind: "type", Line: 9, EndLine: 11, Signature: "struct"},
		{Name: "Cart.Total", Kind: "method", Line: 15, EndLine: 17, Signature: "() int"},
		{Name: "helper", Kind: "function", Line: 19, EndLine: 19},
	})
	want := []string{
		"file 1-5 cart/cart.go",
		"code 6-6 variable errEmpty",
		"code 8-11 type Cart",
		"code 13-17 method Cart.Total() int",
		"code 19-19 function helper",
	}
	if diff := cmp.Diff(want, shape(got)); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(got[3].Text, "// Total adds up\n") || got[3].Symbol != "Cart.Total" {
		t.Errorf("the passage of a method is %+v", got[3])
	}
	if !strings.Contains(got[0].Names, "Cart.Total") || !strings.Contains(got[0].Text, "what is to be bought") {
		t.Errorf("the passage of the file is %+v", got[0])
	}
}

// TestSymbolsInSymbols reads a small class as one passage, and a large one as its
// methods and what is between them.
func TestSymbolsInSymbols(t *testing.T) {
	t.Parallel()
	class := func(body int) (string, []codeindex.Symbol) {
		var b strings.Builder
		b.WriteString("class Shop:\n    rate = 2\n\n")
		symbols := []codeindex.Symbol{{Name: "Shop", Kind: "type", Line: 1}}
		for i, line := range []int{4, 4 + body + 2} {
			name := fmt.Sprintf("Shop.m%d", i)
			fmt.Fprintf(&b, "    def m%d(self):\n%s\n", i, strings.Repeat("        self.x += 1\n", body))
			symbols = append(symbols, codeindex.Symbol{Name: name, Kind: "method", Line: int32(line), EndLine: int32(line + body)})
		}
		symbols[0].EndLine = int32(strings.Count(b.String(), "\n") - 1)
		return b.String(), symbols
	}
	text, symbols := class(5)
	want := []string{"file 1-1 shop.py", "code 1-16 type Shop"}
	if diff := cmp.Diff(want, shape(passage.OfCode("shop.py", []byte(text), symbols))); diff != "" {
		t.Error(diff)
	}
	text, symbols = class(20)
	want = []string{"file 1-1 shop.py", "code 1-2 type Shop", "code 4-24 method Shop.m0", "code 26-46 method Shop.m1"}
	if diff := cmp.Diff(want, shape(passage.OfCode("shop.py", []byte(text), symbols))); diff != "" {
		t.Error(diff)
	}
}

// TestLongFunctions parts a long function where it is the least deep, and loses no
// line of it.
func TestLongFunctions(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("def run():\n")
	for i := range 300 {
		fmt.Fprintf(&b, "    if x%d:\n        y()\n", i)
	}
	got := passage.OfCode("run.py", []byte(b.String()), []codeindex.Symbol{{Name: "run", Kind: "function", Line: 1, EndLine: 601}})
	next := 1
	for _, p := range got[1:] {
		if p.Start != next || p.End-p.Start >= 120 || p.Symbol != "run" {
			t.Errorf("a part of lines %d to %d of %s after line %d", p.Start, p.End, p.Symbol, next-1)
		}
		if first, _, _ := strings.Cut(p.Text, "\n"); p.Start > 1 && !strings.HasPrefix(first, "    if") {
			t.Errorf("a part begins with %q", first)
		}
		next = p.End + 1
	}
	if next != 602 {
		t.Errorf("the parts end at line %d", next-1)
	}
}

func TestOfDocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, text string
		want       []string
	}{
		"Markdown": {"docs/guide.md", "---\ntitle: x\n---\nIntro.\n\n# Guide\n\nHello.\n\n```sh\n# not a heading\n```\n\n## Set up {#setup}\n\n1. go\n\nOld\n---\n\nText\n\n# End\n", []string{
			"document 1-4 docs/guide.md", "document 6-12 Guide", "document 14-16 Guide › Set up", "document 18-21 Guide › Old", "document 23-23 End",
		}},
		"no headings": {"a.md", "One.\n\nTwo.\n", []string{"document 1-3 a.md"}},
		"a table":     {"a.md", "# T\n\na | b\n--- | ---\n1 | 2\n\n- x\n---\n", []string{"document 1-8 T"}},
		"reStructuredText": {"a.rst", "=====\nTitle\n=====\n\nText.\n\nPart\n----\n\nMore.\n\nPart 2\n------\nx\n", []string{
			"document 1-5 Title", "document 7-10 Title › Part", "document 12-14 Title › Part 2",
		}},
		"AsciiDoc": {"a.adoc", "= Title\n\nText.\n\n----\n== code\n----\n\n== Part\nx\n", []string{"document 1-7 Title", "document 9-10 Title › Part"}},
		"empty":    {"a.md", "\n\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shape(passage.OfDocument(c.file, []byte(c.text)))
			if diff := cmp.Diff(strings.Join(c.want, "\n"), strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzPassages holds every range and text against the file.
func FuzzPassages(f *testing.F) {
	f.Add("a.py", "class A:\n  def b(self):\n    pass\n", int32(1), int32(3), int32(2), int32(3))
	f.Add("a.md", "# A\n\n## B\n```\n# c\n", int32(0), int32(0), int32(0), int32(0))
	f.Add("a.rst", "A\n=\n\xff\nB\n--\n", int32(1), int32(9), int32(-1), int32(2))
	f.Fuzz(func(t *testing.T, file, text string, a, b, c, d int32) {
		lines := strings.Count(text, "\n") + 1
		symbols := []codeindex.Symbol{{Name: "a", Line: a, EndLine: b}, {Name: "b", Kind: "method", Line: c, EndLine: d}}
		for _, p := range append(passage.OfCode(file, []byte(text), symbols), passage.OfDocument(file, []byte(text))...) {
			if p.Start < 1 || p.End < p.Start || p.End > lines {
				t.Fatalf("%s %d-%d of %d lines", p.Kind, p.Start, p.End, lines)
			}
			if first := strings.ToValidUTF8(strings.Split(text, "\n")[p.Start-1], "\ufffd"); !strings.HasPrefix(p.Text, strings.TrimSuffix(first, "\r")) {
				t.Fatalf("line %d is %q, and the passage begins with %q", p.Start, first, p.Text)
			}
		}
	})
}

// TestHeadingsWithPictures has the words of a heading as the title, without the
// badges beside it.
func TestHeadingsWithPictures(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"# Shop [![build](https://ci.example/b.svg)](https://ci.example)": "Shop",
		"# [Shop](https://example.com) `v2`":                              "Shop v2",
		"# <img src=\"logo.svg\" width=40> Shop":                          "Shop",
		"# ![Shop](logo.svg)":                                             "![Shop](logo.svg)",
	} {
		parts := passage.OfDocument("README.md", []byte(heading+"\n\nSells things.\n"))
		if len(parts) != 1 || parts[0].Title != want {
			t.Errorf("%q has the passages %+v, want the title %q", heading, parts, want)
		}
	}
}
