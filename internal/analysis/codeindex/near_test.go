package codeindex_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestNearNames asks for what is not there: the answer names what may be meant.
func TestNearNames(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(shop())
	for name, tt := range map[string]struct {
		ask  func() error
		want []string
	}{
		"another folder":    {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Path: "cart.go"}); return err }, []string{"cart/cart.go"}},
		"another case":      {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Path: "Main.go"}); return err }, []string{"main.go"}},
		"a slip":            {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Path: "price/prices.go"}); return err }, []string{"price/price.go"}},
		"a folder's slip":   {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Path: "prize"}); return err }, []string{"price/", "price/price.go"}},
		"out of it":         {func() error { _, err := ix.Browse("../price/price.go", codeindex.Page{}); return err }, nil},
		"the folder above":  {func() error { _, err := ix.Browse("..", codeindex.Page{}); return err }, nil},
		"nothing like it":   {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Path: "docs/install.rst"}); return err }, nil},
		"a symbol's slip":   {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Symbol: "Chekout"}); return err }, []string{"cart/cart.go#Cart.Checkout"}},
		"a symbol's case":   {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Symbol: "testof"}); return err }, []string{"price/price_test.go#TestOf"}},
		"another file":      {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Symbol: "main.go#Checkout"}); return err }, []string{"cart/cart.go#Cart.Checkout"}},
		"no such symbol":    {func() error { _, err := ix.Impact(codeindex.ImpactQuery{Symbol: "Reconcile"}); return err }, nil},
		"a component":       {func() error { _, err := ix.Graph(codeindex.GraphQuery{Around: "prize"}); return err }, []string{"price"}},
		"a component's end": {func() error { _, err := ix.Graph(codeindex.GraphQuery{Around: "ai"}); return err }, []string{"main"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := errors.AsType[*rampforge.Error](tt.ask())
			if !ok || e.Code != rampforge.CodeNotFound {
				t.Fatalf("%v, want not_found", e)
			}
			got, _ := e.Details["suggestions"].([]string)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if len(tt.want) > 0 && !strings.Contains(e.Message, "did you mean "+tt.want[0]) {
				t.Errorf("%q does not name what may be meant", e.Message)
			}
		})
	}
}

// TestCompareEndpoints holds two lists of endpoints against each other.
func TestSkippedFiles(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(shop())
	impact := func(q codeindex.ImpactQuery) error { _, err := ix.Impact(q); return err }
	browse := func(p string) error { _, err := ix.Browse(p, codeindex.Page{}); return err }
	for name, tt := range map[string]struct {
		err     error
		skipped any
		says    string
	}{
		"impact of a file":   {impact(codeindex.ImpactQuery{Path: "./vendor/lib/lib.go"}), "vendored", "This file was skipped as vendored: third-party code kept in the tree."},
		"impact of a symbol": {impact(codeindex.ImpactQuery{Symbol: "vendor/lib/lib.go#Open"}), "vendored", "This file was skipped as vendored: third-party code kept in the tree."},
		"a file":             {browse("logo.bin"), "binary", "This file was skipped as binary: not text."},
		"a folder":           {browse("vendor"), "vendored", "All files in this folder were skipped, the first as vendored: third-party code kept in the tree."},
		"none":               {browse("vend"), nil, "No analysed file has this path or lies below it."},
	} {
		e, ok := errors.AsType[*rampforge.Error](tt.err)
		if !ok || e.Code != rampforge.CodeNotFound || e.Details["skipped"] != tt.skipped || e.Message != tt.says {
			t.Errorf("%s: %v", name, e)
		}
	}
}

func TestCompareEndpoints(t *testing.T) {
	t.Parallel()
	endpoint := func(method, path, handler, file string) report.Endpoint {
		e := report.Endpoint{Method: method, Path: path, Location: report.Location{Path: file, Line: 3}}
		if handler != "" {
			e.Handler = &handler
		}
		return e
	}
	moved := endpoint("GET", "/same", "show", "routes.go")
	moved.Location.Line = 90
	before := &report.CodeReport{
		Commit: "a", Endpoints: []report.Endpoint{
			endpoint("GET", "/same", "show", "routes.go"), endpoint("GET", "/orders/{id}", "order", "routes.go"),
			endpoint("POST", "/orders", "create", "routes.go"), endpoint("DELETE", "/orders/{id}", "remove", "routes.go"),
			endpoint("GET", "/files/{path...}", "file", "routes.go"), endpoint("GET", "/twice", "a", "routes.go"), endpoint("GET", "/twice", "b", "routes.go"),
		},
		EntryPoints: []report.EntryPoint{{Kind: "program", Name: "shop", Path: "cmd/shop/main.go"}},
	}
	after := &report.CodeReport{
		Commit: "b", Endpoints: []report.Endpoint{
			moved, endpoint("GET", "/orders/{order}", "order", "routes.go"), // another name of the parameter
			endpoint("POST", "/orders", "createOrder", "routes.go"), endpoint("PUT", "/orders/{id}", "", "web/routes.go"),
			endpoint("GET", "/files/{path}", "file", "routes.go"), endpoint("GET", "/twice", "b", "routes.go"), endpoint("GET", "/twice", "a", "routes.go"),
		},
		EntryPoints: []report.EntryPoint{{Kind: "program", Name: "shop", Path: "cmd/shop/main.go"}, {Kind: "program", Name: "job", Path: "cmd/job/main.go"}},
	}
	got := codeindex.Compare(codeindex.Version{Report: before}, codeindex.Version{Report: after})
	want := []codeindex.Change{
		{Name: "DELETE /orders/{id}", Change: "removed", Detail: "remove in routes.go"},
		{Name: "GET /files/{path...}", Change: "removed", Detail: "file in routes.go"},
		{Name: "GET /files/{path}", Change: "added", Detail: "file in routes.go"},
		{Name: "GET /orders/{order}", Change: "changed", Detail: "was GET /orders/{id}"},
		{Name: "POST /orders", Change: "changed", Detail: "create → createOrder"},
		{Name: "PUT /orders/{id}", Change: "added", Detail: "a function without a name in web/routes.go"},
	}
	if diff := cmp.Diff(want, got.Endpoints); diff != "" {
		t.Errorf("endpoints: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]codeindex.Change{{Name: "program job (cmd/job/main.go)", Change: "added"}}, got.EntryPoints); diff != "" {
		t.Errorf("entry points: -want +got\n%s", diff)
	}
	if got.Totals["endpoints"] != len(want) {
		t.Errorf("%d in total, want %d", got.Totals["endpoints"], len(want))
	}
}
