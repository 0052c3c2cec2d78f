package git_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "m.git")
	for name, from := range map[string]git.Remote{
		"http":    {URL: "http://127.0.0.1:1/x"},
		"file":    {URL: "file:///etc"},
		"ext":     {URL: "ext::sh -c whoami"},
		"ssh":     {URL: "ssh://example.com/x"},
		"option":  {URL: "--upload-pack=whoami"},
		"user":    {URL: "https://user:hunter2@example.com/x"},
		"line":    {URL: "https://example.com/x\ny"},
		"both":    {URL: "https://example.com/x", Path: "/x"},
		"pin":     {URL: "https://example.com/x", Resolve: []string{"-example.com:443:127.0.0.1"}},
		"no host": {URL: "https:///x"},
	} {
		_, err := git.Fetch(t.Context(), dir, from, git.Limits{}, nil)
		if git.Reason(err) != git.ReasonBlockedAddress || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, path := range map[string]string{"relative": "x/y", "option": "--upload-pack=whoami", "nothing": "", "not there": filepath.Join(t.TempDir(), "none")} {
		_, err := git.Fetch(t.Context(), dir, git.Remote{Path: path}, git.Limits{}, nil)
		if git.Reason(err) != git.ReasonNotARepository {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantNothing(t, dir)
}

func TestFetchFromFaultyServers(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	backend := gittest.Handler(t, filepath.Dir(work.Dir), "")
	other := gittest.Serve(t, work, "")
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }
	}
	for name, c := range map[string]struct {
		serve        http.HandlerFunc
		reason, says string
	}{
		"404":          {status(404), git.ReasonUnreachable, "no repository at"},
		"403":          {status(403), git.ReasonPermissionDenied, "token"},
		"401":          {status(401), git.ReasonAuthenticationRequired, "token"},
		"429":          {status(429), git.ReasonUnreachable, "later"},
		"503":          {status(503), git.ReasonUnreachable, "later"},
		"web page":     {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello</html>") }, git.ReasonNotARepository, "not as a git repository"},
		"empty":        {func(http.ResponseWriter, *http.Request) {}, git.ReasonNotARepository, "not as a git repository"},
		"hangs up":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, git.ReasonUnreachable, "later"},
		"another host": {http.RedirectHandler(other+"/info/refs?service=git-upload-pack", http.StatusFound).ServeHTTP, git.ReasonUnreachable, "sends to " + other},
		"to a file":    {http.RedirectHandler("file:///etc/passwd", http.StatusFound).ServeHTTP, git.ReasonUnreachable, "not followed"},
		"in a circle": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String(), http.StatusMovedPermanently)
		}, git.ReasonUnreachable, "not followed"},
		"ever further": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/x"+r.URL.String(), http.StatusMovedPermanently)
		}, git.ReasonUnreachable, ""},
		"broken pack": {func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w = &cutting{ResponseWriter: w, left: 600, then: func() { panic(http.ErrAbortHandler) }}
			}
			backend.ServeHTTP(w, r)
		}, git.ReasonUnreachable, "broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.serve)
			t.Cleanup(server.Close)
			dir := filepath.Join(t.TempDir(), "m.git")
			_, err := git.Fetch(t.Context(), dir, git.Remote{URL: server.URL + "/repo", AllowHTTP: true}, git.Limits{Timeout: time.Minute}, nil)
			wantReason(t, err, c.reason, c.says)
			wantNothing(t, dir)
		})
	}
}

// cutting passes a number of bytes on and then does something else.
type cutting struct {
	http.ResponseWriter
	left int
	then func()
}

func (c *cutting) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b[:min(len(b), c.left)])
	c.left -= n
	if flusher, ok := c.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
	if err == nil && c.left == 0 {
		c.then()
	}
	return n, err
}

// TestFetchFollowsARedirectOnTheHost is what hosts do with an address that
// lacks .git.
func TestFetchFollowsARedirectOnTheHost(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	backend := gittest.Handler(t, filepath.Dir(work.Dir), "word")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/old"); ok {
			if r.URL.RawQuery != "" {
				rest += "?" + r.URL.RawQuery
			}
			http.Redirect(w, r, "/repo"+rest, http.StatusMovedPermanently)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	r := fetch(t, filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/old", AllowHTTP: true, Token: "word"})
	if got := subjects(t, r, ""); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

func TestFetchFromNobody(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "m.git")
	_, err = git.Fetch(t.Context(), dir, git.Remote{URL: "http://" + address + "/x", AllowHTTP: true}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonUnreachable, "does not answer")
	_, err = git.Fetch(t.Context(), dir, git.Remote{URL: "https://host.invalid/x"}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonUnreachable, "cannot be found")
	wantNothing(t, dir)
}

func TestFetchTimesOut(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	dir := filepath.Join(t.TempDir(), "m.git")
	_, err := git.Fetch(t.Context(), dir, git.Remote{URL: server.URL + "/x", AllowHTTP: true}, git.Limits{Timeout: 300 * time.Millisecond}, nil)
	wantReason(t, err, git.ReasonTimeout, "longer than allowed")
	wantNothing(t, dir)
}

// big is a repository that does not compress below 1 MiB.
func big(t *testing.T) *gittest.Repo {
	t.Helper()
	noise := make([]byte, 2<<20)
	source := rand.NewChaCha8([32]byte{1})
	for i := range noise {
		noise[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[source.Uint64()%36]
	}
	return gittest.Build(t, "-- noise --\n"+string(noise)+"\n-- commit: Noise --\n")
}

func TestFetchOfTooMuch(t *testing.T) {
	t.Parallel()
	work := big(t)
	dir := filepath.Join(t.TempDir(), "m.git")
	_, err := git.Fetch(t.Context(), dir, git.Remote{Path: work.Dir}, git.Limits{MaxBytes: 500_000}, nil)
	wantReason(t, err, git.ReasonTooLarge, "GIT_MAX_SIZE")
	wantNothing(t, dir)

	// A server that never ends is cut off as soon as it has sent too much.
	backend := gittest.Handler(t, filepath.Dir(work.Dir), "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w = &cutting{ResponseWriter: w, left: 1_200_000, then: func() { <-r.Context().Done() }}
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	_, err = git.Fetch(t.Context(), dir, git.Remote{URL: server.URL + "/repo", AllowHTTP: true}, git.Limits{MaxBytes: 500_000, Timeout: time.Minute}, nil)
	wantReason(t, err, git.ReasonTooLarge, "GIT_MAX_SIZE")
	wantNothing(t, dir)
}

// TestCancelledCloneLeavesNothing cancels in the middle of a transfer.
func TestCancelledCloneLeavesNothing(t *testing.T) {
	t.Parallel()
	work := big(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	backend := gittest.Handler(t, filepath.Dir(work.Dir), "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w = &cutting{ResponseWriter: w, left: 1_000_000, then: func() {
				cancel()
				<-r.Context().Done()
			}}
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	dir := filepath.Join(t.TempDir(), "m.git")
	_, err := git.Fetch(ctx, dir, git.Remote{URL: server.URL + "/repo", AllowHTTP: true}, git.Limits{MaxBytes: 1 << 30}, nil)
	if !errors.Is(err, context.Canceled) || git.Reason(err) != "" {
		t.Errorf("got %v", err)
	}
	wantNothing(t, dir)
}
