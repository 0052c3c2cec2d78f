package ingest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
)

// TestBases is where the repositories of each form of service are.
func TestBases(t *testing.T) {
	t.Parallel()
	azure := []string{"https://dev.azure.com/contoso", "https://contoso.visualstudio.com"}
	for _, c := range []struct {
		kind         rampforge.ServiceType
		transport    rampforge.Transport
		endpoint     string
		organization string
		want         []string
		why          string
	}{
		{"github", "rest", "https://api.github.com", "", []string{"https://github.com"}, ""},
		{"github", "rest", "https://github.com", "", []string{"https://github.com"}, ""},
		{"github", "rest", "https://git.example.com/api/v3", "", []string{"https://git.example.com"}, ""},
		{"github", "rest", "https://git.example.com:8443/below/api/v3/", "", []string{"https://git.example.com:8443/below"}, ""},
		{"github", "rest", "http://git.example.com:80/api/v3", "", []string{"http://git.example.com"}, ""},
		{"github", "rest", "https://api.octo.ghe.com", "", []string{"https://octo.ghe.com"}, ""},
		{"github", "rest", "https://octo.ghe.com", "", []string{"https://octo.ghe.com"}, ""},
		{"github", "mcp", "https://api.githubcopilot.com/mcp", "", []string{"https://github.com"}, ""},
		{"github", "mcp", "https://copilot-api.octo.ghe.com/mcp", "", []string{"https://octo.ghe.com"}, ""},
		{"github", "mcp", "https://mcp.example.com/mcp", "", nil, "transport rest"},
		{"github", "mcp", "https://api.githubcopilot.com.example.com/mcp", "", nil, "transport rest"},
		{"github", "mcp", "stdio:own", "", nil, "program"},
		{"gitlab", "rest", "https://gitlab.com", "", []string{"https://gitlab.com"}, ""},
		{"gitlab", "rest", "https://Git.example.com/tools/gitlab/api/v4", "", []string{"https://git.example.com/tools/gitlab"}, ""},
		{"gitlab", "mcp", "https://gitlab.example.com/api/v4/mcp", "", []string{"https://gitlab.example.com"}, ""},
		{"gitlab", "mcp", "https://gitlab.example.com/mcp", "", nil, "transport rest"},
		{"azure_devops", "rest", "https://dev.azure.com", "Contoso", azure, ""},
		{"azure_devops", "rest", "https://dev.azure.com/contoso", "", azure, ""},
		{"azure_devops", "rest", "https://contoso.visualstudio.com", "contoso", azure, ""},
		{"azure_devops", "rest", "https://dev.azure.com", "", nil, "does not say"},
		{"azure_devops", "rest", "https://tfs.example.com/tfs/Main", "Main", []string{"https://tfs.example.com/tfs/Main"}, ""},
		{"azure_devops", "rest", "https://tfs.example.com/tfs", "Main", []string{"https://tfs.example.com/tfs/Main"}, ""},
		{"azure_devops", "rest", "https://tfs.example.com", "Main", []string{"https://tfs.example.com/Main"}, ""},
		{"azure_devops", "mcp", "https://mcp.dev.azure.com/contoso", "", azure, ""},
		{"azure_devops", "mcp", "https://mcp.dev.azure.com", "", nil, "does not say"},
		{"jira", "rest", "https://jira.example.com", "", nil, "hosts no repositories"},
		{"confluence", "mcp", "https://mcp.example.com/mcp", "", nil, "hosts no repositories"},
	} {
		at, why := bases(rampforge.Service{Type: c.kind, Transport: c.transport, Endpoint: c.endpoint}, c.organization)
		if diff := cmp.Diff(c.want, at); diff != "" || !strings.Contains(why, c.why) || (why == "") != (c.why == "") {
			t.Errorf("%s by %s at %s: %q (-want +got):\n%s", c.kind, c.transport, c.endpoint, why, diff)
		}
	}
}

func TestBelow(t *testing.T) {
	t.Parallel()
	at := []string{"https://git.example.com/tools", "http://127.0.0.1:8080", "https://dev.azure.com/my%20org"}
	for address, want := range map[string]bool{
		"https://git.example.com/tools/a/b":        true,
		"https://GIT.example.com:443/Tools/a":      true,
		"https://git.example.com/toolsmith/a":      false,
		"https://git.example.com/tools":            false,
		"https://git.example.com/other/a":          false,
		"http://git.example.com/tools/a":           false,
		"https://git.example.com:8443/tools/a":     false,
		"https://git.example.com.evil.test/tools/": false,
		"https://evil.git.example.com/tools/a":     false,
		"https://git.example.com@evil.test/tools/": false,
		"https://someone@git.example.com/tools/a":  false,
		"http://127.0.0.1:8080/a":                  true,
		"https://127.0.0.1:8080/a":                 false,
		"http://127.0.0.1/a":                       false,
		"https://dev.azure.com/My%20Org/p/_git/r":  true,
		"https://dev.azure.com/other/p/_git/r":     false,
		"/srv/git/a":                               false,
		"":                                         false,
	} {
		if below(address, at) != want {
			t.Errorf("%q: %t", address, !want)
		}
	}
}
