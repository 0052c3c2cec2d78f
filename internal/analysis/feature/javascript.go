package feature

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var javascript = []string{"JavaScript", "TypeScript", "TSX"}

// javascriptRules are the frameworks of this family. Express, Koa, Hono and
// Fastify read every file: a file of routes often names no framework, and is
// handed the router.
var javascriptRules = []rule{
	{framework: "Express", languages: javascript, strict: true, read: readExpress},
	{framework: "Koa", languages: javascript, strict: true, read: readKoa},
	{framework: "Hono", languages: javascript, strict: true, read: readHono},
	{framework: "Fastify", languages: javascript, strict: true, read: readFastify},
	{framework: "hapi", languages: javascript, strict: true, read: readHapi},
	{framework: "NestJS", languages: javascript, concerns: importing("@nestjs"), read: readNest},
}

// routerVerbs are the functions of routers that answer a method.
var routerVerbs = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "del": "DELETE", "head": "HEAD", "options": "OPTIONS", "all": methodAny,
}

// fluent are functions of routers that return the router.
var fluent = map[string]bool{
	"get": true, "post": true, "put": true, "patch": true, "delete": true, "del": true, "head": true, "options": true, "all": true,
	"use": true, "on": true, "onError": true, "notFound": true, "prefix": true, "param": true, "openapi": true,
}

// canon finds for each invocation of a chain the one whose result it returns:
// new Hono().get(…).post(…) is what new Hono() is.
func (f *file) canon() {
	if !slices.Contains(javascript, f.Language) {
		return
	}
	f.canonical = make([]int32, len(f.Facts.Invocations))
	for i := range f.Facts.Invocations {
		inv := &f.Facts.Invocations[i]
		f.canonical[i] = int32(i)
		if inv.On >= 0 && (fluent[inv.Name] || inv.Name == "route" && len(inv.Args) > 1) {
			f.canonical[i] = f.canonical[inv.On]
		}
	}
}

// from returns what a module calls what invocation i calls, "default" for the
// module itself, and whether it comes from one of the modules.
func (s *scan) from(i int32, modules ...string) (name string, ok bool) {
	inv := &s.Facts.Invocations[i]
	if inv.On >= 0 { // require("express")(), require("express").Router()
		on := &s.Facts.Invocations[inv.On]
		module, literal := s.text(inv.On, 0)
		if on.Name != "require" || !literal || !slices.Contains(modules, module) {
			return "", false
		}
		if inv.Name == "()" {
			return defaultName, true
		}
		return inv.Name, true
	}
	first, rest, _ := strings.Cut(inv.Receiver, ".")
	if inv.Receiver == "" {
		first = inv.Name
	}
	for _, l := range s.locals[first] {
		if !slices.Contains(modules, s.Facts.Imports[l.imp].Path) {
			continue
		}
		switch {
		case inv.Receiver == "" && l.name == "":
			return defaultName, true
		case inv.Receiver == "":
			return l.name, true
		case rest == "" || rest == defaultName:
			return inv.Name, true
		}
	}
	return "", false
}

// required is the router that require("./x") or import("./x") stands for.
func (s *scan) required(call int32) node {
	for _, at := range s.requiredFiles(call) {
		if k, ok := s.m.exportedName(&s.m.files[at], defaultName, maxDepth); ok {
			return s.m.node(k)
		}
	}
	return none
}

// requiredFiles are the files that the module of a call of require may be.
func (s *scan) requiredFiles(call int32) []int32 { return s.m.requiredFiles(s.file, call) }

func (m *model) requiredFiles(f *file, call int32) []int32 {
	inv := &f.Facts.Invocations[call]
	if inv.Name != "require" || len(inv.Args) == 0 {
		return nil
	}
	for k := range f.Facts.Imports {
		if imp := &f.Facts.Imports[k]; imp.Path == inv.Args[0].Text {
			return m.filesOf(f, local{imp: int32(k), name: defaultName})
		}
	}
	return nil
}

// router is the router that an argument of invocation i is: a name, a call, or
// a module that is required there. A function is none: it is middleware.
func (s *scan) router(a *language.Argument, i int32) node {
	switch {
	case a.Kind == language.ArgName:
		return s.named(a.Text, i)
	case a.Kind == language.ArgCall && a.Call >= 0:
		if s.Facts.Invocations[a.Call].Name == "require" {
			return s.required(a.Call)
		}
		return s.result(a.Call)
	default:
		return none
	}
}

// paths are the paths of an argument: a text, a constant, or a list of them. ok
// is false when it is none: a handler.
func (s *scan) paths(a *language.Argument) (list []string, ok bool) {
	switch a.Kind {
	case language.ArgString:
		return []string{a.Text}, true
	case language.ArgName:
		if text, ok := s.m.valueOf(s.file, a.Text, maxConstants); ok {
			return []string{text}, true
		}
	case language.ArgLiteral: // a regular expression
		if text, ok := strings.CutPrefix(a.Text, "/"); ok {
			text = text[:max(0, strings.LastIndexByte(text, '/'))]
			return []string{pattern(text)}, true
		}
	case language.ArgList:
		for k := range a.List {
			if more, ok := s.paths(&a.List[k]); ok {
				list = append(list, more...)
			}
		}
		return list, len(list) > 0
	default:
	}
	return nil, false
}

// handlerOf is the handler of a route: the last argument, of a list its last.
func (s *scan) handlerOf(i int32) handler {
	a := s.last(i)
	for a != nil && a.Kind == language.ArgList && len(a.List) > 0 {
		a = &a.List[len(a.List)-1]
	}
	if a == nil {
		return handler{}
	}
	return s.handler(a, i)
}

// verb reads app.get("/x", …, handler): the path may be left out on what
// route("/x") returns. It is no getter: app.get("setting") has no handler.
func (s *scan) verb(i int32, method string, convert func(string) string) {
	inv := &s.Facts.Invocations[i]
	s.chain(i)
	if len(inv.Args) == 0 {
		return
	}
	paths, ok := s.paths(&inv.Args[0])
	at := 1
	if ok && len(inv.Args) > 2 && inv.Args[0].Kind == language.ArgString && inv.Args[1].Kind == language.ArgString && strings.HasPrefix(inv.Args[1].Text, "/") {
		paths, at = []string{inv.Args[1].Text}, 2 // the name of a route of Koa
	}
	switch {
	case ok && (len(inv.Args) <= at || !s.handles(&inv.Args[len(inv.Args)-1])):
		return
	case !ok && s.isRouteCall(i):
		paths = []string{""}
	case !ok:
		return
	}
	for _, path := range paths {
		s.route(route{on: s.on(i), method: method, path: convert(path), handler: s.handlerOf(i), line: s.lineOf(i)})
	}
}

// chain says that what a call on a name returns is the same router, where the
// next call is on that.
func (s *scan) chain(i int32) {
	next := int(i) + 1
	if s.Facts.Invocations[i].On < 0 && next < len(s.Facts.Invocations) && s.Facts.Invocations[next].On == i {
		s.mount(s.on(i), "", s.result(i))
	}
}

// handles reports whether an argument can be a handler.
func (s *scan) handles(a *language.Argument) bool {
	switch a.Kind {
	case language.ArgName, language.ArgFunction, language.ArgCall, language.ArgList, language.ArgOther, language.ArgMap:
		return true
	default:
		return false
	}
}

// isRouteCall reports whether invocation i is called, in a chain, on
// route("/x").
func (s *scan) isRouteCall(i int32) bool {
	inv := &s.Facts.Invocations[i]
	if inv.On >= 0 {
		on := &s.Facts.Invocations[s.canonical[inv.On]]
		return on.Name == "route" && len(on.Args) == 1
	}
	for _, b := range s.bindings[inv.Receiver] {
		if bound := &s.Facts.Invocations[b]; bound.Name == "route" && len(bound.Args) == 1 {
			return true
		}
	}
	return false
}

// lineOf is the line of a call: in a chain over lines, that of its own name is
// not known, so that of its arguments' end stands for it.
func (s *scan) lineOf(i int32) int { return int(s.Facts.Invocations[i].Line) }

// uses reads app.use("/x", middleware, router).
func (s *scan) useRouters(i int32, convert func(string) string) {
	inv := &s.Facts.Invocations[i]
	s.chain(i)
	prefixes, from := []string{""}, 0
	if len(inv.Args) > 1 {
		if list, ok := s.paths(&inv.Args[0]); ok {
			prefixes, from = list, 1
		} else if s.useListed(i) {
			return
		}
	}
	for _, prefix := range prefixes {
		s.useAll(i, convert(prefix), inv.Args[from:])
	}
}

func (s *scan) useAll(i int32, prefix string, args []language.Argument) {
	for k := range args {
		if args[k].Kind == language.ArgList {
			s.useAll(i, prefix, args[k].List)
			continue
		}
		s.mount(s.on(i), prefix, s.router(&args[k], i))
	}
}

// useListed reads list.forEach((r) => router.use(r.path, r.route)): both are
// keys of the maps in a list of the file.
func (s *scan) useListed(i int32) bool {
	inv := &s.Facts.Invocations[i]
	if len(inv.Args) != 2 || inv.Args[0].Kind != language.ArgName || inv.Args[1].Kind != language.ArgName {
		return false
	}
	path, ok := strings.CutPrefix(inv.Args[0].Text, ownerName(inv.Args[1].Text)+".")
	if !ok || !strings.Contains(inv.Args[1].Text, ".") {
		return false
	}
	for n := range s.Facts.Invocations {
		list := &s.Facts.Invocations[n]
		if list.Name != "=" {
			continue
		}
		for k := range list.Args[0].List {
			prefix, child := keyword(list.Args[0].List[k].List, path), keyword(list.Args[0].List[k].List, lastName(inv.Args[1].Text))
			if prefix != nil && child != nil && prefix.Kind == language.ArgString {
				s.mount(s.on(i), colon(prefix.Text), s.router(child, i))
			}
		}
	}
	return true
}

// readExpress reads Express: routers that use each other across files, routes
// with several paths, and route("/x") with one function for each method.
func readExpress(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if name, ok := s.from(i, "express", "express-promise-router", "ultimate-express"); ok {
			switch name {
			case "Router":
				s.define(s.result(i), "")
				continue
			case defaultName:
				if s.importsOnly("express-promise-router") {
					s.define(s.result(i), "")
				} else {
					s.root(s.result(i))
				}
				continue
			}
		}
		switch {
		case inv.Name == "use":
			s.useRouters(i, colon)
		case inv.Name == "route" && len(inv.Args) == 1:
			if paths, ok := s.paths(&inv.Args[0]); ok {
				s.mount(s.on(i), colon(paths[0]), s.result(i))
			}
		case routerVerbs[inv.Name] != "":
			s.verb(i, routerVerbs[inv.Name], colon)
		}
	}
	s.defineTyped(map[string]bool{"Express": true, "Router": s.imports("express"), "IRouter": true, "Application": s.imports("express")})
}

// imports reports whether a file imports a module by that name.
func (s *scan) imports(module string) bool {
	return slices.ContainsFunc(s.Facts.Imports, func(imp language.Import) bool { return imp.Path == module })
}

func (s *scan) importsOnly(module string) bool { return s.imports(module) && !s.imports("express") }

// readKoa reads Koa with its router: prefixes, and routers in routers.
func readKoa(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.from(i, "koa", "koa-router", "@koa/router", "koa-mount", "koa-joi-router")
		switch {
		case ok && inv.New && s.isLocalOf(inv.Name, "koa"):
			s.root(s.result(i))
		case ok && s.isLocalOf(inv.Name, "koa-mount"):
			if prefix, ok := s.text(i, 0); ok && len(inv.Args) == 2 {
				s.mount(s.result(i), colon(prefix), s.router(&inv.Args[1], i))
			}
		case ok && (name == defaultName || name == "Router" || inv.New):
			prefix := ""
			if len(inv.Args) > 0 {
				prefix, _ = s.constant(keyword(inv.Args[0].List, "prefix"))
			}
			s.define(s.result(i), colon(prefix))
		case inv.Name == "prefix" && len(inv.Args) == 1:
			if prefix, ok := s.text(i, 0); ok {
				s.prefix(s.on(i), colon(prefix))
			}
		case (inv.Name == "routes" || inv.Name == "middleware") && len(inv.Args) == 0:
			s.mount(s.result(i), "", s.on(i))
		case inv.Name == "use":
			s.useRouters(i, colon)
		case routerVerbs[inv.Name] != "":
			s.verb(i, routerVerbs[inv.Name], colon)
		}
	}
	s.defineTyped(map[string]bool{"Koa": true, "Router": s.imports("@koa/router") || s.imports("koa-router")})
}

// prefix gives a router a prefix if it turns out to be one.
func (s *scan) prefix(n node, prefix string) {
	if n != none && s.m.nodes[n].prefix == "" {
		s.m.nodes[n].prefix = prefix
	}
}

// isLocalOf reports whether a name is what a file calls a module.
func (s *scan) isLocalOf(name, module string) bool {
	return slices.ContainsFunc(s.locals[name], func(l local) bool { return s.Facts.Imports[l.imp].Path == module })
}

// readHono reads Hono: base paths, chains, and applications in applications.
func readHono(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.from(i, "hono", "hono/quick", "hono/tiny", "@hono/zod-openapi")
		switch {
		case ok && inv.New && (name == "Hono" || name == "OpenAPIHono"):
			s.root(s.result(i))
		case inv.Name == "basePath" && len(inv.Args) == 1:
			if prefix, ok := s.constant(&inv.Args[0]); ok {
				s.mount(s.on(i), honoPath(prefix), s.result(i))
			}
		case inv.Name == "route" && len(inv.Args) == 2:
			s.chain(i)
			prefix, _ := s.constant(&inv.Args[0])
			s.mount(s.on(i), honoPath(prefix), s.router(&inv.Args[1], i))
		case inv.Name == "on" && len(inv.Args) > 2:
			if paths, ok := s.paths(&inv.Args[1]); ok {
				for _, path := range paths {
					s.routes(methodsOf(&inv.Args[0]), route{on: s.on(i), path: honoPath(path), handler: s.handlerOf(i), line: s.lineOf(i)})
				}
			}
		case routerVerbs[inv.Name] != "":
			s.verb(i, routerVerbs[inv.Name], honoPath)
		}
	}
	s.defineTyped(map[string]bool{"Hono": true, "OpenAPIHono": true})
}

// honoPath converts :id{[0-9]+}: what stands in braces is a pattern.
func honoPath(p string) string { return colon(honoPattern.ReplaceAllString(p, "$1")) }

var honoPattern = regexp.MustCompile(`(:\w+)\{[^/]*\}`)
