package codeindex_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// harbour has two components of the first level: quay is made of crane and
// gate, and crane of hook and motor; ship uses hook, gate uses motor.
func harbour(t *testing.T) *codeindex.Index {
	t.Helper()
	file := func(path string, component int32, test bool) codeindex.File {
		return codeindex.File{Path: path, Language: "Go", Kind: "programming", Component: component, Code: 10, Lines: 12, Test: test, Source: true, Authors: []int32{0}}
	}
	ix := codeindex.New(codeindex.Contents{
		People: []codeindex.Person{{Name: "Ada Stone", Here: true, Quarter: 8091}},
		Files: []codeindex.File{
			file("quay/crane/hook/hook.go", 3, false), file("quay/crane/motor/motor.go", 4, false), file("quay/gate/gate.go", 1, false),
			file("quay/gate/hook_test.go", 1, true), file("ship/ship.go", 5, false),
		},
		Imports: []codeindex.Edge{{From: 4, To: 0, Weight: 1, Confidence: 100}, {From: 2, To: 1, Weight: 1, Confidence: 100}},
		Components: []codeindex.Component{
			{Name: "quay", Type: "library", Path: "quay", Parent: -1}, {Name: "quay/gate", Type: "library", Path: "quay/gate", Parent: 0},
			{Name: "quay/crane", Type: "library", Path: "quay/crane", Parent: 0},
			{Name: "quay/crane/hook", Type: "library", Path: "quay/crane/hook", Parent: 2}, {Name: "quay/crane/motor", Type: "library", Path: "quay/crane/motor", Parent: 2},
			{Name: "ship", Type: "application", Path: "ship", Parent: -1},
		},
		Uses: []codeindex.Edge{
			{From: 5, To: 0, Weight: 1, Confidence: 100}, {From: 5, To: 2, Weight: 1, Confidence: 100}, {From: 5, To: 3, Weight: 1, Confidence: 100},
			{From: 1, To: 2, Weight: 1, Confidence: 100}, {From: 1, To: 4, Weight: 1, Confidence: 100},
		},
	})
	encoded, err := ix.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if ix, err = codeindex.Decode(encoded); err != nil {
		t.Fatal(err)
	}
	return ix
}

func TestGraphOfNestedComponents(t *testing.T) {
	t.Parallel()
	ix := harbour(t)
	for around, want := range map[string]struct {
		nodes []string // with their distance
		edges []string
	}{
		"":                          {[]string{"quay 0", "ship 0"}, []string{"ship → quay"}},
		"ship":                      {[]string{"quay 1", "ship 0"}, []string{"ship → quay"}},
		"quay":                      {[]string{"quay/crane 0", "quay/gate 0", "ship 1"}, []string{"quay/gate → quay/crane", "ship → quay/crane"}},
		"quay/crane":                {[]string{"quay/crane/hook 0", "quay/crane/motor 0", "quay/gate 1", "ship 1"}, []string{"quay/gate → quay/crane/motor", "ship → quay/crane/hook"}},
		"quay/gate":                 {[]string{"quay/crane 1", "quay/gate 0"}, []string{"quay/gate → quay/crane"}},
		"quay/crane/motor/motor.go": {[]string{"quay/crane/motor 0", "quay/gate 1"}, []string{"quay/gate → quay/crane/motor"}},
	} {
		g, err := ix.Graph(codeindex.GraphQuery{Around: around})
		if err != nil {
			t.Fatal(err)
		}
		var nodes, edges []string
		for _, n := range g.Nodes {
			nodes = append(nodes, n.ID+" "+string(rune('0'+n.Distance)))
		}
		for _, e := range g.Edges {
			edges = append(edges, e.From+" → "+e.To)
		}
		slices.Sort(nodes)
		slices.Sort(edges)
		if !slices.Equal(nodes, want.nodes) || !slices.Equal(edges, want.edges) {
			t.Errorf("around %q: %v, %v, want %v", around, nodes, edges, want)
		}
	}
	g, err := ix.Graph(codeindex.GraphQuery{Around: "quay"})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range g.Nodes {
		if n.ID != "quay/crane" {
			continue
		}
		if n.Parent == nil || *n.Parent != "quay" || n.Component != "quay" || n.Parts != 2 || n.Lines != 20 {
			t.Errorf("%+v", n)
		}
	}
}

func TestPlaceOfFiles(t *testing.T) {
	t.Parallel()
	ix := harbour(t)
	want := []string{"quay", "quay/crane", "quay/crane/hook"}
	impact, err := ix.Impact(codeindex.ImpactQuery{Path: "quay/crane/hook/hook.go"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, impact.Place); diff != "" || impact.Component != "quay" {
		t.Errorf("%s is in %s", diff, impact.Component)
	}
	if len(impact.Tests) != 1 || impact.Tests[0].Path != "quay/gate/hook_test.go" {
		t.Errorf("tests %+v, want the one of its name beside it in the component of the first level", impact.Tests)
	}
	answer, err := ix.Browse("quay/crane/hook/hook.go", codeindex.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, answer.File.Place); diff != "" || answer.File.Component != "quay" {
		t.Errorf("%s is in %s", diff, answer.File.Component)
	}
	folder, err := ix.Browse("quay", codeindex.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"quay"}, folder.Folder.Components); diff != "" {
		t.Error(diff)
	}
	left := ix.Simulate([]string{"Ada Stone"}, codeindex.Page{})
	files := map[string]int{}
	for _, a := range left.Areas {
		files[a.Name] = a.Orphaned
	}
	if diff := cmp.Diff(map[string]int{"quay": 4, "ship": 1}, files); diff != "" {
		t.Errorf("orphaned files by area: %s", diff)
	}
}

func TestCompareNestedComponents(t *testing.T) {
	t.Parallel()
	version := func(parts ...report.Component) codeindex.Version {
		outer := report.Component{Name: "quay", Files: 4}
		if len(parts) > 0 {
			outer.Inside = &report.Inside{Components: parts}
		}
		return codeindex.Version{Report: &report.CodeReport{Architecture: report.Architecture{Components: []report.Component{outer}}}}
	}
	crane, gate, hut := report.Component{Name: "crane", Files: 2}, report.Component{Name: "gate", Files: 2}, report.Component{Name: "hut", Files: 2}
	got := codeindex.Compare(version(crane, gate), version(crane, hut)).Components
	if diff := cmp.Diff([]codeindex.Change{{Name: "gate", Change: "removed"}, {Name: "hut", Change: "added"}}, got); diff != "" {
		t.Error(diff)
	}
	if got := codeindex.Compare(version(), version(crane, gate)).Components; len(got) != 2 {
		t.Errorf("%+v, want two that were added", got)
	}
}
