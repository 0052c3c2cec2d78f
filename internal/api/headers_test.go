package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
)

// headed holds what every answer says to browsers and caches. One that is about
// somebody is kept by no cache but the browser's, and there not without asking.
func headed(t *testing.T, what string, h http.Header, private bool) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %s is %q, want %s once", what, name, got, want)
		}
	}
	policy := h.Values("Content-Security-Policy")
	if len(policy) != 1 {
		t.Fatalf("%s: Content-Security-Policy is %q", what, policy)
	}
	parts := []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"}
	if !private { // a page may load and ask what is its own
		parts = []string{"default-src '", "base-uri 'none'", "form-action '", "frame-ancestors 'none'"}
	}
	for _, part := range parts {
		if !strings.Contains(policy[0], part) {
			t.Errorf("%s: Content-Security-Policy %q lacks %s", what, policy[0], part)
		}
	}
	features := h.Get("Permissions-Policy")
	for _, feature := range []string{"camera", "microphone", "geolocation", "payment", "usb"} {
		if !strings.Contains(features, feature+"=()") {
			t.Errorf("%s: Permissions-Policy %q lets pages ask for %s", what, features, feature)
		}
	}
	if h.Get("X-Request-Id") == "" {
		t.Errorf("%s: no X-Request-Id", what)
	}
	kept := h.Get("Cache-Control")
	if kept == "" || private && !slices.Contains([]string{"no-store", "private, no-store", "private, no-cache"}, kept) {
		t.Errorf("%s: Cache-Control is %q", what, kept)
	}
}

// TestEveryAnswerHasSecurityHeaders asks every GET of the contract, signed in and
// not, every page, and what is answered without a handler.
func TestEveryAnswerHasSecurityHeaders(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		walk := newWalker(w)
		admin := w.people[rampforge.RoleAdmin].session.AccessToken
		walked := 0
		for path, operations := range w.document().Paths {
			if _, get := operations["get"]; !get {
				continue
			}
			walked++
			route := "GET " + path
			for who, token := range map[string]string{"signed in": admin, "signed out": ""} {
				status, h := walk.ask(route, token)
				if status >= http.StatusInternalServerError && !rules[route].public {
					t.Errorf("%s, %s: %d", route, who, status)
				}
				headed(t, route+", "+who, h, true)
			}
		}
		if walked < 50 {
			t.Errorf("only %d calls were asked", walked)
		}
		for _, pattern := range w.api.PlainRoutes() {
			method, path, _ := strings.Cut(strings.TrimSuffix(pattern, "{$}"), " ")
			if method == http.MethodGet {
				headed(t, pattern, w.raw(method, path, "", "Accept", "text/html", "Authorization", "Bearer scrape").header, false)
			}
		}
		bearer := w.bearer(rampforge.RoleAdmin)
		team := "/api/v1/projects/" + walk.project + "/team"
		tag := w.raw(http.MethodGet, team, "", bearer...).header.Get("ETag")
		page := w.raw(http.MethodGet, "/api/docs", "").header.Get("ETag")
		for _, c := range []struct {
			what         string
			status       int
			method, path string
			body         string
			headers      []string
		}{
			{"nothing there", 404, http.MethodGet, "/nowhere", "", nil},
			{"a path that is no text", 404, http.MethodGet, "/%ff", "", nil},
			{"a wrong method", 405, http.MethodDelete, "/api/v1/auth/me", "", bearer},
			{"too long", 413, http.MethodPost, "/api/v1/projects", `{"name":"` + strings.Repeat("a", 4<<10) + `"}`, append(bearer, "Content-Type", "application/json")},
			{"not JSON", 415, http.MethodPost, "/api/v1/projects", "name", append(bearer, "Content-Type", "text/plain")},
			{"a fault", 422, http.MethodGet, "/api/v1/projects?limit=0", "", bearer},
			{"unchanged", 304, http.MethodGet, team, "", append(bearer, "If-None-Match", tag)},
			{"an unchanged page", 304, http.MethodGet, "/api/docs", "", []string{"If-None-Match", page}},
			{"what may be asked", 204, http.MethodOptions, "/api/v1/auth/me", "", nil},
			{"asked by a page of another site", 204, http.MethodOptions, "/api/v1/auth/me", "", []string{"Origin", "http://localhost:3000", "Access-Control-Request-Method", "GET"}},
			{"too often", 429, http.MethodGet, ownExport, "", bearer}, // the walk exported once
		} {
			a := w.raw(c.method, c.path, c.body, c.headers...)
			if a.status != c.status {
				t.Errorf("%s: %d, want %d: %s", c.what, a.status, c.status, a.body)
			}
			headed(t, c.what, a.header, !strings.Contains(c.what, "page"))
		}
	}, func(s *setting) {
		s.api.MetricsToken = "scrape"
		s.api.MaxBodyBytes = 2 << 10
		s.api.Rates.Bulk = api.Rate{Limit: 1, Window: time.Hour}
	})
}
