package feature

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// readActix reads actix-web: App and web::scope hold services, resources and
// routes; configure hands the place on to a function.
func readActix(s *scan) {
	s.attributeRoutes(braces, true)
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		path, literal := s.text(i, 0)
		owner, web := lastName(inv.Receiver), s.actixWeb(i)
		switch {
		case inv.Name == "new" && owner == "App":
			s.root(s.result(i))
			continue
		case (web == "scope" || web == "resource") && literal, inv.Name == "new" && (owner == "Scope" || owner == "Resource") && literal:
			s.define(s.result(i), braces(path))
			continue
		case inv.On < 0 && inv.Receiver == "":
			continue
		case inv.Name == "service" && len(inv.Args) == 1:
			s.actixService(i, &inv.Args[0])
		case inv.Name == "configure" && len(inv.Args) == 1:
			s.actixConfigure(i, &inv.Args[0])
		case inv.Name == "route" && literal && len(inv.Args) == 2:
			s.actixRoute(i, braces(path), &inv.Args[1])
		case inv.Name == "route" && len(inv.Args) == 1:
			s.actixRoute(i, "", &inv.Args[0])
		case inv.Name == "to" && len(inv.Args) == 1:
			s.actixResource(i, &inv.Args[0])
		}
		s.chained(i)
		// A variable that holds an application is one, as what is put on it later
		// is reached.
		if on := s.target(i); inv.Result != "" && inv.On >= 0 && on != none && s.m.nodes[on].root {
			s.root(s.result(i))
		}
	}
	s.typedParameters("ServiceConfig")
}

// actixModule is the module of what routes are made by, as it is imported.
const actixModule = "actix_web::web"

// actixWeb is the function of actix_web::web that an invocation calls, "" for
// none: web::get, or get where a use brings it by its name or by a *.
func (s *scan) actixWeb(i int32) string {
	inv := &s.Facts.Invocations[i]
	switch {
	case inv.On >= 0 || inv.New:
		return ""
	case inv.Receiver != "":
		named := slices.ContainsFunc(s.locals[inv.Receiver], func(l local) bool { // web as w
			return l.name == "web" && s.Facts.Imports[l.imp].Path == "actix_web" || l.name == "" && s.Facts.Imports[l.imp].Path == actixModule
		})
		if named || lastName(inv.Receiver) == "web" {
			return inv.Name
		}
		return ""
	}
	for _, l := range s.locals[inv.Name] {
		switch s.Facts.Imports[l.imp].Path {
		case actixModule:
			return l.name
		case "actix_web": // the attribute of that name, which hides no function
		default:
			return ""
		}
	}
	if slices.ContainsFunc(s.functions[inv.Name], func(fn int32) bool { return ownerName(s.Facts.Functions[fn].Name) == "" }) {
		return "" // what the file has itself goes before what a * brings
	}
	if slices.ContainsFunc(s.locals["*"], func(l local) bool { return s.Facts.Imports[l.imp].Path == actixModule }) {
		return inv.Name
	}
	return ""
}

// actixResource reads web::resource("/x").guard(g).to(handler).
func (s *scan) actixResource(i int32, a *language.Argument) {
	method := ""
	for c, steps := s.Facts.Invocations[i].On, 0; c >= 0 && steps < maxDepth; c, steps = s.Facts.Invocations[c].On, steps+1 {
		call := &s.Facts.Invocations[c]
		if s.actixWeb(c) == "resource" || call.Name == "new" && lastName(call.Receiver) == "Resource" {
			s.route(route{on: s.target(i), method: method, handler: s.handler(a, i), line: int(s.Facts.Invocations[i].Line)})
			return
		}
		method = cmp.Or(method, s.actixGuard(call))
	}
}

// actixGuard is the method that a guard lets through, "" for any: guard(guard::Post()).
func (s *scan) actixGuard(call *language.Invocation) string {
	if call.Name != "guard" || len(call.Args) != 1 || call.Args[0].Kind != language.ArgCall || call.Args[0].Call < 0 {
		return ""
	}
	g := &s.Facts.Invocations[call.Args[0].Call]
	if name := strings.ToLower(g.Name); rustMethods[name] && g.On < 0 && lastName(g.Receiver) == "guard" {
		return name
	}
	return ""
}

func (s *scan) actixService(i int32, a *language.Argument) {
	switch a.Kind {
	case language.ArgName:
		s.registers(s.target(i), "", a, i)
	case language.ArgList:
		for k := range a.List {
			s.actixService(i, &a.List[k])
		}
	case language.ArgCall:
		if a.Call < 0 {
			return
		}
		if path, ok := s.text(a.Call, 0); ok && s.actixWeb(a.Call) == "redirect" {
			s.route(route{on: s.target(i), path: braces(path), line: int(s.Facts.Invocations[i].Line)})
			return
		}
		s.mount(s.target(i), "", s.result(a.Call))
	default:
	}
}

// actixConfigure hands the place on to the parameter of a function.
func (s *scan) actixConfigure(i int32, a *language.Argument) {
	if a.Kind == language.ArgFunction {
		s.mount(s.target(i), "", s.value(a, i, 0))
		return
	}
	if a.Kind != language.ArgName {
		return
	}
	for _, fn := range s.m.callee(s.file, lastName(a.Text), ownerName(a.Text), s.Facts.Invocations[i].Function) {
		for _, p := range s.m.files[fn.file].parameters(fn.at) {
			s.mount(s.target(i), "", s.m.node(key{kind: byParam, file: fn.file, at: fn.at, name: p.name}))
			break
		}
	}
}

// actixRoute reads web::get().guard(g).to(handler).
func (s *scan) actixRoute(i int32, path string, a *language.Argument) {
	if a.Kind != language.ArgCall {
		return
	}
	r := route{on: s.target(i), path: path, line: int(s.Facts.Invocations[i].Line)}
	for c, steps := a.Call, 0; c >= 0 && steps < maxDepth; c, steps = s.Facts.Invocations[c].On, steps+1 {
		call := &s.Facts.Invocations[c]
		switch {
		case call.Name == "to" && len(call.Args) == 1:
			r.handler = s.handler(&call.Args[0], c)
		case rustMethods[s.actixWeb(c)]:
			r.method = s.actixWeb(c)
		case call.Name == "method" && len(call.Args) == 1:
			r.method = lastName(call.Args[0].Text)
		case call.Name == "guard":
			r.method = cmp.Or(r.method, s.actixGuard(call))
		}
	}
	s.route(r)
}
