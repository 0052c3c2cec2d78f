package beside_test

import (
	"iter"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var languages = map[string]string{".go": "Go", ".js": "JavaScript", ".py": "Python", ".java": "Java", ".rb": "Ruby", ".c": "C", ".ts": "TypeScript"}

// TestDecide has trees in which a folder of examples is beside the software, and
// such in which it is the software. Each file has 100 lines; with a "!" behind it a
// program starts in it, with a "+" it is entered as a library.
func TestDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ tree, imports, beside, product string }{
		"examples of a library":             {tree: "go.mod ship/ship.go ship/sail.go examples/first/main.go!", beside: "examples"},
		"examples larger than the library":  {tree: "package.json index.js+ examples/a.js! examples/b.js! examples/c.js!", beside: "examples"},
		"nearly all is examples":            {tree: "package.json index.js+ samples/a.js samples/b.js samples/c.js samples/d.js samples/e.js", product: "samples"},
		"a demo beside a server":            {tree: "go.mod main.go! demo/main.go! demo/more.go", beside: "demo"},
		"the demo is the only server":       {tree: "requirements.txt common.py helpers.py models.py demo/app.py!", product: "demo"},
		"it starts what nobody else can":    {tree: "go.mod internal/a.go internal/b.go internal/c.go demo/main.go!", product: "demo"},
		"what starts elsewhere only helps":  {tree: "go.mod tools/gen.go! demo/main.go! demo/serve.go", product: "demo"},
		"a library that a manifest names":   {tree: "package.json index.js+ demo/app.js!", beside: "demo"},
		"examples that are the product":     {tree: "examples/a.go examples/b.go check.go", product: "examples"},
		"the software uses it":              {tree: "go.mod main.go! samples/mix.go", imports: "main.go>samples/mix.go", product: "samples"},
		"another example uses it":           {tree: "go.mod ship/a.go ship/b.go examples/one.go demo/two.go", imports: "demo/two.go>examples/one.go", beside: "demo examples"},
		"tests use it":                      {tree: "go.mod ship/a.go ship/b.go examples/one.go ship/a_test.go", imports: "ship/a_test.go>examples/one.go", beside: "examples"},
		"below sources":                     {tree: "src/demo/routes.js src/shop/examples/show.js src/main/java/com/example/demo/Shop.java lib/samples/mix.rb"},
		"deep without a manifest":           {tree: "go.mod audio/sample/mix.c audio/more.c shop/samples/a.go"},
		"of a package":                      {tree: "packages/sail/src/sail.ts packages/sail/src/rope.ts packages/sail/demo/show.ts", beside: "packages/sail/demo"},
		"with a manifest of its own":        {tree: "go.mod ship/a.go ship/b.go area/examples/go.mod area/examples/one.go!", beside: "area/examples"},
		"without code":                      {tree: "go.mod main.go! examples/compose.yaml", beside: "examples"},
		"of a library of Java":              {tree: "pom.xml core/src/main/java/a/A.java core/src/main/java/a/B.java demo/src/main/java/a/Main.java!", beside: "demo"},
		"in small letters or not":           {tree: "go.mod ship/ship.go ship/sail.go Samples/one.go", beside: "Samples"},
		"what is never the software counts": {tree: "go.mod tests/a.go tests/b.go tests/c.go vendor/x.go demo/main.go!", product: "demo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tree beside.Tree
			for word := range strings.FieldsSeq(c.tree) {
				p := strings.TrimRight(word, "!+")
				tree.Paths = append(tree.Paths, p)
				if strings.HasSuffix(word, "+") {
					tree.Entries = append(tree.Entries, report.EntryPoint{Path: p, Kind: "library"})
				}
				if l := languages[path.Ext(p)]; l != "" {
					tree.Files = append(tree.Files, beside.File{Path: p, Language: l, Code: 100, Test: strings.HasSuffix(p, "_test.go"), Main: strings.HasSuffix(word, "!")})
				}
			}
			tree.Imports = func() iter.Seq2[string, string] {
				return func(yield func(string, string) bool) {
					for pair := range strings.FieldsSeq(c.imports) {
						if from, to, _ := strings.Cut(pair, ">"); !yield(from, to) {
							return
						}
					}
				}
			}
			got := beside.Decide(tree)
			if !slices.Equal(got.Beside, strings.Fields(c.beside)) || !slices.Equal(got.Product, strings.Fields(c.product)) {
				t.Errorf("beside are %q and the product %q, want %q and %q", got.Beside, got.Product, c.beside, c.product)
			}
		})
	}
}

func TestNever(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]bool{
		"tests/a.go": true, "shop/fixtures/a.json": true, "a/e2e/b/c.ts": true, "src/main/java/com/example/testing/A.java": false, "src/main/java/a/mocks/B.java": false,
		"mocks/src/main/java/a/B.java": true, "shop/test.go": false, "contest/a.go": false,
	} {
		if got := beside.Never(p); got != want {
			t.Errorf("%s: %v", p, got)
		}
	}
}
