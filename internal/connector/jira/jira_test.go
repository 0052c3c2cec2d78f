package jira_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
	"github.com/rampforgeai/rampforge/internal/connector/jira/jiratest"
)

var flavours = map[string]bool{"cloud": false, "data center": true}

// alpha is the first project of the fake.
var alpha = rampforge.Resource{ID: "10000", Key: "ALPHA"}

func TestConnector(t *testing.T) {
	t.Parallel()
	for name, dc := range flavours {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, connectortest.Harness{Open: jira.Open, Start: func(t *testing.T) *connectortest.Fake {
				t.Helper()
				s := jiratest.New(t, jiratest.Options{DataCenter: dc, Seed: 1})
				return &connectortest.Fake{Options: optionsFor(s), Wrong: s.WrongCredentials(), Fail: s.Fail, Change: s.Change}
			}})
		})
	}
}

func optionsFor(s *jiratest.Server) connector.Options {
	return connector.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceJira, Endpoint: s.URL + "/"},
		Credentials: s.Credentials(), Client: http.DefaultClient,
		Now: func() time.Time { return time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC) },
	}
}

// setup starts a fake and a connector to it.
func setup(t *testing.T, o jiratest.Options) (*jiratest.Server, connector.Connector) {
	t.Helper()
	s := jiratest.New(t, o)
	return s, connectortest.Opened(t, jira.Open, optionsFor(s))
}

// readAll reads a stream of a project from a cursor on.
func readAll(t *testing.T, c connector.Connector, resource rampforge.Resource, stream rampforge.Stream, from connector.Cursor) ([]rampforge.Record, connector.Cursor) {
	t.Helper()
	var all []rampforge.Record
	for page, err := range c.Read(t.Context(), resource, stream, from) {
		if err != nil {
			t.Fatal(err)
		}
		all, from = append(all, page.Records...), page.Next
	}
	return all, from
}

func asError(t *testing.T, err error) *rampforge.Error {
	t.Helper()
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		t.Fatalf("%v is no rampforge.Error", err)
	}
	return e
}

func byID(records []rampforge.Record) map[string]rampforge.Record {
	m := map[string]rampforge.Record{}
	for _, r := range records {
		m[r.ID] = r
	}
	return m
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	cloud := map[string]string{"username": "a@example.com", "api_token": "x"}
	for name, test := range map[string]struct {
		endpoint    string
		credentials map[string]string
		field       string
	}{
		"no host":          {"https://", cloud, "endpoint"},
		"another scheme":   {"ftp://jira.example.com", cloud, "endpoint"},
		"a secret in it":   {"https://a:b@jira.example.com", cloud, "endpoint"},
		"no token":         {"https://jira.example.com", map[string]string{"username": "a"}, "credentials.api_token"},
		"no username":      {"https://jira.example.com", map[string]string{"api_token": "a"}, "credentials.username"},
		"nothing":          {"https://jira.example.com", nil, "credentials"},
		"an empty address": {"", cloud, "endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := jira.Open(connector.Options{Service: rampforge.Service{Endpoint: test.endpoint}, Credentials: test.credentials, Client: http.DefaultClient, Now: time.Now})
			if rampforge.ErrorCode(err) != rampforge.CodeInvalid || !strings.Contains(err.Error(), test.field+":") {
				t.Errorf("%v, want a fault of %s", err, test.field)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		dc                bool
		server, id, login string
	}{
		"cloud":       {false, "Jira Cloud 1001.0.0-SNAPSHOT", "5b10a2844c20165700ede210", ""},
		"data center": {true, "Jira Data Center 9.12.4", "JIRAUSER10100", "user0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := setup(t, jiratest.Options{DataCenter: want.dc})
			got, err := c.Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(connector.Check{
				Server: want.server, Account: &rampforge.Account{ID: want.id, Login: want.login, Name: "Ada Lovelace"},
				Rates: &connector.Rates{Remaining: 90, Reset: time.Date(2026, 11, 24, 20, 0, 0, 0, time.UTC)},
			}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	status := func(code int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(`{"errorMessages":["vendor's words"]}`))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		reason  string
		wait    time.Duration
	}{
		"seconds to wait":     {status(429, "Retry-After", "7"), connector.ReasonRateLimited, 7 * time.Second},
		"a date to wait for":  {status(429, "Retry-After", "Tue, 24 Nov 2026 20:01:00 GMT"), connector.ReasonRateLimited, time.Minute},
		"a reset":             {status(429, "X-RateLimit-Reset", "2026-11-24T20:02Z"), connector.ReasonRateLimited, 2 * time.Minute},
		"a reset that is old": {status(429, "X-RateLimit-Reset", "2020-11-24T20:02Z"), connector.ReasonRateLimited, 0},
		"a wait of ages":      {status(429, "Retry-After", "99999999999999"), connector.ReasonRateLimited, 24 * time.Hour},
		"maintenance":         {status(503, "Retry-After", "5"), connector.ReasonVendor, 5 * time.Second},
		"forbidden":           {status(403), connector.ReasonPermission, 0},
		"a captcha":           {status(403, "X-Seraph-LoginReason", "AUTHENTICATION_DENIED"), connector.ReasonAuthentication, 0},
		"let in as nobody":    {status(200, "X-Seraph-LoginReason", "AUTHENTICATED_FAILED"), connector.ReasonAuthentication, 0},
		"not there":           {status(404), connector.ReasonNotFound, 0},
		"a bad question":      {status(400), connector.ReasonNotFound, 0},
		"too long a question": {status(414), connector.ReasonTooLarge, 0},
		"gone for good":       {status(410), connector.ReasonUnsupported, 0},
		"another shape":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`["vendor's words"]`)) }, connector.ReasonMalformed, 0},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nvendor's words\r\n\r\n"))
			_ = conn.Close()
		}, connector.ReasonUnreachable, 0},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"accountId":`))
		}, connector.ReasonUnreachable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := setup(t, jiratest.Options{Issues: 3})
			s.Fail(test.handler)
			_, err := c.Check(t.Context())
			if connector.Reason(err) != test.reason {
				t.Errorf("the reason is %q (%v), want %q", connector.Reason(err), err, test.reason)
			}
			if e := asError(t, err); e.RetryAfter != test.wait {
				t.Errorf("wait %v, want %v", e.RetryAfter, test.wait)
			}
			if err != nil && strings.Contains(err.Error(), "vendor's") {
				t.Errorf("the error holds what the vendor wrote: %v", err)
			}
		})
	}
}
