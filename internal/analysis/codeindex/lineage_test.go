package codeindex_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// version makes an analysis of components, each with its path and files.
func version(parts ...drawn) codeindex.Version {
	var list []report.Component
	var c codeindex.Contents
	for i, p := range parts {
		list = append(list, report.Component{Name: p.name, Path: p.path, Paths: []string{p.path}, Files: len(p.files)})
		c.Components = append(c.Components, codeindex.Component{Name: p.name, Path: p.path, Parent: -1})
		for _, f := range p.files {
			c.Files = append(c.Files, codeindex.File{Path: f, Component: int32(i), Blob: uint64(len(c.Files) + 1)}) //nolint:gosec // a few
		}
	}
	return codeindex.Version{Report: &report.CodeReport{Architecture: report.Architecture{Components: list}}, Index: codeindex.New(c)}
}

type drawn struct {
	name, path string
	files      []string
}

func many(dir string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%s/%02d.go", dir, i))
	}
	return out
}

// TestBordersBetweenComponents draws other borders around the same files.
func TestBordersBetweenComponents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		from, to codeindex.Version
		want     []codeindex.Change
	}{
		{
			"only the label is another",
			version(drawn{"a and b", "a", append(many("a", 4), many("b", 3)...)}), version(drawn{"b and a", "b", append(many("a", 4), many("b", 3)...)}),
			[]codeindex.Change{{Name: "b and a", Change: "renamed", Detail: "was a and b"}},
		},
		{
			"two are joined that were about as large",
			version(drawn{"a", "a", many("a", 4)}, drawn{"b", "b", many("b", 4)}), version(drawn{"b and a", "b", append(many("a", 4), many("b", 4)...)}),
			[]codeindex.Change{
				{Name: "a", Change: "joined", Detail: "into b and a"},
				{Name: "b and a", Change: "changed", Detail: "was b; 4 files, 0 lines → 8 files, 0 lines"},
			},
		},
		{
			"one is joined with a larger one that takes its name",
			version(drawn{"a", "a", many("a", 9)}, drawn{"b", "b", many("b", 4)}), version(drawn{"b", ".", append(many("a", 9), many("b", 4)...)}),
			[]codeindex.Change{
				{Name: "b", Change: "changed", Detail: "was a; 9 files, 0 lines → 13 files, 0 lines"},
				{Name: "b", Change: "joined", Detail: "into b, which was a"},
			},
		},
		{
			"three are joined under a new folder",
			version(drawn{"a", "a", many("a", 4)}, drawn{"b", "b", many("b", 4)}, drawn{"c", "c", many("c", 4)}),
			version(drawn{"x", ".", append(many("a", 4), append(many("b", 4), many("c", 4)...)...)}),
			[]codeindex.Change{
				{Name: "a", Change: "joined", Detail: "into x"},
				{Name: "b", Change: "joined", Detail: "into x"},
				{Name: "c", Change: "joined", Detail: "into x"},
				{Name: "x", Change: "joined", Detail: "from a, b, c"},
			},
		},
		{
			"one falls into three",
			version(drawn{"x", ".", append(many("a", 4), append(many("b", 4), many("c", 4)...)...)}),
			version(drawn{"a", "a", many("a", 4)}, drawn{"b", "b", many("b", 4)}, drawn{"c", "c", many("c", 4)}),
			[]codeindex.Change{
				{Name: "a", Change: "split", Detail: "from x"},
				{Name: "b", Change: "split", Detail: "from x"},
				{Name: "c", Change: "split", Detail: "from x"},
				{Name: "x", Change: "split", Detail: "into a, b, c"},
			},
		},
		{
			"few of the files are left elsewhere",
			version(drawn{"a", "a", many("a", 9)}, drawn{"b", "b", many("b", 4)}), version(drawn{"b", "b", append(many("b", 4), many("a", 2)...)}),
			[]codeindex.Change{{Name: "a", Change: "removed"}, {Name: "b", Change: "changed", Detail: "4 files, 0 lines → 6 files, 0 lines"}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, codeindex.Compare(c.from, c.to).Components, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestComponentsWithoutAnIndex are told by their folders.
func TestComponentsWithoutAnIndex(t *testing.T) {
	t.Parallel()
	of := func(name string, paths ...string) codeindex.Version {
		return codeindex.Version{Report: &report.CodeReport{Architecture: report.Architecture{Components: []report.Component{{Name: name, Path: paths[0], Paths: paths}}}}}
	}
	want := []codeindex.Change{{Name: "b and 2 more", Change: "renamed", Detail: "was a and 1 more"}}
	if diff := cmp.Diff(want, codeindex.Compare(of("a and 1 more", "a", "b"), of("b and 2 more", "b", "a", "c")).Components); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestCyclesOfComponentsThatWereCalledOtherwise are no other cycles.
func TestCyclesOfComponentsThatWereCalledOtherwise(t *testing.T) {
	t.Parallel()
	from := version(drawn{"a and 1 more", "a", many("a", 4)}, drawn{"b", "b", many("b", 4)}, drawn{"c", "c", many("c", 4)})
	to := version(drawn{"a", "a", many("a", 4)}, drawn{"b", "b", many("b", 4)}, drawn{"c", "c", many("c", 4)})
	from.Report.Architecture.Cycles = [][]string{{"a and 1 more", "b"}}
	to.Report.Architecture.Cycles = [][]string{{"a", "b"}}
	if got := codeindex.Compare(from, to).Cycles; len(got) != 0 {
		t.Errorf("the same cycle: %+v", got)
	}
	to.Report.Architecture.Cycles = [][]string{{"a", "b", "c"}}
	want := []codeindex.Change{{Name: "a ⇄ b ⇄ c", Change: "changed", Detail: "+ c"}}
	if diff := cmp.Diff(want, codeindex.Compare(from, to).Cycles); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
