package feature

import (
	"slices"
	"strings"
	"testing"
)

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

func TestOptionalPartsOfRails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"/recent(/page/:page)(.:format)", []string{"/recent", "/recent/page/{page}"}},
		{"/t/:tag(/page/:page)", []string{"/t/{tag}", "/t/{tag}/page/{page}"}},
		{"/top(/:length(/page/:page))", []string{"/top", "/top/{length}", "/top/{length}/page/{page}"}},
		{"(:locale)/about", []string{"/about", "/{locale}/about"}},
		{"/s/:id/(:title)", []string{"/s/{id}", "/s/{id}/{title}"}},
		{"/a(/b)(/c)", []string{"/a", "/a/c", "/a/b", "/a/b/c"}},
		{"/books/*section/:title", []string{"/books/{section...}/{title}"}},
		{"/avatars/:name_size.png", []string{"/avatars/{name_size}.png"}},
		{"/a(/b", []string{"/a/b"}},
		{"/a()/b", []string{"/a/b"}},
		{"/a(/1)(/2)(/3)(/4)(/5)", []string{"/a/5"}}, // the end only: see maxForms
	} {
		var got []string
		for _, form := range forms(railsPath(tt.in)) {
			got = append(got, cleanPath(form))
		}
		if tt.in == "/a(/1)(/2)(/3)(/4)(/5)" {
			if len(got) != maxForms || got[0] != tt.want[0] {
				t.Errorf("%q is %q", tt.in, got)
			}
			continue
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q is %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := forms(strings.Repeat("(", maxPathBytes)); len(got) != 1 {
		t.Errorf("a path that is never closed is %q", got)
	}
	if got := forms(strings.Repeat("(a", maxPathBytes/4) + strings.Repeat(")", maxPathBytes/4)); len(got) > maxForms {
		t.Errorf("a hundred optional parts in each other are %d paths", len(got))
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
		if got := forms(railsPath(p)); len(got) > maxForms {
			t.Errorf("%q is %d paths", p, len(got))
		}
	})
}
