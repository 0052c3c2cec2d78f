package feature

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var csharpOnly = []string{"C#"}

// csharpRules are the frameworks of this family. What ASP.NET Core needs is
// imported by the project, not by its files: the rules look at names.
var csharpRules = []rule{
	{framework: "ASP.NET Core", languages: csharpOnly, read: readASPNET},
	{framework: "FastEndpoints", languages: csharpOnly, read: readFastEndpoints},
	{framework: "Entity Framework", languages: csharpOnly, read: readEntities},
	{framework: ".NET hosting", languages: csharpOnly, read: readHostedServices},
}

// readASPNET reads controllers and minimal APIs.
func readASPNET(s *scan) {
	for _, c := range s.jvmClasses() {
		if s.answersRequests(c) {
			s.controller(c)
		}
	}
	s.minimal()
}

// conventional is the router of MapControllerRoute, wherever it is called.
func (s *scan) conventional() node {
	return s.m.node(key{kind: byName, file: -1, name: "MapControllerRoute"})
}

// answersRequests reports whether a class answers requests: by its name, by what it
// extends, or by an attribute.
func (s *scan) answersRequests(c jvmClass) bool {
	if s.annotation(c.decl, "NonController") != nil || c.declaration().Kind != language.KindType {
		return false
	}
	if s.annotation(c.decl, "ApiController", "Controller") != nil {
		return true
	}
	for _, base := range c.declaration().Bases {
		if name := lastName(base); strings.HasSuffix(name, "Controller") || name == "ControllerBase" {
			return true
		}
	}
	return false
}

var httpAttributes = map[string]string{
	"HttpGet": "GET", "HttpPost": "POST", "HttpPut": "PUT", "HttpPatch": "PATCH", "HttpDelete": "DELETE", "HttpHead": "HEAD", "HttpOptions": "OPTIONS",
}

// controller reads the actions of a controller. An attribute of the class, its
// own or one that it inherits, is a prefix, unless that of the action begins with
// a slash.
func (s *scan) controller(c jvmClass) {
	d := c.declaration()
	prefixes, area := s.inheritedRoutes(c)
	tokens := map[string]string{"controller": strings.TrimSuffix(d.Name, "Controller"), "area": area}
	if base := lastName(d.Name); strings.HasPrefix(base, "Base") || base == "ControllerBase" {
		return // a base of others: its routes are theirs
	}
	for _, at := range c.members() {
		member := &s.Facts.Declares[at]
		if member.Kind != language.KindMethod || !isPublic(member, d) || member.Name == d.Name || s.annotation(at, "NonAction") != nil {
			continue
		}
		tokens["action"] = strings.TrimSuffix(member.Name, "Async")
		s.action(c, at, prefixes, tokens)
	}
}

// isPublic reports whether a member may be an action. In a class that is not
// public itself nothing is exported, so that it does not tell.
func isPublic(member, class *language.Declaration) bool { return member.Exported || !class.Exported }

// inheritedRoutes are the templates on a class, or on the nearest one that it
// extends, and its area.
func (s *scan) inheritedRoutes(c jvmClass) (routes []string, area string) {
	for _, of := range s.m.family(c) {
		for _, a := range of.file.annotations(of.decl) {
			switch text, ok := s.template(of.file, a); {
			case !ok:
			case lastName(a.Name) == "Route" && (len(routes) == 0 || of == c):
				routes = append(routes, strings.TrimPrefix(text, "~"))
			case lastName(a.Name) == "Area" && area == "":
				area = text
			}
		}
	}
	return routes, area
}

// template is the text that an attribute is given first.
func (s *scan) template(f *file, a *language.Annotation) (string, bool) {
	for k := range a.Args {
		if name := a.Args[k].Name; name == "" || name == "template" || name == "Template" {
			return s.m.textOf(f, &a.Args[k], maxConstants)
		}
	}
	return "", false
}

// action reads the attributes of an action. Each with a method is a route; a
// Route beside methods without templates gives them its own.
func (s *scan) action(c jvmClass, at int32, prefixes []string, tokens map[string]string) {
	type said struct{ method, path string }
	var routes []said
	var methods, templates []string
	for _, a := range s.annotations(at) {
		path, ok := s.template(s.file, a)
		name := lastName(a.Name)
		switch method := httpAttributes[name]; {
		case method != "" && ok:
			routes = append(routes, said{method, path})
		case method != "":
			methods = append(methods, method)
		case name == "Route" && ok:
			templates = append(templates, path)
		case name == "AcceptVerbs":
			for k := range a.Args {
				if a.Args[k].Name == "" && a.Args[k].Kind == language.ArgString {
					methods = append(methods, a.Args[k].Text)
				}
			}
		}
	}
	if len(methods) == 0 && len(templates) > 0 && len(routes) == 0 {
		methods = []string{methodAny}
	}
	byConvention := len(prefixes) == 0 && len(templates) == 0 && len(routes) == 0
	if len(templates) == 0 {
		templates = []string{""}
	}
	for _, m := range methods {
		for _, t := range templates {
			routes = append(routes, said{m, t})
		}
	}
	if byConvention {
		s.byConvention(c, at, methods, tokens)
		return
	}
	for _, r := range routes {
		for _, prefix := range absolute(prefixes, r.path) {
			s.actionRoute(none, c, at, r.method, join(prefix, strings.TrimLeft(r.path, "~")), tokens)
		}
	}
}

// absolute are the prefixes that a template stands behind: none of its class when
// it begins with a slash.
func absolute(prefixes []string, path string) []string {
	if len(prefixes) == 0 || strings.HasPrefix(path, "/") || strings.HasPrefix(path, "~/") {
		return []string{""}
	}
	return prefixes
}

// byConvention puts an action on the routes of MapControllerRoute.
func (s *scan) byConvention(c jvmClass, at int32, methods []string, tokens map[string]string) {
	if s.annotation(c.decl, "ApiController") != nil {
		return // has to have a template
	}
	if len(methods) == 0 {
		methods = []string{methodAny}
	}
	path := "[controller]/[action]"
	if tokens["area"] != "" {
		path = "[area]/" + path
	}
	for _, m := range methods {
		s.actionRoute(s.conventional(), c, at, m, path, tokens)
	}
}

func (s *scan) actionRoute(on node, c jvmClass, at int32, method, path string, tokens map[string]string) {
	for token, value := range tokens {
		path = strings.ReplaceAll(path, "["+token+"]", value)
	}
	member := &s.Facts.Declares[at]
	line := member.Line
	for _, a := range s.annotations(at) {
		if httpAttributes[lastName(a.Name)] == method {
			line = int(a.Line)
		}
	}
	h := handler{name: c.declaration().Name + "." + member.Name, path: s.Path, line: member.Line, doc: member.Doc}
	s.route(route{on: on, sure: on == none, method: method, path: braces(path), handler: h, line: line})
}

// builders are the types that minimal APIs are mapped on.
var builders = map[string]bool{
	"WebApplication": true, "IEndpointRouteBuilder": true, "RouteGroupBuilder": true, "IApplicationBuilder": true, "IVersionedEndpointRouteBuilder": true,
}

var mapMethods = map[string]string{
	"MapGet": "GET", "MapPost": "POST", "MapPut": "PUT", "MapPatch": "PATCH", "MapDelete": "DELETE", "Map": methodAny, "MapHealthChecks": methodAny,
}

// minimal reads app.MapGet("/x", …), groups, and the functions that are handed a
// builder.
func (s *scan) minimal() {
	s.builderParameters()
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		path, isText := s.written(i, 0)
		switch {
		case s.makesApplication(inv):
			s.root(s.result(i))
		case inv.Name == "MapGroup" && isText:
			s.mount(s.on(i), braces(path), s.result(i))
		case inv.Name == "MapMethods" && isText && len(inv.Args) == 3:
			for _, method := range s.m.texts(s.file, &inv.Args[1]) {
				s.mapped(i, method, path, 2)
			}
		case mapMethods[inv.Name] != "" && isText:
			s.mapped(i, mapMethods[inv.Name], path, 1)
		case inv.Name == "UseEndpoints" && len(inv.Args) == 1:
			s.mount(s.on(i), "", s.block(i, 0, 0))
		case inv.Name == "MapControllerRoute" || inv.Name == "MapDefaultControllerRoute" || inv.Name == "MapAreaControllerRoute":
			s.root(s.conventional())
		case strings.HasPrefix(inv.Name, "Map") && !inv.New:
			s.mapsElsewhere(i, inv)
		case inv.Name == "NewVersionedApi" && s.on(i) != none:
			s.mount(s.on(i), "", s.result(i)) // a group without a path of its own
		case inv.On >= 0:
			// With…(), Require…() and the like give the group that they are called on.
			s.mount(s.result(inv.On), "", s.result(i))
		}
	}
}

func (s *scan) mapped(i int32, method, path string, handlerAt int) {
	inv := &s.Facts.Invocations[i]
	var h handler
	if handlerAt < len(inv.Args) {
		h = s.handler(&inv.Args[handlerAt], i)
	}
	s.route(route{on: s.on(i), method: method, path: braces(path), handler: h, line: int(inv.Line)})
}

// makesApplication reports whether an invocation is builder.Build() of a web
// application, or WebApplication.Create().
func (s *scan) makesApplication(inv *language.Invocation) bool {
	isBuilder := func(i int32) bool {
		made := &s.Facts.Invocations[i]
		return made.Receiver == "WebApplication" && strings.HasPrefix(made.Name, "Create") && strings.HasSuffix(made.Name, "Builder")
	}
	switch {
	case inv.Receiver == "WebApplication" && inv.Name == "Create":
		return true
	case inv.Name != "Build":
		return false
	case inv.On >= 0:
		return isBuilder(inv.On)
	}
	return slices.ContainsFunc(s.bindings[inv.Receiver], isBuilder)
}

// builderParameters defines the parameters that are written as builders.
func (s *scan) builderParameters() {
	for fn := range s.Facts.Functions {
		for _, p := range s.parameters(int32(fn)) {
			if builders[typeName(p.typ)] {
				s.define(s.m.node(key{kind: byParam, file: s.at, at: int32(fn), name: p.name}), "")
			}
		}
	}
}

// mapsElsewhere joins what an extension method of the tree is called on with its
// first parameter: app.MapOrders().
func (s *scan) mapsElsewhere(i int32, inv *language.Invocation) {
	on := s.on(i)
	if on == none {
		return
	}
	for _, at := range append([]int32{s.at}, s.m.uses(s.file)...) {
		f := &s.m.files[at]
		f.prepare()
		for _, fn := range f.functions[inv.Name] {
			if parameters := f.parameters(fn); len(parameters) > 0 && builders[typeName(parameters[0].typ)] {
				s.mount(on, "", s.m.node(key{kind: byParam, file: at, at: fn, name: parameters[0].name}))
			}
		}
	}
}

// readFastEndpoints reads endpoints that are a class each: Configure() names
// method and path.
func readFastEndpoints(s *scan) {
	verbs := map[string]string{"Get": "GET", "Post": "POST", "Put": "PUT", "Patch": "PATCH", "Delete": "DELETE", "Head": "HEAD"}
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if verbs[inv.Name] == "" || inv.Receiver != "" || inv.On >= 0 || inv.Function < 0 {
			continue
		}
		owner, name := ownerName(s.Facts.Functions[inv.Function].Name), lastName(s.Facts.Functions[inv.Function].Name)
		if name != "Configure" || !s.isFastEndpoint(owner) {
			continue
		}
		for k := range inv.Args {
			if path, ok := s.written(i, k); ok {
				s.route(route{on: none, sure: true, method: verbs[inv.Name], path: braces(path), handler: handler{name: owner + ".HandleAsync"}, line: int(inv.Line)})
			}
		}
	}
}

func (s *scan) isFastEndpoint(owner string) bool {
	for _, c := range s.jvmClasses() {
		for _, base := range c.declaration().Bases {
			if c.qualified() == owner && (strings.HasPrefix(lastName(base), "Endpoint") || strings.HasPrefix(base, "Ep.")) {
				return true
			}
		}
	}
	return false
}

// readEntities reads the tables of a context: its DbSet properties.
func readEntities(s *scan) {
	for k := range s.Facts.Declares {
		d := &s.Facts.Declares[k]
		name, ok := strings.CutPrefix(strings.TrimPrefix(d.Signature, "virtual "), "DbSet<")
		if d.Kind != language.KindField || !ok {
			continue
		}
		s.model(report.Model{Name: lastName(strings.TrimRight(name, ">?")), Kind: kindModel}, d.Line)
	}
}
