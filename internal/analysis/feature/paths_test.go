package feature

import "testing"

func TestPathsInOneNotation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		convert  func(string) string
		in, want string
	}{
		{colon, "/users/:id", "/users/{id}"},
		{colon, "/users/:id(\\d+)/posts/:slug?", "/users/{id}/posts/{slug}"},
		{colon, "/files/*path", "/files/{path...}"},
		{colon, "/files/*", "/files/{rest...}"},
		{colon, "/posts(.:format)", "/posts"},
		{colon, "/a/:from-:to", "/a/{from}-{to}"},
		{angle, "/users/<int:id>/", "/users/{id}"},
		{angle, "/f/<path:p>", "/f/{p...}"},
		{angle, "/b/<id:int>", "/b/{id}"},
		{angle, "/b/<name:re:[a-z]+>", "/b/{name}"},
		{angle, "/r/<rest..>", "/r/{rest...}"},
		{angle, "/r/<id>", "/r/{id}"},
		{braces, "/users/{id:[0-9]{2}}/x", "/users/{id}/x"},
		{braces, "/a/{id?}", "/a/{id}"},
		{braces, "/a/{id:int:min(1)}", "/a/{id}"},
		{braces, "/a/{*rest}", "/a/{rest...}"},
		{braces, "/a/{rest...}", "/a/{rest...}"},
		{braces, "/a/{file_path:path}", "/a/{file_path...}"},
		{braces, "/a/**", "/a/{rest...}"},
		{braces, "/a/*", "/a/{rest...}"},
		{braces, "/a/{broken", "/a/{broken}"},
		{brackets, "/(shop)/items/[id]/@modal", "/items/{id}"},
		{brackets, "docs/[[...slug]]", "/docs/{slug...}"},
		{brackets, "[lang]/[a]-[b]", "/{lang}/{a}-{b}"},
		{pattern, `^users/(?P<id>\d+)/$`, "/users/{id}"},
		{pattern, `^a/(?:b/)?(\w+)$`, "/a/b/{}"},
		{pattern, `/page\.html`, "/page.html"},
		{func(s string) string { return s }, "https://example.com//a//b/?q=1", "/a/b"},
		{func(s string) string { return s }, "", "/"},
	} {
		if got := cleanPath(tt.convert(tt.in)); got != tt.want {
			t.Errorf("%q is %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzPaths(f *testing.F) {
	for _, seed := range []string{"/:a(b)", "<a:b:c", "{a{b}", "[[...a]", "^(?P<x>(a)", "(((", "*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, p string) {
		for _, convert := range []func(string) string{colon, angle, braces, brackets, pattern} {
			if got := cleanPath(convert(p)); got == "" || got[0] != '/' {
				t.Errorf("%q is %q", p, got)
			}
		}
	})
}
