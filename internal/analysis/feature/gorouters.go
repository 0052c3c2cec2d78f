package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// goFramework is a web framework of Go whose routers all work alike: routes are
// methods of a router, groups are routers under a prefix.
type goFramework struct {
	name      string
	modules   []string
	makes     []string // functions of the package that make an application
	types     []string // of routers
	notation  func(string) string
	verbs     map[string]string // methods that register a route at their first argument
	withVerb  []string          // methods that are given the method, the path and the handler
	handlerAt int               // place of the handler after the path, -1 for the last argument
}

var upperVerbs = map[string]string{
	"GET": "GET", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE", "HEAD": "HEAD", "OPTIONS": "OPTIONS",
	"CONNECT": "CONNECT", "TRACE": "TRACE", "Any": methodAny,
}

var titleVerbs = map[string]string{
	"Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "Head": "HEAD", "Options": "OPTIONS",
	"Connect": "CONNECT", "Trace": "TRACE", "All": methodAny,
}

var goFrameworks = []goFramework{
	{
		name: "gin", modules: []string{"github.com/gin-gonic/gin"}, makes: []string{"New", "Default"},
		types: []string{"Engine", "RouterGroup", "IRouter", "IRoutes"}, notation: colon, verbs: upperVerbs, withVerb: []string{"Handle"}, handlerAt: -1,
	}, {
		name: "echo", modules: []string{"github.com/labstack/echo"}, makes: []string{"New"},
		types: []string{"Echo", "Group"}, notation: colon, verbs: upperVerbs, withVerb: []string{"Add"}, handlerAt: 0,
	}, {
		name: "fiber", modules: []string{"github.com/gofiber/fiber"}, makes: []string{"New"},
		types: []string{"App", "Router", "Group"}, notation: fiberPath, verbs: titleVerbs, withVerb: []string{"Add"}, handlerAt: -1,
	}, {
		name: "httprouter", modules: []string{"github.com/julienschmidt/httprouter"}, makes: []string{"New"},
		types: []string{"Router"}, notation: colon, verbs: upperVerbs, withVerb: []string{"Handle", "Handler", "HandlerFunc"}, handlerAt: -1,
	},
}

// fiberPath takes the constraints of parameters off: /:id<int;min(1)>.
func fiberPath(p string) string {
	for {
		before, rest, open := strings.Cut(p, "<")
		_, after, closed := strings.Cut(rest, ">")
		if !open || !closed {
			return colon(p)
		}
		p = before + after
	}
}

// goRouterRules makes a rule of each framework.
func goRouterRules() []rule {
	var out []rule
	for i := range goFrameworks {
		f := &goFrameworks[i]
		out = append(out, rule{framework: f.name, languages: []string{"Go"}, concerns: importing(f.modules...), strict: true, read: func(s *scan) { s.readGoRouters(f) }})
	}
	return out
}

func (s *scan) readGoRouters(f *goFramework) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.New:
		case slices.Contains(f.makes, inv.Name) && s.fromModule(inv.Receiver, f.modules):
			s.root(s.result(i))
		case f.verbs[inv.Name] != "" && len(inv.Args) > 0:
			s.goRoute(f, i, []string{f.verbs[inv.Name]}, 0)
		case slices.Contains(f.withVerb, inv.Name) && len(inv.Args) >= 3:
			s.goRoute(f, i, s.methodsOf(&inv.Args[0]), 1)
		case inv.Name == "Match" && len(inv.Args) >= 3:
			s.goRoute(f, i, s.methodsOf(&inv.Args[0]), 1)
		default:
			s.goMount(f, i)
		}
	}
	s.goRouterTypes(f.modules, f.types)
}

// goMount reads what puts routers on others.
func (s *scan) goMount(f *goFramework, i int32) {
	inv := &s.Facts.Invocations[i]
	switch inv.Name {
	case "Group":
		prefix := s.prefixOf(f, i)
		s.mount(s.on(i), prefix, s.result(i))
		if f.name == "fiber" {
			s.mount(s.on(i), prefix, s.block(i, len(inv.Args)-1, 0))
		}
	case "Route", "Mount":
		if f.name == "fiber" && len(inv.Args) > 0 {
			s.mount(s.on(i), s.prefixOf(f, i), s.argument(i, 1))
			s.mount(s.on(i), s.prefixOf(f, i), s.result(i))
		}
	case "Use", "Host":
		s.mount(s.on(i), "", s.result(i))
		if path, ok := s.written(i, 0); ok && f.name == "fiber" && len(inv.Args) > 1 {
			s.mount(s.on(i), f.notation(path), s.argument(i, len(inv.Args)-1))
		}
	case "Static", "StaticFS", "ServeFiles":
		if path, ok := s.written(i, 0); ok && len(inv.Args) >= 2 {
			path, _, _ = strings.Cut(path, "*")
			s.route(route{on: s.on(i), method: "GET", path: f.notation(path) + "/{rest...}", line: int(inv.Line)})
		}
	case "File", "StaticFile":
		if path, ok := s.written(i, 0); ok && len(inv.Args) >= 2 {
			s.route(route{on: s.on(i), method: "GET", path: f.notation(path), line: int(inv.Line)})
		}
	}
}

// prefixOf is the prefix that a group is given, {} when it is computed.
func (s *scan) prefixOf(f *goFramework, i int32) string {
	if path, ok := s.written(i, 0); ok {
		return f.notation(path)
	}
	args := s.Facts.Invocations[i].Args
	if len(args) == 0 || args[0].Kind == language.ArgFunction {
		return ""
	}
	// What makes a path of one path mostly puts a base in front of it.
	if call := args[0].Call; args[0].Kind == language.ArgCall && call >= 0 && len(s.Facts.Invocations[call].Args) == 1 {
		if path, ok := s.written(call, 0); ok && strings.HasPrefix(path, "/") {
			return "{}" + f.notation(path)
		}
	}
	return "{}"
}

func (s *scan) goRoute(f *goFramework, i int32, methods []string, pathAt int) {
	inv := &s.Facts.Invocations[i]
	path, ok := s.written(i, pathAt)
	at := pathAt + 1 + f.handlerAt
	if f.handlerAt < 0 {
		at = len(inv.Args) - 1
	}
	if f.name == "fiber" && !ok && inv.On >= 0 && s.Facts.Invocations[inv.On].Name == "Route" {
		path, ok, pathAt = "", true, -1 // app.Route("/x").Get(h)
	}
	if !ok || at <= pathAt || at >= len(inv.Args) {
		return
	}
	on := s.on(i)
	for _, method := range methods {
		s.route(route{on: on, method: method, path: f.notation(path), handler: s.handler(&inv.Args[at], i), line: int(inv.Line)})
	}
	s.mount(on, "", s.result(i)) // routes may be chained
}

// methodsOf are the methods that an argument names, one or a list.
func (s *scan) methodsOf(a *language.Argument) []string {
	list := []language.Argument{*a}
	if a.Kind == language.ArgList {
		list = a.List
	}
	var out []string
	for k := range list {
		if m := strings.ToUpper(goMethod(&list[k])); m != "" && (list[k].Kind == language.ArgString || strings.Contains(list[k].Text, "Method")) {
			out = append(out, m)
		}
	}
	if len(out) == 0 && a.Kind == language.ArgName {
		out = []string{methodAny}
	}
	return out
}

// fromModule reports whether a name is that of an import of a module.
func (s *scan) fromModule(name string, modules []string) bool {
	for _, l := range s.locals[name] {
		for _, m := range modules {
			if below(s.Facts.Imports[l.imp].Path, m) {
				return true
			}
		}
	}
	return false
}

// isGoType reports whether a type is one of a module's.
func (s *scan) isGoType(typ string, modules, types []string) bool {
	pkg, name, ok := strings.Cut(strings.TrimLeft(typ, "*"), ".")
	return ok && slices.Contains(types, name) && s.fromModule(pkg, modules)
}

// goRouterTypes defines the parameters and fields that are written as routers,
// so that a function nobody calls still shows its routes.
func (s *scan) goRouterTypes(modules, types []string) {
	for fn := range s.Facts.Functions {
		for _, p := range s.parameters(int32(fn)) {
			if s.isGoType(p.typ, modules, types) {
				s.define(s.m.node(key{kind: byParam, file: s.at, at: int32(fn), name: p.name}), "")
			}
		}
	}
	for i := range s.Facts.Declares {
		d := &s.Facts.Declares[i]
		if d.Kind == language.KindField && d.Owner != "" && s.isGoType(d.Signature, modules, types) {
			s.define(s.m.node(key{kind: byField, file: -1, name: folderOf(s.Path) + ":" + d.Owner + "." + d.Name}), "")
		}
	}
	for i := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[i]
		for n := range inv.Args {
			if inv.Args[n].Kind != language.ArgFunction {
				continue
			}
			for p, param := range takenParameters(inv.Args[n].Text) {
				if s.isGoType(param.typ, modules, types) {
					s.define(s.block(int32(i), n, p), "")
				}
			}
		}
	}
}
