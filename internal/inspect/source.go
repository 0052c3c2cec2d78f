package inspect

import (
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/httpclient"
)

// Source is a repository's address, in the one form that it is kept and
// compared in.
type Source struct {
	Local  bool   // a folder of this machine, else an address
	URL    string // absolute path, or https address without credentials
	Name   string // the last part, without .git
	Type   rampforge.RepositoryType
	WebURL string // the page for a browser, "" when the host is not known
}

// Host returns the host of an address, with its port where that is not the
// scheme's own; "" for a folder.
func (s Source) Host() string {
	if s.Local {
		return ""
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// maxSource bounds an address in bytes.
const maxSource = 2048

// ParseSource reads a path or an address as a person writes it. It looks at
// the text alone: whether there is a repository shows when it is opened.
func ParseSource(text string) (Source, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Source{}, badSource("is empty: give a path or an https address")
	case len(text) > maxSource:
		return Source{}, badSource("is longer than %d bytes", maxSource)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Source{}, badSource("holds a control character")
	case strings.HasPrefix(text, "-"):
		return Source{}, badSource("begins with a dash; write ./%s for a folder of that name", text)
	case strings.Contains(text, "://"):
		return parseURL(text)
	}
	if m := scpAddress.FindStringSubmatch(text); m != nil {
		return Source{}, badSSH(m[1], m[2])
	}
	if strings.Contains(text, "::") {
		return Source{}, badSource("names a git transport; use an https address")
	}
	dir, err := filepath.Abs(text)
	if err != nil {
		return Source{}, badSource("is no path: %v", err)
	}
	return Source{Local: true, URL: dir, Name: nameOf(filepath.ToSlash(dir)), Type: rampforge.RepositoryLocal}, nil
}

// scpAddress is git@host:path.
var scpAddress = regexp.MustCompile(`^[A-Za-z0-9._-]+@([A-Za-z0-9.-]+):(.+)$`)

func badSource(format string, args ...any) error {
	e := rampforge.Errorf(rampforge.CodeInvalid, format, args...)
	return rampforge.Invalid(rampforge.FieldIssue{Field: "url", Issue: e.Message})
}

// badSSH refuses an SSH address with the https address of the same repository.
// A host that is none, such as -oProxyCommand=…, is not handed back to be
// pasted somewhere else.
func badSSH(host, path string) error {
	if !httpclient.IsHost(host) {
		return badSource("is an SSH address, which is not supported: use the repository's https address")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return badSource("is an SSH address, which is not supported: use https://%s/%s", host, strings.TrimPrefix(path, "/"))
}

func parseURL(text string) (Source, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Source{}, badSource("is no address: write https://host/owner/name")
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme == "file":
		return Source{}, badSource("is a file: address; give the path itself")
	case u.Scheme == "ssh":
		return Source{}, badSSH(u.Hostname(), u.EscapedPath())
	case u.Scheme != "https" && u.Scheme != "http":
		return Source{}, badSource("has the scheme %q; use https", u.Scheme)
	case u.User != nil:
		return Source{}, badSource("holds a user name or a password: leave it out, and give a token instead")
	case u.Hostname() == "":
		return Source{}, badSource("names no host: write https://host/owner/name")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return Source{}, badSource("has a part after ? or #: leave it out")
	}
	u.Host = strings.ToLower(u.Host)
	if port := u.Port(); port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" || port == "" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	clean := path.Clean("/" + strings.TrimRight(u.Path, "/"))
	if clean == "/" {
		return Source{}, badSource("names a host and no repository: write https://host/owner/name")
	}
	u.Path, u.RawPath = clean, ""
	s := Source{Name: nameOf(clean), Type: typeOf(u.Hostname())}
	if s.Type != rampforge.RepositoryGit {
		// On these hosts the address works with and without it, so that both are
		// the same repository.
		u.Path = strings.TrimSuffix(u.Path, ".git")
		s.WebURL = u.String()
	}
	s.URL = u.String()
	return s, nil
}

// typeOf knows the hosts that have one kind of software for certain.
func typeOf(host string) rampforge.RepositoryType {
	switch {
	case host == "github.com":
		return rampforge.RepositoryGitHub
	case host == "gitlab.com":
		return rampforge.RepositoryGitLab
	case host == "dev.azure.com" || strings.HasSuffix(host, ".visualstudio.com"):
		return rampforge.RepositoryAzureDevOps
	}
	return rampforge.RepositoryGit
}

func nameOf(slashed string) string {
	base := path.Base(slashed)
	name := strings.TrimSuffix(base, ".git")
	if name == "" { // the folder .git itself, or a bare /.git
		name = path.Base(path.Dir(slashed))
	}
	if name == "/" || name == "." {
		return "repository"
	}
	return name
}
