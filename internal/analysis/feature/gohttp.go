package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

var netHTTP = []string{"net/http"}

// readNetHTTP reads the standard library's mux, with the patterns of Go 1.22:
// "GET example.com/items/{id}".
func readNetHTTP(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.Name == "NewServeMux" && s.fromModule(inv.Receiver, netHTTP), inv.Name == "ServeMux" && inv.New && s.fromModule(inv.Receiver, netHTTP):
			s.root(s.result(i))
		case (inv.Name == "Handle" || inv.Name == "HandleFunc") && len(inv.Args) == 2:
			if text, ok := s.written(i, 0); ok {
				s.muxPattern(i, text)
			}
		}
	}
	s.goRouterTypes(netHTTP, []string{"ServeMux"})
}

// muxPattern registers a handler or another mux.
func (s *scan) muxPattern(i int32, text string) {
	inv := &s.Facts.Invocations[i]
	on := s.on(i)
	if s.fromModule(inv.Receiver, netHTTP) { // the default mux is one for the whole program
		on = s.m.node(key{kind: byName, file: -1, name: "net/http"})
		s.root(on)
	}
	method, path, ok := muxPath(text)
	if !ok {
		return
	}
	r := route{on: on, method: method, path: path, handler: s.stripped(&inv.Args[1], i), line: int(inv.Line)}
	if strings.HasSuffix(text, "/") {
		r.unless = s.mountHandler(on, path, &inv.Args[1], i, 1, 3)
	}
	s.route(r)
}

// stripped is the handler under StripPrefix, or the argument itself.
func (s *scan) stripped(a *language.Argument, i int32) handler {
	if a.Kind == language.ArgCall && a.Call >= 0 {
		if inv := &s.Facts.Invocations[a.Call]; inv.Name == "StripPrefix" && len(inv.Args) == 2 {
			return s.handler(&inv.Args[1], a.Call)
		}
	}
	return s.handler(a, i)
}

// muxPath takes a pattern apart: the method, the host, which is left out, and
// the path. {$} says that the path ends there.
func muxPath(text string) (method, path string, ok bool) {
	path = strings.TrimSpace(text)
	if before, after, cut := strings.Cut(path, " "); cut {
		method, path = before, strings.TrimLeft(after, " \t")
	}
	at := strings.IndexByte(path, '/')
	if at < 0 || strings.ContainsAny(path[:at], ":{") {
		return "", "", false
	}
	return method, braces(strings.TrimSuffix(path[at:], "{$}")), true
}

// mountHandler mounts what may be a router and not only a handler: a mux under
// StripPrefix has its routes below the prefix, any other has whole paths. It
// returns the nodes in which case it is a router.
func (s *scan) mountHandler(on node, prefix string, a *language.Argument, i int32, n, depth int) []node {
	if a.Kind != language.ArgCall || a.Call < 0 {
		child := s.value(a, i, n)
		s.mountPerhaps(on, "", child)
		return []node{child}
	}
	inv := &s.Facts.Invocations[a.Call]
	if inv.Name == "StripPrefix" && len(inv.Args) == 2 {
		child := s.value(&inv.Args[1], a.Call, 1)
		out := []node{child}
		if inv.Args[1].Kind == language.ArgCall && inv.Args[1].Call >= 0 { // wrapped once more
			for k := range s.Facts.Invocations[inv.Args[1].Call].Args {
				inner := s.argument(inv.Args[1].Call, k)
				s.mountPerhaps(on, prefix, inner)
				out = append(out, inner)
			}
		}
		s.mountPerhaps(on, prefix, child)
		return out
	}
	child := s.result(a.Call)
	s.mountPerhaps(on, "", child)
	out := []node{child}
	for k := range inv.Args {
		if arg := &inv.Args[k]; depth > 0 && (arg.Kind == language.ArgCall || arg.Kind == language.ArgName) {
			out = append(out, s.mountHandler(on, prefix, arg, a.Call, k, depth-1)...)
		}
	}
	return out
}

// mountPerhaps mounts what need not be a router: it is none because of that,
// and no one place with its parent when there is no prefix.
func (s *scan) mountPerhaps(parent node, prefix string, child node) {
	s.m.put(child, mount{parent: parent, prefix: prefix, perhaps: true})
}

var gorillaMux = []string{"github.com/gorilla/mux"}

// readGorilla reads gorilla/mux, where a route is a chain of calls in any
// order.
func readGorilla(s *scan) {
	next := make(map[int32]int32, len(s.Facts.Invocations))
	for n := range s.Facts.Invocations {
		if on := s.Facts.Invocations[n].On; on >= 0 {
			next[on] = int32(n)
		}
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.Name == "NewRouter" && s.fromModule(inv.Receiver, gorillaMux):
			s.root(s.result(i))
			if to, ok := next[i]; ok && s.isRouterMaker(to) {
				s.mount(s.result(i), "", s.result(to))
			}
		case inv.On < 0 || s.isRouterMaker(inv.On):
			s.gorillaChain(i, next)
		}
	}
	s.goRouterTypes(gorillaMux, []string{"Router"})
}

// isRouterMaker reports whether a call gives a router and no route.
func (s *scan) isRouterMaker(i int32) bool {
	name := s.Facts.Invocations[i].Name
	return name == "NewRouter" || name == "Subrouter" || name == "StrictSlash" || name == "UseEncodedPath" || name == "SkipClean"
}

// gorillaRoute is a chain as far as it was read.
type gorillaRoute struct {
	path      string
	prefix    bool
	named     bool // there is a path
	methods   []string
	handler   *language.Argument
	handlerOf int32
}

func (s *scan) gorillaChain(head int32, next map[int32]int32) {
	var g gorillaRoute
	for i, ok := head, true; ok; i, ok = next[i], hasNext(next, i) {
		inv := &s.Facts.Invocations[i]
		if s.isRouterMaker(i) {
			s.mount(s.on(head), g.path, s.result(i))
			return
		}
		s.gorillaPart(&g, i, inv)
	}
	if !g.named || g.handler == nil {
		return
	}
	if len(g.methods) == 0 {
		g.methods = []string{methodAny}
	}
	r := route{on: s.on(head), path: g.path, handler: s.stripped(g.handler, g.handlerOf), line: int(s.Facts.Invocations[head].Line)}
	if g.prefix {
		r.unless = s.mountHandler(r.on, g.path, g.handler, g.handlerOf, 0, 3)
		r.path += "/{rest...}"
	}
	for _, r.method = range g.methods {
		s.route(r)
	}
}

func hasNext(next map[int32]int32, i int32) bool {
	_, ok := next[i]
	return ok
}

func (s *scan) gorillaPart(g *gorillaRoute, i int32, inv *language.Invocation) {
	switch inv.Name {
	case "Path", "PathPrefix", "HandleFunc", "Handle":
		if text, ok := s.written(i, 0); ok {
			g.path, g.named, g.prefix = braces(text), true, inv.Name == "PathPrefix"
		} else if inv.Name == "PathPrefix" {
			g.path = "{}" // of a subrouter; a route without a path that is known is none
		}
		if len(inv.Args) == 2 {
			g.handler, g.handlerOf = &inv.Args[1], i
		}
	case "Methods":
		for k := range inv.Args {
			g.methods = append(g.methods, s.methodsOf(&inv.Args[k])...)
		}
	case "Handler", "HandlerFunc":
		if len(inv.Args) == 1 {
			g.handler, g.handlerOf = &inv.Args[0], i
		}
	}
}

var humaModule = []string{"github.com/danielgtaylor/huma"}

// readHuma reads huma, whose operations are registered on an API that stands on
// a router of another framework.
func readHuma(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if inv.New || !s.fromModule(inv.Receiver, humaModule) {
			continue
		}
		switch {
		case inv.Name == "New" && len(inv.Args) > 0: // of an adapter
			s.mount(s.argument(i, 0), "", s.result(i))
			s.define(s.result(i), "")
		case inv.Name == "NewGroup":
			if path, ok := s.written(i, 1); ok {
				s.mount(s.argument(i, 0), braces(path), s.result(i))
			}
		case titleVerbs[inv.Name] != "" && len(inv.Args) >= 3:
			if path, ok := s.written(i, 1); ok {
				s.route(route{on: s.argument(i, 0), method: titleVerbs[inv.Name], path: braces(path), handler: s.handler(&inv.Args[2], i), line: int(inv.Line)})
			}
		case inv.Name == "Register" && len(inv.Args) == 3:
			s.humaOperation(i, inv)
		}
	}
	s.goRouterTypes(humaModule, []string{"API", "Group"})
}

func (s *scan) humaOperation(i int32, inv *language.Invocation) {
	a := &inv.Args[1]
	if a.Kind == language.ArgName { // kept in a variable
		for _, b := range s.bindings[a.Text] {
			if s.Facts.Invocations[b].New {
				a = &language.Argument{Kind: language.ArgCall, Call: b}
			}
		}
	}
	if a.Kind != language.ArgCall || a.Call < 0 {
		return
	}
	fields := s.Facts.Invocations[a.Call].Args
	path, method := keyword(fields, "Path"), keyword(fields, "Method")
	if path == nil || method == nil {
		return
	}
	text, ok := s.m.textOf(s.file, path, maxConstants)
	if !ok {
		return
	}
	r := route{on: s.argument(i, 0), method: goMethod(method), path: braces(text), handler: s.handler(&inv.Args[2], i), line: int(inv.Line)}
	if summary := keyword(fields, "Summary"); summary != nil && summary.Kind == language.ArgString {
		r.summary = summary.Text
	}
	s.route(r)
}
