package analysis_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/analysistest"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

const served = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\tmux := http.NewServeMux()\n\tmux.HandleFunc(\"GET /orders/all\", show)\n\t_ = http.ListenAndServe(\":80\", mux)\n}\n\nfunc show(w http.ResponseWriter, r *http.Request) {}\n"

// TestFoldersThatShow lists what a folder of examples answers where nothing else is
// the software, and else says that it does not.
func TestFoldersThatShow(t *testing.T) {
	t.Parallel()
	const library = "-- ship/ship.go --\npackage ship\n\n// Sail sails.\nfunc Sail() int { return 1 }\n"
	for name, c := range map[string]struct {
		script, beside string
		endpoints      int
	}{
		"the demo is the server":             {"-- go.mod --\nmodule example.com/a\n\ngo 1.25\n-- demo/main.go --\n" + served + strings.Replace(library, "ship/", "internal/ship/", 1), "", 1},
		"a sample of a library":              {"-- go.mod --\nmodule example.com/a\n\ngo 1.25\n-- samples/main.go --\n" + served + library + "-- ship/more.go --\npackage ship\n" + strings.Repeat("\nvar _ = 1\n", 40), "samples", 0},
		"an example in a module of its own":  {"-- go.mod --\nmodule example.com/a\n\ngo 1.25\n-- svc/go.mod --\nmodule example.com/a/svc\n\ngo 1.25\n-- svc/examples/main.go --\n" + served + library + strings.Repeat("\nvar _ = 1\n", 40), "svc/examples", 0},
		"an example beside a program":        {"-- go.mod --\nmodule example.com/a\n\ngo 1.25\n-- main.go --\n" + served + "-- examples/main.go --\n" + served, "examples", 1},
		"Linguist is told that it is no doc": {"-- .gitattributes --\nexamples/** -linguist-documentation\n-- go.mod --\nmodule example.com/a\n\ngo 1.25\n-- main.go --\n" + served + "-- examples/main.go --\n" + served, "examples", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, err := analysistest.Parse([]byte("-- history --\n2025-01-10T09:00:00Z Ana Example <ana@example.org> Show it\nA go.mod\n" + c.script))
			if err != nil {
				t.Fatal(err)
			}
			r := analyze(t, tree, options(tree, "shown"))
			if got := strings.Join(r.Beside, " "); got != c.beside {
				t.Errorf("beside is %q, want %q", got, c.beside)
			}
			if len(r.Endpoints) != c.endpoints {
				t.Errorf("it has %d endpoints, want %d: %+v", len(r.Endpoints), c.endpoints, r.Endpoints)
			}
			for _, c := range r.Architecture.Components {
				if c.Path == "demo" && c.Type == "docs" {
					t.Error("the server is taken for documentation")
				}
			}
			said := slices.ContainsFunc(r.Notes, func(n report.Note) bool {
				return n.Code == "examples_left_out" && strings.Contains(n.Message, c.beside)
			})
			if said != (c.beside != "") {
				t.Errorf("the notes are %+v", r.Notes)
			}
			if c.endpoints > 0 && c.beside == "" && (len(r.EntryPoints) == 0 || r.EntryPoints[0].Path != "demo/main.go") {
				t.Errorf("it starts in %+v", r.EntryPoints)
			}
		})
	}
}
