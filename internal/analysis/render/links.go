package render

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// linker makes addresses of files. The zero linker makes none: an address is
// never guessed for a host whose way of writing them is not known.
type linker struct {
	base string // up to the path, ends with a slash
	line string // what stands between path and line
}

// hosts says how each known host writes the address of a line of a file at a
// commit.
var hosts = map[string]linker{
	"github.com":    {base: "/blob/", line: "#L"},
	"gitlab.com":    {base: "/-/blob/", line: "#L"},
	"codeberg.org":  {base: "/src/commit/", line: "#L"},
	"gitea.com":     {base: "/src/commit/", line: "#L"},
	"bitbucket.org": {base: "/src/", line: "#lines-"},
}

func newLinker(r *report.CodeReport) linker {
	if r.WebURL == nil || r.Commit == "" {
		return linker{}
	}
	page, err := url.Parse(*r.WebURL)
	if err != nil || page.Scheme != "https" || page.User != nil || page.RawQuery != "" || page.Fragment != "" {
		return linker{}
	}
	host, ok := hosts[page.Host]
	if !ok {
		return linker{}
	}
	repository := strings.TrimSuffix(strings.TrimSuffix(page.EscapedPath(), "/"), ".git")
	if repository == "" {
		return linker{}
	}
	return linker{base: "https://" + page.Host + repository + host.base + url.PathEscape(r.Commit) + "/", line: host.line}
}

// file returns the address of a line of a file, or of the whole file when line
// is 0. It returns "" when no address is known, and for a path that was
// changed to be shown: its address would be wrong.
func (l linker) file(path string, line int) string {
	if l.base == "" || path == "" || strings.ContainsAny(path, "\\…") {
		return ""
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	address := l.base + strings.Join(parts, "/")
	if line > 0 {
		address += l.line + strconv.Itoa(line)
	}
	return address
}
