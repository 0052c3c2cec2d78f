package git_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small+`
-- commit: On the side --
branch: feature/side
-- tag: light --
-- commit: Same name --
branch: both
`)
	work.Git("tag", "both", "main~1")
	work.Git("tag", "-a", "-m", "of a tag", "nested", "v1")
	work.Git("update-ref", "refs/remotes/origin/far", "main~1")
	work.Git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/far")
	r := open(t, work.Dir)
	main := work.Hash("main")
	for ref, want := range map[string]git.Resolved{
		"":                          {Hash: main, Ref: "main"},
		"HEAD":                      {Hash: main, Ref: "main"},
		"main":                      {Hash: main, Ref: "main"},
		"refs/heads/main":           {Hash: main, Ref: "main"},
		"v1":                        {Hash: main, Ref: "v1"},
		"nested":                    {Hash: main, Ref: "nested"},
		"light":                     {Hash: work.Hash("feature/side"), Ref: "light"},
		"feature/side":              {Hash: work.Hash("feature/side"), Ref: "feature/side"},
		"both":                      {Hash: work.Hash("refs/heads/both"), Ref: "both"},
		"far":                       {Hash: work.Hash("main~1"), Ref: "far"},
		"origin/far":                {Hash: work.Hash("main~1"), Ref: "far"},
		main:                        {Hash: main},
		main[:9]:                    {Hash: main},
		strings.ToUpper(main):       {Hash: main},
		work.Git("rev-parse", "v1"): {Hash: main},
	} {
		got, err := r.Resolve(t.Context(), ref)
		if err != nil {
			t.Errorf("%q: %v", ref, err)
			continue
		}
		if got.Hash != want.Hash || got.Ref != want.Ref || got.CommittedAt.Year() != 2024 {
			t.Errorf("%q: got %v at %v, want %v", ref, got, got.CommittedAt, want)
		}
	}
	if got, err := r.DefaultBranch(t.Context()); err != nil || got != "far" {
		t.Errorf("the default branch is %q, %v; the clone remembers far", got, err)
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small+"-- commit: Dev --\nbranch: develop\n")
	work.Git("tag", "a-tree", "main^{tree}")
	r := open(t, work.Dir)
	tree, blob := work.Git("rev-parse", "main^{tree}"), work.Git("rev-parse", "main:README.md")
	for ref, says := range map[string]string{
		"devlop": "develop", "mian": "There is main", "V1": "There is v1", "nothing-like-it": "There is main",
		"a-tree": "does not lead to a commit", tree: "no branch, tag or commit", blob: "no branch, tag or commit",
		strings.Repeat("ab", 20): "no branch, tag or commit", "abcdef0": "no branch, tag or commit",
		"--output=/tmp/x": "no name", "-h": "no name", "main~1": "no name", "main^{tree}": "no name", "main:README.md": "no name", "a..b": "no name",
		"@{-1}": "no name", ":/Begin": "no name", "main\nfoo": "no name", "a b": "no name", "a\u00a0b": "no name", "x.lock": "no name",
		strings.Repeat("x", 300): "no name", "feature/*": "no name", "a//b": "no name", "a/": "no name", "\x00": "no name",
	} {
		_, err := r.Resolve(t.Context(), ref)
		wantReason(t, err, git.ReasonRefNotFound, says)
	}
}

func TestResolveWithoutCommits(t *testing.T) {
	t.Parallel()
	_, err := open(t, gittest.Init(t).Dir).Resolve(t.Context(), "")
	wantReason(t, err, git.ReasonEmptyRepository, "no commit yet")
	_, err = git.Fetch(t.Context(), t.TempDir()+"/m.git", git.Remote{Path: gittest.Init(t).Dir}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonEmptyRepository, "no commit yet")
}

// TestResolveWithAnUnbornHead starts from the usual branch when HEAD names one
// that was never made.
func TestResolveWithAnUnbornHead(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small+"-- commit: A --\nbranch: another\n")
	work.Git("symbolic-ref", "HEAD", "refs/heads/gone")
	got, err := open(t, work.Dir).Resolve(t.Context(), "")
	if err != nil || got.Ref != "main" {
		t.Errorf("got %v, %v", got, err)
	}
	work.Git("update-ref", "--no-deref", "HEAD", work.Hash("main~1"))
	got, err = open(t, work.Dir).Resolve(t.Context(), "")
	if err != nil || got.Ref != "" || got.Hash != work.Hash("main~1") {
		t.Errorf("a detached HEAD gives %v, %v", got, err)
	}
}
