package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// rustRules are the frameworks of this family.
var rustRules = []rule{
	{framework: "axum", languages: rustLanguage, concerns: importing("axum", "aide", "utoipa_axum"), read: readAxum},
	{framework: "actix-web", languages: rustLanguage, concerns: importing("actix_web"), read: readActix},
	{framework: "Rocket", languages: rustLanguage, concerns: mayBeRocket, read: readRocket},
	{framework: "warp", languages: rustLanguage, concerns: importing("warp"), read: readWarp},
}

var rustLanguage = []string{"Rust"}

// rustMethods are the names of methods in paths, macros and attributes.
var rustMethods = map[string]bool{"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true, "options": true, "trace": true, "connect": true}

// head is the router at the beginning of a chain of calls: each call on it
// gives it back.
func (s *scan) head(i int32) node {
	for range maxCandidate {
		on := s.Facts.Invocations[i].On
		if on < 0 {
			return none
		}
		if call := &s.Facts.Invocations[on]; call.On < 0 {
			if call.New || s.m.lookup(key{kind: byResult, file: s.at, at: on}) != none || call.Receiver == "" {
				return s.result(on)
			}
			if n := s.on(on); n != none && s.isVariable(n, call.Receiver) {
				return n
			}
			return s.result(on)
		}
		i = on
	}
	return none
}

// isVariable tells a receiver that is a parameter or a variable from a module or
// a type, which is a name from nowhere too.
func (s *scan) isVariable(n node, name string) bool {
	k := s.m.nodes[n].key
	return k.kind != byParam || slices.ContainsFunc(s.m.files[k.file].parameters(k.at), func(p parameter) bool { return p.name == name })
}

// target is the router that a call on one means.
func (s *scan) target(i int32) node {
	if s.Facts.Invocations[i].On >= 0 {
		return s.head(i)
	}
	return s.on(i)
}

// chained says that what a call on a router gives is that router again: what is
// mounted by the end of a chain is mounted from its beginning.
func (s *scan) chained(i int32) {
	if s.inner[i] {
		return // the chain goes on: its end says it
	}
	if on := s.target(i); on != none && (s.Facts.Invocations[i].On >= 0 || s.Facts.Invocations[i].Result != "") {
		s.mount(s.result(i), "", on)
	}
}

// readAxum reads axum: Router::new() makes a router, route puts a method router
// on it, nest and merge another router.
func readAxum(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if owner := lastName(inv.Receiver); inv.Name == "new" && (owner == "Router" || owner == "ApiRouter" || owner == "OpenApiRouter") {
			s.root(s.result(i))
			continue
		}
		path, literal := s.text(i, 0)
		switch {
		case inv.On < 0 && inv.Receiver == "":
			continue
		case (inv.Name == "route" || inv.Name == "api_route" || inv.Name == "route_service") && literal && len(inv.Args) > 1:
			s.axumMethods(i, colon(braces(path)), inv.Name == "route_service")
		case (inv.Name == "nest" || inv.Name == "nest_api_service" || inv.Name == "nest_service") && literal && len(inv.Args) > 1:
			s.mount(s.target(i), colon(path), s.argument(i, 1))
		case inv.Name == "merge" && len(inv.Args) == 1:
			s.mount(s.target(i), "", s.argument(i, 0))
		}
		s.chained(i)
	}
	s.typedParameters("Router")
}

// typedParameters defines the parameters whose type is a router.
func (s *scan) typedParameters(types ...string) {
	for n := range s.Facts.Functions {
		fn := int32(n)
		for _, p := range s.parameters(fn) {
			if slices.Contains(types, typeName(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(p.typ), "&"), "mut "))) {
				s.define(s.m.node(key{kind: byParam, file: s.at, at: fn, name: p.name}), "")
			}
		}
	}
}

// axumMethods reads get(list).post(create), any(f), on(filter, f).
func (s *scan) axumMethods(i int32, path string, service bool) {
	inv := &s.Facts.Invocations[i]
	a := &inv.Args[1]
	if a.Kind != language.ArgCall || service {
		s.route(route{on: s.target(i), path: path, handler: s.handler(a, i), line: int(inv.Line)})
		return
	}
	found := false
	for c, steps := a.Call, 0; c >= 0 && steps < maxDepth; c, steps = s.Facts.Invocations[c].On, steps+1 {
		call := &s.Facts.Invocations[c]
		name := strings.TrimSuffix(strings.TrimSuffix(call.Name, "_with"), "_service")
		if name != "any" && !rustMethods[name] || len(call.Args) == 0 {
			continue
		}
		if name == "any" {
			name = methodAny
		}
		found = true
		s.route(route{on: s.target(i), method: name, path: path, handler: s.handler(&call.Args[0], c), line: int(call.Line)})
	}
	if !found {
		s.route(route{on: s.target(i), path: path, handler: s.handler(a, i), line: int(inv.Line)})
	}
}

// asRouter is a function as a router: its attribute puts a route on it, and what it is
// registered on mounts it.
func (s *scan) asRouter(fn function) node {
	return s.m.node(key{kind: byFunction, file: fn.file, at: fn.at})
}

// registers mounts the functions that an argument names.
func (s *scan) registers(on node, prefix string, a *language.Argument, i int32) {
	if a.Kind != language.ArgName {
		return
	}
	for _, fn := range s.m.callee(s.file, lastName(a.Text), ownerName(a.Text), s.Facts.Invocations[i].Function) {
		s.mount(on, prefix, s.asRouter(fn))
	}
}

// attributeRoutes reads #[get("/x")] and #[route("/x", method = "GET")].
func (s *scan) attributeRoutes(convert func(string) string, sure bool) {
	for k := range s.Facts.Annotations {
		a := &s.Facts.Annotations[k]
		method := lastName(a.Name)
		if a.Function < 0 || len(a.Args) == 0 || a.Args[0].Kind != language.ArgString || !rustMethods[method] && method != "route" {
			continue
		}
		fn := &s.Facts.Functions[a.Function]
		h := handler{name: fn.Name, path: s.Path, line: fn.Line}
		if d := s.declared[a.Function]; d >= 0 {
			h.doc = s.Facts.Declares[d].Doc
		}
		methods := []string{method}
		if method == "route" {
			methods = nil
			for m := range a.Args {
				if a.Args[m].Name == "method" {
					methods = append(methods, a.Args[m].Text)
				}
			}
		}
		for _, method := range methods {
			s.route(route{on: s.asRouter(function{s.at, a.Function}), method: method, path: convert(a.Args[0].Text), handler: h, line: int(a.Line), sure: sure})
		}
	}
}

// mayBeRocket takes in files that only have the attributes: Rocket's macros can
// be imported for all files by one.
func mayBeRocket(f *file) bool {
	if importing("rocket")(f) {
		return true
	}
	return !importing("actix_web", "axum", "warp")(f) && slices.ContainsFunc(f.Facts.Annotations, func(a language.Annotation) bool { return rustMethods[a.Name] })
}

// readRocket reads Rocket: mount puts the functions of routes![] under a prefix.
func readRocket(s *scan) {
	s.attributeRoutes(angle, importing("rocket")(s.file))
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		path, literal := s.text(i, 0)
		switch {
		case (inv.Name == "build" || inv.Name == "custom" || inv.Name == "ignite") && lastName(inv.Receiver) == "rocket":
			s.root(s.result(i))
			continue
		case inv.Name == "mount" && literal && len(inv.Args) == 2:
			s.rocketMount(i, angle(path), &inv.Args[1])
		case inv.On < 0:
			continue
		}
		s.chained(i)
	}
	s.typedParameters("Rocket")
}

// rocketMount mounts routes![a, m::b], or what a function returns of them.
func (s *scan) rocketMount(i int32, prefix string, a *language.Argument) {
	if a.Kind != language.ArgCall || a.Call < 0 {
		return
	}
	call := &s.Facts.Invocations[a.Call]
	if strings.TrimSuffix(call.Name, "!") == "routes" {
		for k := range call.Args {
			s.registers(s.target(i), prefix, &call.Args[k], a.Call)
		}
		return
	}
	for _, fn := range s.m.callee(s.file, call.Name, call.Receiver, call.Function) {
		other := &s.m.files[fn.file]
		other.prepare()
		for k := range other.Facts.Invocations {
			if in := &other.Facts.Invocations[k]; in.Function == fn.at && strings.TrimSuffix(in.Name, "!") == "routes" {
				there := &scan{file: other, m: s.m, rule: s.rule}
				for m := range in.Args {
					there.registers(s.target(i), prefix, &in.Args[m], int32(k))
				}
			}
		}
	}
}

// readWarp reads warp: a filter is a chain of path, method and more, and is a
// route where map, then or and_then hands it to a function.
func readWarp(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.Name != "map" && inv.Name != "then" && inv.Name != "and_then" || len(inv.Args) != 1 || inv.On < 0 && inv.Receiver == "" {
			continue
		}
		w := warp{s: s}
		w.filter(i, maxDepth)
		if !w.routed || w.mapped > 1 {
			continue
		}
		s.route(route{sure: true, on: none, method: w.method, path: w.path, handler: s.handler(&inv.Args[0], i), line: int(inv.Line)})
	}
}

// warp collects what a chain of filters asks of a request.
type warp struct {
	s      *scan
	path   string
	method string
	routed bool // a path or a method was seen
	mapped int
	steps  int
}

// filter walks a chain from its beginning.
func (w *warp) filter(i int32, depth int) {
	if w.steps++; i < 0 || depth == 0 || w.steps > maxCandidate {
		return
	}
	inv := &w.s.Facts.Invocations[i]
	switch {
	case inv.On >= 0:
		w.filter(inv.On, depth-1)
	case inv.Receiver != "" && lastName(inv.Receiver) != "warp" && lastName(inv.Receiver) != "path":
		w.variable(inv.Receiver, i, depth)
	}
	switch name := strings.TrimSuffix(inv.Name, "!"); {
	case name == "and" && len(inv.Args) == 1:
		w.argument(&inv.Args[0], i, depth)
	case name == "map" || name == "then" || name == "and_then":
		w.mapped++
	case inv.On >= 0:
	case name == "path":
		w.routed = true
		w.segments(inv.Args)
	case name == "param" && lastName(inv.Receiver) == "path":
		w.path += "/{}"
	case name == "tail" && lastName(inv.Receiver) == "path":
		w.path += "/{rest...}"
	case rustMethods[name] && lastName(inv.Receiver) == "warp":
		w.method, w.routed = name, true
	}
}

func (w *warp) argument(a *language.Argument, i int32, depth int) {
	switch a.Kind { //nolint:exhaustive // other arguments lead nowhere
	case language.ArgCall:
		w.filter(a.Call, depth-1)
	case language.ArgName:
		w.variable(a.Text, i, depth)
	}
}

// variable goes on in the filter that a name is bound to.
func (w *warp) variable(name string, i int32, depth int) {
	if k, ok := w.s.m.keyOf(w.s.file, name, i); ok && k.kind == byResult && k.file == w.s.at && k.at != i {
		w.filter(k.at, depth-1)
	}
}

// segments are the parts of path!("users" / u32) and of path("users").
func (w *warp) segments(args []language.Argument) {
	for k := range args {
		switch a := &args[k]; a.Kind {
		case language.ArgString:
			w.path += "/" + a.Text
		case language.ArgName:
			w.path += "/{}"
		default:
		}
	}
}
