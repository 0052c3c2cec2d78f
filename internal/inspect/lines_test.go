package inspect_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// TestLinesAreReadWhereTheyAre reads files and who wrote their lines at commits,
// of a folder of this machine, and nothing that may not be read.
func TestLinesAreReadWhereTheyAre(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, "-- a.txt --\none\ntwo\n-- commit: First --\n-- a.txt --\none\n2\nthree\n-- commit: Second --\n")
	second := repo.Hash("main")
	first := repo.Hash("main~1")
	in, here := inspector(t), inspect.Request{Source: repo.Dir, AllowLocal: true}
	for commit, want := range map[string]string{first: "one\ntwo\n", second: "one\n2\nthree\n"} {
		if got, err := in.File(t.Context(), here, commit, "a.txt"); err != nil || string(got) != want {
			t.Errorf("at %s: %q, %v", commit, got, err)
		}
	}
	if got, err := in.Blame(t.Context(), here, second, "a.txt", 1, 3); err != nil || !slices.Contains(got, first) || !slices.Contains(got, second) {
		t.Errorf("the lines are of %q, %v", got, err)
	}
	if got, err := in.Blame(t.Context(), here, second, "a.txt", 1, 1); err != nil || !slices.Equal(slices.Compact(got), []string{first}) {
		t.Errorf("the first line is of %q, %v", got, err)
	}
	for what, path := range map[string]string{"a file that is not there": "b.txt", "one outside": "../a.txt"} {
		if got, err := in.File(t.Context(), here, second, path); err == nil {
			t.Errorf("%s is read as %q", what, got)
		}
	}
	if _, err := in.File(t.Context(), here, strings.Repeat("0", 40), "a.txt"); err == nil {
		t.Error("a commit that is not there is read")
	}
	if _, err := in.File(t.Context(), inspect.Request{Source: repo.Dir}, second, "a.txt"); err == nil {
		t.Error("a folder is read that may not be")
	}
	_, err := in.File(t.Context(), inspect.Request{Source: "https://git.example.com/a/b"}, second, "a.txt")
	if !errors.Is(err, inspect.ErrNotHere) || rampforge.ErrorCode(err) != rampforge.CodeUnavailable {
		t.Errorf("a repository that is elsewhere: %v", err)
	}
	mirrored := inspect.Request{Source: "https://git.example.com/a/b", MirrorDir: repo.Dir}
	if got, err := in.Blame(t.Context(), mirrored, second, "a.txt", 2, 2); err != nil || !slices.Contains(got, second) {
		t.Errorf("of a mirror: %q, %v", got, err)
	}
}
