package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

func TestHealth(t *testing.T) {
	var down, leaving atomic.Bool
	check := func(context.Context) error {
		if down.Load() {
			return errors.New("password=hunter2 at 10.0.0.1")
		}
		return nil
	}
	onSQLite(t, func(t *testing.T, w *world) {
		health, err := w.client.Health(t.Context())
		if err != nil || health.Status != "healthy" || health.Service != "RampForgeAI API" || health.Version != "test" || health.Timestamp.IsZero() {
			t.Errorf("%+v, %v", health, err)
		}
		expect := func(path string, status int, words ...string) {
			t.Helper()
			a := w.raw("GET", path, "")
			for _, word := range words {
				if a.status != status || !strings.Contains(a.body, word) {
					t.Errorf("%s: %d, want %d and %s: %s", path, a.status, status, word, a.body)
				}
			}
			if strings.Contains(a.body, "hunter2") {
				t.Errorf("%s tells everybody: %s", path, a.body)
			}
		}
		expect("/api/health/ready", 200, `"status":"ready"`, `"database":{"status":"healthy","latency_ms":`, `"queue":`, `"cache":`)
		expect("/api/v1/status", 200, `"api_version":"v1"`, `"status":"operational"`, `"endpoints":{"health":"/api/health","docs":"/api/docs","redoc":"/api/redoc"}`, `"components":{`)
		leaving.Store(true)
		expect("/api/health/ready", 503, `"not_ready"`)
		expect("/api/health/live", 200, `"healthy"`)
		expect("/api/health", 200, `"healthy"`)
		leaving.Store(false)
		down.Store(true)
		expect("/api/health", 503, `"unhealthy"`, `"timestamp"`, `"version"`)
		expect("/api/health/ready", 503, `"unhealthy"`)
		expect("/api/v1/status", 200, `"degraded"`)
		expect("/api/health/live", 200, `"healthy"`)
	}, func(s *setting) {
		s.api.Ready = func() bool { return !leaving.Load() }
		s.api.Checks = map[string]api.Check{"database": check, "queue": check, "cache": func(context.Context) error { return nil }}
	})
}

// TestLessIsNoOutage keeps a replica in the balancer that others would replace
// by nothing better.
func TestLessIsNoOutage(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		a := w.raw("GET", "/api/health/ready", "")
		if a.status != 200 || !strings.Contains(a.body, `"cache":{"status":"unhealthy"`) {
			t.Errorf("%d %s", a.status, a.body)
		}
	}, func(s *setting) { s.api.Checks["cache"] = func(context.Context) error { return errors.New("away") } })
}

func TestGreeting(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
		for accept, page := range map[string]bool{"": false, "*/*": false, "application/json": false, "application/json, text/html": false, browser: true} {
			a := w.raw("GET", "/", "", "Accept", accept)
			if strings.Contains(a.body, "landing") != page || a.status != 200 || !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Accept") {
				t.Errorf("Accept %q: %d %s %v", accept, a.status, a.body, a.header)
			}
			if !page && strings.TrimSpace(a.body) != `{"message":"RampForgeAI API is running"}` {
				t.Errorf("Accept %q: %s", accept, a.body)
			}
		}
	})
}

func TestPages(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for path, want := range map[string]struct{ contentType, text string }{
			"/openapi.json":                  {"application/json", `"openapi": "3.1`},
			"/api/docs":                      {"text/html", "swagger-ui-bundle.js"},
			"/api/docs/":                     {"text/html", "swagger-ui-bundle.js"},
			"/api/docs/swagger-ui.css":       {"text/css", ".swagger-ui"},
			"/api/docs/swagger-ui-bundle.js": {"javascript", "SwaggerUIBundle"},
			"/api/redoc":                     {"text/html", `spec-url="/openapi.json"`},
			"/redoc/redoc.standalone.js":     {"javascript", "redoc"},
			"/assets/index-1a2b3c.js":        {"javascript", "export"},
			"/favicon.svg":                   {"image/svg+xml", "<svg"},
		} {
			a := w.raw("GET", path, "", "Accept-Encoding", "identity")
			if a.status != 200 || !strings.Contains(a.header.Get("Content-Type"), want.contentType) || !strings.Contains(a.body, want.text) {
				t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Type"))
			}
			if tag := a.header.Get("ETag"); tag != "" && path != "/api/docs/swagger-ui.css" && !strings.HasPrefix(path, "/api/docs/swagger") {
				if b := w.raw("GET", path, "", "If-None-Match", tag); b.status != http.StatusNotModified || b.body != "" {
					t.Errorf("%s again: %d", path, b.status)
				}
			}
		}
		if got := w.raw("GET", "/assets/index-1a2b3c.js", "").header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("a hashed file is not kept: %s", got)
		}
		for _, path := range []string{"/index.html", "/.gitkeep", "/assets/", "/redoc/", "/api/docs/nothing.js", "/../go.mod", "/redoc/..%2findex.html"} {
			if a := w.raw("GET", path, ""); a.status == 200 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
	})
}

var elsewhere = regexp.MustCompile(`(?i)(?:src|href)\s*=\s*["'](?:https?:)?//`)

// TestPagesLoadNothingFromElsewhere reads the pages for addresses; that the
// bundles ask for none is what the policy is for.
func TestPagesLoadNothingFromElsewhere(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/api/docs", "/api/redoc"} {
			a := w.raw("GET", path, "")
			if m := elsewhere.FindString(a.body); m != "" {
				t.Errorf("%s loads %s", path, m)
			}
			policy := a.header.Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe-eval") || strings.Contains(policy, "script-src 'self' 'unsafe") {
				t.Errorf("%s: %s", path, policy)
			}
		}
		if policy := w.raw("GET", "/api/docs", "").header.Get("Content-Security-Policy"); strings.Count(policy, "'sha256-") < 1 {
			t.Errorf("the page's own scripts cannot run: %s", policy)
		}
	})
}

// TestNothingBuilt is what a bare clone serves.
func TestNothingBuilt(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/", "/api/redoc"} {
			if a := w.raw("GET", path, "", "Accept", "text/html"); a.status != 200 || !strings.Contains(a.body, "make web") {
				t.Errorf("%s: %d %s", path, a.status, a.body)
			}
		}
		if a := w.raw("GET", "/api/docs", ""); a.status != 200 {
			t.Errorf("Swagger UI: %d", a.status)
		}
	}, func(s *setting) { s.api.PagesBuilt = false })
}

func TestMetrics(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		w.raw("GET", "/api/v1/projects/prj_1", "", w.bearer(rampforge.RoleAdmin)...)
		w.raw("BREW", "/pot", "")
		for token, status := range map[string]int{"": 401, "Bearer wrong": 401, "Bearer scrape": 200} {
			if a := w.raw("GET", "/metrics", "", "Authorization", token); a.status != status {
				t.Errorf("%q: %d", token, a.status)
			}
		}
		text := w.raw("GET", "/metrics", "", "Authorization", "Bearer scrape").body
		for _, want := range []string{
			`rampforge_http_request_duration_seconds_count{method="GET",route="/api/v1/projects/{id}",status="404"} 1`,
			`rampforge_http_request_duration_seconds_count{method="other",route="none",status="404"} 1`, "rampforge_event_streams 0",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("no %s", want)
			}
		}
	}, func(s *setting) { s.api.MetricsToken = "scrape" })
	t.Run("without a token", func(t *testing.T) {
		onSQLite(t, func(t *testing.T, w *world) {
			if a := w.raw("GET", "/metrics", ""); a.status != http.StatusNotFound {
				t.Errorf("%d", a.status)
			}
		})
	})
}

func TestLimits(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for range 3 {
			if _, err := w.developer().Me(ctx); err != nil {
				t.Fatal(err)
			}
		}
		a := w.raw("GET", "/api/v1/auth/me", "", w.bearer(rampforge.RoleDeveloper)...)
		e := w.envelopeOf(a)
		if a.status != 429 || e.Code != rampforge.CodeRateLimited || a.header.Get("Retry-After") == "" || a.header.Get("X-Ratelimit-Remaining") != "0" ||
			a.header.Get("X-Ratelimit-Limit") != "3" || a.header.Get("X-Ratelimit-Reset") == "" {
			t.Errorf("%d %v %s", a.status, a.header, a.body)
		}
		if _, err := w.observer().Me(ctx); err != nil {
			t.Errorf("somebody else: %v", err)
		}
		// Two sign-ins an account, and six times that an address.
		for n := range 14 {
			email := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com", "f@example.com", "g@example.com"}[n%7]
			want := http.StatusUnauthorized
			if n >= 12 {
				want = http.StatusTooManyRequests
			}
			_, err := w.client.Login(ctx, email, "not the password")
			wantStatus(t, email, err, want)
		}
	}, func(s *setting) {
		s.api.Rates = api.Rates{API: api.Rate{Limit: 3, Window: time.Minute}, Auth: api.Rate{Limit: 2, Window: time.Minute}}
	})
}

func TestLimitsByAccount(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for n, want := range []int{401, 401, 429} {
			_, err := w.client.Login(ctx, strings.Repeat(" ", n)+"Observer@Example.com", "not the password")
			wantStatus(t, "sign-in", err, want)
		}
		for _, want := range []int{401, 401, 429} {
			_, err := w.client.Refresh(ctx, "rfr_unknown")
			wantStatus(t, "refresh", err, want)
		}
		for _, want := range []int{422, 422, 429} {
			wantStatus(t, "password", w.lead().ChangePassword(ctx, "no", "a new long password"), want)
		}
		r := w.repository("https://example.com/limited")
		for _, want := range []int{0, 429} {
			_, err := w.lead().Analyze(ctx, r.ID, client.AnalysisRequest{}, 0)
			wantStatus(t, "analyze", err, want)
		}
	}, func(s *setting) {
		s.api.Rates = api.Rates{Auth: api.Rate{Limit: 2, Window: time.Minute}, Analyze: api.Rate{Limit: 1, Window: time.Minute}}
	})
}

// TestLimiterThatFails must not take the service with it.
func TestLimiterThatFails(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for range 5 {
			if a := w.raw("GET", "/api/v1/auth/me", "", w.bearer(rampforge.RoleAdmin)...); a.status != 200 || a.header.Get("X-Ratelimit-Limit") != "" {
				t.Errorf("%d %v", a.status, a.header)
			}
		}
		if n := strings.Count(w.logs.String(), "pass unlimited"); n != 1 {
			t.Errorf("told %d times", n)
		}
	}, func(s *setting) {
		s.api.Rates.API = api.Rate{Limit: 1, Window: time.Minute}
		s.api.Limiter = broken{}
	})
}

// TestErrorsInHTMLClients makes sure that nobody gets HTML for an error.
func TestErrorsAreJSONForBrowsersToo(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		a := w.raw("GET", "/nowhere", "", "Accept", "text/html")
		if !json.Valid([]byte(a.body)) {
			t.Errorf("%s", a.body)
		}
	})
}
