package inspect

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
)

func TestParseSource(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Source{
		"https://github.com/owner/name":              {URL: "https://github.com/owner/name", Name: "name", Type: "github", WebURL: "https://github.com/owner/name"},
		"HTTPS://GitHub.com:443/owner/name.git/":     {URL: "https://github.com/owner/name", Name: "name", Type: "github", WebURL: "https://github.com/owner/name"},
		"https://gitlab.com/group/sub/name.git":      {URL: "https://gitlab.com/group/sub/name", Name: "name", Type: "gitlab", WebURL: "https://gitlab.com/group/sub/name"},
		"https://dev.azure.com/org/prj/_git/name":    {URL: "https://dev.azure.com/org/prj/_git/name", Name: "name", Type: "azure_devops", WebURL: "https://dev.azure.com/org/prj/_git/name"},
		"https://git.example.com:8443/a//b/name.git": {URL: "https://git.example.com:8443/a/b/name.git", Name: "name", Type: "git"},
		"http://git.example.com:80/name":             {URL: "http://git.example.com/name", Name: "name", Type: "git"},
		"https://git.example.com/a/../b":             {URL: "https://git.example.com/b", Name: "b", Type: "git"},
	} {
		got, err := ParseSource(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseSourcePath(t *testing.T) {
	t.Parallel()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]Source{
		".":               {Local: true, URL: here, Name: "inspect", Type: "local"},
		"/srv/name.git":   {Local: true, URL: "/srv/name.git", Name: "name", Type: "local"},
		"/srv/name/.git/": {Local: true, URL: "/srv/name/.git", Name: "name", Type: "local"},
		"/":               {Local: true, URL: "/", Name: "repository", Type: "local"},
	} {
		got, err := ParseSource(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseSourceRefuses(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                                     "empty",
		"-oProxyCommand=x":                     "dash",
		"git@github.com:owner/name.git":        "https://github.com/owner/name.git",
		"ssh://git@example.com/owner/name":     "https://example.com/owner/name",
		"ssh://git@[2606:4700::1]:22/a":        "https://[2606:4700::1]/a",
		"ssh://-oProxyCommand=x/a":             "SSH",
		"file:///etc":                          "the path itself",
		"ext::sh -c whoami":                    "transport",
		"ext::https://example.com/a":           "scheme",
		"ftp://example.com/a":                  "scheme",
		"https://user:word@example.com/a":      "token",
		"https://token@example.com/a":          "token",
		"https:///a":                           "no host",
		"https://example.com":                  "no repository",
		"https://example.com/a?x=1":            "after ?",
		"https://example.com/a#b":              "after ?",
		"https://example.com/a\nb":             "control",
		"https://example.com/" + bigPath(3000): "longer",
		"https://exa mple.com/a":               "address",
	} {
		_, err := ParseSource(text)
		if rampforge.ErrorCode(err) != rampforge.CodeInvalid {
			t.Errorf("%q: %v, want a refusal", text, err)
		} else if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is refused with %q, which does not say %q", text, err, says)
		}
	}
}

// A suggestion is pasted somewhere else: nothing is suggested for a host that
// is none.
func TestParseSourceSuggestsHostsOnly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"ssh://-oProxyCommand=whoami/a", "ssh://git@-oProxyCommand=whoami/a", "ssh://-host.example.com/a", "git@-oProxyCommand:a/b", "git@-host.example.com:a/b", "git@a..b:c",
		"ssh:///a", "ssh://127.1/a", "ssh://exa_mple.com/a",
	} {
		_, err := ParseSource(text)
		if rampforge.ErrorCode(err) != rampforge.CodeInvalid || !strings.Contains(err.Error(), "SSH") || strings.Contains(err.Error(), "https://") {
			t.Errorf("%q is refused with %v, want no suggestion", text, err)
		}
	}
}

func bigPath(n int) string { return strings.Repeat("a", n) }
