package analysis

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestWhatAnswersARequest(t *testing.T) {
	t.Parallel()
	var endpoints []report.Endpoint
	for _, e := range []struct{ method, path, file string }{
		{"GET", "/users", "users"}, {"POST", "/users", "users"}, {"GET", "/users/{id}", "user"}, {"GET", "/users/new", "form"},
		{"ANY", "/files/{path...}", "files"}, {"GET", "/{name}", "page"}, {"GET", "/{rest...}", "left over"}, {"GET", "/", "home"},
	} {
		endpoints = append(endpoints, report.Endpoint{Method: e.method, Path: e.path, Location: report.Location{Path: "routes"}, Declared: &report.Location{Path: e.file}})
	}
	endpoints = append(endpoints, report.Endpoint{Method: "GET", Path: "/old", Framework: "Rails", Location: report.Location{Path: "config/routes.rb"}})
	a := newAnswerers(endpoints)
	for _, tt := range []struct {
		method, path, file string // "" for none
		sure               uint8
	}{
		{"GET", "/users", "users", sureLiteral},
		{"POST", "/users/", "users", sureLiteral},
		{"GET", "/users.json", "users", sureLiteral},
		{"GET", "/users/7", "user", sureParameter},
		{"GET", "/users/{}", "user", sureParameter},
		{"GET", "/users/new", "form", sureLiteral},
		{"DELETE", "/files/a/b", "files", sureParameter},
		{"", "/", "home", sureLiteral},
		{"GET", "/about", "page", sureVariable},
		{"DELETE", "/users/7", "", 0},
		{"GET", "/a/b/c", "", 0},
		{"GET", "/old", "page", sureVariable},
	} {
		file, sure := "", uint8(0)
		for _, e := range a.of(tt.method, tt.path) {
			file, sure = a.endpoints[e].file, a.endpoints[e].sure()
		}
		if file != tt.file || sure != tt.sure {
			t.Errorf("%s %s is answered by %q (%d), want %q (%d)", tt.method, tt.path, file, sure, tt.file, tt.sure)
		}
	}
}

func TestWhatATestAsksFor(t *testing.T) {
	t.Parallel()
	text := func(s string) language.Argument { return language.Argument{Kind: language.ArgString, Text: s} }
	named := func(name, s string) language.Argument {
		return language.Argument{Kind: language.ArgString, Name: name, Text: s}
	}
	name := func(s string) language.Argument { return language.Argument{Kind: language.ArgName, Text: s} }
	call := func(receiver, name string, args ...language.Argument) language.Invocation {
		return language.Invocation{Receiver: receiver, Name: name, On: -1, Args: args}
	}
	on := func(name string, args ...language.Argument) language.Invocation {
		return language.Invocation{Name: name, On: 0, Args: args}
	}
	keeps := []language.Declaration{
		{Name: "ENDPOINT", Kind: language.KindConstant, Signature: `= "/api/orders/"`},
		{Name: "url", Kind: language.KindField, Owner: "Orders", Signature: `str = "/orders/{}/lines"`},
		{Name: "other", Kind: language.KindField, Owner: "Orders", Signature: `= "/one"`},
		{Name: "other", Kind: language.KindField, Owner: "Lines", Signature: `= "/two"`},
		{Name: "made", Kind: language.KindField, Owner: "Lines", Signature: "str"},
	}
	for _, tt := range []struct {
		calls        []language.Invocation // the last one asks
		method, path string                // "" for none
	}{
		{[]language.Invocation{call("", "get", text("/a?b=c"))}, "GET", "/a"},
		{[]language.Invocation{call("", "postJson", text("/a"))}, "POST", "/a"},
		{[]language.Invocation{call("", "get", text("{}/a/{}"))}, "GET", "/a/{}"},
		{[]language.Invocation{call("", "json", text("PUT"), text("/a"))}, "PUT", "/a"},
		{[]language.Invocation{call("", "inject", language.Argument{Kind: language.ArgMap, List: []language.Argument{named("method", "PATCH"), named("url", "/a"), named("payload", "/b")}})}, "PATCH", "/a"},
		{[]language.Invocation{call("", "get", text("key"))}, "", ""},
		{[]language.Invocation{call("", "join", text("/a"))}, "", ""},

		// The host says whether the software itself is asked.
		{[]language.Invocation{call("", "visit", text("http://localhost:3000/a"))}, "GET", "/a"},
		{[]language.Invocation{call("", "get", text("http://[::1]:80/a"))}, "GET", "/a"},
		{[]language.Invocation{call("", "get", text("http://testserver"))}, "GET", "/"},
		{[]language.Invocation{call("", "get", text("https://{}:{}/a"))}, "GET", "/a"},
		{[]language.Invocation{call("requests", "get", text("http://example.org/a"))}, "", ""},
		{[]language.Invocation{call("requests", "request", text("GET"), text("http://localhost.example.org/a"), text("/b"))}, "", ""},

		// A path without a slash is one where a test client is asked for it.
		{[]language.Invocation{call("this", "getJson", text("api/songs"))}, "GET", "api/songs"},
		{[]language.Invocation{call("this", "get", text("api/songs/{}"))}, "GET", "api/songs/{}"},
		{[]language.Invocation{call("this", "json", text("DELETE"), text("songs"))}, "DELETE", "songs"},
		{[]language.Invocation{call("this", "actingAs", name("user")), on("postJson", text("api/songs"))}, "POST", "api/songs"},
		{[]language.Invocation{call("_client", "GetAsync", text("api/songs"))}, "GET", "api/songs"},
		{[]language.Invocation{call("factory", "CreateClient"), on("GetAsync", text("api/songs"))}, "GET", "api/songs"},
		{[]language.Invocation{call("page", "goto", text("login"))}, "GET", "login"},
		{[]language.Invocation{call("this", "getAs", text("api/songs"))}, "GET", "api/songs"},
		{[]language.Invocation{call("cache", "get", text("api/songs"))}, "", ""},
		{[]language.Invocation{call("this", "get", text("songs"))}, "", ""},
		{[]language.Invocation{call("this", "getJson", text("songs.json"))}, "", ""},
		{[]language.Invocation{call("cache", "make"), on("get", text("api/songs"))}, "", ""},

		// What constants and fields of the file hold.
		{[]language.Invocation{call("client", "get", name("ENDPOINT"))}, "GET", "/api/orders/"},
		{[]language.Invocation{call("self.client", "post", name("self.url"), text("/b"))}, "POST", "/orders/{}/lines"},
		{[]language.Invocation{call("client", "get", language.Argument{Kind: language.ArgString, Text: "{}{}/", List: []language.Argument{name("ENDPOINT"), name("id")}})}, "GET", "/api/orders/{}/"},
		{[]language.Invocation{call("client", "get", name("self.other"))}, "", ""},
		{[]language.Invocation{call("client", "get", name("self.made"))}, "", ""},
		{[]language.Invocation{call("client", "get", name("order.url"))}, "", ""},
	} {
		asks := newAsking(&language.Facts{Invocations: tt.calls, Declares: keeps}, map[string]string{"getAs": "GET"})
		method, path, ok := asks.of(len(tt.calls) - 1)
		if ok != (tt.path != "") || ok && (method != tt.method || path != tt.path) {
			t.Errorf("%v asks for %q %q, want %q %q", tt.calls, method, path, tt.method, tt.path)
		}
	}
}

func TestVerbsOfTheTestsThemselves(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, signature, method string }{
		{"getAs", "(string $url, ?User $user = null): TestResponse", "GET"},
		{"post_json", "(self, url: str, data)", "POST"},
		{"deleteOrder", "(uri: string)", "DELETE"},
		{"getUser", "(string $name, string $url)", ""},
		{"getter", "(url)", ""},
		{"fetchAs", "(url)", ""},
	} {
		if method := ownVerb(&language.Declaration{Name: tt.name, Kind: language.KindMethod, Signature: tt.signature}); method != tt.method {
			t.Errorf("%s%s asks by %q, want %q", tt.name, tt.signature, method, tt.method)
		}
	}
}
