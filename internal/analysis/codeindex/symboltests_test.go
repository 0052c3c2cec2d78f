package codeindex_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// TestTestsOfSymbols holds which tests are told of a symbol: those that reach it,
// and those of its file only where none does.
func TestTestsOfSymbols(t *testing.T) {
	t.Parallel()
	c := shop()
	// More of price.go, that other tests use: one that no test reaches, one that a
	// test file calls when it is loaded, over a function and by itself.
	c.Symbols = append(c.Symbols[:5:5],
		codeindex.Symbol{File: 3, Name: "lonely", Kind: "function", Line: 7, EndLine: 8},
		codeindex.Symbol{File: 3, Name: "round", Kind: "function", Line: 9, EndLine: 11},
		codeindex.Symbol{File: 4, Name: "TestOf", Kind: "function", Line: 3, EndLine: 5, Test: true},
	)
	c.Calls = []codeindex.Edge{
		{From: 1, To: 4, Weight: 1, Confidence: 80}, {From: 2, To: 1, Weight: 1, Confidence: 100},
		{From: 7, To: 4, Weight: 1, Confidence: 100}, {From: 4, To: 6, Weight: 1, Confidence: 100},
	}
	c.Imports = append(c.Imports, codeindex.Edge{From: 1, To: 3, Weight: 1, Confidence: 100})
	c.Loads = []codeindex.Edge{{From: 1, To: 6, Weight: 1, Confidence: 75}, {From: 2, To: 6, Weight: 1, Confidence: 100}}
	ix := codeindex.New(c)
	for symbol, want := range map[string][]codeindex.Test{
		"Of": {
			{Path: "price/price_test.go", Distance: 1, Confidence: 1, Reason: "calls"},
			{Path: "cart/cart_test.go", Distance: 2, Confidence: 0.72, Reason: "calls"},
		},
		"round": {
			{Path: "price/price_test.go", Distance: 2, Confidence: 0.9, Reason: "calls"},
			{Path: "cart/cart_test.go", Distance: 1, Confidence: 0.75, Reason: "calls"},
		},
		"lonely": {
			{Path: "price/price_test.go", Distance: 1, Confidence: 0.5, Reason: "imports"},
			{Path: "cart/cart_test.go", Distance: 1, Confidence: 0.5, Reason: "imports"},
		},
		"Cart": {{Path: "cart/cart_test.go", Distance: 1, Confidence: 1, Reason: "calls"}}, // by its method
	} {
		got, err := ix.Impact(codeindex.ImpactQuery{Symbol: symbol, Depth: 1})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Tests); diff != "" {
			t.Errorf("%s: -want +got\n%s", symbol, diff)
		}
	}
	got, err := ix.Impact(codeindex.ImpactQuery{Symbol: "round"})
	if err != nil {
		t.Fatal(err)
	}
	var loading []string
	for _, d := range got.Dependents {
		if d.Symbol == nil {
			loading = append(loading, d.Path+" via "+d.Via)
		}
	}
	if diff := cmp.Diff([]string{"main.go via price/price.go#round", "cart/cart_test.go via price/price.go#round"}, loading); diff != "" {
		t.Errorf("files that call it when they are loaded: -want +got\n%s", diff)
	}
}
