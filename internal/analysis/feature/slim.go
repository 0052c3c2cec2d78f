package feature

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Slim 3 and 4: an application from the factory or by new, groups in functions
// whose parameter is the group.

var slimVerbs = map[string]bool{"get": true, "post": true, "put": true, "delete": true, "patch": true, "options": true, "any": true}

// slimTypes are the types that routes are put on.
var slimTypes = map[string]bool{
	"App": true, "RouteCollectorProxy": true, "RouteCollectorProxyInterface": true, "RouteCollectorInterface": true, "Group": true,
}

func readSlim(s *scan) {
	s.slimParameters()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		path, literal := s.text(i, 0)
		switch {
		case s.makesSlim(inv):
			s.root(s.result(i))
		case inv.Name == "setBasePath" && literal:
			s.define(s.on(i), braces(path))
		case slimVerbs[inv.Name] && literal && len(inv.Args) == 2:
			s.slimRoute(i, []string{inv.Name}, path, &inv.Args[1])
		case inv.Name == "map" && len(inv.Args) == 3:
			if path, ok := s.text(i, 1); ok {
				s.slimRoute(i, literals(&inv.Args[0]), path, &inv.Args[2])
			}
		case inv.Name == "redirect" && literal && len(inv.Args) >= 2:
			s.slimRoute(i, []string{"any"}, path, &language.Argument{Call: -1})
		case inv.Name == "group" && literal && len(inv.Args) == 2:
			s.mount(s.on(i), slimPath(path), s.argument(i, 1))
		}
	}
}

// makesSlim reports whether a call makes an application.
func (s *scan) makesSlim(inv *language.Invocation) bool {
	if inv.New {
		return inv.Name == "App" && (inv.Receiver == "Slim" || inv.Receiver == "" && s.locals["App"] != nil)
	}
	return inv.Receiver == "AppFactory" && strings.HasPrefix(inv.Name, "create") || inv.Receiver == "Bridge" && inv.Name == "create"
}

// slimParameters defines what is written as an application or a group: the
// parameters of functions, and in a file that returns a function that sets up
// an application, the name that it has there.
func (s *scan) slimParameters() {
	for fn := range s.Facts.Functions {
		for _, p := range s.parameters(int32(fn)) {
			if slimTypes[typeName(p.typ)] {
				n := s.m.node(key{kind: byParam, file: s.at, at: int32(fn), name: p.name})
				s.root(n)
			}
		}
	}
	if s.locals["App"] == nil {
		return
	}
	for n := range s.Facts.Invocations {
		i := int32(n)
		if inv := &s.Facts.Invocations[i]; inv.Receiver == "app" && inv.Function < 0 && inv.Within < 0 {
			s.root(s.on(i))
		}
	}
}

// slimPath converts /users[/{id:\d+}]: what is optional is a part of the path.
func slimPath(p string) string {
	return braces(strings.NewReplacer("[/", "/", "]", "").Replace(slimPatterns(p)))
}

// slimPatterns takes the patterns out of parameters, which may hold brackets.
func slimPatterns(p string) string {
	var b strings.Builder
	for p != "" {
		open := strings.IndexByte(p, '{')
		if open < 0 {
			b.WriteString(p)
			break
		}
		n := braced(p[open:])
		inside := p[open+1 : min(len(p), open+n-1)]
		name, pattern, _ := strings.Cut(inside, ":")
		if pattern == ".*" || pattern == ".+" {
			name += ":" + pattern
		}
		b.WriteString(p[:open] + "{" + name + "}")
		p = p[min(len(p), open+n):]
	}
	return b.String()
}

func (s *scan) slimRoute(i int32, methods []string, path string, to *language.Argument) {
	h := s.phpHandler(to, "")
	h.name = strings.ReplaceAll(h.name, "@", "::")
	for _, method := range methods {
		if strings.EqualFold(method, "any") {
			method = methodAny
		}
		s.route(route{on: s.on(i), method: method, path: slimPath(path), handler: h, line: int(s.Facts.Invocations[i].Line)})
	}
}
