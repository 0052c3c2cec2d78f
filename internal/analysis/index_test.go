package analysis_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

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
