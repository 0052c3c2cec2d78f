package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// readStarlette reads Starlette: routes are calls in lists, of an application or
// of a Mount, or of a name.
func readStarlette(s *scan) {
	if importing("fastapi")(s.file) {
		return
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, _ := s.imported(inv.Name, inv.Receiver, "starlette")
		path, ok := s.constant(positional(inv.Args, 0, "path"))
		switch {
		case name == "Starlette" || name == "Router":
			if s.define(s.result(i), ""); name == "Starlette" {
				s.root(s.result(i))
			}
			s.mountList(s.result(i), "", i, keyword(inv.Args, "routes"))
		case name == "Mount" && ok:
			s.define(s.result(i), "")
			s.mountPath(s.starletteNode(i), braces(path), s.result(i))
			s.mountList(s.result(i), "", i, keyword(inv.Args, "routes"))
			if app := positional(inv.Args, 1, "app"); app != nil {
				s.mountPath2(s.result(i), "", app, i)
			}
		case (name == "Route" || name == "WebSocketRoute") && ok:
			s.starletteRoute(i, name, path, s.starletteNode(i), positional(inv.Args, 1, "endpoint"))
		case inv.Name == "add_route" && ok:
			s.starletteRoute(i, "Route", path, s.on(i), positional(inv.Args, 1, "route"))
		case inv.Name == "mount" && ok:
			if app := positional(inv.Args, 1, "app"); app != nil {
				s.mountPath2(s.on(i), braces(path), app, i)
			}
		}
	}
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		path, ok := s.constant(positional(a.Args, 0, "path"))
		if methods := fastAPIMethods(lastName(a.Name), a.Args); ok && strings.Contains(lastName(a.Name), "route") {
			s.routes(methods, route{on: s.namedIn(ownerName(a.Name), s.decoratedIn(a)), path: braces(path), handler: s.decorated(a), line: int(a.Line)})
		}
	}
}

// mountPath2 mounts the router that an argument is, if a rule knows it.
func (s *scan) mountPath2(on node, prefix string, a *language.Argument, i int32) {
	s.mount(on, prefix, s.value(a, i, 0))
}

// mountList mounts a list of a name, of this file or imported.
func (s *scan) mountList(on node, prefix string, i int32, a *language.Argument) {
	if a == nil || a.Kind != language.ArgName {
		return
	}
	if n := s.includedName(a.Text, i); n != none {
		s.define(n, "")
		s.m.put(n, mount{parent: on, prefix: prefix})
	}
}

// starletteNode is the application, Mount or list that a route stands in.
func (s *scan) starletteNode(i int32) node {
	for range maxDepth {
		inv := &s.Facts.Invocations[i]
		if inv.Within < 0 {
			break
		}
		if name := s.Facts.Invocations[inv.Within].Name; name == "Starlette" || name == "Mount" || name == "Router" {
			return s.result(inv.Within)
		}
		i = inv.Within
	}
	return s.listNode(i)
}

// listNode is the list that an invocation stands in, or the file.
func (s *scan) listNode(i int32) node {
	if name, ok := strings.CutSuffix(s.Facts.Invocations[i].Result, "[]"); ok {
		return s.m.node(key{kind: byName, file: s.at, name: name + "[]"})
	}
	return s.fileNode()
}

func (s *scan) starletteRoute(i int32, name, path string, on node, target *language.Argument) {
	inv := &s.Facts.Invocations[i]
	if target == nil {
		return
	}
	methods := methodsOf(keyword(inv.Args, "methods"), methodGet)
	if name == "WebSocketRoute" {
		methods = []string{methodSocket}
	}
	r := route{on: on, path: braces(path), line: int(inv.Line)}
	if target.Kind == language.ArgName {
		for _, c := range s.classes(target.Text) { // HTTPEndpoint
			s.viewRoutes(c, keyword(inv.Args, "methods"), r)
			return
		}
	}
	r.handler = s.handler(target, i)
	s.routes(methods, r)
}

// readAiohttp reads the servers of aiohttp, not its client.
func readAiohttp(s *scan) {
	if !s.near(pythonWeb, "aiohttp") {
		return
	}
	for n := range s.Facts.Invocations {
		s.aiohttpCall(int32(n))
	}
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		path, ok := s.constant(positional(a.Args, 0, "path"))
		r := route{on: s.namedIn(ownerName(a.Name), s.decoratedIn(a)), path: braces(path), handler: s.decorated(a), line: int(a.Line)}
		switch method := verbs[lastName(a.Name)]; {
		case !ok:
		case method != "":
			r.method = method
			s.route(r)
		case lastName(a.Name) == "view" && a.Declaration >= 0:
			s.viewRoutes(class{s.at, a.Declaration}, nil, r)
		}
	}
	s.defineTyped(map[string]bool{"Application": true, "UrlDispatcher": true})
}

func (s *scan) aiohttpCall(i int32) {
	inv := &s.Facts.Invocations[i]
	name, ok := s.imported(inv.Name, inv.Receiver, "aiohttp")
	on := s.aiohttpOn(i)
	method := verbs[strings.TrimPrefix(inv.Name, "add_")]
	switch {
	case ok && name == "Application":
		s.root(s.result(i))
	case ok && name == "RouteTableDef":
		s.define(s.result(i), "")
	case ok && inv.Receiver != "" && (verbs[name] != "" || name == "view" || name == "route"): // web.get(…) in a list
		if _, client := s.imported("", inv.Receiver, "aiohttp.ClientSession"); !client {
			s.aiohttpRoute(i, s.aiohttpNode(i), name, verbs[name])
		}
	case strings.HasPrefix(inv.Name, "add_") && (method != "" || inv.Name == "add_view" || inv.Name == "add_route"):
		s.aiohttpRoute(i, on, strings.TrimPrefix(inv.Name, "add_"), method)
	case inv.Name == "add_routes" && len(inv.Args) > 0:
		if s.mountList(on, "", i, &inv.Args[0]); inv.Args[0].Kind == language.ArgName && len(s.bindings[inv.Args[0].Text+"[]"]) == 0 {
			s.mount(on, "", s.value(&inv.Args[0], i, 0))
		}
	case inv.Name == "add_subapp" && len(inv.Args) == 2:
		if prefix, ok := s.constant(&inv.Args[0]); ok {
			s.mount(on, braces(prefix), s.value(&inv.Args[1], i, 1))
		}
	}
}

// aiohttpOn is the application of app.router.
func (s *scan) aiohttpOn(i int32) node {
	if app, ok := strings.CutSuffix(s.Facts.Invocations[i].Receiver, ".router"); ok {
		return s.named(app, i)
	}
	return s.on(i)
}

// aiohttpNode is what web.get(…) in a list is put on.
func (s *scan) aiohttpNode(i int32) node {
	for range maxDepth {
		inv := &s.Facts.Invocations[i]
		if inv.Within < 0 {
			break
		}
		if s.Facts.Invocations[inv.Within].Name == "add_routes" {
			return s.aiohttpOn(inv.Within)
		}
		i = inv.Within
	}
	return s.listNode(i)
}

func (s *scan) aiohttpRoute(i int32, on node, name, method string) {
	inv := &s.Facts.Invocations[i]
	at := 0
	if name == "route" {
		if len(inv.Args) == 0 || inv.Args[0].Kind != language.ArgString {
			return
		}
		at, method = 1, inv.Args[0].Text
	}
	path, ok := s.constant(positional(inv.Args, at, "path"))
	target := positional(inv.Args, at+1, "handler")
	if !ok || target == nil {
		return
	}
	r := route{on: on, method: method, path: braces(path), line: int(inv.Line)}
	if name == "view" && target.Kind == language.ArgName {
		s.classRoutes(target, i, r)
		return
	}
	r.handler = s.handler(target, i)
	s.route(r)
}

// readSanic reads Sanic: blueprints, groups of them, and versions, which stand
// in front of all prefixes.
func readSanic(s *scan) {
	if !s.near(pythonWeb, "sanic") {
		return
	}
	for n := range s.Facts.Invocations {
		s.sanicCall(int32(n))
	}
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		path, ok := s.constant(positional(a.Args, 0, "uri"))
		if !ok {
			continue
		}
		r := route{on: s.namedIn(ownerName(a.Name), s.decoratedIn(a)), path: sanicVersion(a.Args) + angle(path), handler: s.decorated(a), line: int(a.Line)}
		switch name := lastName(a.Name); {
		case name == "route":
			s.routes(methodsOf(keyword(a.Args, "methods"), methodGet), r)
		case name == "websocket":
			r.method = methodSocket
			s.route(r)
		case verbs[name] != "":
			r.method = verbs[name]
			s.route(r)
		}
	}
	s.defineTyped(map[string]bool{"Sanic": true, "Blueprint": true})
}

// sanicVersion is the prefix of a version, "" for none.
func sanicVersion(args []language.Argument) string {
	a := keyword(args, "version")
	if a == nil || a.Text == "" || a.Text == "None" || a.Kind != language.ArgLiteral && a.Kind != language.ArgString {
		return ""
	}
	return "/v" + strings.TrimPrefix(a.Text, "v")
}

func (s *scan) sanicCall(i int32) {
	inv := &s.Facts.Invocations[i]
	if name, ok := s.imported(inv.Name, inv.Receiver, "sanic"); ok {
		switch name {
		case "Sanic":
			s.root(s.result(i))
		case "Blueprint":
			prefix, _ := s.constant(keyword(inv.Args, "url_prefix"))
			s.define(s.result(i), sanicVersion(inv.Args)+angle(prefix))
		case "group":
			prefix, _ := s.constant(keyword(inv.Args, "url_prefix"))
			s.define(s.result(i), sanicVersion(inv.Args)+angle(prefix))
			s.mountAll(s.result(i), "", inv.Args, i)
		}
	}
	switch inv.Name {
	case "blueprint":
		prefix, _ := s.constant(keyword(inv.Args, "url_prefix"))
		s.mountAll(s.on(i), angle(prefix), inv.Args, i)
	case "add_route":
		path, ok := s.constant(positional(inv.Args, 1, "uri"))
		if target := positional(inv.Args, 0, "handler"); ok && target != nil {
			s.flaskView(target, i, keyword(inv.Args, "methods"), route{on: s.on(i), path: sanicVersion(inv.Args) + angle(path), line: int(inv.Line)})
		}
	}
}

// mountAll mounts all arguments without a name, and those in lists.
func (s *scan) mountAll(on node, prefix string, args []language.Argument, i int32) {
	for k := range args {
		a := &args[k]
		switch {
		case a.Name != "":
		case a.Kind == language.ArgList:
			s.mountAll(on, prefix, a.List, i)
		default:
			s.mount(on, prefix, s.value(a, i, k))
		}
	}
}

// readTornado reads Tornado: lists of pairs of a regular expression and a class,
// in an application or under a name.
func readTornado(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.imported(inv.Name, inv.Receiver, "tornado")
		switch {
		case ok && (name == "Application" || name == "Router" || name == "RuleRouter"):
			if a := positional(inv.Args, 0, "handlers"); a != nil {
				s.tornadoList(a, int(inv.Line))
			}
		case ok && (name == "url" || name == "URLSpec" || name == "Rule"):
			s.tornadoPair(inv.Args, int(inv.Line))
		case inv.Name == "=" || inv.Name == "add_handlers" || inv.Name == "__init__":
			for k := range inv.Args {
				s.tornadoList(&inv.Args[k], int(inv.Line))
			}
		}
	}
}

func (s *scan) tornadoList(a *language.Argument, line int) {
	for k := range a.List {
		if a.Kind == language.ArgList && a.List[k].Kind == language.ArgList {
			s.tornadoPair(a.List[k].List, line)
		}
	}
}

// tornadoPair routes a path to the methods of a class.
func (s *scan) tornadoPair(pair []language.Argument, line int) {
	if len(pair) < 2 || pair[0].Kind != language.ArgString || pair[1].Kind != language.ArgName || !strings.HasPrefix(strings.TrimPrefix(pair[0].Text, "^"), "/") {
		return
	}
	r := route{on: s.fileNode(), path: pattern(pair[0].Text), line: line, sure: true}
	s.root(r.on)
	if found := s.classes(pair[1].Text); len(found) > 0 {
		c, answers := found[0], false
		for _, m := range s.m.classMethods(c, maxBases) {
			if method := verbs[m.name]; method != "" {
				r.method, r.handler = method, m.handler
				s.route(r)
				answers = true
			}
		}
		if !answers {
			r.method, r.handler = methodGet, s.m.classHandler(c)
			s.route(r)
		}
		return
	}
	if strings.HasSuffix(pair[1].Text, "Handler") {
		r.method, r.handler = methodAny, handler{name: pair[1].Text}
		s.route(r)
	}
}

// readBottle reads Bottle: decorators and calls on an application, or on the
// one that the module itself is.
func readBottle(s *scan) {
	if !s.near(pythonWeb, "bottle") {
		return
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.imported(inv.Name, inv.Receiver, "bottle")
		switch {
		case ok && (name == "Bottle" || name == "default_app"):
			s.root(s.result(i))
		case inv.Name == "mount" && len(inv.Args) > 1:
			if prefix, ok := s.constant(&inv.Args[0]); ok {
				s.mount(s.on(i), angle(prefix), s.value(&inv.Args[1], i, 1))
			}
		case inv.Name == "route" && len(inv.Args) > 1:
			path, ok := s.constant(positional(inv.Args, 0, "path"))
			if target := positional(inv.Args, 2, "callback"); ok && target != nil {
				s.routes(methodsOf(positional(inv.Args, 1, "method"), methodGet), route{on: s.on(i), path: angle(path), handler: s.handler(target, i), line: int(inv.Line)})
			}
		}
	}
	for n := range s.Facts.Annotations {
		s.bottleDecorator(&s.Facts.Annotations[n])
	}
}

func (s *scan) bottleDecorator(a *language.Annotation) {
	path, ok := s.constant(positional(a.Args, 0, "path"))
	if !ok {
		return
	}
	name := lastName(a.Name)
	r := route{path: angle(path), handler: s.decorated(a), line: int(a.Line)}
	if imported, own := s.imported(name, ownerName(a.Name), "bottle"); own {
		name, r.on = imported, s.fileNode()
		s.root(r.on)
	} else {
		r.on = s.namedIn(ownerName(a.Name), s.decoratedIn(a))
	}
	switch {
	case name == "route":
		s.routes(methodsOf(keyword(a.Args, "method"), methodGet), r)
	case verbs[name] != "":
		r.method = verbs[name]
		s.route(r)
	}
}
