package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
)

// envelope is an error as the contract draws it.
type envelope struct {
	Error     bool           `json:"error"`
	Code      rampforge.Code `json:"code"`
	Message   string         `json:"message"`
	Detail    string         `json:"detail"`
	Details   *details       `json:"details"`
	Timestamp time.Time      `json:"timestamp"`
	RequestID string         `json:"request_id"`
}

type details struct {
	Fields []rampforge.FieldIssue `json:"fields"`
}

// envelopeOf reads an error strictly: a field more or less fails the test.
func (w *world) envelopeOf(a answer) envelope {
	w.t.Helper()
	if got := a.header.Get("Content-Type"); got != "application/json" {
		w.t.Errorf("content type %q of an error", got)
	}
	var keys map[string]json.RawMessage
	var e envelope
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		w.t.Fatalf("no envelope: %v in %q", err, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &keys); err != nil || len(keys) != 7 {
		w.t.Errorf("an envelope has seven fields: %s", a.body)
	}
	if !e.Error || e.Message == "" || e.Detail != e.Message || e.Timestamp.IsZero() || e.Timestamp.Location() != time.UTC ||
		e.RequestID == "" || e.RequestID != a.header.Get("X-Request-ID") {
		w.t.Errorf("envelope %+v of a request with id %q", e, a.header.Get("X-Request-ID"))
	}
	return e
}

func (w *world) bearer(role rampforge.Role) []string {
	return []string{"Authorization", "Bearer " + w.people[role].session.AccessToken}
}

func TestEnvelope(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		lead := w.bearer(rampforge.RoleTeamLead)
		tests := []struct {
			name, method, path, body string
			headers                  []string
			status                   int
			code                     rampforge.Code
			fields                   []rampforge.FieldIssue
		}{
			{name: "unknown path", method: "GET", path: "/nowhere", status: 404, code: "RESOURCE_NOT_FOUND"},
			{name: "unknown API path", method: "POST", path: "/api/v1/nothing", body: "{}", status: 404, code: "RESOURCE_NOT_FOUND"},
			{name: "unknown method", method: "PUT", path: "/api/v1/auth/login", body: "{}", status: 405, code: "METHOD_NOT_ALLOWED"},
			{name: "NUL in the path", method: "GET", path: "/api/v1/projects/a%00b", headers: lead, status: 404, code: "RESOURCE_NOT_FOUND"},
			{name: "invalid UTF-8 in the path", method: "GET", path: "/api/v1/projects/%ff", headers: lead, status: 404, code: "RESOURCE_NOT_FOUND"},
			{name: "NUL in the query", method: "GET", path: "/api/v1/projects?status=%00", headers: lead, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "status", Issue: "must be valid UTF-8 text without control characters"}}},
			{name: "query that is none", method: "GET", path: "/api/v1/projects?limit=%zz", headers: lead, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "query", Issue: "must be written as name=value&name=value, with percent-encoding"}}},
			{name: "page of nothing", method: "GET", path: "/api/v1/projects?limit=0&offset=-1", headers: lead, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "limit", Issue: "expected number >= 1"}, {Field: "offset", Issue: "expected number >= 0"}}},
			{name: "huge page", method: "GET", path: "/api/v1/projects?limit=101&offset=99999999999999999999", headers: lead, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "limit", Issue: "expected number <= 100"}, {Field: "offset", Issue: "invalid integer"}}},
			{name: "unknown filter", method: "GET", path: "/api/v1/repositories?status=odd", headers: lead, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "status", Issue: `expected value to be one of "pending, queued, running, completed, failed"`}}},
			{name: "no body", method: "POST", path: "/api/v1/auth/login", status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "email", Issue: "is required"}, {Field: "password", Issue: "is required"}}},
			{name: "no JSON", method: "POST", path: "/api/v1/auth/login", body: `{"email":`, status: 400, code: "VALIDATION_ERROR"},
			{name: "two bodies", method: "POST", path: "/api/v1/auth/login", body: `{} {}`, status: 400, code: "VALIDATION_ERROR"},
			{name: "a list", method: "POST", path: "/api/v1/auth/login", body: `[1]`, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "body", Issue: "expected object"}}},
			{name: "a form", method: "POST", path: "/api/v1/auth/login", body: "email=a", headers: []string{"Content-Type", "application/x-www-form-urlencoded"},
				status: 415, code: "UNSUPPORTED_MEDIA_TYPE"},
			{name: "too large", method: "POST", path: "/api/v1/auth/login", body: `{"email":"` + strings.Repeat("a", 1<<20) + `"}`, status: 413, code: "PAYLOAD_TOO_LARGE"},
			{name: "wrong types", method: "POST", path: "/api/v1/auth/login", body: `{"email":1,"password":["x"]}`, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "email", Issue: "expected string"}, {Field: "password", Issue: "expected string"}}},
			{name: "a name twice", method: "POST", path: "/api/v1/auth/login", body: `{"email":"a@example.com","email":"b@example.com","password":"x","PassWord":"y"}`,
				status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "PassWord", Issue: "occurs more than once"}, {Field: "email", Issue: "occurs more than once"}}},
			{name: "a name twice inside", method: "PUT", path: "/api/v1/auth/profile", body: `{"learning_progress":{"a":[{"x":1},{"y":1,"y":2}]}}`, headers: lead,
				status: 422, code: "VALIDATION_ERROR", fields: []rampforge.FieldIssue{{Field: "learning_progress.a[1].y", Issue: "occurs more than once"}}},
			{name: "NUL", method: "POST", path: "/api/v1/projects", body: `{"name":"a\u0000b","description":"\u0007","team_members":["\u0000"]}`, headers: lead,
				status: 422, code: "VALIDATION_ERROR", fields: []rampforge.FieldIssue{
					{Field: "description", Issue: "must not hold control characters"}, {Field: "name", Issue: "must not hold control characters"},
					{Field: "team_members[0]", Issue: "must not hold control characters"},
				}},
			{name: "invalid UTF-8", method: "POST", path: "/api/v1/projects", body: "{\"name\":\"\xff\"}", headers: lead, status: 422, code: "VALIDATION_ERROR",
				fields: []rampforge.FieldIssue{{Field: "body", Issue: "must be valid UTF-8 text"}}},
			{name: "nested deep", method: "PUT", path: "/api/v1/auth/profile", body: `{"learning_progress":` + strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 101), headers: lead,
				status: 422, code: "VALIDATION_ERROR", fields: []rampforge.FieldIssue{{Field: "body", Issue: "must be nested at most 64 deep"}}},
			{name: "all faults at once", method: "POST", path: "/api/v1/auth/register", body: `{"email":"nobody","password":"short","name":" "}`,
				status: 422, code: "VALIDATION_ERROR", fields: []rampforge.FieldIssue{
					{Field: "email", Issue: "must be an e-mail address such as name@example.com"}, {Field: "name", Issue: "must not be empty"},
					{Field: "password", Issue: "must have at least 8 characters"},
				}},
		}
		for _, tt := range tests {
			a := w.raw(tt.method, tt.path, tt.body, tt.headers...)
			e := w.envelopeOf(a)
			if a.status != tt.status || e.Code != tt.code {
				t.Errorf("%s: %d %s, want %d %s: %s", tt.name, a.status, e.Code, tt.status, tt.code, a.body)
			}
			var fields []rampforge.FieldIssue
			if e.Details != nil {
				fields = e.Details.Fields
			}
			byField := cmpopts.SortSlices(func(a, b rampforge.FieldIssue) bool { return a.Field < b.Field })
			if diff := cmp.Diff(tt.fields, fields, byField, cmpopts.EquateEmpty()); tt.status == 422 && diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	})
}

// TestErrorsKeepPasswordsToThemselves looks for what was sent in what came
// back and in the log.
func TestErrorsKeepPasswordsToThemselves(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		const secret = "s3cret-that-must-not-return"
		for _, body := range []string{
			`{"email":1,"password":"` + secret + `"}`, `{"password":{"x":"` + secret + `"}}`, `{"password":"` + secret, `{"password":"` + secret + `","password":""}`,
			`{"email":"` + secret + `","password":"` + secret + `"}`,
		} {
			a := w.raw("POST", "/api/v1/auth/login?password="+secret, body)
			if strings.Contains(a.body, secret) || a.status < 400 {
				t.Errorf("%d: %s", a.status, a.body)
			}
		}
		if strings.Contains(w.logs.String(), secret) {
			t.Errorf("the log holds it:\n%s", w.logs)
		}
	})
}

func TestMethodNotAllowedNamesTheOthers(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for path, want := range map[string]string{
			"/api/v1/auth/login": "POST", "/api/v1/auth/me": "GET, HEAD, PUT", "/api/v1/projects": "GET, HEAD, POST", "/openapi.json": "GET, HEAD", "/": "GET, HEAD",
		} {
			if a := w.raw("DELETE", path, ""); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != want {
				t.Errorf("DELETE %s: %d, Allow %q, want %q", path, a.status, a.header.Get("Allow"), want)
			}
			if a := w.raw("OPTIONS", path, ""); a.status != http.StatusNoContent || a.header.Get("Allow") != want {
				t.Errorf("OPTIONS %s: %d, Allow %q", path, a.status, a.header.Get("Allow"))
			}
		}
	})
}

// TestBodiesThatAreFine sends what clients send although they need not.
func TestBodiesThatAreFine(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		lead := w.bearer(rampforge.RoleTeamLead)
		r, _ := w.analysed("https://example.com/team/fine", sampleReport)
		for _, tt := range []struct {
			method, path, body, contentType string
			status                          int
		}{
			{"POST", "/api/v1/repositories/" + r.ID + "/analyze", "", "", 202},
			{"POST", "/api/v1/repositories/" + r.ID + "/analyze", "", "application/json", 202},
			{"POST", "/api/v1/repositories/" + r.ID + "/analyze", "", "text/plain;charset=UTF-8", 202},
			{"POST", "/api/v1/repositories/" + r.ID + "/analyze", "null", "application/json", 202},
			{"POST", "/api/v1/repositories/" + r.ID + "/analyze", "{}", "", 202},
			{"POST", "/api/v1/repositories/" + r.ID + "/analyze", `{"ref":null,"analysis_type":null,"force_refresh":null,"unknown":{"a":1}}`, "application/json; charset=utf-8", 202},
			{"PUT", "/api/v1/auth/profile", "", "", 200},
			{"PUT", "/api/v1/auth/profile", `{"name":null,"skills":null,"learning_progress":null,"timezone":null,"role":null}`, "application/json", 200},
			{"PUT", "/api/v1/auth/profile", "\n {\"name\":\"Zoë\\tB\"}\n", "application/merge-patch+json", 422},
			{"PUT", "/api/v1/auth/profile", "\n {\"name\":\"Zoë B\"}\n", "application/merge-patch+json", 200},
			{"POST", "/api/v1/auth/logout", "{}", "application/json", 200},
		} {
			headers := lead
			if tt.contentType != "" {
				headers = append(headers[:2:2], "Content-Type", tt.contentType)
			}
			if a := w.raw(tt.method, tt.path, tt.body, headers...); a.status != tt.status {
				t.Errorf("%s %s %q as %q: %d %s", tt.method, tt.path, tt.body, tt.contentType, a.status, a.body)
			}
		}
	})
}

// TestPanicsAreErrors lets a part of the service panic.
func TestPanicsAreErrors(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		a := w.raw("POST", "/api/v1/repositories", `{"url":"https://example.com/x"}`, w.bearer(rampforge.RoleTeamLead)...)
		if e := w.envelopeOf(a); a.status != http.StatusInternalServerError || e.Code != rampforge.CodeInternal || strings.Contains(a.body, "lost") {
			t.Errorf("%d %s", a.status, a.body)
		}
		if log := w.logs.String(); !strings.Contains(log, "lost my marbles") || !strings.Contains(log, "stack") {
			t.Errorf("the log does not say what happened:\n%s", log)
		}
		if _, err := w.client.Health(t.Context()); err != nil {
			t.Errorf("after a panic: %v", err)
		}
	}, func(s *setting) { s.api.Sources = panicking{} })
}

// FuzzBodies sends bodies that nobody would, and expects an envelope for each
// that is not taken.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `"x"`, `{"email":"a@example.com","password":"\ud800"}`, `{"name":"` + "\x7f" + `"}`, `{"a":{"b":[1,2,{"c":null}]}}`, "\xef\xbb\xbf{}", `{"email":1e999}`, `{"":0,"":1}`} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(5))
	}
	var w *world
	routes := []string{
		"POST /api/v1/auth/login", "POST /api/v1/auth/register", "POST /api/v1/auth/refresh", "PUT /api/v1/auth/profile", "PUT /api/v1/auth/password",
		"POST /api/v1/projects", "POST /api/v1/repositories", "POST /api/v1/auth/tokens", "PATCH /api/v1/users/unknown", "POST /api/v1/users/invitations",
	}
	f.Fuzz(func(t *testing.T, body []byte, n uint8) {
		w = fuzzed(t)
		method, path, _ := strings.Cut(routes[int(n)%len(routes)], " ")
		a := w.raw(method, path, string(bytes.TrimPrefix(body, []byte("\x00"))), w.bearer(rampforge.RoleAdmin)...)
		if a.status >= 500 {
			t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
		}
		if a.status >= 400 {
			w.envelopeOf(a)
		}
	})
}
