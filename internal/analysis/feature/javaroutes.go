package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// readRouterFunctions reads routes that are written as calls: route(GET("/x"),
// handler::list), and route().GET("/x", handler::list), in nests of paths.
func readRouterFunctions(s *scan) {
	bases := s.customEndpoints()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if _, ok := upperVerbs[inv.Name]; !ok || len(inv.Args) == 0 {
			continue
		}
		nest := s.nest(i, "nest", "path", "andNest")
		text, ok := s.predicate(i, inv)
		if ok = ok || nest != "" && s.handlesNest(i, inv); !ok {
			continue
		}
		h, ok := s.routerHandler(i, inv)
		if !ok {
			continue
		}
		path := joinPrefix(s.m.servletPath(s.file), bases[s.classOf(inv.Function)], nest, text)
		s.route(route{on: none, sure: true, method: inv.Name, path: braces(path), handler: h, line: int(inv.Line)})
	}
}

// classOf is the class at the top of the file that a function belongs to.
func (s *scan) classOf(fn int32) string {
	if fn < 0 {
		return ""
	}
	name, _, _ := strings.Cut(s.Facts.Functions[fn].Name, ".")
	return name
}

// predicate is the path of GET("/x"), and of GET(path("/x").and(…)), which may
// stand in a variable of the function.
func (s *scan) predicate(i int32, inv *language.Invocation) (string, bool) {
	a := &inv.Args[0]
	call := int32(-1)
	switch a.Kind {
	case language.ArgCall:
		call = a.Call
	case language.ArgName:
		for _, bound := range s.bindings[a.Text] {
			if s.Facts.Invocations[bound].Function == inv.Function {
				call = bound
			}
		}
	default:
	}
	if call < 0 {
		return s.written(i, 0)
	}
	for on := s.Facts.Invocations[call].On; on >= 0; on = s.Facts.Invocations[call].On {
		call = on
	}
	if s.Facts.Invocations[call].Name != "path" {
		return "", false
	}
	return s.written(call, 0)
}

// handlesNest reports whether a route of a builder is given a handler and no
// path: that of the nest around it.
func (s *scan) handlesNest(i int32, inv *language.Invocation) bool {
	n := len(inv.Args)
	if n > 1 && s.describesRoutes(i) {
		n--
	}
	return n == 1 && inv.On >= 0 && (inv.Args[0].Kind == language.ArgName || inv.Args[0].Kind == language.ArgFunction)
}

// routerHandler is the handler of GET(…): its own last argument in a builder,
// but for what describes the operation, or that of the route whose predicate it
// is.
func (s *scan) routerHandler(i int32, inv *language.Invocation) (handler, bool) {
	n := len(inv.Args)
	if n > 1 && s.describesRoutes(i) {
		n--
	}
	if n >= 2 || n == 1 && s.handlesNest(i, inv) {
		return s.handler(&inv.Args[n-1], i), true
	}
	for at := inv.Within; at >= 0; at = s.Facts.Invocations[at].Within {
		outer := &s.Facts.Invocations[at]
		if (outer.Name == "route" || outer.Name == "andRoute") && len(outer.Args) >= 2 {
			return s.handler(&outer.Args[1], at), true
		}
		if outer.Name != "and" && outer.Name != "or" {
			break
		}
	}
	// GET("/x").and(accept(JSON)): the chain is the argument.
	for k := range s.Facts.Invocations {
		if outer := &s.Facts.Invocations[k]; outer.On == i && (outer.Name == "and" || outer.Name == "or") {
			return s.routerHandler(int32(k), &language.Invocation{Within: outer.Within})
		}
	}
	return handler{}, false
}

// describesRoutes reports whether a route is put on a builder of Springdoc, whose
// routes end with a description.
func (s *scan) describesRoutes(i int32) bool {
	for on := s.Facts.Invocations[i].On; on >= 0; on = s.Facts.Invocations[i].On {
		i = on
	}
	receiver := s.Facts.Invocations[i].Receiver
	if receiver == "" {
		for _, l := range s.locals[s.Facts.Invocations[i].Name] { // a static import
			receiver = s.Facts.Imports[l.imp].Path
		}
	}
	for _, bound := range s.bindings[receiver] {
		if made := &s.Facts.Invocations[bound]; made.On < 0 {
			receiver = made.Receiver
		}
	}
	return lastName(receiver) == "SpringdocRouteBuilder"
}

// nest joins the paths of the calls around an invocation that have one of the
// names: nest(path("/a"), …), path("/a", …).
func (s *scan) nest(i int32, names ...string) string {
	var parts []string
	for range maxDepth {
		inv := &s.Facts.Invocations[i]
		if inv.Within < 0 {
			break
		}
		outer := &s.Facts.Invocations[inv.Within]
		for _, name := range names {
			if outer.Name == name && len(outer.Args) > 1 && inv.Argument > 0 {
				parts = append([]string{s.nestPath(inv.Within, &outer.Args[0])}, parts...)
			}
		}
		i = inv.Within
	}
	return joinPrefix(parts...)
}

func (s *scan) nestPath(i int32, a *language.Argument) string {
	if a.Kind == language.ArgCall && a.Call >= 0 {
		text, _ := s.written(a.Call, 0)
		return text
	}
	text, _ := s.written(i, 0)
	return text
}

var javalinVerbs = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD", "options": "OPTIONS", "ws": "GET", "sse": "GET",
}

// readJavalin reads routes on an application, and those of ApiBuilder in
// groups of paths.
func readJavalin(s *scan) {
	builder := s.importsOf("io.javalin.apibuilder")
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.Name == "create" && lastName(inv.Receiver) == "Javalin":
			s.root(s.result(i))
		case inv.Name == "start" || inv.Name == "routes" || inv.Name == "error" || inv.Name == "exception" || inv.Name == "before" || inv.Name == "after":
			s.mount(s.on(i), "", s.result(i))
		case inv.Name == "crud" && (builder || inv.Receiver != ""):
			s.javalinCRUD(i, inv)
		case javalinVerbs[inv.Name] != "" && len(inv.Args) > 0 && !inv.New:
			s.javalinRoute(i, inv, builder)
		}
	}
	for fn := range s.Facts.Functions {
		for _, p := range s.parameters(int32(fn)) {
			if p.typ == "Javalin" {
				s.define(s.m.node(key{kind: byParam, file: s.at, at: int32(fn), name: p.name}), "")
			}
		}
	}
}

func (s *scan) javalinRoute(i int32, inv *language.Invocation, builder bool) {
	text, ok := s.written(i, 0)
	last := &inv.Args[len(inv.Args)-1]
	if !ok && (!builder || len(inv.Args) != 1) || ok && len(inv.Args) < 2 || last.Kind == language.ArgLiteral || last.Kind == language.ArgString {
		return
	}
	r := route{method: javalinVerbs[inv.Name], handler: s.handler(last, i), line: int(inv.Line)}
	r.path = javalinPath(joinPrefix(s.nest(i, "path"), text))
	switch {
	case inv.Receiver == "" && inv.On < 0, inv.Receiver == "ApiBuilder":
		if !builder {
			return
		}
		r.on, r.sure = none, true
	default:
		r.on = s.on(i)
		s.mount(r.on, "", s.result(i))
	}
	s.route(r)
}

func (s *scan) javalinCRUD(i int32, inv *language.Invocation) {
	text, ok := s.written(i, 0)
	if !ok || len(inv.Args) < 2 {
		return
	}
	one := javalinPath(joinPrefix(s.nest(i, "path"), text))
	all := one[:max(0, strings.LastIndexByte(one, '/'))]
	for _, r := range []route{{method: "GET", path: all}, {method: "POST", path: all}, {method: "GET", path: one}, {method: "PATCH", path: one}, {method: "DELETE", path: one}} {
		r.on, r.sure, r.line = none, true, int(inv.Line)
		s.route(r)
	}
}

// javalinPath converts {id} and <rest>.
func javalinPath(p string) string {
	p = strings.NewReplacer("<", "{", ">", "...}").Replace(p)
	return braces(p)
}
