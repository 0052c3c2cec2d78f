package gitlab

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"gitlab.com":                            "https://gitlab.com/api/v4",
		"https://gitlab.com/":                   "https://gitlab.com/api/v4",
		"https://gitlab.com/api/v4":             "https://gitlab.com/api/v4",
		"https://gitlab.com/api/v4/":            "https://gitlab.com/api/v4",
		"\thttp://git.acme.test:8080\n":         "http://git.acme.test:8080/api/v4",
		"https://acme.test/gitlab":              "https://acme.test/gitlab/api/v4",
		"https://acme.test/gitlab//api/v4//":    "https://acme.test/gitlab/api/v4",
		"git.acme.test:8443/sub":                "https://git.acme.test:8443/sub/api/v4",
		"https://[::1]:8080":                    "https://[::1]:8080/api/v4",
		"":                                      "",
		"https://":                              "",
		"ftp://gitlab.com":                      "",
		"https://me:secret@gitlab.com":          "",
		"https://gitlab.com/?private_token=abc": "",
		"https://gitlab.com/#api":               "",
		"stdio://gitlab":                        "",
	} {
		got, issue := endpoint(typed)
		if got != want || (issue == "") != (want != "") || strings.Contains(issue, "secret") {
			t.Errorf("%q: %q (%s), want %q", typed, got, issue, want)
		}
	}
}

func TestOpenNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := Open(connector.Options{Service: rampforge.Service{Endpoint: "ftp://x"}, Credentials: map[string]string{"token": "a\nb"}})
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok || e.Code != rampforge.CodeInvalid || len(e.Fields) != 2 {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "a\nb") {
		t.Errorf("%v holds the token", err)
	}
}

// check calls Check of a connector whose vendor answers with the handler.
func check(t *testing.T, client *http.Client, handler http.HandlerFunc) error {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	if client == nil {
		client = server.Client()
	}
	c, err := Open(connector.Options{
		Service: rampforge.Service{Endpoint: server.URL}, Credentials: map[string]string{"token": "t0ken"}, Client: client,
		Now: func() time.Time { return time.Unix(1_800_000_000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Check(t.Context())
	return err
}

func TestFaults(t *testing.T) {
	t.Parallel()
	status := func(code int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(`{"message":"the vendor's own words"}`))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		reason  string
		after   time.Duration
	}{
		"401":                           {status(401), connector.ReasonAuthentication, 0},
		"403":                           {status(403), connector.ReasonPermission, 0},
		"404":                           {status(404), connector.ReasonNotFound, 0},
		"405":                           {status(405), connector.ReasonUnsupported, 0},
		"501":                           {status(501), connector.ReasonUnsupported, 0},
		"502":                           {status(502), connector.ReasonVendor, 0},
		"504":                           {status(504), connector.ReasonTimeout, 0},
		"429, in seconds":               {status(429, "Retry-After", "17"), connector.ReasonRateLimited, 17 * time.Second},
		"429, at a time":                {status(429, "Retry-After", time.Unix(1_800_000_090, 0).UTC().Format(http.TimeFormat)), connector.ReasonRateLimited, 90 * time.Second},
		"429, by the limit":             {status(429, "RateLimit-Reset", "1800000030"), connector.ReasonRateLimited, 30 * time.Second},
		"429, by a limit that is over":  {status(429, "RateLimit-Reset", "1700000000"), connector.ReasonRateLimited, time.Second},
		"429, and no word":              {status(429), connector.ReasonRateLimited, time.Minute},
		"429, in a hundred years":       {status(429, "Retry-After", "3153600000"), connector.ReasonRateLimited, 24 * time.Hour},
		"a JSON value of another shape": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`["the vendor's own words"]`)) }, connector.ReasonMalformed, 0},
		"JSON and more":                 {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":1}{`)) }, connector.ReasonMalformed, 0},
		"nothing":                       {func(http.ResponseWriter, *http.Request) {}, connector.ReasonMalformed, 0},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"id":1}`))
		}, connector.ReasonUnreachable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := check(t, nil, test.handler)
			e, ok := errors.AsType[*rampforge.Error](err)
			if !ok || e.Code != rampforge.CodeMCPService || connector.Reason(err) != test.reason || e.RetryAfter != test.after || e.Details["hint"] == "" {
				t.Fatalf("%v (%q), want %s after %v", err, connector.Reason(err), test.reason, test.after)
			}
			if strings.Contains(err.Error(), "own words") || strings.Contains(err.Error(), "t0ken") {
				t.Errorf("the error repeats the vendor or the token: %v", err)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := Open(connector.Options{Service: rampforge.Service{Endpoint: server.URL}, Credentials: map[string]string{"token": "t"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Check(t.Context()); connector.Reason(err) != connector.ReasonUnreachable {
		t.Errorf("%v", err)
	}
}

// TestGuardedClient meets the errors of the client that the product uses.
func TestGuardedClient(t *testing.T) {
	t.Parallel()
	large := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 5000)) }
	for allow, want := range map[string]string{"127.0.0.1": connector.ReasonTooLarge, "": connector.ReasonUnreachable} {
		o := httpclient.Options{AllowHTTP: true}
		if allow != "" {
			o.Allow = []string{allow}
		}
		guard, err := httpclient.NewGuard(o)
		if err != nil {
			t.Fatal(err)
		}
		client := guard.Client(httpclient.ClientOptions{Timeout: time.Minute, MaxBytes: 1000})
		if err := check(t, client, large); connector.Reason(err) != want {
			t.Errorf("allowed %q: %v, want %s", allow, err, want)
		}
	}
}

// TestPagesWithoutEnd meets a list that repeats itself for ever.
func TestPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Next-Page", "2")
		_, _ = w.Write([]byte(`[{"id":1,"updated_at":"2026-01-01T00:00:00Z"},{"id":2,"updated_at":"2026-01-01T00:00:00Z"}]`))
	}))
	t.Cleanup(server.Close)
	c, err := Open(connector.Options{Service: rampforge.Service{Endpoint: server.URL}, Credentials: map[string]string{"token": "t"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, stream := range []rampforge.Stream{rampforge.StreamDeployments, rampforge.StreamSprints} {
		for _, err = range c.Read(t.Context(), rampforge.Resource{ID: "1"}, stream, nil) {
		}
		if connector.Reason(err) != connector.ReasonMalformed {
			t.Errorf("%s: %v", stream, err)
		}
	}
}

func TestBadCursor(t *testing.T) {
	t.Parallel()
	c, err := Open(connector.Options{Service: rampforge.Service{Endpoint: "gitlab.test"}, Credentials: map[string]string{"token": "t"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, stream := range []rampforge.Stream{rampforge.StreamDeployments, rampforge.StreamSprints, rampforge.StreamCommits} {
		for _, err = range c.Read(t.Context(), rampforge.Resource{ID: "1"}, stream, connector.Cursor(`[]`)) {
		}
		if connector.Reason(err) != connector.ReasonMalformed {
			t.Errorf("%s: %v", stream, err)
		}
	}
	for _, err = range c.Read(t.Context(), rampforge.Resource{ID: "1"}, "people", nil) {
	}
	if connector.Reason(err) != connector.ReasonUnsupported {
		t.Errorf("%v", err)
	}
}
