package git_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

func TestTreeOfOddNames(t *testing.T) {
	t.Parallel()
	names := []string{"a b", "a\tb", "a\nb", "a\\b", "a\"b", "foo.txt", "foo/bar", "foo0", "\xff\xfe", "ünï", "-x", " ", "deep/er/and/deeper"}
	var script strings.Builder
	for _, name := range names {
		if strings.ContainsAny(name, "\n") || name == " " {
			continue // txtar cannot say it
		}
		fmt.Fprintf(&script, "-- %s --\n%s\n", name, "content")
	}
	script.WriteString("-- link: shortcut => foo/bar --\n-- commit: Odd --\n")
	work := gittest.Build(t, script.String())
	work.Import("commit refs/heads/main\ncommitter A <a@example.com> 1 +0000\ndata 0\nfrom refs/heads/main^0\n" +
		"M 644 inline \"a\\nb\"\ndata 8\ncontent\n\nM 644 inline \" \"\ndata 8\ncontent\n\nM 755 inline run.sh\ndata 8\ncontent\n\nM 160000 " + strings.Repeat("7", 40) + " module\n\n")
	r := open(t, work.Dir)
	tree, err := r.Tree(t.Context(), work.Hash("main"))
	if err != nil {
		t.Fatal(err)
	}
	blob := work.Git("rev-parse", "main:run.sh")
	want := []rampforge.TreeFile{
		{Path: "shortcut", Blob: work.Git("rev-parse", "main:shortcut"), Mode: rampforge.ModeSymlink, Size: 7},
		{Path: "module", Blob: strings.Repeat("7", 40), Mode: rampforge.ModeSubmodule, Size: -1},
		{Path: "run.sh", Blob: blob, Mode: rampforge.ModeExecutable, Size: 8},
	}
	for _, name := range names {
		want = append(want, rampforge.TreeFile{Path: name, Blob: blob, Mode: rampforge.ModeFile, Size: 8})
	}
	slices.SortFunc(want, func(a, b rampforge.TreeFile) int { return strings.Compare(a.Path, b.Path) })
	if diff := cmp.Diff(want, tree.Files()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	want := map[string]string{}
	for i := range 300 {
		content := strings.Repeat(fmt.Sprintln(i), i*3)
		want[fmt.Sprintf("%03d", i)] = content
		fmt.Fprintf(&script, "-- %03d --\n%s", i, content)
	}
	script.WriteString("-- commit: Many --\n")
	work := gittest.Build(t, script.String())
	r := open(t, work.Dir)
	tree, err := r.Tree(t.Context(), work.Hash("main"))
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]string{}
	var ids []string
	for _, f := range tree.Files() {
		ids = append(ids, f.Blob)
		byID[f.Blob] = want[f.Path]
	}
	missing := strings.Repeat("1", 40)
	ids = append(ids, missing, ids[0], work.Hash("main"), ids[299])
	var got []string
	err = tree.Blobs(t.Context(), ids, func(id string, content []byte) error {
		got = append(got, id)
		if isNil := id == missing || id == work.Hash("main"); isNil != (content == nil) {
			t.Errorf("%s: nil is %t", id, content == nil)
		}
		if string(content) != byID[id] {
			t.Errorf("%s has %d bytes, want %d", id, len(content), len(byID[id]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("another order (-want +got):\n%s", diff)
	}
}

func TestBlobsEndsWithTheVisitor(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	r := open(t, work.Dir)
	tree, err := r.Tree(t.Context(), work.Hash("main"))
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	id := tree.Files()[0].Blob
	calls := 0
	err = tree.Blobs(t.Context(), slices.Repeat([]string{id}, 100_000), func(string, []byte) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	if err := tree.Blobs(t.Context(), []string{id + "\n" + id}, nil); err == nil {
		t.Error("two ids in one are taken for one")
	}
	if err := tree.Blobs(t.Context(), nil, nil); err != nil {
		t.Errorf("no blobs: %v", err)
	}
}

// damage overwrites or removes the loose object of an id.
func damage(t *testing.T, work *gittest.Repo, id string, content []byte) {
	t.Helper()
	unpack(t, work)
	path := filepath.Join(work.Dir, ".git", "objects", id[:2], id[2:])
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if content == nil {
		return
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// unpack makes every object a loose one.
func unpack(t *testing.T, work *gittest.Repo) {
	t.Helper()
	packs, err := filepath.Glob(filepath.Join(work.Dir, ".git", "objects", "pack", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range packs {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, ".pack") {
			work.Unpack(content)
		}
	}
}

func TestTreeWithMissingAndDamagedObjects(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	commit := work.Hash("main")
	damage(t, work, work.Git("rev-parse", "main:src/two.go"), nil)
	r := open(t, work.Dir)
	tree, err := r.Tree(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	if f := tree.Files()[2]; f.Path != "src/two.go" || f.Size != -1 {
		t.Errorf("a missing blob is %+v", f)
	}
	damage(t, work, work.Git("rev-parse", "main:src/one.go"), []byte("garbage"))
	err = tree.Blobs(t.Context(), []string{tree.Files()[1].Blob}, func(_ string, content []byte) error {
		if content != nil {
			t.Errorf("a damaged blob has the content %q", content)
		}
		return nil
	})
	if err != nil && git.Reason(err) != git.ReasonCorrupt {
		t.Errorf("got %v", err)
	}
	damage(t, work, work.Git("rev-parse", "main:src"), nil)
	_, err = r.Tree(t.Context(), commit)
	wantReason(t, err, git.ReasonCorrupt, "lacks objects")
	_, err = r.Tree(t.Context(), "--output=x")
	wantReason(t, err, git.ReasonRefNotFound, "no id")
}
