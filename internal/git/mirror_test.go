package git_test

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// fetch brings a mirror up to date and closes it.
func fetch(t *testing.T, dir string, from git.Remote) *git.Repository {
	t.Helper()
	r, err := git.Fetch(t.Context(), dir, from, git.Limits{Timeout: time.Minute, MaxBytes: 1 << 30}, nil)
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

// wantNothing checks that a failed clone left nothing but the lock.
func wantNothing(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(dir + "*")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{dir + ".lock"}, left); diff != "" {
		t.Errorf("a failed clone left (-want +got):\n%s", diff)
	}
}

func TestFetchFollowsTheRemote(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small+"-- commit: Side --\nbranch: side\n-- commit: Gone --\nbranch: gone/x\n")
	work.Git("update-ref", "refs/pull/1/head", "side")
	dir := filepath.Join(t.TempDir(), "deep", "m.git")
	for name, from := range map[string]git.Remote{
		"http":  {URL: gittest.Serve(t, work, ""), AllowHTTP: true},
		"local": {Path: work.Dir},
	} {
		dir := dir + name
		r := fetch(t, dir, from)
		if c, err := r.Resolve(t.Context(), ""); err != nil || c.Hash != work.Hash("main") || c.Ref != "main" {
			t.Errorf("%s: the clone starts at %v, %v", name, c, err)
		}
		if c, err := r.Resolve(t.Context(), "v1"); err != nil || c.Hash != work.Hash("v1") {
			t.Errorf("%s: the tag is %v, %v", name, c, err)
		}
		if _, err := r.Resolve(t.Context(), "refs/pull/1/head"); git.Reason(err) != git.ReasonRefNotFound {
			t.Errorf("%s: a pull request's ref is mirrored: %v", name, err)
		}
	}

	// A branch goes, one takes a name that was a folder, one is forced back, and
	// another becomes the main one.
	work.Git("update-ref", "-d", "refs/heads/gone/x")
	work.Git("branch", "gone", "main")
	work.Git("update-ref", "refs/heads/main", "main~1")
	work.Git("symbolic-ref", "HEAD", "refs/heads/side")
	work.Git("tag", "--force", "v1", "main")
	for name, from := range map[string]git.Remote{
		"http":  {URL: gittest.Serve(t, work, ""), AllowHTTP: true},
		"local": {Path: work.Dir},
	} {
		r := fetch(t, dir+name, from)
		for ref, want := range map[string]string{"": "side", "main": "main", "gone": "gone", "v1": "main"} {
			if c, err := r.Resolve(t.Context(), ref); err != nil || c.Hash != work.Hash(want) {
				t.Errorf("%s: %q is %v, %v", name, ref, c, err)
			}
		}
		if _, err := r.Resolve(t.Context(), "gone/x"); git.Reason(err) != git.ReasonRefNotFound {
			t.Errorf("%s: a branch that is gone remains: %v", name, err)
		}
		if branch, err := r.DefaultBranch(t.Context()); branch != "side" || err != nil {
			t.Errorf("%s: the default branch is %q, %v", name, branch, err)
		}
	}
	again, err := git.OpenLocal(t.Context(), dir+"http")
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := subjects(t, again, "gone"); len(got) != 2 {
		t.Errorf("the mirror has the commits %q", got)
	}
}

func TestFetchWithAToken(t *testing.T) {
	t.Parallel()
	const token = "s3cret/token+with=signs"
	work := gittest.Build(t, small)
	address := gittest.Serve(t, work, token)
	dir := filepath.Join(t.TempDir(), "m.git")
	for _, wrong := range []string{"", "another"} {
		_, err := git.Fetch(t.Context(), dir, git.Remote{URL: address, AllowHTTP: true, Token: wrong}, git.Limits{}, nil)
		wantReason(t, err, git.ReasonAuthenticationRequired, "give a token")
		wantNothing(t, dir)
	}
	for _, right := range []string{token, "someone:" + token} {
		r := fetch(t, dir, git.Remote{URL: address, AllowHTTP: true, Token: right})
		if got := subjects(t, r, ""); len(got) != 2 {
			t.Errorf("got %q", got)
		}
	}
	_, err := git.Fetch(t.Context(), dir, git.Remote{URL: address, AllowHTTP: true, Token: "a\nb: c"}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonAuthenticationRequired, "line break")

	// Nothing of the token is kept in the mirror.
	if err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if strings.Contains(string(content), token) || strings.Contains(string(content), "Authorization") {
			t.Errorf("%s holds the token", path)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTokenIsNotInAnError lets the server send the token back in every way.
func TestTokenIsNotInAnError(t *testing.T) {
	t.Parallel()
	const token = "s3cret-token"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s\n%s\nhttps://x:%s@example.com/\n", token, r.Header.Get("Authorization"), token)
	}))
	t.Cleanup(server.Close)
	_, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/x", AllowHTTP: true, Token: token}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonUnreachable, "refuses")
	if text := err.Error(); strings.Contains(text, token) || strings.Contains(text, "eC1hY2Nlc3MtdG9rZW46") || !strings.Contains(text, "***") {
		t.Errorf("the error is %s", text)
	}
}

// TestFetchAfterADeath finds what a killed process leaves: a half clone, lock
// files, half packs.
func TestFetchAfterADeath(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	dir := filepath.Join(t.TempDir(), "m.git")
	fetch(t, dir, git.Remote{Path: work.Dir})
	work.Add("-- x --\n-- commit: More --\n")
	left := []string{
		dir + ".tmp-dead/HEAD", dir + "/HEAD.lock", dir + "/packed-refs.lock", dir + "/shallow.lock", dir + "/refs/heads/main.lock", dir + "/config.lock",
		dir + "/objects/pack/tmp_pack_x", dir + "/objects/info/commit-graphs/commit-graph-chain.lock", dir + "/objects/tmp_objdir-incoming-x/pack/tmp_pack_y",
	}
	for _, path := range left {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("dead"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := subjects(t, fetch(t, dir, git.Remote{Path: work.Dir}), ""); len(got) != 3 {
		t.Errorf("got %q", got)
	}
	for _, path := range left {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
}

func TestDamagedMirrorIsClonedAnew(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	for name, damage := range map[string]func(dir string) error{
		"no objects": func(dir string) error { return os.RemoveAll(filepath.Join(dir, "objects", "pack")) },
		"no HEAD":    func(dir string) error { return os.Remove(filepath.Join(dir, "HEAD")) },
		"bad config": func(dir string) error { return os.WriteFile(filepath.Join(dir, "config"), []byte("[core\n"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "m.git")
			fetch(t, dir, git.Remote{Path: work.Dir})
			if err := damage(dir); err != nil {
				t.Fatal(err)
			}
			if got := subjects(t, fetch(t, dir, git.Remote{Path: work.Dir}), ""); len(got) != 2 {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestMirrorSurvivesADamagedRemote keeps what was fetched before.
func TestMirrorSurvivesADamagedRemote(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	dir := filepath.Join(t.TempDir(), "m.git")
	fetch(t, dir, git.Remote{Path: work.Dir})
	work.Add("-- x --\n-- commit: More --\n")
	damage(t, work, work.Git("rev-parse", "main:x"), nil)
	_, err := git.Fetch(t.Context(), dir, git.Remote{Path: work.Dir}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonCorrupt, "lacks objects")
	r, err := git.OpenLocal(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := subjects(t, r, ""); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

func TestFetchNeverReplacesAnotherFolder(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := git.Fetch(t.Context(), dir, git.Remote{Path: work.Dir}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonPermissionDenied, "no mirror of this program")
	if _, err := os.Stat(precious); err != nil {
		t.Error(err)
	}
}

// TestFetchesAtOnce lets several share one mirror.
func TestFetchesAtOnce(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	dir := filepath.Join(t.TempDir(), "m.git")
	done := make(chan error)
	const n = 5
	for range n {
		go func() {
			r, err := git.Fetch(t.Context(), dir, git.Remote{Path: work.Dir}, git.Limits{}, nil)
			if err == nil {
				err = r.Close()
			}
			done <- err
		}()
	}
	for range n {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestManyFetchesAreCompacted reads while packs are joined.
func TestManyFetchesAreCompacted(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	dir := filepath.Join(t.TempDir(), "m.git")
	reader := fetch(t, dir, git.Remote{Path: work.Dir})
	packs := func() int {
		found, err := filepath.Glob(dir + "/objects/pack/*.pack")
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	first := packs()
	// As many packs as twenty-odd fetches leave.
	const n = 25
	var script strings.Builder
	for i := range n {
		fmt.Fprintf(&script, "-- f%d --\n%d\n-- commit: %d --\n", i, i, i)
	}
	work.Add(script.String())
	for line := range strings.Lines(work.Git("rev-list", "--no-commit-header", "--format=%H %T", fmt.Sprintf("--max-count=%d", n), "main")) {
		work.Pack(filepath.Join(dir, "objects", "pack", "pack"), strings.ReplaceAll(line, " ", "\n"))
	}
	if packs() < first+n {
		t.Fatalf("only %d packs were made", packs())
	}
	fetch(t, dir, git.Remote{Path: work.Dir})
	if n := packs(); n > 10 {
		t.Errorf("%d packs are left", n)
	}
	if got := subjects(t, reader, ""); len(got) != n+2 {
		t.Errorf("the reader sees %d commits", len(got))
	}
}

func TestFetchReportsProgress(t *testing.T) {
	t.Parallel()
	work := big(t)
	var stages []string
	r, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: gittest.Serve(t, work, ""), AllowHTTP: true}, git.Limits{}, func(p rampforge.Progress) {
		if len(stages) == 0 || stages[len(stages)-1] != p.Stage {
			stages = append(stages, p.Stage)
		}
		if p.Done > p.Total {
			t.Errorf("%d of %d", p.Done, p.Total)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if diff := cmp.Diff([]string{"fetch", "receiving objects"}, stages); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFetchOverTLS uses the pinned address of a name that leads elsewhere. It
// sets the environment, so it does not run beside others.
func TestFetchOverTLS(t *testing.T) {
	work := gittest.Build(t, small)
	server := httptest.NewTLSServer(gittest.Handler(t, filepath.Dir(work.Dir), "word"))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	from := git.Remote{
		URL:     "https://example.com:" + u.Port() + "/repo", // a name of the test server's certificate
		Resolve: []string{"example.com:" + u.Port() + ":127.0.0.1"},
		Token:   "word",
	}
	dir := filepath.Join(t.TempDir(), "m.git")
	_, err = git.Fetch(t.Context(), dir, from, git.Limits{}, nil)
	wantReason(t, err, git.ReasonUnreachable, "certificate")

	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_SSL_CAINFO", authority)
	if got := subjects(t, fetch(t, dir, from), ""); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}
