package documents

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// pathParameter is a parameter in a path.
var pathParameter = regexp.MustCompile(`\{([^{}]+?)(\.\.\.)?\}`)

// Where frameworks read parameters of a request, by what is read.
var parameterReads = []struct {
	from string
	re   *regexp.Regexp
}{
	{"query", regexp.MustCompile(`\b(?:Query|QueryParam|QueryParamDefault|DefaultQuery|GetQuery|QueryArray)\(\s*"([\w.\[\]-]+)"`)},
	{"query", regexp.MustCompile(`(?:\.Query\(\)\.Get|query_params\.get|request\.args\.get|request\.GET\.get|searchParams\.get|query->get)\(\s*["']([\w.\[\]-]+)["']`)},
	{"query", regexp.MustCompile(`\breq(?:uest)?\.query\.(\w+)`)},
	{"query", regexp.MustCompile(`request\.GET\[\s*["']([\w-]+)["']`)},
	{"form", regexp.MustCompile(`\b(?:FormValue|PostFormValue|PostForm|DefaultPostForm|FormFile)\(\s*"([\w.\[\]-]+)"`)},
	{"form", regexp.MustCompile(`request\.(?:POST|form)(?:\.get\(|\[)\s*["']([\w-]+)["']`)},
	{"body", regexp.MustCompile(`\breq(?:uest)?\.body\.(\w+)`)},
	{"header", regexp.MustCompile(`(?:\bGetHeader|Header\.Get|Header\(\)\.Get|headers\.get)\(\s*["']([\w-]+)["']`)},
	{"parameter", regexp.MustCompile(`\bparams(?:\.(?:require|fetch|permit|expect)\(\s*|\[\s*):(\w+)`)},
	{"parameter", regexp.MustCompile(`@RequestParam(?:\([^)]*\))?\s+[\w<>\[\]?.]+\s+(\w+)`)},
}

// bodyReads say that the whole body is read into something.
var bodyReads = regexp.MustCompile(`(?:\bShouldBind(?:JSON)?|\bBind(?:JSON)?|\bBodyParser)\(\s*&?(\w+)|@RequestBody(?:\([^)]*\))?\s+([\w<>.]+)`)

// parameters are those of the path, and those that the handler is seen to read.
func (p *part) parameters(e *report.Endpoint, handler *codeindex.Symbol) string {
	var out []string
	inPath := map[string]bool{}
	for _, m := range pathParameter.FindAllStringSubmatch(e.Path, -1) {
		inPath[m[1]] = true
		out = append(out, span(m[1])+" (path)")
	}
	if len(out) > 0 {
		out[len(out)-1] += p.place(e.Location)
	}
	if handler == nil {
		return strings.Join(out, ", ")
	}
	file := p.index.Files[handler.File].Path
	lines := p.file(file)
	seen := map[string]bool{}
	for n := int(handler.Line); n <= int(handler.EndLine) && n <= len(lines) && len(seen) < 15; n++ {
		for _, read := range parameterReads {
			for _, m := range read.re.FindAllStringSubmatch(lines[n-1], -1) {
				if key := read.from + m[1]; !seen[key] && !inPath[m[1]] {
					seen[key] = true
					how := read.from
					if how == "parameter" {
						how = "query or body"
					}
					out = append(out, fmt.Sprintf("%s (%s)%s", span(m[1]), how, p.lines(file, n, n)))
				}
			}
		}
		if m := bodyReads.FindStringSubmatch(lines[n-1]); m != nil && !seen["body"] {
			seen["body"] = true
			out = append(out, fmt.Sprintf("the body, as %s%s", span(cmp.Or(m[1], m[2])), p.lines(file, n, n)))
		}
	}
	return strings.Join(out, ", ")
}
