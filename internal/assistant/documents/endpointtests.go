package documents

import (
	"fmt"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// maxTestFiles is how many files of tests are read for what they ask for.
const maxTestFiles = 3000

// The least that a call of a handler is sure: names that say nothing by themselves
// are often those of something else.
const (
	sureCall       = 0.4
	sureActionCall = 0.8
)

var (
	quotedText  = lazyregexp.New("\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'|`([^`\n]{1,300})`")
	httpMethod  = lazyregexp.New(`(?i)(?:\.|\b|Method|as_)(get|post|put|patch|delete|head|options)(?:Json)?(?:["'\s(,]|Async|$)`)
	hostPart    = lazyregexp.New(`^(https?://[^/]*|\$\{[^}]*\}|\{[\w.]*(?i:url|base|host|server)[\w.]*\}|%s)/`)
	placeholder = lazyregexp.New(`\$?\{[^}]*\}`)
	reversed    = lazyregexp.New(`\b(?:reverse|reverse_lazy|url_for|route|resolve_url|path_for|generateUrl)\(\s*["'](?:[\w-]+[:.])*([\w-]+)["']|\b(\w+)_(?:path|url)\b`)
	routeName   = lazyregexp.New(`\b(?:name|as|endpoint)\s*(?:=|:|=>)\s*[:"']["']?([\w.:-]+)|->name\(\s*["']([\w.:-]+)`)
)

// asked is a line of a test that asks for a path or for a route by its name.
type asked struct {
	file, text string
	line       int
	parts      []string // of the path
}

// askedFor are the lines of tests that ask for something, read once.
type askedFor struct {
	paths map[int][]asked    // by the number of their parts
	names map[string][]asked // by the name of a route
}

// asks reads what tests ask for.
func (c *composer) asks() *askedFor {
	if c.asking != nil {
		return c.asking
	}
	c.asking = &askedFor{paths: map[int][]asked{}, names: map[string][]asked{}}
	var files []string
	for i := range c.index.Files {
		if f := &c.index.Files[i]; f.Test && f.Kind == "programming" && len(files) < maxTestFiles {
			files = append(files, f.Path)
		}
	}
	if c.in.Files == nil || c.err != nil || len(files) == 0 {
		return c.asking
	}
	c.err = c.in.Files.Read(c.ctx, files, func(file string, content []byte) error {
		if len(content) <= maxFile {
			c.asking.read(file, string(content))
		}
		return nil
	})
	return c.asking
}

func (a *askedFor) read(file, content string) {
	n := 0
	for line := range strings.Lines(content) {
		n++
		if len(line) > 2000 {
			continue
		}
		for _, m := range quotedText.FindAllStringSubmatch(line, -1) {
			text := m[1] + m[2] + m[3]
			if method, rest, ok := strings.Cut(text, " "); ok && strings.HasPrefix(rest, "/") && httpMethod.MatchString(method+" ") {
				text = rest // "GET /orders"
			}
			text = hostPart.ReplaceAllString(text, "/")
			if !strings.HasPrefix(text, "/") || strings.Contains(text, " ") {
				continue
			}
			text, _, _ = strings.Cut(placeholder.ReplaceAllString(text, "*"), "?")
			parts := strings.Split(strings.Trim(text, "/"), "/")
			a.paths[len(parts)] = append(a.paths[len(parts)], asked{file, line, n, parts})
		}
		for _, m := range reversed.FindAllStringSubmatch(line, -1) {
			a.names[m[1]+m[2]] = append(a.names[m[1]+m[2]], asked{file, line, n, nil})
		}
	}
}

// testsOf are tests with a line that asks for the route, by its path or its name,
// and those that call the handler themselves. What reaches it over others need not
// test it.
func (p *part) testsOf(e *report.Endpoint, handler *codeindex.Symbol) string {
	if p.tested++; p.tested > maxTested {
		return ""
	}
	var out []string
	seen := map[string]bool{}
	add := func(file, mark string) {
		if mark != "" && !seen[file] && len(out) < maxTestsOf {
			seen[file] = true
			out = append(out, span(file)+mark)
		}
	}
	parts := strings.Split(strings.Trim(e.Path, "/"), "/")
	for _, a := range p.asks().paths[len(parts)] {
		if samePath(parts, a.parts) && sameMethod(e.Method, a.text) && !seen[a.file] && len(out) < maxTestsOf {
			add(a.file, p.lines(a.file, a.line, a.line))
		}
	}
	if name := p.routeNameOf(e); name != "" {
		for _, a := range p.asks().names[name] {
			if sameMethod(e.Method, a.text) && !seen[a.file] && len(out) < maxTestsOf {
				add(a.file, p.lines(a.file, a.line, a.line))
			}
		}
	}
	if handler != nil && len(out) < maxTestsOf {
		p.calling(handler, add)
	}
	return strings.Join(out, ", ")
}

// routeNameOf is the last part of the name of a route, as its registration gives
// it; "" for none.
func (p *part) routeNameOf(e *report.Endpoint) string {
	lines := p.file(e.Location.Path)
	if e.Location.Line < 1 || e.Location.Line > len(lines) {
		return ""
	}
	if m := routeName.FindStringSubmatch(lines[e.Location.Line-1]); m != nil {
		return lastOf(m[1] + m[2])
	}
	return ""
}

// calling finds the tests that call a handler themselves.
func (p *part) calling(handler *codeindex.Symbol, add func(file, mark string)) {
	id := fmt.Sprintf("%s#%s:%d", p.index.Files[handler.File].Path, handler.Name, handler.Line)
	impact, err := p.index.Impact(codeindex.ImpactQuery{Symbol: id, Depth: 1, Page: codeindex.Page{Limit: 1}})
	if err != nil {
		return // a symbol that is not known is called by nothing
	}
	name := lastOf(handler.Name)
	least := sureCall
	if everyAction.MatchString(name) {
		least = sureActionCall
	}
	for _, t := range impact.Tests {
		if t.Reason == "calls" && t.Distance == 1 && t.Confidence >= least {
			add(t.Path, p.mention(t.Path, "."+name+"(", " "+name+"(", "("+name+"(", "\t"+name+"("))
		}
	}
}

// samePath reports whether a path that a test asks for is one of a route. One
// that is made of parameters alone would be any.
func samePath(route, path []string) bool {
	same := 0
	for i, part := range route {
		switch {
		case strings.HasPrefix(part, "{"):
			if path[i] == "" {
				return false
			}
		case part != path[i] || part == "":
			return false
		default:
			same++
		}
	}
	return same > 0
}

// sameMethod reports whether a line names no method, or that of a route.
func sameMethod(method, line string) bool {
	found := httpMethod.FindAllStringSubmatch(line, -1)
	if method == "ANY" || len(found) == 0 {
		return true
	}
	for _, m := range found {
		if strings.EqualFold(m[1], method) {
			return true
		}
	}
	return false
}
