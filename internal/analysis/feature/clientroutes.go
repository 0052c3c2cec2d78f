package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// Routers of user interfaces: React Router as elements, objects or its module of
// routes, and Vue Router as objects. A path that begins with a slash stands by
// itself, any other below the route around it. A route that only leads elsewhere
// is no page, nor is one that only frames others.

// clientRules are the rules for pages that a browser routes.
var clientRules = []rule{
	{framework: "React Router", languages: javascript, concerns: importing("react-router", "react-router-dom", "@react-router/dev", "react-router-native"), read: readReactRouter},
	{framework: "Vue Router", languages: javascript, concerns: importing("vue-router"), read: readVueRouter},
}

// reactRouters are the functions of React Router that take objects.
var reactRouters = map[string]bool{"createBrowserRouter": true, "createHashRouter": true, "createMemoryRouter": true, "createStaticHandler": true, "useRoutes": true}

func readReactRouter(s *scan) {
	inModule := importing("@react-router/dev")(s.file)
	below := s.inside()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		switch {
		case inv.Receiver == "<>":
			s.routeElement(i, inv, below)
		case inv.Name == "=" && len(inv.Args) > 0 && isRouteList(&inv.Args[0]),
			reactRouters[inv.Name] && len(inv.Args) > 0 && inv.Args[0].Kind == language.ArgList:
			s.routeObjects(&inv.Args[0], "", inv, maxDepth)
		case inModule && (inv.Name == "route" || inv.Name == "index") && inv.Receiver == "":
			s.routeOfModule(i, inv)
		}
	}
}

// routeElement reads <Route path="x" element={<Page />}> in others.
func (s *scan) routeElement(i int32, inv *language.Invocation, below map[int32][]int32) {
	_, hasPath := s.routePath(inv.Args)
	index := keyword(inv.Args, "index") != nil
	if !hasPath && !index || leadsElsewhere(inv.Args) {
		return
	}
	for _, inner := range below[i] { // the index of a route is its page
		if s.Facts.Invocations[inner].Receiver == "<>" && keyword(s.Facts.Invocations[inner].Args, "index") != nil {
			return
		}
	}
	path, _ := s.routePath(inv.Args)
	for up, depth := inv.Within, 0; up >= 0 && depth < maxDepth && !strings.HasPrefix(path, "/"); up, depth = s.Facts.Invocations[up].Within, depth+1 {
		if above := &s.Facts.Invocations[up]; above.Receiver == "<>" {
			before, _ := s.routePath(above.Args)
			path = joinPrefix(strings.TrimSuffix(before, "/*"), path)
			if strings.HasPrefix(before, "/") {
				break
			}
		}
	}
	s.page(report.Page{Path: colon(path)}, int(inv.Line))
}

// routePath is the path of attributes or of an object, and whether there is one.
func (s *scan) routePath(args []language.Argument) (string, bool) {
	a := keyword(args, "path")
	if a == nil {
		return "", false
	}
	if a.Kind == language.ArgString {
		return a.Text, true
	}
	if text, ok := s.constant(a); ok {
		return text, true
	}
	return "{}", true
}

// leadsElsewhere reports whether a route sends to another.
func leadsElsewhere(args []language.Argument) bool {
	if keyword(args, "redirect") != nil {
		return true
	}
	for _, name := range []string{"element", "component", "Component"} {
		if a := keyword(args, name); a != nil && (a.Text == "Navigate" || a.Text == "Redirect") {
			return true
		}
	}
	return false
}

// routeObjects reads [{ path, element, children }].
func (s *scan) routeObjects(a *language.Argument, prefix string, at *language.Invocation, depth int) {
	if depth == 0 || a.Kind != language.ArgList {
		return
	}
	for k := range a.List {
		o := &a.List[k]
		if o.Kind != language.ArgMap {
			continue
		}
		path, hasPath := s.routePath(o.List)
		if !strings.HasPrefix(path, "/") {
			path = joinPrefix(prefix, path)
		}
		children := keyword(o.List, "children")
		if (hasPath || keyword(o.List, "index") != nil) && !leadsElsewhere(o.List) && !hasIndex(children) {
			s.page(report.Page{Path: colon(path)}, int(at.Line))
		}
		if children != nil {
			s.routeObjects(children, path, at, depth-1)
		}
	}
}

// hasIndex reports whether one of the children stands at the place of the route
// itself.
func hasIndex(children *language.Argument) bool {
	return children != nil && slices.ContainsFunc(children.List, func(c language.Argument) bool {
		path := keyword(c.List, "path")
		return keyword(c.List, "index") != nil || path != nil && path.Kind == language.ArgString && path.Text == ""
	})
}

// routeOfModule reads route("x", "./x.tsx", [ … ]) and index("./home.tsx"), in
// others and in prefix("x", [ … ]).
func (s *scan) routeOfModule(i int32, inv *language.Invocation) {
	path := ""
	if inv.Name == "route" {
		text, ok := s.text(i, 0)
		if !ok {
			return
		}
		for n := range s.Facts.Invocations { // its index is its page
			if inner := &s.Facts.Invocations[n]; inner.Within == i && inner.Name == "index" {
				return
			}
		}
		path = text
	}
	for up, depth := inv.Within, 0; up >= 0 && depth < maxDepth; up, depth = s.Facts.Invocations[up].Within, depth+1 {
		if above := &s.Facts.Invocations[up]; above.Name == "route" || above.Name == "prefix" {
			if text, ok := s.text(up, 0); ok {
				path = joinPrefix(text, path)
			}
		}
	}
	s.page(report.Page{Path: colon(path)}, int(inv.Line))
}

// readVueRouter reads the lists of routes of a file: those handed to a router,
// and those that are bound to a name.
func readVueRouter(s *scan) {
	for n := range s.Facts.Invocations {
		inv := &s.Facts.Invocations[n]
		switch {
		case inv.Name == "=" && len(inv.Args) > 0 && isRouteList(&inv.Args[0]):
			s.routeObjects(&inv.Args[0], "", inv, maxDepth)
		case (inv.Name == "createRouter" || inv.New && strings.HasSuffix(inv.Name, "Router")) && len(inv.Args) > 0:
			if routes := keyword(inv.Args[0].List, "routes"); routes != nil && routes.Kind == language.ArgList {
				s.routeObjects(routes, "", inv, maxDepth)
			}
		}
	}
}

// isRouteList reports whether a list holds objects of a path and what is shown
// there.
func isRouteList(a *language.Argument) bool {
	return slices.ContainsFunc(a.List, func(o language.Argument) bool {
		path := keyword(o.List, "path")
		return path != nil && slices.ContainsFunc(routeShows, func(name string) bool { return keyword(o.List, name) != nil })
	})
}

// routeShows are the keys of an object that say what a route shows.
var routeShows = []string{"component", "components", "children", "element", "Component", "lazy"}
