package documents

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// The most that a reference lists.
const (
	maxEndpoints = 600
	maxCommands  = 150
	maxTestsOf   = 3
	maxTested    = 400 // endpoints whose tests are looked for
)

// apiReference lists what the software answers to: endpoints by what they are
// about, remote procedures, commands and jobs.
func (c *composer) apiReference() error {
	said := 0
	groups := c.groups()
	if len(groups) > 0 {
		c.reading(groups).done()
	}
	for _, g := range groups {
		if c.group(&g).done() {
			said++
		}
	}
	if said == 0 {
		c.missingf("HTTP endpoints: none was found.")
	}
	for _, p := range []*part{c.procedures(), c.commands(), c.jobs(), c.exported()} {
		if p.done() {
			said++
		}
	}
	if said == 0 {
		c.missingf("Remote procedures, commands, jobs, and what a library exports: none was found.")
	}
	if said > 0 && len(groups) > 0 && !c.authSeen {
		c.missingf("Who may call what: nothing that guards an endpoint was recognised.")
	}
	return nil
}

// group is the endpoints of one resource.
type group struct {
	name      string
	endpoints []*report.Endpoint
}

// groups are the endpoints of the software by feature, or by the first name of
// their path where there is none, the largest group last of none.
func (c *composer) groups() []group {
	at := map[string]int{}
	var out []group
	total := 0
	for i := range c.report.Endpoints {
		e := &c.report.Endpoints[i]
		if c.isAside(e.Location.Path) || total == maxEndpoints {
			continue
		}
		total++
		name := cmp.Or(e.Feature, firstName(e.Path))
		j, ok := at[name]
		if !ok {
			j = len(out)
			at[name] = j
			out = append(out, group{name: name})
		}
		out[j].endpoints = append(out[j].endpoints, e)
	}
	slices.SortStableFunc(out, func(a, b group) int { return cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return out
}

var versionName = regexp.MustCompile(`^(api|v\d+|rest|public|\{.*)$`)

// firstName is the first name of a path that says something.
func firstName(p string) string {
	for name := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if name != "" && !versionName.MatchString(name) {
			return name
		}
	}
	return "/"
}

// reading says how many endpoints there are, and how to read what follows.
func (c *composer) reading(groups []group) *part {
	p := c.section("overview", "Overview")
	n, frameworks := 0, []string{}
	files := []string{}
	for _, g := range groups {
		n += len(g.endpoints)
		for _, e := range g.endpoints {
			frameworks = append(frameworks, e.Framework)
			files = append(files, e.Location.Path)
		}
	}
	p.sayf("%s, by %s%s. They are registered in %s.", plural(n, "endpoint"), and(plainAll(distinct(frameworks))), p.computed("endpoints"), some(spans(distinct(files)), 5))
	if left := len(c.report.Endpoints) - n; left > 0 {
		p.sayf("Endpoints of examples and tests are left out: %d%s.", left, p.computed("endpoints"))
	}
	for _, g := range []string{"openapi.json", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml", "swagger.yml"} {
		for _, file := range c.named(regexp.MustCompile("(?i)^"+regexp.QuoteMeta(g)+"$"), 1) {
			if mark := p.lines(file, 1, 10); mark != "" {
				p.sayf("A description for machines is in %s%s.", span(file), mark)
			}
		}
	}
	return p
}

func plainAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = plain(s)
	}
	return out
}

// slug is a name as a key: small letters, digits and dashes.
func slug(name string) string {
	return strings.Trim(regexp.MustCompile(`[^\p{L}\p{N}]+`).ReplaceAllString(strings.ToLower(name), "-"), "-")
}

func (c *composer) group(g *group) *part {
	p := c.section("endpoints-"+cmp.Or(slug(g.name), "root"), oneLine(g.name, 80))
	for _, e := range g.endpoints {
		if said := p.endpoint(e); said != "" {
			p.sayf("%s", said)
		}
	}
	return p
}

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
	swaggerNoise = regexp.MustCompile(`(?i)\s*(swagger:\w+.*|@\w+ .*|---.*)$`)
	onlyMark     = regexp.MustCompile(`^(//|#|\*|/\*)+\s*`)
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
var takesRequest = regexp.MustCompile(`\b(gin|echo|fiber|iris|atreugo|fasthttp)\.\w*(Context|Ctx|RequestCtx)\b|http\.ResponseWriter|\*http\.Request\b|HttpServletRequest|HttpRequest\b|\breq(uest)?\b`)

// docLines cites a declaration together with the comment above it.
func (p *part) docLines(at report.Location) string {
	lines := p.file(at.Path)
	first := min(at.Line, len(lines))
	for first > 1 && first > at.Line-maxLines+1 && commentLine.MatchString(lines[first-2]) {
		first--
	}
	return p.lines(at.Path, first, at.Line)
}

var commentLine = regexp.MustCompile(`^\s*(//|#|\*|/\*|--|@|"""|''')`)

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

// testsOf are tests that reach a handler by calls, or ask for its route.
func (p *part) testsOf(e *report.Endpoint, handler *codeindex.Symbol) string {
	if p.tested++; p.tested > maxTested {
		return ""
	}
	var found []codeindex.Test
	if handler != nil {
		file := p.index.Files[handler.File].Path
		impact, err := p.index.Impact(codeindex.ImpactQuery{Symbol: fmt.Sprintf("%s#%s:%d", file, handler.Name, handler.Line), Depth: 3, Page: codeindex.Page{Limit: 1}})
		if err == nil {
			found = impact.Tests
		}
	} else if e.Declared != nil {
		return ""
	}
	var out []string
	for _, t := range found {
		if t.Reason != "calls" && t.Reason != "requests" || len(out) == maxTestsOf {
			continue
		}
		name := ""
		if handler != nil {
			name = handler.Name[strings.LastIndexByte(handler.Name, '.')+1:]
		}
		mark := p.mention(t.Path, literalOf(e.Path))
		switch {
		case mark == "" && everyAction.MatchString(name): // as a call only
			mark = p.mention(t.Path, "."+name+"(", " "+name+"(")
		case mark == "":
			mark = p.mention(t.Path, name)
		}
		if mark == "" { // what it reaches over others is known from the index
			mark = p.computed("tests by what they call and request")
		}
		out = append(out, span(t.Path)+mark)
	}
	return strings.Join(out, ", ")
}

// everyAction are names of handlers that say nothing by themselves.
var everyAction = regexp.MustCompile(`(?i)^(index|show|new|create|edit|update|destroy|delete|get|list|post|put|patch|handle|serve|main|run|view|search|add|remove|save|form|all|one|login|home)$`)

// literalOf is a path as a test writes it, up to its first parameter; "" for what
// many paths begin with.
func literalOf(path string) string {
	head, _, _ := strings.Cut(path, "{")
	if len(strings.Trim(head, "/")) < 3 {
		return ""
	}
	return head
}

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

func (c *composer) procedures() *part {
	p := c.section("procedures", "Remote procedures")
	for i := range c.report.RPC {
		v := &c.report.RPC[i]
		mark := p.place(v.Location)
		if mark == "" || c.isAside(v.Location.Path) || len(p.blocks) == maxCommands {
			continue
		}
		said := ""
		if v.Description != nil {
			said = ": " + quote(described(*v.Description), 220)
		}
		p.sayf("- %s (%s)%s%s", span(v.Service+"."+v.Method), plain(v.Protocol), said, mark)
	}
	return p.tight()
}

func (c *composer) commands() *part {
	p := c.section("commands", "Commands")
	for i := range c.report.Commands {
		v := &c.report.Commands[i]
		mark := p.place(v.Location)
		if mark == "" || c.isAside(v.Location.Path) || len(p.blocks) == maxCommands {
			continue
		}
		said := ""
		if v.Description != nil {
			said = ": " + quote(described(*v.Description), 220)
		}
		by := ""
		if v.Handler != nil {
			by = ", handled by " + span(*v.Handler)
		}
		p.sayf("- %s (%s%s)%s%s", span(v.Name), plain(v.Framework), by, said, mark)
	}
	return p.tight()
}

func (c *composer) jobs() *part {
	p := c.section("jobs", "Jobs that start by themselves")
	for i := range c.report.Jobs {
		v := &c.report.Jobs[i]
		mark := p.symbol(v.Location)
		if mark == "" || c.isAside(v.Location.Path) || len(p.blocks) == maxCommands {
			continue
		}
		when := map[string]string{"scheduled": "by the clock", "queue": "from a queue", "listener": "on an event"}[v.Kind]
		if v.Schedule != nil {
			when += ", " + span(*v.Schedule)
		}
		if v.Queue != nil {
			when += ", " + span(*v.Queue)
		}
		by := ""
		if v.Handler != nil {
			by = ", handled by " + span(*v.Handler)
		}
		p.sayf("- %s in %s, %s (%s)%s%s", span(v.Name), span(path.Base(v.Location.Path)), cmp.Or(when, plain(v.Kind)), plain(v.Framework), by, mark)
	}
	return p.tight()
}

// The most of a library's interface that is listed.
const (
	maxExported = 150
	maxOfFile   = 25
)

// exported is the interface of a library: what its most used files declare for
// others and say something of. Programs have none.
func (c *composer) exported() *part {
	p := c.section("exported", "Public interface")
	for i := range c.report.EntryPoints {
		if e := &c.report.EntryPoints[i]; (e.Kind == "program" || e.Kind == "container") && !c.isAside(e.Path) {
			return p
		}
	}
	weights := c.index.Weights()
	files := make([]int, 0, len(weights))
	for i := range weights {
		if f := &c.index.Files[i]; f.Kind == "programming" && !f.Test && !c.isAside(f.Path) && !inside.MatchString(f.Path) {
			files = append(files, i)
		}
	}
	slices.SortStableFunc(files, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	total := 0
	for _, i := range files {
		var list []string
		symbols := c.index.SymbolsOf(i)
		for j := range symbols {
			s := &symbols[j]
			if !s.Exported || s.Test || s.Doc == "" || s.Kind == "variable" || s.Kind == "constant" || total+len(list) == maxExported || len(list) == maxOfFile {
				continue
			}
			if mark := p.lines(c.index.Files[i].Path, int(s.Line), int(s.EndLine)); mark != "" {
				list = append(list, fmt.Sprintf("%s (%s): %s%s", span(cmp.Or(s.Signature, s.Name)), plain(s.Kind), quote(described(s.Doc), 220), mark))
			}
		}
		if total += len(list); len(list) > 0 {
			p.sayf("In %s:", span(c.index.Files[i].Path))
			p.list(list)
		}
	}
	return p
}

// inside are folders that a language or a habit keeps from others.
var inside = regexp.MustCompile(`(^|/)(internal|private|scripts?|tools?|docs?|website)/`)

// tight makes one list of blocks that are entries of one.
func (p *part) tight() *part {
	if len(p.blocks) > 1 {
		p.blocks = []string{strings.Join(p.blocks, "\n")}
	}
	return p
}
