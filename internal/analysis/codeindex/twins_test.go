package codeindex_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// clinic has an owner with two methods of one name, as complex as given, a page
// that calls one of them, nobody knows which, and a test of the second.
func clinic(complexity ...int32) codeindex.Contents {
	file := func(path string, test bool) codeindex.File {
		return codeindex.File{Path: path, Language: "Java", Kind: "programming", Component: -1, Test: test, Source: true}
	}
	return codeindex.Contents{
		Commit: "c0ffee",
		Files:  []codeindex.File{file("C#/Owner.java", false), file("Page.java", false), file("PageTest.java", true)},
		Symbols: []codeindex.Symbol{
			{File: 0, Name: "Owner.getPet", Kind: "method", Line: 3, EndLine: 5, Cognitive: complexity[0], Doc: "The first."},
			{File: 0, Name: "Owner.getPet", Kind: "method", Line: 7, EndLine: 9, Cognitive: complexity[1], Doc: "The second."},
			{File: 1, Name: "Page.show", Kind: "method", Line: 3, EndLine: 5},
			{File: 2, Name: "PageTest.pet", Kind: "method", Line: 3, EndLine: 5, Test: true},
		},
		Calls: []codeindex.Edge{
			{From: 2, To: 0, Weight: 1, Confidence: 50}, {From: 2, To: 1, Weight: 1, Confidence: 50},
			{From: 3, To: 1, Weight: 1, Confidence: 90},
		},
	}
}

// What shares a name in a file is one answer, and one of it is asked for by its
// line.
func TestImpactOfOverloads(t *testing.T) {
	t.Parallel()
	ix := codeindex.New(clinic(0, 0))
	together := []string{"1.00 Page.java#Page.show via C#/Owner.java#Owner.getPet:3", "0.90 PageTest.java#PageTest.pet via C#/Owner.java#Owner.getPet:7"}
	second := []string{"0.90 PageTest.java#PageTest.pet via C#/Owner.java#Owner.getPet:7", "0.50 Page.java#Page.show via C#/Owner.java#Owner.getPet:7"}
	for query, want := range map[string]struct {
		id         string
		dependents []string
	}{
		"Owner.getPet":                 {"C#/Owner.java#Owner.getPet", together},
		"C#/Owner.java#Owner.getPet":   {"C#/Owner.java#Owner.getPet", together},
		"C#/Owner.java#Owner.getPet:7": {"C#/Owner.java#Owner.getPet:7", second},
	} {
		got, err := ix.Impact(codeindex.ImpactQuery{Symbol: query})
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		var lines []string
		for _, d := range got.Dependents {
			lines = append(lines, fmt.Sprintf("%.2f %s via %s", d.Confidence, d.Symbol.ID, d.Via))
		}
		if diff := cmp.Diff(want.dependents, lines); got.Symbol.ID != want.id || diff != "" {
			t.Errorf("%s: got %s, want %s; -want +got\n%s", query, got.Symbol.ID, want.id, diff)
		}
	}
	if _, err := ix.Impact(codeindex.ImpactQuery{Symbol: "C#/Owner.java#Owner.getPet:4"}); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		t.Errorf("of a line without one: %v", err)
	}
	if got, err := ix.Impact(codeindex.ImpactQuery{Path: "C#"}); err != nil || got.Kind != "folder" {
		t.Errorf("the folder: got %+v and %v", got, err)
	}
}

// Of several files each is listed once.
func TestCandidatesOfOverloads(t *testing.T) {
	t.Parallel()
	c := clinic(0, 0)
	c.Symbols = slices.Insert(c.Symbols, 2, codeindex.Symbol{File: 1, Name: "Owner.getPet", Kind: "method", Line: 1, EndLine: 2})
	c.Calls = nil
	_, err := codeindex.New(c).Impact(codeindex.ImpactQuery{Symbol: "getPet"})
	fault, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want := map[string]any{"candidates": []string{"C#/Owner.java#Owner.getPet", "Page.java#Owner.getPet"}, "total": 2}
	if diff := cmp.Diff(want, fault.Details); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// The nodes of a graph have ids of their own.
func TestGraphOfOverloads(t *testing.T) {
	t.Parallel()
	got, err := codeindex.New(clinic(0, 0)).Graph(codeindex.GraphQuery{Level: codeindex.LevelSymbol, Around: "Page.java#Page.show"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, n := range got.Nodes {
		ids = append(ids, n.ID)
	}
	slices.Sort(ids)
	want := []string{"C#/Owner.java#Owner.getPet:3", "C#/Owner.java#Owner.getPet:7", "Page.java#Page.show"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCompareOverloads(t *testing.T) {
	t.Parallel()
	version := func(complexity ...int32) codeindex.Version {
		return codeindex.Version{Report: &report.CodeReport{}, Index: codeindex.New(clinic(complexity...))}
	}
	for _, test := range []struct {
		from, to codeindex.Version
		want     []codeindex.FunctionChange
	}{
		{version(1, 2), version(1, 2), []codeindex.FunctionChange{}},
		{version(1, 2), version(2, 1), []codeindex.FunctionChange{}}, // in another order
		{version(1, 2), version(1, 5), []codeindex.FunctionChange{{ID: "C#/Owner.java#Owner.getPet:7", From: 2, To: 5}}},
		{version(1, 2), version(2, 5), []codeindex.FunctionChange{{ID: "C#/Owner.java#Owner.getPet:7", From: 1, To: 5}}},
		{version(1, 2), version(7, 4), []codeindex.FunctionChange{
			{ID: "C#/Owner.java#Owner.getPet:3", From: 1, To: 7}, {ID: "C#/Owner.java#Owner.getPet:7", From: 2, To: 4},
		}},
	} {
		if diff := cmp.Diff(test.want, codeindex.Compare(test.from, test.to).Functions); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

// One package of PyPI is spelled in several ways.
func TestComparePackagesOfPython(t *testing.T) {
	t.Parallel()
	version := func(packages ...report.External) codeindex.Version {
		return codeindex.Version{Report: &report.CodeReport{External: packages}}
	}
	got := codeindex.Compare(
		version(report.External{Ecosystem: "pypi", Name: "Sphinx"}, report.External{Ecosystem: "pypi", Name: "zope.interface"}, report.External{Ecosystem: "npm", Name: "A.b"}),
		version(report.External{Ecosystem: "pypi", Name: "sphinx"}, report.External{Ecosystem: "pypi", Name: "Zope_Interface"}, report.External{Ecosystem: "npm", Name: "a-b"}),
	).External
	want := []codeindex.Change{{Name: "npm A.b", Change: "removed"}, {Name: "npm a-b", Change: "added"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
