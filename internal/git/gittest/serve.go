package gittest

import (
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Handler serves the repositories below a folder as git hosts do, by git
// http-backend. With a token it asks for one: the password of basic
// authentication.
func Handler(t testing.TB, root, token string) http.Handler {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	env := append(Environ(),
		"GIT_PROJECT_ROOT="+root, "GIT_HTTP_EXPORT_ALL=1",
		// The tests may run as another user than the owner of the files.
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		"GIT_CONFIG_KEY_1=uploadpack.allowFilter", "GIT_CONFIG_VALUE_1=true")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); token != "" && password != token {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		backend := cgi.Handler{Path: git, Args: []string{"http-backend"}, Env: env, Dir: root}
		if version := r.Header.Get("Git-Protocol"); version != "" && !strings.ContainsAny(version, "\n\r") {
			backend.Env = slices.Concat(env, []string{"GIT_PROTOCOL=" + version})
		}
		backend.ServeHTTP(w, r)
	})
}

// Serve serves one repository over plain HTTP on a loopback address and returns
// its URL.
func Serve(t testing.TB, r *Repo, token string) string {
	t.Helper()
	server := httptest.NewServer(Handler(t, filepath.Dir(r.Dir), token))
	t.Cleanup(server.Close)
	return server.URL + "/" + filepath.Base(r.Dir)
}
