package ingest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// hosting are the types of services that host repositories.
var hosting = []rampforge.ServiceType{rampforge.ServiceGitHub, rampforge.ServiceGitLab, rampforge.ServiceAzureDevOps}

// bases returns the addresses below which a service's repositories are: its
// token is shown to none but them. When there is none, why says so of the
// service, as the rest of a sentence with what to do. organization is what the
// credentials of Azure DevOps say, "" when they say nothing.
func bases(v rampforge.Service, organization string) (at []string, why string) {
	if !slices.Contains(hosting, v.Type) {
		return nil, fmt.Sprintf("is of the type %s, which hosts no repositories: use one of the type github, gitlab or azure_devops", v.Type)
	}
	u, err := url.Parse(v.Endpoint)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, "is a program on the server's machine, of which nobody knows whose repositories its token opens: use one of the transport rest"
	}
	at = restBases(v.Type, u, organization)
	if v.Transport == rampforge.TransportMCP {
		at = mcpBases(v.Type, u)
	}
	if len(at) == 0 {
		return nil, fmt.Sprintf("is at %s, which does not say where its repositories are: use one of the transport rest, with the endpoint of the vendor's API", v.Endpoint)
	}
	return at, ""
}

// restBases reads the endpoint of a vendor's API, in the forms that the
// connectors take.
func restBases(t rampforge.ServiceType, u *url.URL, organization string) []string {
	host := strings.ToLower(u.Hostname())
	path := strings.TrimRight(u.Path, "/")
	switch {
	case t == rampforge.ServiceGitHub && (host == "github.com" || host == "www.github.com" || host == "api.github.com"):
		return []string{"https://github.com"}
	case t == rampforge.ServiceGitHub && strings.HasSuffix(host, ".ghe.com"):
		return []string{"https://" + strings.TrimPrefix(host, "api.")}
	case t == rampforge.ServiceGitHub:
		return []string{base(u, strings.TrimSuffix(path, "/api/v3"))}
	case t == rampforge.ServiceGitLab:
		return []string{base(u, strings.TrimSuffix(path, "/api/v4"))}
	}
	parts := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	name, old := strings.CutSuffix(host, ".visualstudio.com")
	switch {
	case old:
		return azureBases(name)
	case host == "dev.azure.com" && len(parts) > 0:
		return azureBases(parts[0])
	case host == "dev.azure.com":
		return azureBases(organization)
	case len(parts) == 0, len(parts) == 1 && strings.EqualFold(parts[0], "tfs") && !strings.EqualFold(organization, "tfs"):
		if organization == "" {
			return nil
		}
		parts = append(parts, organization)
	}
	return []string{base(u, "/"+strings.Join(parts, "/"))}
}

// mcpBases knows the vendors' own MCP servers. Where another one stands in
// front of a vendor, its address says nothing of the vendor's.
func mcpBases(t rampforge.ServiceType, u *url.URL) []string {
	host := strings.ToLower(u.Hostname())
	path := strings.TrimRight(u.Path, "/")
	switch {
	case t == rampforge.ServiceGitHub && host == "api.githubcopilot.com":
		return []string{"https://github.com"}
	case t == rampforge.ServiceGitHub && strings.HasPrefix(host, "copilot-api.") && strings.HasSuffix(host, ".ghe.com"):
		return []string{"https://" + strings.TrimPrefix(host, "copilot-api.")}
	case t == rampforge.ServiceGitLab && strings.HasSuffix(path, "/api/v4/mcp"):
		return []string{base(u, strings.TrimSuffix(path, "/api/v4/mcp"))}
	case t == rampforge.ServiceAzureDevOps && host == "mcp.dev.azure.com":
		organization, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		return azureBases(organization)
	}
	return nil
}

// azureBases are the two addresses that each organization of the cloud has. A
// token belongs to one organization.
func azureBases(organization string) []string {
	if organization == "" {
		return nil
	}
	organization = url.PathEscape(strings.ToLower(organization))
	return []string{"https://dev.azure.com/" + organization, "https://" + organization + ".visualstudio.com"}
}

func base(u *url.URL, path string) string {
	return (&url.URL{Scheme: u.Scheme, Host: hostPort(u), Path: path}).String()
}

// hostPort returns a host in lower case, with its port unless it is the
// scheme's own.
func hostPort(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" || port == "" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return host
}

// below reports whether an address is that of a repository below one of the
// bases: by the same scheme, at the same host and port.
func below(address string, at []string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	path := strings.ToLower(u.Path)
	return slices.ContainsFunc(at, func(b string) bool {
		v, err := url.Parse(b)
		return err == nil && u.Scheme == v.Scheme && hostPort(u) == hostPort(v) && strings.HasPrefix(path, strings.ToLower(strings.TrimRight(v.Path, "/"))+"/")
	})
}
