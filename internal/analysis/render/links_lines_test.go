package render_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/render"
)

// TestAddresses says how hosts write the addresses of lines and commits.
func TestAddresses(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		render.LinesURL("https://github.com/a/b", "c0ffee", "x/y z.go", 3, 9):  "https://github.com/a/b/blob/c0ffee/x/y%20z.go#L3-L9",
		render.LinesURL("https://gitlab.com/a/b/c", "c0ffee", "y.go", 3, 9):    "https://gitlab.com/a/b/c/-/blob/c0ffee/y.go#L3-9",
		render.LinesURL("https://codeberg.org/a/b", "c0ffee", "y.go", 3, 3):    "https://codeberg.org/a/b/src/commit/c0ffee/y.go#L3",
		render.LinesURL("https://bitbucket.org/a/b", "c0ffee", "y.go", 3, 9):   "https://bitbucket.org/a/b/src/c0ffee/y.go#lines-3:9",
		render.LinesURL("https://bitbucket.org/a/b", "c0ffee", "y.go", 0, 0):   "https://bitbucket.org/a/b/src/c0ffee/y.go",
		render.LinesURL("https://git.example.com/a/b", "c0ffee", "y.go", 3, 9): "",
		render.CommitURL("https://gitlab.com/a/b", "c0ffee"):                   "https://gitlab.com/a/b/-/commit/c0ffee",
		render.CommitURL("https://github.com/a/b", "c0ffee"):                   "https://github.com/a/b/commit/c0ffee",
		render.CommitURL("https://evil.example/a/b", "c0ffee"):                 "",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
