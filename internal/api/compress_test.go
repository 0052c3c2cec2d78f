package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/auth"
)

// packed asks with gzip allowed, and leaves the answer as it came.
func (w *world) packed(method, path, body string, headers ...string) answer {
	w.t.Helper()
	return w.raw(method, path, body, append([]string{"Accept-Encoding", "gzip, br"}, headers...)...)
}

// unpack reads a compressed body, and the padding of its header.
func unpack(t *testing.T, a answer) (text, padding string) {
	t.Helper()
	if got := a.header.Get("Content-Encoding"); got != "gzip" {
		t.Fatalf("Content-Encoding %q: %d %.200s", got, a.status, a.body)
	}
	r, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain), r.Comment
}

func varies(a answer) bool {
	return strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Accept-Encoding")
}

// described makes a project whose answer is larger than what is compressed.
func (w *world) described(description string) client.Project {
	w.t.Helper()
	p, err := w.lead().CreateProject(w.t.Context(), client.NewProject{Name: "packed", Description: description})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// noise is text of 1,600 characters that hardly becomes smaller.
func noise(seed string) string {
	var b strings.Builder
	for n := 0; b.Len() < 1600; n++ {
		sum := sha256.Sum256([]byte(fmt.Sprint(seed, n)))
		b.WriteString(base64.RawStdEncoding.EncodeToString(sum[:]))
	}
	return b.String()[:1600]
}

func TestLargeAnswersAreCompressed(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		for n := range 20 {
			w.repository(fmt.Sprintf("https://example.com/team/packed-%d", n))
		}
		lead := w.bearer(rampforge.RoleTeamLead)
		for _, path := range []string{"/api/v1/repositories", "/api/v1/repositories/", "/openapi.json", "/api/docs"} {
			plain := w.raw("GET", path, "", append(lead, "Accept-Encoding", "identity")...)
			small := w.packed("GET", path, "", lead...)
			text, padding := unpack(t, small)
			if text != plain.body || len(small.body) > len(plain.body)/2 || padding == "" {
				t.Errorf("%s: %d bytes of %d, the same %v, padding %q", path, len(small.body), len(plain.body), text == plain.body, padding)
			}
			if plain.header.Get("Content-Encoding") != "" || !varies(plain) || !varies(small) {
				t.Errorf("%s: %v, %v", path, plain.header, small.header)
			}
			if head := w.packed("HEAD", path, "", lead...); head.status != 200 || head.body != "" || head.header.Get("Content-Encoding") != "" || !varies(head) {
				t.Errorf("HEAD %s: %d %v", path, head.status, head.header)
			}
			for _, refused := range []string{"gzip;q=0", "br", "identity", "x-gzip;q=0, deflate"} {
				if a := w.raw("GET", path, "", append(lead, "Accept-Encoding", refused)...); a.body != plain.body || a.header.Get("Content-Encoding") != "" {
					t.Errorf("%s with Accept-Encoding %s: %q", path, refused, a.header.Get("Content-Encoding"))
				}
			}
		}
		if a := w.packed("GET", "/api/v1/projects", "", lead...); a.header.Get("Content-Encoding") != "" || !varies(a) || !json.Valid([]byte(a.body)) {
			t.Errorf("a small answer: %v", a.header)
		}
		admin := w.bearer(rampforge.RoleAdmin)
		text, _ := unpack(t, w.packed("GET", "/api/v1/audit/export", "", admin...))
		for line := range strings.Lines(text) { // it is written while it is read
			if !json.Valid([]byte(line)) {
				t.Fatalf("%q", line)
			}
		}
		if a := w.packed("GET", "/api/docs/swagger-ui-bundle.js", ""); len(a.header.Values("Content-Encoding")) > 1 {
			t.Errorf("compressed twice: %v", a.header)
		} else if a.header.Get("Content-Encoding") == "gzip" {
			if script, _ := unpack(t, a); !strings.Contains(script, "SwaggerUIBundle") {
				t.Error("the script does not come out of it")
			}
		}
	})
}

func TestCompressionIsSwitchedOff(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		a := w.packed("GET", "/openapi.json", "")
		if a.header.Get("Content-Encoding") != "" || varies(a) || !json.Valid([]byte(a.body)) || strings.HasPrefix(a.header.Get("ETag"), "W/") {
			t.Errorf("%v", a.header)
		}
	}, func(s *setting) { s.api.Compress = false })
}

// TestSecretsAreNotCompressed makes answers large that hold tokens or what leads
// to them, by text that others choose, as who listens on the way would.
func TestSecretsAreNotCompressed(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		admin := w.bearer(rampforge.RoleAdmin)
		long := `{"learning_progress":{"text":"` + strings.Repeat("eyJhbGciOi", 400) + `"}}`
		if a := w.packed("PUT", "/api/v1/auth/me", long, append(admin, "Content-Type", "application/json")...); a.status != http.StatusOK || a.header.Get("Content-Encoding") != "" {
			t.Fatalf("%d %v", a.status, a.header)
		}
		login := w.packed("POST", "/api/v1/auth/login", `{"email":"admin@example.com","password":"`+password+`"}`, "Content-Type", "application/json")
		var tokens client.Tokens
		if err := json.Unmarshal([]byte(login.body), &tokens); err != nil || login.status != http.StatusOK || len(login.body) < 4000 {
			t.Fatalf("signing in: %v, %d, %d bytes, %v", err, login.status, len(login.body), login.header)
		}
		for n := range 12 {
			if _, err := w.auth.Invite(ctx, auth.Identity{User: w.people[rampforge.RoleAdmin].user}, fmt.Sprintf("somebody-%d@example.com", n), "", auth.Client{}); err != nil {
				t.Fatal(err)
			}
		}
		answers := map[string]answer{
			"login":   login,
			"refresh": w.packed("POST", "/api/v1/auth/refresh", `{"refresh_token":"`+tokens.RefreshToken+`"}`, "Content-Type", "application/json"),
			"a token": w.packed("POST", "/api/v1/auth/tokens", `{"name":"`+strings.Repeat("r", 100)+`"}`, append(admin, "Content-Type", "application/json")...),
			"a service": w.packed("POST", "/api/v1/mcp/services", `{"service_type":"github","name":"`+strings.Repeat("s", 100)+`","endpoint":"https://api.github.com","credentials":{"token":"a token that is secret"}}`,
				append(admin, "Content-Type", "application/json")...),
		}
		for _, path := range []string{"/auth/me", "/auth/tokens", "/auth/sessions", "/auth/verify", "/users/invitations", "/mcp/services", "/model-requests"} {
			answers[path] = w.packed("GET", "/api/v1"+path, "", admin...)
		}
		large := 0
		for what, a := range answers {
			if a.status >= 300 || a.header.Get("Content-Encoding") != "" || !json.Valid([]byte(a.body)) {
				t.Errorf("%s: %d %v", what, a.status, a.header)
			}
			if len(a.body) > 1024 {
				large++
			}
		}
		if large < 4 { // else nothing was shown
			t.Errorf("only %d answers are large", large)
		}
	})
}

// secretNames are what fields of secrets are called. A count of a model's tokens is none.
var secretNames = []string{"password", "secret", "credential", "access_token", "refresh_token", "api_key", "private_key"}

// TestCompressedSchemasHoldNoSecrets reads the contract: no answer that is
// compressed has a field for a secret.
func TestCompressedSchemasHoldNoSecrets(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		doc, compressed := w.document(), 0
		for path, operations := range doc.Paths {
			for method, op := range operations {
				pattern := strings.ToUpper(method) + " " + path
				if !api.Compressible(pattern) {
					continue
				}
				compressed++
				if method != "get" {
					t.Errorf("%s changes something, and tells once what came of it", pattern)
				}
				for _, field := range doc.fields(op.Responses["200"]) {
					if slices.ContainsFunc(secretNames, func(s string) bool { return strings.Contains(field, s) }) {
						t.Errorf("%s is compressed and has the field %s", pattern, field)
					}
				}
			}
		}
		if compressed < 40 {
			t.Errorf("%d routes are compressed", compressed)
		}
		if login := doc.fields(doc.Paths["/api/v1/auth/login"]["post"].Responses["200"]); !slices.Contains(login, "access_token") {
			t.Errorf("this test does not find fields: %v", login)
		}
	})
}

// fields are the names of all properties of an answer.
func (d document) fields(response json.RawMessage) []string {
	names, seen := []string{}, map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok && !seen[ref] {
				seen[ref] = true
				var schema any
				_ = json.Unmarshal(d.Components.Schemas[ref[strings.LastIndex(ref, "/")+1:]], &schema)
				walk(schema)
			}
			for key, inner := range v {
				if properties, ok := inner.(map[string]any); ok && key == "properties" {
					for name := range properties {
						names = append(names, strings.ToLower(name))
					}
				}
				if key != "example" && key != "examples" {
					walk(inner)
				}
			}
		}
	}
	var v any
	_ = json.Unmarshal(response, &v)
	walk(v)
	return names
}

// TestCompressedTags asks whether something changed, in every mixture of
// compressed and not: a cache must never take one for the other.
func TestCompressedTags(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		r, _ := w.analysed("https://example.com/team/tagged", strings.Replace(sampleReport, `"z":`, `"y":"`+noise("report")+`","z":`, 1))
		for _, path := range []string{"/openapi.json", "/api/v1/repositories/" + r.ID + "/analysis"} {
			observer := w.bearer(rampforge.RoleTeamLead)
			strong := w.raw("GET", path, "", append(observer, "Accept-Encoding", "identity")...).header.Get("ETag")
			small := w.packed("GET", path, "", observer...)
			unpack(t, small)
			weak := small.header.Get("ETag")
			if !strings.HasPrefix(strong, `"`) || weak != "W/"+strong {
				t.Errorf("%s: tags %s and %s", path, strong, weak)
			}
			for sent, want := range map[string]string{strong: strong, weak: weak, `"other", ` + weak: weak, `"other",` + strong: strong} {
				for _, encoding := range []string{"gzip", "identity"} {
					a := w.raw("GET", path, "", append(observer, "If-None-Match", sent, "Accept-Encoding", encoding)...)
					if a.status != http.StatusNotModified || a.body != "" || a.header.Get("ETag") != want || a.header.Get("Content-Encoding") != "" || !varies(a) {
						t.Errorf("%s as %s, If-None-Match %s: %d %v", path, encoding, sent, a.status, a.header)
					}
				}
			}
			if a := w.packed("GET", path, "", append(observer, "If-None-Match", `W/"other"`)...); a.status != http.StatusOK || a.header.Get("ETag") != weak {
				t.Errorf("%s with another tag: %d %v", path, a.status, a.header)
			}
		}
	})
}

// TestRevisionsStayStrong changes settings by the tag that came with them, as
// large as they may be.
func TestRevisionsStayStrong(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		path := "/api/v1/projects/" + w.described("settings").ID + "/workflow/settings"
		lead := append(w.bearer(rampforge.RoleTeamLead), "Content-Type", "application/json")
		for range 2 {
			a := w.packed("GET", path, "", lead...)
			tag := a.header.Get("ETag")
			if !strings.HasPrefix(tag, `"`) || a.header.Get("Content-Encoding") != "" {
				t.Fatalf("%v", a.header)
			}
			if a := w.packed("PUT", path, `{"zone":"Europe/Vienna"}`, append(lead, "If-Match", tag)...); a.status != http.StatusOK {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
	})
}

// TestPadding answers with texts of one length that an attacker would try one
// after the other: how long the answers are depends on more than what is tried,
// and asking again tells nothing new.
func TestPadding(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		lead := append(w.bearer(rampforge.RoleTeamLead), "Content-Type", "application/json")
		path := "/api/v1/projects/" + w.described(noise("first")).ID
		paddings := map[int]bool{}
		for n := range 24 {
			if a := w.raw("PUT", path, `{"description":"`+noise(fmt.Sprint("guess", n))+`"}`, lead...); a.status != http.StatusOK {
				t.Fatalf("%d %s", a.status, a.body)
			}
			first, again := w.packed("GET", path, "", lead...), w.packed("GET", path, "", lead...)
			_, padding := unpack(t, first)
			if len(padding) < 1 || len(padding) > 64 {
				t.Fatalf("a padding of %d", len(padding))
			}
			if first.body != again.body {
				t.Error("the same answer has another length: its average would tell")
			}
			paddings[len(padding)] = true
		}
		if len(paddings) < 8 { // of 64 lengths in 24 draws; fewer do not come once in 10^12
			t.Errorf("only the lengths %v", paddings)
		}
	})
}

// TestStreamsAreNotHeldBack reads each event of a stream before the next is made.
func TestStreamsAreNotHeldBack(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		r := w.repository("https://example.com/team/streamed")
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/api/v1/events", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", w.bearer(rampforge.RoleTeamLead)[1])
		request.Header.Set("Accept-Encoding", "gzip")
		response, err := w.server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.Header.Get("Content-Encoding") != "" {
			t.Fatalf("%v", response.Header)
		}
		lines := bufio.NewReader(response.Body)
		until := func(what string) {
			t.Helper()
			for {
				line, err := lines.ReadBytes('\n')
				if err != nil {
					t.Fatal(err)
				}
				if bytes.HasPrefix(line, []byte(what)) {
					return
				}
			}
		}
		until("retry:")
		for range 3 {
			started, err := w.lead().Analyze(t.Context(), r.ID, client.AnalysisRequest{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			until("data:")
			w.finish(started.AnalysisID, sampleReport)
			until("data:")
		}
	})
}
