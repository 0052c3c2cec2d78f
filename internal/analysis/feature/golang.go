package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// goRules are the frameworks of this family.
var goRules = slices.Concat([]rule{
	{framework: "chi", languages: []string{"Go"}, concerns: importing("github.com/go-chi/chi"), strict: true, read: readChi},
	{framework: "net/http", languages: []string{"Go"}, concerns: importing("net/http"), strict: true, read: readNetHTTP},
	{framework: "gorilla/mux", languages: []string{"Go"}, concerns: importing("github.com/gorilla/mux"), strict: true, read: readGorilla},
	{framework: "huma", languages: []string{"Go"}, concerns: importing("github.com/danielgtaylor/huma"), read: readHuma},
}, goRouterRules(), goCommandRules, goJobRules)

// chiMethods are the methods of a chi router that register a route.
var chiMethods = map[string]bool{
	"Get": true, "Post": true, "Put": true, "Patch": true, "Delete": true, "Head": true, "Options": true, "Connect": true, "Trace": true,
}

// readChi reads chi: NewRouter makes a router, Route and Group hand a
// sub-router to a block, Mount puts another router under a prefix, With is the
// same router behind middleware.
func readChi(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		path, literal := s.written(i, 0)
		switch {
		case inv.Name == "NewRouter" || inv.Name == "NewMux":
			if s.locals[inv.Receiver] != nil {
				s.root(s.result(i))
			}
		case inv.Name == "With":
			s.mount(s.on(i), "", s.result(i))
		case inv.Name == "Group" && len(inv.Args) == 1:
			s.mount(s.on(i), "", s.block(i, 0, 0))
			s.mount(s.on(i), "", s.result(i))
		case (inv.Name == "Route" || inv.Name == "Mount") && len(inv.Args) == 2:
			prefix := braces(path)
			if !literal {
				prefix = "{}"
			}
			s.mount(s.on(i), prefix, s.argument(i, 1))
			s.mount(s.on(i), prefix, s.result(i))
		case chiMethods[inv.Name] && literal && len(inv.Args) == 2:
			s.chiRoute(i, inv.Name, path, 1)
		case (inv.Name == "Handle" || inv.Name == "HandleFunc") && literal:
			s.chiRoute(i, methodAny, path, 1)
		case (inv.Name == "Method" || inv.Name == "MethodFunc") && len(inv.Args) == 3:
			if path, ok := s.written(i, 1); ok {
				s.chiRoute(i, goMethod(&inv.Args[0]), path, 2)
			}
		}
	}
	s.goRouterTypes([]string{"github.com/go-chi/chi"}, []string{"Router", "Mux"})
}

func (s *scan) chiRoute(i int32, method, path string, handlerAt int) {
	inv := &s.Facts.Invocations[i]
	if handlerAt >= len(inv.Args) {
		return
	}
	s.route(route{on: s.on(i), method: method, path: braces(path), handler: s.handler(&inv.Args[handlerAt], i), line: int(inv.Line)})
}

// goMethod is the method that an argument names: "GET" or http.MethodGet.
func goMethod(a *language.Argument) string {
	if a.Kind == language.ArgName {
		return strings.TrimPrefix(lastName(a.Text), "Method")
	}
	return a.Text
}
