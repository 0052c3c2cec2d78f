package codeindex_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// TestLabelsTellNodesApart draws files and functions of the same names.
func TestLabelsTellNodesApart(t *testing.T) {
	t.Parallel()
	c := codeindex.Contents{}
	for i, p := range []string{"a/b/index.ts", "a/index.ts", "c/b/index.ts", "index.ts", "only.ts"} {
		c.Files = append(c.Files, codeindex.File{Path: p, Component: -1})
		c.Symbols = append(c.Symbols, codeindex.Symbol{File: int32(i), Name: "load", Kind: "function"})
	}
	c.Symbols[4].Name = "save"
	ix := codeindex.New(c)
	labels := func(q codeindex.GraphQuery) (list []string) {
		g, err := ix.Graph(q)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range g.Nodes {
			list = append(list, n.Label)
		}
		return list
	}
	for level, want := range map[string][]string{
		"file":   {"a/b/index.ts", "a/index.ts", "c/b/index.ts", "index.ts", "only.ts"},
		"symbol": {"load (a/b/index.ts)", "load (a/index.ts)", "load (c/b/index.ts)", "load (index.ts)", "save"},
	} {
		if diff := cmp.Diff(want, labels(codeindex.GraphQuery{Level: level})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", level, diff)
		}
	}
	if got := labels(codeindex.GraphQuery{Level: "file", Around: "a/b/index.ts"}); fmt.Sprint(got) != "[index.ts]" {
		t.Errorf("alone: %v", got)
	}
}

// TestGraphHasABound asks for more nodes than can be read.
func TestGraphHasABound(t *testing.T) {
	t.Parallel()
	c := codeindex.Contents{}
	for i := range 900 {
		c.Files = append(c.Files, codeindex.File{Path: fmt.Sprintf("%03d.go", i), Component: -1})
	}
	for limit, want := range map[int]int{0: codeindex.DefaultGraphNodes, 120: 120, 500: codeindex.MaxGraphNodes} {
		g, err := codeindex.New(c).Graph(codeindex.GraphQuery{Level: "file", Limit: limit})
		if err != nil || len(g.Nodes) != want || g.Total != 900 || !g.Truncated {
			t.Errorf("%d: %d nodes of %d, %v", limit, len(g.Nodes), g.Total, err)
		}
	}
}
