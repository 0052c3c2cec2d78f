package feature

import (
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/inflect"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Laravel, and Lumen's router. Blocks and files are routers: the facade Route
// speaks to the block around it, or to the file. routes/api.php stands under
// /api unless a provider says otherwise.

// speaksLaravel reports whether a file uses the facade Route, or is a file of
// routes.
func speaksLaravel(f *file) bool {
	return importing(`Illuminate\Support\Facades\Route`, `Illuminate\Foundation\Application`, `Illuminate\Routing`)(f) || inRoutes(f.Path)
}

func inRoutes(p string) bool {
	return strings.HasPrefix(p, "routes/") || strings.Contains(p, "/routes/")
}

type laravel struct {
	*scan

	options map[int32][]int32 // calls on the result of another
}

func readLaravel(s *scan) {
	l := laravel{scan: s, options: map[int32][]int32{}}
	s.root(s.fileNode())
	if strings.HasSuffix("/"+s.Path, "/routes/api.php") {
		s.define(s.fileNode(), "api")
	}
	for n := range s.Facts.Invocations {
		if on := s.Facts.Invocations[n].On; on >= 0 {
			l.options[on] = append(l.options[on], int32(n))
		}
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name == "withRouting" {
			l.withRouting(inv)
			continue
		}
		if on := l.router(i, inv); on != none {
			l.read(i, inv, on)
		}
	}
	l.required()
}

// router is what a call speaks to, none for what is not Laravel's router.
func (l *laravel) router(i int32, inv *language.Invocation) node {
	if inv.On >= 0 {
		return l.m.lookup(key{kind: byResult, file: l.at, at: inv.On})
	}
	switch inv.Receiver {
	case "Route", "Illuminate.Support.Facades.Route":
		return l.around(i)
	case "router", "app.router", "this.app.router", "api":
		if inRoutes(l.Path) {
			return l.around(i)
		}
	}
	return none
}

// around is the block around an invocation, or the file. A block is a router
// whether it has a parameter or not: in it, Route is the same facade.
func (l *laravel) around(i int32) node {
	for range maxDepth {
		inv := &l.Facts.Invocations[i]
		if inv.Within < 0 {
			break
		}
		if n := l.m.lookup(l.blockKey(inv.Within, int(inv.Argument))); n != none {
			return n
		}
		i = inv.Within
	}
	return l.fileNode()
}

func (l *laravel) blockKey(i int32, argument int) key {
	return key{kind: byBlock, file: l.at, at: i, arg: int32(argument)} //nolint:gosec // at most MaxArguments
}

var laravelVerbs = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "options": true, "any": true}

// laravelAttributes leave the path as it is.
var laravelAttributes = map[string]bool{
	"middleware": true, "withoutMiddleware": true, "name": true, "as": true, "domain": true, "namespace": true, "scopeBindings": true,
	"where": true, "whereNumber": true, "whereUuid": true, "controller": true, "missing": true, "can": true, "withoutScopedBindings": true,
}

func (l *laravel) read(i int32, inv *language.Invocation, on node) {
	first, literal := l.text(i, 0)
	switch {
	case inv.Name == "prefix" && literal:
		l.mount(on, braces(first), l.result(i))
	case laravelAttributes[inv.Name]:
		l.mount(on, "", l.result(i))
	case inv.Name == "group" || inv.Name == "addRoute":
		l.group(i, inv, on)
	case laravelVerbs[inv.Name] && literal && len(inv.Args) >= 2:
		l.add(on, []string{inv.Name}, first, l.phpHandler(l.action(&inv.Args[1]), l.controllerOf(i)), inv)
	case inv.Name == "match" && len(inv.Args) >= 3:
		if p, ok := l.text(i, 1); ok {
			l.add(on, literals(&inv.Args[0]), p, l.phpHandler(l.action(&inv.Args[2]), l.controllerOf(i)), inv)
		}
	case (inv.Name == "redirect" || inv.Name == "permanentRedirect") && literal && len(inv.Args) >= 2:
		l.add(on, []string{"any"}, first, handler{}, inv)
	case (inv.Name == "view" || inv.Name == "inertia" || inv.Name == "livewire") && literal && len(inv.Args) >= 2:
		l.add(on, []string{"get"}, first, handler{}, inv)
	case strings.HasPrefix(strings.ToLower(inv.Name), "apire") || inv.Name == "resource" || inv.Name == "resources" || strings.HasSuffix(strings.ToLower(inv.Name), "singleton"):
		l.resourceCalls(i, inv, on)
	}
}

// action is the handler in ['uses' => 'C@m'] too.
func (l *laravel) action(a *language.Argument) *language.Argument {
	if a.Kind == language.ArgMap {
		if uses := keyword(a.List, "uses"); uses != nil {
			return uses
		}
		if len(a.List) > 0 {
			return &a.List[len(a.List)-1]
		}
	}
	return a
}

func (l *laravel) add(on node, methods []string, p string, h handler, inv *language.Invocation) {
	for _, method := range methods {
		if strings.EqualFold(method, "any") {
			method = methodAny
		}
		l.route(route{on: on, method: method, path: braces(p), handler: h, line: int(inv.Line)})
	}
}

// controllerOf is the class that controller() names for the groups around, "".
func (l *laravel) controllerOf(i int32) string {
	for range maxDepth {
		for on := l.Facts.Invocations[i].On; on >= 0; on = l.Facts.Invocations[on].On {
			if inv := &l.Facts.Invocations[on]; inv.Name == "controller" && len(inv.Args) > 0 {
				return strings.TrimSuffix(inv.Args[0].Text, "::class")
			}
		}
		if i = l.Facts.Invocations[i].Within; i < 0 {
			break
		}
		for k := range l.Facts.Invocations[i].Args {
			if c := keyword(l.Facts.Invocations[i].Args[k].List, "controller"); c != nil {
				return strings.TrimSuffix(c.Text, "::class")
			}
		}
	}
	return ""
}

// group reads group(function), group([...], function) and group(file).
func (l *laravel) group(i int32, inv *language.Invocation, on node) {
	prefix := ""
	for k := range inv.Args {
		a := &inv.Args[k]
		switch a.Kind {
		case language.ArgMap:
			if p := keyword(a.List, "prefix"); p != nil && p.Kind == language.ArgString {
				prefix = braces(p.Text)
			}
		case language.ArgFunction:
			l.mount(on, prefix, l.m.node(l.blockKey(i, k)))
		default:
			if at, ok := l.routesFile(a); ok {
				l.mountFile(on, prefix, at)
			}
		}
	}
}

// mountFile puts a file of routes; its usual prefix is replaced.
func (l *laravel) mountFile(on node, prefix string, at int32) {
	n := l.m.node(key{kind: byFile, file: at})
	if strings.HasSuffix("/"+l.m.files[at].Path, "/routes/api.php") {
		l.mountInstead(on, prefix, n)
		return
	}
	l.mount(on, prefix, n)
}

// routesFile finds the file that base_path('routes/x.php') or __DIR__.'/x.php'
// names.
func (l *laravel) routesFile(a *language.Argument) (int32, bool) {
	text := a.Text
	if a.Kind == language.ArgCall && a.Call >= 0 {
		inv := &l.Facts.Invocations[a.Call]
		if inv.Name != "base_path" && inv.Name != "basePath" || len(inv.Args) == 0 {
			return 0, false
		}
		text = inv.Args[0].Text
	} else if a.Kind != language.ArgString {
		return 0, false
	}
	if !strings.HasSuffix(text, ".php") {
		return 0, false
	}
	rest, computed := strings.CutPrefix(text, "{}")
	candidates := []string{path.Join(folderOf(l.Path), rest), path.Clean(strings.TrimPrefix(rest, "/"))}
	if !computed && a.Kind == language.ArgCall {
		slices.Reverse(candidates)
	}
	for _, c := range candidates {
		if at, ok := l.m.byPath[c]; ok {
			return at, true
		}
	}
	return 0, false
}

// required mounts the files of routes that a file of routes requires.
func (l *laravel) required() {
	if !inRoutes(l.Path) {
		return
	}
	for k := range l.Facts.Imports {
		p := l.Facts.Imports[k].Path
		if !strings.HasPrefix(p, ".") {
			continue
		}
		if at, ok := l.m.byPath[path.Join(folderOf(l.Path), p)]; ok && inRoutes(l.m.files[at].Path) {
			l.mount(l.requiredAt(l.Facts.Imports[k].Line), "", l.m.node(key{kind: byFile, file: at}))
		}
	}
}

// requiredAt is the innermost block that a line stands in, or the file.
func (l *laravel) requiredAt(line int) node {
	best, on := 0, l.fileNode()
	for n := range l.Facts.Invocations {
		inv := &l.Facts.Invocations[n]
		if int(inv.Line) > line || int(inv.EndLine) < line || int(inv.Line) < best {
			continue
		}
		for k := range inv.Args {
			if block := l.m.lookup(l.blockKey(int32(n), k)); block != none {
				best, on = int(inv.Line), block
			}
		}
	}
	return on
}

// withRouting reads the files and the prefix that bootstrap/app.php names.
func (l *laravel) withRouting(inv *language.Invocation) {
	prefix := keyword(inv.Args, "apiPrefix")
	api := keyword(inv.Args, "api")
	if prefix == nil || api == nil || prefix.Kind != language.ArgString {
		return
	}
	if at, ok := l.routesFile(api); ok {
		l.mountInstead(l.fileNode(), prefix.Text, l.m.node(key{kind: byFile, file: at}))
	}
}

// The actions of a resource. Update is answered to PUT and PATCH.
var laravelActions = []struct {
	name, method, more string
	one, form          bool
}{
	{"index", "GET", "", false, false},
	{"create", "GET", "/create", false, true},
	{"store", "POST", "", false, false},
	{"show", "GET", "", true, false},
	{"edit", "GET", "/edit", true, true},
	{"update", "PUT", "", true, false},
	{"update", "PATCH", "", true, false},
	{"destroy", "DELETE", "", true, false},
}

func (l *laravel) resourceCalls(i int32, inv *language.Invocation, on node) {
	if len(inv.Args) == 0 {
		return
	}
	if inv.Args[0].Kind == language.ArgMap { // resources(['photos' => C::class])
		for k := range inv.Args[0].List {
			l.resourceRoutes(i, inv, on, inv.Args[0].List[k].Name, &inv.Args[0].List[k])
		}
		return
	}
	if name, ok := l.text(i, 0); ok && len(inv.Args) > 1 {
		l.resourceRoutes(i, inv, on, name, &inv.Args[1])
	}
}

func (l *laravel) resourceRoutes(i int32, inv *language.Invocation, on node, name string, controller *language.Argument) {
	lower := strings.ToLower(inv.Name)
	single, api := strings.Contains(lower, "singleton"), strings.HasPrefix(lower, "api")
	only, except, shallow, params := l.resourceOptions(i, inv)
	base, segments := "", strings.Split(name, ".")
	var baseSb306 strings.Builder
	for _, segment := range segments[:len(segments)-1] {
		baseSb306.WriteString("/" + segment + "/" + laravelParam(segment, params))
	}
	base += baseSb306.String()
	last := segments[len(segments)-1]
	list := base + "/" + last
	one := list + "/" + laravelParam(last, params)
	if shallow {
		one = "/" + last + "/" + laravelParam(last, params)
	}
	if single {
		one = list
	}
	h := l.phpHandler(controller, "")
	for _, a := range laravelActions {
		if api && a.form || only != nil && !slices.Contains(only, a.name) || slices.Contains(except, a.name) ||
			single && !slices.Contains([]string{"show", "edit", "update"}, a.name) {
			continue
		}
		p := list
		if a.one {
			p = one
		}
		act := l.phpMethod(strings.TrimSuffix(controller.Text, "::class"), a.name)
		if h.name == "" {
			act = handler{}
		}
		l.route(route{on: on, method: a.method, path: p + a.more, handler: act, line: int(inv.Line)})
	}
}

// laravelParam is the parameter of a resource: {photo} of photos.
func laravelParam(name string, params map[string]string) string {
	name = lastSegment(name)
	if known := params[name]; known != "" {
		return "{" + known + "}"
	}
	return "{" + strings.ReplaceAll(inflect.Singular(name), "-", "_") + "}"
}

// resourceOptions reads what follows a resource: only, except, shallow, names.
func (l *laravel) resourceOptions(i int32, inv *language.Invocation) (only, except []string, shallow bool, params map[string]string) {
	params = map[string]string{}
	named := func(a *language.Argument) {
		for k := range a.List {
			if e := &a.List[k]; e.Name != "" && e.Kind == language.ArgString {
				params[e.Name] = e.Text
			}
		}
	}
	options := 2
	if inv.Args[0].Kind == language.ArgMap {
		options = 1
	}
	if len(inv.Args) > options {
		if o := keyword(inv.Args[options].List, "only"); o != nil {
			only = literals(o)
		}
		except = literals(keyword(inv.Args[options].List, "except"))
		if p := keyword(inv.Args[options].List, "parameters"); p != nil {
			named(p)
		}
	}
	for depth, at := 0, i; depth < maxDepth; depth++ {
		next := l.options[at]
		if len(next) == 0 {
			break
		}
		at = next[0]
		option := &l.Facts.Invocations[at]
		var words []string
		for k := range option.Args {
			words = append(words, literals(&option.Args[k])...)
		}
		switch option.Name {
		case "only":
			only = append([]string{}, words...)
		case "except":
			except = words
		case "shallow":
			shallow = true
		case "parameters":
			if len(option.Args) > 0 {
				named(&option.Args[0])
			}
		case "parameter":
			if len(words) == 2 {
				params[words[0]] = words[1]
			}
		}
	}
	return only, except, shallow, params
}
