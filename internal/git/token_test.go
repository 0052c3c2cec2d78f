package git_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// made is a token of these tests, and forms are those in which nobody but its
// host may see it.
const made = "made-up/token+of=these.tests"

var forms = []string{made, base64.StdEncoding.EncodeToString([]byte("x-access-token:" + made))}

func holdsToken(text string) bool {
	for _, form := range forms {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// recorder is a host that answers with redirects or nothing, and keeps what it
// was asked.
type recorder struct {
	mu   sync.Mutex
	seen []string // each request with its headers
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := q.Method + " " + q.URL.String()
	for name, values := range q.Header {
		text += "\n" + name + ": " + strings.Join(values, ", ")
	}
	r.seen = append(r.seen, text)
	http.NotFound(w, q)
}

func (r *recorder) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.seen...)
}

// TestTokenGoesToNoOtherHost sends git elsewhere from each of its requests.
func TestTokenGoesToNoOtherHost(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	backend := gittest.Handler(t, filepath.Dir(work.Dir), made)
	for name, serve := range map[string]func(other string) http.HandlerFunc{
		"the list": func(other string) http.HandlerFunc {
			return http.RedirectHandler(other+"/repo/info/refs?service=git-upload-pack", http.StatusFound).ServeHTTP
		},
		"for good": func(other string) http.HandlerFunc {
			return http.RedirectHandler(other+"/repo/info/refs?service=git-upload-pack", http.StatusPermanentRedirect).ServeHTTP
		},
		"the pack": func(other string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					http.Redirect(w, r, other+r.URL.Path, http.StatusTemporaryRedirect)
					return
				}
				backend.ServeHTTP(w, r)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			elsewhere := &recorder{}
			other := httptest.NewServer(elsewhere)
			t.Cleanup(other.Close)
			var asked recorder
			handler := serve(other.URL)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.ServeHTTP(httptest.NewRecorder(), r)
				handler(w, r)
			}))
			t.Cleanup(server.Close)
			_, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/repo", AllowHTTP: true, Token: made}, git.Limits{Timeout: time.Minute}, nil)
			if err == nil || holdsToken(err.Error()) {
				t.Errorf("the error is %v", err)
			}
			if seen := strings.Join(asked.requests(), "\n"); !holdsToken(seen) {
				t.Fatalf("the host itself was not shown the token:\n%s", seen)
			}
			if seen := elsewhere.requests(); len(seen) > 0 {
				t.Errorf("another host was asked:\n%s", strings.Join(seen, "\n"))
			}
		})
	}
}

// TestPrivateRepositoryThatMoved is renamed at a host that tells strangers
// nothing, not even that it moved.
func TestPrivateRepositoryThatMoved(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	backend := gittest.Handler(t, filepath.Dir(work.Dir), made)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, old := strings.CutPrefix(r.URL.Path, "/old")
		if _, password, _ := r.BasicAuth(); old && password == made {
			http.Redirect(w, r, "/repo"+rest+"?"+r.URL.RawQuery, http.StatusMovedPermanently)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	r := fetch(t, filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/old", AllowHTTP: true, Token: made})
	if got := subjects(t, r, ""); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

// TestTokenInALocation is a host that says the token back in an address.
func TestTokenInALocation(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("https://example.com/"+made+"/info/refs", http.StatusFound))
	t.Cleanup(server.Close)
	_, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/x", AllowHTTP: true, Token: made}, git.Limits{}, nil)
	wantReason(t, err, git.ReasonUnreachable, "not followed")
	if holdsToken(err.Error()) {
		t.Errorf("the error is %v", err)
	}
}

// TestWaysToShowAToken are the conventions of the vendors.
func TestWaysToShowAToken(t *testing.T) {
	t.Parallel()
	work := gittest.Build(t, small)
	backend := gittest.Handler(t, filepath.Dir(work.Dir), "")
	for name, c := range map[string]struct {
		remote git.Remote
		want   string
	}{
		"GitHub":       {git.Remote{Token: "x-access-token:" + made}, "Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+made))},
		"GitLab":       {git.Remote{Token: "oauth2:" + made}, "Basic " + base64.StdEncoding.EncodeToString([]byte("oauth2:"+made))},
		"Azure DevOps": {git.Remote{Token: ":" + made}, "Basic " + base64.StdEncoding.EncodeToString([]byte(":"+made))},
		"Entra":        {git.Remote{Token: made, Bearer: true}, "Bearer " + made},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Values("Authorization"); len(got) != 1 || got[0] != c.want {
					http.Error(w, "sign in: "+strings.Join(got, ", "), http.StatusForbidden)
					return
				}
				backend.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			c.remote.URL, c.remote.AllowHTTP = server.URL+"/repo", true
			fetch(t, filepath.Join(t.TempDir(), "m.git"), c.remote)
			c.remote.Token += "x"
			_, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), c.remote, git.Limits{}, nil)
			wantReason(t, err, git.ReasonPermissionDenied, "")
			if strings.Contains(err.Error(), made) || !git.Refused(err) {
				t.Errorf("refused is %t: %v", git.Refused(err), err)
			}
		})
	}
}

// TestTokenIsNoArgument looks at the arguments of every process of the machine
// while git is waiting for an answer.
func TestTokenIsNoArgument(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc")
	}
	work := gittest.Build(t, small)
	backend := gittest.Handler(t, filepath.Dir(work.Dir), made)
	var mu sync.Mutex
	var ours, faults []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		for _, path := range lines {
			content, _ := os.ReadFile(path) // a process may have ended by now
			if strings.Contains(string(content), r.Host) {
				ours = append(ours, string(content))
			}
			if holdsToken(string(content)) {
				faults = append(faults, string(content))
			}
		}
		mu.Unlock()
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	fetch(t, filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/repo", AllowHTTP: true, Token: made})
	if len(ours) == 0 {
		t.Error("no git was seen at work")
	}
	if len(faults) > 0 {
		t.Errorf("arguments hold the token: %q", faults)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]bool{
		http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusNotFound: true,
		http.StatusTooManyRequests: false, http.StatusInternalServerError: false, http.StatusServiceUnavailable: false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
		t.Cleanup(server.Close)
		_, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "m.git"), git.Remote{URL: server.URL + "/x", AllowHTTP: true, Token: made}, git.Limits{}, nil)
		if err == nil || git.Refused(err) != want {
			t.Errorf("%d: refused is %t: %v", code, git.Refused(err), err)
		}
	}
	if git.Refused(nil) {
		t.Error("nothing is refused")
	}
}
