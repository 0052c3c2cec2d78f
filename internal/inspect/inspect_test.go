package inspect_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

const shop = `
-- go.mod --
module example.com/shop

go 1.22
-- main.go --
// Command shop sells things.
package main

import "example.com/shop/cart"

func main() { cart.Checkout(3) }
-- cart/cart.go --
// Package cart is what a customer is about to buy.
package cart

// Checkout ends the purchase of n things.
func Checkout(n int) bool {
	if n > 0 {
		return true
	}
	return false
}
-- README.md --
# Shop

Shop sells things to people who want things.
-- commit: Everything --
`

func inspector(t *testing.T, allow ...string) *inspect.Inspector {
	t.Helper()
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: allow, AllowHTTP: len(allow) > 0})
	if err != nil {
		t.Fatal(err)
	}
	return inspect.New(inspect.Options{Guard: guard, AllowHTTP: len(allow) > 0, Parsers: builtin.Parsers()})
}

func text(t *testing.T, r *report.CodeReport) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLocalFolderIsReadWhereItLies(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop)
	before := listing(t, repo.Dir)
	var calls atomic.Int64
	result, err := inspector(t).Inspect(t.Context(), inspect.Request{
		Source: repo.Dir, Name: "shop", AllowLocal: true, IncludeDependencies: true, Progress: func(rampforge.Progress) { calls.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := result.Report
	if r.Commit != repo.Hash("main") || r.Name != "shop" || r.Ref != "main" || result.DefaultBranch != "main" {
		t.Errorf("the report is of %s at %s (%s), default branch %q", r.Name, r.Commit, r.Ref, result.DefaultBranch)
	}
	if r.Totals.Functions != 2 || r.Window.Commits != 1 || !r.Window.Complete {
		t.Errorf("%d functions, %d commits, complete %t", r.Totals.Functions, r.Window.Commits, r.Window.Complete)
	}
	if calls.Load() == 0 {
		t.Error("no progress was told")
	}
	if diff := cmp.Diff(before, listing(t, repo.Dir)); diff != "" {
		t.Errorf("the folder was changed (-before +after):\n%s", diff)
	}
}

// listing is every file below a folder with its size.
func listing(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	files := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			files[path] = info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSameBytesHoweverItIsRead compares a local folder, a fresh mirror, a
// mirror that is fetched again, and facts that are cold, warm and off.
// TestSignaturesAreTold reads what commits carry and what .mailmap makes of it.
func TestSignaturesAreTold(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, strings.Replace(shop, "-- README.md --", "-- .mailmap --\nProper Name <proper@example.com> <ada@example.com>\n-- README.md --", 1))
	for kind, want := range map[rampforge.AnalysisType]int{rampforge.AnalysisFull: 1, rampforge.AnalysisQuick: 0} {
		result, err := inspector(t).Inspect(t.Context(), inspect.Request{Source: repo.Dir, Name: "shop", Type: kind, AllowLocal: true})
		if err != nil || len(result.Signed) != want {
			t.Fatalf("%s: %+v, %v", kind, result, err)
		}
		for _, s := range result.Signed {
			if s.Committed.Email != "ada@example.com" || s.Proper != (rampforge.Signature{Name: "Proper Name", Email: "proper@example.com"}) {
				t.Errorf("%+v", s)
			}
		}
		if got := text(t, result.Report); strings.Contains(got, "ada@example.com") || strings.Contains(got, "proper@example.com") {
			t.Error("the report has an address")
		}
	}
}

func TestSameBytesHoweverItIsRead(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop)
	url := gittest.Serve(t, repo, "")
	in := inspector(t, "127.0.0.1")
	dir := t.TempDir()
	remote := inspect.Request{Source: url, Name: "shop", AllowLocal: true, MirrorDir: filepath.Join(dir, "mirror.git"), FactsFile: filepath.Join(dir, "facts")}
	local := remote
	local.Source = repo.Dir
	temporary := remote
	temporary.MirrorDir, temporary.FactsFile, temporary.ForceRefresh = "", "", true
	read := func(r inspect.Request) string {
		t.Helper()
		result, err := in.Inspect(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return text(t, result.Report)
	}
	first := read(remote)
	for name, r := range map[string]inspect.Request{"again": remote, "local": local, "temporary": temporary} {
		if diff := cmp.Diff(first, read(r)); diff != "" {
			t.Errorf("%s (-first +now):\n%s", name, diff)
		}
	}
	repo.Add("-- cart/cart.go --\npackage cart\n\nfunc Checkout(n int) bool { return n > 0 && n < 9 }\n-- commit: Shorter --\n")
	after, cold := read(remote), read(temporary)
	if after == first {
		t.Error("a new commit changed nothing")
	}
	if diff := cmp.Diff(cold, after); diff != "" {
		t.Errorf("warm and cold differ after a new commit (-cold +warm):\n%s", diff)
	}
}

func TestTokenOpensAPrivateRepository(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop)
	const token = "made-up-token-of-this-test"
	url := gittest.Serve(t, repo, token)
	in := inspector(t, "127.0.0.1")
	r := inspect.Request{Source: url, Name: "shop", MirrorDir: filepath.Join(t.TempDir(), "mirror.git")}
	for _, wrong := range []string{"", "another-token"} {
		r.Access.Token = wrong
		_, err := in.Inspect(t.Context(), r)
		if git.Reason(err) != git.ReasonAuthenticationRequired && git.Reason(err) != git.ReasonPermissionDenied {
			t.Errorf("with the token %q: %v", wrong, err)
		}
		if wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("the error holds the token: %v", err)
		}
	}
	r.Access.Token = token
	if _, err := in.Inspect(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for path := range listing(t, filepath.Dir(r.MirrorDir)) {
		if content, err := os.ReadFile(path); err == nil && bytes.Contains(content, []byte(token)) {
			t.Errorf("the token was left in %s", path)
		}
	}
}

func TestFaultsHaveAReason(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := gittest.Init(t)
	repo := gittest.Build(t, shop)
	for name, c := range map[string]struct {
		request inspect.Request
		reason  string
	}{
		"no repository": {inspect.Request{Source: dir, AllowLocal: true}, git.ReasonNotARepository},
		"no folder":     {inspect.Request{Source: filepath.Join(dir, "nothing"), AllowLocal: true}, git.ReasonNotARepository},
		"empty":         {inspect.Request{Source: empty.Dir, AllowLocal: true}, git.ReasonEmptyRepository},
		"wrong ref":     {inspect.Request{Source: repo.Dir, AllowLocal: true, Ref: "nope"}, git.ReasonRefNotFound},
		"private":       {inspect.Request{Source: "https://127.0.0.1/a/b"}, git.ReasonBlockedAddress},
		"metadata":      {inspect.Request{Source: "https://169.254.169.254/a/b"}, git.ReasonBlockedAddress},
		"local off":     {inspect.Request{Source: repo.Dir}, git.ReasonPermissionDenied},
		"outside":       {inspect.Request{Source: repo.Dir, AllowLocal: true, LocalRoots: []string{dir}}, git.ReasonPermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := inspector(t).Inspect(t.Context(), c.request)
			if git.Reason(err) != c.reason {
				t.Errorf("the reason is %q (%v), want %q", git.Reason(err), err, c.reason)
			}
		})
	}
}

func TestRootsHoldAgainstLinks(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop)
	root := t.TempDir()
	link := filepath.Join(root, "shop")
	if err := os.Symlink(repo.Dir, link); err != nil {
		t.Fatal(err)
	}
	in := inspector(t)
	if _, err := in.CheckSource(t.Context(), link, true, []string{root}); err == nil {
		t.Error("a link leads out of the root")
	}
	if _, err := in.CheckSource(t.Context(), filepath.Join(root, "..", "elsewhere"), true, []string{root}); err == nil {
		t.Error("dots lead out of the root")
	}
	if s, err := in.CheckSource(t.Context(), link, true, []string{root, repo.Dir}); err != nil || !s.Local {
		t.Errorf("an allowed folder: %+v, %v", s, err)
	}
}

// What a repository's own files name must lie in the roots as well.
func TestRootsHoldAgainstRepositories(t *testing.T) {
	t.Parallel()
	secret := gittest.Build(t, shop)
	hidden := filepath.Join(secret.Dir, ".git")
	root := t.TempDir()
	write := func(path, content string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, path string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(target, path)); err != nil {
			t.Fatal(err)
		}
	}
	bare := func(name string) string {
		dir := filepath.Join(root, name)
		write(filepath.Join(dir, "HEAD"), "ref: refs/heads/main\n")
		write(filepath.Join(dir, "config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "refs", "heads"), 0o700), os.MkdirAll(filepath.Join(dir, "objects", "info"), 0o700)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	objects := filepath.Join(hidden, "objects")
	write(filepath.Join(root, "file", ".git"), "gitdir: "+hidden+"\n")
	link(hidden, filepath.Join(root, "link", ".git"))
	write(filepath.Join(root, "common", "HEAD"), "ref: refs/heads/main\n")
	write(filepath.Join(root, "common", "commondir"), hidden+"\n")
	write(filepath.Join(bare("alternates"), "objects", "info", "alternates"), objects+"\n")
	write(filepath.Join(bare("quoted"), "objects", "info", "alternates"), strconv.Quote(objects)+"\n")
	chained := bare("chained")
	write(filepath.Join(bare("between"), "objects", "info", "alternates"), objects+"\n")
	write(filepath.Join(chained, "objects", "info", "alternates"), "../../between/objects\n")
	link(filepath.Join(objects, "pack"), filepath.Join(bare("pack"), "objects", "pack"))
	for _, name := range []string{"file", "link", "common", "alternates", "quoted", "chained", "pack"} {
		request := inspect.Request{Source: filepath.Join(root, name), AllowLocal: true, LocalRoots: []string{root}}
		if _, err := inspector(t).Inspect(t.Context(), request); git.Reason(err) != git.ReasonPermissionDenied {
			t.Errorf("%s: the reason is %q (%v)", name, git.Reason(err), err)
		}
	}
	request := inspect.Request{Source: filepath.Join(root, "file"), AllowLocal: true, LocalRoots: []string{root, secret.Dir}}
	if _, err := inspector(t).Inspect(t.Context(), request); err != nil {
		t.Errorf("where both are allowed: %v", err)
	}
}

func TestCheckSourceRefusesPrivateAddressesOnly(t *testing.T) {
	t.Parallel()
	in := inspector(t)
	for _, address := range []string{"https://127.0.0.1/a", "https://[::1]/a", "https://10.1.2.3/a", "https://169.254.169.254/a", "https://2130706433/a", "https://[::ffff:192.168.0.1]/a"} {
		_, err := in.CheckSource(t.Context(), address, false, nil)
		if rampforge.ErrorCode(err) != rampforge.CodeInvalid {
			t.Errorf("%s: %v", address, err)
		}
	}
	// A name that nobody can resolve may be resolved tomorrow.
	if _, err := in.CheckSource(t.Context(), "https://git.example.invalid/a", false, nil); err != nil {
		t.Error(err)
	}
}

// TestLinesOfCommitsInAPartialClone: what a typical commit changes is not known
// where contents of the past are missing, though no rename asks for them.
func TestLinesOfCommitsInAPartialClone(t *testing.T) {
	t.Parallel()
	script := shop
	for i := range 6 {
		script += "-- cart/cart.go --\npackage cart\n\n// Checkout ends the purchase.\nfunc Checkout(n int) bool { return n > " + strconv.Itoa(i) + " }\n-- commit: More --\n"
	}
	work := gittest.Build(t, script)
	work.Git("config", "uploadpack.allowFilter", "true")
	work.Git("config", "uploadpack.allowAnySHA1InWant", "true")
	lines := func(dir string) report.Distribution {
		result, err := inspector(t).Inspect(t.Context(), inspect.Request{Source: dir, Name: "shop", AllowLocal: true})
		if err != nil {
			t.Fatal(err)
		}
		return result.Report.Activity.CommitLines
	}
	// Of the six, the first deletes and adds more lines, the others change one.
	if whole := lines(work.Dir); whole.N != 7 || whole.P50 == nil || *whole.P50 != 2 {
		t.Errorf("the whole: %+v", whole)
	}
	for _, kind := range [][]string{{"--bare"}, {}, {"--no-checkout"}} { // a checkout fetches what is newest
		dir := filepath.Join(t.TempDir(), "partial")
		work.Git(append(append([]string{"clone", "--quiet", "--filter=blob:none"}, kind...), "file://"+work.Dir, dir)...)
		if partial := lines(dir); partial.N != 0 || partial.P50 != nil || partial.P90 != nil {
			t.Errorf("cloned with %v: %+v", kind, partial)
		}
	}
}
