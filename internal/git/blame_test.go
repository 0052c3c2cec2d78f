package git_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestBlame names the commit of each line, and none for a change of white space.
func TestBlame(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, `
-- a.txt --
one
two
three
-- commit: first --
-- a.txt --
one
TWO
  three
four
-- commit: second --
`)
	r, err := git.OpenLocal(t.Context(), repo.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	second := repo.Hash("HEAD")
	first := repo.Hash("HEAD~1")
	got, err := r.Blame(t.Context(), second, "a.txt", 1, 4)
	want := []string{first, second, first, second}
	if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the lines are of %v, want %v: %v", got, want, err)
	}
	if got, err := r.Blame(t.Context(), second, "a.txt", 9, 12); err == nil {
		t.Errorf("lines that are not there are of %v", got)
	}
	if _, err := r.Blame(t.Context(), "--output=x", "a.txt", 1, 1); err == nil {
		t.Error("an option is taken for a commit")
	}
	content, err := r.File(t.Context(), first, "a.txt")
	if err != nil || string(content) != "one\ntwo\nthree\n" {
		t.Errorf("the file was %q: %v", content, err)
	}
	if _, err := r.File(t.Context(), first, "b.txt"); err == nil {
		t.Error("a file is read that is not there")
	}
}
