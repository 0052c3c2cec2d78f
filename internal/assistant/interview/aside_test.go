package interview_test

import (
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/interview"
)

// TestWhatIsAskedAbout leaves out what programs wrote and what is there to be
// copied, but no package that only has such a name.
func TestWhatIsAskedAbout(t *testing.T) {
	for name, c := range map[string]struct{ asked, left []string }{
		"a package called samples": {
			asked: []string{"src/main/java/org/springframework/samples/petclinic/owner/Owner.java", "src/main/java/org/springframework/samples/petclinic/vet/Vet.java"},
		},
		"what Spring begins with": {asked: []string{"src/main/java/com/example/demo/Shop.java", "src/main/java/com/example/demo/mock/Mock.java"}},
		"inside a folder called demo": {
			asked: []string{"demo/src/main/java/com/example/demo/Shop.java"},
		},
		"packages of other languages": {
			asked: []string{"src/shop/examples/show.py", "internal/demo/demo.go", "lib/samples/mix.rb", "audio/sample/mix.c"},
		},
		"examples of a product": {
			asked: []string{"ship/ship.go", "ship/load.go", "ship/sail.go", "packages/sail/src/sail.ts", "packages/rope/src/rope.ts", "packages/mast/src/mast.ts"},
			left:  []string{"examples/first/main.go", "Samples/one.go", "packages/sail/demo/show.ts"},
		},
		"examples that are the product": {asked: []string{"examples/a.go", "examples/b.go", "check.go"}},
		"what programs wrote": {
			asked: []string{"ship.go"},
			left:  []string{"api/ship.pb.go", "src/main/java/com/acme/generated/Api.java", "internal/mocks/ship.go", "vendor/a/b.go", "shop/migrations/0001.py"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ix := &codeindex.Index{Contents: codeindex.Contents{People: []codeindex.Person{{Name: "Ada Stone", Here: true}}}}
			for _, path := range append(slices.Clone(c.asked), c.left...) {
				ix.Files = append(ix.Files, codeindex.File{Path: path, Kind: "programming", Source: true, Code: 100, Authors: []int32{0}})
			}
			tree := beside.Tree{Paths: append(slices.Clone(c.asked), c.left...)}
			for i := range ix.Files {
				tree.Files = append(tree.Files, beside.File{Path: ix.Files[i].Path, Code: ix.Files[i].Code})
			}
			rep := &report.CodeReport{Beside: beside.Decide(tree).Beside}
			got := interview.Wanted(&interview.Sources{Index: ix, Report: rep, Names: map[string]bool{"ada stone": true}})
			slices.Sort(got)
			slices.Sort(c.asked)
			if !slices.Equal(got, c.asked) {
				t.Errorf("asked about is %q, want %q", got, c.asked)
			}
		})
	}
}
