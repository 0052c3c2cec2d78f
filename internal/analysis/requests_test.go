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
	for _, tt := range []struct {
		call         language.Invocation
		method, path string // "" for none
	}{
		{language.Invocation{Name: "get", Args: []language.Argument{text("/a?b=c")}}, "GET", "/a"},
		{language.Invocation{Name: "postJson", Args: []language.Argument{text("/a")}}, "POST", "/a"},
		{language.Invocation{Name: "visit", Args: []language.Argument{text("http://localhost:3000/a")}}, "GET", "/a"},
		{language.Invocation{Name: "get", Args: []language.Argument{text("{}/a/{}")}}, "GET", "/a/{}"},
		{language.Invocation{Name: "json", Args: []language.Argument{text("PUT"), text("/a")}}, "PUT", "/a"},
		{language.Invocation{Name: "inject", Args: []language.Argument{{Kind: language.ArgMap, List: []language.Argument{named("method", "PATCH"), named("url", "/a"), named("payload", "/b")}}}}, "PATCH", "/a"},
		{language.Invocation{Name: "get", Args: []language.Argument{text("key")}}, "", ""},
		{language.Invocation{Name: "join", Args: []language.Argument{text("/a")}}, "", ""},
	} {
		method, path, ok := askedBy(&tt.call)
		if ok != (tt.path != "") || ok && (method != tt.method || path != tt.path) {
			t.Errorf("%s%v asks for %q %q, want %q %q", tt.call.Name, tt.call.Args, method, path, tt.method, tt.path)
		}
	}
}
