package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var python = []string{"Python"}

// pythonRules are the frameworks of this family.
var pythonRules = []rule{
	{framework: "FastAPI", languages: python, strict: true, read: readFastAPI},
	{framework: "Flask", languages: python, strict: true, read: readFlask},
	{framework: "Django", languages: python, concerns: speaksDjango, read: readDjango},
	{framework: "Starlette", languages: python, strict: true, concerns: importing("starlette"), read: readStarlette},
	{framework: "aiohttp", languages: python, strict: true, read: readAiohttp},
	{framework: "Sanic", languages: python, strict: true, read: readSanic},
	{framework: "Tornado", languages: python, concerns: importing("tornado"), read: readTornado},
	{framework: "Bottle", languages: python, strict: true, read: readBottle},
}

// pythonWeb are the modules of the frameworks whose routers look alike.
var pythonWeb = []string{"fastapi", "flask", "quart", "flask_restful", "flask_restx", "starlette", "aiohttp", "sanic", "bottle"}

// verbs are the methods that routers have as functions of their own.
var verbs = map[string]string{
	"get": "GET", "post": "POST", "put": "PUT", "patch": "PATCH", "delete": "DELETE", "head": "HEAD", "options": "OPTIONS", "trace": "TRACE",
}

const (
	methodGet    = "GET"
	methodSocket = "WEBSOCKET"
)

// methodsOf are the methods in an argument, or those that stand for none.
func methodsOf(a *language.Argument, otherwise ...string) []string {
	list := texts(a)
	for i := range list {
		list[i] = strings.ToUpper(list[i])
	}
	if len(list) == 0 {
		return otherwise
	}
	return list
}

// routes puts one route for each method.
func (s *scan) routes(methods []string, r route) {
	for _, method := range methods {
		r.method = method
		s.route(r)
	}
}

// readFastAPI reads FastAPI: decorators on an application or APIRouter, each
// with a prefix, that include each other across files.
func readFastAPI(s *scan) {
	if !s.near(pythonWeb, "fastapi") {
		return
	}
	for n := range s.Facts.Invocations {
		s.fastAPICall(int32(n))
	}
	for n := range s.Facts.Annotations {
		a := &s.Facts.Annotations[n]
		path, ok := s.constant(positional(a.Args, 0, "path"))
		if !ok {
			continue
		}
		on := s.namedIn(ownerName(a.Name), s.decoratedIn(a))
		s.routes(fastAPIMethods(lastName(a.Name), a.Args), route{on: on, path: braces(path), handler: s.decorated(a), line: int(a.Line)})
	}
	s.defineTyped(map[string]bool{"FastAPI": true, "APIRouter": true})
}

// fastAPIMethods are the methods that a decorator registers, none for others.
func fastAPIMethods(name string, args []language.Argument) []string {
	switch name {
	case "api_route", "route", "add_api_route":
		return methodsOf(keyword(args, "methods"), methodGet)
	case "websocket", "websocket_route", "add_api_websocket_route":
		return []string{methodSocket}
	}
	if method := verbs[name]; method != "" {
		return []string{method}
	}
	return nil
}

func (s *scan) fastAPICall(i int32) {
	inv := &s.Facts.Invocations[i]
	if name, ok := s.imported(inv.Name, inv.Receiver, "fastapi"); ok {
		switch name {
		case "FastAPI":
			s.root(s.result(i))
		case "APIRouter":
			prefix, _ := s.constant(keyword(inv.Args, "prefix"))
			s.define(s.result(i), braces(prefix))
		}
	}
	switch inv.Name {
	case "include_router":
		prefix, _ := s.constant(keyword(inv.Args, "prefix"))
		s.mountArgument(i, positional(inv.Args, 0, "router"), braces(prefix))
	case "mount":
		if prefix, ok := s.constant(positional(inv.Args, 0, "path")); ok {
			s.mountArgument(i, positional(inv.Args, 1, "app"), braces(prefix))
		}
	case "add_api_route", "add_api_websocket_route":
		path, ok := s.constant(positional(inv.Args, 0, "path"))
		target := positional(inv.Args, 1, "endpoint")
		if ok && target != nil {
			s.routes(fastAPIMethods(inv.Name, inv.Args), route{on: s.on(i), path: braces(path), handler: s.handler(target, i), line: int(inv.Line)})
		}
	}
}

// mountArgument mounts the router that an argument of invocation i is.
func (s *scan) mountArgument(i int32, a *language.Argument, prefix string) {
	if a != nil {
		s.mount(s.on(i), prefix, s.value(a, i, 0))
	}
}

// readFlask reads Flask and Quart: decorators on an application or blueprint,
// views by class, and the resources of Flask-RESTful and its kin.
func readFlask(s *scan) {
	if !s.near(pythonWeb, "flask", "quart", "flask_restful", "flask_restx", "flask_smorest", "flask_openapi3") {
		return
	}
	for n := range s.Facts.Invocations {
		s.flaskCall(int32(n))
	}
	for n := range s.Facts.Annotations {
		s.flaskDecorator(&s.Facts.Annotations[n])
	}
	s.defineTyped(map[string]bool{"Flask": true, "Blueprint": true, "Quart": true})
}

func (s *scan) flaskDecorator(a *language.Annotation) {
	path, ok := s.constant(positional(a.Args, 0, "rule"))
	name := lastName(a.Name)
	if !ok || ownerName(a.Name) == "" {
		return
	}
	r := route{on: s.namedIn(ownerName(a.Name), s.decoratedIn(a)), path: angle(path), handler: s.decorated(a), line: int(a.Line)}
	switch {
	case name == "route" && a.Function < 0 && a.Declaration >= 0: // a class of methods
		for k := range a.Args {
			if text, ok := s.constant(&a.Args[k]); ok && a.Args[k].Name == "" {
				r.path = angle(text)
				s.viewRoutes(class{s.at, a.Declaration}, keyword(a.Args, "methods"), r)
			}
		}
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

func (s *scan) flaskCall(i int32) {
	inv := &s.Facts.Invocations[i]
	if name, ok := s.imported(inv.Name, inv.Receiver, "flask", "quart", "flask_restful", "flask_restx", "flask_smorest", "flask_openapi3"); ok {
		s.flaskRouter(i, inv, name)
	}
	switch inv.Name {
	case "register_blueprint":
		s.flaskMount(i, positional(inv.Args, 0, "blueprint"), keyword(inv.Args, "url_prefix"))
	case "add_namespace":
		s.flaskMount(i, positional(inv.Args, 0, "ns"), positional(inv.Args, 1, "path"))
	case "init_app":
		s.mountArgument2(i, positional(inv.Args, 0, "app"))
	case "add_url_rule":
		path, ok := s.constant(positional(inv.Args, 0, "rule"))
		view := positional(inv.Args, 2, "view_func")
		if ok && view != nil {
			s.flaskView(view, i, keyword(inv.Args, "methods"), route{on: s.on(i), path: angle(path), line: int(inv.Line)})
		}
	case "add_resource":
		for k := 1; k < len(inv.Args); k++ {
			if path, ok := s.constant(&inv.Args[k]); ok && inv.Args[k].Name == "" && inv.Args[0].Kind == language.ArgName {
				s.classRoutes(&inv.Args[0], i, route{on: s.on(i), path: angle(path), line: int(inv.Line)})
			}
		}
	}
}

// flaskRouter defines what a constructor of Flask or of an extension makes.
func (s *scan) flaskRouter(i int32, inv *language.Invocation, name string) {
	switch name {
	case "Flask", "Quart", "OpenAPI":
		s.root(s.result(i))
	case "Blueprint", "APIBlueprint":
		prefix, _ := s.constant(keyword(inv.Args, "url_prefix"))
		s.define(s.result(i), angle(prefix))
	case "Namespace":
		prefix, ok := s.constant(keyword(inv.Args, "path"))
		if label, _ := s.text(i, 0); !ok && label != "" {
			prefix = "/" + label
		}
		s.define(s.result(i), angle(prefix))
	case "Api":
		prefix, _ := s.constant(keyword(inv.Args, "prefix"))
		s.define(s.result(i), prefix)
		if app := positional(inv.Args, 0, "app"); app != nil && app.Kind == language.ArgName {
			s.mount(s.value(app, i, 0), "", s.result(i))
		}
	}
}

// flaskMount registers a blueprint: a prefix that is given there stands in place
// of its own.
func (s *scan) flaskMount(i int32, child, prefix *language.Argument) {
	if child == nil {
		return
	}
	if text, ok := s.constant(prefix); ok {
		s.mountInstead(s.on(i), angle(text), s.value(child, i, 0))
		return
	}
	s.mount(s.on(i), "", s.value(child, i, 0))
}

// mountArgument2 mounts what an invocation is called on, on an argument:
// api.init_app(app).
func (s *scan) mountArgument2(i int32, parent *language.Argument) {
	if parent == nil || parent.Kind != language.ArgName {
		return
	}
	if child := s.m.named(s.file, s.Facts.Invocations[i].Receiver, i, false); child != none && s.m.nodes[child].known {
		s.mount(s.value(parent, i, 0), "", child)
	}
}

// flaskView routes to a function, or to the methods of a class by as_view.
func (s *scan) flaskView(view *language.Argument, i int32, methods *language.Argument, r route) {
	call := view.Call
	if view.Kind == language.ArgName { // show = Show.as_view("show")
		for _, b := range s.bindings[view.Text] {
			call = b
		}
	}
	if call >= 0 && s.Facts.Invocations[call].Name == "as_view" {
		named := language.Argument{Kind: language.ArgName, Text: s.Facts.Invocations[call].Receiver}
		for _, c := range s.classes(named.Text) {
			s.viewRoutes(c, methods, r)
			return
		}
		r.handler = handler{name: named.Text}
		s.routes(methodsOf(methods, methodAny), r)
		return
	}
	r.handler = s.handler(view, i)
	s.routes(methodsOf(methods, methodGet), r)
}

// viewRoutes routes to the methods of a class that have the names of HTTP's, of
// those that are asked for.
func (s *scan) viewRoutes(c class, methods *language.Argument, r route) {
	wanted := methodsOf(methods)
	found := false
	for _, m := range s.m.classMethods(c, maxBases) {
		if method := verbs[m.name]; method != "" && (len(wanted) == 0 || slices.Contains(wanted, method)) {
			r.handler, r.method = m.handler, method
			s.route(r)
			found = true
		}
	}
	if !found {
		r.handler = s.m.classHandler(c)
		s.routes(methodsOf(methods, methodGet), r)
	}
}

// classRoutes routes to the methods of the class that an argument names.
func (s *scan) classRoutes(a *language.Argument, i int32, r route) {
	for _, c := range s.classes(a.Text) {
		s.viewRoutes(c, nil, r)
		return
	}
	r.handler, r.method = s.handler(a, i), methodAny
	s.route(r)
}
