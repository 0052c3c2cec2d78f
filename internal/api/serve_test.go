package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

func TestRequestID(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		kept := strings.Repeat("aB3._-", 21) // 126 characters
		for given, keep := range map[string]bool{
			kept: true, "x": true, kept + "abc": false, "with space": false, "new\tline": false, `"quoted"`: false, "ümlaut": false, "": false,
		} {
			got := w.raw("GET", "/api/health/live", "", "X-Request-ID", given).header.Get("X-Request-ID")
			if (got == given) != keep || got == "" {
				t.Errorf("given %q: got %q", given, got)
			}
		}
		a, b := w.raw("GET", "/nowhere", "").header.Get("X-Request-ID"), w.raw("GET", "/nowhere", "").header.Get("X-Request-ID")
		if a == b || a == "" {
			t.Errorf("made ids %q and %q", a, b)
		}
	})
}

func TestCORS(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		const allowed, other = "http://localhost:3000", "http://evil.example"
		preflight := w.raw("OPTIONS", "/api/v1/projects", "", "Origin", allowed, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type")
		want := map[string]string{
			"Access-Control-Allow-Origin": allowed, "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "600",
			"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, OPTIONS",
			"Vary":                         "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
		}
		for name, value := range want {
			if got := preflight.header.Get(name); got != value {
				t.Errorf("preflight: %s is %q, want %q", name, got, value)
			}
		}
		for _, header := range []string{"Authorization", "Content-Type", "X-Request-ID", "Prefer"} {
			if !strings.Contains(preflight.header.Get("Access-Control-Allow-Headers"), header) {
				t.Errorf("preflight does not allow %s", header)
			}
		}
		if preflight.status != http.StatusNoContent {
			t.Errorf("preflight: %d", preflight.status)
		}
		for _, path := range []string{"/api/v1/auth/me", "/nowhere", "/api/health"} { // errors too, or a page sees nothing of them
			a := w.raw("GET", path, "", "Origin", allowed)
			for _, header := range []string{"X-Request-ID", "X-RateLimit-Remaining", "X-Total-Count", "ETag", "Retry-After"} {
				if !strings.Contains(a.header.Get("Access-Control-Expose-Headers"), header) {
					t.Errorf("%s does not expose %s", path, header)
				}
			}
			if a.header.Get("Access-Control-Allow-Origin") != allowed || a.header.Get("Vary") != "Origin" {
				t.Errorf("%s: %v", path, a.header)
			}
		}
		for _, a := range []answer{
			w.raw("OPTIONS", "/api/v1/projects", "", "Origin", other, "Access-Control-Request-Method", "PUT"),
			w.raw("GET", "/api/health", "", "Origin", other), w.raw("GET", "/api/health", "", "Origin", "null"), w.raw("GET", "/api/health", ""),
			w.raw("GET", "/api/health", "", "Origin", allowed+".evil.example"),
		} {
			for name := range a.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s is told to a stranger", name)
				}
			}
			if !strings.HasPrefix(a.header.Get("Vary"), "Origin") {
				t.Errorf("a cache would mix origins up: Vary %q", a.header.Get("Vary"))
			}
		}
	})
}

// TestCORSForAnybody never hands credentials to an origin that nobody named.
func TestCORSForAnybody(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		a := w.raw("GET", "/api/health", "", "Origin", "http://anybody.example")
		if a.header.Get("Access-Control-Allow-Origin") != "*" || a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%v", a.header)
		}
	}, func(s *setting) { s.api.CORSOrigins = []string{"*"} })
}

func TestSecurityHeaders(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/", "/nowhere", "/api/health", "/api/v1/auth/me", "/api/docs", "/api/docs/swagger-ui-bundle.js", "/api/redoc", "/favicon.svg", "/openapi.json"} {
			h := w.raw("GET", path, "", "Accept", "text/html").header
			policy := h.Get("Content-Security-Policy")
			if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") != "no-referrer" ||
				!strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "http") {
				t.Errorf("%s: %v", path, h)
			}
		}
		if got := w.raw("GET", "/api/v1/auth/me", "", w.bearer(rampforge.RoleAdmin)...).header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("a cache may keep an account: %q", got)
		}
	})
}

// sessionsOf returns the addresses that somebody signed in from.
func (w *world) addressOf(forwarded ...string) string {
	w.t.Helper()
	var headers []string
	for _, f := range forwarded {
		headers = append(headers, "X-Forwarded-For", f)
	}
	a := w.raw("POST", "/api/v1/auth/login", `{"email":"observer@example.com","password":"`+password+`"}`, append(headers, "User-Agent", "caf\xe9")...)
	var tokens client.Tokens
	if err := json.Unmarshal([]byte(a.body), &tokens); err != nil || a.status != http.StatusOK {
		w.t.Fatalf("signing in: %d %s", a.status, a.body)
	}
	sessions, err := w.client.As(tokens.AccessToken).Sessions(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range sessions {
		if s.Current {
			return s.Address
		}
	}
	w.t.Fatal("no current session")
	return ""
}

func TestClientAddress(t *testing.T) {
	t.Run("trusted", func(t *testing.T) {
		onSQLite(t, func(t *testing.T, w *world) {
			for want, forwarded := range map[string][]string{
				"127.0.0.1":    nil,
				"198.51.100.7": {"198.51.100.7"},
				"198.51.100.8": {"203.0.113.1, 198.51.100.8"}, // what stands left of it is anybody's claim
				"198.51.100.9": {"203.0.113.1, 198.51.100.9", "10.1.2.3"},
				"10.9.9.9":     {"garbage, 10.9.9.9"},
				"2001:db8::1":  {"2001:db8::1, ::ffff:10.0.0.1"},
			} {
				if got := w.addressOf(forwarded...); got != want {
					t.Errorf("X-Forwarded-For %q: %s, want %s", forwarded, got, want)
				}
			}
		}, trusting("127.0.0.0/8", "10.0.0.0/8"))
	})
	t.Run("not trusted", func(t *testing.T) {
		onSQLite(t, func(t *testing.T, w *world) {
			if got := w.addressOf("198.51.100.7"); got != "127.0.0.1" {
				t.Errorf("anybody may choose their address: %s", got)
			}
		})
	})
}

// TestDevicesThatAreNoText signs in with a User-Agent that PostgreSQL would
// refuse to store.
func TestDevicesThatAreNoText(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if got := w.addressOf(); got != "127.0.0.1" {
			t.Error(got)
		}
	})
}

func TestAccessLine(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		w.raw("GET", "/api/v1/auth/me?token=hidden", "", append(w.bearer(rampforge.RoleObserver), "X-Request-ID", "line-1")...)
		var lines []map[string]any
		for line := range strings.SplitSeq(w.logs.String(), "\n") {
			var fields map[string]any
			if strings.Contains(line, `"request_id":"line-1"`) && json.Unmarshal([]byte(line), &fields) == nil {
				lines = append(lines, fields)
			}
		}
		if len(lines) != 1 {
			t.Fatalf("%d lines of one request:\n%s", len(lines), w.logs)
		}
		for _, vary := range []string{"time", "ms", "bytes"} {
			if lines[0][vary] == nil {
				t.Errorf("no %s", vary)
			}
			delete(lines[0], vary)
		}
		want := map[string]any{
			"level": "INFO", "msg": "request", "method": "GET", "path": "/api/v1/auth/me", "status": float64(200), "address": "127.0.0.1",
			"user_id": w.people[rampforge.RoleObserver].user.ID, "request_id": "line-1",
		}
		if diff := cmp.Diff(want, lines[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if strings.Contains(w.logs.String(), w.people[rampforge.RoleObserver].session.AccessToken) {
			t.Error("the log holds a token")
		}
	})
}

// TestSlashAtTheEnd asks as clients of the FastAPI kind do.
func TestSlashAtTheEnd(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		lead := w.bearer(rampforge.RoleTeamLead)
		if a := w.raw("POST", "/api/v1/projects/", `{"name":"slashed"}`, lead...); a.status != http.StatusCreated {
			t.Errorf("POST: %d %s", a.status, a.body)
		}
		if a := w.raw("GET", "/api/v1/projects/?limit=1", "", lead...); a.status != http.StatusOK || !strings.Contains(a.body, "slashed") {
			t.Errorf("GET: %d %s", a.status, a.body)
		}
		if a := w.raw("GET", "/nowhere/", ""); a.status != http.StatusNotFound {
			t.Errorf("unknown: %d", a.status)
		}
		if a := w.raw("PATCH", "/api/v1/projects/", ""); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			t.Errorf("PATCH: %d", a.status)
		}
	})
}

// TestHead asks every GET route that needs no id.
func TestHead(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for route := range rules {
			method, path, _ := strings.Cut(route, " ")
			if method != http.MethodGet || strings.Contains(path, "{") {
				continue
			}
			a := w.raw(http.MethodHead, path, "", w.bearer(rampforge.RoleAdmin)...)
			if a.status != http.StatusOK || a.body != "" {
				t.Errorf("HEAD %s: %d %q", path, a.status, a.body)
			}
		}
	})
}

// TestBehindAFrontEnd sends a request as the proxy of a development server
// forwards it: with cookies, hop-by-hop headers and headers of its own.
func TestBehindAFrontEnd(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		proxied := []string{
			"Cookie", `theme=dark; next-auth.session-token=abc; odd="x y"`, "Connection", "keep-alive", "X-Forwarded-Host", "localhost:3000", "X-Forwarded-Port", "3000",
			"X-Forwarded-Proto", "http", "X-Forwarded-For", "::1", "Origin", "http://localhost:3000", "Referer", "http://localhost:3000/login",
			"Sec-Fetch-Mode", "cors", "Accept", "application/json, text/plain, */*", "Accept-Encoding", "gzip, deflate, br", "X-Invoke-Path", "/api/v1/auth/login",
			"Content-Type", "application/json",
		}
		a := w.raw("POST", "/api/v1/auth/login", `{"email":"Developer@Example.com ","password":"`+password+`","rememberMe":true}`, proxied...)
		var tokens client.Tokens
		if err := json.Unmarshal([]byte(a.body), &tokens); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if a := w.raw("GET", "/api/v1/auth/me", "", append(proxied, "Authorization", "bearer "+tokens.AccessToken)...); a.status != http.StatusOK {
			t.Errorf("%d %s", a.status, a.body)
		}
		if len(a.header.Values("Set-Cookie")) > 0 {
			t.Error("the API sets cookies")
		}
	})
}
