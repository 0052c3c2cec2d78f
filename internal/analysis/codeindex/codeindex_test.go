package codeindex_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// shop is a small repository: main calls cart.Checkout, which calls price.Of;
// tests call both.
func shop() codeindex.Contents {
	file := func(path string, component int32, test bool, authors ...int32) codeindex.File {
		return codeindex.File{
			Path: path, Language: "Go", Kind: "programming", Blob: uint64(len(path)), Component: component, Code: int64(len(path)), Test: test,
			Source: true, Authors: authors, Owners: authors, Ownership: codeindex.OwnershipSole, Revisions: 3, Changed: 1_700_000_000, Recent: []int32{0, 1},
		}
	}
	return codeindex.Contents{
		Commit: "c0ffee", Complete: true, People: []codeindex.Person{{Name: "Ada", Here: true, Quarter: 8091}, {Name: "Ben", Here: true, Quarter: 8091}, {Name: "Cleo", Here: true, Quarter: 8091}},
		Files: []codeindex.File{
			file("cart/cart.go", 1, false, 0),
			file("cart/cart_test.go", 1, true, 0, 1),
			file("main.go", 0, false, 1),
			file("price/price.go", 2, false, 0),
			file("price/price_test.go", 2, true, 2),
		},
		Symbols: []codeindex.Symbol{
			{File: 0, Name: "Cart", Kind: "type", Line: 3, EndLine: 5, Exported: true},
			{File: 0, Name: "Cart.Checkout", Kind: "method", Line: 7, EndLine: 9, Exported: true, Signature: "(n int) bool", Doc: "Checkout pays."},
			{File: 1, Name: "TestCheckout", Kind: "function", Line: 5, EndLine: 9, Test: true},
			{File: 2, Name: "main", Kind: "function", Line: 3, EndLine: 5},
			{File: 3, Name: "Of", Kind: "function", Line: 3, EndLine: 5, Exported: true, Cognitive: 4},
			{File: 4, Name: "TestOf", Kind: "function", Line: 3, EndLine: 5, Test: true},
		},
		Imports: []codeindex.Edge{
			{From: 2, To: 0, Weight: 2, Confidence: 100}, {From: 0, To: 3, Weight: 1, Confidence: 100},
			{From: 1, To: 0, Weight: 1, Confidence: 100}, {From: 4, To: 3, Weight: 1, Confidence: 100},
		},
		Requests: []codeindex.Edge{{From: 4, To: 2, Weight: 1, Confidence: 80}},
		Calls: []codeindex.Edge{
			{From: 3, To: 1, Weight: 1, Confidence: 100}, {From: 1, To: 4, Weight: 1, Confidence: 80},
			{From: 2, To: 1, Weight: 1, Confidence: 50}, {From: 5, To: 4, Weight: 1, Confidence: 100},
		},
		Components: []codeindex.Component{
			{Name: "main", Type: "application", Path: ".", Parent: -1}, {Name: "cart", Type: "library", Path: "cart", Parent: -1},
			{Name: "price", Type: "library", Path: "price", Parent: -1},
		},
		Uses:    []codeindex.Edge{{From: 0, To: 1, Weight: 1, Confidence: 100}, {From: 1, To: 2, Weight: 1, Confidence: 100}},
		Couples: []codeindex.Couple{{A: 0, B: 2, Shared: 4, Degree: 66}, {A: 2, B: 3, Shared: 3, Degree: 40}},
		Commits: []codeindex.Commit{{Hash: "c0ffee", When: 1_700_000_000, Subject: "Pay"}, {Hash: "beef", When: 1_600_000_000, Subject: "Begin"}},
		Skipped: []codeindex.Skipped{{Path: "logo.bin", Reason: "binary"}, {Path: "vendor/lib/lib.go", Reason: "vendored"}},
	}
}

func TestImpactOfSymbol(t *testing.T) {
	t.Parallel()
	got, err := codeindex.New(shop()).Impact(codeindex.ImpactQuery{Symbol: "price/price.go#Of"})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range got.Dependents {
		lines = append(lines, fmt.Sprintf("%d %.2f %s via %s", d.Distance, d.Confidence, d.Symbol.ID, d.Via))
	}
	want := []string{
		"1 1.00 price/price_test.go#TestOf via price/price.go#Of",
		"1 0.80 cart/cart.go#Cart.Checkout via price/price.go#Of",
		"2 0.80 main.go#main via cart/cart.go#Cart.Checkout",
		"2 0.40 cart/cart_test.go#TestCheckout via cart/cart.go#Cart.Checkout",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("dependents: -want +got\n%s", diff)
	}
	tests := []codeindex.Test{
		{Path: "price/price_test.go", Distance: 1, Confidence: 1, Reason: "calls"},
		{Path: "cart/cart_test.go", Distance: 2, Confidence: 0.36, Reason: "calls"},
	}
	if diff := cmp.Diff(tests, got.Tests); diff != "" {
		t.Errorf("tests: -want +got\n%s", diff)
	}
	if got.Direct != 2 || got.Transitive != 2 || got.Total != 4 || got.Truncated || !slices.Equal(got.People, []string{"Ada"}) ||
		!slices.Equal(got.Components, []string{"cart", "main", "price"}) || len(got.Moved) != 1 || got.Moved[0].Path != "main.go" {
		t.Errorf("got %+v", got)
	}
}

// A file of the product can hold its own tests.
func TestTestsBesideTheCode(t *testing.T) {
	t.Parallel()
	c := shop()
	c.Symbols = slices.Insert(c.Symbols, 5, codeindex.Symbol{File: 3, Name: "of_works", Kind: "function", Line: 9, EndLine: 11, Test: true})
	c.Calls = []codeindex.Edge{{From: 5, To: 4, Weight: 1, Confidence: 100}}
	got, err := codeindex.New(c).Impact(codeindex.ImpactQuery{Symbol: "Of"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Dependents) != 1 || !got.Dependents[0].Test {
		t.Errorf("%+v, want one test", got.Dependents)
	}
	if len(got.Tests) == 0 || got.Tests[0].Path != "price/price.go" {
		t.Errorf("tests %+v, want the file itself", got.Tests)
	}
}

func TestImpactOfFile(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(shop())
	got, err := ix.Impact(codeindex.ImpactQuery{Path: "./price/price.go", Depth: 1, Page: codeindex.Page{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Total != 2 || !got.HasMore || len(got.Dependents) != 1 || got.Dependents[0].Path != "cart/cart.go" || !got.Truncated {
		t.Errorf("a depth of 1, one to a page: got %+v", got)
	}
	if got.Symbol != nil || len(got.Commits) != 2 || got.Commits[0].Subject != "Pay" || *got.Ownership != "sole" {
		t.Errorf("facts: got %+v", got)
	}
}

func TestNamesOfSymbols(t *testing.T) {
	t.Parallel()
	c := shop()
	c.Symbols = append(c.Symbols[:3:3], append([]codeindex.Symbol{{File: 2, Name: "Checkout", Kind: "function", Line: 1}, {File: 2, Name: "Desk.Pay", Kind: "method", Line: 2}, {File: 2, Name: "Till.Pay", Kind: "method", Line: 2}}, c.Symbols[3:]...)...)
	c.Calls = nil
	ix := codeindex.New(c)
	for query, want := range map[string]string{
		"Checkout": "main.go#Checkout", "Cart.Checkout": "cart/cart.go#Cart.Checkout", "main.go#Desk.Pay": "main.go#Desk.Pay", "Of": "price/price.go#Of",
	} {
		got, err := ix.Impact(codeindex.ImpactQuery{Symbol: query})
		if err != nil || got.Symbol.ID != want {
			t.Errorf("%s: got %v and %v, want %s", query, got, err, want)
		}
	}
	_, err := ix.Impact(codeindex.ImpactQuery{Symbol: "Pay"})
	fault, ok := errors.AsType[*rampforge.Error](err)
	if !ok || fault.Code != rampforge.CodeInvalid || fault.Details["total"] != 2 {
		t.Errorf("two of a name: %v", err)
	}
	for _, q := range []codeindex.ImpactQuery{{Symbol: "nothing"}, {Path: "nothing"}, {Symbol: "main.go#Of"}} {
		if _, err := ix.Impact(q); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("%+v: got %v", q, err)
		}
	}
	if _, err := ix.Impact(codeindex.ImpactQuery{}); rampforge.ErrorCode(err) != rampforge.CodeInvalid {
		t.Errorf("nothing asked: %v", err)
	}
}

func TestGraphIsBounded(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(shop())
	got, err := ix.Graph(codeindex.GraphQuery{Level: "file", Around: "cart/cart.go"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, n := range got.Nodes {
		ids = append(ids, fmt.Sprint(n.Distance, " ", n.ID))
	}
	if diff := cmp.Diff([]string{"0 cart/cart.go", "1 price/price.go", "1 cart/cart_test.go", "1 main.go"}, ids); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got.Total != 4 || got.TotalEdges != 3 || len(got.Edges) != 3 || got.Truncated {
		t.Errorf("got %+v", got)
	}
	if got, err = ix.Graph(codeindex.GraphQuery{Level: "symbol", Limit: 2}); err != nil || len(got.Nodes) != 2 || got.Total != 6 || !got.Truncated || got.Edges[0].Confidence != 0.8 {
		t.Errorf("two symbols: %+v, %v", got, err)
	}
	if got, err = ix.Graph(codeindex.GraphQuery{Around: "cart/cart.go"}); err != nil || got.Nodes[0].ID != "cart" || len(got.Edges) != 2 {
		t.Errorf("components: %+v, %v", got, err)
	}
	if got, err = ix.Graph(codeindex.GraphQuery{Level: "file", Around: "price", Depth: 1}); err != nil || len(got.Nodes) != 3 || got.Nodes[0].Distance != 0 || got.Nodes[1].Distance != 0 {
		t.Errorf("a folder's files: %+v, %v", got, err)
	}
	if got, err = ix.Graph(codeindex.GraphQuery{Around: "price/"}); err != nil || got.Nodes[0].ID != "price" {
		t.Errorf("a folder's component: %+v, %v", got, err)
	}
	if _, err = ix.Graph(codeindex.GraphQuery{Around: "."}); rampforge.ErrorCode(err) != rampforge.CodeNotFound || !strings.Contains(err.Error(), "cart or main or price") {
		t.Errorf("a folder of several components: %v", err)
	}
	if _, err = ix.Graph(codeindex.GraphQuery{Level: "planet"}); rampforge.ErrorCode(err) != rampforge.CodeInvalid {
		t.Errorf("no such level: %v", err)
	}
}

// TestGraphOfSymbolsAroundAPath asks for what a file or a folder declares.
func TestGraphOfSymbolsAroundAPath(t *testing.T) {
	t.Parallel()
	contents := shop()
	contents.Files = append(contents.Files, codeindex.File{Path: "site/style.css", Language: "CSS", Kind: "markup", Component: -1})
	ix := codeindex.New(contents)
	for around, want := range map[string]string{
		"cart/cart.go": "cart/cart.go#Cart 0, cart/cart.go#Cart.Checkout 0, cart/cart_test.go#TestCheckout 1, main.go#main 1, price/price.go#Of 1",
		"./price/":     "cart/cart.go#Cart.Checkout 1, price/price.go#Of 0, price/price_test.go#TestOf 0",
		"price":        "cart/cart.go#Cart.Checkout 1, price/price.go#Of 0, price/price_test.go#TestOf 0",
		"main":         "cart/cart.go#Cart.Checkout 1, main.go#main 0", // a name comes first
	} {
		g, err := ix.Graph(codeindex.GraphQuery{Level: codeindex.LevelSymbol, Around: around})
		if err != nil {
			t.Errorf("%s: %v", around, err)
			continue
		}
		var got []string
		for _, n := range g.Nodes {
			got = append(got, fmt.Sprint(n.ID, " ", n.Distance))
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("around %s: %s", around, diff)
		}
	}
	for around, want := range map[string]string{
		"site": "Nothing is declared", "vendor/lib": "skipped", "../cart": "out of the repository", "crt/cart.go": "did you mean cart/cart.go", "Chekout": "No symbol has this name: did you mean",
		"cart/cart.go#Nothing": "No symbol has this name",
	} {
		if g, err := ix.Graph(codeindex.GraphQuery{Level: codeindex.LevelSymbol, Around: around}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("around %s: %v, %v, want %q", around, g, err, want)
		}
	}
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(shop())
	got, err := ix.Browse("cart/cart.go", codeindex.Page{})
	if err != nil || got.File == nil || got.File.SymbolTotal != 2 || !slices.Equal(got.File.ImportedBy, []string{"cart/cart_test.go", "main.go"}) || !slices.Equal(got.File.Authors, []string{"Ada"}) {
		t.Errorf("a file: %+v, %v", got, err)
	}
	got, err = ix.Browse("", codeindex.Page{Limit: 2, Offset: 1})
	if err != nil || got.Total != 5 || !got.HasMore || len(got.Files) != 2 || got.Files[0].Path != "cart/cart_test.go" || !slices.Equal(got.Folder.Folders, []string{"cart", "price"}) {
		t.Errorf("the root: %+v, %v", got, err)
	}
	if got, err = ix.Browse("price/", codeindex.Page{Offset: 99}); err != nil || got.Total != 2 || len(got.Files) != 0 {
		t.Errorf("after the end: %+v, %v", got, err)
	}
	for _, p := range []string{"car", "cart/cart.g", "../x"} {
		if _, err = ix.Browse(p, codeindex.Page{}); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	got := codeindex.New(shop()).Simulate([]string{"ada ", "Nobody", "Ada"}, codeindex.Page{})
	if !slices.Equal(got.People, []string{"Ada"}) || !slices.Equal(got.Unknown, []string{"Nobody"}) || got.Files != 5 || *got.CoverageAfter != 0.6 || got.Thin != 1 {
		t.Errorf("got %+v", got)
	}
	var orphans []string
	for _, f := range got.Orphaned {
		orphans = append(orphans, f.Path)
	}
	if !slices.Equal(orphans, []string{"price/price.go", "cart/cart.go"}) || got.Total != 2 {
		t.Errorf("orphaned: %v", orphans)
	}
	want := []codeindex.AreaAtRisk{
		{Name: "cart", Path: "cart", Files: 2, Orphaned: 1, Remaining: []string{"Ben"}, RemainingTotal: 1}, {Name: "price", Path: "price", Files: 2, Orphaned: 1, Remaining: []string{"Cleo"}, RemainingTotal: 1},
	}
	if diff := cmp.Diff(want, got.Areas); diff != "" {
		t.Errorf("areas: -want +got\n%s", diff)
	}
	// Without the one with three files and one of those with two or one, less than half are left.
	if *got.TruckFactorBefore != 2 || *got.TruckFactorAfter != 1 {
		t.Errorf("truck factor %d → %d", *got.TruckFactorBefore, *got.TruckFactorAfter)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	before, after := shop(), shop()
	after.Files[0].Path, after.Files[0].Blob = "cart/basket.go", before.Files[0].Blob
	after.Files[3].Blob, after.Files[3].Cognitive = 99, 7
	after.Symbols[4].Cognitive = 11
	a := &report.CodeReport{Commit: "1", Architecture: report.Architecture{Components: []report.Component{{Name: "cart"}, {Name: "old"}}}}
	b := &report.CodeReport{Commit: "2", Architecture: report.Architecture{Components: []report.Component{{Name: "cart", Files: 1}, {Name: "new"}}, Cycles: [][]string{{"a", "b"}}}}
	got := codeindex.Compare(codeindex.Version{Report: a, Index: codeindex.New(before)}, codeindex.Version{Report: b, Index: codeindex.New(after)})
	old := "cart/cart.go"
	if diff := cmp.Diff([]codeindex.FileChange{{Path: "price/price.go", Change: "changed", Complexity: 7}, {Path: "cart/basket.go", Change: "renamed", OldPath: &old}}, got.Files); diff != "" {
		t.Errorf("files: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]codeindex.FunctionChange{{ID: "price/price.go#Of", From: 4, To: 11}}, got.Functions); diff != "" {
		t.Errorf("functions: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]codeindex.Change{{Name: "cart", Change: "changed", Detail: "0 files, 0 lines → 1 files, 0 lines"}, {Name: "new", Change: "added"}, {Name: "old", Change: "removed"}}, got.Components); diff != "" {
		t.Errorf("components: -want +got\n%s", diff)
	}
	if len(got.Cycles) != 1 || len(got.Measures) != 1 || got.Measures[0].Measure != "cycles" {
		t.Errorf("got %+v", got)
	}
	if same := codeindex.Compare(codeindex.Version{Report: a}, codeindex.Version{Report: a}); len(same.Measures)+len(same.Components)+len(same.Files) != 0 {
		t.Errorf("nothing changed: %+v", same)
	}
}

// TestListsAreNeverNull writes every answer of an index without anything.
func TestListsAreNeverNull(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(codeindex.Contents{Files: []codeindex.File{{Path: "a", Component: -1}}})
	impact, err := ix.Impact(codeindex.ImpactQuery{Path: "a"})
	graph, err2 := ix.Graph(codeindex.GraphQuery{Level: "symbol"})
	file, err3 := ix.Browse("a", codeindex.Page{})
	folder, err4 := ix.Browse("", codeindex.Page{})
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	empty := codeindex.Version{Report: &report.CodeReport{}}
	for _, answer := range []any{impact, graph, file, folder, ix.Simulate(nil, codeindex.Page{}), codeindex.Compare(empty, empty)} {
		checkLists(t, reflect.ValueOf(answer), reflect.TypeOf(answer).String())
		if _, err := json.Marshal(answer); err != nil {
			t.Error(err)
		}
	}
}

func checkLists(t *testing.T, v reflect.Value, at string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkLists(t, v.Elem(), at)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				checkLists(t, v.Field(i), at+"."+v.Type().Field(i).Name)
			}
		}
	case reflect.Slice, reflect.Map:
		if v.IsNil() {
			t.Errorf("%s is nil", at)
		}
	default:
	}
}

func TestEncodeAndDecode(t *testing.T) {
	t.Parallel()
	c := shop()
	c.Symbols[4].DeclaredIn, c.Symbols[4].DeclaredLine = 2, 9
	c.Loads = []codeindex.Edge{{From: 1, To: 4, Weight: 2, Confidence: 75}, {From: 2, To: 5, Weight: 1, Confidence: 100}}
	ix := codeindex.New(c)
	b, err := ix.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := codeindex.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ix.Contents, again.Contents); diff != "" {
		t.Errorf("-kept +read\n%s", diff)
	}
	if b2, err := again.Encode(); err != nil || string(b) != string(b2) {
		t.Errorf("written again it is not the same: %v", err)
	}
	for n := range b {
		if _, err := codeindex.Decode(b[:n]); !errors.Is(err, codeindex.ErrDamaged) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
		bent := slices.Clone(b)
		bent[n] ^= 0x40
		// A bit of the frame's header may mean nothing; the content may not differ.
		if got, err := codeindex.Decode(bent); err == nil && !reflect.DeepEqual(got.Contents, ix.Contents) {
			t.Errorf("byte %d changed and nobody saw it", n)
		}
	}
	if _, err := codeindex.Decode([]byte(strings.Repeat("x", 99))); !errors.Is(err, codeindex.ErrDamaged) {
		t.Errorf("no index: %v", err)
	}
}
