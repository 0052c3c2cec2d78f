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
	upTo string // and between the first and the last line
	// commit is the address of the commit; of a host what stands before its id
	commit string
}

// hosts says how each known host writes the address of a line of a file at a
// commit.
var hosts = map[string]linker{
	"github.com":    {base: "/blob/", line: "#L", upTo: "-L", commit: "/commit/"},
	"gitlab.com":    {base: "/-/blob/", line: "#L", upTo: "-", commit: "/-/commit/"},
	"codeberg.org":  {base: "/src/commit/", line: "#L", upTo: "-L", commit: "/commit/"},
	"gitea.com":     {base: "/src/commit/", line: "#L", upTo: "-L", commit: "/commit/"},
	"bitbucket.org": {base: "/src/", line: "#lines-", upTo: ":", commit: "/commits/"},
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
	web, commit := "https://"+page.Host+repository, url.PathEscape(r.Commit)
	return linker{base: web + host.base + commit + "/", line: host.line, upTo: host.upTo, commit: web + host.commit + commit}
}

// LinesURL is the address of some lines of a file at a commit of the repository
// that has a page; "" where none is known. Line 0 is the whole file.
func LinesURL(page, commit, path string, first, last int) string {
	l := newLinker(&report.CodeReport{WebURL: &page, Commit: commit})
	address := l.file(path, first)
	if address == "" || first == 0 || last <= first {
		return address
	}
	return address + l.upTo + strconv.Itoa(last)
}

// CommitURL is the address of a commit of the repository that has a page; ""
// where none is known.
func CommitURL(page, commit string) string {
	return newLinker(&report.CodeReport{WebURL: &page, Commit: commit}).commit
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
