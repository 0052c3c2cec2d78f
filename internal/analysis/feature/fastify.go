package feature

import (
	"path"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// readFastify reads Fastify: plugins are functions that are handed an instance
// with a prefix, across files.
func readFastify(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		if name, ok := s.from(i, "fastify"); ok && (name == defaultName || name == "fastify" || name == "Fastify") {
			s.root(s.result(i))
			continue
		}
		switch {
		case inv.Name == "register" && len(inv.Args) > 0:
			s.fastifyRegister(i)
		case inv.Name == "route" && len(inv.Args) == 1:
			s.optionRoutes(i, &inv.Args[0], colon)
		case inv.Name == "withTypeProvider":
			s.mount(s.result(i), "", s.on(i))
			s.mount(s.on(i), "", s.result(i))
		case routerVerbs[inv.Name] != "":
			s.fastifyVerb(i)
		}
	}
	s.defineTyped(map[string]bool{"FastifyInstance": true, "FastifyPluginAsync": true})
	s.typedPlugin()
}

// fastifyVerb reads get(path, options, handler) and get(path, { handler }).
func (s *scan) fastifyVerb(i int32) {
	inv := &s.Facts.Invocations[i]
	if len(inv.Args) == 2 && inv.Args[1].Kind == language.ArgMap {
		paths, ok := s.paths(&inv.Args[0])
		if target := keyword(inv.Args[1].List, "handler"); ok && target != nil {
			for _, path := range paths {
				s.route(route{on: s.on(i), method: routerVerbs[inv.Name], path: colon(path), handler: s.handler(target, i), line: s.lineOf(i)})
			}
		}
		return
	}
	s.verb(i, routerVerbs[inv.Name], colon)
}

// typedPlugin defines the parameter of const plugin: FastifyPluginAsync = async
// (app) => …, whose own type is not written.
func (s *scan) typedPlugin() {
	for fn := range s.Facts.Functions {
		name := lastName(s.Facts.Functions[fn].Name)
		parameters := s.parameters(int32(fn))
		if len(parameters) == 0 {
			continue
		}
		for k := range s.Facts.Declares {
			if d := &s.Facts.Declares[k]; d.Name == name && d.Owner == "" && strings.Contains(d.Signature, "FastifyPlugin") {
				s.define(s.m.node(key{kind: byParam, file: s.at, at: int32(fn), name: parameters[0].name}), "")
			}
		}
	}
}

// fastifyRegister mounts a plugin, or a folder of them.
func (s *scan) fastifyRegister(i int32) {
	inv := &s.Facts.Invocations[i]
	prefix := ""
	if len(inv.Args) > 1 {
		prefix, _ = s.constant(keyword(inv.Args[1].List, "prefix"))
	}
	if a := &inv.Args[0]; a.Kind == language.ArgName && s.isLocalOf(a.Text, "@fastify/autoload") || a.Kind == language.ArgName && s.isLocalOf(a.Text, "fastify-autoload") {
		s.autoload(i, colon(prefix))
		return
	}
	for _, n := range s.plugins(&inv.Args[0], i) {
		s.mount(s.on(i), colon(prefix), n)
	}
}

// plugins are the instances that the functions an argument can be are handed.
func (s *scan) plugins(a *language.Argument, i int32) []node {
	switch {
	case a.Kind == language.ArgFunction:
		return []node{s.block(i, 0, 0)}
	case a.Kind == language.ArgCall && a.Call >= 0 && s.Facts.Invocations[a.Call].Name == "require":
		return s.exportedPlugins(s.requiredFiles(a.Call))
	case a.Kind == language.ArgCall && a.Call >= 0: // fp(plugin)
		return s.m.wrappedPlugin(key{kind: byResult, file: s.at, at: a.Call})
	case a.Kind != language.ArgName:
		return nil
	}
	var out []node
	for _, fn := range s.m.callee(s.file, lastName(a.Text), ownerName(a.Text), s.Facts.Invocations[i].Function) {
		out = append(out, s.m.firstParameter(fn)...)
	}
	if k, ok := s.m.keyOf(s.file, a.Text, i); ok && k.kind == byResult {
		out = append(out, s.m.wrappedPlugin(k)...)
	}
	if first, _, _ := strings.Cut(a.Text, "."); len(out) == 0 {
		for _, l := range s.locals[first] {
			out = append(out, s.exportedPlugins(s.m.filesOf(s.file, l))...)
		}
	}
	return out
}

// firstParameter is the node of the first parameter of a function.
func (m *model) firstParameter(fn function) []node {
	if list := m.files[fn.file].parameters(fn.at); len(list) > 0 {
		return []node{m.node(key{kind: byParam, file: fn.file, at: fn.at, name: list[0].name})}
	}
	return nil
}

// wrappedPlugin is the instance of a function that is handed to a call, which
// returns it: fp(async (app) => …).
func (m *model) wrappedPlugin(k key) []node {
	f := &m.files[k.file]
	inv := &f.Facts.Invocations[k.at]
	if len(inv.Args) == 0 {
		return nil
	}
	switch a := &inv.Args[0]; a.Kind {
	case language.ArgFunction:
		names := parameterNames(a.Text)
		if len(names) > 0 {
			return []node{m.node(key{kind: byBlock, file: k.file, at: k.at, name: names[0]})}
		}
	case language.ArgName:
		var out []node
		for _, fn := range m.callee(f, lastName(a.Text), ownerName(a.Text), inv.Function) {
			out = append(out, m.firstParameter(fn)...)
		}
		return out
	default:
	}
	return nil
}

// exportedPlugins are the instances of the functions that files export.
func (s *scan) exportedPlugins(files []int32) []node {
	var out []node
	for _, at := range files {
		f := &s.m.files[at]
		f.prepare()
		for _, fn := range f.exportedFunctions() {
			out = append(out, s.m.firstParameter(function{at, fn})...)
		}
		if k, ok := s.m.exportedName(f, defaultName, maxDepth); ok && k.kind == byResult && len(out) == 0 {
			out = append(out, s.m.wrappedPlugin(k)...)
		}
	}
	return out
}

// autoload mounts the plugins of the folder routes beside or above a file, each
// under the folders below it. A folder _id is a parameter.
func (s *scan) autoload(i int32, prefix string) {
	base := path.Join(folderOf(s.Path), "routes") + "/"
	if !strings.Contains(strings.Join(allTexts(s.Facts.Invocations[i].Args), " "), "routes") && len(s.m.folders[strings.TrimSuffix(base, "/")]) == 0 {
		return
	}
	for k := range s.m.files {
		f := &s.m.files[k]
		rest, ok := strings.CutPrefix(f.Path, base)
		if !ok || f.Facts == nil || f.Test || f.Aside {
			continue
		}
		folder := strings.TrimPrefix(folderOf("/"+rest), "/")
		parts := strings.Split(folder, "/")
		for p := range parts {
			if name, ok := strings.CutPrefix(parts[p], "_"); ok {
				parts[p] = "{" + name + "}"
			}
		}
		for _, n := range s.exportedPlugins([]int32{f.at}) {
			s.m.put(n, mount{parent: s.on(i), prefix: prefix + "/" + strings.Join(parts, "/")})
		}
	}
}

func allTexts(args []language.Argument) []string {
	var out []string
	for k := range args {
		out = append(out, args[k].Text)
		out = append(out, allTexts(args[k].List)...)
	}
	return out
}

// optionRoutes reads route({ method, url, handler }), or a list of such, or a
// name of one.
func (s *scan) optionRoutes(i int32, a *language.Argument, convert func(string) string) {
	s.optionRoute(s.file, i, a, s.lineOf(i), s.on(i), convert)
}

func (s *scan) optionRoute(f *file, i int32, a *language.Argument, line int, on node, convert func(string) string) {
	switch a.Kind {
	case language.ArgList:
		for k := range a.List {
			s.optionRoute(f, i, &a.List[k], line, on, convert)
		}
	case language.ArgName:
		s.listedRoutes(f, a.Text, on, convert)
	case language.ArgCall:
		if a.Call >= 0 && f.at == s.at {
			for _, at := range s.requiredFiles(a.Call) {
				s.exportedLists(&s.m.files[at], on, convert)
			}
		}
	case language.ArgMap:
		s.mapRoute(f, i, a, line, on, convert)
	default:
	}
}

// mapRoute reads { method, url, handler }.
func (s *scan) mapRoute(f *file, i int32, a *language.Argument, line int, on node, convert func(string) string) {
	path := keyword(a.List, "path")
	if path == nil {
		path = keyword(a.List, "url")
	}
	target := keyword(a.List, "handler")
	if path == nil {
		return
	}
	text, ok := s.constant(path)
	if !ok {
		return
	}
	if target == nil { // hapi: options: { handler }
		if options := keyword(a.List, "options"); options != nil {
			target = keyword(options.List, "handler")
		}
	}
	r := route{on: on, path: convert(text), line: line}
	if target != nil && f.at == s.at {
		r.handler = s.handler(target, i)
	} else if target != nil && target.Kind == language.ArgName {
		r.handler = handler{name: target.Text}
	}
	methods := methodsOf(keyword(a.List, "method"), methodAny)
	was := s.file
	s.file = f // the route stands where the list does
	s.routes(methods, r)
	s.file = was
}

// listedRoutes reads the routes in a list that has a name, here or in the file
// that it is imported from.
func (s *scan) listedRoutes(f *file, name string, on node, convert func(string) string) {
	for _, b := range f.bindings[name] {
		if list := &f.Facts.Invocations[b]; list.Name == "=" && len(list.Args) == 1 {
			s.optionRoute(f, b, &list.Args[0], int(list.Line), on, convert)
			return
		}
	}
	first, rest, _ := strings.Cut(name, ".")
	for _, l := range f.locals[first] {
		wanted := rest
		if l.name != "" && l.name != defaultName {
			wanted = l.name
		}
		for _, at := range s.m.filesOf(f, l) {
			other := &s.m.files[at]
			if other.prepare(); len(other.bindings[wanted]) > 0 && wanted != "" && at != f.at {
				s.listedRoutes(other, wanted, on, convert)
			} else {
				s.exportedLists(other, on, convert)
			}
		}
	}
}

// exportedLists reads the lists of routes that a file exports as a whole.
func (s *scan) exportedLists(f *file, on node, convert func(string) string) {
	f.prepare()
	for b := range f.Facts.Invocations {
		list := &f.Facts.Invocations[b]
		if list.Name == "=" && len(list.Args) == 1 && (list.Exported || f.exportedAs(defaultName) == list.Result) {
			s.optionRoute(f, int32(b), &list.Args[0], int(list.Line), on, convert)
		}
	}
}

// readHapi reads hapi: routes are objects, alone, in lists, and in plugins.
func readHapi(s *scan) {
	for n := range s.Facts.Invocations {
		i := int32(n)
		inv := &s.Facts.Invocations[i]
		name, ok := s.from(i, "@hapi/hapi", "hapi")
		switch {
		case ok && (name == "server" || name == "Server"):
			s.root(s.result(i))
		case inv.Name == "route" && len(inv.Args) == 1:
			s.optionRoutes(i, &inv.Args[0], hapiPath)
		case inv.Name == "register" && len(inv.Args) > 0:
			prefix := ""
			if len(inv.Args) > 1 {
				if routes := keyword(inv.Args[1].List, "routes"); routes != nil {
					prefix, _ = s.constant(keyword(routes.List, "prefix"))
				}
			}
			s.hapiPlugin(i, &inv.Args[0], prefix)
		}
	}
	s.defineTyped(map[string]bool{"Server": s.imports("@hapi/hapi") || s.imports("hapi")})
}

// hapiPath converts {rest*}, {rest*2} and {id?}.
func hapiPath(p string) string {
	return braces(hapiRest.ReplaceAllString(p, "...}"))
}

var hapiRest = regexp.MustCompile(`\*\d*\}`)

// hapiPlugin mounts a plugin: an object with a function register.
func (s *scan) hapiPlugin(i int32, a *language.Argument, prefix string) {
	switch a.Kind {
	case language.ArgList:
		for k := range a.List {
			s.hapiPlugin(i, &a.List[k], prefix)
		}
	case language.ArgMap:
		if routes := keyword(a.List, "routes"); routes != nil {
			prefix, _ = s.constant(keyword(routes.List, "prefix"))
		}
		if plugin := keyword(a.List, "plugin"); plugin != nil {
			s.hapiPlugin(i, plugin, prefix)
		}
	case language.ArgCall:
		if a.Call >= 0 {
			s.hapiFiles(i, s.requiredFiles(a.Call), prefix)
		}
	case language.ArgName:
		first, _, _ := strings.Cut(a.Text, ".")
		if len(s.locals[first]) == 0 {
			s.hapiFiles(i, []int32{s.at}, prefix)
		}
		for _, l := range s.locals[first] {
			s.hapiFiles(i, s.m.filesOf(s.file, l), prefix)
		}
	default:
	}
}

func (s *scan) hapiFiles(i int32, files []int32, prefix string) {
	for _, at := range files {
		f := &s.m.files[at]
		f.prepare()
		for _, fn := range f.functions["register"] {
			for _, n := range s.m.firstParameter(function{at, fn}) {
				s.mount(s.on(i), braces(prefix), n)
			}
		}
	}
}
