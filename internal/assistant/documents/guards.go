package documents

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/lazyregexp"
)

var (
	// guard is a name of what asks who calls.
	guard = lazyregexp.New(`(?i)\b[\w.:@]*(?:auth(?:enticat|oriz|oris|orize|enticated)?|log(?:ged)?_?in|signed_?in|require\w{0,24}(?:user|role|admin|login|client|token|session|mod|auth)|permission|is_?admin|jwt|bearer|csrf)[\w.]*(?:\([\w\s"'.,:|]*\))?`)
	// decorator is a line above a handler that says something of it.
	decorator = lazyregexp.New(`^\s*(@|#\[|\[)`)
	// filter is a line of a controller that runs before its actions.
	filter = lazyregexp.New(`^\s*(before_action|before_filter|prepend_before_action)\s+:(\w+[!?]?)(.*)$`)
	onlyOf = lazyregexp.New(`only:\s*(?:\[([^\]]*)\]|%i\[([^\]]*)\]|:(\w+))`)
	notOf  = lazyregexp.New(`except:\s*(?:\[([^\]]*)\]|%i\[([^\]]*)\]|:(\w+))`)
	// grouped is a variable that holds a group of routes: clientAuth := g.Group("/")
	grouped = lazyregexp.New(`^\s*(?:const |let |var )?(\w+)\s*:?=\s*(\w+)\.(?:Group|Route|Party|With)\(`)
	// used is what is put before the routes of a group: clientAuth.Use(auth())
	used     = lazyregexp.New(`^\s*(\w+)\.(?:Use|use|before|middleware)\((.*)\)`)
	receiver = lazyregexp.New(`^\s*(\w+)\.\w+\(`)
	notGuard = lazyregexp.New(`(?i)^(author|authors|oauth2?callback|authorization)$`)
)

// maxGuards is how many guards of one endpoint are named.
const maxGuards = 4

// guards are what stands before an endpoint and asks who calls, as far as it is
// seen: in the registration, in what its group uses, above the handler, and in
// the filters of its controller.
func (p *part) guards(e *report.Endpoint, handler *codeindex.Symbol) string {
	var out []string
	seen := map[string]bool{}
	add := func(name, file string, line int) {
		name = strings.Trim(name, ":.@ ")
		bare, _, _ := strings.Cut(name, "(")
		if !guard.MatchString(lastOf(bare)) { // a name in a package for it is none
			return
		}
		if name == "" || seen[name] || len(out) == maxGuards || notGuard.MatchString(name) || lifts.MatchString(bare) {
			return
		}
		if mark := p.lines(file, line, line); mark != "" {
			seen[name] = true
			out = append(out, span(name)+mark)
		}
	}
	p.registered(e, add)
	if handler != nil {
		p.decorated(handler, add)
		p.filtered(e, handler, add)
	}
	return strings.Join(out, ", ")
}

// registered finds guards in the line that registers a route, and in what the
// groups around it use.
func (p *part) registered(e *report.Endpoint, add func(name, file string, line int)) {
	file := e.Location.Path
	lines := p.file(file)
	if e.Location.Line < 1 || e.Location.Line > len(lines) {
		return
	}
	line := lines[e.Location.Line-1]
	addAll := func(text string, n int) {
		for _, m := range guardsIn(text) {
			add(m, file, n)
		}
	}
	if at := strings.Index(line, ","); at > 0 && strings.Contains(line, "(") {
		addAll(withoutHandler(line[at+1:], e.Handler), e.Location.Line)
	}
	m := receiver.FindStringSubmatch(line)
	if m == nil {
		return
	}
	name := m[1]
	for range 6 { // groups inside of groups
		parent, at := groupAbove(lines, name, e.Location.Line)
		for n := max(at, 1); n < e.Location.Line; n++ {
			if u := used.FindStringSubmatch(lines[n-1]); u != nil && u[1] == name && !mounted.MatchString(u[2]) {
				addAll(u[2], n)
			}
		}
		if at > 0 {
			_, arguments, _ := strings.Cut(lines[at-1], ",")
			addAll(arguments, at)
		}
		if parent == "" || parent == name {
			return
		}
		name = parent
	}
}

// groupAbove is the group that a group of routes is made of, and the line above
// another one that makes it; "" and 0 where none does.
func groupAbove(lines []string, name string, below int) (parent string, at int) {
	for n := below - 1; n > 0 && n > below-300; n-- {
		if g := grouped.FindStringSubmatch(lines[n-1]); g != nil && g[1] == name {
			return g[2], n
		}
	}
	return "", 0
}

// decorated finds guards in the lines right above a handler.
func (p *part) decorated(handler *codeindex.Symbol, add func(name, file string, line int)) {
	file := p.index.Files[handler.File].Path
	lines := p.file(file)
	for n := int(handler.Line) - 1; n > 0 && n <= len(lines) && n > int(handler.Line)-8; n-- {
		if !decorator.MatchString(lines[n-1]) {
			break
		}
		for _, m := range guardsIn(lines[n-1]) {
			add(m, file, n)
		}
	}
	// Some languages count what stands above as a part of the function.
	for n := int(handler.Line); n <= len(lines) && n < int(handler.Line)+5 && decorator.MatchString(lines[n-1]); n++ {
		for _, m := range guardsIn(lines[n-1]) {
			add(m, file, n)
		}
	}
}

// filtered finds the filters of Rails that run before an action.
func (p *part) filtered(e *report.Endpoint, handler *codeindex.Symbol, add func(name, file string, line int)) {
	if e.Handler == nil {
		return
	}
	_, action, ok := strings.Cut(*e.Handler, "#")
	if !ok {
		return
	}
	file := p.index.Files[handler.File].Path
	for range 4 { // what a controller inherits
		parent := p.filters(file, action, add)
		if parent == "" {
			return
		}
		file = parent
	}
}

var inherits = lazyregexp.New(`^\s*class\s+[\w:]+\s*<\s*([\w:]+)`)

// filters finds the filters of one controller, and returns the file of the one
// that it inherits from.
func (p *part) filters(file, action string, add func(name, file string, line int)) (parent string) {
	for n, line := range p.file(file) {
		if m := inherits.FindStringSubmatch(line); m != nil && parent == "" {
			parent = p.controllerFile(m[1])
		}
		m := filter.FindStringSubmatch(line)
		if m == nil || !guard.MatchString(m[2]) && !strings.HasPrefix(m[2], "require") {
			continue
		}
		if list := listed(onlyOf.FindStringSubmatch(m[3])); list != nil && !slices.Contains(list, action) {
			continue
		}
		if list := listed(notOf.FindStringSubmatch(m[3])); slices.Contains(list, action) {
			continue
		}
		add(m[2], file, n+1)
	}
	return parent
}

// controllerFile is the file of a controller of Rails, "" where there is none.
func (p *part) controllerFile(class string) string {
	var folders []string
	for name := range strings.SplitSeq(class, "::") {
		words := parts(name)
		for i := range words {
			words[i] = strings.ToLower(words[i])
		}
		if len(words) > 0 {
			folders = append(folders, strings.Join(words, "_"))
		}
	}
	end := "/" + strings.Join(folders, "/") + ".rb"
	for _, suffix := range []string{end, "/" + path.Base(end)} {
		for _, file := range p.paths() {
			if strings.Contains(file, "app/controllers/") && strings.HasSuffix(file, suffix) {
				return file
			}
		}
	}
	return ""
}

// listed are the names in what one of the patterns of filters matched; nil for
// no match.
func listed(m []string) []string {
	if m == nil {
		return nil
	}
	return strings.FieldsFunc(fmt.Sprint(m[1], " ", m[2], " ", m[3]), func(r rune) bool { return r == ' ' || r == ',' || r == ':' || r == '\n' })
}
