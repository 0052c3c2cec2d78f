package cli_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/cli"
)

// TestHealthcheckBelievesNobody: only the product's own word that it works counts.
func TestHealthcheckBelievesNobody(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/health" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		server http.HandlerFunc
		code   int
		says   string
	}{
		"works":         {answer(200, `{"status":"healthy"}`), 0, "is healthy"},
		"no database":   {answer(503, `{"status":"unhealthy"}`), 1, "is unhealthy (503)"},
		"another":       {answer(200, `<html>`), 1, "not this product's server"},
		"no status":     {answer(200, `{}`), 1, "not this product's server"},
		"sends further": {http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound).ServeHTTP, 1, "sends elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.server)
			t.Cleanup(server.Close)
			var out, errs bytes.Buffer
			if code := cli.Main([]string{"healthcheck", "--url", server.URL}, strings.NewReader(""), &out, &errs); code != c.code || !strings.Contains(out.String()+errs.String(), c.says) {
				t.Errorf("%d, %s%s", code, out.String(), errs.String())
			}
		})
	}
	for _, bad := range []string{"localhost:8000", "ftp://localhost", "http://"} {
		var out, errs bytes.Buffer
		if code := cli.Main([]string{"healthcheck", "--url", bad}, strings.NewReader(""), &out, &errs); code != 2 {
			t.Errorf("%s: %d, %s", bad, code, errs.String())
		}
	}
}
