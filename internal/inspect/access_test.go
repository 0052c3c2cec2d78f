package inspect_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// TestRefusalIsExplained asks hosts that refuse in each of their ways.
func TestRefusalIsExplained(t *testing.T) {
	t.Parallel()
	const token = "made-up-token-of-this-test"
	for name, c := range map[string]struct {
		answer int
		access inspect.Access
		says   []string
	}{
		"a wrong token":     {http.StatusUnauthorized, inspect.Access{Token: token, Owner: `of the service "Main"`, Advice: "Enter another."}, []string{`does not accept the token of the service "Main". Enter another.`}},
		"no permission":     {http.StatusForbidden, inspect.Access{Token: token, Owner: `of the service "Main"`, Advice: "Enter another."}, []string{`does not let the token of the service "Main" read it. Enter`}},
		"not to be seen":    {http.StatusNotFound, inspect.Access{Token: token, Owner: `of the service "Main"`, Advice: "Enter another."}, []string{`There is no repository at`, `that the token of the service "Main" may see.`}},
		"tried without too": {http.StatusUnauthorized, inspect.Access{Token: token, Owner: "of GIT_TOKEN", Optional: true}, []string{"the token of GIT_TOKEN. Without a token", "give a token that may read"}},
		"no token":          {http.StatusUnauthorized, inspect.Access{Advice: "Add a service."}, []string{"does not exist or asks for a sign-in. Add a service."}},
		"no advice":         {http.StatusUnauthorized, inspect.Access{}, []string{"give a token that may read it"}},
		"not a refusal":     {http.StatusServiceUnavailable, inspect.Access{Token: token, Optional: true, Advice: "Add a service."}, []string{"does not answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var shown, without int
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, password, _ := r.BasicAuth(); password == token {
					shown++
				} else {
					without++
				}
				http.Error(w, "no: "+r.Header.Get("Authorization"), c.answer)
			}))
			t.Cleanup(server.Close)
			_, err := inspector(t, "127.0.0.1").Inspect(t.Context(), inspect.Request{Source: server.URL + "/team/shop", Access: c.access})
			for _, want := range c.says {
				if message := rampforge.ErrorMessage(err); !strings.Contains(message, want) {
					t.Errorf("%q lacks %q", message, want)
				}
			}
			if rampforge.ErrorCode(err) != rampforge.CodeAnalysis || git.Reason(err) == "" || strings.Contains(err.Error(), token) {
				t.Errorf("the error is %v", err)
			}
			if once := c.access.Optional && name != "not a refusal"; (without > 0) != (once || c.access.Token == "") || c.access.Token != "" && shown == 0 {
				t.Errorf("asked %d times with the token and %d times without", shown, without)
			}
		})
	}
}

// TestOptionalTokenIsLeftOut reads a public repository at a host that refuses
// the token all the same, as hosts do of one that has run out.
func TestOptionalTokenIsLeftOut(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop)
	backend := gittest.Handler(t, filepath.Dir(repo.Dir), "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password == "run-out" {
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	in := inspector(t, "127.0.0.1")
	r := inspect.Request{Source: server.URL + "/repo", MirrorDir: filepath.Join(t.TempDir(), "m.git"), Access: inspect.Access{Token: "run-out", Optional: true}}
	for range 2 { // a clone, and a fetch
		if result, err := in.Inspect(t.Context(), r); err != nil || !result.TokenRefused {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	r.Access.Optional = false
	if _, err := in.Inspect(t.Context(), r); git.Reason(err) != git.ReasonAuthenticationRequired {
		t.Errorf("a token that was asked for is left out: %v", err)
	}
	r.Access = inspect.Access{Token: "good", Optional: true}
	if result, err := in.Inspect(t.Context(), r); err != nil || result.TokenRefused {
		t.Errorf("%+v, %v", result, err)
	}
}
