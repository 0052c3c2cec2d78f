package git

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestSpan reads what lies between two commits as git rev-list has it, merges aside,
// and how they stand to each other.
func TestSpan(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, `
-- commit: one --
-- commit: two --
-- a --
a
-- commit: beside --
branch: side
-- b --
b
-- commit: three --
branch: main
-- commit: merged --
branch: main
merge: side
-- commit: other --
branch: lone
orphan: yes
-- tag: v1 --
The first.
`)
	r, err := OpenLocal(t.Context(), repo.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	id := func(name string) string { return repo.Hash(name) }
	for _, c := range []struct {
		from, to               string
		all, behind, hashes    int
		first, base, firstPath string
	}{
		{"main~2", "main", 2, 0, 3, "three", "main~2", "b"},
		{"side", "main", 1, 0, 2, "three", "side", "b"},
		{"side", "main~1", 1, 1, 1, "three", "main~2", "b"},
		{"main", "side", 0, 1, 0, "", "side", ""},
		{"lone", "side", 3, 1, 3, "beside", "", "a"},
	} {
		got, err := r.Span(t.Context(), id(c.from), id(c.to), 1)
		if err != nil {
			t.Fatal(err)
		}
		base := ""
		if c.base != "" {
			base = id(c.base)
		}
		if got.All != c.all || got.Behind != c.behind || len(got.Hashes) != c.hashes || got.Base.Hash != base || len(got.Commits) != min(c.all, 1) || got.Shallow {
			t.Errorf("%s..%s: %+v", c.from, c.to, got)
		}
		if c.first != "" && c.from != "main~2" && (got.Commits[0].Subject != c.first || got.Commits[0].Changes[0].Path != c.firstPath) {
			t.Errorf("%s..%s: %+v", c.from, c.to, got.Commits)
		}
	}
	if _, err := r.Span(t.Context(), "HEAD", id("main"), 1); err == nil {
		t.Error("a name is taken for an id")
	}
	tags, err := r.Tags(t.Context())
	if err != nil || len(tags) != 1 || tags[0].Name != "v1" || tags[0].Commit != id("lone") {
		t.Errorf("%+v, %v", tags, err)
	}
}
