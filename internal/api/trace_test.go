package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
)

// TestRequestsAreSpans of their route, whatever becomes of them, and tell nothing
// of what was asked for.
func TestRequestsAreSpans(t *testing.T) {
	spans := tracetest.NewSpanRecorder()
	onSQLite(t, func(t *testing.T, w *world) {
		w.raw("POST", "/api/v1/repositories", `{"url":"https://example.com/planted"}`, w.bearer(rampforge.RoleTeamLead)...) // panics
		w.raw("GET", "/api/v1/projects/prj_planted?q=planted", "", w.bearer(rampforge.RoleAdmin)...)
		w.raw("GET", "/planted/", "", "Accept", "application/json", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		w.raw("OPTIONS", "/api/v1/projects", "", "Origin", "http://localhost:3000", "Access-Control-Request-Method", "POST")
		w.raw("BREW", "/pot", "", "Traceparent", "00-planted-01")
		w.raw("GET", "/api/health", "")
		w.raw("GET", "/api/health/live", "")
		want := map[string]string{ // by name, the status
			"POST /api/v1/repositories": "500", "GET /api/v1/projects/{id}": "404", "OPTIONS none": "204", "other none": "404", "GET /": "200",
		}
		seen := map[string]string{}
		for _, s := range spans.Ended() {
			facts := map[string]string{}
			for _, a := range s.Attributes() {
				facts[string(a.Key)] = a.Value.String()
				if strings.Contains(a.Value.String(), "planted") {
					t.Errorf("%s tells %s", s.Name(), a.Value.String())
				}
			}
			seen[s.Name()] = facts["http.response.status_code"]
			if failed := s.Status().Code == codes.Error; failed != (facts["http.response.status_code"] == "500") {
				t.Errorf("%s failed: %t", s.Name(), failed)
			}
			if of := s.SpanContext().TraceID().String() == "0af7651916cd43dd8448eb211c80319c"; of && s.Parent().SpanID().String() != "b7ad6b7169203331" {
				t.Errorf("%s is a child of %s", s.Name(), s.Parent().SpanID())
			}
		}
		delete(seen, "GET none")
		for name, status := range want {
			if name != "GET /" && seen[name] != status {
				t.Errorf("%s has the status %q, want %s; seen: %v", name, seen[name], status, seen)
			}
		}
		for name := range seen {
			if strings.Contains(name, "health") {
				t.Errorf("%s is traced", name)
			}
		}
	}, func(s *setting) {
		s.api.Sources, s.api.Traces = panicking{}, trace.NewTracerProvider(trace.WithSpanProcessor(spans))
	})
}

// TestProfilesAreForAdministrators, on a listener that others reach.
func TestProfilesAreForAdministrators(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		outside, inside := httptest.NewServer(w.api.Profiles(false)), httptest.NewServer(w.api.Profiles(true))
		defer outside.Close()
		defer inside.Close()
		ask := func(server *httptest.Server, path, token string) int {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			return res.StatusCode
		}
		until := new(time.Now().Add(time.Hour))
		writes, err := w.admin().CreateToken(t.Context(), "writes", []string{auth.ScopeWrite}, until)
		if err != nil {
			t.Fatal(err)
		}
		governs, err := w.admin().CreateToken(t.Context(), "governs", []string{auth.ScopeAdmin}, until)
		if err != nil {
			t.Fatal(err)
		}
		lead, _ := strings.CutPrefix(w.bearer(rampforge.RoleTeamLead)[1], "Bearer ")
		admin, _ := strings.CutPrefix(w.bearer(rampforge.RoleAdmin)[1], "Bearer ")
		for name, c := range map[string]struct {
			token string
			want  int
		}{
			"nobody": {"", 401}, "a stranger": {"wrong", 401}, "a lead": {lead, 403}, "an administrator": {admin, 200},
			"a token that writes": {writes.Token, 403}, "a token that governs": {governs.Token, 200}, "Prometheus": {"scrape", 200},
		} {
			if got := ask(outside, "/debug/pprof/heap", c.token); got != c.want {
				t.Errorf("%s: %d, want %d", name, got, c.want)
			}
		}
		for path, want := range map[string]int{
			"/debug/pprof/": 200, "/debug/pprof/heap?seconds=61": 422, "/debug/pprof/heap?seconds=-1": 422, "/debug/pprof/heap?seconds=NaN": 422,
			"/debug/pprof/none": 404, "/debug/vars": 404,
		} {
			if got := ask(inside, path, ""); got != want {
				t.Errorf("%s: %d, want %d", path, got, want)
			}
		}
	}, func(s *setting) { s.api.MetricsToken = "scrape" })
}
