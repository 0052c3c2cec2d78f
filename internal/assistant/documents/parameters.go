package documents

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// pathParameter is a parameter in a path.
var pathParameter = lazyregexp.New(`\{([^{}]+?)(\.\.\.)?\}`)

// Where frameworks read parameters of a request, by what is read.
var parameterReads = []struct {
	from string
	re   *lazyregexp.Regexp
}{
	{"query", lazyregexp.New(`\b(?:Query|QueryParam|QueryParamDefault|DefaultQuery|GetQuery|QueryArray)\(\s*"([\w.\[\]-]+)"`)},
	{"query", lazyregexp.New(`(?:\.Query\(\)\.Get|query_params\.get|request\.args\.get|request\.GET\.get|searchParams\.get|query->get)\(\s*["']([\w.\[\]-]+)["']`)},
	{"query", lazyregexp.New(`\breq(?:uest)?\.query\.(\w+)`)},
	{"query", lazyregexp.New(`request\.GET\[\s*["']([\w-]+)["']`)},
	{"form", lazyregexp.New(`\b(?:FormValue|PostFormValue|PostForm|DefaultPostForm|FormFile)\(\s*"([\w.\[\]-]+)"`)},
	{"form", lazyregexp.New(`request\.(?:POST|form)(?:\.get\(|\[)\s*["']([\w-]+)["']`)},
	{"body", lazyregexp.New(`\breq(?:uest)?\.body\.(\w+)`)},
	{"header", lazyregexp.New(`(?:\bGetHeader|Header\.Get|Header\(\)\.Get|headers\.get)\(\s*["']([\w-]+)["']`)},
	{"parameter", lazyregexp.New(`\bparams(?:\.(?:require|fetch|permit|expect)\(\s*|\[\s*):(\w+)`)},
	{"parameter", lazyregexp.New(`@RequestParam(?:\([^)]*\))?\s+[\w<>\[\]?.]+\s+(\w+)`)},
}

// bodyReads say that the whole body is read into something.
var bodyReads = lazyregexp.New(`(?:\bShouldBind(?:JSON)?|\bBind(?:JSON)?|\bBodyParser)\(\s*&?(\w+)|@RequestBody(?:\([^)]*\))?\s+([\w<>.]+)`)

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
