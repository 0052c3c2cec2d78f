package documents

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

// endpoint describes one endpoint.
func (p *part) endpoint(e *report.Endpoint) string {
	registered := p.place(e.Location)
	if registered == "" {
		return ""
	}
	e = p.believed(e)
	lines := []string{fmt.Sprintf("- %s%s", span(e.Method+" "+e.Path), registered)}
	add := func(format string, args ...any) { lines = append(lines, "  - "+fmt.Sprintf(format, args...)) }
	if e.Description != nil && *e.Description != "" {
		mark := registered
		if e.Declared != nil {
			mark = cmp.Or(p.docLines(*e.Declared), mark)
		}
		if text := described(*e.Description); text != "" {
			add("%s%s", quote(text, 260), mark)
		}
	}
	handler := p.handlerOf(e)
	if e.Handler != nil {
		mark, file := "", ""
		if handler != nil {
			file = p.index.Files[handler.File].Path
			mark = p.lines(file, int(handler.Line), int(handler.EndLine))
		} else if e.Declared != nil {
			file = e.Declared.Path
			mark = p.lines(file, e.Declared.Line, e.Declared.Line)
		}
		switch {
		case mark != "":
			add("handled by %s in %s%s", span(*e.Handler), span(file), mark)
		default:
			add("handled by %s", span(*e.Handler)+registered)
		}
	}
	if parameters := p.parameters(e, handler); parameters != "" {
		add("parameters: %s", parameters)
	}
	if auth := p.guards(e, handler); auth != "" {
		p.authSeen = true
		add("before it: %s", auth)
	}
	if tests := p.testsOf(e, handler); tests != "" {
		add("tests: %s", tests)
	}
	return strings.Join(lines, "\n")
}

// believed is an endpoint without the declaration of another function: where a
// handler cannot be followed, a neighbour may stand in its place.
func (c *composer) believed(e *report.Endpoint) *report.Endpoint {
	if e.Declared == nil || e.Handler == nil {
		return e
	}
	s := c.symbolAt(e.Declared.Path, e.Declared.Line)
	if s == nil || strings.Contains(*e.Handler, lastOf(s.Name)) || strings.Contains(s.Name, lastOf(*e.Handler)) {
		return e
	}
	other := *e
	other.Declared, other.Description = nil, nil
	return &other
}

// lastOf is the last part of a qualified name.
func lastOf(name string) string { return name[strings.LastIndexAny(name, ".#:/")+1:] }

var (
	swaggerNoise = lazyregexp.New(`(?i)\s*(swagger:\w+.*|@\w+ .*|---.*)$`)
	onlyMark     = lazyregexp.New(`^(//|#|\*|/\*)+\s*`)
)

// described is a description without what is in it for tools.
func described(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = swaggerNoise.ReplaceAllString(s, "")
	return strings.TrimSpace(onlyMark.ReplaceAllString(s, ""))
}

// handlerOf is the symbol that handles an endpoint, nil where it is not known.
func (c *composer) handlerOf(e *report.Endpoint) *codeindex.Symbol {
	if e.Declared != nil {
		return c.symbolAt(e.Declared.Path, e.Declared.Line)
	}
	if e.Handler == nil {
		return nil
	}
	return c.onlySymbol(*e.Handler)
}

// onlySymbol is the function whose last name is that of a handler, where the code
// has one only outside of its tests.
func (c *composer) onlySymbol(handler string) *codeindex.Symbol {
	name := lastOf(handler)
	if c.byName == nil {
		c.byName = map[string][]int{}
		for i := range c.index.Symbols {
			s := &c.index.Symbols[i]
			if (s.Kind == "function" || s.Kind == "method") && !s.Test && !c.index.Files[s.File].Test {
				last := s.Name[strings.LastIndexByte(s.Name, '.')+1:]
				c.byName[last] = append(c.byName[last], i)
			}
		}
	}
	found := c.byName[name]
	if len(found) > 1 { // that which takes a request
		found = slices.DeleteFunc(slices.Clone(found), func(i int) bool { return !takesRequest.MatchString(c.index.Symbols[i].Signature) })
	}
	if name == "" || len(found) != 1 {
		return nil
	}
	return &c.index.Symbols[found[0]]
}

// takesRequest is a function that answers requests, by what it is given.
var takesRequest = lazyregexp.New(`\b(gin|echo|fiber|iris|atreugo|fasthttp)\.\w*(Context|Ctx|RequestCtx)\b|http\.ResponseWriter|\*http\.Request\b|HttpServletRequest|HttpRequest\b|\breq(uest)?\b`)

// docLines cites a declaration together with the comment above it.
func (p *part) docLines(at report.Location) string {
	lines := p.file(at.Path)
	first := min(at.Line, len(lines))
	for first > 1 && first > at.Line-maxLines+1 && commentLine.MatchString(lines[first-2]) {
		first--
	}
	return p.lines(at.Path, first, at.Line)
}

var commentLine = lazyregexp.New(`^\s*(//|#|\*|/\*|--|@|"""|''')`)

// everyAction are names of handlers that say nothing by themselves.
var everyAction = lazyregexp.New(`(?i)^(index|show|new|create|edit|update|destroy|delete|get|list|post|put|patch|handle|serve|main|run|view|search|add|remove|save|form|all|one|login|home)$`)

// mention cites the first line of a file that has one of some names; "" where
// none has.
func (p *part) mention(file string, names ...string) string {
	for _, name := range names {
		if name == "" || name == "/" {
			continue
		}
		for n, line := range p.file(file) {
			if strings.Contains(line, name) {
				return p.lines(file, n+1, n+1)
			}
		}
	}
	return ""
}
