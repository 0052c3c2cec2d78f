package git_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

const small = `
-- README.md --
# Small
-- src/one.go --
package src
-- commit: Begin --
-- src/two.go --
package src

func Two() int { return 2 }
-- commit: Add two --
author: Ben Example <ben@example.com>

It was missing.

Reviewed-by: Ada Example <ada@example.com>
-- tag: v1 --
First release.
`

func open(t *testing.T, path string) *git.Repository {
	t.Helper()
	r, err := git.OpenLocal(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// paths resolves a name and lists the paths of its tree.
func paths(t *testing.T, r *git.Repository, ref string) []string {
	t.Helper()
	c, err := r.Resolve(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := r.Tree(t.Context(), c.Hash)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range tree.Files() {
		all = append(all, f.Path)
	}
	return all
}

func wantReason(t *testing.T, err error, reason, says string) {
	t.Helper()
	if git.Reason(err) != reason || rampforge.ErrorCode(err) != rampforge.CodeAnalysis {
		t.Fatalf("got %v (reason %q), want the reason %s", err, git.Reason(err), reason)
	}
	if !strings.Contains(rampforge.ErrorMessage(err), says) {
		t.Errorf("the message %q does not say %q", rampforge.ErrorMessage(err), says)
	}
}

func TestOpenLocalFindsEveryKindOfRepository(t *testing.T) {
	t.Parallel()
	want := []string{"README.md", "src/one.go", "src/two.go"}
	work := gittest.Build(t, small)
	work.Git("reset", "--hard", "--quiet")
	dir := t.TempDir()
	work.Git("clone", "--quiet", "--bare", work.Dir, dir+"/bare.git")
	work.Git("worktree", "add", "--quiet", "--detach", dir+"/linked", "v1")
	work.Git("clone", "--quiet", "--bare", "--shared", work.Dir, dir+"/borrowed.git")
	work.Git("clone", "--quiet", "--separate-git-dir="+dir+"/elsewhere.git", work.Dir, dir+"/separate")
	if err := os.Symlink(work.Dir, dir+"/link"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{work.Dir, work.Dir + "/.git", dir + "/bare.git", dir + "/linked", dir + "/borrowed.git", dir + "/separate", dir + "/link"} {
		if diff := cmp.Diff(want, paths(t, open(t, path), "")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func TestOpenLocalRefuses(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	work.Git("reset", "--hard", "--quiet")
	dir := t.TempDir()
	for name, content := range map[string]string{"file": "x", "dead/.git": "gitdir: ../gone.git", "odd/.git": "hello", "halfway/.git/HEAD": "ref: refs/heads/main"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, says := range map[string]string{
		dir:                     "not a git repository",
		dir + "/none":           "no git repository",
		dir + "/file":           "is a file",
		dir + "/dead":           "gone.git",
		dir + "/odd":            "names no repository",
		dir + "/halfway":        "not a git repository",
		work.Dir + "/src":       work.Dir + ": give that one",
		work.Dir + "/.git/refs": "inside the repository " + work.Dir,
	} {
		_, err := git.OpenLocal(t.Context(), path)
		wantReason(t, err, git.ReasonNotARepository, says)
	}
}

func TestOpenLocalWithoutPermission(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	work := gittest.Build(t, small)
	objects := filepath.Join(work.Dir, ".git", "objects")
	if err := os.Chmod(objects, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(objects, 0o700) })
	_, err := git.OpenLocal(t.Context(), work.Dir)
	wantReason(t, err, git.ReasonPermissionDenied, "permission")
}

// TestOpenLocalOfAnotherUser reads what git itself refuses as of dubious
// ownership.
func TestOpenLocalOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	work := gittest.Build(t, small)
	if err := filepath.WalkDir(work.Dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, 12345, 12345)
	}); err != nil {
		t.Fatal(err)
	}
	if got := paths(t, open(t, work.Dir), "v1"); len(got) != 3 {
		t.Errorf("got %q", got)
	}
	mirror, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{Path: work.Dir}, git.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	if got := paths(t, mirror, ""); len(got) != 3 {
		t.Errorf("the mirror has %q", got)
	}
}

// TestHostileConfigurationRunsNothing gives every setting that can run a
// program one that leaves a trace, and reads everything.
func TestHostileConfigurationRunsNothing(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	work.Git("reset", "--hard", "--quiet")
	trace := filepath.Join(t.TempDir(), "trace")
	script := filepath.Join(t.TempDir(), "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $@\" >>"+trace+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy", "core.alternateRefsCommand",
		"diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
		"gpg.program", "gpg.ssh.program", "gpg.x509.program", "credential.helper", "uploadpack.packObjectsHook",
		"remote.origin.uploadpack", "trailer.evil.command", "interactive.diffFilter", "pager.log", "pager.diff-tree", "alias.diff-tree", "alias.rev-list",
	} {
		work.Git("config", key, script)
	}
	work.Git("config", "log.showSignature", "true")
	work.Git("config", "remote.origin.url", "ext::"+script)
	work.Git("config", "remote.origin.promisor", "true")
	work.Git("config", "protocol.ext.allow", "always")
	work.Git("config", "extensions.partialClone", "origin")
	work.Git("config", "core.repositoryFormatVersion", "1")
	hooks := filepath.Join(work.Dir, ".git", "hooks")
	if err := os.MkdirAll(hooks, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-checkout", "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "post-index-change"} {
		if err := os.Symlink(script, filepath.Join(hooks, hook)); err != nil {
			t.Fatal(err)
		}
	}
	for path, content := range map[string]string{".gitattributes": "* diff=evil filter=evil\n", ".git/info/attributes": "* diff=evil filter=evil\n"} {
		path = filepath.Join(work.Dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	readEverything(t, open(t, work.Dir))
	mirror, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{Path: work.Dir}, git.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	readEverything(t, mirror)
	if ran, err := os.ReadFile(trace); err == nil {
		t.Errorf("the repository's configuration ran:\n%s", ran)
	}
}

func readEverything(t *testing.T, r *git.Repository) {
	t.Helper()
	c, err := r.Resolve(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.DefaultBranch(t.Context()); err != nil {
		t.Error(err)
	}
	tree, err := r.Tree(t.Context(), c.Hash)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{strings.Repeat("1", len(c.Hash))} // not there: nothing may fetch it
	for _, f := range tree.Files() {
		ids = append(ids, f.Blob)
	}
	if err := tree.Blobs(t.Context(), ids, func(string, []byte) error { return nil }); err != nil {
		t.Error(err)
	}
	for _, err := range r.History(c.Hash, nil).Commits(t.Context()) {
		if err != nil {
			t.Error(err)
		}
	}
}

// TestOpenLocalWritesNothing compares every file before and after.
func TestOpenLocalWritesNothing(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	work.Git("reset", "--hard", "--quiet")
	before := snapshot(t, work.Dir)
	readEverything(t, open(t, work.Dir))
	if diff := cmp.Diff(before, snapshot(t, work.Dir)); diff != "" {
		t.Errorf("reading changed the repository (-before +after):\n%s", diff)
	}
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		files[path] = info.ModTime().String() + info.Mode().String()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

func TestReplaceRefsAndGraftsHaveNoSay(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	work.Git("replace", work.Hash("main"), work.Hash("main~1"))
	if err := os.MkdirAll(work.Dir+"/.git/info", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(work.Dir+"/.git/info/grafts", []byte(work.Hash("main")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := open(t, work.Dir)
	if got := paths(t, r, ""); len(got) != 3 {
		t.Errorf("a replacement was read: %q", got)
	}
	if got := subjects(t, r, ""); !cmp.Equal(got, []string{"Add two", "Begin"}) {
		t.Errorf("a graft was obeyed: %q", got)
	}
}

func TestSHA256(t *testing.T) {
	t.Parallel()
	work := gittest.Init(t, "--object-format=sha256")
	work.Add(small)
	r := open(t, work.Dir)
	c, err := r.Resolve(t.Context(), "v1")
	if err != nil || len(c.Hash) != 64 {
		t.Fatalf("%v, %v", c, err)
	}
	readEverything(t, r)
	mirror, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{Path: work.Dir}, git.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer mirror.Close()
	if got := subjects(t, mirror, ""); len(got) != 2 {
		t.Errorf("the mirror has %q", got)
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	work.Git("config", "extensions.fromTheFuture", "1")
	work.Git("config", "core.repositoryFormatVersion", "1")
	_, err := git.OpenLocal(t.Context(), work.Dir)
	wantReason(t, err, git.ReasonGitMissing, "newer git")
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	r := open(t, gittest.Build(t, small).Dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := r.Resolve(ctx, "")
	if !strings.Contains(err.Error(), context.Canceled.Error()) || git.Reason(err) != "" {
		t.Errorf("got %v, want the cancellation", err)
	}
}

func TestNoGit(t *testing.T) {
	if os.Getenv("RAMPFORGE_TEST_NO_GIT") == "" {
		t.Parallel()
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoGit$", "-test.v")
		cmd.Env = []string{"PATH=/nonexistent", "RAMPFORGE_TEST_NO_GIT=" + gittest.Build(t, small).Dir}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	_, err := git.OpenLocal(t.Context(), os.Getenv("RAMPFORGE_TEST_NO_GIT"))
	wantReason(t, err, git.ReasonGitMissing, "install git")
}
