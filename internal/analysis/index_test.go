package analysis_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis"
	"github.com/rampforgeai/rampforge/internal/analysis/analysistest"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// TestIndexHoldsTheReport holds the index of every repository against its report.
func TestIndexHoldsTheReport(t *testing.T) {
	t.Parallel()
	for _, name := range repositories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := load(t, name)
			found, ix, err := analysis.Analyze(t.Context(), r, r, options(r, name))
			if err != nil {
				t.Fatal(err)
			}
			if len(ix.Files) != found.Totals.AnalysedFiles || len(ix.Imports) != found.Architecture.FileGraph.Edges || len(ix.Components) != len(found.Architecture.Components) {
				t.Errorf("%d files, %d imports, %d components", len(ix.Files), len(ix.Imports), len(ix.Components))
			}
			for _, h := range found.Hotspots {
				at := slices.IndexFunc(ix.Files, func(f codeindex.File) bool { return f.Path == h.Path })
				if at < 0 || ix.Files[at].Changed != h.LastChanged.Unix() || int(ix.Files[at].Revisions) < h.Revisions || len(ix.Files[at].Recent) == 0 {
					t.Errorf("hotspot %s: %+v", h.Path, ix.Files[at])
				}
			}
			if before := ix.Simulate(nil, codeindex.Page{}).TruckFactorBefore; found.Knowledge.TruckFactor != nil && *before != *found.Knowledge.TruckFactor {
				t.Errorf("truck factor %d, in the report %d", *before, *found.Knowledge.TruckFactor)
			}
			b, err := ix.Encode()
			if err != nil {
				t.Fatal(err)
			}
			_, again, err := analysis.Analyze(t.Context(), r, r, options(r, name))
			if err != nil {
				t.Fatal(err)
			}
			if b2, err := again.Encode(); err != nil || !bytes.Equal(b, b2) {
				t.Errorf("the second time it is not the same: %v", err)
			}
		})
	}
}

func TestIndexOfAQuickAnalysis(t *testing.T) {
	t.Parallel()
	r := load(t, "go")
	o := options(r, "go")
	o.Type = rampforge.AnalysisQuick
	_, ix, err := analysis.Analyze(t.Context(), r, r, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(ix.People) != 0 || len(ix.Commits) != 0 || len(ix.Symbols) == 0 {
		t.Errorf("%d people, %d commits, %d symbols", len(ix.People), len(ix.Commits), len(ix.Symbols))
	}
	if got := ix.Simulate([]string{"Ada"}, codeindex.Page{}); got.CoverageBefore != nil || got.TruckFactorAfter != nil {
		t.Errorf("without a history: %+v", got)
	}
}

// TestPrototypesAreNoSymbols looks for one symbol of each function of C and C++,
// wherever it is declared, and for functions of one name that are not the same.
func TestPrototypesAreNoSymbols(t *testing.T) {
	t.Parallel()
	r, err := analysistest.Parse([]byte(`
-- src/shop.h --
/* Opens the shop. */
int shop_open(int key);
int shop_lock(void);
int nobody(void);
static inline int twice(int a) { return 2 * a; }
-- src/shop.c --
#include "shop.h"

static int check(int key) { return key; }

#ifdef WIDE
int shop_lock(void) { return check(64); }
#else
int shop_lock(void) { return check(32); }
#endif

int shop_open(int key) { return check(key) + shop_lock(); }
-- src/main.c --
#include "shop.h"

static int check(int key) { return twice(key); }

int main(void) { return shop_open(check(1)) + nobody(); }
-- tools/open.c --
int shop_open(int key) { return -key; }
-- cart/cart.h --
namespace cart {
class Cart {
 public:
  int Total(int a) const;
  int Total(double a) const;
  int Count() const { return Total(1); }
};
}  // namespace cart
-- cart/cart.cc --
#include "cart/cart.h"
namespace cart {
int Cart::Total(int a) const { return a; }
int Cart::Total(double a) const { return Total(2); }
}  // namespace cart
`))
	if err != nil {
		t.Fatal(err)
	}
	_, ix, err := analysis.Analyze(t.Context(), r, r, options(r, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	id := func(i int32) string {
		s := &ix.Symbols[i]
		text := fmt.Sprintf("%s#%s:%d", ix.Files[s.File].Path, s.Name, s.Line)
		if s.DeclaredLine > 0 {
			text += fmt.Sprintf(" (%s:%d)", ix.Files[s.DeclaredIn].Path, s.DeclaredLine)
		}
		return text
	}
	symbols, edges := []string{}, []string{}
	for i := range ix.Symbols {
		if s := &ix.Symbols[i]; s.Kind == "function" || s.Kind == "method" {
			symbols = append(symbols, id(int32(i)))
		}
	}
	for _, e := range ix.Calls {
		edges = append(edges, fmt.Sprintf("%s → %s %d%%", id(e.From), id(e.To), e.Confidence))
	}
	wantSymbols := []string{
		"cart/cart.cc#cart.Cart.Total:3 (cart/cart.h:4)",
		"cart/cart.cc#cart.Cart.Total:4 (cart/cart.h:5)",
		"cart/cart.h#cart.Cart.Count:6",
		"src/main.c#check:3",
		"src/main.c#main:5",
		"src/shop.c#check:3",
		"src/shop.c#shop_lock:6 (src/shop.h:3)",
		"src/shop.c#shop_open:11 (src/shop.h:2)",
		"src/shop.h#nobody:4",
		"src/shop.h#twice:5",
		"tools/open.c#shop_open:1",
	}
	if diff := cmp.Diff(wantSymbols, symbols); diff != "" {
		t.Errorf("symbols: -want +got\n%s", diff)
	}
	wantEdges := []string{
		"cart/cart.cc#cart.Cart.Total:4 (cart/cart.h:5) → cart/cart.cc#cart.Cart.Total:3 (cart/cart.h:4) 100%",
		"cart/cart.h#cart.Cart.Count:6 → cart/cart.cc#cart.Cart.Total:3 (cart/cart.h:4) 100%",
		"src/main.c#check:3 → src/shop.h#twice:5 75%",
		"src/main.c#main:5 → src/main.c#check:3 100%",
		"src/main.c#main:5 → src/shop.c#shop_open:11 (src/shop.h:2) 95%",
		"src/main.c#main:5 → src/shop.h#nobody:4 75%",
		"src/shop.c#shop_lock:6 (src/shop.h:3) → src/shop.c#check:3 100%",
		"src/shop.c#shop_open:11 (src/shop.h:2) → src/shop.c#check:3 100%",
		"src/shop.c#shop_open:11 (src/shop.h:2) → src/shop.c#shop_lock:6 (src/shop.h:3) 100%",
	}
	if diff := cmp.Diff(wantEdges, edges); diff != "" {
		t.Errorf("calls: -want +got\n%s", diff)
	}
	// The header still tells what it declares, and a path to it leads to the definition.
	header, err := ix.Browse("src/shop.h", codeindex.Page{})
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, s := range header.File.Symbols {
		names = append(names, s.ID)
	}
	if diff := cmp.Diff([]string{"src/shop.c#shop_open", "src/shop.c#shop_lock", "src/shop.h#nobody", "src/shop.h#twice"}, names); diff != "" || header.File.SymbolTotal != 4 {
		t.Errorf("the header has %d symbols: -want +got\n%s", header.File.SymbolTotal, diff)
	}
	impact, err := ix.Impact(codeindex.ImpactQuery{Symbol: "src/shop.h#shop_open"})
	if err != nil {
		t.Fatal(err)
	}
	if impact.Path != "src/shop.c" || len(impact.Dependents) != 1 || impact.Symbol.Declared == nil || impact.Symbol.Declared.Line != 2 || impact.Symbol.Doc == nil {
		t.Errorf("%+v, %d dependents", impact.Symbol, len(impact.Dependents))
	}
}

// TestIndexKnowsCalls follows calls of Go by types, and of Python by names.
func TestIndexKnowsCalls(t *testing.T) {
	t.Parallel()
	r, err := analysistest.Parse([]byte(`
-- go.mod --
module example.org/shop
-- main.go --
package main

import "example.org/shop/cart"

func main() { pay(cart.Cart{}) }

type payer interface{ Pay() error }

func pay(p payer) { _ = p.Pay() }
-- cart/cart.go --
package cart

type Cart struct{}

func (Cart) Pay() error { return nil }
-- tool/run.py --
from tool.text import clean

def run(words):
    return clean(words)
-- tool/text.py --
def clean(words):
    return words
`))
	if err != nil {
		t.Fatal(err)
	}
	_, ix, err := analysis.Analyze(t.Context(), r, r, options(r, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	for symbol, want := range map[string]string{
		"cart/cart.go#Cart.Pay": "[main.go#pay 1 0.95 main.go#main 2 0.95]", "tool/text.py#clean": "[tool/run.py#run 1 0.95]",
	} {
		got, err := ix.Impact(codeindex.ImpactQuery{Symbol: symbol})
		if err != nil {
			t.Fatal(err)
		}
		list := []any{}
		for _, d := range got.Dependents {
			list = append(list, d.Symbol.ID, d.Distance, d.Confidence)
		}
		if fmt.Sprint(list) != want {
			t.Errorf("%s: got %v, want %s", symbol, list, want)
		}
	}
}

// TestVariablesCall looks for what the values of variables call, and for what runs
// when a file is loaded, in Go by its types and elsewhere by names.
func TestVariablesCall(t *testing.T) {
	t.Parallel()
	r, err := analysistest.Parse([]byte(`
-- go.mod --
module example.org/shop

go 1.26
-- main.go --
package main

type command struct{ run func() error }

var serve = &command{
	run: func() error { return open() },
}

var _ = register(func() { shut() })

func main() { serve.run() }

func open() error { return nil }

func shut() {}

func register(func()) int { return 0 }
-- tools/odd.go --
//go:build windows

package tools

var kept = prepare(1)

func prepare(n int) int { return n }
-- web/price.js --
export function round(n) { return n }
export function tax(n) { return round(n) }
export const rate = tax(1)
-- web/price.test.js --
import { round } from "./price"

describe("price", () => {
  it("is round", () => { round(1.5) })
})
`))
	if err != nil {
		t.Fatal(err)
	}
	_, ix, err := analysis.Analyze(t.Context(), r, r, options(r, "shop"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range ix.Calls {
		if from := ix.Symbols[e.From]; from.Kind == "variable" || from.Kind == "constant" {
			got = append(got, from.Name+" → "+ix.Symbols[e.To].Name)
		}
	}
	for _, e := range ix.Loads {
		got = append(got, ix.Files[e.From].Path+" → "+ix.Symbols[e.To].Name)
	}
	want := []string{"serve → open", "kept → prepare", "rate → tax", "main.go → register", "main.go → shut", "web/price.test.js → round"}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	tests, err := ix.Impact(codeindex.ImpactQuery{Symbol: "round"})
	if err != nil {
		t.Fatal(err)
	}
	if len(tests.Tests) != 1 || tests.Tests[0].Path != "web/price.test.js" || tests.Tests[0].Reason != "calls" {
		t.Errorf("tests of round: %+v", tests.Tests)
	}
}
